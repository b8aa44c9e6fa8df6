// What is offered and what is read back.
#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "src/providers/offline/caller_dialogue.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

constexpr int kMostReadBackAsks = 2;
constexpr int kMostCorrections = 4;

// "Shall I book it?", not "does that suit you?".
bool AsksToCommit(const CallerHearing& heard) {
  for (const HeardCue& cue : heard.cues) {
    if (cue.cue != Cue::kConfirm) continue;
    if (OneOf(heard.words[cue.at], {"shall", "should", "may", "can", "i"})) return true;
    if (PhraseAt(heard.words, cue.at, {"would", "you", "like", "me"}) ||
        PhraseAt(heard.words, cue.at, {"do", "you", "want", "me"})) {
      return true;
    }
  }
  return false;
}

// Each time with the day that was named for it; days alone where no time was.
std::vector<CallerOffer> OffersIn(const CallerHearing& heard) {
  std::vector<CallerOffer> offers;
  for (const HeardHour& hour : heard.hours) {
    if (hour.refused || hour.value.range()) continue;
    CallerOffer offer{.day = {}, .hour = hour};
    for (const HeardDay& day : heard.days) {
      if (!day.refused && (day.at < hour.at || !offer.day)) offer.day = day;
    }
    if (std::none_of(offers.begin(), offers.end(), [&](const CallerOffer& known) {
          return known.hour->value == hour.value &&
                 (!known.day || !offer.day || known.day->value == offer.day->value);
        })) {
      offers.push_back(offer);
    }
  }
  if (!offers.empty()) return offers;
  for (const HeardDay& day : heard.days) {
    if (!day.refused) offers.push_back({.day = day, .hour = {}});
  }
  return offers;
}

// "I have" may begin a read-back too; "how about" and "that one is taken" do not.
enum class OfferSign { kNone, kWeak, kStrong };
OfferSign SignOf(const CallerHearing& heard) {
  if (heard.Has(Cue::kTaken) || heard.Has(Cue::kChoose)) return OfferSign::kStrong;
  OfferSign sign = OfferSign::kNone;
  for (const HeardCue& cue : heard.cues) {
    if (cue.cue != Cue::kOffer) continue;
    const bool have = PhraseAt(heard.words, cue.at, {"i", "have"}) ||
                      PhraseAt(heard.words, cue.at, {"we", "have"});
    if (!have) return OfferSign::kStrong;
    const bool down =
        cue.end < heard.words.size() && OneOf(heard.words[cue.end], {"you", "your", "that"});
    if (!down) sign = OfferSign::kWeak;
  }
  return sign;
}

}  // namespace

// Taken, and nothing else is named.
void CallerDialogue::NothingLeft(const CallerHearing& heard) {
  const auto asked = AskedFor(heard);
  const bool when = std::any_of(asked.begin(), asked.end(), [](Cue cue) {
    return cue == Cue::kAskDay || cue == Cue::kAskTime || cue == Cue::kAskWhen;
  });
  const std::string sentence = heard.SentenceAt(heard.Find(Cue::kTaken)->at);
  if (when) {
    const bool time = std::find(asked.begin(), asked.end(), Cue::kAskTime) != asked.end();
    return AskOwner(
        {.kind = OwnerQuestion::kTopic,
         .topic = time ? Cue::kAskTime : Cue::kAskDay,
         .offers = {},
         .said_before = {},
         .sentence = sentence},
        StrCat("They say: \"", sentence, "\" Which other day or time shall I ask for?"));
  }
  if (++asked_for_[Cue::kTaken] > 2) return GiveUp(StrCat("nothing free: ", sentence));
  Say("What do you have instead?");
}

// One of the offers is what we wish for.
bool CallerDialogue::TakeFitting(const std::vector<CallerOffer>& offers) {
  const CallerFact* day = facts_.day();
  const CallerFact* time = facts_.time();
  for (const CallerOffer& offer : offers) {
    if (offer.day && (day == nullptr || !FitsDay(*offer.day, *day))) continue;
    if (offer.hour && (time == nullptr || !FitsHour(offer.hour->value, *time))) continue;
    std::string text;
    if (offer.day) {
      text = day->date.range() ? SpokenDate(offer.day->value.first) : SpokenFact(*day);
    }
    if (offer.hour) {
      text += StrCat(text.empty() ? "" : " at ",
                     time->time.range() ? SpokenTime(offer.hour->value.from) : SpokenFact(*time));
    }
    Say(StrCat(Capitalised(text), ", please."));
    return true;
  }
  return false;
}

void CallerDialogue::AskWhich(const std::vector<CallerOffer>& offers) {
  std::vector<std::string> named;
  std::optional<sys_days> named_day;
  for (const CallerOffer& offer : offers) {
    std::string one;
    if (offer.day && named_day != offer.day->value.first) {
      named_day = offer.day->value.first;
      one = facts_.day() != nullptr && FitsDay(*offer.day, *facts_.day())
                ? SpokenFact(*facts_.day())
                : SpokenDate(*named_day);
    }
    if (offer.hour) {
      const TimeValue& time = offer.hour->value;
      one += StrCat(one.empty() ? "" : " at ",
                    time.half_day_open ? SpokenClock(time.from) : SpokenTime(time.from));
    }
    named.push_back(one);
  }
  const std::string choice = SpokenList(named, "or");
  const std::string wished = AnswerTo(Cue::kAskWhen);
  AskOwner({.kind = OwnerQuestion::kOffer,
            .topic = Cue::kOffer,
            .offers = offers,
            .said_before = {},
            .sentence = choice},
           StrCat("They offer ", choice, wished.empty() ? "" : StrCat(" instead of ", wished),
                  ". Which shall I take?"));
}

// "That time is taken; I have nine or eleven thirty."
bool CallerDialogue::TakeOffers(const CallerHearing& heard, const Comparison& comparison) {
  if (!wants_done_ || done_) return false;
  const std::vector<CallerOffer> offers = OffersIn(heard);
  const bool taken = heard.Has(Cue::kTaken);
  if (offers.empty()) {
    if (taken) NothingLeft(heard);
    return taken;
  }
  if (AsksToCommit(heard) && !taken && !heard.Has(Cue::kChoose)) return false;
  const OfferSign sign = SignOf(heard);
  if (sign == OfferSign::kNone || (sign == OfferSign::kWeak && offers.size() == 1)) return false;
  if (offers.size() == 1 && Complete(comparison) && !comparison.wrong()) return false;
  if (TakeFitting(offers)) return true;
  // What we wish for was not said yet: it is no answer to it.
  const bool unsaid =
      (facts_.day() != nullptr && !told_day_) || (facts_.time() != nullptr && !told_time_);
  if (unsaid && !taken) {
    const bool other_day = std::none_of(offers.begin(), offers.end(), [&](const CallerOffer& one) {
      return one.day && facts_.day() != nullptr && FitsDay(*one.day, *facts_.day());
    });
    const Cue wish = other_day || facts_.time() == nullptr ? Cue::kAskWhen : Cue::kAskTime;
    Say(StrCat(Capitalised(AnswerTo(wish)), ", please."));
    return true;
  }
  if (!Circling(Cue::kOffer)) AskWhich(offers);
  return true;
}

void CallerDialogue::Correct(const Comparison& comparison) {
  if (++corrections_ > kMostCorrections) {
    return GiveUp("what they read back stayed wrong");
  }
  std::string when;
  if (comparison.wrong_day && facts_.day() != nullptr) when = SpokenFact(*facts_.day());
  if (comparison.wrong_time && facts_.time() != nullptr) {
    when += StrCat(when.empty() ? "" : " at ", SpokenFact(*facts_.time()));
  }
  std::string text;
  if (!when.empty()) text = StrCat("No, I mean ", when, ".");
  if (comparison.wrong_name) {
    last_asked_ = Cue::kAskLastName;
    text += StrCat(text.empty() ? "No, the name is wrong. It is " : " And the name is ",
                   NatoSpelling(facts_.LastName()), ".");
  }
  if (comparison.wrong_doctor) {
    text += StrCat(text.empty() ? "No, with " : " With ", AnswerTo(Cue::kAskDoctor), ", please.");
  }
  if (comparison.wrong_phone) {
    text += StrCat(text.empty() ? "No, the number is " : " The number is ",
                   AnswerTo(Cue::kAskPhone), ".");
  }
  Say(std::move(text));
}

void CallerDialogue::AskReadBack() {
  if (++read_back_asks_ > kMostReadBackAsks) {
    return GiveUp(
        "what they would book could not be made out",
        "I am sorry, I cannot hear you well enough. Please do not book anything. Goodbye.");
  }
  Say("Sorry, which day and time was that?");
}

bool CallerDialogue::TakeReadBack(const CallerHearing& heard, const Comparison& comparison) {
  const bool confirm = heard.Has(Cue::kConfirm);
  const bool asks = !AskedFor(heard).empty();
  if (comparison.wrong() && (!asks || confirm)) {
    Correct(comparison);
    return true;
  }
  const bool values =
      comparison.day_heard || comparison.time_heard || comparison.open_day || comparison.open_time;
  const bool details = heard.our_name || !heard.numbers.empty() || !heard.doctors.empty();
  if (!wants_done_ || done_ || (!confirm && (asks || heard.question) && !values)) return false;
  if (!confirm && !values && !(details && request_said_ && heard.unexplained == 0)) return false;
  if (!confirm && asks) return false;
  if (heard.Has(Cue::kHelp) && !values) return false;
  const bool dated = facts_.day() != nullptr || facts_.time() != nullptr;
  const bool open = (comparison.open_day && facts_.day() == nullptr) ||
                    (comparison.open_time && facts_.time() == nullptr);
  if (open && !cancelling_ && (confirm || !asks)) {
    CallerOffer offer;
    for (const HeardDay& day : heard.days) {
      if (facts_.day() == nullptr) offer.day = day;
    }
    for (const HeardHour& hour : heard.hours) {
      if (facts_.time() == nullptr) offer.hour = hour;
    }
    const std::string sentence = heard.SentenceAt(offer.hour  ? offer.hour->at
                                                  : offer.day ? offer.day->at
                                                              : 0);
    if (Circling(Cue::kOffer)) return true;
    AskOwner({.kind = OwnerQuestion::kReadBack,
              .topic = Cue::kConfirm,
              .offers = {offer},
              .said_before = {},
              .sentence = sentence},
             StrCat("They say: \"", sentence, "\" Shall I agree?"));
    return true;
  }
  if (Complete(comparison) && (values || !dated)) {
    CallerAction yes;
    yes.text = "Yes, please.";
    yes.accepts = dated || cancelling_;
    Plan(std::move(yes));
    return true;
  }
  const bool asked_before = read_back_asks_ > 0 || !pending_done_.empty();
  if (!confirm && values && !asked_before) {
    // A part of it, repeated or cut off; it is no read-back to say yes to.
    if (!Circling(Cue::kConfirm)) Say(heard.question ? "That is right." : "Please go on.");
    return true;
  }
  if (AsksToCommit(heard) || values || !details) {
    AskReadBack();
    return true;
  }
  Say("Yes, that is right.");
  return true;
}

}  // namespace dragoman::offline
