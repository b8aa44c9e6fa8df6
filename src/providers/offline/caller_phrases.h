// What offices say on the phone, as phrase patterns: the same text recognises a sentence and is
// part of the grammar.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_PHRASES_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_PHRASES_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "src/providers/offline/words.h"

namespace dragoman::offline {

enum class Cue {
  kGreeting,
  kHelp,  // "how can I help you?"
  kAskDay,
  kAskTime,
  kAskWhen,  // day and time at once
  kAskName,
  kAskFirstName,
  kAskLastName,
  kAskSpelling,
  kAskPhone,
  kAskDoctor,
  kAskReason,
  kAskBirth,
  kAskAddress,
  kAskMail,
  kAskPeople,
  kIdentity,  // "who is calling?", "are you a robot?"
  kSecret,    // a card's number, a password
  kOblige,    // to pay, to agree to terms
  kConfirm,   // "shall I book it?"
  kOffer,     // "I have", "how about"
  kChoose,    // "which would you like?"
  kTaken,
  kDone,
  kDoneBooked,
  kDoneCancelled,
  kNotDone,
  kHold,
  kRepeat,
  kRefusal,
  kWrongNumber,
  kDoNotCall,
  kVoicemail,
  kKeys,  // "press one for"
  kGoodbye,
  kAnythingElse,
  kThanks,
  kOkay,
  kGetBack,      // "we will call you back"
  kAskSomething  // a question of whatever it is
};

struct CallerPhrase {
  Cue cue;
  std::string_view pattern;
  bool in_grammar = true;  // false: too short to stand alone between other sentences
};
std::span<const CallerPhrase> CallerPhrases();

struct HeardCue {
  Cue cue;
  std::size_t at = 0;
  std::size_t end = 0;  // the word after it
};

// "You're" and "you are" are the same words afterwards.
Words Uncontracted(const Words& words);

// Cues in the order of their places; one inside a longer one does not count. At most one word may
// stand between two words of a phrase, and no "not".
std::vector<HeardCue> CuesIn(const Words& uncontracted);

// Surnames that are frequent enough to be heard from a stranger, lower case.
std::span<const std::string_view> FrequentSurnames();

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_CALLER_PHRASES_H_
