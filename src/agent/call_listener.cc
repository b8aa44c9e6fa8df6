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
constexpr std::chrono::seconds kSettles{10};
constexpr std::chrono::seconds kRemembered{2};      // while nobody speaks
constexpr std::size_t kMaxUnheardSamples = 96'000;  // a byte each
constexpr std::int64_t kPiecesPerSecond = 10;       // in which audio is given again
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
      unheard_(kMaxUnheardSamples),
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
  const bool caught_up = pushed_ == samples_;
  samples_ += static_cast<std::int64_t>(frame.samples.size());
  const int speech = detector_->Process(frame);
  const NearVoice::Standing standing =
      near_.Take(LevelDb(frame.samples), speech, agent_.HeardUntil(heard), activity_.speaking());
  const PcmFrame words = WithoutEcho(frame);
  Remember(words);
  if (!stream_) {
    // It is given all of it when it is opened again.
  } else if (!caught_up) {
    CatchUp();
  } else if (stream_->Push(words).ok()) {
    pushed_ = samples_;
  }
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
PcmFrame CallListener::WithoutEcho(const PcmFrame& frame) {
  const std::size_t size = frame.samples.size();
  if (near_.only_line()) {
    if (line_.size() >= kLineFrames * size)
      line_.erase(line_.begin(), line_.begin() + static_cast<std::ptrdiff_t>(size));
    line_.insert(line_.end(), frame.samples.begin(), frame.samples.end());
  }
  if (!near_.only_echo() || near_.only_line() || line_.size() < size) return frame;
  next_line_ = (next_line_ + size) % line_.size();
  return {std::span(line_).subspan(next_line_, size), frame.sample_rate_hz};
}

void CallListener::Remember(const PcmFrame& frame) {
  unheard_.Add(frame.samples);
  const bool open = activity_.speaking() || !partial_.empty();
  if (!open) {
    const std::int64_t recent = samples_ - kRemembered.count() * options_.sample_rate_hz;
    closed_until_ = std::max(closed_until_, recent);
  }
  unheard_.ForgetBefore(closed_until_);
  overflowed_ = unheard_.begin() > closed_until_;
}

// What the stream was not given yet, as far as it takes it; then the flushes that waited.
void CallListener::CatchUp() {
  std::vector<std::int16_t> piece(
      static_cast<std::size_t>(options_.sample_rate_hz / kPiecesPerSecond));
  while (pushed_ < samples_) {
    if (pushed_ < unheard_.begin()) {
      stream_base_ms_ += ToMs(unheard_.begin() - pushed_);
      pushed_ = unheard_.begin();
    }
    const std::size_t size = unheard_.Read(pushed_, piece);
    // A full queue means that the recogniser cannot keep up; there is another try with each frame.
    if (!stream_->Push({std::span(piece).first(size), options_.sample_rate_hz}).ok()) return;
    pushed_ += static_cast<std::int64_t>(size);
  }
  for (; late_flushes_ > 0; --late_flushes_) stream_->Flush();
}

void CallListener::Expect(const ReplyExpectation& expectation, std::uint64_t digest) {
  options_.context.id = StrCat(expectation.state, "-", Hex(digest));
  options_.context.grammar = expectation.grammar;
  options_.context.phrases = expectation.phrases;
  if (stream_) stream_->SetContext(options_.context);
}

void CallListener::Flush() {
  pending_flushes_.push_back(FlushedTurn::kOpen);
  if (stream_ && pushed_ == samples_) {
    stream_->Flush();
  } else {
    ++late_flushes_;
  }
}

std::int64_t CallListener::settled() const {
  return std::min(closed_until_, samples_ - kSettles.count() * options_.sample_rate_hz);
}

bool CallListener::open() const {
  return activity_.speaking() || !partial_.empty() || !pending_flushes_.empty();
}

void CallListener::Close() {
  stream_lifetime_.Renew();
  stream_.reset();
  reopen_.Stop();
}

// Keys are not a voice, and what nobody understood may be anybody's.
void CallListener::TurnEnded(std::string_view text) {
  MarkFlushes(FlushedTurn::kEnded);
  if (text.starts_with("dtmf:") || text.find('[') != std::string_view::npos) return;
  near_.WasCaller();
}

void CallListener::MarkFlushes(FlushedTurn turn) {
  std::replace(pending_flushes_.begin(), pending_flushes_.end(), FlushedTurn::kOpen, turn);
}

void CallListener::TurnWasNoise() { near_.WasBackground(kNoiseFrames); }

void CallListener::TurnHadNoWords() {
  MarkFlushes(FlushedTurn::kHadNoWords);
  near_.WasNothing();
}

// With others to be heard, words count only when the caller spoke since the words before.
bool CallListener::MayBeTheCallers(bool is_final) {
  const bool theirs = caller_spoke_ || !near_.crowded();
  if (is_final) caller_spoke_ = activity_.speaking();
  return theirs;
}

void CallListener::OnTranscript(Transcript transcript) {
  const bool theirs = MayBeTheCallers(transcript.is_final);
  if (!transcript.is_final) {
    if (!theirs) return;
    if (transcript.text != partial_) partial_at_ = samples_;
    partial_ = transcript.text;
    Emit(call_event::Partial{std::move(transcript.text)});
    return;
  }
  FlushedTurn turn = FlushedTurn::kOpen;
  if (transcript.from_flush && !pending_flushes_.empty()) {
    turn = pending_flushes_.front();
    pending_flushes_.pop_front();
  }
  partial_.clear();
  const std::int64_t end_ms = stream_base_ms_ + transcript.audio_end.count();
  closed_until_ =
      transcript.audio_end.count() > 0
          ? std::max(closed_until_, std::min(samples_, end_ms * options_.sample_rate_hz / 1000))
          : samples_;
  if (!theirs && !transcript.from_flush) return;
  if (!theirs) transcript.text.clear();  // a flush is answered all the same
  if (turn == FlushedTurn::kHadNoWords && !transcript.text.empty()) {
    // Too late for their own turn, which had nothing else: they begin another.
    if (!Emit(call_event::Final{"", transcript.confidence_per_mille, true, 0, 0})) return;
    transcript.from_flush = false;
  }
  Emit(call_event::Final{std::move(transcript.text), transcript.confidence_per_mille,
                         transcript.from_flush, stream_base_ms_ + transcript.audio_start.count(),
                         end_ms});
}

void CallListener::OnRecognizerDone(const absl::Status& status) {
  stream_.reset();
  late_flushes_ = static_cast<int>(pending_flushes_.size());
  if (reopened_ >= kMaxReopens) {
    Emit(call_event::RecognizerFailed{std::string(MessageOf(status))});
    return;
  }
  ++reopened_;
  if (overflowed_ && !partial_.empty()) {
    // It cannot be heard again from its beginning: what was understood of it stands.
    closed_until_ = partial_at_;
    if (!Emit(call_event::Final{std::exchange(partial_, {}), -1, false, 0, ToMs(partial_at_)})) {
      return;
    }
  }
  if (reopened_ == 1) {
    Reopen();
  } else {
    reopen_.Start(kReopenDelay, [this] { Reopen(); });
  }
}

void CallListener::Reopen() {
  if (!OpenStream().ok()) {
    OnRecognizerDone(Unavailable("the recogniser could not be opened again"));
    return;
  }
  // What was being said is heard again, so that no word is lost. And each flush is answered exactly
  // once: those that the dead stream owed are asked for again.
  pushed_ = std::max(closed_until_, unheard_.begin());
  stream_base_ms_ = ToMs(pushed_);
  CatchUp();
}

bool CallListener::Emit(CallEventBody event) {
  auto watch = lifetime_.Watch();
  callbacks_.on_event(std::move(event));
  return !watch.expired();
}

}  // namespace dragoman
