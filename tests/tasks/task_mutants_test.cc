#include "tests/tasks/task_mutants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace dragoman {
namespace {

using ::testing::IsEmpty;

// Lines "name | why it is harmless, or not seen"; '#' begins a comment.
std::map<std::string, std::string> ExpectedSurvivors() {
  std::map<std::string, std::string> reasons;
  std::ifstream file(DRAGOMAN_SOURCE_DIR "/tests/tasks/task_mutant_survivors.txt");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t bar = line.find(" | ");
    if (line.starts_with("#") || bar == std::string::npos) continue;
    reasons[line.substr(0, bar)] = line.substr(bar + 3);
  }
  return reasons;
}

// Names of those that survive; two threads.
std::vector<std::string> Survivors(const std::vector<TaskMutant>& mutants) {
  const TaskHunt hunt;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::vector<std::string> survivors;
  const auto work = [&] {
    for (std::size_t i = next++; i < mutants.size(); i = next++) {
      if (!hunt.Catch(mutants[i]).empty()) continue;
      const std::lock_guard lock(mutex);
      std::cout << "survives: " << mutants[i].name << std::endl;
      survivors.push_back(mutants[i].name);
    }
  };
  std::thread other(work);
  work();
  other.join();
  std::sort(survivors.begin(), survivors.end());
  return survivors;
}

// Else everything would be caught.
TEST(TaskMutantsTest, TheShippedMachineIsNot) {
  EXPECT_EQ(TaskHunt().Catch({.name = "shipped", .tables = ShippedTaskTables()}), "");
}

TEST(TaskMutantsTest, EachMutantIsCaughtOrListedWithAReason) {
  const std::vector<TaskMutant> mutants = MakeTaskMutants();
  std::map<std::string, std::string> expected = ExpectedSurvivors();
  // Those of the list are hunted with DRAGOMAN_ALL_MUTANTS, which scripts/nightly sets: what
  // survives costs the whole search.
  const bool all = std::getenv("DRAGOMAN_ALL_MUTANTS") != nullptr;
  std::vector<TaskMutant> hunted;
  for (const TaskMutant& mutant : mutants) {
    if (all || !expected.contains(mutant.name)) hunted.push_back(mutant);
  }
  std::vector<std::string> unexpected;
  for (const std::string& name : Survivors(hunted)) {
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
  const std::size_t survive = ExpectedSurvivors().size() + unexpected.size();
  std::cout << mutants.size() - survive << " of " << mutants.size() << " mutants are caught\n";
  EXPECT_LE(survive * 10, mutants.size());
}

}  // namespace
}  // namespace dragoman
