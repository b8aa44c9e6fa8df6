// Changes the sample rate of speech between the rates of phone lines, recognisers and synthesizers.
#ifndef DRAGOMAN_AUDIO_RESAMPLER_H_
#define DRAGOMAN_AUDIO_RESAMPLER_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"

namespace dragoman {

class ResamplerFilter;

// A fixed polyphase low-pass with state over chunks; one thread at a time, no allocation in
// Process.
//
// Pairs, both ways: 8000-16000, 8000-24000, 8000-48000, 16000-24000, 16000-48000, 24000-48000 Hz,
// and equal rates, which copy. Measured by the tests at every pair, N being half the lower rate:
// ripple at most 0.1 dB below 0.85 N (3.4 kHz of a phone line), images and aliases of that band at
// least 65 dB down. Between 0.85 N and 1.15 N the filter falls, with 6 dB at N.
class DRAGOMAN_EXPORT Resampler {
 public:
  // kInvalidArgument: not one of the pairs.
  static absl::StatusOr<Resampler> Create(int input_rate_hz, int output_rate_hz);

  int input_rate_hz() const { return input_rate_hz_; }
  int output_rate_hz() const { return output_rate_hz_; }

  // The most that Process writes for `input_samples`. Over all calls together the outputs are
  // floor or ceil of inputs * output rate / input rate.
  std::size_t MaxOutput(std::size_t input_samples) const;
  // Any chunk size, 0 included; the result does not depend on how the input is cut. `out` holds
  // MaxOutput(input.size()) samples. Returns how many were written.
  std::size_t Process(std::span<const std::int16_t> input, std::span<std::int16_t> out);
  void Reset();  // as new: a new signal begins

  // By how much the output is behind the input: 16 samples of the lower rate (2 ms at 8 kHz).
  std::chrono::microseconds delay() const;

 private:
  static constexpr std::size_t kMaxHistory = 192;  // taps that reach into earlier chunks
  static constexpr std::size_t kBlock = 320;

  Resampler() = default;
  std::size_t ProcessBlock(std::span<const std::int16_t> input, std::int16_t* out);

  int input_rate_hz_ = 0;
  int output_rate_hz_ = 0;
  const ResamplerFilter* filter_ = nullptr;  // shared and constant; null: equal rates
  std::size_t phase_ = 0;  // of the next output, in steps of 1/up of an input sample
  std::size_t skip_ = 0;   // inputs that the next output lies behind the next input
  std::array<std::int16_t, kMaxHistory + kBlock> window_{};
};

}  // namespace dragoman

#endif  // DRAGOMAN_AUDIO_RESAMPLER_H_
