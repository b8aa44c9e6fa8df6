// What the governor decides by: a versioned file that a person can read.
#ifndef DRAGOMAN_SAFETY_POLICY_H_
#define DRAGOMAN_SAFETY_POLICY_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/conversation/mandate.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/export.h"

namespace dragoman {

enum class Verdict { kAllow, kConfirm, kDeny };          // strictest last
DRAGOMAN_EXPORT std::string_view Name(Verdict verdict);  // "CONFIRM"

// What a call is for: stricter rules hold for some. Undeclared is treated as marketing.
enum class CallPurpose {
  kMarketing,  // sells, or may be taken to
  kPersonal,   // to a private person whom the owner knows
  kErrand,     // to a business, for the owner: a table, an appointment, a contract of theirs
};
DRAGOMAN_EXPORT std::string_view Name(CallPurpose purpose);

// Local time of day in minutes, `from` included, `to` not; from == to: never.
struct DRAGOMAN_EXPORT DayWindow {
  int from = 0;
  int to = 24 * 60;
  friend bool operator==(const DayWindow&, const DayWindow&) = default;
};

enum class DayKind { kWeekday, kSaturday, kSunday, kHoliday };  // a holiday is nothing else beside

// When and how often somebody may be called in a place, from a date on.
struct DRAGOMAN_EXPORT HoursRule {
  std::string place;                                // "*" everywhere, "US", "US-FL"
  std::chrono::sys_days since{};                    // the first day on which it holds
  std::optional<std::chrono::sys_days> until;       // the first on which it no longer does
  std::array<std::optional<DayWindow>, 4> windows;  // by DayKind; none: says nothing of that day
  int calls_per_24h = 0;                            // to one number; 0: says nothing
  std::string source;
  int line = 0;
};

// The consent that a purpose needs in a place.
enum class ConsentClass { kNone, kExpress, kWritten };
DRAGOMAN_EXPORT std::string_view Name(ConsentClass consent);
struct DRAGOMAN_EXPORT ConsentRule {
  std::string place;
  CallPurpose purpose = CallPurpose::kMarketing;
  ConsentClass needs = ConsentClass::kWritten;
  std::chrono::sys_days since{};
  std::optional<std::chrono::sys_days> until;
  std::string source;
  int line = 0;
};

// Whether everybody on the line must know that it is recorded.
struct DRAGOMAN_EXPORT RecordingRule {
  std::string place;
  bool announce = true;
  std::chrono::sys_days since{};
  std::string source;
  int line = 0;
};

struct DRAGOMAN_EXPORT CallingRules {
  std::string version;  // "2026-11@1f2e3d4c5b6a": the file's name for itself and its digest
  std::vector<HoursRule> hours;
  std::vector<ConsentRule> consent;
  std::vector<RecordingRule> recording;
};

// Caps of one account. Money per currency; a currency that is not named may not be spent.
struct DRAGOMAN_EXPORT BudgetLimits {
  std::vector<Money> money;
  std::int64_t calls = 0;
  std::int64_t minutes = 0;
  std::int64_t messages = 0;
  std::int64_t tokens = 0;
  std::int64_t steps = 0;
};

struct DRAGOMAN_EXPORT ToolRule {
  std::optional<Verdict> verdict;  // never milder than what the tool's risk has
  std::optional<Money> cost;       // the most that one use costs
  int line = 0;
};

struct DRAGOMAN_EXPORT Policy {
  std::string version;  // "default-2026-11@9a8b7c6d5e4f": its name and the digest of its text
  // By ToolRisk; an undeclared, administrative tool is refused whatever stands here.
  std::array<Verdict, 10> by_risk{Verdict::kDeny, Verdict::kDeny, Verdict::kDeny, Verdict::kDeny,
                                  Verdict::kDeny, Verdict::kDeny, Verdict::kDeny, Verdict::kDeny,
                                  Verdict::kDeny, Verdict::kDeny};
  std::map<std::string, ToolRule> tools;
  std::string home_country;            // of numbers written without a country code
  std::vector<std::string> countries;  // that may be called or written to; sorted
  bool require_disclosure = true;      // of every call that is placed

  int steps_per_goal = 30;
  int identical_calls = 3;  // without progress; the next one is refused and the goal escalated
  int digits = 32;          // keys pressed in one go
  int calls_per_number_per_hour = 2;
  int calls_per_number_per_day = 3;
  int calls_per_hour = 20;  // of one user
  int calls_per_day = 60;
  int parallel_calls = 1;                           // of one goal
  std::chrono::minutes confirmation_ttl{10};        // 1 to 60
  std::chrono::milliseconds decision_timeout{200};  // 10 to 2000
  std::chrono::minutes call_length{10};  // what a call without a limit of its own reserves; to 60

  std::vector<Money> cost_per_call_minute;  // reserved; what is settled is what the carrier bills
  std::vector<Money> cost_per_message;
  BudgetLimits goal, user_day, tenant_day;

  CallingRules calling;
};

// Reads a policy file and a file of calling rules (both TOML, at most 64 KiB). kInvalidArgument
// names file, line and key; an unknown key is named with the nearest known one.
DRAGOMAN_EXPORT absl::StatusOr<Policy> ParsePolicy(std::string_view policy_text,
                                                   std::string_view file,
                                                   std::string_view rules_text,
                                                   std::string_view rules_file);
// The texts that are shipped: what ParsePolicy reads where an application has none of its own.
DRAGOMAN_EXPORT std::string_view DefaultPolicyText();
DRAGOMAN_EXPORT std::string_view DefaultCallingRulesText();
DRAGOMAN_EXPORT absl::StatusOr<Policy> DefaultPolicy();
// Of agents that answer the telephone: reads, and writes into the house's own books.
DRAGOMAN_EXPORT std::string_view AnsweringPolicyText();
DRAGOMAN_EXPORT absl::StatusOr<Policy> AnsweringPolicy();

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_POLICY_H_
