// Embeddings of OpenAI and of every server that speaks the same.
#ifndef DRAGOMAN_PROVIDERS_OPENAI_OPENAI_EMBEDDING_MODEL_H_
#define DRAGOMAN_PROVIDERS_OPENAI_OPENAI_EMBEDDING_MODEL_H_

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/secret.h"
#include "dragoman/llm/embedding_model.h"
#include "dragoman/providers/openai/openai_chat_model.h"

namespace dragoman {

// POST {base_url}/embeddings. OpenAI API reference, read August 2026.
struct DRAGOMAN_EXPORT OpenAiEmbeddingOptions {
  std::string base_url = "https://api.openai.com/v1";
  Secret api_key;  // empty: no Authorization header
  std::string model = "text-embedding-3-small";
  int dimensions = 1536;         // of the model's vectors, 1 to 16,384
  bool send_dimensions = false;  // asks for that many; only for models that can be cut
  bool base64 = true;            // a quarter of the bytes; false for servers that know floats only
  int max_batch = 256;           // 1 to 2,048
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds timeout{20'000};  // of all attempts together
  int max_attempts = 3;                       // as for OpenAiChatOptions
  std::chrono::milliseconds first_backoff{250};
  std::chrono::milliseconds max_backoff{4'000};

  absl::Status Validate() const;
};

DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<EmbeddingModel>> MakeOpenAiEmbeddingModel(
    const OpenAiEmbeddingOptions& options, const OpenAiDependencies& dependencies);

}  // namespace dragoman

#endif  // DRAGOMAN_PROVIDERS_OPENAI_OPENAI_EMBEDDING_MODEL_H_
