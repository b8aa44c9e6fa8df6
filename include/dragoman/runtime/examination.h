// What is installed and what is missing, for `dragoman doctor`.
#ifndef DRAGOMAN_RUNTIME_EXAMINATION_H_
#define DRAGOMAN_RUNTIME_EXAMINATION_H_

#include <string>
#include <vector>

#include "dragoman/core/export.h"
#include "dragoman/runtime/runtime.h"

namespace dragoman {

enum class Health {
  kGood,
  kOptional,
  kBad
};  // kOptional: missing, and nothing needs it as configured

struct DRAGOMAN_EXPORT Finding {
  Health health = Health::kGood;
  std::string what;    // "PocketSphinx, English model"
  std::string detail;  // one line
  std::string remedy;  // what to do about it; empty when nothing needs doing
};

// Blocks for up to a few seconds: reads models, looks at the machine. Asks no network but a
// configured model server.
DRAGOMAN_EXPORT std::vector<Finding> Examine(const RuntimeOptions& options);

}  // namespace dragoman

#endif  // DRAGOMAN_RUNTIME_EXAMINATION_H_
