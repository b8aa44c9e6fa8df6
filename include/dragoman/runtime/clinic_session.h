// How the clinic's receptionist behaves in a call.
#ifndef DRAGOMAN_RUNTIME_CLINIC_SESSION_H_
#define DRAGOMAN_RUNTIME_CLINIC_SESSION_H_

#include "absl/status/statusor.h"
#include "dragoman/agent/session.h"
#include "dragoman/core/export.h"
#include "dragoman/providers/offline/agent_definition.h"

namespace dragoman {

// Fills what `options` leaves empty: instructions (for models that need them), greeting, goodbye,
// and what callers may say first.
DRAGOMAN_EXPORT absl::StatusOr<SessionOptions> ClinicSession(SessionOptions options,
                                                             const AgentDefinition& clinic);

}  // namespace dragoman

#endif  // DRAGOMAN_RUNTIME_CLINIC_SESSION_H_
