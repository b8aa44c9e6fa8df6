#include <algorithm>

#include "dragoman/core/status.h"
#include "src/tasks/task_stepper.h"

namespace dragoman {
namespace {

using A = TaskAction;
using C = TaskCommandKind;

// Of the exponential wait between attempts.
constexpr int kMostDoublings = 10;

}  // namespace

// --- what actions are made of -------------------------------------------------------------------

TaskCommand& TaskStepper::Give(TaskCommandKind kind) {
  TaskCommand& command = commands_.emplace_back();
  command.kind = kind;
  return command;
}

TaskCommand& TaskStepper::GiveForActive(TaskCommandKind kind) {
  TaskCommand& command = Give(kind);
  if (const TaskStepProgress* active = Active()) {
    command.step = active->step.id;
    command.attempt = active->attempt;
  }
  return command;
}

void TaskStepper::Arm(TaskTimer timer, std::int64_t when_us) {
  if (tables_.never_arms == timer) return;
  now_.timers[static_cast<std::size_t>(timer)] = when_us;
  TaskCommand& command = Give(C::kArmTimer);
  command.timer = timer;
  command.when_us = when_us;
}

void TaskStepper::Stop(TaskTimer timer) {
  if (now_.timers[static_cast<std::size_t>(timer)] == 0) return;
  now_.timers[static_cast<std::size_t>(timer)] = 0;
  Give(C::kStopTimer).timer = timer;
}

void TaskStepper::BeIdle() {
  now_.activity = TaskActivity::kIdle;
  now_.active = -1;
  now_.may_retry = false;
  Stop(TaskTimer::kStep);
  Stop(TaskTimer::kCall);
}

bool TaskStepper::TakeCandidate() {
  now_.active = Candidate();
  if (now_.active < 0) return false;
  ++now_.begun;
  return true;
}

std::string TaskStepper::NewQuestion() { return StrCat("q", ++now_.asked); }

void TaskStepper::Await(TaskWait about, std::int64_t until_us) {
  now_.wait = about;
  Arm(TaskTimer::kWait, until_us);
}

void TaskStepper::Ask(TaskWait about, std::string question, std::int64_t until_us,
                      std::string words) {
  now_.question = std::move(question);
  now_.words = std::move(words);
  TaskCommand& command = GiveForActive(C::kAskOwner);
  command.reference = now_.question;
  command.about = about;
  command.when_us = until_us;
  command.detail = now_.words;
  Await(about, until_us);
}

void TaskStepper::Mend(bool may_retry, std::string why) {
  Stop(TaskTimer::kStep);
  Stop(TaskTimer::kCall);
  now_.activity = TaskActivity::kMending;
  now_.may_retry = may_retry;
  TaskStepProgress* active = Active();
  if (active == nullptr) return;
  if (!why.empty()) active->detail = std::move(why);
  const int doublings =
      static_cast<int>(std::min<std::int64_t>(active->attempt - 1, kMostDoublings));
  const std::int64_t wait = std::chrono::microseconds(options_.retry_after).count() << doublings;
  active->not_before_us = std::max(event_.when_us, event_.at_us + wait);
}

void TaskStepper::Settle(TaskStepStatus status) {
  if (TaskStepProgress* active = Active()) {
    active->status = status;
    if (status == TaskStepStatus::kFailed && !active->step.optional) {
      now_.broken = true;
      now_.reason = StrCat("step '", active->step.id, "' failed",
                           active->detail.empty() ? "" : ": ", active->detail);
    }
  }
  BeIdle();
  SettleDependents();
}

// Not by the owner's wish: failed, or skipped because what it needs is lost.
bool TaskStepper::IsLost(const TaskStepProgress& step) const {
  if (step.status != TaskStepStatus::kSkipped) return step.status == TaskStepStatus::kFailed;
  return std::any_of(now_.steps.begin(), now_.steps.end(), [&](const TaskStepProgress& other) {
    const auto& needs = step.step.needs;
    return std::find(needs.begin(), needs.end(), other.step.id) != needs.end() && IsLost(other);
  });
}

// What needs a step that will not be done cannot be done either: in plan order, so once through.
void TaskStepper::SettleDependents() {
  const auto lost = [](const TaskStepProgress& step) {
    return step.status == TaskStepStatus::kFailed || step.status == TaskStepStatus::kSkipped;
  };
  if (std::none_of(now_.steps.begin(), now_.steps.end(), lost)) return;
  for (TaskStepProgress& step : now_.steps) {
    if (step.status != TaskStepStatus::kPending) continue;
    for (const TaskStepProgress& other : now_.steps) {
      if (!lost(other) || std::find(step.step.needs.begin(), step.step.needs.end(),
                                    other.step.id) == step.step.needs.end()) {
        continue;
      }
      step.detail = StrCat("needs '", other.step.id, "'");
      // Without its need a required step is lost, unless the owner himself left the need out.
      step.status =
          !step.step.optional && IsLost(other) ? TaskStepStatus::kFailed : TaskStepStatus::kSkipped;
      if (step.status == TaskStepStatus::kFailed && !now_.broken) {
        now_.broken = true;
        now_.reason = StrCat("step '", step.step.id, "' ", step.detail, ", which failed");
      }
      break;
    }
  }
}

void TaskStepper::GivePlanning() {
  TaskCommand& command = Give(C::kMakePlan);
  if (const TaskStepProgress* active = Active()) {
    command.step = active->step.id;
    command.detail = active->detail;
  }
}

void TaskStepper::MakePlan() {
  if (now_.activity == TaskActivity::kMending) ++now_.replans;
  GivePlanning();
  now_.activity = TaskActivity::kPlanning;
  Arm(TaskTimer::kStep, options_.plan_limit);
}

void TaskStepper::RememberTried() {
  for (const TaskStepProgress& step : now_.steps) {
    const bool waits = step.status == TaskStepStatus::kPending && &step != Active();
    const std::int64_t attempts = waits ? step.attempt - 1 : step.attempt;
    if (attempts == 0 || step.status == TaskStepStatus::kDone) continue;
    const auto known = std::find_if(now_.tried.begin(), now_.tried.end(),
                                    [&](const TaskTried& one) { return one.id == step.step.id; });
    if (known == now_.tried.end()) {
      now_.tried.push_back({.id = step.step.id, .attempts = attempts});
    } else {
      known->attempts = std::max(known->attempts, attempts);
    }
  }
}

void TaskStepper::TakePlan() {
  RememberTried();
  std::erase_if(now_.steps,
                [](const TaskStepProgress& step) { return step.status != TaskStepStatus::kDone; });
  for (const TaskStep& step : event_.plan) {
    TaskStepProgress& progress = now_.steps.emplace_back(TaskStepProgress{.step = step});
    for (const TaskTried& one : now_.tried) {
      if (one.id == step.id) progress.attempt = one.attempts + 1;
    }
  }
  BeIdle();
}

void TaskStepper::LetGo() {
  const TaskStepProgress* active = Active();
  if (active != nullptr && active->step.kind != TaskStepKind::kAsk) {
    const bool running = now_.activity == TaskActivity::kRunning;
    const bool on_the_line =
        now_.state == TaskState::kCallInProgress || now_.wait == TaskWait::kCallQuestion;
    if (now_.activity == TaskActivity::kDeciding || (running && !on_the_line)) {
      GiveForActive(C::kWithdraw);
    }
    // One that is being dialled is not connected yet, and must not be.
    if (running && active->step.kind == TaskStepKind::kCall) GiveForActive(C::kHangUp);
  }
  BeIdle();
}

void TaskStepper::Repeat() {
  const TaskStepProgress* active = Active();
  if (now_.state == TaskState::kAwaitingUserInput && !now_.question.empty()) {
    TaskCommand& command = GiveForActive(C::kAskOwner);
    command.reference = now_.question;
    command.about = now_.wait;
    command.when_us = now_.timers[static_cast<std::size_t>(TaskTimer::kWait)];
    command.detail = now_.words;
  }
  switch (now_.activity) {
    case TaskActivity::kPlanning:
      GivePlanning();
      break;
    case TaskActivity::kDeciding:
      if (now_.state != TaskState::kAwaitingUserInput) GiveForActive(C::kDecide);
      break;
    case TaskActivity::kRunning:
      if (active != nullptr && active->step.kind != TaskStepKind::kAsk &&
          now_.wait != TaskWait::kUnclear) {
        GiveForActive(C::kExpect);
      }
      break;
    default:
      break;
  }
  if (now_.state == TaskState::kSummarize) Give(C::kSummarize).yes = AllDone();
  for (int i = 0; i < kTaskTimers; ++i) {
    if (now_.timers[i] != 0) Arm(static_cast<TaskTimer>(i), now_.timers[i]);
  }
}

// --- the actions --------------------------------------------------------------------------------

void TaskStepper::DoPlan(TaskAction action) {
  switch (action) {
    case A::kMakePlan:
      return MakePlan();
    case A::kTakePlan:
      return TakePlan();
    case A::kFailPlan:
      if (now_.state == TaskState::kInit) {
        now_.reason = StrCat("no plan", event_.detail.empty() ? "" : ": ", event_.detail);
        return BeIdle();
      }
      // The owner may know; without a step that failed the old plan goes on.
      now_.replans = options_.replans;
      if (now_.active < 0) return BeIdle();
      // One that was only asked about, or for, has no failure of its own to tell.
      return Mend(false, Active()->detail.empty() ? "no other plan was made" : "");
    case A::kArmDeadline:
      return event_.when_us > 0 ? Arm(TaskTimer::kDeadline, event_.when_us)
                                : Arm(TaskTimer::kDeadline, options_.longest_goal);
    case A::kRest:
      if (Candidate() < 0) return;
      now_.activity = TaskActivity::kResting;
      return Arm(TaskTimer::kWait, now_.steps[static_cast<std::size_t>(Candidate())].not_before_us);
    case A::kStopResting:
      now_.activity = TaskActivity::kIdle;
      return;
    default:
      return;
  }
}

void TaskStepper::DoAsk(TaskAction action) {
  const auto until = [&](std::chrono::seconds wait) {
    return event_.at_us + std::chrono::microseconds(wait).count();
  };
  switch (action) {
    case A::kBeginAsk:
      if (!TakeCandidate()) return;
      now_.activity = TaskActivity::kRunning;
      return Ask(TaskWait::kStep, NewQuestion(), until(options_.answer_wait), "");
    case A::kAskApproval: {
      Stop(TaskTimer::kStep);
      const std::int64_t latest = until(options_.approval_wait);
      const bool sooner = event_.when_us > 0 && event_.when_us < latest;
      return Ask(TaskWait::kApproval, event_.reference, sooner ? event_.when_us : latest,
                 event_.detail);
    }
    case A::kAskFailure:
      ++now_.asked_about_failures;
      return Ask(TaskWait::kFailure, NewQuestion(), until(options_.answer_wait),
                 Active() == nullptr ? "" : Active()->detail);
    case A::kAskUnclear:
      Stop(TaskTimer::kStep);
      Stop(TaskTimer::kCall);
      if (TaskStepProgress* active = Active()) active->detail = event_.detail;
      return Ask(TaskWait::kUnclear, NewQuestion(), until(options_.answer_wait), event_.detail);
    case A::kAskForCall:
      ++now_.asked_by_calls;
      return Ask(TaskWait::kCallQuestion, NewQuestion(), until(options_.call_answer_wait),
                 event_.detail);
    case A::kAwaitReply:
      Stop(TaskTimer::kStep);
      return Await(TaskWait::kReply,
                   event_.when_us > event_.at_us ? event_.when_us : until(options_.answer_wait));
    case A::kAwaitTime:
      if (Candidate() < 0) return;
      return Await(TaskWait::kTime,
                   now_.steps[static_cast<std::size_t>(Candidate())].not_before_us);
    case A::kCloseQuestion:
      if (!now_.question.empty()) Give(C::kCloseQuestion).reference = now_.question;
      now_.question.clear();
      now_.words.clear();
      now_.wait = TaskWait::kNothing;
      return Stop(TaskTimer::kWait);
    case A::kAnswerCall:
      GiveForActive(C::kAnswerCall).detail = event_.detail;
      return;
    case A::kNoAnswerForCall:
      GiveForActive(C::kAnswerCall);
      return;
    default:
      return;
  }
}

void TaskStepper::DoStep(TaskAction action) {
  TaskStepProgress* active = Active();
  switch (action) {
    case A::kBegin:
      if (!TakeCandidate()) return;
      now_.activity = TaskActivity::kDeciding;
      GiveForActive(C::kDecide);
      return Arm(TaskTimer::kStep, options_.decide_limit);
    case A::kExecute:
    case A::kExecuteApproved:
      now_.activity = TaskActivity::kRunning;
      GiveForActive(C::kExecute).reference =
          action == A::kExecuteApproved ? event_.reference : std::string();
      return Arm(TaskTimer::kStep, options_.step_limit);
    case A::kConnect:
      return Arm(TaskTimer::kCall, options_.call_limit);
    case A::kNoteDone:
      if (active != nullptr) {
        active->receipt = event_.reference;
        active->detail = event_.detail;
      }
      return Settle(TaskStepStatus::kDone);
    case A::kNoteFailure: {
      using K = TaskEventKind;
      const bool again = event_.kind == K::kCallDropped || event_.kind == K::kAnswered ||
                         (event_.kind == K::kStepFailed && event_.may_retry);
      return Mend(again, event_.detail);
    }
    case A::kNoteRefusal:
      return Mend(false, event_.detail);
    case A::kNoteDeclined:
      if (active != nullptr) active->detail = "you said no";
      return;
    case A::kNoteNoAnswer:
      if (active != nullptr) active->detail = "nobody answered in time";
      return;
    case A::kRetry:
      if (active != nullptr) {
        ++active->attempt;
        if (event_.kind == TaskEventKind::kAnswered) active->not_before_us = event_.at_us;
      }
      return BeIdle();
    case A::kFailStep:
      return Settle(TaskStepStatus::kFailed);
    case A::kSkipStep:
      return Settle(TaskStepStatus::kSkipped);
    case A::kWithdraw:
      if (active != nullptr && now_.activity == TaskActivity::kDeciding) {
        GiveForActive(C::kWithdraw);
      }
      return;
    case A::kHangUp:
      GiveForActive(C::kHangUp);
      return;
    case A::kResolveDone:
    case A::kResolveNotDone:
      GiveForActive(C::kResolve).yes = action == A::kResolveDone;
      return;
    default:
      return;
  }
}

void TaskStepper::DoEnd(TaskAction action) {
  switch (action) {
    case A::kSummarize:
      ++now_.summaries;
      Give(C::kSummarize).yes = AllDone();
      return Arm(TaskTimer::kStep, options_.summary_limit);
    case A::kLetGo:
      return LetGo();
    case A::kRepeat:
      return Repeat();
    case A::kNoteReason:
      now_.reason = event_.detail.empty() ? std::string(Name(event_.kind)) : event_.detail;
      return;
    case A::kOutOfTime:
      if (now_.reason.empty()) {
        now_.reason = event_.timer == TaskTimer::kDeadline
                          ? "the deadline passed"
                          : StrCat("no end of '", Name(now_.state), "' in time");
      }
      return;
    case A::kOutOfSteps:
      now_.reason = StrCat(options_.max_steps, " steps were not enough");
      return;
    case A::kEnd: {
      for (int i = 0; i < kTaskTimers; ++i) Stop(static_cast<TaskTimer>(i));
      now_.activity = TaskActivity::kIdle;
      now_.active = -1;
      TaskCommand& command = Give(C::kEnd);
      command.yes = now_.state == TaskState::kCompleted;
      command.detail = now_.reason;
      return;
    }
    default:
      return;
  }
}

void TaskStepper::Do(TaskAction action) {
  DoPlan(action);
  DoAsk(action);
  DoStep(action);
  DoEnd(action);
}

}  // namespace dragoman
