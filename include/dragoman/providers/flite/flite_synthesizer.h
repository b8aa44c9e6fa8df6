// Text to speech in process: Flite with the CMU voices, no network and no key.
#ifndef DRAGOMAN_PROVIDERS_FLITE_FLITE_SYNTHESIZER_H_
#define DRAGOMAN_PROVIDERS_FLITE_FLITE_SYNTHESIZER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/speech/speech_synthesizer.h"

namespace dragoman {

struct DRAGOMAN_EXPORT FliteOptions {
  std::string voice = "slt";     // used when SynthesisOptions::voice is empty; one of FliteVoices()
  std::size_t max_streams = 64;  // syntheses at once; 1 to 4096
  std::size_t max_cache_bytes =
      8 * (1 << 20);  // of rendered audio, least recently used goes; 0: none
  absl::Status Validate() const;
};

struct DRAGOMAN_EXPORT FliteDependencies {
  WorkPool* pool = nullptr;  // required; must outlive the synthesizer
};

// The voices linked in: "rms" and "awb" (men, the second Scottish), "slt" (a woman), "kal16" and
// "kal" (diphones: cheap, robotic, the second at 8 kHz). English only.
DRAGOMAN_EXPORT std::vector<std::string> FliteVoices();

// "2.2": part of the key of whatever keeps rendered speech.
DRAGOMAN_EXPORT std::string FliteVersion();

// Sample rates: 8000, 16000, 24000, 48000. Text is spoken in pieces of a sentence (cut at a comma
// or a blank when longer than 160 characters), each rendered on the pool and delivered before the
// next is begun, so Cancel takes effect within a piece. Accents are dropped, other scripts and
// control characters are read as blanks.
//
// The same (voice, speed, rate, text) gives the same samples: the voices draw on rand(), so
// renderings take turns across the process, each with a generator state of its own put in place of
// the process's (initstate, setstate) and taken away again, which leaves the host's own sequence as
// it was. Code of the host that calls rand() while a sentence is rendered disturbs that sentence's
// noise, inaudibly; where samples must be exact in any host, render in a child: RenderSpeechCached.
//
// kInvalidArgument: an option, or an unknown voice. kFailedPrecondition: no pool.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<SpeechSynthesizer>> MakeFliteSynthesizer(
    const FliteOptions& options, const FliteDependencies& dependencies);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_FLITE_FLITE_SYNTHESIZER_H_
