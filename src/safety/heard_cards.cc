#include "src/safety/heard_cards.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "dragoman/core/number_words.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::safety {
namespace {

constexpr std::size_t kShortestCard = 13;
constexpr std::size_t kLongestCard = 19;
constexpr std::size_t kMostGrowing = 6;  // digits of a number that is still being said
constexpr std::size_t kCodeWithin = 12;  // words behind the card, or the name of the code
constexpr std::string_view kCard = "[card number]";
constexpr std::string_view kCode = "[card code]";
constexpr std::string_view kNumber = "[number]";

struct Word {
  std::string text;  // lower case
  std::size_t begin = 0, end = 0;
};

struct Digit {
  char digit = '0';
  std::size_t word = 0;            // the last that it was said with
  std::size_t begin = 0, end = 0;  // of those words
};

// Digits that follow each other with nothing between but pauses and "and".
struct Run {
  std::vector<Digit> digits;
  std::size_t first_word = 0;
};

bool IsAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<signed char>(c) < 0;
}
bool AllDigits(std::string_view word) {
  return word.find_first_not_of("0123456789") == std::string_view::npos;
}

std::vector<Word> WordsIn(std::string_view text) {
  std::vector<Word> words;
  for (std::size_t at = 0; at < text.size();) {
    if (!IsAlnum(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && IsAlnum(text[end])) ++end;
    words.push_back({ToLowerAscii(text.substr(at, end - at)), at, end});
    at = end;
  }
  return words;
}

bool IsFiller(std::string_view word) {
  static constexpr std::array<std::string_view, 9> kFillers = {"and",  "then",  "um",    "uh", "er",
                                                               "dash", "space", "comma", "so"};
  return std::find(kFillers.begin(), kFillers.end(), word) != kFillers.end();
}

int TimesOf(std::string_view word) {
  if (word == "double") return 2;
  if (word == "triple" || word == "treble") return 3;
  return 1;
}

std::vector<Run> RunsIn(const std::vector<Word>& words) {
  std::vector<std::string_view> texts;
  for (const Word& word : words) texts.push_back(word.text);
  std::vector<Run> runs;
  bool open = false;
  int times = 1;
  for (std::size_t at = 0; at < words.size();) {
    std::string digits;
    std::size_t taken = 1;
    if (AllDigits(texts[at])) {
      digits = texts[at];
    } else if (texts[at] != "a") {
      if (const auto number = ReadNumber(std::span(texts).subspan(at))) {
        digits = std::to_string(number->value);
        taken = number->words;
      }
    }
    if (digits.empty()) {
      times = TimesOf(texts[at]);
      open = open && (times > 1 || IsFiller(texts[at]));
      ++at;
      continue;
    }
    if (!open) runs.push_back({.digits = {}, .first_word = at});
    open = true;
    const std::size_t last = at + taken - 1;
    for (; times > 0; --times) {
      for (const char digit : digits) {
        runs.back().digits.push_back({digit, last, words[at].begin, words[last].end});
      }
    }
    times = 1;
    at = last + 1;
  }
  return runs;
}

bool IsLuhnRight(std::span<const Digit> digits) {
  int sum = 0;
  bool twice = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    int value = digit->digit - '0';
    if (twice) value = value > 4 ? value * 2 - 9 : value * 2;
    sum += value;
    twice = !twice;
  }
  return sum % 10 == 0;
}

// How many digits at the beginning of a run are a card's number; 0: none. All of them, or those of
// the usual lengths when what follows can be a code, or a date and a code. (One number in ten is
// right by its last digit, so not every beginning is tried.)
std::size_t CardAt(std::span<const Digit> digits) {
  if (digits.empty() || std::string_view("23456").find(digits[0].digit) == std::string_view::npos)
    return 0;  // of the issuers' first digits
  const bool fits = digits.size() >= kShortestCard && digits.size() <= kLongestCard;
  if (fits && IsLuhnRight(digits)) return digits.size();
  for (const std::size_t size : {std::size_t{16}, std::size_t{15}}) {
    if (digits.size() >= size + 3 && IsLuhnRight(digits.first(size))) return size;
  }
  return 0;
}

bool NamesCode(const std::vector<Word>& words, std::size_t at) {
  const std::string& word = words[at].text;
  if (word == "cvv" || word == "cvc" || word == "cvv2" || word == "cvc2" || word == "cid")
    return true;
  const bool code =
      at + 1 < words.size() && (words[at + 1].text == "code" || words[at + 1].text == "number" ||
                                words[at + 1].text == "value");
  return code && (word == "security" || word == "verification");
}

struct Mask {
  std::size_t begin = 0, end = 0;  // of the whole
  std::string_view with;
};

std::vector<Mask> FindMasks(std::string_view whole, bool is_final) {
  const std::vector<Word> words = WordsIn(whole);
  std::vector<Mask> masks;
  std::size_t code_until = 0;  // words: up to where short digits are a code
  std::size_t named = 0;       // words that were looked at for the name of a code
  for (const Run& run : RunsIn(words)) {
    for (; named < run.first_word; ++named) {
      if (NamesCode(words, named)) code_until = named + kCodeWithin;
    }
    std::span<const Digit> rest = run.digits;
    if (const std::size_t size = CardAt(rest); size > 0) {
      masks.push_back({rest.front().begin, rest[size - 1].end, kCard});
      code_until = rest[size - 1].word + kCodeWithin;
      // A date, four digits, may stand between: then the code is what is behind it.
      std::span<const Digit> behind = rest.subspan(size);
      if (behind.size() > 4) behind = behind.subspan(4);
      // Written in one piece with the card it went with it.
      const bool apart = !behind.empty() && behind.front().begin >= masks.back().end;
      if (apart && behind.size() >= 3)
        masks.push_back({behind.front().begin, behind.back().end, kCode});
      continue;
    }
    if ((rest.size() == 3 || rest.size() == 4) && run.first_word <= code_until && code_until > 0) {
      masks.push_back({rest.front().begin, rest.back().end, kCode});
    } else if (!is_final && rest.size() > kMostGrowing) {
      masks.push_back({rest.front().begin, rest.back().end, kNumber});
    }
  }
  return masks;
}

}  // namespace

HeardText MaskCards(std::string_view before, std::string_view text, bool is_final) {
  HeardText heard{.text = std::string(text)};
  const std::string whole = StrCat(before, " ", text);
  const std::size_t from = before.size() + 1;
  std::vector<Mask> masks = FindMasks(whole, is_final);
  for (auto mask = masks.rbegin(); mask != masks.rend(); ++mask) {
    if (mask->end <= from) continue;
    // A number that is still growing is hidden, and may turn out to be nobody's secret.
    if (mask->with != kNumber) {
      heard.masked = true;
      heard.reaches_back = heard.reaches_back || mask->begin < from;
    }
    const std::size_t begin = std::max(mask->begin, from) - from;
    heard.text.replace(begin, mask->end - from - begin, mask->with);
  }
  return heard;
}

}  // namespace dragoman::safety
