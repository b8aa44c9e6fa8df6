// `dragoman test-from`: what was recorded, as a test that fails when it would not happen again.
#include <filesystem>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/lab/clinic_agent.h"
#include "dragoman/lab/goal_test.h"
#include "dragoman/lab/recorded_call.h"
#include "dragoman/lab/runner.h"
#include "src/cli/commands.h"
#include "src/cli/logs.h"
#include "src/cli/output.h"
#include "src/cli/terminal_text.h"

namespace dragoman::cli {
namespace {

absl::Status WriteTest(const std::string& path, const std::string& text, bool replace) {
  if (std::filesystem::exists(path) && !replace) {
    return FailedPrecondition(path, " is there already; --force writes over it");
  }
  return WritePrivateFile(path, text);
}

// Says at once whether what was written holds today.
void SayWhetherItPasses(const std::vector<std::string>& failures) {
  if (failures.empty()) return Print("it passes as of now\n");
  Print("as of now it fails:\n");
  for (const std::string& failure : failures) Print(StrCat("  ", CleanText(failure), "\n"));
}

int TestFromCall(const TestFromOptions& options, std::string bytes) {
  const auto call = lab::ReadRecordedCall(std::move(bytes));
  if (!call.ok()) return Complain(Annotate(call.status(), options.log));
  const auto scenario = lab::ScenarioFromCall(*call);
  if (!scenario.ok()) return Complain(Annotate(scenario.status(), options.log));
  const std::string path =
      options.output.empty() ? StrCat(scenario->name, ".toml") : options.output;
  const auto text = lab::FormatScenario(
      *scenario, StrCat("# Made by: dragoman test-from ", options.log,
                        "\n# Run it with: dragoman call --scenario ", path, "\n\n"));
  if (!text.ok()) return Complain(text.status());
  const absl::Status written = WriteTest(path, *text, options.force);
  if (!written.ok()) return Complain(written);
  Print(StrCat("wrote ", path, ": ", scenario->steps.size(), " steps of the caller, ",
               scenario->faults.size(), " faults\nrun it with: dragoman call --scenario ", path,
               "\n"));
  const auto read = lab::ParseScenario(*text, path);
  if (!read.ok()) return Complain(read.status());
  const auto agent = lab::MakeClinicAgent();
  const auto run = lab::RunScenario(*read, *agent);
  if (!run.ok()) return Complain(run.status());
  SayWhetherItPasses(run->failures);
  return kOk;
}

int TestFromGoal(const TestFromOptions& options, const GoalLog& log) {
  const std::string path = options.output.empty() ? StrCat(log.goal, "-test.toml") : options.output;
  const auto text =
      lab::GoalTestFrom(log, StrCat("# Made by: dragoman test-from ", options.log,
                                    "\n# Run it with: dragoman task test ", path, "\n\n"));
  if (!text.ok()) return Complain(Annotate(text.status(), options.log));
  const absl::Status written = WriteTest(path, *text, options.force);
  if (!written.ok()) return Complain(written);
  Print(StrCat("wrote ", path, ": goal ", log.goal, ", ", log.events(), " events, ended in ",
               log.rows.back().state, "\nrun it with: dragoman task test ", path, "\n"));
  const absl::StatusOr<Policy> policy = ReadPolicyFiles("", "");
  if (!policy.ok()) return Complain(policy.status());
  const auto run = lab::RunGoalTest(*text, path, *policy);
  if (!run.ok()) return Complain(run.status());
  SayWhetherItPasses(run->failures);
  return kOk;
}

}  // namespace

int RunTaskTest(const TaskTestOptions& options) {
  const absl::StatusOr<Policy> policy =
      ReadPolicyFiles(options.policy_file, options.calling_rules_file);
  if (!policy.ok()) return Complain(policy.status());
  int failed = 0;
  for (const std::string& file : options.files) {
    const absl::StatusOr<std::string> text = ReadWholeFile(file);
    if (!text.ok()) return Complain(text.status());
    const auto result = lab::RunGoalTest(*text, file, *policy);
    if (!result.ok()) return Complain(result.status());
    const bool passed = result->failures.empty();
    failed += passed ? 0 : 1;
    Print(StrCat(passed ? "pass  " : "FAIL  ", file, "\n"));
    for (const std::string& failure : result->failures) {
      Print(StrCat("      ", CleanText(failure), "\n"));
    }
    if (!options.log.empty() && !result->log.rows.empty()) {
      const absl::StatusOr<std::string> bytes = EncodeGoalLog(result->log);
      if (!bytes.ok()) return Complain(bytes.status());
      const absl::Status written = WritePrivateFile(options.log, *bytes);
      if (!written.ok()) return Complain(written);
    }
  }
  Print(StrCat(options.files.size(), " goals in virtual time, nothing was sent; ",
               options.files.size() - static_cast<std::size_t>(failed), " passed, ", failed,
               " failed\n"));
  return failed == 0 ? kOk : kFailed;
}

int RunTestFrom(const TestFromOptions& options) {
  absl::StatusOr<AnyLog> log = OpenLog(options.log, options.data_dir);
  if (!log.ok()) return Complain(Annotate(log.status(), options.log));
  if (auto* call = std::get_if<CallLogBytes>(&*log)) {
    return TestFromCall(options, std::move(call->bytes));
  }
  return TestFromGoal(options, std::get<GoalLog>(*log));
}

}  // namespace dragoman::cli
