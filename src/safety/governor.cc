#include "dragoman/safety/governor.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/tools/canonical_json.h"
#include "src/safety/facts.h"

namespace dragoman {
namespace {

using safety::ApplyRules;
using safety::Facts;

Decision Refusal(std::string_view rule, std::string why) {
  Decision decision;
  decision.verdict = Verdict::kDeny;
  decision.rule = rule;
  decision.why = std::move(why);
  return decision;
}

// The strictest outcome decides; among equals the first in order.
Decision Conclude(const Facts& facts, std::vector<RuleResult> chain) {
  Decision decision;
  decision.policy_version = facts.policy->version;
  decision.arguments = facts.canonical;
  decision.destinations = facts.sinks;
  const RuleResult* deciding = nullptr;
  for (const RuleResult& result : chain) {
    if (result.outcome == RuleOutcome::kDeny) {
      deciding = &result;
      break;
    }
    if (result.outcome == RuleOutcome::kConfirm && deciding == nullptr) deciding = &result;
  }
  if (deciding == nullptr) {
    decision.verdict = Verdict::kAllow;
    decision.rule = "risk";  // the rule that says yes where no other says no
    decision.why = "no rule is against it";
  } else if (deciding->outcome == RuleOutcome::kDeny) {
    decision.verdict = Verdict::kDeny;
    decision.rule = deciding->rule;
    decision.why = deciding->why;
    decision.escalate = deciding->rule == "repeats";
    if (deciding->rule == "vault_sink") decision.hint = safety::WhereItMayGo(facts);
  } else if (facts.approved) {
    decision.verdict = Verdict::kAllow;
    decision.rule = "confirmed";
    decision.why = "you said yes to exactly this";
    decision.confirmation = facts.approved;
  } else {
    decision.verdict = Verdict::kConfirm;
    decision.rule = deciding->rule;
    decision.why = deciding->why;
  }
  decision.chain = std::move(chain);
  return decision;
}

class PolicyGovernor : public Governor {
 public:
  PolicyGovernor(Policy policy, GovernorDependencies with)
      : policy_(std::move(policy)), with_(with) {}

  Decision Authorize(const EffectRequest& request) override {
    Decision decision = Guarded([&] { return Decide(request); });
    decision.id = MakeId("dec_", *with_.random);
    const absl::Status recorded = Guarded([&] { return Record(request, decision); });
    if (recorded.ok()) return decision;
    if (!decision.reservation.empty()) Settle(decision, {}).IgnoreError();
    Decision refused = Refusal("record", "the decision could not be recorded, so it is no");
    refused.id = decision.id;
    refused.chain = std::move(decision.chain);
    refused.policy_version = policy_.version;
    return refused;
  }

  Decision Explain(const EffectRequest& request) const override {
    return Guarded([&] {
      const Facts facts = safety::GatherFacts(policy_, with_, request);
      return Conclude(facts, ApplyRules(facts));
    });
  }

  absl::Status Settle(const Decision& decision, const Amounts& actual) override {
    if (decision.reservation.empty()) return NotFound("the decision reserved nothing");
    return with_.budgets->Settle(decision.reservation, actual);
  }

  void NoteProgress(const GoalScope& scope) override {
    with_.repeats->Progress(safety::GoalKey(scope, scope.goal));
  }

  void Forget(const GoalScope& scope) override {
    const std::string key = safety::GoalKey(scope, scope.goal);
    with_.repeats->Progress(key);
    with_.budgets->Forget(key);
  }

  std::optional<std::string> Stopped(const GoalScope& scope) const override {
    return with_.kill->Stopped(scope.tenant, scope.goal);
  }

  std::chrono::milliseconds decision_timeout() const override { return policy_.decision_timeout; }

 private:
  // Whatever goes wrong inside is a refusal.
  template <typename Function>
  auto Guarded(Function function) const -> decltype(function()) {
    try {
      return function();
    } catch (const std::exception& error) {
      if constexpr (std::is_same_v<decltype(function()), Decision>) {
        return Refusal("error", StrCat("the governor failed: ", EscapeLine(error.what())));
      } else {
        return Internal("the governor failed");
      }
    } catch (...) {
      if constexpr (std::is_same_v<decltype(function()), Decision>) {
        return Refusal("error", "the governor failed");
      } else {
        return Internal("the governor failed");
      }
    }
  }

  Decision Decide(const EffectRequest& request) {
    const Facts facts = safety::GatherFacts(policy_, with_, request);
    Decision decision = Conclude(facts, ApplyRules(facts));
    if (decision.verdict == Verdict::kConfirm) Ask(facts, decision);
    if (decision.verdict == Verdict::kAllow) Commit(facts, decision);
    return decision;
  }

  void Ask(const Facts& facts, Decision& decision) {
    Confirmation question;
    question.id = MakeId("conf_", *with_.random);
    question.binding = facts.binding;
    question.expires = facts.now + policy_.confirmation_ttl;
    question.digest = DigestOf(question.binding, question.expires, question.id);
    question.text = safety::ConfirmationText(facts, decision.chain, question.expires);
    question.destinations = facts.sinks;
    for (const safety::PayloadFact& payload : facts.payload) {
      if (payload.label.confidentiality == Confidentiality::kPersonal)
        question.personal_items.push_back(payload.item);
    }
    absl::StatusOr<Confirmation> opened = with_.confirmations->Open(std::move(question), facts.now);
    if (opened.ok()) {
      decision.confirmation = *std::move(opened);
    } else {
      Deny(decision, "answer", std::string(MessageOf(opened.status())));
    }
  }

  static void Deny(Decision& decision, std::string_view rule, std::string why) {
    decision.verdict = Verdict::kDeny;
    decision.rule = rule;
    decision.why = why;
    decision.chain.push_back({.rule = rule, .outcome = RuleOutcome::kDeny, .why = std::move(why)});
  }

  // Between the rules and here another thread may have taken what they saw: each step takes its
  // share in one piece or fails, and what was reserved is given back. Counted attempts stay
  // counted.
  void Commit(const Facts& facts, Decision& decision) {
    const GoalScope& scope = facts.request->scope;
    absl::StatusOr<std::string> reserved = with_.budgets->Reserve(facts.accounts, facts.worst);
    if (!reserved.ok()) return Deny(decision, "budget", std::string(MessageOf(reserved.status())));
    decision.reservation = *reserved;
    decision.reserved = facts.worst;
    absl::Status taken = with_.repeats->TryCall(safety::GoalKey(scope, scope.goal),
                                                facts.repeat_digest, policy_.identical_calls);
    std::string_view rule = "repeats";
    for (const safety::DestinationFact& to : facts.destinations) {
      if (!taken.ok() || to.role != ArgumentRole::kPhone) continue;
      rule = "attempts";
      taken = with_.calls->TryAttempt(scope.tenant, scope.user, to.number.e164, to.caps, facts.now);
    }
    if (taken.ok() && decision.rule == "confirmed") {
      rule = "answer";
      taken = with_.confirmations->Consume(facts.approved->id, facts.binding, facts.now);
      decision.confirmation = facts.approved;
    }
    if (taken.ok()) return;
    with_.budgets->Settle(decision.reservation, {}).IgnoreError();
    decision.reservation.clear();
    decision.escalate = rule == "repeats";
    Deny(decision, rule, std::string(MessageOf(taken)));
  }

  absl::Status Record(const EffectRequest& request, const Decision& decision) {
    std::string destinations;
    for (const std::string& sink : decision.destinations)
      destinations += (destinations.empty() ? "" : " ") + sink;
    return with_.decisions->Record(
        {.at = with_.clock->WallNow(),
         .id = decision.id,
         .tenant = request.scope.tenant,
         .user = request.scope.user,
         .goal = request.scope.goal,
         .tool = EscapeLine(std::string_view(request.tool.name).substr(0, 64)),
         .arguments_digest = Sha256Hex(decision.arguments),
         .destination = destinations,
         .verdict = decision.verdict,
         .rule = std::string(decision.rule),
         .why = decision.why,
         .policy_version = policy_.version,
         .confirmation = decision.confirmation ? decision.confirmation->id : ""});
  }

  const Policy policy_;
  const GovernorDependencies with_;
};

std::string_view Mark(RuleOutcome outcome) {
  switch (outcome) {
    case RuleOutcome::kNotApplicable:
      return "   -   ";
    case RuleOutcome::kPass:
      return "  pass ";
    case RuleOutcome::kConfirm:
      return "  ASK  ";
    case RuleOutcome::kDeny:
      return "  DENY ";
  }
  return "  DENY ";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Governor>> MakeGovernor(Policy policy, GovernorDependencies with) {
  const std::pair<const void*, std::string_view> needed[] = {
      {with.clock, "clock"},         {with.random, "random"},
      {with.budgets, "budgets"},     {with.calls, "calls"},
      {with.repeats, "repeats"},     {with.confirmations, "confirmations"},
      {with.decisions, "decisions"}, {with.kill, "kill"}};
  for (const auto& [pointer, name] : needed) {
    if (pointer == nullptr) return InvalidArgument("governor: ", name, " is null");
  }
  return std::make_unique<PolicyGovernor>(std::move(policy), with);
}

std::string RenderDecision(const Decision& decision) {
  std::string text =
      StrCat(Name(decision.verdict), " by ", decision.rule, ": ", EscapeLine(decision.why), "\n",
             "policy ", decision.policy_version, "\n");
  for (const RuleResult& result : decision.chain) {
    const bool deciding = result.rule == decision.rule;
    text += StrCat(deciding ? "> " : "  ", Mark(result.outcome), result.rule,
                   result.why.empty() ? "" : ": ", EscapeLine(result.why), "\n");
  }
  return text;
}

}  // namespace dragoman
