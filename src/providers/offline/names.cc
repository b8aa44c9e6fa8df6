#include "src/providers/offline/names.h"

#include <algorithm>
#include <map>
#include <optional>

namespace dragoman::offline {
namespace {

// What a recogniser writes for the names of letters. Those that are plain words too count only
// beside a letter that is none.
char LetterOf(std::string_view word, bool* certain) {
  *certain = true;
  if (word.size() == 1 && word[0] >= 'a' && word[0] <= 'z') return word[0];
  static const auto* nato = new std::map<std::string_view, char>{
      {"alpha", 'a'},    {"alfa", 'a'},    {"bravo", 'b'},   {"charlie", 'c'}, {"delta", 'd'},
      {"echo", 'e'},     {"foxtrot", 'f'}, {"golf", 'g'},    {"hotel", 'h'},   {"india", 'i'},
      {"juliet", 'j'},   {"juliett", 'j'}, {"kilo", 'k'},    {"lima", 'l'},    {"mike", 'm'},
      {"november", 'n'}, {"oscar", 'o'},   {"papa", 'p'},    {"quebec", 'q'},  {"romeo", 'r'},
      {"sierra", 's'},   {"tango", 't'},   {"uniform", 'u'}, {"victor", 'v'},  {"whiskey", 'w'},
      {"whisky", 'w'},   {"x-ray", 'x'},   {"xray", 'x'},    {"yankee", 'y'},  {"zulu", 'z'}};
  if (auto it = nato->find(word); it != nato->end()) return it->second;
  static const auto* spoken = new std::map<std::string_view, char>{
      {"ay", 'a'},  {"bee", 'b'}, {"cee", 'c'}, {"dee", 'd'},   {"ee", 'e'},
      {"eff", 'f'}, {"gee", 'g'}, {"jee", 'g'}, {"aitch", 'h'}, {"jay", 'j'},
      {"kay", 'k'}, {"el", 'l'},  {"ell", 'l'}, {"em", 'm'},    {"en", 'n'},
      {"pee", 'p'}, {"cue", 'q'}, {"ar", 'r'},  {"ess", 's'},   {"tee", 't'},
      {"vee", 'v'}, {"ex", 'x'},  {"wye", 'y'}, {"zee", 'z'},   {"zed", 'z'}};
  if (auto it = spoken->find(word); it != spoken->end()) return it->second;
  static const auto* ambiguous = new std::map<std::string_view, char>{
      {"be", 'b'},  {"see", 'c'}, {"sea", 'c'}, {"eye", 'i'}, {"oh", 'o'},    {"are", 'r'},
      {"our", 'r'}, {"tea", 't'}, {"you", 'u'}, {"why", 'y'}, {"queue", 'q'}, {"pea", 'p'},
      {"an", 'n'},  {"in", 'n'},  {"and", 'n'}, {"age", 'h'}, {"okay", 'k'},  {"hey", 'a'}};
  *certain = false;
  if (auto it = ambiguous->find(word); it != ambiguous->end()) return it->second;
  return '\0';
}

struct Item {
  std::string text;  // letters or a mark
  std::size_t length = 0;
  bool certain = true;
};

// "as in apple", "for apple", "like apple": the word decides, it is heard better than the letter.
std::size_t ExampleAt(const Words& words, std::size_t at, char* letter) {
  std::size_t next = at;
  if (PhraseAt(words, at, {"as", "in"})) {
    next = at + 2;
  } else if (at < words.size() && OneOf(words[at], {"like", "for", "from"})) {
    next = at + 1;
  } else {
    return 0;
  }
  if (next >= words.size() || words[next].size() < 2) return 0;
  const char initial = words[next][0];
  if (initial < 'a' || initial > 'z') return 0;
  if (next == at + 1 && initial != *letter) return 0;
  *letter = initial;
  return next + 1 - at;
}

std::optional<Item> ItemAt(const Words& words, std::size_t at) {
  if (at >= words.size()) return std::nullopt;
  if (OneOf(words[at], {"hyphen", "dash"})) return Item{"-", 1, true};
  if (words[at] == "apostrophe") return Item{"'", 1, true};
  if (words[at] == "space") return Item{" ", 1, true};
  std::size_t times = 1;
  std::size_t next = at;
  if (words[at] == "double") times = 2, ++next;
  if (words[at] == "triple") times = 3, ++next;
  if (OneOf(words[at], {"capital", "uppercase"})) ++next;
  if (next >= words.size()) return std::nullopt;
  Item item;
  if (words[at] == "double" && OneOf(words[next], {"u", "you"})) return Item{"w", 2, true};
  char letter = LetterOf(words[next], &item.certain);
  if (letter == '\0') return std::nullopt;
  ++next;
  if (const std::size_t example = ExampleAt(words, next, &letter)) {
    item.certain = true;
    next += example;
  }
  item.text.assign(times, letter);
  item.length = next - at;
  return item;
}

// Words that end a name or never are one.
bool IsNoName(std::string_view word) {
  return OneOf(
      word, {"yes",      "no",     "yeah",     "yep",         "nope",     "please",    "thanks",
             "thank",    "okay",   "sure",     "right",       "wrong",    "correct",   "sorry",
             "actually", "wait",   "hello",    "hi",          "i",        "i'd",       "i'll",
             "i'm",      "you",    "we",       "they",        "he",       "she",       "it",
             "it's",     "that",   "that's",   "this",        "the",      "a",         "an",
             "my",       "your",   "to",       "for",         "on",       "at",        "in",
             "with",     "from",   "of",       "and",         "or",       "but",       "not",
             "don't",    "do",     "can",      "could",       "would",    "want",      "need",
             "like",     "book",   "cancel",   "change",      "make",     "have",      "is",
             "are",      "was",    "be",       "what",        "when",     "where",     "who",
             "how",      "why",    "which",    "appointment", "doctor",   "time",      "day",
             "date",     "name",   "spelled",  "spelt",       "spelling", "spell",     "letter",
             "letters",  "number", "call",     "speak",       "talk",     "person",    "human",
             "goodbye",  "bye",    "again",    "repeat",      "first",    "last",      "surname",
             "o'clock",  "am",     "pm",       "today",       "tomorrow", "morning",   "afternoon",
             "evening",  "next",   "week",     "one",         "two",      "three",     "four",
             "five",     "six",    "seven",    "eight",       "nine",     "ten",       "eleven",
             "twelve",   "half",   "quarter",  "noon",        "monday",   "tuesday",   "wednesday",
             "thursday", "friday", "saturday", "sunday",      "hold",     "moment",    "second",
             "just",     "know",   "mean",     "meant",       "then",     "there",     "here",
             "if",       "so",     "well",     "hang",        "some",     "something", "anything",
             "nothing",  "any",    "me",       "us",          "him",      "her",       "go",
             "going",    "get",    "got",      "see",         "come",     "let",       "let's",
             "hear",     "double", "triple",   "capital",     "as",       "what's",    "who's",
             "can't",    "cannot", "isn't",    "has",         "did",      "does",      "will",
             "would",    "should", "maybe",    "mind",        "wrong",    "course"});
}

char KeyOf(char letter) {
  static constexpr std::string_view kKeys = "22233344455566677778889999";
  return letter >= 'a' && letter <= 'z' ? kKeys[static_cast<std::size_t>(letter - 'a')] : '\0';
}

// Key and place: "21" is the first letter of key 2. Empty: the digits are no such pairs.
std::string Paired(std::string_view digits) {
  static constexpr std::string_view kLetters[] = {"abc", "def",  "ghi", "jkl",
                                                  "mno", "pqrs", "tuv", "wxyz"};
  if (digits.empty() || digits.size() % 2 != 0) return "";
  std::string name;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    if (digits[i] < '2' || digits[i] > '9') return "";
    const std::string_view letters = kLetters[digits[i] - '2'];
    const auto place = static_cast<std::size_t>(digits[i + 1] - '1');
    if (digits[i + 1] < '1' || place >= letters.size()) return "";
    name += letters[place];
  }
  return name;
}

}  // namespace

Spelling SpellingAt(const Words& words, std::size_t at) {
  Spelling spelling;
  std::size_t letters = 0;
  std::size_t certain = 0;
  std::size_t i = at;
  std::string part;  // since the last space
  const auto close_part = [&] {
    if (part.empty()) return;
    if (!spelling.name.empty()) spelling.name += ' ';
    spelling.name += part;
    part.clear();
  };
  while (auto item = ItemAt(words, i)) {
    // "And", "an", "in" join letters more often than they are one: "k i m and then".
    if (!item->certain && OneOf(words[i], {"and", "an", "in", "are", "you", "be"}) &&
        !ItemAt(words, i + item->length)) {
      break;
    }
    i += item->length;
    ++spelling.items;
    if (item->text == " ") {
      close_part();
      continue;
    }
    part += item->text;
    letters += item->text.size();
    if (item->certain) ++certain;
  }
  close_part();
  spelling.length = i - at;
  spelling.certain = certain * 2 >= spelling.items;
  while (!spelling.name.empty() && (spelling.name.back() == '-' || spelling.name.back() == '\'')) {
    spelling.name.pop_back();
  }
  if (letters < 2 || certain == 0) return {};
  return spelling;
}

Words NameWordsAt(const Words& words, std::size_t at, std::size_t most) {
  Words name;
  for (std::size_t i = at; i < words.size() && name.size() < most; ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || IsNoName(word)) break;
    if (word.find_first_of("0123456789:/") != std::string::npos) break;
    name.push_back(word);
  }
  return name;
}

std::vector<std::string> KeyedNames(std::string_view digits,
                                    const std::vector<std::string>& known_names) {
  if (digits.size() < 2 || digits.size() > 80) return {};
  std::vector<std::string> names;
  if (digits.find_first_of("01") == std::string_view::npos) {
    for (const std::string& name : known_names) {
      if (name.size() == digits.size() &&
          std::equal(name.begin(), name.end(), digits.begin(),
                     [](char letter, char digit) { return KeyOf(letter) == digit; })) {
        names.push_back(name);
      }
    }
  }
  if (const std::string paired = Paired(digits); paired.size() >= 2) {
    // With a 1 in it nothing else is meant; without one a listed name is likelier.
    names.push_back(paired);
  }
  return names;
}

}  // namespace dragoman::offline
