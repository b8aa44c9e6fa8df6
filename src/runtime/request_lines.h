// The lines in which requests come and answers go.
#ifndef DRAGOMAN_SRC_RUNTIME_REQUEST_LINES_H_
#define DRAGOMAN_SRC_RUNTIME_REQUEST_LINES_H_

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/runtime/operator_host.h"

namespace dragoman::request_lines {

void Send(const OperatorHost::Reply& reply, const nlohmann::json& line, bool last = true);
void Fail(const OperatorHost::Reply& reply, const absl::Status& status);
void Say(const OperatorHost::Reply& reply, const absl::Status& status);  // OK or Fail

// A member that must be text; empty when it is not there.
absl::StatusOr<std::string> TextOf(const nlohmann::json& request, const char* name);
bool Flag(const nlohmann::json& request, const char* name);
std::string Iso(WallTime when);  // "2026-11-21T17:37:34Z"

}  // namespace dragoman::request_lines

#endif  // DRAGOMAN_SRC_RUNTIME_REQUEST_LINES_H_
