// The acoustic model, trained on wide-band speech, turned into one of telephone speech.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_PHONE_BAND_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_PHONE_BAND_H_

#include <array>
#include <string>
#include <vector>

#include "src/providers/pocketsphinx/model_files.h"
#include "src/providers/pocketsphinx/speech_mixture.h"

namespace dragoman::pocketsphinx {

// Bands that end below 3850 Hz, which the filters of a line leave alone.
inline constexpr int kPhoneBands = 19;

// What the means and variances of the model become when its features are the cepstra of the lowest
// kPhoneBands bands instead of all: mean' = map * mean, variance' = scale * variance, for statics
// and both orders of differences alike, since these are linear in the statics.
struct PhoneBandMap {
  std::array<Cepstrum, kCepstra> map;
  Cepstrum scale;
};

// From the model alone: its cepstra back to log energies, cut, forward again. The variances keep
// their diagonal shape and are scaled by what the map makes of them on average. The last three of
// the new cepstra are finer than anything that 13 cepstra of 25 bands tell; they keep the variance
// they had, and all means near 0, so that they weigh on no decision.
PhoneBandMap MapToPhoneBand(const std::vector<Density>& densities);

// The map as a file for the library's option -mllr (one class, three streams). Numbers are
// written without a decimal point: the library reads them in the process's locale.
std::string MllrText(const PhoneBandMap& map);

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_PHONE_BAND_H_
