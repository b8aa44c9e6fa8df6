#include "src/providers/openai/chat_request_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "dragoman/testing/matchers.h"
#include "tests/providers/openai/examples.h"

namespace dragoman::openai {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const char* const kFreeBusySchema =
    R"({"type":"object","properties":{"calendar":{"type":"string"},"minutes":{"type":"integer"}},)"
    R"("required":["calendar","minutes"],"additionalProperties":false})";

ChatRequest TuesdayRequest() {
  return {
      .messages = {{.role = Role::kSystem, .text = "You are a telephone assistant."},
                   {.role = Role::kUser, .text = "Is Tuesday free?"}},
      .tools = {{.name = "calendar_freebusy",
                 .description = "Look up busy intervals.",
                 .parameters = kFreeBusySchema},
                {.name = "get_current_time", .parameters = R"({"type":"object","properties":{}})"}},
      .max_output_tokens = 400,
      .conversation_id = "tenant-7"};
}

json Body(const ChatRequest& request, OpenAiChatOptions options = {}) {
  absl::StatusOr<std::string> body = ChatRequestBody(request, options);
  EXPECT_THAT(body, IsOk());
  return body.ok() ? json::parse(*body) : json();
}

TEST(ChatRequestBodyTest, AStreamedRequestWithToolsIsTheExample) {
  EXPECT_EQ(Body(TuesdayRequest(), {.model = "gpt-5.4-mini", .send_cache_key = true}),
            JsonExample("request-tools-stream.json"));
}

TEST(ChatRequestBodyTest, ToolResultsAreTheExample) {
  ChatRequest request = TuesdayRequest();
  request.messages = {
      {.role = Role::kUser, .text = "Is Tuesday free?"},
      {.role = Role::kAssistant,
       .tool_calls = {{"call_ExampleA", "calendar_freebusy",
                       R"({"calendar":"müller","minutes":30})"},
                      {"call_ExampleB", "get_current_time", "{}"}}},
      {.role = Role::kTool, .text = R"({"busy":[]})", .tool_call_id = "call_ExampleA"},
      {.role = Role::kTool, .text = "2026-11-20T10:15:00+01:00", .tool_call_id = "call_ExampleB"}};
  const json body = Body(request, {.model = "gpt-5.4-mini"});
  const json example = JsonExample("request-tool-results.json");
  EXPECT_EQ(body["messages"], example["messages"]);
  EXPECT_EQ(body["tools"], example["tools"]);
}

TEST(ChatRequestBodyTest, AResponseSchemaIsTheExample) {
  const json example = JsonExample("request-json-schema.json");
  json expected = example["response_format"];
  expected["json_schema"]["name"] = "reply";  // ours, whatever the schema is about
  ChatRequest request = TuesdayRequest();
  request.response_schema = expected["json_schema"]["schema"].dump();
  EXPECT_EQ(Body(request)["response_format"], expected);
}

TEST(ChatRequestBodyTest, AServerWithoutSchemasIsToldInWords) {
  ChatRequest request = TuesdayRequest();
  request.response_schema = R"({"type":"object"})";
  const json body = Body(request, {.supports_json_schema = false});
  EXPECT_EQ(body["response_format"], (json{{"type", "json_object"}}));
  EXPECT_THAT(std::string(body["messages"][0]["content"]), HasSubstr(R"({"type":"object"})"));
}

TEST(ChatRequestBodyTest, WhatAServerDoesNotKnowIsLeftOut) {
  ChatRequest request = TuesdayRequest();
  request.temperature_per_mille = 300;
  const json body = Body(request, {.model = "qwen3",
                                   .max_tokens_field = "max_tokens",
                                   .system_role = "developer",
                                   .supports_stream_usage = false,
                                   .supports_tool_choice = false,
                                   .supports_parallel_tools = false,
                                   .strict_tools = false,
                                   .extra_body = R"({"top_k":20})"});
  EXPECT_EQ(body["max_tokens"], 400);
  EXPECT_EQ(body["temperature"], 0.3);
  EXPECT_EQ(body["messages"][0]["role"], "developer");
  EXPECT_EQ(body["top_k"], 20);
  for (const char* field : {"max_completion_tokens", "stream_options", "tool_choice",
                            "parallel_tool_calls", "prompt_cache_key", "reasoning_effort"}) {
    EXPECT_FALSE(body.contains(field)) << field;
  }
  EXPECT_FALSE(body["tools"][0]["function"].contains("strict"));
}

TEST(ChatRequestBodyTest, ToolChoice) {
  ChatRequest request = TuesdayRequest();
  request.tool_choice = ToolChoice::kRequired;
  EXPECT_EQ(Body(request)["tool_choice"], "required");
  request.tool_choice = ToolChoice::kNone;
  EXPECT_EQ(Body(request)["tool_choice"], "none");
  EXPECT_FALSE(Body(request, {.supports_tool_choice = false}).contains("tools"));
  request.tools.clear();
  EXPECT_FALSE(Body(request).contains("tool_choice"));
}

TEST(ChatRequestBodyTest, StrictOnlyWhereTheSchemaAllowsIt) {
  const auto strict = [](const char* schema) {
    ChatRequest request = TuesdayRequest();
    request.tools = {{.name = "t", .parameters = schema}};
    return Body(request)["tools"][0]["function"].contains("strict");
  };
  EXPECT_TRUE(strict(kFreeBusySchema));
  EXPECT_FALSE(strict(R"({"type":"object"})"));
  EXPECT_FALSE(strict(R"({"type":"object","properties":{"a":{"type":"string"}},"required":[],
                         "additionalProperties":false})"));
  EXPECT_FALSE(strict(R"({"type":"object","properties":{"a":{"type":"object"}},"required":["a"],
                         "additionalProperties":false})"));
  EXPECT_FALSE(strict(R"({"type":"object","properties":{"a":{"type":"string","pattern":"x"}},
                         "required":["a"],"additionalProperties":false})"));
  EXPECT_FALSE(strict(R"({"type":"object","properties":{"a":{"type":"array","items":
                         {"type":"object"}}},"required":["a"],"additionalProperties":false})"));
}

TEST(ChatRequestBodyTest, AResultThatCameLaterIsMovedBehindItsCall) {
  ChatRequest request = TuesdayRequest();
  request.messages = {
      {.role = Role::kUser, .text = "Is Tuesday free?"},
      {.role = Role::kAssistant, .text = "Let me see.", .tool_calls = {{"c1", "look", "{}"}}},
      {.role = Role::kUser, .text = "Or Wednesday?"},
      {.role = Role::kTool, .text = "free", .tool_call_id = "c1"}};
  const json messages = Body(request)["messages"];
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[1]["content"], "Let me see.");
  EXPECT_EQ(messages[2]["role"], "tool");
  EXPECT_EQ(messages[2]["content"], "free");
  EXPECT_EQ(messages[3]["content"], "Or Wednesday?");
}

TEST(ChatRequestBodyTest, AMissingResultIsReplacedAnOrphanLeftOutAFailureMarked) {
  ChatRequest request = TuesdayRequest();
  request.messages = {
      {.role = Role::kAssistant, .tool_calls = {{"c1", "look", "{}"}, {"c2", "look", "{}"}}},
      {.role = Role::kTool, .text = "no such day", .tool_call_id = "c2", .tool_failed = true},
      {.role = Role::kTool, .text = "of nothing", .tool_call_id = "c9"},
      {.role = Role::kUser, .text = "Hello?"}};
  const json messages = Body(request)["messages"];
  ASSERT_EQ(messages.size(), 4u);
  EXPECT_EQ(messages[1]["tool_call_id"], "c1");
  EXPECT_THAT(std::string(messages[1]["content"]), HasSubstr("interrupted"));
  EXPECT_EQ(messages[2]["content"], "error: no such day");
  EXPECT_EQ(messages[3]["role"], "user");
}

TEST(ChatRequestBodyTest, ATurnOfWhichNothingWasHeardIsLeftOut) {
  ChatRequest request = TuesdayRequest();
  request.messages = {{.role = Role::kAssistant, .text = ""},
                      {.role = Role::kUser, .text = "Hello?"}};
  EXPECT_EQ(Body(request)["messages"].size(), 1u);
}

TEST(ChatRequestBodyTest, ARefusalIsEchoedToItsVendorOnly) {
  ChatRequest request = TuesdayRequest();
  request.messages = {
      {.role = Role::kAssistant, .vendor = "openai", .vendor_state = R"({"refusal":"I can't."})"},
      {.role = Role::kAssistant,
       .text = "Hm.",
       .vendor = "anthropic",
       .vendor_state = R"({"refusal":"no"})"}};
  const json messages = Body(request)["messages"];
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0]["refusal"], "I can't.");
  EXPECT_FALSE(messages[1].contains("refusal"));
}

TEST(ChatRequestBodyTest, TheDayIsToldWhenItIsKnown) {
  ChatRequest request = TuesdayRequest();
  request.now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(10);
  EXPECT_EQ(Body(request)["messages"][0]["content"],
            "You are a telephone assistant.\nToday is Friday, 2026-11-20.");
  request.messages.erase(request.messages.begin());
  EXPECT_EQ(Body(request)["messages"][0],
            (json{{"role", "system"}, {"content", "Today is Friday, 2026-11-20."}}));
}

TEST(ChatRequestBodyTest, ABadSchemaIsRefusedNamingTheField) {
  ChatRequest request = TuesdayRequest();
  request.tools[1].parameters = "{";
  EXPECT_THAT(ChatRequestBody(request, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tools[1].parameters")));
  request = TuesdayRequest();
  request.response_schema = "[]";
  EXPECT_THAT(ChatRequestBody(request, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("response_schema")));
}

TEST(ChatRequestBodyTest, ArgumentsThatAreNotUtf8AreReplacedNotSent) {
  ChatRequest request = TuesdayRequest();
  request.messages.push_back({.role = Role::kAssistant, .tool_calls = {{"c", "look", "\xff"}}});
  absl::StatusOr<std::string> body = ChatRequestBody(request, {});
  ASSERT_THAT(body, IsOk());
  EXPECT_THAT(*body, Not(HasSubstr("\xff")));
}

}  // namespace
}  // namespace dragoman::openai
