#include "dragoman/tasks/task_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tasks/task_machine_fixture.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using C = TaskCommandKind;
using E = TaskEventKind;
using K = TaskStepKind;

using TaskMachineTest = TaskMachineFixture;

TEST_F(TaskMachineTest, APlanRunsFromQuestionToSummary) {
  Start({{.id = "who", .kind = K::kAsk},
         {.id = "look", .kind = K::kRead},
         {.id = "mail", .kind = K::kAct, .needs = {"who", "look"}}});
  EXPECT_EQ(machine_.state(), TaskState::kAwaitingUserInput);
  ASSERT_NE(Command(C::kAskOwner), nullptr);
  EXPECT_EQ(Command(C::kAskOwner)->step, "who");
  Take({.kind = E::kAnswered, .reference = Command(C::kAskOwner)->reference, .detail = "Anna"});
  EXPECT_EQ(machine_.state(), TaskState::kResearch);
  Do("look");
  EXPECT_EQ(machine_.state(), TaskState::kReadyToExecute);
  Do("mail");
  EXPECT_EQ(machine_.state(), TaskState::kSummarize);
  ASSERT_NE(Command(C::kSummarize), nullptr);
  EXPECT_TRUE(Command(C::kSummarize)->yes);
  Take({.kind = E::kSummarized});
  EXPECT_EQ(machine_.state(), TaskState::kCompleted);
  ASSERT_NE(Command(C::kEnd), nullptr);
  EXPECT_TRUE(Command(C::kEnd)->yes);
}

TEST_F(TaskMachineTest, WhatTheOwnerMustApproveIsExecutedWithHisApprovalOnly) {
  Start({{.id = "mail", .kind = K::kAct}});
  Take({.kind = E::kMustConfirm, .step = "mail", .reference = "conf_1"});
  EXPECT_EQ(machine_.waiting_on(), "an approval");
  EXPECT_FALSE(Give({.kind = E::kApproved, .reference = "conf_2"}).ok());
  Take({.kind = E::kApproved, .reference = "conf_1"});
  ASSERT_NE(Command(C::kExecute), nullptr);
  EXPECT_EQ(Command(C::kExecute)->reference, "conf_1");
}

TEST_F(TaskMachineTest, SilenceOverAnApprovalIsANo) {
  Start({{.id = "mail", .kind = K::kAct}});
  Take({.kind = E::kMustConfirm, .step = "mail", .reference = "conf_1"});
  Fire(TaskTimer::kWait);
  EXPECT_NE(Command(C::kWithdraw), nullptr);
  EXPECT_EQ(machine_.state(), TaskState::kSummarize);
  Take({.kind = E::kSummarized});
  EXPECT_EQ(machine_.state(), TaskState::kFailed);
  EXPECT_FALSE(Give({.kind = E::kApproved, .reference = "conf_1"}).ok());
}

TEST_F(TaskMachineTest, AFailureIsMendedByRetryThenReplanThenTheOwner) {
  Start({{.id = "mail", .kind = K::kAct}});
  for (int attempt = 1; attempt < 3; ++attempt) {
    Take({.kind = E::kAllowed, .step = "mail"});
    EXPECT_EQ(Command(C::kExecute)->attempt, attempt);
    Take({.kind = E::kStepFailed, .step = "mail", .may_retry = true, .detail = "busy"});
    EXPECT_EQ(machine_.waiting_on(), "a time");
    Fire(TaskTimer::kWait);
    EXPECT_NE(Command(C::kDecide), nullptr);
  }
  Take({.kind = E::kAllowed, .step = "mail"});
  Take({.kind = E::kStepFailed, .step = "mail", .may_retry = true, .detail = "busy"});
  ASSERT_NE(Command(C::kMakePlan), nullptr);
  EXPECT_EQ(Command(C::kMakePlan)->step, "mail");
  Take({.kind = E::kPlanFailed, .detail = "nothing else helps"});
  EXPECT_EQ(machine_.state(), TaskState::kAwaitingUserInput);
  ASSERT_NE(Command(C::kAskOwner), nullptr);
  EXPECT_EQ(Command(C::kAskOwner)->about, TaskWait::kFailure);
  Take({.kind = E::kAnswered,
        .reference = Command(C::kAskOwner)->reference,
        .choice = OwnerChoice::kRetry});
  ASSERT_NE(Command(C::kDecide), nullptr);
  EXPECT_EQ(Command(C::kDecide)->attempt, 4);
}

TEST_F(TaskMachineTest, ACallAsksItsOwnerAndGoesOnWithoutAnAnswer) {
  Start({{.id = "call", .kind = K::kCall}});
  Take({.kind = E::kAllowed, .step = "call"});
  Take({.kind = E::kConnected, .step = "call"});
  EXPECT_EQ(machine_.state(), TaskState::kCallInProgress);
  Take({.kind = E::kCallAsks, .step = "call", .detail = "Monday or Tuesday?"});
  EXPECT_EQ(machine_.state(), TaskState::kAwaitingUserInput);
  Fire(TaskTimer::kWait);
  EXPECT_EQ(machine_.state(), TaskState::kCallInProgress);
  ASSERT_NE(Command(C::kAnswerCall), nullptr);
  EXPECT_EQ(Command(C::kAnswerCall)->detail, "");
  Take({.kind = E::kCallAsks, .step = "call", .detail = "And where?"});
  Take({.kind = E::kCallDropped, .step = "call", .detail = "the line ended"});
  EXPECT_NE(Command(C::kCloseQuestion), nullptr);
  EXPECT_NE(machine_.state(), TaskState::kCallInProgress);
  EXPECT_EQ(machine_.progress().steps[0].attempt, 2);
}

TEST_F(TaskMachineTest, CancelHangsUpAndNothingFollows_D21) {
  Start({{.id = "call", .kind = K::kCall}});
  Take({.kind = E::kAllowed, .step = "call"});
  Take({.kind = E::kConnected, .step = "call"});
  Take({.kind = E::kCancel});
  EXPECT_NE(Command(C::kHangUp), nullptr);
  EXPECT_EQ(machine_.state(), TaskState::kCancelled);
  const TaskProgress before = machine_.progress();
  EXPECT_FALSE(Give({.kind = E::kStepDone, .step = "call"}).ok());
  EXPECT_THAT(commands_, IsEmpty());
  EXPECT_EQ(machine_.progress(), before);
}

TEST_F(TaskMachineTest, WhatMayHaveHappenedIsTheOwnersToSay) {
  Start({{.id = "mail", .kind = K::kAct}});
  Take({.kind = E::kAllowed, .step = "mail"});
  Take({.kind = E::kStepUnclear, .step = "mail", .detail = "it may have been sent"});
  const TaskCommand asked = *Command(C::kAskOwner);
  EXPECT_EQ(asked.about, TaskWait::kUnclear);
  EXPECT_EQ(asked.detail, "it may have been sent");
  Take({.kind = E::kAnswered, .reference = asked.reference, .choice = OwnerChoice::kItHappened});
  ASSERT_NE(Command(C::kResolve), nullptr);
  EXPECT_TRUE(Command(C::kResolve)->yes);
  EXPECT_EQ(machine_.state(), TaskState::kSummarize);
}

TEST_F(TaskMachineTest, AfterARestartWhatWasUnderWayIsCommandedAgain) {
  Start({{.id = "mail", .kind = K::kAct}});
  Take({.kind = E::kRecovered});
  EXPECT_NE(Command(C::kDecide), nullptr);
  Take({.kind = E::kAllowed, .step = "mail"});
  Take({.kind = E::kRecovered});
  EXPECT_NE(Command(C::kExpect), nullptr);
  EXPECT_EQ(Command(C::kExecute), nullptr);
  EXPECT_NE(Command(C::kArmTimer), nullptr);
}

TEST_F(TaskMachineTest, WithoutANeedWhatNeedsItIsLost) {
  Start({{.id = "a", .kind = K::kAct, .optional = true},
         {.id = "b", .kind = K::kAct, .optional = true, .needs = {"a"}},
         {.id = "c", .kind = K::kAct}});
  Take({.kind = E::kMustConfirm, .step = "a", .reference = "conf_1"});
  Take({.kind = E::kDeclined, .reference = "conf_1"});
  EXPECT_EQ(machine_.progress().steps[1].status, TaskStepStatus::kSkipped);
  Do("c");
  Take({.kind = E::kSummarized});
  EXPECT_EQ(machine_.state(), TaskState::kCompleted);
}

TEST_F(TaskMachineTest, ARequiredStepIsLostBehindAnOptionalOneThatIsLost) {
  Start({{.id = "a", .kind = K::kAct, .optional = true},
         {.id = "b", .kind = K::kAct, .optional = true, .needs = {"a"}},
         {.id = "c", .kind = K::kAct, .needs = {"b"}}});
  Take({.kind = E::kMustConfirm, .step = "a", .reference = "conf_1"});
  Take({.kind = E::kDeclined, .reference = "conf_1"});
  Take({.kind = E::kSummarized});
  EXPECT_EQ(machine_.state(), TaskState::kFailed);
}

TEST_F(TaskMachineTest, TooManyStepsGoToAPerson) {
  machine_ = TaskMachine({.max_steps = 2});
  Start({{.id = "a"}, {.id = "b"}, {.id = "c"}});
  Do("a");
  Do("b");
  EXPECT_EQ(machine_.state(), TaskState::kEscalated);
}

TEST(TaskPlanTest, ACycleIsRefusedByName) {
  const absl::Status status = CheckPlan(
      {{.id = "a", .needs = {"c"}}, {.id = "b", .needs = {"a"}}, {.id = "c", .needs = {"b"}}});
  EXPECT_THAT(status.message(), HasSubstr("a -> c -> b -> a"));
  EXPECT_THAT(CheckPlan({}).message(), HasSubstr("no steps"));
  EXPECT_THAT(CheckPlan({{.id = "a"}, {.id = "a"}}).message(), HasSubstr("twice"));
  EXPECT_THAT(CheckPlan({{.id = "a", .needs = {"x"}}}).message(), HasSubstr("\"x\""));
  EXPECT_THAT(CheckPlan({{.id = "a", .needs = {"b"}}, {.id = "b"}}).message(),
              HasSubstr("in front"));
  EXPECT_THAT(CheckPlan({{.id = "b", .needs = {"a"}}}, {"a"}), IsOk());
}

}  // namespace
}  // namespace dragoman
