#include "src/cli/travel_commands.h"

#include <CLI/CLI.hpp>

namespace dragoman::cli {
namespace {

void AddTestFrom(CLI::App& app, TestFromOptions& options, int& status) {
  CLI::App* command = app.add_subcommand(
      "test-from", "Write a test that makes happen again what was recorded, and expects the same");
  command
      ->add_option("log", options.log,
                   "Event log of a call, exported log of a goal, or a goal's id")
      ->required()
      ->type_name("LOG");
  command
      ->add_option("-o,--output", options.output,
                   "The file to write (default: named after the log)")
      ->type_name("FILE");
  command->add_flag("--force", options.force, "Write over a file that is there");
  command
      ->add_option("--data", options.data_dir,
                   "Data directory of the goals (default: DRAGOMAN_DATA, else ./dragoman-data)")
      ->type_name("FOLDER");
  command->footer(
      "A call becomes a scenario for `dragoman call --scenario FILE`, a goal a file for\n"
      "`dragoman task test FILE`. Both run in virtual time, with nothing outside.");
  command->callback([&] { status = RunTestFrom(options); });
}

}  // namespace

void AddTravelCommands(CLI::App& app, TravelCommands& options, int& status) {
  AddTestFrom(app, options.test_from, status);
}

}  // namespace dragoman::cli
