#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/testing/fake_byte_stream.h"
#include "dragoman/testing/fake_http_transport.h"
#include "dragoman/testing/fake_tool.h"
#include "dragoman/testing/fake_web_socket.h"
#include "dragoman/testing/memory_log.h"
#include "tests/contract/http_transport_contract.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

ScriptedExchange Play(const HttpRequest& request) {
  const std::string path = request.url.substr(std::string_view("http://test").size());
  std::string test_header;
  for (const auto& [name, value] : request.headers) {
    if (name == "X-Test") test_header = value;
  }
  ScriptedExchange exchange;
  if (path == "/hello") {
    exchange = ScriptedExchange::Reply(200, "hello");
    exchange.headers = {{"X-Mixed-Case", "Yes"}};
  } else if (path == "/missing") {
    exchange = ScriptedExchange::Reply(404, "no such page");
  } else if (path == "/echo") {
    exchange =
        ScriptedExchange::Reply(200, request.method + "\n" + test_header + "\n" + request.body);
  } else if (path == "/pieces") {
    exchange = ScriptedExchange::InPieces("one two three ", {4, 8}, milliseconds(10));
  } else if (path == "/stall" || path == "/cut") {
    exchange = ScriptedExchange::Reply(200, "begin");
    exchange.stalls = path == "/stall";
    exchange.end = Unavailable("the connection broke");
  } else if (path == "/never") {
    exchange = ScriptedExchange::Stalled();
  } else if (path == "/big") {
    const std::string big(1 << 20, 'x');
    exchange = ScriptedExchange::InPieces(big, {50'000, 99'000, 150'000});
  } else if (path == "/redirect") {
    exchange = ScriptedExchange::Reply(302, "moved");
  } else {
    exchange = ScriptedExchange::Broken(Unavailable("connection refused"));
  }
  return exchange;
}

struct FakeHttpHarness : ManualHarness {
  FakeHttpHarness() { fake.AnswerWith(Play); }
  HttpTransport& transport() { return fake; }
  std::string url(std::string_view path) { return "http://test" + std::string(path); }
  std::string closed_url() { return "http://test/closed"; }
  FakeHttpTransport fake;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, HttpTransportContract, FakeHttpHarness);

TEST(FakeHttpTransportTest, AConnectionThatNeverComesRunsIntoTheConnectTimeout) {
  ManualExecutor executor;
  FakeHttpTransport fake;
  ScriptedExchange script = ScriptedExchange::Stalled();
  script.no_connection = true;
  fake.Enqueue(script);
  HttpListening listening;
  auto exchange = fake.Send({.url = "http://test/", .connect_timeout = milliseconds(700)}, executor,
                            listening.Callbacks());
  executor.RunFor(milliseconds(699));
  EXPECT_THAT(listening.done, IsEmpty());
  executor.RunFor(milliseconds(1));
  EXPECT_THAT(listening.done, ElementsAre(StatusIs(absl::StatusCode::kDeadlineExceeded)));
}

class FakeWebSocketTest : public ::testing::Test {
 protected:
  WebSocketCallbacks Callbacks() {
    WebSocketCallbacks callbacks;
    callbacks.on_open = [this] { events.push_back("open"); };
    callbacks.on_message = [this](std::string_view message, bool binary) {
      events.push_back((binary ? "binary " : "text ") + std::string(message));
    };
    callbacks.on_closed = [this](absl::Status status, std::uint16_t code, std::string_view reason) {
      events.push_back(StrCat("closed ", code, " ", reason, status.ok() ? "" : "!"));
    };
    return callbacks;
  }

  ManualExecutor executor;
  std::vector<std::string> events;
};

TEST_F(FakeWebSocketTest, OpensThenCarriesMessagesBothWays) {
  FakeWebSocketConnector connector;
  auto socket = connector.Connect({.url = "wss://test/"}, executor, Callbacks());
  EXPECT_THAT(socket->SendText("early"), StatusIs(absl::StatusCode::kFailedPrecondition));
  executor.RunUntilIdle();
  ASSERT_THAT(socket->SendText("{}"), IsOk());
  ASSERT_THAT(socket->SendBinary("ab"), IsOk());
  connector.peer().SendText("hello");
  connector.peer().SendBinary("x");
  connector.peer().Close(1000, "bye");
  executor.RunUntilIdle();

  EXPECT_THAT(events, ElementsAre("open", "text hello", "binary x", "closed 1000 bye"));
  EXPECT_THAT(connector.peer().sent_text(), ElementsAre("{}"));
  EXPECT_THAT(connector.peer().sent_binary(), ElementsAre("ab"));
}

TEST_F(FakeWebSocketTest, APeerThatIgnoresTheCloseIsLeftAfterTwoSeconds) {
  auto [socket, peer] = MakeFakeWebSocket(executor, Callbacks());
  peer->IgnoreClose();
  socket->Close(1000, "done");
  socket->Close(1001, "again");
  executor.RunFor(milliseconds(1999));
  EXPECT_THAT(events, IsEmpty());
  executor.RunFor(milliseconds(1));
  EXPECT_THAT(events, ElementsAre("closed 1006 !"));
  EXPECT_EQ(peer->close_code(), 1000);
}

TEST_F(FakeWebSocketTest, TheQueueIsBoundedWhileThePeerDoesNotRead) {
  auto [socket, peer] = MakeFakeWebSocket(executor, Callbacks(), {.max_queued_bytes = 4});
  peer->StopReading();
  ASSERT_THAT(socket->SendText("abc"), IsOk());
  EXPECT_THAT(socket->SendText("de"), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(socket->queued_bytes(), 3u);
  peer->ReadAgain();
  EXPECT_EQ(socket->queued_bytes(), 0u);
  EXPECT_THAT(peer->sent_text(), ElementsAre("abc"));
}

TEST_F(FakeWebSocketTest, BadMessagesCloseWithTheirCodes) {
  auto [one, bad_text] = MakeFakeWebSocket(executor, Callbacks());
  bad_text->SendText("\xff");
  executor.RunUntilIdle();
  auto [two, too_long] = MakeFakeWebSocket(executor, Callbacks(), {.max_message_bytes = 3});
  too_long->SendBinary("abcd");
  executor.RunUntilIdle();
  EXPECT_THAT(events, ElementsAre("closed 1007 !", "closed 1009 !"));
}

TEST_F(FakeWebSocketTest, ADestroyedSocketIsSilent) {
  auto [socket, peer] = MakeFakeWebSocket(executor, Callbacks());
  peer->SendText("hello");
  socket.reset();
  peer->Close(1000);
  executor.RunUntilIdle();
  EXPECT_THAT(events, IsEmpty());
  EXPECT_TRUE(peer->destroyed());
}

TEST_F(FakeWebSocketTest, ASocketMayBeDestroyedInsideItsCallbacks) {
  std::unique_ptr<WebSocket> socket;
  WebSocketCallbacks callbacks;
  callbacks.on_message = [&](std::string_view, bool) { socket.reset(); };
  FakeWebSocketEnds ends = MakeFakeWebSocket(executor, std::move(callbacks));
  socket = std::move(ends.socket);
  ends.peer->SendText("one");
  ends.peer->SendText("two");
  executor.RunUntilIdle();
  EXPECT_EQ(socket, nullptr);
}

TEST(FakeByteStreamTest, BytesGoBothWaysAndNothingArrivesBeforeStart) {
  ManualExecutor executor;
  auto [stream, peer] = MakeFakeByteStream(executor, 4);
  std::string received;
  std::vector<absl::Status> closed;
  peer->Send("ab");
  executor.RunUntilIdle();
  ByteStream::Callbacks callbacks;
  callbacks.on_bytes = [&](std::string_view bytes) { received += bytes; };
  callbacks.on_closed = [&](absl::Status status) { closed.push_back(status); };
  stream->Start(std::move(callbacks));
  peer->Send("cd");
  ASSERT_THAT(stream->Write("xyz"), IsOk());
  executor.RunUntilIdle();
  EXPECT_EQ(received, "abcd");
  EXPECT_EQ(peer->Take(), "xyz");

  peer->StopReading();
  ASSERT_THAT(stream->Write("1234"), IsOk());
  EXPECT_THAT(stream->Write("5"), StatusIs(absl::StatusCode::kResourceExhausted));
  stream->Close();
  executor.RunUntilIdle();
  EXPECT_EQ(peer->Take(), "1234");
  EXPECT_THAT(closed, ElementsAre(IsOk()));
  EXPECT_THAT(stream->Write("6"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(FakeToolTest, EndsAsScriptedAndOnce) {
  ManualExecutor executor;
  FakeTool tool(FakeTool::Spec("lookup"));
  tool.Enqueue({.result = std::string("[1]"), .after = milliseconds(300)});
  tool.Enqueue({.stalls = true});
  std::vector<absl::StatusOr<std::string>> results;
  const auto listen = [&] {
    return [&](absl::StatusOr<std::string> result) { results.push_back(std::move(result)); };
  };
  auto one = tool.Run(R"({"a":1})", {.effect_key = "k"}, executor, listen());
  auto two = tool.Run("{}", {}, executor, listen());
  executor.RunFor(milliseconds(300));
  ASSERT_EQ(results.size(), 1u);
  EXPECT_THAT(results[0], IsOkAndHolds("[1]"));
  two->Cancel();
  two->Cancel();
  executor.RunFor(milliseconds(300));
  ASSERT_EQ(results.size(), 2u);
  EXPECT_THAT(results[1], StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(tool.runs()[0].arguments, R"({"a":1})");
  EXPECT_EQ(tool.runs()[0].context.effect_key, "k");
}

TEST(MemoryLogTest, KeepsItsLines) {
  MemoryLog log;
  log.Write(LogLevel::kWarning, "twilio", "a\nb");
  EXPECT_EQ(log.text(), "twilio: a\\nb\n");
  EXPECT_TRUE(log.Contains("a\\nb"));
  EXPECT_FALSE(log.Contains("c"));
}

}  // namespace
}  // namespace dragoman
