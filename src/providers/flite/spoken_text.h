// Text made safe for Flite, in pieces, with the way back to the bytes that came in.
#ifndef DRAGOMAN_SRC_PROVIDERS_FLITE_SPOKEN_TEXT_H_
#define DRAGOMAN_SRC_PROVIDERS_FLITE_SPOKEN_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace dragoman::flite {

inline constexpr std::size_t kMaxTextBytes = 4096;

// One rendering: printable ASCII, no word longer than 60 characters, at most 160 characters.
struct SpokenPiece {
  std::string text;
  std::vector<std::size_t> origin;  // per character, its first byte in the text given
  std::size_t origin_end = 0;       // the byte behind the last character
};

// kInvalidArgument: empty, nothing but blanks, longer than kMaxTextBytes, not UTF-8.
absl::StatusOr<std::vector<SpokenPiece>> SplitSpokenText(std::string_view text);

}  // namespace dragoman::flite
#endif  // DRAGOMAN_SRC_PROVIDERS_FLITE_SPOKEN_TEXT_H_
