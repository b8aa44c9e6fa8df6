// What is to be done for a goal: steps, their tools and arguments, and what they may use. A person
// writes it as a TOML file (docs/tasks.md); the store keeps it as JSON.
#ifndef DRAGOMAN_TASKS_GOAL_PLAN_H_
#define DRAGOMAN_TASKS_GOAL_PLAN_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/export.h"
#include "dragoman/safety/policy.h"
#include "dragoman/tasks/task_events.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

// The tool that asks the owner; the machine's own, no registry has it.
inline constexpr std::string_view kAskUserTool = "ask_user";
// The tool whose step is a phone call.
inline constexpr std::string_view kPlaceCallTool = "place_call";
DRAGOMAN_EXPORT const ToolSpec& AskUserTool();
// What values of the vault are for where a plan does not say: to prove who calls.
inline constexpr std::string_view kSecretPurpose = "authenticate";

struct DRAGOMAN_EXPORT GoalPlanStep {
  TaskStep step;
  std::string tool;
  // Canonical JSON object. "${who}" within a text stands for the result of step `who`, and
  // "${look.price}" for a member of it.
  std::string arguments;
  friend bool operator==(const GoalPlanStep&, const GoalPlanStep&) = default;
};

struct DRAGOMAN_EXPORT GoalPlan {
  std::vector<GoalPlanStep> steps;
  std::map<std::string, std::string> pins;  // fingerprints of the tools, as they were at the start
  std::string mandate;                      // in words; empty: may agree to nothing
  CallPurpose purpose = CallPurpose::kErrand;
  std::vector<std::string> countries;        // allowed beside those of the policy
  std::vector<std::string> declared_digits;  // sequences that begin with *
  std::string secret_purpose;                // what vault values are for; empty: kSecretPurpose
  std::vector<std::string> after;            // goals that must have ended; not of the file

  const GoalPlanStep* Find(std::string_view id) const;
  std::vector<TaskStep> task_steps() const;
  friend bool operator==(const GoalPlan&, const GoalPlan&) = default;
};

// kInvalidArgument names file, line, key, value and what was expected: an unknown key or tool (with
// the nearest known one), arguments that the tool's schema refuses, a reference to no step, what
// CheckPlan says. References are needs, whether `needs` lists them or not.
DRAGOMAN_EXPORT absl::StatusOr<GoalPlan> ParseGoalPlan(std::string_view toml, std::string_view file,
                                                       const ToolCatalog& tools);
DRAGOMAN_EXPORT std::string GoalPlanToJson(const GoalPlan& plan);
DRAGOMAN_EXPORT absl::StatusOr<GoalPlan> GoalPlanFromJson(std::string_view json);

// Ids of the steps whose results the arguments use; each once, in order.
DRAGOMAN_EXPORT std::vector<std::string> ReferencesOf(std::string_view arguments);
// The arguments with results in their places, canonical. kFailedPrecondition: a result is missing,
// or has no such member.
DRAGOMAN_EXPORT absl::StatusOr<std::string> FillArguments(
    std::string_view arguments, const std::map<std::string, std::string>& results);

}  // namespace dragoman
#endif  // DRAGOMAN_TASKS_GOAL_PLAN_H_
