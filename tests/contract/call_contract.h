// What every Call does, whatever carries it; the harness is that of media_stream_contract.h:
//
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, CallContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_CALL_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_CALL_CONTRACT_H_

#include "tests/contract/media_stream_contract.h"

namespace dragoman {

template <typename Harness>
class CallContract : public MediaStreamContract<Harness> {};
TYPED_TEST_SUITE_P(CallContract);

TYPED_TEST_P(CallContract, SaysWhoItIsAndOffersExactlyOneStream) {
  EXPECT_FALSE(this->call->info().id.empty());
  EXPECT_FALSE(this->call->info().carrier.empty());
  EXPECT_EQ(&this->call->executor(), &this->harness.executor());
  EXPECT_NE(this->call->media(), nullptr);
  EXPECT_EQ(this->call->text(), nullptr);
}

TYPED_TEST_P(CallContract, HangUpEndsItOnceWhateverIsQueuedAndNotFromInside) {
  this->Start();
  ASSERT_THAT(this->Play(std::chrono::seconds(30)), IsOk());
  this->RunFor(std::chrono::milliseconds(100));
  this->call->HangUp();
  this->call->HangUp();
  EXPECT_TRUE(this->listening.closed.empty());
  this->RunFor(std::chrono::seconds(3));
  ASSERT_EQ(this->listening.closed.size(), 1u);
  EXPECT_THAT(this->listening.closed[0], IsOk());
  EXPECT_TRUE(this->harness.PeerSawEnd());
  EXPECT_FALSE(this->listening.after_closed);
  EXPECT_THAT(this->Play(std::chrono::milliseconds(20)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TYPED_TEST_P(CallContract, HangUpBeforeStartIsReportedAfterIt) {
  this->call->HangUp();
  this->RunFor(std::chrono::milliseconds(100));
  this->Start();
  this->RunFor(std::chrono::milliseconds(100));
  EXPECT_EQ(this->listening.closed.size(), 1u);
}

TYPED_TEST_P(CallContract, AnEndOfThePeerBeforeStartIsReportedAfterIt) {
  this->harness.PeerEnds();
  this->RunFor(std::chrono::milliseconds(100));
  this->Start();
  this->RunFor(std::chrono::milliseconds(100));
  EXPECT_EQ(this->listening.closed.size(), 1u);
}

TYPED_TEST_P(CallContract, HangUpInsideACallbackIsAllowed) {
  this->listening.on_each = [this] { this->call->HangUp(); };
  this->Start();
  this->harness.PeerSpeaks(Buzz(std::chrono::milliseconds(200), this->rate()));
  this->RunFor(std::chrono::seconds(1));
  EXPECT_EQ(this->listening.frames.size(), 1u);
  EXPECT_EQ(this->listening.closed.size(), 1u);
}

TYPED_TEST_P(CallContract, DestroyingItHangsUpWithoutACallback) {
  this->Start();
  ASSERT_THAT(this->Play(std::chrono::seconds(1)), IsOk());
  this->RunFor(std::chrono::milliseconds(100));
  const int callbacks = this->listening.callbacks;
  this->call.reset();
  this->RunFor(std::chrono::seconds(3));
  EXPECT_EQ(this->listening.callbacks, callbacks);
  EXPECT_TRUE(this->harness.PeerSawEnd());
}

TYPED_TEST_P(CallContract, DestroyingItBeforeStartHangsUp) {
  this->call.reset();
  this->RunFor(std::chrono::seconds(3));
  EXPECT_TRUE(this->harness.PeerSawEnd());
}

TYPED_TEST_P(CallContract, BothSidesMayHangUpAtOnce) {
  this->Start();
  this->harness.PeerEnds();
  this->call->HangUp();
  this->RunFor(std::chrono::seconds(3));
  EXPECT_EQ(this->listening.closed.size(), 1u);
}

REGISTER_TYPED_TEST_SUITE_P(CallContract, SaysWhoItIsAndOffersExactlyOneStream,
                            HangUpEndsItOnceWhateverIsQueuedAndNotFromInside,
                            HangUpBeforeStartIsReportedAfterIt,
                            AnEndOfThePeerBeforeStartIsReportedAfterIt,
                            HangUpInsideACallbackIsAllowed, DestroyingItHangsUpWithoutACallback,
                            DestroyingItBeforeStartHangsUp, BothSidesMayHangUpAtOnce);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_CALL_CONTRACT_H_
