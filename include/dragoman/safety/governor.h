// Decides whether an effect may happen. Deterministic code: a language model can only ask.
#ifndef DRAGOMAN_SAFETY_GOVERNOR_H_
#define DRAGOMAN_SAFETY_GOVERNOR_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/conversation/mandate.h"
#include "dragoman/conversation/message.h"
#include "dragoman/conversation/provenance.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"
#include "dragoman/core/random.h"
#include "dragoman/safety/confirmations.h"
#include "dragoman/safety/ledgers.h"
#include "dragoman/safety/policy.h"
#include "dragoman/store/secret_matcher.h"

namespace dragoman {

struct DRAGOMAN_EXPORT ParentGoal {
  std::string goal;
  std::optional<BudgetLimits> budget;  // its own, beside that of the policy
};

// Whose goal it is and what it may touch. Set by code from the owner's words, never by a model.
struct DRAGOMAN_EXPORT GoalScope {
  std::string tenant, user, goal;
  std::vector<ParentGoal> parents;  // goals that this one is a part of; they pay for it too
  std::string title;                // the owner's own words, shown with each question
  // Tools of this goal, each pinned by its fingerprint at the start. Any other is refused.
  std::map<std::string, std::string> tools;
  std::optional<BudgetLimits> budget;        // the owner's own for this goal; the lower one holds
  std::vector<std::string> countries;        // allowed beside those of the policy
  std::vector<std::string> declared_digits;  // sequences that begin with *, as the owner wrote them
  CallPurpose purpose = CallPurpose::kMarketing;
  std::string secret_purpose;  // what vault values are for here: "authenticate"; goals fill it in
  Mandate mandate;             // what may be agreed to in a conversation
};

// What is known of the call that a tool places, from code.
struct DRAGOMAN_EXPORT CallTerms {
  bool discloses = false;  // its first words, rendered by code, say who calls and what speaks
  std::string zone;        // the called party's, where its address is known; else all plausible
  std::string place;       // of that address: "US-FL"
};

struct DRAGOMAN_EXPORT EffectRequest {
  GoalScope scope;
  ToolSpec tool;
  std::string arguments;                // JSON, as the model wrote it
  std::map<std::string, Label> labels;  // by top-level argument; one that is missing is Label{}
  bool untrusted_input = true;          // the session has read or heard what nobody vouches for
  bool private_data = true;             // the session holds what is not public
  std::string session_sink;             // who is on the line: "tel:+12015550123"; empty: nobody
  std::string caller_identity;          // which of our numbers or addresses acts
  CallTerms call;
  std::string confirmation;  // id of the owner's answer; empty: whichever fits
};

enum class RuleOutcome { kNotApplicable, kPass, kConfirm, kDeny };
struct DRAGOMAN_EXPORT RuleResult {
  std::string_view rule;  // a literal: "destination"
  RuleOutcome outcome = RuleOutcome::kNotApplicable;
  std::string why;
};

struct DRAGOMAN_EXPORT Decision {
  Verdict verdict = Verdict::kDeny;
  std::string id;
  std::string_view rule;          // the deciding one; "confirmed" where the owner's answer decided
  std::string why;                // for the owner and, without payload, for the model
  std::string hint;               // for the owner's eyes alone, never written down; may be empty
  std::vector<RuleResult> chain;  // every rule in order
  std::string policy_version;
  std::string arguments;  // canonical: what may run, and nothing else
  std::vector<std::string> destinations;
  std::string reservation;  // for kAllow: to be settled
  Amounts reserved;
  // For kConfirm: what the owner is asked; for kAllow by the rule "confirmed": his answer.
  std::optional<Confirmation> confirmation;
  bool escalate = false;  // the goal is stuck: a person takes over
};

// Thread-safe.
class DRAGOMAN_EXPORT Governor {
 public:
  virtual ~Governor() = default;
  // The decision that an effect may follow: it is recorded; for kAllow worst-case costs are
  // reserved, the attempt is counted and the confirmation used up, all or none. For kConfirm the
  // question is opened. Anything that fails on the way is kDeny.
  virtual Decision Authorize(const EffectRequest& request) = 0;
  // The same rules, dry: nothing is recorded, reserved, counted, opened or used up.
  virtual Decision Explain(const EffectRequest& request) const = 0;
  // What the effect of a decision cost. kNotFound: settled before.
  virtual absl::Status Settle(const Decision& decision, const Amounts& actual) = 0;
  // Something new was learned or finished: repeated calls are counted afresh.
  virtual void NoteProgress(const GoalScope& scope) = 0;
  // The goal is over: what is remembered for it alone, in memory, may go.
  virtual void Forget(const GoalScope& scope) = 0;
  // Why this goal must stop at once; none: it may go on.
  virtual std::optional<std::string> Stopped(const GoalScope& scope) const = 0;
  // Decisions that take longer are refused by the gates.
  virtual std::chrono::milliseconds decision_timeout() const = 0;
};

// All borrowed, must outlive the governor; `secrets` and `grants` may be null: then there is no
// vault, and arguments that name a handle are refused.
struct DRAGOMAN_EXPORT GovernorDependencies {
  const Clock* clock = nullptr;
  Random* random = nullptr;  // thread-safe: nonces
  BudgetLedger* budgets = nullptr;
  CallLedger* calls = nullptr;
  RepeatLedger* repeats = nullptr;
  ConfirmationBook* confirmations = nullptr;
  DecisionLog* decisions = nullptr;
  const KillSwitch* kill = nullptr;
  const SecretMatcher* secrets = nullptr;
  const SecretGrants* grants = nullptr;
};
// kInvalidArgument: a dependency that is needed is null.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<Governor>> MakeGovernor(
    Policy policy, GovernorDependencies dependencies);

// "why would this be denied?": the chain of rules, one per line, the deciding one marked.
DRAGOMAN_EXPORT std::string RenderDecision(const Decision& decision);

// Text for people from what a model wrote: quotes, control, invisible and direction-changing
// characters escaped, cut at `most` bytes with the number of those left out.
DRAGOMAN_EXPORT std::string ShownText(std::string_view text, std::size_t most = 500);

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_GOVERNOR_H_
