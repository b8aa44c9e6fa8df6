// The scenario files of this repository, read and counted; running them is scenarios_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "dragoman/lab/scenario.h"
#include "dragoman/testing/matchers.h"

namespace dragoman::lab {
namespace {

TEST(ScenarioCorpusTest, HasEnoughOfEachKindAndEachNamesItsFieldNote) {
  auto scenarios = LoadScenarios(DRAGOMAN_SOURCE_DIR "/tests/scenarios");
  ASSERT_THAT(scenarios, IsOk());
  int audio = 0, text = 0, real_time = 0;
  std::set<std::string> names;
  for (const Scenario& scenario : *scenarios) {
    EXPECT_TRUE(names.insert(scenario.name).second) << scenario.name;
    EXPECT_FALSE(scenario.field_note.empty()) << scenario.name;
    EXPECT_TRUE(scenario.file.ends_with("/" + scenario.name + ".toml")) << scenario.file;
    if (scenario.transport == Transport::kSocket) {
      ++real_time;
    } else {
      ++(scenario.kind == ScenarioKind::kAudio ? audio : text);
    }
  }
  EXPECT_GE(audio, 15);
  EXPECT_GE(real_time, 5);
  EXPECT_GE(text, 5);
}

}  // namespace
}  // namespace dragoman::lab
