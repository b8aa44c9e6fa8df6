#include "src/providers/offline/cues.h"

#include <algorithm>
#include <map>
#include <string>

#include "dragoman/core/text.h"

namespace dragoman::offline {
namespace {

enum class Cue {
  kYes,
  kNo,
  kNeutral,  // part of an answer, means nothing alone
  kFix,
  kAny,
  kSoonest,
  kUnsure,
  kHold,
  kRepeat,
  kPerson,
  kIdentity,
  kGoodbye,
  kThanks,
  kCondition,
  kFirst,
  kSecond,
  kThird,
  kLast,
  kEarlier,
  kLater,
  kEither,
  kNeither,
  kEverything,
};

struct Entry {
  Cue cue;
  std::vector<std::string_view> phrases;
};

// Longer phrases win over shorter ones that begin at the same word.
const std::vector<Entry>& Entries() {
  static const auto* entries = new std::vector<Entry>{
      {Cue::kYes,
       {"yes",
        "yeah",
        "yep",
        "yup",
        "yes please",
        "sure",
        "of course",
        "correct",
        "right",
        "that's right",
        "that is right",
        "that's correct",
        "that is correct",
        "that's it exactly",
        "exactly",
        "absolutely",
        "definitely",
        "certainly",
        "indeed",
        "perfect",
        "sounds good",
        "sounds great",
        "sounds fine",
        "sounds perfect",
        "that works",
        "works for me",
        "that's fine",
        "that is fine",
        "that is good",
        "that is perfect",
        "that is great",
        "that's good",
        "that's great",
        "that's perfect",
        "that would be great",
        "that would be fine",
        "go ahead",
        "please do",
        "do it",
        "do that",
        "book it",
        "book that",
        "okay",
        "fine",
        "it is",
        "i do",
        "i would",
        "you got it",
        "all good",
        "all correct",
        "all right",
        "alright",
        "affirmative"}},
      {Cue::kNo,
       {"no",
        "nope",
        "nah",
        "no thanks",
        "no thank you",
        "wrong",
        "that's wrong",
        "that is wrong",
        "incorrect",
        "that's incorrect",
        "not right",
        "not correct",
        "that's not right",
        "that's not correct",
        "that is not right",
        "that is not correct",
        "isn't right",
        "isn't correct",
        "not quite",
        "not really",
        "negative",
        "don't",
        "do not",
        "it isn't",
        "it's not",
        "it is not",
        "no way",
        "absolutely not",
        "of course not",
        "certainly not",
        "i don't think so",
        "please don't",
        "not yet",
        "that's not it",
        "not that",
        "that's not my name",
        "that isn't right",
        "that isn't correct",
        "not at all"}},
      {Cue::kFix, {"actually",         "sorry",        "i mean",         "i meant",
                   "make that",        "make it",      "wait",           "rather",
                   "instead",          "change it to", "change that to", "scratch that",
                   "correction",       "oops",         "let me correct", "can we make it",
                   "could we make it", "better",       "move it to",     "how about",
                   "what about",       "or rather",    "no wait",        "my mistake"}},
      {Cue::kAny,
       {"any",          "anytime",        "any time",        "any day",           "either day",
        "whatever",     "whenever",       "i don't mind",    "i do not mind",     "don't mind",
        "i don't care", "doesn't matter", "does not matter", "it doesn't matter", "no preference",
        "you choose",   "you decide",     "anyone",          "anybody",           "any doctor",
        "whoever",      "all the same",   "i'm flexible",    "flexible",          "any of them",
        "up to you"}},
      {Cue::kSoonest,
       {"as soon as possible",
        "asap",
        "soonest",
        "the soonest",
        "earliest",
        "the earliest",
        "first available",
        "the first available",
        "next available",
        "the next available",
        "first free",
        "the first free",
        "the next free",
        "next free",
        "as early as possible",
        "right away",
        "the first appointment",
        "the next appointment",
        "earliest available",
        "the earliest available",
        "as soon as you can"}},
      {Cue::kUnsure,
       {"i don't know", "don't know", "i do not know", "not sure", "i'm not sure", "no idea",
        "i have no idea", "let me think", "maybe", "perhaps", "i can't remember",
        "i don't remember", "i forgot", "i guess", "possibly"}},
      {Cue::kHold,
       {"one moment", "just a moment", "a moment", "one second", "just a second", "a second",
        "hang on", "hold on", "one minute", "just a minute", "give me a second", "give me a moment",
        "bear with me", "wait a second", "wait a moment", "wait a minute", "hold on a second"}},
      {Cue::kRepeat,
       {"repeat",
        "repeat that",
        "say that again",
        "say it again",
        "pardon",
        "pardon me",
        "what did you say",
        "come again",
        "once more",
        "i didn't hear",
        "i didn't catch that",
        "i didn't get that",
        "i did not catch that",
        "can you repeat",
        "could you repeat",
        "what was that",
        "excuse me",
        "sorry what",
        "can you hear me",
        "again please",
        "i didn't understand"}},
      {Cue::kPerson,
       {"a person",           "real person",       "a human",          "human being",
        "an agent",           "a receptionist",    "the receptionist", "somebody else",
        "someone else",       "a real human",      "your manager",     "the manager",
        "speak to someone",   "speak to somebody", "talk to someone",  "talk to somebody",
        "an operator",        "operator",          "put me through",   "customer service",
        "speak with someone", "talk with someone", "somebody real",    "someone real"}},
      {Cue::kIdentity,
       {"are you a robot",
        "are you a machine",
        "are you real",
        "are you human",
        "are you a human",
        "are you a person",
        "are you a real person",
        "is this a robot",
        "is this a machine",
        "is this a recording",
        "am i talking to a robot",
        "am i talking to a machine",
        "am i speaking to a robot",
        "am i talking to a person",
        "am i talking to a human",
        "who is this",
        "who are you",
        "who am i talking to",
        "who am i speaking to",
        "are you an ai",
        "is this an ai",
        "what are you"}},
      {Cue::kGoodbye, {"goodbye",          "good bye",         "bye",
                       "bye bye",          "that's all",       "that is all",
                       "that's it",        "that will be all", "that'll be all",
                       "nothing else",     "see you",          "hang up",
                       "i'm done",         "we're done",       "have a nice day",
                       "have a good day",  "never mind",       "nevermind",
                       "forget it",        "forget about it",  "nothing more",
                       "that's everything"}},
      {Cue::kThanks,
       {"thanks", "thank you", "thank you very much", "thanks a lot", "many thanks", "cheers",
        "thank you so much", "great thanks"}},
      {Cue::kCondition,
       {"if", "unless", "what", "who", "why", "depends", "provided", "but", "except", "only",
        "think", "suppose", "or", "almost", "nearly", "before", "until"}},
      {Cue::kFirst,
       {"the first", "first one", "the first one", "first option", "the first option",
        "number one"}},
      {Cue::kSecond,
       {"the second", "second one", "the second one", "second option", "the second option",
        "number two", "the middle one"}},
      {Cue::kThird,
       {"the third", "third one", "the third one", "third option", "the third option",
        "number three"}},
      {Cue::kLast, {"the last", "last one", "the last one", "the latter"}},
      {Cue::kEarlier,
       {"earlier one", "the earlier", "the earlier one", "the earliest one", "earlier", "sooner"}},
      {Cue::kLater, {"later one", "the later", "the later one", "the latest one", "later"}},
      {Cue::kEither,
       {"either", "either one", "either is fine", "either of them", "both", "both are fine",
        "any one"}},
      {Cue::kNeither,
       {"neither", "nothing", "nothing is wrong", "none", "none of them", "none of those",
        "neither of them", "neither one", "something else", "nothing works", "no not those"}},
      {Cue::kEverything, {"everything", "everything is wrong", "all of it", "all of them"}},
      {Cue::kNeutral,
       {"please",
        "the",
        "a",
        "an",
        "that",
        "that's",
        "is",
        "it",
        "it's",
        "and",
        "so",
        "well",
        "then",
        "very",
        "much",
        "good",
        "great",
        "lovely",
        "nice",
        "hello",
        "hi",
        "hey",
        "on",
        "at",
        "for",
        "with",
        "to",
        "i",
        "i'd",
        "would",
        "like",
        "want",
        "my",
        "me",
        "name",
        "yes",
        "oh",
        "all",
        "in",
        "of",
        "this",
        "one",
        "can",
        "could",
        "you",
        "we",
        "do",
        "be",
        "have",
        "need",
        "book",
        "them",
        "those",
        "just",
        "also",
        "too",
        "now",
        "there",
        "wonderful",
        "brilliant",
        "excellent",
        "super",
        "cool",
        "sir",
        "madam",
        "ma'am",
        "good morning",
        "good afternoon",
        "good evening",
        "i'm",
        "are",
        "am",
        "time",
        "day",
        "appointment",
        "doctor",
        "details",
        "last",
        "morning",
        "spelled"}},
  };
  return *entries;
}

struct Phrase {
  Words words;
  Cue cue;
};

// By first word, the longest first.
const std::map<std::string, std::vector<Phrase>>& Phrases() {
  static const auto* phrases = [] {
    auto* all = new std::map<std::string, std::vector<Phrase>>;
    for (const Entry& entry : Entries()) {
      for (std::string_view text : entry.phrases) {
        Words words;
        for (std::string_view word : SplitWords(text)) words.emplace_back(word);
        std::string first = words[0];
        (*all)[std::move(first)].push_back({std::move(words), entry.cue});
      }
    }
    for (auto& [first, list] : *all) {
      std::sort(list.begin(), list.end(),
                [](const Phrase& a, const Phrase& b) { return a.words.size() > b.words.size(); });
    }
    return all;
  }();
  return *phrases;
}

const Phrase* LongestAt(const Words& words, std::size_t at) {
  const auto list = Phrases().find(words[at]);
  if (list == Phrases().end()) return nullptr;
  for (const Phrase& phrase : list->second) {
    if (PhraseAt(words, at, phrase.words)) return &phrase;
  }
  return nullptr;
}

void Apply(Cue cue, Cues* cues) {
  Understanding& heard = cues->heard;
  switch (cue) {
    case Cue::kYes:
      heard.yes = true;
      break;
    case Cue::kNo:
      heard.no = true;
      break;
    case Cue::kFix:
      heard.correction = true;
      break;
    case Cue::kAny:
      heard.any = true;
      break;
    case Cue::kSoonest:
      heard.soonest = true;
      break;
    case Cue::kUnsure:
      heard.unsure = true;
      cues->conditional = true;
      break;
    case Cue::kHold:
      heard.hold = true;
      cues->conditional = true;
      break;
    case Cue::kRepeat:
      heard.repeat = true;
      break;
    case Cue::kPerson:
      heard.person = true;
      break;
    case Cue::kIdentity:
      heard.identity = true;
      break;
    case Cue::kGoodbye:
      heard.goodbye = true;
      break;
    case Cue::kThanks:
      heard.thanks = true;
      break;
    case Cue::kCondition:
      cues->conditional = true;
      break;
    case Cue::kNeutral:
      break;
    case Cue::kEverything:
      heard.everything = true;
      break;
    default:
      heard.pick = static_cast<Pick>(static_cast<int>(cue) - static_cast<int>(Cue::kFirst) +
                                     static_cast<int>(Pick::kFirst));
  }
}

}  // namespace

Cues FindCues(const Words& words, std::vector<bool>* used) {
  Cues cues;
  // Alone these ask for the sentence again; within one they begin a question or a correction.
  if (words.size() == 1 && OneOf(words[0], {"what", "sorry", "pardon"})) {
    (*used)[0] = true;
    cues.heard.repeat = true;
    return cues;
  }
  for (std::size_t i = 0; i < words.size();) {
    const Phrase* phrase = LongestAt(words, i);
    if (phrase == nullptr) {
      ++i;
      continue;
    }
    Apply(phrase->cue, &cues);
    for (std::size_t k = 0; k < phrase->words.size(); ++k) (*used)[i + k] = true;
    i += phrase->words.size();
  }
  return cues;
}

std::size_t NameCueAt(const Words& words, std::size_t at, bool due) {
  for (std::string_view opening : {"my full name is",
                                   "my last name is",
                                   "my first name is",
                                   "my name is",
                                   "my name's",
                                   "the last name is",
                                   "the name is",
                                   "last name is",
                                   "first name is",
                                   "surname is",
                                   "the name's",
                                   "name is",
                                   "name's",
                                   "last name",
                                   "first name",
                                   "surname",
                                   "under the name of",
                                   "under the name",
                                   "in the name of",
                                   "under",
                                   "call me",
                                   "this is",
                                   "i am",
                                   "i'm",
                                   "for",
                                   "for a"}) {
    Words phrase;
    for (std::string_view word : SplitWords(opening)) phrase.emplace_back(word);
    if (PhraseAt(words, at, phrase)) return phrase.size();
  }
  if (due && at < words.size() && OneOf(words[at], {"it's", "its"})) return 1;
  if (due && PhraseAt(words, at, {"it", "is"})) return 2;
  return 0;
}

bool NeedsKnownName(std::string_view first_word) {
  return OneOf(first_word, {"this", "i", "i'm", "for", "under", "call"});
}

int EditDistanceOf(std::string_view a, std::string_view b) { return EditDistance(a, b); }

}  // namespace dragoman::offline
