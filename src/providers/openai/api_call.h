// What every request to the API has in common: address, headers, and when to try again.
#ifndef DRAGOMAN_SRC_PROVIDERS_OPENAI_API_CALL_H_
#define DRAGOMAN_SRC_PROVIDERS_OPENAI_API_CALL_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/random.h"
#include "dragoman/core/secret.h"
#include "dragoman/transport/http_transport.h"
#include "src/providers/openai/api_error.h"

namespace dragoman::openai {

struct ApiAddress {
  std::string base_url;
  Secret api_key;
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds connect_timeout{0};

  absl::Status Validate() const;
  // A POST of a JSON body to base_url + path.
  HttpRequest Post(std::string_view path, std::string body) const;
};

struct RetryPolicy {
  int max_attempts = 1;
  std::chrono::milliseconds first_backoff{0};
  std::chrono::milliseconds max_backoff{0};

  absl::Status Validate() const;
};

// The attempts of one request.
class Attempts {
 public:
  // `deadline`: no attempt begins after it. `random` may be null.
  Attempts(const RetryPolicy& policy, TimePoint now, TimePoint deadline, Random* random)
      : policy_(policy), started_(now), deadline_(deadline), random_(random) {}

  // An attempt failed: how long to wait before the next, or nothing: give up.
  std::optional<std::chrono::microseconds> Next(const ApiError& error, TimePoint now);

  // The failure to report: "openai: HTTP 401 ...", or "openai: 3 attempts in 2.1 s; last: ...".
  // The key never appears in it, even if the server repeated it.
  absl::Status Describe(const absl::Status& last, TimePoint now, const Secret& key) const;
  int made() const { return made_; }

 private:
  const RetryPolicy& policy_;
  const TimePoint started_;
  const TimePoint deadline_;
  Random* const random_;
  int made_ = 1;
};

}  // namespace dragoman::openai

#endif  // DRAGOMAN_SRC_PROVIDERS_OPENAI_API_CALL_H_
