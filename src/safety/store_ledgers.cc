#include "dragoman/safety/store_ledgers.h"

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <limits>

#include "dragoman/store/digest.h"
#include "src/safety/store_ledgers_state.h"

namespace dragoman {
namespace {

using safety::StoredReservation;

constexpr std::chrono::hours kKeepBudgets{90 * 24};
constexpr std::chrono::seconds kRewriteFirst{1};
constexpr std::chrono::seconds kRewriteMost{60};

// Takes the store's answer on the thread that waits for it, whether the store has threads or not.
class WaitingExecutor : public Executor {
 public:
  explicit WaitingExecutor(const Clock& clock) : clock_(clock) {}
  void Post(Task task) override {
    const MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
    come_.notify_one();
  }
  TimerId RunAt(TimePoint, Task) override { return 0; }
  bool CancelTimer(TimerId) override { return false; }
  bool RunsHere() const override { return true; }
  TimePoint Now() const override { return clock_.Now(); }
  WallTime WallNow() const override { return clock_.WallNow(); }

  void RunOne() {
    Task task;
    {
      MutexLock lock(mutex_);
      lock.Wait(come_, [this] { return !tasks_.empty(); });
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }

 private:
  const Clock& clock_;
  Mutex mutex_;
  std::condition_variable come_;
  std::deque<Task> tasks_ DRAGOMAN_GUARDED_BY(mutex_);
};

// The store gives an approval to one transaction only.
ResolveApproval Use(const std::string& id, const StoreLedgers::State::Used& used) {
  return {.id = id,
          .from = ApprovalState::kApproved,
          .to = ApprovalState::kUsed,
          .digest = used.digest,
          .at = used.at};
}

}  // namespace

// --- writing -----------------------------------------------------------------------------------

absl::Status StoreLedgers::State::Write(std::vector<Change> changes, GoalStep step) {
  WaitingExecutor here(*with.clock);
  StoreTransaction transaction;
  transaction.changes = std::move(changes);
  transaction.steps.push_back(std::move(step));
  absl::Status kept;
  DRAGOMAN_RETURN_IF_ERROR(with.store->Commit(
      std::move(transaction), here,
      [&kept](const absl::StatusOr<Committed>& committed) { kept = committed.status(); }));
  here.RunOne();
  return kept;
}

void StoreLedgers::State::WriteSoon(std::vector<Change> changes, std::string_view action) {
  StoreTransaction transaction;
  transaction.changes = std::move(changes);
  transaction.steps.push_back(Step(action));
  WriteAgain(std::make_shared<const StoreTransaction>(std::move(transaction)), kRewriteFirst);
}

void StoreLedgers::State::WriteAgain(std::shared_ptr<const StoreTransaction> transaction,
                                     std::chrono::seconds after) {
  // On the executor.
  const auto note = [state = shared_from_this(), transaction, after](const absl::Status& kept) {
    if (kept.ok()) return;
    {
      const MutexLock lock(state->mutex);
      if (state->error.ok()) state->error = kept;
    }
    if (kept.code() != absl::StatusCode::kUnavailable &&
        kept.code() != absl::StatusCode::kResourceExhausted) {
      return;
    }
    // Whose ledgers are gone leaves it to the next ones.
    state->with.executor->RunAfter(after, [weak = state->weak_from_this(), transaction, after] {
      if (const auto later = weak.lock()) {
        later->WriteAgain(transaction, std::min(2 * after, kRewriteMost));
      }
    });
  };
  const absl::Status taken = with.store->Commit(
      *transaction, *with.executor,
      [note](const absl::StatusOr<Committed>& committed) { note(committed.status()); });
  if (!taken.ok()) with.executor->Post([note, taken] { note(taken); });
}

GoalStep StoreLedgers::State::Step(std::string_view action, std::string delta) const {
  return {.at = with.clock->WallNow(),
          .actor = "governor",
          .action = std::string(action),
          .delta = std::move(delta)};
}

MemoryRecord StoreLedgers::State::Record(std::string_view kind, std::string_view id,
                                         std::string body, std::chrono::hours keep) const {
  const WallTime now = with.clock->WallNow();
  MemoryRecord record{.user_id = std::string(kLedgerUser),
                      .id = StrCat(kind, ":", id),
                      .kind = std::string(kind),
                      .body = std::move(body),
                      .created = now};
  if (keep.count() > 0) record.expires = now + keep;
  return record;
}

DeleteRecord StoreLedgers::State::Deletion(std::string_view kind, std::string_view id) const {
  return {.kind = DeletableKind::kMemory,
          .user_id = std::string(kLedgerUser),
          .id = StrCat(kind, ":", id)};
}

void StoreLedgers::State::TakeCounted(std::vector<Change>& changes) {
  for (const MemoryRecord& attempt : attempts) changes.emplace_back(attempt);
  attempts.clear();
  for (const auto& [goal, digest] : repeats) {
    const int count = memory_repeats.CountOf(goal, digest);
    if (count == 0) continue;
    const std::string id = ToHex(Sha256Bytes({FramedBytes().Add(goal).Add(digest).bytes()}));
    changes.emplace_back(Record(
        "repeat", id, safety::EncodePieces({goal, digest, std::to_string(count)}), kKeepBudgets));
    written_repeats[goal].insert(id);
  }
  repeats.clear();
}

StoreLedgers::State::Armed& StoreLedgers::State::TakeReservation(const std::string& id,
                                                                 std::string_view effect_id,
                                                                 std::vector<Change>& changes) {
  const auto found = kept_back.find(id);
  Armed one{.stored = {.id = id, .effect_id = std::string(effect_id), .held = {}}};
  one.stored.held.amounts = found->second.amounts;
  const auto units = safety::UnitsOf(found->second.amounts);
  for (const BudgetAccount& account : found->second.accounts) {
    one.stored.held.accounts.push_back(account.key);
    std::set<std::string>& known = known_units[account.key];
    for (const auto& [unit, amount] : units) {
      known.insert(unit);
      changes.emplace_back(ReserveBudget{.account = account.key,
                                         .unit = unit,
                                         .amount = amount,
                                         .limit = safety::LimitOf(account.limits, unit)});
    }
    std::vector<std::string> pieces = {account.key};
    pieces.insert(pieces.end(), known.begin(), known.end());
    changes.emplace_back(Record("account", ToHex(Sha256Bytes({account.key})),
                                safety::EncodePieces(pieces), kKeepBudgets));
  }
  changes.emplace_back(
      Record("reservation", id, safety::EncodeReservation(one.stored), std::chrono::hours(0)));
  kept_back.erase(found);
  return armed[id] = std::move(one);
}

// What was never armed is forgotten; what was is given back on the disk too.
void StoreLedgers::State::Settle(const std::string& reservation, const Amounts& actual) {
  std::vector<Change> changes;
  {
    const MutexLock lock(mutex);
    if (kept_back.erase(reservation) > 0) return;
    const auto found = armed.find(reservation);
    if (found == armed.end()) return;
    const auto reserved = safety::UnitsOf(found->second.stored.held.amounts);
    const auto spent = safety::UnitsOf(actual);
    auto units = reserved;
    units.insert(spent.begin(), spent.end());
    for (const std::string& account : found->second.stored.held.accounts) {
      for (const auto& [unit, ignored] : units) {
        const auto was = reserved.find(unit);
        const auto is = spent.find(unit);
        if (was == reserved.end()) {  // nothing of it was foreseen: the row may not be there
          changes.emplace_back(ReserveBudget{.account = account,
                                             .unit = unit,
                                             .amount = 0,
                                             .limit = std::numeric_limits<std::int64_t>::max()});
          known_units[account].insert(unit);
        }
        changes.emplace_back(SettleBudget{.account = account,
                                          .unit = unit,
                                          .reserved = was == reserved.end() ? 0 : was->second,
                                          .spent = is == spent.end() ? 0 : is->second});
      }
      std::vector<std::string> pieces = {account};
      pieces.insert(pieces.end(), known_units[account].begin(), known_units[account].end());
      changes.emplace_back(Record("account", ToHex(Sha256Bytes({account})),
                                  safety::EncodePieces(pieces), kKeepBudgets));
    }
    changes.emplace_back(Deletion("reservation", reservation));
    armed.erase(found);
  }
  WriteSoon(std::move(changes), "budget settled");
}

// --- reading -----------------------------------------------------------------------------------

absl::Status StoreLedgers::State::ReadAll(StoreView& view) {
  const MutexLock lock(mutex);
  const WallTime now = with.clock->WallNow();
  // What the ledgers noted of one kind, in order of time.
  const auto each = [&](std::string_view kind, const auto& take) -> absl::Status {
    DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<MemoryRecord> records,
                              view.ListMemories(kLedgerUser, kind));
    for (const MemoryRecord& record : records) {
      if (record.expires && *record.expires <= now) {
        old.push_back({.kind = DeletableKind::kMemory, .user_id = record.user_id, .id = record.id});
      } else {
        DRAGOMAN_RETURN_IF_ERROR(take(record));
      }
    }
    return absl::OkStatus();
  };
  const auto short_of = [](const std::vector<std::string>& pieces, std::size_t least) {
    return pieces.size() < least ? DataLoss("a record of the governor's ledgers is too short")
                                 : absl::OkStatus();
  };
  DRAGOMAN_RETURN_IF_ERROR(each("stop", [&](const MemoryRecord& record) -> absl::Status {
    kill.StopAll(record.body);
    return absl::OkStatus();
  }));
  DRAGOMAN_RETURN_IF_ERROR(each("account", [&](const MemoryRecord& record) -> absl::Status {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto pieces, safety::DecodePieces(record.body));
    DRAGOMAN_RETURN_IF_ERROR(short_of(pieces, 1));
    Amounts sum;
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      DRAGOMAN_ASSIGN_OR_RETURN(const auto budget, view.FindBudget(pieces[0], pieces[i]));
      if (budget) safety::AddUnit(sum, pieces[i], budget->reserved + budget->spent);
      known_units[pieces[0]].insert(pieces[i]);
    }
    memory_budgets.RestoreUsed(pieces[0], sum);
    return absl::OkStatus();
  }));
  DRAGOMAN_RETURN_IF_ERROR(each("reservation", [&](const MemoryRecord& record) -> absl::Status {
    DRAGOMAN_ASSIGN_OR_RETURN(StoredReservation stored, safety::DecodeReservation(record.body));
    memory_budgets.RestoreOpen(stored.id, stored.held);
    const std::string id = stored.id;
    armed[id] = {.stored = std::move(stored)};
    return absl::OkStatus();
  }));
  DRAGOMAN_RETURN_IF_ERROR(each("attempt", [&](const MemoryRecord& record) -> absl::Status {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto pieces, safety::DecodePieces(record.body));
    DRAGOMAN_RETURN_IF_ERROR(short_of(pieces, 3));
    memory_calls.RestoreAttempt(pieces[0], pieces[1], pieces[2], record.created);
    return absl::OkStatus();
  }));
  DRAGOMAN_RETURN_IF_ERROR(each("do-not-call", [&](const MemoryRecord& record) -> absl::Status {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto pieces, safety::DecodePieces(record.body));
    DRAGOMAN_RETURN_IF_ERROR(short_of(pieces, 3));
    return memory_calls.Block(pieces[0], pieces[1], pieces[2], record.created);
  }));
  DRAGOMAN_RETURN_IF_ERROR(each("consent", [&](const MemoryRecord& record) -> absl::Status {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto pieces, safety::DecodePieces(record.body));
    DRAGOMAN_RETURN_IF_ERROR(short_of(pieces, 5));
    Consent consent{.source = pieces[2], .recorded = record.created, .revoked = pieces[4] == "1"};
    for (ConsentClass given : {ConsentClass::kExpress, ConsentClass::kWritten}) {
      if (pieces[3] == Name(given)) consent.given = given;
    }
    return memory_calls.RecordConsent(pieces[0], pieces[1], consent);
  }));
  DRAGOMAN_RETURN_IF_ERROR(each("repeat", [&](const MemoryRecord& record) -> absl::Status {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto pieces, safety::DecodePieces(record.body));
    DRAGOMAN_RETURN_IF_ERROR(short_of(pieces, 3));
    memory_repeats.Restore(pieces[0], pieces[1], atoi(pieces[2].c_str()));
    written_repeats[pieces[0]].insert(record.id.substr(record.id.find(':') + 1));
    return absl::OkStatus();
  }));
  return each("asked", [&](const MemoryRecord& record) -> absl::Status {
    known_users.insert(record.body);
    DRAGOMAN_ASSIGN_OR_RETURN(const auto questions, view.ListMemories(record.body, "confirmation"));
    for (const MemoryRecord& question : questions) {
      if (question.expires && *question.expires <= now) {
        old.push_back(
            {.kind = DeletableKind::kMemory, .user_id = question.user_id, .id = question.id});
        continue;
      }
      DRAGOMAN_ASSIGN_OR_RETURN(Confirmation confirmation,
                                safety::DecodeConfirmation(question.body));
      DRAGOMAN_ASSIGN_OR_RETURN(const auto approval, view.FindApproval(confirmation.id));
      if (!approval || approval->digest != confirmation.digest) continue;
      confirmation.state = static_cast<ConfirmationState>(approval->state);
      memory_confirmations.Restore(std::move(confirmation));
    }
    return absl::OkStatus();
  });
}

void StoreLedgers::State::Load(absl::AnyInvocable<void(absl::Status)> done_in) {
  auto done = std::make_shared<decltype(done_in)>(std::move(done_in));
  const absl::Status taken = with.store->Read(
      [state = shared_from_this()](StoreView& view) { return state->ReadAll(view); },
      *with.executor,
      [state = shared_from_this(), done](absl::Status read) {
        std::vector<Change> changes;
        {
          const MutexLock lock(state->mutex);
          for (DeleteRecord& one : state->old) changes.emplace_back(std::move(one));
          state->old.clear();
        }
        if (read.ok() && !changes.empty()) state->WriteSoon(std::move(changes), "ledgers swept");
        (*done)(std::move(read));
      });
  if (!taken.ok()) with.executor->Post([done, taken] { (*done)(taken); });
}

// --- the public face ---------------------------------------------------------------------------

StoreLedgers::StoreLedgers(std::shared_ptr<State> state) : state_(std::move(state)) {}
StoreLedgers::~StoreLedgers() = default;

void StoreLedgers::Open(
    const StoreLedgerDependencies& with,
    absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<StoreLedgers>>)> done_in) {
  auto state = std::make_shared<State>(with);
  safety::MakeLedgers(*state);
  state->Load([state, done = std::move(done_in)](const absl::Status& read) mutable {
    if (!read.ok()) return done(Annotate(read, "the governor's ledgers"));
    done(std::unique_ptr<StoreLedgers>(new StoreLedgers(std::move(state))));
  });
}

BudgetLedger& StoreLedgers::budgets() { return *state_->budgets; }
CallLedger& StoreLedgers::calls() { return *state_->calls; }
RepeatLedger& StoreLedgers::repeats() { return *state_->repeat_ledger; }
ConfirmationBook& StoreLedgers::confirmations() { return *state_->confirmations; }
DecisionLog& StoreLedgers::decisions() { return *state_->decisions; }

absl::StatusOr<std::vector<Change>> StoreLedgers::TakeForArming(const Decision& decision,
                                                                std::string_view effect_id) {
  State& state = *state_;
  const MutexLock lock(state.mutex);
  if (decision.verdict != Verdict::kAllow || !state.kept_back.contains(decision.reservation)) {
    return FailedPrecondition(
        "decision ", decision.id,
        " has no reservation that waits; expected an allowed one that was neither armed nor "
        "settled");
  }
  std::vector<Change> changes;
  State::Armed& armed = state.TakeReservation(decision.reservation, effect_id, changes);
  if (decision.confirmation) {
    const auto used = state.used.find(decision.confirmation->id);
    if (used != state.used.end()) {
      changes.emplace_back(Use(used->first, used->second));
      armed.confirmation = used->first;
      state.used.erase(used);
    }
  }
  armed.attempts = state.attempts;
  armed.repeats = state.repeats;
  state.TakeCounted(changes);
  return changes;
}

void StoreLedgers::NotArmed(const Decision& decision) {
  State& state = *state_;
  std::string confirmation;
  {
    const MutexLock lock(state.mutex);
    const auto found = state.armed.find(decision.reservation);
    if (found == state.armed.end()) return;
    State::Armed& armed = found->second;
    confirmation = armed.confirmation;
    state.attempts.insert(state.attempts.end(), armed.attempts.begin(), armed.attempts.end());
    state.repeats.insert(armed.repeats.begin(), armed.repeats.end());
    state.armed.erase(found);
  }
  state.memory_budgets.Settle(decision.reservation, {}).IgnoreError();
  const WallTime now = state.with.clock->WallNow();
  absl::StatusOr<Confirmation> again = state.memory_confirmations.Find(confirmation, now);
  if (!again.ok()) return;                      // none was used
  again->state = ConfirmationState::kApproved;  // as in the store
  state.memory_confirmations.Restore(*std::move(again));
}

const KillSwitch& StoreLedgers::kill() const { return state_->kill; }

absl::Status StoreLedgers::StopAll(std::string_view why) {
  state_->kill.StopAll(std::string(why));
  return state_->Write({state_->Record("stop", "all", std::string(why), std::chrono::hours(0))},
                       state_->Step("kill switch on"));
}

absl::Status StoreLedgers::LiftStop() {
  DRAGOMAN_RETURN_IF_ERROR(
      state_->Write({state_->Deletion("stop", "all")}, state_->Step("kill switch off")));
  state_->kill.Resume();
  return absl::OkStatus();
}

absl::Status StoreLedgers::Keep() {
  State& state = *state_;
  std::vector<Change> changes;
  {
    const MutexLock lock(state.mutex);
    std::vector<std::string> ids;
    for (const auto& [id, kept] : state.kept_back) ids.push_back(id);
    for (const std::string& id : ids) state.TakeReservation(id, "", changes);
    for (const auto& [id, used] : state.used) {
      changes.emplace_back(Use(id, used));
    }
    state.used.clear();
    state.TakeCounted(changes);
  }
  if (changes.empty()) return absl::OkStatus();
  return state.Write(std::move(changes), state.Step("ledgers kept"));
}

std::vector<OpenReservation> StoreLedgers::open_reservations() const {
  const MutexLock lock(state_->mutex);
  std::vector<OpenReservation> open;
  for (const auto& [id, one] : state_->armed) {
    open.push_back(
        {.id = id, .effect_id = one.stored.effect_id, .amounts = one.stored.held.amounts});
  }
  return open;
}

absl::Status StoreLedgers::SettleEffect(std::string_view effect_id, const Amounts& actual) {
  for (const OpenReservation& open : open_reservations()) {
    if (open.effect_id == effect_id) return budgets().Settle(open.id, actual);
  }
  return NotFound("no open reservation of effect ", effect_id);
}

absl::Status StoreLedgers::write_error() const {
  const MutexLock lock(state_->mutex);
  return state_->error;
}

}  // namespace dragoman
