// What a goal's owner and the parts around its machine may expect of it, written down from the
// outside: from task_events.h, task_machine.h and ARCHITECTURE's list of edges, not from the
// tables.
#ifndef DRAGOMAN_SRC_TASKS_TASK_PROMISES_H_
#define DRAGOMAN_SRC_TASKS_TASK_PROMISES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/tasks/task_machine.h"
#include "src/tasks/task_stepper.h"

namespace dragoman {

// Each is a sentence of docs/task-machine.md, which is printed from Sentence.
enum class TaskPromise : std::uint8_t {
  kEndsByItself,
  kNoCircle,
  kTimersAreTaken,
  kTimersAgree,
  kOwedIsTaken,
  kOnlyOwedIsTaken,
  kRefusedChangesNothing,
  kOneExecute,
  kPermitted,
  kAttemptsGrow,
  kDoneOnce,
  kLetsGo,
  kEndsQuietly,
  kStopsAtOnce,
  kQuestionsClose,
  kApprovalsEnd,
  kOwnerIsHeard,
  kCompletedMeansDone,
  kRecovers,
  kEdges,
  kInPlace,
  kMends,
  kBounded,
};
inline constexpr int kTaskPromises = static_cast<int>(TaskPromise::kBounded) + 1;
std::string_view Name(TaskPromise promise);      // "one execute"
std::string_view Sentence(TaskPromise promise);  // what is promised

// How far what was executed has come.
enum class TaskRunPhase : std::uint8_t { kSent, kConnected, kAsking, kReply, kUnclear };

// What was commanded and is not answered yet. Copyable; part of what is explored.
struct TaskOwed {
  struct Step {
    std::string id;
    TaskStepKind kind = TaskStepKind::kAct;
    bool required = true;
    std::vector<std::string> needs;
    bool done = false, left_out = false;  // by the owner
    std::string receipt;
  };
  // Of an id, over all plans.
  struct Tried {
    std::string id;
    std::int64_t decided = 0, executed = 0;  // the last attempt
    bool undone = true;                      // the last one executed certainly did nothing
    bool wanted = false;  // it did something, and the owner or a new plan wants another
  };

  bool started = false;
  std::vector<Step> steps;
  std::vector<Tried> tried;
  std::optional<TaskCommand> plan, decide, question, approval;
  std::optional<TaskCommand> run;  // as it was executed
  TaskRunPhase phase = TaskRunPhase::kSent;
  bool hung_up = false;
  TaskState waits_from = TaskState::kInit;  // where AWAITING_USER_INPUT was entered from
  bool summary = false;
  bool replanned = false;          // the owner has wished for another plan
  std::uint8_t timers = 0;         // bits
  std::int64_t owner_replans = 0;  // beyond what the machine may by itself

  Step* Find(std::string_view id);
  Tried& TriedOf(std::string_view id);
  void AppendTo(std::string& key) const;
};

// One step of the machine, as it was seen.
struct TaskSeen {
  const TaskEvent& event;
  const TaskProgress& before;
  const TaskProgress& after;
  const std::vector<TaskCommand>& commands;
  const std::vector<TaskStepper::Move>& moves;
  const TaskMachineOptions& options;
};

// An event that was owed, or may always come, was taken: what is broken by what followed; empty:
// nothing. `owed` becomes what is owed now.
std::string CheckTaskStep(const TaskSeen& seen, TaskOwed& owed);
std::string Broken(TaskPromise promise, std::string_view what);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TASKS_TASK_PROMISES_H_
