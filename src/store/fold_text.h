// Text reduced to the letters and digits that a person would take it for.
#ifndef DRAGOMAN_SRC_STORE_FOLD_TEXT_H_
#define DRAGOMAN_SRC_STORE_FOLD_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dragoman::store {

struct FoldedWord {
  std::string text;         // [a-z0-9]+
  std::uint32_t begin = 0;  // bytes of the original
  std::uint32_t end = 0;
};
// Runs of letters and digits in any script that looks like ours: case, accents, full-width forms,
// mathematical letters, Cyrillic and Greek look-alikes are folded; what is not seen is dropped;
// everything else parts words. Any bytes are taken.
std::vector<FoldedWord> FoldWords(std::string_view text);

// The words without what parts them.
std::string FoldAll(std::string_view text);

}  // namespace dragoman::store

#endif  // DRAGOMAN_SRC_STORE_FOLD_TEXT_H_
