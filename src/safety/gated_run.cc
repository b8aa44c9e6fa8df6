#include "src/safety/gated_run.h"

#include <chrono>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman::safety {

std::string_view NameOf(EffectClass effect) {
  switch (effect) {
    case EffectClass::kRead:
      return "read";
    case EffectClass::kKeyedWrite:
      return "keyed write";
    case EffectClass::kQueryable:
      return "queryable";
    case EffectClass::kBlind:
      return "blind";
  }
  return "blind";
}

GatedRun::GatedRun(std::string what, Executor& executor, LogSink& log, ToolDone on_done)
    : what_(std::move(what)),
      executor_(executor),
      log_(log),
      on_done_(std::move(on_done)),
      started_(executor.Now()),
      timeout_(executor) {}

void GatedRun::Refuse(absl::Status why) {
  log_.Write(LogLevel::kWarning, "gate", StrCat("refused ", what_, ": ", MessageOf(why)));
  executor_.Post(lifetime_.Wrap([this, why = std::move(why)] { Finish(why); }));
}

void GatedRun::RefuseNow(absl::Status why) {
  log_.Write(LogLevel::kWarning, "gate", StrCat("refused ", what_, ": ", MessageOf(why)));
  Finish(std::move(why));
}

void GatedRun::Start(Tool& tool, const std::string& arguments, const ToolContext& context) {
  log_.Write(LogLevel::kInfo, "gate",
             StrCat("allowed ", what_, " (", NameOf(tool.spec().effect), ", ", arguments.size(),
                    " bytes)"));
  timeout_.Start(tool.spec().timeout, [this, limit = tool.spec().timeout] { TimedOut(limit); });
  run_ = tool.Run(arguments, context, executor_,
                  [this](absl::StatusOr<std::string> result) { Finished(std::move(result)); });
}

void GatedRun::Cancel() {
  cancelled_ = true;
  if (run_ != nullptr) run_->Cancel();
}

void GatedRun::TimedOut(std::chrono::milliseconds limit) {
  log_.Write(LogLevel::kWarning, "gate", StrCat("timed out ", what_, " after ", limit));
  run_->Cancel();
  run_.reset();  // its late result has nobody to go to; its effect, if any, stays
  Finish(DeadlineExceeded(StrCat("no result within ", limit, "; it may have taken effect")));
}

void GatedRun::Finished(absl::StatusOr<std::string> result) {
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(executor_.Now() - started_);
  log_.Write(result.ok() ? LogLevel::kInfo : LogLevel::kWarning, "gate",
             StrCat("finished ", what_, " in ", took, ": ",
                    result.ok() ? StrCat("ok, ", result->size(), " bytes")
                                : std::string(absl::StatusCodeToString(result.status().code()))));
  Finish(std::move(result));
}

void GatedRun::Finish(absl::StatusOr<std::string> result) {
  timeout_.Stop();
  if (watcher_) watcher_(result);
  ToolDone on_done = std::move(on_done_);
  on_done(std::move(result));  // may destroy this run
}

}  // namespace dragoman::safety
