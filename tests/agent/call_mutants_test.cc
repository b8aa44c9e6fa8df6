#include "tests/agent/call_mutants.h"

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
  std::ifstream file(DRAGOMAN_SOURCE_DIR "/tests/agent/call_mutant_survivors.txt");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t bar = line.find(" | ");
    if (line.starts_with("#") || bar == std::string::npos) continue;
    reasons[line.substr(0, bar)] = line.substr(bar + 3);
  }
  return reasons;
}

// Names of those that survive; two threads.
std::vector<std::string> Survivors(const std::vector<CallMutant>& mutants,
                                   std::vector<std::int64_t> bounds, int walks) {
  const MutantHunt hunt(std::move(bounds), walks);
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::vector<std::string> survivors;
  auto work = [&] {
    for (std::size_t i = next++; i < mutants.size(); i = next++) {
      if (!hunt.Catch(mutants[i]).empty()) continue;
      const std::lock_guard lock(mutex);
      survivors.push_back(mutants[i].name);
    }
  };
  std::thread other(work);
  work();
  other.join();
  return survivors;
}

TEST(CallMutantsTest, NoWalkThroughTheShippedMachineFindsAnything) {
  for (const Slice& slice : CallSlices()) {
    EXPECT_EQ(WalkCall(ShippedCallTables(), slice, 10'000), "") << slice.name;
  }
}

TEST(CallMutantsTest, EachMutantIsCaughtOrListedWithAReason) {
  const std::vector<CallMutant> mutants = MakeCallMutants();
  std::map<std::string, std::string> expected = ExpectedSurvivors();
  // Those of the list were searched further: DRAGOMAN_ALL_MUTANTS, which scripts/nightly sets.
  const bool all = std::getenv("DRAGOMAN_ALL_MUTANTS") != nullptr;
  std::vector<CallMutant> hunted;
  for (const CallMutant& mutant : mutants) {
    if (all || !expected.contains(mutant.name)) hunted.push_back(mutant);
  }
  std::vector<std::string> unexpected;
  for (const std::string& name : Survivors(hunted, {2'000}, 3'000)) {
    if (expected.erase(name) == 0) unexpected.push_back(name);
  }
  EXPECT_THAT(unexpected, IsEmpty()) << "survive, and no reason is listed";
  std::vector<std::string> gone;
  for (const auto& [name, reason] : expected) {
    const bool made = std::any_of(mutants.begin(), mutants.end(),
                                  [&](const CallMutant& one) { return one.name == name; });
    if (all || !made) gone.push_back(name);
  }
  EXPECT_THAT(gone, IsEmpty()) << "are listed, but caught, or no longer made";
  const std::size_t survive = ExpectedSurvivors().size() + unexpected.size();
  std::cout << mutants.size() - survive << " of " << mutants.size() << " mutants are caught\n";
  EXPECT_LE(survive * 100, mutants.size() * 15);  // the aim is 10
}

}  // namespace
}  // namespace dragoman
