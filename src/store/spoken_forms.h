// The symbols that a text spells, read in each way in which a listener might read it.
#ifndef DRAGOMAN_SRC_STORE_SPOKEN_FORMS_H_
#define DRAGOMAN_SRC_STORE_SPOKEN_FORMS_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace dragoman::store {

struct Symbol {
  char c = 0;               // [a-z0-9]
  std::uint32_t word = 0;   // its place among the words
  std::uint32_t begin = 0;  // bytes of the text
  std::uint32_t end = 0;
};

struct Reading {
  std::string_view form;      // a literal, for reports
  std::uint32_t max_gap = 0;  // words between two symbols that may be left out
  std::vector<Symbol> symbols;
};

enum ReadingKind : std::size_t {
  kLiteral,     // all letters and digits
  kConfusable,  // the same with o as 0, i and l as 1
  kMixed,       // the same with number words as digits
  kPairs,       // digits; "forty-five" is 45, "four hundred and six" 406
  kSingles,     // digits; "twenty five" is 205, "hundred" two zeros
  kHomophones,  // digits; "to", "for", "won", "ate" too
  kForeign,     // digits in five other languages
  kSpelled,     // letters by name or in the NATO alphabet, and digits
  kReadings
};

std::array<Reading, kReadings> ReadAll(std::string_view text);

}  // namespace dragoman::store

#endif  // DRAGOMAN_SRC_STORE_SPOKEN_FORMS_H_
