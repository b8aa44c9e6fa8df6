// Goals whose work ends the process: each process here is a real one, over one store.
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "dragoman/tools/tool.h"
#include "tests/tasks/operator_world.h"

namespace dragoman {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr int kDied = 99;

constexpr char kStamp[] = R"(
[[step]]
id = "stamp"
tool = "stamp"
arguments = { }
)";
constexpr char kQuestion[] = R"(
[[step]]
id = "now"
tool = "ask_user"
arguments = { question = "Now?" }
)";

// `stamp` ends the process at once; the mail server takes mails and does not answer.
std::unique_ptr<OperatorWorld> OpenWorld(const std::string& path, bool predecessor_died) {
  WorldHooks hooks;
  hooks.predecessor_died = predecessor_died;
  hooks.prepare = [](OperatorWorld& world) {
    auto stamp =
        MakeInlineTool({.name = "stamp",
                        .description = "Ends the process.",
                        .parameters = R"({"type":"object","properties":{}})",
                        .effect = EffectClass::kKeyedWrite,
                        .risk = ToolRisk::kLocal},
                       [](const std::string&) -> absl::StatusOr<std::string> { _exit(kDied); });
    EXPECT_THAT(stamp, IsOk());
    EXPECT_THAT(world.tools.Add(*std::move(stamp)), IsOk());
    world.mail.silent = true;
  };
  return std::make_unique<OperatorWorld>(path, std::move(hooks));
}

// Takes up what is there, then `plans`; goes on for `goes_on` unless it dies before. 0, or kDied.
int RunAProcess(const std::string& path, const std::vector<std::string>& plans,
                std::chrono::seconds goes_on, bool predecessor_died = true) {
  const pid_t child = fork();
  if (child == 0) {
    const auto world = OpenWorld(path, predecessor_died);
    for (const std::string& plan : plans) EXPECT_THAT(world->NewGoal(plan), IsOk());
    world->executor.RunFor(goes_on);
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class CrashLoopTest : public testing::Test {
 protected:
  CrashLoopTest() : path_(testing::TempDir() + "/crash_loop_" + std::to_string(getpid())) {
    std::filesystem::remove(path_);
  }
  std::vector<GoalRecord> Goals() {
    std::vector<GoalRecord> goals;
    ManualExecutor executor;
    auto store = MakeSqliteStore({.path = path_, .on_calling_thread = true});
    EXPECT_THAT(store, IsOk());
    EXPECT_THAT((*store)->Read(
                    [&](StoreView& view) {
                      goals = *view.ListGoals("", false, "", 100);
                      return absl::OkStatus();
                    },
                    executor, [](absl::Status) {}),
                IsOk());
    return goals;
  }
  std::multiset<std::string> States() {
    std::multiset<std::string> states;
    for (const GoalRecord& goal : Goals()) states.insert(goal.state);
    return states;
  }

  const std::string path_;
};

TEST_F(CrashLoopTest, AGoalThatEndsItsProcessIsGivenUpAfterThreeClaimsAndTheOthersProceed_D9) {
  const auto long_enough = std::chrono::hours(2);
  ASSERT_EQ(RunAProcess(path_, {kQuestion, kMailPlan, kMailPlan, kMailPlan, kStamp}, long_enough),
            kDied);
  int deaths = 1;
  while (RunAProcess(path_, {}, long_enough) == kDied) ASSERT_LT(++deaths, 10);
  EXPECT_EQ(deaths, 3);
  // The mails were taken by a server that forgot them with its process, so they were sent again.
  EXPECT_EQ(States(), (std::multiset<std::string>{"AWAITING_USER_INPUT", "COMPLETED", "COMPLETED",
                                                  "COMPLETED", "ESCALATED"}));
}

TEST_F(CrashLoopTest, WhatAGoalThatIsGivenUpHadArmedIsForAPersonToFindOut_D9) {
  int deaths = 0;
  while (RunAProcess(path_,
                     deaths == 0 ? std::vector<std::string>{kStamp} : std::vector<std::string>{},
                     std::chrono::hours(2)) == kDied) {
    ASSERT_LT(++deaths, 10);
  }
  EXPECT_EQ(deaths, 3);
  const std::vector<GoalRecord> goals = Goals();
  ASSERT_EQ(goals.size(), 1u);
  const auto world = OpenWorld(path_, true);
  const GoalReport report = world->Report(goals[0].id);
  EXPECT_THAT(report.progress.reason, HasSubstr("crash_loop"));
  ASSERT_EQ(report.effects.size(), 1u);
  EXPECT_EQ(report.effects[0].state, IntentState::kNeedsHuman) << report.effects[0].detail;
}

TEST_F(CrashLoopTest, ProcessesThatEndAsTheyShouldAreNoClaims) {
  ASSERT_EQ(RunAProcess(path_, {kMailPlan}, std::chrono::seconds(1)), 0);
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(RunAProcess(path_, {}, std::chrono::seconds(1), false), 0);
  }
  EXPECT_THAT(States(), Contains("READY_TO_EXECUTE"));
}

TEST_F(CrashLoopTest, AGoalThatWaitsForItsOwnerIsNeverSuspected) {
  ASSERT_EQ(RunAProcess(path_, {kQuestion}, std::chrono::seconds(1)), 0);
  for (int i = 0; i < 6; ++i) ASSERT_EQ(RunAProcess(path_, {}, std::chrono::seconds(1)), 0);
  EXPECT_THAT(States(), Contains("AWAITING_USER_INPUT"));
}

}  // namespace
}  // namespace dragoman
