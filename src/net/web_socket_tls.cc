#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "src/net/tcp_connect.h"
#include "src/net/web_socket_core.h"

namespace dragoman {
namespace {

namespace ssl = boost::asio::ssl;
namespace websocket = boost::beast::websocket;

using Core = WebSocketCore<ssl::stream<TcpSocket>>;

// A context of its own per connection: options of one must not reach another, and a vendor's
// connection lives for a call.
std::shared_ptr<ssl::context> MakeContext() {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(ssl::verify_peer);
  AsioError ignored;
  context->set_default_verify_paths(ignored);
  return context;
}

}  // namespace

std::unique_ptr<WebSocket> ConnectSecureWebSocket(IoLoop& loop, const WebSocketTarget& target,
                                                  const WebSocketLimits& limits,
                                                  std::chrono::milliseconds timeout,
                                                  WebSocketDecorator decorator,
                                                  WebSocketCallbacks callbacks) {
  auto context = MakeContext();
  auto core = std::make_shared<Core>(loop, limits, loop.state().context, *context);
  core->SetCallbacks(std::move(callbacks));
  core->stream.set_option(websocket::stream_base::decorator(std::move(decorator)));
  core->stream.next_layer().set_verify_callback(ssl::host_name_verification(target.host));
  SSL_set_tlsext_host_name(core->stream.next_layer().native_handle(), target.host.c_str());
  core->StartConnectTimer(timeout);
  auto connector = std::make_shared<TcpConnector>(loop);
  connector->Connect(
      core->socket(), target.host, target.port, [core, context, target](const AsioError& error) {
        if (!core->connecting()) return;
        if (error) return core->FailConnect(target, error);
        core->stream.next_layer().async_handshake(
            ssl::stream_base::client, [core, context, target](const AsioError& tls_error) {
              if (!core->connecting()) return;
              if (tls_error) return core->FailConnect(target, tls_error);
              core->Handshake(target);
            });
      });
  return std::make_unique<WebSocketHandle<Core>>(std::move(core));
}

}  // namespace dragoman
