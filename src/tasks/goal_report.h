// Reading goals back from the store.
#ifndef DRAGOMAN_SRC_TASKS_GOAL_REPORT_H_
#define DRAGOMAN_SRC_TASKS_GOAL_REPORT_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/store/store.h"
#include "dragoman/tasks/goal_plan.h"

namespace dragoman {

absl::StatusOr<std::vector<LogRecord>> ReadWholeLog(StoreView& view, std::string_view goal);

struct NewestPlan {
  GoalPlan plan;
  std::int64_t version = 0;
};
// kDataLoss: there is none, or it cannot be read.
absl::StatusOr<NewestPlan> ReadNewestPlan(StoreView& view, std::string_view goal);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TASKS_GOAL_REPORT_H_
