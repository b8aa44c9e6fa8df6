#include "dragoman/store/intent.h"

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using S = IntentState;
using E = IntentEventKind;

WallTime At(int seconds) { return WallTime(std::chrono::seconds(1'767'600'000 + seconds)); }

IntentRecord In(S state, EffectClass effect = EffectClass::kQueryable) {
  IntentRecord record{.effect_id = "e",
                      .goal_id = "g",
                      .step = "s",
                      .tool = "place_call",
                      .effect = effect,
                      .to = "+4930"};
  record.state = state;
  record.key_window = std::chrono::seconds(100);
  record.armed = At(0);
  record.last_answer = At(0);
  return record;
}

// The step that is taken; the test fails where it is refused.
IntentDecision Take(const IntentRecord& record, E kind, int at) {
  auto decision = StepIntent(record, {.kind = kind, .at = At(at)});
  EXPECT_THAT(decision, IsOk());
  return decision.ok() ? *decision : IntentDecision{};
}

TEST(IntentMachineTest, EveryPairThatIsNotInTheTableIsRefusedAndNamed_D20) {
  std::set<std::pair<S, E>> legal;
  for (const IntentRow& row : IntentTable()) legal.insert({row.state, row.event});
  int refused = 0;
  for (int state = 0; state < kIntentStates; ++state) {
    for (int event = 0; event < kIntentEvents; ++event) {
      const auto pair = std::pair(static_cast<S>(state), static_cast<E>(event));
      auto decision = StepIntent(In(pair.first), {.kind = pair.second, .at = At(1)});
      if (legal.contains(pair)) {
        EXPECT_THAT(decision, IsOk()) << Name(pair.first) << " " << Name(pair.second);
        continue;
      }
      ++refused;
      EXPECT_THAT(decision, StatusIs(absl::StatusCode::kFailedPrecondition,
                                     HasSubstr(std::string(Name(pair.first)))));
    }
  }
  EXPECT_EQ(refused + static_cast<int>(legal.size()), kIntentStates * kIntentEvents);
}

TEST(IntentMachineTest, StatesThatAreOverAbsorbEverything_D20) {
  for (S state : {S::kConfirmed, S::kFailedDefinite, S::kDone, S::kNotDone, S::kAbandoned}) {
    for (int event = 0; event < kIntentEvents; ++event) {
      EXPECT_FALSE(StepIntent(In(state), {.kind = static_cast<E>(event), .at = At(1)}).ok());
    }
  }
}

TEST(IntentMachineTest, OnlyAnApprovedIntentIsEverSentAndOnlyOnceUnlessItsKeyIsFresh) {
  for (const IntentRow& row : IntentTable()) {
    if (row.command != IntentCommand::kSend) continue;
    EXPECT_EQ(row.next, S::kArmed);
    EXPECT_TRUE((row.state == S::kApproved && row.event == E::kArm) ||
                row.guard == IntentGuard::kKeyIsFresh);
  }
}

TEST(IntentMachineTest, EveryOpenStateThatWaitsHasATimerOrAQuestionUnderWay) {
  for (EffectClass effect : {EffectClass::kRead, EffectClass::kKeyedWrite, EffectClass::kQueryable,
                             EffectClass::kBlind}) {
    for (const IntentRow& row : IntentTable()) {
      for (int at : {1, 70, 2000}) {
        auto decision = StepIntent(In(row.state, effect), {.kind = row.event, .at = At(at)});
        ASSERT_THAT(decision, IsOk());
        const S next = decision->record.state;
        if (next != S::kArmed && next != S::kSent && next != S::kUnknown) continue;
        EXPECT_TRUE(decision->record.next_at.has_value() || !decision->commands.empty())
            << Name(row.state) << " " << Name(row.event);
      }
    }
  }
}

TEST(IntentMachineTest, ReservationsAreSettledOrReleasedExactlyOnce) {
  const auto holds = [](S state) {
    return state == S::kArmed || state == S::kSent || state == S::kUnknown;
  };
  for (const IntentRow& row : IntentTable()) {
    const bool gives_back = row.budget == BudgetMove::kRelease || row.budget == BudgetMove::kSettle;
    EXPECT_EQ(gives_back, holds(row.state) && !holds(row.next));
    EXPECT_EQ(row.budget == BudgetMove::kReserve, !holds(row.state) && holds(row.next));
  }
}

TEST(IntentMachineTest, AnArmedCallOfADeadProcessIsLookedUpAndNeverSentAgain) {
  const IntentDecision decision = Take(In(S::kArmed), E::kRecovered, 1);
  EXPECT_EQ(decision.record.state, S::kUnknown);
  EXPECT_THAT(decision.commands, ElementsAre(IntentCommand::kLookUp));
}

TEST(IntentMachineTest, TwoNegativeLookupsSixtySecondsApartProveThatItDidNotHappen) {
  IntentDecision first = Take(In(S::kUnknown), E::kAbsent, 10);
  EXPECT_EQ(first.record.state, S::kUnknown);
  EXPECT_EQ(first.record.next_at, At(70));
  IntentDecision early = Take(first.record, E::kAbsent, 69);
  EXPECT_EQ(early.record.state, S::kUnknown);
  EXPECT_EQ(early.record.next_at, At(70));
  EXPECT_EQ(Take(first.record, E::kAbsent, 70).record.state, S::kNotDone);
}

TEST(IntentMachineTest, FifteenMinutesWithoutAnAnswerNeedAPersonWhoIsToldPlainly) {
  EXPECT_EQ(Take(In(S::kUnknown), E::kLookupFailed, 899).record.state, S::kUnknown);
  const IntentDecision silent = Take(In(S::kUnknown), E::kLookupFailed, 900);
  EXPECT_EQ(silent.record.state, S::kNeedsHuman);
  EXPECT_THAT(silent.commands, ElementsAre(IntentCommand::kTellOwner));
  EXPECT_THAT(silent.record.detail,
              HasSubstr("'place_call' to +4930 may or may not have happened"));
}

TEST(IntentMachineTest, LookupsAreRepeatedAfterGrowingPauses) {
  IntentRecord record = In(S::kUnknown);
  for (int pause : {5, 10, 20, 40, 60, 60}) {
    record = Take(record, E::kLookupFailed, 0).record;
    EXPECT_EQ(record.next_at, At(pause));
  }
}

TEST(IntentMachineTest, AKeyedWriteIsSentAgainWithItsKeyOnlyWithinHalfItsWindow) {
  const IntentRecord record = In(S::kArmed, EffectClass::kKeyedWrite);
  const IntentDecision fresh = Take(record, E::kRecovered, 49);
  EXPECT_EQ(fresh.record.state, S::kArmed);
  EXPECT_EQ(fresh.record.client_reference, record.client_reference);
  EXPECT_THAT(fresh.commands, ElementsAre(IntentCommand::kSend));
  EXPECT_EQ(Take(record, E::kRecovered, 50).record.state, S::kUnknown);
  // The clock was set back: how old the key is cannot be known.
  EXPECT_EQ(Take(record, E::kRecovered, -3600).record.state, S::kUnknown);
}

TEST(IntentMachineTest, WhatCannotBeLookedUpGoesToAPersonAtOnce) {
  for (E event : {E::kNoAnswer, E::kRecovered}) {
    EXPECT_EQ(Take(In(S::kArmed, EffectClass::kBlind), event, 1).record.state, S::kNeedsHuman);
  }
}

TEST(IntentMachineTest, AnExpiredApprovalIsAbandonedInsteadOfArmed) {
  IntentRecord record = In(S::kApproved);
  record.expires = At(600);
  EXPECT_EQ(Take(record, E::kArm, 599).record.state, S::kArmed);
  EXPECT_EQ(Take(record, E::kArm, 600).record.state, S::kAbandoned);
  EXPECT_THAT(Take(record, E::kArm, 600).commands, IsEmpty());
}

TEST(IntentMachineTest, ADefiniteRefusalHonoursRetryAfter_D6) {
  auto decision = StepIntent(In(S::kArmed), {.kind = E::kRejected,
                                             .at = At(5),
                                             .detail = "429",
                                             .retry_after = std::chrono::seconds(30)});
  ASSERT_THAT(decision, IsOk());
  EXPECT_EQ(decision->record.state, S::kFailedDefinite);
  EXPECT_EQ(decision->record.not_before, At(35));
}

TEST(IntentMachineTest, AClockThatWasSetWhileNobodyRanDoesNotShortenTheProof_D24) {
  IntentRecord record = In(S::kUnknown);
  record.first_negative = At(10);
  record.last_answer = At(10);
  // A day ahead: the first negative answer proves nothing, and the far side gets its minute.
  const IntentRecord ahead = Take(record, E::kRecovered, 86'400).record;
  EXPECT_EQ(Take(ahead, E::kAbsent, 86'401).record.state, S::kUnknown);
  EXPECT_EQ(Take(ahead, E::kLookupFailed, 86'459).record.state, S::kUnknown);
  EXPECT_EQ(Take(ahead, E::kLookupFailed, 86'460).record.state, S::kNeedsHuman);
  // An hour back: silence does not become endless.
  const IntentRecord back = Take(record, E::kRecovered, -3'600).record;
  EXPECT_EQ(Take(back, E::kLookupFailed, -3'600 + 900).record.state, S::kNeedsHuman);
}

TEST(IntentMachineTest, TheSameEffectHasTheSameIdAndAnyDifferenceAnother) {
  const std::string id = MakeEffectId("g", "s", 1, "{}");
  EXPECT_EQ(id, MakeEffectId("g", "s", 1, "{}"));
  EXPECT_EQ(id.size(), 64u);
  EXPECT_NE(id, MakeEffectId("gs", "", 1, "{}"));
  EXPECT_NE(id, MakeEffectId("g", "s", 2, "{}"));
  EXPECT_NE(id, MakeEffectId("g", "s", 1, "{ }"));
}

TEST(IntentMachineTest, TheTableInTheDocumentationIsTheOneThatRuns) {
  std::ifstream file(DRAGOMAN_SOURCE_DIR "/docs/store.md");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr(PrintIntentTable()));
}

}  // namespace
}  // namespace dragoman
