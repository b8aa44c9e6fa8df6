// A goal as a test: what was recorded, made to happen again in virtual time and compared.
#ifndef DRAGOMAN_LAB_GOAL_TEST_H_
#define DRAGOMAN_LAB_GOAL_TEST_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/safety/policy.h"
#include "dragoman/tasks/goal_log.h"

namespace dragoman::lab {

// The TOML file of a goal that has ended (docs/time-travel.md has every key): its words, plan and
// limits, the owner's answers, how each effect ended at its far side, and the recorded end.
// kFailedPrecondition: the goal has not ended. kUnimplemented: another machine wrote the log.
// kInvalidArgument: a tool of which there is no dry one, or larger than a file may be.
DRAGOMAN_EXPORT absl::StatusOr<std::string> GoalTestFrom(const GoalLog& log,
                                                         std::string_view comment);

struct DRAGOMAN_EXPORT GoalTestResult {
  std::vector<std::string> failures;  // each a sentence: what was, what was expected; empty: passed
  GoalLog log;                        // of the run
};
// Runs the file's goal through the real operator under `policy`; every effect is dry. The same file
// and policy give the same log. kInvalidArgument names file, line, key and what was expected.
DRAGOMAN_EXPORT absl::StatusOr<GoalTestResult> RunGoalTest(std::string_view text,
                                                           std::string_view file,
                                                           const Policy& policy);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_LAB_GOAL_TEST_H_
