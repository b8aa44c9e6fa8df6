#include "src/providers/offline/dates.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

namespace dragoman::offline {
namespace {

using std::chrono::days;
using std::chrono::year_month_day;

struct NamedNumber {
  std::string_view word;
  int number;
};

int WeekdayOf(std::string_view word) {  // Monday is 0; -1: none
  static constexpr NamedNumber kDays[] = {
      {"monday", 0},   {"tuesday", 1}, {"wednesday", 2}, {"thursday", 3}, {"friday", 4},
      {"saturday", 5}, {"sunday", 6},  {"mon", 0},       {"tue", 1},      {"tues", 1},
      {"wed", 2},      {"thu", 3},     {"thur", 3},      {"thurs", 3},    {"fri", 4}};
  if (word.ends_with("'s")) word.remove_suffix(2);
  if (word.ends_with("days")) word.remove_suffix(1);
  for (const NamedNumber& day : kDays) {
    if (day.word == word) return day.number;
  }
  return -1;
}

int MonthOf(std::string_view word) {  // 1 to 12; 0: none
  static constexpr NamedNumber kMonths[] = {
      {"january", 1},   {"february", 2},  {"march", 3},  {"april", 4},     {"may", 5},
      {"june", 6},      {"july", 7},      {"august", 8}, {"september", 9}, {"october", 10},
      {"november", 11}, {"december", 12}, {"jan", 1},    {"feb", 2},       {"apr", 4},
      {"aug", 8},       {"sept", 9},      {"sep", 9},    {"oct", 10},      {"nov", 11},
      {"dec", 12}};
  for (const NamedNumber& month : kMonths) {
    if (month.word == word) return month.number;
  }
  return 0;
}

int WeekdayIndex(sys_days day) {
  return static_cast<int>(std::chrono::weekday(day).iso_encoding()) - 1;
}
sys_days MondayOf(sys_days day) { return day - days(WeekdayIndex(day)); }

std::optional<sys_days> MakeDay(int year, int month, int day) {
  const year_month_day date{std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date);
}

// The next day of that number in a month, today included.
std::optional<sys_days> NextDayOfMonth(sys_days today, int day) {
  const year_month_day now(today);
  auto month = now.year() / now.month();
  for (int i = 0; i < 12; ++i, month += std::chrono::months(1)) {
    const auto date = MakeDay(static_cast<int>(month.year()),
                              static_cast<int>(static_cast<unsigned>(month.month())), day);
    if (date && *date >= today) return date;
  }
  return std::nullopt;
}

std::optional<sys_days> NextDate(sys_days today, int month, int day) {
  const int year = static_cast<int>(year_month_day(today).year());
  for (int y = year; y <= year + 8; ++y) {  // 29 February may be eight years away
    const auto date = MakeDay(y, month, day);
    if (date && *date >= today) return date;
  }
  return std::nullopt;
}

DateValue Day(sys_days day) { return {.first = day, .last = day, .other = {}}; }

class Reader {
 public:
  Reader(const Words& words, std::size_t at, const DateContext& context)
      : words_(words), start_(at), at_(at), context_(context) {}

  DateMatch Read() {
    if (std::optional<DateValue> value = Any()) return {*value, at_ - start_};
    return {};
  }

 private:
  std::string_view Word(std::size_t ahead = 0) const {
    return at_ + ahead < words_.size() ? std::string_view(words_[at_ + ahead]) : "";
  }
  bool Take(std::initializer_list<std::string_view> phrase) {
    if (!PhraseAt(words_, at_, phrase)) return false;
    at_ += phrase.size();
    return true;
  }
  template <typename Function>
  std::optional<DateValue> Try(Function function) {
    const std::size_t saved = at_;
    auto value = function();
    if (!value) at_ = saved;
    return value;
  }

  std::optional<DateValue> Any() {
    if (auto value = Try([&] { return Relative(); })) return value;
    if (auto value = Try([&] { return Counted(); })) return value;
    if (auto value = Try([&] { return Weekday(); })) return value;
    if (auto value = Try([&] { return Week(); })) return value;
    if (auto value = Try([&] { return Numbered(); })) return value;
    return Try([&] { return Numeric(); });
  }

  std::optional<DateValue> Relative() {
    if (Take({"today"})) return Day(context_.today);
    if (Take({"the", "day", "after", "tomorrow"}) || Take({"day", "after", "tomorrow"})) {
      return Day(context_.today + days(2));
    }
    if (Take({"tomorrow"})) {
      if (Take({"week"})) return Day(context_.today + days(8));
      return Day(context_.today + days(1));
    }
    // Only the day; the part of the day is read as a time.
    if (Word() == "tonight") return ++at_, Day(context_.today);
    if (Word() == "this" && OneOf(Word(1), {"morning", "afternoon", "evening"})) {
      return ++at_, Day(context_.today);
    }
    return std::nullopt;
  }

  // "in two weeks", "three days from now", "a week from tomorrow", "a week on Thursday"
  std::optional<DateValue> Counted() {
    const bool in = Take({"in"});
    int count = 1;
    if (OneOf(Word(), {"a", "one"})) {
      ++at_;
      if (Take({"couple", "of"}) || Take({"couple"})) count = 2;
    } else if (auto number = HeardCardinalAt(words_, at_); number && number->value > 0) {
      if (!in && !CardinalAt(words_, at_)) return std::nullopt;
      count = number->value;
      at_ += number->length;
    } else if (Word() != "week") {
      return std::nullopt;
    }
    int unit = 0;
    if (OneOf(Word(), {"day", "days", "days'"})) unit = 1;
    if (OneOf(Word(), {"week", "weeks", "week's", "weeks'"})) unit = 7;
    if (Word() == "fortnight") unit = 14;
    if (unit == 0) return Months(in, count);
    ++at_;
    Take({"time"});
    if (Take({"from", "now"}) || Take({"from", "today"})) return Shifted(count * unit);
    if (Take({"from"}) || Take({"on"}) || Take({"after"})) {
      if (Take({"tomorrow"})) return Shifted(count * unit + 1);
      if (auto day = Weekday(); day && !day->range()) {
        return Day(day->first + days(count * unit));
      }
      return std::nullopt;
    }
    if (in) return Shifted(count * unit);
    return std::nullopt;
  }

  std::optional<DateValue> Months(bool in, int count) {
    if (!in || !OneOf(Word(), {"month", "months"}) || count > 24) return std::nullopt;
    ++at_;
    const year_month_day now(context_.today);
    const auto month = now.year() / now.month() + std::chrono::months(count);
    const year_month_day date = month / now.day();
    return Day(date.ok() ? sys_days(date) : sys_days(month / std::chrono::last));
  }

  std::optional<DateValue> Shifted(int by) { return Day(context_.today + days(by)); }

  std::optional<DateValue> Weekday() {
    enum { kPlain, kThis, kNext } which = kPlain;
    Take({"the"});
    if (Take({"this", "coming"}) || Take({"this"}) || Take({"coming"})) which = kThis;
    if (which == kPlain && (Take({"next"}) || Take({"following"}))) which = kNext;
    const int weekday = WeekdayOf(Word());
    if (weekday < 0) return std::nullopt;
    ++at_;
    int ahead = (weekday - WeekdayIndex(context_.today) + 7) % 7;
    if (which == kPlain && ahead == 0) ahead = 7;
    sys_days day = context_.today + days(ahead);
    if (which == kNext) day = MondayOf(context_.today) + days(7 + weekday);
    if (Take({"after", "next"})) return Day(MondayOf(context_.today) + days(14 + weekday));
    if (Take({"next", "week"}) || Take({"of", "next", "week"})) {
      return Day(MondayOf(context_.today) + days(7 + weekday));
    }
    if (Take({"this", "week"})) return Day(MondayOf(context_.today) + days(weekday));
    if (Word() == "week" && which == kPlain) return ++at_, Day(day + days(7));
    // A number may follow: "Thursday the fifth", "Thursday March fifth".
    const std::size_t before = at_;
    after_weekday_ = true;
    if (auto parts = Calendar(); parts && CalendarDay(*parts)) {
      DateValue value = Day(*CalendarDay(*parts));
      if (WeekdayIndex(value.first) != weekday) value.other = day;
      return value;
    }
    at_ = before;
    DateValue value = Day(day);
    value.weekday_only = which == kPlain;
    return value;
  }

  std::optional<DateValue> Week() {
    Take({"sometime"});
    Take({"the"});
    const sys_days monday = MondayOf(context_.today);
    if (Take({"week", "after", "next"})) return Range(monday + days(14), monday + days(20));
    const bool next = Take({"next"}) || Take({"following"});
    if (!next && !Take({"this"}) && Word() != "weekend") {
      if (Take({"in"}) && MonthOf(Word()) != 0 && !OrdinalAt(words_, at_ + 1) &&
          !CardinalAt(words_, at_ + 1)) {
        return WholeMonth(MonthOf(words_[at_++]));
      }
      return std::nullopt;
    }
    if (Take({"week"})) {
      if (next) return Range(monday + days(7), monday + days(13));
      return Range(context_.today, monday + days(6));
    }
    if (Take({"weekend"})) {
      const sys_days saturday = monday + days(next ? 12 : 5);
      return Range(std::max(saturday, context_.today), saturday + days(1));
    }
    if (next && Take({"month"})) {
      const year_month_day now(context_.today);
      const auto month = now.year() / now.month() + std::chrono::months(1);
      return Range(sys_days(month / 1), sys_days(month / std::chrono::last));
    }
    return std::nullopt;
  }

  std::optional<DateValue> WholeMonth(int month) {
    const auto first = NextDate(context_.today, month, 28);
    if (!first) return std::nullopt;
    const auto ym = year_month_day(*first).year() / year_month_day(*first).month();
    return Range(std::max(sys_days(ym / 1), context_.today), sys_days(ym / std::chrono::last));
  }

  static std::optional<DateValue> Range(sys_days first, sys_days last) {
    return DateValue{.first = first, .last = last, .other = {}};
  }

  // As said; 0: not said.
  struct Parts {
    int day = 0;
    int month = 0;
    int year = 0;
  };

  std::optional<Parts> Calendar() {
    const std::size_t saved = at_;
    if (auto parts = DayThenMonth()) return parts;
    at_ = saved;
    if (auto parts = MonthThenDay()) return parts;
    at_ = saved;
    return std::nullopt;
  }
  std::optional<DateValue> Numbered() {
    const auto parts = Calendar();
    const auto day = parts ? CalendarDay(*parts) : std::nullopt;
    if (!day) return std::nullopt;
    return Day(*day);
  }

  std::optional<Parts> DayThenMonth() {
    const bool on = Take({"on"});
    const bool the = Take({"the"});
    Parts parts;
    if (auto ordinal = OrdinalAt(words_, at_)) {
      parts.day = ordinal->value;
      at_ += ordinal->length;
      const std::size_t after_day = at_;
      Take({"of"});
      parts.month = MonthOf(Word());
      if (parts.month != 0) return ++at_, Year(parts);
      at_ = after_day;
      return BareOrdinal(parts, on, the, words_[at_ - 1]);
    }
    const auto cardinal = CardinalAt(words_, at_);
    if (!cardinal || cardinal->value < 1 || cardinal->value > 31) return std::nullopt;
    at_ += cardinal->length;
    Take({"of"});
    parts.day = cardinal->value;
    parts.month = MonthOf(Word());
    if (parts.month == 0) return std::nullopt;
    return ++at_, Year(parts);
  }

  // "The fifth" is a day; "the second one", "the first available" and "just a second" are not.
  std::optional<Parts> BareOrdinal(const Parts& parts, bool on, bool the, std::string_view last) {
    if (OneOf(Word(), {"one", "available", "free", "slot", "time", "appointment", "opening",
                       "option", "of", "thing", "name", "letter"})) {
      return std::nullopt;
    }
    const bool digits = last[0] >= '0' && last[0] <= '9';
    if (!context_.bare_ordinal && !after_weekday_ && !on && parts.day <= 4) return std::nullopt;
    if (the || on || digits || after_weekday_ || parts.day > 4) return parts;
    return std::nullopt;
  }

  std::optional<Parts> MonthThenDay() {
    Take({"on"});
    Parts parts;
    parts.month = MonthOf(Word());
    if (parts.month == 0) return std::nullopt;
    ++at_;
    Take({"the"});
    auto number = OrdinalAt(words_, at_);
    if (!number) number = CardinalAt(words_, at_);
    if (!number || number->value < 1 || number->value > 31) return std::nullopt;
    parts.day = number->value;
    at_ += number->length;
    return Year(parts);
  }

  Parts Year(Parts parts) {
    const std::string word(Word());
    if (word.size() == 4 && word.starts_with("20") && word[2] >= '0' && word[2] <= '9' &&
        word[3] >= '0' && word[3] <= '9') {
      parts.year = std::stoi(word);
      ++at_;
    } else if (word == "twenty") {
      const auto tail = CardinalAt(words_, at_ + 1);
      if (tail && tail->value >= 20 && tail->value <= 99) {
        parts.year = 2000 + tail->value;
        at_ += 1 + tail->length;
      }
    }
    return parts;
  }

  std::optional<sys_days> CalendarDay(const Parts& parts) const {
    if (parts.year != 0) return MakeDay(parts.year, parts.month, parts.day);
    if (parts.month != 0) return NextDate(context_.today, parts.month, parts.day);
    return NextDayOfMonth(context_.today, parts.day);
  }

  // "2026-03-05", "3/5", "3/5/26"
  std::optional<DateValue> Numeric() {
    const std::string word(Word());
    int a = 0;
    int b = 0;
    int c = 0;
    int used = 0;
    if (std::sscanf(word.c_str(), "%4d-%2d-%2d%n", &a, &b, &c, &used) == 3 &&
        used == static_cast<int>(word.size()) && a >= 2000) {
      const auto day = MakeDay(a, b, c);
      if (!day) return std::nullopt;
      return ++at_, Day(*day);
    }
    if (word.find('/') == std::string::npos) return std::nullopt;
    const int fields = std::sscanf(word.c_str(), "%2d/%2d%n/%4d%n", &a, &b, &used, &c, &used);
    if (fields < 2 || used != static_cast<int>(word.size())) return std::nullopt;
    const bool day_first = a > 12 || (context_.day_first && b <= 12);
    const Parts parts{day_first ? a : b, day_first ? b : a,
                      fields == 3 ? (c < 100 ? 2000 + c : c) : 0};
    if (parts.month < 1 || parts.month > 12) return std::nullopt;
    const auto day = CalendarDay(parts);
    if (!day) return std::nullopt;
    return ++at_, Day(*day);
  }

  const Words& words_;
  const std::size_t start_;
  std::size_t at_;
  const DateContext& context_;
  bool after_weekday_ = false;
};

}  // namespace

DateMatch DateAt(const Words& words, std::size_t at, const DateContext& context) {
  return Reader(words, at, context).Read();
}

}  // namespace dragoman::offline
