#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/text.h"
#include "dragoman/speech/turn_detector.h"

// The rules look at the end of the turn first: what the last word leaves open, then whether the
// words make an answer of a known kind (a yes, a date, a number). The lists are those of spoken
// English on the phone; a word that can end a sentence as well as continue it is left to the
// default.
namespace dragoman {
namespace {

using Words = std::vector<std::string>;

// Per mille, from "goes on for certain" to "done".
constexpr int kNothingSaid = 0;
constexpr int kHesitating = 50;
constexpr int kOpen = 100;
constexpr int kLikelyOpen = 300;
constexpr int kUnclear = 450;
constexpr int kPlain = 700;
constexpr int kLikelyDone = 850;
constexpr int kDone = 950;

constexpr std::string_view kHesitations[] = {"uh", "um", "uhm", "er", "erm", "hm", "eh", "ehm"};

// Nothing can end here.
constexpr std::string_view kArticlesAndPossessives[] = {"a",   "an",    "the", "my",    "your",
                                                        "our", "their", "his", "every", "its"};
constexpr std::string_view kConjunctions[] = {"and",     "but",     "or",       "because", "if",
                                              "unless",  "whereas", "although", "while",   "than",
                                              "whether", "plus",    "cause",    "maybe",   "like"};
constexpr std::string_view kPrepositions[] = {
    "to",   "for",     "with",  "at",     "of",   "from", "by",     "about",
    "into", "between", "until", "till",   "on",   "in",   "per",    "without",
    "past", "via",     "after", "before", "than", "near", "during", "as"};
constexpr std::string_view kSubjects[] = {"i", "we", "he", "she", "they", "who", "which"};
constexpr std::string_view kContractions[] = {
    "i'm",    "i'd",     "i'll", "i've",  "we're",   "we'd",  "we'll",  "we've", "it's",
    "that's", "there's", "he's", "she's", "they're", "let's", "what's", "name's"};
constexpr std::string_view kAuxiliaries[] = {
    "is",     "are",   "am",   "was", "were", "be",  "can",  "could", "would", "will",
    "should", "might", "must", "do",  "does", "did", "have", "has",   "had",   "may"};
// They want an object that has not come.
constexpr std::string_view kOpenVerbs[] = {
    "want",   "need",   "book",      "schedule", "reschedule", "make",  "called", "prefer",
    "wanted", "needed", "wondering", "spelled",  "get",        "reach", "bring",  "change"};

constexpr std::string_view kQuestionWords[] = {"what", "where", "who", "which",
                                               "when", "how",   "why"};
constexpr std::string_view kPronouns[] = {"i",  "you",  "he",   "she",  "it",
                                          "we", "they", "that", "this", "there"};
// Verb and particle: "can you come in", "please go on".
constexpr std::string_view kParticleVerbs[] = {"come", "go",   "log",  "sign",  "check",
                                               "hang", "call", "move", "carry", "drop",
                                               "hold", "fill", "moved"};

constexpr std::string_view kYesNo[] = {"yes",        "no",    "yeah",    "yep",     "yup",
                                       "nope",       "nah",   "correct", "exactly", "absolutely",
                                       "definitely", "sure",  "okay",    "ok",      "right",
                                       "perfect",    "great", "fine",    "alright", "never"};
// The whole turn.
constexpr std::string_view kWholeTurns[] = {"hello",        "hi",
                                            "goodbye",      "bye",
                                            "bye bye",      "thank you",
                                            "thanks",       "no thanks",
                                            "no thank you", "that's right",
                                            "that's it",    "that's all",
                                            "that's fine",  "of course",
                                            "i think so",   "i hope so",
                                            "i guess so",   "i do",
                                            "i am",         "i can",
                                            "i will",       "it is",
                                            "i don't know", "not sure",
                                            "i'm not sure", "that's correct",
                                            "go ahead",     "not yet",
                                            "you too",      "so do i",
                                            "sounds good",  "i did",
                                            "i have",       "i would",
                                            "nothing else", "speak to a person"};
// The speaker asks for time.
constexpr std::string_view kHolds[] = {
    "wait",          "hold on",  "hang on",    "one moment",       "one second",    "just a second",
    "just a moment", "a moment", "let me see", "let me think",     "let me check",  "let me look",
    "i mean",        "actually", "no wait",    "give me a second", "just a minute", "one sec"};
// "that's all I need": the object stands in front.
constexpr std::string_view kRelativeEnds[] = {"all i need",  "all i want",  "all i have",
                                              "what i need", "what i want", "what i have"};
constexpr std::string_view kClosers[] = {"please", "thanks", "then", "bye",   "goodbye", "instead",
                                         "anyway", "though", "too",  "right", "yet",     "already"};

constexpr std::string_view kDays[] = {
    "monday", "tuesday",  "wednesday", "thursday",  "friday",  "saturday",  "sunday",
    "today",  "tomorrow", "tonight",   "yesterday", "morning", "afternoon", "evening",
    "noon",   "midnight", "am",        "pm",        "a.m",     "p.m",       "o'clock",
    "week",   "weekend",  "month",     "year",      "mondays", "fridays",   "possible"};
constexpr std::string_view kMonths[] = {"january", "february", "march",   "april",
                                        "june",    "july",     "august",  "september",
                                        "october", "november", "december"};
constexpr std::string_view kOrdinals[] = {
    "first",     "second",    "third",       "fourth",     "fifth",      "sixth",      "seventh",
    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",    "thirteenth", "fourteenth",
    "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",  "thirtieth"};
constexpr std::string_view kDigits[] = {"zero", "oh",  "one",   "two",   "three", "four",
                                        "five", "six", "seven", "eight", "nine"};
constexpr std::string_view kNumbers[] = {"ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                         "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
                                         "twenty",  "thirty",  "forty",     "fifty",    "sixty",
                                         "seventy", "eighty",  "ninety",    "hundred",  "thousand"};
constexpr std::string_view kTensThatGoOn[] = {"twenty", "thirty"};

constexpr std::string_view kBackchannels[] = {
    "mm-hm",  "mm hm",   "mhm",     "mm",        "mmhm",  "mm-hmm",     "mm hmm",      "mhmm",
    "uh-huh", "uh huh",  "huh",     "right",     "okay",  "ok",         "yeah",        "i see",
    "got it", "gotcha",  "alright", "all right", "oh",    "ah",         "aha",         "wow",
    "sure",   "exactly", "really",  "true",      "go on", "understood", "makes sense", "cool"};

bool In(std::span<const std::string_view> list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Lower case; letters, digits and what stands inside words (it's, mm-hm, 10:30, a.m) only.
Words Split(std::string_view transcript) {
  Words words;
  for (std::string_view raw : SplitWords(transcript)) {
    std::string word;
    for (char c : ToLowerAscii(raw)) {
      const bool letter = (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
      const bool inner = (c == '\'' || c == '-' || c == ':' || c == '.') && !word.empty();
      if (letter || (c >= '0' && c <= '9') || inner) word += c;
    }
    while (!word.empty() && (word.back() == '.' || word.back() == '-' || word.back() == ':' ||
                             word.back() == '\'')) {
      word.pop_back();
    }
    if (!word.empty()) words.push_back(std::move(word));
  }
  return words;
}

std::string JoinFrom(const Words& words, size_t first) {
  std::string joined;
  for (size_t i = first; i < words.size(); ++i) {
    if (i > first) joined += ' ';
    joined += words[i];
  }
  return joined;
}

// True when the last words are one of `phrases`.
bool EndsWith(const Words& words, std::span<const std::string_view> phrases) {
  for (std::string_view phrase : phrases) {
    const auto length = static_cast<size_t>(1 + std::count(phrase.begin(), phrase.end(), ' '));
    if (length <= words.size() && JoinFrom(words, words.size() - length) == phrase) return true;
  }
  return false;
}

bool IsHesitation(std::string word) {
  word.erase(std::unique(word.begin(), word.end()), word.end());  // "ummm", "uhh"
  return In(kHesitations, word);
}

bool IsNumeral(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789-") == std::string_view::npos;
}
bool IsClockTime(std::string_view word) {
  return word.find(':') != std::string_view::npos && word[0] >= '0' && word[0] <= '9';
}
bool IsSpelledLetter(std::string_view word) {
  return word.size() == 1 && word[0] >= 'a' && word[0] <= 'z';
}

// Digits in the run that ends the turn: "five five five one two" is 5, "555 0123" is 7.
int TrailingDigits(const Words& words, size_t* run_words) {
  int digits = 0;
  size_t count = 0;
  for (auto word = words.rbegin(); word != words.rend(); ++word, ++count) {
    if (In(kDigits, *word)) {
      ++digits;
    } else if (IsNumeral(*word)) {
      digits += static_cast<int>(word->size() - std::count(word->begin(), word->end(), '-'));
    } else if (*word != "double" && *word != "triple") {
      break;
    }
  }
  *run_words = count;
  return digits;
}

bool IsNumber(std::string_view word) {
  return In(kDigits, word) || In(kNumbers, word) || IsNumeral(word);
}

// A run of digits: -1 when the turn does not end in one.
int RateDigits(const Words& words) {
  size_t run = 0;
  const int digits = TrailingDigits(words, &run);
  if (run == 0) return -1;
  if (digits == 7 || digits == 10 || digits == 11) return kLikelyDone;  // telephone numbers
  if (run == 1 && digits <= 2) return -1;                               // "at ten", "two"
  if (run == 1 && digits == 4) return kPlain;                           // a year, a code
  return kLikelyOpen;
}

// Two letters or more in a row: a spelled name may always get another one.
int RateLetters(const Words& words) {
  const size_t size = words.size();
  if (!IsSpelledLetter(words[size - 1])) return -1;
  if (size >= 2 && IsSpelledLetter(words[size - 2])) return kLikelyOpen;
  if (words[size - 1] != "a" && words[size - 1] != "i") return kUnclear;
  return -1;
}

int RateDateOrTime(const Words& words) {
  const size_t size = words.size();
  const std::string& last = words[size - 1];
  const std::string before = size >= 2 ? words[size - 2] : "";
  if (In(kDays, last)) {
    // "this", "next", "in the" and so on need their noun, and here it is; "a week" may be "a week
    // from".
    return kDone;
  }
  if (IsClockTime(last)) return kDone;
  if (In(kOrdinals, last) ||
      (IsNumeral(last.substr(0, 1)) && (last.ends_with("th") || last.ends_with("st") ||
                                        last.ends_with("nd") || last.ends_with("rd")))) {
    return size == 1 ? kPlain : kLikelyDone;
  }
  if (In(kMonths, last) ||
      (last == "may" && (before == "of" || before == "in" || before == "on"))) {
    const bool day_came = before == "of" || In(kOrdinals, before) || IsNumber(before);
    return day_came ? kDone : kLikelyOpen;  // "on march": the day is missing
  }
  if (!IsNumber(last)) return -1;
  if (In(kTensThatGoOn, last) && before == "the") return kUnclear;  // "the twenty" third
  const bool of_a_time = before == "at" || before == "around" || before == "past" ||
                         before == "about" || before == "before" || before == "after" ||
                         before == "to" || before == "until" || before == "by" || before == "for";
  if (of_a_time || IsNumber(before) || In(kMonths, before)) return kLikelyDone;
  return -1;
}

// "yes it is", "no i can't": an auxiliary that ends an answer.
bool IsShortAnswer(const Words& words) {
  const size_t size = words.size();
  return size >= 3 && size <= 4 && In(kYesNo, words[0]) && In(kPronouns, words[size - 2]);
}

// "where are you from", "what is it for".
bool IsQuestionWithStrandedEnd(const Words& words) {
  const std::string& last = words.back();
  return words.size() >= 3 && In(kQuestionWords, words[0]) &&
         (In(kPrepositions, last) || last == "is" || last == "are" || last == "do" ||
          last == "have" || last == "like");
}

// What the last word leaves open; -1: nothing that we know of.
int RateOpenEnd(const Words& words) {
  const size_t size = words.size();
  const std::string& last = words[size - 1];
  const std::string before = size >= 2 ? words[size - 2] : "";
  if (IsShortAnswer(words)) return -1;
  if (last == "am" && IsNumber(before)) return -1;  // ten a.m.
  if (EndsWith(words, kRelativeEnds)) return kPlain;
  if (IsQuestionWithStrandedEnd(words)) return kPlain;
  if ((last == "in" || last == "on" || last == "by" || last == "about") &&
      In(kParticleVerbs, before)) {
    return kPlain;
  }
  if (last == "so") {
    return before == "think" || before == "hope" || before == "guess" ? kDone : kOpen;
  }
  if (last == "like" && before == "you") return kPlain;  // "if you like", "whatever you like"
  if (last == "may" && (before == "in" || before == "of")) return -1;  // the month
  if (In(kArticlesAndPossessives, last) || In(kConjunctions, last) || In(kPrepositions, last) ||
      In(kContractions, last)) {
    return kOpen;
  }
  const bool asks = In(kAuxiliaries, before) && !In(kQuestionWords, words[0]);
  if (asks && (last == "you" || last == "it" || last == "there")) return kOpen;  // "can you"
  if (In(kSubjects, last)) return size >= 2 && before == "do" ? kPlain : kOpen;
  if (In(kAuxiliaries, last)) return kOpen;
  if (In(kOpenVerbs, last)) return size == 1 ? kUnclear : kLikelyOpen;
  if (size >= 2 && In(kQuestionWords, last)) return kLikelyOpen;  // "i don't know what"
  if (size >= 2 && (last == "this" || last == "next" || last == "these" || last == "some")) {
    return kLikelyOpen;
  }
  return -1;
}

// "if you have something on monday": the main clause is missing.
bool IsLoneCondition(const Words& words) {
  if (words[0] != "if" && words[0] != "when" && words[0] != "since") return false;
  if (words.size() < 3 || words[0] == "when") {
    return words[0] == "when" && words.size() >= 3 && In(kPronouns, words[1]);
  }
  for (size_t i = 3; i < words.size(); ++i) {
    const bool main_clause = words[i] == "i'd" || words[i] == "i'll" || words[i] == "then" ||
                             words[i] == "please" || words[i] == "that's" || words[i] == "let's" ||
                             (In(kAuxiliaries, words[i]) && i + 1 < words.size() && i > 3);
    if (main_clause) return false;
  }
  return true;
}

int Rate(const Words& words, char last_mark) {
  if (IsHesitation(words.back())) return kHesitating;
  const std::string whole = JoinFrom(words, 0);
  if (In(kWholeTurns, whole)) return kDone;
  if (EndsWith(words, kHolds)) return kOpen;
  if (words.size() == 1 && In(kYesNo, words[0])) return kDone;
  for (auto rate : {RateLetters, RateDigits, RateOpenEnd}) {
    const int rated = rate(words);
    if (rated >= 0) return rated;
  }
  if (IsLoneCondition(words)) return kLikelyOpen;
  if (const int rated = RateDateOrTime(words); rated >= 0) return rated;
  if (IsShortAnswer(words) || In(kClosers, words.back()) || whole.ends_with("thank you"))
    return kDone;
  if (In(kYesNo, words[0]) && words.size() <= 4) return kLikelyDone;
  return last_mark == '?' || last_mark == '.' || last_mark == '!' ? kLikelyDone : kPlain;
}

}  // namespace

int EstimateCompleteness(std::string_view transcript) {
  const std::string_view trimmed = Trim(transcript);
  const Words words = Split(trimmed);
  if (words.empty()) return kNothingSaid;
  const int rated = Rate(words, trimmed.back());
  // A recogniser that punctuates heard the voice stay up.
  const bool goes_on = trimmed.ends_with("...") || trimmed.ends_with("\xe2\x80\xa6") ||
                       trimmed.back() == ',' || trimmed.back() == '-';
  return goes_on ? std::min(rated, kLikelyOpen) : rated;
}

bool EndsInHesitation(std::string_view transcript) {
  constexpr std::string_view kThinking[] = {"let me see", "let me think", "how do i say"};
  const Words words = Split(transcript);
  return !words.empty() && (IsHesitation(words.back()) || EndsWith(words, kThinking));
}

bool IsBackchannel(std::string_view transcript) {
  const Words words = Split(transcript);
  if (words.empty() || words.size() > 4) return false;
  for (size_t i = 0; i < words.size();) {
    const std::string pair = i + 1 < words.size() ? words[i] + " " + words[i + 1] : "";
    if (!pair.empty() && In(kBackchannels, pair)) {
      i += 2;
    } else if (In(kBackchannels, words[i])) {
      ++i;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace dragoman
