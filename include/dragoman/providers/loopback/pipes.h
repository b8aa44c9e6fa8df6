// Connections in memory: what a real socket would do, in virtual time and the same way every time.
#ifndef DRAGOMAN_PROVIDERS_LOOPBACK_PIPES_H_
#define DRAGOMAN_PROVIDERS_LOOPBACK_PIPES_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/transport/byte_stream.h"
#include "dragoman/transport/web_socket.h"

namespace dragoman {

// One direction of a pipe. Order is kept whatever the jitter, as TCP does; what is lost was lost
// before it got on the connection (a packet on the way to the carrier).
struct DRAGOMAN_EXPORT PipeDirection {
  std::chrono::microseconds delay{0};
  std::chrono::microseconds jitter{0};  // added to each message: uniform over [0, jitter]
  int loss_per_mille = 0;               // of the messages that may be lost
  // Which messages (WebSocket) or writes (bytes) may be lost; empty: none.
  std::function<bool(std::string_view)> may_lose;
  std::uint64_t seed = 1;                  // same seed, same jitter and losses
  std::size_t max_queued_bytes = 1 << 20;  // under way; sending is refused beyond
};

struct DRAGOMAN_EXPORT PipeOptions {
  PipeDirection a_to_b;
  PipeDirection b_to_a;
};

// Both ends live on the executor given, which must outlive them. An end that is destroyed without
// Close looks to the other like a lost connection: kUnavailable, 1006.
struct DRAGOMAN_EXPORT WebSocketPipe {
  std::unique_ptr<AcceptedWebSocket> a;
  std::unique_ptr<AcceptedWebSocket> b;
};
DRAGOMAN_EXPORT WebSocketPipe MakeWebSocketPipe(Executor& executor, PipeOptions options = {});

struct DRAGOMAN_EXPORT ByteStreamPipe {
  std::unique_ptr<ByteStream> a;
  std::unique_ptr<ByteStream> b;
};
DRAGOMAN_EXPORT ByteStreamPipe MakeByteStreamPipe(Executor& executor, PipeOptions options = {});

}  // namespace dragoman

#endif  // DRAGOMAN_PROVIDERS_LOOPBACK_PIPES_H_
