#include <chrono>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/safety/gates.h"

namespace dragoman {
namespace {

std::string_view Name(EffectClass effect) {
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

// Arguments and results are a caller's data: only their sizes are logged.
class GatedRun : public ToolRun {
 public:
  GatedRun(std::string what, Executor& executor, LogSink& log, ToolDone on_done)
      : what_(std::move(what)),
        executor_(executor),
        log_(log),
        on_done_(std::move(on_done)),
        started_(executor.Now()),
        timeout_(executor) {}

  void Refuse(absl::Status why) {
    log_.Write(LogLevel::kWarning, "gate", StrCat("refused ", what_, ": ", MessageOf(why)));
    executor_.Post(lifetime_.Wrap([this, why = std::move(why)] { Finish(why); }));
  }

  void Start(Tool& tool, const ToolCall& call, const ToolContext& context) {
    log_.Write(LogLevel::kInfo, "gate",
               StrCat("allowed ", what_, " (", Name(tool.spec().effect), ", ",
                      call.arguments.size(), " bytes)"));
    timeout_.Start(tool.spec().timeout, [this, limit = tool.spec().timeout] { TimedOut(limit); });
    run_ = tool.Run(call.arguments, context, executor_,
                    [this](absl::StatusOr<std::string> result) { Finished(std::move(result)); });
  }

  void Cancel() override {
    if (run_ != nullptr) run_->Cancel();
  }

 private:
  void TimedOut(std::chrono::milliseconds limit) {
    log_.Write(LogLevel::kWarning, "gate", StrCat("timed out ", what_, " after ", limit));
    run_->Cancel();
    run_.reset();  // its late result has nobody to go to; its effect, if any, stays
    Finish(DeadlineExceeded(StrCat("no result within ", limit, "; it may have taken effect")));
  }

  void Finished(absl::StatusOr<std::string> result) {
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(executor_.Now() - started_);
    log_.Write(result.ok() ? LogLevel::kInfo : LogLevel::kWarning, "gate",
               StrCat("finished ", what_, " in ", took, ": ",
                      result.ok() ? StrCat("ok, ", result->size(), " bytes")
                                  : std::string(absl::StatusCodeToString(result.status().code()))));
    Finish(std::move(result));
  }

  void Finish(absl::StatusOr<std::string> result) {
    timeout_.Stop();
    ToolDone on_done = std::move(on_done_);
    on_done(std::move(result));  // may destroy this run
  }

  const std::string what_;  // "check_availability for call c1"
  Executor& executor_;
  LogSink& log_;
  ToolDone on_done_;
  const TimePoint started_;
  std::unique_ptr<ToolRun> run_;
  Timer timeout_;
  Lifetime lifetime_;
};

class AllowingEffectGate : public EffectGate {
 public:
  AllowingEffectGate(const ToolRegistry& tools, Carrier* carrier, LogSink& log)
      : tools_(tools), carrier_(carrier), log_(log) {}

  std::vector<ToolSpec> tools() const override { return tools_.Specs(); }

  std::unique_ptr<ToolRun> Run(const ToolCall& call, const ToolContext& context, Executor& executor,
                               ToolDone on_done) override {
    const std::string what =
        StrCat("tool ", std::string_view(call.name).substr(0, 64), " for call ", context.call_id);
    auto run = std::make_unique<GatedRun>(what, executor, log_, std::move(on_done));
    absl::Status valid = tools_.Validate(call);
    if (valid.ok()) {
      run->Start(*tools_.Find(call.name), call, context);
    } else {
      run->Refuse(std::move(valid));
    }
    return run;
  }

  absl::StatusOr<std::unique_ptr<Dial>> Place(const DialRequest& request, Executor& executor,
                                              Carrier::Callbacks callbacks) override {
    absl::Status valid = request.Validate();
    if (valid.ok() && carrier_ == nullptr) {
      valid = MakeStatus(absl::StatusCode::kPermissionDenied,
                         "dialling is not allowed: no carrier is configured");
    }
    const std::string what = StrCat("dial ", request.client_reference);
    if (!valid.ok()) {
      log_.Write(LogLevel::kWarning, "gate", StrCat("refused ", what, ": ", MessageOf(valid)));
      return valid;
    }
    log_.Write(LogLevel::kInfo, "gate", StrCat("allowed ", what));
    return carrier_->Place(request, executor, std::move(callbacks));
  }

 private:
  const ToolRegistry& tools_;
  Carrier* const carrier_;
  LogSink& log_;
};

}  // namespace

std::unique_ptr<EffectGate> MakeAllowingEffectGate(const ToolRegistry& tools, Carrier* carrier,
                                                   LogSink& log) {
  return std::make_unique<AllowingEffectGate>(tools, carrier, log);
}

}  // namespace dragoman
