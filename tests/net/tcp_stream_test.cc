#include "src/net/tcp_stream.h"

#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "dragoman/core/status.h"
#include "tests/net/raw_client.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class TcpStreamTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto acceptor = TcpAcceptor::Open("127.0.0.1", 0, accept_loop_, [this](ConnectedSocket socket) {
      loop_.Post([this, socket = std::move(socket)]() mutable {
        stream_ = AdoptTcpStream(loop_, std::move(socket), {.max_queued_bytes = 100'000});
        stream_->Start({.on_bytes =
                            [this](std::string_view bytes) {
                              got_ += bytes;
                              if (on_bytes_) on_bytes_();
                            },
                        .on_closed =
                            [this](absl::Status status) {
                              status_ = std::move(status);
                              closed_.set_value();
                            }});
        accepted_.set_value();
      });
    });
    ASSERT_TRUE(acceptor.ok()) << acceptor.status();
    acceptor_ = *std::move(acceptor);
  }
  void TearDown() override {
    acceptor_.reset();
    RunAndWait(loop_, [this] { stream_.reset(); });
  }

  SystemClock clock_;
  IoLoop accept_loop_{clock_};
  IoLoop loop_{clock_};
  std::unique_ptr<TcpAcceptor> acceptor_;
  std::unique_ptr<ByteStream> stream_;
  std::string got_;
  std::function<void()> on_bytes_;
  absl::Status status_;
  std::promise<void> accepted_;
  std::promise<void> closed_;
};

TEST_F(TcpStreamTest, CarriesBytesBothWaysAndSendsWhatIsQueuedBeforeItCloses) {
  RawClient client(acceptor_->port());
  accepted_.get_future().wait();
  RunAndWait(loop_, [this] {
    on_bytes_ = [this] {
      if (got_ != "ping") return;
      EXPECT_TRUE(stream_->Write(std::string(50'000, 'a')).ok());
      EXPECT_TRUE(stream_->Write("end").ok());
      stream_->Close();
      stream_->Close();
      EXPECT_EQ(stream_->Write("late").code(), absl::StatusCode::kFailedPrecondition);
    };
  });
  client.Send("pi");
  client.Send("ng");
  EXPECT_EQ(client.ReadAll(), std::string(50'000, 'a') + "end");
}

TEST_F(TcpStreamTest, ThePeersEndIsAProperEnd) {
  {
    RawClient client(acceptor_->port());
    client.Send("x");
    accepted_.get_future().wait();
  }
  closed_.get_future().wait();
  EXPECT_TRUE(status_.ok()) << status_;
  EXPECT_EQ(got_, "x");
}

TEST_F(TcpStreamTest, AStreamDestroyedInsideItsCallbackIsGone) {
  RawClient client(acceptor_->port());
  accepted_.get_future().wait();
  RunAndWait(loop_, [this] { on_bytes_ = [this] { stream_.reset(); }; });
  client.Send("x");
  EXPECT_EQ(client.ReadAll(), "");
}

TEST_F(TcpStreamTest, APeerThatDoesNotReadFillsTheBoundedQueueAndCloseEndsIt_A35) {
  RawClient client(acceptor_->port(), 4096);
  accepted_.get_future().wait();
  RunAndWait(loop_, [this] {
    absl::Status status;
    int writes = 0;
    while ((status = stream_->Write(std::string(50'000, 'x'))).ok()) ASSERT_LT(++writes, 10'000);
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    stream_->Close();
  });
  closed_.get_future().wait();  // after 2 s, though the peer never read
}

TEST_F(TcpStreamTest, ConnectsOrTellsWhyNot) {
  std::promise<absl::Status> done;
  std::unique_ptr<ByteStream> connected;
  ConnectTcp(loop_, "127.0.0.1", acceptor_->port(), 2s, {},
             [&](absl::StatusOr<std::unique_ptr<ByteStream>> stream) {
               if (stream.ok()) connected = *std::move(stream);
               done.set_value(stream.status());
             });
  EXPECT_TRUE(done.get_future().get().ok());
  accepted_.get_future().wait();
  RunAndWait(loop_, [&] { connected.reset(); });
  closed_.get_future().wait();

  const int port = acceptor_->port();
  acceptor_.reset();
  std::promise<absl::Status> refused;
  ConnectTcp(loop_, "127.0.0.1", port, 2s, {},
             [&](absl::StatusOr<std::unique_ptr<ByteStream>> stream) {
               refused.set_value(stream.status());
             });
  absl::Status status = refused.get_future().get();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr(StrCat("127.0.0.1 port ", port)));
}

TEST(TcpAcceptorTest, APortInUseIsNamed) {
  SystemClock clock;
  IoLoop loop(clock);
  auto first = TcpAcceptor::Open("127.0.0.1", 0, loop, [](ConnectedSocket) {});
  ASSERT_TRUE(first.ok());
  auto second = TcpAcceptor::Open("127.0.0.1", (*first)->port(), loop, [](ConnectedSocket) {});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(second.status())),
              HasSubstr(StrCat("port ", (*first)->port(), " is in use")));
  auto third = TcpAcceptor::Open("127.0.0.1", 70'000, loop, [](ConnectedSocket) {});
  EXPECT_EQ(MessageOf(third.status()), "port is 70000; expected 0 to 65535");
}

}  // namespace
}  // namespace dragoman
