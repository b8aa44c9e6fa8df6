// The rules, each a function over facts; section 2 of the safety contract in code. docs/governor.md
// explains each.
#include <algorithm>
#include <array>

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/status.h"
#include "dragoman/tools/canonical_json.h"
#include "src/safety/facts.h"

namespace dragoman::safety {
namespace {

using Outcome = std::pair<RuleOutcome, std::string>;

Outcome Pass(std::string why = "") { return {RuleOutcome::kPass, std::move(why)}; }
Outcome Skip() { return {RuleOutcome::kNotApplicable, ""}; }
Outcome Deny(std::string why) { return {RuleOutcome::kDeny, std::move(why)}; }
Outcome Ask(std::string why) { return {RuleOutcome::kConfirm, std::move(why)}; }

std::string Joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::string SourcesOf(const Label& label) {
  return label.sources.empty() ? std::string("nobody vouched for it") : Joined(label.sources);
}

ToolRisk Risk(const Facts& facts) { return facts.request->tool.risk; }

Outcome KillSwitchRule(const Facts& facts) { return facts.stopped ? Deny(*facts.stopped) : Pass(); }

Outcome ArgumentsRule(const Facts& facts) {
  return facts.arguments.ok() ? Pass() : Deny(std::string(MessageOf(facts.arguments)));
}

Outcome DeclaredRule(const Facts& facts) {
  if (Risk(facts) == ToolRisk::kUndeclared)
    return Deny("the tool does not say what it can do, so no rule allows it");
  if (Risk(facts) == ToolRisk::kAdministrative)
    return Deny("budgets, the vault, the policy and goals are not a model's to change");
  return Pass();
}

Outcome GoalScopeRule(const Facts& facts) {
  const auto pinned = facts.request->scope.tools.find(facts.request->tool.name);
  if (pinned == facts.request->scope.tools.end()) return Deny("this goal does not have the tool");
  if (pinned->second != facts.fingerprint)
    return Deny("the tool is not the one that this goal began with");
  return Pass();
}

Outcome RepeatsRule(const Facts& facts) {
  return facts.repeats.ok() ? Pass() : Deny(std::string(MessageOf(facts.repeats)));
}

Outcome DigitsRule(const Facts& facts) {
  bool any = false;
  for (const PayloadFact& payload : facts.payload) {
    if (payload.role != ArgumentRole::kDigits) continue;
    any = true;
    const auto texts = TextsOf(payload.value);
    if (!texts.ok() || texts->size() != 1) return Deny("the digits are not one text");
    // A handle stands for keys that are not known here: the edge looks at them again.
    std::string digits = texts->front();
    const std::vector<HandleSpan> handles = FindVaultHandles(digits);
    for (auto span = handles.rbegin(); span != handles.rend(); ++span) {
      if (span->handle.empty()) return Deny("the digits name a value of the vault in part");
      digits.replace(span->begin, span->end - span->begin, "0");
    }
    if (digits.empty() || static_cast<int>(digits.size()) > facts.policy->digits)
      return Deny(StrCat(digits.size(), " digits; expected 1 to ", facts.policy->digits));
    if (digits.find_first_not_of("0123456789*#") != std::string::npos)
      return Deny("the digits hold something other than 0 to 9, * and #");
    const std::vector<std::string>& declared = facts.request->scope.declared_digits;
    if (digits.front() == '*' &&
        std::find(declared.begin(), declared.end(), digits) == declared.end()) {
      return Deny("the digits begin with *, which the goal does not name");
    }
  }
  return any ? Pass() : Skip();
}

Outcome DestinationRule(const Facts& facts) {
  for (const DestinationFact& to : facts.destinations) {
    if (!to.form.ok())
      return Deny(StrCat(to.argument, " ", ShownText(to.written, 80), ": ", MessageOf(to.form)));
  }
  if (IsEffect(Risk(facts)) && facts.sinks.empty()) return Deny("it names nobody whom it reaches");
  return facts.destinations.empty() ? Skip() : Pass(Joined(facts.sinks));
}

// Runs `check` over each number; the first refusal counts.
template <typename Check>
Outcome ForNumbers(const Facts& facts, bool calls_only, Check check) {
  bool any = false;
  for (const DestinationFact& to : facts.destinations) {
    const bool call = to.role == ArgumentRole::kPhone;
    if (to.number.e164.empty() || !(call || (!calls_only && to.role == ArgumentRole::kSms)))
      continue;
    any = true;
    Outcome outcome = check(to);
    if (outcome.first != RuleOutcome::kPass) return outcome;
  }
  return any ? Pass() : Skip();
}

Outcome CountryRule(const Facts& facts) {
  return ForNumbers(facts, false, [&](const DestinationFact& to) {
    const std::vector<std::string>& own = facts.request->scope.countries;
    const std::vector<std::string>& all = facts.policy->countries;
    const bool allowed = !to.number.country.empty() &&
                         (std::find(all.begin(), all.end(), to.number.country) != all.end() ||
                          std::find(own.begin(), own.end(), to.number.country) != own.end());
    return allowed ? Pass()
                   : Deny(StrCat(to.number.e164, " is in ",
                                 to.number.country.empty() ? "no country" : to.number.country,
                                 ", which is not among the countries that may be called"));
  });
}

Outcome DoNotCallRule(const Facts& facts) {
  return ForNumbers(facts, false, [](const DestinationFact& to) {
    return to.blocked ? Deny(StrCat(to.number.e164, " must not be called: ", *to.blocked)) : Pass();
  });
}

Outcome HoursRuleOutcome(const Facts& facts) {
  return ForNumbers(facts, false, [](const DestinationFact& to) {
    return to.hours.allowed ? Pass() : Deny(StrCat(to.number.e164, ": ", to.hours.why));
  });
}

Outcome ConsentRuleOutcome(const Facts& facts) {
  return ForNumbers(facts, false, [&](const DestinationFact& to) {
    const ConsentClass given = to.consent.revoked ? ConsentClass::kNone : to.consent.given;
    if (given >= to.consent_needed) return Pass();
    return Deny(StrCat(to.number.e164, ": a call for the purpose \"",
                       Name(facts.request->scope.purpose), "\" needs ", Name(to.consent_needed),
                       " consent; ", to.consent.revoked ? "it was revoked" : "there is ",
                       to.consent.revoked ? "" : Name(given)));
  });
}

Outcome AttemptsRule(const Facts& facts) {
  return ForNumbers(facts, true, [](const DestinationFact& to) {
    return to.attempts.ok() ? Pass() : Deny(std::string(MessageOf(to.attempts)));
  });
}

Outcome DisclosureRule(const Facts& facts) {
  return ForNumbers(facts, true, [&](const DestinationFact&) {
    return facts.request->call.discloses || !facts.policy->require_disclosure
               ? Pass()
               : Deny("its first words would not say who calls and that a machine speaks");
  });
}

Outcome SecrecyRule(const Facts& facts) {
  for (const PayloadFact& payload : facts.payload) {
    if (payload.label.confidentiality < Confidentiality::kSensitive) continue;
    for (const std::string& sink : facts.sinks) {
      if (!payload.label.readers.Include(sink))
        return Deny(StrCat(payload.argument, " is ", Name(payload.label.confidentiality), " and ",
                           sink, " is not among its readers"));
    }
  }
  return Pass();
}

Outcome PrivateUrlRule(const Facts& facts) {
  bool any = false;
  for (const PayloadFact& payload : facts.payload) {
    if (payload.role != ArgumentRole::kUrl && payload.role != ArgumentRole::kQuery) continue;
    any = true;
    if (payload.label.confidentiality > Confidentiality::kPublic)
      return Deny(StrCat(payload.argument, " may hold ", Name(payload.label.confidentiality),
                         " data, and a URL or a search tells all of it"));
  }
  return any ? Pass() : Skip();
}

Outcome VaultSinkRule(const Facts& facts) {
  if (facts.handles.empty()) return Skip();
  if (facts.refused_handles.empty()) return Pass();
  const std::string& purpose = facts.request->scope.secret_purpose;
  return Deny(StrCat("the vault's ", ShownText(facts.refused_handles.front(), 64),
                     " may not go to ", facts.sinks.empty() ? "nobody" : Joined(facts.sinks),
                     purpose.empty() ? "" : StrCat(" for ", ShownText(purpose, 64))));
}

Outcome VaultScanRule(const Facts& facts) {
  if (facts.leaked.empty()) return Pass();
  return Deny(StrCat("the arguments hold the vault's ", facts.leaked.front(), " in plain"));
}

Outcome OriginRule(const Facts& facts) {
  const ToolRisk risk = Risk(facts);
  const bool grave =
      risk == ToolRisk::kMoney || risk == ToolRisk::kContract || risk == ToolRisk::kIdentity;
  bool asks = false;
  std::string why;
  for (const DestinationFact& to : facts.destinations) {
    if (to.label.quarantined)
      return Deny(StrCat(to.argument,
                         " comes from a memory that you have not accepted: ", SourcesOf(to.label)));
    if (to.label.integrity >= Integrity::kConfig || to.confirmed) continue;
    if (grave)
      return Deny(StrCat(to.argument, " does not come from you but from: ", SourcesOf(to.label)));
    asks = true;
    why += StrCat(why.empty() ? "" : "; ", to.argument, " ", ShownText(to.written, 80),
                  " comes from: ", SourcesOf(to.label));
  }
  if (asks) return Ask(why);
  return facts.destinations.empty() ? Skip() : Pass();
}

Outcome PersonalRule(const Facts& facts) {
  std::string why;
  for (const PayloadFact& payload : facts.payload) {
    if (payload.label.confidentiality != Confidentiality::kPersonal || payload.uncovered.empty())
      continue;
    why += StrCat(why.empty() ? "" : "; ", Joined(payload.uncovered), " would learn ",
                  payload.argument, ", which is personal");
  }
  return why.empty() ? Pass() : Ask(why);
}

Outcome ExposureRule(const Facts& facts) {
  if (!IsEffect(Risk(facts))) return Skip();
  if (facts.request->untrusted_input && facts.request->private_data)
    return Ask("this session has private data and has read what nobody vouches for");
  return Pass();
}

Outcome LearningRule(const Facts& facts) {
  if (Risk(facts) != ToolRisk::kLearn) return Skip();
  if (facts.request->tool.quarantines)
    return Pass("what you did not say yourself stays quarantined until you accept it");
  bool asks = false;
  for (const PayloadFact& payload : facts.payload) {
    if (payload.label.integrity == Integrity::kUntrusted)
      return Deny(StrCat(payload.argument, " comes from: ", SourcesOf(payload.label),
                         "; it stays quarantined until you accept it"));
    asks = asks || payload.label.integrity < Integrity::kConfig;
  }
  return asks ? Ask("what is to be remembered was not said by you in these words") : Pass();
}

Outcome RiskRule(const Facts& facts) {
  const ToolSpec& tool = facts.request->tool;
  Verdict verdict = facts.policy->by_risk[static_cast<std::size_t>(tool.risk)];
  std::string why =
      StrCat("the policy says ", Name(verdict), " of tools that are ", Name(tool.risk));
  const auto own = facts.policy->tools.find(tool.name);
  if (own != facts.policy->tools.end() && own->second.verdict && *own->second.verdict > verdict) {
    verdict = *own->second.verdict;
    why = StrCat("the policy says ", Name(verdict), " of ", tool.name);
  }
  if (verdict == Verdict::kDeny) return Deny(why);
  return verdict == Verdict::kConfirm ? Ask(why) : Pass(why);
}

Outcome BudgetRule(const Facts& facts) {
  return facts.budget.ok() ? Pass(DescribeAmounts(facts.worst))
                           : Deny(std::string(MessageOf(facts.budget)));
}

Outcome AnswerRule(const Facts& facts) {
  if (!facts.named_confirmation.ok()) return Deny(std::string(MessageOf(facts.named_confirmation)));
  if (facts.owner_said_no && !facts.approved) return Deny("you said no to exactly this");
  return facts.approved ? Pass("you said yes to exactly this") : Skip();
}

struct Rule {
  std::string_view name;
  Outcome (*apply)(const Facts&);
};

// Until the arguments are understood the rules behind have nothing to look at.
constexpr std::array<Rule, 23> kRules = {{
    {"kill_switch", KillSwitchRule},  {"declared", DeclaredRule},
    {"goal_scope", GoalScopeRule},    {"arguments", ArgumentsRule},
    {"repeats", RepeatsRule},         {"digits", DigitsRule},
    {"destination", DestinationRule}, {"country", CountryRule},
    {"do_not_call", DoNotCallRule},   {"calling_hours", HoursRuleOutcome},
    {"consent", ConsentRuleOutcome},  {"attempts", AttemptsRule},
    {"disclosure", DisclosureRule},   {"secrecy", SecrecyRule},
    {"private_url", PrivateUrlRule},  {"vault_sink", VaultSinkRule},
    {"vault_scan", VaultScanRule},    {"origin", OriginRule},
    {"personal", PersonalRule},       {"exposure", ExposureRule},
    {"learning", LearningRule},       {"risk", RiskRule},
    {"budget", BudgetRule},
}};
constexpr Rule kAnswer = {"answer", AnswerRule};

}  // namespace

std::string WhereItMayGo(const Facts& facts) {
  if (facts.declared.empty()) return "you declared no place for it, or there is no such value";
  return StrCat("you declared: ", Joined(facts.declared));
}

std::vector<RuleResult> ApplyRules(const Facts& facts) {
  std::vector<RuleResult> chain;
  for (const Rule& rule : kRules) {
    auto [outcome, why] = rule.apply(facts);
    chain.push_back({.rule = rule.name, .outcome = outcome, .why = std::move(why)});
    if (rule.name == "arguments" && outcome == RuleOutcome::kDeny) return chain;
  }
  auto [outcome, why] = kAnswer.apply(facts);
  chain.push_back({.rule = kAnswer.name, .outcome = outcome, .why = std::move(why)});
  return chain;
}

}  // namespace dragoman::safety
