#include "dragoman/lab/goal_fork.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "dragoman/core/status.h"
#include "src/lab/goal_import.h"
#include "src/lab/goal_world.h"

namespace dragoman::lab {
namespace {

using C = TaskCommandKind;
using E = TaskEventKind;

// The question that is open after a step: the last that was asked and not closed.
struct OpenQuestion {
  TaskWait about = TaskWait::kNothing;
  std::string step;
};

std::vector<OpenQuestion> QuestionsAfter(const std::vector<TaskLogStep>& steps) {
  std::vector<OpenQuestion> after;
  OpenQuestion open;
  for (const TaskLogStep& step : steps) {
    for (const TaskCommand& command : step.commands) {
      if (command.kind == C::kAskOwner) open = {command.about, command.step};
      if (command.kind == C::kCloseQuestion || command.kind == C::kEnd) open = {};
    }
    after.push_back(open);
  }
  return after;
}

std::string EventsWith(const std::vector<OpenQuestion>& after, bool approval) {
  std::string list;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i].about == TaskWait::kNothing) continue;
    if ((after[i].about == TaskWait::kApproval) != approval) continue;
    list += StrCat(list.empty() ? "" : ", ", i + 1);
  }
  return list.empty() ? "at no event of this record" : StrCat("after event ", list);
}

absl::Status CheckChange(const GoalForkOptions& options, const std::vector<OpenQuestion>& after) {
  const OpenQuestion& open = after[static_cast<std::size_t>(options.at) - 1];
  const bool approval = open.about == TaskWait::kApproval;
  if ((options.answer || options.choice) && (open.about == TaskWait::kNothing || approval)) {
    return FailedPrecondition(
        "after event ", options.at,
        approval ? " a yes or a no is awaited (approval=yes)" : " no question is open",
        "; a question that takes an answer is open ", EventsWith(after, false));
  }
  if (options.approval && !approval) {
    return FailedPrecondition("after event ", options.at, " no approval is awaited; one is ",
                              EventsWith(after, true));
  }
  return absl::OkStatus();
}

// The owner's other word instead of the recorded one.
void PutAnswer(const GoalForkOptions& options, const OpenQuestion& open, GoalScript& script) {
  GoalAnswer answer{.step = open.step,
                    .about = open.about,
                    .after = std::chrono::seconds(1),
                    .text = options.answer.value_or("")};
  const auto recorded = std::find_if(
      script.answers.begin(), script.answers.end(),
      [&](const GoalAnswer& one) { return one.step == open.step && one.about == open.about; });
  if (recorded != script.answers.end()) {
    if (!recorded->silent) answer.after = recorded->after;
    script.answers.erase(recorded);
  }
  answer.choice = options.choice.value_or(OwnerChoice::kText);
  answer.yes = options.approval.value_or(false);
  script.answers.insert(script.answers.begin(), std::move(answer));
}

// Ids that this world makes must not be those of the record, which may be a fork's itself.
std::uint64_t SeedOf(const GoalLog& log) {
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a 64
  for (const GoalLogRow& row : log.rows) {
    for (const char c : row.delta) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return hash;
}

bool WasPlanned(const std::vector<TaskLogStep>& steps, std::int64_t events) {
  return std::any_of(steps.begin(), steps.begin() + events,
                     [](const TaskLogStep& step) { return step.event.kind == E::kPlanned; });
}

}  // namespace

absl::StatusOr<GoalFork> ForkGoal(const GoalLog& log, const GoalForkOptions& options) {
  if (options.at < 1 || options.at > log.events()) {
    return InvalidArgument("there is no event ", options.at, "; the record has 1 to ",
                           log.events());
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const TaskReplayResult past, ReplayGoalLog(log, options.at));
  if (past.verdict == TaskReplayVerdict::kOtherMachine) {
    return Unimplemented("the log was written by machine version ", past.header.machine_version,
                         "; only this one, ", kTaskMachineVersion, ", can go on with it");
  }
  if (past.verdict == TaskReplayVerdict::kDifferent) {
    return DataLoss("the record does not come out again: ", past.first_difference);
  }
  if (IsFinal(past.progress.state)) {
    return InvalidArgument("by event ", options.at, " the goal had ended in ",
                           Name(past.progress.state), "; fork before that");
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<TaskLogStep> steps, DecodeSteps(log));
  const std::vector<OpenQuestion> questions = QuestionsAfter(steps);
  DRAGOMAN_RETURN_IF_ERROR(CheckChange(options, questions));
  const OpenQuestion& open = questions[static_cast<std::size_t>(options.at) - 1];
  DRAGOMAN_ASSIGN_OR_RETURN(GoalScript script, ScriptAfter(log, options.at));
  const bool replans = !options.plan.empty();
  if (options.answer || options.choice || options.approval) PutAnswer(options, open, script);
  if (replans) {
    std::erase_if(script.wishes,
                  [](const GoalWish& wish) { return wish.kind == WishKind::kReplan; });
  }

  const bool first_plan = replans && !WasPlanned(steps, options.at);
  GoalWorldOptions world_options{
      .now =
          WallTime(std::chrono::microseconds(log.rows[static_cast<std::size_t>(options.at)].at_us)),
      .policy = options.policy,
      .caller_identity = {},
      .calling_number = {},
      .classes = {},
      .answered = {},
      .open_approval = open.about == TaskWait::kApproval ? past.progress.question : "",
      .seed = SeedOf(log),
      .replans = replans && !first_plan};
  for (const GoalLogEffect& effect : log.effects) {
    world_options.classes[effect.tool] = effect.effect;
    if (effect.from.empty()) continue;
    (effect.tool == kPlaceCallTool ? world_options.calling_number : world_options.caller_identity) =
        effect.from;
  }
  DRAGOMAN_ASSIGN_OR_RETURN(world_options.answered, ApprovalsUntil(log, options.at));
  DRAGOMAN_ASSIGN_OR_RETURN(const std::unique_ptr<GoalWorld> world,
                            GoalWorld::Open(std::move(world_options), std::move(script)));
  GoalLog from = log;
  GoalPlan plan;
  if (replans) {
    DRAGOMAN_ASSIGN_OR_RETURN(plan, ParseGoalPlan(options.plan, options.plan_file, world->tools()));
  }
  if (first_plan) from.plans[0].body = GoalPlanToJson(plan);
  DRAGOMAN_RETURN_IF_ERROR(world->TakeUp(from, options.at));
  if (replans && !first_plan) {
    const absl::Status taken = world->Replan(std::move(plan));
    if (!taken.ok()) {
      return FailedPrecondition(
          "after event ", options.at, " no other plan can be taken (", MessageOf(taken),
          "); one can before event 2, or while the goal waits: ", EventsWith(questions, false));
    }
  }
  DRAGOMAN_RETURN_IF_ERROR(world->Run());
  GoalFork fork{.log = {}, .waits_for = world->open_question()};
  DRAGOMAN_ASSIGN_OR_RETURN(fork.log, world->Log());
  return fork;
}

absl::StatusOr<std::vector<ForkPoint>> ForkPoints(const GoalLog& log) {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<TaskLogStep> steps, DecodeSteps(log));
  const std::vector<OpenQuestion> questions = QuestionsAfter(steps);
  std::vector<ForkPoint> points;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (log.rows[i + 1].final) break;
    ForkPoint point{.event = static_cast<std::int64_t>(i) + 1,
                    .what = log.rows[i + 1].action,
                    .changes = i == 0 ? "plan, policy" : "policy"};
    if (questions[i].about == TaskWait::kApproval) {
      point.changes = "approval, plan, policy";
    } else if (questions[i].about == TaskWait::kStep) {
      point.changes = "answer, plan, policy";
    } else if (questions[i].about == TaskWait::kCallQuestion) {
      point.changes = "answer, policy";
    } else if (questions[i].about != TaskWait::kNothing) {
      point.changes = "choice, plan, policy";
    }
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace dragoman::lab
