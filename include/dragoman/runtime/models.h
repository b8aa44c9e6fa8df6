// Chat models by name, for whoever builds an agent by hand.
#ifndef DRAGOMAN_RUNTIME_MODELS_H_
#define DRAGOMAN_RUNTIME_MODELS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "dragoman/conversation/call_errand.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/llm/chat_model.h"
#include "dragoman/runtime/runtime.h"

namespace dragoman {

// The model that `options` name (model_url, model_name, model_key): without a URL the offline one
// of the clinic. `clock` and `log` are borrowed and must outlive it.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<ChatModel>> MakeModel(const RuntimeOptions& options,
                                                                     const Clock& clock,
                                                                     LogSink& log);

// The same for whoever phones for an errand; the offline one has a calling side.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<ChatModel>> MakeCallerModel(
    const RuntimeOptions& options, const CallErrand& errand, const Clock& clock, LogSink& log);

}  // namespace dragoman

#endif  // DRAGOMAN_RUNTIME_MODELS_H_
