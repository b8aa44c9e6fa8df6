// The commands that go back to what was recorded.
#ifndef DRAGOMAN_SRC_CLI_TRAVEL_COMMANDS_H_
#define DRAGOMAN_SRC_CLI_TRAVEL_COMMANDS_H_

#include "src/cli/commands.h"

namespace CLI {
class App;
}

namespace dragoman::cli {

struct TravelCommands {
  ForkOptions fork;
  TestFromOptions test_from;
  TaskTestOptions task_test;
};

// `options` and `status` are borrowed and must outlive `app`.
void AddTravelCommands(CLI::App& app, TravelCommands& options, int& status);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_TRAVEL_COMMANDS_H_
