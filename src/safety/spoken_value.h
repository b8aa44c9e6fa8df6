// A value of the vault as it is said to somebody who writes it down.
#ifndef DRAGOMAN_SRC_SAFETY_SPOKEN_VALUE_H_
#define DRAGOMAN_SRC_SAFETY_SPOKEN_VALUE_H_

#include <string_view>

#include "dragoman/core/secret.h"

namespace dragoman::safety {

// Digits one by one, in groups ("four two seven one, three three"), words as words, other letters
// and signs each for themselves. Names of digits and signs are English; in other languages digits
// stay digits, which a voice of that language reads.
Secret SpokenValue(std::string_view value, std::string_view language);

}  // namespace dragoman::safety
#endif  // DRAGOMAN_SRC_SAFETY_SPOKEN_VALUE_H_
