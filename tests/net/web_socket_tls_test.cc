#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "dragoman/core/clock.h"
#include "dragoman/core/status.h"
#include "dragoman/testing/matchers.h"
#include "src/net/io_loop.h"
#include "src/net/tcp_acceptor.h"
#include "src/net/web_socket.h"
#include "tests/net/tls_peer.h"

namespace dragoman {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class WebSocketTlsTest : public ::testing::Test {
 protected:
  struct End {
    absl::Status status;
    int code = 0;
    std::string heard;
  };

  // Says "hello" once open, closes when something came back.
  End Call(const std::string& url, const std::string& ca_file) {
    auto connector = MakeWebSocketConnector({.ca_file = ca_file});
    std::unique_ptr<WebSocket> socket;
    std::promise<End> done;
    End end;
    RunAndWait(loop_, [&] {
      socket =
          connector->Connect({.url = url, .connect_timeout = std::chrono::seconds(30)}, loop_,
                             {.on_open = [&] { EXPECT_THAT(socket->SendText("hello"), IsOk()); },
                              .on_message =
                                  [&](std::string_view message, bool) {
                                    end.heard = message;
                                    socket->Close(1000, "");
                                  },
                              .on_closed =
                                  [&](absl::Status status, std::uint16_t code, std::string_view) {
                                    end.status = std::move(status);
                                    end.code = code;
                                    done.set_value(end);
                                  }});
    });
    End result = done.get_future().get();
    RunAndWait(loop_, [&] { socket.reset(); });
    return result;
  }
  static std::string Url(std::string_view host, const TlsPeer& peer) {
    return StrCat("wss://", host, ":", peer.port(), "/media?a=b");
  }
  void ExpectRefused(const End& end, std::string_view why) {
    EXPECT_THAT(end.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr(std::string(why))));
    EXPECT_EQ(end.code, 1006);
    EXPECT_EQ(end.heard, "");
  }

  SystemClock clock_;
  IoLoop loop_{clock_};
};

TEST_F(WebSocketTlsTest, TalksToAServerWhoseCertificateATrustedAuthoritySigned) {
  const TlsPeer peer({.names = "DNS:localhost"});
  const End end = Call(Url("localhost", peer), peer.ca_file());
  EXPECT_THAT(end.status, IsOk());
  EXPECT_EQ(end.heard, "hello");
  EXPECT_EQ(end.code, 1000);
  EXPECT_THAT(peer.received(), AllOf(StartsWith("GET /media?a=b HTTP/1.1\r\n"),
                                     HasSubstr(StrCat("Host: localhost:", peer.port(), "\r\n"))));
}

TEST_F(WebSocketTlsTest, AnAddressIsLookedUpAmongTheAddressesOfTheCertificate) {
  const TlsPeer peer({.names = "IP:127.0.0.1"});
  EXPECT_EQ(Call(Url("127.0.0.1", peer), peer.ca_file()).heard, "hello");
  const TlsPeer named({.names = "DNS:127.0.0.1"});
  ExpectRefused(Call(Url("127.0.0.1", named), named.ca_file()), "IP address mismatch");
}

TEST_F(WebSocketTlsTest, AnotherHostsCertificateIsRefusedBeforeAnyRequest_A47) {
  const TlsPeer peer({.names = "DNS:elsewhere.example"});
  const End end = Call(Url("localhost", peer), peer.ca_file());
  ExpectRefused(end, "hostname mismatch");
  EXPECT_THAT(std::string(MessageOf(end.status)),
              AllOf(HasSubstr("localhost port"), HasSubstr("certificate is refused")));
  EXPECT_THAT(peer.received(), IsEmpty());
}

TEST_F(WebSocketTlsTest, AnUnknownAuthorityIsRefusedBeforeAnyRequest_A47) {
  const TlsPeer peer({.names = "DNS:localhost"});
  ExpectRefused(Call(Url("localhost", peer), ""), "unable to get local issuer certificate");
  const TlsPeer other({.names = "DNS:localhost"});
  EXPECT_THAT(Call(Url("localhost", peer), other.ca_file()).status,
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("certificate is refused")));
  EXPECT_THAT(peer.received(), IsEmpty());
}

TEST_F(WebSocketTlsTest, AnExpiredCertificateIsRefused_A47) {
  const TlsPeer peer({.names = "DNS:localhost", .expired = true});
  ExpectRefused(Call(Url("localhost", peer), peer.ca_file()), "certificate has expired");
  EXPECT_THAT(peer.received(), IsEmpty());
}

TEST_F(WebSocketTlsTest, TlsBelow12IsRefused_A47) {
  const TlsPeer peer({.names = "DNS:localhost", .max_tls_version = TLS1_1_VERSION});
  const End end = Call(Url("localhost", peer), peer.ca_file());
  EXPECT_THAT(end.status, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("TLS")));
  EXPECT_THAT(peer.received(), IsEmpty());
}

TEST_F(WebSocketTlsTest, AServerWithoutTlsIsNotTalkedTo) {
  auto plain = TcpAcceptor::Open("127.0.0.1", 0, loop_, [](ConnectedSocket) {});  // closes it
  ASSERT_THAT(plain, IsOk());
  const TlsPeer roots({.names = "DNS:localhost"});
  const End end = Call(StrCat("wss://localhost:", (*plain)->port(), "/"), roots.ca_file());
  EXPECT_THAT(end.status, StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(WebSocketTlsTest, RootsThatCannotBeReadAreNamed) {
  const End end = Call("wss://localhost:1/", "/nowhere/roots.pem");
  EXPECT_THAT(end.status,
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/nowhere/roots.pem")));
}

}  // namespace
}  // namespace dragoman
