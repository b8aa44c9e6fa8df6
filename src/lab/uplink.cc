#include "src/lab/uplink.h"

#include <algorithm>
#include <utility>

namespace dragoman::lab {

Uplink::Uplink(const LineProfile& profile, std::uint64_t seed, Executor& executor, Send send)
    : profile_(profile), random_(seed), executor_(executor), send_(std::move(send)) {}

std::optional<TimePoint> Uplink::StalledUntil() const {
  const TimePoint now = executor_.Now();
  for (const Stall& stall : profile_.stalls) {
    if (now >= start_ + stall.at && now < start_ + stall.at + stall.length)
      return start_ + stall.at + stall.length;
  }
  return std::nullopt;
}

void Uplink::Push(std::span<const std::int16_t> samples, std::uint64_t index) {
  if (random_.Chance(static_cast<std::uint32_t>(profile_.loss_per_mille))) {
    ++lost_;
    return;
  }
  Frame frame{{samples.begin(), samples.end()}, index};
  if (!held_ && random_.Chance(static_cast<std::uint32_t>(profile_.reorder_per_mille))) {
    held_ = std::move(frame);
    return;
  }
  if (random_.Chance(static_cast<std::uint32_t>(profile_.duplicate_per_mille))) Deliver(frame);
  Deliver(std::move(frame));
  if (held_) Deliver(*std::exchange(held_, std::nullopt));
}

void Uplink::Deliver(Frame frame) {
  const TimePoint now = executor_.Now();
  TimePoint due = now + milliseconds(random_.Between(0, profile_.jitter.count()));
  if (auto until = StalledUntil()) due = std::max(due, *until);
  due = std::max(due, last_due_);  // carried by TCP: late frames hold up the ones behind
  last_due_ = due;
  ++sent_;
  if (due <= now) return send_(frame.samples, frame.index);
  executor_.RunAt(
      due, lifetime_.Wrap([this, frame = std::move(frame)] { send_(frame.samples, frame.index); }));
}

}  // namespace dragoman::lab
