// TCP connections as ByteStreams.
#ifndef DRAGOMAN_SRC_NET_TCP_STREAM_H_
#define DRAGOMAN_SRC_NET_TCP_STREAM_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/transport/byte_stream.h"
#include "src/net/io_loop.h"
#include "src/net/tcp_acceptor.h"

namespace dragoman {

struct TcpStreamLimits {
  std::size_t max_queued_bytes = 1 << 20;  // Write refuses beyond
};

// On `loop`, which must outlive the stream. After Close what is queued has 2 s to leave and the
// peer to close; destruction after Close does not cut that short.
std::unique_ptr<ByteStream> AdoptTcpStream(IoLoop& loop, ConnectedSocket socket,
                                           const TcpStreamLimits& limits);

// Resolves and connects. `on_done` runs on the loop, never inside, unless the loop stops first.
// kDeadlineExceeded after `timeout`; kUnavailable otherwise.
void ConnectTcp(IoLoop& loop, const std::string& host, int port, std::chrono::milliseconds timeout,
                const TcpStreamLimits& limits,
                absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<ByteStream>>)> on_done);

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_TCP_STREAM_H_
