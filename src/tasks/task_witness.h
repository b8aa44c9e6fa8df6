// What one step of the task machine does to what is owed: half of the promises' check; private to
// task_promises.cc and task_witness.cc.
#ifndef DRAGOMAN_SRC_TASKS_TASK_WITNESS_H_
#define DRAGOMAN_SRC_TASKS_TASK_WITNESS_H_

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "dragoman/core/status.h"
#include "src/tasks/task_promises.h"

namespace dragoman {

inline bool HasRun(const TaskOwed& owed) {
  return owed.run.has_value() && owed.phase != TaskRunPhase::kUnclear;
}

inline bool SameAttempt(const TaskCommand& a, const TaskCommand& b) {
  return a.step == b.step && a.attempt == b.attempt;
}

inline std::string Tell(const TaskCommand& command) {
  return StrCat(Name(command.kind), " ", command.step, "/", command.attempt);
}

// What one step does to what is owed, and what it breaks.
class TaskWitness {
 public:
  TaskWitness(const TaskSeen& seen, TaskOwed& owed) : seen_(seen), owed_(owed), was_(owed) {}

  std::string Run() {
    if (seen_.event.kind == TaskEventKind::kRecovered) {
      CheckRecovery();
      return broken_;
    }
    TakeEvent();
    for (const TaskCommand& command : seen_.commands) TakeCommand(command);
    CheckEdges();
    CheckOwner();
    CheckPlace();
    CheckMending();
    CheckWords();
    CheckLetGo();
    CheckEnd();
    CheckAgreement();
    CheckLimits();
    CheckDone();
    CheckBounds();
    return broken_;
  }

 private:
  void Break(TaskPromise promise, std::string_view what) {
    if (broken_.empty()) broken_ = Broken(promise, what);
  }
  bool Gave(TaskCommandKind kind) const {
    return std::any_of(seen_.commands.begin(), seen_.commands.end(),
                       [&](const TaskCommand& command) { return command.kind == kind; });
  }
  bool GaveFor(TaskCommandKind kind, const TaskCommand& what) const {
    return std::any_of(seen_.commands.begin(), seen_.commands.end(),
                       [&](const TaskCommand& command) {
                         return command.kind == kind && SameAttempt(command, what);
                       });
  }

  void TakeEvent();
  void TakePlan();
  void TakeEndOfRun(bool undone);
  void TakeOwner();
  void TakeTimer();
  void TakeCommand(const TaskCommand& command);
  void TakeExecute(const TaskCommand& command);
  void TakeDecide(const TaskCommand& command);
  void CheckRecovery();
  void CheckEdges();
  void CheckPlace();
  void CheckMending();
  void CheckWords();
  bool CanRun(TaskStepKind kind) const;
  void CheckLetGo();
  void CheckOwner();
  void CheckEnd();
  void CheckAgreement();
  void CheckLimits();
  void CheckDone();
  void CheckBounds();
  bool LeftOut(const TaskOwed::Step& step) const;

  const TaskSeen& seen_;
  TaskOwed& owed_;
  const TaskOwed was_;
  std::optional<TaskCommand> decided_;  // answered in this step
  std::string broken_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TASKS_TASK_WITNESS_H_
