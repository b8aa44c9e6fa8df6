#include "src/agent/call_checker.h"

#include <future>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using ::testing::IsEmpty;

#ifdef DRAGOMAN_SANITIZED
constexpr std::int64_t kStates = 1'500;  // a tenth of the speed, ten times the memory
#else
constexpr std::int64_t kStates = 10'000'000;
#endif

// Every second slice of the shipped machine, from `first` on.
std::vector<CallCheckReport> CheckHalf(std::size_t first) {
  std::vector<CallCheckReport> reports;
  for (std::size_t i = first; i < CallSlices().size(); i += 2) {
    reports.push_back(
        CheckCallSlices(ShippedCallTables(), {CallSlices()[i]}, {.max_states = kStates}));
  }
  return reports;
}

TEST(CallCheckerTest, NothingThatCanHappenBreaksTheMachine) {
  auto other = std::async(std::launch::async, CheckHalf, 1);
  std::vector<CallCheckReport> reports = CheckHalf(0);
  for (CallCheckReport& report : other.get()) reports.push_back(std::move(report));
  for (const CallCheckReport& report : reports) {
    const CallCheckSlice& slice = report.slices.front();
    std::cout << slice.name << ": " << slice.states << " states, " << slice.transitions
              << " transitions, depth " << slice.depth << (slice.complete ? ", all" : ", cut")
              << "\n";
    EXPECT_EQ(report.violation, "");
    EXPECT_THAT(report.trace, IsEmpty());
#ifndef DRAGOMAN_SANITIZED
    EXPECT_TRUE(slice.complete) << slice.name;
#endif
  }
}

}  // namespace
}  // namespace dragoman
