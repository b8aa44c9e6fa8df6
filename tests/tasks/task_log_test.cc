#include "dragoman/tasks/task_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "dragoman/testing/matchers.h"
#include "dragoman/v1/task_log.pb.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using E = TaskEventKind;

// The deltas of a goal with one step, from start to end.
std::vector<std::string> MakeLog() {
  TaskMachine machine;
  std::vector<std::string> deltas = {EncodeTaskHeader({})};
  std::int64_t now = 1'700'000'000'000'000;
  for (TaskEvent event : std::vector<TaskEvent>{
           {.kind = E::kStart},
           {.kind = E::kPlanned, .plan = {{.id = "mail"}}},
           {.kind = E::kMustConfirm, .step = "mail", .reference = "conf_1", .detail = "may I?"},
           {.kind = E::kApproved, .reference = "conf_1"},
           {.kind = E::kStepDone, .step = "mail", .reference = "receipt"},
           {.kind = E::kSummarized}}) {
    event.at_us = now += 1'000'000;
    TaskLogStep step{.event = event};
    EXPECT_THAT(machine.Step(event, &step.commands), IsOk());
    deltas.push_back(EncodeTaskStep(step));
  }
  return deltas;
}

TaskDeltas Pages(std::vector<std::string> deltas) {
  return [rest = std::move(deltas)]() mutable -> absl::StatusOr<std::vector<std::string>> {
    return std::exchange(rest, {});
  };
}

TEST(TaskLogTest, AGoalReplaysIdentically) {
  const auto result = ReplayTask(Pages(MakeLog()));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->verdict, TaskReplayVerdict::kIdentical) << result->first_difference;
  EXPECT_EQ(result->events, 6);
  EXPECT_EQ(result->progress.state, TaskState::kCompleted);
}

TEST(TaskLogTest, ProtobufReadsWhatWeWrite) {
  const std::vector<std::string> log = MakeLog();
  v1::TaskDelta delta;
  ASSERT_TRUE(delta.ParseFromString(log[0]));
  EXPECT_EQ(delta.header().machine_version(), kTaskMachineVersion);
  EXPECT_EQ(delta.header().options().max_steps(), 30);
  ASSERT_TRUE(delta.ParseFromString(log[3]));
  EXPECT_EQ(delta.event().reference(), "conf_1");
  EXPECT_EQ(delta.event().kind(), static_cast<int>(E::kMustConfirm));
  EXPECT_GT(delta.commands_size(), 0);
  const auto step = DecodeTaskStep(delta.SerializeAsString());
  ASSERT_THAT(step, IsOk());
  EXPECT_EQ(EncodeTaskStep(*step), log[3]);
}

TEST(TaskLogTest, AChangedCommandIsFoundAtItsEvent) {
  std::vector<std::string> log = MakeLog();
  auto step = DecodeTaskStep(log[4]);
  ASSERT_THAT(step, IsOk());
  for (TaskCommand& command : step->commands) {
    if (command.kind == TaskCommandKind::kExecute) command.reference = "conf_9";
  }
  log[4] = EncodeTaskStep(*step);
  const auto result = ReplayTask(Pages(log));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->verdict, TaskReplayVerdict::kDifferent);
  EXPECT_THAT(result->first_difference,
              HasSubstr("event 4 (approved): command 3 (execute): reference: expected "
                        "\"conf_9\", got \"conf_1\""));
}

TEST(TaskLogTest, AnEventThatIsMissingStopsTheReplay) {
  std::vector<std::string> log = MakeLog();
  log.erase(log.begin() + 2);
  const auto result = ReplayTask(Pages(log));
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->verdict, TaskReplayVerdict::kDifferent);
  EXPECT_THAT(result->first_difference, HasSubstr("event 2 (must confirm)"));
}

TEST(TaskLogTest, DamageIsNamedByItsEvent) {
  std::vector<std::string> log = MakeLog();
  log[2].resize(log[2].size() - 1);
  EXPECT_THAT(ReplayTask(Pages(log)).status().message(), HasSubstr("event 2"));
  log[2].clear();
  EXPECT_THAT(ReplayTask(Pages(log)), StatusIs(absl::StatusCode::kDataLoss));
  log[0].clear();
  EXPECT_THAT(ReplayTask(Pages(log)).status().message(), HasSubstr("header"));
}

}  // namespace
}  // namespace dragoman
