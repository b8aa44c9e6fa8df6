// What every HttpTransport does, run against each of them:
//
//   struct MyHarness : ThreadHarness {          // or ManualHarness
//     HttpTransport& transport();
//     std::string url(std::string_view path);   // of a server that plays the paths below
//     std::string closed_url();                 // nobody listens there
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, HttpTransportContract, MyHarness);
//
// Paths (tests/contract/http_server.py plays them):
//   /hello     200, header "X-Mixed-Case: Yes", body "hello"
//   /missing   404, body "no such page"
//   /echo      200, "<method>\n<value of X-Test>\n" and the body of the request
//   /pieces    200, "one two three " in three pieces
//   /stall     200, "begin", then nothing
//   /never     nothing at all
//   /cut       a Content-Length of 100, "begin", then the connection breaks
//   /big       200, 1 MiB of "x"
//   /redirect  302 to /hello, body "moved"
#ifndef DRAGOMAN_TESTS_CONTRACT_HTTP_TRANSPORT_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_HTTP_TRANSPORT_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/testing/matchers.h"
#include "dragoman/transport/http_transport.h"
#include "tests/contract/harness.h"

namespace dragoman {

// What one exchange called back.
struct HttpListening {
  std::vector<HttpResponseHead> heads;
  std::string body;
  std::vector<absl::Status> done;
  int callbacks = 0;
  bool body_before_head = false;
  bool inside_a_call = false;
  bool called_back_inside = false;
  std::function<void(int)> on_each = [](int) {};

  HttpTransport::Callbacks Callbacks() {
    HttpTransport::Callbacks callbacks;
    callbacks.on_head = [this](const HttpResponseHead& head) {
      heads.push_back(head);
      Count();
    };
    callbacks.on_body = [this](std::string_view bytes) {
      body_before_head = body_before_head || heads.empty();
      body += bytes;
      Count();
    };
    callbacks.on_done = [this](absl::Status status) {
      done.push_back(std::move(status));
      Count();
    };
    return callbacks;
  }

 private:
  void Count() {
    called_back_inside = called_back_inside || inside_a_call;
    on_each(callbacks++);
  }
};

template <typename Harness>
class HttpTransportContract : public ::testing::Test {
 protected:
  HttpRequest Get(std::string_view path) {
    HttpRequest request;
    request.url = harness.url(path);
    return request;
  }
  void Send(HttpRequest request) {
    harness.On([&] {
      listening.inside_a_call = true;
      exchange =
          harness.transport().Send(std::move(request), harness.executor(), listening.Callbacks());
      listening.inside_a_call = false;
      ASSERT_NE(exchange, nullptr);  // here: once this task has ended, a callback may destroy it
    });
  }
  void Cancel() {
    listening.inside_a_call = true;
    exchange->Cancel();
    listening.inside_a_call = false;
  }
  bool RunToTheEnd() {
    const bool ended = harness.RunUntil([&] { return !listening.done.empty(); });
    harness.Settle();
    return ended;
  }
  void Fetch(HttpRequest request) {
    Send(std::move(request));
    ASSERT_TRUE(RunToTheEnd());
    ASSERT_EQ(listening.done.size(), 1u);
  }
  void Renew() {
    harness.On([&] { exchange.reset(); });
    listening = HttpListening();
  }
  void TearDown() override {
    harness.On([&] { exchange.reset(); });
  }

  Harness harness;
  HttpListening listening;
  std::unique_ptr<HttpExchange> exchange;
};

TYPED_TEST_SUITE_P(HttpTransportContract);

TYPED_TEST_P(HttpTransportContract, HeadThenBodyThenOneCompletion) {
  this->Fetch(this->Get("/hello"));

  EXPECT_THAT(this->listening.done[0], IsOk());
  ASSERT_EQ(this->listening.heads.size(), 1u);
  EXPECT_EQ(this->listening.heads[0].status, 200);
  EXPECT_EQ(this->listening.heads[0].Header("x-mixed-case"), "Yes");
  EXPECT_EQ(this->listening.body, "hello");
  EXPECT_FALSE(this->listening.body_before_head);
  EXPECT_FALSE(this->listening.called_back_inside);
}

TYPED_TEST_P(HttpTransportContract, AnErrorStatusIsAnAnswerNotAFailure) {
  this->Fetch(this->Get("/missing"));

  EXPECT_THAT(this->listening.done[0], IsOk());
  ASSERT_EQ(this->listening.heads.size(), 1u);
  EXPECT_EQ(this->listening.heads[0].status, 404);
  EXPECT_EQ(this->listening.body, "no such page");
}

TYPED_TEST_P(HttpTransportContract, MethodHeadersAndBodyArriveAsTheyAre) {
  HttpRequest request = this->Get("/echo");
  request.method = "POST";
  request.headers = {{"X-Test", "a b"}};
  request.body = std::string("{\"text\":\"Grüße\"}\0\r\n", 20);
  const std::string body = request.body;
  this->Fetch(request);

  EXPECT_EQ(this->listening.body, "POST\na b\n" + body);
}

TYPED_TEST_P(HttpTransportContract, APostWithoutABodyIsAPost) {
  HttpRequest request = this->Get("/echo");
  request.method = "POST";
  this->Fetch(request);

  EXPECT_EQ(this->listening.body, "POST\n\n");
}

TYPED_TEST_P(HttpTransportContract, PiecesArriveInOrder) {
  this->Fetch(this->Get("/pieces"));

  EXPECT_EQ(this->listening.body, "one two three ");
}

TYPED_TEST_P(HttpTransportContract, RedirectsAreNotFollowed) {
  this->Fetch(this->Get("/redirect"));

  EXPECT_THAT(this->listening.done[0], IsOk());
  ASSERT_EQ(this->listening.heads.size(), 1u);
  EXPECT_EQ(this->listening.heads[0].status, 302);
  EXPECT_EQ(this->listening.body, "moved");
}

TYPED_TEST_P(HttpTransportContract, NobodyListensIsUnavailable) {
  HttpRequest request;
  request.url = this->harness.closed_url();
  this->Fetch(request);

  EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(this->listening.heads.empty());
}

TYPED_TEST_P(HttpTransportContract, AConnectionThatBreaksIsUnavailable) {
  this->Fetch(this->Get("/cut"));

  EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(this->listening.body, "begin");
}

TYPED_TEST_P(HttpTransportContract, AServerThatNeverAnswersRunsIntoTheIdleTimeout) {
  HttpRequest request = this->Get("/never");
  request.idle_timeout = std::chrono::milliseconds(200);
  this->Fetch(request);

  EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TYPED_TEST_P(HttpTransportContract, AServerThatFallsSilentRunsIntoTheIdleTimeout) {
  HttpRequest request = this->Get("/stall");
  request.idle_timeout = std::chrono::milliseconds(200);
  this->Fetch(request);

  EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_EQ(this->listening.body, "begin");
}

TYPED_TEST_P(HttpTransportContract, TheTotalTimeoutEndsWhatTheIdleTimeoutDoesNot) {
  HttpRequest request = this->Get("/stall");
  request.total_timeout = std::chrono::milliseconds(300);
  this->Fetch(request);

  EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TYPED_TEST_P(HttpTransportContract, MoreThanTheLimitIsRefused) {
  HttpRequest request = this->Get("/big");
  request.max_response_bytes = 100'000;
  this->Fetch(request);

  EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_LE(this->listening.body.size(), 100'000u);
}

TYPED_TEST_P(HttpTransportContract, ALargeBodyArrivesWhole) {
  this->Fetch(this->Get("/big"));

  EXPECT_THAT(this->listening.done[0], IsOk());
  EXPECT_EQ(this->listening.body, std::string(1 << 20, 'x'));
}

TYPED_TEST_P(HttpTransportContract, WhatCannotBeSentIsInvalid) {
  const auto expect_invalid = [this](HttpRequest request, const char* field) {
    this->Renew();
    this->Fetch(std::move(request));
    EXPECT_THAT(this->listening.done[0],
                StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr(field)));
    EXPECT_FALSE(this->listening.called_back_inside);
  };
  HttpRequest request = this->Get("/hello");
  request.url = "file:///etc/hostname";
  expect_invalid(request, "url");
  request.url = "http://user:password@localhost/";
  expect_invalid(request, "url");
  request.url = "http://localhost/a b";
  expect_invalid(request, "url");
  request = this->Get("/hello");
  request.headers = {{"X-Test", "a\r\nX-Smuggled: b"}};
  expect_invalid(request, "X-Test");
  request = this->Get("/hello");
  request.method = "GET /other HTTP/1.1\r\n";
  expect_invalid(request, "method");
  request = this->Get("/hello");
  request.idle_timeout = std::chrono::milliseconds(0);
  expect_invalid(request, "idle_timeout");
}

TYPED_TEST_P(HttpTransportContract, CancelAtOnceReportsCancelledOnce) {
  this->Send(this->Get("/hello"));
  this->harness.On([&] {
    this->Cancel();
    this->Cancel();
  });
  ASSERT_TRUE(this->RunToTheEnd());

  ASSERT_EQ(this->listening.done.size(), 1u);
  EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kCancelled));
  EXPECT_TRUE(this->listening.heads.empty());
  EXPECT_FALSE(this->listening.called_back_inside);
}

TYPED_TEST_P(HttpTransportContract, CancelInsideHeadOrBodyIsFollowedByNothingButCancelled) {
  for (int cancel_at = 0; cancel_at < 2; ++cancel_at) {
    SCOPED_TRACE(cancel_at);
    this->Renew();
    this->listening.on_each = [&](int number) {
      if (number == cancel_at) this->Cancel();
    };
    this->Send(this->Get("/stall"));
    ASSERT_TRUE(this->RunToTheEnd());

    EXPECT_EQ(this->listening.callbacks, cancel_at + 2);
    ASSERT_EQ(this->listening.done.size(), 1u);
    EXPECT_THAT(this->listening.done[0], StatusIs(absl::StatusCode::kCancelled));
  }
}

TYPED_TEST_P(HttpTransportContract, CancelAfterTheEndDoesNothing) {
  this->Fetch(this->Get("/hello"));
  const int callbacks = this->listening.callbacks;
  this->harness.On([&] { this->Cancel(); });
  this->harness.Settle();

  EXPECT_EQ(this->listening.callbacks, callbacks);
}

TYPED_TEST_P(HttpTransportContract, ADestroyedExchangeIsSilent) {
  this->Send(this->Get("/hello"));
  this->harness.On([&] { this->exchange.reset(); });
  int before = this->listening.callbacks;
  this->harness.Settle();

  EXPECT_EQ(this->listening.callbacks, before);
}

TYPED_TEST_P(HttpTransportContract, DestructionInsideAnyCallbackIsFollowedByNothing) {
  for (int destroy_at = 0; destroy_at < 3; ++destroy_at) {
    SCOPED_TRACE(destroy_at);
    this->Renew();
    this->listening.on_each = [&](int number) {
      if (number == destroy_at) this->exchange.reset();
    };
    this->Send(this->Get("/hello"));
    ASSERT_TRUE(this->harness.RunUntil([&] { return this->exchange == nullptr; }));
    this->harness.Settle();

    EXPECT_EQ(this->listening.callbacks, destroy_at + 1);
  }
}

TYPED_TEST_P(HttpTransportContract, ExchangesRunBesideEachOther) {
  constexpr int kExchanges = 20;
  std::vector<HttpListening> listenings(kExchanges);
  std::vector<std::unique_ptr<HttpExchange>> exchanges(kExchanges);
  this->Send(this->Get("/stall"));  // which holds nobody up
  this->harness.On([&] {
    for (size_t i = 0; i < kExchanges; ++i) {
      exchanges[i] =
          this->harness.transport().Send(this->Get(i % 2 == 0 ? "/hello" : "/pieces"),
                                         this->harness.executor(), listenings[i].Callbacks());
    }
  });
  ASSERT_TRUE(this->harness.RunUntil([&] {
    for (const HttpListening& listening : listenings) {
      if (listening.done.empty()) return false;
    }
    return true;
  }));
  this->harness.On([&] { exchanges.clear(); });

  for (size_t i = 0; i < kExchanges; ++i) {
    EXPECT_THAT(listenings[i].done[0], IsOk());
    EXPECT_EQ(listenings[i].body, i % 2 == 0 ? "hello" : "one two three ");
  }
}

REGISTER_TYPED_TEST_SUITE_P(
    HttpTransportContract, HeadThenBodyThenOneCompletion, AnErrorStatusIsAnAnswerNotAFailure,
    MethodHeadersAndBodyArriveAsTheyAre, APostWithoutABodyIsAPost, PiecesArriveInOrder,
    RedirectsAreNotFollowed, NobodyListensIsUnavailable, AConnectionThatBreaksIsUnavailable,
    AServerThatNeverAnswersRunsIntoTheIdleTimeout, AServerThatFallsSilentRunsIntoTheIdleTimeout,
    TheTotalTimeoutEndsWhatTheIdleTimeoutDoesNot, MoreThanTheLimitIsRefused, ALargeBodyArrivesWhole,
    WhatCannotBeSentIsInvalid, CancelAtOnceReportsCancelledOnce,
    CancelInsideHeadOrBodyIsFollowedByNothingButCancelled, CancelAfterTheEndDoesNothing,
    ADestroyedExchangeIsSilent, DestructionInsideAnyCallbackIsFollowedByNothing,
    ExchangesRunBesideEachOther);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_HTTP_TRANSPORT_CONTRACT_H_
