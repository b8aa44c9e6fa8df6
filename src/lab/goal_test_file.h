// The file of a goal's test: read and written.
#ifndef DRAGOMAN_SRC_LAB_GOAL_TEST_FILE_H_
#define DRAGOMAN_SRC_LAB_GOAL_TEST_FILE_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/tasks/task_machine.h"
#include "src/lab/goal_script.h"

namespace dragoman::lab {

struct ExpectedStep {
  std::string id, status;
  std::int64_t attempt = 1;
  friend bool operator==(const ExpectedStep&, const ExpectedStep&) = default;
};
struct ExpectedEffect {
  std::string step, tool, state, arguments;
  std::int64_t attempt = 1;
  friend bool operator==(const ExpectedEffect&, const ExpectedEffect&) = default;
};

struct GoalTest {
  std::string goal;  // its owner's words
  WallTime now{};
  milliseconds deadline{0};  // after `now`; 0: none
  std::int64_t priority = 0;
  std::string from;    // our address
  std::string number;  // of phone calls
  std::map<std::string, EffectClass> classes;
  TaskMachineOptions machine;
  GoalPlan plan;
  GoalScript script;

  std::string state, reason;
  std::vector<std::string> questions;
  std::vector<ExpectedStep> steps;
  std::vector<ExpectedEffect> effects;
};

absl::StatusOr<GoalTest> ParseGoalTest(std::string_view text, std::string_view file);
absl::StatusOr<std::string> FormatGoalTest(const GoalTest& test, std::string_view comment);

// A plan as its TOML file.
absl::StatusOr<std::string> FormatGoalPlan(const GoalPlan& plan);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_GOAL_TEST_FILE_H_
