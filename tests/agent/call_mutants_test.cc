#include "tests/agent/call_mutants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "tests/contract/mutant_survivors.h"

namespace dragoman {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

constexpr char kSurvivors[] = DRAGOMAN_SOURCE_DIR "/tests/agent/call_mutant_survivors.txt";

TEST(CallMutantsTest, NoWalkThroughTheShippedMachineFindsAnything) {
  for (const Slice& slice : CallSlices()) {
    EXPECT_EQ(WalkCall(ShippedCallTables(), slice, 10'000), "") << slice.name;
  }
}

TEST(CallMutantsTest, EachMutantIsCaughtOrTheSameMachineOrListedWithAReason) {
  const std::vector<CallMutant> mutants = MakeCallMutants();
  const std::map<std::string, std::string> listed = ReadMutantSurvivors(kSurvivors);
  // By night those of the list are hunted too, and the same machines compared in all states.
  const bool all = std::getenv("DRAGOMAN_ALL_MUTANTS") != nullptr;
  std::vector<CallMutant> hunted;
  for (const CallMutant& mutant : mutants) {
    if (all || !listed.contains(mutant.name)) hunted.push_back(mutant);
  }
  EXPECT_EQ(hunted.size() + (all ? 0 : listed.size()), mutants.size())
      << "the list names mutants that are not made";
  const MutantHunt hunt =
      HuntCallMutants(hunted, all ? HuntBounds{.compared = 10'000'000} : HuntBounds{});

  std::vector<std::string> names;
  for (const auto& [name, reason] : listed) names.push_back(name);
  if (all) {
    EXPECT_THAT(hunt.survivors, ElementsAreArray(names)) << "is not what the list says";
  } else {
    EXPECT_THAT(hunt.survivors, IsEmpty()) << "survive, and no reason is listed";
  }
  const std::size_t survive = listed.size() + (all ? 0 : hunt.survivors.size());
  const std::size_t differ = mutants.size() - hunt.same.size();
  std::cout << differ - survive << " of " << mutants.size() << " mutants are caught, "
            << hunt.same.size() << " are the same machine:\n";
  for (const std::string& name : hunt.same) std::cout << "  " << name << "\n";
  EXPECT_LE(survive * 100, differ * 2);
  EXPECT_LE((survive + hunt.same.size()) * 100, mutants.size() * 4);
}

}  // namespace
}  // namespace dragoman
