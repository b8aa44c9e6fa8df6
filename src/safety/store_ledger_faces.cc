// The ledgers that the governor sees: answers from memory, and a note of what must last.
#include "dragoman/store/digest.h"
#include "dragoman/tools/canonical_json.h"
#include "src/safety/store_ledgers_state.h"

namespace dragoman::safety {
namespace {

using State = StoreLedgers::State;

constexpr std::chrono::hours kAttemptsLast{25};
constexpr std::chrono::hours kQuestionsLast{90 * 24};
constexpr std::chrono::hours kForGood{0};

class StoreBudgetLedger : public BudgetLedger {
 public:
  explicit StoreBudgetLedger(State& state) : state_(state) {}

  absl::StatusOr<std::string> Reserve(const std::vector<BudgetAccount>& accounts,
                                      const Amounts& worst_case) override {
    const std::string id = MakeId("res_", *state_.with.random);
    DRAGOMAN_RETURN_IF_ERROR(state_.memory_budgets.ReserveAs(id, accounts, worst_case));
    const MutexLock lock(state_.mutex);
    state_.kept_back[id] = {.accounts = accounts, .amounts = worst_case};
    return id;
  }
  absl::Status Check(const std::vector<BudgetAccount>& accounts,
                     const Amounts& worst_case) const override {
    return state_.memory_budgets.Check(accounts, worst_case);
  }
  absl::Status Settle(std::string_view reservation, const Amounts& actual) override {
    DRAGOMAN_RETURN_IF_ERROR(state_.memory_budgets.Settle(reservation, actual));
    state_.Settle(std::string(reservation), actual);
    return absl::OkStatus();
  }
  Amounts Used(std::string_view account) const override {
    return state_.memory_budgets.Used(account);
  }

 private:
  State& state_;
};

// Numbers are kept as digests: the list answers whether a number is on it, and is no list of
// numbers. (There are few enough numbers that somebody with the file can try them all.)
class StoreCallLedger : public CallLedger {
 public:
  explicit StoreCallLedger(State& state) : state_(state) {}

  absl::Status TryAttempt(std::string_view tenant, std::string_view user, std::string_view number,
                          const AttemptCaps& caps, WallTime now) override {
    const std::string digest = DigestOf(tenant, number);
    DRAGOMAN_RETURN_IF_ERROR(state_.memory_calls.TryAttempt(tenant, user, digest, caps, now));
    MemoryRecord record = state_.Record(
        "attempt", MakeId("", *state_.with.random),
        EncodePieces({std::string(tenant), std::string(user), digest}), kAttemptsLast);
    record.created = now;
    record.expires = now + kAttemptsLast;
    const MutexLock lock(state_.mutex);
    state_.attempts.push_back(std::move(record));
    return absl::OkStatus();
  }
  absl::Status CheckAttempt(std::string_view tenant, std::string_view user, std::string_view number,
                            const AttemptCaps& caps, WallTime now) const override {
    return state_.memory_calls.CheckAttempt(tenant, user, DigestOf(tenant, number), caps, now);
  }
  // Counts from now on even when it cannot be written: then the caller is told.
  absl::Status Block(std::string_view tenant, std::string_view number, std::string_view why,
                     WallTime now) override {
    const std::string digest = DigestOf(tenant, number);
    DRAGOMAN_ASSIGN_OR_RETURN(const auto blocked, state_.memory_calls.Blocked(tenant, digest));
    DRAGOMAN_RETURN_IF_ERROR(state_.memory_calls.Block(tenant, digest, why, now));
    MemoryRecord record = state_.Record(
        "do-not-call", digest,
        EncodePieces({std::string(tenant), digest, blocked ? *blocked : std::string(why)}),
        kForGood);
    record.created = now;
    return state_.Write({std::move(record)}, state_.Step("do-not-call"));
  }
  absl::StatusOr<std::optional<std::string>> Blocked(std::string_view tenant,
                                                     std::string_view number) const override {
    return state_.memory_calls.Blocked(tenant, DigestOf(tenant, number));
  }
  // Written first: consent that could not be kept was not given.
  absl::Status RecordConsent(std::string_view tenant, std::string_view number,
                             const Consent& consent) override {
    const std::string digest = DigestOf(tenant, number);
    // A consent that is taken back counts at once.
    if (consent.revoked) {
      DRAGOMAN_RETURN_IF_ERROR(state_.memory_calls.RecordConsent(tenant, digest, consent));
    }
    MemoryRecord record =
        state_.Record("consent", digest,
                      EncodePieces({std::string(tenant), digest, consent.source,
                                    std::string(Name(consent.given)), consent.revoked ? "1" : "0"}),
                      kForGood);
    record.created = consent.recorded;
    DRAGOMAN_RETURN_IF_ERROR(state_.Write({std::move(record)}, state_.Step("consent")));
    return state_.memory_calls.RecordConsent(tenant, digest, consent);
  }
  absl::StatusOr<Consent> ConsentOf(std::string_view tenant,
                                    std::string_view number) const override {
    return state_.memory_calls.ConsentOf(tenant, DigestOf(tenant, number));
  }

 private:
  static std::string DigestOf(std::string_view tenant, std::string_view number) {
    return ToHex(Sha256Bytes({FramedBytes().Add(tenant).Add(number).bytes()}));
  }
  State& state_;
};

class StoreRepeatLedger : public RepeatLedger {
 public:
  explicit StoreRepeatLedger(State& state) : state_(state) {}

  absl::Status TryCall(std::string_view goal, std::string_view digest, int most) override {
    DRAGOMAN_RETURN_IF_ERROR(state_.memory_repeats.TryCall(goal, digest, most));
    const MutexLock lock(state_.mutex);
    state_.repeats.emplace(goal, digest);
    return absl::OkStatus();
  }
  absl::Status CheckCall(std::string_view goal, std::string_view digest, int most) const override {
    return state_.memory_repeats.CheckCall(goal, digest, most);
  }
  void Progress(std::string_view goal) override {
    state_.memory_repeats.Progress(goal);
    std::vector<Change> changes;
    {
      const MutexLock lock(state_.mutex);
      std::erase_if(state_.repeats, [&](const auto& one) { return one.first == goal; });
      const auto written = state_.written_repeats.find(goal);
      if (written == state_.written_repeats.end()) return;
      for (const std::string& id : written->second) {
        changes.emplace_back(state_.Deletion("repeat", id));
      }
      state_.written_repeats.erase(written);
    }
    state_.WriteSoon(std::move(changes), "progress");
  }

 private:
  State& state_;
};

class StoreConfirmationBook : public ConfirmationBook {
 public:
  explicit StoreConfirmationBook(State& state) : state_(state) {}

  absl::StatusOr<Confirmation> Open(Confirmation confirmation, WallTime now) override {
    const std::string id = confirmation.id;
    DRAGOMAN_ASSIGN_OR_RETURN(Confirmation opened,
                              state_.memory_confirmations.Open(std::move(confirmation), now));
    if (opened.id != id) return opened;  // it was asked before
    const Binding& binding = opened.binding;
    std::vector<Change> changes;
    changes.emplace_back(ApprovalRecord{.id = id,
                                        .goal_id = binding.goal,
                                        .user_id = binding.user,
                                        .digest = opened.digest,
                                        .text = opened.text,
                                        .asked = now,
                                        .expires = opened.expires});
    changes.emplace_back(MemoryRecord{.user_id = binding.user,
                                      .id = StrCat("confirmation:", id),
                                      .kind = "confirmation",
                                      .body = EncodeConfirmation(opened),
                                      .created = now,
                                      .expires = now + kQuestionsLast});
    {
      const MutexLock lock(state_.mutex);
      if (state_.known_users.insert(binding.user).second) {
        changes.emplace_back(
            state_.Record("asked", ToHex(Sha256Bytes({binding.user})), binding.user, kForGood));
      }
    }
    const absl::Status written =
        state_.Write(std::move(changes), state_.Step("owner asked", StrCat("question=", id)));
    if (written.ok()) return opened;
    // Nobody can answer what is not there.
    opened.state = ConfirmationState::kExpired;
    state_.memory_confirmations.Restore(opened);
    {
      const MutexLock lock(state_.mutex);
      state_.known_users.erase(binding.user);
    }
    return written;
  }

  absl::Status Answer(std::string_view id, const OwnerAnswer& answer, WallTime now) override {
    DRAGOMAN_RETURN_IF_ERROR(state_.memory_confirmations.Answer(id, answer, now));
    // From here on a decision may see the yes; its effect is armed only if the store has it too.
    DRAGOMAN_ASSIGN_OR_RETURN(Confirmation answered, state_.memory_confirmations.Find(id, now));
    const absl::Status written = state_.Write(
        {ResolveApproval{.id = std::string(id),
                         .from = ApprovalState::kPending,
                         .to = answer.yes ? ApprovalState::kApproved : ApprovalState::kDenied,
                         .digest = answered.digest,
                         .at = now}},
        state_.Step(answer.yes ? "owner said yes" : "owner said no", StrCat("question=", id)));
    if (written.ok() || !answer.yes) return written;  // a no counts in any case
    answered.state = ConfirmationState::kPending;
    state_.memory_confirmations.Restore(std::move(answered));
    return written;
  }

  absl::Status Consume(std::string_view id, const Binding& binding, WallTime now) override {
    DRAGOMAN_RETURN_IF_ERROR(state_.memory_confirmations.Consume(id, binding, now));
    DRAGOMAN_ASSIGN_OR_RETURN(const Confirmation used, state_.memory_confirmations.Find(id, now));
    const MutexLock lock(state_.mutex);
    state_.used[used.id] = {.digest = used.digest, .at = now};
    return absl::OkStatus();
  }

  absl::StatusOr<Confirmation> Find(std::string_view id, WallTime now) const override {
    return state_.memory_confirmations.Find(id, now);
  }
  std::optional<Confirmation> FindApproved(const Binding& binding, WallTime now) const override {
    return state_.memory_confirmations.FindApproved(binding, now);
  }
  bool Refused(const Binding& binding, WallTime now) const override {
    return state_.memory_confirmations.Refused(binding, now);
  }
  bool Covers(std::string_view tenant, std::string_view goal,
              std::string_view destination) const override {
    return state_.memory_confirmations.Covers(tenant, goal, destination);
  }
  bool CoversItem(std::string_view tenant, std::string_view goal, std::string_view destination,
                  std::string_view item) const override {
    return state_.memory_confirmations.CoversItem(tenant, goal, destination, item);
  }
  std::vector<Confirmation> Pending(std::string_view tenant, std::string_view user,
                                    WallTime now) const override {
    return state_.memory_confirmations.Pending(tenant, user, now);
  }

 private:
  State& state_;
};

// The audit chain takes ids and digests; the words of a reason may name a number, and stay out.
class StoreDecisionLog : public DecisionLog {
 public:
  explicit StoreDecisionLog(State& state) : state_(state) {}

  absl::Status Record(const DecisionRecord& record) override {
    GoalStep step = state_.Step(
        StrCat("decision ", Name(record.verdict)),
        StrCat("id=", record.id, " tenant=", record.tenant, " user=", record.user,
               " goal=", record.goal, " tool=", record.tool, " rule=", record.rule,
               " arguments=", record.arguments_digest,
               " destination=", record.destination.empty() ? "" : Sha256Hex(record.destination),
               " policy=", record.policy_version, " confirmation=", record.confirmation));
    step.at = record.at;
    return state_.Write({}, std::move(step));
  }

 private:
  State& state_;
};

}  // namespace

void MakeLedgers(StoreLedgers::State& state) {
  state.budgets = std::make_unique<StoreBudgetLedger>(state);
  state.calls = std::make_unique<StoreCallLedger>(state);
  state.repeat_ledger = std::make_unique<StoreRepeatLedger>(state);
  state.confirmations = std::make_unique<StoreConfirmationBook>(state);
  state.decisions = std::make_unique<StoreDecisionLog>(state);
}

}  // namespace dragoman::safety
