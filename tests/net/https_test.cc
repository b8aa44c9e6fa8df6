// HTTPS: whose certificate is not in order gets no request (the same servers as for wss://).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/testing/matchers.h"
#include "src/net/curl_http_transport.h"
#include "tests/contract/harness.h"
#include "tests/net/tls_peer.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class HttpsTest : public ::testing::Test {
 protected:
  absl::Status Get(const std::string& url, const std::string& ca_file) {
    auto transport = MakeCurlHttpTransport({.ca_file = ca_file});
    EXPECT_THAT(transport, IsOk());
    std::unique_ptr<HttpExchange> exchange;
    absl::Status result;
    bool done = false;
    harness_.On([&] {
      exchange = (*transport)
                     ->Send({.url = url,
                             .connect_timeout = std::chrono::seconds(30),
                             .idle_timeout = std::chrono::milliseconds(300)},
                            harness_.executor(), {.on_done = [&](absl::Status status) {
                              result = std::move(status);
                              done = true;
                            }});
    });
    EXPECT_TRUE(harness_.RunUntil([&] { return done; }));
    harness_.On([&] { exchange.reset(); });
    return result;
  }
  static std::string Url(const TlsPeer& peer) {
    return StrCat("https://localhost:", peer.port(), "/");
  }
  void ExpectRefused(const TlsPeer& peer, const std::string& ca_file) {
    EXPECT_THAT(Get(Url(peer), ca_file),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr("certificate")));
    EXPECT_THAT(peer.received(), IsEmpty());
  }

  ThreadHarness harness_;
};

TEST_F(HttpsTest, AServerOfATrustedAuthorityGetsTheRequest) {
  const TlsPeer peer({.names = "DNS:localhost"});
  Get(Url(peer), peer.ca_file()).IgnoreError();  // it only answers WebSockets
  EXPECT_THAT(peer.received(), StartsWith("GET / HTTP/1.1\r\n"));
}
TEST_F(HttpsTest, AnotherHostsCertificateIsRefused_A47) {
  const TlsPeer peer({.names = "DNS:elsewhere.example"});
  EXPECT_THAT(Get(Url(peer), peer.ca_file()), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(peer.received(), IsEmpty());
}
TEST_F(HttpsTest, AnUnknownAuthorityIsRefused_A47) {
  const TlsPeer peer({.names = "DNS:localhost"});
  ExpectRefused(peer, "");
}
TEST_F(HttpsTest, AnExpiredCertificateIsRefused_A47) {
  const TlsPeer peer({.names = "DNS:localhost", .expired = true});
  ExpectRefused(peer, peer.ca_file());
}

}  // namespace
}  // namespace dragoman
