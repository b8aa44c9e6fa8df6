#include "src/net/curl_http_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/core/executor.h"
#include "tests/contract/child_process.h"
#include "tests/contract/http_transport_contract.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

// One for all tests: starting Python takes longer than they do.
std::string ServerUrl() {
  static ChildProcess server({"python3", DRAGOMAN_SOURCE_DIR "/tests/contract/http_server.py"});
  static const std::string port = server.ReadLine();
  return "http://127.0.0.1:" + port;
}

struct CurlHarness : ThreadHarness {
  CurlHarness() {
    auto made = MakeCurlHttpTransport();
    if (made.ok()) curl = *std::move(made);
  }
  HttpTransport& transport() { return *curl; }
  std::string url(std::string_view path) { return ServerUrl() + std::string(path); }
  std::string closed_url() { return "http://127.0.0.1:1/"; }
  std::unique_ptr<HttpTransport> curl;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Curl, HttpTransportContract, CurlHarness);

class CurlHttpTransportTest : public ::testing::Test {
 protected:
  // Waits for the whole response.
  HttpListening Fetch(HttpRequest request) {
    HttpListening listening;
    std::unique_ptr<HttpExchange> exchange;
    harness.On([&] {
      exchange =
          harness.transport().Send(std::move(request), harness.executor(), listening.Callbacks());
    });
    EXPECT_TRUE(harness.RunUntil([&] { return !listening.done.empty(); }));
    harness.On([&] { exchange.reset(); });
    return listening;
  }
  std::string BodyOf(std::string_view path) { return Fetch({.url = harness.url(path)}).body; }

  CurlHarness harness;
};

TEST_F(CurlHttpTransportTest, AConnectionIsKeptAndUsedAgain) {
  const auto one = Fetch({.url = harness.url("/hello")});
  const auto two = Fetch({.url = harness.url("/hello")});
  ASSERT_EQ(one.heads.size(), 1u);
  ASSERT_EQ(two.heads.size(), 1u);
  EXPECT_EQ(one.heads[0].Header("x-connection"), two.heads[0].Header("x-connection"));
}

TEST_F(CurlHttpTransportTest, WhatMustNotBeRepeatedGoesOverAConnectionOfItsOwnOnce) {
  const std::string before = BodyOf("/vanished");
  const auto lost =
      Fetch({.method = "POST", .url = harness.url("/vanish"), .body = "dial", .repeatable = false});
  EXPECT_THAT(lost.done[0], StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(std::stoi(BodyOf("/vanished")), std::stoi(before) + 1);
}

TEST_F(CurlHttpTransportTest, TheEnvironmentHasNoSay) {
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) {
    setenv(name, "http://127.0.0.1:1", 1);
  }
  EXPECT_EQ(BodyOf("/hello"), "hello");
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) unsetenv(name);
}

TEST_F(CurlHttpTransportTest, NothingIsAddedToARequestButWhatHttpNeeds) {
  const auto seen = Fetch({.method = "POST",
                           .url = harness.url("/headers"),
                           .headers = {{"X-Empty", ""}},
                           .body = std::string(100'000, 'x')});
  const std::string host = harness.url("").substr(std::string_view("http://").size());
  EXPECT_EQ(seen.body, "accept: */*\ncontent-length: 100000\nhost: " + host +
                           "\nuser-agent: dragoman/0.1\nx-empty: ");
}

TEST_F(CurlHttpTransportTest, AnInterimResponseIsNotTheResponse) {
  const auto seen = Fetch({.url = harness.url("/interim")});
  ASSERT_EQ(seen.heads.size(), 1u);
  EXPECT_EQ(seen.heads[0].status, 200);
  EXPECT_EQ(seen.heads[0].Header("link"), "");
  EXPECT_EQ(seen.body, "final");
}

TEST_F(CurlHttpTransportTest, AFloodOfHeadersIsRefused) {
  const auto seen = Fetch({.url = harness.url("/many-headers")});
  EXPECT_THAT(seen.done[0], StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("headers")));
}

TEST_F(CurlHttpTransportTest, WhatIsNotHttpIsAnError) {
  const auto seen = Fetch({.url = harness.url("/garbage")});
  EXPECT_THAT(seen.done[0], Not(IsOk()));
  EXPECT_TRUE(seen.heads.empty());
}

TEST_F(CurlHttpTransportTest, AHostThatDoesNotExistIsUnavailable) {
  const auto seen = Fetch({.url = "http://nobody.invalid/"});  // RFC 6761 section 6.4
  EXPECT_THAT(seen.done[0], StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(CurlHttpTransportTest, MoreExchangesThanAllowedAreRefused) {
  auto made = MakeCurlHttpTransport({.max_exchanges = 1});
  ASSERT_THAT(made, IsOk());
  HttpListening first;
  HttpListening second;
  std::unique_ptr<HttpExchange> one;
  std::unique_ptr<HttpExchange> two;
  harness.On([&] {
    one = (*made)->Send({.url = harness.url("/never")}, harness.executor(), first.Callbacks());
    two = (*made)->Send({.url = harness.url("/hello")}, harness.executor(), second.Callbacks());
  });
  ASSERT_TRUE(harness.RunUntil([&] { return !second.done.empty(); }));
  EXPECT_THAT(second.done[0], StatusIs(absl::StatusCode::kResourceExhausted));
  harness.On([&] {
    one.reset();
    two.reset();
  });
}

TEST_F(CurlHttpTransportTest, AConsumerThatLagsSlowsThePeerDown) {
  SystemClock clock;
  PumpedExecutor slow(clock);  // runs when the test says so
  HttpListening listening;
  const int before = std::stoi(BodyOf("/written"));
  auto exchange = harness.transport().Send(
      {.url = harness.url("/flood"), .max_response_bytes = 128 << 20}, slow, listening.Callbacks());
  // The server writes until the sockets' buffers and ours are full, then no more.
  int written = 0;
  for (int unchanged = 0; unchanged < 100;) {
    const int now = std::stoi(BodyOf("/written")) - before;
    unchanged = now == written && now > 0 ? unchanged + 1 : 0;
    written = now;
  }
  EXPECT_LT(written, 32 << 20);
  EXPECT_EQ(listening.callbacks, 0);

  while (listening.done.empty()) slow.RunReady();
  EXPECT_THAT(listening.done[0], IsOk());
  EXPECT_EQ(listening.body.size(), 64u << 20);
  exchange.reset();
}

TEST_F(CurlHttpTransportTest, TheExecutorMayGoRightAfterTheExchange) {
  SystemClock clock;
  for (int i = 0; i < 50; ++i) {
    ThreadExecutor executor(clock);
    HttpListening listening;
    RunAndWait(executor, [&] {
      auto exchange = harness.transport().Send({.url = harness.url("/pieces")}, executor,
                                               listening.Callbacks());
    });
  }
}

TEST(CurlHttpOptionsTest, BadOptionsAreRefusedNamingTheField) {
  EXPECT_THAT(MakeCurlHttpTransport({.max_exchanges = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_exchanges")));
  EXPECT_THAT(MakeCurlHttpTransport({.max_buffered_bytes = 1}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_buffered_bytes")));
}

}  // namespace
}  // namespace dragoman
