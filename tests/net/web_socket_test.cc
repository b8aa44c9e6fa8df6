#include "src/net/web_socket.h"

#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/core/status.h"
#include "src/net/http_server.h"
#include "tests/net/raw_client.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// What one end saw; read it on its loop or after `closed`.
struct End {
  std::unique_ptr<WebSocket> socket;
  std::vector<std::string> messages;
  std::promise<void> opened;
  std::promise<void> closed;
  absl::Status status;
  int code = 0;
  std::string reason;
  absl::AnyInvocable<void(std::string_view, bool)> on_message;

  WebSocketCallbacks Callbacks() {
    return {.on_open = [this] { opened.set_value(); },
            .on_message =
                [this](std::string_view message, bool binary) {
                  messages.emplace_back(message);
                  if (on_message) on_message(message, binary);
                },
            .on_closed =
                [this](absl::Status with, std::uint16_t with_code, std::string_view with_reason) {
                  status = std::move(with);
                  code = with_code;
                  reason = with_reason;
                  closed.set_value();
                }};
  }
};

class WebSocketTest : public ::testing::Test {
 protected:
  void SetUp() override { Listen({}); }
  void TearDown() override {
    server_.reset();
    RunAndWait(media_loop_, [this] { accepted_.socket.reset(); });
    RunAndWait(client_loop_, [this] { client_.socket.reset(); });
  }

  void Listen(WebSocketLimits limits) {
    HttpRoutes routes;
    routes.upgrades["/media"] = [this, limits](const ServerRequest& request) {
      HttpUpgrade upgrade;
      upgrade.loop = &media_loop_;
      upgrade.limits = limits;
      upgrade.subprotocol = request.Header("sec-websocket-protocol");
      upgrade.on_open = [this](std::unique_ptr<AcceptedWebSocket> socket) {
        EXPECT_TRUE(media_loop_.RunsHere());
        AcceptedWebSocket& started = *socket;
        accepted_.socket = std::move(socket);
        started.Start(accepted_.Callbacks());
        accepted_.opened.set_value();
      };
      return upgrade;
    };
    routes.upgrades["/closed"] = [](const ServerRequest&) { return HttpUpgrade(); };
    auto server = HttpServer::Listen({}, std::move(routes), control_loop_, NullLog());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  void Connect(WebSocketRequest request = {}) {
    if (request.url.empty()) request.url = StrCat("ws://127.0.0.1:", server_->port(), "/media");
    RunAndWait(client_loop_, [&] {
      client_.socket = connector_->Connect(request, client_loop_, client_.Callbacks());
    });
  }
  void ConnectAndWait() {
    Connect();
    client_.opened.get_future().wait();
    accepted_.opened.get_future().wait();
  }
  void OnServer(Task work) { RunAndWait(media_loop_, std::move(work)); }
  void OnClient(Task work) { RunAndWait(client_loop_, std::move(work)); }

  // A handshake by hand; frames by hand follow.
  std::unique_ptr<RawClient> RawConnect(int receive_buffer = 0) {
    auto client = std::make_unique<RawClient>(server_->port(), receive_buffer);
    client->Send(
        "GET /media HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    const std::string reply = client->ReadUntil("\r\n\r\n");
    EXPECT_THAT(reply, StartsWith("HTTP/1.1 101"));
    // RFC 6455 section 1.3.
    EXPECT_THAT(reply, HasSubstr("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    accepted_.opened.get_future().wait();
    return client;
  }
  // Masked with zeros, so that the payload is readable.
  static std::string Frame(int first_byte, std::string_view payload) {
    std::string frame(1, static_cast<char>(first_byte));
    if (payload.size() < 126) {
      frame += static_cast<char>(0x80 | payload.size());
    } else {
      frame += static_cast<char>(0x80 | 126);
      frame += static_cast<char>(payload.size() >> 8);
      frame += static_cast<char>(payload.size());
    }
    return frame + std::string(4, '\0') + std::string(payload);
  }
  // Sends a frame and expects to be closed with `code`, and so told.
  void ExpectClosedWith(std::string_view frames, int code) {
    auto client = RawConnect();
    client->Send(frames);
    const std::string close = client->Read(4);
    ASSERT_EQ(close.size(), 4u);
    EXPECT_EQ(close[0], '\x88');
    EXPECT_EQ(static_cast<unsigned char>(close[2]) * 256 + static_cast<unsigned char>(close[3]),
              code);
    client.reset();
    accepted_.closed.get_future().wait();
    EXPECT_EQ(accepted_.status.code(), absl::StatusCode::kInternal) << accepted_.status;
    EXPECT_EQ(accepted_.code, code);
  }

  SystemClock clock_;
  IoLoop control_loop_{clock_};
  IoLoop media_loop_{clock_};
  IoLoop client_loop_{clock_};
  std::unique_ptr<WebSocketConnector> connector_ = MakeWebSocketConnector();
  End accepted_;
  End client_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(WebSocketTest, CarriesTextAndBinaryBothWaysInOrder) {
  std::promise<void> all;
  client_.on_message = [&](std::string_view message, bool) {
    if (message == "last") all.set_value();
  };
  accepted_.on_message = [&](std::string_view message, bool binary) {
    EXPECT_EQ(binary, message[0] == 'b');
    EXPECT_TRUE(
        (binary ? accepted_.socket->SendBinary(message) : accepted_.socket->SendText(message))
            .ok());
  };
  ConnectAndWait();
  OnClient([&] {
    for (const char* text : {"one", "two"}) ASSERT_TRUE(client_.socket->SendText(text).ok());
    ASSERT_TRUE(client_.socket->SendBinary("b\xff").ok());
    ASSERT_TRUE(client_.socket->SendText(std::string(100'000, 'x')).ok());
    ASSERT_TRUE(client_.socket->SendText("last").ok());
  });
  all.get_future().wait();
  OnClient([&] {
    EXPECT_THAT(client_.messages,
                ElementsAre("one", "two", "b\xff", std::string(100'000, 'x'), "last"));
  });
}

TEST_F(WebSocketTest, CloseSendsWhatIsQueuedAndBothEndsLearnCodeAndReason) {
  ConnectAndWait();
  OnServer([&] {
    ASSERT_TRUE(accepted_.socket->SendText("goodbye").ok());
    accepted_.socket->Close(1000, "done");
    accepted_.socket->Close(1001, "again");
    EXPECT_EQ(accepted_.socket->SendText("late").code(), absl::StatusCode::kFailedPrecondition);
  });
  client_.closed.get_future().wait();
  accepted_.closed.get_future().wait();
  EXPECT_THAT(client_.messages, ElementsAre("goodbye"));
  EXPECT_EQ(client_.code, 1000);
  EXPECT_EQ(client_.reason, "done");
  EXPECT_TRUE(client_.status.ok());
  EXPECT_EQ(accepted_.code, 1000);
  EXPECT_TRUE(accepted_.status.ok());
}

TEST_F(WebSocketTest, AHandleDestroyedAfterCloseStillSaysGoodbye) {
  ConnectAndWait();
  OnServer([&] {
    ASSERT_TRUE(accepted_.socket->SendText("goodbye").ok());
    accepted_.socket->Close(1000, "done");
    accepted_.socket.reset();
  });
  client_.closed.get_future().wait();
  EXPECT_THAT(client_.messages, ElementsAre("goodbye"));
  EXPECT_EQ(client_.code, 1000);
}

TEST_F(WebSocketTest, AHandleDestroyedWithoutCloseDropsTheConnection) {
  ConnectAndWait();
  OnServer([&] { accepted_.socket.reset(); });
  client_.closed.get_future().wait();
  EXPECT_EQ(client_.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(client_.code, 1006);
}

TEST_F(WebSocketTest, AHandleMayBeDestroyedInsideItsCallback) {
  accepted_.on_message = [&](std::string_view, bool) { accepted_.socket.reset(); };
  ConnectAndWait();
  OnClient([&] { ASSERT_TRUE(client_.socket->SendText("go").ok()); });
  client_.closed.get_future().wait();
  EXPECT_EQ(client_.code, 1006);
}

TEST_F(WebSocketTest, RefusesTextThatIsNotUtf8AndMoreThanTheQueueHolds) {
  ConnectAndWait();
  OnClient([&] {
    EXPECT_EQ(client_.socket->SendText("\xff").code(), absl::StatusCode::kInvalidArgument);
    ASSERT_TRUE(client_.socket->SendBinary(std::string(1 << 20, 'x')).ok());
    EXPECT_EQ(client_.socket->SendText("y").code(), absl::StatusCode::kResourceExhausted);
  });
}

TEST_F(WebSocketTest, AgreesToTheSubprotocolOfTheRoute) {
  auto client = std::make_unique<RawClient>(server_->port());
  client->Send(
      "GET /media HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Protocol: media\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
  const std::string reply = client->ReadUntil("\r\n\r\n");
  EXPECT_THAT(reply, HasSubstr("Sec-WebSocket-Protocol: media\r\n"));
  EXPECT_EQ(reply.find("deflate"), std::string::npos);
}

// ---- a connector's failures

TEST_F(WebSocketTest, AConnectorReportsARefusedUpgrade) {
  Connect({.url = StrCat("ws://127.0.0.1:", server_->port(), "/closed")});
  client_.closed.get_future().wait();
  EXPECT_EQ(client_.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(client_.status)), HasSubstr("HTTP 403"));
}

TEST_F(WebSocketTest, AConnectorReportsAPortWhereNobodyListens) {
  const int port = server_->port();
  server_.reset();
  Connect({.url = StrCat("ws://127.0.0.1:", port, "/")});
  client_.closed.get_future().wait();
  EXPECT_EQ(client_.status.code(), absl::StatusCode::kUnavailable);
}

TEST_F(WebSocketTest, AConnectorGivesUpOnAServerThatDoesNotAnswer) {
  auto deaf = TcpAcceptor::Open("127.0.0.1", 0, control_loop_, [](ConnectedSocket socket) {
    static std::vector<ConnectedSocket> kept;
    kept.push_back(std::move(socket));
  });
  ASSERT_TRUE(deaf.ok());
  Connect({.url = StrCat("ws://127.0.0.1:", (*deaf)->port(), "/"), .connect_timeout = 50ms});
  client_.closed.get_future().wait();
  EXPECT_EQ(client_.status.code(), absl::StatusCode::kDeadlineExceeded) << client_.status;
}

TEST_F(WebSocketTest, AConnectorNamesWhatIsWrongWithTheUrl) {
  for (const char* url : {"http://h/", "ws://", "ws://h:0/", "ws://h:99999/", "ws://u@h/"}) {
    End end;
    client_loop_.Post(
        [&] { end.socket = connector_->Connect({.url = url}, client_loop_, end.Callbacks()); });
    end.closed.get_future().wait();
    EXPECT_EQ(end.status.code(), absl::StatusCode::kInvalidArgument) << url;
    OnClient([&] { end.socket.reset(); });
  }
}

// ---- hostile peers

TEST_F(WebSocketTest, ReservedBitsCloseWith1002_V13) { ExpectClosedWith(Frame(0xc1, "x"), 1002); }
TEST_F(WebSocketTest, AFragmentedControlFrameClosesWith1002_V13) {
  ExpectClosedWith(Frame(0x09, "x"), 1002);
}
TEST_F(WebSocketTest, AnUnmaskedFrameClosesWith1002_V13) {
  ExpectClosedWith(std::string("\x81\x01x", 3), 1002);
}
TEST_F(WebSocketTest, AnUnknownOpcodeClosesWith1002_V13) {
  ExpectClosedWith(Frame(0x83, "x"), 1002);
}
TEST_F(WebSocketTest, AContinuationOutOfPlaceClosesWith1002_V13) {
  ExpectClosedWith(Frame(0x80, "x"), 1002);
}
TEST_F(WebSocketTest, TextThatIsNotUtf8ClosesWith1007_V13) {
  ExpectClosedWith(Frame(0x81, "\xc3\x28"), 1007);
}
TEST_F(WebSocketTest, A16MiBFrameClosesWith1009BeforeItArrives_V13) {
  const std::string head("\x82\xff\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00", 14);
  ExpectClosedWith(head, 1009);
}
TEST_F(WebSocketTest, FragmentsThatAddUpToTooMuchCloseWith1009_V13) {
  std::string frames = Frame(0x02, std::string(60'000, 'x'));
  for (int i = 0; i < 20; ++i) frames += Frame(0x00, std::string(60'000, 'x'));
  ExpectClosedWith(frames, 1009);
}

TEST_F(WebSocketTest, ControlFramesBetweenFragmentsAreAnswered) {
  auto client = RawConnect();
  std::promise<void> got;
  OnServer([&] { accepted_.on_message = [&](std::string_view, bool) { got.set_value(); }; });
  client->Send(Frame(0x01, "he") + Frame(0x89, "now") + Frame(0x80, "llo"));
  EXPECT_EQ(client->Read(5), "\x8a\x03now");
  got.get_future().wait();
  OnServer([&] { EXPECT_THAT(accepted_.messages, ElementsAre("hello")); });
}

TEST_F(WebSocketTest, APeerThatDoesNotAnswerPingsIsDropped_V13) {
  Listen({.ping_interval = 20ms, .pong_timeout = 50ms});
  auto client = RawConnect();
  accepted_.closed.get_future().wait();
  EXPECT_EQ(accepted_.status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(accepted_.code, 1006);
  EXPECT_THAT(client->ReadAll(), StartsWith(std::string("\x89\x00", 2)));
}

TEST_F(WebSocketTest, PeersThatAnswerPingsStay) {
  Listen({.ping_interval = 5ms, .pong_timeout = 5s});
  std::promise<void> told;
  ConnectAndWait();
  OnClient([&] { client_.on_message = [&](std::string_view, bool) { told.set_value(); }; });
  media_loop_.Post([&] {
    media_loop_.RunAfter(100ms, [&] { (void)accepted_.socket->SendText("still here"); });
  });
  told.get_future().wait();
  OnClient([&] { EXPECT_THAT(client_.messages, ElementsAre("still here")); });
}

TEST_F(WebSocketTest, APeerThatReadsTooSlowlyFillsTheBoundedQueueAndCloseEndsIt_A35) {
  auto client = RawConnect(4096);
  OnServer([&] {
    const std::string megabyte(1 << 20, 'x');
    absl::Status status;
    int sent = 0;
    while ((status = accepted_.socket->SendBinary(megabyte.substr(0, 60'000))).ok()) {
      ASSERT_LT(++sent, 100);
    }
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_LE(accepted_.socket->queued_bytes(), std::size_t{1} << 20);
    accepted_.socket->Close(1008, "too slow");
  });
  accepted_.closed.get_future().wait();  // after 2 s, though the peer never read
  EXPECT_EQ(accepted_.code, 1006);
}

TEST_F(WebSocketTest, APeerThatVanishesInTheMiddleOfAFrameEndsTheSocket) {
  auto client = RawConnect();
  client->Send(std::string("\x81\xfe\x04", 3));
  client.reset();
  accepted_.closed.get_future().wait();
  EXPECT_EQ(accepted_.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(accepted_.code, 1006);
}

TEST_F(WebSocketTest, ManySocketsThatComeAndGoLeaveNothingBehind) {
  for (int i = 0; i < 50; ++i) {
    accepted_ = End();
    auto client = RawConnect();
    if (i % 3 == 0) client->Send(Frame(0x88, ""));
    if (i % 3 == 1) client->Send(Frame(0xff, "rubbish"));
    client.reset();
    accepted_.closed.get_future().wait();
    OnServer([&] { accepted_.socket.reset(); });
  }
}

}  // namespace
}  // namespace dragoman
