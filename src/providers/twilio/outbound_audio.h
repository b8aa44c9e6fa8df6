// What is played into a Twilio stream: merged into few messages, kept a little ahead of the
// carrier's playout, marked, and cleared.
#ifndef DRAGOMAN_SRC_PROVIDERS_TWILIO_OUTBOUND_AUDIO_H_
#define DRAGOMAN_SRC_PROVIDERS_TWILIO_OUTBOUND_AUDIO_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "dragoman/audio/pcm_frame.h"
#include "dragoman/audio/playout_model.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/providers/twilio/media_stream.h"
#include "dragoman/telephony/media_stream.h"

namespace dragoman {

// Only on its executor. Times are audio time: 8 samples, or mu-law bytes, a millisecond.
class TwilioOutboundAudio {
 public:
  // The owner's way to the carrier. A failure ends the pumping; the owner closes the stream.
  class Wire {
   public:
    virtual ~Wire() = default;
    virtual absl::Status SendMedia(std::span<const std::uint8_t> mulaw) = 0;
    virtual absl::Status SendMark(std::uint64_t mark) = 0;
    virtual absl::Status SendClear() = 0;
    virtual void OnPlayout(PlayoutPosition position) = 0;  // may destroy the audio
    virtual void OnSendFailed(absl::Status status) = 0;
  };

  TwilioOutboundAudio(const TwilioMediaOptions& options, Executor& executor, Wire& wire);

  absl::Status Play(const PcmFrame& frame);
  void FlushPlay();
  void Clear();
  void Stop();  // nothing is sent any more

  void OnMark(std::uint64_t mark);  // the carrier returned it

  std::chrono::milliseconds sent() const;
  PlayoutPosition position() const;

 private:
  std::size_t queued() const { return queue_.size() - head_; }
  std::span<const std::uint8_t> Front(std::size_t size) const {
    return std::span(queue_).subspan(head_, size);
  }
  void Drop(std::size_t size);
  void SchedulePump();
  void Pump();
  absl::Status PumpOrFail();
  // How much may go now; 0: wait.
  std::size_t NextMessageSize(TimePoint now) const;
  absl::Status Mark();
  void ReportLostMarks(TimePoint now);
  void Rearm();

  const TwilioMediaOptions options_;
  Executor& executor_;
  Wire& wire_;
  PlayoutModel model_;
  std::vector<std::uint8_t> queue_;  // mu-law from head_ on
  std::size_t head_ = 0;
  // Ends of utterances that are still queued, in bytes ever queued.
  std::deque<std::uint64_t> utterance_ends_;
  std::uint64_t bytes_queued_ = 0;
  std::uint64_t bytes_sent_ = 0;
  PlayoutModel::Duration marked_{0};  // audio before this has a mark behind it
  std::uint64_t last_mark_ = 0;
  std::uint64_t settled_mark_ = 0;  // nothing is expected of this one and those before
  PlayoutModel::Duration reported_{0};
  bool pump_posted_ = false;
  bool stopped_ = false;
  Timer timer_;
  Lifetime lifetime_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_PROVIDERS_TWILIO_OUTBOUND_AUDIO_H_
