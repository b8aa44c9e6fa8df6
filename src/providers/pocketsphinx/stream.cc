#include "src/providers/pocketsphinx/stream.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman::pocketsphinx {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kBatch{100};
constexpr milliseconds kMostWaiting{10'000};
constexpr milliseconds kRetry{20};

// Virtual time, after what one busy core needs (docs/local-speech.md).
constexpr microseconds kPerPiece{1000};
constexpr int kListenPerMille = 80;  // of the length of the audio
constexpr int kClosePerMille = 150;  // of the length of the utterance
constexpr int kGeneralPerMille = 500;

}  // namespace

Stream::Stream(std::shared_ptr<Session> session, const RecognitionOptions& options, WorkPool& pool,
               Executor& executor, SpeechRecognizer::Callbacks callbacks)
    : session_(std::move(session)),
      options_(options),
      pool_(pool),
      executor_(executor),
      callbacks_(std::make_shared<SpeechRecognizer::Callbacks>(std::move(callbacks))),
      context_id_(options.context.id),
      context_known_(!options.context.id.empty()),
      retry_(executor) {}

absl::Status Stream::Push(const PcmFrame& frame) {
  if (cancelled_) return FailedPrecondition("pocketsphinx: audio pushed after Cancel");
  if (finished_) return FailedPrecondition("pocketsphinx: audio pushed after Finish");
  if (ended_) return FailedPrecondition("pocketsphinx: audio pushed after the stream failed");
  if (frame.sample_rate_hz != options_.sample_rate_hz) {
    return InvalidArgument("pocketsphinx: frame has sample_rate_hz ", frame.sample_rate_hz,
                           "; expected ", options_.sample_rate_hz);
  }
  const auto most = static_cast<std::size_t>(SampleCount(kMostWaiting, options_.sample_rate_hz));
  if (waiting_samples_ + frame.samples.size() > most) {
    return ResourceExhausted("pocketsphinx: more than ", kMostWaiting, " of audio would wait");
  }
  if (frame.samples.empty()) return absl::OkStatus();
  if (steps_.empty() || !std::holds_alternative<std::vector<std::int16_t>>(steps_.back())) {
    steps_.emplace_back(std::vector<std::int16_t>());
  }
  auto& audio = std::get<std::vector<std::int16_t>>(steps_.back());
  audio.insert(audio.end(), frame.samples.begin(), frame.samples.end());
  waiting_samples_ += frame.samples.size();
  Pump();
  return absl::OkStatus();
}

void Stream::Flush() {
  if (finished_ || cancelled_ || ended_) return;
  steps_.emplace_back(FlushMark{});
  Pump();
}

void Stream::SetContext(const RecognitionContext& context) {
  if (finished_ || cancelled_ || ended_) return;
  if (context_known_ && !context.id.empty() && context.id == context_id_) return;
  context_id_ = context.id;
  context_known_ = !context.id.empty();
  steps_.emplace_back(context);
  Pump();
}

void Stream::Finish() {
  if (finished_ || cancelled_ || ended_) return;
  finished_ = true;
  steps_.emplace_back(FinishMark{});
  Pump();
}

void Stream::Cancel() {
  if (cancelled_ || ended_) return;
  cancelled_ = true;
  steps_.clear();
  retry_.Stop();
  lifetime_.Renew();
  session_.reset();
  executor_.Post(lifetime_.Wrap([this] { Done(Cancelled()); }));
}

// Up to and with the first step that closes, so that each piece of work closes at most once; audio
// alone waits for a batch.
bool Stream::TakeSteps(std::vector<Step>& steps) {
  const auto batch = static_cast<std::size_t>(SampleCount(kBatch, options_.sample_rate_hz));
  const bool only_audio =
      steps_.size() == 1 && std::holds_alternative<std::vector<std::int16_t>>(steps_.front());
  if (steps_.empty() ||
      (only_audio && std::get<std::vector<std::int16_t>>(steps_.front()).size() < batch)) {
    return false;
  }
  while (!steps_.empty()) {
    const bool closes = std::holds_alternative<FlushMark>(steps_.front()) ||
                        std::holds_alternative<FinishMark>(steps_.front());
    steps.push_back(std::move(steps_.front()));
    steps_.pop_front();
    if (closes) break;
  }
  return true;
}

microseconds Stream::ModelledDuration(const std::vector<Step>& steps) const {
  microseconds audio{0};
  bool closes = false;
  for (const Step& step : steps) {
    if (const auto* samples = std::get_if<std::vector<std::int16_t>>(&step)) {
      audio += PcmFrame{*samples, options_.sample_rate_hz}.duration();
    }
    closes = closes || std::holds_alternative<FlushMark>(step) ||
             std::holds_alternative<FinishMark>(step);
  }
  const microseconds utterance = milliseconds(speech_frames_ * kFrameMs) + audio;
  microseconds duration = kPerPiece + audio * kListenPerMille / 1000;
  if (closes) duration += utterance * kClosePerMille / 1000;
  if (next_ != Next::kSteps) {
    duration += utterance * kGeneralPerMille / 1000;
  }
  return duration;
}

void Stream::Pump() {
  if (working_ || ended_ || cancelled_) return;
  auto steps = std::make_shared<std::vector<Step>>();
  if (next_ == Next::kSteps && !TakeSteps(*steps)) return;
  working_ = true;
  working_samples_ = 0;
  for (const Step& step : *steps) {
    if (const auto* audio = std::get_if<std::vector<std::int16_t>>(&step)) {
      working_samples_ += audio->size();
    }
  }
  Submit(std::move(steps));
}

void Stream::Submit(std::shared_ptr<std::vector<Step>> steps) {
  auto result = std::make_shared<Result>();
  Work work;
  work.run = [session = session_, steps, task = next_, result] {
    Run(*session, *steps, task, *result);
  };
  work.done = lifetime_.Wrap([this, result] { Take(*result); });
  work.modelled_duration = ModelledDuration(*steps);
  const absl::Status status = pool_.Submit(std::move(work), executor_);
  if (status.ok()) return;
  if (status.code() == absl::StatusCode::kResourceExhausted) {
    retry_.Start(kRetry, [this, steps] { Submit(steps); });
    return;
  }
  // Not inside the stream's method that brought us here.
  executor_.Post(lifetime_.Wrap([this, status] { Done(Annotate(status, "pocketsphinx")); }));
}

void Stream::Run(Session& session, std::vector<Step>& steps, Next task, Result& result) {
  Hearing& hearing = *session.hearing;
  if (task != Next::kSteps) {
    result.transcripts.push_back(hearing.CloseByGeneralPass());
    if (task == Next::kLastGeneral) result.next = Next::kDone;
  }
  for (Step& step : steps) {
    if (const auto* audio = std::get_if<std::vector<std::int16_t>>(&step)) {
      Listen(session, *audio, result);
    } else if (const auto* context = std::get_if<RecognitionContext>(&step)) {
      const absl::Status status = hearing.SetContext(*context);
      if (!status.ok()) {
        session.log->Write(LogLevel::kError, "pocketsphinx", MessageOf(status));
        static_cast<void>(hearing.SetContext({}));
      }
    } else if (std::holds_alternative<FlushMark>(step)) {
      if (!Close(session, true, result)) result.next = Next::kGeneral;
    } else if (hearing.speech_frames() == 0) {
      result.next = Next::kDone;  // silence has no final of its own when the stream ends
    } else {
      result.next = Close(session, false, result) ? Next::kDone : Next::kLastGeneral;
    }
  }
  result.speech_frames = hearing.speech_frames();
}

void Stream::Listen(Session& session, std::span<const std::int16_t> samples, Result& result) {
  std::vector<std::int16_t> lower;
  if (session.resampler) {
    lower.resize(session.resampler->MaxOutput(samples.size()));
    lower.resize(session.resampler->Process(samples, lower));
    samples = lower;
  }
  for (bool due = true; due; samples = {}) {
    std::optional<Transcript> partial;
    due = session.hearing->Listen(samples, partial);
    if (partial) result.transcripts.push_back(*std::move(partial));
    if (due && !Close(session, false, result)) {
      result.transcripts.push_back(session.hearing->CloseByGeneralPass());
    }
  }
}

bool Stream::Close(Session& session, bool from_flush, Result& result) {
  auto transcript = session.hearing->Close(from_flush);
  if (!transcript) return false;
  result.transcripts.push_back(*std::move(transcript));
  return true;
}

void Stream::Take(Result& result) {
  working_ = false;
  waiting_samples_ -= working_samples_;
  working_samples_ = 0;
  next_ = result.next;
  speech_frames_ = result.speech_frames;
  const auto alive = lifetime_.Watch();
  const auto callbacks = callbacks_;
  for (Transcript& transcript : result.transcripts) {
    if (!transcript.is_final && !options_.partials) continue;
    if (callbacks->on_transcript) callbacks->on_transcript(std::move(transcript));
    if (alive.expired()) return;  // destroyed or cancelled inside
  }
  if (next_ == Next::kDone) return Done(absl::OkStatus());
  Pump();
}

void Stream::Done(absl::Status status) {
  if (ended_) return;
  ended_ = true;
  session_.reset();
  auto on_done = std::move(callbacks_->on_done);
  if (on_done) on_done(std::move(status));
}

}  // namespace dragoman::pocketsphinx
