// The log of a goal: every event that its machine consumed, every command that it gave. Each step
// is the delta of one row of the task log. The schema is src/proto/dragoman/v1/task_log.proto.
#ifndef DRAGOMAN_TASKS_TASK_LOG_H_
#define DRAGOMAN_TASKS_TASK_LOG_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/tasks/task_machine.h"

namespace dragoman {

// What the machine of a goal was made with; stands in the delta of its first step.
struct DRAGOMAN_EXPORT TaskLogHeader {
  std::int64_t machine_version = kTaskMachineVersion;
  std::uint64_t tables_digest = TaskTablesDigest();
  TaskMachineOptions options;
  friend bool operator==(const TaskLogHeader&, const TaskLogHeader&) = default;
};

struct DRAGOMAN_EXPORT TaskLogStep {
  TaskEvent event;
  std::vector<TaskCommand> commands;
  friend bool operator==(const TaskLogStep&, const TaskLogStep&) = default;
};

DRAGOMAN_EXPORT std::string EncodeTaskHeader(const TaskLogHeader& header);
DRAGOMAN_EXPORT std::string EncodeTaskStep(const TaskLogStep& step);
// kDataLoss names the field; kUnimplemented: an option that this build does not know.
DRAGOMAN_EXPORT absl::StatusOr<TaskLogHeader> DecodeTaskHeader(std::string_view delta);
DRAGOMAN_EXPORT absl::StatusOr<TaskLogStep> DecodeTaskStep(std::string_view delta);

// The first field in which two commands differ: "step: expected \"a\", got \"b\""; empty: none.
DRAGOMAN_EXPORT std::string Difference(const TaskCommand& expected, const TaskCommand& got);

enum class TaskReplayVerdict {
  kIdentical,
  kDifferent,     // the same machine, another command: nothing after it was run
  kOtherMachine,  // another version or other tables wrote the log
};
struct DRAGOMAN_EXPORT TaskReplayResult {
  TaskReplayVerdict verdict = TaskReplayVerdict::kIdentical;
  TaskLogHeader header;
  std::int64_t events = 0;
  std::int64_t commands = 0;
  std::string first_difference;  // "event 3 (allowed): command 1 (execute): step: expected ..."
  std::map<std::string, std::int64_t> differences;  // "execute: step" -> how often
  TaskProgress progress;                            // after the last event
};

// Gives the deltas of a goal's log from the first on; none: the end. May fail, which stops it.
using TaskDeltas = std::function<absl::StatusOr<std::vector<std::string>>()>;

// Runs the machine again over the log, one page of deltas after another until one is empty.
// kDataLoss names the event at which the log is damaged. The second form compares with another
// machine; tests bring broken ones.
using TaskReplayStep = std::function<absl::Status(const TaskEvent&, std::vector<TaskCommand>*)>;
DRAGOMAN_EXPORT absl::StatusOr<TaskReplayResult> ReplayTask(const TaskDeltas& deltas);
DRAGOMAN_EXPORT absl::StatusOr<TaskReplayResult> ReplayTask(
    const TaskDeltas& deltas,
    const std::function<TaskReplayStep(const TaskMachineOptions&)>& machine);

}  // namespace dragoman
#endif  // DRAGOMAN_TASKS_TASK_LOG_H_
