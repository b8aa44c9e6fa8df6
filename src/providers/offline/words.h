// A caller's turn as words: lower case, without punctuation and fillers, as a recogniser or a
// keyboard delivers it.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_WORDS_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_WORDS_H_

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::offline {

using Words = std::vector<std::string>;

// "Um, 3pm on the 5th - Dr. Lane's" gives "3", "pm", "on", "the", "5th", "doctor", "lane's".
// Kept whole: "10:30", "3/4", "2026-03-05", "5th", "x-ray", "o'clock". Letters may come as "a.".
// At most 200 words; the rest of a longer turn is ignored.
Words WordsOf(std::string_view text);

bool OneOf(std::string_view word, std::initializer_list<std::string_view> words);

// Whether `phrase` stands at `at`.
bool PhraseAt(const Words& words, std::size_t at, std::initializer_list<std::string_view> phrase);
bool PhraseAt(const Words& words, std::size_t at, const Words& phrase);

struct Number {
  int value = 0;
  std::size_t length = 0;  // words
};
// 0 to 99 in words ("twenty one", "forty-five") or digits ("21").
std::optional<Number> CardinalAt(const Words& words, std::size_t at);
// Also what a recogniser makes of small numbers: "to", "too", "for", "won", "ate".
std::optional<Number> HeardCardinalAt(const Words& words, std::size_t at);
// 1 to 31: "twenty first", "third", "3rd".
std::optional<Number> OrdinalAt(const Words& words, std::size_t at);

// Digits one by one, "double five", "triple two", "oh": the digits from `at` on; empty: none.
struct DigitRun {
  std::string digits;
  std::size_t length = 0;  // words
};
DigitRun DigitsAt(const Words& words, std::size_t at);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_WORDS_H_
