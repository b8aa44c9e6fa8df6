// The words that models, tools and agents exchange.
#ifndef DRAGOMAN_CONVERSATION_MESSAGE_H_
#define DRAGOMAN_CONVERSATION_MESSAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "dragoman/core/export.h"

namespace dragoman {

enum class Role {
  kSystem,     // the agent's instructions
  kUser,       // the other party's words
  kAssistant,  // the agent's words, cut to what was heard, and its tool calls
  kTool,       // a tool's result
};

// A model's request to run a tool. `arguments` is the JSON text as the model wrote it: possibly
// invalid, always untrusted; ToolRegistry validates it against the tool's schema.
struct DRAGOMAN_EXPORT ToolCall {
  std::string id;         // unique within the conversation; pairs the result with the call
  std::string name;       // of the tool
  std::string arguments;  // JSON object
  friend bool operator==(const ToolCall&, const ToolCall&) = default;
};

struct DRAGOMAN_EXPORT Message {
  Role role = Role::kUser;
  std::string text;                  // UTF-8
  std::vector<ToolCall> tool_calls;  // kAssistant only
  std::string tool_call_id;          // kTool only: which call this answers
  bool tool_failed = false;          // kTool only: `text` is an error for the model to react to
  // What a vendor demands to have echoed verbatim with this turn (thinking blocks, thought
  // signatures), as JSON, with its vendor's name; other vendors ignore it.
  std::string vendor;
  std::string vendor_state;
  friend bool operator==(const Message&, const Message&) = default;
};

// Tokens of one model call. `input` excludes what was read from a cache (vendors differ on that;
// adapters normalise); reasoning tokens are part of `output`.
struct DRAGOMAN_EXPORT Usage {
  std::int64_t input_tokens = 0;
  std::int64_t cached_input_tokens = 0;
  std::int64_t output_tokens = 0;
  bool estimated = false;  // the stream was cut before the vendor told
  friend bool operator==(const Usage&, const Usage&) = default;
};

}  // namespace dragoman

#endif  // DRAGOMAN_CONVERSATION_MESSAGE_H_
