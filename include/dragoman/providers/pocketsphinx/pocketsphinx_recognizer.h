// Speech to text in process: PocketSphinx made to hear phone lines, no network and no key.
#ifndef DRAGOMAN_PROVIDERS_POCKETSPHINX_POCKETSPHINX_RECOGNIZER_H_
#define DRAGOMAN_PROVIDERS_POCKETSPHINX_POCKETSPHINX_RECOGNIZER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/speech/speech_recognizer.h"

namespace dragoman {

// What one decoder costs, as measured on the build machine (docs/local-speech.md): for whoever sets
// or prints the admission limit.
inline constexpr std::int64_t kPocketSphinxDecoderBytes = 94'000'000;
inline constexpr int kPocketSphinxLoadMs = 300;
inline constexpr int kPocketSphinxCorePerMille = 250;  // of one core, while its caller speaks

struct DRAGOMAN_EXPORT PocketSphinxOptions {
  std::string model_directory = "/usr/share/pocketsphinx/model/en-us";
  int decoders = 2;  // loaded at once, one per stream: the admission limit; 1 to 64
  // Least confidence at which a grammar has the last word; below it the general model is asked too.
  // Raising it lets fewer wrong sentences through the grammar and doubts more right ones.
  int accept_per_mille = 500;  // 0 to 1000
  absl::Status Validate() const;
};

struct DRAGOMAN_EXPORT PocketSphinxDependencies {
  WorkPool* pool = nullptr;  // required; must outlive the recogniser and its streams
  LogSink* log = nullptr;    // null: NullLog(); else must outlive the recogniser and its streams
};

// kOk: the model is complete and is the one that this library knows. kNotFound, kDataLoss: which
// file is missing or another, and what to install. Blocks: reads 37 MB.
DRAGOMAN_EXPORT absl::Status CheckPocketSphinxModel(const std::string& model_directory);

// English, sample rates 8000 (phone), 16000, and 24000 and 48000 brought down to 16000. Blocks:
// loads every decoder, so that a call never waits for one.
//
// A stream decodes on the pool, one piece of work at a time, in batches of 100 ms; partials come
// every 200 ms of speech. With a grammar in the context, Flush runs it over the whole utterance;
// where it rejects, or fits much worse than free phones do, general English is tried as well and
// the better one returned, with a confidence below accept_per_mille; on a line with so much noise
// (about 15 dB below the speech) that this would be guessing, the text is "[unintelligible]" with
// confidence 0, or empty where too little was said. Words of a grammar that the
// dictionary lacks are added by letter to sound. A context's phrases are not used. An utterance
// also closes by itself after 2.5 s of silence or 30 s of speech. Results depend on the audio and
// the contexts alone.
//
// Open: kResourceExhausted when every decoder has a stream, kInvalidArgument for a grammar that
// cannot be used, naming its line. SetContext has no status: a bad grammar is logged and the speech
// is heard as general English. Push: kResourceExhausted beyond 10 s of audio not yet decoded.
// PocketSphinx's own log, which is one per process, is switched off.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<SpeechRecognizer>> MakePocketSphinxRecognizer(
    const PocketSphinxOptions& options, const PocketSphinxDependencies& dependencies);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_POCKETSPHINX_POCKETSPHINX_RECOGNIZER_H_
