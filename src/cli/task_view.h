// What a person sees of goals. Texts from outside are cleaned: nothing moves the cursor.
#ifndef DRAGOMAN_SRC_CLI_TASK_VIEW_H_
#define DRAGOMAN_SRC_CLI_TASK_VIEW_H_

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace dragoman::cli {

// Cleaned line by line; line breaks stay.
std::string CleanLines(std::string_view untrusted);

std::string RenderUpdate(const nlohmann::json& update);  // one line, or nothing
std::string RenderOutcome(const nlohmann::json& shown);  // summary, or what it waits for
std::string RenderGoal(const nlohmann::json& shown);     // `task show`
std::string RenderGoals(const nlohmann::json& answer);   // `task list`
std::string RenderLog(const nlohmann::json& answer);     // `task log`
std::string RenderAudit(const nlohmann::json& answer);   // `audit verify`
// `kill-switch`; "reached" in the answer: a process was asked.
std::string RenderStop(const nlohmann::json& answer, std::string_view data_dir);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_TASK_VIEW_H_
