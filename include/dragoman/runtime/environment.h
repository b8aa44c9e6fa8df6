// The only place that reads the process's environment.
#ifndef DRAGOMAN_RUNTIME_ENVIRONMENT_H_
#define DRAGOMAN_RUNTIME_ENVIRONMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/secret.h"
#include "dragoman/runtime/runtime.h"

namespace dragoman {

// DRAGOMAN_DATA, DRAGOMAN_MODEL_URL, DRAGOMAN_MODEL_NAME, DRAGOMAN_MODEL_KEY, DRAGOMAN_VOICE,
// DRAGOMAN_RECOGNIZERS, DRAGOMAN_MAX_CALLS; what is not set keeps its default. kInvalidArgument
// names the variable, its value and what was expected.
DRAGOMAN_EXPORT absl::StatusOr<RuntimeOptions> RuntimeOptionsFromEnvironment();

// A secret variable; empty when it is not set.
DRAGOMAN_EXPORT Secret SecretFromEnvironment(const std::string& name);

}  // namespace dragoman

#endif  // DRAGOMAN_RUNTIME_ENVIRONMENT_H_
