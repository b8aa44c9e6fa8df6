// Reads a JSGF grammar before the decoder does: refuses what would harm it, lists the words.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_JSGF_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_JSGF_H_

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace dragoman::pocketsphinx {

inline constexpr std::size_t kMaxGrammarBytes = 256 * 1024;
// Words that remain when every reference is replaced by its rule; the decoder's network grows with
// it (about 100 bytes each, and a state per phone).
inline constexpr std::size_t kMaxExpandedWords = 200'000;

struct CheckedGrammar {
  std::string text;             // the same grammar: words in lower case, no comments, no tags
  std::set<std::string> words;  // of all rules
};

// JSGF 1.0 (W3C note of 2000-06-05) without imports, with what the decoder supports of recursion:
// none. The first public rule is the root. kInvalidArgument names the line.
absl::StatusOr<CheckedGrammar> CheckGrammar(std::string_view text);

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_JSGF_H_
