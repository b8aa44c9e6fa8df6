#include "dragoman/testing/fake_call.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "dragoman/audio/playout_model.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/testing/listener.h"

namespace dragoman {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kFrame{20};
constexpr milliseconds kReportEvery{100};

milliseconds Floor(microseconds time) { return std::chrono::duration_cast<milliseconds>(time); }

// What both ends share; lives until both are gone.
class FakeLine : public MediaStream, public std::enable_shared_from_this<FakeLine> {
 public:
  FakeLine(Executor& executor, FakeCallOptions options)
      : executor_(executor), options_(std::move(options)), tick_(executor), report_(executor) {}

  // --- the agent's side
  int sample_rate_hz() const override { return options_.sample_rate_hz; }
  milliseconds max_queued() const override { return options_.max_queued; }

  void Start(Callbacks callbacks) override {
    listener_.emplace(std::move(callbacks));
    if (ended_) return PostClosed();
    next_tick_ = executor_.Now();
    if (options_.ticks || !speech_.empty()) Tick();
  }

  absl::Status Play(const PcmFrame& frame) override {
    if (ended_) return FailedPrecondition("played after the call ended");
    if (frame.sample_rate_hz != options_.sample_rate_hz) {
      return InvalidArgument("sample_rate_hz is ", frame.sample_rate_hz, "; expected ",
                             options_.sample_rate_hz);
    }
    if (model_.Queued(executor_.Now()) + frame.duration() > max_queued()) {
      return ResourceExhausted("more than ", max_queued(), " of audio would wait");
    }
    played_.Append(frame);
    const microseconds total = played_.duration();
    model_.Append(executor_.Now(), total - model_.sent());
    if (options_.acknowledgement == Acknowledgement::kMarks &&
        model_.sent() - last_mark_ >= options_.mark_every) {
      AddMark();
    }
    ScheduleReport();
    return absl::OkStatus();
  }

  void FlushPlay() override {
    ++flushes_;
    model_.EndUtterance();
    if (options_.acknowledgement == Acknowledgement::kMarks && !ended_) AddMark();
    flushed_ = true;
    ScheduleReport();
  }

  void Clear() override {
    ++clears_;
    model_.Clear(executor_.Now());
    played_.samples.resize(std::min(played_.samples.size(), Samples(model_.sent())));
    last_mark_ = std::min(last_mark_, model_.sent());
    for (Mark& mark : marks_) {  // the carrier returns every mark at once
      mark.position = std::min(mark.position, model_.sent());
      if (!mark.cleared_at) mark.cleared_at = executor_.Now();
    }
    flushed_ = false;
    reported_ = model_.sent();
    ScheduleReport();
  }

  absl::Status SendDtmf(std::string_view digits) override {
    if (ended_) return FailedPrecondition("keys pressed after the call ended");
    dtmf_ += digits;
    return absl::OkStatus();
  }

  milliseconds sent() const override { return Floor(model_.sent()); }
  PlayoutPosition position() const override {
    const microseconds position = model_.Position(executor_.Now());
    return {Floor(position), position == acknowledged_ && acknowledged_ > microseconds(0)};
  }

  void End(bool by_agent, absl::Status status) {
    if (ended_) return;
    ended_ = true;
    agent_hung_up_ = by_agent;
    heard_at_end_ = Samples(model_.Position(executor_.Now()));
    closed_with_ = std::move(status);
    tick_.Stop();
    report_.Stop();
    speech_.clear();
    if (listener_) PostClosed();
  }
  void Abandon() {  // the agent destroyed the call: nobody listens
    listener_.reset();
    lifetime_.Renew();
    End(true, absl::OkStatus());
  }

  // --- the caller's side
  void Speak(const PcmFrame& frame) {
    if (ended_) return;
    speech_.insert(speech_.end(), frame.samples.begin(), frame.samples.end());
    if (!listener_ || tick_.running() || in_tick_) return;
    next_tick_ = std::max(next_tick_, executor_.Now());
    Tick();
  }
  milliseconds speaking_left() const {
    return milliseconds(static_cast<std::int64_t>(speech_.size()) * 1000 / options_.sample_rate_hz);
  }
  void Press(char digit) {
    executor_.Post(lifetime_.Wrap([this, digit] {
      auto self = shared_from_this();
      if (!ended_ && listener_) listener_->Call(&Callbacks::on_dtmf, digit);
    }));
  }
  bool ended() const { return ended_; }
  bool agent_hung_up() const { return agent_hung_up_; }
  PcmBuffer played() const { return played_; }
  PcmBuffer heard() const {
    PcmBuffer heard = played_;
    heard.samples.resize(ended_ ? std::min(heard_at_end_, heard.samples.size())
                                : Samples(model_.Position(executor_.Now())));
    return heard;
  }
  int clears() const { return clears_; }
  int flushes() const { return flushes_; }
  const std::string& dtmf() const { return dtmf_; }
  microseconds underrun() const { return model_.underrun_time(); }

  Executor& executor() { return executor_; }
  const CallInfo& info() const { return options_.info; }

 private:
  struct Mark {
    std::uint64_t id;
    microseconds position;
    std::optional<TimePoint> cleared_at = std::nullopt;  // then it proves nothing any more
  };

  size_t Samples(microseconds time) const {
    // Rounded up: a position derived from a sample count must give that count back.
    return static_cast<size_t>((time.count() * options_.sample_rate_hz + 999'999) / 1'000'000);
  }

  void Tick() {
    tick_.StartAt(next_tick_, [this] {
      auto self = shared_from_this();
      const size_t size = static_cast<size_t>(options_.sample_rate_hz) / 50;
      std::vector<std::int16_t> frame(size);
      const size_t take = std::min(size, speech_.size());
      const auto end = speech_.begin() + static_cast<std::ptrdiff_t>(take);
      std::copy(speech_.begin(), end, frame.begin());
      speech_.erase(speech_.begin(), end);
      next_tick_ += kFrame;
      in_tick_ = true;
      if (listener_) {
        listener_->Call(&Callbacks::on_audio, PcmFrame{frame, options_.sample_rate_hz});
      }
      in_tick_ = false;
      if (!ended_ && listener_ && (options_.ticks || !speech_.empty())) Tick();
    });
  }

  void AddMark() {
    if (const std::uint64_t id = model_.AddMark(); id != 0) marks_.push_back({id, model_.sent()});
    last_mark_ = model_.sent();
  }

  // When the model will have reached a position.
  TimePoint ReachedAt(microseconds position) const {
    return model_.drained_at() - (model_.sent() - position);
  }

  void ScheduleReport() {
    report_.Stop();
    if (ended_ || options_.acknowledgement == Acknowledgement::kSilent) return;
    if (options_.acknowledgement == Acknowledgement::kMarks) {
      if (marks_.empty()) return;
      const Mark& mark = marks_.front();
      const TimePoint played = mark.cleared_at.value_or(ReachedAt(mark.position));
      report_.StartAt(std::max(played + options_.mark_delay, executor_.Now()),
                      [this] { ReturnMark(); });
      return;
    }
    if (reported_ >= model_.sent() && !flushed_) return;
    const microseconds target =
        std::min<microseconds>(model_.sent(), reported_ + microseconds(kReportEvery));
    report_.StartAt(std::max(ReachedAt(target), executor_.Now()), [this, target] {
      reported_ = target;
      if (reported_ >= model_.sent()) flushed_ = false;
      Report(target, false);
    });
  }

  void ReturnMark() {
    const Mark mark = marks_.front();
    marks_.pop_front();
    model_.Acknowledge(executor_.Now(), mark.id);
    if (mark.cleared_at) return ScheduleReport();
    acknowledged_ = mark.position;
    Report(mark.position, true);
  }

  void Report(microseconds position, bool acknowledged) {
    auto self = shared_from_this();
    if (listener_) {
      listener_->Call(&Callbacks::on_playout, PlayoutPosition{Floor(position), acknowledged});
    }
    ScheduleReport();
  }

  void PostClosed() {
    executor_.Post(lifetime_.Wrap([this] {
      auto self = shared_from_this();
      if (listener_) listener_->Finish(&Callbacks::on_closed, closed_with_);
    }));
  }

  Executor& executor_;
  const FakeCallOptions options_;
  std::optional<Listener<Callbacks>> listener_;
  PlayoutModel model_;
  PcmBuffer played_{{}, options_.sample_rate_hz};
  std::deque<Mark> marks_;
  microseconds last_mark_{0};
  microseconds acknowledged_{0};
  microseconds reported_{0};
  bool flushed_ = false;  // the end is to be reported even if its position was
  std::deque<std::int16_t> speech_;
  TimePoint next_tick_{};
  bool in_tick_ = false;
  bool ended_ = false;
  bool agent_hung_up_ = false;
  size_t heard_at_end_ = 0;
  absl::Status closed_with_;
  int clears_ = 0;
  int flushes_ = 0;
  std::string dtmf_;
  Timer tick_;
  Timer report_;
  Lifetime lifetime_;
};

class FakeLineCall : public Call {
 public:
  explicit FakeLineCall(std::shared_ptr<FakeLine> line) : line_(std::move(line)) {}
  ~FakeLineCall() override { line_->Abandon(); }
  const CallInfo& info() const override { return line_->info(); }
  Executor& executor() override { return line_->executor(); }
  MediaStream* media() override { return line_.get(); }
  void HangUp() override { line_->End(true, absl::OkStatus()); }

 private:
  std::shared_ptr<FakeLine> line_;  // either end may outlive the other
};

class FakeLineCaller : public FakeCaller {
 public:
  explicit FakeLineCaller(std::shared_ptr<FakeLine> line) : line_(std::move(line)) {}
  ~FakeLineCaller() override { line_->End(false, absl::OkStatus()); }
  void Speak(const PcmFrame& frame) override { line_->Speak(frame); }
  milliseconds speaking_left() const override { return line_->speaking_left(); }
  void Press(char digit) override { line_->Press(digit); }
  void HangUp() override { line_->End(false, absl::OkStatus()); }
  void Drop(absl::Status status) override { line_->End(false, std::move(status)); }
  bool ended() const override { return line_->ended(); }
  bool agent_hung_up() const override { return line_->agent_hung_up(); }
  PcmBuffer heard() const override { return line_->heard(); }
  PcmBuffer played() const override { return line_->played(); }
  int clears() const override { return line_->clears(); }
  int flushes() const override { return line_->flushes(); }
  std::string dtmf() const override { return line_->dtmf(); }
  microseconds underrun() const override { return line_->underrun(); }

 private:
  std::shared_ptr<FakeLine> line_;
};

}  // namespace

FakeCallEnds MakeFakeCall(Executor& executor, FakeCallOptions options) {
  auto line = std::make_shared<FakeLine>(executor, std::move(options));
  return {std::make_unique<FakeLineCall>(line), std::make_unique<FakeLineCaller>(line)};
}

void FakeCallAgent::Accept(std::unique_ptr<Call> call) {
  ++accepted_;
  if (!refuses_) calls_.push_back(std::move(call));
}

}  // namespace dragoman
