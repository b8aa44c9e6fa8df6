#include "dragoman/audio/level_history.h"

#include <algorithm>
#include <cmath>

namespace dragoman {
namespace {

constexpr std::size_t kMostFrames = 65535;  // what a bin counts to

}  // namespace

float LevelDb(std::span<const std::int16_t> samples) {
  std::int64_t sum = 0;
  for (const std::int32_t sample : samples) sum += std::int64_t{sample} * sample;
  if (sum == 0) return LevelHistory::kQuietest;
  const float mean = static_cast<float>(sum) / static_cast<float>(samples.size());
  constexpr float kFullScale = 90.309f;  // 20 log10 of 32768
  return std::max(LevelHistory::kQuietest, 10.0f * std::log10(mean) - kFullScale);
}

LevelHistory::LevelHistory(std::size_t capacity)
    : ring_(std::clamp<std::size_t>(capacity, 1, kMostFrames)) {}

void LevelHistory::Take(float db) {
  const float place = (std::clamp(db, kQuietest, kLoudest) - kQuietest) * 2 + 0.5f;
  const auto bin = static_cast<std::uint8_t>(place);
  if (size_ == ring_.size()) {
    --counts_[ring_[next_]];
  } else {
    ++size_;
  }
  ring_[next_] = bin;
  next_ = (next_ + 1) % ring_.size();
  ++counts_[bin];
}

void LevelHistory::Clear() {
  counts_.fill(0);
  next_ = size_ = 0;
}

float LevelHistory::Quantile(int per_mille) const {
  if (size_ == 0) return kQuietest;
  // How many frames lie above the one asked for.
  std::size_t above =
      size_ * static_cast<std::size_t>(1000 - std::clamp(per_mille, 0, 1000)) / 1000;
  above = std::min(above, size_ - 1);
  std::size_t bin = kBins;
  std::size_t seen = 0;
  while (seen <= above) seen += counts_[--bin];
  return kQuietest + static_cast<float>(bin) / 2;
}

}  // namespace dragoman
