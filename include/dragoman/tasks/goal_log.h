// The whole record of one goal as a value and as a file: its words, plans, steps and effects. What
// replay, fork and test-from read; the store is where it comes from.
#ifndef DRAGOMAN_TASKS_GOAL_LOG_H_
#define DRAGOMAN_TASKS_GOAL_LOG_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/store/store.h"
#include "dragoman/tasks/task_log.h"

namespace dragoman {

struct DRAGOMAN_EXPORT GoalLogRow {
  std::int64_t at_us = 0;  // UTC, microseconds since 1970
  std::string action;      // "step done mail"
  std::string state;       // of the goal after this row
  std::string waiting_on;
  bool final = false;
  std::string delta;  // the first a TaskLogHeader, then one TaskLogStep each
  friend bool operator==(const GoalLogRow&, const GoalLogRow&) = default;
};

// An intent as it ended, or as it stood when the log was read.
struct DRAGOMAN_EXPORT GoalLogEffect {
  std::string effect_id, step;
  std::int64_t attempt = 1;
  std::string tool;
  EffectClass effect = EffectClass::kBlind;
  std::string arguments;  // canonical JSON
  std::string to, from;
  std::string approval_id;  // empty: none was needed
  std::string reference;    // the far side's
  IntentState state = IntentState::kPlanned;
  std::int64_t not_before_us = 0;  // of the next attempt; 0: nobody said
  std::string detail;
  friend bool operator==(const GoalLogEffect&, const GoalLogEffect&) = default;
};

struct DRAGOMAN_EXPORT GoalLogPlan {
  std::int64_t version = 1;
  std::int64_t created_us = 0;
  std::string body;  // GoalPlanToJson()
  friend bool operator==(const GoalLogPlan&, const GoalLogPlan&) = default;
};

struct DRAGOMAN_EXPORT GoalLog {
  std::string goal, user, parent;
  std::string words;
  std::int64_t priority = 0;
  std::int64_t deadline_us = 0;  // 0: none
  std::int64_t created_us = 0;
  std::vector<GoalLogPlan> plans;  // in the order of their versions, at least one
  std::vector<GoalLogRow> rows;    // at least the first
  std::vector<GoalLogEffect> effects;
  friend bool operator==(const GoalLog&, const GoalLog&) = default;

  // Events, which count from 1: row 0 is the header's.
  std::int64_t events() const { return static_cast<std::int64_t>(rows.size()) - 1; }
};

// kNotFound: no such goal. kFailedPrecondition: its user was erased, nothing is left to read.
DRAGOMAN_EXPORT absl::StatusOr<GoalLog> ReadGoalLog(StoreView& view, std::string_view goal);

// The file: an event log (store/event_log.h) of GoalRecord messages
// (src/proto/dragoman/v1/task_log.proto). kInvalidArgument: a piece is larger than a record may be.
DRAGOMAN_EXPORT absl::StatusOr<std::string> EncodeGoalLog(const GoalLog& log);
// kInvalidArgument: not a goal's log; kUnimplemented: a newer format; kDataLoss names the record
// that is damaged, missing or cut short.
DRAGOMAN_EXPORT absl::StatusOr<GoalLog> DecodeGoalLog(std::string bytes);
// Whether the bytes begin as a goal's log does; looks at the first record alone.
DRAGOMAN_EXPORT bool IsGoalLog(std::string_view bytes);

// Every step of it, decoded. kDataLoss names the event.
DRAGOMAN_EXPORT absl::StatusOr<std::vector<TaskLogStep>> DecodeSteps(const GoalLog& log);
// ReplayTask over its rows; `events`: only so many, all when negative.
DRAGOMAN_EXPORT absl::StatusOr<TaskReplayResult> ReplayGoalLog(const GoalLog& log,
                                                               std::int64_t events = -1);

}  // namespace dragoman
#endif  // DRAGOMAN_TASKS_GOAL_LOG_H_
