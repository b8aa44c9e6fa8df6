#include "src/runtime/dry_run.h"

#include <gtest/gtest.h>

#include <optional>

#include "dragoman/testing/manual_executor.h"

namespace dragoman {
namespace {

class DryRunSenderTest : public ::testing::Test {
 protected:
  SendResult Send() {
    std::optional<SendResult> sent;
    sender_.Send(intent_, [&](SendResult result) { sent = std::move(result); });
    executor_.RunUntilIdle();
    return sent.value_or(SendResult{});
  }
  PollResult Poll() {
    std::optional<PollResult> polled;
    sender_.Poll(intent_, [&](PollResult result) { polled = std::move(result); });
    executor_.RunUntilIdle();
    return polled.value_or(PollResult{});
  }

  ManualExecutor executor_;
  DryRunSender sender_{"send a mail", executor_};
  IntentRecord intent_{.effect_id = "e", .arguments = R"({"to":"gym@example.org"})"};
};

TEST_F(DryRunSenderTest, TellsWhatWouldHappenAndConfirmsItsOwn) {
  const SendResult sent = Send();
  EXPECT_EQ(sent.outcome, SendOutcome::kConfirmed);
  EXPECT_EQ(sent.detail,
            "dry run, nothing was sent; would send a mail: {\"to\":\"gym@example.org\"}");
  intent_.provider_reference = sent.reference;
  EXPECT_EQ(Poll().outcome, PollOutcome::kConfirmed);
}

TEST_F(DryRunSenderTest, AHandleInItsWordsAsksForNothingWhereTheyArePassedOn) {
  intent_.arguments = R"({"body":"{{vault:bank/pin}}"})";
  EXPECT_EQ(Send().detail,
            "dry run, nothing was sent; would send a mail: {\"body\":\"vault:bank/pin\"}");
}

TEST_F(DryRunSenderTest, WhatARealFarSideTookIsNeitherConfirmedNorDenied_D23) {
  intent_.provider_reference = "<1@example.net>";
  EXPECT_EQ(Poll().outcome, PollOutcome::kFailed);
  std::optional<LookupResult> found;
  sender_.LookUp(intent_, {}, {}, [&](LookupResult result) { found = std::move(result); });
  executor_.RunUntilIdle();
  EXPECT_EQ(found.value_or(LookupResult{.outcome = LookupOutcome::kAbsent}).outcome,
            LookupOutcome::kFailed);
}

}  // namespace
}  // namespace dragoman
