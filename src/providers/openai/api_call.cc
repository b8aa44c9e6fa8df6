#include "src/providers/openai/api_call.h"

#include <algorithm>

#include "dragoman/core/status.h"

namespace dragoman::openai {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string WithoutKey(std::string text, std::string_view key) {
  if (key.size() < 4) return text;
  for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
    text.replace(at, key.size(), "***");
  }
  return text;
}

}  // namespace

absl::Status ApiAddress::Validate() const {
  HttpRequest request;
  request.url = base_url;
  request.headers = headers;
  if (absl::Status url = request.Validate(); !url.ok()) {
    return InvalidArgument("base_url or headers: ", MessageOf(url));
  }
  for (char c : api_key.Reveal()) {
    if (c <= ' ' || c > '~') return InvalidArgument("api_key holds a blank or control character");
  }
  if (connect_timeout.count() < 1 || connect_timeout > std::chrono::minutes(1)) {
    return InvalidArgument("connect_timeout is ", connect_timeout, "; expected 1 ms to 1 min");
  }
  return absl::OkStatus();
}

HttpRequest ApiAddress::Post(std::string_view path, std::string body) const {
  HttpRequest request;
  request.method = "POST";
  request.url = base_url;
  while (request.url.ends_with('/')) request.url.pop_back();
  request.url += path;
  request.headers = {{"Content-Type", "application/json"}};
  if (!api_key.empty()) {
    request.headers.emplace_back("Authorization", StrCat("Bearer ", api_key.Reveal()));
  }
  request.headers.insert(request.headers.end(), headers.begin(), headers.end());
  request.body = std::move(body);
  request.connect_timeout = connect_timeout;
  return request;
}

absl::Status RetryPolicy::Validate() const {
  if (max_attempts < 1 || max_attempts > 10) {
    return InvalidArgument("max_attempts is ", max_attempts, "; expected 1 to 10");
  }
  if (first_backoff.count() < 0) return InvalidArgument("first_backoff is negative");
  if (max_backoff < first_backoff) {
    return InvalidArgument("max_backoff is ", max_backoff, "; expected at least first_backoff, ",
                           first_backoff);
  }
  return absl::OkStatus();
}

std::optional<microseconds> Attempts::Next(const ApiError& error, TimePoint now) {
  if (!error.retryable || made_ >= policy_.max_attempts) return std::nullopt;
  microseconds wait = policy_.first_backoff;
  for (int i = 1; i < made_ && wait < policy_.max_backoff; ++i) wait *= 2;
  wait = std::min<microseconds>(wait, policy_.max_backoff);
  if (random_ != nullptr) {  // up to a quarter less, so that many callers do not come at once
    wait -= microseconds(random_->Between(0, wait.count() / 4));
  }
  if (error.retry_after) wait = std::max<microseconds>(wait, *error.retry_after);
  if (now + wait >= deadline_) return std::nullopt;
  ++made_;
  return wait;
}

absl::Status Attempts::Describe(const absl::Status& last, TimePoint now, const Secret& key) const {
  std::string message(MessageOf(last));
  if (made_ > 1) {
    const std::int64_t tenths = (now - started_) / milliseconds(100);
    message = StrCat(made_, " attempts in ", tenths / 10, ".", tenths % 10, " s; last: ", message);
  }
  return MakeStatus(last.code(), StrCat("openai: ", WithoutKey(message, key.Reveal())));
}

}  // namespace dragoman::openai
