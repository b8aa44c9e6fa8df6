#include "src/providers/asterisk/paced_playout.h"

#include <algorithm>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kReportInterval{100};
// A timer that fires late is made up for by so much; what a longer stall held up is heard later, as
// anything beyond would wait at the peer and delay the next barge-in.
constexpr milliseconds kMaxCatchUp{40};

}  // namespace

PacedPlayout::PacedPlayout(int sample_rate_hz, milliseconds max_queued, Executor& executor,
                           Wire& wire)
    : sample_rate_hz_(sample_rate_hz),
      executor_(executor),
      wire_(wire),
      queue_(static_cast<std::size_t>(SampleCount(max_queued, sample_rate_hz))),
      frame_(static_cast<std::size_t>(SampleCount(kFrame, sample_rate_hz))),
      timer_(executor) {}

absl::Status PacedPlayout::Play(const PcmFrame& frame) {
  if (stopped_) return FailedPrecondition("asterisk: Play after the stream was closed");
  if (frame.sample_rate_hz != sample_rate_hz_) {
    return InvalidArgument("asterisk: sample_rate_hz is ", frame.sample_rate_hz, "; expected ",
                           sample_rate_hz_);
  }
  if (!queue_.Push(frame.samples)) {
    return ResourceExhausted(
        "asterisk: ", duration_cast<milliseconds>(AudioTime(queue_.size())).count(),
        " ms of audio wait and ", frame.samples.size(), " samples more do not fit");
  }
  flush_ = false;
  StartTicking();
  return absl::OkStatus();
}

void PacedPlayout::FlushPlay() {
  if (stopped_) return;
  flush_ = true;
  StartTicking();
}

void PacedPlayout::Clear() {
  if (stopped_) return;
  queue_.Clear();
  flush_ = false;
  timer_.Stop();
  model_.EndUtterance();
  cleared_at_ = reported_ = model_.sent();
}

void PacedPlayout::Stop() {
  stopped_ = true;
  timer_.Stop();
  model_.Clear(executor_.Now());
  queue_.ReleaseMemory();
}

milliseconds PacedPlayout::sent() const {
  return duration_cast<milliseconds>(std::max(model_.sent(), cleared_at_) +
                                     AudioTime(queue_.size()));
}

PlayoutPosition PacedPlayout::position() const {
  return {duration_cast<milliseconds>(Position(executor_.Now())), false};
}

PlayoutModel::Duration PacedPlayout::AudioTime(std::size_t samples) const {
  return microseconds(static_cast<std::int64_t>(samples) * 1'000'000 / sample_rate_hz_);
}

PlayoutModel::Duration PacedPlayout::Position(TimePoint now) const {
  return std::max(model_.Position(now), cleared_at_);
}

void PacedPlayout::StartTicking() {
  if (timer_.running() || queue_.empty()) return;
  next_frame_ = std::max(next_frame_, executor_.Now());
  ScheduleTick(next_frame_);
}

void PacedPlayout::ScheduleTick(TimePoint when) {
  timer_.StartAt(when, [this] { Tick(); });
}

void PacedPlayout::Tick() {
  const TimePoint now = executor_.Now();
  if (absl::Status status = SendDueFrames(now); !status.ok()) {
    wire_.OnSendFailed(std::move(status));
    return;
  }
  const PlayoutModel::Duration position = Position(now);
  const bool all_heard = queue_.empty() && position >= model_.sent();
  if (!queue_.empty()) {
    ScheduleTick(next_frame_);
  } else if (!all_heard) {
    ScheduleTick(model_.drained_at());
  }
  if (position > reported_ && (all_heard || position - reported_ >= kReportInterval)) {
    reported_ = position;
    wire_.OnPlayout({duration_cast<milliseconds>(position), false});
  }
}

absl::Status PacedPlayout::SendDueFrames(TimePoint now) {
  next_frame_ = std::max(next_frame_, now - kMaxCatchUp);
  while (!queue_.empty() && next_frame_ <= now) {
    const bool whole = queue_.size() >= frame_.size();
    // Less than a frame waits for the rest, unless that is all, or the line has run dry.
    if (!whole && !flush_ && model_.drained_at() > now) {
      next_frame_ = std::max(next_frame_ + microseconds(1), model_.drained_at());
      break;
    }
    const std::size_t size = queue_.Pop(frame_);
    std::fill(frame_.begin() + static_cast<std::ptrdiff_t>(size), frame_.end(), std::int16_t{0});
    DRAGOMAN_RETURN_IF_ERROR(wire_.SendFrame(frame_));
    // The silence that fills a last frame is nobody's words.
    model_.Append(now, AudioTime(size));
    next_frame_ += kFrame;
  }
  if (queue_.empty() && flush_) model_.EndUtterance();
  return absl::OkStatus();
}

}  // namespace dragoman
