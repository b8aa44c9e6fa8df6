// Streaming text-to-speech: a piece of text in, frames of PCM out.
#ifndef DRAGOMAN_SPEECH_SPEECH_SYNTHESIZER_H_
#define DRAGOMAN_SPEECH_SPEECH_SYNTHESIZER_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/audio/pcm_frame.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT SynthesisOptions {
  std::string voice;           // the provider's name for it; empty: its default
  std::string language;        // BCP 47; empty: the voice's own
  int sample_rate_hz = 8000;   // of the audio delivered, 8000 to 48000; ask for the line's own
  int speed_per_mille = 1000;  // 500 to 2000; 1200 is a fifth faster
  // The text holds a secret: neither it nor its audio may be kept, in memory or anywhere else, for
  // longer than it takes to speak it, nor stand in a message or a log.
  bool confidential = false;
  absl::Status Validate() const;
};

// Where a word of the text lies in the audio.
struct DRAGOMAN_EXPORT SpokenWord {
  std::size_t text_begin = 0;  // bytes into the text given to Synthesize
  std::size_t text_end = 0;
  std::chrono::milliseconds start{0};  // from the first sample of this synthesis
  std::chrono::milliseconds end{0};
};

// One piece of text being spoken. Only on its executor. Destruction cancels, also inside a
// callback.
class DRAGOMAN_EXPORT SynthesisStream {
 public:
  virtual ~SynthesisStream() = default;
  virtual void Cancel() = 0;  // idempotent; on_done reports kCancelled
};

// Thread-safe. Must outlive its streams.
class DRAGOMAN_EXPORT SpeechSynthesizer {
 public:
  struct Callbacks {  // run on `executor`, one at a time, never inside Synthesize
    // Frames of any length in order, at the sample rate asked for, as fast as they are made.
    absl::AnyInvocable<void(const PcmFrame&)> on_audio;
    // Words of the audio, each once, in order, at the latest before on_done; may never be called.
    absl::AnyInvocable<void(const std::vector<SpokenWord>&)> on_words;
    absl::AnyInvocable<void(absl::Status)> on_done;  // last, exactly once unless destroyed first
  };
  virtual ~SpeechSynthesizer() = default;
  // `text` is a sentence or a few, UTF-8, at most max_text_bytes(). kInvalidArgument: empty, too
  // long, invalid UTF-8, unknown voice. kResourceExhausted: too many at once.
  virtual absl::StatusOr<std::unique_ptr<SynthesisStream>> Synthesize(
      std::string_view text, const SynthesisOptions& options, Executor& executor,
      Callbacks callbacks) = 0;
  virtual std::size_t max_text_bytes() const { return 4096; }
};

}  // namespace dragoman
#endif  // DRAGOMAN_SPEECH_SPEECH_SYNTHESIZER_H_
