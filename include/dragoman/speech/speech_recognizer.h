// Streaming speech-to-text: frames of PCM in, transcripts out.
#ifndef DRAGOMAN_SPEECH_SPEECH_RECOGNIZER_H_
#define DRAGOMAN_SPEECH_SPEECH_RECOGNIZER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/audio/pcm_frame.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"

namespace dragoman {

// What the next words are likely to be. Providers with grammars (PocketSphinx) use `grammar`, those
// with key terms (Deepgram `keyterm`) `phrases`; whoever has neither ignores it.
struct DRAGOMAN_EXPORT RecognitionContext {
  std::string id;                    // names the context in logs and caches; same id, same content
  std::string grammar;               // JSGF 1.0; empty: free speech
  std::vector<std::string> phrases;  // at most 100
};

struct DRAGOMAN_EXPORT RecognitionOptions {
  std::string language;        // BCP 47, "pt-BR"; empty: provider's default
  int sample_rate_hz = 16000;  // mono, signed 16-bit; a phone line is 8000
  RecognitionContext context;
  bool partials = true;           // report what is heard before it is final
  absl::Status Validate() const;  // kInvalidArgument naming the field and range
};

struct DRAGOMAN_EXPORT RecognizedWord {
  std::string text;
  std::chrono::milliseconds start{0};  // from the first sample pushed
  std::chrono::milliseconds end{0};
};

struct DRAGOMAN_EXPORT Transcript {
  std::string text;  // UTF-8, of the utterance so far: a partial is replaced by what follows it
  bool is_final = false;          // this utterance is closed; the next transcript begins a new one
  bool from_flush = false;        // final: answers a Flush(); each Flush is answered by exactly one
  int confidence_per_mille = -1;  // -1: the provider does not tell
  std::chrono::milliseconds audio_start{0};  // of its speech, from the first sample pushed
  std::chrono::milliseconds audio_end{0};
  std::vector<RecognizedWord> words;  // empty where the provider has no word times
};

// One caller's audio. Lives on the executor it was opened with: methods, callbacks and destruction
// happen there and nowhere else. Destruction cancels; no callback runs after it, and destroying the
// stream inside its own callback is allowed.
class DRAGOMAN_EXPORT RecognitionStream {
 public:
  virtual ~RecognitionStream() = default;
  // Reads the frame before it returns; never blocks. Silence is pushed too: the stream's time line
  // is the count of its samples. kResourceExhausted: the bounded queue is full and nothing was
  // taken. kFailedPrecondition: pushed after Finish or Cancel. kInvalidArgument: the frame's
  // sample_rate_hz is not that of the options.
  virtual absl::Status Push(const PcmFrame& frame) = 0;
  // The turn is over as far as the caller of this knows: what was pushed so far is closed and comes
  // back as a final with `from_flush` (empty text when nothing was said). A stream may also close
  // an utterance by itself before. Vendors: Deepgram `Finalize`, OpenAI `commit`.
  virtual void Flush() = 0;
  // From the next utterance on. Costs nothing when the id did not change.
  virtual void SetContext(const RecognitionContext& context) = 0;
  virtual void Finish() = 0;  // no more audio; pending finals still arrive
  virtual void Cancel() = 0;  // idempotent; on_done reports kCancelled
};

// Thread-safe. Must outlive the streams it opens.
class DRAGOMAN_EXPORT SpeechRecognizer {
 public:
  struct Callbacks {  // run on `executor`, one at a time, never inside Open or a stream's method
    absl::AnyInvocable<void(Transcript)> on_transcript;
    absl::AnyInvocable<void(absl::Status)> on_done;  // last, exactly once unless destroyed first
  };
  virtual ~SpeechRecognizer() = default;
  // kResourceExhausted: the admission limit is reached; try another provider or later.
  virtual absl::StatusOr<std::unique_ptr<RecognitionStream>> Open(const RecognitionOptions& options,
                                                                  Executor& executor,
                                                                  Callbacks callbacks) = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SPEECH_SPEECH_RECOGNIZER_H_
