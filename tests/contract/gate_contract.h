// What every EffectGate does, run against each of them:
//
//   struct MyHarness : ManualHarness {
//     EffectGate& gate();    // over a registry with the tools "echo", which answers its
//                            // arguments {"text": string} at once, and "stuck", which never does
//                            // and has a timeout of 5 s; without a carrier
//     int echo_runs();       // how often echo really ran
//     std::string log();     // what the gate logged, one line each
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, EffectGateContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_GATE_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_GATE_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/safety/gates.h"
#include "dragoman/testing/matchers.h"
#include "tests/contract/harness.h"

namespace dragoman {

template <typename Harness>
class EffectGateContract : public ::testing::Test {
 protected:
  void Run(const std::string& tool, const std::string& arguments) {
    inside = true;
    run = harness.gate().Run({.id = "t1", .name = tool, .arguments = arguments},
                             {.call_id = "call-7", .effect_key = "key"}, harness.executor(),
                             [this](absl::StatusOr<std::string> result) {
                               called_inside = called_inside || inside;
                               done.push_back(std::move(result));
                               if (destroy_inside) run.reset();
                             });
    inside = false;
  }

  Harness harness;
  std::vector<absl::StatusOr<std::string>> done;
  bool inside = false;
  bool called_inside = false;
  bool destroy_inside = false;
  std::unique_ptr<ToolRun> run;
};

TYPED_TEST_SUITE_P(EffectGateContract);

TYPED_TEST_P(EffectGateContract, AnAllowedToolRunsOnceAndItsAnswerComesOnce) {
  this->Run("echo", R"({"text":"hello"})");
  this->harness.Settle();

  ASSERT_EQ(this->done.size(), 1u);
  EXPECT_THAT(this->done[0], IsOk());
  EXPECT_FALSE(this->called_inside);
  EXPECT_EQ(this->harness.echo_runs(), 1);
}

TYPED_TEST_P(EffectGateContract, WrongArgumentsNeverReachTheTool) {
  this->Run("echo", R"({"text":5})");
  this->harness.Settle();

  ASSERT_EQ(this->done.size(), 1u);
  EXPECT_THAT(this->done[0],
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("text is 5")));
  EXPECT_FALSE(this->called_inside);
  EXPECT_EQ(this->harness.echo_runs(), 0);
}

TYPED_TEST_P(EffectGateContract, AnUnknownToolIsRefusedNamingTheNearest) {
  this->Run("ecko", R"({"text":"hello"})");
  this->harness.Settle();

  ASSERT_EQ(this->done.size(), 1u);
  EXPECT_THAT(this->done[0], StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("echo")));
  EXPECT_EQ(this->harness.echo_runs(), 0);
}

TYPED_TEST_P(EffectGateContract, AToolThatNeverAnswersIsTimedOutOnce) {
  this->Run("stuck", "{}");
  this->harness.executor().RunFor(std::chrono::milliseconds(4'999));
  EXPECT_TRUE(this->done.empty());
  this->harness.executor().RunFor(std::chrono::milliseconds(1));
  ASSERT_EQ(this->done.size(), 1u);
  EXPECT_THAT(this->done[0], StatusIs(absl::StatusCode::kDeadlineExceeded));
  this->harness.Settle();
  EXPECT_EQ(this->done.size(), 1u);
}

TYPED_TEST_P(EffectGateContract, ADestroyedRunIsSilentWhetherAllowedOrRefused) {
  for (const char* arguments : {R"({"text":"hello"})", "{}"}) {
    this->Run("echo", arguments);
    this->run.reset();
    this->harness.Settle();
    EXPECT_TRUE(this->done.empty());
  }
}

TYPED_TEST_P(EffectGateContract, ARunMayBeDestroyedInsideItsOwnCallback) {
  this->destroy_inside = true;
  for (const char* arguments : {R"({"text":"hello"})", "{}"}) {
    this->done.clear();
    this->Run("echo", arguments);
    this->harness.Settle();
    EXPECT_EQ(this->done.size(), 1u);
    EXPECT_EQ(this->run, nullptr);
  }
  this->done.clear();
  this->Run("stuck", "{}");
  this->harness.Settle();
  EXPECT_EQ(this->done.size(), 1u);
  EXPECT_EQ(this->run, nullptr);
}

TYPED_TEST_P(EffectGateContract, CancelIsPassedOnAndStillReportsOnce) {
  this->Run("stuck", "{}");
  this->run->Cancel();
  this->run->Cancel();
  this->harness.Settle();
  EXPECT_EQ(this->done.size(), 1u);
}

TYPED_TEST_P(EffectGateContract, EveryDecisionIsLoggedWithoutTheCallersWords) {
  this->Run("echo", R"({"text":"my secret"})");
  this->harness.Settle();
  this->Run("echo", R"({"text":5})");
  this->harness.Settle();
  EXPECT_THAT(this->harness.log(),
              ::testing::AllOf(::testing::HasSubstr("allowed tool echo for call call-7"),
                               ::testing::HasSubstr("refused tool echo for call call-7"),
                               ::testing::Not(::testing::HasSubstr("my secret"))));
}

TYPED_TEST_P(EffectGateContract, WithoutACarrierDiallingIsRefusedNamingTheRule) {
  auto dial = this->harness.gate().Place(
      {.to = "+15550134", .from = "+15550100", .client_reference = "ref"}, this->harness.executor(),
      {});
  EXPECT_THAT(dial, StatusIs(absl::StatusCode::kPermissionDenied, ::testing::HasSubstr("carrier")));
  EXPECT_THAT(this->harness.log(), ::testing::HasSubstr("refused dial ref"));
}

REGISTER_TYPED_TEST_SUITE_P(EffectGateContract, AnAllowedToolRunsOnceAndItsAnswerComesOnce,
                            WrongArgumentsNeverReachTheTool, AnUnknownToolIsRefusedNamingTheNearest,
                            AToolThatNeverAnswersIsTimedOutOnce,
                            ADestroyedRunIsSilentWhetherAllowedOrRefused,
                            ARunMayBeDestroyedInsideItsOwnCallback,
                            CancelIsPassedOnAndStillReportsOnce,
                            EveryDecisionIsLoggedWithoutTheCallersWords,
                            WithoutACarrierDiallingIsRefusedNamingTheRule);

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_CONTRACT_GATE_CONTRACT_H_
