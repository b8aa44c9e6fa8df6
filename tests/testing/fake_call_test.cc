#include "dragoman/testing/fake_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/testing/fake_carrier.h"
#include "dragoman/testing/fake_text_call.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakeCallTest : public ::testing::Test {
 protected:
  void Connect(FakeCallOptions options = {}) {
    FakeCallEnds ends = MakeFakeCall(executor, options);
    call = std::move(ends.call);
    caller = std::move(ends.caller);
    MediaStream::Callbacks callbacks;
    callbacks.on_audio = [this](const PcmFrame& frame) {
      ++frames;
      received.Append(frame);
    };
    callbacks.on_dtmf = [this](char digit) { keys += digit; };
    callbacks.on_playout = [this](PlayoutPosition p) { positions.push_back(p); };
    callbacks.on_closed = [this](absl::Status status) { closed.push_back(status); };
    call->media()->Start(std::move(callbacks));
  }
  MediaStream& media() { return *call->media(); }

  ManualExecutor executor;
  std::unique_ptr<Call> call;
  std::unique_ptr<FakeCaller> caller;
  PcmBuffer received;
  int frames = 0;
  std::string keys;
  std::vector<PlayoutPosition> positions;
  std::vector<absl::Status> closed;
};

TEST_F(FakeCallTest, TheLineCarriesAFrameEvery20Ms) {
  Connect();
  caller->Speak(Buzz(milliseconds(50)));
  executor.RunFor(milliseconds(99));
  EXPECT_EQ(frames, 5);
  PcmBuffer expected = Buzz(milliseconds(50));
  expected.Append(Silence(milliseconds(50)));
  EXPECT_EQ(received.samples, expected.samples);
}

TEST_F(FakeCallTest, AudioIsHeardInRealTime) {
  Connect();
  ASSERT_THAT(media().Play(Buzz(milliseconds(1000))), IsOk());
  executor.RunFor(milliseconds(300));
  EXPECT_EQ(caller->heard().duration(), milliseconds(300));
  EXPECT_EQ(media().position().position, milliseconds(300));
  EXPECT_EQ(media().sent(), milliseconds(1000));
}

TEST_F(FakeCallTest, ClearTakesBackWhatWasNotHeard) {
  Connect();
  ASSERT_THAT(media().Play(Buzz(milliseconds(1000))), IsOk());
  executor.RunFor(milliseconds(300));
  media().Clear();
  EXPECT_EQ(media().sent(), milliseconds(300));
  ASSERT_THAT(media().Play(Buzz(milliseconds(100))), IsOk());
  executor.RunFor(milliseconds(1000));
  EXPECT_EQ(caller->heard().duration(), milliseconds(400));
  EXPECT_EQ(caller->clears(), 1);
}

TEST_F(FakeCallTest, MarksAcknowledgeWhatWasHeard) {
  Connect({.mark_every = milliseconds(200)});
  for (int i = 0; i < 25; ++i) ASSERT_THAT(media().Play(Buzz(milliseconds(20))), IsOk());
  media().FlushPlay();
  executor.RunFor(milliseconds(2000));
  EXPECT_THAT(positions, ElementsAre(PlayoutPosition{milliseconds(200), true},
                                     PlayoutPosition{milliseconds(400), true},
                                     PlayoutPosition{milliseconds(500), true}));
}

TEST_F(FakeCallTest, MarksReturnedByAClearProveNothing) {
  Connect({.mark_every = milliseconds(200)});
  for (int i = 0; i < 25; ++i) ASSERT_THAT(media().Play(Buzz(milliseconds(20))), IsOk());
  media().FlushPlay();
  executor.RunFor(milliseconds(300));
  positions.clear();
  media().Clear();
  executor.RunFor(milliseconds(2000));
  EXPECT_THAT(positions, IsEmpty());
  EXPECT_EQ(media().position().position, milliseconds(300));
}

TEST_F(FakeCallTest, AModelledLineReportsEvery100MsAndTheEnd) {
  Connect({.acknowledgement = Acknowledgement::kModelled});
  ASSERT_THAT(media().Play(Buzz(milliseconds(250))), IsOk());
  media().FlushPlay();
  executor.RunFor(milliseconds(2000));
  EXPECT_THAT(positions, ElementsAre(PlayoutPosition{milliseconds(100), false},
                                     PlayoutPosition{milliseconds(200), false},
                                     PlayoutPosition{milliseconds(250), false}));
}

TEST_F(FakeCallTest, AFlushAfterEverythingWasHeardIsAnsweredToo) {
  for (Acknowledgement how : {Acknowledgement::kMarks, Acknowledgement::kModelled}) {
    Connect({.acknowledgement = how});
    ASSERT_THAT(media().Play(Buzz(milliseconds(100))), IsOk());
    executor.RunFor(milliseconds(2000));
    positions.clear();
    media().FlushPlay();
    executor.RunFor(milliseconds(20));
    ASSERT_EQ(positions.size(), 1u);
    EXPECT_EQ(positions[0].position, milliseconds(100));
  }
}

TEST_F(FakeCallTest, ASilentLineReportsNothing) {
  Connect({.acknowledgement = Acknowledgement::kSilent});
  ASSERT_THAT(media().Play(Buzz(milliseconds(250))), IsOk());
  media().FlushPlay();
  executor.RunFor(milliseconds(2000));
  EXPECT_THAT(positions, IsEmpty());
  EXPECT_EQ(media().position().position, milliseconds(250));
}

TEST_F(FakeCallTest, PausesInsideAnUtteranceAreCounted) {
  Connect();
  ASSERT_THAT(media().Play(Buzz(milliseconds(100))), IsOk());
  executor.RunFor(milliseconds(160));
  ASSERT_THAT(media().Play(Buzz(milliseconds(100))), IsOk());
  media().FlushPlay();
  executor.RunFor(milliseconds(500));
  ASSERT_THAT(media().Play(Buzz(milliseconds(100))), IsOk());
  EXPECT_EQ(caller->underrun(), milliseconds(60));
}

TEST_F(FakeCallTest, TheQueueIsBounded) {
  Connect({.max_queued = milliseconds(500)});
  EXPECT_THAT(media().Play(Buzz(milliseconds(500))), IsOk());
  EXPECT_THAT(media().Play(Buzz(milliseconds(20))), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(media().sent(), milliseconds(500));
}

TEST_F(FakeCallTest, AnotherRateIsRefused) {
  Connect();
  EXPECT_THAT(media().Play(Buzz(milliseconds(20), 16000)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("sample_rate_hz")));
}

TEST_F(FakeCallTest, KeysGoBothWays) {
  Connect();
  caller->Press('4');
  caller->Press('#');
  ASSERT_THAT(media().SendDtmf("12"), IsOk());
  executor.RunFor(milliseconds(20));
  EXPECT_EQ(keys, "4#");
  EXPECT_EQ(caller->dtmf(), "12");
}

TEST_F(FakeCallTest, EitherSideEndsTheCallOnce) {
  for (bool by_caller : {true, false}) {
    SCOPED_TRACE(by_caller);
    closed.clear();
    Connect();
    if (by_caller) {
      caller->HangUp();
    } else {
      call->HangUp();
    }
    call->HangUp();
    executor.RunFor(milliseconds(100));
    EXPECT_THAT(closed, ElementsAre(IsOk()));
    EXPECT_EQ(caller->agent_hung_up(), !by_caller);
    EXPECT_THAT(media().Play(Buzz(milliseconds(20))),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
}

TEST_F(FakeCallTest, ADroppedSocketIsReported) {
  Connect();
  caller->Drop(Unavailable("connection reset"));
  executor.RunFor(milliseconds(100));
  EXPECT_THAT(closed, ElementsAre(StatusIs(absl::StatusCode::kUnavailable)));
}

TEST_F(FakeCallTest, HeardStandsStillWhenTheCallIsOver) {
  Connect();
  ASSERT_THAT(media().Play(Buzz(milliseconds(500))), IsOk());
  executor.RunFor(milliseconds(200));
  caller->HangUp();
  executor.RunFor(milliseconds(500));
  EXPECT_EQ(caller->heard().duration(), milliseconds(200));
}

TEST_F(FakeCallTest, TheCallMayBeDestroyedInsideEachCallback) {
  const auto destroy = [this] { call.reset(); };
  for (int which = 0; which < 4; ++which) {
    SCOPED_TRACE(which);
    FakeCallEnds ends = MakeFakeCall(executor);
    call = std::move(ends.call);
    MediaStream::Callbacks callbacks;
    int calls = 0;
    callbacks.on_audio = [&](const PcmFrame&) {
      if (which == 0 && ++calls) destroy();
    };
    callbacks.on_dtmf = [&](char) {
      if (which == 1 && ++calls) destroy();
    };
    callbacks.on_playout = [&](PlayoutPosition) {
      if (which == 2 && ++calls) destroy();
    };
    callbacks.on_closed = [&](absl::Status) {
      if (which == 3 && ++calls) destroy();
    };
    call->media()->Start(std::move(callbacks));
    ends.caller->Press('1');
    ASSERT_THAT(call->media()->Play(Buzz(milliseconds(20))), IsOk());
    call->media()->FlushPlay();
    executor.RunFor(milliseconds(100));
    ends.caller->HangUp();
    executor.RunFor(milliseconds(100));
    EXPECT_EQ(calls, 1);
    EXPECT_TRUE(ends.caller->ended());
    EXPECT_EQ(call, nullptr);
  }
}

TEST(FakeTextCallTest, WordsGoBothWays) {
  ManualExecutor executor;
  FakeTextCallEnds ends = MakeFakeTextCall(executor);
  ends.caller->Say("early");
  std::vector<std::string> words;
  std::string heard;
  int closed = 0;
  TextStream::Callbacks callbacks;
  callbacks.on_words = [&](std::string_view text, bool is_final) {
    words.push_back(std::string(text) + (is_final ? "." : ""));
  };
  callbacks.on_interrupted = [&](std::string_view text, milliseconds) { heard = text; };
  callbacks.on_closed = [&](absl::Status) { ++closed; };
  ASSERT_NE(ends.call->text(), nullptr);
  ends.call->text()->Start(std::move(callbacks));
  ends.caller->Say("I wou", false);
  ends.caller->Interrupt("Good m", milliseconds(400));
  ASSERT_THAT(ends.call->text()->Say("Good ", false), IsOk());
  ASSERT_THAT(ends.call->text()->Say("morning.", true), IsOk());
  ASSERT_THAT(ends.call->text()->Say("How", false), IsOk());
  executor.RunUntilIdle();
  ends.call->HangUp();
  executor.RunUntilIdle();

  EXPECT_THAT(words, ElementsAre("early.", "I wou"));
  EXPECT_EQ(heard, "Good m");
  EXPECT_THAT(ends.caller->turns(), ElementsAre("Good morning."));
  EXPECT_EQ(ends.caller->open_turn(), "How");
  EXPECT_EQ(closed, 1);
  EXPECT_TRUE(ends.caller->agent_hung_up());
}

class FakeCarrierTest : public ::testing::Test {
 protected:
  void Place(FakeCarrier& carrier, DialRequest request) {
    Carrier::Callbacks callbacks;
    callbacks.on_ringing = [this] { ++rings; };
    callbacks.on_done = [this](DialOutcome outcome, std::unique_ptr<Call> answered,
                               std::string_view) {
      outcomes.push_back(outcome);
      call = std::move(answered);
    };
    auto placed = carrier.Place(request, executor, std::move(callbacks));
    ASSERT_THAT(placed, IsOk());
    dial = *std::move(placed);
  }

  ManualExecutor executor;
  FakeCarrier carrier;
  std::unique_ptr<Dial> dial;
  std::unique_ptr<Call> call;
  std::vector<DialOutcome> outcomes;
  int rings = 0;
};

TEST_F(FakeCarrierTest, RingsThenIsAnswered) {
  Place(carrier, {.to = "+15550101", .from = "+15550100"});
  executor.RunFor(milliseconds(500));
  EXPECT_EQ(rings, 1);
  executor.RunFor(milliseconds(2500));
  ASSERT_THAT(outcomes, ElementsAre(DialOutcome::kAnswered));
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(call->info().to, "+15550101");
  EXPECT_EQ(carrier.answered(), 1u);
}

TEST_F(FakeCarrierTest, NobodyAnswersWithinTheRingTimeout) {
  carrier.Enqueue({.ends_after = std::chrono::hours(1)});
  Place(carrier, {.to = "+15550101", .ring_timeout = std::chrono::seconds(20)});
  executor.RunFor(std::chrono::seconds(19));
  EXPECT_THAT(outcomes, IsEmpty());
  executor.RunFor(std::chrono::seconds(1));
  EXPECT_THAT(outcomes, ElementsAre(DialOutcome::kNoAnswer));
  EXPECT_EQ(call, nullptr);
}

TEST_F(FakeCarrierTest, CancelStopsTheRinging) {
  Place(carrier, {.to = "+15550101"});
  executor.RunFor(milliseconds(1000));
  dial->Cancel();
  dial->Cancel();
  executor.RunFor(std::chrono::minutes(2));
  EXPECT_THAT(outcomes, ElementsAre(DialOutcome::kCancelled));
  EXPECT_EQ(carrier.cancelled(), 1);
}

TEST_F(FakeCarrierTest, ADestroyedDialIsSilent) {
  Place(carrier, {.to = "+15550101"});
  dial.reset();
  executor.RunFor(std::chrono::minutes(2));
  EXPECT_THAT(outcomes, IsEmpty());
  EXPECT_EQ(carrier.cancelled(), 1);
}

}  // namespace
}  // namespace dragoman
