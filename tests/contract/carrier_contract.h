// What every Carrier does, run against each of them:
//
//   struct MyHarness : ManualHarness {
//     Carrier& carrier();
//     DialRequest Answered();                 // to a number that answers after some ringing
//     DialRequest WithOutcome(DialOutcome);   // kBusy, kNoAnswer, kDeclined, kInvalidNumber
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, CarrierContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_CARRIER_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_CARRIER_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/telephony/carrier.h"
#include "dragoman/testing/matchers.h"
#include "tests/contract/harness.h"

namespace dragoman {

// What one dial called back.
struct DialListening {
  int ringing = 0;
  std::vector<DialOutcome> outcomes;
  std::unique_ptr<Call> call;
  std::function<void()> on_ringing = [] {};
  std::function<void()> on_done = [] {};

  Carrier::Callbacks Callbacks() {
    return {.on_ringing =
                [this] {
                  ++ringing;
                  EXPECT_TRUE(outcomes.empty()) << "rings after it is done";
                  on_ringing();
                },
            .on_done =
                [this](DialOutcome outcome, std::unique_ptr<Call> with, std::string_view) {
                  outcomes.push_back(outcome);
                  EXPECT_EQ(with != nullptr, outcome == DialOutcome::kAnswered);
                  call = std::move(with);
                  on_done();
                }};
  }
};

template <typename Harness>
class CarrierContract : public ::testing::Test {
 protected:
  void Place(const DialRequest& request) {
    auto placed = harness.carrier().Place(request, harness.executor(), listening.Callbacks());
    ASSERT_THAT(placed, IsOk());
    dial = *std::move(placed);
    EXPECT_EQ(listening.ringing, 0);
    EXPECT_TRUE(listening.outcomes.empty());
  }
  void RunFor(std::chrono::microseconds time) { harness.executor().RunFor(time); }

  Harness harness;
  DialListening listening;
  std::unique_ptr<Dial> dial;
};
TYPED_TEST_SUITE_P(CarrierContract);

TYPED_TEST_P(CarrierContract, AnAnsweredDialRingsAtMostOnceAndGivesTheCall) {
  const DialRequest request = this->harness.Answered();
  this->Place(request);
  this->RunFor(std::chrono::minutes(2));
  EXPECT_LE(this->listening.ringing, 1);
  EXPECT_THAT(this->listening.outcomes, ::testing::ElementsAre(DialOutcome::kAnswered));
  ASSERT_NE(this->listening.call, nullptr);
  EXPECT_EQ(this->listening.call->info().direction, CallDirection::kOutbound);
  EXPECT_EQ(this->listening.call->info().to, request.to);
  EXPECT_EQ(&this->listening.call->executor(), &this->harness.executor());
  EXPECT_FALSE(this->dial->carrier_call_id().empty());
}

TYPED_TEST_P(CarrierContract, ReportsEachOutcomeOnceWithoutACall) {
  for (DialOutcome outcome : {DialOutcome::kBusy, DialOutcome::kNoAnswer, DialOutcome::kDeclined,
                              DialOutcome::kInvalidNumber}) {
    this->listening.outcomes.clear();
    this->listening.ringing = 0;
    this->Place(this->harness.WithOutcome(outcome));
    this->RunFor(std::chrono::minutes(15));
    EXPECT_THAT(this->listening.outcomes, ::testing::ElementsAre(outcome)) << Name(outcome);
  }
}

TYPED_TEST_P(CarrierContract, RefusesARequestThatIsNotValid) {
  DialRequest request = this->harness.Answered();
  request.to.clear();
  EXPECT_THAT(
      this->harness.carrier().Place(request, this->harness.executor(), this->listening.Callbacks()),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

TYPED_TEST_P(CarrierContract, CancelIsReportedOnceAndNobodyAnswers) {
  this->Place(this->harness.Answered());
  this->dial->Cancel();
  this->dial->Cancel();
  EXPECT_TRUE(this->listening.outcomes.empty());
  this->RunFor(std::chrono::minutes(2));
  EXPECT_THAT(this->listening.outcomes, ::testing::ElementsAre(DialOutcome::kCancelled));
}

TYPED_TEST_P(CarrierContract, CancelAfterTheAnswerChangesNothing) {
  this->Place(this->harness.Answered());
  this->RunFor(std::chrono::minutes(2));
  this->dial->Cancel();
  this->dial.reset();
  this->RunFor(std::chrono::seconds(5));
  EXPECT_THAT(this->listening.outcomes, ::testing::ElementsAre(DialOutcome::kAnswered));
  EXPECT_NE(this->listening.call, nullptr);
}

TYPED_TEST_P(CarrierContract, DestroyingTheDialCancelsItWithoutACallback) {
  this->Place(this->harness.Answered());
  this->dial.reset();
  this->RunFor(std::chrono::minutes(2));
  EXPECT_TRUE(this->listening.outcomes.empty());
}

TYPED_TEST_P(CarrierContract, TheDialMayBeDestroyedInsideItsCallbacks) {
  this->listening.on_ringing = [this] { this->dial.reset(); };
  this->Place(this->harness.Answered());
  this->RunFor(std::chrono::minutes(2));
  EXPECT_LE(this->listening.outcomes.size(), this->listening.ringing == 0 ? 1u : 0u);

  this->listening.on_ringing = [] {};
  this->listening.ringing = 0;
  this->listening.outcomes.clear();
  this->listening.on_done = [this] { this->dial.reset(); };
  this->Place(this->harness.Answered());
  this->RunFor(std::chrono::minutes(2));
  EXPECT_THAT(this->listening.outcomes, ::testing::ElementsAre(DialOutcome::kAnswered));
  EXPECT_NE(this->listening.call, nullptr);
}

REGISTER_TYPED_TEST_SUITE_P(CarrierContract, AnAnsweredDialRingsAtMostOnceAndGivesTheCall,
                            ReportsEachOutcomeOnceWithoutACall, RefusesARequestThatIsNotValid,
                            CancelIsReportedOnceAndNobodyAnswers,
                            CancelAfterTheAnswerChangesNothing,
                            DestroyingTheDialCancelsItWithoutACallback,
                            TheDialMayBeDestroyedInsideItsCallbacks);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_CARRIER_CONTRACT_H_
