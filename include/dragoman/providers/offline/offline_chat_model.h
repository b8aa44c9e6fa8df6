// A chat model of rules and slots: deterministic, without a network, honest about what it is.
#ifndef DRAGOMAN_PROVIDERS_OFFLINE_OFFLINE_CHAT_MODEL_H_
#define DRAGOMAN_PROVIDERS_OFFLINE_OFFLINE_CHAT_MODEL_H_

#include <chrono>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/llm/chat_model.h"
#include "dragoman/providers/offline/agent_definition.h"

namespace dragoman {

struct DRAGOMAN_EXPORT OfflineChatModelOptions {
  AgentDefinition agent;  // ClinicReceptionist({}) is one
  // Delays to imitate another model's pace; none by default. 0 to 60 s.
  std::chrono::milliseconds first_word_delay{0};
  std::chrono::milliseconds between_words_delay{0};
  absl::Status Validate() const;
};

// Works out where the dialogue stands by replaying the request's history: the callers' turns
// through its own reading of English, its own turns as far as they are there (whatever was cut off
// was not heard and counts as not said), the tools' results. It keeps nothing between requests.
//
// It commits (books, cancels, moves) only what was read back, heard to its last value, and answered
// with a plain yes; anything beside that yes is asked about again. Key presses arrive as a user's
// turn "dtmf: 2662". Dates are relative to the request's `now`; without it, days are not
// understood. `expects` holds the grammar of the state. Temperature and system messages have no
// influence.
//
// Thread-safe. kInvalidArgument: the options. Reply adds kUnimplemented: a response_schema, or a
// tool that is required.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<ChatModel>> MakeOfflineChatModel(
    OfflineChatModelOptions options);

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_OFFLINE_OFFLINE_CHAT_MODEL_H_
