#include "src/tools/json_limits.h"

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {

absl::Status CheckJsonLimits(std::string_view what, std::string_view json,
                             const JsonLimits& limits) {
  if (json.size() > limits.max_bytes) {
    return InvalidArgument(what, " has ", json.size(), " bytes; expected at most ",
                           limits.max_bytes);
  }
  if (!IsValidUtf8(json)) return InvalidArgument(what, " is not valid UTF-8");
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '}' || c == ']') --depth;
    if ((c == '{' || c == '[') && ++depth > limits.max_depth) {
      return InvalidArgument(what, " nests deeper than ", limits.max_depth, " levels");
    }
  }
  return absl::OkStatus();
}

}  // namespace dragoman
