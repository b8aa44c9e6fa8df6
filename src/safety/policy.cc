#include "dragoman/safety/policy.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/tools/canonical_json.h"
#include "src/toml/toml_table.h"

namespace dragoman {
namespace {

using std::chrono::sys_days;

constexpr std::int64_t kMost = 1'000'000'000;

// A word out of a list; the message names the list.
template <typename Value>
void ReadWord(TomlTable& table, std::string_view key,
              const std::vector<std::pair<std::string_view, Value>>& words, Value& out) {
  std::string text;
  table.Read(key, text);
  if (!table.Has(key) || !table.ok()) return;
  std::string list;
  for (const auto& [word, value] : words) {
    if (word == text) {
      out = value;
      return;
    }
    list += StrCat(list.empty() ? "" : ", ", word);
  }
  table.Fail(key,
             StrCat(key, " is \"", EscapeLine(text.substr(0, 40)), "\"; expected one of ", list));
}

void ReadVerdict(TomlTable& table, std::string_view key, Verdict& out) {
  ReadWord<Verdict>(
      table, key,
      {{"allow", Verdict::kAllow}, {"confirm", Verdict::kConfirm}, {"deny", Verdict::kDeny}}, out);
}

void ReadMoney(TomlTable& table, std::string_view key, std::vector<Money>& out) {
  std::vector<std::string> texts;
  table.Read(key, texts);
  std::vector<Money> amounts;
  for (const std::string& text : texts) {
    const absl::StatusOr<Money> money = ParseMoney(text);
    if (!money.ok()) return table.Fail(key, MessageOf(money.status()));
    for (const Money& other : amounts) {
      if (other.currency == money->currency)
        return table.Fail(key, StrCat(key, " names ", money->currency, " twice"));
    }
    amounts.push_back(*money);
  }
  if (table.Has(key)) out = std::move(amounts);
}

std::optional<int> TwoDigits(std::string_view text, std::size_t at) {
  if (at + 2 > text.size()) return std::nullopt;
  const char a = text[at];
  const char b = text[at + 1];
  if (a < '0' || a > '9' || b < '0' || b > '9') return std::nullopt;
  return (a - '0') * 10 + (b - '0');
}

std::optional<sys_days> ParseDate(std::string_view text) {
  const auto century = TwoDigits(text, 0);
  const auto year = TwoDigits(text, 2);
  const auto month = TwoDigits(text, 5);
  const auto day = TwoDigits(text, 8);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !century || !year || !month || !day)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*century * 100 + *year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date);
}

void ReadDate(TomlTable& table, std::string_view key, std::optional<sys_days>& out) {
  std::string text;
  table.Read(key, text);
  if (!table.Has(key) || !table.ok()) return;
  out = ParseDate(text);
  if (!out)
    table.Fail(key, StrCat(key, " is \"", EscapeLine(text.substr(0, 40)),
                           "\"; expected a date such as \"2026-01-31\""));
}

void ReadSince(TomlTable& table, sys_days& out) {
  std::optional<sys_days> since;
  ReadDate(table, "since", since);
  if (since) out = *since;
  if (!since && table.ok()) table.Fail("since", "since is missing: each rule holds from a date on");
}

// "08:00-21:00" or "never".
void ReadWindow(TomlTable& table, std::string_view key, std::optional<DayWindow>& out) {
  std::string text;
  table.Read(key, text);
  if (!table.Has(key) || !table.ok()) return;
  if (text == "never") {
    out = DayWindow{.from = 0, .to = 0};
    return;
  }
  const auto from_hour = TwoDigits(text, 0);
  const auto from_minute = TwoDigits(text, 3);
  const auto to_hour = TwoDigits(text, 6);
  const auto to_minute = TwoDigits(text, 9);
  if (text.size() == 11 && text[2] == ':' && text[5] == '-' && text[8] == ':' && from_hour &&
      from_minute && to_hour && to_minute && *from_minute < 60 && *to_minute < 60) {
    const DayWindow window{.from = *from_hour * 60 + *from_minute,
                           .to = *to_hour * 60 + *to_minute};
    if (window.from < window.to && window.to <= 24 * 60) {
      out = window;
      return;
    }
  }
  table.Fail(key, StrCat(key, " is \"", EscapeLine(text.substr(0, 40)),
                         "\"; expected local times such as \"08:00-21:00\", or \"never\""));
}

bool IsCountry(std::string_view text) {
  return text.size() == 2 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

void ReadPlace(TomlTable& table, std::string& out) {
  table.Read("place", out);
  const std::string_view place = out;
  const bool known = place == "*" || IsCountry(place) ||
                     (place.size() == 5 && place[2] == '-' && IsCountry(place.substr(0, 2)) &&
                      IsCountry(place.substr(3)));
  if (table.ok() && !known)
    table.Fail("place", StrCat("place is \"", EscapeLine(place.substr(0, 40)),
                               "\"; expected \"*\", a country such as \"US\" or a part of one "
                               "such as \"US-FL\""));
}

void ReadHours(TomlTable& table, HoursRule& rule) {
  rule.line = table.line();
  ReadPlace(table, rule.place);
  ReadSince(table, rule.since);
  ReadDate(table, "until", rule.until);
  std::optional<DayWindow> daily;
  ReadWindow(table, "daily", daily);
  rule.windows.fill(daily);
  ReadWindow(table, "weekday", rule.windows[0]);
  ReadWindow(table, "saturday", rule.windows[1]);
  ReadWindow(table, "sunday", rule.windows[2]);
  ReadWindow(table, "holiday", rule.windows[3]);
  table.Read("calls_per_24h", rule.calls_per_24h, 0, 1000);
  table.Read("source", rule.source);
}

void ReadPurpose(TomlTable& table, CallPurpose& out) {
  ReadWord<CallPurpose>(table, "purpose",
                        {{"marketing", CallPurpose::kMarketing},
                         {"personal", CallPurpose::kPersonal},
                         {"errand", CallPurpose::kErrand}},
                        out);
}

void ReadConsent(TomlTable& table, ConsentRule& rule) {
  rule.line = table.line();
  ReadPlace(table, rule.place);
  ReadPurpose(table, rule.purpose);
  ReadWord<ConsentClass>(table, "needs",
                         {{"none", ConsentClass::kNone},
                          {"express", ConsentClass::kExpress},
                          {"written", ConsentClass::kWritten}},
                         rule.needs);
  ReadSince(table, rule.since);
  ReadDate(table, "until", rule.until);
  table.Read("source", rule.source);
}

void ReadFormat(TomlTable& file, std::string& name) {
  int format = 0;
  file.Read("format", format, 0, 1'000'000);
  if (file.ok() && format != 1)
    file.Fail("format", StrCat("format is ", format, "; this version reads format 1"));
  file.Read("name", name);
  if (file.ok() && (name.empty() || name.size() > 64))
    file.Fail("name",
              "name is missing or longer than 64 bytes; expected a name such as \"ours-1\"");
}

std::string Versioned(std::string_view name, std::string_view text) {
  return StrCat(name, "@", Sha256Hex(text).substr(0, 12));
}

absl::StatusOr<CallingRules> ParseCallingRules(std::string_view text, std::string_view file_name) {
  TomlErrors errors{.file = std::string(file_name), .first = absl::OkStatus()};
  DRAGOMAN_ASSIGN_OR_RETURN(TomlTable file, TomlTable::Parse(text, errors));
  CallingRules rules;
  std::string name;
  ReadFormat(file, name);
  file.ReadTables("hours", [&](TomlTable& t) { ReadHours(t, rules.hours.emplace_back()); });
  file.ReadTables("consent", [&](TomlTable& t) { ReadConsent(t, rules.consent.emplace_back()); });
  file.ReadTables("recording", [&](TomlTable& table) {
    RecordingRule& rule = rules.recording.emplace_back();
    rule.line = table.line();
    ReadPlace(table, rule.place);
    table.Read("announce", rule.announce);
    ReadSince(table, rule.since);
    table.Read("source", rule.source);
  });
  file.RefuseOthers();
  if (!errors.first.ok()) return errors.first;
  rules.version = Versioned(name, text);
  return rules;
}

void ReadBudget(TomlTable& table, BudgetLimits& limits) {
  ReadMoney(table, "money", limits.money);
  table.Read("calls", limits.calls, 0, kMost);
  table.Read("minutes", limits.minutes, 0, kMost);
  table.Read("messages", limits.messages, 0, kMost);
  table.Read("tokens", limits.tokens, 0, kMost * 1000);
  table.Read("steps", limits.steps, 0, kMost);
}

void ReadLimits(TomlTable& table, Policy& policy) {
  table.Read("steps_per_goal", policy.steps_per_goal, 1, 10'000);
  table.Read("identical_calls", policy.identical_calls, 1, 100);
  table.Read("digits", policy.digits, 0, 64);
  table.Read("calls_per_number_per_hour", policy.calls_per_number_per_hour, 0, 1000);
  table.Read("calls_per_number_per_day", policy.calls_per_number_per_day, 0, 1000);
  table.Read("calls_per_hour", policy.calls_per_hour, 0, 100'000);
  table.Read("calls_per_day", policy.calls_per_day, 0, 1'000'000);
  table.Read("parallel_calls", policy.parallel_calls, 0, 1000);
  std::chrono::milliseconds ttl = policy.confirmation_ttl;
  table.Read("confirmation_ttl", ttl, std::chrono::minutes(1), std::chrono::minutes(60));
  policy.confirmation_ttl = std::chrono::duration_cast<std::chrono::minutes>(ttl);
  table.Read("decision_timeout", policy.decision_timeout, std::chrono::milliseconds(10),
             std::chrono::seconds(2));
  std::chrono::milliseconds length = policy.call_length;
  table.Read("call_length", length, std::chrono::minutes(1), std::chrono::minutes(60));
  policy.call_length = std::chrono::duration_cast<std::chrono::minutes>(length);
}

void ReadDestinations(TomlTable& table, Policy& policy) {
  table.Read("home", policy.home_country);
  if (table.ok() && !policy.home_country.empty() && !IsCountry(policy.home_country))
    table.Fail("home", "home is no country; expected two letters such as \"US\"");
  table.Read("countries", policy.countries);
  for (const std::string& country : policy.countries) {
    if (!IsCountry(country))
      table.Fail("countries", StrCat("countries holds \"", EscapeLine(country.substr(0, 40)),
                                     "\"; expected two letters such as \"US\""));
  }
  std::sort(policy.countries.begin(), policy.countries.end());
}

void ReadTool(TomlTable& table, ToolRule& rule) {
  rule.line = table.line();
  Verdict verdict = Verdict::kDeny;
  ReadVerdict(table, "verdict", verdict);
  if (table.Has("verdict")) rule.verdict = verdict;
  std::string cost;
  table.Read("cost", cost);
  if (!table.Has("cost") || !table.ok()) return;
  const absl::StatusOr<Money> money = ParseMoney(cost);
  if (!money.ok()) return table.Fail("cost", MessageOf(money.status()));
  rule.cost = *money;
}

}  // namespace

std::string_view Name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAllow:
      return "ALLOW";
    case Verdict::kConfirm:
      return "CONFIRM";
    case Verdict::kDeny:
      return "DENY";
  }
  return "DENY";
}

std::string_view Name(CallPurpose purpose) {
  switch (purpose) {
    case CallPurpose::kMarketing:
      return "marketing";
    case CallPurpose::kPersonal:
      return "personal";
    case CallPurpose::kErrand:
      return "errand";
  }
  return "marketing";
}

std::string_view Name(ConsentClass consent) {
  switch (consent) {
    case ConsentClass::kNone:
      return "none";
    case ConsentClass::kExpress:
      return "express";
    case ConsentClass::kWritten:
      return "written";
  }
  return "written";
}

absl::StatusOr<Policy> ParsePolicy(std::string_view policy_text, std::string_view file_name,
                                   std::string_view rules_text, std::string_view rules_file) {
  TomlErrors errors{.file = std::string(file_name), .first = absl::OkStatus()};
  DRAGOMAN_ASSIGN_OR_RETURN(TomlTable file, TomlTable::Parse(policy_text, errors));
  Policy policy;
  std::string name;
  ReadFormat(file, name);
  file.ReadTable("risk", [&](TomlTable& table) {
    for (ToolRisk risk :
         {ToolRisk::kRead, ToolRisk::kLocal, ToolRisk::kOutward, ToolRisk::kMoney,
          ToolRisk::kContract, ToolRisk::kIdentity, ToolRisk::kLearn, ToolRisk::kTransfer}) {
      ReadVerdict(table, Name(risk), policy.by_risk[static_cast<std::size_t>(risk)]);
    }
  });
  file.ReadTable("destinations", [&](TomlTable& table) { ReadDestinations(table, policy); });
  file.ReadTable("limits", [&](TomlTable& table) { ReadLimits(table, policy); });
  file.ReadTable("cost", [&](TomlTable& table) {
    ReadMoney(table, "call_minute", policy.cost_per_call_minute);
    ReadMoney(table, "message", policy.cost_per_message);
  });
  file.ReadTable("budget", [&](TomlTable& table) {
    table.ReadTable("goal", [&](TomlTable& t) { ReadBudget(t, policy.goal); });
    table.ReadTable("user_day", [&](TomlTable& t) { ReadBudget(t, policy.user_day); });
    table.ReadTable("tenant_day", [&](TomlTable& t) { ReadBudget(t, policy.tenant_day); });
  });
  file.ReadTable("calls", [&](TomlTable& table) {
    table.Read("require_disclosure", policy.require_disclosure);
  });
  file.ReadNamed("tool", [&](const std::string& tool, TomlTable& table) {
    ReadTool(table, policy.tools[tool]);
  });
  file.RefuseOthers();
  if (!errors.first.ok()) return errors.first;
  DRAGOMAN_ASSIGN_OR_RETURN(policy.calling, ParseCallingRules(rules_text, rules_file));
  policy.version = StrCat(Versioned(name, policy_text), "+", policy.calling.version);
  return policy;
}

absl::StatusOr<Policy> DefaultPolicy() {
  return ParsePolicy(DefaultPolicyText(), "default_policy.toml", DefaultCallingRulesText(),
                     "calling_rules.toml");
}

absl::StatusOr<Policy> AnsweringPolicy() {
  return ParsePolicy(AnsweringPolicyText(), "answering_policy.toml", DefaultCallingRulesText(),
                     "calling_rules.toml");
}

}  // namespace dragoman
