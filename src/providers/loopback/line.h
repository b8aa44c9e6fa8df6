// The line between two ends of a loopback call.
#ifndef DRAGOMAN_SRC_PROVIDERS_LOOPBACK_LINE_H_
#define DRAGOMAN_SRC_PROVIDERS_LOOPBACK_LINE_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "dragoman/audio/pcm_queue.h"
#include "dragoman/core/executor.h"
#include "dragoman/telephony/call.h"

namespace dragoman {

// Shared by both ends and by its own tasks. Only on its executor. A clock of 20 ms carries a frame
// each way from the first Start to the end of the call.
class LoopbackLink : public std::enable_shared_from_this<LoopbackLink> {
 public:
  explicit LoopbackLink(Executor& executor) : executor_(executor), tick_(executor) {}

  static std::unique_ptr<Call> MakeEnd(std::shared_ptr<LoopbackLink> link, int side, CallInfo info);

  void Start(int side, MediaStream::Callbacks callbacks);
  absl::Status Play(int side, const PcmFrame& frame);
  void FlushPlay(int side);
  void Clear(int side);
  absl::Status SendDtmf(int side, std::string_view digits);
  std::chrono::milliseconds sent(int side) const;
  PlayoutPosition position(int side) const;
  void Abandon(int side);  // the end is gone: no callback any more, and the call is over
  void End();
  bool ended() const { return ended_; }
  Executor& executor() { return executor_; }

 private:
  static constexpr std::size_t kFrame = 160;
  struct Side {
    std::shared_ptr<MediaStream::Callbacks> callbacks;  // held while one runs
    PcmQueue queue{60 * 8000};                          // of what this side plays
    std::int64_t carried = 0;                           // samples
    std::int64_t reported = 0;
    bool flushed = false;   // what is queued is all for now
    bool starving = false;  // less than a frame was there at the last tick
  };

  void Tick();
  void Carry(int from);
  void Closed(int side);

  Executor& executor_;
  std::array<Side, 2> sides_;
  bool ended_ = false;
  TimePoint next_tick_{};
  Timer tick_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_PROVIDERS_LOOPBACK_LINE_H_
