// Time as a dependency: nothing below `runtime` asks the operating system what time it is.
#ifndef DRAGOMAN_CORE_CLOCK_H_
#define DRAGOMAN_CORE_CLOCK_H_

#include <chrono>

#include "dragoman/core/export.h"

namespace dragoman {

// Tag of the monotonic time line; it has no now(), which only a Clock can tell.
struct MonotonicTimeline {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicTimeline, duration>;
  static constexpr bool is_steady = true;
};
using TimePoint = MonotonicTimeline::time_point;  // microseconds since an arbitrary start
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;  // UTC

// Thread-safe.
class DRAGOMAN_EXPORT Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;     // never goes back
  virtual WallTime WallNow() const = 0;  // may jump; for people and rules only, never for timers
};

// The machine's clocks (CLOCK_MONOTONIC, CLOCK_REALTIME).
class DRAGOMAN_EXPORT SystemClock : public Clock {
 public:
  TimePoint Now() const override;
  WallTime WallNow() const override;
};

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_CLOCK_H_
