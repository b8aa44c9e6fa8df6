// Chat models: a conversation and tools in, streamed text and tool calls out.
#ifndef DRAGOMAN_LLM_CHAT_MODEL_H_
#define DRAGOMAN_LLM_CHAT_MODEL_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/conversation/message.h"
#include "dragoman/conversation/reply_expectation.h"
#include "dragoman/conversation/tool_spec.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"

namespace dragoman {

enum class ToolChoice { kAuto, kNone, kRequired };

struct DRAGOMAN_EXPORT ChatRequest {
  std::vector<Message>
      messages;  // system first; alternation and pairing are the adapter's business
  std::vector<ToolSpec> tools;
  ToolChoice tool_choice = ToolChoice::kAuto;
  std::string response_schema;     // JSON Schema of the whole reply; empty: free text
  int max_output_tokens = 1024;    // 1 to 128,000
  int temperature_per_mille = -1;  // 0 to 2000; -1: the model's default
  std::string conversation_id;     // the same for all turns of a call; for caches and logs
  // The conversation's wall clock, for models that reason about dates; 0: the model has no date.
  std::chrono::sys_seconds now{};
  std::chrono::milliseconds first_token_timeout{4'000};
  std::chrono::milliseconds between_tokens_timeout{3'000};
  absl::Status Validate() const;
};

enum class FinishReason { kStop, kToolCalls, kLength, kRefused };
DRAGOMAN_EXPORT std::string_view Name(FinishReason reason);  // "tool_calls"

struct DRAGOMAN_EXPORT ChatResult {
  FinishReason finish = FinishReason::kStop;
  Message message;  // the whole turn: text, tool calls, vendor state; append it to the history
  Usage usage;
  std::string model;                        // as the vendor reports it
  std::string request_id;                   // the vendor's, for its support
  std::optional<ReplyExpectation> expects;  // what the model hopes to hear next, if it can tell
};

// A reply being generated. Only on its executor. Destruction cancels, also inside a callback; no
// callback runs afterwards.
class DRAGOMAN_EXPORT ChatStream {
 public:
  virtual ~ChatStream() = default;
  virtual void Cancel() = 0;  // idempotent, at once; on_done reports kCancelled
};

// Thread-safe. Must outlive its streams.
class DRAGOMAN_EXPORT ChatModel {
 public:
  struct Callbacks {  // on `executor`, one at a time, never inside Reply
    // Text to be spoken or shown, in order, in pieces of any length on UTF-8 borders. Reasoning
    // never comes here.
    absl::AnyInvocable<void(std::string_view)> on_text;
    // A tool call whose arguments are complete, before on_done. Optional: they are in the result
    // too.
    absl::AnyInvocable<void(const ToolCall&)> on_tool_call;
    // Last, exactly once unless destroyed first. kResourceExhausted: rate or quota; kUnavailable:
    // may be tried again; kDeadlineExceeded: a token did not come in time; kUnauthenticated: the
    // key; kOutOfRange: the conversation exceeds the model's context, compact it.
    absl::AnyInvocable<void(absl::StatusOr<ChatResult>)> on_done;
  };
  virtual ~ChatModel() = default;
  // kInvalidArgument: the request is refused before anything is sent.
  virtual absl::StatusOr<std::unique_ptr<ChatStream>> Reply(ChatRequest request, Executor& executor,
                                                            Callbacks callbacks) = 0;
  virtual std::string_view name()
      const = 0;  // "offline", "openai:gpt-4o-mini": for logs and reports
};

}  // namespace dragoman
#endif  // DRAGOMAN_LLM_CHAT_MODEL_H_
