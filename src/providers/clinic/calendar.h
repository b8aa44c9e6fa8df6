// The clinic's days and starting times.
#ifndef DRAGOMAN_SRC_PROVIDERS_CLINIC_CALENDAR_H_
#define DRAGOMAN_SRC_PROVIDERS_CLINIC_CALENDAR_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/providers/clinic/clinic.h"

namespace dragoman::clinic {

using std::chrono::minutes;
using std::chrono::sys_days;

struct LocalNow {
  sys_days date;
  minutes time;
};
LocalNow NowAt(const Clock& clock, minutes utc_offset);

std::string DateText(sys_days date);
std::string TimeText(minutes time);
std::string_view WeekdayText(sys_days date);               // "Thursday"
absl::StatusOr<sys_days> ReadDate(std::string_view text);  // kInvalidArgument
absl::StatusOr<minutes> ReadTime(std::string_view text);

class Calendar {
 public:
  explicit Calendar(const ClinicOptions& options) : options_(options) {}  // borrowed

  bool closed(sys_days date) const { return Hours(date).opens == Hours(date).closes; }
  std::string HoursText(sys_days date) const;  // "08:00 to 18:00", "closed"
  std::vector<minutes> Starts(sys_days date) const;
  // kInvalidArgument telling why a visit cannot start then: past, too far, closed, off the grid.
  absl::Status CheckDate(sys_days date, const LocalNow& now) const;
  absl::Status CheckStart(sys_days date, minutes time, const LocalNow& now) const;

 private:
  const ClinicDay& Hours(sys_days date) const {
    return options_.hours[std::chrono::weekday(date).iso_encoding() - 1];
  }
  const ClinicOptions& options_;
};

}  // namespace dragoman::clinic
#endif  // DRAGOMAN_SRC_PROVIDERS_CLINIC_CALENDAR_H_
