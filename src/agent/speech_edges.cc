#include "src/agent/speech_edges.h"

#include <bit>

namespace dragoman {

SpeechEdges::Change SpeechEdges::Update(int per_mille) {
  ++frames_;
  recent_ = ((recent_ << 1) | (per_mille >= kOnset ? 1u : 0u)) & 0xfu;
  quiet_ = per_mille < kOffset ? quiet_ + 1 : 0;
  if (!speaking_ && std::popcount(recent_) >= kOnsetFrames) {
    speaking_ = true;
    quiet_ = 0;
    changed_at_ = (frames_ - std::bit_width(recent_)) * kFrame;
    return Change::kStarted;
  }
  if (speaking_ && quiet_ >= kOffsetFrames) {
    speaking_ = false;
    recent_ = 0;
    changed_at_ = (frames_ - quiet_) * kFrame;
    return Change::kStopped;
  }
  return Change::kNone;
}

}  // namespace dragoman
