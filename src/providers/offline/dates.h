// Days as people say them.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_DATES_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_DATES_H_

#include <chrono>
#include <cstddef>
#include <optional>

#include "src/providers/offline/words.h"

namespace dragoman::offline {

using std::chrono::sys_days;

// What a mention of a day says. "Next week" is a range; "Thursday the fifth", when the fifth is a
// Friday, is a conflict: `first` goes by the number, `other` by the weekday.
struct DateValue {
  sys_days first{};
  sys_days last{};  // equal to first unless a range
  std::optional<sys_days> other;
  bool weekday_only = false;  // "Thursday": a range said beside it moves it into the range
  bool range() const { return first != last; }
  friend bool operator==(const DateValue&, const DateValue&) = default;
};

struct DateContext {
  sys_days today{};
  bool day_first = false;    // "3/4" is the third of April
  bool bare_ordinal = true;  // "the second" may be a day; false while offers are to be picked
};

struct DateMatch {
  DateValue value;
  std::size_t length = 0;  // words, 0: none
};

// The longest mention that begins at `at`. Conventions: a weekday alone is the next one, a week
// from now on that day itself; "this Thursday" may be today; "next Thursday" is that of the next
// calendar week, which begins on Monday; a day without a month is the next such day; a day and
// month without a year is the next such date.
DateMatch DateAt(const Words& words, std::size_t at, const DateContext& context);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_DATES_H_
