#include "dragoman/testing/pcm.h"

#include <cstddef>

namespace dragoman {

PcmBuffer Silence(std::chrono::microseconds duration, int sample_rate_hz) {
  const auto samples = static_cast<std::size_t>(SampleCount(duration, sample_rate_hz));
  return {std::vector<std::int16_t>(samples), sample_rate_hz};
}

PcmBuffer Buzz(std::chrono::microseconds duration, int sample_rate_hz, int amplitude) {
  PcmBuffer buffer = Silence(duration, sample_rate_hz);
  const int period = sample_rate_hz / 200;
  int at = 0;
  for (std::int16_t& sample : buffer.samples) {
    sample = static_cast<std::int16_t>(2 * amplitude * at / period - amplitude);
    at = (at + 1) % period;
  }
  return buffer;
}

}  // namespace dragoman
