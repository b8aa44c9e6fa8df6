// A tool behind a gate: its timeout, its log lines, its single completion.
#ifndef DRAGOMAN_SRC_SAFETY_GATED_RUN_H_
#define DRAGOMAN_SRC_SAFETY_GATED_RUN_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/log.h"
#include "dragoman/tools/tool.h"

namespace dragoman::safety {

// Arguments and results are a caller's data: only their sizes are logged. Only on its executor.
class GatedRun : public ToolRun {
 public:
  GatedRun(std::string what, Executor& executor, LogSink& log, ToolDone on_done);

  void Refuse(absl::Status why);  // posted: never inside
  // Refuses at once; for calls that do not come from inside Run.
  void RefuseNow(absl::Status why);
  void Start(Tool& tool, const std::string& arguments, const ToolContext& context);
  // Sees the result before whoever asked for it.
  void Watch(absl::AnyInvocable<void(const absl::StatusOr<std::string>&)> watcher) {
    watcher_ = std::move(watcher);
  }
  void Cancel() override;

  Executor& executor() { return executor_; }
  const Lifetime& lifetime() const { return lifetime_; }
  bool cancelled() const { return cancelled_; }

 private:
  void TimedOut(std::chrono::milliseconds limit);
  void Finished(absl::StatusOr<std::string> result);
  void Finish(absl::StatusOr<std::string> result);

  const std::string what_;  // "tool check_availability for call c1"
  Executor& executor_;
  LogSink& log_;
  ToolDone on_done_;
  const TimePoint started_;
  absl::AnyInvocable<void(const absl::StatusOr<std::string>&)> watcher_;
  std::unique_ptr<ToolRun> run_;
  bool cancelled_ = false;
  Timer timeout_;
  Lifetime lifetime_;
};

std::string_view NameOf(EffectClass effect);

}  // namespace dragoman::safety

#endif  // DRAGOMAN_SRC_SAFETY_GATED_RUN_H_
