// What a model is told of a tool, and what the governor knows of it.
#ifndef DRAGOMAN_CONVERSATION_TOOL_SPEC_H_
#define DRAGOMAN_CONVERSATION_TOOL_SPEC_H_

#include <chrono>
#include <string>

#include "dragoman/core/export.h"

namespace dragoman {

// What repeating the tool would do in the world.
enum class EffectClass {
  kRead,        // E0: pure or read-only; repeat freely
  kKeyedWrite,  // E1: the far side de-duplicates by our key
  kQueryable,   // E2: can be looked up after a crash
  kBlind,       // E3: cannot be looked up; the class of whatever declares none
};

struct DRAGOMAN_EXPORT ToolSpec {
  std::string name;         // 1 to 64 of [A-Za-z0-9_-]
  std::string description;  // for the model: what it does, when to use it
  std::string parameters;   // JSON Schema of the argument object
  EffectClass effect = EffectClass::kBlind;
  std::chrono::milliseconds timeout{10'000};  // 1 ms to 10 min; then the model is told it failed
};

}  // namespace dragoman

#endif  // DRAGOMAN_CONVERSATION_TOOL_SPEC_H_
