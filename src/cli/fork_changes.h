// What `--with` says.
#ifndef DRAGOMAN_SRC_CLI_FORK_CHANGES_H_
#define DRAGOMAN_SRC_CLI_FORK_CHANGES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/tasks/task_events.h"
#include "src/cli/commands.h"

namespace dragoman::cli {

struct ForkChanges {
  std::optional<std::string> answer;
  std::optional<OwnerChoice> choice;
  std::optional<bool> approval;
  std::string policy, plan;  // files
  std::string model;         // "offline", or a URL; empty: as it is

  std::string Describe() const;  // "answer \"Jones\""
};

// Each of `with` is KEY=VALUE. kInvalidArgument names the nearest key, and what does not go with
// this kind of record.
absl::StatusOr<ForkChanges> ReadForkChanges(const std::vector<std::string>& with, bool goal);

int RunCallFork(const ForkOptions& options, const ForkChanges& changes, const std::string& bytes);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_FORK_CHANGES_H_
