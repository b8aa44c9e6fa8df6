// What every MediaStream does, run against each of them:
//
//   struct MyHarness : ManualHarness {
//     std::unique_ptr<Call> Connect();          // a connected call, its media not started
//     void PeerSpeaks(const PcmFrame& frame);   // whole frames of 20 ms; they arrive in due time
//     void PeerPresses(char digit);
//     void PeerEnds();                          // properly
//     std::int64_t PeerHeard();                 // samples that really sounded by now
//     bool PeerSawEnd();
//     static constexpr bool kPaced = true;      // what was handed to the line sounds whatever we
//     do
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, MediaStreamContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_MEDIA_STREAM_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_MEDIA_STREAM_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/telephony/call.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/pcm.h"
#include "tests/contract/harness.h"

namespace dragoman {

// What one stream called back.
struct MediaListening {
  std::vector<std::int16_t> audio;
  std::vector<std::size_t> frames;
  std::string digits;
  std::vector<PlayoutPosition> playout;
  std::vector<absl::Status> closed;
  int callbacks = 0;
  bool after_closed = false;
  std::function<void()> on_each = [] {};

  MediaStream::Callbacks Callbacks() {
    return {.on_audio =
                [this](const PcmFrame& frame) {
                  audio.insert(audio.end(), frame.samples.begin(), frame.samples.end());
                  frames.push_back(frame.samples.size());
                  Count();
                },
            .on_dtmf =
                [this](char digit) {
                  digits += digit;
                  Count();
                },
            .on_playout =
                [this](PlayoutPosition at) {
                  playout.push_back(at);
                  Count();
                },
            .on_closed =
                [this](absl::Status status) {
                  Count();
                  closed.push_back(std::move(status));
                }};
  }

 private:
  void Count() {
    after_closed = after_closed || !closed.empty();
    ++callbacks;
    on_each();
  }
};

template <typename Harness>
class MediaStreamContract : public ::testing::Test {
 protected:
  void SetUp() override {
    call = harness.Connect();
    ASSERT_NE(call, nullptr);
    ASSERT_NE(call->media(), nullptr);
  }
  void Start() {
    media().Start(listening.Callbacks());
    harness.executor().RunUntilIdle();
  }
  MediaStream& media() { return *call->media(); }
  int rate() { return media().sample_rate_hz(); }
  void RunFor(std::chrono::microseconds time) { harness.executor().RunFor(time); }

  // A level, so that what was heard can be told from silence sample by sample.
  absl::Status Play(std::chrono::milliseconds duration) {
    PcmBuffer level = Silence(duration, rate());
    std::fill(level.samples.begin(), level.samples.end(), std::int16_t{1000});
    return media().Play(level);
  }
  std::chrono::milliseconds Heard() {
    return std::chrono::milliseconds(harness.PeerHeard() * 1000 / rate());
  }

  Harness harness;
  MediaListening listening;
  std::unique_ptr<Call> call;
};
TYPED_TEST_SUITE_P(MediaStreamContract);

TYPED_TEST_P(MediaStreamContract, NothingArrivesBeforeOrInsideStart) {
  this->harness.PeerSpeaks(Buzz(std::chrono::milliseconds(40), this->rate()));
  this->harness.PeerPresses('1');
  this->RunFor(std::chrono::milliseconds(500));
  EXPECT_EQ(this->listening.callbacks, 0);
  this->media().Start(this->listening.Callbacks());
  EXPECT_EQ(this->listening.callbacks, 0);
}

TYPED_TEST_P(MediaStreamContract, InboundAudioArrivesInOrderAndWhole) {
  this->Start();
  const PcmBuffer said = Buzz(std::chrono::milliseconds(400), this->rate());
  this->harness.PeerSpeaks(said);
  this->RunFor(std::chrono::milliseconds(500));
  const std::vector<std::int16_t>& audio = this->listening.audio;
  // A line may carry silence before. Companding may round, but not so that neighbours on the steep
  // wave could be exchanged.
  const auto begin = static_cast<std::size_t>(
      std::find_if(audio.begin(), audio.end(), [](std::int16_t s) { return s != 0; }) -
      audio.begin());
  ASSERT_GE(audio.size(), begin + said.samples.size());
  for (std::size_t i = 0; i < said.samples.size(); ++i) {
    ASSERT_NEAR(audio[begin + i], said.samples[i], 300) << "sample " << i;
  }
  EXPECT_THAT(this->listening.frames, ::testing::Each(static_cast<std::size_t>(this->rate()) / 50));
}

TYPED_TEST_P(MediaStreamContract, EachKeyIsReportedOnce) {
  this->Start();
  for (char digit : {'0', '9', '9', '*', '#', 'A', 'D'}) this->harness.PeerPresses(digit);
  this->RunFor(std::chrono::milliseconds(100));
  EXPECT_EQ(this->listening.digits, "099*#AD");
}

TYPED_TEST_P(MediaStreamContract, WhatIsPlayedIsHeardInTimeAndReportedAtTheEnd) {
  this->Start();
  ASSERT_THAT(this->Play(std::chrono::seconds(1)), IsOk());
  this->media().FlushPlay();
  EXPECT_EQ(this->media().sent(), std::chrono::seconds(1));
  this->RunFor(std::chrono::milliseconds(1100));
  EXPECT_EQ(this->Heard(), std::chrono::seconds(1));
  EXPECT_EQ(this->media().position().position, std::chrono::seconds(1));
  ASSERT_FALSE(this->listening.playout.empty());
  EXPECT_EQ(this->listening.playout.back().position, std::chrono::seconds(1));
}

TYPED_TEST_P(MediaStreamContract, TheEndIsReportedAlsoForAudioThatIsNoWholeFrame) {
  this->Start();
  ASSERT_THAT(this->Play(std::chrono::milliseconds(111)), IsOk());
  this->media().FlushPlay();
  this->RunFor(std::chrono::milliseconds(400));
  EXPECT_EQ(this->media().sent(), std::chrono::milliseconds(111));
  ASSERT_FALSE(this->listening.playout.empty());
  EXPECT_EQ(this->listening.playout.back().position, std::chrono::milliseconds(111));
}

TYPED_TEST_P(MediaStreamContract, ThePositionNeverRunsAheadOfTheEarOrBack) {
  this->Start();
  ASSERT_THAT(this->Play(std::chrono::seconds(2)), IsOk());
  this->media().FlushPlay();
  std::chrono::milliseconds last{0};
  for (int i = 0; i < 220; ++i) {
    this->RunFor(std::chrono::milliseconds(10));
    const std::chrono::milliseconds position = this->media().position().position;
    ASSERT_GE(position, last);
    ASSERT_LE(position, this->Heard() + std::chrono::milliseconds(20)) << "after " << i << " steps";
    last = position;
  }
  EXPECT_EQ(last, std::chrono::seconds(2));
}

TYPED_TEST_P(MediaStreamContract, ClearStopsWithinAFrameAndTakesBackWhatWasNotHeard) {
  this->Start();
  ASSERT_THAT(this->Play(std::chrono::seconds(5)), IsOk());
  this->media().FlushPlay();
  this->RunFor(std::chrono::milliseconds(1010));
  const std::size_t reports = this->listening.playout.size();
  this->media().Clear();
  const std::chrono::milliseconds position = this->media().position().position;
  EXPECT_EQ(this->media().sent(), position);
  EXPECT_NEAR(static_cast<double>(position.count()), 1010, 20);
  this->RunFor(std::chrono::seconds(6));
  EXPECT_NEAR(static_cast<double>(this->Heard().count()), static_cast<double>(position.count()),
              TypeParam::kPaced ? 20 : 1);
  EXPECT_EQ(this->media().position().position, position);
  EXPECT_EQ(this->media().sent(), position);
  EXPECT_EQ(this->listening.playout.size(), reports);
}

TYPED_TEST_P(MediaStreamContract, AfterClearTheTimeLineGoesOnFromWhatWasHeard) {
  this->Start();
  ASSERT_THAT(this->Play(std::chrono::seconds(5)), IsOk());
  this->RunFor(std::chrono::milliseconds(300));
  this->media().Clear();
  const std::chrono::milliseconds before = this->media().sent();
  ASSERT_THAT(this->Play(std::chrono::milliseconds(200)), IsOk());
  this->media().FlushPlay();
  EXPECT_EQ(this->media().sent(), before + std::chrono::milliseconds(200));
  this->RunFor(std::chrono::seconds(1));
  EXPECT_EQ(this->media().position().position, before + std::chrono::milliseconds(200));
  ASSERT_FALSE(this->listening.playout.empty());
  EXPECT_EQ(this->listening.playout.back().position, before + std::chrono::milliseconds(200));
}

TYPED_TEST_P(MediaStreamContract, FiftyClearsASecondStayBoundedAndExact) {
  this->Start();
  for (int i = 0; i < 250; ++i) {
    ASSERT_THAT(this->Play(std::chrono::milliseconds(200)), IsOk());
    this->RunFor(std::chrono::milliseconds(20));
    this->media().Clear();
    ASSERT_EQ(this->media().sent(), this->media().position().position);
  }
  const std::chrono::milliseconds position = this->media().position().position;
  this->RunFor(std::chrono::seconds(1));
  EXPECT_NEAR(static_cast<double>(this->Heard().count()), static_cast<double>(position.count()),
              TypeParam::kPaced ? 20 : 1);
}

TYPED_TEST_P(MediaStreamContract, RefusesAnotherRateAndMoreThanTheQueueHoldsAndTakesNothing) {
  this->Start();
  EXPECT_THAT(this->media().Play(Buzz(std::chrono::milliseconds(20), this->rate() * 2)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  absl::Status status;
  std::chrono::milliseconds taken{0};
  while (taken <= this->media().max_queued()) {
    status = this->Play(std::chrono::milliseconds(500));
    if (!status.ok()) break;
    taken += std::chrono::milliseconds(500);
  }
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(this->media().sent(), taken);
}

TYPED_TEST_P(MediaStreamContract, AfterTheEndNothingIsTakenAndNothingComes) {
  this->Start();
  this->harness.PeerEnds();
  this->RunFor(std::chrono::milliseconds(100));
  ASSERT_EQ(this->listening.closed.size(), 1u);
  EXPECT_THAT(this->listening.closed[0], IsOk());
  EXPECT_THAT(this->Play(std::chrono::milliseconds(20)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  this->media().FlushPlay();
  this->media().Clear();
  this->RunFor(std::chrono::seconds(10));
  EXPECT_EQ(this->listening.closed.size(), 1u);
  EXPECT_FALSE(this->listening.after_closed);
}

// The call is destroyed in its n-th callback, for every n, while everything goes on.
TYPED_TEST_P(MediaStreamContract, MayBeDestroyedInsideAnyOfItsCallbacks) {
  for (int n = 1; n <= 40; ++n) {
    TypeParam fresh;
    MediaListening listening;
    std::unique_ptr<Call> call = fresh.Connect();
    ASSERT_NE(call, nullptr);
    const int rate = call->media()->sample_rate_hz();
    listening.on_each = [&] {
      if (listening.callbacks == n) call.reset();
    };
    call->media()->Start(listening.Callbacks());
    ASSERT_THAT(call->media()->Play(Buzz(std::chrono::milliseconds(300), rate)), IsOk());
    call->media()->FlushPlay();
    fresh.PeerSpeaks(Buzz(std::chrono::milliseconds(200), rate));
    fresh.PeerPresses('5');
    fresh.executor().RunFor(std::chrono::milliseconds(500));
    if (call != nullptr) {
      fresh.PeerEnds();
      fresh.executor().RunFor(std::chrono::milliseconds(100));
    }
    if (call != nullptr) return;  // there are fewer callbacks than n
    const int callbacks = listening.callbacks;
    fresh.executor().RunFor(std::chrono::seconds(3));
    EXPECT_EQ(listening.callbacks, callbacks) << "a callback after destruction in number " << n;
  }
}

REGISTER_TYPED_TEST_SUITE_P(
    MediaStreamContract, NothingArrivesBeforeOrInsideStart, InboundAudioArrivesInOrderAndWhole,
    EachKeyIsReportedOnce, WhatIsPlayedIsHeardInTimeAndReportedAtTheEnd,
    TheEndIsReportedAlsoForAudioThatIsNoWholeFrame, ThePositionNeverRunsAheadOfTheEarOrBack,
    ClearStopsWithinAFrameAndTakesBackWhatWasNotHeard, AfterClearTheTimeLineGoesOnFromWhatWasHeard,
    FiftyClearsASecondStayBoundedAndExact,
    RefusesAnotherRateAndMoreThanTheQueueHoldsAndTakesNothing,
    AfterTheEndNothingIsTakenAndNothingComes, MayBeDestroyedInsideAnyOfItsCallbacks);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_MEDIA_STREAM_CONTRACT_H_
