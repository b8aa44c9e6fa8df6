// English numbers as they are spoken: "forty-five", "a hundred and twenty", "four thousand".
#ifndef DRAGOMAN_CORE_NUMBER_WORDS_H_
#define DRAGOMAN_CORE_NUMBER_WORDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dragoman/core/export.h"

namespace dragoman {

enum class NumberWordKind { kUnit, kTeen, kTens, kHundred, kThousand };
struct DRAGOMAN_EXPORT NumberWord {
  NumberWordKind kind = NumberWordKind::kUnit;
  int value = 0;  // 0 to 9, 10 to 19, 20 to 90, 100, 1000
};
// A lower-case word; none: it is no number. "oh" and "nought" are 0.
DRAGOMAN_EXPORT std::optional<NumberWord> ReadNumberWord(std::string_view word);

struct DRAGOMAN_EXPORT SpokenNumber {
  std::int64_t value = 0;
  std::size_t words = 0;  // how many of `words` it took
};
// The longest number at the start of `words` (lower case): a pair ("forty", "five"), or with
// hundreds and thousands in their order; "four five" is only 4. None: the first is no number, nor
// "a" before "hundred" or "thousand".
DRAGOMAN_EXPORT std::optional<SpokenNumber> ReadNumber(std::span<const std::string_view> words);

}  // namespace dragoman
#endif  // DRAGOMAN_CORE_NUMBER_WORDS_H_
