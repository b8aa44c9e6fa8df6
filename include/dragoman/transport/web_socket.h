// WebSockets as a dependency (RFC 6455): vendors are written against it, tests fake it.
#ifndef DRAGOMAN_TRANSPORT_WEB_SOCKET_H_
#define DRAGOMAN_TRANSPORT_WEB_SOCKET_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
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

struct DRAGOMAN_EXPORT WebSocketRequest {
  std::string url;  // ws:// or wss://
  std::vector<std::pair<std::string, std::string>> headers;
  std::string subprotocol;  // empty: none asked for
  std::chrono::milliseconds connect_timeout{2'000};
  std::size_t max_message_bytes = 1 << 20;          // a larger one closes with 1009
  std::size_t max_queued_bytes = 1 << 20;           // Send refuses beyond
  std::chrono::milliseconds ping_interval{10'000};  // 0: none
  std::chrono::milliseconds pong_timeout{5'000};
};

struct DRAGOMAN_EXPORT WebSocketCallbacks {  // on the socket's executor, one at a time
  absl::AnyInvocable<void()> on_open;        // connectors only; before any message
  absl::AnyInvocable<void(std::string_view message, bool binary)> on_message;  // whole, valid UTF-8
  // Last, exactly once. OK: closed properly; `code` is RFC 6455 section 7.4.1, 1006 without a
  // frame.
  absl::AnyInvocable<void(absl::Status, std::uint16_t code, std::string_view reason)> on_closed;
};

// One connection. Only on its executor. Destruction drops the connection without a callback, also
// inside one; what Close began still happens.
class DRAGOMAN_EXPORT WebSocket {
 public:
  virtual ~WebSocket() = default;
  // Copies the message. kResourceExhausted: `max_queued_bytes` wait and nothing was taken.
  // kFailedPrecondition: not open (yet or any more).
  virtual absl::Status SendText(std::string_view message) = 0;
  virtual absl::Status SendBinary(std::string_view message) = 0;
  // Sends what is queued, then the close frame; waits at most 2 s for the peer's. Idempotent.
  virtual void Close(std::uint16_t code, std::string_view reason) = 0;
  virtual std::size_t queued_bytes() const = 0;
};

// The accepted side of a connection: open from the beginning, but deaf until Start.
class DRAGOMAN_EXPORT AcceptedWebSocket : public WebSocket {
 public:
  // Once; nothing arrives before. `on_open` is not called. Sending is allowed before.
  virtual void Start(WebSocketCallbacks callbacks) = 0;
};

// Thread-safe. Must outlive its sockets.
class DRAGOMAN_EXPORT WebSocketConnector {
 public:
  virtual ~WebSocketConnector() = default;
  virtual std::unique_ptr<WebSocket> Connect(WebSocketRequest request, Executor& executor,
                                             WebSocketCallbacks callbacks) = 0;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TRANSPORT_WEB_SOCKET_H_
