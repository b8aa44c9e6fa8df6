#include "src/net/tcp_acceptor.h"

#include <unistd.h>

#include <utility>

#include "src/net/asio_types.h"
#include "src/net/io_loop_asio.h"

namespace dragoman {

ConnectedSocket::~ConnectedSocket() {
  if (descriptor_ >= 0) close(descriptor_);
}

class TcpAcceptor::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(IoLoop& loop, OnAccept on_accept)
      : acceptor(loop.state().context),
        incoming_(loop.state().context),
        retry_(loop),
        on_accept_(std::move(on_accept)) {}

  void AcceptNext() {
    acceptor.async_accept(incoming_, peer_, [self = shared_from_this()](const AsioError& error) {
      self->OnAccepted(error);
    });
  }

  void Close() {
    AsioError ignored;
    acceptor.close(ignored);
    retry_.Stop();
    closed_ = true;
  }

  TcpAcceptorSocket acceptor;

 private:
  void OnAccepted(const AsioError& error) {
    if (closed_) return;
    if (error == boost::asio::error::connection_aborted) return AcceptNext();
    if (error) {  // out of descriptors or memory: wait until some came back
      retry_.Start(std::chrono::milliseconds(100), [this] { AcceptNext(); });
      return;
    }
    ConnectedSocket accepted(incoming_.release(), peer_.address().is_v6(), Text(peer_));
    auto keep = shared_from_this();
    on_accept_(std::move(accepted));
    if (!closed_) AcceptNext();
  }

  TcpSocket incoming_;
  Tcp::endpoint peer_;
  Timer retry_;
  OnAccept on_accept_;
  bool closed_ = false;
};

absl::StatusOr<std::unique_ptr<TcpAcceptor>> TcpAcceptor::Open(const std::string& host, int port,
                                                               IoLoop& loop, OnAccept on_accept) {
  if (port < 0 || port > 65535) {
    return InvalidArgument("port is ", port, "; expected 0 to 65535");
  }
  AsioError error;
  Tcp::endpoint endpoint(Tcp::v4(), static_cast<std::uint16_t>(port));
  if (!host.empty()) {
    TcpResolver resolver(loop.state().context);
    auto found = resolver.resolve(host, std::to_string(port), Tcp::resolver::passive, error);
    if (error || found.empty()) {
      return InvalidArgument("cannot listen on \"", host, "\": ", error.message());
    }
    endpoint = *found.begin();
  }
  auto core = std::make_shared<Core>(loop, std::move(on_accept));
  core->acceptor.open(endpoint.protocol(), error);
  if (!error) core->acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) core->acceptor.bind(endpoint, error);
  if (error == boost::asio::error::address_in_use) {
    return Unavailable("port ", port, " is in use on ", endpoint.address().to_string(),
                       "; stop what listens there or choose another port");
  }
  if (!error) core->acceptor.listen(1024, error);
  if (error) return NetworkError(StrCat("cannot listen on ", Text(endpoint)), error);
  const int actual = core->acceptor.local_endpoint().port();
  loop.Post([core] { core->AcceptNext(); });
  return std::unique_ptr<TcpAcceptor>(new TcpAcceptor(loop, std::move(core), actual));
}

TcpAcceptor::~TcpAcceptor() {
  RunAndWait(loop_, [&] { core_->Close(); });
}

}  // namespace dragoman
