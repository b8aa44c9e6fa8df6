#include "src/agent/speech_player.h"

#include <algorithm>
#include <utility>

namespace dragoman {
namespace {

constexpr std::chrono::milliseconds kReportInterval{100};

}  // namespace

SpeechPlayer::SpeechPlayer(std::string call_id, SynthesisOptions voice, SpeechGate& gate,
                           MediaStream& media, Executor& executor, Callbacks callbacks)
    : call_id_(std::move(call_id)),
      voice_(std::move(voice)),
      gate_(gate),
      media_(media),
      executor_(executor),
      callbacks_(std::move(callbacks)) {}

void SpeechPlayer::Speak(UtteranceId utterance, std::string text) {
  waiting_.push_back({utterance, std::move(text)});
  // Posted: the driver carries out the rest of its commands first.
  executor_.Post(lifetime_.Wrap([this] { Next(); }));
}

void SpeechPlayer::Cancel(UtteranceId utterance) {
  std::erase_if(waiting_, [&](const Utterance& one) { return one.id == utterance; });
  if (current_ != utterance) return;
  stream_.reset();
  current_ = 0;
  executor_.Post(lifetime_.Wrap([this] { Next(); }));
}

void SpeechPlayer::CancelAll() {
  waiting_.clear();
  stream_.reset();
  current_ = 0;
}

void SpeechPlayer::Next() {
  if (current_ != 0 || waiting_.empty()) return;
  Utterance next = std::move(waiting_.front());
  waiting_.pop_front();
  current_ = next.id;
  samples_ = 0;
  play_failed_ = false;
  SpokenText spoken = gate_.Check(call_id_, next.text);
  confidential_ = spoken.confidential;
  auto watch = lifetime_.Watch();
  if (spoken.replaced) {
    callbacks_.on_event(call_event::SpeechReplaced{next.id, spoken.text});
    if (watch.expired() || current_ != next.id) return;
  }
  auto stream = gate_.Synthesize(
      spoken, voice_, executor_,
      {.on_audio = lifetime_.Wrap([this](const PcmFrame& frame) { OnAudio(frame); }),
       .on_words = lifetime_.Wrap([this](const std::vector<SpokenWord>& words) { OnWords(words); }),
       .on_done = lifetime_.Wrap([this](const absl::Status& status) { OnDone(status); }),
       .on_replaced = lifetime_.Wrap([this](std::string_view text) { OnReplaced(text); })});
  if (!stream.ok()) {
    End(false);
    return;
  }
  stream_ = *std::move(stream);
}

void SpeechPlayer::OnAudio(const PcmFrame& frame) {
  if (current_ == 0 || play_failed_) return;
  const bool first = samples_ == 0;
  const std::int64_t before = media_.sent().count();
  if (!media_.Play(frame).ok()) {
    play_failed_ = true;  // the rest is dropped; SpeechEnd tells
    return;
  }
  if (first) start_ms_ = before;
  samples_ += static_cast<std::int64_t>(frame.samples.size());
  callbacks_.on_played(frame.samples, confidential_);
  if (!first && executor_.Now() - reported_ < kReportInterval) return;
  reported_ = executor_.Now();
  callbacks_.on_event(
      call_event::SpeechAudio{current_, start_ms_, samples_ * 1000 / voice_.sample_rate_hz});
}

void SpeechPlayer::OnWords(const std::vector<SpokenWord>& words) {
  if (current_ == 0) return;
  call_event::SpeechWords event{current_, {}};
  for (const SpokenWord& word : words) {
    event.words.push_back({static_cast<std::int64_t>(word.text_begin),
                           static_cast<std::int64_t>(word.text_end), word.start.count(),
                           word.end.count()});
  }
  callbacks_.on_event(std::move(event));
}

void SpeechPlayer::OnDone(const absl::Status& status) {
  if (current_ == 0) return;
  End(status.ok() && !play_failed_);
}

void SpeechPlayer::OnReplaced(std::string_view text) {
  if (current_ == 0) return;
  callbacks_.on_event(call_event::SpeechReplaced{current_, std::string(text)});
}

void SpeechPlayer::End(bool ok) {
  const UtteranceId ended = std::exchange(current_, 0);
  stream_.reset();
  if (samples_ > 0) media_.FlushPlay();
  auto watch = lifetime_.Watch();
  callbacks_.on_event(call_event::SpeechEnd{ended, samples_ * 1000 / voice_.sample_rate_hz, ok});
  if (!watch.expired()) Next();
}

}  // namespace dragoman
