// Keeps a call's audio beside its log, and knows what of the agent's voice was heard when.
#ifndef DRAGOMAN_SRC_AGENT_CALL_AUDIO_H_
#define DRAGOMAN_SRC_AGENT_CALL_AUDIO_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/agent/recording.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/work_pool.h"

namespace dragoman {

// Driven by the caller's frames: each tells how far the agent's audio had been heard by then. Every
// second of each side becomes an AudioPiece, appended to the file by the pool, one write at a time.
// Only on its executor.
class CallAudio {
 public:
  using OnPiece = absl::AnyInvocable<void(const AudioPiece&)>;

  // `pool` and `executor` are borrowed. Blocks to create the file.
  static absl::StatusOr<std::unique_ptr<CallAudio>> Create(const std::string& path,
                                                           int sample_rate_hz, WorkPool& pool,
                                                           Executor& executor, OnPiece on_piece);
  ~CallAudio();

  void AgentQueued(std::span<const std::int16_t> samples);  // given to the line
  void AgentCleared(std::chrono::milliseconds heard);       // the line dropped what is beyond
  // One frame of the other side; `heard` is the line's playout position now.
  void CallerFrame(std::span<const std::int16_t> samples, std::chrono::milliseconds heard);
  // Writes the rest; `done` runs once everything is on disk, with the first error.
  void Finish(absl::AnyInvocable<void(absl::Status)> done);

 private:
  class File;
  struct Side {
    std::int64_t start = 0;             // sample index in the recording of pending[0]
    std::vector<std::int16_t> pending;  // less than a second
  };

  CallAudio(std::shared_ptr<File> file, int sample_rate_hz, WorkPool& pool, Executor& executor,
            OnPiece on_piece);
  void TakeHeard(std::chrono::milliseconds heard);
  void Emit(AudioChannel channel, Side& side);
  void WriteNext();

  std::shared_ptr<File> file_;  // shared with the write under way
  const int sample_rate_hz_;
  WorkPool& pool_;
  Executor& executor_;
  OnPiece on_piece_;
  std::int64_t recorded_ = 0;             // samples of the recording's time line
  std::int64_t agent_taken_ = 0;          // samples of the agent's time line already placed
  std::deque<std::int16_t> agent_queue_;  // given to the line, not yet heard
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
