#include "tests/tasks/goal_simulation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <thread>

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kGoalsPerWorld = 50;
constexpr int kLeastForAll = 10'000;  // goals from which on each fault must have fired
constexpr std::int64_t kLeastFired = 100;

std::int64_t FromEnvironment(const char* name, std::int64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoll(value);
}

// The first break of a seed, as a test that shows it.
std::string Shrunk(std::uint64_t seed) {
  const SimulationOptions options{.goals = kGoalsPerWorld, .keep_choices = true};
  return PrintAsTest(Shrink(Simulate(seed, options), options,
                            static_cast<int>(FromEnvironment("DRAGOMAN_SHRINK_RUNS", 300))),
                     options);
}

// Worlds of 50 goals on two threads; each world is one seed.
TEST(GoalSimulationTest, NothingBreaksWhateverFails_D1_D4_D5_D13_D30) {
#ifdef DRAGOMAN_SIMULATED_GOALS
  constexpr std::int64_t kUsual = DRAGOMAN_SIMULATED_GOALS;
#else
  constexpr std::int64_t kUsual = kLeastForAll;
#endif
  const std::int64_t goals = FromEnvironment("DRAGOMAN_SIMULATED_GOALS", kUsual);
  const auto first = static_cast<std::uint64_t>(FromEnvironment("DRAGOMAN_SIMULATION_SEED", 1));
  const std::int64_t worlds = (goals + kGoalsPerWorld - 1) / kGoalsPerWorld;
  struct Part {
    SimulationResult sum;
    std::map<std::uint64_t, std::string> broken;
  } parts[2];
  std::atomic<std::int64_t> next{0};
  const auto work = [&](Part& part) {
    for (std::int64_t world = next++; world < worlds && part.broken.size() < 5; world = next++) {
      const std::uint64_t seed = first + static_cast<std::uint64_t>(world);
      const SimulationResult one = Simulate(seed, {.goals = kGoalsPerWorld});
      for (std::size_t i = 0; i < kFaults; ++i) part.sum.fired[i] += one.fired[i];
      for (const auto& [state, count] : one.ended) part.sum.ended[state] += count;
      part.sum.refused += one.refused;
      part.sum.commits += one.commits;
      part.sum.waited += one.waited;
      part.sum.calls += one.calls;
      part.sum.answers += one.answers;
      part.sum.dispatches += one.dispatches;
      part.sum.processes += one.processes;
      part.sum.turns += one.turns;
      if (!one.breaks.empty()) part.broken[seed] = one.breaks.front();
    }
  };
  std::thread other([&] { work(parts[1]); });
  work(parts[0]);
  other.join();

  std::map<std::uint64_t, std::string> broken = parts[0].broken;
  broken.insert(parts[1].broken.begin(), parts[1].broken.end());
  for (const auto& [seed, what] : broken) ADD_FAILURE() << "seed " << seed << ": " << what;
  if (!broken.empty()) std::cout << Shrunk(broken.begin()->first);
  const auto both = [&](auto member) { return parts[0].sum.*member + parts[1].sum.*member; };
  std::cout << worlds * kGoalsPerWorld << " goals from seed " << first << ": "
            << both(&SimulationResult::processes) << " processes, "
            << both(&SimulationResult::commits) << " commits, "
            << both(&SimulationResult::dispatches) << " dispatches, "
            << both(&SimulationResult::refused) << " goals not taken, "
            << both(&SimulationResult::waited) << " waited for others, "
            << both(&SimulationResult::calls) << " calls, which heard "
            << both(&SimulationResult::answers) << " answers\n";
  for (const auto& [state, count] : parts[0].sum.ended) {
    std::cout << "  " << state << " " << count + parts[1].sum.ended[state] << "\n";
  }
  for (std::size_t i = 0; i < kFaults; ++i) {
    const std::int64_t fired = parts[0].sum.fired[i] + parts[1].sum.fired[i];
    std::cout << "  " << fired << " x " << Name(static_cast<Fault>(i)) << "\n";
    if (goals >= kLeastForAll && broken.empty()) {
      EXPECT_GE(fired, kLeastFired) << Name(static_cast<Fault>(i));
    }
  }
}

TEST(GoalSimulationTest, TheSameSeedWritesTheSameLog_D30) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const SimulationResult once = Simulate(seed, {.goals = 20});
    const SimulationResult again = Simulate(seed, {.goals = 20});
    EXPECT_THAT(once.breaks, IsEmpty());
    EXPECT_THAT(once.hash, Not(IsEmpty()));
    EXPECT_EQ(once.hash, again.hash);
  }
  EXPECT_NE(Simulate(1, {.goals = 20}).hash, Simulate(2, {.goals = 20}).hash);
}

TEST(GoalSimulationTest, WithoutAFaultEveryGoalIsTakenAndNothingIsSentTwice) {
  ChoiceScript script;
  // Ten goals of one mail, each of another owner.
  for (int i = 0; i < 40; i += 4) script[{kFirstGoalStream + i, 0}] = 1;
  const SimulationResult result = Simulate(script, {.goals = 40});
  EXPECT_THAT(result.breaks, IsEmpty());
  EXPECT_EQ(result.ended, (std::map<std::string, std::int64_t>{{"COMPLETED", 10}}));
  EXPECT_EQ(result.dispatches, 10);
}

TEST(GoalSimulationTest, WithoutAFaultACallIsReachedAndWhoWaitsForItComesAfterIt) {
  constexpr int kFirst = kFirstGoalStream;
  constexpr int kSecond = kFirstGoalStream + 1;
  // A call at 599 s, and a mail at 600 s that waits for its end.
  const ChoiceScript script = {
      {{kFirst, 0}, 1}, {{kFirst, 1}, 599}, {{kFirst, 3}, 6}, {{kSecond, 0}, 1}, {{kSecond, 8}, 1}};
  const SimulationResult result = Simulate(script, {.goals = 2});
  EXPECT_THAT(result.breaks, IsEmpty());
  EXPECT_EQ(result.ended, (std::map<std::string, std::int64_t>{{"COMPLETED", 2}}));
  EXPECT_EQ(result.calls, 1);
  EXPECT_EQ(result.waited, 1);
}

TEST(GoalSimulationTest, ACallThatIsNeverHungUpIsFound) {
  const SimulationOptions options{.goals = 50, .broken = BrokenPart::kNeverHangsUp};
  SimulationResult failed;
  for (std::uint64_t seed = 1; seed <= 50 && failed.breaks.empty(); ++seed) {
    failed = Simulate(seed, options);
  }
  ASSERT_THAT(failed.breaks, Not(IsEmpty()));
  EXPECT_THAT(failed.breaks.front(), HasSubstr("ended, and its call goes on"));
}

TEST(GoalSimulationTest, ASenderThatSendsTwiceIsFoundAndShrunkToAFewChoices) {
  const SimulationOptions options{
      .goals = 20, .keep_choices = true, .broken = BrokenPart::kSendsMailTwice};
  SimulationResult failed;
  for (std::uint64_t seed = 1; seed <= 20 && failed.breaks.empty(); ++seed) {
    failed = Simulate(seed, options);
  }
  ASSERT_THAT(failed.breaks, Not(IsEmpty()));
  EXPECT_THAT(failed.breaks.front(), HasSubstr("sent twice"));
  const ChoiceScript script = Shrink(failed, options);
  // One goal that is there, one mail whose answer is not "done" at once, and which way.
  EXPECT_LE(script.size(), 3u) << PrintAsTest(script, options);
  EXPECT_LT(script.size(), failed.made.size());
  EXPECT_THAT(Simulate(script, options).breaks.front(), HasSubstr("sent twice"));
  EXPECT_THAT(PrintAsTest(script, options), HasSubstr("BREAK: send_email of goal"));
  SimulationOptions mended = options;
  mended.broken = BrokenPart::kNone;
  EXPECT_THAT(Simulate(script, mended).breaks, IsEmpty());
}

}  // namespace
}  // namespace dragoman
