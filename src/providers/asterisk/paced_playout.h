// Audio for a peer that plays what it gets when it gets it: a frame every 20 ms, on a schedule of
// our own.
#ifndef DRAGOMAN_SRC_PROVIDERS_ASTERISK_PACED_PLAYOUT_H_
#define DRAGOMAN_SRC_PROVIDERS_ASTERISK_PACED_PLAYOUT_H_

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/audio/pcm_frame.h"
#include "dragoman/audio/pcm_queue.h"
#include "dragoman/audio/playout_model.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/telephony/media_stream.h"

namespace dragoman {

// Only on its executor.
class PacedPlayout {
 public:
  static constexpr std::chrono::milliseconds kFrame{20};

  class Wire {
   public:
    virtual ~Wire() = default;
    virtual absl::Status SendFrame(std::span<const std::int16_t> samples) = 0;  // always 20 ms
    virtual void OnPlayout(PlayoutPosition position) = 0;  // may destroy the playout
    virtual void OnSendFailed(absl::Status status) = 0;    // may destroy the playout
  };

  PacedPlayout(int sample_rate_hz, std::chrono::milliseconds max_queued, Executor& executor,
               Wire& wire);

  absl::Status Play(const PcmFrame& frame);
  void FlushPlay();
  // Drops the queue. What was sent is heard whatever we do, so it counts as heard from now on.
  void Clear();
  void Stop();

  std::chrono::milliseconds sent() const;
  PlayoutPosition position() const;

 private:
  void StartTicking();
  void ScheduleTick(TimePoint when);
  void Tick();
  absl::Status SendDueFrames(TimePoint now);
  PlayoutModel::Duration AudioTime(std::size_t samples) const;
  PlayoutModel::Duration Position(TimePoint now) const;

  const int sample_rate_hz_;
  Executor& executor_;
  Wire& wire_;
  PcmQueue queue_;
  PlayoutModel model_;
  std::vector<std::int16_t> frame_;
  TimePoint next_frame_{};  // when the next one may leave
  bool flush_ = false;
  bool stopped_ = false;
  PlayoutModel::Duration cleared_at_{0};  // position that the last Clear settled
  PlayoutModel::Duration reported_{0};
  Timer timer_;
  Lifetime lifetime_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_PROVIDERS_ASTERISK_PACED_PLAYOUT_H_
