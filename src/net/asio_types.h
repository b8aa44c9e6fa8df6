// Asio's types as this module uses them: bound to io_context's own executor, so that no handler
// pays for a polymorphic one. Heavy; only from .cc files.
#ifndef DRAGOMAN_SRC_NET_ASIO_TYPES_H_
#define DRAGOMAN_SRC_NET_ASIO_TYPES_H_

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "dragoman/core/status.h"

namespace dragoman {

using AsioExecutor = boost::asio::io_context::executor_type;
using Tcp = boost::asio::ip::tcp;
using TcpSocket = boost::asio::basic_stream_socket<Tcp, AsioExecutor>;
using TcpAcceptorSocket = boost::asio::basic_socket_acceptor<Tcp, AsioExecutor>;
using TcpResolver = boost::asio::ip::basic_resolver<Tcp, AsioExecutor>;
using AsioError = boost::system::error_code;

inline absl::Status NetworkError(std::string_view doing, const AsioError& error) {
  return Unavailable(doing, ": ", error.message());
}

inline std::string Text(const Tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? StrCat("[", address, "]:", endpoint.port())
                                    : StrCat(address, ":", endpoint.port());
}

// Takes over a connected descriptor; false: the loop cannot watch it, and it was closed.
inline bool Adopt(TcpSocket& socket, int descriptor, bool v6) {
  AsioError error;
  socket.assign(v6 ? Tcp::v6() : Tcp::v4(), descriptor, error);
  if (error) {
    close(descriptor);
    return false;
  }
  socket.non_blocking(true, error);
  socket.set_option(Tcp::no_delay(true), error);
  return true;
}

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_ASIO_TYPES_H_
