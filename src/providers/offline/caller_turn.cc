// What a turn of the called party leads to.
#include <algorithm>
#include <utility>

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/offline/caller_dialogue.h"
#include "src/providers/offline/dialogue.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

constexpr int kMostTurns = 30;
constexpr int kMostNotUnderstood = 4;
constexpr int kMostSameQuestion = 4;

// "so that is vault:bank/pin": false, there is none of ours.
bool EraseHandles(std::string& text, const CallerFacts& facts) {
  bool any = false;
  for (const CallerFact& fact : facts.all()) {
    if (fact.kind != FactKind::kHandle) continue;
    for (const std::string& written : {fact.value, NamedHandles(fact.value)}) {
      for (std::size_t at = text.find(written); at != std::string::npos; at = text.find(written)) {
        text.erase(at, written.size());
        any = true;
      }
    }
  }
  return any;
}

bool Hypothetical(const CallerHearing& heard, const HeardCue& cue) {
  const std::size_t from = cue.at > 6 ? cue.at - 6 : 0;
  for (std::size_t i = from; i < cue.at; ++i) {
    if (heard.sentence_of[i] != heard.sentence_of[cue.at]) continue;
    if (OneOf(heard.words[i], {"if", "once", "when", "before", "until", "after", "unless", "not",
                               "never", "say", "tell", "report", "whether"})) {
      return true;
    }
  }
  return false;
}

bool AboutMoney(std::string_view question) {
  for (const std::string& word : WordsOf(question)) {
    if (OneOf(word, {"cost", "costs", "price", "prices", "charge", "fee", "fees", "pay", "much"})) {
      return true;
    }
  }
  return false;
}

bool AboutTime(std::string_view question) {
  for (const std::string& word : WordsOf(question)) {
    if (OneOf(word, {"when", "time", "hours", "open", "close", "closes", "opens", "until"})) {
      return true;
    }
  }
  return false;
}

bool IsDemand(Cue cue) {
  switch (cue) {
    case Cue::kAskDay:
    case Cue::kAskTime:
    case Cue::kAskWhen:
    case Cue::kAskName:
    case Cue::kAskFirstName:
    case Cue::kAskLastName:
    case Cue::kAskSpelling:
    case Cue::kAskPhone:
    case Cue::kAskDoctor:
    case Cue::kAskReason:
    case Cue::kAskBirth:
    case Cue::kAskAddress:
    case Cue::kAskMail:
    case Cue::kAskPeople:
      return true;
    default:
      return false;
  }
}

}  // namespace

void CallerDialogue::OnUser(const std::string& text) {
  if (reported_ || Trim(text).empty()) return;
  if (plan_ && !said_ && plan_->call && plan_->call->name == kReportResultTool) return;
  if (++turns_ > kMostTurns) return GiveUp("the conversation went round in circles");
  // Where a value of the vault was said, its handle stands: no word of it was.
  std::string said = text;
  const bool repeats = EraseHandles(said, facts_);
  const CallerHearing heard = HearCalled(said, facts_, today_);
  if (TakeSecrets(heard, repeats)) return;
  // Words that ask for nothing do not drop what is still to be said.
  if ((open_call_ || (plan_ && !said_ && request_said_)) && Manners(heard)) return;
  const Comparison comparison = Compare(heard, facts_);
  // An earlier yes was to something else.
  if (comparison.wrong() || heard.Has(Cue::kTaken) || heard.Has(Cue::kNotDone)) {
    accepted_.reset();
    pending_done_.clear();
  }
  if (Ends(heard)) return;
  if (heard.Has(Cue::kHold) && !heard.Has(Cue::kConfirm) && !heard.question &&
      AskedFor(heard).empty() && heard.days.empty() && heard.hours.empty() &&
      DoneCue(heard) == nullptr) {
    return Say("Sure.");
  }
  const int before = not_understood_;
  not_understood_ = 0;
  if (TakeDemands(heard) || TakeAnswer(heard, text) || TakeDone(heard, comparison, text) ||
      TakeOffers(heard, comparison) || TakeReadBack(heard, comparison) || TakeAsks(heard) ||
      TakeRest(heard)) {
    return;
  }
  not_understood_ = before;
  NotUnderstood();
}

// "Okay", "one moment", "thank you": nothing else.
bool CallerDialogue::Manners(const CallerHearing& heard) const {
  if (heard.lost || heard.question || heard.unexplained > 0 || heard.words.empty()) return false;
  if (!heard.days.empty() || !heard.hours.empty() || !heard.spelled.empty()) return false;
  return std::all_of(heard.cues.begin(), heard.cues.end(), [](const HeardCue& cue) {
    return cue.cue == Cue::kOkay || cue.cue == Cue::kHold || cue.cue == Cue::kThanks ||
           cue.cue == Cue::kGreeting;
  });
}

// Whoever does not want to be called, or is not who was meant.
bool CallerDialogue::Ends(const CallerHearing& heard) {
  const auto sentence = [&](Cue cue) { return heard.SentenceAt(heard.Find(cue)->at); };
  if (heard.Has(Cue::kDoNotCall)) {
    GiveUp(StrCat("asked not to be called: ", sentence(Cue::kDoNotCall)),
           "I understand. I am sorry for the trouble. Goodbye.");
    return true;
  }
  if (heard.Has(Cue::kWrongNumber)) {
    GiveUp(StrCat("wrong number: ", sentence(Cue::kWrongNumber)),
           "I am sorry, I have the wrong number. Goodbye.");
    return true;
  }
  if (heard.Has(Cue::kVoicemail) && AskedFor(heard).empty()) {
    GiveUp(StrCat("a machine takes messages: ", sentence(Cue::kVoicemail)), "Goodbye.");
    return true;
  }
  const bool only_keys = AskedFor(heard).empty() && !heard.Has(Cue::kConfirm) &&
                         !heard.Has(Cue::kHelp) && heard.days.empty() && heard.hours.empty() &&
                         !heard.Has(Cue::kAnythingElse) && DoneCue(heard) == nullptr;
  if (heard.Has(Cue::kKeys) && only_keys) {
    GiveUp(StrCat("a menu of keys answered: ", sentence(Cue::kKeys)), "Goodbye.");
    return true;
  }
  return false;
}

const HeardCue* CallerDialogue::DoneCue(const CallerHearing& heard) const {
  if (heard.Has(Cue::kNotDone)) return nullptr;
  for (const HeardCue& cue : heard.cues) {
    const bool fits =
        cue.cue == Cue::kDone || cue.cue == (cancelling_ ? Cue::kDoneCancelled : Cue::kDoneBooked);
    if (fits && !Hypothetical(heard, cue) && !heard.SentenceAt(cue.at).ends_with('?')) return &cue;
  }
  return nullptr;
}

std::string CallerDialogue::Key() const {
  std::string key;
  if (facts_.day() != nullptr) key += facts_.day()->value;
  key += "/";
  if (facts_.time() != nullptr) key += facts_.time()->value;
  return key;
}

bool CallerDialogue::Complete(const Comparison& comparison) const {
  return (facts_.day() == nullptr || comparison.day_heard) &&
         (facts_.time() == nullptr || comparison.time_heard);
}

// The answer to one of the errand's questions.
bool CallerDialogue::TakeAnswer(const CallerHearing& heard, const std::string& text) {
  if (!question_asked_ || question_ >= errand_.questions.size()) return false;
  const auto& [name, question] = errand_.questions[question_];
  std::string value;
  std::string quote;
  if (AboutMoney(question)) {
    if (!heard.amounts.empty()) {
      quote = heard.SentenceAt(heard.amounts[0].at);
      value = heard.amounts.size() == 1 ? heard.amounts[0].text : quote;
    }
  } else if (AboutTime(question)) {
    std::size_t first = heard.words.size();
    std::size_t last = 0;
    for (const HeardHour& hour : heard.hours) {
      first = std::min(first, hour.at);
      last = std::max(last, hour.at + hour.length);
    }
    for (const HeardDay& day : heard.days) {
      first = std::min(first, day.at);
      last = std::max(last, day.at + day.length);
    }
    if (last > 0 && !heard.Has(Cue::kConfirm)) {
      quote = heard.SentenceAt(first);
      // All that belongs to it: "monday to friday from eight to six".
      for (std::size_t i = first; i < last; ++i) {
        if (heard.sentence_of[i] != heard.sentence_of[first]) break;
        value += StrCat(value.empty() ? "" : " ", heard.words[i]);
      }
    }
  } else if (!heard.lost && !heard.question && AskedFor(heard).empty() && !Manners(heard) &&
             !heard.Has(Cue::kRepeat) && !heard.Has(Cue::kHelp) && !heard.Has(Cue::kHold) &&
             !heard.Has(Cue::kGoodbye) && !heard.Has(Cue::kAnythingElse) && heard.unexplained > 0) {
    // The longest sentence is the one that says something.
    for (const std::string& sentence : heard.sentences) {
      if (sentence.size() > quote.size()) quote = sentence;
    }
    value = quote;
  }
  if (value.empty()) return false;
  fields_[name] = value;
  ++question_;
  question_asked_ = false;
  question_tries_ = 0;
  if (!done_) Reach(quote, text);
  GoOn();
  return true;
}

bool CallerDialogue::TakeDone(const CallerHearing& heard, const Comparison& comparison,
                              const std::string& text) {
  if (!wants_done_ || done_) return false;
  const HeardCue* cue = DoneCue(heard);
  const HeardCue* other = heard.Find(cancelling_ ? Cue::kDoneBooked : Cue::kDoneCancelled);
  if (cue == nullptr && other != nullptr && !Hypothetical(heard, *other) &&
      !heard.Has(Cue::kConfirm) && !cancelling_) {
    if (!Circling(Cue::kDoneCancelled)) Plan(Request());  // the opposite was done
    return true;
  }
  const bool told_before = !pending_done_.empty();
  if (cue == nullptr && !told_before) return false;
  if (cue != nullptr) {
    if (!heard.reference.empty()) fields_["reference"] = heard.reference;
    pending_done_ = heard.SentenceAt(cue->at);
    pending_turn_ = text;
  }
  if (comparison.wrong()) {
    pending_done_.clear();
    return false;
  }
  if (cue != nullptr && heard.Has(Cue::kConfirm)) return false;
  if (cue == nullptr && (!Complete(comparison) || heard.Has(Cue::kConfirm))) {
    if (accepted_ != Key() || heard.question || !AskedFor(heard).empty()) return false;
  }
  const bool agreed = accepted_ == Key() || Complete(comparison);
  if (!agreed) {
    AskReadBack();
    return true;
  }
  done_ = true;
  Reach(pending_done_, pending_turn_);
  GoOn();
  return true;
}

std::vector<Cue> CallerDialogue::AskedFor(const CallerHearing& heard) const {
  std::vector<Cue> asked;
  for (const HeardCue& cue : heard.cues) {
    if (!IsDemand(cue.cue)) continue;
    if (std::find(asked.begin(), asked.end(), cue.cue) == asked.end()) asked.push_back(cue.cue);
  }
  const auto has = [&](Cue cue) {
    return std::find(asked.begin(), asked.end(), cue) != asked.end();
  };
  // "When, what day": one question.
  if (has(Cue::kAskWhen)) {
    std::erase(asked, Cue::kAskDay);
    std::erase(asked, Cue::kAskTime);
  }
  // "Your first name" is heard as a name too.
  if (has(Cue::kAskLastName) || has(Cue::kAskFirstName)) std::erase(asked, Cue::kAskName);
  return asked;
}

std::string CallerDialogue::AnswerTo(Cue cue) const {
  switch (cue) {
    case Cue::kAskName:
      return TitleCase(facts_.FullName());
    case Cue::kAskFirstName:
      return TitleCase(facts_.FirstName());
    case Cue::kAskLastName:
      return TitleCase(facts_.LastName());
    case Cue::kAskSpelling:
      return NatoSpelling(last_asked_ == Cue::kAskFirstName ? facts_.FirstName()
                                                            : facts_.LastName());
    case Cue::kAskWhen: {
      if (facts_.day() == nullptr || facts_.time() == nullptr) {
        const CallerFact* one = facts_.day() != nullptr ? facts_.day() : facts_.time();
        return one == nullptr ? "" : SpokenFact(*one);
      }
      return StrCat(SpokenFact(*facts_.day()), " at ", SpokenFact(*facts_.time()));
    }
    default: {
      const CallerFact* fact = facts_.Answering(cue);
      return fact == nullptr ? "" : SpokenFact(*fact);
    }
  }
}

bool CallerDialogue::Circling(Cue cue) {
  if (++asked_for_[cue] <= kMostSameQuestion) return false;
  GiveUp("the conversation went round in circles");
  return true;
}

// Values of the vault are told by their handles when they are asked for by name: aloud, or by keys
// where a menu wants keys. Where the other party repeats one, it is the right one.
bool CallerDialogue::TakeSecrets(const CallerHearing& heard, bool read_back) {
  const auto has_word = [&](std::initializer_list<std::string_view> wanted) {
    return std::any_of(heard.words.begin(), heard.words.end(),
                       [&](const std::string& word) { return OneOf(word, wanted); });
  };
  if (read_back) {
    // What else was said comes first.
    if (!AskedFor(heard).empty() || DoneCue(heard) != nullptr || heard.Has(Cue::kGoodbye) ||
        (question_asked_ && heard.unexplained > 3)) {
      return false;
    }
    Say("Yes, that is right.");
    return true;
  }
  const std::vector<const CallerFact*> secrets = facts_.SecretsIn(heard.words);
  const bool keys = has_word({"enter", "key", "keys", "keypad", "type", "press", "dial"});
  const bool asked = keys || heard.question || heard.Has(Cue::kSecret) ||
                     heard.Has(Cue::kAskSomething) ||
                     has_word({"give", "tell", "read", "say", "need", "what", "have", "please"});
  if (secrets.empty() || !asked) return false;
  if (Circling(Cue::kSecret)) return true;
  if (keys && HasTool(kPressKeysTool)) {
    CallerAction action;
    const bool pound = has_word({"pound", "hash"});
    action.call =
        Call(kPressKeysTool, StrCat("{\"keys\":\"", secrets[0]->value, pound ? "#" : "", "\"}"));
    Plan(std::move(action));
    return true;
  }
  std::string text;
  for (const CallerFact* fact : secrets) {
    std::string name = fact->name;
    std::replace(name.begin(), name.end(), '_', ' ');
    text += StrCat(text.empty() ? "" : " ", "The ", name, " is ", fact->value, ".");
  }
  Say(std::move(text));
  return true;
}

// Secrets are refused, obligations are the owner's.
bool CallerDialogue::TakeDemands(const CallerHearing& heard) {
  if (heard.Has(Cue::kSecret)) {
    if (!Circling(Cue::kSecret)) Say("I am sorry, I cannot give you that.");
    return true;
  }
  const HeardCue* oblige = heard.Find(Cue::kOblige);
  if (oblige != nullptr && DoneCue(heard) == nullptr) {
    if (Circling(Cue::kOblige)) return true;
    const std::string sentence = heard.SentenceAt(oblige->at);
    AskOwner({.kind = OwnerQuestion::kFree,
              .topic = Cue::kOblige,
              .offers = {},
              .said_before = {},
              .sentence = sentence},
             StrCat("They say: \"", sentence, "\" What shall I answer?"));
    return true;
  }
  if (heard.Has(Cue::kIdentity)) {
    if (Circling(Cue::kIdentity)) return true;
    CallerAction action;
    if (!request_said_) action = Request();
    action.text = StrCat("I am an AI assistant, calling for ", errand_.principal, ".",
                         action.text.empty() ? "" : " ", action.text);
    Plan(std::move(action));
    return true;
  }
  return false;
}

bool CallerDialogue::TakeAsks(const CallerHearing& heard) {
  std::vector<Cue> asked = AskedFor(heard);
  // The spelling says the name.
  const auto has = [&](Cue cue) {
    return std::find(asked.begin(), asked.end(), cue) != asked.end();
  };
  if (has(Cue::kAskSpelling)) {
    if (has(Cue::kAskFirstName)) last_asked_ = Cue::kAskFirstName;
    if (has(Cue::kAskLastName)) last_asked_ = Cue::kAskLastName;
    for (Cue name : {Cue::kAskName, Cue::kAskFirstName, Cue::kAskLastName}) std::erase(asked, name);
  }
  if (asked.empty()) return false;
  std::string known;
  const Cue* missing = nullptr;
  for (const Cue& cue : asked) {
    if (Circling(cue)) return true;
    const std::string answer = AnswerTo(cue);
    if (cue == Cue::kAskFirstName || cue == Cue::kAskLastName || cue == Cue::kAskName) {
      last_asked_ = cue;
    }
    if (answer.empty()) {
      if (missing == nullptr) missing = &cue;
      continue;
    }
    const bool clock =
        cue == Cue::kAskTime && asked.size() == 2 && has(Cue::kAskDay) && !known.empty();
    if (clock) known.pop_back();
    known += StrCat(known.empty() ? ""
                    : clock       ? " at "
                                  : " ",
                    clock ? answer : Capitalised(answer), ".");
  }
  if (missing == nullptr) {
    if (!request_said_) {
      CallerAction action = Request();
      action.text += " " + known;
      Plan(std::move(action));
    } else {
      Say(std::move(known));
    }
    return true;
  }
  std::string sentence;
  for (const HeardCue& cue : heard.cues) {
    if (cue.cue == *missing) sentence = heard.SentenceAt(cue.at);
  }
  AskOwner({.kind = OwnerQuestion::kTopic,
            .topic = *missing == Cue::kAskWhen ? Cue::kAskDay : *missing,
            .offers = {},
            .said_before = known,
            .sentence = sentence},
           StrCat("They ask: \"", sentence, "\" What shall I answer?"));
  return true;
}

// Of anything else: a fact of that name, or the owner's to answer.
bool CallerDialogue::TakeQuestion(const CallerHearing& heard) {
  const auto named = facts_.NamedIn(heard.words);
  const bool question = heard.question || heard.Has(Cue::kAskSomething);
  if (question && !named.empty()) {
    if (Circling(Cue::kAskSomething)) return true;
    std::string text;
    for (const CallerFact* fact : named) {
      text += StrCat(text.empty() ? "" : " ", Capitalised(SpokenFact(*fact)), ".");
    }
    Say(std::move(text));
    return true;
  }
  if (question && !heard.lost) {
    if (Circling(Cue::kAskSomething)) return true;
    const HeardCue* cue = heard.Find(Cue::kAskSomething);
    std::string sentence = heard.SentenceAt(cue != nullptr ? cue->at : heard.words.size());
    for (const std::string& one : heard.sentences) {
      if (cue == nullptr && one.ends_with('?')) sentence = one;
    }
    AskOwner({.kind = OwnerQuestion::kFree,
              .topic = Cue::kAskSomething,
              .offers = {},
              .said_before = {},
              .sentence = sentence},
             StrCat("They ask: \"", sentence, "\" What shall I answer?"));
    return true;
  }
  return false;
}

bool CallerDialogue::TakeRest(const CallerHearing& heard) {
  if (heard.Has(Cue::kRepeat)) {
    if (Circling(Cue::kRepeat)) return true;
    if (!request_said_ || last_text_.empty()) {
      Plan(Request());
    } else if (last_text_ == "Yes, please." || last_text_ == "Sure.") {
      Say(last_text_);
    } else {
      CallerAction again;
      again.text = last_text_;
      again.asks = question_asked_;
      Plan(std::move(again));
    }
    return true;
  }
  const HeardCue* refusal = heard.Find(Cue::kRefusal);
  if (refusal == nullptr) refusal = heard.Find(Cue::kGetBack);
  if (refusal != nullptr) {
    GiveUp(StrCat("refused: ", heard.SentenceAt(refusal->at)));
    return true;
  }
  if (heard.Has(Cue::kGoodbye) || (heard.Has(Cue::kNotDone) && !heard.question)) {
    GiveUp("they ended the call before it was settled", "Goodbye.");
    return true;
  }
  if (!request_said_) {
    Plan(Request());
    return true;
  }
  if (heard.Has(Cue::kHelp) || heard.Has(Cue::kAnythingElse)) {
    if (Circling(Cue::kHelp)) return true;
    if (accepted_ && wants_done_) {
      Say("Is it confirmed?");
    } else {
      Plan(Request());
    }
    return true;
  }
  if (TakeQuestion(heard)) return true;
  if (Manners(heard)) {
    if (Circling(Cue::kOkay)) return true;
    if (question_asked_ && question_ < errand_.questions.size()) {
      CallerAction action;
      action.asks = true;
      action.text = errand_.questions[question_].second;
      Plan(std::move(action));
    } else {
      Say("Thank you.");
    }
    return true;
  }
  return false;
}

void CallerDialogue::NotUnderstood() {
  if (++not_understood_ >= kMostNotUnderstood) {
    return GiveUp("could not be understood",
                  "I am sorry, I cannot hear you well. I will call again another time. Goodbye.");
  }
  if (question_asked_ && question_ < errand_.questions.size()) {
    if (++question_tries_ > 2) {
      return GiveUp(StrCat("no answer to: ", errand_.questions[question_].second));
    }
    CallerAction action;
    action.asks = true;
    action.text = StrCat("Sorry, I did not understand. ", errand_.questions[question_].second);
    return Plan(std::move(action));
  }
  Say("I am sorry, I did not understand. Could you say that again, please?");
}

}  // namespace dragoman::offline
