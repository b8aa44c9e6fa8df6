// Puts the chunks of a streamed chat completion together.
#ifndef DRAGOMAN_SRC_PROVIDERS_OPENAI_CHAT_DECODER_H_
#define DRAGOMAN_SRC_PROVIDERS_OPENAI_CHAT_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/llm/chat_model.h"
#include "src/providers/openai/api_error.h"
#include "src/providers/openai/think_filter.h"

namespace dragoman::openai {

// Pure. Deviations of servers from OpenAI's own stream, all met in the wild: tool calls without an
// index, with indices that do not begin at 0, with the id or name on each fragment, whole in one
// chunk; finish_reason "stop" although tools are called; reasoning in three different fields;
// usage in the last content chunk; errors inside a stream of HTTP 200; no [DONE].
class ChatDecoder {
 public:
  static constexpr std::size_t kMaxToolCalls = 64;

  explicit ChatDecoder(bool strip_think_tags) : strip_think_tags_(strip_think_tags) {}

  // The payload of one event, or a whole chat.completion object. Returns the text to be spoken,
  // possibly none. An error stops the reply; error() has more about it.
  absl::StatusOr<std::string> Feed(std::string_view data);
  // What the think filter holds back, once nothing more comes.
  std::string FlushText();

  bool token_seen() const { return tokens_ > 0; }
  std::int64_t tokens() const { return tokens_; }  // chunks that carried something of the model
  bool finish_seen() const { return finish_seen_; }
  bool done_seen() const { return done_seen_; }  // [DONE]
  const std::optional<ApiError>& error() const { return error_; }
  void SetRequestId(std::string id) { request_id_ = std::move(id); }

  // Everything together; once. `request_bytes` is for the estimate when the server told no usage.
  // kUnavailable: the stream ended before its finish_reason. kInternal: a call without a name.
  absl::StatusOr<ChatResult> Finish(std::size_t request_bytes);

  // For tests.
  const std::string& refusal() const { return refusal_; }
  const std::string& reasoning() const { return reasoning_; }
  const std::string& finish_reason() const { return finish_reason_; }

 private:
  class Chunk;  // one parsed payload
  struct PartialCall {
    std::optional<std::int64_t> index;
    ToolCall call;
  };

  PartialCall* CallOf(const Chunk& item);
  absl::Status TakeToolCall(const Chunk& item);
  absl::Status TakeDelta(const Chunk& delta, std::string& spoken);
  void TakeUsage(const Chunk& chunk);
  absl::StatusOr<std::vector<ToolCall>> TakeCalls();

  const bool strip_think_tags_;
  ThinkFilter think_;
  std::string request_id_;
  std::string text_;
  std::string refusal_;
  std::string reasoning_;
  std::string model_;
  std::string finish_reason_;
  std::vector<PartialCall> calls_;  // in the order of their first fragments
  std::optional<Usage> usage_;
  std::optional<ApiError> error_;
  std::int64_t tokens_ = 0;
  bool finish_seen_ = false;
  bool done_seen_ = false;
};

}  // namespace dragoman::openai

#endif  // DRAGOMAN_SRC_PROVIDERS_OPENAI_CHAT_DECODER_H_
