#include "src/tasks/goal_report.h"

#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/tasks/operator.h"
#include "dragoman/tasks/task_log.h"
#include "src/tasks/goal_run.h"

namespace dragoman {
namespace {

constexpr int kLogPage = 256;

}  // namespace

absl::StatusOr<std::vector<LogRecord>> ReadWholeLog(StoreView& view, std::string_view goal) {
  std::vector<LogRecord> log;
  while (true) {
    DRAGOMAN_ASSIGN_OR_RETURN(
        std::vector<LogRecord> page,
        view.ReadGoalLog(goal, static_cast<std::int64_t>(log.size()) + 1, kLogPage));
    const bool last = page.size() < kLogPage;
    std::move(page.begin(), page.end(), std::back_inserter(log));
    if (last) return log;
  }
}

// Versions count from 1 without a gap.
absl::StatusOr<NewestPlan> ReadNewestPlan(StoreView& view, std::string_view goal) {
  std::optional<PlanRecord> newest;
  for (std::int64_t version = 1;; ++version) {
    DRAGOMAN_ASSIGN_OR_RETURN(std::optional<PlanRecord> found, view.FindPlan(goal, version));
    if (!found) break;
    newest = std::move(found);
  }
  if (!newest) return DataLoss("goal ", goal, " has no plan");
  DRAGOMAN_ASSIGN_OR_RETURN(GoalPlan plan, GoalPlanFromJson(newest->body));
  return NewestPlan{std::move(plan), newest->version};
}

absl::StatusOr<GoalReport> ReadGoal(StoreView& view, std::string_view goal) {
  GoalReport report;
  DRAGOMAN_ASSIGN_OR_RETURN(std::optional<GoalRecord> record, view.FindGoal(goal));
  if (!record) return NotFound("no goal '", goal, "'");
  if (record->erased) return DataLoss("goal ", goal, " was erased; only its audit trail is left");
  report.goal = *std::move(record);
  DRAGOMAN_ASSIGN_OR_RETURN(NewestPlan newest, ReadNewestPlan(view, goal));
  report.plan = std::move(newest.plan);
  DRAGOMAN_ASSIGN_OR_RETURN(report.effects, view.ListIntents(goal));
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<LogRecord> log, ReadWholeLog(view, goal));
  std::vector<std::string> deltas;
  for (const LogRecord& row : log) {
    if (row.delta.empty() && !row.delta_digest.empty()) {
      return DataLoss("goal ", goal, " was erased; only its audit trail is left");
    }
    deltas.push_back(row.delta);
  }
  for (std::size_t i = 1; i < deltas.size(); ++i) {
    DRAGOMAN_ASSIGN_OR_RETURN(const TaskLogStep step, DecodeTaskStep(deltas[i]));
    if (step.event.kind == TaskEventKind::kSummarized) report.summary = step.event.detail;
    for (const TaskCommand& command : step.commands) {
      if (command.kind == TaskCommandKind::kAskOwner) report.question_text = command.detail;
    }
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const TaskReplayResult replayed,
                            ReplayTask([&]() -> absl::StatusOr<std::vector<std::string>> {
                              return std::exchange(deltas, {});
                            }));
  report.progress = replayed.progress;
  if (report.progress.question.empty()) {
    report.question_text.clear();
  } else if (report.progress.wait == TaskWait::kStep && report.progress.active >= 0) {
    const auto& active = report.progress.steps[static_cast<std::size_t>(report.progress.active)];
    std::map<std::string, std::string> results;
    for (const TaskStepProgress& step : report.progress.steps) results[step.step.id] = step.detail;
    report.question_text = QuestionOf(report.plan, active.step.id, results);
  }
  return report;
}

}  // namespace dragoman
