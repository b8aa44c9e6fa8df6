// Code of the application that a tool runs: what it throws ends here, as a status.
#ifndef DRAGOMAN_SRC_TOOLS_GUARDED_CALL_H_
#define DRAGOMAN_SRC_TOOLS_GUARDED_CALL_H_

#include <exception>
#include <string>

#include "absl/status/statusor.h"
#include "dragoman/core/status.h"

namespace dragoman {

// `call()`; kInternal with what it threw. kInternal says nothing about the world: whoever carries
// out effects takes it for no answer, because the throw may have come after the deed.
template <typename Call>
absl::StatusOr<std::string> GuardedCall(const std::string& tool, Call&& call) {
  try {
    return call();
  } catch (const std::exception& error) {
    return Internal("tool \"", tool, "\" threw: ", error.what());
  } catch (...) {
    return Internal("tool \"", tool, "\" threw something that is no std::exception");
  }
}

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TOOLS_GUARDED_CALL_H_
