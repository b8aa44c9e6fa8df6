// Another future of a recorded goal: the same up to an event, then otherwise.
#ifndef DRAGOMAN_LAB_GOAL_FORK_H_
#define DRAGOMAN_LAB_GOAL_FORK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/safety/policy.h"
#include "dragoman/tasks/goal_log.h"

namespace dragoman::lab {

struct DRAGOMAN_EXPORT GoalForkOptions {
  std::int64_t at = 1;  // the last event that is as it was
  Policy policy;        // under which it goes on
  // What is otherwise. The owner's word on the question that is open after `at`:
  std::optional<std::string> answer;
  std::optional<OwnerChoice> choice;
  std::optional<bool> approval;
  // Another plan: the TOML text, and what it is called in messages.
  std::string plan, plan_file;
};

struct DRAGOMAN_EXPORT GoalFork {
  // Rows up to `at` are those of the record; then come kRecovered, since another process takes the
  // goal up, and what followed. Replays, and can be forked, as the record can.
  GoalLog log;
  std::string
      waits_for;  // "approval mail": a question to which the record has no answer; empty: none
};

// Runs the machine over events 1 to `at` (kDataLoss names the first that does not come out as it
// was recorded), then the operator from there, in virtual time, over a store of its own. The
// owner's later answers and the ends of effects are those of the record, for the same step; what
// the record does not know is a dry run that succeeds. Effects are always dry: no tool, mailer or
// carrier is part of it. kOutOfRange: there is no such event, or the goal had ended by then.
// kFailedPrecondition: no such question is open there, or no plan can be taken; names the events
// where one is. kUnimplemented: another machine wrote the log.
DRAGOMAN_EXPORT absl::StatusOr<GoalFork> ForkGoal(const GoalLog& log,
                                                  const GoalForkOptions& options);

// An event after which something can be changed, and what.
struct DRAGOMAN_EXPORT ForkPoint {
  std::int64_t event = 0;
  std::string what;     // "asked mail: may this be sent? ..."
  std::string changes;  // "approval, plan, policy"
};
DRAGOMAN_EXPORT absl::StatusOr<std::vector<ForkPoint>> ForkPoints(const GoalLog& log);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_LAB_GOAL_FORK_H_
