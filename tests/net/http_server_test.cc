#include "src/net/http_server.h"

#include <gmock/gmock.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "dragoman/core/status.h"
#include "tests/net/raw_client.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override { Listen({}); }
  void TearDown() override { server_.reset(); }

  void Listen(HttpServerOptions options) {
    server_.reset();
    HttpRoutes routes;
    routes.requests["/echo"] = [](ServerRequest request, HttpResponder respond) {
      respond({.body = request.method + " " + request.target + " " + request.body});
    };
    routes.requests["/later"] = [this](ServerRequest, HttpResponder respond) {
      loop_.Post([respond = std::move(respond)]() mutable { respond({.body = "later"}); });
    };
    routes.requests["/drop"] = [](ServerRequest, HttpResponder) {};
    routes.requests["/keep"] = [this](ServerRequest, HttpResponder respond) {
      kept_.push_back(std::move(respond));
    };
    routes.requests["/big"] = [](ServerRequest, HttpResponder respond) {
      respond({.body = std::string(64 << 20, 'x')});
    };
    routes.requests["/tree/*"] = [](ServerRequest, HttpResponder respond) {
      respond({.body = "short prefix"});
    };
    routes.requests["/tree/deep/*"] = [](ServerRequest, HttpResponder respond) {
      respond({.headers = {{"x-evil", "a\r\nx-injected: 1"}}});
    };
    routes.upgrades["/socket"] = [](const ServerRequest&) { return HttpUpgrade(); };
    auto server = HttpServer::Listen(options, std::move(routes), loop_, NullLog());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string Reply(std::string_view request) {
    RawClient client(server_->port());
    client.Send(request);
    return client.ReadReply();
  }
  // What the server sends until it closes.
  std::string Everything(std::string_view request) {
    RawClient client(server_->port());
    client.Send(request);
    return client.ReadAll();
  }

  SystemClock clock_;
  IoLoop loop_{clock_};
  std::vector<HttpResponder> kept_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersRequestsOnOneConnection) {
  RawClient client(server_->port());
  client.Send("POST /echo?a=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_THAT(client.ReadReply(), HasSubstr("\r\n\r\nPOST /echo?a=1 hi"));
  client.Send("GET /later HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadReply(), HasSubstr("\r\n\r\nlater"));
}

TEST_F(HttpServerTest, PrefersTheExactPathThenTheLongestPrefix) {
  EXPECT_THAT(Reply("GET /tree/x HTTP/1.1\r\nHost: h\r\n\r\n"), HasSubstr("short prefix"));
  std::string deep = Reply("GET /tree/deep/x HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(deep, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(deep, HasSubstr("x-evil: ax-injected: 1\r\n"));  // no second field
  EXPECT_THAT(Reply("GET /treehouse HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 404"));
}

TEST_F(HttpServerTest, AHeadRequestGetsTheLengthWithoutTheBody) {
  EXPECT_THAT(Everything("HEAD /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              AllOf(HasSubstr("content-length: 11\r\n"), ::testing::EndsWith("\r\n\r\n")));
}

TEST_F(HttpServerTest, ARequestThatNobodyAnswersGets500) {
  EXPECT_THAT(Reply("GET /drop HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 500"));
}

TEST_F(HttpServerTest, AHandlerThatTakesTooLongGets503AndItsAnswerIsSwallowed) {
  Listen({.reply_timeout = 20ms});
  EXPECT_THAT(Everything("GET /keep HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 503"));
  RunAndWait(loop_, [this] {
    ASSERT_EQ(kept_.size(), 1u);
    kept_[0]({.body = "late"});
    kept_.clear();
  });
}

TEST_F(HttpServerTest, SaysContinueToAPeerThatWaitsForIt) {
  RawClient client(server_->port());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("hi");
  EXPECT_THAT(client.ReadReply(), HasSubstr("POST /echo hi"));
}

TEST_F(HttpServerTest, AThousandPipelinedRequestsAreAnsweredInOrder_A37) {
  RawClient client(server_->port());
  std::thread sender([&] {
    for (int i = 0; i < 1'000; ++i) {
      client.Send(StrCat("GET /echo?", i, " HTTP/1.1\r\nHost: h\r\n\r\n"));
    }
  });
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_THAT(client.ReadReply(), HasSubstr(StrCat("GET /echo?", i, " ")));
  }
  sender.join();
}

TEST_F(HttpServerTest, ErrorsAreAnsweredAndTheConnectionIsClosed) {
  const std::pair<std::string, int> cases[] = {
      {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n", 413},  // A28
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n", 413},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", 431},  // A29
      {"GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},          // A30
      {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505},
  };
  for (const auto& [request, status] : cases) {
    std::string reply = Everything(request);
    EXPECT_THAT(reply, StartsWith(StrCat("HTTP/1.1 ", status, " "))) << request.substr(0, 60);
    EXPECT_THAT(reply, HasSubstr("connection: close\r\n"));
  }
}

TEST_F(HttpServerTest, NothingAfterASmuggledLengthIsTakenForARequest_A36) {
  std::string reply = Everything(
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\nGET /echo?smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(reply, Not(HasSubstr("smuggled")));
}

TEST_F(HttpServerTest, SlowHeadsAreCutAndOthersServedMeanwhile_A33) {
  Listen({.header_timeout = 200ms});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<RawClient>(server_->port()));
    slow.back()->Send(i % 2 == 0 ? "GET / HTTP/1.1\r\nHo" : "");
  }
  EXPECT_THAT(Reply("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  for (auto& client : slow) EXPECT_THAT(client->ReadAll(), StartsWith("HTTP/1.1 408"));
}

TEST_F(HttpServerTest, ABodySlowerThanTheLeastRateIsCut_A34) {
  Listen({.min_body_rate = 1'000, .body_window = 100ms});
  std::string reply =
      Everything("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nslow");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 408"));
}

TEST_F(HttpServerTest, APeerThatDoesNotTakeItsAnswerIsDropped_A35) {
  Listen({.write_timeout = 50ms});
  RawClient client(server_->port(), 4096);
  client.Send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(Reply("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  std::promise<void> given_up;
  RunAndWait(loop_, [&] { loop_.RunAfter(300ms, [&] { given_up.set_value(); }); });
  given_up.get_future().wait();
  EXPECT_LT(client.ReadAll().size(), std::size_t{64} << 20);  // what the kernels held
}

TEST_F(HttpServerTest, IdleConnectionsAreClosed) {
  Listen({.idle_timeout = 50ms});
  RawClient client(server_->port());
  client.Send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadReply(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(client.ReadAll(), "");
}

TEST_F(HttpServerTest, ConnectionsBeyondTheCapAreTurnedAway) {
  Listen({.max_connections = 2});
  RawClient first(server_->port());
  RawClient second(server_->port());
  first.Send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  first.ReadReply();
  second.Send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  second.ReadReply();
  RawClient third(server_->port());
  EXPECT_THAT(third.ReadAll(), StartsWith("HTTP/1.1 503"));
  first.Send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(first.ReadReply(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, APortInUseIsNamed) {
  auto second = HttpServer::Listen({.port = server_->port()}, {}, loop_, NullLog());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(second.status())),
              HasSubstr(StrCat("port ", server_->port(), " is in use on 127.0.0.1")));
}

TEST_F(HttpServerTest, AHostThatDoesNotExistIsNamed) {
  auto server = HttpServer::Listen({.host = "256.1.1.1"}, {}, loop_, NullLog());
  EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(MessageOf(server.status())), HasSubstr("256.1.1.1"));
}

TEST_F(HttpServerTest, UpgradesAreRefusedWithTheReason) {
  const std::string good =
      "GET /socket HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  EXPECT_THAT(Reply(good), StartsWith("HTTP/1.1 403"));  // as this route decides
  std::string version = good;
  version.replace(version.find(": 13"), 4, ": 12");
  EXPECT_THAT(Reply(version),
              AllOf(StartsWith("HTTP/1.1 426"), HasSubstr("sec-websocket-version: 13\r\n")));
  std::string key = good;
  key.replace(key.find("dGhl"), 4, "!!!!");
  EXPECT_THAT(Reply(key), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(Reply("GET /socket HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 426"));
  EXPECT_THAT(Reply(good + "early frame"), StartsWith("HTTP/1.1 400"));
}

TEST_F(HttpServerTest, MayGoWhileRequestsWait) {
  RawClient client(server_->port());
  client.Send("GET /keep HTTP/1.1\r\nHost: h\r\n\r\n");
  while (true) {
    bool arrived = false;
    RunAndWait(loop_, [&] { arrived = !kept_.empty(); });
    if (arrived) break;
  }
  server_.reset();
  RunAndWait(loop_, [this] { kept_.clear(); });
  EXPECT_EQ(client.ReadAll(), "");
}

}  // namespace
}  // namespace dragoman
