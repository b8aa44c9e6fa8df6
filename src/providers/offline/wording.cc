#include "src/providers/offline/wording.h"

#include <array>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::offline {
namespace {

constexpr std::array<std::string_view, 20> kSmall = {
    "zero",     "one",     "two",     "three",     "four",     "five",    "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 10> kTens = {
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::array<std::string_view, 20> kSmallOrdinals = {
    "zeroth",     "first",     "second",    "third",       "fourth",     "fifth",     "sixth",
    "seventh",    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",   "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"};

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::string_view WeekdayName(int monday_first) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  return kNames[static_cast<size_t>(monday_first) % 7];
}

std::string_view MonthName(unsigned month) {
  static constexpr std::array<std::string_view, 12> kNames = {
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  return kNames[(month + 11) % 12];
}

std::string NumberWord(int number) {
  if (number < 0 || number > 99) return std::to_string(number);
  if (number < 20) return std::string(kSmall[static_cast<size_t>(number)]);
  std::string word(kTens[static_cast<size_t>(number / 10)]);
  if (number % 10 != 0) word += StrCat(" ", kSmall[static_cast<size_t>(number % 10)]);
  return word;
}

std::string OrdinalWord(int number) {
  if (number < 0 || number > 39) return std::to_string(number);
  if (number < 20) return std::string(kSmallOrdinals[static_cast<size_t>(number)]);
  if (number % 10 == 0) return number == 20 ? "twentieth" : "thirtieth";
  return StrCat(kTens[static_cast<size_t>(number / 10)], " ",
                kSmallOrdinals[static_cast<size_t>(number % 10)]);
}

std::string SpokenDate(std::chrono::year_month_day day) {
  const auto weekday = std::chrono::weekday(std::chrono::sys_days(day)).iso_encoding();
  return StrCat(WeekdayName(static_cast<int>(weekday) - 1), " the ",
                OrdinalWord(static_cast<int>(static_cast<unsigned>(day.day()))), " of ",
                MonthName(static_cast<unsigned>(day.month())));
}

std::string SpokenClock(std::chrono::minutes after_midnight) {
  const auto total = static_cast<int>(after_midnight.count());
  const int hour = total / 60 % 12 == 0 ? 12 : total / 60 % 12;
  const int minute = total % 60;
  if (minute == 0) return NumberWord(hour) + " o'clock";
  return StrCat(NumberWord(hour), minute < 10 ? " oh " : " ", NumberWord(minute));
}

std::string SpokenTime(std::chrono::minutes after_midnight) {
  const auto total = after_midnight.count();
  if (total == 12 * 60) return "noon";
  std::string clock = SpokenClock(after_midnight);
  if (clock.ends_with(" o'clock")) clock.resize(clock.size() - 8);
  const char* part = total < 12 * 60   ? " in the morning"
                     : total < 18 * 60 ? " in the afternoon"
                                       : " in the evening";
  return clock + part;
}

std::string SpelledOut(std::string_view name) {
  std::string text = TitleCase(name);
  const size_t last_word = name.rfind(' ');
  for (char c : last_word == std::string_view::npos ? name : name.substr(last_word + 1)) {
    if (c == '\'') {
      text += ", apostrophe";
    } else if (c == '-') {
      text += ", hyphen";
    } else {
      text += StrCat(", ", Upper(c));
    }
  }
  return text;
}

std::string SpokenDigits(std::string_view digits) {
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    // Groups of three, the last group of up to four, as people say numbers.
    if (i > 0) text += i % 3 == 0 && digits.size() - i > 1 ? ", " : " ";
    text += NumberWord(digits[i] - '0');
  }
  return text;
}

std::string SpokenList(const std::vector<std::string>& items, std::string_view conjunction) {
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0)
      text += i + 1 < items.size() ? ", " : StrCat(items.size() > 2 ? ", " : " ", conjunction, " ");
    text += items[i];
  }
  return text;
}

std::string TitleCase(std::string_view name) {
  std::string text = ToLowerAscii(name);
  bool start = true;
  for (char& c : text) {
    if (start) c = Upper(c);
    start = c == ' ' || c == '-' || c == '\'';
  }
  return text;
}

std::string Fill(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string filled;
  while (!text.empty()) {
    const size_t open = text.find('{');
    const size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    filled += text.substr(0, open);
    auto value = values.find(std::string(text.substr(open + 1, close - open - 1)));
    filled +=
        value == values.end() ? std::string(text.substr(open, close - open + 1)) : value->second;
    text.remove_prefix(close + 1);
  }
  return filled += text;
}

}  // namespace dragoman::offline
