#include "src/providers/pocketsphinx/model_files.h"

#include <openssl/evp.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string_view>

#include "dragoman/core/status.h"

namespace dragoman::pocketsphinx {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kInstall = "install Debian's pocketsphinx-en-us";

struct KnownFile {
  std::string_view name;
  std::uintmax_t bytes;
  std::string_view sha256;
};

constexpr std::array<KnownFile, 9> kKnown = {{
    {"en-us/feat.params", 230, "9f8058c107ebbc42abef6d39c67c6aedbcf60ac371332e550994e12a0392cb02"},
    {"en-us/mdef", 2959176, "2360f9a86889c1cfee8bd618a0269387911e5fb2920a594f506b18b8c79683b0"},
    {"en-us/means", 838732, "832019e32cac12eb318964f96f469034acb12d0348eeddc3831831a100cb4dd4"},
    {"en-us/noisedict", 56, "7295b07df2c204c4f87c6782b6be1a3859d7006d4e3864181c955d6dab105a33"},
    {"en-us/sendump", 1969024, "8c9564c0d5bef69ca9d9bf1014abe162f071644cf02cf1fa8a483c3dc165a7a8"},
    {"en-us/transition_matrices", 2080,
     "c1f7f28ea43177be734be1f88bd7f1b9a853d0e660f8599c67c6eaeca8bb539a"},
    {"en-us/variances", 838732, "b00d696f85e96834fc10f8e5f06428d8c4db6bffdbe5845b6f69bf6efbc48fa5"},
    {"en-us.lm.bin", 27114385, "db21d0642286677699e6dbc859d2e5395570222361999387ce60f6e1d01995d6"},
    {"cmudict-en-us.dict", 3272051,
     "9de99dd2a24b63c653c1c30ab39388d05185cae36d0875f15c319b4ad6dc43af"},
}};

absl::StatusOr<std::string> Sha256OfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return FailedPrecondition("pocketsphinx: cannot read ", path);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  if (context == nullptr || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) {
    return Internal("pocketsphinx: SHA-256 is not available");
  }
  std::vector<char> buffer(1 << 18);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) ||
         file.gcount() > 0) {
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

// S3 parameter file: text up to "endhdr", a byte order mark, the counts, then floats.
absl::StatusOr<std::vector<float>> ReadParameters(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const std::size_t header = bytes.find("endhdr\n");
  if (header == std::string::npos) return DataLoss("pocketsphinx: ", path, " has no header");
  std::size_t at = header + 7;
  const auto number = [&] {
    std::uint32_t value = 0;
    if (at + 4 <= bytes.size()) std::memcpy(&value, bytes.data() + at, 4);
    at += 4;
    return value;
  };
  constexpr std::uint32_t kStreams = 3;
  bool fits = number() == 0x11223344 && number() == kCodebooks && number() == kStreams &&
              number() == kDensities;
  for (std::uint32_t i = 0; i < kStreams; ++i) fits = number() == kCepstra && fits;
  constexpr std::size_t kFloats = std::size_t{kCodebooks} * kStreams * kDensities * kCepstra;
  fits = number() == kFloats && fits;
  if (!fits || bytes.size() < at + kFloats * 4) {
    return DataLoss("pocketsphinx: ", path, " has another shape than 42 x 3 x 128 x 13");
  }
  std::vector<float> values(kFloats);
  std::memcpy(values.data(), bytes.data() + at, kFloats * 4);
  return values;
}

}  // namespace

absl::StatusOr<ModelFiles> CheckModelFiles(const std::string& directory) {
  for (const KnownFile& known : kKnown) {
    const std::string path = (fs::path(directory) / known.name).string();
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(path, error);
    if (error) return NotFound("pocketsphinx: ", path, ": ", error.message(), "; ", kInstall);
    if (bytes != known.bytes) {
      return DataLoss("pocketsphinx: ", path, " has ", bytes, " bytes; expected ", known.bytes,
                      "; ", kInstall);
    }
    DRAGOMAN_ASSIGN_OR_RETURN(const std::string sha256, Sha256OfFile(path));
    if (sha256 != known.sha256) {
      return DataLoss("pocketsphinx: ", path, " has SHA-256 ", sha256, "; expected ", known.sha256,
                      "; ", kInstall);
    }
  }
  const fs::path root(directory);
  return ModelFiles{.acoustic = (root / "en-us").string(),
                    .dictionary = (root / "cmudict-en-us.dict").string(),
                    .language = (root / "en-us.lm.bin").string()};
}

absl::StatusOr<std::vector<Density>> ReadDensities(const ModelFiles& files) {
  DRAGOMAN_ASSIGN_OR_RETURN(const auto means, ReadParameters(files.acoustic + "/means"));
  DRAGOMAN_ASSIGN_OR_RETURN(const auto variances, ReadParameters(files.acoustic + "/variances"));
  std::vector<Density> densities;
  densities.reserve(std::size_t{kCodebooks} * kDensities);
  constexpr std::size_t kStream = std::size_t{kDensities} * kCepstra;
  for (std::size_t book = 0; book < kCodebooks; ++book) {
    for (std::size_t density = 0; density < kDensities; ++density) {
      const std::size_t at = book * 3 * kStream + density * kCepstra;
      Density one;
      std::memcpy(one.mean.data(), means.data() + at, sizeof one.mean);
      std::memcpy(one.variance.data(), variances.data() + at, sizeof one.variance);
      densities.push_back(one);
    }
  }
  return densities;
}

}  // namespace dragoman::pocketsphinx
