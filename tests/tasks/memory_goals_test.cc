// What goals remember and what later goals may do with it, over the real store and governor.
#include "dragoman/providers/notes/memory_tools.h"
#include "dragoman/store/audit.h"
#include "tests/tasks/operator_world.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kRemember[] = R"(
[[step]]
id = "inbox"
tool = "look_up"
arguments = { what = "the newest mail" }

[[step]]
id = "keep"
tool = "%s"
arguments = { text = "${inbox.says}" }
)";
constexpr char kRecallAndMail[] = R"(
[[step]]
id = "who"
tool = "recall"
arguments = { query = "example", quarantined = %s }

[[step]]
id = "mail"
tool = "send_email"
arguments = { to = "${who.text}", body = "Hello" }
)";

std::string With(std::string plan, const std::string& word) {
  return plan.replace(plan.find("%s"), 2, word);
}

class MemoryGoalsTest : public ::testing::Test {
 protected:
  MemoryGoalsTest()
      : world_("", WorldHooks{.prepare = [this](OperatorWorld& world) { Prepare(world); }}) {}
  void Prepare(OperatorWorld& world) {
    auto memories = Memories::Create(
        {}, {.store = world.store.get(), .executor = &world.executor, .random = &world.random});
    ASSERT_THAT(memories, IsOk());
    memories_ = *std::move(memories);
    for (auto& tool : MakeMemoryTools(*memories_)) {
      EXPECT_THAT(world.tools.Add(std::move(tool)), IsOk());
    }
  }
  // A goal reads a mail, and keeps what stands in it.
  void KeepFromMail(const std::string& tool, const std::string& words) {
    world_.look_up->Enqueue({.result = "{\"says\":\"" + words + "\"}"});
    const auto goal = world_.NewGoal(With(kRemember, tool));
    ASSERT_THAT(goal, IsOk());
    ASSERT_EQ(world_.State(*goal), "COMPLETED") << world_.Report(*goal).question_text;
  }
  std::vector<Memory> All() {
    std::vector<Memory> all;
    memories_->List("owner", MemoryFilter::kAll, [&](const auto& listed) { all = *listed; });
    world_.executor.RunUntilIdle();
    return all;
  }

  std::unique_ptr<Memories> memories_;
  OperatorWorld world_;
};

TEST_F(MemoryGoalsTest, WhatTheOwnerWroteIsRecalledAndReachesWhomHeNamed) {
  ASSERT_THAT(world_.NewGoal("[[step]]\nid = \"keep\"\ntool = \"remember\"\n"
                             "arguments = { text = \"anna@example.org\" }\n"),
              IsOk());
  const auto goal = world_.NewGoal(With(kRecallAndMail, "false"));
  ASSERT_THAT(goal, IsOk());
  EXPECT_EQ(world_.State(*goal), "COMPLETED") << world_.Report(*goal).question_text;
  EXPECT_THAT(world_.mail.arguments, SizeIs(1));
  EXPECT_THAT(world_.mail.arguments.at(0), HasSubstr("anna@example.org"));
}

TEST_F(MemoryGoalsTest, AnOrderToRememberIsQuarantinedAndNoRecipientNextGoal_G18) {
  KeepFromMail("remember", "eve@example.org");
  const auto kept = All();
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_TRUE(kept[0].quarantined);
  // A goal that looks it up does not find it...
  const auto blind = world_.NewGoal(With(kRecallAndMail, "false"));
  ASSERT_THAT(blind, IsOk());
  EXPECT_NE(world_.State(*blind), "COMPLETED");
  // ... and one that asks for quarantined ones may not write to it, whoever would confirm.
  const auto asking = world_.NewGoal(With(kRecallAndMail, "true"));
  ASSERT_THAT(asking, IsOk());
  EXPECT_THAT(world_.Report(*asking).question_text, HasSubstr("not allowed by rule origin"));
  EXPECT_THAT(world_.Report(*asking).question_text, HasSubstr("not accepted"));
  EXPECT_THAT(world_.mail.arguments, SizeIs(0));
}

TEST_F(MemoryGoalsTest, OnceTheOwnerHasAcceptedItItIsHisWord) {
  KeepFromMail("remember", "eve@example.org");
  memories_->Accept("owner", All()[0].id,
                    [](const auto& accepted) { EXPECT_THAT(accepted, IsOk()); });
  world_.executor.RunUntilIdle();
  const auto goal = world_.NewGoal(With(kRecallAndMail, "false"));
  ASSERT_THAT(goal, IsOk());
  EXPECT_EQ(world_.State(*goal), "COMPLETED") << world_.Report(*goal).question_text;
  EXPECT_THAT(world_.mail.arguments.at(0), HasSubstr("eve@example.org"));
}

TEST_F(MemoryGoalsTest, AMailBecomesASummaryANoteAndNoRecipientThreeGoalsLater_G21) {
  KeepFromMail("note", "eve@example.org");
  // Another goal makes a note of the note.
  ASSERT_THAT(world_.NewGoal(R"(
[[step]]
id = "read"
tool = "recall"
arguments = { query = "eve", quarantined = true }

[[step]]
id = "keep"
tool = "note"
arguments = { text = "write to ${read.text}" }
)"),
              IsOk());
  const auto kept = All();
  ASSERT_THAT(kept, SizeIs(2));
  EXPECT_TRUE(kept[1].quarantined);
  EXPECT_EQ(kept[1].label.integrity, Integrity::kUntrusted);
  EXPECT_EQ(kept[1].label.sources.at(0), kept[0].label.sources.at(0)) << "where it came from";
  const auto goal = world_.NewGoal(With(kRecallAndMail, "true"));
  ASSERT_THAT(goal, IsOk());
  EXPECT_THAT(world_.Report(*goal).question_text, HasSubstr("not allowed by rule"));
  EXPECT_THAT(world_.mail.arguments, SizeIs(0));
}

TEST_F(MemoryGoalsTest, TheLabelOfARecallIsThereAgainAfterARestart_G21) {
  KeepFromMail("note", "eve@example.org");
  const auto goal = world_.NewGoal(R"(
[[step]]
id = "who"
tool = "recall"
arguments = { query = "eve", quarantined = true }

[[step]]
id = "sure"
tool = "ask_user"
arguments = { question = "Go on?" }
needs = ["who"]

[[step]]
id = "mail"
tool = "send_email"
arguments = { to = "${who.text}", body = "${sure}" }
)");
  ASSERT_THAT(goal, IsOk());
  world_.Kill();
  world_.executor.RunUntilIdle();
  world_.StartUp();
  ASSERT_THAT(world_.Answer(*goal, "yes"), IsOk());
  EXPECT_THAT(world_.Report(*goal).question_text, HasSubstr("not allowed by rule origin"));
  EXPECT_THAT(world_.mail.arguments, SizeIs(0));
}

TEST_F(MemoryGoalsTest, NothingOfAnotherUserIsRecalled_G23) {
  ASSERT_THAT(world_.NewGoal("[[step]]\nid = \"keep\"\ntool = \"note\"\n"
                             "arguments = { text = \"ben@example.org pays 900\" }\n",
                             "a goal", "ben"),
              IsOk());
  const auto goal = world_.NewGoal(
      "[[step]]\nid = \"who\"\ntool = \"recall\"\narguments = { query = \"example pays\" }\n");
  ASSERT_THAT(goal, IsOk());
  EXPECT_EQ(world_.State(*goal), "COMPLETED");
  EXPECT_THAT(world_.Report(*goal).effects.at(0).detail, HasSubstr("\"found\":0"));
  EXPECT_THAT(world_.Report(*goal).effects.at(0).detail, Not(HasSubstr("ben")));
}

TEST_F(MemoryGoalsTest, AllGoalsOfAPersonEndAndNothingOfThemIsMadeAgain_P2) {
  ASSERT_THAT(world_.NewGoal("[[step]]\nid = \"q\"\ntool = \"ask_user\"\n"
                             "arguments = { question = \"canary?\" }\n",
                             "canary one"),
              IsOk());
  world_.mail.silent = true;  // the server has the mail and says nothing
  world_.mail.lookups_fail = true;
  const auto sending = world_.NewGoal(
      "[[step]]\nid = \"m\"\ntool = \"send_email\"\n"
      "arguments = { to = \"canary@example.org\", body = \"x\" }\n",
      "canary two");
  ASSERT_THAT(sending, IsOk());
  ASSERT_THAT(world_.NewGoal("[[step]]\nid = \"q\"\ntool = \"ask_user\"\n"
                             "arguments = { question = \"Ben?\" }\n",
                             "of somebody else", "ben"),
              IsOk());
  ASSERT_EQ(world_.agent->open(), 3u);
  bool ended = false;
  world_.agent->CancelAll("owner", "erased", [&](const absl::Status& status) {
    EXPECT_THAT(status, IsOk());
    ended = true;
  });
  world_.executor.RunUntilIdle();
  ASSERT_TRUE(ended);
  EXPECT_EQ(world_.agent->open(), 1u);

  StoreTransaction erase;
  erase.changes.emplace_back(EraseUser{"owner"});
  erase.steps.push_back({.actor = "test", .action = "erased"});
  EXPECT_THAT(world_.store->Commit(std::move(erase), world_.executor, [](const auto&) {}), IsOk());
  // Lookups of the mail go on, fail, and end with a person: none of that brings the words back.
  world_.executor.RunFor(std::chrono::hours(2));
  EXPECT_THAT(world_.store->Read(
                  [&](StoreView& view) {
                    const std::vector<GoalRecord> goals =
                        view.ListGoals("owner", false, "", 10).value();
                    EXPECT_THAT(goals, SizeIs(2));
                    for (const GoalRecord& goal : goals) {
                      EXPECT_EQ(goal.request, "");
                      const std::vector<IntentRecord> effects = view.ListIntents(goal.id).value();
                      for (const IntentRecord& effect : effects) {
                        EXPECT_EQ(effect.arguments + effect.to + effect.detail, "");
                      }
                    }
                    const std::vector<LogRecord> rows = view.ReadLog(1, 10'000).value();
                    for (const LogRecord& row : rows) {
                      EXPECT_THAT(row.delta + row.event, Not(HasSubstr("canary")));
                    }
                    EXPECT_EQ(VerifyAudit(view)->first_bad, std::nullopt);
                    return absl::OkStatus();
                  },
                  world_.executor, [](const absl::Status& read) { EXPECT_THAT(read, IsOk()); }),
              IsOk());
  world_.executor.RunUntilIdle();
  // And another life begins.
  EXPECT_THAT(world_.NewGoal("[[step]]\nid = \"keep\"\ntool = \"note\"\n"
                             "arguments = { text = \"milk\" }\n"),
              IsOk());
}

}  // namespace
}  // namespace dragoman
