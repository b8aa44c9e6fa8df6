// WebSockets of this process (RFC 6455): the accepted side, and a connector.
#ifndef DRAGOMAN_SRC_NET_WEB_SOCKET_H_
#define DRAGOMAN_SRC_NET_WEB_SOCKET_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/transport/web_socket.h"
#include "src/net/io_loop.h"
#include "src/net/tcp_acceptor.h"

namespace dragoman {

struct WebSocketLimits {
  std::size_t max_message_bytes = 1 << 20;  // a larger one closes with 1009
  std::size_t max_queued_bytes = 1 << 20;   // Send refuses beyond: the peer reads too slowly
  std::chrono::milliseconds handshake_timeout{5'000};
  std::chrono::milliseconds ping_interval{10'000};  // 0: none
  std::chrono::milliseconds pong_timeout{5'000};    // without one the connection is dropped
};

// What the answer to an upgrade needs of its request, which was checked before.
struct UpgradeAnswer {
  std::string key;          // Sec-WebSocket-Key
  std::string subprotocol;  // to agree to; empty: none
};

// Answers 101 on a socket whose request has been read, and hands the open WebSocket over on `loop`.
// Call it on `loop`. When the answer cannot be sent within the time, `on_open` gets the reason.
void AcceptWebSocket(
    IoLoop& loop, ConnectedSocket socket, UpgradeAnswer answer, const WebSocketLimits& limits,
    absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<AcceptedWebSocket>>)> on_open);

struct WebSocketConnectorOptions {
  std::string ca_file;  // PEM of trusted roots; empty: the system's
};

// Connects ws:// and wss:// (TLS 1.2 or later; certificate, and the host's name or address, are
// checked: what is refused says why). The executor given to Connect must be an IoLoop; another one
// is answered with on_closed.
std::unique_ptr<WebSocketConnector> MakeWebSocketConnector(WebSocketConnectorOptions options = {});

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_WEB_SOCKET_H_
