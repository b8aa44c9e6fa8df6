#include "src/providers/offline/times.h"

#include <algorithm>
#include <optional>
#include <string>

namespace dragoman::offline {
namespace {

constexpr minutes kNoon{12 * 60};
constexpr minutes kMorningStart{6 * 60};
constexpr minutes kAfternoonEnd{18 * 60};
constexpr minutes kEveningStart{17 * 60};
constexpr minutes kEveningEnd{22 * 60};
constexpr minutes kDayEnd{24 * 60};

enum class Half { kOpen, kMorning, kAfternoon };

class Reader {
 public:
  Reader(const Words& words, std::size_t at, bool bare_hour)
      : words_(words), start_(at), at_(at), bare_hour_(bare_hour) {}

  TimeMatch Read() {
    std::optional<TimeValue> value = Range();
    if (!value) at_ = start_, value = Point();
    if (!value) at_ = start_, value = PartOfDay();
    if (!value) return {};
    return {*value, at_ - start_};
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
  bool TakeOneOf(std::initializer_list<std::string_view> words) {
    if (!OneOf(Word(), words)) return false;
    ++at_;
    return true;
  }

  // "after three", "before noon", "between two and four", "from two to four"
  std::optional<TimeValue> Range() {
    const bool between = Take({"between"});
    if (between || Take({"from"})) {
      auto from = Point(true);
      if (!from || !TakeOneOf({"and", "to", "till", "until"})) return std::nullopt;
      auto to = Point(true);
      if (!to) return std::nullopt;
      return Between(*from, *to);
    }
    const bool not_before = Take({"not", "before"}) || Take({"no", "earlier", "than"});
    const bool after = not_before || Take({"after"}) || Take({"from"}) ||
                       Take({"any", "time", "after"}) || Take({"anytime", "after"}) ||
                       Take({"later", "than"});
    if (after) {
      if (TakeOneOf({"work"})) return Span(kEveningStart, kDayEnd);
      if (TakeOneOf({"lunch"})) return Span(minutes(13 * 60), kAfternoonEnd);
      auto from = Point(true);
      if (!from) return std::nullopt;
      return Span(Likely(*from), kDayEnd);
    }
    if (Take({"before"}) || Take({"any", "time", "before"}) || Take({"earlier", "than"}) ||
        Take({"not", "later", "than"}) || Take({"by"})) {
      if (TakeOneOf({"lunch"})) return Span(kMorningStart, kNoon);
      auto to = Point(true);
      if (!to) return std::nullopt;
      return Span(minutes(0), Likely(*to));
    }
    return std::nullopt;
  }

  static TimeValue Span(minutes from, minutes to) { return {.from = from, .to = to}; }

  // The half of the day that people mean on the phone: 7 to 11 before noon, the rest after it.
  static minutes Likely(const TimeValue& time) {
    return time.half_day_open && time.from < minutes(7 * 60) ? time.from + kNoon : time.from;
  }

  static std::optional<TimeValue> Between(const TimeValue& from, const TimeValue& to) {
    minutes first = Likely(from);
    minutes last = Likely(to);
    // "Between two and four p.m.": both are.
    if (from.half_day_open && !to.half_day_open && from.from + kNoon < last && first < kNoon) {
      first = from.from + kNoon;
    }
    if (last <= first) last += kNoon;
    if (last <= first || last > kDayEnd) return std::nullopt;
    return Span(first, last);
  }

  std::optional<TimeValue> Point(bool bare = false) {
    bool cue = bare || bare_hour_;
    if (TakeOneOf({"at", "around", "about", "by", "say"})) {
      cue = true;
      TakeOneOf({"around", "about"});
    }
    if (Take({"twelve", "noon"}) || Take({"12", "noon"}) || TakeOneOf({"noon", "midday"})) {
      return Exact(kNoon);
    }
    Take({"exactly"});
    const std::size_t begin = at_;
    for (auto read : {&Reader::Colon, &Reader::HalfHour, &Reader::Quarter, &Reader::MinutesAround,
                      &Reader::HourMinute}) {
      at_ = begin;
      if (auto time = (this->*read)(cue)) return WithHalf(*time);
    }
    at_ = begin;
    return BareHour(cue);
  }

  static TimeValue Exact(minutes at) { return {.from = at, .to = at}; }
  // An hour from 1 to 12 does not tell the half of the day; kept as 0:00 to 11:59.
  static std::optional<TimeValue> Clock(int hour, int minute) {
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
    const bool open = hour >= 1 && hour <= 12;
    TimeValue time = Exact(minutes((open ? hour % 12 : hour) * 60 + minute));
    time.half_day_open = open;
    return time;
  }

  std::optional<Number> Hour(bool cue, int most = 12) {
    auto hour = cue ? HeardCardinalAt(words_, at_) : CardinalAt(words_, at_);
    if (!hour || hour->value > most || (hour->value == 0 && most == 12)) return std::nullopt;
    at_ += hour->length;
    return hour;
  }

  // "10:30", "1030" after a cue
  std::optional<TimeValue> Colon(bool cue) {
    const std::string word(Word());
    const std::size_t colon = word.find(':');
    std::string hour;
    std::string minute;
    if (colon != std::string::npos && colon >= 1 && colon <= 2 && word.size() == colon + 3) {
      hour = word.substr(0, colon);
      minute = word.substr(colon + 1);
    } else if (cue && (word.size() == 3 || word.size() == 4) &&
               word.find_first_not_of("0123456789") == std::string::npos) {
      hour = word.substr(0, word.size() - 2);
      minute = word.substr(word.size() - 2);
    } else {
      return std::nullopt;
    }
    if (minute.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    ++at_;
    auto time = Clock(std::stoi(hour), std::stoi(minute));
    if (time && hour.size() == 2 && hour[0] == '0') time->half_day_open = false;
    return time;
  }

  // "half past ten", "half ten"
  std::optional<TimeValue> HalfHour(bool) {
    if (!Take({"half", "past"}) && !Take({"half", "after"}) && !Take({"half"})) return std::nullopt;
    auto hour = Hour(words_[at_ - 1] != "half");
    if (!hour) return std::nullopt;
    return Clock(hour->value, 30);
  }

  std::optional<TimeValue> Quarter(bool) {
    Take({"a"});
    if (!Take({"quarter"})) return std::nullopt;
    return Around(15);
  }

  // "ten past two", "twenty minutes to four"
  std::optional<TimeValue> MinutesAround(bool) {
    auto count = CardinalAt(words_, at_);
    if (!count || count->value < 1 || count->value > 30) return std::nullopt;
    at_ += count->length;
    TakeOneOf({"minutes", "minute"});
    return Around(count->value);
  }

  std::optional<TimeValue> Around(int distance) {
    const bool past = TakeOneOf({"past", "after"});
    if (!past && !TakeOneOf({"to", "two", "too", "of", "till", "til", "before"})) {
      return std::nullopt;
    }
    if (TakeOneOf({"noon"})) return Exact(kNoon + minutes(past ? distance : -distance));
    auto hour = Hour(true);
    if (!hour) return std::nullopt;
    if (past) return Clock(hour->value, distance);
    return Clock(hour->value == 1 ? 12 : hour->value - 1, 60 - distance);
  }

  // "ten thirty", "ten oh five", "fourteen hundred", "ten o'clock", "3 pm"
  std::optional<TimeValue> HourMinute(bool cue) {
    const bool heard = !CardinalAt(words_, at_) && HeardCardinalAt(words_, at_);
    auto hour = Hour(true, 23);
    if (!hour) return std::nullopt;
    if (TakeOneOf({"o'clock", "oclock"}) || Take({"o", "clock"})) return Clock(hour->value, 0);
    if (heard) return HeardHour(hour->value, cue);
    if (TakeOneOf({"hundred"})) return hour->value > 12 ? Clock(hour->value, 0) : std::nullopt;
    if (HalfAhead() != Half::kOpen) return Clock(hour->value, 0);
    if (TakeOneOf({"oh", "o", "zero"})) {
      auto minute = HeardCardinalAt(words_, at_);
      if (!minute || minute->value > 9) return std::nullopt;
      at_ += minute->length;
      return Clock(hour->value, minute->value);
    }
    auto minute = CardinalAt(words_, at_);
    if (!minute || minute->value < 10 || minute->value > 59) return std::nullopt;
    // "Ten eleven" are two hours rather than a time.
    if (OneOf(Word(), {"eleven", "twelve"})) return std::nullopt;
    at_ += minute->length;
    return Clock(hour->value, minute->value);
  }

  // "At to thirty", "for fifteen p m" are hours that a recogniser misheard; in "to ten thirty" and
  // "for twenty past two" the word is what it seems.
  std::optional<TimeValue> HeardHour(int hour, bool cue) {
    if (OneOf(Word(), {"am", "pm"})) return Clock(hour, 0);
    auto minute = CardinalAt(words_, at_);
    if (!minute || minute->value < 13 || minute->value > 59) return std::nullopt;
    at_ += minute->length;
    if (!cue && start_ > 0) return std::nullopt;
    if (CardinalAt(words_, at_)) return std::nullopt;
    if (OneOf(Word(), {"past", "after", "to", "of", "minutes", "till"})) return std::nullopt;
    return Clock(hour, minute->value);
  }

  std::optional<TimeValue> BareHour(bool cue) {
    if (!cue) return std::nullopt;
    // "The first one", "that one" point at an offer.
    if (Word() == "one" && at_ > 0 && PointsAtOne(words_[at_ - 1])) return std::nullopt;
    const bool said_at = at_ > start_ && words_[at_ - 1] == "at";
    auto hour = said_at ? HeardCardinalAt(words_, at_) : CardinalAt(words_, at_);
    if (!hour || hour->value > 23 || hour->value == 0) return std::nullopt;
    at_ += hour->length;
    // "At two different times", "ten minutes", "three of us" are no hours.
    if (OneOf(Word(), {"minutes", "minute",    "days",      "day",    "weeks", "week",    "months",
                       "month",   "years",     "year",      "people", "of",    "times",   "hours",
                       "hour",    "different", "questions", "things", "kids",  "children"})) {
      return std::nullopt;
    }
    return Clock(hour->value, 0);
  }

  static bool PointsAtOne(std::string_view word) {
    return OneOf(word, {"first", "second", "third", "last", "earlier", "later", "that", "this",
                        "either", "the", "other", "which", "another", "earliest", "latest"});
  }

  // What follows the clock, without taking it.
  Half HalfAhead() const {
    if (OneOf(Word(), {"am"})) return Half::kMorning;
    if (OneOf(Word(), {"pm"})) return Half::kAfternoon;
    if (Word() == "a" && Word(1) == "m") return Half::kMorning;
    if (Word() == "p" && Word(1) == "m") return Half::kAfternoon;
    if (Word() == "in" && Word(1) == "the") {
      if (Word(2) == "morning") return Half::kMorning;
      if (OneOf(Word(2), {"afternoon", "evening"})) return Half::kAfternoon;
    }
    if (Word() == "at" && Word(1) == "night") return Half::kAfternoon;
    return Half::kOpen;
  }

  TimeValue WithHalf(TimeValue time) {
    TakeOneOf({"o'clock", "sharp", "exactly"});
    const Half half = HalfAhead();
    if (half == Half::kOpen) return time;
    at_ += OneOf(Word(), {"am", "pm"}) ? 1 : Word() == "in" ? 3 : 2;
    if (!time.half_day_open) return time;
    time.half_day_open = false;
    if (half == Half::kAfternoon) time.from += kNoon, time.to += kNoon;
    return time;
  }

  std::optional<TimeValue> PartOfDay() {
    if (start_ > 0 && OneOf(words_[start_ - 1], {"good"})) return std::nullopt;
    if (Take({"in", "the"}) || Take({"the"}) || Take({"this"})) {
    }
    enum { kWhole, kEarly, kLate } which = kWhole;
    if (Take({"early"}) || Take({"earlier"})) which = kEarly;
    if (which == kWhole && (Take({"late"}) || Take({"later"}))) which = kLate;
    Take({"in", "the"});
    TimeValue part;
    if (TakeOneOf({"morning", "mornings"})) {
      part = Span(kMorningStart, kNoon);
    } else if (TakeOneOf({"afternoon", "afternoons"})) {
      part = Span(kNoon, kAfternoonEnd);
    } else if (TakeOneOf({"evening", "evenings", "tonight"})) {
      part = Span(kEveningStart, kEveningEnd);
    } else if (TakeOneOf({"lunchtime"}) || Take({"lunch", "time"})) {
      return Span(kNoon, minutes(14 * 60));
    } else {
      return std::nullopt;
    }
    part.part_of_day = which == kWhole;
    const minutes third = (part.to - part.from) / 2;
    if (which == kEarly) part.to -= third;
    if (which == kLate) part.from += third;
    return part;
  }

  const Words& words_;
  const std::size_t start_;
  std::size_t at_;
  const bool bare_hour_;
};

}  // namespace

TimeMatch TimeAt(const Words& words, std::size_t at, bool bare_hour) {
  return Reader(words, at, bare_hour).Read();
}

}  // namespace dragoman::offline
