// What came of a goal, for people: made by code, each line with its proof.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/tasks/operator.h"

namespace dragoman {
namespace {

// What came of a call, for people: what was found out, and the other party's words. Empty: it is
// not the result of one.
std::string CallResult(const std::string& detail) {
  const nlohmann::json result = nlohmann::json::parse(detail, nullptr, false);
  if (!result.is_object() || !result.contains("quote")) return "";
  std::string text;
  for (const auto& [name, value] : result.items()) {
    if (name == "quote" || name == "call" || name == "seconds" || !value.is_string()) continue;
    text += StrCat(EscapeLine(name), " ", EscapeLine(value.get<std::string>()), "; ");
  }
  text += StrCat("they said \"", EscapeLine(result["quote"].get<std::string>()), "\"");
  const auto call = result.find("call");
  if (call != result.end() && call->is_string()) {
    text += StrCat(" (", EscapeLine(call->get<std::string>()), ")");
  }
  return text;
}

}  // namespace

std::string WriteSummary(const GoalReport& report) {
  std::string text = StrCat("Goal: ", EscapeLine(report.goal.request), "\n");
  int done = 0;
  for (const TaskStepProgress& step : report.progress.steps) {
    done += step.status == TaskStepStatus::kDone ? 1 : 0;
  }
  text += StrCat(done, " of ", report.progress.steps.size(), " steps done.\n");
  for (const TaskStepProgress& step : report.progress.steps) {
    const GoalPlanStep* planned = report.plan.Find(step.step.id);
    text += StrCat("- ", step.step.id, planned == nullptr ? "" : StrCat(" (", planned->tool, ")"),
                   ": ", Name(step.status));
    const auto effect =
        std::find_if(report.effects.begin(), report.effects.end(),
                     [&](const IntentRecord& one) { return one.effect_id == step.receipt; });
    const bool called = effect != report.effects.end() && effect->tool == kPlaceCallTool;
    if (const std::string told = called ? CallResult(effect->detail) : ""; !told.empty()) {
      text += StrCat(": ", told);
    } else if (!step.detail.empty()) {
      text += StrCat(": \"", EscapeLine(step.detail), "\"");
    }
    if (step.status == TaskStepStatus::kDone) {
      // What no effect stands behind is the owner's own word.
      text += effect == report.effects.end()
                  ? StrCat(" [your word, ", step.receipt, "]")
                  : StrCat(" [receipt ", effect->effect_id.substr(0, 12), ", ", Name(effect->state),
                           effect->provider_reference.empty()
                               ? ""
                               : StrCat(", ", EscapeLine(effect->provider_reference)),
                           "]");
    }
    text += "\n";
  }
  if (!report.progress.reason.empty()) {
    text += StrCat("It did not complete: ", EscapeLine(report.progress.reason), "\n");
  }
  return text;
}

}  // namespace dragoman
