// What reaches the task machine and what it commands: plain values that are written to the task log
// (src/proto/dragoman/v1/task_log.proto). Times are microseconds since 1970 in UTC; 0 is none.
#ifndef DRAGOMAN_TASKS_TASK_EVENTS_H_
#define DRAGOMAN_TASKS_TASK_EVENTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/export.h"

namespace dragoman {

enum class TaskState : std::uint8_t {
  kInit,               // being planned
  kGatherInfo,         // asks the owner for what the plan needs
  kResearch,           // reads: nothing outside is changed
  kReadyToExecute,     // acts, one step at a time; dials
  kCallInProgress,     // a call is connected
  kAwaitingUserInput,  // waits: for the owner's answer or approval, a reply, a time
  kSummarize,
  kCompleted,
  kFailed,
  kEscalated,  // a person takes over
  kCancelled,
};
inline constexpr int kTaskStates = 11;
DRAGOMAN_EXPORT std::string_view Name(TaskState state);  // "READY_TO_EXECUTE"
DRAGOMAN_EXPORT bool IsFinal(TaskState state);

// What a step of a plan is, and so when it runs.
enum class TaskStepKind : std::uint8_t {
  kAsk,   // a question to the owner: GATHER_INFO, or where its needs are met
  kRead,  // changes nothing outside: RESEARCH, or where its needs are met
  kAct,   // somebody else notices: READY_TO_EXECUTE
  kCall,  // a phone call: READY_TO_EXECUTE, CALL_IN_PROGRESS once it is connected
};
DRAGOMAN_EXPORT std::string_view Name(TaskStepKind kind);  // "ask"

struct DRAGOMAN_EXPORT TaskStep {
  std::string id;  // 1 to 64 of [A-Za-z0-9_.-]
  TaskStepKind kind = TaskStepKind::kAct;
  bool optional = false;           // the goal can be reached without it
  std::vector<std::string> needs;  // ids of steps before it
  friend bool operator==(const TaskStep&, const TaskStep&) = default;
};
inline constexpr int kMaxTaskSteps = 100;

enum class TaskTimer : std::uint8_t {
  kDeadline,  // of the goal
  kStep,      // what was commanded must be answered
  kWait,      // an answer, an approval, a reply or a time is awaited
  kCall,      // the longest a call may last
};
inline constexpr int kTaskTimers = 4;
DRAGOMAN_EXPORT std::string_view Name(TaskTimer timer);  // "deadline"

enum class TaskEventKind : std::uint8_t {
  kStart,       // the goal is taken up. `when_us`: its deadline
  kPlanned,     // `plan`: the steps from now on
  kPlanFailed,  // `detail`
  // Answers to Decide. `step`
  kAllowed,      // the governor would let it; the intent is written down
  kMustConfirm,  // `reference`: the question to the owner, `when_us`: its expiry
  kRefused,      // `detail`: the rule
  // Answers to Execute. `step`
  kConnected,        // a call: somebody answered
  kCallAsks,         // the call needs something from the owner. `detail`: the question
  kStepDone,         // `reference`: the receipt; `detail`: what came out, in short
  kStepFailed,       // certainly not done. `may_retry`, `when_us`: not before
  kStepUnclear,      // it may have happened, nobody can tell. `detail` for the owner
  kReplyAwaited,     // sent; the far side will reply. `when_us`: until then it is awaited
  kCallDropped,      // the line ended before the aim was reached
  kCallNeedsInfo,    // ended: more must be found out first
  kCallNeedsSecret,  // ended: credentials are missing
  // The owner
  kAnswered,    // `reference`: the question, `choice`, `detail`: the words
  kApproved,    // `reference`: the question
  kDeclined,    // `reference`
  kReplan,      // the owner wants another plan
  kCancel,      // by the owner
  kEscalate,    // the owner takes over
  kKilled,      // the kill switch. `detail`
  kStuck,       // the same thing again and again. `detail`
  kSummarized,  // `detail`: the summary's digest
  kSummaryFailed,
  kTimerFired,  // `timer`
  kRecovered,   // another process had the goal; what was under way is commanded again
};
inline constexpr int kTaskEvents = 27;
DRAGOMAN_EXPORT std::string_view Name(TaskEventKind kind);  // "must confirm"

enum class OwnerChoice : std::uint8_t {
  kText,  // an answer in words
  kRetry,
  kSkip,
  kGiveUp,
  kItHappened,
  kItDidNot,
};
inline constexpr int kOwnerChoices = 6;
DRAGOMAN_EXPORT std::string_view Name(OwnerChoice choice);  // "give up"

struct DRAGOMAN_EXPORT TaskEvent {
  TaskEventKind kind = TaskEventKind::kStart;
  std::int64_t at_us = 0;  // never runs back
  std::string step;
  std::int64_t attempt = 0;  // of `step`, as it was commanded; 0: whichever is under way
  std::string reference;
  std::int64_t when_us = 0;
  bool may_retry = false;
  OwnerChoice choice = OwnerChoice::kText;
  TaskTimer timer = TaskTimer::kDeadline;
  std::vector<TaskStep> plan;
  std::string detail;
  friend bool operator==(const TaskEvent&, const TaskEvent&) = default;
};

enum class TaskCommandKind : std::uint8_t {
  kMakePlan,  // answered by kPlanned or kPlanFailed. `detail`: why anew
  kDecide,    // answered by kAllowed, kMustConfirm or kRefused. `step`, `attempt`
  kExecute,   // arm and send. `step`, `attempt`, `reference`: the owner's approval, if one was due
  kExpect,    // after a restart: `step`, `attempt` was under way; its end is awaited as before
  kWithdraw,  // never arm `step`, `attempt`; nothing when it was armed
  kHangUp,    // the call of `step`
  kAnswerCall,     // `step`: the owner's words in `detail`; empty: no answer
  kAskOwner,       // `reference`: the question's id, `about`, `step`, `detail`, `when_us`: until
  kCloseQuestion,  // `reference` is answered or over
  kResolve,        // the owner's word on `step`, `attempt`: `yes`: it happened
  kSummarize,      // `yes`: everything that was required is done
  kArmTimer,       // `timer`, `when_us`; replaces one that runs
  kStopTimer,      // `timer`
  kEnd,            // nothing follows. `yes`: completed
};
inline constexpr int kTaskCommands = 14;
DRAGOMAN_EXPORT std::string_view Name(TaskCommandKind kind);  // "ask owner"

// What the owner is asked about.
enum class TaskWait : std::uint8_t {
  kNothing,
  kStep,          // the plan's own question
  kApproval,      // may this be done?
  kFailure,       // a step failed: retry, skip, give up
  kUnclear,       // it may have happened: did it?
  kCallQuestion,  // the call needs an answer now
  kReply,         // no question: the far side replies
  kTime,          // no question: not before a time
};
DRAGOMAN_EXPORT std::string_view Name(TaskWait wait);  // "approval"

struct DRAGOMAN_EXPORT TaskCommand {
  TaskCommandKind kind = TaskCommandKind::kEnd;
  std::string step;
  std::int64_t attempt = 0;
  std::string reference;
  TaskWait about = TaskWait::kNothing;
  TaskTimer timer = TaskTimer::kDeadline;
  std::int64_t when_us = 0;
  bool yes = false;
  std::string detail;
  friend bool operator==(const TaskCommand&, const TaskCommand&) = default;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TASKS_TASK_EVENTS_H_
