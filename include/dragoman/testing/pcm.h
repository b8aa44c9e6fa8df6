// Audio for tests: a buffer that owns its samples, silence, and a buzz that is not silence.
#ifndef DRAGOMAN_TESTING_PCM_H_
#define DRAGOMAN_TESTING_PCM_H_

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "dragoman/audio/pcm_frame.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT PcmBuffer {
  std::vector<std::int16_t> samples;
  int sample_rate_hz = 8000;

  operator PcmFrame() const { return {samples, sample_rate_hz}; }  // NOLINT: borrows, as a frame
  void Append(const PcmFrame& frame) {
    samples.insert(samples.end(), frame.samples.begin(), frame.samples.end());
  }
  std::chrono::microseconds duration() const { return PcmFrame(*this).duration(); }
};

DRAGOMAN_EXPORT PcmBuffer Silence(std::chrono::microseconds duration, int sample_rate_hz = 8000);

// A 200 Hz sawtooth: louder than any threshold, and of a pitch that a voice has.
DRAGOMAN_EXPORT PcmBuffer Buzz(std::chrono::microseconds duration, int sample_rate_hz = 8000,
                               int amplitude = 8000);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_PCM_H_
