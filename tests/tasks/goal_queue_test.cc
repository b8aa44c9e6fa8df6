#include "dragoman/tasks/goal_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using namespace std::chrono_literals;

TimePoint At(std::chrono::seconds since) { return TimePoint(since); }

// All that may start at `now`, one ending before the next begins.
std::vector<std::string> Order(GoalQueue& queue, TimePoint now) {
  std::vector<std::string> order;
  while (auto id = queue.Next(now)) {
    order.push_back(*id);
    EXPECT_THAT(queue.End(*id, now), IsOk());
  }
  return order;
}

TEST(GoalQueueTest, PriorityThenDeadlineThenOrderDecide) {
  GoalQueue queue;
  for (const QueuedGoal& goal :
       std::vector<QueuedGoal>{{.id = "last", .priority = 3},
                               {.id = "later", .priority = 1, .deadline = At(900s)},
                               {.id = "none", .priority = 1},
                               {.id = "none_2", .priority = 1},
                               {.id = "soon", .priority = 1, .deadline = At(600s)},
                               {.id = "first", .priority = 0}}) {
    ASSERT_THAT(queue.Add(goal, At(0s)), IsOk());
  }
  EXPECT_THAT(Order(queue, At(0s)),
              ElementsAre("first", "soon", "later", "none", "none_2", "last"));
}

TEST(GoalQueueTest, AGoalRisesOneLevelForEachThirtySecondsThatItWaits) {
  GoalQueue queue;
  ASSERT_THAT(queue.Add({.id = "old", .priority = 3}, At(0s)), IsOk());
  ASSERT_THAT(queue.Add({.id = "new_2", .priority = 2}, At(59s)), IsOk());
  ASSERT_THAT(queue.Add({.id = "new_1", .priority = 1}, At(59s)), IsOk());
  // At 59 s it stands at 2, and came before the other there; at 60 s at 1.
  GoalQueue before = queue;
  EXPECT_THAT(Order(before, At(59s)), ElementsAre("new_1", "old", "new_2"));
  EXPECT_THAT(Order(queue, At(60s)), ElementsAre("old", "new_1", "new_2"));
}

TEST(GoalQueueTest, AGoalStartsWhenThoseItWaitsForHaveEnded) {
  GoalQueue queue;
  ASSERT_THAT(queue.Add({.id = "a", .priority = 4}, At(0s)), IsOk());
  ASSERT_THAT(queue.Add({.id = "b", .priority = 0, .after = {"a", "ended long ago"}}, At(0s)),
              IsOk());
  EXPECT_THAT(queue.WaitsFor("b"), ElementsAre("a"));
  EXPECT_THAT(queue.Next(At(1s)), Optional(std::string("a")));
  EXPECT_EQ(queue.Next(At(1s)), std::nullopt);
  ASSERT_THAT(queue.End("a", At(2s)), IsOk());
  EXPECT_THAT(queue.Next(At(2s)), Optional(std::string("b")));
}

TEST(GoalQueueTest, ACircleIsRefusedByName) {
  GoalQueue queue;
  ASSERT_THAT(queue.Add({.id = "a"}, At(0s)), IsOk());
  ASSERT_THAT(queue.Add({.id = "b", .after = {"a"}}, At(0s)), IsOk());
  ASSERT_THAT(queue.Add({.id = "c", .after = {"b"}}, At(0s)), IsOk());
  const absl::Status refused = queue.AddDependency("a", "c");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(MessageOf(refused)), HasSubstr("a -> c -> b -> a"));
  EXPECT_THAT(std::string(MessageOf(queue.Add({.id = "d", .after = {"d"}}, At(0s)))),
              HasSubstr("d -> d"));
  EXPECT_THAT(queue.AddDependency("c", "a"), IsOk());  // twice the same way is no circle
  EXPECT_THAT(Order(queue, At(0s)), ElementsAre("a", "b", "c"));
}

TEST(GoalQueueTest, AGoalThatIsMadeToWaitDoesNotStart) {
  GoalQueue queue;
  ASSERT_THAT(queue.Add({.id = "a", .priority = 1}, At(0s)), IsOk());
  ASSERT_THAT(queue.Add({.id = "b", .priority = 0}, At(0s)), IsOk());
  ASSERT_THAT(queue.AddDependency("b", "a"), IsOk());
  EXPECT_THAT(Order(queue, At(0s)), ElementsAre("a", "b"));
  EXPECT_THAT(queue.AddDependency("nobody", "a"), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(queue.Add({.id = "c"}, At(0s)), IsOk());
  EXPECT_TRUE(queue.Next(At(0s)));
  EXPECT_THAT(queue.AddDependency("c", "x"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(GoalQueueTest, ACancelledGoalNeverStartsAndHoldsNobodyUp) {
  GoalQueue queue;
  ASSERT_THAT(queue.Add({.id = "a"}, At(0s)), IsOk());
  ASSERT_THAT(queue.Add({.id = "b", .after = {"a"}}, At(0s)), IsOk());
  ASSERT_THAT(queue.Add({.id = "c", .after = {"b"}}, At(0s)), IsOk());
  ASSERT_THAT(queue.Cancel("b", At(1s)), IsOk());
  EXPECT_THAT(queue.Cancel("b", At(1s)), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Order(queue, At(1s)), ElementsAre("a", "c"));
  EXPECT_EQ(queue.waiting(), 0u);
}

TEST(GoalQueueTest, NoMoreRunAtOnceThanMay) {
  GoalQueue queue({.most_running = 2});
  for (const char* id : {"a", "b", "c"}) ASSERT_THAT(queue.Add({.id = id}, At(0s)), IsOk());
  EXPECT_TRUE(queue.Next(At(0s)));
  EXPECT_TRUE(queue.Next(At(0s)));
  EXPECT_FALSE(queue.Next(At(0s)));
  ASSERT_THAT(queue.End("a", At(1s)), IsOk());
  EXPECT_THAT(queue.Next(At(1s)), Optional(std::string("c")));
  EXPECT_THAT(queue.End("a", At(1s)), StatusIs(absl::StatusCode::kNotFound));
}

TEST(GoalQueueTest, WhatIsWrongIsNamed) {
  GoalQueue queue;
  EXPECT_THAT(queue.Add({.id = ""}, At(0s)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(MessageOf(queue.Add({.id = "a", .priority = 5}, At(0s)))),
              HasSubstr("priority is 5; expected 0 to 4"));
  ASSERT_THAT(queue.Add({.id = "a"}, At(0s)), IsOk());
  EXPECT_THAT(std::string(MessageOf(queue.Add({.id = "a"}, At(0s)))), HasSubstr("in the queue"));
  EXPECT_THAT(GoalQueueOptions{}.Validate(), IsOk());
  EXPECT_THAT(std::string(MessageOf(GoalQueueOptions{.levels = 0}.Validate())),
              HasSubstr("levels is 0"));
}

// One place, one second for each goal, and always a new one of the highest priority whose deadline
// is nearer than all others.
TEST(GoalQueueTest, AnEndlessStreamOfHighPriorityDoesNotStarveTheLowest_D25) {
  GoalQueue queue({.most_running = 1});
  ASSERT_THAT(queue.Add({.id = "low", .priority = 4}, At(0s)), IsOk());
  for (int second = 0; second < 1'000; ++second) {
    const TimePoint now = At(std::chrono::seconds(second));
    for (const char* twin : {"a", "b"}) {
      ASSERT_THAT(
          queue.Add({.id = StrCat("high", second, twin), .priority = 0, .deadline = now}, now),
          IsOk());
    }
    const auto id = queue.Next(now);
    ASSERT_TRUE(id);
    if (*id == "low") {
      EXPECT_EQ(second, 150);  // five levels of 30 s
      return;
    }
    ASSERT_THAT(queue.End(*id, now), IsOk());
  }
  FAIL() << "it never started";
}

TEST(GoalQueueTest, TenThousandGoalsAtOnceAllEndAndTheNextIsToldWhenToComeAgain_D26) {
  GoalQueue queue({.most_running = 100, .most_waiting = 10'000});
  for (int i = 0; i < 10'000; ++i) {
    QueuedGoal goal{.id = StrCat("g", i), .priority = i % 5};
    if (i % 3 == 1) goal.after = {StrCat("g", i - 1)};
    ASSERT_THAT(queue.Add(goal, At(0s)), IsOk());
  }
  std::chrono::seconds retry_after{0};
  const absl::Status refused = queue.Add({.id = "one more"}, At(0s), &retry_after);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(retry_after, 101s);  // 10,000 in rounds of 100, and the one that runs
  std::set<std::string> ended;
  for (int second = 0; second < 1'000 && ended.size() < 10'000; ++second) {
    const TimePoint now = At(std::chrono::seconds(second));
    std::vector<std::string> running;
    while (auto id = queue.Next(now)) running.push_back(*id);
    EXPECT_LE(running.size(), 100u);
    for (const std::string& id : running) {
      ASSERT_THAT(queue.End(id, now), IsOk());
      EXPECT_TRUE(ended.insert(id).second) << id;
    }
  }
  EXPECT_EQ(ended.size(), 10'000u);
  EXPECT_EQ(queue.waiting() + queue.running(), 0u);
}

// A chain as long as the queue: no recursion, no quadratic walk.
TEST(GoalQueueTest, AChainOfTenThousandEndsInItsOrder) {
  GoalQueue queue;
  for (int i = 0; i < 10'000; ++i) {
    QueuedGoal goal{.id = StrCat("g", i)};
    if (i > 0) goal.after = {StrCat("g", i - 1)};
    // Its own walk: only AddDependency could close a circle over those that are there.
    ASSERT_THAT(queue.Add(goal, At(0s)), IsOk());
  }
  EXPECT_THAT(queue.AddDependency("g0", "g9999"), StatusIs(absl::StatusCode::kInvalidArgument));
  const std::vector<std::string> order = Order(queue, At(0s));
  ASSERT_EQ(order.size(), 10'000u);
  EXPECT_EQ(order.front(), "g0");
  EXPECT_EQ(order.back(), "g9999");
  EXPECT_THAT(queue.WaitsFor("g0"), IsEmpty());
}

TEST(GoalQueueTest, AGoalThatRestsGivesItsPlaceAwayAndHasNotEnded) {
  GoalQueue queue({.most_running = 1});
  const TimePoint now{};
  ASSERT_THAT(queue.Add({.id = "a"}, now), IsOk());
  ASSERT_THAT(queue.Add({.id = "b", .after = {"a"}}, now), IsOk());
  ASSERT_THAT(queue.Add({.id = "c"}, now), IsOk());
  EXPECT_EQ(queue.Next(now), "a");
  EXPECT_EQ(queue.Next(now), std::nullopt);
  ASSERT_THAT(queue.Rest("a"), IsOk());
  EXPECT_EQ(queue.Next(now), "c");
  EXPECT_EQ(queue.Next(now), std::nullopt);
  ASSERT_THAT(queue.End("c", now), IsOk());
  EXPECT_EQ(queue.Next(now), std::nullopt);
  ASSERT_THAT(queue.End("a", now), IsOk());
  EXPECT_EQ(queue.Next(now), "b");
  EXPECT_THAT(queue.Rest("a"), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace dragoman
