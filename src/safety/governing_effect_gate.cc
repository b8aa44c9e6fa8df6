#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/safety/gates.h"
#include "dragoman/tools/canonical_json.h"
#include "src/safety/decision_maker.h"
#include "src/safety/gated_run.h"
#include "src/safety/governed_call.h"

namespace dragoman {
namespace {

using safety::CallBill;
using safety::DecisionMaker;
using safety::GatedRun;

absl::Status NoSession(std::string_view id) {
  return MakeStatus(
      absl::StatusCode::kPermissionDenied,
      StrCat("not allowed by rule goal_scope: no goal is open for ", EscapeLine(id.substr(0, 64))));
}

EffectRequest RequestOf(const GoalSession& session, const ToolSpec& tool, std::string arguments) {
  EffectRequest request{.scope = session.scope,
                        .tool = tool,
                        .arguments = std::move(arguments),
                        .labels = {},
                        .untrusted_input = session.context->untrusted_input(),
                        .private_data = session.context->private_data(),
                        .session_sink = session.session_sink,
                        .caller_identity = session.caller_identity,
                        .call = session.call};
  request.labels = session.context->LabelArguments(tool, request.arguments);
  return request;
}

// A tool's run behind a decision.
class GovernedRun : public ToolRun {
 public:
  GovernedRun(const GoverningGateDependencies& with, std::string what, Executor& executor,
              ToolDone on_done)
      : with_(with),
        run_(std::move(what), executor, *with.log, std::move(on_done)),
        maker_(*with.governor, with.pool, executor) {}

  void Refuse(absl::Status why) { run_.Refuse(std::move(why)); }

  void Decide(EffectRequest request, Tool& tool, GoalSession session, ToolContext context) {
    asking_ = true;
    maker_.Ask(std::move(request), [this, &tool, session = std::move(session),
                                    context = std::move(context)](Decision decision) mutable {
      Decided(std::move(decision), tool, std::move(session), context);
    });
    asking_ = false;
  }

  void Cancel() override { run_.Cancel(); }

 private:
  void Decided(Decision decision, Tool& tool, GoalSession session, const ToolContext& context) {
    absl::Status status = safety::StatusOf(decision);
    if (status.ok() && run_.cancelled()) {
      with_.governor->Settle(decision, {}).IgnoreError();
      status = Cancelled();
    }
    if (!status.ok()) {
      if (asking_) return run_.Refuse(std::move(status));  // still inside Run
      return run_.RefuseNow(std::move(status));
    }
    const std::string arguments = decision.arguments;
    run_.Watch([with = with_, spec = tool.spec(), session = std::move(session),
                id = context.call_id,
                decision = std::move(decision)](const absl::StatusOr<std::string>& result) {
      // What it really cost nobody said: what was reserved counts, the possible effect of a failed
      // run included.
      with.governor->Settle(decision, decision.reserved).IgnoreError();
      const std::string text = result.ok() ? *result : std::string(MessageOf(result.status()));
      session.context->Note(text,
                            LabelOfToolResult(spec, text, StrCat("the result of ", spec.name)));
      if (result.ok()) with.sessions->AddReceipt(id, spec.proves);
    });
    run_.Start(tool, arguments, context);
  }

  const GoverningGateDependencies with_;
  GatedRun run_;
  bool asking_ = false;
  DecisionMaker maker_;  // goes first: its callback is ours
};

// A dial behind a decision.
class GovernedDial : public Dial {
 public:
  GovernedDial(const GoverningGateDependencies& with, DialRequest request, Executor& executor,
               Carrier::Callbacks callbacks)
      : with_(with),
        request_(std::move(request)),
        executor_(executor),
        callbacks_(std::move(callbacks)),
        maker_(*with.governor, with.pool, executor) {}

  // Not OK, without a pool: refused at once.
  absl::Status Decide(EffectRequest asked, GoalSession session) {
    asking_ = true;
    maker_.Ask(std::move(asked), [this, session = std::move(session)](Decision decision) mutable {
      Decided(std::move(decision), std::move(session));
    });
    asking_ = false;
    return refusal_;
  }

  void Cancel() override {
    cancelled_ = true;
    if (dial_ != nullptr) dial_->Cancel();
  }

  std::string_view carrier_call_id() const override {
    return dial_ == nullptr ? std::string_view() : dial_->carrier_call_id();
  }

 private:
  void Decided(Decision decision, GoalSession session) {
    refusal_ = safety::StatusOf(decision);
    if (refusal_.ok() && cancelled_) {
      with_.governor->Settle(decision, {}).IgnoreError();
      refusal_ = Cancelled();
    }
    if (refusal_.ok()) refusal_ = PlaceNow(std::move(decision), std::move(session));
    with_.log->Write(
        refusal_.ok() ? LogLevel::kInfo : LogLevel::kWarning, "gate",
        StrCat(refusal_.ok() ? "allowed dial " : "refused dial ", request_.client_reference,
               refusal_.ok() ? "" : ": ", MessageOf(refusal_)));
    if (refusal_.ok() || asking_) return;
    auto on_done = std::move(callbacks_.on_done);
    on_done(cancelled_ ? DialOutcome::kCancelled : DialOutcome::kBlocked, nullptr,
            MessageOf(refusal_));
  }

  absl::Status PlaceNow(Decision decision, GoalSession session) {
    request_.to = decision.destinations.front().substr(4);  // behind "tel:"
    auto bill = std::make_shared<CallBill>(*with_.governor, std::move(decision));
    Carrier::Callbacks callbacks;
    callbacks.on_ringing = lifetime_.Wrap([this] {
      if (callbacks_.on_ringing) callbacks_.on_ringing();
    });
    callbacks.on_done = [this, bill, scope = std::move(session.scope)](
                            DialOutcome outcome, std::unique_ptr<Call> call,
                            std::string_view detail) mutable {
      if (call != nullptr) {
        bill->Connected(executor_.Now());
        const absl::Status known =
            with_.sessions->Alias(request_.client_reference, call->info().id);
        if (!known.ok()) {  // what asks under the call's own id will be refused: say why
          with_.log->Write(
              LogLevel::kWarning, "gate",
              StrCat("call ", call->info().id, " has no session of its own: ", MessageOf(known)));
        }
        call = safety::MakeGovernedCall(std::move(call), *with_.governor, std::move(scope), bill,
                                        *with_.log);
      }
      auto on_done = std::move(callbacks_.on_done);
      on_done(outcome, std::move(call), detail);  // may destroy this
    };
    auto dial = with_.carrier->Place(request_, executor_, std::move(callbacks));
    if (!dial.ok()) return dial.status();
    dial_ = *std::move(dial);
    return absl::OkStatus();
  }

  const GoverningGateDependencies with_;
  DialRequest request_;
  Executor& executor_;
  Carrier::Callbacks callbacks_;
  bool asking_ = false;
  bool cancelled_ = false;
  absl::Status refusal_;
  std::unique_ptr<Dial> dial_;
  DecisionMaker maker_;
  Lifetime lifetime_;
};

class GoverningEffectGate : public EffectGate {
 public:
  explicit GoverningEffectGate(GoverningGateDependencies with) : with_(with) {}

  std::vector<ToolSpec> tools() const override { return with_.tools->Specs(); }

  std::unique_ptr<ToolRun> Run(const ToolCall& call, const ToolContext& context, Executor& executor,
                               ToolDone on_done) override {
    auto run = std::make_unique<GovernedRun>(
        with_,
        StrCat("tool ", std::string_view(call.name).substr(0, 64), " for call ", context.call_id),
        executor, std::move(on_done));
    absl::Status status = with_.tools->Validate(call);
    std::optional<GoalSession> session = with_.sessions->Find(context.call_id);
    if (status.ok() && !session) status = NoSession(context.call_id);
    if (status.ok()) {
      if (const auto why = with_.sessions->Frozen(context.call_id)) {
        status = MakeStatus(absl::StatusCode::kPermissionDenied,
                            StrCat("not allowed by rule frozen: ", *why));
      }
    }
    if (!status.ok()) {
      run->Refuse(std::move(status));
      return run;
    }
    Tool& tool = *with_.tools->Find(call.name);
    EffectRequest request = RequestOf(*session, tool.spec(), call.arguments);
    request.confirmation = context.confirmation;
    ToolContext known = context;
    known.user = session->scope.user;
    known.goal = session->scope.goal;
    known.labels = request.labels;
    run->Decide(std::move(request), tool, *std::move(session), std::move(known));
    return run;
  }

  absl::StatusOr<std::unique_ptr<Dial>> Place(const DialRequest& request, Executor& executor,
                                              Carrier::Callbacks callbacks) override {
    absl::Status status = request.Validate();
    if (status.ok() && with_.carrier == nullptr) {
      status = MakeStatus(absl::StatusCode::kPermissionDenied,
                          "dialling is not allowed: no carrier is configured");
    }
    std::optional<GoalSession> session = with_.sessions->Find(request.client_reference);
    if (status.ok() && !session) status = NoSession(request.client_reference);
    if (!status.ok()) {
      with_.log->Write(LogLevel::kWarning, "gate",
                       StrCat("refused dial ", request.client_reference, ": ", MessageOf(status)));
      return status;
    }
    const auto minutes = std::chrono::ceil<std::chrono::minutes>(request.time_limit).count();
    const std::string arguments =
        StrCat("{\"from\":", JsonString(request.from), ",\"minutes\":", minutes,
               ",\"to\":", JsonString(request.to), "}");
    EffectRequest asked = RequestOf(*session, DialTool(), arguments);
    // The limit and our own number are the runtime's, not a model's.
    asked.labels["minutes"] = asked.labels["from"] = UserLabel();
    asked.caller_identity = request.from;
    asked.call.discloses = asked.call.discloses && !session->disclosure.empty();
    auto dial = std::make_unique<GovernedDial>(with_, request, executor, std::move(callbacks));
    status = dial->Decide(std::move(asked), *std::move(session));
    if (!status.ok()) return status;
    return dial;
  }

 private:
  const GoverningGateDependencies with_;
};

}  // namespace

const ToolSpec& DialTool() {
  static const ToolSpec* const kTool =
      new ToolSpec{.name = "dial",
                   .description = "Places a telephone call.",
                   .parameters = R"({"type":"object","required":["to"]})",
                   .effect = EffectClass::kQueryable,
                   .risk = ToolRisk::kOutward,
                   .roles = {{"from", ArgumentRole::kCaller},
                             {"minutes", ArgumentRole::kMinutes},
                             {"to", ArgumentRole::kPhone}},
                   .proves = {"call"}};
  return *kTool;
}

absl::StatusOr<std::unique_ptr<EffectGate>> MakeGoverningEffectGate(
    GoverningGateDependencies with) {
  if (with.tools == nullptr || with.governor == nullptr || with.sessions == nullptr ||
      with.log == nullptr) {
    return InvalidArgument("effect gate: tools, governor, sessions or log is null");
  }
  return std::make_unique<GoverningEffectGate>(with);
}

}  // namespace dragoman
