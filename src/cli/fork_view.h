// Two futures beside each other.
#ifndef DRAGOMAN_SRC_CLI_FORK_VIEW_H_
#define DRAGOMAN_SRC_CLI_FORK_VIEW_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/agent/narrator.h"
#include "dragoman/tasks/goal_log.h"

namespace dragoman::cli {

std::string RenderPoint(std::int64_t event, std::string_view what, std::string_view changes);

std::string RenderGoalFutures(const GoalLog& recorded, const GoalLog& forked, std::int64_t at,
                              const std::string& waits_for);

// Words, tools and the end of a call after `after_us`.
std::string RenderCallFutures(const std::vector<SessionEvent>& recorded,
                              const std::vector<SessionEvent>& forked, std::int64_t after_us);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_FORK_VIEW_H_
