// What is said in place of a sentence that was stopped.
#ifndef DRAGOMAN_SRC_SAFETY_SAFE_LINES_H_
#define DRAGOMAN_SRC_SAFETY_SAFE_LINES_H_

#include <string_view>

namespace dragoman::safety {

enum class StopReason { kSecret, kCommitment, kClaim };

// `nth` of this call, so that it does not say the same twice in a row. English where the language
// has none.
std::string_view SafeLine(StopReason reason, std::string_view language, int nth);

}  // namespace dragoman::safety

#endif  // DRAGOMAN_SRC_SAFETY_SAFE_LINES_H_
