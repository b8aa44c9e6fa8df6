// The journal on a real store and a far side that does what the test says, in virtual time.
#include "dragoman/store/effect_journal.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Counts what was really done.
class CountingSide : public EffectSender {
 public:
  explicit CountingSide(ManualExecutor& executor) : executor_(executor) {}

  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override {
    ++sends;
    if (take) ++taken[intent.client_reference];
    if (answer) {
      executor_.Post([done = std::move(done), result = *answer]() mutable { done(result); });
    }
  }
  void LookUp(const IntentRecord& intent, WallTime, WallTime,
              absl::AnyInvocable<void(LookupResult)> done) override {
    ++lookups;
    LookupResult result;
    if (!lookups_fail) {
      result.outcome =
          taken[intent.client_reference] > 0 ? LookupOutcome::kFound : LookupOutcome::kAbsent;
      result.reference = "CA1";
    }
    executor_.Post([done = std::move(done), result]() mutable { done(result); });
  }
  void Poll(const IntentRecord&, absl::AnyInvocable<void(PollResult)> done) override {
    ++polls;
    executor_.Post([done = std::move(done), result = poll]() mutable { done(result); });
  }

  bool take = true;
  bool lookups_fail = false;
  std::optional<SendResult> answer = SendResult{.outcome = SendOutcome::kConfirmed};
  PollResult poll{.outcome = PollOutcome::kConfirmed, .detail = ""};
  int sends = 0, lookups = 0, polls = 0;
  std::map<std::string, int> taken;

 private:
  ManualExecutor& executor_;
};

// A store that refuses what the test says, before anything is written.
class RefusingStore : public Store {
 public:
  explicit RefusingStore(Store& real) : real_(real) {}
  absl::Status Commit(StoreTransaction transaction, Executor& executor, CommitDone done) override {
    if (refuse.ok() || (only_arming && transaction.steps[0].action != "intent ARMED")) {
      return real_.Commit(std::move(transaction), executor, std::move(done));
    }
    executor.Post([done = std::move(done), why = refuse]() mutable { done(why); });
    return absl::OkStatus();
  }
  absl::Status Read(StoreReading reading, Executor& executor,
                    absl::AnyInvocable<void(absl::Status)> done) override {
    if (!hold_answers) return real_.Read(std::move(reading), executor, std::move(done));
    return real_.Read(
        std::move(reading), executor, [this, done = std::move(done)](absl::Status status) mutable {
          held.push_back([done = std::move(done), status]() mutable { done(status); });
        });
  }
  bool hold_answers = false;  // of readings: what was read grows old meanwhile
  std::vector<Task> held;
  absl::Status refuse;
  bool only_arming = false;

 private:
  Store& real_;
};

class EffectJournalTest : public ::testing::Test {
 protected:
  EffectJournalTest() { Restart(); }

  // A new process on the same data.
  void Restart() {
    journal_.reset();
    auto journal = EffectJournal::Create(
        {}, {.store = &store_,
             .executor = &executor_,
             .sender = [this](const IntentRecord&) { return has_sender_ ? &side_ : nullptr; },
             .recheck = [this](const IntentRecord&) { return allowed_; },
             .budget_limit = 100,
             .on_final = [this](const IntentRecord& record) { finals_.push_back(record); }});
    ASSERT_THAT(journal, IsOk());
    journal_ = *std::move(journal);
    std::optional<absl::Status> recovered;
    journal_->Recover([&](absl::Status status) { recovered = status; }, recover_);
    executor_.RunUntilIdle();
    ASSERT_TRUE(recovered.has_value());
    ASSERT_THAT(*recovered, IsOk());
  }

  IntentRecord Call(int group = 1, EffectClass effect = EffectClass::kQueryable) {
    IntentRecord intent{.goal_id = "g1",
                        .step = "call",
                        .attempt_group = group,
                        .tool = "place_call",
                        .effect = effect,
                        .arguments = "{}",
                        .to = "+4930901820",
                        .from = "+4930555",
                        .key_window = seconds(600),
                        .budget_account = "goal g1",
                        .budget_unit = "call",
                        .budget_reserved = 40,
                        .expires = executor_.WallNow() + minutes(10)};
    intent.effect_id = MakeEffectId("g1", "call", group, "{}");
    intent.client_reference = intent.effect_id.substr(0, 32);
    return intent;
  }
  using Result = absl::StatusOr<IntentRecord>;
  template <typename Function>
  Result Ask(Function ask) {
    std::optional<Result> result;
    ask([&](Result done) { result = std::move(done); });
    executor_.RunUntilIdle();
    EXPECT_TRUE(result.has_value());
    return *result;
  }
  Result Plan(const IntentRecord& intent) {
    return Ask([&](EffectJournal::Done done) { journal_->Plan(intent, std::move(done)); });
  }
  Result Execute(const IntentRecord& intent) {
    return Ask([&](auto done) { journal_->Execute(intent.effect_id, std::move(done)); });
  }
  // Planned, approved, armed.
  IntentRecord Dispatch(const IntentRecord& intent) {
    EXPECT_THAT(Plan(intent), IsOk());
    EXPECT_THAT(Ask([&](auto d) { journal_->Approve(intent.effect_id, std::move(d)); }), IsOk());
    EXPECT_THAT(Execute(intent), IsOk());
    return intent;
  }
  IntentRecord Stored(const IntentRecord& intent) {
    std::optional<IntentRecord> record;
    EXPECT_THAT(real_store_->Read(
                    [&](StoreView& view) {
                      record = *view.FindIntent(intent.effect_id);
                      return absl::OkStatus();
                    },
                    executor_, [](absl::Status) {}),
                IsOk());
    return record.value_or(IntentRecord{});
  }
  BudgetRecord Budget() {
    std::optional<BudgetRecord> record;
    EXPECT_THAT(real_store_->Read(
                    [&](StoreView& view) {
                      record = *view.FindBudget("goal g1", "call");
                      return absl::OkStatus();
                    },
                    executor_, [](absl::Status) {}),
                IsOk());
    return record.value_or(BudgetRecord{});
  }

  ManualExecutor executor_;
  std::unique_ptr<Store> real_store_ = *MakeSqliteStore({.on_calling_thread = true});
  RefusingStore store_{*real_store_};
  CountingSide side_{executor_};
  bool has_sender_ = true;
  std::function<bool(const IntentRecord&)> recover_;
  absl::StatusOr<std::vector<Change>> allowed_ = std::vector<Change>{};
  std::vector<IntentRecord> finals_;
  std::unique_ptr<EffectJournal> journal_;
};

TEST_F(EffectJournalTest, AnEffectIsSentOnceAndItsEndIsKept) {
  const IntentRecord call = Dispatch(Call());
  EXPECT_EQ(side_.sends, 1);
  EXPECT_EQ(Stored(call).state, IntentState::kConfirmed);
  ASSERT_THAT(finals_, SizeIs(1));
  EXPECT_EQ(Budget(), (BudgetRecord{"goal g1", "call", 0, 40}));
  // Planned again, after a restart too: nothing more happens.
  Restart();
  auto again = Plan(Call());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->state, IntentState::kConfirmed);
  EXPECT_EQ(side_.sends, 1);
}

TEST_F(EffectJournalTest, WhatTheCarrierNeverGotIsProvenAbsentThenDialledExactlyOnce_D2) {
  side_.take = false;
  side_.answer.reset();  // the process dies before an answer
  const IntentRecord call = Dispatch(Call());
  Restart();
  EXPECT_EQ(Stored(call).state, IntentState::kUnknown);
  executor_.RunFor(seconds(59));
  EXPECT_EQ(Stored(call).state, IntentState::kUnknown);
  executor_.RunFor(seconds(2));
  EXPECT_EQ(Stored(call).state, IntentState::kNotDone);
  EXPECT_EQ(side_.lookups, 2);
  EXPECT_EQ(side_.sends, 1);
  EXPECT_EQ(Budget(), (BudgetRecord{"goal g1", "call", 0, 0}));

  side_.take = true;
  side_.answer = SendResult{.outcome = SendOutcome::kConfirmed};
  Dispatch(Call(2));
  EXPECT_EQ(side_.taken[Call(2).client_reference], 1);
  EXPECT_EQ(side_.taken[call.client_reference], 0);
}

TEST_F(EffectJournalTest, WhatTheCarrierDidGetIsAdoptedWithoutASecondCall_D3) {
  side_.answer.reset();
  const IntentRecord call = Dispatch(Call());
  Restart();
  executor_.RunFor(minutes(5));
  EXPECT_EQ(Stored(call).state, IntentState::kDone);
  EXPECT_EQ(Stored(call).provider_reference, "CA1");
  EXPECT_EQ(side_.sends, 1);
}

TEST_F(EffectJournalTest, LookupsThatFailForTwentyMinutesEndWithAPersonAndAClearWord_D4) {
  side_.answer.reset();
  side_.lookups_fail = true;
  const IntentRecord call = Dispatch(Call());
  Restart();
  executor_.RunFor(minutes(14));
  EXPECT_EQ(Stored(call).state, IntentState::kUnknown);
  executor_.RunFor(minutes(6));
  EXPECT_EQ(Stored(call).state, IntentState::kNeedsHuman);
  EXPECT_EQ(side_.sends, 1);
  ASSERT_THAT(finals_, SizeIs(1));
  EXPECT_THAT(finals_[0].detail, HasSubstr("+4930901820 may or may not have happened"));
  EXPECT_THAT(Plan(Call(2)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("NEEDS_HUMAN")));
  // The owner knows better: then it may be tried again.
  EXPECT_THAT(Ask([&](auto d) { journal_->Resolve(call.effect_id, false, std::move(d)); }), IsOk());
  EXPECT_EQ(Stored(call).state, IntentState::kNotDone);
  EXPECT_THAT(Plan(Call(2)), IsOk());
}

TEST_F(EffectJournalTest, WhatWasReadBeforeAnEffectEndedDoesNotBringItBack) {
  side_.answer.reset();
  const IntentRecord call = Dispatch(Call());
  store_.hold_answers = true;
  std::optional<Result> planned;
  journal_->Plan(Call(), [&](Result done) { planned = std::move(done); });
  executor_.RunUntilIdle();
  ASSERT_THAT(store_.held, SizeIs(1));
  journal_->Report(call.effect_id, {.kind = IntentEventKind::kConfirmed}, [](Result) {});
  executor_.RunUntilIdle();
  store_.hold_answers = false;
  store_.held[0]();
  executor_.RunUntilIdle();

  ASSERT_TRUE(planned.has_value());
  ASSERT_THAT(*planned, IsOk());
  EXPECT_EQ((*planned)->state, IntentState::kConfirmed);
  EXPECT_EQ(journal_->open(), 0u);
}

TEST_F(EffectJournalTest, AnErrorOrTimeoutOfACallThatWasPlacedIsNotSentAgain_D5) {
  side_.answer = SendResult{.outcome = SendOutcome::kNoAnswer, .detail = "HTTP 500"};
  const IntentRecord call = Dispatch(Call());
  executor_.RunFor(minutes(20));
  EXPECT_EQ(Stored(call).state, IntentState::kDone);
  EXPECT_EQ(side_.sends, 1);
}

TEST_F(EffectJournalTest, AnAnswerThatNeverComesIsATimeoutOfOurs_D5) {
  side_.answer.reset();
  const IntentRecord call = Dispatch(Call());
  executor_.RunFor(seconds(29));
  EXPECT_EQ(Stored(call).state, IntentState::kArmed);
  executor_.RunFor(seconds(2));
  EXPECT_EQ(Stored(call).state, IntentState::kDone);
  EXPECT_EQ(side_.sends, 1);
}

TEST_F(EffectJournalTest, ADefiniteRefusalEndsItAndATooManyIsRetriedNoSoonerThanTold_D6) {
  side_.take = false;
  side_.answer = SendResult{
      .outcome = SendOutcome::kRejected, .detail = "HTTP 429", .retry_after = seconds(30)};
  const IntentRecord call = Dispatch(Call());
  EXPECT_EQ(Stored(call).state, IntentState::kFailedDefinite);
  EXPECT_EQ(side_.lookups, 0);
  EXPECT_THAT(Plan(Call(2)), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("wait")));
  executor_.RunFor(seconds(31));
  EXPECT_THAT(Plan(Call(2)), IsOk());
}

TEST_F(EffectJournalTest, WhenArmingCannotBeMadeDurableNothingIsSent_D13) {
  const IntentRecord call = Call();
  ASSERT_THAT(Plan(call), IsOk());
  ASSERT_THAT(Ask([&](auto d) { journal_->Approve(call.effect_id, std::move(d)); }), IsOk());
  for (absl::StatusCode code : {absl::StatusCode::kUnavailable, absl::StatusCode::kDataLoss,
                                absl::StatusCode::kResourceExhausted}) {
    store_.refuse = absl::Status(code, "I/O error");
    EXPECT_THAT(Execute(call), StatusIs(code, HasSubstr("I/O")));
    executor_.RunFor(minutes(2));
    EXPECT_EQ(side_.sends, 0);
  }
  store_.refuse = absl::OkStatus();
  EXPECT_THAT(Execute(call), IsOk());
  EXPECT_EQ(side_.sends, 1);
}

TEST_F(EffectJournalTest, WhatTheFarSideSaidIsWrittenWhenTheStoreComesBack_D14) {
  store_.only_arming = false;
  side_.answer.reset();
  const IntentRecord call = Dispatch(Call());
  store_.refuse = absl::UnavailableError("locked");
  bool reported = false;
  journal_->Report(call.effect_id, {.kind = IntentEventKind::kConfirmed, .reference = "CA9"},
                   [&](Result done) { reported = done.ok(); });
  executor_.RunFor(seconds(20));
  EXPECT_FALSE(reported);
  EXPECT_EQ(Stored(call).state, IntentState::kArmed);
  store_.refuse = absl::OkStatus();
  executor_.RunFor(minutes(1));
  EXPECT_TRUE(reported);
  EXPECT_EQ(Stored(call).state, IntentState::kConfirmed);
  EXPECT_EQ(Stored(call).provider_reference, "CA9");
}

TEST_F(EffectJournalTest, AConfirmationIsUsedUpWithTheArmingAndCoversOneEffectOnly_G12) {
  StoreTransaction granted;
  granted.changes.push_back(ApprovalRecord{.id = "a1",
                                           .goal_id = "g1",
                                           .user_id = "u1",
                                           .digest = "d",
                                           .state = ApprovalState::kApproved,
                                           .expires = executor_.WallNow() + minutes(10)});
  granted.steps.push_back({.actor = "u1", .action = "approved"});
  ASSERT_THAT(real_store_->Commit(granted, executor_, [](auto) {}), IsOk());
  allowed_ = std::vector<Change>{ResolveApproval{.id = "a1",
                                                 .from = ApprovalState::kApproved,
                                                 .to = ApprovalState::kUsed,
                                                 .digest = "d",
                                                 .at = executor_.WallNow()}};
  Dispatch(Call());
  IntentRecord other = Call();
  other.step = "another";
  other.effect_id = MakeEffectId("g1", "another", 1, "{}");
  ASSERT_THAT(Plan(other), IsOk());
  ASSERT_THAT(Ask([&](auto d) { journal_->Approve(other.effect_id, std::move(d)); }), IsOk());
  EXPECT_THAT(Execute(other), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("used")));
  EXPECT_EQ(side_.sends, 1);
  EXPECT_EQ(Stored(other).state, IntentState::kApproved);
}

TEST_F(EffectJournalTest, ABudgetThatIsTooSmallKeepsTheEffectFromBeingArmed) {
  Dispatch(Call());  // 40 of 100
  IntentRecord dear = Call();
  dear.step = "dear";
  dear.budget_reserved = 61;
  dear.effect_id = MakeEffectId("g1", "dear", 1, "{}");
  ASSERT_THAT(Plan(dear), IsOk());
  ASSERT_THAT(Ask([&](auto d) { journal_->Approve(dear.effect_id, std::move(d)); }), IsOk());
  EXPECT_THAT(Execute(dear),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("60 call left; 61")));
  EXPECT_EQ(side_.sends, 1);
}

TEST_F(EffectJournalTest, WhatIsNotAllowedAnyMoreIsWithdrawnInsteadOfSent) {
  const IntentRecord call = Call();
  ASSERT_THAT(Plan(call), IsOk());
  ASSERT_THAT(Ask([&](auto d) { journal_->Approve(call.effect_id, std::move(d)); }), IsOk());
  allowed_ = absl::PermissionDeniedError("kill switch");
  EXPECT_THAT(Execute(call), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("kill")));
  EXPECT_EQ(Stored(call).state, IntentState::kAbandoned);
  EXPECT_EQ(side_.sends, 0);
}

TEST_F(EffectJournalTest, AnApprovalThatNobodyUsesIsAbandonedAtItsExpiryWithOrWithoutARestart) {
  const IntentRecord call = Call();
  ASSERT_THAT(Plan(call), IsOk());
  executor_.RunFor(minutes(5));
  Restart();
  EXPECT_EQ(Stored(call).state, IntentState::kPlanned);
  executor_.RunFor(minutes(6));
  EXPECT_EQ(Stored(call).state, IntentState::kAbandoned);
  EXPECT_EQ(journal_->open(), 0u);
}

TEST_F(EffectJournalTest, AnAcceptedCallIsPolledByItsReferenceUntilItsEndIsKnown) {
  side_.answer = SendResult{.outcome = SendOutcome::kAccepted, .reference = "CA7"};
  side_.poll.outcome = PollOutcome::kPending;
  const IntentRecord call = Dispatch(Call());
  executor_.RunFor(seconds(21));
  EXPECT_EQ(side_.polls, 4);
  Restart();  // polled at once
  EXPECT_EQ(side_.polls, 5);
  EXPECT_EQ(Stored(call).state, IntentState::kSent);
  side_.poll.outcome = PollOutcome::kConfirmed;
  executor_.RunFor(seconds(6));
  EXPECT_EQ(Stored(call).state, IntentState::kConfirmed);
  EXPECT_EQ(side_.sends, 1);
}

TEST_F(EffectJournalTest, AKeyedWriteOfADeadProcessThatNothingCanRepeatIsForAPerson) {
  side_.answer.reset();
  const IntentRecord write = Dispatch(Call(1, EffectClass::kKeyedWrite));
  has_sender_ = false;
  Restart();
  EXPECT_EQ(Stored(write).state, IntentState::kNeedsHuman);
  ASSERT_EQ(finals_.size(), 1u);
  EXPECT_THAT(finals_[0].detail, HasSubstr("may or may not have happened"));
  EXPECT_EQ(side_.sends, 1);
}

TEST_F(EffectJournalTest, WhatIsTakenOverInPartsIsTakenOverOnce) {
  side_.answer.reset();
  const IntentRecord write = Dispatch(Call(1, EffectClass::kKeyedWrite));
  recover_ = [](const IntentRecord&) { return false; };
  Restart();
  EXPECT_EQ(side_.sends, 1);
  EXPECT_EQ(journal_->open(), 0u);
  side_.answer = SendResult{.outcome = SendOutcome::kConfirmed};
  for (int i = 0; i < 2; ++i) {
    journal_->Recover([](const absl::Status& status) { EXPECT_THAT(status, IsOk()); });
    executor_.RunUntilIdle();
    EXPECT_EQ(side_.sends, 2);
  }
  EXPECT_EQ(Stored(write).state, IntentState::kConfirmed);
}

TEST_F(EffectJournalTest, AKeyedWriteIsRepeatedWithTheSameKeyUntilItIsAnswered) {
  side_.answer = SendResult{.outcome = SendOutcome::kNoAnswer};
  const IntentRecord write = Dispatch(Call(1, EffectClass::kKeyedWrite));
  executor_.RunFor(seconds(16));  // after 5 and after 10 more
  EXPECT_EQ(side_.sends, 3);
  EXPECT_EQ(side_.taken.size(), 1u);
  side_.answer = SendResult{.outcome = SendOutcome::kConfirmed};
  executor_.RunFor(minutes(1));
  EXPECT_EQ(Stored(write).state, IntentState::kConfirmed);
}

TEST_F(EffectJournalTest, ABlindEffectWithoutAnAnswerIsNeverRepeated) {
  side_.answer.reset();
  const IntentRecord tone = Dispatch(Call(1, EffectClass::kBlind));
  Restart();
  executor_.RunFor(minutes(30));
  EXPECT_EQ(Stored(tone).state, IntentState::kNeedsHuman);
  EXPECT_EQ(side_.sends, 1);
  EXPECT_EQ(side_.lookups, 0);
}

TEST_F(EffectJournalTest, AToolWithoutASenderFailsDefinitelyAndNothingLeaves) {
  has_sender_ = false;
  const IntentRecord call = Dispatch(Call());
  EXPECT_EQ(Stored(call).state, IntentState::kFailedDefinite);
  EXPECT_THAT(Stored(call).detail, HasSubstr("nothing was sent"));
}

TEST_F(EffectJournalTest, AnIdThatIsNotThatOfTheEffectIsRefused) {
  IntentRecord call = Call();
  call.arguments = R"({"to":"+900"})";
  EXPECT_THAT(Plan(call), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("effect_id")));
}

TEST_F(EffectJournalTest, EveryStepIsInTheAuditChain) {
  Dispatch(Call());
  std::vector<std::string> actions;
  ASSERT_THAT(real_store_->Read(
                  [&](StoreView& view) {
                    const auto rows = view.ReadLog(1, 100);
                    for (const LogRecord& row : *rows) actions.push_back(row.action);
                    return absl::OkStatus();
                  },
                  executor_, [](absl::Status) {}),
              IsOk());
  EXPECT_THAT(actions, ::testing::ElementsAre("intent PLANNED", "intent APPROVED", "intent ARMED",
                                              "intent CONFIRMED"));
}

}  // namespace
}  // namespace dragoman
