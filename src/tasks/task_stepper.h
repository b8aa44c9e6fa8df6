// One Step of the task machine: guards over what is known, actions on it.
#ifndef DRAGOMAN_SRC_TASKS_TASK_STEPPER_H_
#define DRAGOMAN_SRC_TASKS_TASK_STEPPER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/tasks/task_machine.h"
#include "src/tasks/task_tables.h"

namespace dragoman {

class TaskStepper {
 public:
  // All borrowed for the one step.
  TaskStepper(const TaskMachineOptions& options, const TaskTables& tables, TaskProgress& progress,
              const TaskEvent& event, std::vector<TaskCommand>& commands)
      : options_(options), tables_(tables), now_(progress), event_(event), commands_(commands) {}

  absl::Status Run();
  // Told of each row that is taken, and where it leads; borrowed. For the checker.
  struct Move {
    const TaskRow* row;
    TaskState to;
  };
  void Watch(std::vector<Move>* moves) { moves_ = moves; }

 private:
  absl::Status RunRows();
  const TaskRow* Find(std::uint8_t trigger) const;
  void Take(const TaskRow& row);
  bool Holds(TaskGuard guard) const;
  bool HoldsHere(TaskGuard guard) const;     // whether the event belongs here
  bool HoldsForPlan(TaskGuard guard) const;  // what the plan allows
  void Do(TaskAction action);
  void DoPlan(TaskAction action);
  void DoAsk(TaskAction action);
  void DoStep(TaskAction action);
  void DoEnd(TaskAction action);

  TaskStepProgress* Active() const {
    return now_.active < 0 ? nullptr : &now_.steps[static_cast<std::size_t>(now_.active)];
  }
  bool Names(TaskActivity activity) const;
  bool Answers(TaskWait wait) const;
  std::int64_t Candidate() const;  // index of the step that this state would begin; -1: none
  bool NeedsAreDone(const TaskStepProgress& step) const;
  bool AllDone() const;

  TaskCommand& Give(TaskCommandKind kind);
  TaskCommand& GiveForActive(TaskCommandKind kind);
  void Arm(TaskTimer timer, std::int64_t when_us);
  void Arm(TaskTimer timer, std::chrono::seconds after) {
    Arm(timer, event_.at_us + std::chrono::microseconds(after).count());
  }
  void Stop(TaskTimer timer);
  bool TakeCandidate();
  void Ask(TaskWait about, std::string question, std::int64_t until_us, std::string words);
  void Await(TaskWait about, std::int64_t until_us);
  std::string NewQuestion();
  void BeIdle();
  void Mend(bool may_retry, std::string why);
  void Settle(TaskStepStatus status);
  bool IsLost(const TaskStepProgress& step) const;
  void SettleDependents();
  void GivePlanning();
  void MakePlan();
  void RememberTried();
  void TakePlan();
  void LetGo();
  void Repeat();

  const TaskMachineOptions& options_;
  const TaskTables& tables_;
  TaskProgress& now_;
  const TaskEvent& event_;
  std::vector<TaskCommand>& commands_;
  std::vector<Move>* moves_ = nullptr;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TASKS_TASK_STEPPER_H_
