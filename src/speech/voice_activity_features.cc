#include "src/speech/voice_activity_features.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <numbers>

namespace dragoman {
namespace {

constexpr size_t kFft = 256;
constexpr size_t kHalf = kFft / 2;
// Band edges as bins of 31.25 Hz: 125 to 3594 Hz, narrow where vowels have their first formant.
constexpr size_t kEdges[] = {4, 8, 12, 16, 21, 27, 34, 42, 52, 64, 78, 95, 115};

// log2 to within 0.01, from the bits of a positive float.
float Log2(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const int exponent = static_cast<int>(bits >> 23) - 127;
  const float m = std::bit_cast<float>((bits & 0x7fffff) | 0x3f800000);  // 1 to 2
  return static_cast<float>(exponent) + (-0.3358287f * m + 2.0f) * m - 1.65871f;
}

struct Tables {
  std::array<float, kFft> hann;
  std::array<float, kHalf> cosine;  // of -2 pi k / 256
  std::array<float, kHalf> sine;
  std::array<std::uint8_t, kHalf> reversed;

  Tables() {
    for (size_t i = 0; i < kFft; ++i) {
      hann[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * (i + 0.5) / kFft));
    }
    for (size_t k = 0; k < kHalf; ++k) {
      cosine[k] = static_cast<float>(std::cos(2 * std::numbers::pi * k / kFft));
      sine[k] = static_cast<float>(-std::sin(2 * std::numbers::pi * k / kFft));
      size_t r = 0;
      for (size_t bit = 0; bit < 7; ++bit) r |= ((k >> bit) & 1) << (6 - bit);
      reversed[k] = static_cast<std::uint8_t>(r);
    }
  }
};

const Tables& SharedTables() {
  static const Tables tables;  // constant after its construction
  return tables;
}

// 128 complex points, in place, input in bit-reversed order.
void Transform(const Tables& tables, std::array<float, kHalf>& re, std::array<float, kHalf>& im) {
  for (size_t span = 1; span < kHalf; span *= 2) {
    const size_t step = kHalf / span;  // into a table of 256ths
    for (size_t start = 0; start < kHalf; start += 2 * span) {
      for (size_t k = 0; k < span; ++k) {
        const float c = tables.cosine[k * step];
        const float s = tables.sine[k * step];
        const size_t a = start + k;
        const size_t b = a + span;
        const float tr = re[b] * c - im[b] * s;
        const float ti = re[b] * s + im[b] * c;
        re[b] = re[a] - tr;
        im[b] = im[a] - ti;
        re[a] += tr;
        im[a] += ti;
      }
    }
  }
}

}  // namespace

void VoiceActivityFeatures::Reset() {
  window_.fill(0);
  low_.fill(0);
  floor_.fill(0);
  smooth_.fill(0);
  frames_ = 0;
  last_lag_ = 0;
  features_.fill(0);
}

const VoiceActivityFeatures::Vector& VoiceActivityFeatures::Process(
    std::span<const std::int16_t> frame) {
  assert(frame.size() == kFrame);
  std::copy(window_.begin() + kFrame, window_.end(), window_.begin());
  std::copy(frame.begin(), frame.end(), window_.end() - kFrame);
  std::copy(low_.begin() + kFrame / 2, low_.end(), low_.begin());
  for (size_t i = 0; i < kFrame / 2; ++i) {
    const std::int16_t* at = &window_[kFft - kFrame + 2 * i];
    low_[kLow - kFrame / 2 + i] = static_cast<std::int16_t>((at[-1] + 2 * at[0] + at[1]) / 4);
  }

  std::array<float, kBands> levels;
  BandLevels(levels);
  TrackFloor(levels);

  float mean = 0;
  float floor = 0;
  float over = 0;
  for (size_t b = 0; b < kBands; ++b) {
    mean += levels[b];
    floor += floor_[b];
    over += std::clamp(levels[b] - floor_[b], -2.0f, 10.0f);
  }
  mean /= kBands;
  floor /= kBands;
  int crossings = 0;
  for (size_t i = 1; i < kFrame; ++i) crossings += (frame[i] ^ frame[i - 1]) < 0 ? 1 : 0;

  float* to = features_.data();
  for (size_t b = 0; b < kBands; ++b) *to++ = std::clamp(levels[b] - floor_[b], -2.0f, 10.0f);
  for (size_t b = 0; b < kBands; ++b) *to++ = levels[b] - mean;
  *to++ = floor;
  *to++ = over / kBands;
  Periodicity(to, to + 1);
  to += 2;
  *to++ = static_cast<float>(crossings) / 80.0f;
  *to++ = Crest(frame);
  ++frames_;
  return features_;
}

void VoiceActivityFeatures::BandLevels(std::array<float, kBands>& levels) {
  const Tables& tables = SharedTables();
  std::array<float, kHalf> re;
  std::array<float, kHalf> im;
  for (size_t i = 0; i < kHalf; ++i) {
    const size_t from = tables.reversed[i];
    re[i] = static_cast<float>(window_[2 * from]) * tables.hann[2 * from];
    im[i] = static_cast<float>(window_[2 * from + 1]) * tables.hann[2 * from + 1];
  }
  Transform(tables, re, im);
  std::array<float, kHalf> power;
  for (size_t k = 1; k < kHalf; ++k) {  // even and odd samples apart, then the last butterfly
    const size_t m = kHalf - k;
    const float even_re = re[k] + re[m];
    const float even_im = im[k] - im[m];
    const float odd_re = im[k] + im[m];
    const float odd_im = re[m] - re[k];
    const float x = even_re + odd_re * tables.cosine[k] - odd_im * tables.sine[k];
    const float y = even_im + odd_re * tables.sine[k] + odd_im * tables.cosine[k];
    power[k] = x * x + y * y;
  }
  for (size_t b = 0; b < kBands; ++b) {
    // The constant is about the noise of mu-law's finest step: below it there is nothing to hear.
    float sum = 0;
    for (size_t k = kEdges[b]; k < kEdges[b + 1]; ++k) sum += power[k];
    levels[b] = Log2(sum / static_cast<float>(kEdges[b + 1] - kEdges[b]) + 4000.0f);
  }
}

// Follows the minima of the smoothed level: down within some frames, up by 3 dB in two seconds,
// faster while the line is new.
void VoiceActivityFeatures::TrackFloor(const std::array<float, kBands>& levels) {
  const float rise = frames_ < 50 ? 0.03f : 0.01f;
  for (size_t b = 0; b < kBands; ++b) {
    if (frames_ == 0) {
      smooth_[b] = floor_[b] = levels[b];
      continue;
    }
    smooth_[b] += 0.3f * (levels[b] - smooth_[b]);
    floor_[b] = smooth_[b] < floor_[b] ? floor_[b] + 0.2f * (smooth_[b] - floor_[b])
                                       : std::min(smooth_[b], floor_[b] + rise);
  }
}

// The highest normalised correlation of the last 30 ms with what was 2.5 to 15 ms before (67 to 400
// Hz), at 4 kHz in integers.
void VoiceActivityFeatures::Periodicity(float* strength, float* stability) {
  constexpr size_t kLeast = 10;
  constexpr size_t kMost = 60;
  constexpr size_t kSpan = 120;
  int peak = 1;
  for (std::int16_t sample : low_) peak = std::max(peak, std::abs(int{sample}));
  const int shift = std::max(0, static_cast<int>(std::bit_width(static_cast<unsigned>(peak))) - 11);
  std::array<std::int16_t, kLow> scaled;
  for (size_t i = 0; i < kLow; ++i) scaled[i] = static_cast<std::int16_t>(low_[i] >> shift);

  const std::int16_t* now = &scaled[kLow - kSpan];
  std::int32_t energy = 0;
  for (size_t i = 0; i < kSpan; ++i) energy += std::int32_t{now[i]} * now[i];
  float best = 0;
  int best_lag = 0;
  std::int32_t then = 0;
  const std::int16_t* nearest = now - kLeast;
  for (size_t i = 0; i < kSpan; ++i) then += std::int32_t{nearest[i]} * nearest[i];
  for (size_t lag = kLeast; lag <= kMost; ++lag) {
    const std::int16_t* __restrict past = now - lag;
    std::int32_t product = 0;
    for (size_t i = 0; i < kSpan; ++i) product += std::int32_t{now[i]} * past[i];
    const float scale = static_cast<float>(energy) * static_cast<float>(then) + 1.0f;
    const float r = static_cast<float>(product);
    if (product > 0 && r * r > best * scale) {
      best = r * r / scale;
      best_lag = static_cast<int>(lag);
    }
    then += std::int32_t{past[-1]} * past[-1] - std::int32_t{past[kSpan - 1]} * past[kSpan - 1];
  }
  *strength = peak < 8 ? 0.0f : best;
  const int change = std::abs(best_lag - last_lag_);
  *stability = best_lag != 0 && change * 8 <= best_lag ? best : 0.0f;
  last_lag_ = best_lag;
}

// Peak over mean magnitude: about 2 for vowels and noise, high for clicks.
float VoiceActivityFeatures::Crest(std::span<const std::int16_t> frame) {
  int peak = 0;
  int sum = 1;
  for (std::int16_t sample : frame) {
    const int magnitude = std::abs(int{sample});
    peak = std::max(peak, magnitude);
    sum += magnitude;
  }
  return std::min(static_cast<float>(peak) * kFrame / static_cast<float>(sum), 20.0f) / 4.0f;
}

}  // namespace dragoman
