// The edge where values leave the vault by voice: a sentence with handles becomes audio.
#ifndef DRAGOMAN_SRC_SAFETY_SECRET_SPEECH_H_
#define DRAGOMAN_SRC_SAFETY_SECRET_SPEECH_H_

#include <memory>

#include "dragoman/safety/gates.h"

namespace dragoman::safety {

// Reveals the values that `spoken` names, puts them in, and synthesizes; a safe line where one
// cannot be had within a second. The session must be allowed to have them: whoever calls has asked.
std::unique_ptr<SynthesisStream> SpeakSecrets(const SpeechGateDependencies& with,
                                              const SpokenText& spoken, GoalSession session,
                                              const SynthesisOptions& options, Executor& executor,
                                              SpeechGate::Callbacks callbacks);

}  // namespace dragoman::safety
#endif  // DRAGOMAN_SRC_SAFETY_SECRET_SPEECH_H_
