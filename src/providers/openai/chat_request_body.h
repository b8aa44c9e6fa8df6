// A ChatRequest as the JSON body of POST /chat/completions.
#ifndef DRAGOMAN_SRC_PROVIDERS_OPENAI_CHAT_REQUEST_BODY_H_
#define DRAGOMAN_SRC_PROVIDERS_OPENAI_CHAT_REQUEST_BODY_H_

#include <string>

#include "absl/status/statusor.h"
#include "dragoman/llm/chat_model.h"
#include "dragoman/providers/openai/openai_chat_model.h"

namespace dragoman::openai {

// kInvalidArgument: a schema of the request, or extra_body, is not a JSON object. Every tool call
// is followed by its result, as the API demands: results that come later in the history are moved
// up, missing ones replaced by a note, results without a call left out.
absl::StatusOr<std::string> ChatRequestBody(const ChatRequest& request,
                                            const OpenAiChatOptions& options);

}  // namespace dragoman::openai

#endif  // DRAGOMAN_SRC_PROVIDERS_OPENAI_CHAT_REQUEST_BODY_H_
