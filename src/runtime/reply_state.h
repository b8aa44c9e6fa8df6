// What a caller is likely to say after a reply of a model that does not tell by itself.
#ifndef DRAGOMAN_SRC_RUNTIME_REPLY_STATE_H_
#define DRAGOMAN_SRC_RUNTIME_REPLY_STATE_H_

#include <string>
#include <string_view>

#include "dragoman/providers/offline/agent_definition.h"

namespace dragoman {

// The dialogue state of `agent` (DialogueStates) whose grammar fits the reply's question: by its
// words, so a guess. "open", which hears any wish, where nothing is recognised. Never a state that
// the agent does not have.
std::string GuessStateAfter(const AgentDefinition& agent, std::string_view reply);

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_RUNTIME_REPLY_STATE_H_
