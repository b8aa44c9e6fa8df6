// What clean wide-band speech looks like to the acoustic model: a mixture over its log energies.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_SPEECH_MIXTURE_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_SPEECH_MIXTURE_H_

#include <array>
#include <vector>

#include "src/providers/pocketsphinx/log_mel.h"
#include "src/providers/pocketsphinx/model_files.h"

namespace dragoman::pocketsphinx {

using Cepstrum = std::array<float, kCepstra>;

// The second half of the front end: orthonormal DCT and lifter (-transform dct, -lifter 22).
class CepstralTransform {
 public:
  // Of the lowest `bands`: 13 to kBands.
  explicit CepstralTransform(int bands = kBands);
  Cepstrum Forward(const Bands& bands) const;
  Bands Backward(const Cepstrum& cepstrum) const;  // smooth: 13 of `bands` coefficients
  Bands BackwardVariance(const Cepstrum& variance) const;

 private:
  std::size_t bands_;
  std::array<Bands, kCepstra> forward_;  // lifted
  std::array<Bands, kCepstra> backward_;
};

struct SpeechMixture {
  std::vector<Bands> means;  // relative to the channel: the model sees cepstra without their mean
  std::vector<Bands> variances;
  std::vector<float> log_weights;
};

// 128 clusters (k-means from evenly spread starts, so always the same) of the model's densities.
// Nothing else is learned from: no voice, no recording.
SpeechMixture BuildSpeechMixture(const std::vector<Density>& densities,
                                 const CepstralTransform& transform);

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_SPEECH_MIXTURE_H_
