#include "src/agent/call_ears.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace dragoman {
namespace {

constexpr std::int64_t kOnsetMs = 300;  // speech begins before it is noticed

}  // namespace

CallEars::CallEars(SpeechGate& gate, std::string call_id, int sample_rate_hz)
    : gate_(gate), call_id_(std::move(call_id)), sample_rate_hz_(sample_rate_hz) {}

void CallEars::Take(CallEventBody& event, CallAudio* audio) {
  if (auto* partial = std::get_if<call_event::Partial>(&event)) {
    HeardText heard = gate_.Hear(call_id_, partial->text, false);
    masked_ = masked_ || heard.masked;
    reaches_back_ = reaches_back_ || heard.reaches_back;
    partial->text = std::move(heard.text);
  } else if (auto* final = std::get_if<call_event::Final>(&event)) {
    TakeFinal(*final, audio);
  } else if (const auto* started = std::get_if<call_event::SpeechStarted>(&event)) {
    if (began_ < 0) began_ = (started->audio_ms - kOnsetMs) * sample_rate_hz_ / 1000;
  }
}

std::int64_t CallEars::Begin() const { return std::max(ended_, began_); }

void CallEars::TakeFinal(call_event::Final& final, CallAudio* audio) {
  HeardText heard = gate_.Hear(call_id_, final.text, true);
  final.text = std::move(heard.text);
  masked_ = masked_ || heard.masked;
  reaches_back_ = reaches_back_ || heard.reaches_back;
  if (audio == nullptr) return;
  const std::int64_t begin = Begin();
  if (masked_) audio->Mute(reaches_back_ ? before_ : begin, audio->recorded());
  // An answer to a flush ends nothing where nothing was said.
  if (final.text.empty() && !masked_) return;
  const std::int64_t end =
      final.audio_end_ms > 0 ? final.audio_end_ms * sample_rate_hz_ / 1000 : audio->recorded();
  before_ = begin;
  ended_ = std::clamp(end, ended_, std::max(ended_, audio->recorded()));
  began_ = -1;
  masked_ = false;
  reaches_back_ = false;
}

void CallEars::End(bool open, CallAudio& audio) {
  if (open || masked_) audio.Mute(reaches_back_ ? before_ : Begin(), audio.recorded());
}

}  // namespace dragoman
