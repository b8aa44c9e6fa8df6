#include "src/providers/pocketsphinx/log_mel.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace dragoman::pocketsphinx {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kBinHz = 31.25;       // 16000 / 512 = 8000 / 256
constexpr int kTopBin = 256;           // 8 kHz
constexpr int kPhoneBin = 128;         // 4 kHz
constexpr double kPhoneEdgeHz = 3850;  // above it the filters of phone lines and resamplers fall
// Below the weakest line noise: the energy of rounding to 16 bits is of this order, and mu-law's
// "silence" is a true zero.
constexpr float kFloor = 100.0f;

double Mel(double hz) { return 2595 * std::log10(1 + hz / 700); }
double Hz(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

}  // namespace

LogMel::LogMel(int sample_rate_hz, UpperBands upper)
    : upper_(upper), step_(static_cast<std::size_t>(sample_rate_hz / 100)) {
  const bool phone = sample_rate_hz == 8000;
  const std::size_t length = phone ? 205 : 410;
  for (std::size_t i = 0; i < length; ++i) {
    window_.push_back(static_cast<float>(0.54 - 0.46 * std::cos(2 * kPi * static_cast<double>(i) /
                                                                static_cast<double>(length - 1))));
  }
  const std::size_t size = phone ? 256 : 512;
  bins_ = static_cast<int>(size / 2);
  spectrum_.resize(size);
  for (std::size_t i = 0; i < size / 2; ++i) {
    const double angle = -2 * kPi * static_cast<double>(i) / static_cast<double>(size);
    twiddles_.emplace_back(static_cast<float>(std::cos(angle)),
                           static_cast<float>(std::sin(angle)));
  }
  for (int bin = 0; bin <= bins_; ++bin) {
    const double w = 2 * kPi * bin * kBinHz / 16000;
    const double gain = 1 + 0.97 * 0.97 - 2 * 0.97 * std::cos(w);
    // Half the samples give half the amplitude.
    emphasis_.push_back(static_cast<float>(gain * (phone ? 4 : 1)));
  }
  power_.assign(kTopBin + 1, 0.0f);
  BuildFilters(sample_rate_hz);
}

void LogMel::BuildFilters(int sample_rate_hz) {
  const bool phone = sample_rate_hz == 8000;
  const double low = Mel(130);
  const double width = (Mel(6800) - low) / (kBands + 1);
  for (int band = 0; band < kBands; ++band) {
    std::array<double, 3> edge{};
    for (int i = 0; i < 3; ++i) {
      edge[static_cast<std::size_t>(i)] =
          std::floor(Hz(low + (band + i) * width) / kBinHz + 0.5) * kBinHz;
    }
    if (!phone || upper_ != UpperBands::kUnknown || edge[2] <= kPhoneEdgeHz) bands_ = band + 1;
    for (int bin = 0; bin <= kTopBin; ++bin) {
      const double hz = bin * kBinHz;
      if (hz < edge[0] || hz > edge[2]) continue;
      const double rise = (hz - edge[0]) / (edge[1] - edge[0]);
      const double fall = (edge[2] - hz) / (edge[2] - edge[1]);
      const double weight = std::min(rise, fall) * 2 / (edge[2] - edge[0]);
      if (weight > 0) {
        filters_[static_cast<std::size_t>(band)].push_back({bin, static_cast<float>(weight)});
      }
    }
  }
}

void LogMel::Transform() {
  const std::size_t size = spectrum_.size();
  for (std::size_t i = 1, j = 0; i < size; ++i) {
    std::size_t bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(spectrum_[i], spectrum_[j]);
  }
  for (std::size_t length = 2; length <= size; length <<= 1) {
    const std::size_t stride = size / length;
    for (std::size_t begin = 0; begin < size; begin += length) {
      for (std::size_t k = 0; k < length / 2; ++k) {
        std::complex<float>& even = spectrum_[begin + k];
        std::complex<float>& odd = spectrum_[begin + k + length / 2];
        const std::complex<float> w = twiddles_[k * stride];
        const std::complex<float> turned(odd.real() * w.real() - odd.imag() * w.imag(),
                                         odd.real() * w.imag() + odd.imag() * w.real());
        odd = even - turned;
        even += turned;
      }
    }
  }
}

Bands LogMel::Frame(std::span<const std::int16_t> samples) {
  for (std::size_t i = 0; i < spectrum_.size(); ++i) {
    spectrum_[i] = i < window_.size() ? static_cast<float>(samples[i]) * window_[i] : 0.0f;
  }
  Transform();
  for (int bin = 0; bin <= bins_; ++bin) {
    const auto at = static_cast<std::size_t>(bin);
    power_[at] = std::norm(spectrum_[at]) * emphasis_[at];
  }
  if (bins_ == kPhoneBin && upper_ == UpperBands::kMirror) {
    for (int bin = kPhoneBin + 1; bin <= kTopBin; ++bin) {
      const float gain =
          0.3f * std::exp(-static_cast<float>(bin - kPhoneBin) * static_cast<float>(kBinHz) / 1000);
      const auto image = static_cast<std::size_t>(kTopBin - bin);
      // The image is of the signal; it is emphasised for where it stands.
      const double w = 2 * kPi * bin * kBinHz / 16000;
      const float emphasis = static_cast<float>(4 * (1 + 0.97 * 0.97 - 2 * 0.97 * std::cos(w)));
      power_[static_cast<std::size_t>(bin)] =
          power_[image] / emphasis_[image] * gain * gain * emphasis;
    }
  }
  Bands bands;
  bands.fill(std::log(kFloor));
  for (int band = 0; band < bands_; ++band) {
    float energy = kFloor;
    for (const Weight& one : filters_[static_cast<std::size_t>(band)]) {
      energy += one.weight * power_[static_cast<std::size_t>(one.bin)];
    }
    bands[static_cast<std::size_t>(band)] = std::log(energy);
  }
  return bands;
}

}  // namespace dragoman::pocketsphinx
