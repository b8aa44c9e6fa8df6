#include "src/tasks/task_tables.h"

#include <string>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using A = TaskAction;
using E = TaskEventKind;
using G = TaskGuard;
using S = TaskState;

constexpr std::array<TaskStateSpec, kTaskStates> kStates = {{
    {S::kInit, A::kNone, A::kNone, A::kRepeat, "a plan is being made"},
    {S::kGatherInfo, A::kNone, A::kNone, A::kRepeat, "another plan is being made"},
    {S::kResearch, A::kNone, A::kNone, A::kRepeat, "a step is decided on, runs, or must rest"},
    {S::kReadyToExecute, A::kNone, A::kNone, A::kRepeat, "a step is decided on or under way"},
    {S::kCallInProgress, A::kNone, A::kNone, A::kRepeat, "somebody is on the line"},
    {S::kAwaitingUserInput, A::kNone, A::kCloseQuestion, A::kRepeat,
     "an answer, an approval, a reply or a time is awaited"},
    {S::kSummarize, A::kSummarize, A::kNone, A::kRepeat, "the summary is being written"},
    {S::kCompleted, A::kEnd, A::kNone, A::kNone, "it is over"},
    {S::kFailed, A::kEnd, A::kNone, A::kNone, "it is over"},
    {S::kEscalated, A::kEnd, A::kNone, A::kNone, "a person has it"},
    {S::kCancelled, A::kEnd, A::kNone, A::kNone, "it is over"},
}};

class Rows {
 public:
  void Add(S from, E event, G guard, S to, std::array<A, 4> actions, G also = G::kAlways) {
    rows.push_back({from, static_cast<std::uint8_t>(event), guard, also,
                    static_cast<std::uint8_t>(to), actions});
  }
  void Back(E event, G guard, std::array<A, 4> actions, G also = G::kAlways) {
    rows.push_back(
        {S::kAwaitingUserInput, static_cast<std::uint8_t>(event), guard, also, kReturn, actions});
  }
  // What the state does next by itself.
  void Next(S from, G guard, S to, std::array<A, 4> actions, G also = G::kAlways) {
    rows.push_back({from, static_cast<std::uint8_t>(kTaskReady), guard, also,
                    static_cast<std::uint8_t>(to), actions});
  }

  std::vector<TaskRow> rows;
};

void AddInit(Rows& rows) {
  const S s = S::kInit;
  rows.Add(s, E::kStart, G::kNotStarted, s, {A::kArmDeadline, A::kMakePlan});
  rows.Add(s, E::kPlanned, G::kPlanning, S::kGatherInfo, {A::kTakePlan}, G::kPlanSound);
  rows.Add(s, E::kPlanFailed, G::kPlanning, S::kFailed, {A::kFailPlan});
  rows.Add(s, E::kTimerFired, G::kStepLate, S::kFailed, {A::kFailPlan});
  rows.Add(s, E::kTimerFired, G::kDeadline, S::kFailed, {A::kOutOfTime});
}

// What GATHER_INFO, RESEARCH and READY_TO_EXECUTE have in common: mending, planning anew.
void AddWork(Rows& rows, S s) {
  rows.Add(s, E::kPlanned, G::kPlanning, s, {A::kTakePlan}, G::kPlanSound);
  rows.Add(s, E::kPlanFailed, G::kPlanning, s, {A::kFailPlan});
  rows.Add(s, E::kTimerFired, G::kStepLate, s, {A::kFailPlan}, G::kPlanning);
  // What failed for want of a secret is not the same again.
  if (s != S::kGatherInfo) rows.Next(s, G::kMending, s, {A::kRetry}, G::kMayRetry);
  rows.Next(s, G::kMending, s, {A::kMakePlan}, G::kMayReplan);
  rows.Next(s, G::kMending, S::kAwaitingUserInput, {A::kAskFailure}, G::kMayAsk);
  rows.Next(s, G::kMending, s, {A::kFailStep});
}

// What RESEARCH and READY_TO_EXECUTE have in common: steps.
void AddSteps(Rows& rows, S s) {
  rows.Add(s, E::kAllowed, G::kDeciding, s, {A::kExecute});
  rows.Add(s, E::kMustConfirm, G::kDeciding, S::kAwaitingUserInput, {A::kAskApproval});
  rows.Add(s, E::kRefused, G::kDeciding, s, {A::kNoteRefusal});
  rows.Add(s, E::kStepDone, G::kRunning, s, {A::kNoteDone});
  rows.Add(s, E::kStepFailed, G::kRunning, s, {A::kNoteFailure});
  rows.Add(s, E::kRefused, G::kRunning, s, {A::kNoteRefusal});  // checked once more before arming
  rows.Add(s, E::kStepUnclear, G::kRunning, S::kAwaitingUserInput, {A::kAskUnclear});
  rows.Add(s, E::kReplyAwaited, G::kRunning, S::kAwaitingUserInput, {A::kAwaitReply});
  rows.Add(s, E::kTimerFired, G::kStepLate, S::kEscalated, {A::kLetGo, A::kOutOfTime});
}

void AddGatherAndResearch(Rows& rows) {
  AddWork(rows, S::kGatherInfo);
  rows.Add(S::kGatherInfo, E::kTimerFired, G::kDeadline, S::kFailed, {A::kLetGo, A::kOutOfTime});
  rows.Next(S::kGatherInfo, G::kIdle, S::kResearch, {}, G::kBroken);
  rows.Next(S::kGatherInfo, G::kIdle, S::kEscalated, {A::kOutOfSteps}, G::kTired);
  rows.Next(S::kGatherInfo, G::kIdle, S::kAwaitingUserInput, {A::kBeginAsk}, G::kNextAsks);
  rows.Next(S::kGatherInfo, G::kIdle, S::kResearch, {});

  AddWork(rows, S::kResearch);
  AddSteps(rows, S::kResearch);
  rows.Add(S::kResearch, E::kTimerFired, G::kWaitOver, S::kResearch, {A::kStopResting},
           G::kResting);
  rows.Add(S::kResearch, E::kTimerFired, G::kDeadline, S::kFailed, {A::kLetGo, A::kOutOfTime});
  rows.Next(S::kResearch, G::kIdle, S::kReadyToExecute, {}, G::kBroken);
  rows.Next(S::kResearch, G::kIdle, S::kEscalated, {A::kOutOfSteps}, G::kTired);
  rows.Next(S::kResearch, G::kIdle, S::kResearch, {A::kRest}, G::kNextReadRests);
  rows.Next(S::kResearch, G::kIdle, S::kResearch, {A::kBegin}, G::kNextReads);
  rows.Next(S::kResearch, G::kIdle, S::kReadyToExecute, {});
}

void AddReady(Rows& rows) {
  const S s = S::kReadyToExecute;
  AddWork(rows, s);
  AddSteps(rows, s);
  rows.Add(s, E::kConnected, G::kRunningCall, S::kCallInProgress, {A::kConnect});
  rows.Add(s, E::kCallDropped, G::kRunningCall, s, {A::kNoteFailure});  // busy, no answer
  rows.Add(s, E::kTimerFired, G::kDeadline, S::kSummarize, {A::kLetGo, A::kOutOfTime});
  rows.Next(s, G::kIdle, S::kSummarize, {}, G::kBroken);
  rows.Next(s, G::kIdle, S::kEscalated, {A::kOutOfSteps}, G::kTired);
  rows.Next(s, G::kIdle, S::kAwaitingUserInput, {A::kAwaitTime}, G::kNextRests);
  rows.Next(s, G::kIdle, S::kAwaitingUserInput, {A::kBeginAsk}, G::kNextAsks);
  rows.Next(s, G::kIdle, s, {A::kBegin}, G::kHasNext);
  rows.Next(s, G::kIdle, S::kSummarize, {});
}

void AddCall(Rows& rows) {
  const S s = S::kCallInProgress;
  rows.Add(s, E::kStepDone, G::kRunningCall, S::kSummarize, {A::kNoteDone}, G::kOneLeft);
  rows.Add(s, E::kStepDone, G::kRunningCall, S::kReadyToExecute, {A::kNoteDone});
  rows.Add(s, E::kStepFailed, G::kRunningCall, S::kReadyToExecute, {A::kNoteFailure});
  rows.Add(s, E::kCallDropped, G::kRunningCall, S::kReadyToExecute, {A::kNoteFailure});
  rows.Add(s, E::kCallNeedsInfo, G::kRunningCall, S::kResearch, {A::kNoteFailure});
  rows.Add(s, E::kCallNeedsSecret, G::kRunningCall, S::kGatherInfo, {A::kNoteFailure});
  rows.Add(s, E::kStepUnclear, G::kRunningCall, S::kAwaitingUserInput, {A::kAskUnclear});
  rows.Add(s, E::kCallAsks, G::kRunningCall, S::kAwaitingUserInput, {A::kAskForCall},
           G::kMayAskForCall);
  rows.Add(s, E::kCallAsks, G::kRunningCall, s, {A::kNoAnswerForCall});
  rows.Add(s, E::kTimerFired, G::kCallLate, s, {A::kHangUp});
  rows.Add(s, E::kTimerFired, G::kStepLate, S::kEscalated, {A::kLetGo, A::kOutOfTime});
  rows.Add(s, E::kTimerFired, G::kDeadline, S::kSummarize, {A::kLetGo, A::kOutOfTime});
}

void AddAwaiting(Rows& rows) {
  const S s = S::kAwaitingUserInput;
  rows.Back(E::kAnswered, G::kAnswersStep, {A::kNoteDone});
  rows.Back(E::kTimerFired, G::kWaitOver, {A::kNoteNoAnswer, A::kFailStep}, G::kAwaitsStep);

  rows.Back(E::kApproved, G::kAnswersApproval, {A::kExecuteApproved});
  rows.Back(E::kDeclined, G::kAnswersApproval, {A::kWithdraw, A::kNoteDeclined, A::kFailStep});
  rows.Back(E::kTimerFired, G::kWaitOver, {A::kWithdraw, A::kNoteNoAnswer, A::kFailStep},
            G::kAwaitsApproval);

  rows.Back(E::kAnswered, G::kAnswersFailure, {A::kRetry}, G::kWantsRetry);
  rows.Back(E::kAnswered, G::kAnswersFailure, {A::kSkipStep}, G::kWantsSkip);
  rows.Back(E::kAnswered, G::kAnswersFailure, {A::kFailStep}, G::kWantsGiveUp);
  rows.Add(s, E::kTimerFired, G::kWaitOver, S::kEscalated, {A::kOutOfTime}, G::kAwaitsFailure);

  rows.Back(E::kAnswered, G::kAnswersUnclear, {A::kResolveDone, A::kNoteDone}, G::kHappened);
  rows.Back(E::kAnswered, G::kAnswersUnclear, {A::kResolveNotDone, A::kNoteFailure},
            G::kDidNotHappen);
  rows.Back(E::kStepDone, G::kAwaitsUnclear, {A::kNoteDone}, G::kRunning);  // a late proof
  rows.Add(s, E::kTimerFired, G::kWaitOver, S::kEscalated, {A::kOutOfTime}, G::kAwaitsUnclear);

  rows.Back(E::kTimerFired, G::kWaitOver, {}, G::kAwaitsTime);

  rows.Back(E::kStepDone, G::kRunningReply, {A::kNoteDone});
  rows.Back(E::kStepFailed, G::kRunningReply, {A::kNoteFailure});
  rows.Back(E::kTimerFired, G::kWaitOver, {A::kNoteNoAnswer, A::kNoteFailure}, G::kAwaitsReply);

  rows.Add(s, E::kAnswered, G::kAnswersCall, S::kCallInProgress, {A::kAnswerCall});
  rows.Add(s, E::kTimerFired, G::kWaitOver, S::kCallInProgress, {A::kNoAnswerForCall},
           G::kAwaitsCall);
  rows.Add(s, E::kStepDone, G::kRunningInCall, S::kSummarize, {A::kNoteDone}, G::kOneLeft);
  rows.Add(s, E::kStepDone, G::kRunningInCall, S::kResearch, {A::kNoteDone});
  for (const E end : {E::kStepFailed, E::kCallDropped, E::kCallNeedsInfo, E::kCallNeedsSecret}) {
    rows.Add(s, end, G::kRunningInCall, S::kResearch, {A::kNoteFailure});
  }
  rows.Add(s, E::kStepUnclear, G::kRunningInCall, s, {A::kCloseQuestion, A::kAskUnclear});
  rows.Add(s, E::kTimerFired, G::kCallLate, s, {A::kHangUp}, G::kAwaitsCall);
  rows.Add(s, E::kTimerFired, G::kStepLate, S::kEscalated, {A::kLetGo, A::kOutOfTime});

  rows.Back(E::kReplan, G::kMayPlanAnew, {A::kWithdraw, A::kMakePlan});
  rows.Add(s, E::kTimerFired, G::kDeadline, S::kSummarize, {A::kLetGo, A::kOutOfTime});
}

void AddSummarize(Rows& rows) {
  const S s = S::kSummarize;
  rows.Add(s, E::kSummarized, G::kAllDone, S::kCompleted, {});
  rows.Add(s, E::kSummarized, G::kAlways, S::kFailed, {});
  rows.Add(s, E::kSummaryFailed, G::kMaySummarizeAgain, s, {A::kSummarize});
  rows.Add(s, E::kSummaryFailed, G::kAlways, S::kFailed, {A::kNoteReason});
  rows.Add(s, E::kTimerFired, G::kStepLate, s, {A::kSummarize}, G::kMaySummarizeAgain);
  rows.Add(s, E::kTimerFired, G::kStepLate, S::kFailed, {A::kOutOfTime});
  rows.Add(s, E::kTimerFired, G::kDeadline, S::kFailed, {A::kOutOfTime});
}

void AddEnds(Rows& rows) {
  for (int i = 0; i <= static_cast<int>(S::kSummarize); ++i) {
    const auto s = static_cast<S>(i);
    rows.Add(s, E::kCancel, G::kAlways, S::kCancelled, {A::kLetGo, A::kNoteReason});
    for (const E end : {E::kEscalate, E::kKilled, E::kStuck}) {
      rows.Add(s, end, G::kAlways, S::kEscalated, {A::kLetGo, A::kNoteReason});
    }
    rows.Add(s, E::kRecovered, G::kAlways, s, {kStates[static_cast<std::size_t>(i)].recovery});
  }
}

TaskTables MakeTables() {
  Rows rows;
  AddInit(rows);
  AddGatherAndResearch(rows);
  AddReady(rows);
  AddCall(rows);
  AddAwaiting(rows);
  AddSummarize(rows);
  AddEnds(rows);
  TaskTables tables{.rows = std::move(rows.rows), .states = kStates};
  tables.Index();
  return tables;
}

}  // namespace

void TaskTables::Index() {
  for (auto& of_one : index) of_one.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    index[static_cast<std::size_t>(rows[i].from) * kTaskTriggers + rows[i].trigger].push_back(
        static_cast<std::uint16_t>(i));
  }
}

const TaskTables& ShippedTaskTables() {
  static const TaskTables tables = MakeTables();
  return tables;
}

std::string_view TriggerName(std::uint8_t trigger) {
  return trigger == kTaskReady ? "(ready)" : Name(static_cast<TaskEventKind>(trigger));
}

std::string Describe(const TaskRow& row) {
  std::string guards;
  for (const G guard : {row.guard, row.also}) {
    if (guard != G::kAlways) guards += StrCat(guards.empty() ? "" : ", ", Name(guard));
  }
  std::string actions;
  for (const A action : row.actions) {
    if (action != A::kNone) actions += StrCat(actions.empty() ? ": " : ", ", Name(action));
  }
  return StrCat(Name(row.from), " --", TriggerName(row.trigger),
                guards.empty() ? "" : StrCat(" [", guards, "]"), "--> ",
                row.to == kReturn ? "(back)" : Name(static_cast<TaskState>(row.to)), actions);
}

}  // namespace dragoman
