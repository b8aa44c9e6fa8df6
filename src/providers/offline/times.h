// Times of day as people say them.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_TIMES_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_TIMES_H_

#include <chrono>
#include <cstddef>

#include "src/providers/offline/words.h"

namespace dragoman::offline {

using std::chrono::minutes;

// "Ten thirty" leaves open which half of the day is meant; "in the morning" and "after three" are
// ranges.
struct TimeValue {
  minutes from{0};  // after midnight
  minutes to{0};    // equal to from unless a range; the range includes from and excludes to
  bool half_day_open = false;
  bool part_of_day = false;  // a range that only says morning, afternoon or evening
  bool range() const { return from != to; }
  friend bool operator==(const TimeValue&, const TimeValue&) = default;
};

struct TimeMatch {
  TimeValue value;
  std::size_t length = 0;  // words, 0: none
};

// The longest mention that begins at `at`. `bare_hour`: a lone number is an hour here, because of
// what was asked or said before.
TimeMatch TimeAt(const Words& words, std::size_t at, bool bare_hour);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_TIMES_H_
