// Calls over real sockets: server, upgrade, signature, call, in real time.
#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/audio/g711.h"
#include "dragoman/core/status.h"
#include "dragoman/providers/twilio/media_stream.h"
#include "dragoman/providers/twilio/signature.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/pcm.h"
#include "src/net/http_server.h"
#include "tests/net/raw_client.h"
#include "tests/providers/twilio/fake_carrier.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::StartsWith;

// Says the same sentence in every call, and counts.
class Agent : public CallAgent {
 public:
  struct Conversation {
    std::unique_ptr<Call> call;
    std::size_t heard = 0;
    std::vector<PlayoutPosition> playout;
    std::vector<absl::Status> closed;
  };

  void Accept(std::unique_ptr<Call> call) override {
    auto owned = std::make_unique<Conversation>();
    Conversation& one = *owned;
    one.call = std::move(call);
    one.call->media()->Start(
        {.on_audio = [&one](const PcmFrame& frame) { one.heard += frame.samples.size(); },
         .on_playout =
             [&one, this](PlayoutPosition at) {
               one.playout.push_back(at);
               if (at.position == 300ms) on_said();
             },
         .on_closed =
             [&one, this](absl::Status status) {
               one.closed.push_back(std::move(status));
               on_closed();
             }});
    (void)one.call->media()->Play(Buzz(300ms));
    one.call->media()->FlushPlay();
    conversations.push_back(std::move(owned));
  }

  std::vector<std::unique_ptr<Conversation>> conversations;
  std::function<void()> on_said = [] {};
  std::function<void()> on_closed = [] {};
};

class TwilioOverSocketsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RunAndWait(media_loop_, [this] {
      acceptor_ = *MakeTwilioMediaAcceptor({}, {.executor = &media_loop_, .agent = &agent_});
    });
    HttpRoutes routes;
    routes.upgrades["/media"] = [this](const ServerRequest& request) {
      HttpUpgrade upgrade;
      const absl::Status genuine =
          VerifyTwilioSignature(token_, {.url = "wss://voice.example.com" + request.target},
                                request.Header("x-twilio-signature"));
      if (!genuine.ok()) return upgrade;
      upgrade.loop = &media_loop_;
      upgrade.on_open = [this](std::unique_ptr<AcceptedWebSocket> socket) {
        acceptor_->Accept(std::move(socket));
      };
      return upgrade;
    };
    auto server = HttpServer::Listen({}, std::move(routes), control_loop_, NullLog());
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }
  void TearDown() override {
    server_.reset();
    RunAndWait(carrier_loop_, [this] { carriers_.clear(); });
    RunAndWait(media_loop_, [this] {
      agent_.conversations.clear();
      acceptor_.reset();
    });
  }

  FakeTwilioCarrier& Dial(std::function<void(FakeTwilioCarrier&)> then) {
    const std::string signature = TwilioSignature(token_, {.url = "wss://voice.example.com/media"});
    FakeTwilioCarrier* carrier = nullptr;
    RunAndWait(carrier_loop_, [&] {
      carriers_.push_back(
          std::make_unique<FakeTwilioCarrier>(carrier_loop_, [&](WebSocketCallbacks callbacks) {
            return connector_->Connect({.url = StrCat("ws://127.0.0.1:", server_->port(), "/media"),
                                        .headers = {{"X-Twilio-Signature", signature}}},
                                       carrier_loop_, std::move(callbacks));
          }));
      carrier = carriers_.back().get();
      carrier->on_open = [carrier, then = std::move(then)] {
        carrier->Connect();
        then(*carrier);
      };
    });
    return *carrier;
  }

  SystemClock clock_;
  IoLoop control_loop_{clock_};
  IoLoop media_loop_{clock_};
  IoLoop carrier_loop_{clock_};
  const Secret token_{"dragoman-test-token-0001"};
  Agent agent_;
  std::unique_ptr<TwilioMediaAcceptor> acceptor_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<WebSocketConnector> connector_ = MakeWebSocketConnector();
  std::vector<std::unique_ptr<FakeTwilioCarrier>> carriers_;
};

TEST_F(TwilioOverSocketsTest, ACallIsHeardAndHearsAndEnds) {
  std::promise<void> said, closed, carrier_closed;
  agent_.on_said = [&] { said.set_value(); };
  agent_.on_closed = [&] { closed.set_value(); };
  FakeTwilioCarrier& carrier = Dial([](FakeTwilioCarrier& carrier) {
    for (std::uint64_t i = 0; i < 10; ++i) {
      carrier.Media(i * 20, std::vector<std::uint8_t>(160, 0x80));
    }
  });
  said.get_future().wait();
  RunAndWait(carrier_loop_, [&] {
    EXPECT_EQ(carrier.Heard(), 2'400);
    carrier.on_closed = [&] { carrier_closed.set_value(); };
    carrier.Stop();
  });
  closed.get_future().wait();
  carrier_closed.get_future().wait();
  RunAndWait(media_loop_, [&] {
    ASSERT_EQ(agent_.conversations.size(), 1u);
    const auto& one = *agent_.conversations[0];
    EXPECT_EQ(one.call->info().id, "CA1");
    EXPECT_EQ(one.heard, 1'600u);
    EXPECT_EQ(one.playout.back(), (PlayoutPosition{300ms, true}));
    EXPECT_THAT(one.closed, ::testing::ElementsAre(IsOk()));
  });
  EXPECT_EQ(carrier.closed, 1000);
}

TEST_F(TwilioOverSocketsTest, ACarrierThatVanishesEndsTheCallOnceAndNothingStays_V12) {
  std::promise<void> said, closed;
  agent_.on_said = [&] { said.set_value(); };
  agent_.on_closed = [&] { closed.set_value(); };
  Dial([](FakeTwilioCarrier& carrier) { carrier.Media(0, std::vector<std::uint8_t>(160, 0x80)); });
  said.get_future().wait();
  RunAndWait(carrier_loop_, [this] { carriers_.clear(); });  // no stop message, no close frame
  closed.get_future().wait();
  RunAndWait(media_loop_, [&] {
    auto& one = *agent_.conversations[0];
    EXPECT_THAT(one.closed, ::testing::ElementsAre(StatusIs(absl::StatusCode::kUnavailable)));
    EXPECT_THAT(one.call->media()->Play(Buzz(20ms)),
                StatusIs(absl::StatusCode::kFailedPrecondition));
    one.call->HangUp();  // too late, and no second end
    EXPECT_EQ(acceptor_->pending(), 0);
  });
  RunAndWait(media_loop_, [&] { EXPECT_EQ(agent_.conversations[0]->closed.size(), 1u); });
}

TEST_F(TwilioOverSocketsTest, AnUpgradeWithoutItsSignatureIsRefused) {
  RawClient client(server_->port());
  client.Send(
      "GET /media HTTP/1.1\r\nHost: voice.example.com\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_THAT(client.ReadReply(), StartsWith("HTTP/1.1 403"));
}

TEST_F(TwilioOverSocketsTest, TwentyCallsAndHostileOnesBetweenThem_V11) {
  constexpr int kCalls = 20;
  std::promise<void> all_said;
  int said = 0;
  agent_.on_said = [&] {
    if (++said == kCalls) all_said.set_value();
  };
  std::promise<void> hostile_closed;
  for (int i = 0; i < kCalls; ++i) {
    Dial(
        [](FakeTwilioCarrier& carrier) { carrier.Media(0, std::vector<std::uint8_t>(160, 0x80)); });
  }
  FakeTwilioCarrier& hostile = Dial([&](FakeTwilioCarrier& carrier) {
    carrier.echo_marks = false;
    carrier.on_closed = [&] { hostile_closed.set_value(); };
    for (int i = 0; i < 100; ++i) carrier.Send("{\"event\":\"media\"");
  });
  all_said.get_future().wait();
  hostile_closed.get_future().wait();
  EXPECT_EQ(hostile.closed, 1008);
  RunAndWait(carrier_loop_, [&] {
    for (int i = 0; i < kCalls; ++i) {
      EXPECT_EQ(carriers_[static_cast<std::size_t>(i)]->Heard(), 2'400);
      EXPECT_FALSE(carriers_[static_cast<std::size_t>(i)]->closed);
    }
  });
}

}  // namespace
}  // namespace dragoman
