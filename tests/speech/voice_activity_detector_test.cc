#include "dragoman/speech/voice_activity_detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "dragoman/audio/g711.h"
#include "dragoman/core/random.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

constexpr size_t kFrame = 160;
using Samples = std::vector<std::int16_t>;

double Uniform(Random& random) {
  return static_cast<double>(random.Next() >> 11) / 9007199254740992.0 - 0.5;
}

Samples Noise(size_t frames, double amplitude, std::uint64_t seed) {
  SeededRandom random(seed);
  Samples samples;
  for (size_t i = 0; i < frames * kFrame; ++i) {
    samples.push_back(static_cast<std::int16_t>(2 * amplitude * Uniform(random)));
  }
  return samples;
}

Samples Tone(size_t frames, double hz, double amplitude, int rate = 8000) {
  Samples samples;
  for (size_t i = 0; i < frames * static_cast<size_t>(rate) / 50; ++i) {
    samples.push_back(static_cast<std::int16_t>(
        amplitude * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / rate)));
  }
  return samples;
}

// A voice of the textbook: glottal pulses whose pitch falls from 130 to 100 Hz through three
// formants that glide from "ah" to "ee" four times a second.
Samples Voice(size_t frames, double amplitude, int rate = 8000) {
  Samples samples;
  double phase = 0;
  struct Formant {
    double low_hz, high_hz, width_hz, y1 = 0, y2 = 0;
  } formants[] = {{280, 730, 80}, {1100, 2250, 110}, {2450, 2900, 160}};
  const size_t count = frames * static_cast<size_t>(rate) / 50;
  for (size_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / rate;
    phase += (130 - 30 * static_cast<double>(i) / static_cast<double>(count)) / rate;
    double excitation = 0;
    if (phase >= 1) {
      phase -= 1;
      excitation = 1;
    }
    const double syllable = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * 4 * t);
    double sum = 0;
    for (Formant& f : formants) {
      const double hz =
          f.low_hz + (f.high_hz - f.low_hz) * (0.5 + 0.5 * std::sin(2 * std::numbers::pi * 2 * t));
      const double r = std::exp(-std::numbers::pi * f.width_hz / rate);
      const double y =
          excitation + 2 * r * std::cos(2 * std::numbers::pi * hz / rate) * f.y1 - r * r * f.y2;
      f.y2 = f.y1;
      f.y1 = y;
      sum += y;
    }
    samples.push_back(static_cast<std::int16_t>(
        std::clamp(amplitude * (0.2 + 0.8 * syllable) * sum / 4, -32000.0, 32000.0)));
  }
  return samples;
}

Samples OverTheLine(const Samples& samples) {
  std::vector<std::uint8_t> codes(samples.size());
  EncodeMulaw(samples, codes);
  Samples heard(samples.size());
  DecodeMulaw(codes, heard);
  return heard;
}

std::unique_ptr<VoiceActivityDetector> Make(int rate = 8000) {
  return *MakeVoiceActivityDetector({.sample_rate_hz = rate});
}

std::vector<int> Score(VoiceActivityDetector& detector, const Samples& samples, int rate = 8000) {
  std::vector<int> scores;
  const size_t frame = static_cast<size_t>(rate) / 50;
  for (size_t at = 0; at + frame <= samples.size(); at += frame) {
    scores.push_back(detector.Process({std::span(samples).subspan(at, frame), rate}));
  }
  return scores;
}

double Share(const std::vector<int>& scores, int threshold) {
  double above = 0;
  for (int score : scores) above += score >= threshold;
  return above / static_cast<double>(scores.size());
}

TEST(VoiceActivityDetectorTest, SilenceIsNoSpeech) {
  auto detector = Make();
  EXPECT_THAT(Score(*detector, Samples(500 * kFrame)), testing::Each(testing::Lt(500)));
}

TEST(VoiceActivityDetectorTest, SteadyNoiseIsNoSpeechAtAnyLevel) {
  for (double amplitude : {20.0, 300.0, 3000.0, 20000.0}) {
    auto detector = Make();
    EXPECT_LT(Share(Score(*detector, OverTheLine(Noise(500, amplitude, 3))), 500), 0.02)
        << amplitude;
  }
}

TEST(VoiceActivityDetectorTest, ASteadyToneIsNoSpeech) {
  for (double hz : {425.0, 1000.0, 2100.0}) {
    auto detector = Make();
    auto scores = Score(*detector, OverTheLine(Tone(250, hz, 6000)));
    EXPECT_LT(Share({scores.begin() + 50, scores.end()}, 500), 0.05) << hz;
  }
}

TEST(VoiceActivityDetectorTest, AVoiceIsSpeechFromLoudToSoft) {
  for (double amplitude : {16000.0, 4000.0, 1000.0}) {
    auto detector = Make();
    Score(*detector, OverTheLine(Noise(100, 30, 5)));
    EXPECT_GT(Share(Score(*detector, OverTheLine(Voice(100, amplitude))), 500), 0.9) << amplitude;
  }
}

TEST(VoiceActivityDetectorTest, AVoiceInNoiseIsFoundAndItsEndToo) {
  auto detector = Make();
  Samples line = Noise(500, 400, 7);
  const Samples voice = Voice(100, 8000);
  for (size_t i = 0; i < voice.size(); ++i) {
    line[200 * kFrame + i] = static_cast<std::int16_t>(line[200 * kFrame + i] + voice[i]);
  }
  const auto scores = Score(*detector, OverTheLine(line));
  EXPECT_LT(Share({scores.begin() + 25, scores.begin() + 200}, 500), 0.05);
  EXPECT_GT(Share({scores.begin() + 200, scores.begin() + 300}, 500), 0.9);
  EXPECT_LT(Share({scores.begin() + 325, scores.end()}, 500), 0.05);
}

TEST(VoiceActivityDetectorTest, TheSameFramesGiveTheSameResultOnEveryRun) {
  Samples line = Voice(100, 5000);
  const Samples noise = Noise(200, 900, 11);
  line.insert(line.end(), noise.begin(), noise.end());
  auto first = Make();
  auto second = Make();
  const auto scores = Score(*first, line);
  EXPECT_EQ(Score(*second, line), scores);
  first->Reset();
  EXPECT_EQ(Score(*first, line), scores);
}

TEST(VoiceActivityDetectorTest, WideBandAudioIsJudgedAsThePhoneWouldHearIt) {
  auto narrow = Make();
  auto wide = Make(16000);
  Score(*narrow, Noise(50, 10, 5));
  Score(*wide, Noise(100, 10, 5), 16000);
  EXPECT_GT(Share(Score(*narrow, Voice(100, 6000)), 500), 0.9);
  EXPECT_GT(Share(Score(*wide, Voice(100, 6000, 16000), 16000), 500), 0.9);
  wide->Reset();
  EXPECT_LT(Share(Score(*wide, Noise(1000, 3000, 5), 16000), 500), 0.05);
}

TEST(VoiceActivityDetectorTest, ResultsArePerMilleForTheWorstInput) {
  auto detector = Make();
  Samples square(100 * kFrame);
  for (size_t i = 0; i < square.size(); ++i) square[i] = i / 3 % 2 ? 32767 : -32768;
  Samples spikes(100 * kFrame);
  for (size_t i = 0; i < spikes.size(); i += 997) spikes[i] = -32768;
  for (const Samples& samples : {square, spikes, Noise(100, 32767, 1), Samples(kFrame, -32768)}) {
    EXPECT_THAT(Score(*detector, samples),
                testing::Each(testing::AllOf(testing::Ge(0), testing::Le(1000))));
  }
}

TEST(VoiceActivityDetectorTest, OtherRatesAreRefused) {
  const auto detector = MakeVoiceActivityDetector({.sample_rate_hz = 44100});
  EXPECT_EQ(detector.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(MessageOf(detector.status())), testing::HasSubstr("44100"));
}

}  // namespace
}  // namespace dragoman
