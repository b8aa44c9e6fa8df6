#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include "src/net/tcp_connect.h"
#include "src/net/web_socket_core.h"

namespace dragoman {
namespace {

namespace ssl = boost::asio::ssl;
namespace websocket = boost::beast::websocket;

using SecureCore = WebSocketCore<ssl::stream<TcpSocket>>;

// A context of its own per connection: options of one must not reach another, and a vendor's
// connection lives for a call.
std::shared_ptr<ssl::context> MakeContext(const std::string& ca_file, AsioError& error) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(ssl::verify_peer);
  if (ca_file.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(ca_file, error);
  }
  return context;
}

// The certificate must be this host's: OpenSSL checks, so that its verdict says what is wrong.
void ExpectHost(SSL* tls, const std::string& host) {
  AsioError not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  X509_VERIFY_PARAM* rules = SSL_get0_param(tls);
  if (!not_an_address) {
    X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str());
    return;
  }
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size());
  SSL_set_tlsext_host_name(tls, host.c_str());  // RFC 6066 section 3: names only
}

// "certificate verify failed" tells nobody what to do.
absl::Status TlsError(SSL* tls, const WebSocketTarget& target, const AsioError& error) {
  const std::string connecting =
      StrCat("websocket: connecting to ", target.host, " port ", target.port);
  const long verdict = SSL_get_verify_result(tls);
  if (verdict == X509_V_OK) return NetworkError(StrCat(connecting, ": TLS"), error);
  return Unavailable(connecting, ": the server's certificate is refused: ",
                     X509_verify_cert_error_string(verdict));
}

}  // namespace

std::unique_ptr<WebSocket> ConnectSecureWebSocket(IoLoop& loop, const WebSocketTarget& target,
                                                  const std::string& ca_file,
                                                  const WebSocketLimits& limits,
                                                  std::chrono::milliseconds timeout,
                                                  WebSocketDecorator decorator,
                                                  WebSocketCallbacks callbacks) {
  AsioError no_roots;
  auto context = MakeContext(ca_file, no_roots);
  auto core = std::make_shared<SecureCore>(loop, limits, loop.state().context, *context);
  core->SetCallbacks(std::move(callbacks));
  core->stream.set_option(websocket::stream_base::decorator(std::move(decorator)));
  if (no_roots) {
    loop.Post([core, ca_file, no_roots] {
      core->Finish(FailedPrecondition("websocket: the trusted roots in ",
                                      ca_file.empty() ? "the system's store" : ca_file,
                                      " cannot be read: ", no_roots.message()),
                   1006, "");
    });
    return std::make_unique<WebSocketHandle<SecureCore>>(std::move(core));
  }
  ExpectHost(core->stream.next_layer().native_handle(), target.host);
  core->StartConnectTimer(timeout);
  auto connector = std::make_shared<TcpConnector>(loop);
  connector->Connect(
      core->socket(), target.host, target.port, [core, context, target](const AsioError& error) {
        if (!core->connecting()) return;
        if (error) return core->FailConnect(target, error);
        core->stream.next_layer().async_handshake(
            ssl::stream_base::client, [core, context, target](const AsioError& tls_error) {
              if (!core->connecting()) return;
              if (tls_error) {
                return core->Finish(
                    TlsError(core->stream.next_layer().native_handle(), target, tls_error), 1006,
                    "");
              }
              core->Handshake(target);
            });
      });
  return std::make_unique<WebSocketHandle<SecureCore>>(std::move(core));
}

}  // namespace dragoman
