#include "src/providers/clinic/calendar.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "dragoman/core/status.h"

namespace dragoman::clinic {

LocalNow NowAt(const Clock& clock, minutes utc_offset) {
  const auto local = clock.WallNow() + utc_offset;
  const auto date = std::chrono::floor<std::chrono::days>(local);
  return {date, std::chrono::floor<minutes>(local - date)};
}

std::string DateText(sys_days date) {
  const std::chrono::year_month_day ymd(date);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(ymd.year()),
                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
  return text;
}

std::string TimeText(minutes time) {
  char text[32];
  std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(time.count() / 60),
                static_cast<int>(time.count() % 60));
  return text;
}

std::string_view WeekdayText(sys_days date) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  return kNames[std::chrono::weekday(date).iso_encoding() - 1];
}

absl::StatusOr<sys_days> ReadDate(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const bool parsed = text.size() == 10 && std::sscanf(std::string(text).c_str(), "%4d-%2u-%2u",
                                                       &year, &month, &day) == 3;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!parsed || !date.ok()) {
    return InvalidArgument("date is \"", text, "\"; expected a day of the calendar as YYYY-MM-DD");
  }
  return sys_days(date);
}

absl::StatusOr<minutes> ReadTime(std::string_view text) {
  int hour = 0;
  int minute = 0;
  const bool parsed = text.size() == 5 && text[2] == ':' &&
                      std::sscanf(std::string(text).c_str(), "%2d:%2d", &hour, &minute) == 2;
  if (!parsed || hour < 0 || hour > 23 || minute < 0 || minute > 59) {
    return InvalidArgument("time is \"", text, "\"; expected HH:MM from 00:00 to 23:59");
  }
  return minutes(hour * 60 + minute);
}

std::string Calendar::HoursText(sys_days date) const {
  if (closed(date)) return "closed";
  return StrCat(TimeText(Hours(date).opens), " to ", TimeText(Hours(date).closes));
}

std::vector<minutes> Calendar::Starts(sys_days date) const {
  std::vector<minutes> starts;
  for (minutes start = Hours(date).opens; start + options_.visit <= Hours(date).closes;
       start += options_.visit) {
    starts.push_back(start);
  }
  return starts;
}

absl::Status Calendar::CheckDate(sys_days date, const LocalNow& now) const {
  if (date < now.date) {
    return InvalidArgument("date is ", DateText(date), ", which has passed; today is ",
                           DateText(now.date));
  }
  const sys_days last = now.date + std::chrono::days(options_.horizon_days);
  if (date > last) {
    return InvalidArgument("date is ", DateText(date), "; expected at most ", DateText(last));
  }
  return absl::OkStatus();
}

absl::Status Calendar::CheckStart(sys_days date, minutes time, const LocalNow& now) const {
  DRAGOMAN_RETURN_IF_ERROR(CheckDate(date, now));
  if (closed(date)) return InvalidArgument("closed on ", WeekdayText(date), " ", DateText(date));
  const std::vector<minutes> starts = Starts(date);
  if (std::find(starts.begin(), starts.end(), time) == starts.end()) {
    return InvalidArgument("no visit starts at ", TimeText(time), " on ", DateText(date), "; open ",
                           HoursText(date), ", starting every ", options_.visit.count(),
                           " minutes");
  }
  if (date == now.date && time <= now.time) {
    return InvalidArgument("time is ", TimeText(time), ", which has passed; it is ",
                           TimeText(now.time));
  }
  return absl::OkStatus();
}

}  // namespace dragoman::clinic
