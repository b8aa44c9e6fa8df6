// What a caller's turn changes.
#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "src/providers/offline/dialogue.h"
#include "src/providers/offline/keypad.h"
#include "src/providers/offline/names.h"
#include "src/providers/offline/turn_values.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

class TurnReader {
 public:
  TurnReader(Dialogue& dialogue, Understanding heard)
      : dialogue_(dialogue),
        asked_(dialogue.asked),
        heard_(std::move(heard)),
        values_(dialogue_, asked_, heard_) {}

  void Read() {
    dialogue_.notes.clear();
    dialogue_.holding = false;
    dialogue_.again = false;
    if (dialogue_.ended) return;
    if (!heard_.keypad.empty() && !TakeKeys()) return OtherKeys();
    if (heard_.hold && !heard_.date.said() && !heard_.time.said()) {
      dialogue_.holding = true;
      return Finish(true);
    }
    const bool aside = Asides();
    if (dialogue_.closing) return Finish(true);
    const bool switched = SwitchGoal();
    const bool changed = values_.Take();
    // What was asked belonged to the old wish.
    const bool answered = !switched && Answer(changed);
    Finish(answered || switched || changed || aside || heard_.repeat);
  }

 private:
  void Finish(bool understood) {
    if (understood) {
      dialogue_.not_understood = 0;
      return;
    }
    dialogue_.again = true;
    ++dialogue_.trouble;
    // The second time in a row the keys are offered, the third time a call back; after the fourth
    // there is no other way.
    if (++dialogue_.not_understood < 3) return;
    if (dialogue_.not_understood >= 5 && dialogue_.handovers > 0) {
      dialogue_.notes.push_back("I am sorry, I cannot understand you.");
      if (heard_.lost) dialogue_.notes.push_back("Please call again from a quieter place.");
      dialogue_.closing = true;
    } else {
      dialogue_.handover = true;
    }
  }

  const AgentDefinition& definition() const { return dialogue_.definition(); }
  bool AskedFor(SlotType type) const {
    if (asked_.state.kind != StateKind::kAskSlot) return false;
    const SlotDefinition* slot = definition().FindSlot(asked_.state.name);
    return slot != nullptr && slot->type == type;
  }

  std::string Digits() const {
    std::string digits;
    for (char c : heard_.keypad) {
      if (c >= '0' && c <= '9') digits += c;
    }
    return digits;
  }

  // Keys that were offered as an answer: from here on the turn is what they mean. False: they were
  // not, or mean nothing.
  bool TakeKeys() {
    const std::string digits = Digits();
    if (digits.size() == 1) return TakeKey(digits[0] - '1');
    if (!asked_.digits) return false;
    if (AskedFor(SlotType::kDate)) {
      const auto date = KeyedDate(digits, dialogue_.today, definition().day_first);
      if (date) heard_.date.values = {*date};
      return date.has_value();
    }
    if (AskedFor(SlotType::kTime) || Expects(StateKind::kOffer)) {
      const auto time = KeyedTime(digits);
      if (time) heard_.time.values = {*time};
      return time.has_value();
    }
    return false;
  }

  bool TakeKey(int index) {
    if (Expects(StateKind::kOffer) && asked_.digits && index == 8) {  // another day
      heard_.no = true;
      return true;
    }
    if (index < 0 || index >= static_cast<int>(asked_.menu.size())) return false;
    const std::string& meaning = asked_.menu[static_cast<std::size_t>(index)];
    const bool wish =
        Expects(StateKind::kOpen) || (Expects(StateKind::kAskSlot) && asked_.digits) ||
        (Expects(StateKind::kAnythingElse) && definition().FindGoal(meaning) != nullptr);
    if (wish) {
      heard_.goal = meaning;
      return true;
    }
    switch (asked_.state.kind) {
      case StateKind::kWhichDetail:
        heard_.pointed = {meaning};
        return true;
      case StateKind::kAskSlot:
        if (!meaning.empty()) heard_.choices[asked_.state.name].values = {meaning};
        [[fallthrough]];
      case StateKind::kChoose:
        heard_.picked = static_cast<std::size_t>(index);
        return true;
      default:
        heard_.yes = meaning == "yes";
        heard_.no = meaning == "no";
        return true;
    }
  }

  // Keys that mean no answer to what was asked: a name, a number, a slip of the finger.
  void OtherKeys() {
    if (KeyName()) return Finish(true);
    if (!asked_.digits && asked_.menu.empty()) {
      // Whoever reaches for the keys unasked is offered them.
      dialogue_.trouble = std::max(dialogue_.trouble, kTroubleForKeys);
      return Finish(false);
    }
    dialogue_.notes.push_back("I do not know what these keys mean.");
  }

  bool KeyName() {
    const std::string digits = Digits();
    const bool name_due =
        AskedFor(SlotType::kName) || asked_.state.kind == StateKind::kConfirmValue;
    if (name_due) {
      dialogue_.name_candidates = KeyedNames(digits, definition().known_names);
      dialogue_.name_in_pairs = dialogue_.name_candidates.empty();
      if (dialogue_.name_candidates.empty()) {
        dialogue_.notes.push_back(
            "I know no name on these keys. You can spell it, or press two keys for each letter: "
            "its "
            "key, and its place on the key.");
      }
      return true;
    }
    if (AskedFor(SlotType::kDigits)) return values_.SetDigits(digits);
    return false;
  }

  // Questions and farewells beside the matter.
  bool Asides() {
    bool any = false;
    if (heard_.identity) {
      dialogue_.notes.push_back(StrCat("I am the automated assistant of ", definition().house,
                                       ", not a person. I work by fixed rules."));
      any = true;
    }
    for (const AnswerDefinition& answer : definition().answers) {
      if (answer.name != heard_.answer) continue;
      dialogue_.notes.push_back(answer.text);
      any = true;
    }
    if (heard_.person) {
      dialogue_.handover = true;
      any = true;
    }
    if (heard_.goodbye && !Expects(StateKind::kConfirm)) {
      // "That's all" beside a value ends the list of wishes, not the call.
      const bool alone = !heard_.date.said() && !heard_.time.said() && heard_.goal.empty();
      if (alone && MisheardGoodbye()) return any;
      if (alone) dialogue_.closing = true;
      any = alone;
    }
    return any;
  }

  // Where nothing was done yet and words are misheard, a goodbye has to come twice.
  bool MisheardGoodbye() {
    if (dialogue_.something_done || (dialogue_.not_understood == 0 && !heard_.lost)) return false;
    return !std::exchange(dialogue_.doubtful_goodbye, true);
  }

  bool Expects(StateKind kind) const { return asked_.state.kind == kind; }

  bool SwitchGoal() {
    std::string goal = heard_.goal;
    // A day or a time without a wish: something new, or a change of what was just done.
    const bool idle = dialogue_.goal.empty() || dialogue_.committed;
    if (goal.empty() && idle && (heard_.date.said() || heard_.time.said())) {
      for (const GoalDefinition& candidate : definition().goals) {
        if (candidate.search_tool.empty()) continue;
        if (candidate.find_tool.empty() != dialogue_.committed) goal = candidate.name;
      }
    }
    if (goal.empty()) return false;
    if (goal == dialogue_.goal && !dialogue_.committed) {
      return !Expects(StateKind::kConfirm) && !Expects(StateKind::kOffer);
    }
    ResetGoal(dialogue_, true);
    dialogue_.goal = goal;
    dialogue_.abandoned = false;
    return true;
  }

  // The answer to what was asked. True: it was one.
  bool Answer(bool changed) {
    switch (asked_.state.kind) {
      case StateKind::kConfirm:
        return AnswerConfirm(changed);
      case StateKind::kConfirmValue:
        return AnswerCandidate(changed);
      case StateKind::kOffer:
        return AnswerOffer(changed);
      case StateKind::kChoose:
        return AnswerChoose();
      case StateKind::kWhichDetail:
        return AnswerDetail(changed);
      case StateKind::kAnythingElse:
        return AnswerAnythingElse(changed);
      case StateKind::kHandover:
        return AnswerHandover(changed);
      case StateKind::kAskSlot:
        return AnswerSlot(changed);
      case StateKind::kOpen:
        return heard_.no && Alone() ? (dialogue_.closing = true) : false;
    }
    return false;
  }

  bool Alone() const {
    return !heard_.date.said() && !heard_.time.said() && heard_.goal.empty() && !heard_.name &&
           heard_.plain;
  }

  // Only a plain yes to the very values that were heard confirms.
  bool AnswerConfirm(bool changed) {
    if (changed) {
      ++dialogue_.trouble;
      return true;
    }
    if (!heard_.pointed.empty()) {
      ++dialogue_.trouble;
      return PointAt();
    }
    if (heard_.yes && heard_.no) return false;
    if (PlainYes() && !asked_.snapshot.empty() && asked_.snapshot == Snapshot(dialogue_)) {
      dialogue_.confirmed = asked_.snapshot;
      return true;
    }
    if (heard_.goodbye && !heard_.yes) return Abandon();
    if (heard_.yes || !heard_.no) return PlainYes();
    ++dialogue_.trouble;
    dialogue_.which_detail = true;
    if (++dialogue_.denials >= 3) {
      dialogue_.which_detail = false;
      dialogue_.handover = true;
    }
    return true;
  }

  // A yes and nothing beside it but thanks.
  bool PlainYes() const {
    return heard_.yes && heard_.plain && !heard_.no && !heard_.correction && !heard_.repeat &&
           !heard_.identity && !heard_.person && !heard_.goodbye && !heard_.any &&
           heard_.answer.empty() && heard_.pick == Pick::kNone;
  }

  bool PointAt() {
    const GoalDefinition* goal = dialogue_.goal_definition();
    bool any = false;
    for (const std::string& slot : heard_.pointed) {
      if (goal != nullptr &&
          std::find(goal->required.begin(), goal->required.end(), slot) == goal->required.end()) {
        continue;
      }
      dialogue_.values.erase(slot);
      const SlotDefinition* definition_of = definition().FindSlot(slot);
      if (definition_of != nullptr && definition_of->type == SlotType::kName)
        values_.ForgetLookup();
      any = true;
    }
    if (any) dialogue_.which_detail = false;
    return any;
  }

  bool AnswerCandidate(bool changed) {
    if (changed) return true;
    const SlotDefinition* slot = SlotOf(definition(), SlotType::kName);
    if (slot == nullptr || dialogue_.name_candidates.empty()) return false;
    if (heard_.yes && !heard_.no && heard_.plain &&
        asked_.candidate == dialogue_.name_candidates[0]) {
      values_.Set(slot->name, TitleCase(asked_.candidate));
      values_.ForgetLookup();
      dialogue_.name_candidates.clear();
      return true;
    }
    if (!heard_.no || heard_.yes) return false;
    dialogue_.name_candidates.erase(dialogue_.name_candidates.begin());
    dialogue_.name_in_pairs = dialogue_.name_candidates.empty();
    return true;
  }

  bool Choose(const Place& place) {
    const SlotDefinition* date = SlotOf(definition(), SlotType::kDate);
    const SlotDefinition* time = SlotOf(definition(), SlotType::kTime);
    if (date == nullptr || time == nullptr) return false;
    values_.ClearDate();
    dialogue_.values[date->name] = IsoDate(place.date);
    dialogue_.values[time->name] = IsoTime(place.time);
    dialogue_.time_range.reset();
    return true;
  }

  std::optional<std::size_t> Picked(std::size_t count) const {
    if (heard_.picked) return *heard_.picked < count ? heard_.picked : std::nullopt;
    if (count == 0) return std::nullopt;
    switch (heard_.pick) {
      case Pick::kFirst:
      case Pick::kEarlier:
      case Pick::kEither:
        return 0;
      case Pick::kSecond:
        return count > 1 ? std::optional<std::size_t>(1) : std::nullopt;
      case Pick::kThird:
        return count > 2 ? std::optional<std::size_t>(2) : std::nullopt;
      case Pick::kLast:
        return count - 1;
      case Pick::kLater:
        return count == 2 ? std::optional<std::size_t>(1) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

  bool AnswerOffer(bool changed) {
    const auto& offers = asked_.offers;
    if (heard_.time.said() || heard_.date.said()) {
      // Another day than the one that was just named: it was misheard.
      if (heard_.date.said() && changed) ++dialogue_.trouble;
      return OfferedByValue() || changed;
    }
    if (const auto index = Picked(offers.size())) return Choose(offers[*index]);
    if (heard_.any && !heard_.no && !offers.empty()) return Choose(offers[0]);
    if (heard_.yes && !heard_.no && heard_.plain && offers.size() == 1) return Choose(offers[0]);
    if (heard_.no || heard_.pick == Pick::kNeither) {
      for (const Place& offer : offers) dialogue_.avoided.push_back(offer.date);
      if (const SlotDefinition* time = SlotOf(definition(), SlotType::kTime)) {
        dialogue_.values.erase(time->name);
      }
      values_.ClearDate();
      dialogue_.time_range.reset();
      return true;
    }
    if (heard_.pick == Pick::kLater) return LaterThan(offers);
    return changed;
  }

  // "Something later": the rest of that day.
  bool LaterThan(const std::vector<Place>& offers) {
    if (offers.empty()) return false;
    const SlotDefinition* date = SlotOf(definition(), SlotType::kDate);
    const SlotDefinition* time = SlotOf(definition(), SlotType::kTime);
    if (date == nullptr || time == nullptr) return false;
    values_.ClearDate();
    dialogue_.values[date->name] = IsoDate(offers.back().date);
    dialogue_.values.erase(time->name);
    dialogue_.time_range =
        TimeValue{.from = offers.back().time + minutes(1), .to = minutes(24 * 60)};
    return true;
  }

  // "The nine o'clock one", "Tuesday": the offer that fits, when only one does.
  bool OfferedByValue() {
    std::vector<Place> fitting;
    for (const Place& offer : asked_.offers) {
      const bool date_fits = !heard_.date.said() || (heard_.date.values.size() == 1 &&
                                                     PointsAt(heard_.date.values[0], offer.date));
      const bool time_fits = !heard_.time.said() || (heard_.time.values.size() == 1 &&
                                                     Includes(heard_.time.values[0], offer.time));
      if (date_fits && time_fits) fitting.push_back(offer);
    }
    if (fitting.size() == 1) return Choose(fitting[0]);
    // A time that was not offered: on the day that was, when all offers were for one day.
    const bool one_day =
        !asked_.offers.empty() && !heard_.date.said() &&
        std::all_of(asked_.offers.begin(), asked_.offers.end(),
                    [&](const Place& offer) { return offer.date == asked_.offers[0].date; });
    if (one_day && !DateOf(dialogue_)) {
      values_.ClearDate();
      dialogue_.values[SlotOf(definition(), SlotType::kDate)->name] =
          IsoDate(asked_.offers[0].date);
    }
    return true;
  }

  bool AnswerChoose() {
    std::vector<std::size_t> fitting;
    for (std::size_t i = 0; i < asked_.found.size(); ++i) {
      const Place& place = asked_.found[i].place;
      const bool date_fits =
          heard_.date.values.size() == 1 && PointsAt(heard_.date.values[0], place.date);
      const bool time_fits =
          heard_.time.values.size() == 1 && Includes(heard_.time.values[0], place.time);
      if (date_fits || (time_fits && !heard_.date.said())) fitting.push_back(i);
    }
    if (fitting.empty() && !heard_.date.said()) {
      if (const auto index = Picked(asked_.found.size())) fitting.push_back(*index);
    }
    if (fitting.size() != 1) return false;
    dialogue_.chosen = asked_.found[fitting[0]];
    return true;
  }

  bool AnswerDetail(bool changed) {
    if (changed) return true;
    if (!heard_.pointed.empty() && PointAt()) return true;
    const GoalDefinition* goal = dialogue_.goal_definition();
    if (heard_.everything && goal != nullptr) {
      for (const std::string& slot : goal->required) dialogue_.values.erase(slot);
      values_.ClearDate();
      values_.ForgetLookup();
      dialogue_.which_detail = false;
      return true;
    }
    if (heard_.pick == Pick::kNeither) {
      dialogue_.which_detail = false;  // nothing: it is read out again
      return true;
    }
    if (!heard_.no) return false;
    if (++dialogue_.denials >= 3) {
      dialogue_.which_detail = false;
      dialogue_.handover = true;
    }
    return true;
  }

  bool AnswerAnythingElse(bool changed) {
    if (changed || !heard_.goal.empty()) return true;
    if (heard_.no || (heard_.thanks && !heard_.yes)) {
      dialogue_.closing = true;
      return true;
    }
    if (!heard_.yes) return false;
    ResetGoal(dialogue_, true);
    dialogue_.goal.clear();
    return true;
  }

  bool AnswerHandover(bool changed) {
    if (changed || !heard_.goal.empty()) {
      dialogue_.handover = false;
      return true;
    }
    if (heard_.yes && !heard_.no) {
      ResetGoal(dialogue_, true);
      dialogue_.goal = definition().message_goal;
      return true;
    }
    return heard_.no && Abandon();
  }

  bool Abandon() {
    ResetGoal(dialogue_, true);
    dialogue_.goal.clear();
    dialogue_.abandoned = true;
    return true;
  }

  bool AnswerSlot(bool changed) {
    if (changed) return true;
    if (!asked_.dates.empty() || !asked_.times.empty()) return AnswerWhichOfTwo();
    const SlotDefinition* slot = definition().FindSlot(asked_.state.name);
    if (slot == nullptr) return false;
    if (slot->type == SlotType::kChoice && (heard_.any || heard_.no)) {
      dialogue_.any.insert(slot->name);
      return true;
    }
    if (slot->type == SlotType::kDate && heard_.any) return dialogue_.soonest = true;
    return false;
  }

  bool AnswerWhichOfTwo() {
    const SlotDefinition* date = SlotOf(definition(), SlotType::kDate);
    const SlotDefinition* time = SlotOf(definition(), SlotType::kTime);
    if (const auto index = Picked(asked_.dates.size()); index && date != nullptr) {
      return values_.SetDate(*date, asked_.dates[*index]) || true;
    }
    if (const auto index = Picked(asked_.times.size()); index && time != nullptr) {
      dialogue_.time_choice.clear();
      values_.Set(time->name, IsoTime(asked_.times[*index]));
      return true;
    }
    return false;
  }

  Dialogue& dialogue_;
  const Asked asked_;
  Understanding heard_;
  TurnValues values_;  // of the three above
};

}  // namespace

void OnUser(Dialogue& dialogue, std::string_view text) {
  dialogue.speaking.reset();
  TurnContext context;
  context.asked = dialogue.asked.state;
  context.choosing = !dialogue.asked.dates.empty() || !dialogue.asked.times.empty();
  context.date.today = dialogue.today;
  context.date.day_first = dialogue.definition().day_first;
  TurnReader(dialogue, Understand(*dialogue.agent, text, context)).Read();
}

}  // namespace dragoman::offline
