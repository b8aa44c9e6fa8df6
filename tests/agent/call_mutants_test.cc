#include "tests/agent/call_mutants.h"

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

constexpr char kSurvivors[] = DRAGOMAN_SOURCE_DIR "/tests/agent/call_mutant_survivors.txt";

TEST(CallMutantsTest, NoWalkThroughTheShippedMachineFindsAnything) {
  for (const Slice& slice : CallSlices()) {
    EXPECT_EQ(WalkCall(ShippedCallTables(), slice, 10'000), "") << slice.name;
  }
}

TEST(CallMutantsTest, EachMutantIsCaughtOrListedWithAReason) {
  const std::vector<CallMutant> mutants = MakeCallMutants();
  std::map<std::string, std::string> expected = ReadMutantSurvivors(kSurvivors);
  // Those of the list were searched further: DRAGOMAN_ALL_MUTANTS, which scripts/nightly sets.
  const bool all = std::getenv("DRAGOMAN_ALL_MUTANTS") != nullptr;
  std::vector<CallMutant> hunted;
  for (const CallMutant& mutant : mutants) {
    if (all || !expected.contains(mutant.name)) hunted.push_back(mutant);
  }
  std::vector<std::string> unexpected;
  for (const std::string& name : HuntMutants(MutantHunt({2'000}, 3'000), hunted)) {
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
  const std::size_t survive = ReadMutantSurvivors(kSurvivors).size() + unexpected.size();
  std::cout << mutants.size() - survive << " of " << mutants.size() << " mutants are caught\n";
  EXPECT_LE(survive * 100, mutants.size() * 15);  // the aim is 10
}

}  // namespace
}  // namespace dragoman
