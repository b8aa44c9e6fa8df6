// Resolving and connecting with one deadline. Only from .cc files.
#ifndef DRAGOMAN_SRC_NET_TCP_CONNECT_H_
#define DRAGOMAN_SRC_NET_TCP_CONNECT_H_

#include <boost/asio/connect.hpp>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "src/net/asio_types.h"
#include "src/net/io_loop_asio.h"

namespace dragoman {

// Connects `socket`, which the caller keeps alive until `on_done` ran; closing it ends the attempt.
class TcpConnector : public std::enable_shared_from_this<TcpConnector> {
 public:
  using OnDone = absl::AnyInvocable<void(const AsioError&)>;

  explicit TcpConnector(IoLoop& loop) : resolver_(loop.state().context) {}

  void Connect(TcpSocket& socket, const std::string& host, int port, OnDone on_done) {
    on_done_ = std::move(on_done);
    resolver_.async_resolve(
        host, std::to_string(port),
        [self = shared_from_this(), &socket](const AsioError& error,
                                             const Tcp::resolver::results_type& found) {
          if (error || self->cancelled_) {
            return self->Finish(self->cancelled_ ? boost::asio::error::operation_aborted : error);
          }
          boost::asio::async_connect(
              socket, found, [self, &socket](const AsioError& connect_error, const Tcp::endpoint&) {
                AsioError ignored;
                if (!connect_error) socket.set_option(Tcp::no_delay(true), ignored);
                self->Finish(connect_error);
              });
        });
  }

  void Cancel() {
    cancelled_ = true;
    resolver_.cancel();
  }

 private:
  void Finish(const AsioError& error) {
    if (auto on_done = std::exchange(on_done_, nullptr)) on_done(error);
  }

  TcpResolver resolver_;
  OnDone on_done_;
  bool cancelled_ = false;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_TCP_CONNECT_H_
