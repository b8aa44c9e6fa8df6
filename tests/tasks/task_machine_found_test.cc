// What the checker found: each test failed on the machine as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dragoman/tasks/task_machine.h"
#include "tests/tasks/task_machine_fixture.h"

namespace dragoman {
namespace {

using C = TaskCommandKind;
using E = TaskEventKind;
using K = TaskStepKind;

using TaskMachineFoundTest = TaskMachineFixture;

TEST_F(TaskMachineFoundTest, APlanThatIsAskedForAnewIsAskedForInTheSameWordsAfterARestart) {
  Start({{.id = "mail"}});
  Take({.kind = E::kRefused, .step = "mail", .detail = "no such address"});
  const TaskCommand asked = Given(C::kMakePlan);
  EXPECT_EQ(asked.detail, "no such address");
  Take({.kind = E::kRecovered});
  EXPECT_EQ(Given(C::kMakePlan), asked);
}

TEST_F(TaskMachineFoundTest, AnOpenQuestionIsAskedInTheSameWordsAfterARestart) {
  Start({{.id = "call", .kind = K::kCall}});
  Take({.kind = E::kMustConfirm, .step = "call", .reference = "c1", .detail = "call Anna?"});
  const TaskCommand approval = Given(C::kAskOwner);
  Take({.kind = E::kRecovered});
  EXPECT_EQ(Given(C::kAskOwner), approval);
  Take({.kind = E::kApproved, .reference = "c1"});
  Take({.kind = E::kConnected, .step = "call"});
  Take({.kind = E::kCallAsks, .step = "call", .detail = "Monday or Tuesday?"});
  const TaskCommand question = Given(C::kAskOwner);
  EXPECT_EQ(question.detail, "Monday or Tuesday?");
  Take({.kind = E::kRecovered});
  EXPECT_EQ(Given(C::kAskOwner), question);
}

TEST_F(TaskMachineFoundTest, AnAnswerToAnEarlierAttemptIsRefused) {
  Start({{.id = "mail"}});
  Take({.kind = E::kAllowed, .step = "mail", .attempt = 1});
  const TaskEvent failed = {
      .kind = E::kStepFailed, .step = "mail", .attempt = 1, .may_retry = true};
  Take(failed);
  now_us_ = machine_.progress().timers[static_cast<std::size_t>(TaskTimer::kWait)];
  Take({.kind = E::kTimerFired, .timer = TaskTimer::kWait});
  EXPECT_EQ(Given(C::kDecide).attempt, 2);
  EXPECT_THAT(Give({.kind = E::kAllowed, .step = "mail", .attempt = 1}),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  Take({.kind = E::kAllowed, .step = "mail", .attempt = 2});
  // It would have been taken for the second one's end, and a third one sent beside it.
  EXPECT_THAT(Give(failed), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(machine_.progress().activity, TaskActivity::kRunning);
}

TEST_F(TaskMachineFoundTest, AStepOfTheSameNameInAnotherPlanIsAnotherAttempt) {
  Start({{.id = "call", .kind = K::kCall}});
  Take({.kind = E::kAllowed, .step = "call"});
  EXPECT_EQ(Given(C::kExecute).attempt, 1);
  Take({.kind = E::kConnected, .step = "call"});
  Take({.kind = E::kCallNeedsInfo, .step = "call", .detail = "which contract?"});
  Take({.kind = E::kPlanned,
        .plan = {{.id = "look", .kind = K::kRead}, {.id = "call", .kind = K::kCall}}});
  Take({.kind = E::kAllowed, .step = "look"});
  Take({.kind = E::kStepDone, .step = "look", .reference = "r"});
  Take({.kind = E::kAllowed, .step = "call"});
  EXPECT_EQ(Given(C::kExecute).attempt, 2);
}

TEST_F(TaskMachineFoundTest, WhatNeedsASkippedStepThatNeededAFailedOneIsLostAsWell) {
  Start({{.id = "a", .optional = true},
         {.id = "b", .optional = true, .needs = {"a"}},
         {.id = "c", .needs = {"b"}}});
  Take({.kind = E::kMustConfirm, .step = "a", .reference = "c1"});
  Take({.kind = E::kDeclined, .reference = "c1"});
  EXPECT_FALSE(Given(C::kSummarize).yes);
  Take({.kind = E::kSummarized});
  EXPECT_EQ(machine_.state(), TaskState::kFailed);  // it was COMPLETED, without the required c
}

}  // namespace
}  // namespace dragoman
