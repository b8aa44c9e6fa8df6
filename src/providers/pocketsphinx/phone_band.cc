#include "src/providers/pocketsphinx/phone_band.h"

#include <cmath>

#include "dragoman/core/status.h"

namespace dragoman::pocketsphinx {
namespace {

constexpr std::size_t kTold = 10;  // cepstra of 19 bands that 13 of 25 determine: 13 * 19 / 25
constexpr int kStreams = 3;

std::string Number(float value) { return StrCat(std::lround(value * 1e6f), "e-6"); }

}  // namespace

PhoneBandMap MapToPhoneBand(const std::vector<Density>& densities) {
  const CepstralTransform wide;
  const CepstralTransform narrow(kPhoneBands);
  PhoneBandMap out{};
  for (std::size_t column = 0; column < kCepstra; ++column) {
    Cepstrum unit{};
    unit[column] = 1;
    const Cepstrum image = narrow.Forward(wide.Backward(unit));
    for (std::size_t row = 0; row < kCepstra; ++row) out.map[row][column] = image[row];
  }
  for (std::size_t row = 0; row < kCepstra; ++row) {
    double before = 0;
    double after = 0;
    for (const Density& density : densities) {
      before += density.variance[row];
      for (std::size_t i = 0; i < kCepstra; ++i) {
        after += double{1} * out.map[row][i] * out.map[row][i] * density.variance[i];
      }
    }
    out.scale[row] = row < kTold && before > 0 ? static_cast<float>(after / before) : 1.0f;
  }
  return out;
}

std::string MllrText(const PhoneBandMap& map) {
  std::string text = StrCat("1\n", kStreams, "\n");
  for (int stream = 0; stream < kStreams; ++stream) {
    text += StrCat(kCepstra, "\n");
    for (const Cepstrum& row : map.map) {
      for (float value : row) text += Number(value) + " ";
      text += "\n";
    }
    for (int i = 0; i < kCepstra; ++i) text += "0 ";  // means are relative to the utterance's
    text += "\n";
    for (float value : map.scale) text += Number(value) + " ";
    text += "\n";
  }
  return text;
}

}  // namespace dragoman::pocketsphinx
