// Phrase patterns: "book [an] (appointment | visit)".
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_PATTERN_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_PATTERN_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace dragoman::offline {

// The word sequences that a pattern needs: what is optional is left out, alternatives are spelled
// out. kInvalidArgument: unbalanced brackets, nothing that is needed, characters other than lower
// case words, more than 256 sequences.
absl::StatusOr<std::vector<std::vector<std::string>>> NeededWords(std::string_view pattern);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_PATTERN_H_
