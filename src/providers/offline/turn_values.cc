#include "src/providers/offline/turn_values.h"

#include "dragoman/core/status.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

using std::chrono::days;

std::string OrdinalWordOf(sys_days date) {
  return OrdinalWord(
      static_cast<int>(static_cast<unsigned>(std::chrono::year_month_day(date).day())));
}

}  // namespace

bool Includes(const TimeValue& said, minutes time) {
  return said.from == time || (said.half_day_open && said.from + minutes(12 * 60) == time);
}

bool PointsAt(const DateValue& said, sys_days date) {
  if (said.range()) return said.first <= date && date <= said.last;
  return said.first == date ||
         (said.weekday_only && std::chrono::weekday(said.first) == std::chrono::weekday(date));
}

bool TurnValues::SetDigits(const std::string& digits) {
  const SlotDefinition* slot = SlotOf(dialogue_.definition(), SlotType::kDigits);
  if (slot == nullptr) return false;
  if (digits.size() < 7 || digits.size() > 15) {
    dialogue_.notes.push_back("That was not a whole number.");
    return true;
  }
  dialogue_.values[slot->name] = digits;
  return true;
}

bool TurnValues::Take() {
  bool changed = TakeDate();
  changed |= TakeTime();
  for (const auto& [slot, standing] : heard_.choices) changed |= TakeChoice(slot, standing);
  if (heard_.name) {
    const SlotDefinition* slot = SlotOf(dialogue_.definition(), SlotType::kName);
    if (slot != nullptr) changed |= Set(slot->name, TitleCase(heard_.name->name));
    dialogue_.name_candidates.clear();
    if (changed) ForgetLookup();
  }
  if (!heard_.digits.empty()) changed |= SetDigits(heard_.digits);
  if (heard_.soonest && !heard_.date.said()) {
    ClearDate();
    dialogue_.soonest = true;
    changed = true;
  }
  if (changed) dialogue_.which_detail = false;
  return changed;
}

bool TurnValues::Set(const std::string& slot, const std::string& value) {
  auto [it, fresh] = dialogue_.values.emplace(slot, value);
  if (!fresh && it->second == value) return false;
  it->second = value;
  dialogue_.any.erase(slot);
  return true;
}

void TurnValues::ForgetLookup() {
  dialogue_.looked_up.clear();
  dialogue_.found.clear();
  dialogue_.chosen.reset();
}

void TurnValues::ClearDate() {
  if (const SlotDefinition* slot = SlotOf(dialogue_.definition(), SlotType::kDate)) {
    dialogue_.values.erase(slot->name);
  }
  dialogue_.date_range.reset();
  dialogue_.date_choice.clear();
  dialogue_.soonest = false;
}

bool TurnValues::TakeDate() {
  const SlotDefinition* slot = SlotOf(dialogue_.definition(), SlotType::kDate);
  if (slot == nullptr) return false;
  // Found appointments are pointed at by their days.
  if (asked_.state.kind == StateKind::kChoose) return false;
  bool changed = false;
  for (const DateValue& refused : heard_.date.excluded) {
    const auto current = DateOf(dialogue_);
    if (refused.range() || !current || *current != refused.first) continue;
    dialogue_.avoided.push_back(refused.first);
    ClearDate();
    changed = true;
  }
  if (!heard_.date.said()) return changed;
  if (heard_.date.unclear()) {
    ClearDate();
    for (const DateValue& date : heard_.date.values) dialogue_.date_choice.push_back(date.first);
    return true;
  }
  const DateValue& date = heard_.date.values[0];
  if (date.other) {
    ClearDate();
    dialogue_.date_choice = {date.first, *date.other};
    return true;
  }
  if (date.range()) {
    ClearDate();
    dialogue_.date_range = date;
    return true;
  }
  return SetDate(*slot, WithinRange(date)) || changed;
}

// "Next week", and a turn later "Wednesday": that of next week.
sys_days TurnValues::WithinRange(const DateValue& date) const {
  const auto& range = dialogue_.date_range;
  if (!date.weekday_only || !range || date.first >= range->first) return date.first;
  const auto ahead = (range->first - date.first).count();
  const sys_days moved = date.first + days((ahead + 6) / 7 * 7);
  return moved <= range->last ? moved : date.first;
}

bool TurnValues::SetDate(const SlotDefinition& slot, sys_days date) {
  if (date < dialogue_.today) {
    dialogue_.notes.push_back(StrCat("The ", OrdinalWordOf(date), " has passed."));
    ClearDate();
    return true;
  }
  if (date > dialogue_.today + days(dialogue_.definition().horizon_days)) {
    dialogue_.notes.push_back(StrCat("I cannot book as far ahead as ", SpokenDate(date), "."));
    ClearDate();
    return true;
  }
  const std::string value = IsoDate(date);
  const bool same = dialogue_.values.contains(slot.name) && dialogue_.values[slot.name] == value;
  ClearDate();
  dialogue_.values[slot.name] = value;
  return !same;
}

bool TurnValues::TakeTime() {
  const SlotDefinition* slot = SlotOf(dialogue_.definition(), SlotType::kTime);
  if (slot == nullptr || asked_.state.kind == StateKind::kChoose) return false;
  bool changed = false;
  for (const TimeValue& refused : heard_.time.excluded) {
    const auto current = TimeOf(dialogue_);
    if (refused.range() || !current || !Includes(refused, *current)) continue;
    dialogue_.values.erase(slot->name);
    changed = true;
  }
  if (!heard_.time.said()) return changed;
  if (heard_.time.unclear()) {
    dialogue_.values.erase(slot->name);
    dialogue_.time_choice.clear();
    for (const TimeValue& time : heard_.time.values) {
      if (!time.range()) dialogue_.time_choice.push_back(Halves(time)[0]);
    }
    return true;
  }
  const TimeValue& time = heard_.time.values[0];
  dialogue_.time_choice.clear();
  if (time.range()) {
    dialogue_.values.erase(slot->name);
    dialogue_.time_range = time;
    return true;
  }
  const std::vector<minutes> halves = Halves(time);
  if (halves.size() > 1) {
    dialogue_.values.erase(slot->name);
    dialogue_.time_choice = halves;
    return true;
  }
  dialogue_.time_range.reset();
  return Set(slot->name, IsoTime(halves[0]));
}

// The times that "at three" may be: those at which the house is open, or the usual one.
std::vector<minutes> TurnValues::Halves(const TimeValue& time) const {
  if (!time.half_day_open) return {time.from};
  const minutes later = time.from + minutes(12 * 60);
  // Whoever picks from an offer means its times.
  for (const Place& offer : asked_.offers) {
    if (offer.time == time.from || offer.time == later) return {offer.time};
  }
  for (const minutes option : asked_.times) {
    if (option == time.from || option == later) return {option};
  }
  const bool early = Open(time.from);
  const bool late = Open(later);
  if (early && late) return {time.from, later};
  if (early != late) return {early ? time.from : later};
  return {time.from >= minutes(7 * 60) ? time.from : later};
}

bool TurnValues::Open(minutes time) const {
  const auto date = DateOf(dialogue_);
  for (std::size_t day = 0; day < 7; ++day) {
    if (date && std::chrono::weekday(*date).iso_encoding() - 1 != day) continue;
    const OpeningHours& hours = dialogue_.definition().hours[day];
    if (time >= hours.opens && time < hours.closes) return true;
  }
  return false;
}

bool TurnValues::TakeChoice(const std::string& slot, const Standing<std::string>& standing) {
  if (standing.values.size() == 1) return Set(slot, standing.values[0]);
  if (standing.unclear()) return false;
  for (const std::string& refused : standing.excluded) {
    auto value = dialogue_.values.find(slot);
    if (value == dialogue_.values.end() || value->second != refused) continue;
    dialogue_.values.erase(value);
    return true;
  }
  return false;
}

}  // namespace dragoman::offline
