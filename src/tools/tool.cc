#include "dragoman/tools/tool.h"

#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "src/tools/check_spec.h"
#include "src/tools/guarded_call.h"

namespace dragoman {
namespace {

// Sessions on several executors may share the tool, so the function runs under a lock.
struct SharedFunction {
  std::string tool;  // its name
  Mutex mutex;
  ToolFunction call DRAGOMAN_GUARDED_BY(mutex);
};

class InlineRun : public ToolRun {
 public:
  InlineRun(std::shared_ptr<SharedFunction> function, std::string arguments, Executor& executor,
            ToolDone on_done)
      : on_done_(std::move(on_done)) {
    executor.Post(lifetime_.Wrap(
        [this, function = std::move(function), arguments = std::move(arguments)]() mutable {
          Finish(*function, arguments);
        }));
  }
  void Cancel() override { cancelled_ = true; }

 private:
  void Finish(SharedFunction& function, const std::string& arguments) {
    ToolDone on_done = std::move(on_done_);
    if (cancelled_) return on_done(Cancelled());
    auto result = GuardedCall(function.tool, [&]() -> absl::StatusOr<std::string> {
      MutexLock lock(function.mutex);
      return function.call(arguments);
    });
    on_done(std::move(result));  // may destroy this run
  }

  ToolDone on_done_;
  bool cancelled_ = false;
  Lifetime lifetime_;
};

class InlineTool : public Tool {
 public:
  InlineTool(ToolSpec spec, ToolFunction function)
      : spec_(std::move(spec)), function_(std::make_shared<SharedFunction>()) {
    function_->tool = spec_.name;
    MutexLock lock(function_->mutex);
    function_->call = std::move(function);
  }
  const ToolSpec& spec() const override { return spec_; }
  std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext&, Executor& executor,
                               ToolDone on_done) override {
    return std::make_unique<InlineRun>(function_, std::move(arguments), executor,
                                       std::move(on_done));
  }

 private:
  const ToolSpec spec_;
  // Shared with the runs, which may outlive the tool by one posted task.
  const std::shared_ptr<SharedFunction> function_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Tool>> MakeInlineTool(ToolSpec spec, ToolFunction function) {
  DRAGOMAN_RETURN_IF_ERROR(CheckSpec(spec).status());
  if (!function) return InvalidArgument("tool \"", spec.name, "\" has no function");
  return std::make_unique<InlineTool>(std::move(spec), std::move(function));
}

}  // namespace dragoman
