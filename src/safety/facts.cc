#include "src/safety/facts.h"

#include <algorithm>
#include <set>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/tools/canonical_json.h"

namespace dragoman::safety {
namespace {

constexpr std::int64_t kMostMinutes = 60;

ArgumentRole RoleOf(const ToolSpec& tool, std::string_view argument) {
  for (const ArgumentSpec& spec : tool.roles) {
    if (spec.name == argument) return spec.role;
  }
  return ArgumentRole::kPayload;
}

Label LabelOf(const EffectRequest& request, const std::string& argument) {
  const auto found = request.labels.find(argument);
  return found == request.labels.end() ? Label{} : found->second;
}

void AddOnce(std::vector<std::string>& list, std::string value) {
  const auto at = std::lower_bound(list.begin(), list.end(), value);
  if (at == list.end() || *at != value) list.insert(at, std::move(value));
}

std::string DateOf(WallTime now) { return safety::FormatUtc(now).substr(0, 10); }

std::int64_t OfCurrency(const std::vector<Money>& money, std::string_view currency) {
  for (const Money& amount : money) {
    if (amount.currency == currency) return amount.hundredths;
  }
  return 0;
}

BudgetLimits Lower(const BudgetLimits& a, const std::optional<BudgetLimits>& own) {
  if (!own) return a;
  BudgetLimits lower{.money = {},
                     .calls = std::min(a.calls, own->calls),
                     .minutes = std::min(a.minutes, own->minutes),
                     .messages = std::min(a.messages, own->messages),
                     .tokens = std::min(a.tokens, own->tokens),
                     .steps = std::min(a.steps, own->steps)};
  for (const Money& amount : a.money) {
    lower.money.push_back(
        {std::min(amount.hundredths, OfCurrency(own->money, amount.currency)), amount.currency});
  }
  return lower;
}

void ReadPhone(const Policy& policy, const GovernorDependencies& with, const EffectRequest& request,
               WallTime now, DestinationFact& fact) {
  const GoalScope& scope = request.scope;
  fact.number = ClassifyNumber(fact.written, policy.home_country);
  const PhoneNumber& number = fact.number;
  if (!MayBeDialled(number.kind)) {
    fact.form = number.kind == NumberKind::kEmergency
                    ? InvalidArgument("an emergency number: no agent dials one; call it yourself")
                    : InvalidArgument("the number is ", Name(number.kind), ": never dialled");
    return;
  }
  fact.sink = "tel:" + number.e164;
  std::vector<std::string> places = number.places;
  std::vector<std::string> zones = number.zones;
  if (!request.call.zone.empty()) zones = {request.call.zone};
  if (!request.call.place.empty()) AddOnce(places, request.call.place);
  const auto blocked = with.calls->Blocked(scope.tenant, number.e164);
  fact.blocked = blocked.ok() ? *blocked : std::optional<std::string>("the list cannot be read");
  fact.hours = CheckCallingHours(policy.calling, places, zones, now);
  fact.consent_needed = ConsentNeeded(policy.calling, places, scope.purpose, now);
  const auto consent = with.calls->ConsentOf(scope.tenant, number.e164);
  if (consent.ok()) fact.consent = *consent;
  fact.caps = {.number_per_hour = policy.calls_per_number_per_hour,
               .number_per_day = policy.calls_per_number_per_day,
               .user_per_hour = policy.calls_per_hour,
               .user_per_day = policy.calls_per_day};
  const int lawful = CallsPer24Hours(policy.calling, places, now);
  if (lawful > 0) fact.caps.number_per_day = std::min(fact.caps.number_per_day, lawful);
  if (fact.role == ArgumentRole::kPhone)
    fact.attempts = with.calls->CheckAttempt(scope.tenant, scope.user, number.e164, fact.caps, now);
}

void ReadDestination(const Policy& policy, const GovernorDependencies& with,
                     const EffectRequest& request, WallTime now, DestinationFact& fact) {
  switch (fact.role) {
    case ArgumentRole::kPhone:
    case ArgumentRole::kSms:
      ReadPhone(policy, with, request, now, fact);
      break;
    case ArgumentRole::kMail: {
      const absl::StatusOr<std::string> mail = CanonicalMail(fact.written);
      fact.form = mail.status();
      if (mail.ok()) fact.sink = "mailto:" + *mail;
      break;
    }
    case ArgumentRole::kUrl: {
      const absl::StatusOr<WebAddress> address = CanonicalUrl(fact.written);
      fact.form = address.status();
      if (address.ok()) fact.sink = "host:" + address->host;
      break;
    }
    default: {
      const std::string name = CanonicalName(fact.written);
      fact.form = name.empty() ? InvalidArgument("the payee has no name") : absl::OkStatus();
      if (!name.empty()) fact.sink = "payee:" + name;
    }
  }
  fact.confirmed = !fact.sink.empty() &&
                   with.confirmations->Covers(request.scope.tenant, request.scope.goal, fact.sink);
}

// "{{vault:account-pin}}", wherever it stands in a text.
void FindHandles(std::string_view text, std::vector<std::string>& handles) {
  constexpr std::string_view kOpen = "{{vault:";
  for (std::size_t at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen, at)) {
    at += kOpen.size();
    const std::size_t end = std::min(text.find("}}", at), text.size());
    AddOnce(handles, std::string(text.substr(at, end - at)));
  }
}

absl::Status ReadMembers(const Policy& policy, const GovernorDependencies& with, Facts& facts) {
  const EffectRequest& request = *facts.request;
  for (const auto& [name, value] : facts.members) {
    const ArgumentRole role = RoleOf(request.tool, name);
    const Label label = LabelOf(request, name);
    if (!IsDestination(role) || role == ArgumentRole::kUrl)
      facts.payload.push_back({.argument = name,
                               .role = role,
                               .value = value,
                               .label = label,
                               .item = Sha256Hex(value)});
    if (!IsDestination(role)) continue;
    const absl::StatusOr<std::vector<std::string>> texts = TextsOf(value);
    if (!texts.ok() || texts->empty() || texts->size() > 20)
      return InvalidArgument(name, " is no destination; expected a text, or 1 to 20 of them");
    for (const std::string& text : *texts) {
      DestinationFact& fact = facts.destinations.emplace_back();
      fact.argument = name;
      fact.role = role;
      fact.written = text;
      fact.label = label;
      ReadDestination(policy, with, request, facts.now, fact);
      if (!fact.sink.empty()) AddOnce(facts.sinks, fact.sink);
    }
  }
  if (facts.sinks.empty() && facts.destinations.empty() && IsEffect(request.tool.risk) &&
      !request.session_sink.empty()) {
    AddOnce(facts.sinks, request.session_sink);
  }
  return absl::OkStatus();
}

// The strings and numbers of canonical JSON without its escapes: all of them, and the values alone.
std::pair<std::string, std::string> ScannedTexts(std::string_view json) {
  std::string all;
  std::string values;
  for (std::size_t i = 0; i < json.size(); ++i) {
    std::string piece;
    if (json[i] == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i) {
        if (json[i] != '\\') {
          piece += json[i];
          continue;
        }
        ++i;
        if (i < json.size() && json[i] == 'u') i += 4;
        piece += ' ';
      }
    } else if (json[i] >= '0' && json[i] <= '9') {
      while (i < json.size() && json[i] != ',' && json[i] != '}' && json[i] != ']')
        piece += json[i++];
    }
    if (piece.empty()) continue;
    all += piece + ' ';
    if (i + 1 >= json.size() || json[i] != '"' || json[i + 1] != ':') values += piece + ' ';
  }
  return {all, values};
}

void ReadFlows(const GovernorDependencies& with, Facts& facts) {
  const GoalScope& scope = facts.request->scope;
  for (PayloadFact& payload : facts.payload) {
    if (payload.label.confidentiality == Confidentiality::kPublic) continue;
    for (const std::string& sink : facts.sinks) {
      if (!payload.label.readers.Include(sink) &&
          !with.confirmations->CoversItem(scope.tenant, scope.goal, sink, payload.item)) {
        payload.uncovered.push_back(sink);
      }
    }
  }
  FindHandles(facts.canonical, facts.handles);
  for (const std::string& handle : facts.handles) {
    const bool may = with.grants != nullptr && !facts.sinks.empty() &&
                     std::all_of(facts.sinks.begin(), facts.sinks.end(), [&](const auto& sink) {
                       return with.grants->MayReceive(handle, sink, scope.secret_purpose);
                     });
    if (!may) facts.refused_handles.push_back(handle);
  }
  if (!facts.refused_handles.empty() && with.grants != nullptr)
    facts.declared = with.grants->Declared(facts.refused_handles.front());
  if (with.secrets == nullptr) return;
  // Once with the names of the arguments and once without: a value may be split over several.
  const auto [all, values] = ScannedTexts(facts.canonical);
  for (const SecretHit& hit : with.secrets->Find(all)) AddOnce(facts.leaked, hit.handle);
  for (const SecretHit& hit : with.secrets->Find(values)) AddOnce(facts.leaked, hit.handle);
}

absl::Status AddCosts(const Policy& policy, Facts& facts) {
  const ToolSpec& tool = facts.request->tool;
  Amounts& worst = facts.worst;
  worst.steps = 1;
  std::int64_t minutes = policy.call_length.count();
  bool priced = false;
  for (const PayloadFact& payload : facts.payload) {
    if (payload.role == ArgumentRole::kMoney) {
      const auto texts = TextsOf(payload.value);
      const auto money = texts.ok() && texts->size() == 1
                             ? ParseMoney(texts->front())
                             : absl::StatusOr<Money>(InvalidArgument("an amount is one text"));
      if (!money.ok()) return InvalidArgument(payload.argument, ": ", MessageOf(money.status()));
      worst = Add(worst, {.money = {*money}});
      priced = true;
    }
    if (payload.role == ArgumentRole::kMinutes) {
      minutes = 0;
      for (char c : payload.value) {
        if (c < '0' || c > '9' || minutes > kMostMinutes)
          return InvalidArgument(payload.argument, " is no whole number of minutes");
        minutes = minutes * 10 + (c - '0');
      }
      if (minutes < 1 || minutes > kMostMinutes)
        return InvalidArgument(payload.argument, " is ", minutes, "; expected 1 to ", kMostMinutes,
                               " minutes");
    }
  }
  for (const DestinationFact& to : facts.destinations) {
    if (to.role == ArgumentRole::kPhone) {
      Amounts call{.money = policy.cost_per_call_minute, .calls = 1, .minutes = minutes};
      for (Money& money : call.money) money.hundredths *= minutes;
      worst = Add(worst, call);
    }
    if (to.role == ArgumentRole::kSms)
      worst = Add(worst, {.money = policy.cost_per_message, .messages = 1});
    if (to.role == ArgumentRole::kMail) worst = Add(worst, {.messages = 1});
  }
  const auto rule = policy.tools.find(tool.name);
  if (rule != policy.tools.end() && rule->second.cost) {
    worst = Add(worst, {.money = {*rule->second.cost}});
    priced = true;
  }
  if (tool.risk == ToolRisk::kMoney && !priced)
    return InvalidArgument("what it costs at most is not known: no argument has the role of money");
  return absl::OkStatus();
}

void FindAccounts(const Policy& policy, Facts& facts) {
  const GoalScope& scope = facts.request->scope;
  BudgetLimits goal = policy.goal;
  goal.steps = std::min<std::int64_t>(goal.steps, policy.steps_per_goal);
  facts.accounts.push_back({.key = GoalKey(scope, scope.goal),
                            .limits = Lower(goal, scope.budget),
                            .parallel_calls = policy.parallel_calls});
  for (const ParentGoal& parent : scope.parents) {
    facts.accounts.push_back({.key = GoalKey(scope, parent.goal),
                              .limits = Lower(goal, parent.budget),
                              .parallel_calls = policy.parallel_calls});
  }
  const std::string date = DateOf(facts.now);
  facts.accounts.push_back(
      {.key = StrCat("user-day ", JsonString(scope.tenant), " ", JsonString(scope.user), " ", date),
       .limits = policy.user_day});
  facts.accounts.push_back({.key = StrCat("tenant-day ", JsonString(scope.tenant), " ", date),
                            .limits = policy.tenant_day});
}

void Bind(const Policy& policy, const GovernorDependencies& with, Facts& facts) {
  const EffectRequest& request = *facts.request;
  std::string sinks;
  for (const std::string& sink : facts.sinks) sinks += (sinks.empty() ? "" : " ") + sink;
  facts.binding = {.tool = request.tool.name,
                   .schema_hash = facts.fingerprint,
                   .arguments = facts.canonical,
                   .destinations = sinks,
                   .caller_identity = request.caller_identity,
                   .cost_ceiling = DescribeAmounts(facts.worst),
                   .goal = request.scope.goal,
                   .tenant = request.scope.tenant,
                   .user = request.scope.user,
                   .policy_version = policy.version};
  if (request.confirmation.empty()) {
    facts.approved = with.confirmations->FindApproved(facts.binding, facts.now);
  } else {
    const auto named = with.confirmations->Find(request.confirmation, facts.now);
    facts.named_confirmation = named.status();
    if (named.ok() && DigestOf(facts.binding, named->expires, named->id) != named->digest) {
      facts.named_confirmation = InvalidArgument("the answer binds something else than this");
    } else if (named.ok() && named->state != ConfirmationState::kApproved) {
      facts.named_confirmation = FailedPrecondition("the question is ", Name(named->state));
    } else if (named.ok()) {
      facts.approved = *named;
    }
  }
  facts.owner_said_no = with.confirmations->Refused(facts.binding, facts.now);
}

}  // namespace

bool IsEffect(ToolRisk risk) {
  switch (risk) {
    case ToolRisk::kRead:
    case ToolRisk::kLocal:
    case ToolRisk::kLearn:
      return false;
    default:
      return true;
  }
}

bool IsDestination(ArgumentRole role) {
  return role == ArgumentRole::kPhone || role == ArgumentRole::kSms ||
         role == ArgumentRole::kMail || role == ArgumentRole::kUrl || role == ArgumentRole::kPayee;
}

std::string GoalKey(const GoalScope& scope, std::string_view goal) {
  return StrCat("goal ", JsonString(scope.tenant), " ", JsonString(scope.user), " ",
                JsonString(goal));
}

Facts GatherFacts(const Policy& policy, const GovernorDependencies& with,
                  const EffectRequest& request) {
  Facts facts;
  facts.policy = &policy;
  facts.request = &request;
  facts.now = with.clock->WallNow();
  facts.stopped = with.kill->Stopped(request.scope.tenant, request.scope.goal);
  facts.fingerprint = ToolFingerprint(request.tool);
  const auto canonical = CanonicalJson(request.arguments);
  const auto members = CanonicalMembers(request.arguments);
  if (!canonical.ok() || !members.ok()) {
    facts.arguments = canonical.ok() ? members.status() : canonical.status();
    return facts;
  }
  if (request.scope.tenant.empty() || request.scope.user.empty() || request.scope.goal.empty()) {
    facts.arguments = InvalidArgument("the goal, its user or tenant is not named");
    return facts;
  }
  facts.canonical = *canonical;
  facts.members = *members;
  facts.arguments = ReadMembers(policy, with, facts);
  if (facts.arguments.ok()) facts.arguments = AddCosts(policy, facts);
  if (!facts.arguments.ok()) return facts;
  ReadFlows(with, facts);
  facts.repeat_digest = Sha256Hex(StrCat(JsonString(request.tool.name), facts.canonical));
  facts.repeats = with.repeats->CheckCall(GoalKey(request.scope, request.scope.goal),
                                          facts.repeat_digest, policy.identical_calls);
  FindAccounts(policy, facts);
  facts.budget = with.budgets->Check(facts.accounts, facts.worst);
  Bind(policy, with, facts);
  return facts;
}

}  // namespace dragoman::safety
