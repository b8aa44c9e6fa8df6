// HTTP as a dependency: vendors are written against it, tests fake it, `net` implements it.
#ifndef DRAGOMAN_TRANSPORT_HTTP_TRANSPORT_H_
#define DRAGOMAN_TRANSPORT_HTTP_TRANSPORT_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT HttpRequest {
  std::string method = "GET";
  std::string url;  // http:// or https://; no user info
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // A kept connection that proves dead before a byte came back: may the request be sent once more
  // over a new one? False: it goes out at most once, over a connection of its own. For what the
  // world notices.
  bool repeatable = true;
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds idle_timeout{15'000};  // without a byte received
  std::chrono::milliseconds total_timeout{60'000};
  std::size_t max_response_bytes = 16 << 20;  // more ends the exchange with kResourceExhausted
  // kInvalidArgument names the field: another scheme or user info in `url`, a method or a header
  // that could smuggle a line break, a timeout that is not positive.
  absl::Status Validate() const;
};

struct DRAGOMAN_EXPORT HttpResponseHead {
  int status = 0;                                            // 200
  std::vector<std::pair<std::string, std::string>> headers;  // names lower case
  std::string_view Header(std::string_view name) const;      // first of that name, else empty
};

// A request in flight. Only on its executor. Destruction cancels; no callback runs afterwards.
class DRAGOMAN_EXPORT HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  virtual void Cancel() = 0;  // idempotent; on_done reports kCancelled
};

// Thread-safe. Must outlive its exchanges.
class DRAGOMAN_EXPORT HttpTransport {
 public:
  struct Callbacks {  // on `executor`, one at a time, never inside Send
    absl::AnyInvocable<void(const HttpResponseHead&)> on_head;  // once, before any body
    absl::AnyInvocable<void(std::string_view)> on_body;         // pieces as they arrive
    // Last, exactly once. OK whatever the HTTP status; kUnavailable: no connection, or it broke;
    // kDeadlineExceeded: one of the timeouts; kInvalidArgument: the request cannot be sent.
    absl::AnyInvocable<void(absl::Status)> on_done;
  };
  virtual ~HttpTransport() = default;
  virtual std::unique_ptr<HttpExchange> Send(HttpRequest request, Executor& executor,
                                             Callbacks callbacks) = 0;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TRANSPORT_HTTP_TRANSPORT_H_
