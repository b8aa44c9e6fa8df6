// The first half of the model's front end: samples to 25 log energies, 100 times a second.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_LOG_MEL_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_LOG_MEL_H_

#include <array>
#include <complex>
#include <cstdint>
#include <span>
#include <vector>

namespace dragoman::pocketsphinx {

inline constexpr int kBands = 25;  // feat.params: -nfilt 25 -lowerf 130 -upperf 6800
inline constexpr int kFrameMs = 10;

using Bands = std::array<float, kBands>;

// What stands above 4 kHz when the line is a phone.
enum class UpperBands {
  kUnknown,  // nothing: bands() says how many are known, the rest is left at the floor
  kMirror,   // the band below 4 kHz mirrored, gain 0.3, falling by e per 1 kHz
  kSilence,  // what plain upsampling gives
};

// Computes what sphinxbase's front end computes (frames of 25.625 ms every 10 ms, pre-emphasis
// 0.97, Hamming, mel filters of unit area on rounded bins), so that the features fit the model: at
// 16 kHz as it does, at 8 kHz with the transfer function of its pre-emphasis applied to the
// spectrum. One thread at a time.
class LogMel {
 public:
  // 8000 or 16000 Hz.
  LogMel(int sample_rate_hz, UpperBands upper);

  int bands() const { return bands_; }
  std::size_t frame_samples() const { return window_.size(); }
  std::size_t step_samples() const { return step_; }

  // One frame; `samples` holds frame_samples().
  Bands Frame(std::span<const std::int16_t> samples);

 private:
  struct Weight {
    int bin;
    float weight;
  };

  void BuildFilters(int sample_rate_hz);
  void Transform();

  const UpperBands upper_;
  std::size_t step_ = 0;
  int bands_ = 0;
  int bins_ = 0;  // up to 4 or 8 kHz
  std::vector<float> window_;
  std::vector<float> emphasis_;  // per bin, on the power
  std::vector<std::complex<float>> twiddles_;
  std::vector<std::complex<float>> spectrum_;
  std::vector<float> power_;  // up to 8 kHz
  std::array<std::vector<Weight>, kBands> filters_;
};

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_LOG_MEL_H_
