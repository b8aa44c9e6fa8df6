// Chat completions of OpenAI and of every server that speaks the same: Ollama, vLLM, llama.cpp,
// OpenRouter, Groq, LiteLLM.
#ifndef DRAGOMAN_PROVIDERS_OPENAI_OPENAI_CHAT_MODEL_H_
#define DRAGOMAN_PROVIDERS_OPENAI_OPENAI_CHAT_MODEL_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/core/random.h"
#include "dragoman/core/secret.h"
#include "dragoman/llm/chat_model.h"
#include "dragoman/transport/http_transport.h"

namespace dragoman {

// POST {base_url}/chat/completions, streamed. Field names and server behaviour: OpenAI API
// reference and the compatible servers' documentation, read August 2026; not tried against a live
// service (docs/models.md).
struct DRAGOMAN_EXPORT OpenAiChatOptions {
  std::string base_url = "https://api.openai.com/v1";
  Secret api_key;  // empty: no Authorization header, as local servers want it
  std::string model = "gpt-4o-mini";
  std::string organization;                                  // OpenAI-Organization; empty: not sent
  std::string project;                                       // OpenAI-Project; empty: not sent
  std::vector<std::pair<std::string, std::string>> headers;  // besides; not for secrets

  // What the server understands. The defaults are OpenAI's.
  std::string max_tokens_field = "max_completion_tokens";  // "max_tokens": Ollama, older servers
  std::string system_role = "system";                      // or "developer"
  bool supports_stream_usage = true;                       // stream_options.include_usage
  bool supports_tool_choice = true;                        // Ollama does not
  bool supports_parallel_tools = true;                     // parallel_tool_calls
  bool supports_json_schema = true;  // else json_object, and the schema as an instruction
  bool strict_tools = true;          // `strict` for the schemas that allow it
  bool parallel_tools = true;        // false: one tool call per turn
  bool send_cache_key = false;       // conversation_id as prompt_cache_key
  bool strip_think_tags = false;     // raw reasoning models: <think>...</think> is not spoken
  std::string reasoning_effort;      // "none" to "max"; empty: not sent
  std::string extra_body;            // JSON object, merged into the request: {"top_k":20}

  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds max_reply_time{120'000};  // the whole stream
  std::size_t max_reply_bytes = 8 << 20;              // on the wire; more ends the reply

  // Another attempt is made only before the first token, within first_token_timeout, and for
  // failures that pass: no connection, HTTP 408, 409, 429 (not an empty account), 500 and above.
  int max_attempts = 3;                          // 1 to 10
  std::chrono::milliseconds first_backoff{250};  // then twice as long, less up to a quarter
  std::chrono::milliseconds max_backoff{4'000};

  absl::Status Validate() const;
};

struct DRAGOMAN_EXPORT OpenAiDependencies {
  HttpTransport* http = nullptr;  // must outlive the model
  Random* random = nullptr;       // for the backoff; must outlive the model; null: no jitter
  LogSink* log = nullptr;         // attempts that failed; must outlive the model; null: nowhere
};

// Beside ChatModel's codes: kOutOfRange when the conversation exceeds the model's context (compact
// it), kPermissionDenied, kNotFound (the model), kFailedPrecondition (the base_url redirects).
// A refusal ends with FinishReason::kRefused and no text; the model's words are in vendor_state.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<ChatModel>> MakeOpenAiChatModel(
    const OpenAiChatOptions& options, const OpenAiDependencies& dependencies);

}  // namespace dragoman

#endif  // DRAGOMAN_PROVIDERS_OPENAI_OPENAI_CHAT_MODEL_H_
