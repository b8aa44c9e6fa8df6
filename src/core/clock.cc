#include "dragoman/core/clock.h"

namespace dragoman {

TimePoint SystemClock::Now() const {
  return TimePoint(std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

WallTime SystemClock::WallNow() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace dragoman
