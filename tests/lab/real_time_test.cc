// The scenarios of real time: the agent listens on a free port here, the caller is the program
// dragoman-caller, phoning over TCP. Two calls at a time, as long as each takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <iostream>
#include <optional>

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
  std::erase_if(*scenarios,
                [](const Scenario& scenario) { return scenario.transport != Transport::kSocket; });
  std::vector<std::optional<absl::StatusOr<ScenarioResult>>> ended(scenarios->size());
  std::atomic<std::size_t> next = 0;
  auto call_one_after_the_other = [&] {
    for (std::size_t i = next++; i < scenarios->size(); i = next++) {
      auto agent = MakeClinicAgent();
      ended[i] = RunScenario((*scenarios)[i], *agent, options);
    }
  };
  auto beside = std::async(std::launch::async, call_one_after_the_other);
  call_one_after_the_other();
  beside.get();

  std::vector<ScenarioResult> results;
  for (std::size_t i = 0; i < ended.size(); ++i) {
    const std::string& name = (*scenarios)[i].name;
    ASSERT_THAT(*ended[i], IsOk()) << name;
    ScenarioResult& result = **ended[i];
    for (const std::string& failure : result.failures) ADD_FAILURE() << name << ": " << failure;
    if (!result.passed) std::cout << FormatTranscript(result);
    results.push_back(std::move(result));
  }
  EXPECT_GE(results.size(), 5u);
  std::cout << FormatReport(results);
}

}  // namespace
}  // namespace dragoman::lab
