// Tools whose work blocks (a database, a file, a slow computation): off the media threads.
#ifndef DRAGOMAN_TOOLS_POOLED_TOOL_H_
#define DRAGOMAN_TOOLS_POOLED_TOOL_H_

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/export.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

// Whether somebody still wants the result. Thread-safe. Work that takes long looks at it between
// its steps; work that looks too late just finishes, and its result is delivered.
class DRAGOMAN_EXPORT CancelFlag {
 public:
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_{false};
};

// Runs on a pool thread, possibly several at once: thread-safe, may block. It may outlive the tool
// and the run, so it owns or shares whatever it uses. What it throws becomes kInternal, as with
// MakeInlineTool.
using PooledToolFunction = absl::AnyInvocable<absl::StatusOr<std::string>(
    const std::string& arguments, const ToolContext& context, const CancelFlag& cancel) const>;

// A tool from a blocking function. `pool` is borrowed: it must outlive the tool and its runs.
// A run cancelled before the pool took it reports kCancelled and has no effect; one cancelled later
// reports what the function returned. A full pool is reported as kResourceExhausted.
// `modelled_duration` is how long a run takes in virtual time.
// kInvalidArgument: the spec (as in ToolRegistry::Add), or no function.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<Tool>> MakePooledTool(
    ToolSpec spec, PooledToolFunction function, WorkPool& pool,
    std::chrono::microseconds modelled_duration = std::chrono::milliseconds(20));

}  // namespace dragoman
#endif  // DRAGOMAN_TOOLS_POOLED_TOOL_H_
