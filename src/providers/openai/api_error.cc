#include "src/providers/openai/api_error.h"

#include <charconv>
#include <cstdint>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/providers/openai/json_access.h"

namespace dragoman::openai {
namespace {

using absl::StatusCode;

constexpr std::size_t kMaxQuote = 300;

// The fields of either shape of error.
struct Complaint {
  std::string message;
  std::string type;
  std::string code;                    // as text, whatever its JSON type
  std::optional<std::int64_t> number;  // a numeric code: an HTTP status (OpenRouter, vLLM)
};

Complaint Read(const nlohmann::json& error) {
  Complaint complaint;
  if (error.is_string()) {
    complaint.message = error.get<std::string>();
    return complaint;
  }
  complaint.message = Text(Find(error, "message"));
  complaint.type = Text(Find(error, "type"));
  const nlohmann::json* code = Find(error, "code");
  complaint.code = Text(code);
  complaint.number = Integer(code);
  return complaint;
}

std::string Quote(std::string_view words) {
  std::string line = EscapeLine(Trim(words));
  if (line.size() > kMaxQuote) {
    std::size_t end = kMaxQuote;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;
    line.resize(end);
    line += "...";
  }
  return StrCat("\"", line, "\"");
}

bool IsContextOverflow(const Complaint& complaint) {
  return complaint.code == "context_length_exceeded" ||
         complaint.type == "exceed_context_size_error" ||
         complaint.message.starts_with("This model's maximum context length is");
}

bool IsEmptyAccount(const Complaint& complaint) {
  return complaint.code == "insufficient_quota" || complaint.type == "insufficient_quota";
}

StatusCode CodeOf(std::int64_t http_status) {
  switch (http_status) {
    case 401:
      return StatusCode::kUnauthenticated;
    case 402:  // OpenRouter: out of credits
    case 429:
      return StatusCode::kResourceExhausted;
    case 403:
      return StatusCode::kPermissionDenied;
    case 404:
      return StatusCode::kNotFound;
    case 408:
    case 409:
      return StatusCode::kUnavailable;
    default:
      break;
  }
  if (http_status >= 500) return StatusCode::kUnavailable;
  if (http_status >= 300 && http_status < 400) return StatusCode::kFailedPrecondition;
  return StatusCode::kInvalidArgument;
}

// An error inside a stream has no HTTP status of its own.
std::int64_t StatusOfType(const Complaint& complaint) {
  if (complaint.number && *complaint.number >= 300 && *complaint.number < 600) {
    return *complaint.number;
  }
  if (complaint.code == "rate_limit_exceeded" || IsEmptyAccount(complaint)) return 429;
  if (complaint.code == "invalid_api_key") return 401;
  if (complaint.code == "model_not_found") return 404;
  if (complaint.type == "invalid_request_error") return 400;
  return 500;
}

ApiError Judge(std::int64_t http_status, const Complaint& complaint, std::string_view said,
               std::string_view request_id) {
  std::string message = StrCat(said, complaint.message.empty() ? "" : " ",
                               complaint.message.empty() ? "" : Quote(complaint.message));
  if (!request_id.empty()) message += StrCat(" (request ", EscapeLine(request_id), ")");
  if (IsContextOverflow(complaint)) {
    return {.status =
                MakeStatus(StatusCode::kOutOfRange,
                           StrCat("the conversation exceeds the model's context: ", message))};
  }
  const StatusCode code = CodeOf(http_status);
  const bool passes =
      code == StatusCode::kUnavailable || (http_status == 429 && !IsEmptyAccount(complaint));
  return {.status = MakeStatus(code, message), .retryable = passes};
}

// Seconds, whole or with a fraction (RFC 9110 section 10.2.3 also has dates: ignored).
std::optional<std::chrono::milliseconds> RetryAfter(std::string_view value) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error != std::errc() || end != value.data() + value.size()) return std::nullopt;
  if (!(seconds >= 0 && seconds <= 86'400)) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace

ApiError FromResponse(const HttpResponseHead& head, std::string_view body) {
  const nlohmann::json parsed = ParseJson(body);
  const nlohmann::json* nested = Find(parsed, "error");
  Complaint complaint = Read(nested != nullptr ? *nested : parsed);
  if (parsed.is_discarded()) complaint.message = body;  // a proxy's page of HTML, or nothing
  ApiError error = Judge(head.status, complaint, StrCat("HTTP ", head.status), RequestId(head));
  if (head.Header("x-should-retry") == "false") error.retryable = false;
  error.retry_after = RetryAfter(Trim(head.Header("retry-after")));
  return error;
}

std::optional<ApiError> FromChunk(const nlohmann::json& chunk, std::string_view request_id) {
  const nlohmann::json* error = Find(chunk, "error");
  if (error == nullptr && Text(Find(chunk, "object")) == "error") error = &chunk;  // vLLM, flat
  if (error == nullptr) return std::nullopt;
  const Complaint complaint = Read(*error);
  const std::int64_t status = StatusOfType(complaint);
  return Judge(status, complaint, "the stream ended with an error", request_id);
}

ApiError FromTransport(const absl::Status& status) {
  return {.status = status,
          .retryable = status.code() == StatusCode::kUnavailable ||
                       status.code() == StatusCode::kDeadlineExceeded};
}

std::string RequestId(const HttpResponseHead& head) {
  for (const char* name : {"x-request-id", "x-generation-id"}) {  // OpenAI and most; OpenRouter
    if (const std::string_view id = head.Header(name); !id.empty()) {
      return std::string(id.substr(0, 128));
    }
  }
  return {};
}

}  // namespace dragoman::openai
