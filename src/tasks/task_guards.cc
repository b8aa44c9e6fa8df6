#include <algorithm>

#include "dragoman/core/status.h"
#include "src/tasks/task_stepper.h"

namespace dragoman {

using G = TaskGuard;

bool TaskStepper::Names(TaskActivity activity) const {
  const TaskStepProgress* active = Active();
  return now_.activity == activity && active != nullptr && active->step.id == event_.step &&
         (event_.attempt == 0 || event_.attempt == active->attempt);
}

bool TaskStepper::Answers(TaskWait wait) const {
  return now_.wait == wait && !now_.question.empty() && event_.reference == now_.question;
}

bool TaskStepper::NeedsAreDone(const TaskStepProgress& step) const {
  return std::all_of(step.step.needs.begin(), step.step.needs.end(), [&](const std::string& need) {
    return std::any_of(now_.steps.begin(), now_.steps.end(), [&](const TaskStepProgress& other) {
      return other.step.id == need && other.status == TaskStepStatus::kDone;
    });
  });
}

std::int64_t TaskStepper::Candidate() const {
  for (std::size_t i = 0; i < now_.steps.size(); ++i) {
    const TaskStepProgress& step = now_.steps[i];
    if (step.status != TaskStepStatus::kPending) continue;
    if (now_.state == TaskState::kGatherInfo && step.step.kind != TaskStepKind::kAsk) continue;
    if (now_.state == TaskState::kResearch && step.step.kind != TaskStepKind::kRead) continue;
    if (NeedsAreDone(step)) return static_cast<std::int64_t>(i);
  }
  return -1;
}

bool TaskStepper::AllDone() const {
  return !now_.broken &&
         std::none_of(now_.steps.begin(), now_.steps.end(), [](const TaskStepProgress& step) {
           return step.status == TaskStepStatus::kPending;
         });
}

bool TaskStepper::HoldsHere(TaskGuard guard) const {
  const auto fired = [&](TaskTimer timer) { return event_.timer == timer; };
  const TaskStepProgress* active = Active();
  const bool call = active != nullptr && active->step.kind == TaskStepKind::kCall;
  switch (guard) {
    case G::kIdle:
      return now_.activity == TaskActivity::kIdle;
    case G::kPlanning:
      return now_.activity == TaskActivity::kPlanning;
    case G::kDeciding:
      return Names(TaskActivity::kDeciding);
    case G::kRunning:
      return Names(TaskActivity::kRunning);
    case G::kRunningCall:
      return Names(TaskActivity::kRunning) && call;
    case G::kNotStarted:
      return now_.activity == TaskActivity::kIdle && now_.timers[0] == 0;
    case G::kResting:
      return now_.activity == TaskActivity::kResting;
    case G::kMending:
      return now_.activity == TaskActivity::kMending;
    case G::kDeadline:
      return fired(TaskTimer::kDeadline);
    case G::kStepLate:
      return fired(TaskTimer::kStep);
    case G::kWaitOver:
      return fired(TaskTimer::kWait);
    case G::kCallLate:
      return fired(TaskTimer::kCall);
    case G::kAnswersStep:
      return Answers(TaskWait::kStep) && event_.choice == OwnerChoice::kText;
    case G::kAnswersFailure:
      return Answers(TaskWait::kFailure);
    case G::kAnswersUnclear:
      return Answers(TaskWait::kUnclear);
    case G::kAnswersCall:
      return Answers(TaskWait::kCallQuestion) && event_.choice == OwnerChoice::kText;
    case G::kAnswersApproval:
      return Answers(TaskWait::kApproval);
    case G::kAwaitsStep:
      return now_.wait == TaskWait::kStep;
    case G::kAwaitsApproval:
      return now_.wait == TaskWait::kApproval;
    case G::kAwaitsFailure:
      return now_.wait == TaskWait::kFailure;
    case G::kAwaitsUnclear:
      return now_.wait == TaskWait::kUnclear;
    case G::kAwaitsCall:
      return now_.wait == TaskWait::kCallQuestion;
    case G::kAwaitsTime:
      return now_.wait == TaskWait::kTime;
    case G::kAwaitsReply:
      return now_.wait == TaskWait::kReply;
    case G::kRunningReply:
      return now_.wait == TaskWait::kReply && Names(TaskActivity::kRunning);
    case G::kRunningInCall:
      return now_.wait == TaskWait::kCallQuestion && Names(TaskActivity::kRunning);
    case G::kMayPlanAnew:
      return now_.wait == TaskWait::kStep || now_.wait == TaskWait::kApproval ||
             now_.wait == TaskWait::kFailure || now_.wait == TaskWait::kTime;
    default:
      return false;
  }
}

bool TaskStepper::HoldsForPlan(TaskGuard guard) const {
  const TaskStepProgress* active = Active();
  const auto next = [&]() -> const TaskStepProgress* {
    const std::int64_t candidate = Candidate();
    return candidate < 0 ? nullptr : &now_.steps[static_cast<std::size_t>(candidate)];
  };
  const auto next_is = [&](TaskStepKind kind) {
    const TaskStepProgress* step = next();
    return step != nullptr && step->step.kind == kind;
  };
  switch (guard) {
    case G::kMayRetry:
      return now_.may_retry && active != nullptr && active->attempt < options_.attempts;
    case G::kMayReplan:
      return now_.replans < options_.replans;
    case G::kMayAsk:
      return now_.asked_about_failures < options_.questions;
    case G::kMayAskForCall:
      return now_.asked_by_calls < options_.call_questions;
    case G::kNextAsks:
      return next_is(TaskStepKind::kAsk);
    case G::kNextReads:
      return next_is(TaskStepKind::kRead);
    case G::kNextRests:
    case G::kNextReadRests: {
      const TaskStepProgress* step = next();
      return step != nullptr && step->not_before_us > event_.at_us;
    }
    case G::kHasNext:
      return next() != nullptr;
    case G::kBroken:
      return now_.broken;
    case G::kTired:
      return now_.begun >= options_.max_steps && next() != nullptr;
    case G::kOneLeft:
      return std::count_if(now_.steps.begin(), now_.steps.end(), [](const TaskStepProgress& step) {
               return step.status == TaskStepStatus::kPending;
             }) == 1;
    default:
      return false;
  }
}

bool TaskStepper::Holds(TaskGuard guard) const {
  switch (guard) {
    case G::kAlways:
      return true;
    case G::kPlanSound: {
      std::vector<std::string> done;
      for (const TaskStepProgress& step : now_.steps) {
        if (step.status == TaskStepStatus::kDone) done.push_back(step.step.id);
      }
      return CheckPlan(event_.plan, done).ok();
    }
    case G::kWantsRetry:
      return event_.choice == OwnerChoice::kRetry;
    case G::kWantsSkip:
      return event_.choice == OwnerChoice::kSkip;
    case G::kWantsGiveUp:
      return event_.choice == OwnerChoice::kGiveUp;
    case G::kHappened:
      return event_.choice == OwnerChoice::kItHappened;
    case G::kDidNotHappen:
      return event_.choice == OwnerChoice::kItDidNot;
    case G::kAllDone:
      return AllDone();
    case G::kMaySummarizeAgain:
      return now_.summaries < 2;
    default:
      return guard < G::kPlanSound ? HoldsHere(guard) : HoldsForPlan(guard);
  }
}

}  // namespace dragoman
