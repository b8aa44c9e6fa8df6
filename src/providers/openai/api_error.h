// What OpenAI and its look-alikes say when something is wrong, and what that means for us.
#ifndef DRAGOMAN_SRC_PROVIDERS_OPENAI_API_ERROR_H_
#define DRAGOMAN_SRC_PROVIDERS_OPENAI_API_ERROR_H_

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "dragoman/transport/http_transport.h"

namespace dragoman::openai {

struct ApiError {
  absl::Status status;     // without the vendor's name
  bool retryable = false;  // the same request may succeed later
  std::optional<std::chrono::milliseconds> retry_after = std::nullopt;  // the server's wish
};

// The body of a response that is not 2xx: an `error` object, vLLM's flat shape, or anything else.
ApiError FromResponse(const HttpResponseHead& head, std::string_view body);

// A chunk of a stream, or a body that came with HTTP 200: nothing when it holds no error.
std::optional<ApiError> FromChunk(const nlohmann::json& chunk, std::string_view request_id);

// Transport's own failure.
ApiError FromTransport(const absl::Status& status);

// Header that names the request for the vendor's support; empty where there is none.
std::string RequestId(const HttpResponseHead& head);

}  // namespace dragoman::openai

#endif  // DRAGOMAN_SRC_PROVIDERS_OPENAI_API_ERROR_H_
