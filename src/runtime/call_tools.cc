// The tools of a placed call: report_result, ask_owner and press_keys.
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/runtime/placed_call.h"

namespace dragoman {
namespace {

ToolSpec ReportResultSpec() {
  return {.name = std::string(kReportResultTool),
          .description =
              "Notes what came of this call, once, before it ends. 'reached': everything that was "
              "to be done or found out is. 'quote': the other party's own words that show it.",
          .parameters = R"({"type":"object","required":["reached"],"additionalProperties":false,
"properties":{"reached":{"type":"boolean"},"quote":{"type":"string","maxLength":500},
"fields":{"type":"object","maxProperties":20,"additionalProperties":{"type":"string","maxLength":500}}}})",
          .effect = EffectClass::kKeyedWrite,
          .risk = ToolRisk::kLocal,
          .roles = {}};
}

ToolSpec AskOwnerSpec() {
  return {.name = std::string(kAskOwnerTool),
          .description =
              "Asks whom you phone for, while the other party waits; up to a minute. The answer is "
              "empty when they do not answer.",
          .parameters = R"({"type":"object","required":["question"],"additionalProperties":false,
"properties":{"question":{"type":"string","minLength":1,"maxLength":500}}})",
          .effect = EffectClass::kKeyedWrite,
          .timeout = std::chrono::milliseconds(59'000),
          .risk = ToolRisk::kLocal,
          .roles = {},
          .result_integrity = Integrity::kUser};
}

ToolSpec PressKeysSpec() {
  return {
      .name = std::string(kPressKeysTool),
      .description =
          "Presses keys of the phone for a menu that asks for them: 1 to 32 of 0 to 9, * and #, "
          "or a handle of the vault as it is written among your facts, with keys around it "
          "where the menu wants them, as in {{vault:bank/pin}}#.",
      .parameters = R"({"type":"object","required":["keys"],"additionalProperties":false,
"properties":{"keys":{"type":"string","minLength":1,"maxLength":200}}})",
      .effect = EffectClass::kBlind,
      .timeout = std::chrono::milliseconds(3'000),
      .risk = ToolRisk::kOutward,
      .roles = {{"keys", ArgumentRole::kDigits}},
      // It says again what was asked for.
      .result_integrity = Integrity::kService,
      .result_confidentiality = Confidentiality::kPublic};
}

using Find = std::function<PlacedCall*(const std::string& call_id)>;
using Work = std::function<void(PlacedCall&, const std::string& arguments, ToolDone done)>;

// Hands the result over later, as the contract of tools wants it.
class CallToolRun : public ToolRun {
 public:
  CallToolRun(Executor& executor, ToolDone done) : executor_(executor), done_(std::move(done)) {}

  ToolDone Once() {
    return lifetime_.Wrap([this](absl::StatusOr<std::string> result) { Finish(result); });
  }
  void Cancel() override { Finish(Cancelled()); }

 private:
  void Finish(absl::StatusOr<std::string> result) {
    if (!done_) return;
    executor_.Post(lifetime_.Wrap(
        [done = std::exchange(done_, nullptr), result = std::move(result)]() mutable {
          done(std::move(result));  // may destroy the run
        }));
  }

  Executor& executor_;
  ToolDone done_;
  Lifetime lifetime_;
};

class CallTool : public Tool {
 public:
  CallTool(ToolSpec spec, Find find, Work work)
      : spec_(std::move(spec)), find_(std::move(find)), work_(std::move(work)) {}
  const ToolSpec& spec() const override { return spec_; }

  std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext& context,
                               Executor& executor, ToolDone on_done) override {
    auto run = std::make_unique<CallToolRun>(executor, std::move(on_done));
    PlacedCall* const call = find_(context.call_id);
    if (call == nullptr) {
      run->Once()(NotFound("no call of a goal is under way"));
    } else {
      work_(*call, arguments, run->Once());
    }
    return run;
  }

 private:
  const ToolSpec spec_;
  const Find find_;
  const Work work_;
};

}  // namespace

absl::Status AddCallTools(ToolRegistry& tools, Find find) {
  DRAGOMAN_RETURN_IF_ERROR(tools.Add(std::make_unique<CallTool>(
      ReportResultSpec(), find, [](PlacedCall& call, const std::string& arguments, ToolDone done) {
        done(call.Report(arguments));
      })));
  DRAGOMAN_RETURN_IF_ERROR(tools.Add(std::make_unique<CallTool>(
      AskOwnerSpec(), find, [](PlacedCall& call, const std::string& arguments, ToolDone done) {
        call.Ask(nlohmann::json::parse(arguments).at("question").get<std::string>(),
                 std::move(done));
      })));
  return tools.Add(std::make_unique<CallTool>(
      PressKeysSpec(), find, [](PlacedCall& call, const std::string& arguments, ToolDone done) {
        call.Press(nlohmann::json::parse(arguments).at("keys").get<std::string>(), std::move(done));
      }));
}

}  // namespace dragoman
