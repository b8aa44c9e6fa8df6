// Cepstra of the wide-band speech that probably lay behind a narrow and noisy line.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_FEATURE_REPAIR_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_FEATURE_REPAIR_H_

#include <span>
#include <vector>

#include "src/providers/pocketsphinx/log_mel.h"
#include "src/providers/pocketsphinx/speech_mixture.h"

namespace dragoman::pocketsphinx {

// Noise and loudness of a stretch of audio.
struct LineState {
  Bands noise{};       // log energies
  Bands variance{};    // of these from frame to frame
  float loudness = 0;  // mean log energy of its louder frames
};

// The noise from the quietest eighth of `frames` (at least 5), on a noisy line from all the frames
// in front of `begin`, where there are 0.6 s of them; the loudness from the loudest three tenths of
// those from `begin` on, which hold the speech.
LineState MeasureLine(std::span<const Bands> frames, std::size_t begin, int known_bands);

// Estimates, for each frame, the log energies of clean wide-band speech given what the line let
// through: x = E[x | y] under the mixture, with y = log(e^x + e^noise) linearised about each
// component (vector Taylor series; Moreno, Raj, Stern 1996) for the bands the line carries; the
// bands above follow from the posterior of the components alone. The cepstral mean of the model's
// own training (feat.params -cmninit), moved to the measured loudness, takes the place of a mean
// carried over utterances: nothing is carried over. One line state per object; constant afterwards.
class FeatureRepair {
 public:
  // `wide` is that of the mixture, `result` that of the cepstra to be made.
  FeatureRepair(const SpeechMixture& mixture, const CepstralTransform& wide,
                const CepstralTransform& result, const LineState& line, int known_bands);

  Cepstrum Repair(const Bands& frame) const;

 private:
  struct Component {
    Bands clean;      // mean of the clean log energies on this channel
    Bands expected;   // what the line makes of them
    Bands precision;  // of the observation, per band
    Bands gain;       // how far the clean estimate follows the observation
    float constant;
  };

  const CepstralTransform& transform_;  // of the result; borrowed
  std::size_t known_;
  Cepstrum mean_{};
  std::vector<Component> components_;
};

// The plain way: transform, then subtract the mean over the utterance.
std::vector<Cepstrum> PlainCepstra(std::span<const Bands> frames,
                                   const CepstralTransform& transform);

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_FEATURE_REPAIR_H_
