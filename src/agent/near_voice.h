// Who is speaking near the telephone, and what is only heard through it: other people in the room,
// the agent's own voice coming back.
#ifndef DRAGOMAN_SRC_AGENT_NEAR_VOICE_H_
#define DRAGOMAN_SRC_AGENT_NEAR_VOICE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "dragoman/audio/level_history.h"

namespace dragoman {

// Voice activity tells speech from noise, not the caller's speech from that of others. What tells
// them apart is the level: whoever holds the telephone stands above what the line brings while they
// are silent. Two borders follow the call, and the higher one holds:
//  - the background: what nine tenths of the frames without the caller stay below, in the last six
//    seconds and as far as they sound like speech, and a margin. On a quiet line it lies below
//    anything that can be heard, so that voice activity alone decides there;
//  - the echo: the loudest that the agent was in the last 600 ms, less what the line takes off it.
//    How much that is follows from what came back while the agent spoke and the caller did not.
// One call, frames of 20 ms, one thread at a time. No allocation after its making; below a
// microsecond per frame.
class NearVoice {
 public:
  enum class Standing {
    kBelow,    // not the caller
    kBetween,  // goes on as before
    kAbove,    // the caller, if it is speech
  };

  NearVoice();

  // One frame: its level, the voice activity's opinion, the level of the agent's voice as the
  // caller hears it in the same 20 ms, and whether the caller is taken to be speaking.
  Standing Take(float db, int speech_per_mille, float agent_db, bool speaking);

  // What was taken for the caller over the last frames (150 at most) brought no words: it was the
  // background.
  void WasBackground(int frames);
  // It was something short, without words: for a while more is needed.
  void WasNothing();
  // It was the caller, and had words.
  void WasCaller();

  // The last frame held nothing but the agent's echo, and loud enough to be taken for words.
  bool only_echo() const { return only_echo_; }
  // It held neither the caller nor the agent.
  bool only_line() const { return only_line_; }
  // Speech that is not the caller's can be heard: words may be others'.
  bool crowded() const;
  float border_db() const { return border_; }

 private:
  static constexpr std::size_t kRemembered = 150;
  static constexpr std::size_t kAgentFrames = 30;

  struct Frame {
    float db = 0;
    float over_agent_db = 0;  // above the agent's loudest of 600 ms
    bool speech = false;
    bool agent = false;  // the agent could be heard
  };

  const Frame& At(std::int64_t frame) const {
    return frames_[static_cast<std::size_t>(frame) % kRemembered];
  }
  void Learn(const Frame& frame);
  // What tells most of the background; the agent's echo is not in it once enough is known.
  const LevelHistory& Others() const;
  float Background() const;
  float Echo() const;

  std::array<Frame, kRemembered> frames_{};
  std::int64_t count_ = 0;    // frames so far
  std::int64_t learned_ = 0;  // frames before this one are in the histories, or were the caller's
  std::array<float, kAgentFrames> agent_;
  float agent_loudest_ = LevelHistory::kQuietest;
  float first_loudest_ = LevelHistory::kQuietest;  // of the call's first frames
  float first_alone_ = LevelHistory::kQuietest;    // of those before the agent's first sound
  LevelHistory background_;  // levels of what sounded like speech and was not the caller's
  LevelHistory alone_;       // the same, while the agent was silent: without echo
  LevelHistory line_;        // whatever it was, while the agent was silent
  LevelHistory recent_;      // of everything
  LevelHistory echo_;        // over_agent_db
  LevelHistory caller_;
  bool caller_known_ = false;
  std::int64_t doubtful_until_ = 0;  // until this frame words prove WasBackground wrong
  float wary_ = 0;                   // dB
  float border_ = LevelHistory::kQuietest;
  bool only_echo_ = false;
  bool only_line_ = false;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_NEAR_VOICE_H_
