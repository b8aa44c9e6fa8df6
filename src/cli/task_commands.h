// The command lines of goals: `task`, `audit`, `operate`.
#ifndef DRAGOMAN_SRC_CLI_TASK_COMMANDS_H_
#define DRAGOMAN_SRC_CLI_TASK_COMMANDS_H_

#include "src/cli/commands.h"

namespace CLI {
class App;
}

namespace dragoman::cli {

// `options` and `status` must outlive the parsing.
void AddTaskCommands(CLI::App& app, TaskOptions& options, int& status);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_TASK_COMMANDS_H_
