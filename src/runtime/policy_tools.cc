#include "dragoman/runtime/policy_tools.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "dragoman/core/clock.h"
#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/providers/mail/mail_sender.h"
#include "dragoman/providers/notes/memory_tools.h"
#include "dragoman/runtime/call_steps.h"
#include "dragoman/tasks/goal_plan.h"
#include "dragoman/tools/canonical_json.h"

namespace dragoman {
namespace {

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return NotFound("cannot read ", path);
  return text.str();
}

absl::StatusOr<ToolSpec> FindTool(const std::string& name) {
  const ToolSpec tools[] = {SendEmailSpec({}), PlaceCallSpec(), NoteSpec(),
                            RememberSpec(),    RecallSpec(),    AskUserTool()};
  std::vector<std::string_view> names;
  for (const ToolSpec& tool : tools) {
    if (tool.name == name) return tool;
    names.push_back(tool.name);
  }
  return NotFound("no tool \"", name, "\"; did you mean \"", Nearest(name, names), "\"?");
}

absl::StatusOr<Label> LabelFrom(std::string_view word) {
  for (const Integrity one : {Integrity::kUntrusted, Integrity::kDerived, Integrity::kService,
                              Integrity::kConfig, Integrity::kUser}) {
    if (Name(one) != word) continue;
    Label label = UserLabel();
    label.integrity = one;
    label.sources = {StrCat("--from ", word)};
    return label;
  }
  return InvalidArgument("from is \"", word,
                         "\"; expected user, config, service, derived or untrusted");
}

absl::Status ReadLabels(const PolicyQuestion& question, EffectRequest& request) {
  DRAGOMAN_ASSIGN_OR_RETURN(const auto members, CanonicalMembers(question.arguments));
  for (const auto& [name, value] : members) request.labels[name] = UserLabel();
  for (const std::string& from : question.from) {
    const std::size_t equals = from.find('=');
    DRAGOMAN_ASSIGN_OR_RETURN(
        const Label label, LabelFrom(equals == std::string::npos ? from : from.substr(equals + 1)));
    if (label.integrity == Integrity::kUntrusted) request.untrusted_input = true;
    if (equals == std::string::npos) {
      for (auto& [name, old] : request.labels) old = label;
    } else if (request.labels.contains(from.substr(0, equals))) {
      request.labels[from.substr(0, equals)] = label;
    } else {
      return InvalidArgument("there is no argument \"", from.substr(0, equals), "\"");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Policy> ReadPolicyFiles(const std::string& policy_file,
                                       const std::string& calling_rules_file) {
  std::string policy(DefaultPolicyText()), rules(DefaultCallingRulesText());
  if (!policy_file.empty()) {
    DRAGOMAN_ASSIGN_OR_RETURN(policy, ReadText(policy_file));
  }
  if (!calling_rules_file.empty()) {
    DRAGOMAN_ASSIGN_OR_RETURN(rules, ReadText(calling_rules_file));
  }
  return ParsePolicy(policy, policy_file.empty() ? "policy" : policy_file, rules,
                     calling_rules_file.empty() ? "calling rules" : calling_rules_file);
}

absl::StatusOr<Decision> ExplainPolicy(const PolicyQuestion& question) {
  DRAGOMAN_ASSIGN_OR_RETURN(Policy policy,
                            ReadPolicyFiles(question.policy_file, question.calling_rules_file));
  EffectRequest request{.untrusted_input = false, .private_data = false};
  DRAGOMAN_ASSIGN_OR_RETURN(request.tool, FindTool(question.tool));
  request.arguments = question.arguments;
  DRAGOMAN_RETURN_IF_ERROR(ReadLabels(question, request));
  request.scope = {.tenant = "local",
                   .user = "owner",
                   .goal = "explained",
                   .title = "a question",
                   .tools = {{request.tool.name, ToolFingerprint(request.tool)}},
                   .countries = question.countries};
  bool known = false;
  for (const CallPurpose purpose :
       {CallPurpose::kMarketing, CallPurpose::kPersonal, CallPurpose::kErrand}) {
    if (Name(purpose) != question.purpose) continue;
    request.scope.purpose = purpose;
    known = true;
  }
  if (!known) {
    return InvalidArgument("purpose is \"", question.purpose,
                           "\"; expected errand, personal or marketing");
  }
  request.call.discloses = true;
  SystemClock clock;
  SystemRandom random;
  const auto budgets = MakeMemoryBudgetLedger();
  const auto calls = MakeMemoryCallLedger();
  const auto repeats = MakeMemoryRepeatLedger();
  const auto confirmations = MakeMemoryConfirmationBook();
  MemoryDecisionLog decisions;
  KillSwitch kill;
  DRAGOMAN_ASSIGN_OR_RETURN(const auto governor,
                            MakeGovernor(std::move(policy), {.clock = &clock,
                                                             .random = &random,
                                                             .budgets = budgets.get(),
                                                             .calls = calls.get(),
                                                             .repeats = repeats.get(),
                                                             .confirmations = confirmations.get(),
                                                             .decisions = &decisions,
                                                             .kill = &kill}));
  return governor->Explain(request);
}

}  // namespace dragoman
