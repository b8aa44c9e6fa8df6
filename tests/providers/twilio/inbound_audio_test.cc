#include "src/providers/twilio/inbound_audio.h"

#include <gmock/gmock.h>

#include <vector>

#include "dragoman/audio/g711.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;

// Mu-law of a constant level; 0x80 is +32124.
std::vector<std::uint8_t> Mulaw(std::size_t samples, std::uint8_t code = 0x80) {
  return std::vector<std::uint8_t>(samples, code);
}

class InboundAudioTest : public ::testing::Test {
 protected:
  // Returns the sizes of the frames that came out; appends their samples to `heard_`.
  std::vector<std::size_t> Push(std::uint64_t timestamp_ms, std::vector<std::uint8_t> piece) {
    std::vector<std::size_t> sizes;
    audio_.Push(TimePoint(now_), timestamp_ms, piece);
    for (auto frame = audio_.NextFrame(); !frame.empty(); frame = audio_.NextFrame()) {
      sizes.push_back(frame.size());
      heard_.insert(heard_.end(), frame.begin(), frame.end());
    }
    return sizes;
  }

  std::chrono::microseconds now_ = 1h;
  InboundAudio audio_{{.max_gap = 500ms, .max_lead = 5s}};
  std::vector<std::int16_t> heard_;
};

TEST_F(InboundAudioTest, PiecesOf20MsComeOutAsTheyWentIn) {
  EXPECT_THAT(Push(0, Mulaw(160)), ElementsAre(160));
  EXPECT_THAT(Push(20, Mulaw(160, kMulawSilence)), ElementsAre(160));
  ASSERT_EQ(heard_.size(), 320u);
  EXPECT_EQ(heard_[0], 32124);
  EXPECT_EQ(heard_[319], 0);
}

TEST_F(InboundAudioTest, OtherSizesAreCutTo20Ms) {
  EXPECT_THAT(Push(0, Mulaw(80)), ElementsAre());
  EXPECT_THAT(Push(10, Mulaw(240)), ElementsAre(160, 160));
  EXPECT_THAT(Push(40, Mulaw(500)), ElementsAre(160, 160, 160));
  EXPECT_EQ(audio_.Rest().size(), 20u);
  EXPECT_THAT(heard_, Each(32124));
}

TEST_F(InboundAudioTest, AGapIsConcealedByTheFadingLastFrameAndThenSilence) {
  Push(0, Mulaw(160));
  EXPECT_THAT(Push(120, Mulaw(160)), ElementsAre(160, 160, 160, 160, 160, 160));
  // Samples 160 to 959 are made up: 20 ms to 120 ms. The fade takes 480 samples.
  EXPECT_EQ(heard_[160], 32124);
  EXPECT_EQ(heard_[160 + 240], 32124 / 2);
  EXPECT_EQ(heard_[160 + 480], 0);
  EXPECT_EQ(heard_[959], 0);
  EXPECT_EQ(heard_[960], 32124);
  EXPECT_EQ(audio_.counters().concealed_samples, 800);
}

TEST_F(InboundAudioTest, AHoleLongerThanTheLimitIsClosedUp) {
  Push(0, Mulaw(160));
  EXPECT_EQ(Push(10'020, Mulaw(160)).size(), 26u);  // 500 ms of filling, and the piece
  EXPECT_EQ(audio_.counters().concealed_samples, 4'000);
  EXPECT_EQ(audio_.counters().skipped_samples, 76'000);
  EXPECT_EQ(Push(10'040, Mulaw(160)).size(), 1u);
}

TEST_F(InboundAudioTest, RepeatedAndLatePiecesAreDropped) {
  Push(0, Mulaw(160));
  Push(20, Mulaw(160));
  EXPECT_THAT(Push(20, Mulaw(160)), ElementsAre());
  EXPECT_THAT(Push(0, Mulaw(160)), ElementsAre());
  EXPECT_THAT(Push(40, Mulaw(160)), ElementsAre(160));
  EXPECT_EQ(audio_.counters().late_pieces, 2);
}

TEST_F(InboundAudioTest, OfAPieceThatOverlapsOnlyTheNewPartIsHeard) {
  Push(0, Mulaw(320));
  std::vector<std::uint8_t> piece = Mulaw(320, 0x00);
  std::fill_n(piece.begin() + 160, 160, kMulawSilence);
  EXPECT_THAT(Push(20, piece), ElementsAre(160));
  EXPECT_EQ(heard_.back(), 0);
  EXPECT_EQ(heard_.size(), 480u);
}

TEST_F(InboundAudioTest, TimestampsThatAreRoundedDoNotTearTheAudio) {
  // 15 ms pieces whose timestamps a carrier rounded to multiples of 10.
  const std::uint64_t rounded[] = {0, 10, 30, 40, 60, 70, 90, 100};
  for (std::uint64_t timestamp : rounded) Push(timestamp, Mulaw(120));
  EXPECT_EQ(heard_.size(), 960u);
  EXPECT_EQ(audio_.counters().concealed_samples, 0);
  EXPECT_EQ(audio_.counters().late_pieces, 0);
}

TEST_F(InboundAudioTest, AClockSetBackIsFollowedAfterASecondOfLatePieces) {
  now_ += 100s;
  Push(60'000, Mulaw(160));
  int frames = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    now_ += 20ms;
    frames += static_cast<int>(Push(i * 20, Mulaw(160)).size());
  }
  EXPECT_EQ(frames, 10);  // 50 late ones, then followed
}

TEST_F(InboundAudioTest, AFloodIsCutToTheClockPlusTheLead) {
  std::size_t frames = 0;
  for (std::uint64_t i = 0; i < 1'000; ++i) frames += Push(i * 20, Mulaw(160)).size();
  EXPECT_EQ(frames, 250u);  // 5 s at the same instant
  now_ += 1s;
  frames = 0;
  for (std::uint64_t i = 1'000; i < 2'000; ++i) frames += Push(i * 20, Mulaw(160)).size();
  EXPECT_EQ(frames, 50u + 25u);  // one more second, and 500 ms made up for what was dropped
  EXPECT_EQ(audio_.counters().flood_pieces, 750 + 950);
}

TEST_F(InboundAudioTest, AnEnormousTimestampCostsNoMoreThanTheLimit) {
  Push(0, Mulaw(160));
  EXPECT_EQ(Push(999'999'999'999'999'999, Mulaw(160)).size(), 26u);
  EXPECT_THAT(Push(20, Mulaw(160)), ElementsAre());
}

}  // namespace
}  // namespace dragoman
