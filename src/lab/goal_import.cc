#include "src/lab/goal_import.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/tools/canonical_json.h"

namespace dragoman::lab {
namespace {

using C = TaskCommandKind;
using E = TaskEventKind;

WallTime TimeOf(std::int64_t us) { return WallTime(std::chrono::microseconds(us)); }

bool IsAbout(const std::string& step, std::int64_t attempt, const GoalLogEffect& effect) {
  return step == effect.step && attempt == effect.attempt;
}

// The effect's state after these steps; none: it was not written down yet.
std::optional<IntentState> StateAfter(const std::vector<TaskLogStep>& steps, std::size_t events,
                                      const GoalLogEffect& effect) {
  std::optional<IntentState> state;
  for (std::size_t i = 0; i < events; ++i) {
    const TaskEvent& event = steps[i].event;
    if (IsAbout(event.step, event.attempt, effect)) {
      switch (event.kind) {
        case E::kAllowed:
        case E::kMustConfirm:
          state = IntentState::kPlanned;
          break;
        case E::kStepUnclear:
          state = IntentState::kNeedsHuman;
          break;
        case E::kStepDone:
        case E::kStepFailed:
        case E::kCallDropped:
        case E::kCallNeedsInfo:
        case E::kCallNeedsSecret:
          if (state) state = effect.state;
          break;
        case E::kRefused:
          if (state) state = IntentState::kAbandoned;
          break;
        default:
          break;
      }
    }
    for (const TaskCommand& command : steps[i].commands) {
      if (!IsAbout(command.step, command.attempt, effect) || !state) continue;
      if (command.kind == C::kResolve) {
        state = command.yes ? IntentState::kDone : IntentState::kNotDone;
      }
      if (command.kind == C::kWithdraw && *state == IntentState::kPlanned) {
        state = IntentState::kAbandoned;
      }
    }
  }
  return state;
}

IntentRecord IntentOf(const GoalLog& log, const GoalLogEffect& effect, IntentState state) {
  IntentRecord intent{.effect_id = effect.effect_id,
                      .goal_id = log.goal,
                      .step = effect.step,
                      .attempt_group = effect.attempt,
                      .tool = effect.tool,
                      .effect = effect.effect,
                      .arguments = effect.arguments,
                      .client_reference = effect.effect_id};
  intent.to = effect.to;
  intent.from = effect.from;
  intent.key_window = std::chrono::hours(24);
  intent.approval_id = effect.approval_id;
  intent.state = state;
  if (state != IntentState::kPlanned) {
    intent.provider_reference = effect.reference;
    intent.detail = effect.detail;
  }
  return intent;
}

}  // namespace

absl::Status CheckTools(const GoalPlan& plan, const ToolCatalog& tools) {
  for (const GoalPlanStep& step : plan.steps) {
    if (step.tool == kAskUserTool || tools.FindSpec(step.tool) != nullptr) continue;
    return InvalidArgument("step '", step.step.id, "' uses the tool '", step.tool,
                           "', which there is no dry one of");
  }
  return absl::OkStatus();
}

void Repin(GoalPlan& plan, const ToolCatalog& tools) {
  for (auto& [name, pin] : plan.pins) {
    if (const ToolSpec* spec = tools.FindSpec(name)) pin = ToolFingerprint(*spec);
  }
}

absl::StatusOr<std::map<std::string, bool>> ApprovalsUntil(const GoalLog& log,
                                                           std::int64_t events) {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<TaskLogStep> steps, DecodeSteps(log));
  std::map<std::string, bool> answered;
  for (std::size_t i = 0; i < static_cast<std::size_t>(events); ++i) {
    const TaskEvent& event = steps[i].event;
    if (event.kind == E::kApproved) answered[event.reference] = true;
    if (event.kind == E::kDeclined) answered[event.reference] = false;
  }
  return answered;
}

absl::StatusOr<std::vector<StoreTransaction>> PastOf(const GoalLog& log, std::int64_t events,
                                                     const ToolCatalog& tools) {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<TaskLogStep> steps, DecodeSteps(log));
  const auto count = static_cast<std::size_t>(events);
  std::size_t plans = 1;
  for (std::size_t i = 0; i < count; ++i) plans += steps[i].event.kind == E::kReplan ? 1 : 0;
  if (plans > log.plans.size()) return DataLoss("a plan of the owner is missing");

  std::vector<StoreTransaction> past(1);
  std::vector<Change>& changes = past[0].changes;
  changes.push_back(
      UserRecord{.id = "owner", .display_name = "owner", .created = TimeOf(log.created_us)});
  GoalRecord goal{.id = log.goal,
                  .user_id = "owner",
                  .request = log.words,
                  .state = log.rows[0].state,
                  .priority = log.priority,
                  .created = TimeOf(log.created_us),
                  .updated = TimeOf(log.created_us)};
  if (log.deadline_us > 0) goal.deadline = TimeOf(log.deadline_us);
  changes.push_back(std::move(goal));
  for (std::size_t i = 0; i < plans; ++i) {
    DRAGOMAN_ASSIGN_OR_RETURN(GoalPlan plan, GoalPlanFromJson(log.plans[i].body));
    DRAGOMAN_RETURN_IF_ERROR(CheckTools(plan, tools));
    Repin(plan, tools);
    plan.after.clear();
    changes.push_back(PlanRecord{.goal_id = log.goal,
                                 .version = log.plans[i].version,
                                 .body = GoalPlanToJson(plan),
                                 .created = TimeOf(log.plans[i].created_us)});
  }
  for (const GoalLogEffect& effect : log.effects) {
    if (const auto state = StateAfter(steps, count, effect)) {
      changes.push_back(IntentOf(log, effect, *state));
    }
  }
  for (std::size_t i = 0; i <= count; ++i) {
    const GoalLogRow& row = log.rows[i];
    if (i > 0) past.emplace_back();
    past.back().steps.push_back({.goal_id = log.goal,
                                 .expected_version = static_cast<std::int64_t>(i),
                                 .state = row.state,
                                 .waiting_on = row.waiting_on,
                                 .final = row.final,
                                 .at = TimeOf(row.at_us),
                                 .actor = "operator",
                                 .action = row.action,
                                 .delta = row.delta,
                                 .topic = {},
                                 .event = {}});
  }
  return past;
}

}  // namespace dragoman::lab
