// The levels of the last frames of a line, to ask what most of them stay below.
#ifndef DRAGOMAN_AUDIO_LEVEL_HISTORY_H_
#define DRAGOMAN_AUDIO_LEVEL_HISTORY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dragoman/core/export.h"

namespace dragoman {

// RMS level in dB relative to full scale; kQuietest for less, and for no samples.
DRAGOMAN_EXPORT float LevelDb(std::span<const std::int16_t> samples);

// A histogram over the last `capacity` levels, in steps of half a dB from -90 to +30. One thread at
// a time; allocates only when made; Take and Quantile cost well below a microsecond. The same
// levels give the same answers.
class DRAGOMAN_EXPORT LevelHistory {
 public:
  static constexpr float kQuietest = -90;
  static constexpr float kLoudest = 30;

  explicit LevelHistory(std::size_t capacity);

  void Take(float db);  // out of range: the nearest that is in it
  void Clear();
  std::size_t size() const { return size_; }
  // The level that `per_mille` of the frames do not exceed; kQuietest when there are none.
  float Quantile(int per_mille) const;

 private:
  static constexpr std::size_t kBins = 241;

  std::vector<std::uint8_t> ring_;  // bins, oldest at next_ once it is full
  std::size_t next_ = 0;
  std::size_t size_ = 0;
  std::array<std::uint16_t, kBins> counts_{};
};

}  // namespace dragoman

#endif  // DRAGOMAN_AUDIO_LEVEL_HISTORY_H_
