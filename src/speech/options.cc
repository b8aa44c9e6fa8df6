#include "dragoman/core/status.h"
#include "dragoman/speech/speech_recognizer.h"
#include "dragoman/speech/speech_synthesizer.h"
#include "dragoman/speech/voice_activity_detector.h"

namespace dragoman {

absl::Status RecognitionOptions::Validate() const {
  if (sample_rate_hz < 8000 || sample_rate_hz > 48000) {
    return InvalidArgument("sample_rate_hz is ", sample_rate_hz, "; expected 8000 to 48000");
  }
  if (context.phrases.size() > 100) {
    return InvalidArgument("context.phrases has ", context.phrases.size(),
                           "; expected at most 100");
  }
  return absl::OkStatus();
}

absl::Status SynthesisOptions::Validate() const {
  if (sample_rate_hz < 8000 || sample_rate_hz > 48000) {
    return InvalidArgument("sample_rate_hz is ", sample_rate_hz, "; expected 8000 to 48000");
  }
  if (speed_per_mille < 500 || speed_per_mille > 2000) {
    return InvalidArgument("speed_per_mille is ", speed_per_mille, "; expected 500 to 2000");
  }
  return absl::OkStatus();
}

absl::Status VoiceActivityOptions::Validate() const {
  if (sample_rate_hz != 8000 && sample_rate_hz != 16000) {
    return InvalidArgument("sample_rate_hz is ", sample_rate_hz, "; expected 8000 or 16000");
  }
  return absl::OkStatus();
}

}  // namespace dragoman
