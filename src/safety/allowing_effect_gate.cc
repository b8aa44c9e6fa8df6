#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/safety/gates.h"
#include "src/safety/gated_run.h"

namespace dragoman {
namespace {

class AllowingEffectGate : public EffectGate {
 public:
  AllowingEffectGate(const ToolRegistry& tools, Carrier* carrier, LogSink& log)
      : tools_(tools), carrier_(carrier), log_(log) {}

  std::vector<ToolSpec> tools() const override { return tools_.Specs(); }

  std::unique_ptr<ToolRun> Run(const ToolCall& call, const ToolContext& context, Executor& executor,
                               ToolDone on_done) override {
    const std::string what =
        StrCat("tool ", std::string_view(call.name).substr(0, 64), " for call ", context.call_id);
    auto run = std::make_unique<safety::GatedRun>(what, executor, log_, std::move(on_done));
    absl::Status valid = tools_.Validate(call);
    if (valid.ok()) {
      run->Start(*tools_.Find(call.name), call.arguments, context);
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
