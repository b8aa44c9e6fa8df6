// Tells speech from everything else on the line, frame by frame.
#ifndef DRAGOMAN_SPEECH_VOICE_ACTIVITY_DETECTOR_H_
#define DRAGOMAN_SPEECH_VOICE_ACTIVITY_DETECTOR_H_

#include <memory>

#include "absl/status/statusor.h"
#include "dragoman/audio/pcm_frame.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT VoiceActivityOptions {
  int sample_rate_hz = 8000;  // 8000 or 16000
  absl::Status Validate() const;
};

// One caller's audio. One thread at a time; runs on the media thread: no allocation, no lock.
class DRAGOMAN_EXPORT VoiceActivityDetector {
 public:
  virtual ~VoiceActivityDetector() = default;
  // Probability, per mille, that the frame holds speech. `frame` is 20 ms. Results for the same
  // frames are the same on every run.
  virtual int Process(const PcmFrame& frame) = 0;
  virtual void Reset() = 0;  // forgets the line: a new call
};

// The detector of this library (docs/voice-activity.md has its figures).
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<VoiceActivityDetector>> MakeVoiceActivityDetector(
    const VoiceActivityOptions& options);

}  // namespace dragoman
#endif  // DRAGOMAN_SPEECH_VOICE_ACTIVITY_DETECTOR_H_
