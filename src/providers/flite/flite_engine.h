// One rendering by Flite: a piece of safe text in, samples and word times out. Blocks.
#ifndef DRAGOMAN_SRC_PROVIDERS_FLITE_FLITE_ENGINE_H_
#define DRAGOMAN_SRC_PROVIDERS_FLITE_FLITE_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/speech/speech_synthesizer.h"
#include "src/providers/flite/spoken_text.h"

namespace dragoman::flite {

// Bumped when the same text would give other samples: part of every cache key.
inline constexpr int kRenderingVersion = 1;

struct RenderRequest {
  std::string voice;
  int sample_rate_hz = 8000;
  int speed_per_mille = 1000;
};

struct Rendering {
  std::vector<std::int16_t> samples;
  std::vector<SpokenWord> words;  // times from the first sample of this rendering

  std::size_t bytes() const {
    return sizeof(*this) + samples.size() * sizeof(samples[0]) + words.size() * sizeof(words[0]);
  }
};

bool KnowsVoice(std::string_view voice);

// kInvalidArgument: unknown voice, or a sample rate without a resampler.
absl::Status CheckRequest(const RenderRequest& request);

// Thread-safe; takes turns with every other rendering of the process. Silence before the first word
// is cut to 30 ms, after the last to 150 ms.
absl::StatusOr<Rendering> RenderPiece(const SpokenPiece& piece, const RenderRequest& request);

}  // namespace dragoman::flite
#endif  // DRAGOMAN_SRC_PROVIDERS_FLITE_FLITE_ENGINE_H_
