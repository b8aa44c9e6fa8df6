// Keeps a call's audio beside its log, and knows what of the agent's voice was heard when.
#ifndef DRAGOMAN_SRC_AGENT_CALL_AUDIO_H_
#define DRAGOMAN_SRC_AGENT_CALL_AUDIO_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/agent/recording.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/work_pool.h"

namespace dragoman {

// Driven by the caller's frames: each tells how far the agent's audio had been heard by then. Every
// second of each side becomes an AudioPiece, appended to the file by the pool, one write at a time.
// What must not be kept is silence in the file, on both sides: while a confidential sentence of the
// agent's is heard, a quarter of a second before and half a second after it (an echo comes late),
// and whatever Mute names. Only on its executor.
class CallAudio {
 public:
  using OnPiece = absl::AnyInvocable<void(const AudioPiece&)>;

  // `pool` and `executor` are borrowed. Blocks to create the file.
  static absl::StatusOr<std::unique_ptr<CallAudio>> Create(const std::string& path,
                                                           int sample_rate_hz, WorkPool& pool,
                                                           Executor& executor, OnPiece on_piece);
  ~CallAudio();

  // Given to the line. Confidential audio is not even held: its place is.
  void AgentQueued(std::span<const std::int16_t> samples, bool confidential);
  void AgentCleared(std::chrono::milliseconds heard);  // the line dropped what is beyond
  // One frame of the other side; `heard` is the line's playout position now.
  void CallerFrame(std::span<const std::int16_t> samples, std::chrono::milliseconds heard);
  // From now on nothing is written that Release did not let go: what was said in it is not known
  // yet. What waits for longer than two minutes is written as silence.
  void HoldBack() { holds_ = true; }
  void Release(std::int64_t until_sample);  // of the recording
  // Samples of the recording that are silence on both sides; may lie ahead. Those that were written
  // already stay.
  void Mute(std::int64_t from_sample, std::int64_t to_sample);
  std::int64_t recorded() const { return recorded_; }
  // Writes the rest; `done` runs once everything is on disk, with the first error.
  void Finish(absl::AnyInvocable<void(absl::Status)> done);

 private:
  class File;
  struct Segment {
    std::int64_t start = 0;  // sample index in the recording of samples[0]
    std::vector<std::int16_t> samples;
    std::int64_t end() const { return start + static_cast<std::int64_t>(samples.size()); }
  };
  struct Side {
    std::deque<Segment> segments{1};  // not empty; the last one grows
  };
  struct Run {  // of the agent's audio that waits
    std::int64_t samples = 0;
    bool confidential = false;
  };

  CallAudio(std::shared_ptr<File> file, int sample_rate_hz, WorkPool& pool, Executor& executor,
            OnPiece on_piece);
  void TakeHeard(std::chrono::milliseconds heard);
  void Place(std::int64_t count);
  void Emit(AudioChannel channel, Side& side);
  void Write(AudioChannel channel, Segment& segment, std::int64_t count);
  void WriteNext();

  std::shared_ptr<File> file_;  // shared with the write under way
  const int sample_rate_hz_;
  WorkPool& pool_;
  Executor& executor_;
  OnPiece on_piece_;
  std::int64_t recorded_ = 0;             // samples of the recording's time line
  std::int64_t agent_taken_ = 0;          // samples of the agent's time line already placed
  std::deque<std::int16_t> agent_queue_;  // given to the line, not yet heard
  std::deque<Run> agent_runs_;            // of these
  bool holds_ = false;
  bool finishing_ = false;
  std::int64_t released_ = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> mutes_;  // few, and not yet written
  Side caller_;
  Side agent_;
  std::uint64_t file_offset_ = 0;
  std::deque<std::string>
      writes_;  // bounded: 60 s of both sides; beyond, audio is dropped and said
  std::size_t waiting_bytes_ = 0;
  bool writing_ = false;
  absl::Status status_;
  absl::AnyInvocable<void(absl::Status)> done_;
  Lifetime lifetime_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_CALL_AUDIO_H_
