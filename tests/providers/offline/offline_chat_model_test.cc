#include "dragoman/providers/offline/offline_chat_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "dragoman/providers/offline/clinic_receptionist.h"
#include "dragoman/testing/matchers.h"
#include "tests/contract/chat_model_contract.h"

namespace dragoman {
namespace {

using testing::HasSubstr;

ToolSpec Lookup() {
  return {.name = "lookup", .description = "", .parameters = R"({"type":"object"})"};
}

struct OfflineHarness : ManualHarness {
  static constexpr bool kCanStall = false;
  static constexpr bool kCanFail = false;

  OfflineHarness() {
    AgentDefinition agent = ClinicReceptionist({});
    for (GoalDefinition& goal : agent.goals) {
      if (!goal.search_tool.empty()) goal.search_tool = "lookup";
    }
    made_ = *MakeOfflineChatModel({.agent = agent});
  }
  ChatModel& model() { return *made_; }
  ChatRequest request() {
    ChatRequest request;
    request.messages = {{.role = Role::kUser, .text = said_}};
    request.tools = {Lookup()};
    request.now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5);
    return request;
  }
  void PrepareText() { said_ = "hello"; }
  void PrepareToolCall() { said_ = "an appointment on thursday please"; }
  void PrepareStall() {}
  void PrepareStallAfterText() {}
  void PrepareFailure() {}

  std::string said_ = "hello";
  std::unique_ptr<ChatModel> made_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Offline, ChatModelContract, OfflineHarness);

struct SlowHarness : OfflineHarness {
  SlowHarness() {
    made_ = *MakeOfflineChatModel({.agent = ClinicReceptionist({}),
                                   .first_word_delay = std::chrono::milliseconds(200),
                                   .between_words_delay = std::chrono::milliseconds(30)});
    said_ = "hello";
  }
  ChatRequest request() {
    ChatRequest request = OfflineHarness::request();
    request.tools[0].name = "check_availability";
    return request;
  }
};

TEST(OfflineChatModelTest, ModelledDelaysPassInTheExecutorsTime) {
  SlowHarness harness;
  ChatListening listening;
  auto stream = harness.model().Reply(harness.request(), harness.executor(), listening.Callbacks());
  ASSERT_THAT(stream, IsOk());
  harness.executor().RunFor(std::chrono::milliseconds(199));
  EXPECT_EQ(listening.text, "");
  harness.executor().RunFor(std::chrono::milliseconds(1));
  EXPECT_EQ(listening.pieces.size(), 1u);
  harness.executor().RunFor(std::chrono::milliseconds(60));
  EXPECT_EQ(listening.pieces.size(), 3u);
  (*stream)->Cancel();
  harness.executor().RunFor(std::chrono::seconds(1));
  EXPECT_EQ(listening.pieces.size(), 3u);
  ASSERT_EQ(listening.done.size(), 1u);
  EXPECT_THAT(listening.done[0], StatusIs(absl::StatusCode::kCancelled));
}

absl::StatusOr<ChatResult> Ask(OfflineHarness& harness, ChatRequest request) {
  ChatListening listening;
  auto stream =
      harness.model().Reply(std::move(request), harness.executor(), listening.Callbacks());
  if (!stream.ok()) return stream.status();
  harness.executor().RunUntilIdle();
  return listening.done.at(0);
}

TEST(OfflineChatModelTest, TheSameRequestGetsTheSameReply) {
  OfflineHarness one;
  OfflineHarness two;
  one.PrepareToolCall();
  two.PrepareToolCall();
  auto first = Ask(one, one.request());
  auto second = Ask(two, two.request());
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->message, second->message);
  EXPECT_EQ(first->expects, second->expects);
}

TEST(OfflineChatModelTest, TellsWhatItHopesToHear) {
  OfflineHarness harness;
  auto reply = Ask(harness, harness.request());
  ASSERT_THAT(reply, IsOk());
  ASSERT_TRUE(reply->expects.has_value());
  EXPECT_EQ(reply->expects->state, "open");
  EXPECT_THAT(reply->expects->grammar, testing::StartsWith("#JSGF V1.0;"));
  EXPECT_LE(reply->expects->phrases.size(), 100u);
}

TEST(OfflineChatModelTest, WhatItCannotDoIsSaidBeforeAnythingIsSent) {
  OfflineHarness harness;
  ChatRequest schema = harness.request();
  schema.response_schema = "{}";
  EXPECT_THAT(Ask(harness, schema),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("response_schema")));
  ChatRequest required = harness.request();
  required.tool_choice = ToolChoice::kRequired;
  EXPECT_THAT(Ask(harness, required), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST(OfflineChatModelTest, WithoutToolsItSaysThatItCannotLookAndCallsNone) {
  OfflineHarness harness;
  harness.PrepareToolCall();
  ChatRequest request = harness.request();
  request.tool_choice = ToolChoice::kNone;
  auto reply = Ask(harness, request);
  ASSERT_THAT(reply, IsOk());
  EXPECT_TRUE(reply->message.tool_calls.empty());
  EXPECT_THAT(reply->message.text, HasSubstr("cannot look at our calendar"));
}

TEST(OfflineChatModelTest, AShortLimitCutsTheTextAndSaysSo) {
  OfflineHarness harness;
  ChatRequest request = harness.request();
  request.max_output_tokens = 3;
  auto reply = Ask(harness, request);
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->finish, FinishReason::kLength);
  EXPECT_EQ(reply->message.text, "Hello, this is");
}

TEST(OfflineChatModelTest, HistoriesThatMakeNoSenseAreSurvived) {
  OfflineHarness harness;
  ChatRequest request = harness.request();
  request.messages = {
      {.role = Role::kTool, .text = "{}", .tool_call_id = "nobody"},
      {.role = Role::kAssistant,
       .tool_calls = {{.id = "x", .name = "lookup", .arguments = "not json"}}},
      {.role = Role::kAssistant, .text = ""},
      {.role = Role::kTool, .text = "[1,2", .tool_call_id = "x"},
      {.role = Role::kUser, .text = ""},
      {.role = Role::kAssistant,
       .text = "Shall I book it?",
       .tool_calls = {{.id = "y", .name = "book_appointment", .arguments = "{}"}}},
      {.role = Role::kTool, .text = R"({"days":[5,{"date":7,"free":3}]})", .tool_call_id = "y"},
      {.role = Role::kUser, .text = std::string(100'000, 'a')},
      {.role = Role::kUser, .text = "yes"},
  };
  auto reply = Ask(harness, request);
  ASSERT_THAT(reply, IsOk());
  EXPECT_NE(reply->message.text, "");
  for (const ToolCall& call : reply->message.tool_calls) EXPECT_NE(call.name, "book_appointment");
}

TEST(OfflineChatModelTest, ADefinitionThatCannotWorkIsNamed) {
  const auto refusal = [](const std::function<void(AgentDefinition&)>& spoil) {
    AgentDefinition agent = ClinicReceptionist({});
    spoil(agent);
    return MakeOfflineChatModel({.agent = agent}).status();
  };
  EXPECT_THAT(refusal([](auto&) {}), IsOk());
  EXPECT_THAT(refusal([](auto& a) { a.goals[0].required.push_back("shoe_size"); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("shoe_size")));
  EXPECT_THAT(refusal([](auto& a) { a.goals[0].triggers.push_back("(open"); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("(open")));
  EXPECT_THAT(refusal([](auto& a) { a.goals[0].triggers.push_back("[only optional]"); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no word that is needed")));
  EXPECT_THAT(refusal([](auto& a) { a.goals[2].confirm = "Shall I book it?"; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("{date}")));
  EXPECT_THAT(refusal([](auto& a) { a.horizon_days = 0; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("horizon_days")));
  EXPECT_THAT(refusal([](auto& a) { a.message_goal = "telegram"; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("telegram")));
  EXPECT_THAT(MakeOfflineChatModel({.agent = ClinicReceptionist({}),
                                    .first_word_delay = std::chrono::milliseconds(-1)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("first_word_delay")));
}

}  // namespace
}  // namespace dragoman
