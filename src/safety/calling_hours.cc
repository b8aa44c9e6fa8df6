// The only file that sees Abseil's time zones.
#include "dragoman/safety/calling_hours.h"

#include <absl/time/time.h>

#include <algorithm>
#include <array>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

struct LocalTime {
  sys_days date;
  int minute = 0;  // of the day
};

std::optional<LocalTime> LocalAt(const std::string& zone, WallTime now) {
  absl::TimeZone loaded;
  if (!absl::LoadTimeZone(zone, &loaded)) return std::nullopt;
  const absl::CivilSecond civil =
      loaded.At(absl::FromUnixMicros(now.time_since_epoch().count())).cs;
  return LocalTime{
      .date = sys_days(year_month_day(std::chrono::year(static_cast<int>(civil.year())),
                                      std::chrono::month(static_cast<unsigned>(civil.month())),
                                      std::chrono::day(static_cast<unsigned>(civil.day())))),
      .minute = civil.hour() * 60 + civil.minute()};
}

// "*" is everywhere, "US" is a part of itself and of "US-FL"'s rules.
bool Covers(std::string_view rule, std::string_view place) {
  return rule == "*" || rule == place || (rule.size() == 2 && place.substr(0, 2) == rule);
}

template <typename Rule>
bool InForce(const Rule& rule, std::string_view place, sys_days date) {
  return Covers(rule.place, place) && rule.since <= date && !(rule.until && *rule.until <= date);
}

DayKind KindOfDay(sys_days date) {
  const std::chrono::weekday day(date);
  if (day == std::chrono::Saturday) return DayKind::kSaturday;
  if (day == std::chrono::Sunday) return DayKind::kSunday;
  return DayKind::kWeekday;
}

std::string_view Name(DayKind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"a weekday", "a Saturday", "a Sunday",
                                                      "a holiday"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string Clock(int minute) {
  const auto two = [](int n) { return StrCat(n < 10 ? "0" : "", n); };
  return StrCat(two(minute / 60), ":", two(minute % 60));
}

// What one rule says of one moment; empty: nothing against it.
std::string Objection(const HoursRule& rule, DayKind kind, const LocalTime& local,
                      const std::string& zone, bool& said) {
  const std::optional<DayWindow>& window = rule.windows[static_cast<std::size_t>(kind)];
  if (!window) return "";
  said = true;
  if (window->from <= local.minute && local.minute < window->to) return "";
  const std::string allowed =
      window->from == window->to
          ? StrCat("is not called on ", Name(kind))
          : StrCat("may be called from ", Clock(window->from), " to ", Clock(window->to));
  return StrCat("it is ", Clock(local.minute), " on ", Name(kind), " in ", zone, "; ",
                rule.place == "*" ? std::string("every place") : rule.place, " ", allowed, " (",
                rule.source, ")");
}

template <typename Rule>
bool InForceSomewhere(const Rule& rule, const std::vector<std::string>& places, sys_days date) {
  return std::any_of(places.begin(), places.end(),
                     [&](const std::string& place) { return InForce(rule, place, date); });
}

sys_days NthWeekday(std::chrono::year year, unsigned month, std::chrono::weekday day, unsigned n) {
  return sys_days(year / std::chrono::month(month) / day[n]);
}

bool IsHolidayItself(year_month_day date) {
  using std::chrono::Monday;
  using std::chrono::Thursday;
  const auto is = [&](unsigned month, unsigned day) {
    return date.month() == std::chrono::month(month) && date.day() == std::chrono::day(day);
  };
  if (is(1, 1) || is(6, 19) || is(7, 4) || is(11, 11) || is(12, 25)) return true;
  const sys_days day(date);
  const std::chrono::year year = date.year();
  return day == NthWeekday(year, 1, Monday, 3) || day == NthWeekday(year, 2, Monday, 3) ||
         day == sys_days(year / std::chrono::May / Monday[std::chrono::last]) ||
         day == NthWeekday(year, 9, Monday, 1) || day == NthWeekday(year, 10, Monday, 2) ||
         day == NthWeekday(year, 11, Thursday, 4);
}

}  // namespace

bool IsUsHoliday(year_month_day date) {
  if (IsHolidayItself(date)) return true;
  const sys_days day(date);
  const std::chrono::weekday weekday(day);
  const auto fixed = [](sys_days other) {  // only holidays of a fixed date move to a weekday
    const year_month_day d(other);
    return IsHolidayItself(d) && std::chrono::weekday(other) != std::chrono::Monday &&
           std::chrono::weekday(other) != std::chrono::Thursday;
  };
  if (weekday == std::chrono::Friday) return fixed(day + std::chrono::days(1));
  if (weekday == std::chrono::Monday) return fixed(day - std::chrono::days(1));
  return false;
}

HoursAnswer CheckCallingHours(const CallingRules& rules, const std::vector<std::string>& places,
                              const std::vector<std::string>& zones, WallTime now) {
  if (zones.empty() || places.empty())
    return {.allowed = false, .why = "the called party's time zone is not known"};
  for (const std::string& zone : zones) {
    const std::optional<LocalTime> local = LocalAt(zone, now);
    if (!local) return {.allowed = false, .why = StrCat("time zone ", zone, " is not known")};
    bool said = false;
    for (const std::string& place : places) {
      for (const HoursRule& rule : rules.hours) {
        if (!InForce(rule, place, local->date)) continue;
        std::string objection = Objection(rule, KindOfDay(local->date), *local, zone, said);
        if (objection.empty() && place.starts_with("US") && IsUsHoliday(local->date))
          objection = Objection(rule, DayKind::kHoliday, *local, zone, said);
        if (!objection.empty()) return {.allowed = false, .why = std::move(objection)};
      }
    }
    if (!said)
      return {.allowed = false, .why = StrCat("no rule says when ", places.front(), " is called")};
  }
  return {.allowed = true,
          .why = StrCat("inside the hours of all ", zones.size(), " zones it may be in")};
}

ConsentClass ConsentNeeded(const CallingRules& rules, const std::vector<std::string>& places,
                           CallPurpose purpose, WallTime now) {
  ConsentClass needed = ConsentClass::kNone;
  const sys_days today = std::chrono::floor<std::chrono::days>(now);
  for (const ConsentRule& rule : rules.consent) {
    if (rule.purpose == purpose && InForceSomewhere(rule, places, today))
      needed = std::max(needed, rule.needs);
  }
  return needed;
}

int CallsPer24Hours(const CallingRules& rules, const std::vector<std::string>& places,
                    WallTime now) {
  int cap = 0;
  const sys_days today = std::chrono::floor<std::chrono::days>(now);
  for (const HoursRule& rule : rules.hours) {
    if (rule.calls_per_24h > 0 && InForceSomewhere(rule, places, today))
      cap = cap == 0 ? rule.calls_per_24h : std::min(cap, rule.calls_per_24h);
  }
  return cap;
}

bool RecordingMustBeAnnounced(const CallingRules& rules, const std::vector<std::string>& places,
                              WallTime now) {
  const sys_days today = std::chrono::floor<std::chrono::days>(now);
  return std::any_of(
      rules.recording.begin(), rules.recording.end(), [&](const RecordingRule& rule) {
        return rule.announce && rule.since <= today &&
               std::any_of(places.begin(), places.end(),
                           [&](const std::string& place) { return Covers(rule.place, place); });
      });
}

}  // namespace dragoman
