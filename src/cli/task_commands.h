// The command lines of goals: `task`, `audit`, `operate`, `vault`, `memory`, `erase`, `policy`.
#ifndef DRAGOMAN_SRC_CLI_TASK_COMMANDS_H_
#define DRAGOMAN_SRC_CLI_TASK_COMMANDS_H_

#include "src/cli/commands.h"

namespace CLI {
class App;
}

namespace dragoman::cli {

// What the commands read their arguments into; it and `status` must outlive the parsing.
struct OperatorCommands {
  TaskOptions task;
  VaultPutOptions vault;
  MemoryCommandOptions memory;
  PolicyQuestion policy;
};
void AddTaskCommands(CLI::App& app, TaskOptions& options, int& status);
void AddVaultCommands(CLI::App& app, OperatorCommands& commands, int& status);
void AddEraseCommand(CLI::App& app, TaskOptions& options, int& status);
void AddMemoryCommands(CLI::App& app, OperatorCommands& commands, int& status);
void AddPolicyCommands(CLI::App& app, OperatorCommands& commands, int& status);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_TASK_COMMANDS_H_
