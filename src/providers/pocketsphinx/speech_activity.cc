#include "src/providers/pocketsphinx/speech_activity.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace dragoman::pocketsphinx {
namespace {

// Natural logs of energy summed over the bands.
constexpr float kAboveFloor = 1.8f;  // 8 dB
// Above a noise that is itself as loud as soft speech (steady to a tenth of this) speech stands out
// by less.
constexpr float kNoisyFloor = 14.0f;
constexpr float kAboveNoise = 1.2f;
constexpr float kLeast = 10.5f;         // about -55 dBFS: a line's hiss is not speech
constexpr float kHighestFloor = 13.0f;  // at the start: a call may begin with speech
constexpr float kFall = 0.3f;           // share of the way down per frame
constexpr float kRise = 0.004f;         // per frame: 0.4 a second
constexpr float kSteady = 0.3f;         // from the floor to the quietest frames of a noise

// In dB relative to full scale. Voices of others rise and fall as speech does, but not by much.
constexpr float kDbPerNat = 4.343f;
constexpr float kFullScale = 100;    // about
constexpr float kCrowd = -52;        // half of the frames without speech are louder than this
constexpr float kCrowdSwing = 3.5f;  // from its quietest tenth to its median
constexpr float kAboveCrowd = 2.5f;
constexpr float kAboveStrangers = 6;  // in the first second of a line
constexpr float kCrowdSpread = 15;    // from the quietest tenth of a crowd's frames to the loudest
constexpr std::size_t kCrowdFrames = 600;
constexpr std::size_t kUndecided = 12;  // the newest may be the beginning of speech

}  // namespace

SpeechActivity::SpeechActivity(int known_bands, bool new_line)
    : known_(known_bands),
      new_line_(new_line),
      crowd_(kCrowdFrames),
      last_second_(recent_.size()) {}

// Below it, others may be speaking.
float SpeechActivity::CrowdBorder() const {
  if (new_line_) {
    const float spread = last_second_.Quantile(100) + kCrowdSpread;
    return crowd_.size() == 0 ? spread : std::min(spread, crowd_.Quantile(1000) + kAboveStrangers);
  }
  if (crowd_.size() < recent_.size()) return LevelHistory::kQuietest;
  // Above a steady noise the floor is enough.
  const float median = crowd_.Quantile(500);
  const bool swings = median - crowd_.Quantile(100) > kCrowdSwing;
  return median > kCrowd && swings ? crowd_.Quantile(900) + kAboveCrowd : LevelHistory::kQuietest;
}

bool SpeechActivity::Take(const Bands& frame) {
  float energy = 0;
  for (int band = 0; band < known_; ++band)
    energy += std::exp(frame[static_cast<std::size_t>(band)]);
  const float level = std::log(energy);
  if (!primed_) floor_ = std::min(level, kHighestFloor);
  primed_ = true;
  floor_ += level < floor_ ? kFall * (level - floor_) : std::min(kRise, level - floor_);
  // Nobody speaks for a second without a gap: what was never below is noise.
  recent_[next_] = level;
  next_ = (next_ + 1) % recent_.size();
  seen_ = std::min(seen_ + 1, recent_.size());
  if (seen_ == recent_.size()) {
    floor_ = std::max(floor_, *std::min_element(recent_.begin(), recent_.end()) + kSteady);
  }
  const float db = kDbPerNat * level - kFullScale;
  last_second_.Take(db);
  if (last_second_.size() == recent_.size()) new_line_ = false;
  const bool near = db > CrowdBorder();
  if (!speaking() && seen_ >= kUndecided) {
    const std::size_t then = (next_ + recent_.size() - kUndecided) % recent_.size();
    crowd_.Take(kDbPerNat * recent_[then] - kFullScale);
  }
  const float above = floor_ > kNoisyFloor ? kAboveNoise : kAboveFloor;
  const bool loud = near && level > floor_ + above && level > kLeast;
  history_ = (history_ << 1 | (loud ? 1u : 0u)) & 0x3FF;
  loud_of_ten_ = std::popcount(history_);
  const bool speech = std::popcount(history_ & 0x1Fu) >= 3;
  quiet_frames_ = speech ? 0 : quiet_frames_ + 1;
  return loud;
}

}  // namespace dragoman::pocketsphinx
