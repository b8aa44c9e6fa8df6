// How loud the agent's voice is where the caller hears it, moment by moment.
#ifndef DRAGOMAN_SRC_AGENT_AGENT_ENVELOPE_H_
#define DRAGOMAN_SRC_AGENT_AGENT_ENVELOPE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <span>

namespace dragoman {

// Levels of 20 ms each on the line's own time line of outbound audio (telephony/media_stream.h).
// One thread at a time; holds what was given to the line and not heard yet, 60 s at most.
class AgentEnvelope {
 public:
  explicit AgentEnvelope(int sample_rate_hz);

  void Queued(std::span<const std::int16_t> samples);  // given to the line
  void Cleared(std::chrono::milliseconds heard);       // the line dropped what is beyond
  // The loudest level between the last call's position and this one, in dB;
  // LevelHistory::kQuietest when nothing was heard in between.
  float HeardUntil(std::chrono::milliseconds heard);

 private:
  void CloseBlock();

  const std::int64_t samples_per_ms_;
  std::deque<float> levels_;      // of whole blocks, from first_block_ on
  std::int64_t first_block_ = 0;  // number of levels_[0] on the time line
  std::int64_t next_sample_ = 0;  // where what comes next lies
  std::int64_t heard_ms_ = 0;
  std::int64_t sum_ = 0;  // of squares, in the block that is not full yet
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_AGENT_ENVELOPE_H_
