// The network between the caller and the carrier: loses, delays, swaps and doubles frames, and
// stalls.
#ifndef DRAGOMAN_SRC_LAB_UPLINK_H_
#define DRAGOMAN_SRC_LAB_UPLINK_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/random.h"
#include "dragoman/lab/scenario.h"

namespace dragoman::lab {

// Only on its executor.
class Uplink {
 public:
  using Send = absl::AnyInvocable<void(std::span<const std::int16_t>, std::uint64_t index)>;

  Uplink(const LineProfile& profile, std::uint64_t seed, Executor& executor, Send send);
  void Start(TimePoint start) { start_ = start; }  // of the call
  void Push(std::span<const std::int16_t> frame, std::uint64_t index);

  // When a stall that is on now ends; nothing when there is none.
  std::optional<TimePoint> StalledUntil() const;
  int lost() const { return lost_; }
  int sent() const { return sent_; }

 private:
  struct Frame {
    std::vector<std::int16_t> samples;
    std::uint64_t index = 0;
  };
  void Deliver(Frame frame);

  const LineProfile& profile_;
  SeededRandom random_;
  Executor& executor_;
  Send send_;
  TimePoint start_{};
  TimePoint last_due_{};
  std::optional<Frame> held_;  // goes behind the next one
  int lost_ = 0;
  int sent_ = 0;
  Lifetime lifetime_;
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_UPLINK_H_
