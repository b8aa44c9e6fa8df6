// The records that replay, fork and test-from take: a call's log, a goal's file, or a goal's id.
#ifndef DRAGOMAN_SRC_CLI_LOGS_H_
#define DRAGOMAN_SRC_CLI_LOGS_H_

#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "dragoman/tasks/goal_log.h"

namespace dragoman::cli {

struct CallLogBytes {
  std::string bytes;
};
using AnyLog = std::variant<CallLogBytes, GoalLog>;

// `what`: a file, else a goal of `data_dir`. kNotFound: neither is there.
absl::StatusOr<AnyLog> OpenLog(const std::string& what, const std::string& data_dir);

// From the process that owns the directory, or from the directory itself; sets nothing going.
absl::StatusOr<std::string> ExportGoal(const std::string& goal, const std::string& data_dir);

absl::StatusOr<std::string> ReadWholeFile(const std::string& path);
// For its owner's eyes alone: a record holds what the owner said.
absl::Status WritePrivateFile(const std::string& path, std::string_view bytes);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_LOGS_H_
