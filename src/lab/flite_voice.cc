#include "src/lab/flite_voice.h"

#include <utility>

#include "dragoman/core/status.h"

namespace dragoman::lab {

absl::StatusOr<Clip> FliteVoice::Speak(std::string_view text) {
  SpeechToRender speech;
  speech.text = text;
  speech.voice = voice_;
  speech.sample_rate_hz = kRate;
  speech.speed_per_mille = speed_per_mille_;
  auto rendered = RenderSpeechCached(speech, cache_);
  if (!rendered.ok()) return Annotate(rendered.status(), "the caller's voice");
  Clip clip;
  clip.samples = std::move(rendered->samples);
  Normalise(clip.samples, kSpeechRms);
  return clip;
}

}  // namespace dragoman::lab
