// The mind of a goal: events in, commands out, nothing else.
#ifndef DRAGOMAN_TASKS_TASK_MACHINE_H_
#define DRAGOMAN_TASKS_TASK_MACHINE_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/export.h"
#include "dragoman/tasks/task_events.h"

namespace dragoman {

// Grows with every change of what Step does.
inline constexpr std::int64_t kTaskMachineVersion = 2;

struct DRAGOMAN_EXPORT TaskMachineOptions {
  using Seconds = std::chrono::seconds;

  int max_steps = 30;        // begun, repeated ones included; then a person takes over
  int attempts = 3;          // of one step by itself
  int replans = 2;           // after failures; 0: there is nobody who could plan anew
  int questions = 3;         // about failed steps
  int call_questions = 5;    // of the calls to the owner
  Seconds retry_after{30};   // doubles with each attempt
  Seconds plan_limit{120};   // until a plan must be there
  Seconds decide_limit{60};  // until the governor must have decided
  Seconds step_limit{2400};  // until the end of a step must be known: the journal's 15 minutes of
                             // looking up, and the longest call behind it
  Seconds call_limit{660};   // connected; then it is hung up
  Seconds answer_wait{86'400};   // for the owner's answer
  Seconds approval_wait{600};    // at most; the question's own expiry may be sooner
  Seconds call_answer_wait{60};  // while somebody holds the line
  Seconds summary_limit{60};
  Seconds longest_goal{30 * 86'400};  // where no deadline is given

  absl::Status Validate() const;  // kInvalidArgument naming the field and range
  friend bool operator==(const TaskMachineOptions&, const TaskMachineOptions&) = default;
};

enum class TaskStepStatus : std::uint8_t { kPending, kDone, kFailed, kSkipped };
DRAGOMAN_EXPORT std::string_view Name(TaskStepStatus status);  // "done"

struct DRAGOMAN_EXPORT TaskStepProgress {
  TaskStep step;
  TaskStepStatus status = TaskStepStatus::kPending;
  std::int64_t attempt = 1;        // the next one, or the one under way
  std::int64_t not_before_us = 0;  // of the next attempt
  std::string receipt;             // of one that is done
  std::string detail;              // what came out, or why it failed
  friend bool operator==(const TaskStepProgress&, const TaskStepProgress&) = default;
};

// A step that was tried and left out of a later plan. One of its name goes on from there: an
// attempt is one intent, whatever plan it is of.
struct DRAGOMAN_EXPORT TaskTried {
  std::string id;
  std::int64_t attempts = 0;
  friend bool operator==(const TaskTried&, const TaskTried&) = default;
};

// What is under way for the goal.
enum class TaskActivity : std::uint8_t {
  kIdle,
  kPlanning,
  kDeciding,  // the governor is asked
  kRunning,   // armed, sent, or looked up
  kMending,   // a step failed: retry, replan, ask, give up, in that order
  kResting,   // not before a time
};

// All that the machine knows of the goal.
struct DRAGOMAN_EXPORT TaskProgress {
  TaskState state = TaskState::kInit;
  TaskActivity activity = TaskActivity::kIdle;
  std::vector<TaskStepProgress> steps;
  std::vector<TaskTried> tried;
  std::int64_t active = -1;                          // index of the step under way
  TaskState return_to = TaskState::kReadyToExecute;  // after AWAITING_USER_INPUT
  TaskWait wait = TaskWait::kNothing;
  std::string question;  // id of the one that is open
  std::string words;     // its words; may be empty: the step says all
  std::int64_t asked = 0, asked_about_failures = 0, asked_by_calls = 0;
  std::int64_t begun = 0, replans = 0;
  std::int64_t summaries = 0;
  bool may_retry = false;                 // while mending
  bool broken = false;                    // a required step failed for good
  std::string reason;                     // why it did not complete
  std::int64_t timers[kTaskTimers] = {};  // 0: not armed
  friend bool operator==(const TaskProgress&, const TaskProgress&) = default;
};

struct TaskTables;

// Step is a function of the options and the events so far. One thread at a time.
//
// What whoever drives it promises:
//  - the first event is kStart; at_us never goes back;
//  - commands are carried out in the order given, once the step that gave them is durable;
//  - each command that has an answer is answered at most once, after the step that gave it;
//  - a timer fires at its time or later, once; one that was stopped or replaced may still fire;
//  - after a restart every event since kStart is stepped again, its commands dropped, and then
//    kRecovered, whose commands are carried out.
class DRAGOMAN_EXPORT TaskMachine {
 public:
  explicit TaskMachine(TaskMachineOptions options = {});
  TaskMachine(TaskMachineOptions options, const TaskTables& tables);  // for the checker; borrowed

  // kFailedPrecondition naming state and event: the event has no place there, or answers what is
  // not asked any more; nothing changed. States that are final absorb everything that way.
  // kInvalidArgument: kPlanned with a plan that CheckPlan refuses.
  absl::Status Step(const TaskEvent& event, std::vector<TaskCommand>* commands);

  TaskState state() const { return progress_.state; }
  const TaskProgress& progress() const { return progress_; }
  const TaskMachineOptions& options() const { return options_; }
  // What it waits for, in one or two words for people: "an approval"; empty: nothing.
  std::string_view waiting_on() const;

 private:
  TaskMachineOptions options_;
  const TaskTables* tables_;
  TaskProgress progress_;
};

// Whether these steps can be run, `done` being ids of steps that are done already.
// kInvalidArgument in words for the owner: no step, more than kMaxTaskSteps, an id that is empty,
// taken or malformed, a need that no step has or that stands later, a circle (named).
DRAGOMAN_EXPORT absl::Status CheckPlan(const std::vector<TaskStep>& plan,
                                       const std::vector<std::string>& done = {});

// The shipped table as Markdown and as a Mermaid diagram, for docs/task-machine.md.
DRAGOMAN_EXPORT std::string PrintTaskTable();
DRAGOMAN_EXPORT std::string PrintTaskStates();  // entry, exit, recovery of each state
DRAGOMAN_EXPORT std::string PrintTaskDiagram();
DRAGOMAN_EXPORT std::uint64_t TaskTablesDigest();

}  // namespace dragoman
#endif  // DRAGOMAN_TASKS_TASK_MACHINE_H_
