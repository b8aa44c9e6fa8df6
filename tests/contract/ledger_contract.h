// What every set of the governor's ledgers does, run against each of them:
//
//   struct MyHarness {
//     BudgetLedger& budgets();
//     CallLedger& calls();
//     RepeatLedger& repeats();
//     ConfirmationBook& confirmations();
//     void Again();  // as after a restart, where anything outlives one; else nothing
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, LedgerContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_LEDGER_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_LEDGER_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dragoman/safety/confirmations.h"
#include "dragoman/safety/ledgers.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {

inline WallTime LedgerTime(int minutes) {
  return WallTime(std::chrono::seconds(1'767'600'000)) + std::chrono::minutes(minutes);
}

inline Amounts OneCall(std::int64_t minutes, std::int64_t cents) {
  return {.money = {{cents, "EUR"}}, .calls = 1, .minutes = minutes};
}
inline BudgetAccount Account(const std::string& key, std::int64_t calls = 3, int parallel = 0) {
  return {.key = key,
          .limits = {.money = {{500, "EUR"}}, .calls = calls, .minutes = 30},
          .parallel_calls = parallel};
}

inline Binding BindingFor(const std::string& arguments, const std::string& goal = "g1") {
  return {.tool = "send_email",
          .schema_hash = "hash",
          .arguments = arguments,
          .destinations = "mailto:a@example.org",
          .goal = goal,
          .tenant = "t1",
          .user = "u1",
          .policy_version = "p1"};
}
inline Confirmation Question(const std::string& id, const Binding& binding, WallTime expires) {
  Confirmation question;
  question.id = id;
  question.binding = binding;
  question.text = "send it?";
  question.expires = expires;
  question.digest = DigestOf(binding, expires, id);
  question.destinations = {"mailto:a@example.org"};
  question.personal_items = {"item-1"};
  return question;
}
inline OwnerAnswer OwnersAnswer(bool yes) {
  return {.channel = AnswerChannel::kOwnerConsole, .tenant = "t1", .user = "u1", .yes = yes};
}

template <typename Harness>
class LedgerContract : public ::testing::Test {
 protected:
  Harness harness;
};

TYPED_TEST_SUITE_P(LedgerContract);

// --- budgets -------------------------------------------------------------------------------------

TYPED_TEST_P(LedgerContract, AReservationTakesFromEveryAccountOrNone) {
  auto& h = this->harness;
  ASSERT_THAT(h.budgets().Reserve({Account("goal"), Account("day")}, OneCall(10, 200)), IsOk());
  h.Again();
  EXPECT_EQ(h.budgets().Used("goal"), OneCall(10, 200));
  EXPECT_EQ(h.budgets().Used("day"), OneCall(10, 200));
  // The first has room, the second has not.
  EXPECT_THAT(h.budgets().Reserve({Account("other"), Account("day", 1)}, OneCall(1, 1)),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::HasSubstr("day")));
  EXPECT_EQ(h.budgets().Used("other"), Amounts{});
  h.Again();
  EXPECT_EQ(h.budgets().Used("other"), Amounts{});
}

TYPED_TEST_P(LedgerContract, ALimitHoldsForEachUnitAndCurrency_G16) {
  auto& h = this->harness;
  ASSERT_THAT(h.budgets().Reserve({Account("a")}, OneCall(30, 1)), IsOk());
  h.Again();
  EXPECT_THAT(h.budgets().Reserve({Account("a")}, OneCall(1, 1)),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::HasSubstr("minutes")));
  EXPECT_THAT(h.budgets().Reserve({Account("a")}, OneCall(0, 500)),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::HasSubstr("EUR")));
  EXPECT_THAT(h.budgets().Reserve({Account("a")}, {.money = {{1, "USD"}}}),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::HasSubstr("USD")));
  EXPECT_THAT(h.budgets().Check({Account("a")}, OneCall(0, 499)), IsOk());
}

TYPED_TEST_P(LedgerContract, WhatWasSpentStaysAndTheRestComesBack) {
  auto& h = this->harness;
  auto id = h.budgets().Reserve({Account("a")}, OneCall(10, 400));
  ASSERT_THAT(id, IsOk());
  h.Again();
  ASSERT_THAT(h.budgets().Settle(*id, OneCall(3, 90)), IsOk());
  EXPECT_EQ(h.budgets().Used("a"), OneCall(3, 90));
  h.Again();
  EXPECT_EQ(h.budgets().Used("a"), OneCall(3, 90));
  EXPECT_THAT(h.budgets().Settle(*id, OneCall(1, 1)), StatusIs(absl::StatusCode::kNotFound));
}

TYPED_TEST_P(LedgerContract, MoreMayBeSpentThanWasReservedAlsoOfWhatWasNotForeseen) {
  auto& h = this->harness;
  auto id = h.budgets().Reserve({Account("a")}, OneCall(1, 10));
  ASSERT_THAT(id, IsOk());
  h.Again();
  Amounts actual = OneCall(40, 900);
  actual.tokens = 7;
  ASSERT_THAT(h.budgets().Settle(*id, actual), IsOk());
  h.Again();
  EXPECT_EQ(h.budgets().Used("a"), actual);
  EXPECT_FALSE(h.budgets().Check({Account("a")}, OneCall(1, 1)).ok());
}

TYPED_TEST_P(LedgerContract, CallsAtOnceAreCapped) {
  auto& h = this->harness;
  const std::vector<BudgetAccount> accounts = {Account("g", 3, 1)};
  auto first = h.budgets().Reserve(accounts, OneCall(1, 1));
  ASSERT_THAT(first, IsOk());
  h.Again();
  EXPECT_THAT(h.budgets().Reserve(accounts, OneCall(1, 1)),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::HasSubstr("open")));
  ASSERT_THAT(h.budgets().Settle(*first, OneCall(1, 1)), IsOk());
  h.Again();
  EXPECT_THAT(h.budgets().Reserve(accounts, OneCall(1, 1)), IsOk());
}

TYPED_TEST_P(LedgerContract, InParallelNoMoreIsTakenThanThereIs_G16) {
  auto& h = this->harness;
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 5; ++k) {
        taken += h.budgets().Reserve({Account("a", 7)}, OneCall(1, 1)).ok() ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken.load(), 7);
  h.Again();
  EXPECT_EQ(h.budgets().Used("a").calls, 7);
}

// --- calls ---------------------------------------------------------------------------------------

TYPED_TEST_P(LedgerContract, AttemptsAreCappedPerNumberAndUserHourAndDay) {
  auto& h = this->harness;
  const AttemptCaps caps{
      .number_per_hour = 2, .number_per_day = 3, .user_per_hour = 10, .user_per_day = 4};
  const auto attempt = [&](const char* number, int minute) {
    return h.calls().TryAttempt("t1", "u1", number, caps, LedgerTime(minute));
  };
  EXPECT_THAT(attempt("+4930111111", 0), IsOk());
  EXPECT_THAT(attempt("+4930111111", 1), IsOk());
  h.Again();
  EXPECT_THAT(attempt("+4930111111", 59), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(attempt("+4930111111", 62), IsOk());
  h.Again();
  EXPECT_THAT(attempt("+4930111111", 200),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::HasSubstr("24 hours")));
  EXPECT_THAT(attempt("+4930222222", 201), IsOk());
  EXPECT_THAT(attempt("+4930333333", 202),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::HasSubstr("user")));
  // Another tenant's caps are its own.
  EXPECT_THAT(h.calls().CheckAttempt("t2", "u1", "+4930111111", caps, LedgerTime(203)), IsOk());
}

TYPED_TEST_P(LedgerContract, ABlockedNumberStaysBlockedForItsTenantWithTheFirstReason_G29) {
  auto& h = this->harness;
  ASSERT_THAT(h.calls().Block("t1", "+4930111111", "said so on a call", LedgerTime(0)), IsOk());
  ASSERT_THAT(h.calls().Block("t1", "+4930111111", "STOP", LedgerTime(1)), IsOk());
  h.Again();
  EXPECT_EQ(*h.calls().Blocked("t1", "+4930111111"),
            std::optional<std::string>("said so on a call"));
  EXPECT_EQ(*h.calls().Blocked("t2", "+4930111111"), std::nullopt);
  EXPECT_EQ(*h.calls().Blocked("t1", "+4930111112"), std::nullopt);
}

TYPED_TEST_P(LedgerContract, ConsentIsKeptAndTakenBack) {
  auto& h = this->harness;
  Consent consent{.given = ConsentClass::kWritten,
                  .source = "web form of 2026-10-01",
                  .recorded = LedgerTime(0)};
  ASSERT_THAT(h.calls().RecordConsent("t1", "+4930111111", consent), IsOk());
  h.Again();
  const Consent kept = *h.calls().ConsentOf("t1", "+4930111111");
  EXPECT_EQ(kept.given, ConsentClass::kWritten);
  EXPECT_EQ(kept.source, consent.source);
  EXPECT_EQ(kept.recorded, consent.recorded);
  EXPECT_FALSE(kept.revoked);
  consent.revoked = true;
  ASSERT_THAT(h.calls().RecordConsent("t1", "+4930111111", consent), IsOk());
  h.Again();
  EXPECT_TRUE(h.calls().ConsentOf("t1", "+4930111111")->revoked);
  EXPECT_EQ(h.calls().ConsentOf("t1", "+4930111112")->given, ConsentClass::kNone);
}

// --- repeats -------------------------------------------------------------------------------------

TYPED_TEST_P(LedgerContract, TheSameCallIsCountedUntilThereIsProgress_G17) {
  auto& h = this->harness;
  EXPECT_THAT(h.repeats().TryCall("g1", "d", 2), IsOk());
  EXPECT_THAT(h.repeats().TryCall("g1", "d", 2), IsOk());
  h.Again();
  EXPECT_THAT(h.repeats().TryCall("g1", "d", 2), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(h.repeats().CheckCall("g1", "d", 2), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(h.repeats().CheckCall("g1", "e", 2), IsOk());
  EXPECT_THAT(h.repeats().CheckCall("g2", "d", 2), IsOk());
  h.repeats().Progress("g1");
  h.Again();
  EXPECT_THAT(h.repeats().CheckCall("g1", "d", 2), IsOk());
}

// --- confirmations -------------------------------------------------------------------------------

TYPED_TEST_P(LedgerContract, AQuestionIsFoundAnsweredAndUsedOnce_G12) {
  auto& h = this->harness;
  const Binding binding = BindingFor("{}");
  const Confirmation question = Question("q1", binding, LedgerTime(10));
  ASSERT_THAT(h.confirmations().Open(question, LedgerTime(0)), IsOk());
  h.Again();
  auto pending = h.confirmations().Pending("t1", "u1", LedgerTime(1));
  ASSERT_EQ(pending.size(), 1u);
  EXPECT_EQ(pending[0].text, "send it?");
  EXPECT_EQ(pending[0].digest, question.digest);
  EXPECT_EQ(h.confirmations().FindApproved(binding, LedgerTime(1)), std::nullopt);
  ASSERT_THAT(h.confirmations().Answer("q1", OwnersAnswer(true), LedgerTime(2)), IsOk());
  h.Again();
  ASSERT_TRUE(h.confirmations().FindApproved(binding, LedgerTime(3)).has_value());
  EXPECT_FALSE(h.confirmations().Covers("t1", "g1", "mailto:a@example.org"));
  ASSERT_THAT(h.confirmations().Consume("q1", binding, LedgerTime(4)), IsOk());
  h.Again();
  EXPECT_THAT(h.confirmations().Consume("q1", binding, LedgerTime(5)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(h.confirmations().FindApproved(binding, LedgerTime(5)), std::nullopt);
  EXPECT_TRUE(h.confirmations().Covers("t1", "g1", "mailto:a@example.org"));
  EXPECT_TRUE(h.confirmations().CoversItem("t1", "g1", "mailto:a@example.org", "item-1"));
  EXPECT_FALSE(h.confirmations().CoversItem("t1", "g1", "mailto:a@example.org", "item-2"));
  EXPECT_FALSE(h.confirmations().Covers("t1", "g2", "mailto:a@example.org"));
}

TYPED_TEST_P(LedgerContract, OnlyTheOwnerAnswersAndOnlyOnce_G14) {
  auto& h = this->harness;
  ASSERT_THAT(
      h.confirmations().Open(Question("q1", BindingFor("{}"), LedgerTime(10)), LedgerTime(0)),
      IsOk());
  for (AnswerChannel channel : {AnswerChannel::kCallee, AnswerChannel::kMail,
                                AnswerChannel::kVoicemail, AnswerChannel::kModel}) {
    OwnerAnswer answer = OwnersAnswer(true);
    answer.channel = channel;
    EXPECT_THAT(h.confirmations().Answer("q1", answer, LedgerTime(1)),
                StatusIs(absl::StatusCode::kPermissionDenied));
  }
  OwnerAnswer other = OwnersAnswer(true);
  other.user = "u2";
  EXPECT_THAT(h.confirmations().Answer("q1", other, LedgerTime(1)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_THAT(h.confirmations().Answer("q1", OwnersAnswer(false), LedgerTime(1)), IsOk());
  h.Again();
  EXPECT_THAT(h.confirmations().Answer("q1", OwnersAnswer(true), LedgerTime(2)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_TRUE(h.confirmations().Refused(BindingFor("{}"), LedgerTime(2)));
  EXPECT_THAT(h.confirmations().Answer("q2", OwnersAnswer(true), LedgerTime(2)),
              StatusIs(absl::StatusCode::kNotFound));
}

TYPED_TEST_P(LedgerContract, AnAnswerExpiresAndBindsItsArguments_G11_G13) {
  auto& h = this->harness;
  const Binding binding = BindingFor(R"({"n":1})");
  ASSERT_THAT(h.confirmations().Open(Question("q1", binding, LedgerTime(10)), LedgerTime(0)),
              IsOk());
  ASSERT_THAT(h.confirmations().Answer("q1", OwnersAnswer(true), LedgerTime(1)), IsOk());
  h.Again();
  EXPECT_THAT(h.confirmations().Consume("q1", BindingFor(R"({"n":2})"), LedgerTime(2)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(h.confirmations().Consume("q1", binding, LedgerTime(10)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(h.confirmations().FindApproved(binding, LedgerTime(10)), std::nullopt);
}

TYPED_TEST_P(LedgerContract, AskedAgainTheOpenQuestionIsGivenBack) {
  auto& h = this->harness;
  const Binding binding = BindingFor("{}");
  ASSERT_THAT(h.confirmations().Open(Question("q1", binding, LedgerTime(10)), LedgerTime(0)),
              IsOk());
  h.Again();
  auto again = h.confirmations().Open(Question("q2", binding, LedgerTime(12)), LedgerTime(1));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->id, "q1");
  EXPECT_EQ(h.confirmations().Pending("t1", "u1", LedgerTime(2)).size(), 1u);
}

REGISTER_TYPED_TEST_SUITE_P(
    LedgerContract, AReservationTakesFromEveryAccountOrNone, ALimitHoldsForEachUnitAndCurrency_G16,
    WhatWasSpentStaysAndTheRestComesBack, MoreMayBeSpentThanWasReservedAlsoOfWhatWasNotForeseen,
    CallsAtOnceAreCapped, InParallelNoMoreIsTakenThanThereIs_G16,
    AttemptsAreCappedPerNumberAndUserHourAndDay,
    ABlockedNumberStaysBlockedForItsTenantWithTheFirstReason_G29, ConsentIsKeptAndTakenBack,
    TheSameCallIsCountedUntilThereIsProgress_G17, AQuestionIsFoundAnsweredAndUsedOnce_G12,
    OnlyTheOwnerAnswersAndOnlyOnce_G14, AnAnswerExpiresAndBindsItsArguments_G11_G13,
    AskedAgainTheOpenQuestionIsGivenBack);

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_CONTRACT_LEDGER_CONTRACT_H_
