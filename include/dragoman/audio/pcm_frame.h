// A view of linear audio: what every part of the media path hands to the next.
#ifndef DRAGOMAN_AUDIO_PCM_FRAME_H_
#define DRAGOMAN_AUDIO_PCM_FRAME_H_

#include <chrono>
#include <cstdint>
#include <span>

#include "dragoman/core/export.h"

namespace dragoman {

// Mono, signed 16-bit, host byte order. Borrows the samples: valid for the duration of the call
// that it is passed to.
struct DRAGOMAN_EXPORT PcmFrame {
  std::span<const std::int16_t> samples;
  int sample_rate_hz = 8000;  // 8000 to 48000

  std::chrono::microseconds duration() const {
    return std::chrono::microseconds(static_cast<std::int64_t>(samples.size()) * 1'000'000 /
                                     sample_rate_hz);
  }
};

// Samples that last `duration` at `sample_rate_hz`, rounded down.
constexpr std::int64_t SampleCount(std::chrono::microseconds duration, int sample_rate_hz) {
  return duration.count() * sample_rate_hz / 1'000'000;
}

}  // namespace dragoman

#endif  // DRAGOMAN_AUDIO_PCM_FRAME_H_
