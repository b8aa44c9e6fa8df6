// One spelling for equal JSON, so that a digest of it binds what will really run.
#ifndef DRAGOMAN_TOOLS_CANONICAL_JSON_H_
#define DRAGOMAN_TOOLS_CANONICAL_JSON_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/export.h"

namespace dragoman {

// RFC 8785 (JCS). kInvalidArgument: not JSON, invalid UTF-8, beyond 64 KiB or 32 levels; a key that
// occurs twice in one object (readers disagree on which one counts); an integer beyond 2^53 or a
// number that is no finite double: it would not be bound exactly.
DRAGOMAN_EXPORT absl::StatusOr<std::string> CanonicalJson(std::string_view json);

// The members of a JSON object, in canonical order, values canonical: {"a", "1"}, {"b", "\"x\""}.
// kInvalidArgument: as above, or not an object.
DRAGOMAN_EXPORT absl::StatusOr<std::vector<std::pair<std::string, std::string>>> CanonicalMembers(
    std::string_view object);

// The text of a canonical JSON string; the strings of an array of them; a lone number or boolean as
// it is written. kInvalidArgument: an object, or an array of anything else.
DRAGOMAN_EXPORT absl::StatusOr<std::vector<std::string>> TextsOf(std::string_view canonical);

// "..." as JSON.
DRAGOMAN_EXPORT std::string JsonString(std::string_view utf8);

// SHA-256 as 64 hexadecimal digits.
DRAGOMAN_EXPORT std::string Sha256Hex(std::string_view bytes);

// What pins a tool for the length of a goal: a digest over its name, schema, effect class, risk,
// roles, what its results are worth and what they prove (not its description or its timeout).
DRAGOMAN_EXPORT std::string ToolFingerprint(const ToolSpec& spec);

}  // namespace dragoman
#endif  // DRAGOMAN_TOOLS_CANONICAL_JSON_H_
