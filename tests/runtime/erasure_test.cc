// Everything about a person is forgotten: with the real host, store, vault and files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dragoman/runtime/operator_host.h"
#include "dragoman/testing/matchers.h"
#include "src/runtime/erasure.h"
#include "tests/providers/sqlite/temporary_folder.h"
#include "tests/tasks/operator_world.h"

namespace dragoman {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kCanary[] = "Zebulon-Quartz";

constexpr char kPersonalPlan[] = R"(
[[step]]
id = "keep"
tool = "note"
arguments = { text = "Zebulon-Quartz likes tea" }

[[step]]
id = "mail"
tool = "send_email"
arguments = { to = "zq@example.org", subject = "for Zebulon-Quartz", body = "Hello" }
)";
constexpr char kAsk[] =
    "[[step]]\nid = \"who\"\ntool = \"ask_user\"\narguments = { question = \"Zebulon-Quartz?\" }\n";

class ErasureTest : public ::testing::Test {
 protected:
  std::string data() const { return folder_.File("data"); }
  void Open() {
    host_.reset();
    auto host = OperatorHost::Create({.data_dir = data()});
    ASSERT_THAT(host, IsOk());
    host_ = *std::move(host);
  }
  json Ask(const json& request) {
    std::promise<std::string> last;
    host_->Handle(request.dump(), [&](std::string_view line, bool is_last) {
      if (is_last) last.set_value(std::string(line));
    });
    return json::parse(last.get_future().get());
  }
  static json NewGoalLine(const char* plan) {
    return {{"do", "task.new"},
            {"words", std::string("something for ") + kCanary},
            {"plan", plan},
            {"yes", true},
            {"follow", true}};
  }
  json NewGoal(const char* plan) { return Ask(NewGoalLine(plan)); }
  void CallFile(const std::string& name, const std::string& folder = "calls") {
    std::filesystem::create_directories(data() + "/" + folder);
    std::ofstream(data() + "/" + folder + "/" + name) << kCanary;
  }
  // Files of the data directory that hold the words, in any letter's case as they stand.
  std::vector<std::string> FilesWith(const std::string& words) const {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::recursive_directory_iterator(data())) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      if (bytes.find(words) != std::string::npos) found.push_back(file.path().filename().string());
    }
    return found;
  }
  // A life: a vault, memories, a goal that has ended, one that waits, and calls.
  void Live() {
    Open();
    ASSERT_TRUE(Ask({{"do", "vault.init"}}).contains("ok"));
    Open();
    ASSERT_TRUE(Ask({{"do", "vault.put"},
                     {"record", "bank"},
                     {"field", "pin"},
                     {"kind", "pin"},
                     {"value", "471147"}})
                    .contains("ok"));
    ASSERT_TRUE(
        Ask({{"do", "memory.add"}, {"text", std::string(kCanary) + " by train"}}).contains("ok"));
    const json done = NewGoal(kPersonalPlan);
    ASSERT_EQ(done["update"]["state"], "COMPLETED") << done;
    ended_ = done["update"]["goal"].get<std::string>();
    waiting_ = NewGoal(kAsk)["update"]["goal"].get<std::string>();
    const json shown = Ask({{"do", "task.show"}, {"goal", ended_}})["shown"];
    for (const json& effect : shown["effects"]) {
      CallFile("call-" + effect["id"].get<std::string>().substr(0, 16) + ".log");
      CallFile("call-" + effect["id"].get<std::string>().substr(0, 16) + ".wav");
    }
    CallFile("loop-7.log", "clinic/calls");
  }

  TemporaryFolder folder_;
  std::unique_ptr<OperatorHost> host_;
  std::string ended_, waiting_;
};

TEST_F(ErasureTest, ACanaryIsInNoFileOfTheDataDirectoryAfterwards_P1) {
  Live();
  ASSERT_THAT(FilesWith(kCanary), testing::Not(IsEmpty()));
  const json before = Ask({{"do", "personal.show"}})["things"];
  EXPECT_EQ(before["goals"], 2);
  EXPECT_EQ(before["open_goals"], 1);
  EXPECT_EQ(before["memories"], 2);
  EXPECT_EQ(before["secrets"], 1);
  EXPECT_EQ(before["files"].size(), 4u);
  const json erased = Ask({{"do", "personal.erase"}});
  ASSERT_TRUE(erased.contains("ok")) << erased;
  // While the process goes on, and when it has ended.
  EXPECT_THAT(FilesWith(kCanary), IsEmpty());
  host_.reset();
  EXPECT_THAT(FilesWith(kCanary), IsEmpty());
  Open();
  EXPECT_TRUE(Ask({{"do", "audit.verify"}})["ok"].get<bool>());
  const json after = Ask({{"do", "personal.show"}})["things"];
  for (const char* name : {"goals", "open_goals", "memories", "secrets", "contacts"}) {
    EXPECT_EQ(after[name], 0) << name;
  }
  EXPECT_THAT(after["files"], IsEmpty());
}

TEST_F(ErasureTest, CallsThatWereAnsweredGoTooAndThoseThatOthersPlacedStay_P1) {
  Live();
  for (const char* name : {"CA0f.log", "CA0f.audio", "CA0f.wav", "CA0f.html"}) CallFile(name);
  CallFile("call-0123456789abcdef.log");  // no effect of this person's
  CallFile("notes.txt");
  EXPECT_EQ(Ask({{"do", "personal.show"}})["things"]["files"].size(), 8u);
  ASSERT_TRUE(Ask({{"do", "personal.erase"}}).contains("ok"));
  EXPECT_THAT(FilesWith(kCanary),
              testing::UnorderedElementsAre("call-0123456789abcdef.log", "notes.txt"));
}

TEST_F(ErasureTest, AGoalThatWaitsIsStoppedAndItsFollowerIsTold_P2) {
  Live();
  std::promise<std::string> told;
  host_->Handle(json{{"do", "task.follow"}, {"goal", waiting_}, {"stay", true}}.dump(),
                [&](std::string_view line, bool last) {
                  if (last) told.set_value(std::string(line));
                });
  ASSERT_TRUE(Ask({{"do", "personal.erase"}}).contains("ok"));
  EXPECT_THAT(told.get_future().get(), HasSubstr("CANCELLED"));
  EXPECT_TRUE(
      Ask({{"do", "task.answer"}, {"goal", waiting_}, {"text", kCanary}}).contains("error"));
  EXPECT_THAT(Ask({{"do", "task.list"}})["goals"], IsEmpty());
  EXPECT_THAT(FilesWith(kCanary), IsEmpty());
}

TEST_F(ErasureTest, WhoeverWasForgottenMayBeginAnew) {
  Live();
  ASSERT_TRUE(Ask({{"do", "personal.erase"}}).contains("ok"));
  EXPECT_EQ(NewGoal(kPersonalPlan)["update"]["state"], "COMPLETED");
  EXPECT_EQ(Ask({{"do", "memory.list"}})["memories"].size(), 1u);
  const json put = {{"do", "vault.put"},
                    {"record", "bank"},
                    {"field", "pin"},
                    {"kind", "pin"},
                    {"value", "815815"}};
  EXPECT_TRUE(Ask(put).contains("error"));
  ASSERT_TRUE(Ask({{"do", "vault.readmit"}}).contains("ok"));
  EXPECT_TRUE(Ask(put).contains("ok"));
}

TEST_F(ErasureTest, WhatIsHeldIsNotErasedAndNoGoalIsStopped_P7) {
  Live();
  ASSERT_TRUE(Ask({{"do", "task.hold"}, {"goal", ended_}}).contains("ok"));
  EXPECT_EQ(Ask({{"do", "task.holds"}})["holds"][0]["goal"], ended_);
  EXPECT_THAT(Ask({{"do", "personal.erase"}}).dump(), HasSubstr("held"));
  EXPECT_EQ(Ask({{"do", "task.list"}})["goals"].size(), 1u);
  EXPECT_THAT(FilesWith(kCanary), testing::Not(IsEmpty()));
  EXPECT_THAT(Ask({{"do", "task.hold"}, {"goal", "g0"}}).dump(), HasSubstr("NOT_FOUND"));
  EXPECT_TRUE(Ask({{"do", "task.hold"}}).contains("error"));
  ASSERT_TRUE(Ask({{"do", "task.release"}, {"goal", ended_}}).contains("ok"));
  EXPECT_TRUE(Ask({{"do", "personal.erase"}}).contains("ok"));
}

TEST_F(ErasureTest, WhatWasAskedForBeforeItDoesNotComeAfterIt_P2) {
  Open();
  for (int i = 0; i < 20; ++i) {
    host_->Handle(json{{"do", "memory.add"}, {"text", kCanary}}.dump(),
                  [](std::string_view, bool) {});
  }
  host_->Handle(NewGoalLine(kPersonalPlan).dump(), [](std::string_view, bool) {});
  ASSERT_TRUE(Ask({{"do", "personal.erase"}}).contains("ok"));
  EXPECT_THAT(Ask({{"do", "memory.list"}})["memories"], IsEmpty());
  EXPECT_THAT(Ask({{"do", "task.list"}})["goals"], IsEmpty());
  host_.reset();
  EXPECT_THAT(FilesWith(kCanary), IsEmpty());
}

TEST_F(ErasureTest, WithoutAVaultItIsTheSame_P1) {
  Open();
  ASSERT_EQ(NewGoal(kPersonalPlan)["update"]["state"], "COMPLETED");
  ASSERT_TRUE(Ask({{"do", "personal.erase"}}).contains("ok"));
  EXPECT_THAT(FilesWith(kCanary), IsEmpty());
  Open();
  EXPECT_TRUE(Ask({{"do", "audit.verify"}})["ok"].get<bool>());
}

// Every instant at which the process may die, over the real store and real files.
TEST(ErasureCrashTest, AnErasureThatWasCutShortIsEndedByAnother_P1) {
  bool reached_its_end = false;
  for (int steps = 0; steps < 200 && !reached_its_end; ++steps) {
    TemporaryFolder folder;
    OperatorWorld world(folder.File("store.sqlite"));
    const auto sent = world.NewGoal(
        "[[step]]\nid = \"m\"\ntool = \"send_email\"\n"
        "arguments = { to = \"a@example.org\", body = \"Zebulon-Quartz\" }\n",
        kCanary);
    ASSERT_THAT(sent, IsOk());
    ASSERT_THAT(world.NewGoal(kAsk, kCanary), IsOk());
    std::filesystem::create_directory(folder.File("calls"));
    const std::string call =
        folder.File("calls") + "/" + CallNameOf(world.Report(*sent).effects.at(0).effect_id);
    std::ofstream(call + ".log") << kCanary;
    std::ofstream(call + ".wav") << kCanary;
    const auto erase = [&](const std::function<void(absl::Status)>& done) {
      auto erasure = std::make_unique<Erasure>(Erasure::Parts{.agent = world.agent.get(),
                                                              .calls_under_way = {},
                                                              .store = world.store.get(),
                                                              .executor = &world.executor,
                                                              .calls_folder = folder.File("calls"),
                                                              .loopback_folder = {}});
      erasure->Erase("owner", [done](const auto& things) { done(things.status()); });
      return erasure;
    };
    bool first_ended = false;
    auto first = erase([&](const absl::Status&) { first_ended = true; });
    for (int i = 0; i < steps && !first_ended; ++i) world.executor.RunOne();
    reached_its_end = first_ended;
    first.reset();
    world.Kill();
    world.executor.RunUntilIdle();
    world.StartUp();

    absl::Status ended = absl::UnknownError("not called");
    auto second = erase([&](absl::Status status) { ended = std::move(status); });
    world.executor.RunUntilIdle();
    EXPECT_THAT(ended, IsOk()) << "died after " << steps;
    EXPECT_EQ(world.agent->open(), 0u);
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path())) {
      if (!file.is_regular_file()) continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      EXPECT_EQ(bytes.find(kCanary), std::string::npos) << file.path() << " after " << steps;
    }
  }
  EXPECT_TRUE(reached_its_end);
}

TEST_F(ErasureTest, OfTheMemoriesTheOwnerSeesWhereEachCameFrom) {
  Open();
  const json added = Ask({{"do", "memory.add"},
                          {"text", "by train"},
                          {"kind", "preference"},
                          {"user", "somebody else"}});
  ASSERT_TRUE(added.contains("ok")) << added;
  const std::string id = added["memory"]["id"].get<std::string>();
  EXPECT_FALSE(added["memory"]["quarantined"].get<bool>());
  EXPECT_THAT(added["memory"]["from"], Contains("you"));
  EXPECT_EQ(Ask({{"do", "memory.search"}, {"text", "train"}})["memories"].size(), 1u);
  EXPECT_THAT(Ask({{"do", "memory.list"}, {"quarantined", true}})["memories"], IsEmpty());
  EXPECT_TRUE(Ask({{"do", "memory.accept"}, {"memory", id}}).contains("ok"));
  EXPECT_TRUE(Ask({{"do", "memory.forget"}, {"memory", id}}).contains("ok"));
  EXPECT_TRUE(Ask({{"do", "memory.forget"}, {"memory", id}}).contains("error"));
  for (const json& wrong : {json{{"do", "memory.fly"}}, json{{"do", "memory.add"}},
                            json{{"do", "memory.add"}, {"text", 7}},
                            json{{"do", "memory.add"}, {"text", "x"}, {"kind", "rumour"}}}) {
    EXPECT_TRUE(Ask(wrong).contains("error")) << wrong;
  }
}

}  // namespace
}  // namespace dragoman
