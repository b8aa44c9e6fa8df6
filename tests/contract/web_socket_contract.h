// What every WebSocketConnector and its sockets do, run against each of them:
//
//   struct MyHarness : ManualHarness {            // or RealTimeHarness<IoLoop>
//     WebSocketConnector& connector();
//     std::string url();                          // of a peer that accepts at once
//     void PeerSendText(std::string_view text);   // the peer's methods: outside On(), once open
//     void PeerSendBinary(std::string_view bytes);
//     void PeerClose(int code, std::string_view reason);
//     void PeerDrop();                            // the connection breaks
//     std::vector<std::pair<std::string, bool>> PeerReceived();  // message, binary
//     int PeerCloseCode();                        // of the socket's Close; 0: none yet
//     bool PeerSawEnd();                          // closed or gone
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, WebSocketContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_WEB_SOCKET_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_WEB_SOCKET_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/testing/matchers.h"
#include "dragoman/transport/web_socket.h"
#include "tests/contract/harness.h"

namespace dragoman {

template <typename Harness>
class WebSocketContract : public ::testing::Test {
 protected:
  struct End {
    absl::Status status;
    int code = 0;
    std::string reason;
  };

  void Connect(WebSocketRequest request = {}) {
    request.url = harness.url();
    harness.On([&] {
      inside_a_call = true;
      socket = harness.connector().Connect(std::move(request), harness.executor(), Callbacks());
      inside_a_call = false;
    });
  }
  void Open(WebSocketRequest request = {}) {
    Connect(std::move(request));
    ASSERT_TRUE(harness.RunUntil([&] { return opened == 1; }));
  }
  WebSocketCallbacks Callbacks() {
    return {.on_open =
                [this] {
                  Note();
                  ++opened;
                  if (on_open) on_open();
                },
            .on_message =
                [this](std::string_view message, bool binary) {
                  Note();
                  before_open = before_open || opened == 0;
                  received.emplace_back(std::string(message), binary);
                  if (on_message) on_message();
                },
            .on_closed =
                [this](absl::Status status, std::uint16_t code, std::string_view reason) {
                  Note();
                  closed.push_back({std::move(status), code, std::string(reason)});
                }};
  }
  void Note() {
    called_back_inside = called_back_inside || inside_a_call;
    called_after_the_end = called_after_the_end || !closed.empty();
  }
  bool Ends() {
    return harness.RunUntil([&] { return !closed.empty(); });
  }
  void TearDown() override {
    harness.On([&] { socket.reset(); });
    EXPECT_FALSE(called_back_inside);
    EXPECT_FALSE(called_after_the_end);
    EXPECT_FALSE(before_open);
    EXPECT_LE(closed.size(), 1u);
    EXPECT_LE(opened, 1);
  }

  Harness harness;
  std::unique_ptr<WebSocket> socket;
  int opened = 0;
  std::vector<std::pair<std::string, bool>> received;
  std::vector<End> closed;
  std::function<void()> on_open;
  std::function<void()> on_message;
  bool inside_a_call = false;
  bool called_back_inside = false;
  bool called_after_the_end = false;
  bool before_open = false;
};
TYPED_TEST_SUITE_P(WebSocketContract);

TYPED_TEST_P(WebSocketContract, TextAndBinaryGoBothWaysInOrder) {
  using ::testing::ElementsAre;
  using ::testing::Pair;
  this->Open();
  const std::string bytes("\x00\xff\x00", 3);
  this->harness.On([&] {
    EXPECT_THAT(this->socket->SendText("gr\xc3\xbc\xc3\x9f"), IsOk());
    EXPECT_THAT(this->socket->SendBinary(bytes), IsOk());
    EXPECT_THAT(this->socket->SendText(""), IsOk());
  });
  this->harness.PeerSendText("eins");
  this->harness.PeerSendBinary(bytes);
  ASSERT_TRUE(this->harness.RunUntil([&] { return this->received.size() == 2; }));
  EXPECT_THAT(this->received, ElementsAre(Pair("eins", false), Pair(bytes, true)));
  ASSERT_TRUE(this->harness.RunUntil([&] { return this->harness.PeerReceived().size() == 3; }));
  EXPECT_THAT(this->harness.PeerReceived(),
              ElementsAre(Pair("gr\xc3\xbc\xc3\x9f", false), Pair(bytes, true), Pair("", false)));
}

TYPED_TEST_P(WebSocketContract, NothingIsSentBeforeItIsOpen) {
  this->Connect();
  this->harness.On([&] {
    if (this->opened > 0) return;
    EXPECT_THAT(this->socket->SendText("x"), StatusIs(absl::StatusCode::kFailedPrecondition));
  });
  ASSERT_TRUE(this->harness.RunUntil([&] { return this->opened == 1; }));
  this->harness.Settle();
  EXPECT_TRUE(this->harness.PeerReceived().size() <= 1u);
}

TYPED_TEST_P(WebSocketContract, CloseSendsWhatIsQueuedThenCodeAndReasonOnce) {
  this->Open();
  this->harness.On([&] {
    EXPECT_THAT(this->socket->SendText("last"), IsOk());
    this->socket->Close(1000, "done");
    this->socket->Close(1001, "again");
    EXPECT_THAT(this->socket->SendText("late"), StatusIs(absl::StatusCode::kFailedPrecondition));
  });
  ASSERT_TRUE(this->Ends());
  this->harness.Settle();
  EXPECT_THAT(this->closed[0].status, IsOk());
  EXPECT_EQ(this->closed[0].code, 1000);
  ASSERT_TRUE(this->harness.RunUntil([&] { return this->harness.PeerCloseCode() != 0; }));
  EXPECT_EQ(this->harness.PeerCloseCode(), 1000);
  ASSERT_EQ(this->harness.PeerReceived().size(), 1u);
  EXPECT_EQ(this->harness.PeerReceived()[0].first, "last");
}

TYPED_TEST_P(WebSocketContract, ThePeersCloseBringsItsCodeAndReasonAfterItsMessages) {
  this->Open();
  this->harness.PeerSendText("bye");
  this->harness.PeerClose(4001, "maintenance");
  ASSERT_TRUE(this->Ends());
  this->harness.Settle();
  ASSERT_EQ(this->received.size(), 1u);
  EXPECT_THAT(this->closed[0].status, IsOk());
  EXPECT_EQ(this->closed[0].code, 4001);
  EXPECT_EQ(this->closed[0].reason, "maintenance");
  this->harness.On([&] {
    EXPECT_THAT(this->socket->SendText("x"), StatusIs(absl::StatusCode::kFailedPrecondition));
    this->socket->Close(1000, "");
  });
}

TYPED_TEST_P(WebSocketContract, ABrokenConnectionIsUnavailableAnd1006) {
  this->Open();
  this->harness.PeerDrop();
  ASSERT_TRUE(this->Ends());
  EXPECT_THAT(this->closed[0].status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(this->closed[0].code, 1006);
}

TYPED_TEST_P(WebSocketContract, CloseBeforeItIsOpenIsCancelled) {
  this->Connect();
  bool early = false;
  this->harness.On([&] {
    early = this->opened == 0;
    this->socket->Close(1000, "never mind");
  });
  ASSERT_TRUE(this->Ends());
  if (early) {
    EXPECT_THAT(this->closed[0].status, StatusIs(absl::StatusCode::kCancelled));
    EXPECT_EQ(this->opened, 0);
  }
}

TYPED_TEST_P(WebSocketContract, TextThatIsNotUtf8IsRefused) {
  this->Open();
  this->harness.On([&] {
    EXPECT_THAT(this->socket->SendText("\xc3\x28"), StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(this->socket->SendBinary("\xc3\x28"), IsOk());
  });
  ASSERT_TRUE(this->harness.RunUntil([&] { return !this->harness.PeerReceived().empty(); }));
  EXPECT_TRUE(this->harness.PeerReceived()[0].second);
}

TYPED_TEST_P(WebSocketContract, AMessageAboveTheLimitClosesWith1009) {
  this->Open({.max_message_bytes = 100});
  this->harness.PeerSendBinary(std::string(100, 'x'));
  ASSERT_TRUE(this->harness.RunUntil([&] { return this->received.size() == 1; }));
  this->harness.PeerSendBinary(std::string(101, 'x'));
  ASSERT_TRUE(this->Ends());
  EXPECT_EQ(this->closed[0].code, 1009);
  EXPECT_FALSE(this->closed[0].status.ok());
  EXPECT_EQ(this->received.size(), 1u);
}

TYPED_TEST_P(WebSocketContract, DestructionDropsTheConnectionWithoutACallback) {
  this->Open();
  this->harness.On([&] { this->socket.reset(); });
  EXPECT_TRUE(this->harness.RunUntil([&] { return this->harness.PeerSawEnd(); }));
  this->harness.Settle();
  EXPECT_TRUE(this->closed.empty());
}

TYPED_TEST_P(WebSocketContract, DestructionInsideOnOpenAndOnMessageIsAllowed) {
  this->on_message = [this] { this->socket.reset(); };
  this->Open();
  this->harness.PeerSendText("one");
  EXPECT_TRUE(this->harness.RunUntil([&] { return this->harness.PeerSawEnd(); }));
  this->harness.Settle();
  EXPECT_EQ(this->received.size(), 1u);
  EXPECT_TRUE(this->closed.empty());
}

TYPED_TEST_P(WebSocketContract, WhatCloseBeganHappensAlthoughTheSocketIsDestroyed) {
  this->Open();
  this->harness.On([&] {
    EXPECT_THAT(this->socket->SendText("last"), IsOk());
    this->socket->Close(1000, "done");
    this->socket.reset();
  });
  EXPECT_TRUE(this->harness.RunUntil([&] { return this->harness.PeerCloseCode() == 1000; }));
  ASSERT_EQ(this->harness.PeerReceived().size(), 1u);
  this->harness.Settle();
  EXPECT_TRUE(this->closed.empty());
}

REGISTER_TYPED_TEST_SUITE_P(WebSocketContract, TextAndBinaryGoBothWaysInOrder,
                            NothingIsSentBeforeItIsOpen,
                            CloseSendsWhatIsQueuedThenCodeAndReasonOnce,
                            ThePeersCloseBringsItsCodeAndReasonAfterItsMessages,
                            ABrokenConnectionIsUnavailableAnd1006, CloseBeforeItIsOpenIsCancelled,
                            TextThatIsNotUtf8IsRefused, AMessageAboveTheLimitClosesWith1009,
                            DestructionDropsTheConnectionWithoutACallback,
                            DestructionInsideOnOpenAndOnMessageIsAllowed,
                            WhatCloseBeganHappensAlthoughTheSocketIsDestroyed);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_WEB_SOCKET_CONTRACT_H_
