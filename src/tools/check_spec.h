// What a tool's description must satisfy before anybody may see it.
#ifndef DRAGOMAN_SRC_TOOLS_CHECK_SPEC_H_
#define DRAGOMAN_SRC_TOOLS_CHECK_SPEC_H_

#include <memory>

#include "absl/status/statusor.h"
#include "dragoman/conversation/tool_spec.h"
#include "src/tools/argument_schema.h"

namespace dragoman {

// The compiled parameters, or kInvalidArgument naming the field of the spec.
absl::StatusOr<std::unique_ptr<ArgumentSchema>> CheckSpec(const ToolSpec& spec);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TOOLS_CHECK_SPEC_H_
