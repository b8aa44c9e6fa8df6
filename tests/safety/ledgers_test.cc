// The governor's ledgers, in memory and in a store, and how they travel with ARMED.
#include <atomic>
#include <fstream>
#include <iterator>
#include <optional>

#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/safety/store_ledgers.h"
#include "dragoman/store/effect_journal.h"
#include "tests/contract/ledger_contract.h"
#include "tests/providers/sqlite/temporary_folder.h"
#include "tests/safety/governor_fixture.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct MemoryLedgerHarness {
  BudgetLedger& budgets() { return *budget_ledger; }
  CallLedger& calls() { return *call_ledger; }
  RepeatLedger& repeats() { return *repeat_ledger; }
  ConfirmationBook& confirmations() { return *book; }
  void Again() {}

  std::unique_ptr<BudgetLedger> budget_ledger = MakeMemoryBudgetLedger();
  std::unique_ptr<CallLedger> call_ledger = MakeMemoryCallLedger();
  std::unique_ptr<RepeatLedger> repeat_ledger = MakeMemoryRepeatLedger();
  std::unique_ptr<ConfirmationBook> book = MakeMemoryConfirmationBook();
};

// Ledgers over a store that lives on; `Crash` forgets what was not written.
class StoreLedgerRig {
 public:
  StoreLedgerRig() {
    clock.SetWallStart(LedgerTime(0));
    OpenStore();
    Open();
  }
  void OpenStore() {
    ledgers_.reset();
    store.reset();
    auto opened = MakeSqliteStore({.path = folder_.File("dragoman.db"), .on_calling_thread = true});
    EXPECT_THAT(opened, IsOk());
    store = *std::move(opened);
  }
  void Open() {
    std::optional<absl::StatusOr<std::unique_ptr<StoreLedgers>>> result;
    StoreLedgers::Open(
        {.store = store.get(), .executor = &clock, .clock = &clock, .random = &random},
        [&](auto opened) { result.emplace(std::move(opened)); });
    clock.RunUntilIdle();
    ASSERT_TRUE(result.has_value());
    ASSERT_THAT(*result, IsOk());
    ledgers_ = *std::move(*result);
  }
  void Crash() {
    clock.RunUntilIdle();
    OpenStore();
    Open();
  }
  std::string Bytes() const {
    std::string all;
    for (const char* end : {"", "-wal"}) {
      std::ifstream in(folder_.File("dragoman.db") + end, std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }
  StoreLedgers& ledgers() { return *ledgers_; }

  ManualExecutor clock;
  CountingRandom random;
  std::unique_ptr<Store> store;

 private:
  TemporaryFolder folder_;
  std::unique_ptr<StoreLedgers> ledgers_;
};

struct StoreLedgerHarness {
  BudgetLedger& budgets() { return rig.ledgers().budgets(); }
  CallLedger& calls() { return rig.ledgers().calls(); }
  RepeatLedger& repeats() { return rig.ledgers().repeats(); }
  ConfirmationBook& confirmations() { return rig.ledgers().confirmations(); }
  void Again() {
    ASSERT_THAT(rig.ledgers().Keep(), IsOk());
    rig.clock.RunUntilIdle();
    ASSERT_THAT(rig.ledgers().write_error(), IsOk());
    rig.Crash();
  }
  StoreLedgerRig rig;
};

INSTANTIATE_TYPED_TEST_SUITE_P(InMemory, LedgerContract, MemoryLedgerHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(InAStore, LedgerContract, StoreLedgerHarness);

TEST(StoreLedgersTest, AStopOutlivesItsProcessUntilItIsLifted) {
  StoreLedgerRig rig;
  EXPECT_FALSE(rig.ledgers().kill().Stopped("t", "g").has_value());
  ASSERT_THAT(rig.ledgers().StopAll("it talks nonsense"), IsOk());
  rig.Crash();
  EXPECT_EQ(rig.ledgers().kill().Stopped("t", "g"), "everything is stopped: it talks nonsense");
  ASSERT_THAT(rig.ledgers().LiftStop(), IsOk());
  EXPECT_FALSE(rig.ledgers().kill().Stopped("t", "g").has_value());
  rig.Crash();
  EXPECT_FALSE(rig.ledgers().kill().Stopped("t", "g").has_value());
}

// --- with a governor and a journal ---------------------------------------------------------------

class ArmingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rig.clock.SetWallStart(std::chrono::sys_days(std::chrono::year(2026) / 1 / 6) +
                           std::chrono::hours(18));
    for (const ToolSpec& tool : {MailTool(), CallTool()}) {
      asking.scope.tools[tool.name] = ToolFingerprint(tool);
    }
    StartAgain();
  }
  // Also as a process that starts again.
  void StartAgain() {
    governor.reset();
    rig.Crash();
    auto made = MakeGovernor(ShippedPolicy(), {.clock = &rig.clock,
                                               .random = &rig.random,
                                               .budgets = &rig.ledgers().budgets(),
                                               .calls = &rig.ledgers().calls(),
                                               .repeats = &rig.ledgers().repeats(),
                                               .confirmations = &rig.ledgers().confirmations(),
                                               .decisions = &rig.ledgers().decisions(),
                                               .kill = &kill});
    ASSERT_THAT(made, IsOk());
    governor = *std::move(made);
  }
  // A mail to an address that the model found: the owner is asked, and says yes.
  Decision AllowedMail() {
    const EffectRequest request =
        asking.Ask(MailTool(), R"({"to":"found@example.org"})", UntrustedLabel("a page"));
    const Decision asked = governor->Authorize(request);
    EXPECT_EQ(asked.verdict, Verdict::kConfirm) << RenderDecision(asked);
    if (!asked.confirmation) return asked;
    EXPECT_THAT(rig.ledgers().confirmations().Answer(asked.confirmation->id, OwnerSays(true),
                                                     rig.clock.WallNow()),
                IsOk());
    Decision allowed = governor->Authorize(request);
    EXPECT_EQ(allowed.verdict, Verdict::kAllow) << RenderDecision(allowed);
    return allowed;
  }
  OwnerAnswer OwnerSays(bool yes) const {
    return {.channel = AnswerChannel::kOwnerConsole,
            .tenant = asking.scope.tenant,
            .user = asking.scope.user,
            .yes = yes};
  }
  absl::Status Arm(std::vector<Change> changes) {
    StoreTransaction transaction;
    transaction.changes = std::move(changes);
    transaction.steps.push_back({.actor = "journal", .action = "intent ARMED"});
    std::optional<absl::Status> kept;
    EXPECT_THAT(
        rig.store->Commit(std::move(transaction), rig.clock,
                          [&](const absl::StatusOr<Committed>& done) { kept = done.status(); }),
        IsOk());
    rig.clock.RunUntilIdle();
    return kept.value_or(absl::InternalError("no answer"));
  }

  GovernorFixture asking;  // for its requests only
  StoreLedgerRig rig;
  KillSwitch kill;
  std::unique_ptr<Governor> governor;
};

TEST_F(ArmingTest, WhatWasNeverArmedWasNeverTakenAndTheAnswerStillHolds) {
  const Decision allowed = AllowedMail();
  ASSERT_EQ(allowed.verdict, Verdict::kAllow);
  StartAgain();  // killed between the decision and ARMED
  EXPECT_THAT(rig.ledgers().open_reservations(), IsEmpty());
  const Decision again = governor->Authorize(
      asking.Ask(MailTool(), R"({"to":"found@example.org"})", UntrustedLabel("a page")));
  EXPECT_EQ(again.verdict, Verdict::kAllow) << RenderDecision(again);
  EXPECT_EQ(again.confirmation->id, allowed.confirmation->id);
}

TEST_F(ArmingTest, ArmedCarriesReservationAndUsedConfirmationOverARestart_G12) {
  const Decision allowed = AllowedMail();
  auto changes = rig.ledgers().TakeForArming(allowed, "effect-1");
  ASSERT_THAT(changes, IsOk());
  ASSERT_THAT(Arm(*std::move(changes)), IsOk());
  StartAgain();
  ASSERT_THAT(rig.ledgers().open_reservations(), SizeIs(1));
  EXPECT_EQ(rig.ledgers().open_reservations()[0].effect_id, "effect-1");
  EXPECT_EQ(rig.ledgers().open_reservations()[0].amounts, allowed.reserved);
  EXPECT_EQ(
      rig.ledgers().confirmations().Find(allowed.confirmation->id, rig.clock.WallNow())->state,
      ConfirmationState::kUsed);
  // The address counts as confirmed for this goal: asked about once, not twice.
  EXPECT_TRUE(rig.ledgers().confirmations().Covers(asking.scope.tenant, asking.scope.goal,
                                                   "mailto:found@example.org"));
  ASSERT_THAT(rig.ledgers().SettleEffect("effect-1", {.messages = 1}), IsOk());
  StartAgain();
  EXPECT_THAT(rig.ledgers().open_reservations(), IsEmpty());
  EXPECT_THAT(rig.ledgers().SettleEffect("effect-1", {}), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ArmingTest, ItIsGivenOutOnceAndADecisionThatCouldNotBeArmedIsVoid_D13) {
  const Decision allowed = AllowedMail();
  auto changes = rig.ledgers().TakeForArming(allowed, "effect-1");
  ASSERT_THAT(changes, IsOk());
  EXPECT_THAT(rig.ledgers().TakeForArming(allowed, "effect-1"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  rig.ledgers().NotArmed(allowed);
  EXPECT_THAT(rig.ledgers().open_reservations(), IsEmpty());
  EXPECT_THAT(rig.ledgers().budgets().Settle(allowed.reservation, {}),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(rig.ledgers().TakeForArming(allowed, "effect-1"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // The owner's yes was not used up: decided anew, it is used once.
  const Decision again = governor->Authorize(
      asking.Ask(MailTool(), R"({"to":"found@example.org"})", UntrustedLabel("a page")));
  ASSERT_EQ(again.verdict, Verdict::kAllow) << RenderDecision(again);
  auto second = rig.ledgers().TakeForArming(again, "effect-1");
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(Arm(*std::move(second)), IsOk());
  // The first transaction, given in late all the same: the approval was used up.
  EXPECT_THAT(Arm(*std::move(changes)), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ArmingTest, ADecisionThatWasSettledOrNotAllowedArmsNothing) {
  const Decision allowed = AllowedMail();
  ASSERT_THAT(governor->Settle(allowed, {}), IsOk());
  EXPECT_THAT(rig.ledgers().TakeForArming(allowed, "e"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  Decision denied;
  EXPECT_THAT(rig.ledgers().TakeForArming(denied, "e"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(ArmingTest, TheStoreHoldsTheLimitWhateverMemoryThought_G16) {
  BudgetLedger& budgets = rig.ledgers().budgets();
  const BudgetAccount account{.key = "goal x", .limits = {.messages = 2}};
  Decision one;
  one.verdict = Verdict::kAllow;
  one.reservation = *budgets.Reserve({account}, {.messages = 2});
  auto changes = rig.ledgers().TakeForArming(one, "e1");
  ASSERT_THAT(changes, IsOk());
  ASSERT_THAT(Arm(*changes), IsOk());
  EXPECT_THAT(Arm(*changes), StatusIs(absl::StatusCode::kResourceExhausted));
}

// The real journal: its transaction is the one that carries.
TEST_F(ArmingTest, TheJournalsArmedTransactionHoldsAllOfIt) {
  const Decision allowed = AllowedMail();
  IntentRecord intent{.goal_id = asking.scope.goal,
                      .step = "mail",
                      .tool = "send_email",
                      .effect = EffectClass::kQueryable,
                      .arguments = allowed.arguments,
                      .client_reference = "ref"};
  intent.effect_id =
      MakeEffectId(intent.goal_id, intent.step, intent.attempt_group, intent.arguments);
  struct Silent : EffectSender {
    void Send(const IntentRecord&, absl::AnyInvocable<void(SendResult)>) override { ++sent; }
    void LookUp(const IntentRecord&, WallTime, WallTime,
                absl::AnyInvocable<void(LookupResult)>) override {}
    void Poll(const IntentRecord&, absl::AnyInvocable<void(PollResult)>) override {}
    int sent = 0;
  } sender;
  EffectJournalDependencies with{.store = rig.store.get(), .executor = &rig.clock};
  with.sender = [&](const IntentRecord&) { return &sender; };
  with.recheck = [&](const IntentRecord& record) {
    return rig.ledgers().TakeForArming(allowed, record.effect_id);
  };
  auto journal = EffectJournal::Create({}, std::move(with));
  ASSERT_THAT(journal, IsOk());
  (*journal)->Recover([](const absl::Status& status) { EXPECT_THAT(status, IsOk()); });
  rig.clock.RunUntilIdle();
  const auto expect_ok = [](const absl::StatusOr<IntentRecord>& done) {
    EXPECT_THAT(done, IsOk());
  };
  (*journal)->Plan(intent, expect_ok);
  rig.clock.RunUntilIdle();
  (*journal)->Approve(intent.effect_id, expect_ok);
  rig.clock.RunUntilIdle();
  (*journal)->Execute(intent.effect_id, expect_ok);
  rig.clock.RunUntilIdle();
  EXPECT_EQ(sender.sent, 1);
  journal->reset();
  StartAgain();
  ASSERT_THAT(rig.ledgers().open_reservations(), SizeIs(1));
  EXPECT_EQ(rig.ledgers().open_reservations()[0].effect_id, intent.effect_id);
}

TEST_F(ArmingTest, NoNumberStandsInTheFileAndErasureTakesTheQuestions_P1) {
  const Decision allowed = AllowedMail();
  ASSERT_THAT(rig.ledgers().calls().Block("t1", "+12015550123", "said so", LedgerTime(0)), IsOk());
  ASSERT_THAT(
      rig.ledgers().calls().TryAttempt(
          "t1", "u1", "+12015550123",
          {.number_per_hour = 1, .number_per_day = 1, .user_per_hour = 1, .user_per_day = 1},
          rig.clock.WallNow()),
      IsOk());
  ASSERT_THAT(rig.ledgers().Keep(), IsOk());
  EXPECT_THAT(rig.Bytes(), Not(HasSubstr("2015550123")));
  EXPECT_THAT(rig.Bytes(), HasSubstr("found@example.org"));
  ASSERT_THAT(Arm({EraseUser{"u1"}}), IsOk());
  EXPECT_THAT(rig.Bytes(), Not(HasSubstr("found@example.org")));
  StartAgain();
  EXPECT_THAT(rig.ledgers().confirmations().Pending("t1", "u1", rig.clock.WallNow()), IsEmpty());
}

}  // namespace
}  // namespace dragoman
