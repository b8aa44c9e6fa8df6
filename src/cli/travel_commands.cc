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

void AddTaskTest(CLI::App& task, TaskTestOptions& options, int& status) {
  CLI::App* command = task.add_subcommand(
      "test", "Run goals of test-from again, in virtual time, and say what is otherwise");
  command->add_option("file", options.files, "Files that test-from made")
      ->required()
      ->type_name("FILE");
  command->add_option("--policy", options.policy_file, "Policy file (default: the shipped one)")
      ->type_name("FILE");
  command
      ->add_option("--calling-rules", options.calling_rules_file,
                   "Rules for calls (default: the shipped ones)")
      ->type_name("FILE");
  command->add_option("--log", options.log, "Write the run's own record to a file")
      ->type_name("FILE");
  command->footer(
      "Every effect is dry. Exit status: 0 all passed, 1 one failed, 2 a mistake in a file.");
  command->callback([&] { status = RunTaskTest(options); });
}

}  // namespace

void AddTravelCommands(CLI::App& app, TravelCommands& options, int& status) {
  AddTestFrom(app, options.test_from, status);
  AddTaskTest(*app.get_subcommand("task"), options.task_test, status);
}

}  // namespace dragoman::cli
