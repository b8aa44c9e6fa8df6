// The scenarios of real time: the agent listens on a free port here, the caller is the program
// dragoman-caller, phoning over TCP. One call after the other, as long as each takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "dragoman/lab/clinic_agent.h"
#include "dragoman/lab/runner.h"
#include "dragoman/testing/matchers.h"

namespace dragoman::lab {
namespace {

TEST(RealTimeScenarioTest, EveryCallFromAnotherProcessEndsAsItMust) {
  auto scenarios = LoadScenarios(DRAGOMAN_SOURCE_DIR "/tests/scenarios");
  ASSERT_THAT(scenarios, IsOk());
  ScenarioOptions options;
  options.folder = DRAGOMAN_BINARY_DIR "/scenarios";
  options.voice_program = DRAGOMAN_BINARY_DIR "/bin/dragoman-flite-render";
  options.voice_cache = DRAGOMAN_BINARY_DIR "/voices";
  options.caller_program = DRAGOMAN_BINARY_DIR "/bin/dragoman-caller";
  std::vector<ScenarioResult> results;
  for (const Scenario& scenario : *scenarios) {
    if (scenario.transport != Transport::kSocket) continue;
    auto agent = MakeClinicAgent();
    auto result = RunScenario(scenario, *agent, options);
    ASSERT_THAT(result, IsOk()) << scenario.name;
    for (const std::string& failure : result->failures)
      ADD_FAILURE() << scenario.name << ": " << failure;
    if (!result->passed) std::cout << FormatTranscript(*result);
    results.push_back(*std::move(result));
  }
  EXPECT_GE(results.size(), 5u);
  std::cout << FormatReport(results);
}

}  // namespace
}  // namespace dragoman::lab
