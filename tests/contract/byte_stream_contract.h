// What every ByteStream does, run against each of them:
//
//   struct MyHarness : ManualHarness {            // or RealTimeHarness<IoLoop>
//     std::unique_ptr<ByteStream> Make(std::size_t max_queued_bytes);  // inside On(); connected
//     void PeerSend(std::string_view bytes);      // the peer's methods: outside On()
//     void PeerClose();                           // a proper end
//     std::string PeerReceived();                 // all so far
//     bool PeerSawEnd();                          // the stream closed, or is gone
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, ByteStreamContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_BYTE_STREAM_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_BYTE_STREAM_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/testing/matchers.h"
#include "dragoman/transport/byte_stream.h"
#include "tests/contract/harness.h"

namespace dragoman {

template <typename Harness>
class ByteStreamContract : public ::testing::Test {
 protected:
  void Make(std::size_t max_queued_bytes = 1 << 20) {
    harness.On([&] { stream = harness.Make(max_queued_bytes); });
    ASSERT_NE(stream, nullptr);
  }
  void Start() {
    harness.On([&] {
      inside_a_call = true;
      stream->Start({.on_bytes =
                         [this](std::string_view bytes) {
                           Note();
                           received += bytes;
                           if (on_bytes) on_bytes();
                         },
                     .on_closed =
                         [this](absl::Status status) {
                           Note();
                           closed.push_back(std::move(status));
                         }});
      inside_a_call = false;
    });
  }
  void Note() {
    called_back_inside = called_back_inside || inside_a_call;
    called_after_the_end = called_after_the_end || !closed.empty();
  }
  absl::Status Write(std::string_view bytes) {
    absl::Status status;
    harness.On([&] {
      inside_a_call = true;
      status = stream->Write(bytes);
      inside_a_call = false;
    });
    return status;
  }
  bool PeerGets(std::string_view bytes) {
    return harness.RunUntil([&] { return harness.PeerReceived() == bytes; });
  }
  void TearDown() override {
    harness.On([&] { stream.reset(); });
    EXPECT_FALSE(called_back_inside);
    EXPECT_FALSE(called_after_the_end);
  }

  Harness harness;
  std::unique_ptr<ByteStream> stream;
  std::string received;
  std::vector<absl::Status> closed;
  std::function<void()> on_bytes;
  bool inside_a_call = false;
  bool called_back_inside = false;
  bool called_after_the_end = false;
};
TYPED_TEST_SUITE_P(ByteStreamContract);

TYPED_TEST_P(ByteStreamContract, BytesGoBothWaysInOrder) {
  this->Make();
  this->Start();
  const std::string zeros(3, '\0');
  this->harness.PeerSend("one ");
  this->harness.PeerSend("two " + zeros);
  EXPECT_THAT(this->Write("three "), IsOk());
  EXPECT_THAT(this->Write("four \xff" + zeros), IsOk());
  EXPECT_TRUE(this->PeerGets("three four \xff" + zeros));
  EXPECT_TRUE(this->harness.RunUntil([&] { return this->received == "one two " + zeros; }));
}

TYPED_TEST_P(ByteStreamContract, NothingArrivesBeforeStartAndNothingIsLost) {
  this->Make();
  this->harness.PeerSend("early ");
  this->harness.Settle();
  EXPECT_EQ(this->received, "");
  this->Start();
  this->harness.PeerSend("late");
  EXPECT_TRUE(this->harness.RunUntil([&] { return this->received == "early late"; }));
}

TYPED_TEST_P(ByteStreamContract, AManySegmentWriteArrivesWhole) {
  this->Make();
  this->Start();
  std::string big;
  for (int i = 0; big.size() < 500'000; ++i) big += std::to_string(i) + ",";
  EXPECT_THAT(this->Write(big), IsOk());
  EXPECT_TRUE(this->PeerGets(big));
  this->harness.PeerSend(big);
  EXPECT_TRUE(this->harness.RunUntil([&] { return this->received.size() == big.size(); }));
  EXPECT_TRUE(this->received == big);
}

TYPED_TEST_P(ByteStreamContract, ThePeersProperEndIsReportedOnceAfterItsBytes) {
  this->Make();
  this->Start();
  this->harness.PeerSend("goodbye");
  this->harness.PeerClose();
  ASSERT_TRUE(this->harness.RunUntil([&] { return !this->closed.empty(); }));
  this->harness.Settle();
  EXPECT_EQ(this->received, "goodbye");
  ASSERT_EQ(this->closed.size(), 1u);
  EXPECT_THAT(this->closed[0], IsOk());
  EXPECT_THAT(this->Write("x"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TYPED_TEST_P(ByteStreamContract, CloseSendsWhatIsQueuedFirstAndIsIdempotent) {
  this->Make();
  this->Start();
  this->harness.On([&] {
    EXPECT_THAT(this->stream->Write("queued"), IsOk());
    this->stream->Close();
    this->stream->Close();
    EXPECT_THAT(this->stream->Write("late"), StatusIs(absl::StatusCode::kFailedPrecondition));
  });
  EXPECT_TRUE(this->harness.RunUntil([&] { return this->harness.PeerSawEnd(); }));
  EXPECT_EQ(this->harness.PeerReceived(), "queued");
  this->harness.PeerClose();
  EXPECT_TRUE(this->harness.RunUntil([&] { return this->closed.size() == 1; }));
}

TYPED_TEST_P(ByteStreamContract, WhatDoesNotFitTheQueueIsRefusedWhole) {
  this->Make(1000);
  this->Start();
  const std::string half(600, 'a');
  this->harness.On([&] {
    // Nothing leaves inside one task, whatever the kernel would take.
    absl::Status status;
    int taken = 0;
    while (taken < 1000 && (status = this->stream->Write(half)).ok()) ++taken;
    if (taken < 1000) {
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
    }
  });
  this->harness.Settle();
  EXPECT_EQ(this->harness.PeerReceived().size() % half.size(), 0u);
}

TYPED_TEST_P(ByteStreamContract, DestructionClosesWithoutACallback) {
  this->Make();
  this->Start();
  this->harness.On([&] { this->stream.reset(); });
  EXPECT_TRUE(this->harness.RunUntil([&] { return this->harness.PeerSawEnd(); }));
  this->harness.Settle();
  EXPECT_TRUE(this->closed.empty());
}

TYPED_TEST_P(ByteStreamContract, DestructionInsideOnBytesIsAllowed) {
  this->Make();
  this->on_bytes = [this] { this->stream.reset(); };
  this->Start();
  this->harness.PeerSend("x");
  EXPECT_TRUE(this->harness.RunUntil([&] { return this->harness.PeerSawEnd(); }));
  this->harness.Settle();
  EXPECT_EQ(this->received, "x");
  EXPECT_TRUE(this->closed.empty());
}

REGISTER_TYPED_TEST_SUITE_P(ByteStreamContract, BytesGoBothWaysInOrder,
                            NothingArrivesBeforeStartAndNothingIsLost,
                            AManySegmentWriteArrivesWhole,
                            ThePeersProperEndIsReportedOnceAfterItsBytes,
                            CloseSendsWhatIsQueuedFirstAndIsIdempotent,
                            WhatDoesNotFitTheQueueIsRefusedWhole, DestructionClosesWithoutACallback,
                            DestructionInsideOnBytesIsAllowed);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_BYTE_STREAM_CONTRACT_H_
