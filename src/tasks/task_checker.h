// Explores the task machine itself, with everything that can happen to a small goal.
#ifndef DRAGOMAN_SRC_TASKS_TASK_CHECKER_H_
#define DRAGOMAN_SRC_TASKS_TASK_CHECKER_H_

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "src/tasks/task_tables.h"
#include "src/tasks/task_world.h"

namespace dragoman {

struct TaskCheckReport {
  std::int64_t states = 0;         // distinct, compared whole
  std::int64_t transitions = 0;    // steps taken
  std::int64_t depth = 0;          // events on the longest of the shortest ways to a state
  std::string violation;           // empty: none was found
  std::vector<std::string> trace;  // the shortest way to it, one event a line
  std::vector<bool> rows_used;     // by number of the row
  std::vector<bool> refused;       // by state * kTaskEvents + event: refused where it was tried
};

// Breadth-first through all that can happen to the goal of `slice`, to the end: nothing is cut.
// Checks each promise of task_promises.h. `keys`: the states, if they are wanted.
TaskCheckReport CheckTaskSlice(const TaskTables& tables, const TaskSlice& slice,
                               std::unordered_set<std::string>* keys = nullptr);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TASKS_TASK_CHECKER_H_
