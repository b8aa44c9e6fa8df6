#include "dragoman/audio/resampler.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "dragoman/core/status.h"

namespace dragoman {

// The taps of one ratio up/down. At the virtual rate of input * up the prototype is a sinc that
// cuts at half the lower rate, under a Kaiser window of kSpan samples of the lower rate; being an
// L-band filter it lets every up-th output of an up-sampler be an input, unchanged.
class ResamplerFilter {
 public:
  static constexpr int kSpan = 32;

  ResamplerFilter(int up, int down)
      : up_(static_cast<size_t>(up)),
        down_(static_cast<size_t>(down)),
        // The magnitudes of a phase's taps sum to at most 2.44 going up and 1.92 going down: with
        // these many bits a sum of full-scale samples stays within 32.
        fraction_bits_(up > down ? 14 : 15) {
    const int stretch = std::max(up, down);
    const int length = kSpan * stretch;  // and one more tap, at the end, which is 0
    taps_per_phase_ = static_cast<size_t>(length / up);
    taps_.resize(up_ * taps_per_phase_);
    const double gain = static_cast<double>(up) / stretch;
    for (size_t phase = 0; phase < up_; ++phase) {
      std::vector<double> exact(taps_per_phase_);
      for (size_t k = 0; k < taps_per_phase_; ++k) {
        // The newest sample is the last of the window: reversed, so that Dot runs forward.
        const auto n = static_cast<double>(phase + (taps_per_phase_ - 1 - k) * up_);
        exact[k] = gain * Prototype(n - length / 2.0, stretch, length);
      }
      Quantise(exact, &taps_[phase * taps_per_phase_]);
    }
  }

  size_t up() const { return up_; }
  size_t down() const { return down_; }
  size_t taps_per_phase() const { return taps_per_phase_; }
  // Up-samplers only: the place, in the window of phase 0, of the sample that comes through as it
  // is.
  size_t centre() const { return taps_per_phase_ - 1 - taps_per_phase_ / 2; }

  // The outputs for the inputs from `at` on, `count` of them; see Resampler::ProcessBlock.
  std::int16_t* Run(const std::int16_t* window, size_t count, size_t* at, size_t* phase,
                    std::int16_t* out) const {
    switch (taps_per_phase_) {  // a known length makes a row of multiply-adds of the sum
      case 32:
        return RunWith<32>(window, count, at, phase, out);
      case 48:
        return RunWith<48>(window, count, at, phase, out);
      case 64:
        return RunWith<64>(window, count, at, phase, out);
      case 96:
        return RunWith<96>(window, count, at, phase, out);
      default:
        return RunWith<192>(window, count, at, phase, out);
    }
  }

 private:
  template <size_t taps>
  std::int16_t* RunWith(const std::int16_t* window, size_t count, size_t* at, size_t* phase,
                        std::int16_t* out) const {
    // Up-samplers only: in phase 0 the sample in the middle comes through as it is.
    constexpr size_t kCentre = taps - 1 - taps / 2;
    const std::int32_t half = 1 << (fraction_bits_ - 1);
    const size_t whole_step = down_ / up_;
    const size_t phase_step = down_ % up_;
    size_t input = *at;
    size_t p = *phase;
    while (input < count) {
      const std::int16_t* __restrict from = window + input;
      if (down_ == 1 && p == 0) {
        *out++ = from[kCentre];
      } else {
        const std::int16_t* __restrict tap = &taps_[p * taps];
        std::int32_t sum = half;
        for (size_t k = 0; k < taps; ++k) sum += std::int32_t{tap[k]} * from[k];
        *out++ = static_cast<std::int16_t>(std::clamp(sum >> fraction_bits_, -32768, 32767));
      }
      input += whole_step;
      p += phase_step;
      if (p >= up_) {
        p -= up_;
        ++input;
      }
    }
    *at = input;
    *phase = p;
    return out;
  }

  static double Bessel0(double x) {
    double sum = 1;
    double term = 1;
    for (int k = 1; k < 40; ++k) {
      term *= (x / (2 * k)) * (x / (2 * k));
      sum += term;
    }
    return sum;
  }

  static double Prototype(double x, int stretch, int length) {
    constexpr double kBeta = 7.0;  // Kaiser: about 70 dB (Kaiser 1974, beta = 0.1102 (A - 8.7))
    const double edge = 2 * x / length;
    const double window =
        Bessel0(kBeta * std::sqrt(std::max(0.0, 1 - edge * edge))) / Bessel0(kBeta);
    const double angle = std::numbers::pi * x / stretch;
    return window * (x == 0 ? 1 : std::sin(angle) / angle);
  }

  // Rounds and puts the error of the sum on the largest tap, so that silence and steady levels pass
  // through every phase with the same gain.
  void Quantise(const std::vector<double>& exact, std::int16_t* taps) const {
    const double one = 1 << fraction_bits_;
    long sum = 0;
    size_t largest = 0;
    for (size_t k = 0; k < exact.size(); ++k) {
      taps[k] = static_cast<std::int16_t>(std::lround(exact[k] * one));
      sum += taps[k];
      if (exact[k] > exact[largest]) largest = k;
    }
    taps[largest] = static_cast<std::int16_t>(taps[largest] + (static_cast<long>(one) - sum));
  }

  size_t up_;
  size_t down_;
  int fraction_bits_;
  size_t taps_per_phase_;
  std::vector<std::int16_t> taps_;  // phase by phase
};

namespace {

struct Ratio {
  int up;
  int down;
};
constexpr Ratio kRatios[] = {{2, 1}, {1, 2}, {3, 1}, {1, 3}, {6, 1}, {1, 6}, {3, 2}, {2, 3}};

// Computed once per process at first use, constant afterwards.
const ResamplerFilter* FindFilter(int up, int down) {
  static const std::vector<ResamplerFilter> filters = [] {
    std::vector<ResamplerFilter> all;
    for (const Ratio& ratio : kRatios) all.emplace_back(ratio.up, ratio.down);
    return all;
  }();
  for (const ResamplerFilter& filter : filters) {
    if (filter.up() == static_cast<size_t>(up) && filter.down() == static_cast<size_t>(down)) {
      return &filter;
    }
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<Resampler> Resampler::Create(int input_rate_hz, int output_rate_hz) {
  constexpr int kRates[] = {8000, 16000, 24000, 48000};
  for (int rate : {input_rate_hz, output_rate_hz}) {
    if (std::find(std::begin(kRates), std::end(kRates), rate) == std::end(kRates)) {
      return InvalidArgument("sample rate is ", rate, "; expected 8000, 16000, 24000 or 48000");
    }
  }
  Resampler resampler;
  resampler.input_rate_hz_ = input_rate_hz;
  resampler.output_rate_hz_ = output_rate_hz;
  if (input_rate_hz != output_rate_hz) {
    const int common = std::gcd(input_rate_hz, output_rate_hz);
    resampler.filter_ = FindFilter(output_rate_hz / common, input_rate_hz / common);
    if (resampler.filter_ == nullptr) {
      return Internal("no filter for ", input_rate_hz, " to ", output_rate_hz, " Hz");
    }
    static_assert(6 * ResamplerFilter::kSpan <= kMaxHistory);
  }
  return resampler;
}

std::size_t Resampler::MaxOutput(std::size_t input_samples) const {
  if (filter_ == nullptr) return input_samples;
  return (input_samples * filter_->up() + filter_->down() - 1) / filter_->down();
}

std::size_t Resampler::Process(std::span<const std::int16_t> input, std::span<std::int16_t> out) {
  assert(out.size() >= MaxOutput(input.size()));
  if (filter_ == nullptr) {
    std::copy(input.begin(), input.end(), out.begin());
    return input.size();
  }
  size_t written = 0;
  while (!input.empty()) {
    const auto block = input.first(std::min(input.size(), kBlock));
    written += ProcessBlock(block, out.data() + written);
    input = input.subspan(block.size());
  }
  return written;
}

std::size_t Resampler::ProcessBlock(std::span<const std::int16_t> input, std::int16_t* out) {
  const size_t history = filter_->taps_per_phase() - 1;
  std::copy(input.begin(), input.end(), window_.begin() + static_cast<std::ptrdiff_t>(history));
  size_t at = skip_;
  const std::int16_t* end = filter_->Run(window_.data(), input.size(), &at, &phase_, out);
  skip_ = at - input.size();
  std::copy_n(window_.begin() + static_cast<std::ptrdiff_t>(input.size()), history,
              window_.begin());
  return static_cast<size_t>(end - out);
}

void Resampler::Reset() {
  phase_ = skip_ = 0;
  window_.fill(0);
}

std::chrono::microseconds Resampler::delay() const {
  if (filter_ == nullptr) return std::chrono::microseconds(0);
  const int lower = std::min(input_rate_hz_, output_rate_hz_);
  return std::chrono::microseconds(std::int64_t{ResamplerFilter::kSpan / 2} * 1'000'000 / lower);
}

}  // namespace dragoman
