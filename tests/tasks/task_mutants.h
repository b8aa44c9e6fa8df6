// Task machines with one thing wrong, made from the tables: what the checker is measured with.
#ifndef DRAGOMAN_TESTS_TASKS_TASK_MUTANTS_H_
#define DRAGOMAN_TESTS_TASKS_TASK_MUTANTS_H_

#include <string>
#include <vector>

#include "src/tasks/task_tables.h"

namespace dragoman {

struct TaskMutant {
  std::string name;  // "delete: INIT --planned [...]--> GATHER_INFO: take the plan"
  TaskTables tables;
  int row = -1;  // that was changed; -1: none was
};

// For each row: without it; with the next state as its target; without each of its actions and of
// its guards. Each state without what it does on entry and on exit. Each command never given, each
// timer never armed.
std::vector<TaskMutant> MakeTaskMutants();

// The small slices, and for each the rows that the shipped machine uses.
class TaskHunt {
 public:
  TaskHunt();
  // What the checker finds wrong; empty: nothing. Thread-safe.
  std::string Catch(const TaskMutant& mutant) const;

 private:
  std::vector<std::size_t> slices_;  // small ones first
  std::vector<std::vector<bool>> used_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_TASKS_TASK_MUTANTS_H_
