#include "src/agent/call_listener.h"

#include <algorithm>
#include <cstdio>
#include <span>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

constexpr int kMaxReopens = 3;
constexpr std::chrono::seconds kReopenDelay{1};
constexpr std::chrono::seconds kRemembered{2};
constexpr int kNoiseFrames = 100;
constexpr std::size_t kLineFrames = 25;

std::string Hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CallListener>> CallListener::Open(SpeechRecognizer& recognizer,
                                                                 const std::string& language,
                                                                 int sample_rate_hz,
                                                                 Executor& executor,
                                                                 Callbacks callbacks) {
  DRAGOMAN_ASSIGN_OR_RETURN(auto detector,
                            MakeVoiceActivityDetector({.sample_rate_hz = sample_rate_hz}));
  RecognitionOptions options;
  options.language = language;
  options.sample_rate_hz = sample_rate_hz;
  std::unique_ptr<CallListener> listener(new CallListener(
      recognizer, std::move(options), std::move(detector), executor, std::move(callbacks)));
  DRAGOMAN_RETURN_IF_ERROR(listener->OpenStream());
  return listener;
}

CallListener::CallListener(SpeechRecognizer& recognizer, RecognitionOptions options,
                           std::unique_ptr<VoiceActivityDetector> detector, Executor& executor,
                           Callbacks callbacks)
    : recognizer_(recognizer),
      options_(std::move(options)),
      detector_(std::move(detector)),
      executor_(executor),
      callbacks_(std::move(callbacks)),
      agent_(options_.sample_rate_hz),
      reopen_(executor) {
  frame_.reserve(static_cast<size_t>(options_.sample_rate_hz) / 50);
  line_.reserve(kLineFrames * static_cast<size_t>(options_.sample_rate_hz) / 50);
}

absl::Status CallListener::OpenStream() {
  stream_lifetime_.Renew();
  DRAGOMAN_ASSIGN_OR_RETURN(
      stream_, recognizer_.Open(options_, executor_,
                                {.on_transcript = stream_lifetime_.Wrap(
                                     [this](Transcript text) { OnTranscript(std::move(text)); }),
                                 .on_done = stream_lifetime_.Wrap(
                                     [this](absl::Status status) { OnRecognizerDone(status); })}));
  return absl::OkStatus();
}

void CallListener::Hear(const PcmFrame& frame, std::chrono::milliseconds heard) {
  const size_t wanted = static_cast<size_t>(options_.sample_rate_hz) / 50;
  if (frame_.empty() && frame.samples.size() == wanted) {
    OnFrame(frame, heard);
    return;
  }
  auto watch = lifetime_.Watch();
  for (std::span<const std::int16_t> rest = frame.samples; !rest.empty();) {
    const size_t take = std::min(rest.size(), wanted - frame_.size());
    frame_.insert(frame_.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(take));
    rest = rest.subspan(take);
    if (frame_.size() < wanted) return;
    OnFrame({frame_, options_.sample_rate_hz}, heard);
    if (watch.expired()) return;
    frame_.clear();
  }
}

void CallListener::OnFrame(const PcmFrame& frame, std::chrono::milliseconds heard) {
  samples_ += static_cast<std::int64_t>(frame.samples.size());
  Remember(frame);
  const int speech = detector_->Process(frame);
  const NearVoice::Standing standing =
      near_.Take(LevelDb(frame.samples), speech, agent_.HeardUntil(heard), activity_.speaking());
  PushToRecogniser(frame);
  auto watch = lifetime_.Watch();
  callbacks_.on_frame(frame);
  if (watch.expired()) return;
  const SpeechEdges::Change change = activity_.Update(speech, standing);
  caller_spoke_ = caller_spoke_ || activity_.speaking();
  if (change == SpeechEdges::Change::kNone) return;
  const std::int64_t at = activity_.changed_at().count();
  const std::int64_t lag = samples_ * 1000 / options_.sample_rate_hz - at;
  if (change == SpeechEdges::Change::kStarted) {
    Emit(call_event::SpeechStarted{at, lag});
  } else {
    Emit(call_event::SpeechStopped{at, lag});
  }
}

// The agent's own words are not for the recogniser: where they alone come back, it hears what the
// line sounds like when nobody speaks.
void CallListener::PushToRecogniser(const PcmFrame& frame) {
  const std::size_t size = frame.samples.size();
  if (near_.only_line()) {
    if (line_.size() >= kLineFrames * size)
      line_.erase(line_.begin(), line_.begin() + static_cast<std::ptrdiff_t>(size));
    line_.insert(line_.end(), frame.samples.begin(), frame.samples.end());
  }
  std::span<const std::int16_t> heard = frame.samples;
  if (near_.only_echo() && !near_.only_line() && line_.size() >= size) {
    next_line_ = (next_line_ + size) % line_.size();
    heard = std::span(line_).subspan(next_line_, size);
  }
  // A full queue means that the recogniser cannot keep up; its silence is noticed by the machine.
  if (stream_) stream_->Push({heard, frame.sample_rate_hz}).IgnoreError();
}

void CallListener::Remember(const PcmFrame& frame) {
  const auto limit = static_cast<size_t>(kRemembered.count() * options_.sample_rate_hz);
  if (last_.size() + frame.samples.size() > limit + static_cast<size_t>(options_.sample_rate_hz)) {
    last_.erase(last_.begin(), last_.end() - static_cast<std::ptrdiff_t>(limit));
  }
  last_.insert(last_.end(), frame.samples.begin(), frame.samples.end());
}

void CallListener::Expect(const ReplyExpectation& expectation, std::uint64_t digest) {
  options_.context.id = StrCat(expectation.state, "-", Hex(digest));
  options_.context.grammar = expectation.grammar;
  options_.context.phrases = expectation.phrases;
  if (stream_) stream_->SetContext(options_.context);
}

void CallListener::Flush() {
  ++pending_flushes_;
  if (stream_) stream_->Flush();
}

void CallListener::Close() {
  stream_lifetime_.Renew();
  stream_.reset();
  reopen_.Stop();
}

// Keys are not a voice, and what nobody understood may be anybody's.
void CallListener::TurnEnded(std::string_view text) {
  if (text.starts_with("dtmf:") || text.find('[') != std::string_view::npos) return;
  near_.WasCaller();
}

void CallListener::TurnWasNoise() { near_.WasBackground(kNoiseFrames); }

void CallListener::TurnHadNoWords() { near_.WasNothing(); }

// With others to be heard, words count only when the caller spoke since the words before.
bool CallListener::MayBeTheCallers(bool is_final) {
  const bool theirs = caller_spoke_ || !near_.crowded();
  if (is_final) caller_spoke_ = activity_.speaking();
  return theirs;
}

void CallListener::OnTranscript(Transcript transcript) {
  if (!MayBeTheCallers(transcript.is_final)) {
    if (!transcript.from_flush) return;
    transcript.text.clear();  // a flush is answered all the same
  }
  if (!transcript.is_final) {
    Emit(call_event::Partial{std::move(transcript.text)});
    return;
  }
  if (transcript.from_flush && pending_flushes_ > 0) --pending_flushes_;
  Emit(call_event::Final{std::move(transcript.text), transcript.confidence_per_mille,
                         transcript.from_flush, stream_base_ms_ + transcript.audio_start.count(),
                         stream_base_ms_ + transcript.audio_end.count()});
}

void CallListener::OnRecognizerDone(const absl::Status& status) {
  stream_.reset();
  if (reopened_ >= kMaxReopens) {
    Emit(call_event::RecognizerFailed{std::string(MessageOf(status))});
    return;
  }
  ++reopened_;
  auto reopen = [this] {
    if (!OpenStream().ok()) {
      OnRecognizerDone(Unavailable("the recogniser could not be opened again"));
      return;
    }
    // What was being said is heard again, so that no word is lost.
    const auto keep = static_cast<std::ptrdiff_t>(std::min<size_t>(
        last_.size(), static_cast<size_t>(kRemembered.count() * options_.sample_rate_hz)));
    std::vector<std::int16_t> again(last_.end() - keep, last_.end());
    stream_base_ms_ =
        (samples_ - static_cast<std::int64_t>(again.size())) * 1000 / options_.sample_rate_hz;
    stream_->Push({again, options_.sample_rate_hz}).IgnoreError();
    // Each flush is answered exactly once: those that the dead stream owed are asked for again.
    for (int i = 0; i < pending_flushes_; ++i) stream_->Flush();
  };
  if (reopened_ == 1) {
    reopen();
  } else {
    reopen_.Start(kReopenDelay, reopen);
  }
}

bool CallListener::Emit(CallEventBody event) {
  auto watch = lifetime_.Watch();
  callbacks_.on_event(std::move(event));
  return !watch.expired();
}

}  // namespace dragoman
