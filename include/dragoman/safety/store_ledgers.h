// What the governor remembers, in the store: budgets, attempts, lists, questions and their answers
// outlive the process.
//
// The governor decides on the caller's thread, so every question is answered from memory, which is
// read from the store once, when the ledgers are opened. Three ways lead from there to the disk:
//   - what somebody must be able to rely on (a question, its answer, do-not-call, consent, the
//     record of a decision) is written before the call returns;
//   - what an effect takes (its reservation, its attempt, the confirmation that it uses up) is kept
//     back and travels with ARMED: the journal's `recheck` returns TakeForArming(), so that one
//     transaction holds all of it or none, and what was never armed was never spent;
//   - what is only given back (a settled reservation, progress) is written soon after. A crash
//     before that leaves it reserved; the recovered journal settles it by SettleEffect().
// The store checks the limits once more when it takes a reservation, and gives a confirmation to
// one transaction only, whatever memory thought.
#ifndef DRAGOMAN_SAFETY_STORE_LEDGERS_H_
#define DRAGOMAN_SAFETY_STORE_LEDGERS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/random.h"
#include "dragoman/safety/confirmations.h"
#include "dragoman/safety/governor.h"
#include "dragoman/safety/ledgers.h"
#include "dragoman/store/store.h"

namespace dragoman {

// All borrowed; must outlive the ledgers.
struct DRAGOMAN_EXPORT StoreLedgerDependencies {
  Store* store = nullptr;
  Executor* executor = nullptr;  // answers of the store to what nobody waits for
  const Clock* clock = nullptr;
  Random* random = nullptr;  // thread-safe: ids of reservations
};

// A reservation that an effect took and nobody has settled.
struct DRAGOMAN_EXPORT OpenReservation {
  std::string id;
  std::string effect_id;
  Amounts amounts;
};

// Thread-safe, as the ledgers are. What waits for the disk blocks the calling thread for one
// commit: decide on a pool, never on a media loop. Not on a thread that the store itself needs.
class DRAGOMAN_EXPORT StoreLedgers {
 public:
  // Reads what earlier processes left; `done` on the executor. One at a time for a store. Budgets
  // that nothing was spent from for 90 days, and attempts older than 24 hours, are left out.
  static void Open(const StoreLedgerDependencies& dependencies,
                   absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<StoreLedgers>>)> done);
  ~StoreLedgers();  // on the executor; what was given to the store still gets there

  BudgetLedger& budgets();
  CallLedger& calls();
  RepeatLedger& repeats();
  ConfirmationBook& confirmations();
  DecisionLog& decisions();  // one row of the audit chain each, without a word of the payload

  // The kill switch for everything, over restarts. A stop counts at once, even when it cannot be
  // written: then the caller is told. One is lifted when that is written.
  const KillSwitch& kill() const;
  absl::Status StopAll(std::string_view why);
  absl::Status LiftStop();

  // What must be committed with ARMED for an effect that this decision allowed; given out once.
  // kFailedPrecondition: given out before, settled, or not allowed. Attempts and repeats of other
  // decisions that were not written yet come along.
  absl::StatusOr<std::vector<Change>> TakeForArming(const Decision& decision,
                                                    std::string_view effect_id);
  // The transaction with those changes was refused. The decision is void: its reservation is free
  // again, the owner's answer may be used by another decision; what was counted stays counted.
  void NotArmed(const Decision& decision);
  // For effects that no journal carries: writes everything that is kept back, in one transaction,
  // and waits. Without this a crash forgets it.
  absl::Status Keep();

  // Of effects that were armed, in earlier processes too.
  std::vector<OpenReservation> open_reservations() const;
  // Once the journal knows how an effect of an earlier process ended. kNotFound: none is open.
  absl::Status SettleEffect(std::string_view effect_id, const Amounts& actual);

  // The first error of a write that nobody waited for; OK while there was none.
  absl::Status write_error() const;

  class State;

 private:
  explicit StoreLedgers(std::shared_ptr<State> state);
  // Shared with the store's answers that are still on their way.
  const std::shared_ptr<State> state_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_STORE_LEDGERS_H_
