#include "src/providers/offline/words.h"

#include <algorithm>
#include <array>

#include "dragoman/core/text.h"

namespace dragoman::offline {
namespace {

constexpr std::size_t kMaxWords = 200;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }
bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

// Typographic quotes and dashes (U+2010 to U+201F) as their ASCII forms.
std::string Plain(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\xe2\x80") && i + 2 < text.size()) {
      const auto last = static_cast<unsigned char>(text[i + 2]);
      plain += last == 0x98 || last == 0x99 ? '\'' : ' ';
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return ToLowerAscii(plain);
}

// Dates and clock times keep what stands between their digits.
bool JoinsDigits(std::string_view text, std::size_t at) {
  const char c = text[at];
  return (c == ':' || c == '/' || c == '.' || c == '-') && at > 0 && at + 1 < text.size() &&
         IsDigit(text[at - 1]) && IsDigit(text[at + 1]);
}

bool IsFiller(std::string_view word) {
  return OneOf(word, {"um", "uh", "er", "erm", "uhm", "hm", "hmm", "mm", "ah", "eh"});
}

// "3pm" is two words, "5th" is one, "10.30" is a clock time, "1,000" does not occur.
void AddWord(std::string word, Words* words) {
  while (!word.empty() && (word.back() == '.' || word.back() == '\'')) word.pop_back();
  while (!word.empty() && (word.front() == '.' || word.front() == '\'')) word.erase(0, 1);
  if (word.empty()) return;
  std::size_t digits = 0;
  while (digits < word.size() &&
         (IsDigit(word[digits]) || word[digits] == ':' || word[digits] == '.')) {
    ++digits;
  }
  if (digits > 0 && digits < word.size()) {
    const std::string tail = word.substr(digits);
    if (OneOf(tail, {"am", "pm", "a.m", "p.m", "a", "p"})) {
      AddWord(word.substr(0, digits), words);
      words->push_back(tail[0] == 'a' ? "am" : "pm");
      return;
    }
  }
  if (word == "a.m") word = "am";
  if (word == "p.m") word = "pm";
  if (word == "dr") word = "doctor";
  if (word == "ok" || word == "o.k") word = "okay";
  if (digits == word.size()) std::replace(word.begin(), word.end(), '.', ':');
  if (!IsFiller(word)) words->push_back(std::move(word));
}

}  // namespace

Words WordsOf(std::string_view text) {
  const std::string plain = Plain(text);
  Words words;
  std::string word;
  const auto flush = [&] {
    if (!word.empty()) AddWord(std::move(word), &words);
    word.clear();
  };
  for (std::size_t i = 0; i < plain.size() && words.size() < kMaxWords; ++i) {
    const char c = plain[i];
    const bool x_ray = c == '-' && word == "x" && plain.compare(i, 4, "-ray") == 0;
    const bool dot = c == '.' && !word.empty() && IsLetter(word.back());
    if (IsLetter(c) || IsDigit(c) || c == '\'' || dot || x_ray || JoinsDigits(plain, i)) {
      word += c;
    } else if (c == '(') {
      while (i < plain.size() && plain[i] != ')') ++i;  // a pronunciation: "read(2)"
    } else {
      flush();
    }
  }
  flush();
  if (words.size() > kMaxWords) words.resize(kMaxWords);
  return words;
}

bool OneOf(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool PhraseAt(const Words& words, std::size_t at, std::initializer_list<std::string_view> phrase) {
  return at + phrase.size() <= words.size() &&
         std::equal(phrase.begin(), phrase.end(), words.begin() + static_cast<std::ptrdiff_t>(at));
}

bool PhraseAt(const Words& words, std::size_t at, const Words& phrase) {
  return at + phrase.size() <= words.size() &&
         std::equal(phrase.begin(), phrase.end(), words.begin() + static_cast<std::ptrdiff_t>(at));
}

namespace {

constexpr std::array<std::string_view, 20> kUnits = {
    "zero",     "one",     "two",     "three",     "four",     "five",    "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::array<std::string_view, 8> kTensFromTwenty = {
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::array<std::string_view, 20> kOrdinals = {
    "first",     "second",    "third",       "fourth",     "fifth",      "sixth",      "seventh",
    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",    "thirteenth", "fourteenth",
    "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"};

template <std::size_t N>
int IndexIn(const std::array<std::string_view, N>& names, std::string_view word) {
  const auto it = std::find(names.begin(), names.end(), word);
  return it == names.end() ? -1 : static_cast<int>(it - names.begin());
}

}  // namespace

std::optional<Number> CardinalAt(const Words& words, std::size_t at) {
  if (at >= words.size()) return std::nullopt;
  const std::string& word = words[at];
  if (AllDigits(word)) {
    if (word.size() > 2) return std::nullopt;
    return Number{std::stoi(word), 1};
  }
  if (const int unit = IndexIn(kUnits, word); unit >= 0) return Number{unit, 1};
  const int tens = IndexIn(kTensFromTwenty, word);
  if (tens < 0) return std::nullopt;
  const int unit = at + 1 < words.size() ? IndexIn(kUnits, words[at + 1]) : -1;
  if (unit >= 1 && unit <= 9) return Number{20 + tens * 10 + unit, 2};
  return Number{20 + tens * 10, 1};
}

std::optional<Number> HeardCardinalAt(const Words& words, std::size_t at) {
  if (auto number = CardinalAt(words, at)) return number;
  if (at >= words.size()) return std::nullopt;
  const std::string& word = words[at];
  if (OneOf(word, {"to", "too"})) return Number{2, 1};
  if (OneOf(word, {"for", "fore"})) return Number{4, 1};
  if (word == "won") return Number{1, 1};
  if (word == "ate") return Number{8, 1};
  return std::nullopt;
}

std::optional<Number> OrdinalAt(const Words& words, std::size_t at) {
  if (at >= words.size()) return std::nullopt;
  const std::string& word = words[at];
  if (word.size() >= 3 && word.size() <= 4 && AllDigits(word.substr(0, word.size() - 2)) &&
      OneOf(std::string_view(word).substr(word.size() - 2), {"st", "nd", "rd", "th"})) {
    const int value = std::stoi(word);
    if (value >= 1 && value <= 31) return Number{value, 1};
    return std::nullopt;
  }
  if (const int index = IndexIn(kOrdinals, word); index >= 0) return Number{index + 1, 1};
  if (word == "thirtieth") return Number{30, 1};
  if (word != "twenty" && word != "thirty") return std::nullopt;
  const int unit = at + 1 < words.size() ? IndexIn(kOrdinals, words[at + 1]) : -1;
  if (unit < 0 || unit > 8) return std::nullopt;
  const int value = (word == "twenty" ? 20 : 30) + unit + 1;
  if (value > 31) return std::nullopt;
  return Number{value, 2};
}

DigitRun DigitsAt(const Words& words, std::size_t at) {
  DigitRun run;
  std::size_t i = at;
  while (i < words.size()) {
    std::size_t times = 1;
    std::size_t next = i;
    if (words[i] == "double") times = 2, ++next;
    if (words[i] == "triple") times = 3, ++next;
    if (next >= words.size()) break;
    std::string digits;
    std::size_t used = 1;
    if (AllDigits(words[next])) {
      digits = words[next];
    } else if (OneOf(words[next], {"oh", "o"})) {
      digits = "0";
    } else if (auto number = HeardCardinalAt(words, next)) {
      // A homophone counts only among digits.
      if (!CardinalAt(words, next) && run.digits.empty()) break;
      digits = std::to_string(number->value);
      used = number->length;
    } else {
      break;
    }
    for (std::size_t k = 0; k < times; ++k) run.digits += digits;
    i = next + used;
  }
  run.length = i - at;
  return run;
}

}  // namespace dragoman::offline
