// Bounds on JSON that somebody else wrote, checked before it is parsed.
#ifndef DRAGOMAN_SRC_TOOLS_JSON_LIMITS_H_
#define DRAGOMAN_SRC_TOOLS_JSON_LIMITS_H_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"

namespace dragoman {

struct JsonLimits {
  std::size_t max_bytes = 64 * 1024;
  int max_depth = 32;  // nested objects and arrays
};

// Size, UTF-8 and depth only; the parser judges the rest. `what` begins the message.
absl::Status CheckJsonLimits(std::string_view what, std::string_view json,
                             const JsonLimits& limits);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TOOLS_JSON_LIMITS_H_
