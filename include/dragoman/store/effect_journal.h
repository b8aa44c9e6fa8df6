// Carries effects through their states: writes down first, then acts, and finds out afterwards.
#ifndef DRAGOMAN_STORE_EFFECT_JOURNAL_H_
#define DRAGOMAN_STORE_EFFECT_JOURNAL_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/store/intent.h"
#include "dragoman/store/store.h"

namespace dragoman {

// What came back from the far side.
enum class SendOutcome {
  kAccepted,   // taken; how it ends is not known yet
  kConfirmed,  // done
  kRejected,   // certainly not done, and will not be: a definite 4xx, 429 with `retry_after`
  kNoAnswer,   // timeout, 5xx, connection lost: nobody knows
};
struct DRAGOMAN_EXPORT SendResult {
  SendOutcome outcome = SendOutcome::kNoAnswer;
  std::string reference;  // the far side's
  std::string detail;
  std::optional<std::chrono::seconds> retry_after;
};

enum class LookupOutcome { kFound, kFoundSeveral, kAbsent, kFailed };
struct DRAGOMAN_EXPORT LookupResult {
  LookupOutcome outcome = LookupOutcome::kFailed;
  std::string reference;
  std::string detail;
};

enum class PollOutcome { kPending, kConfirmed, kRejected, kFailed };
struct DRAGOMAN_EXPORT PollResult {
  PollOutcome outcome = PollOutcome::kFailed;
  std::string detail;
};

// The far side of one kind of effect: a carrier, a mail server. Only on the journal's executor;
// each callback comes at most once, never inside the call. What does not answer within
// EffectJournalOptions' limits counts as no answer, and what comes later is dropped.
class DRAGOMAN_EXPORT EffectSender {
 public:
  virtual ~EffectSender() = default;
  // The only place where bytes leave. A keyed write sends `client_reference` as its key.
  virtual void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) = 0;
  // By our reference, then, where that finds nothing or cannot be asked, by (to, from) within
  // [from_time, to_time]. kAbsent only if every question it has was answered with "none". One with
  // another client reference is not ours; two or more without one are kFoundSeveral.
  virtual void LookUp(const IntentRecord& intent, WallTime from_time, WallTime to_time,
                      absl::AnyInvocable<void(LookupResult)> done) = 0;
  // By `provider_reference`.
  virtual void Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) = 0;
};

struct DRAGOMAN_EXPORT EffectJournalOptions {
  std::string actor = "journal";  // in the audit; a pseudonym of this worker
  std::int64_t fence = 0;         // of this worker's lease
  std::chrono::seconds send_limit{30};
  std::chrono::seconds lookup_limit{30};
  absl::Status Validate() const;
};

struct DRAGOMAN_EXPORT EffectJournalDependencies {
  // All borrowed; must outlive the journal.
  Store* store = nullptr;
  Executor* executor = nullptr;
  // Null: no sender for this tool; then the intent fails definitely, or waits for a person if it
  // had been armed.
  std::function<EffectSender*(const IntentRecord&)> sender;
  // Policy, budget limits and the kill switch, asked right before arming: not OK withdraws it.
  // Gives what must be committed with ARMED: the confirmation that is used up.
  std::function<absl::StatusOr<std::vector<Change>>(const IntentRecord&)> recheck;
  // The same question dry, for intents of an earlier process that are not armed: nothing is
  // reserved or used up. Null: `recheck` is asked.
  std::function<absl::Status(const IntentRecord&)> still_allowed;
  std::int64_t budget_limit = 0;  // for ReserveBudget of intents that name an account
  // An intent reached a final state, or a person must decide: `detail` says what may have happened.
  std::function<void(const IntentRecord&)> on_final;
  // Called at named moments; crash tests stop there.
  std::function<void(std::string_view)> probe;
};

// Only on its executor.
class DRAGOMAN_EXPORT EffectJournal {
 public:
  static absl::StatusOr<std::unique_ptr<EffectJournal>> Create(
      EffectJournalOptions options, EffectJournalDependencies dependencies);
  ~EffectJournal();  // stops nothing that is under way at the far side

  // Takes over what an earlier process left, finishing or abandoning it. Before anything else. With
  // `which`, those alone for which it says yes; the others by a later call.
  void Recover(absl::AnyInvocable<void(absl::Status)> done,
               std::function<bool(const IntentRecord&)> which = nullptr);

  using Done = absl::AnyInvocable<void(absl::StatusOr<IntentRecord>)>;
  // Writes the intent down. The same effect_id again gives the record as it stands, whatever it is.
  void Plan(IntentRecord intent, Done done);
  // PLANNED -> APPROVED.
  void Approve(const std::string& effect_id, Done done);
  // Checks once more, arms, and sends once ARMED is durable. `done` comes with the record when it
  // is armed; its end comes to on_final. When arming cannot be made durable nothing is sent and
  // `done` has the store's error.
  void Execute(const std::string& effect_id, Done done);
  void Withdraw(const std::string& effect_id, std::string why, Done done);
  // The owner's word on one that needs a person.
  void Resolve(const std::string& effect_id, bool it_happened, Done done);
  // News from the far side that nobody asked for: a webhook, a mail that bounced.
  void Report(const std::string& effect_id, IntentEvent event, Done done);

  std::size_t open() const { return intents_.size(); }

 private:
  struct Entry;
  EffectJournal(EffectJournalOptions options, EffectJournalDependencies dependencies);
  WallTime Now() const;
  void Point(std::string_view name) const;
  void Apply(const std::string& effect_id, IntentEvent event, std::vector<Change> with, Done done);
  void Write(const std::string& effect_id);
  void Written(const std::string& effect_id, absl::StatusOr<Committed> committed);
  void Carry(const std::string& effect_id, IntentCommand command);
  void Send(const IntentRecord& record);
  void LookUp(const IntentRecord& record);
  void Poll(const IntentRecord& record);
  void Limit(const std::string& effect_id, std::chrono::seconds limit, IntentEventKind kind);
  bool TakeAnswer(const std::string& effect_id, std::uint64_t question);
  void SetTimer(const std::string& effect_id);
  void RecoverPage(std::string after, absl::AnyInvocable<void(absl::Status)> done,
                   std::function<bool(const IntentRecord&)> which);
  Entry* Find(const std::string& effect_id);

  const EffectJournalOptions options_;
  EffectJournalDependencies dependencies_;
  const TimePoint started_;
  const WallTime wall_started_;
  std::map<std::string, std::unique_ptr<Entry>> intents_;  // those that are not final
  std::uint64_t ended_ = 0;  // intents that ended here: what was read before one may be stale
  Lifetime lifetime_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_STORE_EFFECT_JOURNAL_H_
