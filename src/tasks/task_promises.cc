// What a step leaves: the checks of the promises.
#include "src/tasks/task_witness.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dragoman {
namespace {

using C = TaskCommandKind;
using E = TaskEventKind;
using P = TaskPromise;
using S = TaskState;

// ARCHITECTURE.md's list, and docs/decisions/ for the last.
bool IsListed(S from, S to) {
  constexpr std::pair<S, S> kEdges[] = {
      {S::kInit, S::kGatherInfo},
      {S::kGatherInfo, S::kResearch},
      {S::kResearch, S::kReadyToExecute},
      {S::kReadyToExecute, S::kCallInProgress},
      {S::kCallInProgress, S::kSummarize},
      {S::kSummarize, S::kCompleted},
      {S::kCallInProgress, S::kAwaitingUserInput},
      {S::kAwaitingUserInput, S::kCallInProgress},
      {S::kAwaitingUserInput, S::kSummarize},
      {S::kAwaitingUserInput, S::kResearch},
      {S::kCallInProgress, S::kResearch},
      {S::kCallInProgress, S::kGatherInfo},
      {S::kCallInProgress, S::kReadyToExecute},
      {S::kGatherInfo, S::kAwaitingUserInput},
      {S::kAwaitingUserInput, S::kGatherInfo},
      {S::kReadyToExecute, S::kAwaitingUserInput},
      {S::kAwaitingUserInput, S::kReadyToExecute},
      {S::kReadyToExecute, S::kSummarize},
      {S::kInit, S::kFailed},
      {S::kGatherInfo, S::kFailed},
      {S::kResearch, S::kFailed},
      {S::kSummarize, S::kFailed},
      {S::kResearch, S::kAwaitingUserInput},  // 0006
  };
  if (to == S::kEscalated || to == S::kCancelled) return !IsFinal(from);
  return std::find(std::begin(kEdges), std::end(kEdges), std::pair(from, to)) != std::end(kEdges);
}

}  // namespace

void TaskWitness::CheckRecovery() {
  std::vector<TaskCommand> wanted;
  if (owed_.question) wanted.push_back(*owed_.question);
  if (owed_.plan) wanted.push_back(*owed_.plan);
  if (owed_.decide) wanted.push_back(*owed_.decide);
  if (HasRun(owed_)) {
    wanted.push_back({.kind = C::kExpect, .step = owed_.run->step, .attempt = owed_.run->attempt});
  }
  if (owed_.summary) wanted.push_back({.kind = C::kSummarize});
  for (int i = 0; i < kTaskTimers; ++i) {
    if ((owed_.timers >> i & 1) == 0) continue;
    wanted.push_back({.kind = C::kArmTimer,
                      .timer = static_cast<TaskTimer>(i),
                      .when_us = seen_.before.timers[static_cast<std::size_t>(i)]});
  }
  for (TaskCommand& command : wanted) {
    if (command.kind == C::kAskOwner) {
      command.when_us = seen_.before.timers[static_cast<std::size_t>(TaskTimer::kWait)];
    }
  }
  for (TaskCommand command : seen_.commands) {
    if (command.kind == C::kSummarize) command.yes = false;  // CheckEnd's
    const auto found = std::find(wanted.begin(), wanted.end(), command);
    if (found == wanted.end()) return Break(P::kRecovers, StrCat("not owed: ", Tell(command)));
    wanted.erase(found);
  }
  if (!wanted.empty()) Break(P::kRecovers, StrCat("not commanded: ", Tell(wanted.front())));
  if (!(seen_.before == seen_.after)) Break(P::kRecovers, "something changed");
}

void TaskWitness::CheckEdges() {
  for (const TaskStepper::Move& move : seen_.moves) {
    if (move.to == move.row->from || IsListed(move.row->from, move.to)) continue;
    Break(P::kEdges, StrCat(Name(move.row->from), " to ", Name(move.to)));
  }
}

// Whether a step of this kind waits for nothing but its turn.
bool TaskWitness::CanRun(TaskStepKind kind) const {
  const auto& steps = seen_.after.steps;
  return std::any_of(steps.begin(), steps.end(), [&](const TaskStepProgress& one) {
    if (one.step.kind != kind || one.status != TaskStepStatus::kPending) return false;
    return std::all_of(one.step.needs.begin(), one.step.needs.end(), [&](const std::string& need) {
      const TaskOwed::Step* needed = owed_.Find(need);
      return needed != nullptr && needed->done;
    });
  });
}

void TaskWitness::CheckPlace() {
  const TaskProgress& now = seen_.after;
  const bool late = seen_.event.kind == E::kTimerFired && seen_.event.timer == TaskTimer::kDeadline;
  for (const TaskStepper::Move& move : seen_.moves) {
    const S from = move.row->from;
    if (move.to == from) continue;
    if (move.to == S::kAwaitingUserInput) {
      owed_.waits_from = from == S::kCallInProgress ? S::kReadyToExecute : from;
    }
    if (from == S::kGatherInfo && move.to == S::kResearch && !now.broken &&
        CanRun(TaskStepKind::kAsk)) {
      Break(P::kInPlace, "a question is passed over");
    }
    if (from == S::kResearch && move.to == S::kReadyToExecute && !now.broken &&
        CanRun(TaskStepKind::kRead)) {
      Break(P::kInPlace, "a read is passed over");
    }
    if (from == S::kAwaitingUserInput && !IsFinal(move.to) && move.to != S::kSummarize) {
      const bool call = was_.run && was_.phase == TaskRunPhase::kAsking;
      const bool back = call ? move.to == (owed_.run ? S::kCallInProgress : S::kResearch)
                             : move.to == was_.waits_from;
      if (!back) Break(P::kInPlace, StrCat("it goes on in ", Name(move.to)));
    }
    const bool left = std::any_of(now.steps.begin(), now.steps.end(), [](const auto& step) {
      return step.status == TaskStepStatus::kPending;
    });
    if (move.to == S::kSummarize && left && !now.broken && !late) {
      Break(P::kInPlace, "a step is passed over");
    }
  }
  if (now.state == S::kGatherInfo && (owed_.decide || owed_.run)) {
    Break(P::kInPlace, "more than a question in GATHER_INFO");
  }
  if (now.state == S::kResearch && now.active >= 0 && (owed_.decide || owed_.run) &&
      now.steps[static_cast<std::size_t>(now.active)].step.kind != TaskStepKind::kRead) {
    Break(P::kInPlace, "more than a read in RESEARCH");
  }
  const bool connected = owed_.run && owed_.phase == TaskRunPhase::kConnected;
  if (connected != (now.state == S::kCallInProgress) && !IsFinal(now.state) &&
      now.state != S::kSummarize) {
    Break(P::kInPlace, "CALL_IN_PROGRESS is not while a call is connected");
  }
  if ((now.state == S::kCancelled) != (seen_.event.kind == E::kCancel)) {
    Break(P::kStopsAtOnce, "cancelled by nobody");
  }
  if (late && now.state != S::kFailed && now.state != S::kSummarize) {
    Break(P::kStopsAtOnce, "the deadline passes and it goes on");
  }
  const bool unending = seen_.event.kind == E::kTimerFired &&
                        seen_.event.timer == TaskTimer::kStep && (was_.run || was_.decide);
  if (unending && now.state != S::kEscalated) Break(P::kStopsAtOnce, "nobody knows its end");
}

// What the owner said of a step, and why a step failed, is kept.
void TaskWitness::CheckWords() {
  const TaskProgress& now = seen_.after;
  const TaskProgress& before = seen_.before;
  const E kind = seen_.event.kind;
  for (const TaskStepProgress& step : now.steps) {
    if (step.status == TaskStepStatus::kFailed && step.detail.empty()) {
      Break(P::kMends, "a step failed and nobody knows why");
    }
  }
  if (kind == E::kAnswered && was_.question && was_.question->about == TaskWait::kFailure) {
    const auto found = std::find_if(now.steps.begin(), now.steps.end(), [&](const auto& one) {
      return one.step.id == was_.question->step;
    });
    if (found == now.steps.end()) return Break(P::kOwnerIsHeard, "about which step?");
    const OwnerChoice choice = seen_.event.choice;
    const auto wanted = choice == OwnerChoice::kSkip     ? TaskStepStatus::kSkipped
                        : choice == OwnerChoice::kGiveUp ? TaskStepStatus::kFailed
                                                         : TaskStepStatus::kPending;
    const bool again = found->attempt == was_.question->attempt + 1;
    if (found->status != wanted || again != (choice == OwnerChoice::kRetry)) {
      Break(P::kOwnerIsHeard, "a failed step goes another way");
    }
  }
  if (kind == E::kCallAsks && before.asked_by_calls < seen_.options.call_questions &&
      !owed_.question) {
    Break(P::kOwnerIsHeard, "the owner is not asked");
  }
  if (kind == E::kSummaryFailed && before.summaries < 2 && !Gave(C::kSummarize)) {
    Break(P::kMends, "a summary is tried once only");
  }
  if ((kind == E::kSummarized || kind == E::kSummaryFailed) && now.state == S::kEscalated) {
    Break(P::kStopsAtOnce, "a person takes over what is over");
  }
  if (seen_.moves.empty()) return;
  const S first = seen_.moves.front().to;
  if (kind == E::kCallNeedsInfo && first != S::kResearch) Break(P::kInPlace, Name(first));
  const bool asked = was_.phase == TaskRunPhase::kAsking;
  if (kind == E::kCallNeedsSecret && !asked && first != S::kGatherInfo) {
    Break(P::kInPlace, Name(first));
  }
}

void TaskWitness::CheckMending() {
  const TaskProgress& before = seen_.before;
  const TaskProgress& now = seen_.after;
  const TaskMachineOptions& limits = seen_.options;
  const E kind = seen_.event.kind;
  const auto active = static_cast<std::size_t>(before.active);
  if (now.broken &&
      (owed_.decide || (owed_.question && owed_.question->about == TaskWait::kStep))) {
    Break(P::kMends, "something is begun though all is lost");
  }
  const bool failed =
      before.active >= 0 && !before.broken &&
      (kind == E::kStepFailed || kind == E::kCallDropped || kind == E::kCallNeedsInfo ||
       kind == E::kCallNeedsSecret || kind == E::kRefused);
  const bool unplanned =
      before.active >= 0 && before.activity == TaskActivity::kPlanning &&
      (kind == E::kPlanFailed || (kind == E::kTimerFired && seen_.event.timer == TaskTimer::kStep));
  if (!failed && !unplanned) return;
  const TaskStepProgress& step = before.steps[active];
  const bool again = failed && step.attempt < limits.attempts &&
                     (kind == E::kCallDropped || (kind == E::kStepFailed && seen_.event.may_retry));
  const bool anew = failed && !again && before.replans < limits.replans;
  const bool ask = !again && !anew && before.asked_about_failures < limits.questions;
  const auto after = std::find_if(now.steps.begin(), now.steps.end(),
                                  [&](const auto& one) { return one.step.id == step.step.id; });
  const bool kept = after != now.steps.end() && after->status == TaskStepStatus::kPending;
  if (again && (!kept || after->attempt != step.attempt + 1)) Break(P::kMends, "not tried again");
  if (!again && kept && after->attempt != step.attempt) Break(P::kMends, "tried again");
  if (anew != Gave(C::kMakePlan)) Break(P::kMends, "planned anew, or not");
  const bool asked = owed_.question && owed_.question->about == TaskWait::kFailure;
  if (ask != asked) Break(P::kMends, "put to the owner, or not");
  if (!again && !anew && !ask && kept) Break(P::kMends, "neither mended nor failed");
}

void TaskWitness::CheckLetGo() {
  const S state = seen_.after.state;
  const bool late = seen_.event.kind == E::kTimerFired && seen_.event.timer == TaskTimer::kCall;
  if (late && owed_.run && !GaveFor(C::kHangUp, *owed_.run)) {
    Break(P::kLetsGo, "a call that lasts too long goes on");
  }
  if (!IsFinal(state) && state != S::kSummarize) {
    if (was_.plan || !was_.decide || owed_.decide || decided_) return;
    if (seen_.event.kind != E::kRefused) Break(P::kLetsGo, "nobody asked for the decision");
    return;
  }
  if (was_.decide && owed_.decide) Break(P::kLetsGo, "a decision is not withdrawn");
  owed_.plan.reset();
  if (!owed_.run) return;
  if (owed_.phase != TaskRunPhase::kUnclear) {
    const bool on_the_line =
        owed_.phase == TaskRunPhase::kConnected || owed_.phase == TaskRunPhase::kAsking;
    const TaskOwed::Step* step = owed_.Find(owed_.run->step);
    const bool call = step != nullptr && step->kind == TaskStepKind::kCall;
    if (call && !GaveFor(C::kHangUp, *owed_.run)) Break(P::kLetsGo, "the call goes on");
    if (!on_the_line && !GaveFor(C::kWithdraw, *owed_.run)) {
      Break(P::kLetsGo, "what was commanded is not withdrawn");
    }
  }
  owed_.run.reset();
  owed_.hung_up = false;
}

void TaskWitness::CheckOwner() {
  const TaskEvent& event = seen_.event;
  const bool asked = was_.question.has_value() || event.kind == E::kCallAsks;
  const bool answers = asked && event.kind == E::kAnswered && was_.run.has_value();
  const bool call = answers && was_.question->about == TaskWait::kCallQuestion;
  const bool unclear = answers && was_.question->about == TaskWait::kUnclear;
  const bool silent = event.kind == E::kTimerFired && event.timer == TaskTimer::kWait &&
                      was_.question && was_.question->about == TaskWait::kCallQuestion;
  const bool refused = event.kind == E::kCallAsks && !owed_.question;
  if (refused && owed_.run) owed_.phase = TaskRunPhase::kConnected;
  int said = 0, resolved = 0;
  for (const TaskCommand& command : seen_.commands) {
    if (command.kind == C::kAnswerCall) {
      ++said;
      const bool right = was_.run && SameAttempt(command, *was_.run) &&
                         command.detail == (call ? event.detail : std::string());
      if (!right) Break(P::kOwnerIsHeard, "the call gets another answer");
    }
    if (command.kind == C::kResolve) {
      ++resolved;
      if (!was_.run || !SameAttempt(command, *was_.run) ||
          command.yes != (event.choice == OwnerChoice::kItHappened)) {
        Break(P::kOwnerIsHeard, "something else is resolved");
      }
    }
  }
  if (said != (call || silent || refused ? 1 : 0)) {
    Break(P::kOwnerIsHeard, StrCat("the call gets ", said, " answers"));
  }
  if (resolved != (unclear ? 1 : 0)) {
    Break(P::kOwnerIsHeard, StrCat("the journal gets ", resolved, " words"));
  }
  const TaskCommand* question = owed_.question ? &*owed_.question : nullptr;
  if (question != nullptr && question->when_us != 0 &&
      question->when_us != seen_.after.timers[static_cast<std::size_t>(TaskTimer::kWait)] &&
      Gave(C::kAskOwner)) {
    Break(P::kOwnerIsHeard, "the owner is told another time than is waited");
  }
  if (owed_.approval && (question == nullptr || question->about != TaskWait::kApproval)) {
    Break(P::kApprovalsEnd, Tell(*owed_.approval));
  }
  if (event.kind == E::kApproved && !Gave(C::kExecute)) Break(P::kApprovalsEnd, "a yes is lost");
}

// Left out by the owner, itself or what it needs.
bool TaskWitness::LeftOut(const TaskOwed::Step& step) const {
  if (step.left_out) return true;
  return std::any_of(step.needs.begin(), step.needs.end(), [&](const std::string& need) {
    const TaskOwed::Step* needed = owed_.Find(need);
    return needed != nullptr && LeftOut(*needed);
  });
}

void TaskWitness::CheckEnd() {
  const E kind = seen_.event.kind;
  const S state = seen_.after.state;
  if (kind == E::kCancel && state != S::kCancelled) Break(P::kStopsAtOnce, Name(state));
  if ((kind == E::kEscalate || kind == E::kKilled || kind == E::kStuck) && state != S::kEscalated) {
    Break(P::kStopsAtOnce, Name(state));
  }
  // A person takes over by wish, or what nobody knows the end of.
  const bool unknown = was_.run || was_.decide || was_.question;
  const bool tired = seen_.after.begun >= seen_.options.max_steps;
  if (state == S::kEscalated && kind == E::kTimerFired && !unknown && !tired) {
    Break(P::kStopsAtOnce, "a person takes over for nothing");
  }
  if (state == S::kEscalated && kind == E::kPlanFailed && !tired) {
    Break(P::kStopsAtOnce, "a person takes over what was never begun");
  }
  const bool all = std::all_of(
      owed_.steps.begin(), owed_.steps.end(),
      [&](const TaskOwed::Step& step) { return step.done || !step.required || LeftOut(step); });
  int ends = 0;
  for (const TaskCommand& command : seen_.commands) {
    if (ends > 0) Break(P::kEndsQuietly, StrCat(Tell(command), " after the end"));
    if (command.kind == C::kSummarize && command.yes && !all) {
      Break(P::kCompletedMeansDone, "the summary says so");
    }
    if (command.kind != C::kEnd) continue;
    ++ends;
    if (command.yes != (state == S::kCompleted)) Break(P::kEndsQuietly, "with a wrong word");
    if (command.detail.empty() != command.yes) Break(P::kEndsQuietly, "without a reason");
  }
  if (ends != (IsFinal(state) ? 1 : 0)) Break(P::kEndsQuietly, StrCat(ends, " ends"));
  if (state == S::kCompleted && !all) Break(P::kCompletedMeansDone, "something is missing");
  if (!IsFinal(state)) return;
  for (const TaskCommand& command : seen_.commands) {
    switch (command.kind) {
      case C::kWithdraw:
      case C::kHangUp:
      case C::kCloseQuestion:
      case C::kResolve:  // the owner's word, after which no step may be begun
      case C::kArmTimer:
      case C::kStopTimer:
      case C::kEnd:
        break;
      default:
        Break(P::kEndsQuietly, Tell(command));
    }
  }
  if (owed_.timers != 0) Break(P::kTimersAgree, "one runs after the end");
  if (owed_.question) Break(P::kQuestionsClose, "one is open after the end");
  if (owed_.decide || owed_.plan || owed_.summary || owed_.run) {
    owed_.decide.reset();
    owed_.plan.reset();
    owed_.summary = false;
  }
}

// What is owed is what the machine believes to be owed.
void TaskWitness::CheckAgreement() {
  const TaskProgress& now = seen_.after;
  for (int i = 0; i < kTaskTimers; ++i) {
    if ((owed_.timers >> i & 1) != (now.timers[i] != 0 ? 1 : 0)) {
      Break(P::kTimersAgree, Name(static_cast<TaskTimer>(i)));
    }
  }
  if (IsFinal(now.state)) return;
  const bool waits = now.state == S::kAwaitingUserInput;
  if (owed_.question.has_value() != (waits && !now.question.empty())) {
    Break(P::kQuestionsClose, owed_.question ? "one stays open" : "the open one was never asked");
  }
  if (waits && now.wait == TaskWait::kNothing) Break(P::kEndsByItself, "it waits for nothing");
  if (owed_.plan.has_value() != (now.activity == TaskActivity::kPlanning)) {
    Break(P::kOwedIsTaken, "a plan");
  }
  const bool decides = now.activity == TaskActivity::kDeciding;
  if ((owed_.decide.has_value() || owed_.approval.has_value()) != decides) {
    Break(P::kOwedIsTaken, "a decision");
  }
  const bool asks = now.active >= 0 && owed_.question &&
                    owed_.question->about == TaskWait::kStep;  // runs, but nothing is executed
  if ((owed_.run.has_value() || asks) != (now.activity == TaskActivity::kRunning)) {
    Break(P::kOwedIsTaken, "an end of what was executed");
  }
  if (owed_.summary != (now.state == S::kSummarize)) Break(P::kOwedIsTaken, "a summary");
}

void TaskWitness::CheckLimits() {
  if (IsFinal(seen_.after.state) || !owed_.started) return;
  const auto armed = [&](TaskTimer timer) {
    return (owed_.timers >> static_cast<unsigned>(timer) & 1) != 0;
  };
  const auto need = [&](bool owed, TaskTimer timer, std::string_view what) {
    if (owed && !armed(timer)) Break(P::kEndsByItself, StrCat("no limit for ", what));
  };
  const TaskRunPhase phase = owed_.phase;
  const bool running = owed_.run && phase != TaskRunPhase::kUnclear;
  need(owed_.plan.has_value(), TaskTimer::kStep, "the plan");
  need(owed_.decide.has_value(), TaskTimer::kStep, "the decision");
  need(running && phase != TaskRunPhase::kReply, TaskTimer::kStep, "what was executed");
  need(running && phase == TaskRunPhase::kReply, TaskTimer::kWait, "the reply");
  need(running && (phase == TaskRunPhase::kConnected || phase == TaskRunPhase::kAsking) &&
           !owed_.hung_up,
       TaskTimer::kCall, "the call");
  need(owed_.question.has_value(), TaskTimer::kWait, "the question");
  need(owed_.summary, TaskTimer::kStep, "the summary");
  const auto others = static_cast<std::uint8_t>(owed_.timers & ~1u);
  if (others == 0) Break(P::kEndsByItself, "nothing but the deadline would go on");
  const bool fired =
      seen_.event.kind == E::kTimerFired && seen_.event.timer == TaskTimer::kDeadline;
  const bool had = (was_.timers & 1) != 0 || !was_.started;
  if (had && !fired && !armed(TaskTimer::kDeadline)) Break(P::kEndsByItself, "no deadline");
}

void TaskWitness::CheckDone() {
  for (const TaskOwed::Step& step : owed_.steps) {
    const auto found =
        std::find_if(seen_.after.steps.begin(), seen_.after.steps.end(),
                     [&](const TaskStepProgress& progress) { return progress.step.id == step.id; });
    if (found == seen_.after.steps.end()) {
      Break(P::kDoneOnce, StrCat(step.id, " is forgotten"));
      continue;
    }
    if ((found->status == TaskStepStatus::kDone) != step.done) Break(P::kDoneOnce, step.id);
    if (step.done && found->receipt != step.receipt) Break(P::kDoneOnce, "another receipt");
  }
}

void TaskWitness::CheckBounds() {
  const TaskProgress& now = seen_.after;
  const TaskMachineOptions& limits = seen_.options;
  if (now.begun > limits.max_steps) Break(P::kBounded, "steps");
  if (now.asked_about_failures > limits.questions) Break(P::kBounded, "questions");
  if (now.asked_by_calls > limits.call_questions) Break(P::kBounded, "questions of calls");
  if (now.replans > limits.replans + owed_.owner_replans) Break(P::kBounded, "plans");
  if (now.summaries > 2) Break(P::kBounded, "summaries");
}

std::string CheckTaskStep(const TaskSeen& seen, TaskOwed& owed) {
  return TaskWitness(seen, owed).Run();
}

}  // namespace dragoman
