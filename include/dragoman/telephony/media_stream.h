// The audio of a live call, whatever carries it.
#ifndef DRAGOMAN_TELEPHONY_MEDIA_STREAM_H_
#define DRAGOMAN_TELEPHONY_MEDIA_STREAM_H_

#include <chrono>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "dragoman/audio/pcm_frame.h"
#include "dragoman/core/export.h"

namespace dragoman {

// How much of the audio given to Play the other party has heard.
struct DRAGOMAN_EXPORT PlayoutPosition {
  std::chrono::milliseconds position{
      0};                     // from the first sample ever played, without cleared audio
  bool acknowledged = false;  // the carrier said so (marks); else the model of a paced line
  friend bool operator==(const PlayoutPosition&, const PlayoutPosition&) = default;
};

// Both directions of a call's audio. Only on its executor; no method blocks.
//
// Outbound audio has a time line of its own: sent() grows with Play; Clear takes back what was not
// heard, so that afterwards sent() == position(). Implementations encode for the line, pace or
// merge as the carrier wants, and keep the marks to themselves.
class DRAGOMAN_EXPORT MediaStream {
 public:
  struct Callbacks {  // on the stream's executor, one at a time
    // The other party's audio in order and without gaps (lost pieces are concealed). Usually 20 ms.
    absl::AnyInvocable<void(const PcmFrame&)> on_audio;
    absl::AnyInvocable<void(char digit)> on_dtmf;  // 0-9 * # A-D, once per key press
    // Something more was heard: at each mark, or about every 100 ms while a modelled line plays,
    // and always when everything sent has been heard. Not called for Clear.
    absl::AnyInvocable<void(PlayoutPosition)> on_playout;
    // Last, exactly once unless destroyed first. OK: one of the sides ended the stream properly.
    absl::AnyInvocable<void(absl::Status)> on_closed;
  };
  virtual ~MediaStream() = default;

  virtual int sample_rate_hz() const = 0;       // of on_audio and of Play; 8000 on a phone line
  virtual void Start(Callbacks callbacks) = 0;  // once; nothing arrives before

  // Queues audio to be heard after all that was queued before; copies. kResourceExhausted: more
  // than max_queued() would wait, nothing was taken. kInvalidArgument: another sample rate.
  // kFailedPrecondition: closed.
  virtual absl::Status Play(const PcmFrame& frame) = 0;
  // The utterance ends here: sends what is held back for merging and asks the carrier to tell when
  // it has been heard.
  virtual void FlushPlay() = 0;
  // Stops at once: drops what was queued here and tells the carrier to drop what it has.
  virtual void Clear() = 0;
  virtual absl::Status SendDtmf(
      std::string_view digits) = 0;  // kUnimplemented where there is no way

  virtual std::chrono::milliseconds sent() const = 0;
  virtual PlayoutPosition position() const = 0;
  virtual std::chrono::milliseconds max_queued() const { return std::chrono::seconds(60); }
};

}  // namespace dragoman
#endif  // DRAGOMAN_TELEPHONY_MEDIA_STREAM_H_
