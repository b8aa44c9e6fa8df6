// Everything that the rules look at, gathered before them: the rules themselves are pure.
#ifndef DRAGOMAN_SRC_SAFETY_FACTS_H_
#define DRAGOMAN_SRC_SAFETY_FACTS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/safety/calling_hours.h"
#include "dragoman/safety/destinations.h"
#include "dragoman/safety/governor.h"

namespace dragoman::safety {

struct DestinationFact {
  std::string argument;
  ArgumentRole role = ArgumentRole::kPhone;
  std::string written;  // as the model wrote it
  std::string sink;     // "tel:+12015550123"; empty: it is none
  absl::Status form;    // why it is none
  Label label;
  bool confirmed = false;              // by the owner, for this goal
  PhoneNumber number;                  // of kPhone and kSms
  std::optional<std::string> blocked;  // why it must not be called
  HoursAnswer hours;
  ConsentClass consent_needed = ConsentClass::kWritten;
  Consent consent;
  absl::Status attempts;  // the caps; kPhone only
  AttemptCaps caps;
};

struct PayloadFact {
  std::string argument;
  ArgumentRole role = ArgumentRole::kPayload;
  std::string value;  // canonical JSON
  Label label;
  std::string item;                    // digest of the value, for what a confirmation lists
  std::vector<std::string> uncovered;  // sinks outside its readers that no confirmation covers
};

struct Facts {
  const Policy* policy = nullptr;
  const EffectRequest* request = nullptr;
  WallTime now{};

  std::optional<std::string> stopped;
  absl::Status arguments;  // not OK: what follows is empty
  std::string canonical;
  std::vector<std::pair<std::string, std::string>> members;
  std::string fingerprint;

  std::vector<DestinationFact> destinations;
  std::vector<PayloadFact> payload;          // every argument that is no destination, URLs included
  std::vector<std::string> sinks;            // whoever learns of it, each once, sorted
  std::vector<std::string> handles;          // of the vault, named in the arguments
  std::vector<std::string> refused_handles;  // with no right to go to one of the sinks
  std::vector<std::string> declared;         // where the first of those may go, as its owner said
  std::vector<std::string> leaked;           // handles whose plain value stands in the arguments

  absl::Status repeats;
  std::string repeat_digest;
  Amounts worst;
  std::vector<BudgetAccount> accounts;
  absl::Status budget;

  Binding binding;
  std::optional<Confirmation> approved;  // that fits this binding
  absl::Status named_confirmation;       // of the request's own id, if it names one
  bool owner_said_no = false;
};

bool IsEffect(ToolRisk risk);  // somebody else notices
bool IsDestination(ArgumentRole role);
std::string GoalKey(const GoalScope& scope, std::string_view goal);

// Reads the ledgers; changes nothing.
Facts GatherFacts(const Policy& policy, const GovernorDependencies& with,
                  const EffectRequest& request);

// Every rule in its fixed order.
std::vector<RuleResult> ApplyRules(const Facts& facts);

// What the owner is shown.
std::string ConfirmationText(const Facts& facts, const std::vector<RuleResult>& chain,
                             WallTime expires);
std::string DescribeAmounts(const Amounts& amounts);  // "0.50 EUR, 1 call, 10 minutes"
std::string FormatUtc(WallTime time);                 // "2026-11-21 13:45 UTC"

// For the owner: what was declared of the handle that was refused.
std::string WhereItMayGo(const Facts& facts);

}  // namespace dragoman::safety

#endif  // DRAGOMAN_SRC_SAFETY_FACTS_H_
