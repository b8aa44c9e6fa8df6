#include "src/store/spoken_forms.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "dragoman/core/number_words.h"
#include "dragoman/core/text.h"
#include "src/store/fold_text.h"

namespace dragoman::store {
namespace {

constexpr std::uint32_t kGap = 6;

struct Named {
  std::string_view name;
  char as;
};

// The NATO alphabet, and how letters are called.
constexpr Named kLetters[] = {
    {"alpha", 'a'},    {"alfa", 'a'},    {"bravo", 'b'},   {"charlie", 'c'}, {"delta", 'd'},
    {"echo", 'e'},     {"foxtrot", 'f'}, {"golf", 'g'},    {"hotel", 'h'},   {"india", 'i'},
    {"juliet", 'j'},   {"juliett", 'j'}, {"kilo", 'k'},    {"lima", 'l'},    {"mike", 'm'},
    {"november", 'n'}, {"oscar", 'o'},   {"papa", 'p'},    {"quebec", 'q'},  {"romeo", 'r'},
    {"sierra", 's'},   {"tango", 't'},   {"uniform", 'u'}, {"victor", 'v'},  {"whiskey", 'w'},
    {"whisky", 'w'},   {"xray", 'x'},    {"yankee", 'y'},  {"zulu", 'z'},    {"ay", 'a'},
    {"bee", 'b'},      {"cee", 'c'},     {"see", 'c'},     {"sea", 'c'},     {"dee", 'd'},
    {"ee", 'e'},       {"ef", 'f'},      {"eff", 'f'},     {"gee", 'g'},     {"aitch", 'h'},
    {"haitch", 'h'},   {"eye", 'i'},     {"jay", 'j'},     {"kay", 'k'},     {"el", 'l'},
    {"ell", 'l'},      {"em", 'm'},      {"en", 'n'},      {"pee", 'p'},     {"pea", 'p'},
    {"cue", 'q'},      {"queue", 'q'},   {"ar", 'r'},      {"ess", 's'},     {"tee", 't'},
    {"tea", 't'},      {"you", 'u'},     {"vee", 'v'},     {"ex", 'x'},      {"why", 'y'},
    {"wye", 'y'},      {"zee", 'z'},     {"zed", 'z'}};

constexpr Named kSoundAlike[] = {{"to", '2'},   {"too", '2'},  {"for", '4'},  {"fore", '4'},
                                 {"won", '1'},  {"wun", '1'},  {"ate", '8'},  {"o", '0'},
                                 {"tree", '3'}, {"fife", '5'}, {"sicks", '6'}};

// German, French, Spanish, Italian, Portuguese; folded, so without accents.
constexpr Named kForeignDigits[] = {
    {"null", '0'},   {"eins", '1'}, {"zwei", '2'},    {"zwo", '2'},    {"drei", '3'},
    {"vier", '4'},   {"funf", '5'}, {"fuenf", '5'},   {"sechs", '6'},  {"sieben", '7'},
    {"acht", '8'},   {"neun", '9'}, {"un", '1'},      {"deux", '2'},   {"trois", '3'},
    {"quatre", '4'}, {"cinq", '5'}, {"sept", '7'},    {"huit", '8'},   {"neuf", '9'},
    {"cero", '0'},   {"uno", '1'},  {"dos", '2'},     {"tres", '3'},   {"cuatro", '4'},
    {"cinco", '5'},  {"seis", '6'}, {"siete", '7'},   {"ocho", '8'},   {"nueve", '9'},
    {"due", '2'},    {"tre", '3'},  {"quattro", '4'}, {"cinque", '5'}, {"sei", '6'},
    {"sette", '7'},  {"otto", '8'}, {"nove", '9'},    {"um", '1'},     {"dois", '2'},
    {"quatro", '4'}, {"sete", '7'}, {"oito", '8'}};

template <std::size_t kSize>
std::optional<char> Look(const Named (&names)[kSize], std::string_view word) {
  for (const Named& named : names) {
    if (named.name == word) return named.as;
  }
  return std::nullopt;
}

bool AllDigits(std::string_view word) { return std::all_of(word.begin(), word.end(), IsDigit); }

int TimesOf(std::string_view word) {
  if (word == "double") return 2;
  if (word == "triple" || word == "treble") return 3;
  if (word == "quadruple") return 4;
  return 1;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : folded_(FoldWords(text)) {
    for (const FoldedWord& word : folded_) words_.push_back(word.text);
    constexpr std::array<std::string_view, kReadings> kForms = {
        "literal", "confusable", "mixed", "digits", "digits", "homophones", "digits", "spelled"};
    for (std::size_t i = 0; i < kReadings; ++i) {
      readings_[i].form = kForms[i];
      readings_[i].max_gap =
          i == kPairs || i == kSingles || i == kForeign || i == kSpelled ? kGap : 0;
    }
  }

  std::array<Reading, kReadings> Read() && {
    for (std::size_t at = 0; at < words_.size(); ++at) {
      ReadLiteral(at);
      ReadMixed(at);
      ReadPairs(at);
      ReadSingles(at);
      ReadOthers(at);
      ReadSpelled(at);
    }
    return std::move(readings_);
  }

 private:
  void Put(ReadingKind kind, char c, std::size_t first, std::size_t last) {
    readings_[kind].symbols.push_back({.c = c,
                                       .word = static_cast<std::uint32_t>(last),
                                       .begin = folded_[first].begin,
                                       .end = folded_[last].end});
  }

  void ReadLiteral(std::size_t at) {
    for (char c : words_[at]) {
      Put(kLiteral, c, at, at);
      Put(kConfusable, c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c, at, at);
    }
  }

  std::optional<SpokenNumber> NumberAt(std::size_t at) const {
    return ReadNumber(std::span(words_).subspan(at));
  }

  int Times(std::size_t at) const { return at == 0 ? 1 : TimesOf(words_[at - 1]); }

  void ReadMixed(std::size_t at) {
    if (at < mixed_until_) return;
    const auto number = words_[at] == "a" ? std::nullopt : NumberAt(at);
    if (!number) {
      for (char c : words_[at]) Put(kMixed, c, at, at);
      return;
    }
    mixed_until_ = at + number->words;
    for (char c : std::to_string(number->value)) Put(kMixed, c, at, mixed_until_ - 1);
  }

  // The digits in a word that is no number: "4th", "b4".
  void PutDigitsIn(ReadingKind kind, std::size_t at) {
    for (char c : words_[at]) {
      if (IsDigit(c)) {
        for (int n = Times(at); n > 0; --n) Put(kind, c, at, at);
      }
    }
  }

  void ReadPairs(std::size_t at) {
    if (at < pairs_until_) return;
    const auto number = words_[at] == "a" ? std::nullopt : NumberAt(at);
    if (!number) return PutDigitsIn(kPairs, at);
    pairs_until_ = at + number->words;
    for (int n = Times(at); n > 0; --n) {
      for (char c : std::to_string(number->value)) Put(kPairs, c, at, pairs_until_ - 1);
    }
  }

  void ReadSingles(std::size_t at) {
    const auto number = ReadNumberWord(words_[at]);
    if (!number) return PutDigitsIn(kSingles, at);
    std::string digits = std::to_string(number->value);
    if (number->value >= 100) digits.erase(0, 1);
    for (int n = Times(at); n > 0; --n) {
      for (char c : digits) Put(kSingles, c, at, at);
    }
  }

  void ReadOthers(std::size_t at) {
    const auto number = ReadNumberWord(words_[at]);
    std::optional<char> digit = Look(kSoundAlike, words_[at]);
    if (number && number->value < 10) digit = static_cast<char>('0' + number->value);
    for (int n = digit ? Times(at) : 0; n > 0; --n) Put(kHomophones, *digit, at, at);
    if (!digit) PutDigitsIn(kHomophones, at);
    const std::optional<char> foreign = Look(kForeignDigits, words_[at]);
    if (foreign) Put(kForeign, *foreign, at, at);
    if (!foreign && number && number->value < 10)
      Put(kForeign, static_cast<char>('0' + number->value), at, at);
    if (!foreign && !number) PutDigitsIn(kForeign, at);
  }

  // "b as in boy", "b for bravo": the word behind explains the letter.
  std::size_t Explanation(std::size_t at, char letter) const {
    const auto word = [&](std::size_t i) { return i < words_.size() ? words_[i] : ""; };
    const std::size_t last = word(at + 1) == "as" && word(at + 2) == "in"      ? at + 3
                             : word(at + 1) == "for" || word(at + 1) == "like" ? at + 2
                                                                               : at;
    return last > at && last < words_.size() && words_[last].front() == letter ? last + 1 : at + 1;
  }

  void ReadSpelled(std::size_t at) {
    if (at < spelled_until_) return;
    const std::string_view word = words_[at];
    if (word == "double" && at + 1 < words_.size() &&
        (words_[at + 1] == "u" || words_[at + 1] == "you")) {
      Put(kSpelled, 'w', at, at + 1);
      spelled_until_ = at + 2;
      return;
    }
    std::optional<char> letter = Look(kLetters, word);
    if (word.size() == 1 && !IsDigit(word[0])) letter = word[0];
    if (letter) {
      for (int n = Times(at); n > 0; --n) Put(kSpelled, *letter, at, at);
      spelled_until_ = Explanation(at, *letter);
      return;
    }
    if (word == "x" || (word == "ray" && at > 0 && words_[at - 1] == "x")) return;
    if (const auto number = NumberAt(at)) {
      for (int n = Times(at); n > 0; --n) {
        for (char c : std::to_string(number->value)) Put(kSpelled, c, at, at + number->words - 1);
      }
      spelled_until_ = at + number->words;
    } else if (std::any_of(word.begin(), word.end(), IsDigit)) {
      const int times = AllDigits(word) && word.size() == 1 ? Times(at) : 1;
      for (char c : word) {
        for (int n = times; n > 0; --n) Put(kSpelled, c, at, at);
      }
    }
  }

  const std::vector<FoldedWord> folded_;
  std::vector<std::string_view> words_;
  std::array<Reading, kReadings> readings_;
  std::size_t mixed_until_ = 0;
  std::size_t pairs_until_ = 0;
  std::size_t spelled_until_ = 0;
};

}  // namespace

std::array<Reading, kReadings> ReadAll(std::string_view text) { return Reader(text).Read(); }

}  // namespace dragoman::store
