#include "src/cli/logs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>
#include <utility>

#include "dragoman/core/base64.h"
#include "dragoman/core/status.h"
#include "dragoman/store/event_log.h"
#include "src/cli/commands.h"
#include "src/cli/output.h"
#include "src/cli/owner.h"

namespace dragoman::cli {
namespace {

namespace fs = std::filesystem;

bool LooksLikeGoal(std::string_view what) {
  return what.size() == 13 && what[0] == 'g' &&
         std::all_of(what.begin() + 1, what.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

absl::StatusOr<std::string> ReadWholeFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in) return NotFound("cannot read ", path);
  return bytes.str();
}

absl::Status WritePrivateFile(const std::string& path, std::string_view bytes) {
  DRAGOMAN_RETURN_IF_ERROR(
      WriteFile(path, ""));  // nothing is in it yet when it is closed to others
  std::error_code error;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);
  return WriteFile(path, bytes);
}

absl::StatusOr<std::string> ExportGoal(const std::string& goal, const std::string& data_dir) {
  if (!fs::exists(data_dir)) {
    return NotFound("there is no data directory ", data_dir,
                    "; name one with --data or DRAGOMAN_DATA");
  }
  DRAGOMAN_ASSIGN_OR_RETURN(
      Owner owner, Owner::Open({.data_dir = data_dir, .mail = {}, .work = false, .listen = false}));
  DRAGOMAN_ASSIGN_OR_RETURN(const nlohmann::json answer,
                            owner.Ask({{"do", "task.export"}, {"goal", goal}}));
  std::optional<std::string> bytes = DecodeBase64(answer.value("exported", ""));
  if (!bytes) return DataLoss("the owner of ", data_dir, " sent a damaged log");
  return *std::move(bytes);
}

absl::StatusOr<AnyLog> OpenLog(const std::string& what, const std::string& data_dir) {
  std::string bytes;
  if (fs::exists(what)) {
    DRAGOMAN_ASSIGN_OR_RETURN(bytes, ReadWholeFile(what));
  } else if (LooksLikeGoal(what)) {
    DRAGOMAN_ASSIGN_OR_RETURN(bytes, ExportGoal(what, data_dir));
  } else {
    return NotFound("there is no such file, and it is no goal's id");
  }
  if (!IsGoalLog(bytes)) {
    DRAGOMAN_RETURN_IF_ERROR(EventLogReader::FromBytes(bytes).status());
    return CallLogBytes{std::move(bytes)};
  }
  DRAGOMAN_ASSIGN_OR_RETURN(GoalLog log, DecodeGoalLog(std::move(bytes)));
  return log;
}

int RunTaskExport(const TaskOptions& options) {
  const absl::StatusOr<std::string> bytes = ExportGoal(options.goal, options.host.data_dir);
  if (!bytes.ok()) return Complain(bytes.status());
  const absl::Status written = WritePrivateFile(options.export_to, *bytes);
  if (!written.ok()) return Complain(written);
  Print(StrCat("the record of goal ", options.goal, " is in ", options.export_to, " (",
               bytes->size(), " bytes)\n"));
  return kOk;
}

}  // namespace dragoman::cli
