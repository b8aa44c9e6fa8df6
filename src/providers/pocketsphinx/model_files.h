// The model on disk, checked before PocketSphinx reads it: it ends the process on a bad one.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_MODEL_FILES_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_MODEL_FILES_H_

#include <array>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace dragoman::pocketsphinx {

struct ModelFiles {
  std::string acoustic;    // folder
  std::string dictionary;  // cmudict
  std::string language;    // general trigram model
};

// Names, sizes and SHA-256 of the files of Debian's pocketsphinx-en-us 0.8+5prealpha. kNotFound: a
// file is missing. kDataLoss: it is another file. Blocks: reads 37 MB.
absl::StatusOr<ModelFiles> CheckModelFiles(const std::string& directory);

inline constexpr int kCodebooks = 42;
inline constexpr int kDensities = 128;
inline constexpr int kCepstra = 13;

// One Gaussian of the static features (stream 0) of the acoustic model.
struct Density {
  std::array<float, kCepstra> mean{};
  std::array<float, kCepstra> variance{};
};

// All kCodebooks * kDensities, codebook by codebook, from the files `means` and `variances`.
absl::StatusOr<std::vector<Density>> ReadDensities(const ModelFiles& files);

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_MODEL_FILES_H_
