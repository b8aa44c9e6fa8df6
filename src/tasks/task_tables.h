// The task machine as data: what moves it, what is done on the way, and what each state does when
// it is entered, left and found again after a restart.
#ifndef DRAGOMAN_SRC_TASKS_TASK_TABLES_H_
#define DRAGOMAN_SRC_TASKS_TASK_TABLES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "dragoman/tasks/task_machine.h"

namespace dragoman {

// The event kinds, and behind them what the machine tells itself at the end of each step until
// nothing moves.
inline constexpr int kTaskReady = kTaskEvents;
inline constexpr int kTaskTriggers = kTaskEvents + 1;

enum class TaskGuard : std::uint8_t {
  kAlways,
  // Whether the event belongs here.
  kIdle,
  kPlanning,
  kDeciding,     // the event names the step that is being decided
  kRunning,      // the event names the step that runs
  kRunningCall,  // and it is a call
  kNotStarted,
  kResting,
  kMending,
  kDeadline,  // the timer that fired
  kStepLate,
  kWaitOver,
  kCallLate,
  kAnswersStep,  // of AWAITING_USER_INPUT: the event answers the open question, which is of this
                 // kind
  kAnswersFailure,
  kAnswersUnclear,
  kAnswersCall,
  kAnswersApproval,
  kAwaitsStep,  // AWAITING_USER_INPUT for this
  kAwaitsApproval,
  kAwaitsFailure,
  kAwaitsUnclear,
  kAwaitsCall,
  kAwaitsTime,
  kAwaitsReply,
  kRunningReply,   // AWAITING_USER_INPUT for the reply to the step that the event names
  kRunningInCall,  // for the owner's words, while the call of the event's step goes on
  kMayPlanAnew,    // AWAITING_USER_INPUT for what another plan makes needless
  // What is so.
  kPlanSound,
  kMayRetry,
  kMayReplan,
  kMayAsk,
  kMayAskForCall,
  kNextAsks,  // the next step that can run is a question
  kNextReads,
  kNextRests,  // the next step that can run must wait
  kNextReadRests,
  kHasNext,
  kBroken,
  kTired,    // no step more may be begun
  kOneLeft,  // the step under way is the last that is not settled
  kWantsRetry,
  kWantsSkip,
  kWantsGiveUp,
  kHappened,
  kDidNotHappen,
  kAllDone,
  kMaySummarizeAgain,
};
inline constexpr int kTaskGuards = static_cast<int>(TaskGuard::kMaySummarizeAgain) + 1;
std::string_view Name(TaskGuard guard);

enum class TaskAction : std::uint8_t {
  kNone,
  kMakePlan,
  kTakePlan,
  kFailPlan,
  kArmDeadline,
  kBegin,     // the next step: the governor is asked
  kBeginAsk,  // the next step is a question: the owner is asked
  kExecute,
  kExecuteApproved,
  kAskApproval,
  kAskFailure,
  kAskUnclear,
  kAskForCall,
  kAwaitReply,
  kAwaitTime,
  kRest,
  kStopResting,
  kNoteDone,
  kNoteFailure,  // mending begins
  kNoteRefusal,
  kRetry,
  kFailStep,
  kSkipStep,
  kNoteDeclined,
  kNoteNoAnswer,
  kConnect,
  kWithdraw,
  kHangUp,
  kAnswerCall,
  kNoAnswerForCall,
  kResolveDone,
  kResolveNotDone,
  kSummarize,
  kLetGo,  // withdraws or hangs up what is under way
  kCloseQuestion,
  kRepeat,  // commands again what is under way, and every timer
  kNoteReason,
  kOutOfTime,
  kOutOfSteps,
  kEnd,
};
inline constexpr int kTaskActions = static_cast<int>(TaskAction::kEnd) + 1;
std::string_view Name(TaskAction action);

// Where a row leads: a state, or back to where the waiting began.
inline constexpr std::uint8_t kReturn = kTaskStates;

struct TaskRow {
  TaskState from;
  std::uint8_t trigger;  // TaskEventKind, or kTaskReady
  TaskGuard guard;       // the first row whose guards hold is taken
  TaskGuard also;
  std::uint8_t to;  // TaskState or kReturn
  std::array<TaskAction, 4> actions;
  friend bool operator==(const TaskRow&, const TaskRow&) = default;
};

struct TaskStateSpec {
  TaskState state;
  TaskAction entry = TaskAction::kNone;
  TaskAction exit = TaskAction::kNone;
  TaskAction recovery = TaskAction::kNone;
  std::string_view silence;  // why nothing may be happening
};

struct TaskTables {
  std::vector<TaskRow> rows;
  std::array<TaskStateSpec, kTaskStates> states;
  // The rows of a state and a trigger, in their order.
  std::array<std::vector<std::uint16_t>, kTaskStates * kTaskTriggers> index{};
  void Index();  // after each change of `rows`
  const std::vector<std::uint16_t>& RowsOf(TaskState from, std::uint8_t trigger) const {
    return index[static_cast<std::size_t>(from) * kTaskTriggers + trigger];
  }
  // Of mutants only.
  std::optional<TaskCommandKind> never_gives = std::nullopt;
  std::optional<TaskTimer> never_arms = std::nullopt;
};

const TaskTables& ShippedTaskTables();
std::string_view TriggerName(std::uint8_t trigger);
// "READY_TO_EXECUTE --step done [running]--> READY_TO_EXECUTE: note done"
std::string Describe(const TaskRow& row);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TASKS_TASK_TABLES_H_
