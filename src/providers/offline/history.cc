// The agent's own turns and the tools' results, read back from the history.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/offline/dialogue.h"
#include "src/providers/offline/heard_text.h"
#include "src/providers/offline/wording.h"

namespace dragoman::offline {
namespace {

using Json = nlohmann::json;

// What of a question counts as asked once its text was heard up to `until`.
void TakeAsked(Dialogue& dialogue, const Action& action, std::size_t until) {
  if (!action.asks) return;
  Asked asked = *action.asks;
  const bool values_heard = until >= action.question;
  const bool question_begun = until > action.question;
  if (!values_heard) asked.snapshot.clear();
  if (until < action.keys) {
    asked.menu.clear();
    asked.digits = false;
  }
  std::vector<Place> heard_offers;
  for (std::size_t i = 0; i < asked.offers.size(); ++i) {
    if (i < action.offer_ends.size() && action.offer_ends[i] <= until) {
      heard_offers.push_back(asked.offers[i]);
    }
  }
  asked.offers = std::move(heard_offers);
  if (!question_begun && asked.state.kind == StateKind::kAnythingElse) return;
  if (!question_begun && asked.state.kind == StateKind::kHandover) return;
  if (!question_begun && asked.state.kind == StateKind::kConfirmValue) return;
  dialogue.asked = std::move(asked);
}

void OnCall(Dialogue& dialogue, const ToolCall& call) {
  ++dialogue.calls;
  dialogue.open_call = call;
  if (call.name == "end_call") {
    dialogue.ended = true;
    dialogue.open_call.reset();
  }
}

std::string TextOf(const Json& object, const char* key) {
  auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

void OnFree(Dialogue& dialogue, const ToolCall& call, const Json& result) {
  dialogue.searched = call.arguments;
  dialogue.free.clear();
  // By time; at equal times in the calendar's own order, which is its preference.
  std::multimap<std::pair<sys_days, minutes>, Place> places;
  const Json days = result.is_object() ? result.value("days", Json::array()) : Json::array();
  for (const Json& day : days) {
    if (!day.is_object()) continue;
    const auto date = ParseIsoDate(TextOf(day, "date"));
    if (!date) continue;
    for (const Json& slot : day.value("free", Json::array())) {
      if (!slot.is_object()) continue;
      const auto time = ParseIsoTime(TextOf(slot, "time"));
      if (!time) continue;
      places.emplace(std::pair(*date, *time), Place{*date, *time, TextOf(slot, "doctor")});
    }
  }
  for (auto& [when, place] : places) dialogue.free.push_back(std::move(place));
  // Nothing on that day: look at the week after it.
  const auto date = DateOf(dialogue);
  if (!date || !dialogue.free.empty()) return;
  const SlotDefinition* slot = SlotOf(dialogue.definition(), SlotType::kDate);
  const auto& hours = dialogue.definition().hours;
  const auto weekday = std::chrono::weekday(*date).iso_encoding() - 1;
  const bool closed = hours[weekday].opens == hours[weekday].closes;
  dialogue.notes.push_back(
      StrCat(closed ? "We are closed on " : "I have nothing free on ", SpokenDate(*date), "."));
  dialogue.values.erase(slot->name);
  dialogue.date_range = DateValue{
      .first = *date + std::chrono::days(1), .last = *date + std::chrono::days(7), .other = {}};
}

void OnFound(Dialogue& dialogue, const ToolCall& call, const Json& result) {
  dialogue.looked_up = call.arguments;
  dialogue.found.clear();
  dialogue.chosen.reset();
  const Json all = result.is_object() ? result.value("appointments", Json::array()) : Json::array();
  for (const Json& entry : all) {
    if (!entry.is_object()) continue;
    const auto date = ParseIsoDate(TextOf(entry, "date"));
    const auto time = ParseIsoTime(TextOf(entry, "time"));
    const std::string id = TextOf(entry, "appointment_id");
    if (date && time && !id.empty()) {
      dialogue.found.push_back({id, {*date, *time, TextOf(entry, "doctor")}});
    }
  }
  if (dialogue.found.size() == 1) {
    dialogue.chosen = dialogue.found[0];
    return;
  }
  if (!dialogue.found.empty()) return;
  const SlotDefinition* name = SlotOf(dialogue.definition(), SlotType::kName);
  if (name == nullptr) return;
  dialogue.notes.push_back(
      StrCat("I cannot find an appointment for ", SpelledOut(dialogue.values[name->name]), "."));
  dialogue.values.erase(name->name);
  dialogue.looked_up.clear();
  ++dialogue.trouble;  // the name was misheard, or the wish
  ++dialogue.denials;
  if (dialogue.denials >= 2) dialogue.handover = true;
}

void OnCommitted(Dialogue& dialogue, const Json& result) {
  dialogue.committed = true;
  dialogue.something_done = true;
  dialogue.told_done = false;
  if (!result.is_object()) return;
  for (const auto& [key, value] : result.items()) {
    if (value.is_string()) dialogue.receipt[key] = value.get<std::string>();
  }
}

void OnFailure(Dialogue& dialogue, const ToolCall& call) {
  const GoalDefinition* goal = dialogue.goal_definition();
  const bool commit = goal != nullptr && call.name == goal->commit_tool;
  const int failures = commit ? ++dialogue.commit_failures : ++dialogue.tool_failures;
  if (commit) dialogue.confirmed.clear();
  if (commit && !goal->search_tool.empty() && failures == 1) {
    // Most likely taken meanwhile: the calendar tells.
    dialogue.searched.clear();
    dialogue.notes.push_back("I am sorry, I could not book that.");
    return;
  }
  if (!commit && failures < 2) return;
  dialogue.notes.push_back("I am sorry, our booking system does not answer as it should.");
  dialogue.handover = true;
}

}  // namespace

void OnAssistant(Dialogue& dialogue, const Message& message) {
  if (!Trim(message.text).empty()) {
    if (!dialogue.speaking) {
      dialogue.speaking = Decide(dialogue);
      dialogue.spoken = 0;
    }
    const Action& action = *dialogue.speaking;
    const std::size_t until = HeardUntil(action.text, dialogue.spoken, message.text);
    dialogue.greeted = true;
    if (until > 0) {
      dialogue.spoken = until;
      TakeAsked(dialogue, action, until);
      if (dialogue.committed && until >= action.question) dialogue.told_done = true;
      if (dialogue.handover && until > action.question) ++dialogue.handovers;
      dialogue.notes.clear();
    } else {
      dialogue.speaking.reset();  // words of somebody else; ours are still to come
    }
  }
  for (const ToolCall& call : message.tool_calls) OnCall(dialogue, call);
}

void OnToolResult(Dialogue& dialogue, const Message& message) {
  if (!dialogue.open_call || dialogue.open_call->id != message.tool_call_id) return;
  const ToolCall call = *std::exchange(dialogue.open_call, std::nullopt);
  const GoalDefinition* goal = dialogue.goal_definition();
  dialogue.speaking.reset();
  if (message.tool_failed) return OnFailure(dialogue, call);
  const Json result = Json::parse(message.text, nullptr, false);
  if (goal == nullptr) return;
  if (call.name == goal->commit_tool) return OnCommitted(dialogue, result);
  if (call.name == goal->search_tool || call.name == goal->find_tool) {
    if (!result.is_object()) return OnFailure(dialogue, call);
    dialogue.tool_failures = 0;
    if (call.name == goal->search_tool) return OnFree(dialogue, call, result);
    OnFound(dialogue, call, result);
  }
}

}  // namespace dragoman::offline
