#include <gmock/gmock.h>
#include <gtest/gtest.h>

extern "C" {
#include <sphinxbase/cmd_ln.h>
#include <sphinxbase/fe.h>
}

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

#include "dragoman/audio/resampler.h"
#include "dragoman/testing/matchers.h"
#include "src/providers/pocketsphinx/feature_repair.h"
#include "src/providers/pocketsphinx/log_mel.h"
#include "src/providers/pocketsphinx/phone_band.h"
#include "src/providers/pocketsphinx/speech_activity.h"
#include "src/providers/pocketsphinx/speech_mixture.h"

namespace dragoman::pocketsphinx {
namespace {

using Samples = std::vector<std::int16_t>;

Samples Recording() {
  std::ifstream file("/usr/share/pocketsphinx/test/data/goforward.raw", std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  Samples samples(bytes.size() / 2);
  std::memcpy(samples.data(), bytes.data(), samples.size() * 2);
  return samples;
}

std::vector<Bands> FramesOf(const Samples& samples, int rate, UpperBands upper) {
  LogMel front_end(rate, upper);
  std::vector<Bands> frames;
  for (std::size_t at = 0; at + front_end.frame_samples() <= samples.size();
       at += front_end.step_samples()) {
    frames.push_back(front_end.Frame(std::span(samples).subspan(at, front_end.frame_samples())));
  }
  return frames;
}

// The library's front end with the options of the model's feat.params.
std::vector<std::vector<float>> LibraryCepstra(Samples samples) {
  static const arg_t kOptions[] = {waveform_to_cepstral_command_line_macro(),
                                   {nullptr, 0, nullptr, nullptr}};
  cmd_ln_t* config = cmd_ln_init(nullptr, kOptions, TRUE, "-lowerf", "130", "-upperf", "6800",
                                 "-nfilt", "25", "-transform", "dct", "-lifter", "22",
                                 "-remove_noise", "no", "-remove_silence", "no", nullptr);
  fe_t* front_end = fe_init_auto_r(config);
  fe_start_stream(front_end);
  fe_start_utt(front_end);
  mfcc_t** rows = nullptr;
  int32 count = 0;
  fe_process_utt(front_end, samples.data(), samples.size(), &rows, &count);
  std::vector<std::vector<float>> cepstra;
  for (int i = 0; i < count; ++i) cepstra.emplace_back(rows[i], rows[i] + kCepstra);
  fe_free_2d(rows);
  fe_free(front_end);
  cmd_ln_free_r(config);
  return cepstra;
}

TEST(LogMelTest, AtSixteenKilohertzTheCepstraAreThoseOfTheLibrary) {
  const Samples samples = Recording();
  ASSERT_GT(samples.size(), 16000u) << "pocketsphinx-testdata is not installed";
  const auto expected = LibraryCepstra(samples);
  const auto frames = FramesOf(samples, 16000, UpperBands::kUnknown);
  const CepstralTransform transform;
  ASSERT_LE(frames.size(), expected.size());
  double difference = 0;
  double size = 0;
  int compared = 0;
  for (std::size_t i = 1; i < frames.size(); ++i) {  // the first: pre-emphasis has no past there
    if (*std::min_element(frames[i].begin(), frames[i].end()) < 7) continue;  // near our floor
    ++compared;
    const Cepstrum cepstrum = transform.Forward(frames[i]);
    for (std::size_t j = 0; j < kCepstra; ++j) {
      difference += std::abs(cepstrum[j] - expected[i][j]);
      size += std::abs(expected[i][j]);
    }
  }
  EXPECT_GT(compared, 50);
  // Pre-emphasis by the spectrum differs at the edges of a frame, most where a sound sets in.
  EXPECT_LT(difference, 0.08 * size);
}

TEST(LogMelTest, AtEightKilohertzTheKnownBandsAreThoseOfSixteen) {
  const Samples wide = Recording();
  auto resampler = Resampler::Create(16000, 8000);
  ASSERT_THAT(resampler, IsOk());
  Samples narrow(resampler->MaxOutput(wide.size()));
  narrow.resize(resampler->Process(wide, narrow));
  narrow.erase(narrow.begin(), narrow.begin() + 16);  // the resampler's delay, 2 ms
  const auto expected = FramesOf(wide, 16000, UpperBands::kUnknown);
  const auto frames = FramesOf(narrow, 8000, UpperBands::kUnknown);
  const int bands = LogMel(8000, UpperBands::kUnknown).bands();
  EXPECT_EQ(bands, 19);  // the 19th ends at 3.8 kHz, the 20th beyond 4
  double difference = 0;
  int count = 0;
  for (std::size_t i = 10; i + 2 < frames.size(); ++i) {
    for (int band = 0; band + 1 < bands; ++band) {
      const auto at = static_cast<std::size_t>(band);
      if (expected[i][at] < 9) continue;
      difference += std::abs(frames[i][at] - expected[i][at]);
      ++count;
    }
  }
  ASSERT_GT(count, 1000);
  EXPECT_LT(difference / count, 0.15);  // 0.65 dB
}

TEST(LogMelTest, ATonesMirrorImageStandsAboveFourKilohertz) {
  Samples tone(400);
  for (std::size_t i = 0; i < tone.size(); ++i) {
    tone[i] = static_cast<std::int16_t>(
        8000 * std::sin(2 * std::numbers::pi * 3000 * static_cast<double>(i) / 8000));
  }
  const Bands silent = FramesOf(tone, 8000, UpperBands::kSilence)[0];
  const Bands mirror = FramesOf(tone, 8000, UpperBands::kMirror)[0];
  // 3 kHz mirrors to 5 kHz, which band 21 or 22 of 25 holds (mel of 130 to 6800 Hz).
  float strongest = 0;
  for (std::size_t band = 19; band < kBands; ++band) {
    EXPECT_LT(silent[band], mirror[band] + 1e-3f);
    strongest = std::max(strongest, mirror[band] - silent[band]);
  }
  EXPECT_GT(strongest, 5);
  for (std::size_t band = 0; band < 16; ++band) EXPECT_NEAR(silent[band], mirror[band], 1e-3);
}

TEST(CepstralTransformTest, BackwardUndoesForwardForSmoothSpectra) {
  const CepstralTransform transform;
  const Cepstrum cepstrum = {40, -5, 3, 1, 0, 2, -1, 0.5, 0, 0, 1, 0, -0.5};
  const Cepstrum again = transform.Forward(transform.Backward(cepstrum));
  for (std::size_t i = 0; i < kCepstra; ++i) EXPECT_NEAR(again[i], cepstrum[i], 1e-3);
}

std::vector<Density> InstalledDensities() {
  auto files = CheckModelFiles("/usr/share/pocketsphinx/model/en-us");
  auto densities = ReadDensities(*files);
  return *std::move(densities);
}

TEST(PhoneBandTest, ASmoothSpectrumIsMappedToItsLowerBands) {
  const PhoneBandMap map = MapToPhoneBand(InstalledDensities());
  const CepstralTransform wide;
  const CepstralTransform narrow(kPhoneBands);
  const Cepstrum cepstrum = {40, -5, 3, 1, 0, 2, -1, 0.5, 0, 0, 1, 0, -0.5};
  // The cut at 3.8 kHz: the same spectrum, of which `narrow` reads the lower bands only.
  const Cepstrum expected = narrow.Forward(wide.Backward(cepstrum));
  for (std::size_t row = 0; row < kCepstra; ++row) {
    float mapped = 0;
    for (std::size_t i = 0; i < kCepstra; ++i) mapped += map.map[row][i] * cepstrum[i];
    EXPECT_NEAR(mapped, expected[row], 1e-3);
  }
}

TEST(PhoneBandTest, AFlatSpectrumKeepsItsLevelPerBandAndNothingElse) {
  const PhoneBandMap map = MapToPhoneBand(InstalledDensities());
  // c0 is the sum over the bands by the root of their number: sqrt(19 / 25) of it remains.
  EXPECT_NEAR(map.map[0][0], 0.8718, 1e-3);
  for (std::size_t row = 1; row < kCepstra; ++row) EXPECT_NEAR(map.map[row][0], 0, 1e-3);
}

TEST(PhoneBandTest, TheFinestCepstraOfTheLineAreLeftUndecided) {
  const PhoneBandMap map = MapToPhoneBand(InstalledDensities());
  for (std::size_t row = 10; row < kCepstra; ++row) {
    EXPECT_EQ(map.scale[row], 1);
    for (float value : map.map[row]) EXPECT_LT(std::abs(value), 0.25);
  }
}

TEST(PhoneBandTest, TheTextHasNoDecimalPointThatALocaleCouldMisread) {
  const std::string text = MllrText(MapToPhoneBand(InstalledDensities()));
  EXPECT_EQ(text.find_first_of(".,"), std::string::npos);
  // One class, three streams, each: its length, 13 rows, the shift, the scale.
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2 + 3 * 16);
}

SpeechMixture InstalledMixture() {
  const CepstralTransform transform;
  return BuildSpeechMixture(InstalledDensities(), transform);
}

// 0.8 s of a noise that swells, then speech.
std::vector<Bands> Swelling(float low, float high) {
  std::vector<Bands> frames(120);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    frames[i].fill(i >= 80 ? 13.0f : i % 4 < 2 ? low : high);
  }
  return frames;
}

TEST(MeasureLineTest, ANoiseThatSwellsIsKnownByItsMeanAndByHowFarItSwells) {
  const LineState line = MeasureLine(Swelling(9, 11), 80, 18);
  EXPECT_NEAR(line.noise[3], 10, 1e-3);
  EXPECT_NEAR(line.variance[3], 1, 1e-3);
  EXPECT_NEAR(line.loudness, 13, 1e-3);
  EXPECT_NEAR(MeasureLine(Swelling(8.5f, 12), 80, 18).variance[3], 2, 1e-3);
  EXPECT_NEAR(MeasureLine(Swelling(10, 10), 80, 18).variance[3], 0.3, 1e-3);
}

TEST(MeasureLineTest, OnAClearLineTheQuietestFramesAreTheNoise) {
  EXPECT_NEAR(MeasureLine(Swelling(5, 11), 80, 18).noise[3], 5, 1e-3);
}

TEST(MeasureLineTest, WithoutAStretchBeforeTheSpeechTheQuietestFramesAreTheNoise) {
  EXPECT_NEAR(MeasureLine(Swelling(9, 11), 0, 18).noise[3], 9, 1e-3);
}

TEST(FeatureRepairTest, LoudnessOfTheLineDoesNotMatter) {
  const SpeechMixture mixture = InstalledMixture();
  const CepstralTransform transform;
  const auto frames = FramesOf(Recording(), 16000, UpperBands::kUnknown);
  auto louder = frames;
  for (Bands& frame : louder) {
    for (float& band : frame) band += 2.3f;  // 10 dB
  }
  const FeatureRepair soft(mixture, transform, transform, MeasureLine(frames, 0, 18), 18);
  const FeatureRepair loud(mixture, transform, transform, MeasureLine(louder, 0, 18), 18);
  for (std::size_t i = 0; i < frames.size(); i += 7) {
    const Cepstrum a = soft.Repair(frames[i]);
    const Cepstrum b = loud.Repair(louder[i]);
    for (std::size_t j = 0; j < kCepstra; ++j) EXPECT_NEAR(a[j], b[j], 0.05);
  }
}

TEST(SpeechActivityTest, ALineOfHissIsQuietAndALoudStretchIsNot) {
  SpeechActivity activity(kBands, true);
  Bands hiss;
  hiss.fill(8.0f);
  Bands voice;
  voice.fill(13.0f);
  for (int i = 0; i < 100; ++i) activity.Take(hiss);
  EXPECT_FALSE(activity.speaking());
  for (int i = 0; i < 10; ++i) activity.Take(voice);
  EXPECT_TRUE(activity.speaking());
  for (int i = 0; i < 60; ++i) activity.Take(hiss);
  EXPECT_FALSE(activity.speaking());
  EXPECT_GE(activity.quiet_frames(), 50);
}

TEST(SpeechActivityTest, ALoudSteadyNoiseIsQuietAfterASecondAndASpeakerStandsOutOfIt) {
  SpeechActivity activity(kBands, false);
  Bands noise;
  noise.fill(15.5f);
  Bands voice;
  voice.fill(17.2f);  // 7 dB more
  for (int i = 0; i < 90; ++i) activity.Take(noise);
  EXPECT_TRUE(activity.speaking()) << "it may be somebody who began before the call was open";
  for (int i = 0; i < 30; ++i) activity.Take(noise);
  EXPECT_FALSE(activity.speaking());
  for (int i = 0; i < 10; ++i) activity.Take(voice);
  EXPECT_TRUE(activity.speaking());
  for (int i = 0; i < 10; ++i) activity.Take(noise);
  EXPECT_FALSE(activity.speaking());
}

TEST(SpeechActivityTest, ANewLinesNoiseIsNotSpeechInItsFirstSecondEither) {
  SpeechActivity activity(kBands, true);
  Bands noise;
  noise.fill(15.5f);
  for (int i = 0; i < 300; ++i) {
    activity.Take(noise);
    EXPECT_FALSE(activity.speaking()) << "frame " << i;
  }
}

TEST(SpeechActivityTest, ACrowdIsNotSpeechAndWhoeverIsNearerIs) {
  SpeechActivity activity(kBands, true);
  Bands frame;
  auto crowd = [&](int i) {  // 9 dB of swell
    frame.fill(14.0f + static_cast<float>(std::sin(i * 0.3) + 0.5 * std::sin(i * 0.23)));
    return frame;
  };
  for (int i = 0; i < 1500; ++i) {
    activity.Take(crowd(i));
    EXPECT_FALSE(activity.speaking()) << "frame " << i;
  }
  Bands voice;
  voice.fill(16.8f);
  for (int i = 0; i < 10; ++i) activity.Take(voice);
  EXPECT_TRUE(activity.speaking());
  for (int i = 0; i < 60; ++i) activity.Take(crowd(i));
  EXPECT_FALSE(activity.speaking());
  EXPECT_GE(activity.quiet_frames(), 45);
}

}  // namespace
}  // namespace dragoman::pocketsphinx
