// What every TurnDetector does, run against each of them:
//
//   struct MyHarness : ManualHarness {          // or ThreadHarness
//     TurnDetector& detector();
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, TurnDetectorContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_TURN_DETECTOR_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_TURN_DETECTOR_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/speech/turn_detector.h"
#include "dragoman/testing/matchers.h"
#include "tests/contract/harness.h"

namespace dragoman {

template <typename Harness>
class TurnDetectorContract : public ::testing::Test {
 protected:
  void Estimate(std::string transcript) {
    harness.On([&] {
      TurnDetector::Callbacks callbacks;
      callbacks.on_estimate = [this](int per_mille) {
        estimates.push_back(per_mille);
        Count();
      };
      callbacks.on_failed = [this](absl::Status status) {
        failures.push_back(status);
        Count();
      };
      inside_a_call = true;
      estimate = harness.detector().Estimate({.transcript = transcript, .language = "en"},
                                             harness.executor(), std::move(callbacks));
      inside_a_call = false;
    });
    ASSERT_NE(estimate, nullptr);
  }
  size_t callbacks() const { return estimates.size() + failures.size(); }
  void TearDown() override {
    harness.On([&] { estimate.reset(); });
  }

  Harness harness;
  std::unique_ptr<TurnEstimate> estimate;
  std::vector<int> estimates;
  std::vector<absl::Status> failures;
  std::function<void()> on_each = [] {};
  bool inside_a_call = false;
  bool called_back_inside = false;

 private:
  void Count() {
    called_back_inside = called_back_inside || inside_a_call;
    on_each();
  }
};

TYPED_TEST_SUITE_P(TurnDetectorContract);

TYPED_TEST_P(TurnDetectorContract, ExactlyOneAnswerPerMille) {
  for (const char* transcript : {"", "I would like to", "tomorrow at ten", "Grüß Gott"}) {
    SCOPED_TRACE(transcript);
    this->estimates.clear();
    this->failures.clear();
    this->Estimate(transcript);
    ASSERT_TRUE(this->harness.RunUntil([&] { return this->callbacks() > 0; }));
    this->harness.Settle();

    EXPECT_EQ(this->callbacks(), 1u);
    for (int per_mille : this->estimates) {
      EXPECT_GE(per_mille, 0);
      EXPECT_LE(per_mille, 1000);
    }
    EXPECT_FALSE(this->called_back_inside);
  }
}

TYPED_TEST_P(TurnDetectorContract, ACancelledEstimateNeverComes) {
  this->Estimate("tomorrow at ten");
  this->harness.On([&] {
    this->estimate->Cancel();
    this->estimate->Cancel();
  });
  this->harness.Settle();

  EXPECT_TRUE(this->estimates.empty());
}

TYPED_TEST_P(TurnDetectorContract, ADestroyedEstimateIsSilent) {
  this->Estimate("tomorrow at ten");
  this->harness.On([&] { this->estimate.reset(); });
  this->harness.Settle();

  EXPECT_EQ(this->callbacks(), 0u);
}

TYPED_TEST_P(TurnDetectorContract, DestructionInsideTheAnswerIsAllowed) {
  this->on_each = [this] { this->estimate.reset(); };
  this->Estimate("tomorrow at ten");
  ASSERT_TRUE(this->harness.RunUntil([&] { return this->callbacks() > 0; }));
  this->harness.Settle();

  EXPECT_EQ(this->estimate, nullptr);
  EXPECT_EQ(this->callbacks(), 1u);
}

REGISTER_TYPED_TEST_SUITE_P(TurnDetectorContract, ExactlyOneAnswerPerMille,
                            ACancelledEstimateNeverComes, ADestroyedEstimateIsSilent,
                            DestructionInsideTheAnswerIsAllowed);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_TURN_DETECTOR_CONTRACT_H_
