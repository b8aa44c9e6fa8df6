#include "src/cli/output.h"

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "dragoman/core/status.h"
#include "src/cli/commands.h"

namespace dragoman::cli {

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int Complain(const absl::Status& status) {
  const std::string line = StrCat("dragoman: ", MessageOf(status), "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kUnavailable:
      return kBadUsage;
    default:
      return kFailed;
  }
}

absl::Status WriteFile(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  return file ? absl::OkStatus() : Unavailable("cannot write ", path);
}

std::string ProgramFolder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

std::string TimeStamp() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%d_%H-%M-%S", &local);
  return text;
}

CallPageReplay ToPage(const ReplayResult& result) {
  return {.identical = result.verdict == ReplayVerdict::kIdentical,
          .commands = result.commands,
          .detail = result.first_difference};
}

std::string Describe(const ReplayResult& result) {
  const std::string size = StrCat(result.events, " events, ", result.commands, " commands");
  switch (result.verdict) {
    case ReplayVerdict::kIdentical:
      return StrCat("replay: identical (", size, ")",
                    result.finished ? "" : "; the log ends before the call does");
    case ReplayVerdict::kDifferent:
      return StrCat("replay: differs at ", result.first_difference);
    case ReplayVerdict::kOtherMachine:
      return StrCat("replay: written by machine version ", result.header.machine_version,
                    ", this is ", kCallMachineVersion, "; ", result.differences.size(),
                    " kinds of difference (", size, ")");
  }
  return {};
}

std::string Describe(const TaskReplayResult& result) {
  const std::string size = StrCat(result.events, " events, ", result.commands, " commands");
  switch (result.verdict) {
    case TaskReplayVerdict::kIdentical:
      return StrCat("replay: identical (", size, "), ends in ", Name(result.progress.state));
    case TaskReplayVerdict::kDifferent:
      return StrCat("replay: differs at ", result.first_difference);
    case TaskReplayVerdict::kOtherMachine:
      return StrCat("replay: written by machine version ", result.header.machine_version,
                    ", this is ", kTaskMachineVersion, "; ", result.differences.size(),
                    " kinds of difference (", size, ")");
  }
  return {};
}

}  // namespace dragoman::cli
