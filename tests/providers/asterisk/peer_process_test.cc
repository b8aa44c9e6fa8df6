// AudioSocket over real TCP: Asterisk's end is another program in a process of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/clock.h"
#include "dragoman/core/status.h"
#include "dragoman/providers/asterisk/audio_socket.h"
#include "dragoman/testing/matchers.h"
#include "src/net/io_loop.h"
#include "src/net/tcp_acceptor.h"
#include "src/net/tcp_stream.h"
#include "tests/contract/child_process.h"
#include "tests/net/raw_client.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kUuid = "3f2a0b1c-4d5e-6f70-8192-a3b4c5d6e7f8";
constexpr const char* kStranger = "00000000-0000-4000-8000-000000000001";

// Says 300 ms of a number in every call, and keeps what it hears.
class Agent : public CallAgent {
 public:
  void Accept(std::unique_ptr<Call> accepted) override {
    call = std::move(accepted);
    call->media()->Start({.on_audio =
                              [this](const PcmFrame& frame) {
                                heard.insert(heard.end(), frame.samples.begin(),
                                             frame.samples.end());
                              },
                          .on_dtmf = [this](char digit) { digits += digit; },
                          .on_closed =
                              [this](absl::Status status) {
                                closed.push_back(std::move(status));
                                ended.set_value();
                              }});
    const std::vector<std::int16_t> words(2400, 77);
    EXPECT_THAT(call->media()->Play({words, 8000}), IsOk());
    call->media()->FlushPlay();
    if (on_call) on_call();
  }

  std::unique_ptr<Call> call;
  std::vector<std::int16_t> heard;
  std::string digits;
  std::vector<absl::Status> closed;
  std::promise<void> ended;
  std::function<void()> on_call;
};

class AudioSocketProcessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RunAndWait(media_loop_, [this] {
      acceptor_ = *MakeAudioSocketAcceptor({}, {.executor = &media_loop_, .agent = &agent_});
      ASSERT_THAT(acceptor_->Register(kUuid, {{"from", "+4930123456"}}), IsOk());
    });
    auto tcp = TcpAcceptor::Open("127.0.0.1", 0, control_loop_, [this](ConnectedSocket socket) {
      auto moved = std::make_shared<ConnectedSocket>(std::move(socket));
      media_loop_.Post(
          [this, moved] { acceptor_->Accept(AdoptTcpStream(media_loop_, std::move(*moved), {})); });
    });
    ASSERT_THAT(tcp, IsOk());
    tcp_ = *std::move(tcp);
  }
  void TearDown() override {
    tcp_.reset();
    RunAndWait(media_loop_, [this] {
      agent_.call.reset();
      acceptor_.reset();
    });
  }
  // Runs the peer to its end; what it printed.
  std::string Phone(const char* uuid, const char* what) {
    ChildProcess peer({"python3", "-B",
                       DRAGOMAN_SOURCE_DIR "/tests/providers/asterisk/audio_socket_peer.py",
                       std::to_string(tcp_->port()), uuid, what});
    return peer.ReadLine();
  }

  SystemClock clock_;
  IoLoop control_loop_{clock_};
  IoLoop media_loop_{clock_};
  Agent agent_;
  std::unique_ptr<AudioSocketAcceptor> acceptor_;
  std::unique_ptr<TcpAcceptor> tcp_;
};

TEST_F(AudioSocketProcessTest, ACallCarriesSpeechKeysAndItsProperEndBothWays) {
  EXPECT_EQ(Phone(kUuid, "call"), "heard 2400 samples, the first [77, 77, 77], closed");
  agent_.ended.get_future().wait();
  RunAndWait(media_loop_, [this] {
    ASSERT_THAT(agent_.heard, SizeIs(1600));
    for (std::size_t i = 0; i < agent_.heard.size(); ++i) {
      ASSERT_EQ(agent_.heard[i], static_cast<std::int16_t>(i));
    }
    EXPECT_EQ(agent_.digits, "5");
    EXPECT_THAT(agent_.closed, ElementsAre(IsOk()));
    EXPECT_EQ(agent_.call->info().id, kUuid);
    EXPECT_EQ(agent_.call->info().from, "+4930123456");
  });
}

TEST_F(AudioSocketProcessTest, TheAgentsHangUpReachesThePeer) {
  RunAndWait(media_loop_, [this] { agent_.on_call = [this] { agent_.call->HangUp(); }; });
  EXPECT_EQ(Phone(kUuid, "listen"), "heard 0 samples, the first [], hung up");
}

TEST_F(AudioSocketProcessTest, AStrangersConnectionIsClosedAndTheAgentNeverHearsOfIt) {
  EXPECT_THAT(Phone(kStranger, "listen"), ::testing::StartsWith("heard 0 samples"));
  RunAndWait(media_loop_, [this] { EXPECT_EQ(agent_.call, nullptr); });
}

TEST_F(AudioSocketProcessTest, HundredsOfStrangersDoNotDisturbACall_V11) {
  ChildProcess peer({"python3", "-B",
                     DRAGOMAN_SOURCE_DIR "/tests/providers/asterisk/audio_socket_peer.py",
                     std::to_string(tcp_->port()), kUuid, "call"});
  for (int i = 0; i < 300; ++i) {
    RawClient stranger(tcp_->port());
    switch (i % 4) {
      case 0:
        stranger.Send(std::string("\x01\x00\x10", 3) + std::string(16, 'u'));  // nobody's UUID
        break;
      case 1:
        stranger.Send(std::string(50'000, '\x10'));  // audio of nobody
        break;
      case 2:
        stranger.Send("GET / HTTP/1.1\r\n\r\n");
        break;
      default:
        break;  // comes and goes
    }
  }
  EXPECT_EQ(peer.ReadLine(), "heard 2400 samples, the first [77, 77, 77], closed");
  agent_.ended.get_future().wait();
  RunAndWait(media_loop_, [this] {
    EXPECT_THAT(agent_.heard, SizeIs(1600));
    EXPECT_THAT(agent_.closed, ElementsAre(IsOk()));
  });
}

TEST_F(AudioSocketProcessTest, APeerThatVanishesInTheMiddleOfAFrameEndsTheCall) {
  EXPECT_EQ(Phone(kUuid, "vanish"), "vanished");
  agent_.ended.get_future().wait();
  RunAndWait(media_loop_, [this] {
    ASSERT_THAT(agent_.closed, SizeIs(1));
    EXPECT_THAT(agent_.closed[0], StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_THAT(agent_.heard, IsEmpty());
  });
}

}  // namespace
}  // namespace dragoman
