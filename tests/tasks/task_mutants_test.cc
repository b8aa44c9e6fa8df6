#include "tests/tasks/task_mutants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "tests/contract/mutant_survivors.h"

namespace dragoman {
namespace {

using ::testing::IsEmpty;

constexpr char kSurvivors[] = DRAGOMAN_SOURCE_DIR "/tests/tasks/task_mutant_survivors.txt";

// Else everything would be caught.
TEST(TaskMutantsTest, TheShippedMachineIsNot) {
  EXPECT_EQ(TaskHunt().Catch({.name = "shipped", .tables = ShippedTaskTables()}), "");
}

TEST(TaskMutantsTest, EachMutantIsCaughtOrListedWithAReason) {
  const std::vector<TaskMutant> mutants = MakeTaskMutants();
  std::map<std::string, std::string> expected = ReadMutantSurvivors(kSurvivors);
  // Those of the list are hunted with DRAGOMAN_ALL_MUTANTS, which scripts/nightly sets: what
  // survives costs the whole search.
  const bool all = std::getenv("DRAGOMAN_ALL_MUTANTS") != nullptr;
  std::vector<TaskMutant> hunted;
  for (const TaskMutant& mutant : mutants) {
    if (all || !expected.contains(mutant.name)) hunted.push_back(mutant);
  }
  std::vector<std::string> unexpected;
  for (const std::string& name : HuntMutants(TaskHunt(), hunted)) {
    if (expected.erase(name) == 0) unexpected.push_back(name);
  }
  EXPECT_THAT(unexpected, IsEmpty()) << "survive, and no reason is listed";
  std::vector<std::string> gone;
  for (const auto& [name, reason] : expected) {
    const bool made = std::any_of(mutants.begin(), mutants.end(),
                                  [&](const TaskMutant& one) { return one.name == name; });
    if (all || !made) gone.push_back(name);
  }
  EXPECT_THAT(gone, IsEmpty()) << "are listed, but caught, or no longer made";
  const std::size_t survive = ReadMutantSurvivors(kSurvivors).size() + unexpected.size();
  std::cout << mutants.size() - survive << " of " << mutants.size() << " mutants are caught\n";
  EXPECT_LE(survive * 10, mutants.size());
}

}  // namespace
}  // namespace dragoman
