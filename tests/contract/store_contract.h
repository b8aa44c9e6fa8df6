// What every Store does, run against each of them:
//
//   struct MyHarness : ThreadHarness {
//     Store& store();  // empty at first
//     // and what ManualHarness and ThreadHarness have
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, StoreContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_STORE_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_STORE_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/store/audit.h"
#include "dragoman/store/store.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {

inline WallTime StoreTime(int seconds) {
  return WallTime(std::chrono::seconds(1'767'600'000) + std::chrono::seconds(seconds));
}

// A goal g of user u, and an entry that says so.
inline StoreTransaction NewGoal(const std::string& id, const std::string& user = "u1") {
  StoreTransaction transaction;
  transaction.changes.push_back(GoalRecord{.id = id,
                                           .user_id = user,
                                           .request = "call the dentist for " + id,
                                           .state = "INIT",
                                           .created = StoreTime(0),
                                           .updated = StoreTime(0)});
  transaction.steps.push_back(
      {.goal_id = id, .at = StoreTime(0), .actor = user, .action = "goal created", .delta = "d0"});
  return transaction;
}

inline GoalStep StepTo(const std::string& goal, std::int64_t version, const std::string& state) {
  return {.goal_id = goal,
          .expected_version = version,
          .state = state,
          .at = StoreTime(static_cast<int>(version)),
          .actor = "worker",
          .action = "step",
          .delta = "delta " + std::to_string(version)};
}

inline StoreTransaction OneStep(GoalStep step) {
  StoreTransaction transaction;
  transaction.steps.push_back(std::move(step));
  return transaction;
}

// A change that belongs to no goal, with the entry that it needs.
inline StoreTransaction OneChange(Change change) {
  StoreTransaction transaction;
  transaction.changes.push_back(std::move(change));
  transaction.steps.push_back({.at = StoreTime(0), .actor = "u1", .action = "change"});
  return transaction;
}

inline IntentRecord PlannedIntent(const std::string& id, const std::string& goal = "g1") {
  return {.effect_id = id,
          .goal_id = goal,
          .step = "call",
          .tool = "place_call",
          .effect = EffectClass::kQueryable,
          .arguments = R"({"to":"+4930901820"})",
          .client_reference = "ref-" + id,
          .to = "+4930901820",
          .from = "+4930555",
          .key_window = std::chrono::seconds(60),
          .expires = StoreTime(600)};
}

template <typename Harness>
class StoreContract : public ::testing::Test {
 protected:
  absl::StatusOr<Committed> Commit(StoreTransaction transaction) {
    std::optional<absl::StatusOr<Committed>> result;
    absl::Status taken;
    bool inside = true;
    // On the executor, so that no callback may run before Commit has returned.
    harness.On([&] {
      taken = harness.store().Commit(std::move(transaction), harness.executor(),
                                     [&](absl::StatusOr<Committed> done) {
                                       EXPECT_FALSE(inside) << "called inside Commit";
                                       result = std::move(done);
                                     });
      inside = false;
    });
    if (!taken.ok()) return taken;
    EXPECT_TRUE(harness.RunUntil([&] { return result.has_value(); }));
    return *result;
  }

  absl::Status Look(StoreReading reading) {
    std::optional<absl::Status> result;
    const absl::Status taken =
        harness.store().Read(std::move(reading), harness.executor(),
                             [&](absl::Status done) { result = std::move(done); });
    if (!taken.ok()) return taken;
    EXPECT_TRUE(harness.RunUntil([&] { return result.has_value(); }));
    return *result;
  }

  // Runs `reading` and gives what it found.
  template <typename Function>
  auto Get(Function reading) {
    using Result = decltype(reading(std::declval<StoreView&>()));
    std::optional<Result> found;
    EXPECT_THAT(Look([&](StoreView& view) {
                  found = reading(view);
                  return found->status();
                }),
                IsOk());
    return **std::move(found);
  }

  GoalRecord Goal(const std::string& id) {
    auto goal = Get([&](StoreView& view) { return view.FindGoal(id); });
    EXPECT_TRUE(goal.has_value());
    return goal.value_or(GoalRecord{});
  }
  std::vector<LogRecord> Log() {
    return Get([](StoreView& view) { return view.ReadLog(1, 10'000); });
  }

  Harness harness;
};

TYPED_TEST_SUITE_P(StoreContract);

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TYPED_TEST_P(StoreContract, AGoalComesBackAsItWasStored) {
  StoreTransaction transaction = NewGoal("g1");
  GoalRecord& goal = std::get<GoalRecord>(transaction.changes[0]);
  goal.parent_id = "g0";
  goal.priority = -3;
  goal.deadline = StoreTime(86'400);
  goal.waiting_on = "answer";
  goal.request = "caf\xC3\xA9; DROP TABLE tasks; -- '\"";
  GoalRecord expected = goal;
  ASSERT_THAT(this->Commit(transaction), IsOk());

  expected.version = 1;
  EXPECT_EQ(this->Goal("g1"), expected);
}

TYPED_TEST_P(StoreContract, AStepMovesTheGoalAndIsOneRowOfTheLogWithItsEvent) {
  ASSERT_THAT(this->Commit(NewGoal("g1")), IsOk());
  GoalStep step = StepTo("g1", 1, "RESEARCH");
  step.waiting_on = "a reply";
  step.delta = std::string("\0\xff", 2);
  step.topic = "goal.state";
  step.event = "{}";
  auto committed = this->Commit(OneStep(step));

  ASSERT_THAT(committed, IsOk());
  EXPECT_EQ(committed->last_index, 2);
  const GoalRecord goal = this->Goal("g1");
  EXPECT_EQ(goal.state, "RESEARCH");
  EXPECT_EQ(goal.waiting_on, "a reply");
  EXPECT_EQ(goal.version, 2);
  EXPECT_EQ(goal.updated, StoreTime(1));
  const std::vector<LogRecord> log = this->Log();
  ASSERT_THAT(log, SizeIs(2));
  EXPECT_EQ(log[1].index, 2);
  EXPECT_EQ(log[1].goal_id, "g1");
  EXPECT_EQ(log[1].version, 2);
  EXPECT_EQ(log[1].state, "RESEARCH");
  EXPECT_EQ(log[1].delta, step.delta);
  EXPECT_EQ(log[1].topic, "goal.state");
  EXPECT_EQ(log[1].event, "{}");
}

TYPED_TEST_P(StoreContract, AStepFromAnotherVersionIsRefusedAndChangesNothing) {
  ASSERT_THAT(this->Commit(NewGoal("g1")), IsOk());
  ASSERT_THAT(this->Commit(OneStep(StepTo("g1", 1, "RESEARCH"))), IsOk());
  auto late = this->Commit(OneStep(StepTo("g1", 1, "FAILED")));

  EXPECT_THAT(late, StatusIs(absl::StatusCode::kAborted, HasSubstr("version 2; expected 1")));
  EXPECT_EQ(this->Goal("g1").state, "RESEARCH");
  EXPECT_THAT(this->Log(), SizeIs(2));
}

TYPED_TEST_P(StoreContract, AGoalThatHasEndedTakesNoStep) {
  ASSERT_THAT(this->Commit(NewGoal("g1")), IsOk());
  GoalStep last = StepTo("g1", 1, "COMPLETED");
  last.final = true;
  ASSERT_THAT(this->Commit(OneStep(last)), IsOk());

  EXPECT_THAT(this->Commit(OneStep(StepTo("g1", 2, "RESEARCH"))),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has ended")));
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListGoals("u1", true, "", 10); }), IsEmpty());
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListGoals("u1", false, "", 10); }), SizeIs(1));
}

TYPED_TEST_P(StoreContract, AStepOfAnUnknownGoalIsRefused) {
  EXPECT_THAT(this->Commit(OneStep(StepTo("nobody", 0, "INIT"))),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nobody")));
}

TYPED_TEST_P(StoreContract, ARefusedChangeTakesTheWholeTransactionWithIt) {
  ASSERT_THAT(this->Commit(NewGoal("g1")), IsOk());
  StoreTransaction transaction = OneStep(StepTo("g1", 1, "RESEARCH"));
  transaction.changes.push_back(ContactRecord{.user_id = "u1", .id = "c1", .name = "Ann"});
  transaction.changes.push_back(PlannedIntent("e1"));
  transaction.steps.push_back(StepTo("g1", 7, "FAILED"));  // the second step does not fit
  EXPECT_THAT(this->Commit(transaction), StatusIs(absl::StatusCode::kAborted, HasSubstr("g1")));

  EXPECT_EQ(this->Goal("g1").state, "INIT");
  EXPECT_THAT(this->Log(), SizeIs(1));
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListContacts("u1"); }), IsEmpty());
  EXPECT_FALSE(this->Get([](StoreView& v) { return v.FindIntent("e1"); }).has_value());
  EXPECT_THAT(this->Commit(OneStep(StepTo("g1", 1, "RESEARCH"))), IsOk());
  EXPECT_THAT(this->Get([](StoreView& v) { return VerifyAudit(v); }),
              Field(&AuditReport::first_bad, std::nullopt));
}

TYPED_TEST_P(StoreContract, TheSameGoalOrIntentTwiceIsRefused) {
  ASSERT_THAT(this->Commit(NewGoal("g1")), IsOk());
  EXPECT_THAT(this->Commit(NewGoal("g1")),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("g1")));
  ASSERT_THAT(this->Commit(OneChange(PlannedIntent("e1"))), IsOk());
  EXPECT_THAT(this->Commit(OneChange(PlannedIntent("e1"))),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("intent")));
}

TYPED_TEST_P(StoreContract, TransactionsWithoutAnAuditEntryOrWithBadFieldsAreNotTaken) {
  StoreTransaction silent;
  silent.changes.push_back(ContactRecord{.user_id = "u1", .id = "c1"});
  EXPECT_THAT(this->Commit(silent),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("audit entry")));
  EXPECT_THAT(this->Commit(StoreTransaction{}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("steps")));
  EXPECT_THAT(this->Commit(OneChange(ContactRecord{.user_id = "u1", .id = ""})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("contact id is empty")));
  EXPECT_THAT(
      this->Commit(OneChange(ContactRecord{.user_id = "u1", .id = "c", .name = "\xff\xfe"})),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("name is not UTF-8")));
  StoreTransaction huge = NewGoal("g1");
  std::get<GoalRecord>(huge.changes[0]).request.assign(kMaxTextBytes + 1, 'x');
  EXPECT_THAT(this->Commit(huge),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("request has 2097153 bytes")));
  EXPECT_THAT(this->Log(), IsEmpty());
}

TYPED_TEST_P(StoreContract, AGoalsLogIsItsOwnRowsInOrder) {
  for (const std::string goal : {"g1", "g2"}) ASSERT_THAT(this->Commit(NewGoal(goal)), IsOk());
  for (int version = 1; version < 6; ++version) {
    ASSERT_THAT(this->Commit(OneStep(StepTo("g1", version, "RESEARCH"))), IsOk());
    ASSERT_THAT(this->Commit(OneStep(StepTo("g2", version, "RESEARCH"))), IsOk());
  }
  const auto rows = this->Get([](StoreView& v) { return v.ReadGoalLog("g2", 3, 2); });

  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].goal_id, "g2");
  EXPECT_EQ(rows[0].version, 3);
  EXPECT_EQ(rows[1].version, 4);
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ReadGoalLog("g2", 1, 100); }), SizeIs(6));
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ReadGoalLog("g3", 1, 100); }), IsEmpty());
}

TYPED_TEST_P(StoreContract, TheGoalsAreWhatTheLogSaysTheyAre) {
  for (int i = 0; i < 4; ++i) {
    ASSERT_THAT(this->Commit(NewGoal("g" + std::to_string(i))), IsOk());
  }
  for (int version = 1; version < 9; ++version) {
    GoalStep step = StepTo("g" + std::to_string(version % 3), 1 + (version - 1) / 3, "");
    step.state = "S" + std::to_string(version);
    step.final = version == 8;
    this->Commit(OneStep(step)).status().IgnoreError();
  }
  // The projection, rebuilt.
  std::map<std::string, LogRecord> rebuilt;
  for (const LogRecord& row : this->Log()) rebuilt[row.goal_id] = row;

  for (const GoalRecord& goal :
       this->Get([](StoreView& v) { return v.ListGoals("", false, "", 99); })) {
    const LogRecord& last = rebuilt[goal.id];
    EXPECT_EQ(goal.state, last.state);
    EXPECT_EQ(goal.version, last.version);
    EXPECT_EQ(goal.final, last.final);
    EXPECT_EQ(goal.waiting_on, last.waiting_on);
    EXPECT_EQ(goal.updated, last.at);
  }
}

TYPED_TEST_P(StoreContract, AnIntentComesBackFieldByFieldAndOnlyItsNextRevisionIsTaken) {
  IntentRecord intent = PlannedIntent("e1");
  intent.armed = StoreTime(1);
  intent.last_answer = StoreTime(2);
  intent.first_negative = StoreTime(3);
  intent.not_before = StoreTime(4);
  intent.next_at = StoreTime(5);
  intent.provider_reference = "CA1";
  intent.budget_account = "goal g1";
  intent.budget_unit = "micro-EUR";
  intent.budget_reserved = 17;
  intent.approval_id = "a1";
  intent.detail = "busy";
  intent.fence = 3;
  intent.failures = 2;
  intent.attempt_group = 4;
  ASSERT_THAT(this->Commit(OneChange(intent)), IsOk());
  EXPECT_EQ(this->Get([](StoreView& v) { return v.FindIntent("e1"); }), intent);

  IntentRecord next = intent;
  next.state = IntentState::kArmed;
  next.next_at.reset();
  next.revision = 1;
  ASSERT_THAT(this->Commit(OneChange(UpdateIntent{next})), IsOk());
  EXPECT_EQ(this->Get([](StoreView& v) { return v.FindIntent("e1"); }), next);
  EXPECT_THAT(this->Commit(OneChange(UpdateIntent{next})),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("revision 1; expected 0")));
}

TYPED_TEST_P(StoreContract, OnlyIntentsThatAreNotFinalAreOpen) {
  for (int state = 0; state < kIntentStates; ++state) {
    IntentRecord intent = PlannedIntent("e" + std::to_string(10 + state));
    intent.state = static_cast<IntentState>(state);
    ASSERT_THAT(this->Commit(OneChange(intent)), IsOk());
  }
  std::vector<std::string> open;
  for (const auto& intent : this->Get([](StoreView& v) { return v.ListOpenIntents("", 99); })) {
    open.push_back(intent.effect_id);
    EXPECT_FALSE(IsFinal(intent.state));
  }
  EXPECT_THAT(open, ElementsAre("e10", "e11", "e12", "e13", "e14"));
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListOpenIntents("e12", 1); }), SizeIs(1));
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListIntents("g1"); }), SizeIs(kIntentStates));
}

TYPED_TEST_P(StoreContract, AnApprovalIsUsedOnceBeforeItExpiresAndForWhatItBinds) {
  for (const std::string id : {"a1", "a2", "a3"}) {
    ASSERT_THAT(this->Commit(OneChange(ApprovalRecord{.id = id,
                                                      .goal_id = "g1",
                                                      .user_id = "u1",
                                                      .digest = "digest",
                                                      .text = "Call +49?",
                                                      .asked = StoreTime(0),
                                                      .expires = StoreTime(600)})),
                IsOk());
  }
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListPendingApprovals("u1"); }), SizeIs(3));
  const auto move = [&](std::string id, ApprovalState from, ApprovalState to, int at,
                        std::string digest = "digest") {
    return this->Commit(OneChange(
        ResolveApproval{.id = id, .from = from, .to = to, .digest = digest, .at = StoreTime(at)}));
  };
  using S = ApprovalState;
  EXPECT_THAT(move("a1", S::kApproved, S::kUsed, 1),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("answered")));
  EXPECT_THAT(move("a1", S::kPending, S::kApproved, 1), IsOk());
  EXPECT_THAT(move("a1", S::kApproved, S::kUsed, 2, "another"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("something else")));
  EXPECT_THAT(move("a1", S::kApproved, S::kUsed, 600),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("expired")));
  EXPECT_THAT(move("a1", S::kApproved, S::kUsed, 599), IsOk());
  EXPECT_THAT(move("a1", S::kApproved, S::kUsed, 599),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("used")));
  EXPECT_THAT(move("a2", S::kPending, S::kApproved, 600),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("expired")));
  EXPECT_THAT(move("a3", S::kPending, S::kDenied, 700), IsOk());
  EXPECT_THAT(move("a9", S::kPending, S::kDenied, 1),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("a9")));
  auto used = this->Get([](StoreView& v) { return v.FindApproval("a1"); });
  ASSERT_TRUE(used.has_value());
  EXPECT_EQ(used->state, S::kUsed);
  EXPECT_EQ(used->resolved, StoreTime(599));
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListPendingApprovals("u1"); }), SizeIs(1));
}

TYPED_TEST_P(StoreContract, BudgetsAreReservedWithinTheirLimitAndSettled) {
  const auto reserve = [&](std::int64_t amount) {
    return this->Commit(OneChange(
        ReserveBudget{.account = "goal g1", .unit = "cent", .amount = amount, .limit = 100}));
  };
  EXPECT_THAT(reserve(60), IsOk());
  EXPECT_THAT(reserve(41),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("40 cent left; 41")));
  EXPECT_THAT(reserve(40), IsOk());
  EXPECT_THAT(this->Commit(OneChange(SettleBudget{"goal g1", "cent", 60, 10})), IsOk());
  EXPECT_THAT(this->Commit(OneChange(SettleBudget{"goal g1", "cent", 41, 0})),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no 41 cent reserved")));
  EXPECT_THAT(reserve(std::numeric_limits<std::int64_t>::max()),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("50 cent left")));
  EXPECT_EQ(this->Get([](StoreView& v) { return v.FindBudget("goal g1", "cent"); }),
            (BudgetRecord{.account = "goal g1", .unit = "cent", .reserved = 40, .spent = 10}));
}

TYPED_TEST_P(StoreContract, EventsWaitForEachConsumerUntilItHasThem) {
  ASSERT_THAT(this->Commit(NewGoal("g1")), IsOk());
  for (int version = 1; version <= 3; ++version) {
    GoalStep step = StepTo("g1", version, "RESEARCH");
    if (version != 2) step.topic = "t" + std::to_string(version);
    ASSERT_THAT(this->Commit(OneStep(step)), IsOk());
  }
  const auto pending = [&](const std::string& consumer) {
    std::vector<std::int64_t> numbers;
    for (const LogRecord& row :
         this->Get([&](StoreView& v) { return v.PendingEvents(consumer, 10); })) {
      numbers.push_back(row.index);
    }
    return numbers;
  };
  EXPECT_THAT(pending("webhooks"), ElementsAre(2, 4));
  StoreTransaction reached;
  reached.changes.push_back(AdvanceOutbox{.consumer = "webhooks", .index = 2});
  ASSERT_THAT(this->Commit(reached), IsOk());  // needs no audit entry
  EXPECT_THAT(pending("webhooks"), ElementsAre(4));
  std::get<AdvanceOutbox>(reached.changes[0]).index = 1;
  ASSERT_THAT(this->Commit(reached), IsOk());
  EXPECT_THAT(pending("webhooks"), ElementsAre(4)) << "it moved back";
  EXPECT_THAT(pending("console"), ElementsAre(2, 4));
}

TYPED_TEST_P(StoreContract, TheRecordsOfAPersonAreReplacedListedAndDeleted) {
  const UserRecord user{.id = "u1",
                        .display_name = "Ann",
                        .time_zone = "Europe/Berlin",
                        .settings = "{}",
                        .created = StoreTime(1)};
  ContactRecord contact{.user_id = "u1",
                        .id = "c1",
                        .name = "Dentist",
                        .address = "+49301",
                        .labels = "USER",
                        .note = "",
                        .updated = StoreTime(2)};
  const MemoryRecord memory{.user_id = "u1",
                            .id = "m1",
                            .kind = "semantic_memory",
                            .body = "b",
                            .labels = "UNTRUSTED",
                            .quarantined = true,
                            .created = StoreTime(3),
                            .expires = StoreTime(9),
                            .goal_id = "g7",
                            .step = "keep"};
  const PlanRecord plan{.goal_id = "g1", .version = 2, .body = "steps", .created = StoreTime(4)};
  for (const Change& change : {Change(user), Change(contact), Change(memory), Change(plan)}) {
    ASSERT_THAT(this->Commit(OneChange(change)), IsOk());
  }
  contact.address = "+49302";
  ASSERT_THAT(this->Commit(OneChange(contact)), IsOk());
  EXPECT_EQ(this->Get([](StoreView& v) { return v.FindUser("u1"); }), user);
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListContacts("u1"); }), ElementsAre(contact));
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListMemories("u1", "semantic_memory"); }),
              ElementsAre(memory));
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListMemories("u2", "semantic_memory"); }),
              IsEmpty());
  EXPECT_EQ(this->Get([](StoreView& v) { return v.FindPlan("g1", 2); }), plan);
  EXPECT_FALSE(this->Get([](StoreView& v) { return v.FindPlan("g1", 1); }).has_value());
  for (const auto& [kind, id] :
       {std::pair(DeletableKind::kContact, "c1"), std::pair(DeletableKind::kMemory, "m1"),
        std::pair(DeletableKind::kMemory, "not there")}) {
    ASSERT_THAT(this->Commit(OneChange(DeleteRecord{.kind = kind, .user_id = "u1", .id = id})),
                IsOk());
  }
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListContacts("u1"); }), IsEmpty());
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListMemories("u1", "semantic_memory"); }),
              IsEmpty());
}

TYPED_TEST_P(StoreContract, AVaultRowIsReplacedOnlyByANewerOneAndNeverUnderADestroyedKey) {
  VaultRecord row{.user_id = "u1",
                  .record = "card",
                  .field = "number",
                  .version = 2,
                  .key_generation = 1,
                  .sealed = "sealed",
                  .updated = StoreTime(1)};
  UserKeyRecord key{.user_id = "u1", .generation = 1, .master_version = 1, .wrapped = "w"};
  ASSERT_THAT(this->Commit(OneChange(key)), IsOk());
  ASSERT_THAT(this->Commit(OneChange(row)), IsOk());
  EXPECT_THAT(this->Commit(OneChange(row)),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("not newer")));
  row.version = 3;
  ASSERT_THAT(this->Commit(OneChange(row)), IsOk());
  EXPECT_EQ(this->Get([](StoreView& v) { return v.FindVault("u1", "card", "number"); }), row);
  key.wrapped.clear();
  ASSERT_THAT(this->Commit(OneChange(key)), IsOk());
  row.version = 4;
  EXPECT_THAT(this->Commit(OneChange(row)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("destroyed")));
  key.wrapped = "again";
  EXPECT_THAT(this->Commit(OneChange(key)),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("destroyed")));
}

TYPED_TEST_P(StoreContract, AVaultRowOfAnEarlierGenerationOfTheKeyComesTooLate_P2) {
  ASSERT_THAT(this->Commit(OneChange(UserKeyRecord{.user_id = "u1", .wrapped = "w"})), IsOk());
  ASSERT_THAT(this->Commit(OneChange(EraseUser{"u1"})), IsOk());
  ASSERT_THAT(
      this->Commit(OneChange(UserKeyRecord{.user_id = "u1", .generation = 2, .wrapped = "w2"})),
      IsOk());
  VaultRecord row{
      .user_id = "u1", .record = "card", .field = "number", .version = 1, .key_generation = 1};
  EXPECT_THAT(this->Commit(OneChange(row)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("too late")));
  row.key_generation = 2;
  EXPECT_THAT(this->Commit(OneChange(row)), IsOk());
}

TYPED_TEST_P(StoreContract, ErasureRemovesThePersonAndLeavesTheAuditChainValid_P4) {
  ASSERT_THAT(this->Commit(NewGoal("g1", "u1")), IsOk());
  ASSERT_THAT(this->Commit(NewGoal("g2", "u2")), IsOk());
  GoalStep step = StepTo("g1", 1, "RESEARCH");
  step.topic = "t";
  step.event = "canary event";
  ASSERT_THAT(this->Commit(OneStep(step)), IsOk());
  ASSERT_THAT(this->Commit(OneChange(ContactRecord{.user_id = "u1", .id = "c", .name = "canary"})),
              IsOk());
  ASSERT_THAT(this->Commit(OneChange(PlannedIntent("e1"))), IsOk());
  ASSERT_THAT(this->Commit(OneChange(EraseUser{"u1"})), IsOk());

  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListContacts("u1"); }), IsEmpty());
  EXPECT_EQ(this->Goal("g1").request, "");
  EXPECT_NE(this->Goal("g2").request, "");
  EXPECT_EQ(this->Get([](StoreView& v) { return v.FindIntent("e1"); })->arguments, "");
  for (const LogRecord& row : this->Log()) {
    if (row.goal_id != "g1") continue;
    EXPECT_EQ(row.delta, "");
    EXPECT_EQ(row.event, "");
    EXPECT_EQ(row.delta_digest.size(), 32u);
  }
  const AuditReport report = this->Get([](StoreView& v) { return VerifyAudit(v); });
  EXPECT_EQ(report.first_bad, std::nullopt) << report.reason;
  EXPECT_EQ(report.rows, 6);
  EXPECT_THAT(
      this->Commit(OneChange(VaultRecord{
          .user_id = "u1", .record = "r", .field = "f", .version = 1, .key_generation = 1})),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("destroyed")));
}

TYPED_TEST_P(StoreContract, WhatComesLateForAnErasedGoalIsNotKept_P2) {
  ASSERT_THAT(this->Commit(NewGoal("g1", "u1")), IsOk());
  IntentRecord intent = PlannedIntent("e1");
  ASSERT_THAT(this->Commit(OneChange(intent)), IsOk());
  ASSERT_THAT(this->Commit(OneChange(EraseUser{"u1"})), IsOk());
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListGoals("", true, "", 10); }), IsEmpty());
  EXPECT_TRUE(this->Goal("g1").erased);

  const auto too_late = StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("erased"));
  EXPECT_THAT(this->Commit(OneStep(StepTo("g1", 1, "RESEARCH"))), too_late);
  EXPECT_THAT(this->Commit(OneChange(PlannedIntent("e2"))), too_late);
  EXPECT_THAT(this->Commit(OneChange(PlanRecord{.goal_id = "g1", .version = 7, .body = "canary"})),
              too_late);
  EXPECT_THAT(this->Commit(OneChange(ApprovalRecord{.id = "a", .goal_id = "g1", .user_id = "u1"})),
              too_late);
  EXPECT_THAT(this->Commit(OneChange(MemoryRecord{
                  .user_id = "u1", .id = "m", .kind = "note", .body = "canary", .goal_id = "g1"})),
              too_late);
  // What is under way ends, and nobody learns its words from the store.
  ++intent.revision;
  intent.state = IntentState::kNeedsHuman;
  intent.detail = "canary";
  EXPECT_THAT(this->Commit(OneChange(UpdateIntent{intent})), IsOk());
  const auto kept = this->Get([](StoreView& v) { return v.FindIntent("e1"); });
  EXPECT_EQ(kept->state, IntentState::kNeedsHuman);
  EXPECT_EQ(kept->arguments + kept->to + kept->from + kept->detail, "");
  // The same person may begin anew.
  EXPECT_THAT(this->Commit(NewGoal("g3", "u1")), IsOk());
}

TYPED_TEST_P(StoreContract, AGoalIsForgottenOnceItHasEndedAndTheAuditChainStaysValid_P7) {
  ASSERT_THAT(this->Commit(NewGoal("g1", "u1")), IsOk());
  ASSERT_THAT(this->Commit(OneChange(PlanRecord{.goal_id = "g1", .version = 1, .body = "p"})),
              IsOk());
  ASSERT_THAT(this->Commit(OneChange(PlannedIntent("e1"))), IsOk());
  ASSERT_THAT(this->Commit(OneChange(ApprovalRecord{
                  .id = "a", .goal_id = "g1", .user_id = "u1", .text = "mail the canary?"})),
              IsOk());
  EXPECT_THAT(this->Commit(OneChange(ForgetGoal{"g1"})),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not ended")));
  EXPECT_THAT(this->Commit(OneChange(ForgetGoal{"none"})), StatusIs(absl::StatusCode::kNotFound));
  GoalStep last = StepTo("g1", 1, "COMPLETED");
  last.final = true;
  ASSERT_THAT(this->Commit(OneStep(last)), IsOk());  // at StoreTime(1)
  const auto ended = [&](int before) {
    return this->Get([&](StoreView& v) { return v.ListEndedGoals(StoreTime(before), "", 10); });
  };
  EXPECT_THAT(ended(1), IsEmpty());
  ASSERT_EQ(ended(2).size(), 1u);
  ASSERT_THAT(this->Commit(OneChange(ForgetGoal{"g1"})), IsOk());
  EXPECT_THAT(ended(2), IsEmpty());
  EXPECT_EQ(this->Goal("g1").request, "");
  EXPECT_FALSE(this->Get([](StoreView& v) { return v.FindPlan("g1", 1); }).has_value());
  EXPECT_EQ(this->Get([](StoreView& v) { return v.FindIntent("e1"); })->arguments, "");
  EXPECT_EQ(this->Get([](StoreView& v) { return v.FindApproval("a"); })->text, "");
  for (const LogRecord& row : this->Log()) {
    if (row.goal_id != "g1") continue;
    EXPECT_EQ(row.delta, "");
  }
  EXPECT_EQ(this->Get([](StoreView& v) { return VerifyAudit(v); }).first_bad, std::nullopt);
}

TYPED_TEST_P(StoreContract, WhatIsHeldIsNeitherForgottenNorErased_P7) {
  for (const char* goal : {"g1", "g2"}) {
    ASSERT_THAT(this->Commit(NewGoal(goal, "u1")), IsOk());
    GoalStep last = StepTo(goal, 1, "COMPLETED");
    last.final = true;
    ASSERT_THAT(this->Commit(OneStep(last)), IsOk());
  }
  const HoldRecord hold{.user_id = "u1", .goal_id = "g1", .since = StoreTime(1)};
  ASSERT_THAT(this->Commit(OneChange(hold)), IsOk());
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListHolds("u1"); }), ElementsAre(hold));
  EXPECT_THAT(this->Get([](StoreView& v) { return v.ListHolds("u2"); }), IsEmpty());
  const auto held = StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("held"));
  EXPECT_THAT(this->Commit(OneChange(ForgetGoal{"g1"})), held);
  EXPECT_THAT(this->Commit(OneChange(EraseUser{"u1"})), held);
  EXPECT_NE(this->Goal("g1").request, "");
  EXPECT_THAT(this->Commit(OneChange(ForgetGoal{"g2"})), IsOk());
  const DeleteRecord release{.kind = DeletableKind::kHold, .user_id = "u1", .id = "g1"};
  ASSERT_THAT(this->Commit(OneChange(release)), IsOk());
  ASSERT_THAT(this->Commit(OneChange(HoldRecord{.user_id = "u1", .since = StoreTime(2)})), IsOk());
  EXPECT_THAT(this->Commit(OneChange(ForgetGoal{"g1"})), held) << "everything of the user is";
  ASSERT_THAT(this->Commit(OneChange(DeleteRecord{.kind = DeletableKind::kHold, .user_id = "u1"})),
              IsOk());
  EXPECT_THAT(this->Commit(OneChange(ForgetGoal{"g1"})), IsOk());
  EXPECT_THAT(this->Commit(OneChange(EraseUser{"u1"})), IsOk());
}

TYPED_TEST_P(StoreContract, TheAuditHeadIsTheLastRowOfTheChain) {
  EXPECT_EQ(this->Get([](StoreView& v) { return v.ReadAuditHead(); }),
            (AuditHead{.index = 0, .hash = AuditStart()}));
  ASSERT_THAT(this->Commit(NewGoal("g1")), IsOk());
  const AuditHead head = this->Get([](StoreView& v) { return v.ReadAuditHead(); });
  const LogRecord row = this->Log()[0];
  EXPECT_EQ(head.index, 1);
  EXPECT_EQ(head.hash, AuditHash(row, AuditStart()));
  EXPECT_EQ(this->Get([&](StoreView& v) { return VerifyAudit(v, head); }).first_bad, std::nullopt);
}

TYPED_TEST_P(StoreContract, CommitsOfOneCallerAreKeptInTheirOrder) {
  ASSERT_THAT(this->Commit(NewGoal("g1")), IsOk());
  std::vector<int> order;
  for (int version = 1; version <= 50; ++version) {
    ASSERT_THAT(
        this->harness.store().Commit(OneStep(StepTo("g1", version, "S")), this->harness.executor(),
                                     [&order, version](absl::StatusOr<Committed> done) {
                                       EXPECT_THAT(done, IsOk());
                                       order.push_back(version);
                                     }),
        IsOk());
  }
  ASSERT_TRUE(this->harness.RunUntil([&] { return order.size() == 50; }));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i + 1);
  EXPECT_EQ(this->Goal("g1").version, 51);
}

REGISTER_TYPED_TEST_SUITE_P(
    StoreContract, AGoalComesBackAsItWasStored, AStepMovesTheGoalAndIsOneRowOfTheLogWithItsEvent,
    AStepFromAnotherVersionIsRefusedAndChangesNothing, AGoalThatHasEndedTakesNoStep,
    AStepOfAnUnknownGoalIsRefused, ARefusedChangeTakesTheWholeTransactionWithIt,
    TheSameGoalOrIntentTwiceIsRefused, TransactionsWithoutAnAuditEntryOrWithBadFieldsAreNotTaken,
    AGoalsLogIsItsOwnRowsInOrder, TheGoalsAreWhatTheLogSaysTheyAre,
    AnIntentComesBackFieldByFieldAndOnlyItsNextRevisionIsTaken, OnlyIntentsThatAreNotFinalAreOpen,
    AnApprovalIsUsedOnceBeforeItExpiresAndForWhatItBinds,
    BudgetsAreReservedWithinTheirLimitAndSettled, EventsWaitForEachConsumerUntilItHasThem,
    TheRecordsOfAPersonAreReplacedListedAndDeleted,
    AVaultRowIsReplacedOnlyByANewerOneAndNeverUnderADestroyedKey,
    AVaultRowOfAnEarlierGenerationOfTheKeyComesTooLate_P2,
    ErasureRemovesThePersonAndLeavesTheAuditChainValid_P4, WhatComesLateForAnErasedGoalIsNotKept_P2,
    AGoalIsForgottenOnceItHasEndedAndTheAuditChainStaysValid_P7,
    WhatIsHeldIsNeitherForgottenNorErased_P7, TheAuditHeadIsTheLastRowOfTheChain,
    CommitsOfOneCallerAreKeptInTheirOrder);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_STORE_CONTRACT_H_
