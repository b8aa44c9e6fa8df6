// How dates, times, names and numbers are said.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_WORDING_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_WORDING_H_

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::offline {

std::string_view WeekdayName(int monday_first);                // 0 is "Monday"
std::string_view MonthName(unsigned month);                    // 1 is "January"
std::string NumberWord(int number);                            // 0 to 99: "forty five"
std::string OrdinalWord(int number);                           // 1 to 31: "twenty first"
std::string SpokenDate(std::chrono::year_month_day day);       // "Thursday the fifth of March"
std::string SpokenClock(std::chrono::minutes after_midnight);  // "ten thirty", "nine o'clock"
std::string SpokenTime(std::chrono::minutes after_midnight);  // "ten thirty in the morning", "noon"
std::string SpelledOut(std::string_view name);      // the last word of it: "Eva Kim, K, I, M"
std::string SpokenDigits(std::string_view digits);  // "five five, one two"
std::string SpokenList(const std::vector<std::string>& items, std::string_view conjunction);
std::string TitleCase(std::string_view name);  // "anna o'neil" as "Anna O'Neil"

// Replaces {placeholder}; unknown ones stay, so that a mistake is heard in the first test.
std::string Fill(std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_WORDING_H_
