// A goal in a small world, where everything happens that may: what the checker explores.
#ifndef DRAGOMAN_SRC_TASKS_TASK_WORLD_H_
#define DRAGOMAN_SRC_TASKS_TASK_WORLD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/tasks/task_machine.h"
#include "src/tasks/task_promises.h"
#include "src/tasks/task_tables.h"

namespace dragoman {

// One small world: a plan, and limits that are reached.
struct TaskSlice {
  std::string name;
  std::vector<TaskStep> plan;
  TaskMachineOptions options;
  bool owner_replans = false;  // the owner may wish for another plan, once
  bool quick = false;          // one of those that every test run explores
  bool small = false;          // one of those that mutants are hunted in
};
// Every plan of one and of two steps (each kind, optional or not, needed or not), and some of
// three: by themselves, with a planner, with an owner who wants another plan.
const std::vector<TaskSlice>& TaskSlices();

// The goal and what its world owes it. Copyable.
struct TaskUniverse {
  TaskProgress progress;
  TaskOwed owed;
};

// Something that may happen next.
struct TaskChoice {
  TaskEvent event;
  int rested = -1;  // no event: time goes by until this step need not rest any more
};

// Runs the machine's own stepper. Times count in amounts nowhere: each timer is armed or not, each
// step must rest or not, and whichever timer may fire next does. So after each step all times are
// put where these stay as they are (docs/task-machine.md shows why nothing is lost).
class TaskExplorer {
 public:
  TaskExplorer(const TaskTables& tables, const TaskSlice& slice);

  void Restart() { now_ = {}; }
  void Load(const TaskUniverse& universe) { now_ = universe; }
  const TaskUniverse& universe() const { return now_; }
  bool finished() const { return IsFinal(now_.progress.state); }
  std::string Key() const;  // equal for two universes only if they are the same

  // What may happen: answers that are owed, the owner, timers, the end, a restart.
  void Choices(std::vector<TaskChoice>* choices) const;
  // What is wrong; empty: nothing.
  std::string Happen(const TaskChoice& choice);
  // Everything else that could be told to the machine here is refused, and changes nothing.
  // Counts (state, event) pairs that have no row in `refused`.
  std::string Refuse(std::vector<bool>* refused);

  const std::vector<TaskCommand>& commands() const { return commands_; }
  const std::vector<bool>& rows_used() const { return rows_used_; }
  std::string Describe(const TaskChoice& choice) const;
  std::string DescribeState() const;

  // With times as they are, for walks.
  std::string HappenAt(TaskEvent event);
  void Normalise();

 private:
  void OwnerChoices(std::vector<TaskChoice>* choices) const;
  void RunChoices(std::vector<TaskChoice>* choices) const;
  std::vector<TaskEvent> Strangers() const;
  TaskEvent Answer(TaskEventKind kind, const TaskCommand& to) const;

  const TaskTables& tables_;
  const TaskSlice& slice_;
  TaskUniverse now_;
  std::vector<TaskCommand> commands_;
  std::vector<TaskStepper::Move> moves_;
  std::vector<bool> rows_used_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TASKS_TASK_WORLD_H_
