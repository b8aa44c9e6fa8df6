#include "src/agent/speech_edges.h"

#include <bit>

namespace dragoman {

SpeechEdges::Change SpeechEdges::Update(int per_mille, NearVoice::Standing standing) {
  using Standing = NearVoice::Standing;
  ++frames_;
  const bool onset = per_mille >= kOnset && standing == Standing::kAbove;
  recent_ = ((recent_ << 1) | (onset ? 1u : 0u)) & 0xfu;
  if (per_mille < kOffset || standing == Standing::kBelow) {
    ++quiet_;
  } else if (standing == Standing::kAbove || quiet_ == 0) {
    quiet_ = between_ = 0;
  } else {
    ++between_;
  }
  if (!speaking_ && std::popcount(recent_) >= kOnsetFrames) {
    speaking_ = true;
    quiet_ = between_ = 0;
    changed_at_ = (frames_ - std::bit_width(recent_)) * kFrame;
    return Change::kStarted;
  }
  if (speaking_ && quiet_ >= kOffsetFrames) {
    speaking_ = false;
    recent_ = 0;
    changed_at_ = (frames_ - quiet_ - between_) * kFrame;
    return Change::kStopped;
  }
  return Change::kNone;
}

}  // namespace dragoman
