// What the agent says or does next.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "src/providers/offline/dialogue.h"
#include "src/providers/offline/keypad.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

using std::chrono::days;

class Decision {
 public:
  explicit Decision(const Dialogue& dialogue)
      : dialogue_(dialogue), goal_(dialogue.goal_definition()) {}

  Action Make() {
    Action action = Next();
    if (dialogue_.trouble >= kTroubleForKeys) OfferKeys(dialogue_, &action);
    return action;
  }

 private:
  Action Next() const {
    if (dialogue_.ended) return {};
    if (dialogue_.closing) return Close();
    if (dialogue_.holding) return Say("Take your time.");
    if (dialogue_.handover) return OfferHandover();
    if (goal_ == nullptr) return Open();
    if (dialogue_.open_call) return Unanswered();
    if (dialogue_.committed) return Done();
    if (dialogue_.which_detail) return WhichDetail();
    if (!dialogue_.name_candidates.empty()) return CheckName();
    if (dialogue_.date_choice.size() > 1) return WhichDate();
    if (dialogue_.time_choice.size() > 1) return WhichTime();
    if (auto action = Find()) return *std::move(action);
    if (auto action = Search()) return *std::move(action);
    for (const std::string& slot : goal_->required) {
      if (!dialogue_.values.contains(slot)) return AskSlot(*definition().FindSlot(slot));
    }
    return ConfirmOrCommit();
  }

  const AgentDefinition& definition() const { return dialogue_.definition(); }

  std::string Notes() const {
    std::string text;
    for (const std::string& note : dialogue_.notes) text += note + " ";
    if (!dialogue_.greeted && dialogue_.speaking == std::nullopt && !definition().house.empty()) {
      text = StrCat("This is the automated assistant of ", definition().house, ". ", text);
    }
    return text;
  }

  Action Say(std::string_view text) const {
    Action action;
    action.text = Notes() + std::string(text);
    action.question = action.text.size();
    return action;
  }

  // `values` before the question are what must be heard for its answer to count.
  Action Ask(std::string_view values, std::string_view question, Asked asks) const {
    Action action;
    action.text = Notes() + std::string(values);
    if (!values.empty()) action.text += " ";
    action.question = action.text.size();
    while (action.question > 0 && action.text[action.question - 1] == ' ') --action.question;
    action.text += question;
    action.asks = std::move(asks);
    return action;
  }

  static Asked State(StateKind kind, std::string name = "") {
    Asked asked;
    asked.state = {kind, std::move(name)};
    return asked;
  }

  Action Call(std::string name, const nlohmann::json& arguments) const {
    Action action;
    action.calls.push_back(
        {StrCat("call_", dialogue_.calls + 1), std::move(name), arguments.dump()});
    return action;
  }

  Action Close() const {
    const bool unfinished = goal_ != nullptr && !dialogue_.committed;
    Action action = Say(unfinished && !dialogue_.something_done
                            ? "I have not changed or booked anything. Goodbye."
                            : "Thank you for calling. Goodbye.");
    if (HasTool(dialogue_, "end_call")) {
      action.calls = Call("end_call", nlohmann::json::object()).calls;
    }
    return action;
  }

  Action OfferHandover() const {
    const GoalDefinition* message = definition().FindGoal(definition().message_goal);
    const std::string trouble =
        dialogue_.not_understood > 1 ? "I am sorry, I have trouble understanding you." : "";
    if (message == nullptr || !HasTool(dialogue_, message->commit_tool)) {
      return Ask(trouble + "I cannot put you through to a person, and I cannot take a message now.",
                 "Is there anything else I can do?", State(StateKind::kAnythingElse));
    }
    return Ask(trouble.empty() ? "I cannot put you through, but I can have somebody call you back."
                               : trouble,
               trouble.empty() ? "Shall I take a message?"
                               : "Shall I take a message, so that somebody calls you back?",
               State(StateKind::kHandover));
  }

  std::string Abilities() const {
    std::vector<std::string> abilities;
    for (auto goal = definition().goals.rbegin(); goal != definition().goals.rend(); ++goal) {
      if (goal->name != definition().message_goal) abilities.push_back(goal->ability);
    }
    return SpokenList(abilities, "or");
  }

  Action Open() const {
    if (dialogue_.abandoned) {
      return Ask(dialogue_.again ? "Sorry, I did not understand that."
                                 : "All right, I have not booked or changed anything.",
                 "Is there anything else I can do?", State(StateKind::kAnythingElse));
    }
    if (!dialogue_.greeted) {
      Action action;
      action.text = definition().greeting;
      for (auto note = dialogue_.notes.rbegin(); note != dialogue_.notes.rend(); ++note) {
        action.text = StrCat(*note, " ", action.text);
      }
      action.asks = State(StateKind::kOpen);
      return action;
    }
    const std::string sorry = dialogue_.again ? "Sorry, I did not understand that." : "";
    if (dialogue_.something_done && !dialogue_.again) {
      return Ask(sorry, "What else can I do for you?", State(StateKind::kOpen));
    }
    return Ask(StrCat(sorry, sorry.empty() ? "" : " ", "I can ", Abilities(), "."),
               "What can I do for you?", State(StateKind::kOpen));
  }

  // A tool call whose result never came: what it did is unknown, so it is not repeated.
  Action Unanswered() const {
    if (dialogue_.open_call->name != goal_->commit_tool) {
      return Ask("I am sorry, I am still waiting for our calendar.", "Shall I take a message?",
                 State(StateKind::kHandover));
    }
    return Ask(
        "I am sorry, I did not hear back from our booking system, so I cannot tell whether "
        "that worked.",
        "Shall I have somebody call you back?", State(StateKind::kHandover));
  }

  Action Done() const {
    if (dialogue_.told_done) {
      return Ask(dialogue_.again ? "Sorry, I did not understand that." : "",
                 "Is there anything else I can do for you?", State(StateKind::kAnythingElse));
    }
    return Ask(Fill(goal_->done, Spoken()), "Is there anything else I can do for you?",
               State(StateKind::kAnythingElse));
  }

  Action WhichDetail() const {
    std::vector<std::string> nouns;
    for (const std::string& slot : goal_->required)
      nouns.push_back(definition().FindSlot(slot)->noun);
    return Ask(dialogue_.again ? "Sorry, I did not understand that." : "I am sorry.",
               StrCat("What should I change: ", SpokenList(nouns, "or"), "?"),
               State(StateKind::kWhichDetail));
  }

  Action CheckName() const {
    const SlotDefinition* slot = SlotOf(definition(), SlotType::kName);
    Asked asks = State(StateKind::kConfirmValue, slot->name);
    asks.candidate = dialogue_.name_candidates[0];
    const std::string values = StrCat("Is it ", SpelledOut(asks.candidate), "?");
    return Ask(values, "Yes or no?", std::move(asks));
  }

  Action WhichDate() const {
    const SlotDefinition* slot = SlotOf(definition(), SlotType::kDate);
    Asked asks = State(StateKind::kAskSlot, slot->name);
    asks.dates = dialogue_.date_choice;
    std::vector<std::string> dates;
    for (sys_days date : asks.dates) dates.push_back(SpokenDate(date));
    return Ask("", StrCat("Do you mean ", SpokenList(dates, "or"), "?"), std::move(asks));
  }

  Action WhichTime() const {
    const SlotDefinition* slot = SlotOf(definition(), SlotType::kTime);
    Asked asks = State(StateKind::kAskSlot, slot->name);
    asks.times = dialogue_.time_choice;
    std::vector<std::string> times;
    for (minutes time : asks.times) times.push_back(SpokenTime(time));
    return Ask("", StrCat("Do you mean ", SpokenList(times, "or"), "?"), std::move(asks));
  }

  Action AskSlot(const SlotDefinition& slot) const {
    const std::string sorry = dialogue_.again ? "Sorry, I did not understand that." : "";
    return Ask(sorry, dialogue_.again ? slot.prompt_again : slot.prompt,
               State(StateKind::kAskSlot, slot.name));
  }

  // The appointment that is to be changed.
  std::optional<Action> Find() const {
    if (goal_->find_tool.empty() || dialogue_.chosen) return std::nullopt;
    nlohmann::json arguments = nlohmann::json::object();
    for (const std::string& slot : goal_->find_by) {
      auto value = dialogue_.values.find(slot);
      if (value == dialogue_.values.end()) return AskSlot(*definition().FindSlot(slot));
      arguments[slot] = value->second;
    }
    if (dialogue_.looked_up != arguments.dump()) {
      if (!HasTool(dialogue_, goal_->find_tool)) return NoTool();
      return Call(goal_->find_tool, arguments);
    }
    Asked asks = State(StateKind::kChoose);
    asks.found = dialogue_.found;
    std::vector<std::string> items;
    for (const Appointment& appointment : asks.found) {
      items.push_back(
          StrCat(SpokenDate(appointment.place.date), " at ", SpokenTime(appointment.place.time)));
    }
    return Ask(StrCat("I find ", NumberWord(static_cast<int>(items.size())),
                      " appointments: ", SpokenList(items, "and"), "."),
               "Which one is it?", std::move(asks));
  }

  Action NoTool() const {
    return Ask("I am sorry, I cannot look at our calendar now.",
               "Shall I have somebody call you back?", State(StateKind::kHandover));
  }

  std::string Doctor() const {
    auto value = dialogue_.values.find("doctor");
    return value == dialogue_.values.end() ? "" : value->second;
  }

  // Where to look in the calendar; nothing when no day was said.
  std::optional<nlohmann::json> Window() const {
    const auto date = DateOf(dialogue_);
    sys_days first = dialogue_.today;
    std::int64_t length = 7;
    if (date) {
      first = *date;
      length = 1;
    } else if (dialogue_.date_range) {
      first = std::max(dialogue_.today, dialogue_.date_range->first);
      length = std::clamp<std::int64_t>((dialogue_.date_range->last - first).count() + 1, 1, 14);
    } else if (!dialogue_.soonest) {
      return std::nullopt;
    }
    nlohmann::json window = {{"date", IsoDate(first)}, {"days", length}};
    if (const std::string doctor = Doctor(); !doctor.empty()) window["doctor"] = doctor;
    return window;
  }

  std::optional<Action> Search() const {
    if (goal_->search_tool.empty()) return std::nullopt;
    const auto window = Window();
    if (!window) return AskDate();
    if (dialogue_.searched != window->dump()) {
      if (!HasTool(dialogue_, goal_->search_tool)) return NoTool();
      return Call(goal_->search_tool, *window);
    }
    if (ChosenPlace(dialogue_)) return std::nullopt;
    return OfferPlaces();
  }

  Action AskDate() const {
    const SlotDefinition* slot = SlotOf(definition(), SlotType::kDate);
    if (!dialogue_.chosen || dialogue_.again) return AskSlot(*slot);
    return Ask(StrCat("Your appointment is on ", SpokenDate(dialogue_.chosen->place.date), " at ",
                      SpokenTime(dialogue_.chosen->place.time), "."),
               slot->prompt, State(StateKind::kAskSlot, slot->name));
  }

  bool Fits(const Place& place) const {
    const bool avoided = std::find(dialogue_.avoided.begin(), dialogue_.avoided.end(),
                                   place.date) != dialogue_.avoided.end();
    if (avoided && !DateOf(dialogue_)) return false;
    if (const auto time = TimeOf(dialogue_)) return place.time == *time;
    if (!dialogue_.time_range) return true;
    return place.time >= dialogue_.time_range->from && place.time < dialogue_.time_range->to;
  }

  // One place per time of a day: which doctor it is with is settled later.
  std::vector<Place> Distinct(bool fitting) const {
    std::vector<Place> places;
    for (const Place& place : dialogue_.free) {
      if (fitting && !Fits(place)) continue;
      if (!places.empty() && places.back().date == place.date && places.back().time == place.time) {
        continue;
      }
      places.push_back(place);
    }
    return places;
  }

  // At most three: the nearest to the time wished for, else spread over the first day.
  std::vector<Place> Selection(std::vector<Place> places) const {
    if (places.empty()) return places;
    const auto time = TimeOf(dialogue_);
    const sys_days day = places[0].date;
    if (time && places[0].time != *time) {
      std::erase_if(places, [&](const Place& place) { return place.date != day; });
      std::sort(places.begin(), places.end(), [&](const Place& a, const Place& b) {
        return std::pair(std::chrono::abs(a.time - *time), a.time) <
               std::pair(std::chrono::abs(b.time - *time), b.time);
      });
      if (places.size() > 2) places.resize(2);
      std::sort(places.begin(), places.end(),
                [](const Place& a, const Place& b) { return a.time < b.time; });
      return places;
    }
    if (time) {
      if (places.size() > 2) places.resize(2);
      return places;
    }
    std::erase_if(places, [&](const Place& place) { return place.date != day; });
    if (places.size() <= 3) return places;
    return {places.front(), places[places.size() / 2], places.back()};
  }

  Action OfferPlaces() const {
    std::vector<Place> places = Distinct(true);
    std::string intro;
    if (places.empty()) {
      places = Distinct(false);
      if (places.empty()) return NothingFree();
      intro = Refusal();
    }
    const bool taken = !intro.empty();
    const bool choice_of_many = !taken && !TimeOf(dialogue_) && places.size() > 3;
    places = Selection(std::move(places));
    Action action;
    action.text = Notes() + intro + (intro.empty() ? "" : " ") + "I have ";
    const bool one_day = std::all_of(places.begin(), places.end(), [&](const Place& place) {
      return place.date == places[0].date;
    });
    // The day is said once, and not again when it was just named.
    if (one_day && !(taken && DateOf(dialogue_)))
      action.text += SpokenDate(places[0].date) + ", at ";
    Asked asks = State(StateKind::kOffer);
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (i > 0) action.text += i + 1 < places.size() ? ", " : ", or ";
      if (!one_day) action.text += SpokenDate(places[i].date) + " at ";
      action.text += SpokenTime(places[i].time);
      action.offer_ends.push_back(action.text.size());
    }
    action.text += choice_of_many ? ", for example." : ".";
    asks.offers = places;
    action.question = action.text.size();
    action.text += places.size() == 1 ? " Would that suit you?"
                   : choice_of_many   ? " What time would suit you?"
                                      : " Which would you like?";
    action.asks = std::move(asks);
    return action;
  }

  std::string Refusal() const {
    const auto date = DateOf(dialogue_);
    const std::string when = date ? " on " + SpokenDate(*date) : "";
    const std::string who = Doctor().empty() ? "" : StrCat(" with ", SpokenChoice("doctor"));
    if (const auto time = TimeOf(dialogue_)) {
      return StrCat("I have nothing at ", SpokenTime(*time), when, who, ".");
    }
    return StrCat("I have nothing then", when, who, ".");
  }

  Action NothingFree() const {
    const SlotDefinition* slot = SlotOf(definition(), SlotType::kDate);
    Asked asks = State(StateKind::kAskSlot, slot->name);
    return Ask("I have nothing free in those days.", "Which other day would suit you?",
               std::move(asks));
  }

  std::string SpokenChoice(const std::string& slot) const {
    auto value = dialogue_.values.find(slot);
    const SlotDefinition* definition_of = definition().FindSlot(slot);
    if (value == dialogue_.values.end() || definition_of == nullptr) return "";
    for (const ChoiceDefinition& choice : definition_of->choices) {
      if (choice.value == value->second) return choice.spoken;
    }
    return value->second;
  }

  static std::string SpokenDoctor(const AgentDefinition& agent, const std::string& doctor) {
    const SlotDefinition* slot = agent.FindSlot("doctor");
    for (const ChoiceDefinition& choice :
         slot == nullptr ? std::vector<ChoiceDefinition>{} : slot->choices) {
      if (choice.value == doctor) return choice.spoken;
    }
    return doctor.empty() ? "the doctor" : "Doctor " + doctor;
  }

  // Everything a text may name, as it is said.
  std::map<std::string, std::string> Spoken() const {
    std::map<std::string, std::string> spoken;
    for (const SlotDefinition& slot : definition().slots) {
      auto value = dialogue_.values.find(slot.name);
      if (value == dialogue_.values.end()) continue;
      spoken[slot.name] = SpokenValue(slot, value->second);
    }
    if (const auto place = ChosenPlace(dialogue_)) {
      spoken["doctor"] = SpokenDoctor(definition(), place->doctor);
    }
    if (dialogue_.chosen) {
      const Place& place = dialogue_.chosen->place;
      spoken["found_date"] = SpokenDate(place.date);
      spoken["found_time"] = SpokenTime(place.time);
      spoken["found_doctor"] = SpokenDoctor(definition(), place.doctor);
    }
    for (const auto& [key, value] : dialogue_.receipt) spoken.emplace(key, value);
    return spoken;
  }

  std::string SpokenValue(const SlotDefinition& slot, const std::string& value) const {
    switch (slot.type) {
      case SlotType::kDate:
        if (const auto date = ParseIsoDate(value)) return SpokenDate(*date);
        return value;
      case SlotType::kTime:
        if (const auto time = ParseIsoTime(value)) return SpokenTime(*time);
        return value;
      case SlotType::kName:
        return SpelledOut(value);
      case SlotType::kDigits:
        return SpokenDigits(value);
      case SlotType::kChoice:
        return SpokenChoice(slot.name);
    }
    return value;
  }

  Action ConfirmOrCommit() const {
    const std::string snapshot = Snapshot(dialogue_);
    if (!HasTool(dialogue_, goal_->commit_tool)) return NoTool();
    if (!snapshot.empty() && dialogue_.confirmed == snapshot) {
      return Call(goal_->commit_tool, nlohmann::json::parse(snapshot));
    }
    Asked asks = State(StateKind::kConfirm, goal_->name);
    asks.snapshot = snapshot;
    const std::string text = Fill(goal_->confirm, Spoken());
    const std::size_t question = text.rfind(". ");
    std::string values = question == std::string::npos ? "" : text.substr(0, question + 1);
    values += Volunteered();
    const std::string asked = question == std::string::npos ? text : text.substr(question + 2);
    const bool unclear = dialogue_.again && dialogue_.asked.state.kind == StateKind::kConfirm;
    return Ask(unclear ? "Sorry, I need a clear yes or no. " + values : values, asked,
               std::move(asks));
  }

  // What the caller added unasked is read back too: it will be part of the commit.
  std::string Volunteered() const {
    std::string text;
    for (const std::string& slot : goal_->optional) {
      const SlotDefinition* definition_of = definition().FindSlot(slot);
      auto value = dialogue_.values.find(slot);
      if (value == dialogue_.values.end() || definition_of == nullptr) continue;
      if (goal_->confirm.find("{" + slot + "}") != std::string::npos) continue;
      std::string noun = definition_of->noun;
      noun[0] = static_cast<char>(noun[0] >= 'a' && noun[0] <= 'z' ? noun[0] - 'a' + 'A' : noun[0]);
      text += StrCat(" ", noun, " is ", SpokenValue(*definition_of, value->second), ".");
    }
    return text;
  }

  const Dialogue& dialogue_;
  const GoalDefinition* const goal_;
};

}  // namespace

Action Decide(const Dialogue& dialogue) { return Decision(dialogue).Make(); }

}  // namespace dragoman::offline
