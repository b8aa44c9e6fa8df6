// What the commands share: messages, files, the page of a call.
#ifndef DRAGOMAN_SRC_CLI_OUTPUT_H_
#define DRAGOMAN_SRC_CLI_OUTPUT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "dragoman/agent/replay.h"
#include "dragoman/server/call_page.h"
#include "dragoman/tasks/task_log.h"

namespace dragoman::cli {

void Print(std::string_view text);  // to stdout, at once

absl::Status WriteFile(const std::string& path, std::string_view text);

// The folder that this program lies in.
std::string ProgramFolder();

// "2026-11-21_10-15-00", local time.
std::string TimeStamp();

CallPageReplay ToPage(const ReplayResult& result);
// One line: what came of it.
std::string Describe(const ReplayResult& result);
std::string Describe(const TaskReplayResult& result);

}  // namespace dragoman::cli

#endif  // DRAGOMAN_SRC_CLI_OUTPUT_H_
