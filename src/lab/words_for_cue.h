#ifndef DRAGOMAN_SRC_LAB_WORDS_FOR_CUE_H_
#define DRAGOMAN_SRC_LAB_WORDS_FOR_CUE_H_

#include <string>
#include <string_view>

namespace dragoman::lab {

// The first words of a sentence, as a cue or an expectation can hold them; empty: it has none.
std::string WordsForCue(std::string_view text);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_WORDS_FOR_CUE_H_
