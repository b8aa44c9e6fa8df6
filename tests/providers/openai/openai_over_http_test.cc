// The model over real sockets, against a server in its own process that plays the example streams
// byte for byte. It was not tried against the live service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/providers/openai/openai_chat_model.h"
#include "dragoman/providers/openai/openai_embedding_model.h"
#include "src/net/curl_http_transport.h"
#include "tests/contract/chat_model_contract.h"
#include "tests/contract/child_process.h"
#include "tests/contract/embedding_model_contract.h"
#include "tests/providers/openai/examples.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

const char* const kServer = DRAGOMAN_SOURCE_DIR "/tests/providers/openai/fake_openai_server.py";

// One for all tests: starting Python takes longer than they do.
std::string PlayerUrl() {
  static ChildProcess server(
      {"python3", kServer, "--play", DRAGOMAN_SOURCE_DIR "/tests/providers/openai/data"});
  static const std::string url = server.ReadLine();
  return url;
}

ChatRequest Hello() {
  return {.messages = {{.role = Role::kUser, .text = "hello"}},
          .tools = {{.name = "lookup", .parameters = R"({"type":"object"})"}}};
}

struct Played : ThreadHarness {
  Played() {
    auto made = MakeCurlHttpTransport();
    if (made.ok()) http = *std::move(made);
  }
  // The model whose replies are played as `play` says.
  void Play(const std::string& play) {
    if (models.contains(play)) {
      current = models[play].get();
      return;
    }
    auto made = MakeOpenAiChatModel({.base_url = PlayerUrl(), .model = "play/" + play},
                                    {.http = http.get()});
    if (!made.ok()) return;
    current = made->get();
    models[play] = *std::move(made);
  }

  std::unique_ptr<HttpTransport> http;
  std::map<std::string, std::unique_ptr<ChatModel>> models;
  ChatModel* current = nullptr;
};

struct OverHttpHarness : Played {
  OverHttpHarness() { PrepareText(); }
  ChatModel& model() { return *current; }
  ChatRequest request() { return Hello(); }
  void PrepareText() { Play("stream-text-usage;bytes=97;delay_ms=1"); }
  void PrepareToolCall() { Play("stream-lookup"); }
  static constexpr bool kCanStall = true;
  void PrepareStall() { Play("stream-text-usage;stall=20"); }
  void PrepareStallAfterText() { Play("stream-text-usage;stall=900"); }
  static constexpr bool kCanFail = true;
  void PrepareFailure() { Play("stream-error"); }
};
INSTANTIATE_TYPED_TEST_SUITE_P(OpenAiOverHttp, ChatModelContract, OverHttpHarness);

struct EmbeddingOverHttpHarness : ThreadHarness {
  EmbeddingOverHttpHarness() {
    auto made = MakeCurlHttpTransport();
    if (made.ok()) http = *std::move(made);
    auto embedding = MakeOpenAiEmbeddingModel(
        {.base_url = PlayerUrl(), .dimensions = 16, .send_dimensions = true, .max_batch = 32},
        {.http = http.get()});
    if (embedding.ok()) openai = *std::move(embedding);
  }
  EmbeddingModel& model() { return *openai; }
  void Prepare() {}
  std::unique_ptr<HttpTransport> http;
  std::unique_ptr<EmbeddingModel> openai;
};
INSTANTIATE_TYPED_TEST_SUITE_P(OpenAiOverHttp, EmbeddingModelContract, EmbeddingOverHttpHarness);

class OpenAiOverHttpTest : public ::testing::Test {
 protected:
  absl::StatusOr<ChatResult> Reply(const std::string& play) {
    harness.Play(play);
    return ReplyOf(*harness.current, Hello());
  }
  absl::StatusOr<ChatResult> ReplyOf(ChatModel& model, ChatRequest request) {
    listening = ChatListening();
    Open(model, std::move(request));
    harness.RunUntil([&] { return !listening.done.empty(); });
    harness.On([&] { stream.reset(); });
    if (listening.done.empty()) return absl::InternalError("no completion");
    return listening.done[0];
  }
  void Open(ChatModel& model, ChatRequest request) {
    harness.On([&] {
      auto opened = model.Reply(std::move(request), harness.executor(), listening.Callbacks());
      EXPECT_THAT(opened, IsOk());
      if (opened.ok()) stream = *std::move(opened);
    });
  }
  // A number of the server's own accounts.
  int Stat(const std::string& name) {
    std::string body;
    bool done = false;
    std::unique_ptr<HttpExchange> exchange;
    harness.On([&] {
      HttpTransport::Callbacks callbacks;
      callbacks.on_body = [&](std::string_view bytes) { body += bytes; };
      callbacks.on_done = [&](absl::Status) { done = true; };
      const std::string url = PlayerUrl();
      exchange = harness.http->Send({.url = url.substr(0, url.size() - 3) + "/stats"},
                                    harness.executor(), std::move(callbacks));
    });
    EXPECT_TRUE(harness.RunUntil([&] { return done; }));
    harness.On([&] { exchange.reset(); });
    return nlohmann::json::parse(body).at(name);
  }

  Played harness;
  ChatListening listening;
  std::unique_ptr<ChatStream> stream;
};

TEST_F(OpenAiOverHttpTest, EachExampleStreamArrivesAsWorkedOutInAnyPieces) {
  for (const char* name :
       {"stream-text-usage", "stream-parallel-tools", "stream-index1-noDense",
        "stream-reasoning-fields", "groq-stream-tool", "openrouter-stream-comment-usage"}) {
    const nlohmann::json expected = JsonExample(std::string(name) + ".expected.json");
    for (const char* pieces : {"", ";bytes=1", ";bytes=61", ";bytes=1000;delay_ms=1"}) {
      SCOPED_TRACE(std::string(name) + pieces);
      auto result = Reply(std::string(name) + pieces);
      ASSERT_THAT(result, IsOk());
      EXPECT_EQ(nlohmann::json(result->message.text), expected["text"]);
      ASSERT_EQ(result->message.tool_calls.size(), expected["tool_calls"].size());
      for (std::size_t i = 0; i < result->message.tool_calls.size(); ++i) {
        EXPECT_EQ(nlohmann::json(result->message.tool_calls[i].arguments),
                  expected["tool_calls"][i]["arguments"]);
      }
    }
  }
}

TEST_F(OpenAiOverHttpTest, AStreamCutAnywhereBeforeItsFinishIsUnavailable) {
  const std::string stream = Example("stream-text-usage.sse");
  for (std::size_t cut = stream.find("Gott"); cut < stream.find("\"stop\""); cut += 131) {
    SCOPED_TRACE(cut);
    EXPECT_THAT(Reply("stream-text-usage;cut=" + std::to_string(cut)),
                StatusIs(absl::StatusCode::kUnavailable));
  }
}

TEST_F(OpenAiOverHttpTest, AServerThatIsBusyTwiceIsAskedAThirdTime) {
  auto result = Reply("stream-text-usage;status=503;times=2");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->message.text, "Grüß Gott, Sie sprechen mit Mira.");
}

TEST_F(OpenAiOverHttpTest, AModelThatDoesNotExistIsNotFound) {
  EXPECT_THAT(Reply("no-such-stream"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no-such-stream")));
}

TEST_F(OpenAiOverHttpTest, TurnsOfACallShareAConnection) {
  ASSERT_THAT(Reply("stream-text-usage"), IsOk());
  const int connections = Stat("connections");
  for (int turn = 0; turn < 5; ++turn) ASSERT_THAT(Reply("stream-text-usage"), IsOk());
  EXPECT_EQ(Stat("connections"), connections);
}

TEST_F(OpenAiOverHttpTest, CancelReachesTheServer) {
  const int aborted = Stat("aborted");
  harness.Play("stream-text-usage;stall=900");
  Open(*harness.current, Hello());
  ASSERT_TRUE(harness.RunUntil([&] { return !listening.text.empty(); }));
  harness.On([&] { stream->Cancel(); });
  ASSERT_TRUE(harness.RunUntil([&] { return !listening.done.empty(); }));
  EXPECT_THAT(listening.done[0], StatusIs(absl::StatusCode::kCancelled));
  for (int i = 0; i < 10'000 && Stat("aborted") == aborted; ++i) {
  }
  EXPECT_EQ(Stat("aborted"), aborted + 1);
  harness.On([&] { stream.reset(); });
}

TEST_F(OpenAiOverHttpTest, TheAgentModeBooksThroughTools) {
  ChildProcess server({"python3", kServer, "--agent", "--pace-ms", "0"});
  auto model = MakeOpenAiChatModel({.base_url = server.ReadLine()}, {.http = harness.http.get()});
  ASSERT_THAT(model, IsOk());
  ChatRequest request = {
      .tools = {{.name = "check_availability", .parameters = R"({"type":"object"})"},
                {.name = "book_appointment", .parameters = R"({"type":"object"})"}},
      .now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5)};
  const std::map<std::string, std::string> results = {
      {"check_availability",
       R"({"days":[{"date":"2026-01-06","free":[{"time":"10:30","doctor":"Lane"}]}]})"},
      {"book_appointment", R"({"appointment_id":"A1001"})"}};
  std::vector<std::string> booked;
  std::string last;
  for (const char* turn : {"book an appointment tomorrow", "ten thirty", "s m i t h", "yes"}) {
    request.messages.push_back({.role = Role::kUser, .text = turn});
    for (bool calling = true; calling;) {
      auto result = ReplyOf(**model, request);
      ASSERT_THAT(result, IsOk());
      last = result->message.text;
      calling = result->finish == FinishReason::kToolCalls;
      request.messages.push_back(result->message);
      for (const ToolCall& call : result->message.tool_calls) {
        if (call.name == "book_appointment") booked.push_back(call.arguments);
        request.messages.push_back(
            {.role = Role::kTool, .text = results.at(call.name), .tool_call_id = call.id});
      }
    }
  }
  ASSERT_EQ(booked.size(), 1u);
  EXPECT_EQ(nlohmann::json::parse(booked[0]),
            (nlohmann::json{{"name", "Smith"}, {"date", "2026-01-06"}, {"time", "10:30"}}));
  EXPECT_THAT(last, HasSubstr("anything else"));
}

}  // namespace
}  // namespace dragoman
