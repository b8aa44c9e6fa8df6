// What must last: goals and their log, plans, intents, approvals, contacts, the vault's rows,
// memories, budgets; the audit chain and the outgoing events. No word of any database: SQLite and
// PostgreSQL pass the same suite (tests/contract/store_contract.h).
//
// A transaction is a list of small changes. All of it is kept or nothing; what it records for the
// audit and what it sends out stands in the same rows as the step itself.
#ifndef DRAGOMAN_STORE_STORE_H_
#define DRAGOMAN_STORE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/store/intent.h"
#include "dragoman/store/records.h"

namespace dragoman {

inline constexpr std::size_t kMaxKeyBytes = 256;       // ids, states, names, topics
inline constexpr std::size_t kMaxTextBytes = 2 << 20;  // everything else

// --- changes -----------------------------------------------------------------------------------
// UserRecord, ContactRecord, VaultRecord, UserKeyRecord, MemoryRecord and HoldRecord replace the
// record with the same key. GoalRecord, PlanRecord, IntentRecord and ApprovalRecord are new:
// kAlreadyExists if the key is taken.
//
// What belongs to a goal that was erased comes too late: plans, new intents, approvals, memories
// and steps of it are kFailedPrecondition. An intent that is under way is stepped to its end all
// the same, without its words (arguments, to, from, detail).

// An intent after its machine's step. kAborted: its revision in the store is not
// `intent.revision - 1`, that is, somebody else stepped it.
struct DRAGOMAN_EXPORT UpdateIntent {
  IntentRecord intent;
};

// Moves an approval on. kFailedPrecondition: it is not in `from`, has expired at `at` (while going
// to kApproved or kUsed), or binds another digest than `digest` (empty: not compared).
struct DRAGOMAN_EXPORT ResolveApproval {
  std::string id;
  ApprovalState from = ApprovalState::kPending;
  ApprovalState to = ApprovalState::kDenied;
  std::string digest;
  WallTime at{};
};

// kResourceExhausted: spent + reserved + amount would exceed `limit`.
struct DRAGOMAN_EXPORT ReserveBudget {
  std::string account, unit;
  std::int64_t amount = 0;  // not negative
  std::int64_t limit = 0;
};

// Gives a reservation back and counts what was really spent, which may be more.
struct DRAGOMAN_EXPORT SettleBudget {
  std::string account, unit;
  std::int64_t reserved = 0;  // what this effect had reserved; not negative
  std::int64_t spent = 0;     // not negative
};

// Events up to `index` have reached `consumer`; never moves back.
struct DRAGOMAN_EXPORT AdvanceOutbox {
  std::string consumer;
  std::int64_t index = 0;
};

enum class DeletableKind { kContact, kMemory, kVaultRecord, kHold };
// Deleting what is not there is no error. For the vault, `id` is the record and all its fields go;
// for a hold it is the goal, or empty.
struct DRAGOMAN_EXPORT DeleteRecord {
  DeletableKind kind = DeletableKind::kContact;
  std::string user_id, id;
};

// Erasure: the user's key becomes a tombstone of its generation; contacts, memories, vault rows,
// the words of goals and intents, plans, approvals' texts go; task log and events keep their
// digests, so that the audit chain stays valid. The user's goals are erased, open ones too; a goal
// that is taken later is a new one. kFailedPrecondition: something of the user is held.
struct DRAGOMAN_EXPORT EraseUser {
  std::string user_id;
};

// The same for one goal that has ended: its words, plans, intents' and approvals' words, the
// content of its log. Memories of it stay. kNotFound: no such goal. kFailedPrecondition: it has not
// ended, or it or its user is held.
struct DRAGOMAN_EXPORT ForgetGoal {
  std::string goal_id;
};

using Change = std::variant<UserRecord, GoalRecord, PlanRecord, IntentRecord, UpdateIntent,
                            ApprovalRecord, ResolveApproval, ContactRecord, VaultRecord,
                            UserKeyRecord, MemoryRecord, HoldRecord, ReserveBudget, SettleBudget,
                            AdvanceOutbox, DeleteRecord, EraseUser, ForgetGoal>;

// One row of the task log: a goal's change, its audit entry and its outgoing event in one.
struct DRAGOMAN_EXPORT GoalStep {
  std::string goal_id;  // empty: an audit entry (and event) of no goal
  // Of the goal; kAborted if it has another, kFailedPrecondition if it is final. Becomes one more.
  std::int64_t expected_version = 0;
  std::optional<std::string> state;       // none: as it is
  std::optional<std::string> waiting_on;  // none: as it is
  bool final = false;                     // this was its last step
  WallTime at{};
  std::string actor;   // a pseudonym
  std::string action;  // not empty
  std::string delta;
  std::string topic;  // empty: no event
  std::string event;
};

struct DRAGOMAN_EXPORT StoreTransaction {
  std::vector<Change> changes;  // in this order, before the steps
  std::vector<GoalStep> steps;  // at least one, unless only outbox positions move

  // Everything that can be said without the database: keys there and within kMaxKeyBytes, texts
  // within kMaxTextBytes, valid UTF-8 where text is due, amounts not negative, an audit entry
  // there. kInvalidArgument naming the field.
  absl::Status Validate() const;
};

struct DRAGOMAN_EXPORT Committed {
  std::int64_t last_index = 0;  // of the last row in the log, 0 while it is empty
};
using CommitDone = absl::AnyInvocable<void(absl::StatusOr<Committed>)>;

// --- reading -----------------------------------------------------------------------------------

struct DRAGOMAN_EXPORT AuditHead {
  std::int64_t index = 0;  // 0: nothing yet
  std::string hash;        // 32 bytes
  friend bool operator==(const AuditHead&, const AuditHead&) = default;
};

// One consistent moment of the store. Blocks, and is valid only inside Store::Read. Lists come in
// the order of their ids unless told otherwise; `after` is the last id of the page before.
class DRAGOMAN_EXPORT StoreView {
 public:
  virtual ~StoreView() = default;
  template <typename Record>
  using Found = absl::StatusOr<std::optional<Record>>;
  template <typename Record>
  using Listed = absl::StatusOr<std::vector<Record>>;

  virtual Found<UserRecord> FindUser(std::string_view id) = 0;
  virtual Found<GoalRecord> FindGoal(std::string_view id) = 0;
  // Empty `user_id`: of everybody. `open_only`: those that are neither final nor erased.
  virtual Listed<GoalRecord> ListGoals(std::string_view user_id, bool open_only,
                                       std::string_view after, int limit) = 0;
  // Those that have ended, were last changed before `before`, and are not erased.
  virtual Listed<GoalRecord> ListEndedGoals(WallTime before, std::string_view after, int limit) = 0;
  // The goal's log from version `from` (1 is its first step), in order.
  virtual Listed<LogRecord> ReadGoalLog(std::string_view goal_id, std::int64_t from, int limit) = 0;
  virtual Found<PlanRecord> FindPlan(std::string_view goal_id, std::int64_t version) = 0;
  virtual Found<IntentRecord> FindIntent(std::string_view effect_id) = 0;
  virtual Listed<IntentRecord> ListIntents(std::string_view goal_id) = 0;
  // Those in a state that is not final, of all goals.
  virtual Listed<IntentRecord> ListOpenIntents(std::string_view after, int limit) = 0;
  virtual Found<ApprovalRecord> FindApproval(std::string_view id) = 0;
  virtual Listed<ApprovalRecord> ListPendingApprovals(std::string_view user_id) = 0;
  virtual Listed<ContactRecord> ListContacts(std::string_view user_id) = 0;
  virtual Found<VaultRecord> FindVault(std::string_view user_id, std::string_view record,
                                       std::string_view field) = 0;
  virtual Listed<VaultRecord> ListVault(std::string_view user_id) = 0;
  virtual Found<UserKeyRecord> FindUserKey(std::string_view user_id) = 0;
  virtual Listed<UserKeyRecord> ListUserKeys(std::string_view after, int limit) = 0;
  virtual Listed<MemoryRecord> ListMemories(std::string_view user_id, std::string_view kind) = 0;
  virtual Listed<HoldRecord> ListHolds(std::string_view user_id) = 0;  // by goal
  virtual Found<BudgetRecord> FindBudget(std::string_view account, std::string_view unit) = 0;
  // The whole log (the audit chain), from `first` on.
  virtual Listed<LogRecord> ReadLog(std::int64_t first, int limit) = 0;
  virtual absl::StatusOr<AuditHead> ReadAuditHead() = 0;
  // Rows with an event that `consumer` has not acknowledged, oldest first. The index is the event's
  // id: a consumer that sees one twice (after a crash) tells by it.
  virtual Listed<LogRecord> PendingEvents(std::string_view consumer, int limit) = 0;
};

using StoreReading = absl::AnyInvocable<absl::Status(StoreView&)>;

// Thread-safe. Commits of one caller are kept in the order given.
class DRAGOMAN_EXPORT Store {
 public:
  virtual ~Store() =
      default;  // keeps what was taken, then stops; callbacks not posted yet are lost

  // Takes the transaction and returns at once; `done` runs on `executor`, exactly once, after the
  // transaction is durable or refused, never inside Commit. Not OK: nothing was taken and `done`
  // does not run. kResourceExhausted: the queue is full, try again when an earlier commit is done.
  // kInvalidArgument: see StoreTransaction::Validate.
  // To `done`: kAborted, kAlreadyExists, kNotFound, kFailedPrecondition, kResourceExhausted as the
  // changes say; kResourceExhausted "disk full": nothing was kept; kUnavailable: the database is
  // locked by another process (nothing was kept; the same transaction may be given again), or
  // writing failed (then whether it was kept is known only after the store was opened again, and
  // every later commit is refused until then). Never acknowledged and lost.
  virtual absl::Status Commit(StoreTransaction transaction, Executor& executor,
                              CommitDone done) = 0;

  // Runs `reading` once on a thread of the store, then `done` on `executor` with what it returned.
  // Sees every commit whose `done` has been posted. `executor` must outlive both.
  virtual absl::Status Read(StoreReading reading, Executor& executor,
                            absl::AnyInvocable<void(absl::Status)> done) = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_STORE_STORE_H_
