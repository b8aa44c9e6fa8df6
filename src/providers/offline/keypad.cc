#include "src/providers/offline/keypad.h"

#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

// What a key means, and how that is said: {"yes", "for yes"}.
struct KeyItem {
  std::string value;
  std::string spoken;
};
using Menu = std::vector<KeyItem>;

constexpr std::size_t kMostKeys = 8;  // the ninth is "another day"

void Capitalise(std::string* text) {
  char& first = (*text)[0];
  if (first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
}

// "For yes, press one; for no, press two." The keys count once the first of them was named: who
// presses earlier may mean something else.
void AddMenu(const Menu& menu, Action* action) {
  std::string text;
  for (std::size_t i = 0; i < menu.size() && i < kMostKeys; ++i) {
    std::string item = StrCat(menu[i].spoken, ", press ", NumberWord(static_cast<int>(i) + 1));
    if (i == 0) Capitalise(&item);
    text += (i == 0 ? " " : "; ") + item;
    if (i == 0) action->keys = action->text.size() + text.size();
    action->asks->menu.push_back(menu[i].value);
  }
  action->text += text + ".";
}

void AddDigits(std::string_view how, Action* action) {
  action->keys = action->question + 1;  // they are read back, whatever they are
  action->asks->digits = true;
  action->text += StrCat(" ", how, " Then press the pound key.");
}

Menu YesOrNo() { return {{"yes", "for yes"}, {"no", "for no"}}; }

std::string HowToKeyDate(bool day_first) {
  return day_first ? "You can use your keypad: the day and the month, with two digits each, for "
                     "example oh five, oh three for the fifth of March."
                   : "You can use your keypad: the month and the day, with two digits each, for "
                     "example oh three, oh five for the fifth of March.";
}

constexpr std::string_view kHowToKeyTime =
    "You can use your keypad: the time with four digits, for example one oh, three oh for half "
    "past ten, or one four, oh oh for two in the afternoon.";

// What else a caller may want whose wish was taken for one about an appointment that they have:
// whoever has none hears by it that they were misheard.
const GoalDefinition* OtherGoal(const Dialogue& dialogue) {
  const GoalDefinition* goal = dialogue.goal_definition();
  if (goal == nullptr || goal->find_tool.empty() || dialogue.chosen) return nullptr;
  for (const GoalDefinition& other : dialogue.definition().goals) {
    if (other.find_tool.empty() && other.name != dialogue.definition().message_goal) return &other;
  }
  return nullptr;
}

// No letter is on the first key, so it cannot be a name.
void OfferNameKeys(const Dialogue& dialogue, Action* action) {
  AddDigits(dialogue.name_in_pairs
                ? "Press two keys for each letter: its key, and its place on that key. "
                  "For B, press two, two."
                : "You can use your keypad: press one key for each letter.",
            action);
  const GoalDefinition* other = OtherGoal(dialogue);
  if (other == nullptr) return;
  action->text += StrCat(" To ", other->ability, ", press one.");
  action->asks->menu = {other->name};
}

void OfferSlotKeys(const Dialogue& dialogue, const SlotDefinition& slot, Action* action) {
  Menu menu;
  for (sys_days date : action->asks->dates) menu.push_back({"", StrCat("for ", SpokenDate(date))});
  for (minutes time : action->asks->times) menu.push_back({"", StrCat("for ", SpokenTime(time))});
  if (!menu.empty()) return AddMenu(menu, action);
  switch (slot.type) {
    case SlotType::kDate:
      return AddDigits(HowToKeyDate(dialogue.definition().day_first), action);
    case SlotType::kTime:
      return AddDigits(kHowToKeyTime, action);
    case SlotType::kName:
      return OfferNameKeys(dialogue, action);
    case SlotType::kDigits:
      return AddDigits("You can type it on your keypad.", action);
    case SlotType::kChoice:
      for (const ChoiceDefinition& choice : slot.choices) {
        menu.push_back({choice.value, StrCat("for ", choice.spoken)});
      }
      return AddMenu(menu, action);
  }
}

void OfferTimes(Action* action) {
  if (action->asks->offers.size() == 1) return AddMenu(YesOrNo(), action);
  AddDigits(kHowToKeyTime, action);
  action->text += " For another day, press nine.";
}

Menu Goals(const Dialogue& dialogue) {
  Menu menu;
  const AgentDefinition& agent = dialogue.definition();
  for (auto goal = agent.goals.rbegin(); goal != agent.goals.rend(); ++goal) {
    if (goal->name != agent.message_goal) {
      menu.push_back({goal->name, StrCat("to ", goal->ability)});
    }
  }
  return menu;
}

Menu Details(const Dialogue& dialogue) {
  Menu menu;
  const GoalDefinition* goal = dialogue.goal_definition();
  if (goal == nullptr) return menu;
  for (const std::string& name : goal->required) {
    menu.push_back({name, StrCat("for ", dialogue.definition().FindSlot(name)->noun)});
  }
  return menu;
}

std::optional<sys_days> NextDate(unsigned month, unsigned day, sys_days today) {
  const auto year = std::chrono::year_month_day(today).year();
  // A leap day may be eight years away.
  for (int ahead = 0; ahead <= 8; ++ahead) {
    const std::chrono::year_month_day date{year + std::chrono::years(ahead),
                                           std::chrono::month(month), std::chrono::day(day)};
    if (date.ok() && sys_days(date) >= today) return sys_days(date);
  }
  return std::nullopt;
}

// -1: not all of them are digits.
int ValueOf(std::string_view digits) {
  int number = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

void OfferKeys(const Dialogue& dialogue, Action* action) {
  if (!action->asks) return;
  switch (action->asks->state.kind) {
    case StateKind::kOpen:
      return AddMenu(Goals(dialogue), action);
    case StateKind::kAskSlot:
      if (const SlotDefinition* slot = dialogue.definition().FindSlot(action->asks->state.name)) {
        OfferSlotKeys(dialogue, *slot, action);
      }
      return;
    case StateKind::kOffer:
      return OfferTimes(action);
    case StateKind::kChoose: {
      Menu menu;
      for (const Appointment& one : action->asks->found) {
        menu.push_back(
            {"", StrCat("for ", SpokenDate(one.place.date), " at ", SpokenTime(one.place.time))});
      }
      return AddMenu(menu, action);
    }
    case StateKind::kWhichDetail:
      return AddMenu(Details(dialogue), action);
    case StateKind::kAnythingElse: {
      if (dialogue.something_done) return AddMenu(YesOrNo(), action);
      // Nothing was done yet: what the caller wants was most likely misheard.
      Menu menu = Goals(dialogue);
      menu.push_back({"no", "if that is all"});
      return AddMenu(menu, action);
    }
    case StateKind::kConfirm:
    case StateKind::kConfirmValue:
    case StateKind::kHandover:
      return AddMenu(YesOrNo(), action);
  }
}

std::optional<DateValue> KeyedDate(std::string_view digits, sys_days today, bool day_first) {
  if (digits.size() != 4 || today == sys_days{}) return std::nullopt;
  const int left = ValueOf(digits.substr(0, 2));
  const int right = ValueOf(digits.substr(2));
  if (left < 1 || right < 1) return std::nullopt;
  auto month = static_cast<unsigned>(day_first ? right : left);
  auto day = static_cast<unsigned>(day_first ? left : right);
  auto date = NextDate(month, day, today);
  if (!date) date = NextDate(day, month, today);
  if (!date) return std::nullopt;
  return DateValue{.first = *date, .last = *date, .other = {}};
}

std::optional<TimeValue> KeyedTime(std::string_view digits) {
  if (digits.size() != 3 && digits.size() != 4) return std::nullopt;
  const int hour = ValueOf(digits.substr(0, digits.size() - 2));
  const int minute = ValueOf(digits.substr(digits.size() - 2));
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  const minutes time(hour * 60 + minute);
  return TimeValue{.from = time, .to = time, .half_day_open = hour >= 1 && hour <= 11};
}

}  // namespace dragoman::offline
