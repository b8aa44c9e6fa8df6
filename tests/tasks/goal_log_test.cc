#include "dragoman/tasks/goal_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dragoman/store/event_log.h"
#include "dragoman/v1/task_log.pb.h"
#include "tests/tasks/operator_world.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

absl::StatusOr<GoalLog> Read(OperatorWorld& world, const std::string& goal) {
  absl::StatusOr<GoalLog> log = absl::UnknownError("not read");
  EXPECT_THAT(world.store->Read(
                  [&](StoreView& view) {
                    log = ReadGoalLog(view, goal);
                    return absl::OkStatus();
                  },
                  world.executor, [](absl::Status) {}),
              IsOk());
  world.executor.RunUntilIdle();
  return log;
}

TEST(GoalLogTest, AGoalIsReadWholeAndComesBackFromItsFile) {
  OperatorWorld world;
  const auto goal = world.NewGoal(kMailPlan, "ask the gym");
  ASSERT_THAT(goal, IsOk());
  const auto log = Read(world, *goal);
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ(log->words, "ask the gym");
  EXPECT_THAT(log->plans, SizeIs(1));
  ASSERT_THAT(log->effects, SizeIs(1));
  EXPECT_EQ(log->effects[0].state, IntentState::kConfirmed);
  EXPECT_EQ(log->effects[0].detail, "sent");
  EXPECT_EQ(log->rows.back().state, "COMPLETED");

  const auto bytes = EncodeGoalLog(*log);
  ASSERT_THAT(bytes, IsOk());
  EXPECT_TRUE(IsGoalLog(*bytes));
  const auto again = DecodeGoalLog(*bytes);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(*again, *log);
  const auto replayed = ReplayGoalLog(*again);
  ASSERT_THAT(replayed, IsOk());
  EXPECT_EQ(replayed->verdict, TaskReplayVerdict::kIdentical) << replayed->first_difference;
  EXPECT_EQ(replayed->events, log->events());
}

TEST(GoalLogTest, ProtobufReadsTheFile) {
  OperatorWorld world;
  const auto goal = world.NewGoal(kMailPlan, "ask the gym");
  ASSERT_THAT(goal, IsOk());
  const auto log = Read(world, *goal);
  ASSERT_THAT(log, IsOk());
  auto reader = EventLogReader::FromBytes(*EncodeGoalLog(*log));
  ASSERT_THAT(reader, IsOk());
  v1::GoalRecord record;
  ASSERT_TRUE(record.ParseFromString(std::string(*reader->Next())));
  EXPECT_EQ(record.head().words(), "ask the gym");
  EXPECT_EQ(record.head().rows(), log->events() + 1);
  ASSERT_TRUE(record.ParseFromString(std::string(*reader->Next())));
  EXPECT_EQ(record.plan().version(), 1);
  ASSERT_TRUE(record.ParseFromString(std::string(*reader->Next())));
  EXPECT_EQ(record.row().action(), "goal taken");
}

TEST(GoalLogTest, OfAnErasedUserNothingIsLeftToRead) {
  OperatorWorld world;
  const auto goal = world.NewGoal(kMailPlan);
  ASSERT_THAT(goal, IsOk());
  StoreTransaction transaction;
  transaction.changes.push_back(EraseUser{.user_id = "owner"});
  transaction.steps.push_back(
      {.at = world.executor.WallNow(), .actor = "test", .action = "user erased"});
  ASSERT_THAT(world.store->Commit(std::move(transaction), world.executor, [](auto) {}), IsOk());
  world.executor.RunUntilIdle();
  EXPECT_THAT(Read(world, *goal),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("erased")));
}

TEST(GoalLogTest, WhatIsCutShortAnywhereIsRefused) {
  OperatorWorld world;
  const auto goal = world.NewGoal(kMailPlan);
  ASSERT_THAT(goal, IsOk());
  const auto bytes = EncodeGoalLog(*Read(world, *goal));
  ASSERT_THAT(bytes, IsOk());
  for (std::size_t size = 0; size < bytes->size(); ++size) {
    EXPECT_FALSE(DecodeGoalLog(bytes->substr(0, size)).ok()) << size;
  }
}

TEST(GoalLogTest, ACallsLogIsNotTakenForAGoals) {
  MemoryEventLogStore store;
  const auto log = store.Create("call");
  ASSERT_THAT(log, IsOk());
  ASSERT_THAT((*log)->Append("\x0a\x02\x08\x02"), IsOk());  // Record{header{machine_version: 2}}
  ASSERT_THAT((*log)->Close(), IsOk());
  EXPECT_FALSE(IsGoalLog(store.Bytes("call")));
  EXPECT_THAT(DecodeGoalLog(store.Bytes("call")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("not a goal's log")));
}

}  // namespace
}  // namespace dragoman
