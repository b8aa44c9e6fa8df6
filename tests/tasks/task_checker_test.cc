#include "src/tasks/task_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

// DRAGOMAN_ALL_PLANS, which scripts/nightly sets: all of them.
std::vector<const TaskSlice*> Explored() {
  std::vector<const TaskSlice*> slices;
  const bool all = std::getenv("DRAGOMAN_ALL_PLANS") != nullptr;
  for (const TaskSlice& slice : TaskSlices()) {
    if (all || slice.quick) slices.push_back(&slice);
  }
  return slices;
}

// Two threads.
std::vector<TaskCheckReport> CheckAll() {
  const std::vector<const TaskSlice*> slices = Explored();
  std::vector<TaskCheckReport> reports(slices.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < slices.size(); i = next++) {
      reports[i] = CheckTaskSlice(ShippedTaskTables(), *slices[i]);
      if (reports[i].violation.empty()) continue;
      reports[i].violation = StrCat(slices[i]->name, ": ", reports[i].violation);
      for (const std::string& line : reports[i].trace) reports[i].violation += "\n" + line;
    }
  };
  std::thread other(work);
  work();
  other.join();
  return reports;
}

const std::vector<TaskCheckReport>& Reports() {
  static const std::vector<TaskCheckReport> reports = CheckAll();
  return reports;
}

TEST(TaskCheckerTest, NothingThatCanHappenBreaksTheMachine) {
  std::int64_t states = 0, transitions = 0, depth = 0;
  for (const TaskCheckReport& report : Reports()) {
    EXPECT_EQ(report.violation, "");
    states += report.states;
    transitions += report.transitions;
    depth = std::max(depth, report.depth);
  }
  std::cout << Reports().size() << " plans, " << states << " states, " << transitions
            << " transitions, depth " << depth << "\n";
}

TEST(TaskCheckerTest, EachRowIsTakenSomewhere) {
  const std::vector<TaskRow>& rows = ShippedTaskTables().rows;
  std::string unused;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const bool used = std::any_of(Reports().begin(), Reports().end(),
                                  [&](const TaskCheckReport& one) { return one.rows_used[row]; });
    if (!used) unused += Describe(rows[row]) + "\n";
  }
  EXPECT_EQ(unused, "");
}

// Tried in every state that was reached, with every step, attempt, question and choice there is.
TEST(TaskCheckerTest, EachPairThatIsNotInTheTableIsRefusedAndFinalStatesAbsorbAll_D20) {
  int refused = 0, taken = 0;
  for (int state = 0; state < kTaskStates; ++state) {
    for (int event = 0; event < kTaskEvents; ++event) {
      const bool has_row =
          std::any_of(ShippedTaskTables().rows.begin(), ShippedTaskTables().rows.end(),
                      [&](const TaskRow& row) {
                        return row.from == static_cast<TaskState>(state) && row.trigger == event;
                      });
      taken += has_row ? 1 : 0;
      if (has_row) {
        EXPECT_FALSE(IsFinal(static_cast<TaskState>(state)));
        continue;
      }
      // CheckTaskSlice stops where one is taken, or changes anything.
      const auto pair = static_cast<std::size_t>(state * kTaskEvents + event);
      EXPECT_TRUE(std::any_of(Reports().begin(), Reports().end(),
                              [&](const TaskCheckReport& one) { return one.refused[pair]; }))
          << Name(static_cast<TaskState>(state)) << ", " << Name(static_cast<TaskEventKind>(event))
          << " was never tried";
      ++refused;
    }
  }
  EXPECT_EQ(refused + taken, kTaskStates * kTaskEvents);
  std::cout << refused << " pairs refused, " << taken << " in the table\n";
}

// Two goals whose times differ in their amounts only are one state to the checker. Walks with real
// times, in which several timers may be overdue, come to no state that it does not know.
TEST(TaskCheckerTest, WalksWithRealTimesStayWithinWhatWasExplored) {
  std::uint64_t random = 1;
  const auto below = [&random](std::size_t limit) {  // SplitMix64
    std::uint64_t z = random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::size_t>((z ^ (z >> 31)) % limit);
  };
  int walks = 0;
  for (const TaskSlice* slice : Explored()) {
    if (slice->plan.size() != 1) continue;
    std::unordered_set<std::string> known;
    CheckTaskSlice(ShippedTaskTables(), *slice, &known);
    TaskExplorer explorer(ShippedTaskTables(), *slice);
    std::vector<TaskChoice> choices;
    for (int walk = 0; walk < 300; ++walk, ++walks) {
      explorer.Restart();
      std::int64_t now = 1'700'000'000'000'000;
      while (!explorer.finished()) {
        explorer.Choices(&choices);
        TaskChoice choice = choices[below(choices.size())];
        if (choice.event.kind == TaskEventKind::kCancel) continue;  // most goals go on
        if (choice.rested >= 0) continue;                           // time does that here
        now += static_cast<std::int64_t>(below(3)) * 40'000'000;
        choice.event.at_us = now;
        if (choice.event.kind == TaskEventKind::kTimerFired) {
          const auto timer = static_cast<std::size_t>(choice.event.timer);
          now = std::max(now, explorer.universe().progress.timers[timer]);
          choice.event.at_us = now;
        }
        ASSERT_EQ(explorer.HappenAt(choice.event), "") << slice->name;
        const TaskUniverse real = explorer.universe();
        explorer.Normalise();
        ASSERT_TRUE(known.contains(explorer.Key())) << slice->name << explorer.DescribeState();
        explorer.Load(real);
      }
    }
  }
  EXPECT_GT(walks, 1'000);
}

}  // namespace
}  // namespace dragoman
