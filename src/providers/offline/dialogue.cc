#include "src/providers/offline/dialogue.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman::offline {

std::string IsoDate(sys_days date) {
  const std::chrono::year_month_day ymd(date);
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(ymd.year()),
                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
  return text;
}

std::string IsoTime(minutes time) {
  char text[32];
  std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(time.count() / 60),
                static_cast<int>(time.count() % 60));
  return text;
}

std::optional<sys_days> ParseIsoDate(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (text.size() != 10 ||
      std::sscanf(std::string(text).c_str(), "%4d-%2u-%2u", &year, &month, &day) != 3) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return sys_days(date);
}

std::optional<minutes> ParseIsoTime(std::string_view text) {
  int hour = 0;
  int minute = 0;
  if (text.size() != 5 || std::sscanf(std::string(text).c_str(), "%2d:%2d", &hour, &minute) != 2 ||
      hour < 0 || hour > 23 || minute < 0 || minute > 59) {
    return std::nullopt;
  }
  return minutes(hour * 60 + minute);
}

const SlotDefinition* SlotOf(const AgentDefinition& agent, SlotType type) {
  for (const SlotDefinition& slot : agent.slots) {
    if (slot.type == type) return &slot;
  }
  return nullptr;
}

bool HasTool(const Dialogue& dialogue, std::string_view name) {
  return std::any_of(dialogue.tools.begin(), dialogue.tools.end(),
                     [&](const ToolSpec& tool) { return tool.name == name; });
}

void ResetGoal(Dialogue& dialogue, bool keep_name) {
  std::map<std::string, std::string> kept;
  const SlotDefinition* name = SlotOf(dialogue.definition(), SlotType::kName);
  if (keep_name && name != nullptr && dialogue.values.contains(name->name)) {
    kept[name->name] = dialogue.values[name->name];
  }
  dialogue.values = std::move(kept);
  dialogue.any.clear();
  dialogue.date_range.reset();
  dialogue.time_range.reset();
  dialogue.soonest = false;
  dialogue.date_choice.clear();
  dialogue.time_choice.clear();
  dialogue.name_candidates.clear();
  dialogue.avoided.clear();
  dialogue.searched.clear();
  dialogue.free.clear();
  dialogue.looked_up.clear();
  dialogue.found.clear();
  dialogue.chosen.reset();
  dialogue.confirmed.clear();
  dialogue.committed = false;
  dialogue.told_done = false;
  dialogue.receipt.clear();
  dialogue.which_detail = false;
  dialogue.handover = false;
  dialogue.tool_failures = 0;
  dialogue.commit_failures = 0;
  dialogue.denials = 0;
}

namespace {

std::optional<std::string> ValueOf(const Dialogue& dialogue, SlotType type) {
  const SlotDefinition* slot = SlotOf(dialogue.definition(), type);
  if (slot == nullptr) return std::nullopt;
  auto value = dialogue.values.find(slot->name);
  if (value == dialogue.values.end()) return std::nullopt;
  return value->second;
}

}  // namespace

std::optional<sys_days> DateOf(const Dialogue& dialogue) {
  const auto value = ValueOf(dialogue, SlotType::kDate);
  return value ? ParseIsoDate(*value) : std::nullopt;
}

std::optional<minutes> TimeOf(const Dialogue& dialogue) {
  const auto value = ValueOf(dialogue, SlotType::kTime);
  return value ? ParseIsoTime(*value) : std::nullopt;
}

std::optional<Place> ChosenPlace(const Dialogue& dialogue) {
  const auto date = DateOf(dialogue);
  const auto time = TimeOf(dialogue);
  if (!date || !time) return std::nullopt;
  for (const Place& place : dialogue.free) {
    if (place.date == *date && place.time == *time) return place;
  }
  return std::nullopt;
}

std::string Snapshot(const Dialogue& dialogue) {
  const GoalDefinition* goal = dialogue.goal_definition();
  if (goal == nullptr) return "";
  nlohmann::json arguments = nlohmann::json::object();
  for (const auto* slots : {&goal->required, &goal->optional}) {
    for (const std::string& slot : *slots) {
      auto value = dialogue.values.find(slot);
      if (value != dialogue.values.end()) arguments[slot] = value->second;
    }
  }
  for (const std::string& slot : goal->required) {
    if (!arguments.contains(slot)) return "";
  }
  if (!goal->search_tool.empty()) {
    const auto place = ChosenPlace(dialogue);
    if (!place) return "";
    if (!place->doctor.empty()) arguments["doctor"] = place->doctor;
  }
  if (!goal->find_tool.empty()) {
    if (!dialogue.chosen) return "";
    arguments["appointment_id"] = dialogue.chosen->id;
  }
  // The commit tool takes what its schema names; the rest is ours.
  for (const ToolSpec& tool : dialogue.tools) {
    if (tool.name != goal->commit_tool) continue;
    const auto schema = nlohmann::json::parse(tool.parameters, nullptr, false);
    if (!schema.is_object() || !schema.contains("properties")) break;
    for (auto it = arguments.begin(); it != arguments.end();) {
      it = schema["properties"].contains(it.key()) ? std::next(it) : arguments.erase(it);
    }
  }
  return arguments.dump();
}

void Replay(Dialogue& dialogue, const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    switch (message.role) {
      case Role::kSystem:
        break;
      case Role::kUser:
        OnUser(dialogue, message.text);
        break;
      case Role::kAssistant:
        OnAssistant(dialogue, message);
        break;
      case Role::kTool:
        OnToolResult(dialogue, message);
        break;
    }
  }
}

}  // namespace dragoman::offline
