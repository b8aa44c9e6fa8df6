#include "dragoman/core/number_words.h"

#include <array>

namespace dragoman {
namespace {

struct Entry {
  std::string_view word;
  NumberWord number;
};
using Kind = NumberWordKind;

constexpr std::array<Entry, 35> kWords = {{
    {"zero", {Kind::kUnit, 0}},         {"oh", {Kind::kUnit, 0}},
    {"nought", {Kind::kUnit, 0}},       {"one", {Kind::kUnit, 1}},
    {"two", {Kind::kUnit, 2}},          {"three", {Kind::kUnit, 3}},
    {"four", {Kind::kUnit, 4}},         {"five", {Kind::kUnit, 5}},
    {"six", {Kind::kUnit, 6}},          {"seven", {Kind::kUnit, 7}},
    {"eight", {Kind::kUnit, 8}},        {"nine", {Kind::kUnit, 9}},
    {"niner", {Kind::kUnit, 9}},        {"ten", {Kind::kTeen, 10}},
    {"eleven", {Kind::kTeen, 11}},      {"twelve", {Kind::kTeen, 12}},
    {"thirteen", {Kind::kTeen, 13}},    {"fourteen", {Kind::kTeen, 14}},
    {"fifteen", {Kind::kTeen, 15}},     {"sixteen", {Kind::kTeen, 16}},
    {"seventeen", {Kind::kTeen, 17}},   {"eighteen", {Kind::kTeen, 18}},
    {"nineteen", {Kind::kTeen, 19}},    {"twenty", {Kind::kTens, 20}},
    {"thirty", {Kind::kTens, 30}},      {"forty", {Kind::kTens, 40}},
    {"fourty", {Kind::kTens, 40}},      {"fifty", {Kind::kTens, 50}},
    {"sixty", {Kind::kTens, 60}},       {"seventy", {Kind::kTens, 70}},
    {"eighty", {Kind::kTens, 80}},      {"ninety", {Kind::kTens, 90}},
    {"hundred", {Kind::kHundred, 100}}, {"thousand", {Kind::kThousand, 1000}},
    {"grand", {Kind::kThousand, 1000}},
}};

// One below a hundred at `at`; 0 words: there is none.
SpokenNumber Small(std::span<const std::string_view> words, std::size_t at) {
  if (at >= words.size()) return {};
  const std::optional<NumberWord> first = ReadNumberWord(words[at]);
  if (!first || first->value >= 100) return {};
  SpokenNumber number{.value = first->value, .words = 1};
  if (first->kind != Kind::kTens || at + 1 >= words.size()) return number;
  const std::optional<NumberWord> second = ReadNumberWord(words[at + 1]);
  if (second && second->kind == Kind::kUnit && second->value > 0) {
    number.value += second->value;
    number.words = 2;
  }
  return number;
}

bool Is(std::span<const std::string_view> words, std::size_t at, Kind kind) {
  if (at >= words.size()) return false;
  const std::optional<NumberWord> word = ReadNumberWord(words[at]);
  return word && word->kind == kind;
}

// Below a thousand at `at`, or "forty-five hundred".
SpokenNumber Hundreds(std::span<const std::string_view> words, std::size_t at) {
  SpokenNumber number = Small(words, at);
  if (number.words == 0 && at < words.size() && words[at] == "a" &&
      Is(words, at + 1, Kind::kHundred)) {
    number = {.value = 1, .words = 1};
  }
  if (number.words == 0 || number.value == 0 || !Is(words, at + number.words, Kind::kHundred))
    return number;
  number.value *= 100;
  ++number.words;
  const bool joined = at + number.words < words.size() && words[at + number.words] == "and";
  const SpokenNumber rest = Small(words, at + number.words + (joined ? 1 : 0));
  if (rest.words > 0) {
    number.value += rest.value;
    number.words += rest.words + (joined ? 1 : 0);
  }
  return number;
}

}  // namespace

std::optional<NumberWord> ReadNumberWord(std::string_view word) {
  for (const Entry& entry : kWords) {
    if (entry.word == word) return entry.number;
  }
  return std::nullopt;
}

std::optional<SpokenNumber> ReadNumber(std::span<const std::string_view> words) {
  SpokenNumber number = Hundreds(words, 0);
  if (number.words == 0 && !words.empty() && words[0] == "a" && Is(words, 1, Kind::kThousand))
    number = {.value = 1, .words = 1};
  if (number.words == 0) return std::nullopt;
  if (number.value == 0 || !Is(words, number.words, Kind::kThousand)) return number;
  number.value *= 1000;
  ++number.words;
  const bool joined = number.words < words.size() && words[number.words] == "and";
  const SpokenNumber rest = Hundreds(words, number.words + (joined ? 1 : 0));
  if (rest.words > 0 && rest.value < 1000) {
    number.value += rest.value;
    number.words += rest.words + (joined ? 1 : 0);
  }
  return number;
}

}  // namespace dragoman
