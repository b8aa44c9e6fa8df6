// Runs every scenario of tests/scenarios against the shipped agent: those of virtual time each as a
// test of its own, those of real time together (lab_real_time_test). The folder scenarios/ of the
// build keeps recordings, transcripts and logs; the report at the end counts audio, text and real
// time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "dragoman/lab/clinic_agent.h"
#include "dragoman/lab/runner.h"
#include "dragoman/testing/matchers.h"
#include "src/cli/demo_scenario.h"

namespace dragoman::lab {
namespace {

std::vector<ScenarioResult>& Results() {
  static auto* results = new std::vector<ScenarioResult>;
  return *results;
}

class PrintReport : public ::testing::Environment {
 public:
  void TearDown() override {
    if (!Results().empty()) std::cout << FormatReport(Results());
  }
};
const auto* const kReport = ::testing::AddGlobalTestEnvironment(new PrintReport);

std::vector<Scenario> VirtualScenarios() {
  auto scenarios = LoadScenarios(DRAGOMAN_SOURCE_DIR "/tests/scenarios");
  if (!scenarios.ok()) {
    std::cerr << scenarios.status() << "\n";
    return {};
  }
  std::erase_if(*scenarios, [](const Scenario& one) { return one.transport != Transport::kPipe; });
  // The call that `dragoman demo` makes in real time.
  auto demo = ParseScenario(cli::kDemoScenario, "demo_scenario.h");
  if (!demo.ok()) {
    std::cerr << demo.status() << "\n";
    return {};
  }
  demo->transport = Transport::kPipe;
  scenarios->push_back(*std::move(demo));
  return *std::move(scenarios);
}

ScenarioOptions Options() {
  ScenarioOptions options;
  options.folder = DRAGOMAN_BINARY_DIR "/scenarios";
  options.voice_program = DRAGOMAN_BINARY_DIR "/bin/dragoman-flite-render";
  options.voice_cache = DRAGOMAN_BINARY_DIR "/voices";
  return options;
}

class ScenarioCall : public ::testing::TestWithParam<Scenario> {};

TEST_P(ScenarioCall, EndsAsItMust) {
  auto agent = MakeClinicAgent();
  auto result = RunScenario(GetParam(), *agent, Options());
  ASSERT_THAT(result, IsOk());
  Results().push_back(*result);
  for (const std::string& failure : result->failures) ADD_FAILURE() << failure;
  if (!result->passed) std::cout << FormatTranscript(*result);
}

INSTANTIATE_TEST_SUITE_P(VirtualTime, ScenarioCall, ::testing::ValuesIn(VirtualScenarios()),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// The whole of a scripted call is a function of its file: audio both ways and every event.
TEST(ScriptedCallTest, TheSameSeedGivesTheSameCallBitForBit) {
  auto scenario = LoadScenario(DRAGOMAN_SOURCE_DIR "/tests/scenarios/text-books-tuesday.toml");
  ASSERT_THAT(scenario, IsOk());
  auto agent = MakeClinicAgent();
  auto first = RunScenario(*scenario, *agent);
  auto second = RunScenario(*scenario, *agent);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->audio_hash, second->audio_hash);
  EXPECT_EQ(first->events, second->events);
}

}  // namespace
}  // namespace dragoman::lab
