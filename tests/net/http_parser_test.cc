#include "src/net/http_parser.h"

#include <gmock/gmock.h>

#include <string>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// The status of the answer that `text` deserves: 0 more is needed, 200 it is a request, else an
// error. Fed whole and byte by byte, with the same result.
int StatusOf(std::string_view text, const HttpLimits& limits = {}) {
  auto result = [](const HttpRequestParser& parser) {
    return parser.failed() ? parser.error_status() : parser.done() ? 200 : 0;
  };
  HttpRequestParser whole(limits);
  whole.Feed(text);
  HttpRequestParser pieces(limits);
  for (char c : text) pieces.Feed(std::string_view(&c, 1));
  EXPECT_EQ(result(whole), result(pieces)) << text.substr(0, 200);
  EXPECT_EQ(whole.error(), pieces.error());
  return result(whole);
}

std::string Get(std::string_view fields) { return StrCat("GET / HTTP/1.1\r\n", fields, "\r\n"); }

TEST(HttpParserTest, ReadsARequestWithFieldsAndBody) {
  HttpRequestParser parser{HttpLimits()};
  const std::string text =
      "POST /a/b?x=1 HTTP/1.1\r\nHost: h\r\nContent-Type:\t text/plain \r\n"
      "Content-Length: 5\r\n\r\nhelloGET";
  EXPECT_EQ(parser.Feed(text), text.size() - 3);
  ASSERT_TRUE(parser.done());
  const ServerRequest& request = parser.request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path(), "/a/b");
  EXPECT_EQ(request.query(), "x=1");
  EXPECT_THAT(request.headers, ElementsAre(Pair("host", "h"), Pair("content-type", "text/plain"),
                                           Pair("content-length", "5")));
  EXPECT_EQ(request.body, "hello");
  EXPECT_TRUE(parser.keep_alive());
}

TEST(HttpParserTest, ReadsAChunkedBodyWithExtensionsAndTrailers) {
  HttpRequestParser parser{HttpLimits()};
  parser.Feed(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;note=x\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n");
  ASSERT_TRUE(parser.done()) << parser.error();
  EXPECT_EQ(parser.request().body, "abc0123456789");
}

TEST(HttpParserTest, KeepAliveFollowsVersionAndConnectionField) {
  auto keeps = [](std::string text) {
    HttpRequestParser parser{HttpLimits()};
    parser.Feed(text);
    EXPECT_TRUE(parser.done());
    return parser.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(HttpParserTest, RefusesLengthsThatTwoReadersMayReadDifferently_A36) {
  const std::string bad[] = {
      "Host: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n",
      "Host: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n",
      "Host: h\r\nContent-Length: 3, 3\r\n",
      "Host: h\r\nContent-Length: +3\r\n",
      "Host: h\r\nContent-Length: 0x3\r\n",
      "Host: h\r\nContent-Length:\r\n",
      "Host: h\r\nTransfer-Encoding: xchunked\r\n",
      "Host: h\r\nTransfer-Encoding: gzip, chunked\r\n",
      "Host: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
      "Host: h\r\nTransfer-Encoding : chunked\r\n",
      "Host: h\r\n Transfer-Encoding: chunked\r\n",
      "Host: h\r\nTransfer-Encoding:\x0b"
      "chunked\r\n",
  };
  for (const std::string& fields : bad) EXPECT_EQ(StatusOf(Get(fields)), 400) << fields;
}

TEST(HttpParserTest, RefusesBareLineEndsAndFoldedLines_A36) {
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\nHost: h\n\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf(Get("Host: h\r\nX: a\r\n b\r\n")), 400);
  EXPECT_EQ(StatusOf(Get("Host: h\r\nX: a\r\n\tb\r\n")), 400);
}

TEST(HttpParserTest, RefusesMalformedRequestLinesAndFields) {
  EXPECT_EQ(StatusOf("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET /\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET  / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / x HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("G(T / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET http://a/ HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET /\x80 HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(StatusOf(std::string("\x16\x03\x01\x02\x00\x01\r\n", 8)), 400);  // somebody speaks TLS
  EXPECT_EQ(StatusOf(Get("Host: h\r\nno colon\r\n")), 400);
  EXPECT_EQ(StatusOf(Get("Host: h\r\n: x\r\n")), 400);
  EXPECT_EQ(StatusOf(Get("Host: h\r\nX: \x01\r\n")), 400);
  EXPECT_EQ(StatusOf(std::string("GET / HTTP/1.1\r\nX: \0\r\n\r\n", 23)), 400);
}

TEST(HttpParserTest, ExpectsExactlyOneHost) {
  EXPECT_EQ(StatusOf(Get("")), 400);
  EXPECT_EQ(StatusOf(Get("Host: a\r\nHost: a\r\n")), 400);
  EXPECT_EQ(StatusOf(Get("Host: a\r\n")), 200);
  EXPECT_EQ(StatusOf("GET / HTTP/1.0\r\n\r\n"), 200);
}

TEST(HttpParserTest, LimitsHeadersTo16KiBAnd100Fields_A29) {
  EXPECT_EQ(StatusOf(Get(StrCat("Host: h\r\nX: ", std::string(17'000, 'x'), "\r\n"))), 431);
  EXPECT_EQ(StatusOf(StrCat("GET / HTTP/1.1\r\nHost: h\r\nX: ", std::string(17'000, 'x'))), 431);
  std::string fields = "Host: h\r\n";
  for (int i = 1; i < 100; ++i) fields += "X: y\r\n";
  EXPECT_EQ(StatusOf(Get(fields)), 200);
  EXPECT_EQ(StatusOf(Get(fields + "X: y\r\n")), 431);
}

TEST(HttpParserTest, LimitsTheTargetTo8KiB_A30) {
  auto request = [](std::size_t size) {
    return StrCat("GET /", std::string(size - 1, 'a'), " HTTP/1.1\r\nHost: h\r\n\r\n");
  };
  EXPECT_EQ(StatusOf(request(8192)), 200);
  EXPECT_EQ(StatusOf(request(8193)), 414);
  EXPECT_EQ(StatusOf(StrCat("GET /", std::string(20'000, 'a'))), 414);
}

TEST(HttpParserTest, LimitsTheBodyTo1MiBBeforeItArrives_A28) {
  EXPECT_EQ(StatusOf(Get("Host: h\r\nContent-Length: 1048577\r\n")), 413);
  EXPECT_EQ(StatusOf(Get("Host: h\r\nContent-Length: 99999999999999999999\r\n")), 413);
  EXPECT_EQ(StatusOf(Get("Host: h\r\nContent-Length: 1048576\r\n")), 0);
  const std::string chunked = Get("Host: h\r\nTransfer-Encoding: chunked\r\n");
  EXPECT_EQ(StatusOf(chunked + "100001\r\n"), 413);
  EXPECT_EQ(StatusOf(chunked + "ffffffffffffffffff\r\n"), 400);
  EXPECT_EQ(StatusOf(chunked + "4\r\nabcd\r\n5\r\n", {.max_body_bytes = 8}), 413);
}

TEST(HttpParserTest, RefusesMalformedChunks) {
  const std::string chunked = Get("Host: h\r\nTransfer-Encoding: chunked\r\n");
  for (const char* body :
       {"x\r\n", "\r\n", "-1\r\n", "3\r\nabcd\r\n", "3\nabc", "0x3\r\nabc\r\n"}) {
    EXPECT_EQ(StatusOf(chunked + body), 400) << body;
  }
  EXPECT_EQ(StatusOf(chunked + "1;" + std::string(300, 'e') + "\r\n"), 400);
  EXPECT_EQ(StatusOf(chunked + "0\r\nX: " + std::string(5'000, 't')), 400);
}

TEST(HttpParserTest, TheSecondRequestStartsClean) {
  HttpRequestParser parser{HttpLimits()};
  parser.Feed("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
  ASSERT_TRUE(parser.done());
  parser.Reset();
  EXPECT_TRUE(parser.idle());
  parser.Feed("GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(parser.done());
  EXPECT_EQ(parser.request().target, "/b");
  EXPECT_EQ(parser.request().body, "");
}

// ---- upgrades

ServerRequest Upgrade() {
  return {.method = "GET",
          .target = "/media",
          .headers = {{"host", "h"},
                      {"upgrade", "WebSocket"},
                      {"connection", "keep-alive, Upgrade"},
                      {"sec-websocket-version", "13"},
                      {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}}};  // RFC 6455 section 1.3
}

TEST(WebSocketUpgradeTest, AcceptsTheExampleOfTheRfc) {
  EXPECT_TRUE(IsUpgradeRequest(Upgrade()));
  EXPECT_TRUE(CheckWebSocketUpgrade(Upgrade()).ok());
}

TEST(WebSocketUpgradeTest, RefusesEachMissingOrWrongPart) {
  ServerRequest request = Upgrade();
  request.method = "POST";
  EXPECT_FALSE(CheckWebSocketUpgrade(request).ok());
  request = Upgrade();
  request.minor_version = 0;
  EXPECT_FALSE(CheckWebSocketUpgrade(request).ok());
  for (std::size_t i = 1; i < Upgrade().headers.size(); ++i) {
    request = Upgrade();
    request.headers.erase(request.headers.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(CheckWebSocketUpgrade(request).ok()) << i;
  }
  for (const char* key : {"", "short==", "dGhlIHNhbXBsZSBub25jZQ==x", "dGhlIHNhbXBsZSBub25jZSE="}) {
    request = Upgrade();
    request.headers.back().second = key;
    EXPECT_THAT(std::string(MessageOf(CheckWebSocketUpgrade(request))),
                HasSubstr("Sec-WebSocket-Key"));
  }
  request = Upgrade();
  request.headers.push_back(request.headers.back());
  EXPECT_FALSE(CheckWebSocketUpgrade(request).ok());
  request = Upgrade();
  request.headers[3].second = "8";
  EXPECT_EQ(CheckWebSocketUpgrade(request).code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace dragoman
