#include "dragoman/runtime/answering_rules.h"

#include <utility>

#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/runtime/policy_tools.h"
#include "dragoman/safety/watched_call.h"
#include "dragoman/tools/canonical_json.h"

namespace dragoman {
namespace {

constexpr std::string_view kHouse = "house";  // tenant and user of every call

// A house answers for years: its decisions go to the log, not into memory.
class LoggedDecisions : public DecisionLog {
 public:
  explicit LoggedDecisions(LogSink& log) : log_(log) {}
  absl::Status Record(const DecisionRecord& record) override {
    log_.Write(record.verdict == Verdict::kAllow ? LogLevel::kInfo : LogLevel::kWarning, "governor",
               StrCat(Name(record.verdict), " ", record.tool, " in call ", record.goal, " by ",
                      record.rule, record.why.empty() ? "" : ": ", EscapeLine(record.why)));
    return absl::OkStatus();
  }

 private:
  LogSink& log_;
};

class AnsweringRulesImpl : public AnsweringRules {
 public:
  explicit AnsweringRulesImpl(const AnsweringDependencies& with)
      : with_(with), decisions_(*with.log) {}

  absl::Status Open(const AnsweringOptions& options) {
    DRAGOMAN_ASSIGN_OR_RETURN(mandate_, ParseMandate(options.mandate));
    for (const ToolSpec& tool : with_.tools->Specs()) {
      if (tool.risk == ToolRisk::kUndeclared) {
        return InvalidArgument("tool ", tool.name,
                               " declares no risk; expected read, local or another of ToolRisk");
      }
      pins_[tool.name] = ToolFingerprint(tool);
    }
    DRAGOMAN_ASSIGN_OR_RETURN(Policy policy, options.policy_file.empty()
                                                 ? AnsweringPolicy()
                                                 : ReadPolicyFiles(options.policy_file, ""));
    DRAGOMAN_ASSIGN_OR_RETURN(
        governor_, MakeGovernor(std::move(policy), {.clock = with_.clock,
                                                    .random = &random_,
                                                    .budgets = budgets_.get(),
                                                    .calls = calls_.get(),
                                                    .repeats = repeats_.get(),
                                                    .confirmations = confirmations_.get(),
                                                    .decisions = &decisions_,
                                                    .kill = &kill()}));
    DRAGOMAN_ASSIGN_OR_RETURN(effects_, MakeGoverningEffectGate({.tools = with_.tools,
                                                                 .governor = governor_.get(),
                                                                 .sessions = &sessions_,
                                                                 .log = with_.log}));
    DRAGOMAN_ASSIGN_OR_RETURN(
        speech_, MakeGoverningSpeechGate(
                     {.synthesizer = with_.synthesizer, .sessions = &sessions_, .log = with_.log}));
    return absl::OkStatus();
  }

  EffectGate& effects() override { return *effects_; }
  SpeechGate& speech() override { return *speech_; }
  std::optional<std::string> Stopped() const override { return kill().Stopped(kHouse, ""); }
  std::unique_ptr<Call> Watch(std::unique_ptr<Call> call) override {
    return MakeWatchedCall(std::move(call), [this] { return Stopped(); }, {}, *with_.log);
  }

  void RememberDone(std::string_view call_id, std::string_view tool) override {
    const ToolSpec* spec = with_.tools->FindSpec(tool);
    if (spec != nullptr) sessions_.AddReceipt(call_id, spec->proves);
  }

  Session::Callbacks Follow(const CallInfo& call, Session::Callbacks callbacks) override {
    const GoalScope scope{.tenant = std::string(kHouse),
                          .user = std::string(kHouse),
                          .goal = call.id,
                          .title = "a call that was answered",
                          .tools = pins_,
                          .purpose = CallPurpose::kErrand,
                          .mandate = mandate_};
    const absl::Status opened =
        sessions_.Open(call.id, {.scope = scope,
                                 .context = std::make_shared<GoalContext>(),
                                 .session_sink = call.from.empty() ? "" : StrCat("tel:", call.from),
                                 .caller_identity = call.to,
                                 .mandate = mandate_});
    if (!opened.ok()) {  // its tools will be refused: say why
      with_.log->Write(LogLevel::kWarning, "governor",
                       StrCat("call ", call.id, " has no session: ", MessageOf(opened)));
      return callbacks;
    }
    // Goes with the callbacks, whether the call began, ended or was never answered.
    const std::shared_ptr<void> open(nullptr, [this, scope](void*) {
      sessions_.Close(scope.goal);
      governor_->Forget(scope);
    });
    Session::Callbacks followed{.on_event = std::move(callbacks.on_event),
                                .on_heard = {},
                                .on_done = std::move(callbacks.on_done)};
    followed.on_heard = [this, scope, open,
                         told = std::move(callbacks.on_heard)](std::string_view words) mutable {
      sessions_.NoteHeard(scope.goal, words);
      governor_->NoteProgress(scope);  // new words may ask for the same again
      if (told) told(words);
    };
    return followed;
  }

 private:
  const KillSwitch& kill() const { return with_.kill == nullptr ? never_ : *with_.kill; }

  const AnsweringDependencies with_;
  Mandate mandate_;
  std::map<std::string, std::string> pins_;
  SystemRandom random_;
  std::unique_ptr<BudgetLedger> budgets_ = MakeMemoryBudgetLedger();
  std::unique_ptr<CallLedger> calls_ = MakeMemoryCallLedger();
  std::unique_ptr<RepeatLedger> repeats_ = MakeMemoryRepeatLedger();
  std::unique_ptr<ConfirmationBook> confirmations_ = MakeMemoryConfirmationBook();
  LoggedDecisions decisions_;
  const KillSwitch never_;  // stays off
  GoalSessions sessions_;
  std::unique_ptr<Governor> governor_;
  std::unique_ptr<EffectGate> effects_;
  std::unique_ptr<SpeechGate> speech_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AnsweringRules>> AnsweringRules::Create(
    AnsweringOptions options, AnsweringDependencies dependencies) {
  if (dependencies.tools == nullptr || dependencies.synthesizer == nullptr ||
      dependencies.clock == nullptr || dependencies.log == nullptr) {
    return InvalidArgument("answering rules lack tools, a synthesizer, a clock or a log");
  }
  auto rules = std::make_unique<AnsweringRulesImpl>(dependencies);
  DRAGOMAN_RETURN_IF_ERROR(rules->Open(options));
  return std::unique_ptr<AnsweringRules>(std::move(rules));
}

}  // namespace dragoman
