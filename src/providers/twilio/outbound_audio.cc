#include "src/providers/twilio/outbound_audio.h"

#include <algorithm>

#include "dragoman/audio/g711.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kBytesPerMs = 8;
constexpr std::size_t kKeptCapacity = 16 * 1024;
// With less than this at the carrier nothing more is waited for: about three timer ticks of a busy
// machine and one way through the network.
constexpr milliseconds kDry{60};

std::size_t Bytes(milliseconds duration) {
  return static_cast<std::size_t>(duration.count()) * kBytesPerMs;
}
microseconds AudioTime(std::size_t bytes) {
  return microseconds(static_cast<std::int64_t>(bytes) * 1000 / static_cast<int>(kBytesPerMs));
}

}  // namespace

TwilioOutboundAudio::TwilioOutboundAudio(const TwilioMediaOptions& options, Executor& executor,
                                         Wire& wire)
    : options_(options), executor_(executor), wire_(wire), timer_(executor) {}

absl::Status TwilioOutboundAudio::Play(const PcmFrame& frame) {
  if (stopped_) return FailedPrecondition("twilio: Play after the stream was closed");
  if (frame.sample_rate_hz != 8000) {
    return InvalidArgument("twilio: sample_rate_hz is ", frame.sample_rate_hz, "; expected 8000");
  }
  const std::size_t size = frame.samples.size();
  if (queued() + size > Bytes(options_.max_queued)) {
    return ResourceExhausted("twilio: ", AudioTime(queued()).count() / 1000,
                             " ms of audio wait; expected at most ", options_.max_queued);
  }
  if (size == 0) return absl::OkStatus();
  const std::size_t end = queue_.size();
  queue_.resize(end + size);
  EncodeMulaw(frame.samples, std::span(queue_).subspan(end));
  bytes_queued_ += size;
  SchedulePump();
  return absl::OkStatus();
}

void TwilioOutboundAudio::FlushPlay() {
  if (stopped_) return;
  if (utterance_ends_.empty() || utterance_ends_.back() != bytes_queued_) {
    utterance_ends_.push_back(bytes_queued_);
  }
  SchedulePump();
}

void TwilioOutboundAudio::Clear() {
  if (stopped_) return;
  Drop(queued());
  bytes_sent_ = bytes_queued_;
  utterance_ends_.clear();
  timer_.Stop();
  const TimePoint now = executor_.Now();
  // Even when the model says that all was played: the network may have held it up.
  const bool something_there =
      model_.Queued(now).count() > 0 || last_mark_ != settled_mark_ || marked_ < model_.sent();
  model_.Clear(now);
  marked_ = reported_ = model_.sent();
  settled_mark_ = last_mark_;
  if (!something_there) return;
  if (absl::Status status = wire_.SendClear(); !status.ok()) wire_.OnSendFailed(std::move(status));
}

void TwilioOutboundAudio::Stop() {
  stopped_ = true;
  timer_.Stop();
  lifetime_.Renew();
  model_.Clear(executor_.Now());
  queue_ = {};
  head_ = 0;
}

void TwilioOutboundAudio::OnMark(std::uint64_t mark) {
  const TimePoint now = executor_.Now();
  std::optional<PlayoutModel::Duration> proven = model_.Acknowledge(now, mark);
  if (!proven || mark <= settled_mark_ || stopped_) return;
  settled_mark_ = mark;
  Rearm();
  reported_ = std::max(reported_, *proven);
  wire_.OnPlayout({duration_cast<milliseconds>(*proven), true});
}

milliseconds TwilioOutboundAudio::sent() const {
  return duration_cast<milliseconds>(model_.sent() + AudioTime(queued()));
}

PlayoutPosition TwilioOutboundAudio::position() const {
  const microseconds position = model_.Position(executor_.Now());
  const bool acknowledged = position.count() > 0 && model_.acknowledged() >= position;
  return {duration_cast<milliseconds>(position), acknowledged};
}

void TwilioOutboundAudio::Drop(std::size_t size) {
  head_ += size;
  if (head_ == queue_.size()) {
    queue_.clear();
    head_ = 0;
    if (queue_.capacity() > kKeptCapacity) queue_ = {};
  } else if (head_ > kKeptCapacity) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

// Not at once: a synthesizer hands over several frames in a row, which then share a message.
void TwilioOutboundAudio::SchedulePump() {
  if (pump_posted_) return;
  pump_posted_ = true;
  executor_.Post(lifetime_.Wrap([this] {
    pump_posted_ = false;
    Pump();
  }));
}

void TwilioOutboundAudio::Pump() {
  if (stopped_) return;
  if (absl::Status status = PumpOrFail(); !status.ok()) {
    wire_.OnSendFailed(std::move(status));
    return;
  }
  Rearm();
  ReportLostMarks(executor_.Now());
}

absl::Status TwilioOutboundAudio::PumpOrFail() {
  const TimePoint now = executor_.Now();
  while (true) {
    const bool utterance_ends = !utterance_ends_.empty() && utterance_ends_.front() == bytes_sent_;
    // To the microsecond: a last half millisecond that needs no mark would be waited for for ever.
    const microseconds unmarked = model_.sent() - marked_;
    const bool runs_dry = queued() == 0 && model_.Queued(now) <= kDry;
    if (unmarked.count() > 0 &&
        (utterance_ends || runs_dry || unmarked >= options_.mark_interval)) {
      DRAGOMAN_RETURN_IF_ERROR(Mark());
    }
    if (utterance_ends) {
      utterance_ends_.pop_front();
      model_.EndUtterance();
      continue;
    }
    const std::size_t size = NextMessageSize(now);
    if (size == 0) return absl::OkStatus();
    DRAGOMAN_RETURN_IF_ERROR(wire_.SendMedia(Front(size)));
    Drop(size);
    bytes_sent_ += size;
    model_.Append(now, AudioTime(size));
  }
}

std::size_t TwilioOutboundAudio::NextMessageSize(TimePoint now) const {
  if (queued() == 0) return 0;
  const microseconds there = model_.Queued(now);
  if (there >= options_.ahead) return 0;
  std::size_t size = std::min(queued(), Bytes(options_.merge_at_most));
  bool complete = size >= Bytes(options_.merge_at_least);
  if (!utterance_ends_.empty() && utterance_ends_.front() - bytes_sent_ <= size) {
    size = static_cast<std::size_t>(utterance_ends_.front() - bytes_sent_);
    complete = true;
  }
  return complete || there <= kDry ? size : 0;
}

absl::Status TwilioOutboundAudio::Mark() {
  const std::uint64_t mark = model_.AddMark();
  marked_ = model_.sent();
  if (mark == 0) {  // a carrier that returns none: the model has to do
    settled_mark_ = 0;
    return absl::OkStatus();
  }
  last_mark_ = mark;
  return wire_.SendMark(mark);
}

void TwilioOutboundAudio::ReportLostMarks(TimePoint now) {
  if (queued() > 0 || last_mark_ == settled_mark_ ||
      now < model_.drained_at() + options_.mark_patience) {
    return;
  }
  settled_mark_ = last_mark_;
  if (reported_ == model_.sent()) return;
  reported_ = model_.sent();
  wire_.OnPlayout({duration_cast<milliseconds>(model_.sent()), false});
}

void TwilioOutboundAudio::Rearm() {
  if (stopped_) return;
  const TimePoint now = executor_.Now();
  TimePoint wake = TimePoint::max();
  if (queued() > 0) {
    wake = model_.drained_at() - (model_.Queued(now) >= options_.ahead ? options_.ahead : kDry);
    wake += microseconds(1);  // "less than" must hold by then
  } else if (marked_ < model_.sent()) {
    wake = model_.drained_at() - kDry;
  } else if (last_mark_ != settled_mark_) {
    wake = model_.drained_at() + options_.mark_patience;
  }
  if (wake == TimePoint::max()) {
    timer_.Stop();
  } else {
    timer_.StartAt(wake, [this] { Pump(); });
  }
}

}  // namespace dragoman
