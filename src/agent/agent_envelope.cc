#include "src/agent/agent_envelope.h"

#include <algorithm>
#include <cmath>

#include "dragoman/audio/level_history.h"

namespace dragoman {
namespace {

constexpr std::int64_t kBlockMs = 20;
constexpr std::size_t kMostBlocks = 3000;
constexpr float kFullScale = 90.309f;  // 20 log10 of 32768

}  // namespace

AgentEnvelope::AgentEnvelope(int sample_rate_hz) : samples_per_ms_(sample_rate_hz / 1000) {}

void AgentEnvelope::Queued(std::span<const std::int16_t> samples) {
  const std::int64_t block = kBlockMs * samples_per_ms_;
  for (const std::int32_t sample : samples) {
    sum_ += std::int64_t{sample} * sample;
    if (++next_sample_ % block == 0) CloseBlock();
  }
}

void AgentEnvelope::CloseBlock() {
  const float mean = static_cast<float>(sum_) / static_cast<float>(kBlockMs * samples_per_ms_);
  sum_ = 0;
  levels_.push_back(mean <= 0
                        ? LevelHistory::kQuietest
                        : std::max(LevelHistory::kQuietest, 10.0f * std::log10(mean) - kFullScale));
  if (levels_.size() > kMostBlocks) {
    levels_.pop_front();
    ++first_block_;
  }
}

void AgentEnvelope::Cleared(std::chrono::milliseconds heard) {
  const std::int64_t blocks = std::max<std::int64_t>(heard.count() / kBlockMs - first_block_, 0);
  if (blocks < static_cast<std::int64_t>(levels_.size())) {
    levels_.resize(static_cast<std::size_t>(blocks));
  }
  first_block_ = heard.count() / kBlockMs - static_cast<std::int64_t>(levels_.size());
  next_sample_ = heard.count() * samples_per_ms_;
  sum_ = 0;
}

float AgentEnvelope::HeardUntil(std::chrono::milliseconds heard) {
  if (heard.count() <= heard_ms_) return LevelHistory::kQuietest;
  const std::int64_t begin = heard_ms_ / kBlockMs;
  const std::int64_t end = (heard.count() - 1) / kBlockMs + 1;
  heard_ms_ = heard.count();
  float loudest = LevelHistory::kQuietest;
  while (!levels_.empty() && first_block_ < begin) {
    levels_.pop_front();
    ++first_block_;
  }
  const std::int64_t count =
      std::clamp<std::int64_t>(end - first_block_, 0, static_cast<std::int64_t>(levels_.size()));
  for (std::int64_t i = 0; i < count; ++i) {
    loudest = std::max(loudest, levels_[static_cast<std::size_t>(i)]);
  }
  return loudest;
}

}  // namespace dragoman
