// From a probability per frame to "speech started" and "speech stopped".
#ifndef DRAGOMAN_SRC_AGENT_SPEECH_EDGES_H_
#define DRAGOMAN_SRC_AGENT_SPEECH_EDGES_H_

#include <chrono>
#include <cstdint>

#include "src/agent/near_voice.h"

namespace dragoman {

// Hysteresis over 20 ms frames. Pure; one thread at a time.
class SpeechEdges {
 public:
  enum class Change { kNone, kStarted, kStopped };

  // Three of the last four frames above `kOnset` and of the caller's own start speech; seven in a
  // row below `kOffset`, or of others, end it.
  Change Update(int per_mille, NearVoice::Standing standing = NearVoice::Standing::kAbove);

  bool speaking() const { return speaking_; }
  // Where on the caller's time line the last change really happened: the onset lies three frames
  // before its detection, the offset seven.
  std::chrono::milliseconds changed_at() const { return changed_at_; }

 private:
  static constexpr int kOnset = 600;
  static constexpr int kOffset = 400;
  static constexpr int kOnsetFrames = 3;
  static constexpr int kOffsetFrames = 7;
  static constexpr std::chrono::milliseconds kFrame{20};

  std::int64_t frames_ = 0;
  unsigned recent_ = 0;  // a bit per frame above kOnset, the newest lowest
  int quiet_ = 0;        // frames in a row below kOffset; those between are not counted
  int between_ = 0;      // since the first of them
  bool speaking_ = false;
  std::chrono::milliseconds changed_at_{0};
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_SPEECH_EDGES_H_
