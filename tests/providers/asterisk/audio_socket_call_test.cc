#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/providers/asterisk/audio_socket.h"
#include "dragoman/providers/loopback/pipes.h"
#include "dragoman/testing/fake_call.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/memory_log.h"
#include "dragoman/testing/pcm.h"
#include "tests/contract/media_stream_contract.h"
#include "tests/providers/asterisk/fake_asterisk.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AudioSocketTest : public ::testing::Test {
 protected:
  void SetUp() override { Make({.accept_any_uuid = true}); }

  void Make(AudioSocketOptions options) {
    acceptor_ = *MakeAudioSocketAcceptor(options, {.executor = &executor_, .agent = &agent_});
    asterisk_ = Dial();
  }
  std::unique_ptr<FakeAsterisk> Dial() {
    ByteStreamPipe pipe = MakeByteStreamPipe(executor_);
    acceptor_->Accept(std::move(pipe.a));
    return std::make_unique<FakeAsterisk>(executor_, std::move(pipe.b));
  }
  void Connect() {
    asterisk_->SendUuid();
    executor_.RunUntilIdle();
    ASSERT_THAT(agent_.calls(), SizeIs(1));
    agent_.calls()[0]->media()->Start(listening_.Callbacks());
    executor_.RunUntilIdle();
  }
  MediaStream& media() { return *agent_.calls()[0]->media(); }

  ManualExecutor executor_;
  FakeCallAgent agent_;
  MediaListening listening_;
  std::unique_ptr<AudioSocketAcceptor> acceptor_;
  std::unique_ptr<FakeAsterisk> asterisk_;
};

// ---- how a call begins

TEST_F(AudioSocketTest, ARegisteredUuidBecomesACallOnceWithItsParameters) {
  Make({});
  ASSERT_THAT(acceptor_->Register("3F2A0B1C4D5E6F708192A3B4C5D6E7F8",
                                  {{"from", "+15550100"}, {"tenant", "acme"}}),
              IsOk());
  Connect();
  const CallInfo& info = agent_.calls()[0]->info();
  EXPECT_EQ(info.id, kTestUuid);
  EXPECT_EQ(info.carrier, "asterisk");
  EXPECT_EQ(info.from, "+15550100");
  EXPECT_EQ(info.parameters.at("tenant"), "acme");
  auto again = Dial();
  again->SendUuid();
  executor_.RunUntilIdle();
  EXPECT_TRUE(again->closed);
  EXPECT_EQ(agent_.accepted(), 1);
}

TEST_F(AudioSocketTest, AnUnknownOrWithdrawnUuidIsClosed) {
  Make({});
  ASSERT_THAT(acceptor_->Register(kTestUuid, {}), IsOk());
  acceptor_->Unregister(kTestUuid);
  asterisk_->SendUuid();
  executor_.RunUntilIdle();
  EXPECT_TRUE(asterisk_->closed);
  EXPECT_EQ(agent_.accepted(), 0);
  EXPECT_THAT(acceptor_->Register("not a uuid", {}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(AudioSocketTest, APeerThatConnectsAndSaysNothingIsClosedAfterFiveSeconds) {
  executor_.RunFor(4999ms);
  EXPECT_EQ(acceptor_->pending(), 1);
  executor_.RunFor(2ms);
  EXPECT_EQ(acceptor_->pending(), 0);
  EXPECT_TRUE(asterisk_->closed);
}

TEST_F(AudioSocketTest, AFirstFrameThatIsNoUuidIsClosed) {
  asterisk_->SendAudio(std::vector<std::int16_t>(160));
  executor_.RunUntilIdle();
  EXPECT_TRUE(asterisk_->closed);
  EXPECT_EQ(agent_.accepted(), 0);
}

TEST_F(AudioSocketTest, MoreSilentConnectionsThanAllowedAreTurnedAway) {
  Make({.accept_any_uuid = true, .max_pending = 1});
  auto second = Dial();
  executor_.RunUntilIdle();
  EXPECT_TRUE(second->closed);
  EXPECT_EQ(acceptor_->pending(), 1);
}

// ---- inbound

TEST_F(AudioSocketTest, FramesOfOtherSizesAreCutTo20Ms) {
  Connect();
  for (std::size_t size : {80u, 240u, 500u}) asterisk_->SendAudio(std::vector<std::int16_t>(size));
  executor_.RunUntilIdle();
  EXPECT_THAT(listening_.frames, SizeIs(5));  // 820 samples
  EXPECT_THAT(listening_.frames, Each(160u));
}

TEST_F(AudioSocketTest, AudioOfAnotherRateEndsTheCallWithTheReason) {
  Connect();
  asterisk_->SendAudio(std::vector<std::int16_t>(320), 16'000);
  executor_.RunUntilIdle();
  EXPECT_THAT(listening_.closed,
              ElementsAre(StatusIs(absl::StatusCode::kInternal,
                                   HasSubstr("audio at 16000 Hz on a line of 8000 Hz"))));
  EXPECT_TRUE(asterisk_->closed);
}

TEST_F(AudioSocketTest, AnOddLengthEndsTheCallAndOthersGoOn) {
  Connect();
  auto other = Dial();
  other->SendUuid("00000000-0000-0000-0000-000000000001");
  executor_.RunUntilIdle();
  ASSERT_THAT(agent_.calls(), SizeIs(2));
  asterisk_->Send(std::string_view("\x10\x00\x03\x01\x02\x03", 6));
  executor_.RunUntilIdle();
  EXPECT_THAT(listening_.closed, ElementsAre(StatusIs(absl::StatusCode::kInternal)));
  EXPECT_FALSE(other->closed);
}

TEST_F(AudioSocketTest, ASecondUuidEndsTheCall) {
  Connect();
  asterisk_->SendUuid();
  executor_.RunUntilIdle();
  EXPECT_THAT(listening_.closed, ElementsAre(StatusIs(absl::StatusCode::kInternal)));
}

TEST_F(AudioSocketTest, AFloodIsCutToTheClockPlusTheLead_V11) {
  Connect();
  for (int i = 0; i < 1'000; ++i) asterisk_->SendAudio(std::vector<std::int16_t>(160));
  executor_.RunUntilIdle();
  EXPECT_EQ(listening_.frames.size(), 250u);  // 5 s
}

TEST_F(AudioSocketTest, HangUpFrameClosedSocketAndErrorOneAreAllAProperEnd) {
  for (int way = 0; way < 3; ++way) {
    agent_.calls().clear();
    listening_ = {};
    asterisk_ = Dial();
    Connect();
    if (way == 0) asterisk_->SendHangUp();
    if (way == 1) asterisk_->Close();
    if (way == 2) asterisk_->Send(std::string_view("\xff\x00\x01\x01", 4));
    executor_.RunUntilIdle();
    EXPECT_THAT(listening_.closed, ElementsAre(IsOk())) << way;
  }
}

TEST_F(AudioSocketTest, OtherErrorsAndALostConnectionEndTheCallAsUnavailable) {
  Connect();
  asterisk_->Send(std::string_view("\xff\x00\x01\x04", 4));
  executor_.RunUntilIdle();
  EXPECT_THAT(listening_.closed,
              ElementsAre(StatusIs(absl::StatusCode::kUnavailable, HasSubstr("code 4"))));
  agent_.calls().clear();
  listening_ = {};
  asterisk_ = Dial();
  Connect();
  asterisk_->Drop();
  executor_.RunUntilIdle();
  EXPECT_THAT(listening_.closed, ElementsAre(StatusIs(absl::StatusCode::kUnavailable)));
}

// ---- outbound

TEST_F(AudioSocketTest, SendsAFrameEvery20MsOnAScheduleThatDoesNotDrift) {
  Connect();
  executor_.RunFor(10s);  // idle before
  const TimePoint start = executor_.Now();
  ASSERT_THAT(media().Play(Buzz(1s)), IsOk());
  media().FlushPlay();
  executor_.RunFor(2s);
  ASSERT_THAT(asterisk_->frame_times, SizeIs(50));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(asterisk_->frame_times[static_cast<std::size_t>(i)], start + i * 20ms);
  }
  EXPECT_THAT(asterisk_->frame_sizes, Each(160u));
  EXPECT_EQ(asterisk_->heard, Buzz(1s).samples);
}

TEST_F(AudioSocketTest, ALastPieceIsFilledWithSilence) {
  Connect();
  ASSERT_THAT(media().Play(Buzz(30ms)), IsOk());
  media().FlushPlay();
  executor_.RunFor(1s);
  std::vector<std::int16_t> expected = Buzz(30ms).samples;
  expected.resize(320);
  EXPECT_EQ(asterisk_->heard, expected);
  EXPECT_EQ(media().sent(), 30ms);
  EXPECT_EQ(listening_.playout.back(), (PlayoutPosition{30ms, false}));
}

TEST_F(AudioSocketTest, PiecesThatAreNoWholeFramesAreJoined) {
  Connect();
  const PcmBuffer all = Buzz(300ms);
  std::span<const std::int16_t> rest = all.samples;
  while (!rest.empty()) {
    const std::size_t take = std::min<std::size_t>(rest.size(), 37);
    ASSERT_THAT(media().Play({rest.first(take), 8000}), IsOk());
    rest = rest.subspan(take);
  }
  media().FlushPlay();
  executor_.RunFor(1s);
  EXPECT_EQ(asterisk_->heard, all.samples);
}

TEST_F(AudioSocketTest, PlayoutIsReportedAboutEvery100MsAsModelled) {
  Connect();
  ASSERT_THAT(media().Play(Buzz(350ms)), IsOk());
  media().FlushPlay();
  executor_.RunFor(1s);
  EXPECT_THAT(listening_.playout,
              ElementsAre(PlayoutPosition{100ms, false}, PlayoutPosition{200ms, false},
                          PlayoutPosition{300ms, false}, PlayoutPosition{350ms, false}));
}

TEST_F(AudioSocketTest, AfterClearNoFrameFollows) {
  Connect();
  ASSERT_THAT(media().Play(Buzz(5s)), IsOk());
  executor_.RunFor(195ms);
  EXPECT_THAT(asterisk_->frame_times, SizeIs(10));
  media().Clear();
  EXPECT_EQ(media().sent(), 200ms);  // the frame on its way is heard to its end
  executor_.RunFor(1s);
  EXPECT_THAT(asterisk_->frame_times, SizeIs(10));
}

TEST_F(AudioSocketTest, ANextUtteranceSoonAfterClearDoesNotBurst) {
  Connect();
  ASSERT_THAT(media().Play(Buzz(5s)), IsOk());
  executor_.RunFor(195ms);
  media().Clear();
  ASSERT_THAT(media().Play(Buzz(1s)), IsOk());
  executor_.RunFor(1ms);
  EXPECT_THAT(asterisk_->frame_times, SizeIs(10));
  executor_.RunFor(4ms);
  EXPECT_THAT(asterisk_->frame_times, SizeIs(11));
}

TEST_F(AudioSocketTest, KeysCannotBeSent) {
  Connect();
  EXPECT_THAT(media().SendDtmf("1"), StatusIs(absl::StatusCode::kUnimplemented));
}

TEST(AudioSocketOptionsTest, ValidateNamesTheFieldAndItsRange) {
  EXPECT_THAT(AudioSocketOptions{.sample_rate_hz = 44'100}.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("sample_rate_hz is 44100")));
  EXPECT_THAT(AudioSocketOptions{.rate_of_type_11_hz = 8'000}.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("12000 or 16000")));
  EXPECT_THAT(AudioSocketOptions().Validate(), IsOk());
}

}  // namespace
}  // namespace dragoman
