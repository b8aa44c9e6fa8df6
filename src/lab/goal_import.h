// The past of a goal, to be put into another store.
#ifndef DRAGOMAN_SRC_LAB_GOAL_IMPORT_H_
#define DRAGOMAN_SRC_LAB_GOAL_IMPORT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/store/store.h"
#include "dragoman/tasks/goal_log.h"
#include "dragoman/tasks/goal_plan.h"
#include "dragoman/tools/tool.h"

namespace dragoman::lab {

// Goal, plans, steps and effects as they were after `events` of the record, to be committed in this
// order. Plans are pinned to `tools`. What was under way is as it was before it was armed: it goes
// out again, to this world's far side.
absl::StatusOr<std::vector<StoreTransaction>> PastOf(const GoalLog& log, std::int64_t events,
                                                     const ToolCatalog& tools);

// To the tools of this world, whatever they were elsewhere.
void Repin(GoalPlan& plan, const ToolCatalog& tools);
// kInvalidArgument names the step whose tool is not there.
absl::Status CheckTools(const GoalPlan& plan, const ToolCatalog& tools);

// How the owner answered approvals up to event `events`.
absl::StatusOr<std::map<std::string, bool>> ApprovalsUntil(const GoalLog& log, std::int64_t events);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_GOAL_IMPORT_H_
