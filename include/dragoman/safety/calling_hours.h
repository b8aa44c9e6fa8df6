// Whether somebody may be called now, where they may live.
#ifndef DRAGOMAN_SAFETY_CALLING_HOURS_H_
#define DRAGOMAN_SAFETY_CALLING_HOURS_H_

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"
#include "dragoman/safety/policy.h"

namespace dragoman {

struct DRAGOMAN_EXPORT HoursAnswer {
  bool allowed = false;
  // Which zone and rule decided: "it is 06:30 on a weekday in America/New_York; US-FL may be called
  // from 08:00 to 20:00 (...)".
  std::string why;
};
// Every zone must be inside every window that a rule of every place gives for its local day. No
// zone, an unknown zone and a day without any rule are refused. Zone data is the system's tzdata.
DRAGOMAN_EXPORT HoursAnswer CheckCallingHours(const CallingRules& rules,
                                              const std::vector<std::string>& places,
                                              const std::vector<std::string>& zones, WallTime now);

// The strictest consent that the rules of these places ask for.
DRAGOMAN_EXPORT ConsentClass ConsentNeeded(const CallingRules& rules,
                                           const std::vector<std::string>& places,
                                           CallPurpose purpose, WallTime now);

// The lowest cap on calls to one number within 24 hours; 0: none.
DRAGOMAN_EXPORT int CallsPer24Hours(const CallingRules& rules,
                                    const std::vector<std::string>& places, WallTime now);

DRAGOMAN_EXPORT bool RecordingMustBeAnnounced(const CallingRules& rules,
                                              const std::vector<std::string>& places, WallTime now);

// A federal holiday of the United States, or the weekday on which it is observed.
DRAGOMAN_EXPORT bool IsUsHoliday(std::chrono::year_month_day date);

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_CALLING_HOURS_H_
