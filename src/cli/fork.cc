// `dragoman fork`: another future of what was recorded, beside the one that was.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/lab/goal_fork.h"
#include "src/cli/commands.h"
#include "src/cli/fork_changes.h"
#include "src/cli/fork_view.h"
#include "src/cli/logs.h"
#include "src/cli/output.h"
#include "src/cli/terminal_text.h"

namespace dragoman::cli {
namespace {

int ShowGoalPoints(const std::string& name, const GoalLog& log) {
  const auto points = lab::ForkPoints(log);
  if (!points.ok()) return Complain(Annotate(points.status(), name));
  Print(StrCat("Goal ", log.goal, ", ", log.events(), " events. --at N, then --with one of:\n"));
  for (const lab::ForkPoint& point : *points)
    Print(RenderPoint(point.event, point.what, point.changes));
  return kBadUsage;
}

int ForkGoalLog(const ForkOptions& options, const ForkChanges& changes, const GoalLog& log) {
  if (options.at == 0) return ShowGoalPoints(options.log, log);
  lab::GoalForkOptions fork_options{.at = options.at,
                                    .policy = {},
                                    .answer = changes.answer,
                                    .choice = changes.choice,
                                    .approval = changes.approval,
                                    .plan = {},
                                    .plan_file = changes.plan};
  absl::StatusOr<Policy> policy = ReadPolicyFiles(changes.policy, "");
  if (!policy.ok()) return Complain(policy.status());
  fork_options.policy = *std::move(policy);
  if (!changes.plan.empty()) {
    absl::StatusOr<std::string> plan = ReadWholeFile(changes.plan);
    if (!plan.ok()) return Complain(plan.status());
    fork_options.plan = *std::move(plan);
  }
  const auto fork = lab::ForkGoal(log, fork_options);
  if (!fork.ok()) return Complain(Annotate(fork.status(), options.log));
  Print(StrCat("Goal ", log.goal, ": events 1 to ", options.at,
               " came out as recorded; from there with ", changes.Describe(),
               ".\nVirtual time, every effect dry: nothing was sent.\n\n"));
  Print(RenderGoalFutures(log, fork->log, options.at, fork->waits_for));
  const std::string path =
      options.output.empty() ? StrCat(log.goal, "-fork-", options.at, ".log") : options.output;
  const absl::StatusOr<std::string> bytes = EncodeGoalLog(fork->log);
  if (!bytes.ok()) return Complain(bytes.status());
  const absl::Status written = WritePrivateFile(path, *bytes);
  if (!written.ok()) return Complain(written);
  Print(StrCat("\nthe forked record is in ", path, "\n"));
  return kOk;
}

}  // namespace

int RunFork(const ForkOptions& options) {
  const absl::StatusOr<AnyLog> log = OpenLog(options.log, options.data_dir);
  if (!log.ok()) return Complain(Annotate(log.status(), options.log));
  const bool goal = std::holds_alternative<GoalLog>(*log);
  const absl::StatusOr<ForkChanges> changes = ReadForkChanges(options.with, goal);
  if (!changes.ok()) return Complain(changes.status());
  if (options.at != 0 && options.with.empty()) {
    return Complain(InvalidArgument("--with is missing: say what is otherwise after event ",
                                    options.at, ", for example --with ",
                                    goal ? "answer=\"No\"" : "model=offline"));
  }
  const std::string path = options.output;
  if (!path.empty() && std::filesystem::exists(path) && !options.force) {
    return Complain(FailedPrecondition(path, " is there already; --force writes over it"));
  }
  if (goal) return ForkGoalLog(options, *changes, std::get<GoalLog>(*log));
  return RunCallFork(options, *changes, std::get<CallLogBytes>(*log).bytes);
}

}  // namespace dragoman::cli
