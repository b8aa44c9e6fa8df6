#include "dragoman/audio/resampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <ostream>
#include <string>
#include <vector>

namespace dragoman {
namespace {

std::vector<std::int16_t> Sine(double hz, double amplitude, int rate, int count) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < count; ++i) {
    samples.push_back(static_cast<std::int16_t>(
        std::lround(amplitude * std::sin(2 * std::numbers::pi * hz * i / rate))));
  }
  return samples;
}

std::vector<std::int16_t> Convert(Resampler& resampler, std::span<const std::int16_t> input) {
  std::vector<std::int16_t> out(resampler.MaxOutput(input.size()));
  out.resize(resampler.Process(input, out));
  return out;
}

// Amplitude of one frequency: the projection on it under a Hann window, over `samples` without
// their first tenth, where the filter still fills.
double Amplitude(std::span<const std::int16_t> samples, double hz, int rate) {
  samples = samples.subspan(samples.size() / 10);
  const auto count = static_cast<double>(samples.size());
  double real = 0;
  double imaginary = 0;
  double weights = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    const double weight =
        1 - std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) / count);
    const double angle = 2 * std::numbers::pi * hz * static_cast<double>(i) / rate;
    real += weight * samples[i] * std::cos(angle);
    imaginary += weight * samples[i] * std::sin(angle);
    weights += weight;
  }
  return 2 * std::hypot(real, imaginary) / weights;
}

double Decibel(double ratio) { return 20 * std::log10(std::max(ratio, 1e-9)); }

struct Pair {
  int from;
  int to;
  friend std::ostream& operator<<(std::ostream& out, const Pair& pair) {
    return out << pair.from << "To" << pair.to;
  }
};
class EveryPair : public testing::TestWithParam<Pair> {
 protected:
  Resampler Make() const { return *Resampler::Create(GetParam().from, GetParam().to); }
  double half_lower() const { return std::min(GetParam().from, GetParam().to) / 2.0; }
};
constexpr double kLoud = 20000;

TEST_P(EveryPair, ThePassBandIsFlatToATenthOfADecibel) {
  for (double part : {0.03, 0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.85}) {
    const double hz = part * half_lower();
    Resampler resampler = Make();
    const auto out = Convert(resampler, Sine(hz, kLoud, GetParam().from, GetParam().from));
    EXPECT_NEAR(Decibel(Amplitude(out, hz, GetParam().to) / kLoud), 0, 0.1) << hz << " Hz";
  }
}

// Up: a tone's images stand at k * from +- tone. Down: a tone above 1.15 N must vanish, wherever
// its alias would lie. Both are measured at the place where they would be found.
TEST_P(EveryPair, ImagesAndAliasesOfTheBandAreSixtyFiveDecibelsDown) {
  const auto [from, to] = GetParam();
  for (double part : {0.05, 0.2, 0.5, 0.7, 0.85}) {
    const double hz = part * half_lower();
    if (to > from) {
      Resampler resampler = Make();
      const auto out = Convert(resampler, Sine(hz, kLoud, from, from));
      for (int k = 1; k * from - hz < to / 2.0; ++k) {
        for (double image : {k * from - hz, k * from + hz}) {
          if (image >= to / 2.0) continue;
          EXPECT_LT(Decibel(Amplitude(out, image, to) / kLoud), -65) << hz << " at " << image;
        }
      }
    } else {
      for (int k = 1; k * to - hz < from / 2.0; ++k) {
        for (double high : {k * to - hz, k * to + hz}) {
          if (high >= from / 2.0) continue;
          Resampler resampler = Make();
          const auto out = Convert(resampler, Sine(high, kLoud, from, from));
          EXPECT_LT(Decibel(Amplitude(out, hz, to) / kLoud), -65) << high << " to " << hz;
        }
      }
    }
  }
}

TEST_P(EveryPair, TheResultDoesNotDependOnHowTheInputIsCut) {
  const auto input = Sine(440, 12000, GetParam().from, 4801);
  Resampler whole = Make();
  const auto expected = Convert(whole, input);
  Resampler pieces = Make();
  std::vector<std::int16_t> joined;
  size_t at = 0;
  for (size_t step = 0; at < input.size(); ++step) {
    const size_t size = std::min(step * 37 % 211, input.size() - at);  // 0 is among the sizes
    const auto part = Convert(pieces, std::span(input).subspan(at, size));
    joined.insert(joined.end(), part.begin(), part.end());
    at += size;
  }
  EXPECT_EQ(joined, expected);
}

TEST_P(EveryPair, ASecondInIsASecondOut) {
  Resampler resampler = Make();
  const std::vector<std::int16_t> second(static_cast<size_t>(GetParam().from));
  EXPECT_EQ(Convert(resampler, second).size(), static_cast<size_t>(GetParam().to));
}

TEST_P(EveryPair, ASteadyLevelComesOutUnchangedAndFullScaleDoesNotWrap) {
  for (int level : {0, 1000, 32767, -32768}) {
    Resampler resampler = Make();
    const std::vector<std::int16_t> steady(2000, static_cast<std::int16_t>(level));
    const auto out = Convert(resampler, steady);
    const std::vector<std::int16_t> settled(
        out.begin() + static_cast<std::ptrdiff_t>(out.size() / 2), out.end());
    EXPECT_THAT(settled,
                testing::Each(testing::AllOf(testing::Ge(level - 1), testing::Le(level + 1))));
  }
}

TEST_P(EveryPair, AlternatingFullScaleSaturatesInsteadOfWrapping) {
  std::vector<std::int16_t> square;
  for (int i = 0; i < 4000; ++i) {
    square.push_back(i / 37 % 2 == 0 ? std::int16_t{32767} : std::int16_t{-32768});
  }
  Resampler resampler = Make();
  const auto out = Convert(resampler, square);
  // A wrapped sample would stand on the other side of its neighbours.
  for (size_t i = 1; i + 1 < out.size(); ++i) {
    if (out[i - 1] > 30000 && out[i + 1] > 30000) {
      ASSERT_GT(out[i], 0) << i;
    }
    if (out[i - 1] < -30000 && out[i + 1] < -30000) {
      ASSERT_LT(out[i], 0) << i;
    }
  }
}

TEST_P(EveryPair, AnImpulseArrivesAfterTheDelayThatIsPromised) {
  Resampler resampler = Make();
  std::vector<std::int16_t> input(2400);
  input[0] = 30000;
  const auto out = Convert(resampler, input);
  const auto peak = std::max_element(out.begin(), out.end()) - out.begin();
  const double promised = static_cast<double>(resampler.delay().count()) * GetParam().to / 1e6;
  EXPECT_NEAR(static_cast<double>(peak), promised, 1);
}

TEST_P(EveryPair, ResetForgetsTheSignal) {
  Resampler resampler = Make();
  Convert(resampler, Sine(300, 30000, GetParam().from, 1001));
  resampler.Reset();
  Resampler fresh = Make();
  const auto input = Sine(700, 9000, GetParam().from, 480);
  EXPECT_EQ(Convert(resampler, input), Convert(fresh, input));
}

INSTANTIATE_TEST_SUITE_P(Resampler, EveryPair,
                         testing::Values(Pair{8000, 16000}, Pair{16000, 8000}, Pair{8000, 24000},
                                         Pair{24000, 8000}, Pair{16000, 24000}, Pair{24000, 16000},
                                         Pair{8000, 48000}, Pair{48000, 8000}, Pair{16000, 48000},
                                         Pair{48000, 16000}, Pair{24000, 48000},
                                         Pair{48000, 24000}),
                         testing::PrintToStringParamName());

TEST(ResamplerTest, EqualRatesCopy) {
  Resampler resampler = *Resampler::Create(8000, 8000);
  const auto input = Sine(1000, 30000, 8000, 161);
  EXPECT_EQ(Convert(resampler, input), input);
  EXPECT_EQ(resampler.delay().count(), 0);
}

TEST(ResamplerTest, OtherRatesAreRefusedByName) {
  const auto resampler = Resampler::Create(8000, 44100);
  EXPECT_EQ(resampler.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(resampler.status().message()), testing::HasSubstr("44100"));
}

}  // namespace
}  // namespace dragoman
