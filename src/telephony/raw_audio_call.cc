#include "dragoman/telephony/raw_audio_call.h"

#include <algorithm>
#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

// What both ends share. Lives until both are gone.
class Line : public MediaStream {
 public:
  Line(const RawAudioOptions& options, Executor& executor)
      : options_(options), executor_(executor) {
    frame_.reserve(FrameSamples());
  }

  int sample_rate_hz() const override { return options_.sample_rate_hz; }
  void Start(Callbacks callbacks) override {
    callbacks_ = std::make_shared<Callbacks>(std::move(callbacks));
    if (ended_) PostClosed();
  }

  absl::Status Play(const PcmFrame& frame) override {
    if (ended_) return FailedPrecondition("played after the call ended");
    if (frame.sample_rate_hz != options_.sample_rate_hz) {
      return InvalidArgument("sample_rate_hz is ", frame.sample_rate_hz, "; expected ",
                             options_.sample_rate_hz);
    }
    if (Duration(queue_.size() + frame.samples.size()) > max_queued()) {
      return ResourceExhausted("more than ", max_queued(), " of audio would wait");
    }
    queue_.insert(queue_.end(), frame.samples.begin(), frame.samples.end());
    return absl::OkStatus();
  }
  void FlushPlay() override {
    if (queue_.empty()) ReportPlayout();
  }
  void Clear() override { queue_.clear(); }
  absl::Status SendDtmf(std::string_view) override {
    return Unimplemented("raw audio has no keys to press towards the host");
  }
  std::chrono::milliseconds sent() const override { return Duration(pulled_ + queue_.size()); }
  PlayoutPosition position() const override { return {Duration(pulled_), true}; }

  absl::Status Push(const PcmFrame& frame) {
    if (ended_) return FailedPrecondition("pushed after the call ended");
    if (frame.sample_rate_hz != options_.sample_rate_hz) {
      return InvalidArgument("sample_rate_hz is ", frame.sample_rate_hz, "; expected ",
                             options_.sample_rate_hz);
    }
    std::span<const std::int16_t> rest = frame.samples;
    while (!rest.empty() && !ended_) {
      size_t take = std::min(rest.size(), FrameSamples() - frame_.size());
      frame_.insert(frame_.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(take));
      rest = rest.subspan(take);
      if (frame_.size() < FrameSamples()) break;
      if (auto callbacks = callbacks_; callbacks && callbacks->on_audio) {
        callbacks->on_audio({frame_, options_.sample_rate_hz});
      }
      frame_.clear();
    }
    return absl::OkStatus();
  }

  size_t Pull(std::span<std::int16_t> out) {
    const size_t take = std::min(out.size(), queue_.size());
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(take);
    std::copy(queue_.begin(), end, out.begin());
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(take), out.end(), std::int16_t{0});
    queue_.erase(queue_.begin(), end);
    pulled_ += take;
    if (take == 0) return 0;
    // At the end of what was queued, and about every 100 ms on the way.
    if (queue_.empty() || Duration(pulled_ - reported_) >= std::chrono::milliseconds(100)) {
      ReportPlayout();
    }
    return take;
  }

  absl::Status Press(char digit) {
    if (ended_) return FailedPrecondition("key pressed after the call ended");
    if (std::string_view("0123456789*#ABCD").find(digit) == std::string_view::npos) {
      return InvalidArgument("digit is '", digit, "'; expected one of 0-9 * # A-D");
    }
    if (auto callbacks = callbacks_; callbacks && callbacks->on_dtmf) callbacks->on_dtmf(digit);
    return absl::OkStatus();
  }

  // The callback comes posted, so that neither end is destroyed inside its own method.
  void End() {
    if (ended_) return;
    ended_ = true;
    queue_.clear();
    PostClosed();
  }
  void Abandon() {  // the call's end is being destroyed: nobody listens any more
    callbacks_ = nullptr;
    End();
  }
  bool ended() const { return ended_; }
  Executor& executor() { return executor_; }
  const CallInfo& info() const { return options_.info; }

 private:
  // Nobody listens before Start, which posts it again.
  void PostClosed() {
    executor_.Post(lifetime_.Wrap([this] {
      auto callbacks = std::exchange(callbacks_, nullptr);
      if (callbacks && callbacks->on_closed) callbacks->on_closed(absl::OkStatus());
    }));
  }
  size_t FrameSamples() const { return static_cast<size_t>(options_.sample_rate_hz) / 50; }
  std::chrono::milliseconds Duration(size_t samples) const {
    return std::chrono::milliseconds(static_cast<std::int64_t>(samples) * 1000 /
                                     options_.sample_rate_hz);
  }
  void ReportPlayout() {
    reported_ = pulled_;
    if (auto callbacks = callbacks_; callbacks && callbacks->on_playout) {
      callbacks->on_playout(position());
    }
  }

  const RawAudioOptions options_;
  Executor& executor_;
  std::shared_ptr<Callbacks> callbacks_;  // shared with a running callback, which may end the call
  bool ended_ = false;
  std::vector<std::int16_t> frame_;  // of the host's audio, until 20 ms are together
  std::deque<std::int16_t> queue_;   // of the agent's audio
  size_t pulled_ = 0;
  size_t reported_ = 0;
  Lifetime lifetime_;
};

class LineCall : public Call {
 public:
  explicit LineCall(std::shared_ptr<Line> line) : line_(std::move(line)) {}
  ~LineCall() override { line_->Abandon(); }
  const CallInfo& info() const override { return line_->info(); }
  Executor& executor() override { return line_->executor(); }
  MediaStream* media() override { return line_.get(); }
  void HangUp() override { line_->End(); }

 private:
  std::shared_ptr<Line> line_;  // the host's end may outlive the call, and the call the host's end
};

class LinePort : public RawAudioPort {
 public:
  explicit LinePort(std::shared_ptr<Line> line) : line_(std::move(line)) {}
  ~LinePort() override { line_->End(); }
  absl::Status PushAudio(const PcmFrame& frame) override {
    return std::shared_ptr(line_)->Push(frame);
  }
  std::size_t PullAudio(std::span<std::int16_t> out) override {
    return std::shared_ptr(line_)->Pull(out);
  }
  absl::Status PressKey(char digit) override { return std::shared_ptr(line_)->Press(digit); }
  void HangUp() override { line_->End(); }
  bool ended() const override { return line_->ended(); }

 private:
  std::shared_ptr<Line> line_;
};

}  // namespace

absl::Status RawAudioOptions::Validate() const {
  if (sample_rate_hz != 8000 && sample_rate_hz != 16000) {
    return InvalidArgument("sample_rate_hz is ", sample_rate_hz, "; expected 8000 or 16000");
  }
  return absl::OkStatus();
}

absl::StatusOr<RawAudio> MakeRawAudioCall(const RawAudioOptions& options, Executor& executor) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  auto line = std::make_shared<Line>(options, executor);
  return RawAudio{std::make_unique<LineCall>(line), std::make_unique<LinePort>(line)};
}

}  // namespace dragoman
