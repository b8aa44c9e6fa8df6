// The shipped agent: a clinic's receptionist.
#ifndef DRAGOMAN_PROVIDERS_OFFLINE_CLINIC_RECEPTIONIST_H_
#define DRAGOMAN_PROVIDERS_OFFLINE_CLINIC_RECEPTIONIST_H_

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "dragoman/core/export.h"
#include "dragoman/providers/offline/agent_definition.h"

namespace dragoman {

// The defaults are those of the clinic's tools (ClinicOptions).
struct DRAGOMAN_EXPORT ClinicFacts {
  std::string name = "Riverside Clinic";
  std::string address = "twelve Mill Lane, opposite the station";
  std::vector<std::string> doctors = {"Lane", "Patel", "Novak"};  // surnames
  std::array<OpeningHours, 7> hours = {{
      {std::chrono::hours(8), std::chrono::hours(18)},
      {std::chrono::hours(8), std::chrono::hours(18)},
      {std::chrono::hours(8), std::chrono::hours(18)},
      {std::chrono::hours(8), std::chrono::hours(18)},
      {std::chrono::hours(8), std::chrono::hours(18)},
      {std::chrono::hours(9), std::chrono::hours(13)},
      {},
  }};
  std::chrono::minutes utc_offset{0};
};

// Books, changes and cancels appointments, answers questions about the house, takes messages.
DRAGOMAN_EXPORT AgentDefinition ClinicReceptionist(const ClinicFacts& facts);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_OFFLINE_CLINIC_RECEPTIONIST_H_
