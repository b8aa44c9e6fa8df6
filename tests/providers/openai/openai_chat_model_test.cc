#include "dragoman/providers/openai/openai_chat_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/testing/fake_http_transport.h"
#include "dragoman/testing/memory_log.h"
#include "tests/contract/chat_model_contract.h"
#include "tests/providers/openai/examples.h"

namespace dragoman {
namespace {

using absl::StatusCode;
using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

ChatRequest Hello() {
  return {.messages = {{.role = Role::kUser, .text = "hello"}},
          .tools = {{.name = "lookup", .parameters = R"({"type":"object"})"}}};
}

struct OpenAiHarness : ManualHarness {
  OpenAiHarness() {
    auto made = MakeOpenAiChatModel({.api_key = Secret("sk-test-key")}, {.http = &http});
    if (made.ok()) openai = *std::move(made);
  }
  ChatModel& model() { return *openai; }
  ChatRequest request() { return Hello(); }
  void PrepareText() {
    const std::string stream = Example("stream-text-usage.sse");
    std::vector<std::size_t> cuts;
    for (std::size_t at = 7; at < stream.size(); at += 7) cuts.push_back(at);
    http.Enqueue(Streamed(stream, cuts));
  }
  void PrepareToolCall() {
    http.Enqueue(Streamed(
        Chunk(
            R"({"tool_calls":[{"index":0,"id":"c1","function":{"name":"lookup","arguments":"{}"}}]})") +
        Chunk("{}", "\"tool_calls\"") + "data: [DONE]\n\n"));
  }
  static constexpr bool kCanStall = true;
  void PrepareStall() {
    ScriptedExchange exchange = Streamed(": OPENROUTER PROCESSING\n\n");
    exchange.stalls = true;
    http.Enqueue(exchange);
  }
  void PrepareStallAfterText() {
    ScriptedExchange exchange = Streamed(Chunk(R"({"content":"One moment"})"));
    exchange.stalls = true;
    http.Enqueue(exchange);
  }
  static constexpr bool kCanFail = true;
  void PrepareFailure() { http.Enqueue(Streamed(Example("stream-error.sse"))); }

  FakeHttpTransport http;
  std::unique_ptr<ChatModel> openai;
};
INSTANTIATE_TYPED_TEST_SUITE_P(OpenAi, ChatModelContract, OpenAiHarness);

class OpenAiChatModelTest : public ::testing::Test {
 protected:
  void Make(OpenAiChatOptions options = {.api_key = Secret("sk-test-key")}) {
    auto made = MakeOpenAiChatModel(options, {.http = &http, .log = &log});
    ASSERT_THAT(made, IsOk());
    model = *std::move(made);
  }
  void Reply(ChatRequest request = Hello()) {
    if (model == nullptr) Make();
    auto opened = model->Reply(std::move(request), executor, listening.Callbacks());
    ASSERT_THAT(opened, IsOk());
    stream = *std::move(opened);
  }
  // The one result, or an error that says that there is not one.
  absl::StatusOr<ChatResult> Result() {
    executor.RunFor(std::chrono::minutes(5));
    if (listening.done.size() != 1) {
      return Internal("on_done came ", listening.done.size(), " times");
    }
    return listening.done[0];
  }

  ManualExecutor executor;
  FakeHttpTransport http;
  MemoryLog log;
  ChatListening listening;
  std::unique_ptr<ChatModel> model;
  std::unique_ptr<ChatStream> stream;
};

TEST_F(OpenAiChatModelTest, PostsToTheEndpointWithTheKey) {
  Make({.base_url = "http://localhost:8000/v1/",
        .api_key = Secret("sk-test-key"),
        .organization = "org",
        .headers = {{"X-Title", "dragoman"}}});
  http.Enqueue(Streamed(Example("stream-text-usage.sse")));
  Reply();
  ASSERT_THAT(Result(), IsOk());
  const HttpRequest request = http.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://localhost:8000/v1/chat/completions");
  EXPECT_THAT(request.headers, AllOf(Contains(Pair("Authorization", "Bearer sk-test-key")),
                                     Contains(Pair("Content-Type", "application/json")),
                                     Contains(Pair("OpenAI-Organization", "org")),
                                     Contains(Pair("X-Title", "dragoman"))));
  EXPECT_EQ(nlohmann::json::parse(request.body)["stream"], true);
}

TEST_F(OpenAiChatModelTest, WithoutAKeyThereIsNoAuthorization) {
  Make({.base_url = "http://localhost:11434/v1"});
  http.Enqueue(Streamed(Example("stream-text-usage.sse")));
  Reply();
  ASSERT_THAT(Result(), IsOk());
  EXPECT_THAT(http.requests()[0].headers, Not(Contains(Pair("Authorization", ::testing::_))));
}

TEST_F(OpenAiChatModelTest, TellsModelUsageAndRequestId) {
  http.Enqueue(Streamed(Example("stream-text-usage.sse")));
  Reply();
  auto result = Result();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->model, "gpt-5.4-mini");
  EXPECT_EQ(result->request_id, "req_test");
  EXPECT_EQ(result->usage,
            (Usage{.input_tokens = 1412 - 1280, .cached_input_tokens = 1280, .output_tokens = 37}));
  EXPECT_THAT(listening.pieces, ElementsAre("Grüß Gott,", " Sie sprechen mit", " Mira."));
}

TEST_F(OpenAiChatModelTest, ReasoningIsNeverSpokenButKeepsTheReplyAlive) {
  std::string slow;
  ScriptedExchange exchange = Streamed("");
  for (int i = 0; i < 10; ++i) {
    exchange.body.push_back({milliseconds(2'000), Chunk(R"({"reasoning":"hm "})")});
  }
  exchange.body.push_back({milliseconds(2'000), Chunk(R"({"content":"Yes."})")});
  exchange.body.push_back({milliseconds(0), Chunk("{}", "\"stop\"") + "data: [DONE]\n\n"});
  http.Enqueue(exchange);
  Reply();
  auto result = Result();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->message.text, "Yes.");
  EXPECT_EQ(listening.text, "Yes.");
}

TEST_F(OpenAiChatModelTest, ThinkTagsAreStrippedWhenAsked) {
  Make({.strip_think_tags = true});
  http.Enqueue(Streamed(Chunk(R"({"content":"<think>hm</th"})") +
                        Chunk(R"({"content":"ink>\nYes <"})") + Chunk("{}", "\"stop\"") +
                        "data: [DONE]\n\n"));
  Reply();
  auto result = Result();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(listening.text, "Yes <");
  EXPECT_EQ(result->message.text, "Yes <");
}

TEST_F(OpenAiChatModelTest, CompletesWithoutDoneWithoutUsageAndWithoutTheLastBlankLine) {
  std::string stream = Chunk(R"({"content":"Yes."})") + Chunk("{}", "\"stop\"");
  stream.resize(stream.size() - 2);
  http.Enqueue(Streamed(stream));
  Reply();
  auto result = Result();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->message.text, "Yes.");
  EXPECT_TRUE(result->usage.estimated);
}

TEST_F(OpenAiChatModelTest, DoesNotWaitLongForAnEndThatDoesNotCome) {
  ScriptedExchange after_done = Streamed(Example("stream-text-usage.sse"));
  after_done.stalls = true;
  http.Enqueue(after_done);
  Reply();
  executor.RunFor(milliseconds(101));
  ASSERT_EQ(listening.done.size(), 1u);
  EXPECT_THAT(listening.done[0], IsOk());

  listening = ChatListening();
  ScriptedExchange after_finish =
      Streamed(Chunk(R"({"content":"Yes."})") + Chunk("{}", "\"stop\""));
  after_finish.stalls = true;
  http.Enqueue(after_finish);
  Reply();
  executor.RunFor(milliseconds(999));
  EXPECT_TRUE(listening.done.empty());
  executor.RunFor(milliseconds(2));
  ASSERT_EQ(listening.done.size(), 1u);
  EXPECT_THAT(listening.done[0], IsOk());
}

TEST_F(OpenAiChatModelTest, AStreamThatIsCutIsUnavailableAndNotRepeatedOnceItSpoke) {
  http.Enqueue(Streamed(Example("stream-cut-no-done.sse")));
  Reply();
  EXPECT_THAT(Result(), StatusIs(StatusCode::kUnavailable, StartsWith("openai: ")));
  EXPECT_EQ(listening.text, "Das sind");
  EXPECT_EQ(http.requests().size(), 1u);
}

TEST_F(OpenAiChatModelTest, AStreamCutInsideAChunkIsUnavailable) {
  const std::string whole = Example("stream-cut-no-done.sse") + Chunk(R"({"content":" drei"})");
  http.Enqueue(Streamed(whole.substr(0, whole.size() - 20)));
  Reply();
  EXPECT_THAT(Result(), StatusIs(StatusCode::kUnavailable, HasSubstr("ended before")));
}

TEST_F(OpenAiChatModelTest, FailuresThatPassAreTriedAgainBeforeTheFirstToken) {
  http.Enqueue(ScriptedExchange::Broken(Unavailable("connection refused")));
  http.Enqueue(ScriptedExchange::Reply(503, R"({"error":{"message":"overloaded"}})"));
  http.Enqueue(Streamed(Example("stream-text-usage.sse")));
  Reply();
  executor.RunFor(milliseconds(249));
  EXPECT_EQ(http.requests().size(), 1u);
  executor.RunFor(milliseconds(1));
  EXPECT_EQ(http.requests().size(), 2u);
  executor.RunFor(milliseconds(499));
  EXPECT_EQ(http.requests().size(), 2u);
  EXPECT_THAT(Result(), IsOk());
  EXPECT_EQ(http.requests().size(), 3u);
  EXPECT_EQ(http.requests()[0].body, http.requests()[2].body);
  EXPECT_TRUE(log.Contains("overloaded"));
}

TEST_F(OpenAiChatModelTest, TheLastFailureIsReportedWithTheNumberOfAttempts) {
  for (int i = 0; i < 5; ++i) {
    http.Enqueue(ScriptedExchange::Reply(503, R"({"error":{"message":"overloaded"}})"));
  }
  Reply();
  EXPECT_THAT(Result(), StatusIs(StatusCode::kUnavailable,
                                 "openai: 3 attempts in 0.7 s; last: HTTP 503 \"overloaded\""));
  EXPECT_EQ(http.requests().size(), 3u);
}

TEST_F(OpenAiChatModelTest, WhatDoesNotPassIsNotTriedAgain) {
  http.Enqueue(ScriptedExchange::Reply(429, JsonExample("error-429-quota.json")["body"].dump()));
  Reply();
  EXPECT_THAT(Result(), StatusIs(StatusCode::kResourceExhausted, StartsWith("openai: HTTP 429")));
  EXPECT_EQ(http.requests().size(), 1u);
}

TEST_F(OpenAiChatModelTest, ARetryAfterBeyondTheFirstTokenTimeoutGivesUpAtOnce) {
  ScriptedExchange busy = ScriptedExchange::Reply(429, "{}");
  busy.headers = {{"Retry-After", "30"}};
  http.Enqueue(busy);
  Reply();
  executor.RunFor(milliseconds(1));
  ASSERT_EQ(listening.done.size(), 1u);
  EXPECT_THAT(listening.done[0], StatusIs(StatusCode::kResourceExhausted));
}

TEST_F(OpenAiChatModelTest, ARetryAfterWithinItIsObeyed) {
  ScriptedExchange busy = ScriptedExchange::Reply(429, "{}");
  busy.headers = {{"Retry-After", "2"}};
  http.Enqueue(busy);
  http.Enqueue(Streamed(Example("stream-text-usage.sse")));
  Reply();
  executor.RunFor(milliseconds(1'999));
  EXPECT_EQ(http.requests().size(), 1u);
  EXPECT_THAT(Result(), IsOk());
}

TEST_F(OpenAiChatModelTest, TheFirstTokenTimeoutCountsAllAttemptsTogether) {
  http.Enqueue(ScriptedExchange::Reply(503, "busy"));
  ScriptedExchange silent = Streamed("");
  silent.stalls = true;
  http.Enqueue(silent);
  Reply();
  executor.RunFor(milliseconds(3'999));
  EXPECT_TRUE(listening.done.empty());
  executor.RunFor(milliseconds(1));
  ASSERT_EQ(listening.done.size(), 1u);
  EXPECT_THAT(listening.done[0],
              StatusIs(StatusCode::kDeadlineExceeded,
                       AllOf(HasSubstr("2 attempts"), HasSubstr("HTTP 503 \"busy\""))));
  EXPECT_EQ(http.open_exchanges(), 0);
}

TEST_F(OpenAiChatModelTest, CancelDuringTheBackoffSendsNothingMore) {
  http.Enqueue(ScriptedExchange::Reply(503, "busy"));
  Reply();
  executor.RunFor(milliseconds(100));
  stream->Cancel();
  EXPECT_THAT(Result(), StatusIs(StatusCode::kCancelled));
  EXPECT_EQ(http.requests().size(), 1u);
}

TEST_F(OpenAiChatModelTest, CancelDropsTheConnectionAtOnce) {
  ScriptedExchange exchange = Streamed(Chunk(R"({"content":"One "})"));
  exchange.stalls = true;
  http.Enqueue(exchange);
  Reply();
  executor.RunFor(milliseconds(10));
  EXPECT_EQ(http.open_exchanges(), 1);
  stream->Cancel();
  EXPECT_EQ(http.open_exchanges(), 0);
}

TEST_F(OpenAiChatModelTest, CancelStopsWithinATokenEvenInsideOnePieceOfTheStream) {
  http.Enqueue(Streamed(Example("stream-text-usage.sse")));  // all tokens in one piece
  listening.on_each = [&](int number) {
    if (number == 0) stream->Cancel();
  };
  Reply();
  EXPECT_THAT(Result(), StatusIs(StatusCode::kCancelled));
  EXPECT_EQ(listening.text, "Grüß Gott,");
}

TEST_F(OpenAiChatModelTest, AServerThatDoesNotStreamIsUnderstood) {
  ScriptedExchange whole = ScriptedExchange::Reply(200, Example("response-json-schema.json"));
  whole.headers = {{"Content-Type", "application/json"}};
  http.Enqueue(whole);
  Reply();
  auto result = Result();
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(listening.text, R"({"name":"Anna","phone":"+491512345678"})");
  EXPECT_EQ(result->usage.output_tokens, 37);
}

TEST_F(OpenAiChatModelTest, AnErrorThatComesWithStatus200IsAnError) {
  ScriptedExchange error =
      ScriptedExchange::Reply(200, R"({"error":{"code":402,"message":"Insufficient credits"}})");
  error.headers = {{"Content-Type", "application/json"}};
  http.Enqueue(error);
  Reply();
  EXPECT_THAT(Result(), StatusIs(StatusCode::kResourceExhausted, HasSubstr("credits")));
}

TEST_F(OpenAiChatModelTest, GarbageIsAPeersMistake) {
  http.Enqueue(Streamed("data: <html>\n\n"));
  Reply();
  EXPECT_THAT(Result(), StatusIs(StatusCode::kInternal, HasSubstr("JSON")));
  listening = ChatListening();
  http.Enqueue(Streamed("data: \xff\n\n"));
  Reply();
  EXPECT_THAT(Result(), StatusIs(StatusCode::kInternal, HasSubstr("UTF-8")));
}

TEST_F(OpenAiChatModelTest, AReplyThatNeverEndsIsBounded) {
  Make({.max_reply_bytes = 10'000});
  std::string stream;
  for (int i = 0; i < 1'000; ++i) stream += Chunk(R"({"content":"x"})");
  std::vector<std::size_t> cuts;
  for (std::size_t at = 500; at < stream.size(); at += 500) cuts.push_back(at);
  http.Enqueue(Streamed(stream, cuts));
  Reply();
  EXPECT_THAT(Result(), StatusIs(StatusCode::kResourceExhausted));
}

TEST_F(OpenAiChatModelTest, TheKeyNeverAppearsInAMessage) {
  http.Enqueue(ScriptedExchange::Reply(
      401, R"({"error":{"message":"Incorrect API key provided: sk-test-key."}})"));
  Reply();
  auto result = Result();
  EXPECT_THAT(result, StatusIs(StatusCode::kUnauthenticated, HasSubstr("provided: ***.")));
  EXPECT_FALSE(log.Contains("sk-test-key"));
}

TEST_F(OpenAiChatModelTest, ToolCallsAreToldBeforeTheEnd) {
  http.Enqueue(Streamed(Example("stream-parallel-tools.sse")));
  std::vector<std::size_t> calls_at_done;
  listening.on_each = [&](int) {
    if (!listening.done.empty()) calls_at_done.push_back(listening.calls.size());
  };
  Reply();
  ASSERT_THAT(Result(), IsOk());
  EXPECT_THAT(calls_at_done, ElementsAre(2u));
}

TEST(OpenAiChatOptionsTest, BadOptionsAreRefusedNamingTheField) {
  FakeHttpTransport http;
  const auto expect_refused = [&](const OpenAiChatOptions& options, const char* field) {
    EXPECT_THAT(MakeOpenAiChatModel(options, {.http = &http}),
                StatusIs(StatusCode::kInvalidArgument, HasSubstr(field)));
  };
  expect_refused({.base_url = "localhost:8000"}, "base_url");
  expect_refused({.base_url = "https://key@host/v1"}, "base_url");
  expect_refused({.api_key = Secret("two\nlines")}, "api_key");
  expect_refused({.model = ""}, "model");
  expect_refused({.headers = {{"X-A", "b\r\n"}}}, "X-A");
  expect_refused({.max_tokens_field = ""}, "max_tokens_field");
  expect_refused({.system_role = "root"}, "system_role");
  expect_refused({.extra_body = "[1]"}, "extra_body");
  expect_refused({.max_reply_bytes = 1}, "max_reply_bytes");
  expect_refused({.max_attempts = 0}, "max_attempts");
  expect_refused({.max_backoff = milliseconds(1)}, "max_backoff");
  EXPECT_THAT(MakeOpenAiChatModel({}, {}),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("http")));
}

TEST(OpenAiChatOptionsTest, TheNameHoldsTheModel) {
  FakeHttpTransport http;
  auto model = MakeOpenAiChatModel({.model = "qwen3"}, {.http = &http});
  ASSERT_THAT(model, IsOk());
  EXPECT_EQ((*model)->name(), "openai:qwen3");
}

}  // namespace
}  // namespace dragoman
