#include "dragoman/tools/pooled_tool.h"

#include <optional>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/tools/check_spec.h"
#include "src/tools/guarded_call.h"

namespace dragoman {
namespace {

// Written by the pool's thread before `done` is posted, read on the executor afterwards.
struct Job {
  std::string tool;  // its name
  std::shared_ptr<const PooledToolFunction> function;
  std::string arguments;
  ToolContext context;
  CancelFlag cancel;
  std::optional<absl::StatusOr<std::string>> result;
};

class PooledRun : public ToolRun {
 public:
  PooledRun(std::shared_ptr<Job> job, WorkPool& pool, std::chrono::microseconds modelled_duration,
            Executor& executor, ToolDone on_done)
      : job_(std::move(job)), on_done_(std::move(on_done)) {
    Work work;
    work.run = [job = job_] {
      if (job->cancel.cancelled()) {
        job->result = Cancelled();
      } else {
        job->result = GuardedCall(
            job->tool, [&] { return (*job->function)(job->arguments, job->context, job->cancel); });
      }
    };
    work.done = lifetime_.Wrap([this] { Finish(*std::move(job_->result)); });
    work.modelled_duration = modelled_duration;
    absl::Status taken = pool.Submit(std::move(work), executor);
    if (!taken.ok()) executor.Post(lifetime_.Wrap([this, taken] { Finish(taken); }));
  }
  // What has not begun has no effect; what has begun reports what it did.
  void Cancel() override { job_->cancel.Cancel(); }

 private:
  void Finish(absl::StatusOr<std::string> result) {
    ToolDone on_done = std::move(on_done_);
    on_done(std::move(result));  // may destroy this run
  }

  const std::shared_ptr<Job> job_;  // shared with the pool, which may be at it when the run goes
  ToolDone on_done_;
  Lifetime lifetime_;
};

class PooledTool : public Tool {
 public:
  PooledTool(ToolSpec spec, PooledToolFunction function, WorkPool& pool,
             std::chrono::microseconds modelled_duration)
      : spec_(std::move(spec)),
        function_(std::make_shared<const PooledToolFunction>(std::move(function))),
        pool_(pool),
        modelled_duration_(modelled_duration) {}
  const ToolSpec& spec() const override { return spec_; }
  std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext& context,
                               Executor& executor, ToolDone on_done) override {
    auto job = std::make_shared<Job>();
    job->tool = spec_.name;
    job->function = function_;
    job->arguments = std::move(arguments);
    job->context = context;
    return std::make_unique<PooledRun>(std::move(job), pool_, modelled_duration_, executor,
                                       std::move(on_done));
  }

 private:
  const ToolSpec spec_;
  const std::shared_ptr<const PooledToolFunction> function_;  // shared with jobs in the pool
  WorkPool& pool_;
  const std::chrono::microseconds modelled_duration_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Tool>> MakePooledTool(ToolSpec spec, PooledToolFunction function,
                                                     WorkPool& pool,
                                                     std::chrono::microseconds modelled_duration) {
  DRAGOMAN_RETURN_IF_ERROR(CheckSpec(spec).status());
  if (!function) return InvalidArgument("tool \"", spec.name, "\" has no function");
  return std::make_unique<PooledTool>(std::move(spec), std::move(function), pool,
                                      modelled_duration);
}

}  // namespace dragoman
