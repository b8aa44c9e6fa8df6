// A policy looked at from outside: is the file sound, and what would it say?
#ifndef DRAGOMAN_RUNTIME_POLICY_TOOLS_H_
#define DRAGOMAN_RUNTIME_POLICY_TOOLS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/safety/governor.h"
#include "dragoman/safety/policy.h"

namespace dragoman {

// Empty paths: the shipped texts. kInvalidArgument names file, line and key; kNotFound the file.
DRAGOMAN_EXPORT absl::StatusOr<Policy> ReadPolicyFiles(const std::string& policy_file,
                                                       const std::string& calling_rules_file);

struct DRAGOMAN_EXPORT PolicyQuestion {
  std::string policy_file, calling_rules_file;
  std::string tool;       // "send_email", "note", "place_call"
  std::string arguments;  // a JSON object
  // Where the arguments come from: "user", "config", "service", "derived", "untrusted"; of single
  // ones as "to=untrusted".
  std::vector<std::string> from;
  std::vector<std::string> countries;  // that the goal allows beside the policy's
  std::string purpose = "errand";
};
// What the governor would decide, with every rule; nothing is reserved, asked or done, and nothing
// of earlier goals counts. kNotFound names the nearest tool.
DRAGOMAN_EXPORT absl::StatusOr<Decision> ExplainPolicy(const PolicyQuestion& question);

}  // namespace dragoman
#endif  // DRAGOMAN_RUNTIME_POLICY_TOOLS_H_
