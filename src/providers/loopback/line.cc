#include "src/providers/loopback/line.h"

#include <string_view>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/providers/loopback/carrier.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{20};
constexpr std::int64_t kReportEvery = 800;  // samples: 100 ms

milliseconds Time(std::int64_t samples) { return milliseconds(samples / 8); }

class End : public Call, public MediaStream {
 public:
  End(std::shared_ptr<LoopbackLink> link, int side, CallInfo info)
      : link_(std::move(link)), side_(side), info_(std::move(info)) {}
  ~End() override { link_->Abandon(side_); }

  const CallInfo& info() const override { return info_; }
  Executor& executor() override { return link_->executor(); }
  MediaStream* media() override { return this; }
  void HangUp() override { link_->End(); }

  int sample_rate_hz() const override { return 8000; }
  void Start(Callbacks callbacks) override { link_->Start(side_, std::move(callbacks)); }
  absl::Status Play(const PcmFrame& frame) override { return link_->Play(side_, frame); }
  void FlushPlay() override { link_->FlushPlay(side_); }
  void Clear() override { link_->Clear(side_); }
  absl::Status SendDtmf(std::string_view digits) override { return link_->SendDtmf(side_, digits); }
  milliseconds sent() const override { return link_->sent(side_); }
  PlayoutPosition position() const override { return link_->position(side_); }

 private:
  std::shared_ptr<LoopbackLink> link_;
  const int side_;
  const CallInfo info_;
};

}  // namespace

std::unique_ptr<Call> LoopbackLink::MakeEnd(std::shared_ptr<LoopbackLink> link, int side,
                                            CallInfo info) {
  return std::make_unique<::dragoman::End>(std::move(link), side, std::move(info));
}

void LoopbackLink::Start(int side, MediaStream::Callbacks callbacks) {
  sides_[side].callbacks = std::make_shared<MediaStream::Callbacks>(std::move(callbacks));
  if (ended_) return Closed(side);
  if (tick_.running()) return;
  next_tick_ = executor_.Now();
  tick_.StartAt(next_tick_, [this] { Tick(); });
}

absl::Status LoopbackLink::Play(int side, const PcmFrame& frame) {
  if (ended_) return FailedPrecondition("loopback: Play after the call ended");
  if (frame.sample_rate_hz != 8000) {
    return InvalidArgument("loopback: sample_rate_hz is ", frame.sample_rate_hz, "; expected 8000");
  }
  if (!sides_[side].queue.Push(frame.samples)) {
    return ResourceExhausted("loopback: more than 60 s of audio would wait");
  }
  sides_[side].flushed = false;
  return absl::OkStatus();
}

void LoopbackLink::FlushPlay(int side) { sides_[side].flushed = true; }

void LoopbackLink::Clear(int side) {
  sides_[side].queue.Clear();
  sides_[side].reported = sides_[side].carried;
}

absl::Status LoopbackLink::SendDtmf(int side, std::string_view digits) {
  if (ended_) return FailedPrecondition("loopback: keys after the call ended");
  if (digits.find_first_not_of("0123456789*#ABCD") != std::string_view::npos) {
    return InvalidArgument("digits are not all of 0-9 * # A-D");
  }
  for (char digit : digits) {
    executor_.Post([self = shared_from_this(), side, digit] {
      auto callbacks = self->sides_[1 - side].callbacks;
      if (!self->ended_ && callbacks && callbacks->on_dtmf) callbacks->on_dtmf(digit);
    });
  }
  return absl::OkStatus();
}

milliseconds LoopbackLink::sent(int side) const {
  return Time(sides_[side].carried + static_cast<std::int64_t>(sides_[side].queue.size()));
}

PlayoutPosition LoopbackLink::position(int side) const {
  return {Time(sides_[side].carried), sides_[side].carried > 0};
}

void LoopbackLink::Abandon(int side) {
  sides_[side].callbacks = nullptr;
  End();
}

void LoopbackLink::End() {
  if (ended_) return;
  ended_ = true;
  tick_.Stop();
  for (int side : {0, 1}) {
    sides_[side].queue.ReleaseMemory();
    Closed(side);
  }
}

void LoopbackLink::Closed(int side) {
  executor_.Post([self = shared_from_this(), side] {
    auto callbacks = std::exchange(self->sides_[side].callbacks, nullptr);
    if (callbacks && callbacks->on_closed) callbacks->on_closed(absl::OkStatus());
  });
}

void LoopbackLink::Tick() {
  auto self = shared_from_this();
  Carry(0);
  if (!ended_) Carry(1);
  if (ended_) return;
  next_tick_ += kTick;
  tick_.StartAt(next_tick_, [this] { Tick(); });
}

// A frame from one side to the other, and the word of it back.
void LoopbackLink::Carry(int from) {
  Side& side = sides_[from];
  std::array<std::int16_t, kFrame> frame{};
  const bool short_piece = !side.queue.empty() && side.queue.size() < kFrame;
  // A piece of a frame waits a tick for its rest, unless that is all.
  std::size_t size = 0;
  if (!short_piece || side.flushed || std::exchange(side.starving, true)) {
    size = side.queue.Pop(frame);
    side.starving = false;
  }
  side.carried += static_cast<std::int64_t>(size);
  if (auto heard = sides_[1 - from].callbacks; heard && heard->on_audio) {
    heard->on_audio({frame, 8000});
    if (ended_) return;
  }
  const bool more = side.carried > side.reported;
  if (!more || (!side.queue.empty() && side.carried - side.reported < kReportEvery)) return;
  side.reported = side.carried;
  if (auto callbacks = side.callbacks; callbacks && callbacks->on_playout) {
    callbacks->on_playout({Time(side.carried), true});
  }
}

LoopbackLine MakeLoopbackLine(Executor& executor, const CallInfo& info) {
  auto link = std::make_shared<LoopbackLink>(executor);
  CallInfo caller = info;
  caller.direction = CallDirection::kOutbound;
  CallInfo callee = info;
  callee.direction = CallDirection::kInbound;
  return {LoopbackLink::MakeEnd(link, 0, std::move(caller)),
          LoopbackLink::MakeEnd(link, 1, std::move(callee))};
}

}  // namespace dragoman
