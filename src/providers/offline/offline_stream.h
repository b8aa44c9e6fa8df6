// What the offline models share: a reply that is ready, streamed at another model's pace.
#ifndef DRAGOMAN_SRC_PROVIDERS_OFFLINE_OFFLINE_STREAM_H_
#define DRAGOMAN_SRC_PROVIDERS_OFFLINE_OFFLINE_STREAM_H_

#include <chrono>
#include <memory>

#include "absl/status/status.h"
#include "dragoman/llm/chat_model.h"

namespace dragoman::offline {

struct Pace {
  std::chrono::milliseconds first_word{0};
  std::chrono::milliseconds between_words{0};
};

// kInvalidArgument: the request itself; kUnimplemented: a response_schema, a tool that is required.
absl::Status CheckRequest(const ChatRequest& request);

// Counts words as tokens, cuts the text at the request's limit (then without its tool calls) and
// sets why it ended.
void FinishResult(const ChatRequest& request, ChatResult* result);

// Streams word by word on `executor`, then the tool calls, then the result.
std::unique_ptr<ChatStream> StreamResult(ChatResult result, Pace pace, Executor& executor,
                                         ChatModel::Callbacks callbacks);

}  // namespace dragoman::offline
#endif  // DRAGOMAN_SRC_PROVIDERS_OFFLINE_OFFLINE_STREAM_H_
