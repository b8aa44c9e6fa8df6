// `dragoman test-from`: what was recorded, as a test that fails when it would not happen again.
#include <filesystem>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/lab/recorded_call.h"
#include "src/cli/commands.h"
#include "src/cli/logs.h"
#include "src/cli/output.h"

namespace dragoman::cli {
namespace {

absl::Status WriteTest(const std::string& path, const std::string& text, bool replace) {
  if (std::filesystem::exists(path) && !replace) {
    return FailedPrecondition(path, " is there already; --force writes over it");
  }
  return WritePrivateFile(path, text);
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
  return kOk;
}

}  // namespace

int RunTestFrom(const TestFromOptions& options) {
  absl::StatusOr<AnyLog> log = OpenLog(options.log, options.data_dir);
  if (!log.ok()) return Complain(Annotate(log.status(), options.log));
  if (auto* call = std::get_if<CallLogBytes>(&*log)) {
    return TestFromCall(options, std::move(call->bytes));
  }
  return Complain(Unimplemented("goals follow"));
}

}  // namespace dragoman::cli
