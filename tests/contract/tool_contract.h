// What every Tool does, run against each of them:
//
//   struct MyHarness : ManualHarness {          // or ThreadHarness
//     Tool& tool();
//     std::string arguments();                  // valid: the run succeeds
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, ToolContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_TOOL_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_TOOL_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/testing/matchers.h"
#include "dragoman/tools/tool.h"
#include "tests/contract/harness.h"

namespace dragoman {

template <typename Harness>
class ToolContract : public ::testing::Test {
 protected:
  std::unique_ptr<ToolRun> Open() {
    inside = true;
    auto opened =
        harness.tool().Run(harness.arguments(), {.call_id = "call", .effect_key = "key"},
                           harness.executor(), [this](absl::StatusOr<std::string> result) {
                             called_inside = called_inside || inside;
                             done.push_back(std::move(result));
                             on_done();
                           });
    inside = false;
    return opened;
  }
  void Start() {
    harness.On([&] { run = Open(); });
  }
  bool RunToTheEnd() {
    const bool ended = harness.RunUntil([&] { return !done.empty(); });
    harness.Settle();
    return ended;
  }
  void TearDown() override {
    harness.On([&] { run.reset(); });
  }

  Harness harness;
  std::vector<absl::StatusOr<std::string>> done;
  std::function<void()> on_done = [] {};
  bool inside = false;
  bool called_inside = false;
  std::unique_ptr<ToolRun> run;
};

TYPED_TEST_SUITE_P(ToolContract);

TYPED_TEST_P(ToolContract, DescribesItselfSoThatARegistryTakesIt) {
  const ToolSpec& spec = this->harness.tool().spec();
  EXPECT_FALSE(spec.name.empty());
  EXPECT_GT(spec.timeout.count(), 0);
  EXPECT_EQ(&spec, &this->harness.tool().spec());
}

TYPED_TEST_P(ToolContract, ReportsItsResultOnceAndNeverInsideRun) {
  this->Start();
  ASSERT_NE(this->run, nullptr);
  ASSERT_TRUE(this->RunToTheEnd());

  ASSERT_EQ(this->done.size(), 1u);
  EXPECT_THAT(this->done[0], IsOk());
  EXPECT_FALSE(this->called_inside);
}

TYPED_TEST_P(ToolContract, ACancelledRunStillReportsExactlyOnce) {
  this->harness.On([&] {
    this->run = this->Open();
    this->run->Cancel();
    this->run->Cancel();
  });
  ASSERT_TRUE(this->RunToTheEnd());

  EXPECT_EQ(this->done.size(), 1u);
}

TYPED_TEST_P(ToolContract, CancelAfterTheEndDoesNothing) {
  this->Start();
  ASSERT_TRUE(this->RunToTheEnd());

  this->harness.On([&] { this->run->Cancel(); });
  this->harness.Settle();

  EXPECT_EQ(this->done.size(), 1u);
}

TYPED_TEST_P(ToolContract, ADestroyedRunIsSilent) {
  this->harness.On([&] {
    this->run = this->Open();
    this->run.reset();
  });
  this->harness.Settle();

  EXPECT_TRUE(this->done.empty());
}

TYPED_TEST_P(ToolContract, ARunMayBeDestroyedInsideItsOwnCallback) {
  this->on_done = [this] { this->run.reset(); };
  this->Start();
  ASSERT_TRUE(this->RunToTheEnd());

  EXPECT_EQ(this->run, nullptr);
  EXPECT_EQ(this->done.size(), 1u);
}

TYPED_TEST_P(ToolContract, RunsSideBySideEachReport) {
  this->Start();
  std::unique_ptr<ToolRun> second;
  this->harness.On([&] { second = this->Open(); });
  ASSERT_TRUE(this->harness.RunUntil([&] { return this->done.size() == 2; }));
  this->harness.On([&] { second.reset(); });
}

REGISTER_TYPED_TEST_SUITE_P(ToolContract, DescribesItselfSoThatARegistryTakesIt,
                            ReportsItsResultOnceAndNeverInsideRun,
                            ACancelledRunStillReportsExactlyOnce, CancelAfterTheEndDoesNothing,
                            ADestroyedRunIsSilent, ARunMayBeDestroyedInsideItsOwnCallback,
                            RunsSideBySideEachReport);

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_CONTRACT_TOOL_CONTRACT_H_
