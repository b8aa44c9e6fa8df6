// Listening: connections come out as descriptors, to be adopted by whichever loop serves them.
#ifndef DRAGOMAN_SRC_NET_TCP_ACCEPTOR_H_
#define DRAGOMAN_SRC_NET_TCP_ACCEPTOR_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "src/net/io_loop.h"

namespace dragoman {

// A connected socket that belongs to no loop yet. Closes what nobody took.
class ConnectedSocket {
 public:
  ConnectedSocket(int descriptor, bool v6, std::string peer)
      : descriptor_(descriptor), v6_(v6), peer_(std::move(peer)) {}
  ConnectedSocket(ConnectedSocket&& other) noexcept
      : descriptor_(other.Release()), v6_(other.v6_), peer_(std::move(other.peer_)) {}
  ConnectedSocket& operator=(ConnectedSocket&&) = delete;
  ~ConnectedSocket();

  int Release() {
    int descriptor = descriptor_;
    descriptor_ = -1;
    return descriptor;
  }
  bool v6() const { return v6_; }
  const std::string& peer() const { return peer_; }  // "192.0.2.7:40112"

 private:
  int descriptor_;
  bool v6_;
  std::string peer_;
};

// Created and destroyed from any thread but the loop's own tasks may destroy it too; while the loop
// runs. Nothing is accepted after the destructor has returned.
class TcpAcceptor {
 public:
  using OnAccept = absl::AnyInvocable<void(ConnectedSocket)>;  // on the loop

  // `host` is an address or a name; "" and "0.0.0.0" mean every interface. Port 0: any free one.
  // kUnavailable: port in use, naming it; kInvalidArgument: no such host or port.
  static absl::StatusOr<std::unique_ptr<TcpAcceptor>> Open(const std::string& host, int port,
                                                           IoLoop& loop, OnAccept on_accept);
  ~TcpAcceptor();
  int port() const { return port_; }

 private:
  class Core;
  TcpAcceptor(IoLoop& loop, std::shared_ptr<Core> core, int port)
      : loop_(loop), core_(std::move(core)), port_(port) {}

  IoLoop& loop_;
  std::shared_ptr<Core> core_;
  int port_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_TCP_ACCEPTOR_H_
