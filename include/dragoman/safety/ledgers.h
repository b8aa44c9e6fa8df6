// What the governor remembers between decisions. The implementations here keep it in memory; a
// store that lasts implements the same contracts (the suite is in tests/contract/).
#ifndef DRAGOMAN_SAFETY_LEDGERS_H_
#define DRAGOMAN_SAFETY_LEDGERS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/conversation/mandate.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"
#include "dragoman/safety/policy.h"

namespace dragoman {

struct DRAGOMAN_EXPORT Amounts {
  std::vector<Money> money;  // one entry per currency, in the order of their names
  std::int64_t calls = 0;
  std::int64_t minutes = 0;
  std::int64_t messages = 0;
  std::int64_t tokens = 0;
  std::int64_t steps = 0;
  friend bool operator==(const Amounts&, const Amounts&) = default;
};
DRAGOMAN_EXPORT Amounts Add(const Amounts& a, const Amounts& b);

struct DRAGOMAN_EXPORT BudgetAccount {
  std::string key;  // "goal t1/u1/g7", "user-day t1/u1 2026-11-21"
  BudgetLimits limits;
  int parallel_calls = 0;  // reservations with a call that are open at once; 0: not capped here
};

// Money, minutes and the rest, reserved before an effect is armed and settled after. Thread-safe.
class DRAGOMAN_EXPORT BudgetLedger {
 public:
  virtual ~BudgetLedger() = default;
  // All accounts or none. kResourceExhausted names the account and what is short. The id is new.
  virtual absl::StatusOr<std::string> Reserve(const std::vector<BudgetAccount>& accounts,
                                              const Amounts& worst_case) = 0;
  // What Reserve would say now; reserves nothing.
  virtual absl::Status Check(const std::vector<BudgetAccount>& accounts,
                             const Amounts& worst_case) const = 0;
  // Replaces the reservation by what was really spent, which may be more: then later reservations
  // find less. kNotFound: no such open reservation (settled before).
  virtual absl::Status Settle(std::string_view reservation, const Amounts& actual) = 0;
  // Nothing more will be spent from it; a ledger that would grow for ever lets go of it. Nothing
  // when something is reserved still.
  virtual void Forget(std::string_view account) { (void)account; }
  // Spent and reserved.
  virtual Amounts Used(std::string_view account) const = 0;
};
DRAGOMAN_EXPORT std::unique_ptr<BudgetLedger> MakeMemoryBudgetLedger();

struct DRAGOMAN_EXPORT AttemptCaps {
  int number_per_hour = 0;  // each: 0 allows none
  int number_per_day = 0;
  int user_per_hour = 0;
  int user_per_day = 0;
};

struct DRAGOMAN_EXPORT Consent {
  ConsentClass given = ConsentClass::kNone;
  std::string source;  // "web form of 2026-10-01"
  WallTime recorded{};
  bool revoked = false;
};

// Who was called and when, who must not be, who agreed to be. Numbers in E.164; `tenant` keeps
// lists apart. Thread-safe.
class DRAGOMAN_EXPORT CallLedger {
 public:
  virtual ~CallLedger() = default;
  // Counts an attempt if all caps allow one more, both at once. A day is the last 24 hours.
  // kResourceExhausted names the cap. Attempts are remembered for at least 24 hours.
  virtual absl::Status TryAttempt(std::string_view tenant, std::string_view user,
                                  std::string_view number, const AttemptCaps& caps,
                                  WallTime now) = 0;
  virtual absl::Status CheckAttempt(std::string_view tenant, std::string_view user,
                                    std::string_view number, const AttemptCaps& caps,
                                    WallTime now) const = 0;
  // At once and for good: "don't call again" said on a call, a STOP message, an imported list.
  virtual absl::Status Block(std::string_view tenant, std::string_view number, std::string_view why,
                             WallTime now) = 0;
  // Why it is blocked; none: it is not. kUnavailable: not known, which the governor reads as yes.
  virtual absl::StatusOr<std::optional<std::string>> Blocked(std::string_view tenant,
                                                             std::string_view number) const = 0;
  virtual absl::Status RecordConsent(std::string_view tenant, std::string_view number,
                                     const Consent& consent) = 0;
  virtual absl::StatusOr<Consent> ConsentOf(std::string_view tenant,
                                            std::string_view number) const = 0;
};
DRAGOMAN_EXPORT std::unique_ptr<CallLedger> MakeMemoryCallLedger();

// How often a goal asked for the same thing. Thread-safe.
class DRAGOMAN_EXPORT RepeatLedger {
 public:
  virtual ~RepeatLedger() = default;
  // Counts one more call with this digest unless `most` were counted since the goal's last
  // progress. kResourceExhausted: then nothing is counted.
  virtual absl::Status TryCall(std::string_view goal, std::string_view digest, int most) = 0;
  virtual absl::Status CheckCall(std::string_view goal, std::string_view digest,
                                 int most) const = 0;
  virtual void Progress(std::string_view goal) = 0;  // a new fact, a finished step
};
DRAGOMAN_EXPORT std::unique_ptr<RepeatLedger> MakeMemoryRepeatLedger();

// Stops everything, a tenant, or a goal. Thread-safe; asked before each effect and every second of
// a call.
class DRAGOMAN_EXPORT KillSwitch {
 public:
  KillSwitch();
  ~KillSwitch();
  void StopAll(std::string why);
  void StopTenant(std::string_view tenant, std::string why);
  void StopGoal(std::string_view tenant, std::string_view goal, std::string why);
  void Resume();  // everything again; only an operator's command calls it
  // Why this goal must stop; none: it may run.
  std::optional<std::string> Stopped(std::string_view tenant, std::string_view goal) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

struct DRAGOMAN_EXPORT DecisionRecord {
  WallTime at{};
  std::string id;  // of the decision
  std::string tenant, user, goal, tool;
  std::string arguments_digest;  // SHA-256 of the canonical arguments; never the arguments
  std::string destination;       // canonical; empty: none
  Verdict verdict = Verdict::kDeny;
  std::string rule;  // the deciding one
  std::string why;   // without payload
  std::string policy_version;
  std::string confirmation;  // id of the one used up or opened
};

// Where decisions are kept. An effect whose decision could not be recorded does not happen.
// Thread-safe.
class DRAGOMAN_EXPORT DecisionLog {
 public:
  virtual ~DecisionLog() = default;
  virtual absl::Status Record(const DecisionRecord& record) = 0;
};
// Keeps the newest `most` records.
class DRAGOMAN_EXPORT MemoryDecisionLog : public DecisionLog {
 public:
  explicit MemoryDecisionLog(std::size_t most = 100'000);
  ~MemoryDecisionLog() override;
  absl::Status Record(const DecisionRecord& record) override;
  std::vector<DecisionRecord> records() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_LEDGERS_H_
