#include "dragoman/runtime/operator_host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kNotePlan[] =
    "[[step]]\nid = \"keep\"\ntool = \"note\"\narguments = { text = \"milk\" }\n";
constexpr char kAskPlan[] =
    "[[step]]\nid = \"who\"\ntool = \"ask_user\"\narguments = { question = \"Who?\" }\n";

class OperatorHostTest : public ::testing::Test {
 protected:
  OperatorHostTest() {
    char folder[] = "/tmp/dragoman-host-XXXXXX";
    folder_ = mkdtemp(folder);
  }
  ~OperatorHostTest() override { std::filesystem::remove_all(folder_); }

  OperatorHostOptions Options() const { return {.data_dir = folder_ + "/data"}; }
  std::unique_ptr<OperatorHost> Open() {
    auto host = OperatorHost::Create(Options());
    EXPECT_THAT(host, IsOk());
    return host.ok() ? *std::move(host) : nullptr;
  }
  // The last line.
  static json Ask(OperatorHost& host, const json& request) {
    std::promise<std::string> last;
    host.Handle(request.dump(), [&](std::string_view line, bool is_last) {
      if (is_last) last.set_value(std::string(line));
    });
    return json::parse(last.get_future().get());
  }
  static json NewGoal(const char* plan, bool follow) {
    return {{"do", "task.new"}, {"words", "a goal"}, {"plan", plan}, {"follow", follow}};
  }

  std::string folder_;
};

TEST_F(OperatorHostTest, GoalsFromManyThreadsAllEnd) {
  auto host = Open();
  ASSERT_NE(host, nullptr);
  std::atomic<int> completed = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 5; ++k) {
        const json last = Ask(*host, NewGoal(kNotePlan, true));
        if (last["update"]["state"] == "COMPLETED") ++completed;
        EXPECT_TRUE(Ask(*host, {{"do", "task.list"}, {"all", true}})["ok"].get<bool>());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(completed, 20);
  EXPECT_EQ(Ask(*host, {{"do", "task.list"}, {"all", true}})["goals"].size(), 20u);
  EXPECT_TRUE(Ask(*host, {{"do", "audit.verify"}})["ok"].get<bool>());
}

TEST_F(OperatorHostTest, ADirectoryHasOneOwnerAndOthersSpeakToIt) {
  auto host = Open();
  ASSERT_NE(host, nullptr);
  const auto second = OperatorHost::Create(Options());
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition));
  std::vector<json> lines;
  ASSERT_THAT(AskOwner(Options().data_dir, NewGoal(kNotePlan, true).dump(),
                       [&](std::string_view line, bool) { lines.push_back(json::parse(line)); }),
              IsOk());
  ASSERT_FALSE(lines.empty());
  EXPECT_TRUE(lines.front().contains("taken"));
  EXPECT_EQ(lines.back()["update"]["state"], "COMPLETED");
  struct stat socket{};
  ASSERT_EQ(stat((Options().data_dir + "/owner.sock").c_str(), &socket), 0);
  EXPECT_EQ(socket.st_mode & 0777u, 0600u);
  struct stat data{};
  ASSERT_EQ(stat(Options().data_dir.c_str(), &data), 0);
  EXPECT_EQ(data.st_mode & 0777u, 0700u);
}

TEST_F(OperatorHostTest, WhatWaitsIsThereAfterARestartAndFollowersAreToldOfTheEnd) {
  auto host = Open();
  ASSERT_NE(host, nullptr);
  const json waits = Ask(*host, NewGoal(kAskPlan, true));
  EXPECT_EQ(waits["update"]["question"]["text"], "Who?");
  const std::string goal = waits["update"]["goal"].get<std::string>();
  std::promise<std::string> told;
  host->Handle(json{{"do", "task.follow"}, {"goal", goal}, {"stay", true}}.dump(),
               [&](std::string_view line, bool last) {
                 if (last) told.set_value(std::string(line));
               });
  host.reset();
  EXPECT_THAT(told.get_future().get(), HasSubstr("error"));

  host = Open();
  ASSERT_NE(host, nullptr);
  const json shown = Ask(*host, {{"do", "task.show"}, {"goal", goal}})["shown"];
  EXPECT_EQ(shown["question"]["text"], "Who?");
  const json last =
      Ask(*host, {{"do", "task.answer"}, {"goal", goal}, {"text", "Anna"}, {"follow", true}});
  EXPECT_EQ(last["update"]["state"], "COMPLETED");
}

TEST_F(OperatorHostTest, WhatIsNoRequestIsSaidSo) {
  auto host = Open();
  ASSERT_NE(host, nullptr);
  for (const char* request :
       {"", "[]", "{\"do\":7}", "{\"do\":\"task.fly\"}", "{", "{\"do\":\"task.new\",\"words\":3}",
        "{\"do\":\"task.show\",\"goal\":\"g0\"}", "{\"do\":\"task.answer\",\"goal\":\"g0\"}",
        "{\"do\":\"vault.list\"}",
        "{\"do\":\"task.new\",\"words\":\"x\",\"deadline_seconds\":9000000000000000000}"}) {
    std::promise<std::string> last;
    host->Handle(request, [&](std::string_view line, bool is_last) {
      if (is_last) last.set_value(std::string(line));
    });
    EXPECT_TRUE(json::parse(last.get_future().get()).contains("error")) << request;
  }
}

TEST_F(OperatorHostTest, ASinkThatIsNoneIsRefused) {
  auto host = Open();
  ASSERT_NE(host, nullptr);
  ASSERT_TRUE(Ask(*host, {{"do", "vault.init"}}).contains("ok"));
  host.reset();
  host = Open();
  ASSERT_NE(host, nullptr);
  for (const json& sinks : {json::array({1}), json::array({json{{"sink", 7}}})}) {
    const json answer = Ask(*host, {{"do", "vault.put"},
                                    {"record", "a"},
                                    {"field", "b"},
                                    {"value", "open sesame"},
                                    {"sinks", sinks}});
    EXPECT_TRUE(answer.contains("error"));
  }
}

TEST_F(OperatorHostTest, ALookAtADirectorySetsNothingGoing) {
  std::string goal;
  {
    auto host = Open();
    ASSERT_NE(host, nullptr);
    goal = Ask(*host, NewGoal(kAskPlan, true))["update"]["goal"].get<std::string>();
  }
  OperatorHostOptions options = Options();
  options.work = false;
  auto host = OperatorHost::Create(options);
  ASSERT_THAT(host, IsOk());
  const json before = Ask(**host, {{"do", "task.log"}, {"goal", goal}})["log"];
  EXPECT_EQ(Ask(**host, {{"do", "task.list"}})["goals"].size(), 1u);
  EXPECT_EQ(Ask(**host, {{"do", "task.log"}, {"goal", goal}})["log"], before);
}

TEST_F(OperatorHostTest, OptionsThatCannotBeAreNamed) {
  EXPECT_THAT(OperatorHost::Create({}), StatusIs(absl::StatusCode::kInvalidArgument));
  OperatorHostOptions options = Options();
  options.mail.smtp_url = "http://example.org";
  EXPECT_THAT(OperatorHost::Create(options).status().message(), HasSubstr("smtps://"));
  options = Options();
  options.policy_file = folder_ + "/none.toml";
  EXPECT_THAT(OperatorHost::Create(options), StatusIs(absl::StatusCode::kNotFound));
  std::ofstream(folder_ + "/bad.toml") << "format = 1\nnmae = \"x\"\n";
  options.policy_file = folder_ + "/bad.toml";
  EXPECT_THAT(std::string(OperatorHost::Create(options).status().message()),
              HasSubstr("bad.toml:"));
}

}  // namespace
}  // namespace dragoman
