// A call whose audio the host pushes and pulls itself: no socket, no server, no thread of ours.
#ifndef DRAGOMAN_TELEPHONY_RAW_AUDIO_CALL_H_
#define DRAGOMAN_TELEPHONY_RAW_AUDIO_CALL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/telephony/call.h"

namespace dragoman {

struct DRAGOMAN_EXPORT RawAudioOptions {
  int sample_rate_hz = 8000;  // 8000 or 16000, both directions, mono
  CallInfo info{
      .id = "raw", .carrier = "raw_audio", .from = {}, .to = {}, .direction = {}, .parameters = {}};
  absl::Status Validate() const;
};

// The host's end. Only on the call's executor (with a PumpedExecutor: the host's own thread).
class DRAGOMAN_EXPORT RawAudioPort {
 public:
  virtual ~RawAudioPort() = default;  // hangs up
  // Audio from the microphone or line, in any length; the agent gets 20 ms frames. The agent's
  // callbacks run inside. kInvalidArgument: another sample rate. kFailedPrecondition: ended.
  virtual absl::Status PushAudio(const PcmFrame& frame) = 0;
  // Fills `out` with what the agent says, then silence; returns how many samples are the agent's.
  // What was pulled counts as heard.
  virtual std::size_t PullAudio(std::span<std::int16_t> out) = 0;
  virtual absl::Status PressKey(char digit) = 0;  // 0-9 * # A-D
  virtual void HangUp() = 0;
  virtual bool ended() const = 0;  // by either side
};

struct DRAGOMAN_EXPORT RawAudio {
  std::unique_ptr<Call> call;  // for CallAgent::Accept or Session::Start
  std::unique_ptr<RawAudioPort> port;
};

// `executor` is borrowed and must outlive both ends, which may go in any order.
DRAGOMAN_EXPORT absl::StatusOr<RawAudio> MakeRawAudioCall(const RawAudioOptions& options,
                                                          Executor& executor);

}  // namespace dragoman

#endif  // DRAGOMAN_TELEPHONY_RAW_AUDIO_CALL_H_
