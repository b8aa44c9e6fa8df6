// What a step takes: events and commands, counted into what is owed.
#include "src/tasks/task_witness.h"

#include <utility>

namespace dragoman {

using C = TaskCommandKind;
using E = TaskEventKind;
using P = TaskPromise;

void TaskWitness::TakePlan() {
  std::erase_if(owed_.steps, [](const TaskOwed::Step& step) { return !step.done; });
  for (const TaskStep& step : seen_.event.plan) {
    owed_.steps.push_back(
        {.id = step.id, .kind = step.kind, .required = !step.optional, .needs = step.needs});
  }
  for (TaskOwed::Tried& tried : owed_.tried) tried.wanted = true;
  owed_.plan.reset();
}

void TaskWitness::TakeEndOfRun(bool undone) {
  if (!owed_.run.has_value()) return;
  TaskOwed::Tried& tried = owed_.TriedOf(owed_.run->step);
  tried.undone = undone;
  tried.wanted = false;
  owed_.run.reset();
  owed_.hung_up = false;
}

void TaskWitness::TakeOwner() {
  if (!owed_.question.has_value()) return;
  const TaskCommand& asked = *owed_.question;
  TaskOwed::Step* step = owed_.Find(asked.step);
  switch (seen_.event.choice) {
    case OwnerChoice::kText:
      if (asked.about == TaskWait::kStep && step != nullptr) {
        step->done = true;
        step->receipt = seen_.event.reference;
      }
      if (asked.about == TaskWait::kCallQuestion) owed_.phase = TaskRunPhase::kConnected;
      return;
    case OwnerChoice::kRetry:
      owed_.TriedOf(asked.step).wanted = true;
      return;
    case OwnerChoice::kSkip:
      if (step != nullptr) step->left_out = true;
      return;
    case OwnerChoice::kItHappened:
      if (step != nullptr) {
        step->done = true;
        step->receipt = seen_.event.reference;
      }
      return TakeEndOfRun(false);
    case OwnerChoice::kItDidNot:
      return TakeEndOfRun(true);
    default:
      return;
  }
}

void TaskWitness::TakeTimer() {
  owed_.timers &= static_cast<std::uint8_t>(~(1u << static_cast<unsigned>(seen_.event.timer)));
  if (seen_.event.timer == TaskTimer::kStep) {
    owed_.plan.reset();  // given up
    owed_.summary = false;
  }
  if (seen_.event.timer != TaskTimer::kWait) return;
  if (owed_.phase == TaskRunPhase::kAsking) owed_.phase = TaskRunPhase::kConnected;
  if (owed_.phase == TaskRunPhase::kReply) TakeEndOfRun(false);
}

void TaskWitness::TakeEvent() {
  const TaskEvent& event = seen_.event;
  TaskOwed::Step* step = owed_.Find(event.step);
  switch (event.kind) {
    case E::kStart:
      owed_.started = true;
      return;
    case E::kPlanned:
      return TakePlan();
    case E::kPlanFailed:
      return owed_.plan.reset();
    case E::kAllowed:
    case E::kMustConfirm:
      decided_ = std::exchange(owed_.decide, std::nullopt);
      return;
    case E::kRefused:
      if (owed_.decide.has_value()) return owed_.decide.reset();
      return TakeEndOfRun(true);
    case E::kConnected:
      owed_.phase = TaskRunPhase::kConnected;
      return;
    case E::kCallAsks:
      owed_.phase = TaskRunPhase::kAsking;
      return;
    case E::kStepDone:
      if (step != nullptr) {
        step->done = true;
        step->receipt = event.reference;
      }
      return TakeEndOfRun(false);
    case E::kStepFailed:
    case E::kCallDropped:
    case E::kCallNeedsInfo:
    case E::kCallNeedsSecret:
      return TakeEndOfRun(true);
    case E::kStepUnclear:
      owed_.phase = TaskRunPhase::kUnclear;
      return;
    case E::kReplyAwaited:
      owed_.phase = TaskRunPhase::kReply;
      return;
    case E::kAnswered:
      return TakeOwner();
    case E::kReplan:
      owed_.replanned = true;
      // One that the machine counts as its own.
      if (was_.question && was_.question->about == TaskWait::kFailure) ++owed_.owner_replans;
      return;
    case E::kSummarized:
    case E::kSummaryFailed:
      owed_.summary = false;
      return;
    case E::kTimerFired:
      return TakeTimer();
    default:
      return;
  }
}

void TaskWitness::TakeDecide(const TaskCommand& command) {
  if (owed_.decide || owed_.run) Break(P::kOneExecute, "two steps at once");
  TaskOwed::Tried& tried = owed_.TriedOf(command.step);
  if (command.attempt <= tried.decided) Break(P::kAttemptsGrow, "an attempt is decided on again");
  if (tried.executed != 0 && !tried.undone && !tried.wanted) {
    Break(P::kAttemptsGrow, "the last attempt may have done something");
  }
  tried.decided = command.attempt;
  owed_.decide = command;
  const TaskOwed::Step* step = owed_.Find(command.step);
  if (step == nullptr) return Break(P::kOneExecute, "a step of no plan");
  if (step->done) Break(P::kDoneOnce, Tell(command));
  for (const std::string& need : step->needs) {
    const TaskOwed::Step* needed = owed_.Find(need);
    if (needed == nullptr || !needed->done) Break(P::kPermitted, "what it needs is not done");
  }
}

void TaskWitness::TakeExecute(const TaskCommand& command) {
  const TaskEvent& event = seen_.event;
  const bool allowed = event.kind == E::kAllowed && decided_.has_value() &&
                       SameAttempt(command, *decided_) && command.reference.empty();
  const bool approved = event.kind == E::kApproved && was_.approval.has_value() &&
                        SameAttempt(command, *was_.approval) && !command.reference.empty() &&
                        command.reference == was_.approval->reference &&
                        event.reference == command.reference;
  if (!allowed && !approved) Break(P::kPermitted, Tell(command));
  TaskOwed::Tried& tried = owed_.TriedOf(command.step);
  if (command.attempt <= tried.executed || owed_.run) Break(P::kOneExecute, Tell(command));
  tried.executed = command.attempt;
  tried.undone = tried.wanted = false;
  owed_.run = command;
  owed_.phase = TaskRunPhase::kSent;
  owed_.approval.reset();
  const TaskOwed::Step* step = owed_.Find(command.step);
  if (step != nullptr && step->done) Break(P::kDoneOnce, Tell(command));
}

void TaskWitness::TakeCommand(const TaskCommand& command) {
  const auto bit = static_cast<std::uint8_t>(1u << static_cast<unsigned>(command.timer));
  switch (command.kind) {
    case C::kMakePlan:
      owed_.plan = command;
      return;
    case C::kDecide:
      return TakeDecide(command);
    case C::kExecute:
      return TakeExecute(command);
    case C::kExpect:
      return Break(P::kRecovers, "expect without a restart");
    case C::kWithdraw:
      if (owed_.decide && SameAttempt(command, *owed_.decide)) owed_.decide.reset();
      if (owed_.approval && SameAttempt(command, *owed_.approval)) owed_.approval.reset();
      return;
    case C::kHangUp:
      owed_.hung_up = true;
      return;
    case C::kAskOwner:
      if (owed_.question) Break(P::kQuestionsClose, "another one is open");
      if (command.reference.empty()) Break(P::kQuestionsClose, "it has no name");
      owed_.question = command;
      if (command.about == TaskWait::kApproval) {
        if (!decided_ || !SameAttempt(command, *decided_) ||
            command.reference != seen_.event.reference) {
          Break(P::kPermitted, "an approval for something else is asked for");
        }
        owed_.approval = command;
      }
      if (const TaskOwed::Step* step = owed_.Find(command.step); step != nullptr && step->done) {
        Break(P::kDoneOnce, Tell(command));
      }
      return;
    case C::kCloseQuestion:
      if (!owed_.question || owed_.question->reference != command.reference) {
        return Break(P::kQuestionsClose, "one that is not open is closed");
      }
      return owed_.question.reset();
    case C::kSummarize:
      owed_.summary = true;
      return;
    case C::kArmTimer:
      owed_.timers |= bit;
      return;
    case C::kStopTimer:
      owed_.timers &= static_cast<std::uint8_t>(~bit);
      return;
    default:
      return;
  }
}

}  // namespace dragoman
