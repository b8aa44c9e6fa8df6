// The inside of StoreLedgers: what is kept back, and how it is written.
#ifndef DRAGOMAN_SRC_SAFETY_STORE_LEDGERS_STATE_H_
#define DRAGOMAN_SRC_SAFETY_STORE_LEDGERS_STATE_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/mutex.h"
#include "dragoman/safety/store_ledgers.h"
#include "src/safety/memory_budgets.h"
#include "src/safety/memory_confirmations.h"
#include "src/safety/memory_ledgers.h"

namespace dragoman {

// The ledgers' own records are memories of a user that is none; what is a person's (a question with
// its arguments) is that person's memory, and goes with an erasure.
inline constexpr std::string_view kLedgerUser = "~ledgers";

namespace safety {

// Records as bytes, and back. Pieces are framed (store/digest.h).
struct StoredReservation {
  std::string id, effect_id;
  HeldReservation held;
};
std::string EncodeReservation(const StoredReservation& reservation);
absl::StatusOr<StoredReservation> DecodeReservation(std::string_view body);
std::string EncodeConfirmation(const Confirmation& confirmation);
absl::StatusOr<Confirmation> DecodeConfirmation(std::string_view body);
std::string EncodePieces(const std::vector<std::string>& pieces);
absl::StatusOr<std::vector<std::string>> DecodePieces(std::string_view body);

// The units of the store's budgets: "calls", "EUR/100".
std::map<std::string, std::int64_t> UnitsOf(const Amounts& amounts);
void AddUnit(Amounts& amounts, std::string_view unit, std::int64_t amount);
std::int64_t LimitOf(const BudgetLimits& limits, std::string_view unit);

}  // namespace safety

class StoreLedgers::State : public std::enable_shared_from_this<State> {
 public:
  struct Armed;
  explicit State(const StoreLedgerDependencies& with_in) : with(with_in) {}

  // One transaction, waited for.
  absl::Status Write(std::vector<Change> changes, GoalStep step);
  // One that nobody waits for; tried again while the store cannot take it.
  void WriteSoon(std::vector<Change> changes, std::string_view action);
  void WriteAgain(std::shared_ptr<const StoreTransaction> transaction, std::chrono::seconds after);
  GoalStep Step(std::string_view action, std::string delta = "") const;
  MemoryRecord Record(std::string_view kind, std::string_view id, std::string body,
                      std::chrono::hours keep) const;
  DeleteRecord Deletion(std::string_view kind, std::string_view id) const;

  void Load(absl::AnyInvocable<void(absl::Status)> done);
  absl::Status ReadAll(StoreView& view);
  void Settle(const std::string& reservation, const Amounts& actual);
  // Attempts and repeats that were not written yet.
  void TakeCounted(std::vector<Change>& changes) DRAGOMAN_REQUIRES(mutex);
  Armed& TakeReservation(const std::string& id, std::string_view effect_id,
                         std::vector<Change>& changes) DRAGOMAN_REQUIRES(mutex);

  const StoreLedgerDependencies with;

  KillSwitch kill;
  safety::MemoryBudgetLedger memory_budgets;
  safety::MemoryCallLedger memory_calls;
  safety::MemoryRepeatLedger memory_repeats;
  safety::MemoryConfirmationBook memory_confirmations;

  struct KeptBack {
    std::vector<BudgetAccount> accounts;
    Amounts amounts;
  };
  struct Used {
    std::string digest;
    WallTime at{};
  };
  struct Armed {
    safety::StoredReservation stored;
    // What went along, for NotArmed; nothing after a restart.
    std::string confirmation = {};
    std::vector<MemoryRecord> attempts = {};
    std::set<std::pair<std::string, std::string>> repeats = {};
  };
  mutable Mutex mutex;
  std::map<std::string, KeptBack, std::less<>> kept_back DRAGOMAN_GUARDED_BY(mutex);
  std::map<std::string, Armed, std::less<>> armed DRAGOMAN_GUARDED_BY(mutex);
  std::map<std::string, Used, std::less<>> used DRAGOMAN_GUARDED_BY(mutex);  // confirmations
  std::vector<MemoryRecord> attempts DRAGOMAN_GUARDED_BY(mutex);             // not written
  std::set<std::pair<std::string, std::string>> repeats DRAGOMAN_GUARDED_BY(mutex);  // not written
  // Ids of records about each goal's repeats.
  std::map<std::string, std::set<std::string>, std::less<>> written_repeats
      DRAGOMAN_GUARDED_BY(mutex);
  std::map<std::string, std::set<std::string>, std::less<>> known_units DRAGOMAN_GUARDED_BY(mutex);
  std::set<std::string, std::less<>> known_users DRAGOMAN_GUARDED_BY(mutex);
  std::vector<DeleteRecord> old DRAGOMAN_GUARDED_BY(mutex);  // read and expired
  absl::Status error DRAGOMAN_GUARDED_BY(mutex);

  std::unique_ptr<BudgetLedger> budgets;
  std::unique_ptr<CallLedger> calls;
  std::unique_ptr<RepeatLedger> repeat_ledger;
  std::unique_ptr<ConfirmationBook> confirmations;
  std::unique_ptr<DecisionLog> decisions;
};

namespace safety {

// Over the state, borrowed.
void MakeLedgers(StoreLedgers::State& state);

}  // namespace safety
}  // namespace dragoman
#endif  // DRAGOMAN_SRC_SAFETY_STORE_LEDGERS_STATE_H_
