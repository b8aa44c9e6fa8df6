// Speech rendered in a child process and kept on disk: the voices of simulated callers.
#ifndef DRAGOMAN_PROVIDERS_FLITE_RENDERED_SPEECH_H_
#define DRAGOMAN_PROVIDERS_FLITE_RENDERED_SPEECH_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT SpeechToRender {
  std::string text;            // English, UTF-8, 1 to 4096 bytes
  std::string voice = "rms";   // one of FliteVoices()
  int sample_rate_hz = 8000;   // 8000, 16000, 24000, 48000
  int speed_per_mille = 1000;  // 500 to 2000
};

struct DRAGOMAN_EXPORT RenderedSpeech {
  std::vector<std::int16_t> samples;
  int sample_rate_hz = 8000;
  bool from_cache = false;
};

struct DRAGOMAN_EXPORT RenderCacheOptions {
  std::string directory;  // of the cache; created with its parents
  // The program `dragoman-flite-render`, by path.
  std::string program;
  std::chrono::milliseconds limit{30'000};  // a child that takes longer is ended
};

// Blocks (a child takes 30 ms and more): not for a media thread. Thread-safe, also between
// processes that share the directory. One child per (voice, speed, rate, text, version of Flite and
// of this library's rendering); its samples are those of a fresh process, whatever the caller does
// with rand(). A damaged cache file is rendered anew. kInvalidArgument: the text or voice, in the
// child's words. kFailedPrecondition: directory or program cannot be used. kDeadlineExceeded:
// `limit`.
DRAGOMAN_EXPORT absl::StatusOr<RenderedSpeech> RenderSpeechCached(const SpeechToRender& speech,
                                                                  const RenderCacheOptions& cache);

// What the program does: renders in this process and writes a WAV file. Blocks.
DRAGOMAN_EXPORT absl::Status RenderSpeechToFile(const SpeechToRender& speech,
                                                const std::string& path);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_FLITE_RENDERED_SPEECH_H_
