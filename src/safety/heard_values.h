// Takes values of the vault out of what the other party is heard to say.
#ifndef DRAGOMAN_SRC_SAFETY_HEARD_VALUES_H_
#define DRAGOMAN_SRC_SAFETY_HEARD_VALUES_H_

#include <string>
#include <string_view>
#include <vector>

#include "dragoman/safety/gates.h"
#include "dragoman/store/secret_matcher.h"

namespace dragoman::safety {

struct WatchedValue {
  std::string handle;
  bool told = false;  // parts of it count too: it may be repeated in pieces
};

// Replaces whatever of `text` spells one of `values` by its handle, "vault:bank/pin". `before` is
// what was said just before, as it was heard: a value may begin there.
HeardText MaskValues(std::string_view before, std::string_view text, bool is_final,
                     const SecretMatcher& matcher, const std::vector<WatchedValue>& values);

}  // namespace dragoman::safety
#endif  // DRAGOMAN_SRC_SAFETY_HEARD_VALUES_H_
