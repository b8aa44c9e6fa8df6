// Takes card numbers, and the codes that belong to them, out of what is heard on a call.
#ifndef DRAGOMAN_SRC_SAFETY_HEARD_CARDS_H_
#define DRAGOMAN_SRC_SAFETY_HEARD_CARDS_H_

#include <string_view>

#include "dragoman/safety/gates.h"

namespace dragoman::safety {

// 13 to 19 digits, right by the last of them (ISO/IEC 7812-1, annex B), as figures or in English
// words, become "[card number]"; three or four digits that follow one, or the words by which such a
// code is asked for, "[card code]". A number that is not right by its last digit stays. `before` is
// what was said just before, as it was heard: a number may begin there. A transcript that is not
// final shows no more than six digits in a row, "[number]" in their place: the rest is not known
// yet.
HeardText MaskCards(std::string_view before, std::string_view text, bool is_final);

}  // namespace dragoman::safety
#endif  // DRAGOMAN_SRC_SAFETY_HEARD_CARDS_H_
