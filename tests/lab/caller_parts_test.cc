#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "dragoman/testing/manual_executor.h"
#include "src/lab/caller_playout.h"
#include "src/lab/caller_voice.h"
#include "src/lab/sounds.h"
#include "src/lab/uplink.h"

namespace dragoman::lab {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::IsEmpty;

std::vector<std::int16_t> Loud(int samples) {
  return std::vector<std::int16_t>(static_cast<std::size_t>(samples), 1000);
}

TEST(CallerPlayoutTest, MarksComeBackWhenTheirAudioHasBeenPlayed) {
  CallerPlayout playout;
  std::array<std::int16_t, 160> frame;
  playout.Append(Loud(240));
  EXPECT_THAT(playout.AddMark("a"), IsEmpty());
  playout.Append(Loud(80));
  EXPECT_THAT(playout.AddMark("b"), IsEmpty());
  EXPECT_THAT(playout.Play(frame), IsEmpty());
  EXPECT_THAT(playout.Play(frame), ElementsAre("a", "b"));
  EXPECT_THAT(playout.AddMark("c"), ElementsAre("c"));  // nothing waits
  EXPECT_EQ(playout.played(), milliseconds(40));
}

TEST(CallerPlayoutTest, ClearReturnsEveryMarkAndSilencesTheRest) {
  CallerPlayout playout;
  std::array<std::int16_t, 160> frame;
  playout.Append(Loud(800));
  playout.AddMark("a");
  playout.Append(Loud(800));
  playout.AddMark("b");
  playout.Play(frame);
  EXPECT_THAT(playout.Clear(), ElementsAre("a", "b"));
  EXPECT_EQ(playout.cleared(), milliseconds(180));
  playout.Play(frame);
  EXPECT_THAT(frame, ::testing::Each(0));
  EXPECT_EQ(playout.played(), milliseconds(20));
}

TEST(CallerPlayoutTest, AHoleInSpeechIsAnUnderrunAndAPauseIsNot) {
  CallerPlayout playout;
  std::array<std::int16_t, 160> frame;
  playout.Append(Loud(160));
  playout.Play(frame);
  playout.Play(frame);  // 20 ms of nothing
  playout.Append(Loud(160));
  EXPECT_EQ(playout.underruns(), 1);
  playout.Play(frame);
  for (int i = 0; i < 12; ++i) playout.Play(frame);  // 240 ms: the next sentence
  playout.Append(Loud(160));
  EXPECT_EQ(playout.underruns(), 1);
}

TEST(SoundsTest, NoiseLiesAsFarBelowSpeechAsItsRatioSays) {
  for (NoiseKind kind :
       {NoiseKind::kWhite, NoiseKind::kHum, NoiseKind::kStreet, NoiseKind::kBabble}) {
    std::vector<std::int16_t> audio(kRate * 4, 0);
    NoiseSource noise(kind, RmsBelow(kSpeechRms, 15), 3);
    noise.Mix(audio);
    // 2900 / 10^(15/20) is 515.7; the shape of a noise may move it by 3 dB.
    EXPECT_THAT(Rms(audio), ::testing::AllOf(::testing::Ge(365), ::testing::Le(728))) << Name(kind);
  }
}

TEST(SoundsTest, TheSameSeedGivesTheSameNoiseAndAnotherSeedAnother) {
  auto make = [](std::uint64_t seed) {
    std::vector<std::int16_t> audio(2000, 0);
    NoiseSource(NoiseKind::kStreet, 500, seed).Mix(audio);
    return audio;
  };
  EXPECT_EQ(make(1), make(1));
  EXPECT_NE(make(1), make(2));
}

TEST(SoundsTest, CoughsAndKeysLeaveSilenceBetween) {
  for (NoiseKind kind : {NoiseKind::kCough, NoiseKind::kKeyboard}) {
    std::vector<std::int16_t> audio(kRate * 2, 0);
    NoiseSource(kind, kSpeechRms, 1).Mix(audio);
    int quiet = 0, loud = 0;
    for (std::size_t at = 0; at < audio.size(); at += 160) {
      const int level = Rms(std::span(audio).subspan(at, 160));
      quiet += level < kAudibleRms;
      loud += level > 1000;
    }
    EXPECT_GT(quiet, 20) << Name(kind);
    EXPECT_GT(loud, 5) << Name(kind);
  }
}

TEST(SoundsTest, TheBuzzOfATextTellsWhereItsWordsLie) {
  std::vector<TimedWord> words;
  auto audio = Buzz("hi there", 120, 1000, words);
  // Two letters of 65 ms, 50 ms between words, five letters.
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0].text, "hi");
  EXPECT_EQ(words[0].begin, 0);
  EXPECT_EQ(words[0].end, 1040);
  EXPECT_EQ(words[1].begin, 1440);
  EXPECT_EQ(words[1].end, 4040);
  EXPECT_GT(Rms(std::span(audio).subspan(1440, 2600)), 1000);
  EXPECT_EQ(Rms(std::span(audio).subspan(1040, 400)), 0);
}

TEST(SoundsTest, AKeySoundsWithItsTwoTones) {
  auto energy = [](const std::vector<std::int16_t>& tone, int hz) {  // Goertzel
    double coefficient = 2 * std::cos(2 * 3.14159265358979 * hz / kRate), s1 = 0, s2 = 0;
    for (std::size_t i = 0; i < 800; ++i) {
      double s = tone[i] + coefficient * s1 - s2;
      s2 = s1;
      s1 = s;
    }
    return s1 * s1 + s2 * s2 - coefficient * s1 * s2;
  };
  auto five = KeyTone('5');  // 770 and 1336 Hz
  ASSERT_EQ(five.size(), 1600u);
  EXPECT_GT(energy(five, 770), 50 * energy(five, 697));
  EXPECT_GT(energy(five, 1336), 50 * energy(five, 1209));
  EXPECT_TRUE(KeyTone('x').empty());
}

TEST(RenderSpeechTest, PausesAndRepeatsKeepTheTimesOfWords) {
  BuzzVoice voice(110, 1000);
  Step step;
  step.action = ActionKind::kSay;
  step.say = *ParseSpeech("hi <pause 1 s> there");
  auto clip = RenderSpeech(step, voice);
  ASSERT_TRUE(clip.ok());
  ASSERT_EQ(clip->words.size(), 2u);
  EXPECT_EQ(clip->words[1].begin, 1040 + 400 + 8000);
  step.repeat_for = milliseconds(5000);
  auto longer = RenderSpeech(step, voice);
  EXPECT_GE(longer->samples.size(), 40'000u);
  EXPECT_EQ(longer->words.size(), 6u);  // 1.71 s and 0.2 s each: three times fills 5 s
}

class UplinkTest : public ::testing::Test {
 protected:
  // Sends 200 frames, one each 20 ms; returns their numbers as they arrive, with times.
  std::vector<std::uint64_t> Send(const LineProfile& profile) {
    ManualExecutor executor;
    std::vector<std::uint64_t> arrived;
    times_.clear();
    Uplink uplink(profile, 7, executor,
                  [&](std::span<const std::int16_t> samples, std::uint64_t index) {
                    EXPECT_EQ(samples.size(), 160u);
                    arrived.push_back(index);
                    times_.push_back(executor.Now());
                  });
    uplink.Start(executor.Now());
    for (std::uint64_t i = 0; i < 200; ++i) {
      uplink.Push(Loud(160), i);
      executor.RunFor(milliseconds(20));
    }
    executor.RunFor(milliseconds(3000));
    lost_ = uplink.lost();
    return arrived;
  }
  std::vector<TimePoint> times_;
  int lost_ = 0;
};

TEST_F(UplinkTest, AGoodLineDeliversEachFrameInItsTime) {
  auto arrived = Send({});
  ASSERT_EQ(arrived.size(), 200u);
  for (std::uint64_t i = 0; i < 200; ++i) {
    EXPECT_EQ(arrived[i], i);
    EXPECT_EQ(times_[i], TimePoint(milliseconds(20 * static_cast<int>(i))));
  }
}

TEST_F(UplinkTest, LossLeavesGapsAndDuplicatesRepeat) {
  LineProfile profile;
  profile.loss_per_mille = 100;
  auto arrived = Send(profile);
  EXPECT_EQ(arrived.size() + static_cast<std::size_t>(lost_), 200u);
  EXPECT_THAT(lost_, ::testing::AllOf(Gt(8), ::testing::Lt(35)));
  profile = {};
  profile.duplicate_per_mille = 100;
  EXPECT_GT(Send(profile).size(), 205u);
}

TEST_F(UplinkTest, ReorderedFramesAreSwappedWithTheNextOne) {
  LineProfile profile;
  profile.reorder_per_mille = 100;
  auto arrived = Send(profile);
  int swaps = 0;
  for (std::size_t i = 1; i < arrived.size(); ++i) swaps += arrived[i] + 1 == arrived[i - 1];
  EXPECT_GT(swaps, 5);
  std::sort(arrived.begin(), arrived.end());
  EXPECT_EQ(std::unique(arrived.begin(), arrived.end()), arrived.end());
}

TEST_F(UplinkTest, AStallHoldsEverythingAndThenLetsItGoAtOnce) {
  LineProfile profile;
  profile.stalls.push_back({milliseconds(1000), milliseconds(500)});
  auto arrived = Send(profile);
  ASSERT_EQ(arrived.size(), 200u);
  EXPECT_EQ(times_[49], TimePoint(milliseconds(980)));
  EXPECT_EQ(times_[50], TimePoint(milliseconds(1500)));
  EXPECT_EQ(times_[74], TimePoint(milliseconds(1500)));
  EXPECT_EQ(times_[76], TimePoint(milliseconds(1520)));
}

}  // namespace
}  // namespace dragoman::lab
