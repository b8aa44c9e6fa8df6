// One effect on the outside world, from its plan to the proof of what became of it: a pure machine.
//
// What it promises: at most one dispatch for each intent, and no intent without an end. ARMED is
// durable before the first byte goes out; after that a crash or a lost answer never leads to a
// second dispatch (but with the same key, where the far side de-duplicates by it), only to looking
// up what happened. docs/store.md prints the table.
#ifndef DRAGOMAN_STORE_INTENT_H_
#define DRAGOMAN_STORE_INTENT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"

namespace dragoman {

enum class IntentState {
  kPlanned,         // nobody has agreed yet
  kApproved,        // may be armed
  kArmed,           // durable; bytes may be on their way
  kSent,            // the far side took it and gave it a reference; its end is not known yet
  kUnknown,         // bytes may have gone out, no answer came: being looked up
  kConfirmed,       // it happened, the far side said so
  kFailedDefinite,  // it did not happen, the far side said so
  kDone,            // it happened, found by looking it up or told by the owner
  kNotDone,         // it did not happen: two negative lookups, or told by the owner
  kNeedsHuman,      // nobody can tell; the owner was told what may have happened
  kAbandoned,       // never armed: withdrawn, denied or expired
};
inline constexpr int kIntentStates = 11;

enum class IntentEventKind {
  kApproved,
  kWithdrawn,  // cancelled, denied, or not allowed any more
  kArm,        // policy, budget and confirmation were checked again just now
  kAccepted,   // the far side took it: `reference`
  kConfirmed,  // it happened: `reference`, `detail`
  kRejected,   // it will not happen (a definite 4xx); `retry_after` after a 429
  kNoAnswer,   // timeout, 5xx, connection lost: it may have happened
  kNoSender,   // it may have been sent before, and nothing is left that could send or find it
  kPending,    // a poll was answered: still under way
  kPollFailed,
  kFound,         // a lookup found exactly one: `reference`
  kFoundSeveral,  // a lookup found several that could be it
  kAbsent,        // every lookup that there is was answered, and none found it
  kLookupFailed,  // at least one lookup was not answered
  kTimer,         // `next_at` is reached
  kRecovered,     // this process found the intent as another one left it
  kOwnerSaysDone,
  kOwnerSaysNotDone,
};
inline constexpr int kIntentEvents = 18;

DRAGOMAN_EXPORT std::string_view Name(IntentState state);     // "ARMED"
DRAGOMAN_EXPORT std::string_view Name(IntentEventKind kind);  // "no answer"
// No event but the owner's word, or a late proof, follows: nothing is armed and no timer runs.
DRAGOMAN_EXPORT bool IsFinal(IntentState state);
// Only then may the same step be tried again, as a new intent of the next attempt group.
DRAGOMAN_EXPORT bool MayAttemptAgain(IntentState state);

struct DRAGOMAN_EXPORT IntentRecord {
  std::string effect_id;  // MakeEffectId()
  std::string goal_id, step;
  std::int64_t attempt_group = 1;
  std::string tool;
  EffectClass effect = EffectClass::kBlind;
  std::string arguments;         // canonical JSON (RFC 8785)
  std::string client_reference;  // ours, given to the far side; the key of a keyed write
  std::string provider_reference;
  std::string to, from;                // for the lookup by (to, from, time)
  std::chrono::seconds key_window{0};  // W: how long the far side remembers a key
  std::string approval_id;             // empty: none was needed
  std::string budget_account, budget_unit;
  std::int64_t budget_reserved = 0;  // worst case, from ARMED until settled
  std::int64_t fence = 0;            // of the worker that armed it

  IntentState state = IntentState::kPlanned;
  std::optional<WallTime> expires;         // not armed after this
  std::optional<WallTime> armed;           // first time
  std::optional<WallTime> last_answer;     // of the far side, or when asking began
  std::optional<WallTime> first_negative;  // of the lookups that found nothing
  std::optional<WallTime> not_before;      // 429: earliest time of the next attempt
  std::optional<WallTime> next_at;         // the timer; none: it does not run
  std::int64_t failures = 0;               // polls or lookups in a row that failed
  std::string detail;                      // what the far side said, what the owner was told
  std::int64_t revision = 0;               // steps taken
  friend bool operator==(const IntentRecord&, const IntentRecord&) = default;
};

struct DRAGOMAN_EXPORT IntentEvent {
  IntentEventKind kind = IntentEventKind::kTimer;
  WallTime at{};  // never runs back within a process
  std::string reference{};
  std::string detail{};
  std::optional<std::chrono::seconds> retry_after{};
  std::int64_t fence = 0;  // with kArm
};

// What to do once the new record is durable, and not before.
enum class IntentCommand { kSend, kPoll, kLookUp, kRecheck, kTellOwner };
DRAGOMAN_EXPORT std::string_view Name(IntentCommand command);

// What becomes of the reservation, in the same transaction.
enum class BudgetMove { kNone, kReserve, kRelease, kSettle };

struct DRAGOMAN_EXPORT IntentDecision {
  IntentRecord record;  // after the step
  std::vector<IntentCommand> commands;
  BudgetMove budget = BudgetMove::kNone;
};

// Two negative lookups this far apart prove that it did not happen.
inline constexpr std::chrono::seconds kBetweenNegativeReads{60};
// No answer for this long: a person must decide.
inline constexpr std::chrono::minutes kLongestSilence{15};
// A lookup by (to, from) takes what began in [armed - 5 s, armed + 120 s].
inline constexpr std::chrono::seconds kLookupBefore{5};
inline constexpr std::chrono::seconds kLookupAfter{120};
// After a restart the far side gets at least this long to answer, however long we were away.
inline constexpr std::chrono::minutes kGraceAfterRecovery{1};

// kFailedPrecondition naming state and event: the pair is not in the table; nothing changes. States
// that are final absorb what comes late that way.
DRAGOMAN_EXPORT absl::StatusOr<IntentDecision> StepIntent(const IntentRecord& record,
                                                          const IntentEvent& event);

// SHA-256 of goal, step, attempt group and arguments (canonical JSON), in hexadecimal: the same
// effect planned twice is one intent.
DRAGOMAN_EXPORT std::string MakeEffectId(std::string_view goal_id, std::string_view step,
                                         std::int64_t attempt_group,
                                         std::string_view canonical_arguments);

// --- the table ---------------------------------------------------------------------------------

enum class IntentGuard {
  kAlways,
  kNotExpired,
  kReadOnly,        // E0
  kKeyIsFresh,      // E1, armed less than W/2 ago
  kBlind,           // E3
  kSecondNegative,  // the first negative lookup was long enough ago
  kSilentTooLong,
};
struct DRAGOMAN_EXPORT IntentRow {
  IntentState state;
  IntentEventKind event;
  IntentGuard guard;  // the first row that fits is taken
  IntentState next;
  std::optional<IntentCommand> command;
  BudgetMove budget;
};
DRAGOMAN_EXPORT std::span<const IntentRow> IntentTable();
// As Markdown, for docs/store.md.
DRAGOMAN_EXPORT std::string PrintIntentTable();

}  // namespace dragoman
#endif  // DRAGOMAN_STORE_INTENT_H_
