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
      "`dragoman task test FILE`. Both run in virtual time, with nothing outside; whether it "
      "passes "
      "as\nof now, under the shipped policy, is said at once.");
  command->callback([&] { status = RunTestFrom(options); });
}

void AddFork(CLI::App& app, ForkOptions& options, int& status) {
  CLI::App* command = app.add_subcommand(
      "fork", "Go on from any event of a record with something else; every effect is dry");
  command
      ->add_option("log", options.log,
                   "Event log of a call, exported log of a goal, or a goal's id")
      ->required()
      ->type_name("LOG");
  command
      ->add_option("--at", options.at,
                   "The last event that stays as it was; without it the events are listed")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
  command
      ->add_option("--with", options.with,
                   "What is otherwise. Goals: answer=TEXT, choice=retry|skip|..., "
                   "approval=yes|no,\npolicy=FILE, plan=FILE. Calls: answer=TEXT (the caller's "
                   "next words),\nmodel=offline|URL")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->add_option("--model-name", options.runtime.model_name, "Model to ask that server for")
      ->type_name("NAME")
      ->capture_default_str();
  command
      ->add_option("-o,--output", options.output,
                   "Where the forked record goes (default: named after the log)")
      ->type_name("FILE");
  command->add_flag("--force", options.force, "Write over a file that is there");
  command
      ->add_option("--data", options.data_dir,
                   "Data directory of the goals (default: DRAGOMAN_DATA, else ./dragoman-data)")
      ->type_name("FOLDER");
  command->footer(
      "dragoman fork g1a2b3c4d5e6f\n"
      "dragoman fork g1a2b3c4d5e6f --at 4 --with approval=no\n"
      "dragoman fork goal.log --at 2 --with policy=strict.toml --with answer=\"Jones\"\n"
      "dragoman fork call.log --at 120 --with answer=\"no, the nineteenth\"\n"
      "dragoman fork call.log --at 1 --with model=http://127.0.0.1:11434/v1\n\n"
      "Both futures are printed beside each other; the forked one is written as a record that\n"
      "replay, fork and test-from take. Exit status: 0 done, 1 the record does not come out "
      "again,\n"
      "2 a mistake in what was given.");
  command->callback([&] { status = RunFork(options); });
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
  AddFork(app, options.fork, status);
  AddTestFrom(app, options.test_from, status);
  AddTaskTest(*app.get_subcommand("task"), options.task_test, status);
}

}  // namespace dragoman::cli
