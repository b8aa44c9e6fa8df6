#include "src/net/web_socket.h"

#include <charconv>
#include <optional>

#include "src/net/tcp_connect.h"
#include "src/net/web_socket_core.h"

namespace dragoman {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

using Core = WebSocketCore<TcpSocket>;

class FailedWebSocket : public WebSocket {
 public:
  FailedWebSocket(Executor& executor, WebSocketCallbacks callbacks, absl::Status status)
      : callbacks_(std::make_shared<WebSocketCallbacks>(std::move(callbacks))) {
    executor.Post([weak = std::weak_ptr(callbacks_), status = std::move(status)] {
      auto held = weak.lock();
      if (held && held->on_closed) held->on_closed(status, 1006, "");
    });
  }
  absl::Status SendText(std::string_view) override { return Refused(); }
  absl::Status SendBinary(std::string_view) override { return Refused(); }
  void Close(std::uint16_t, std::string_view) override {}
  std::size_t queued_bytes() const override { return 0; }

 private:
  static absl::Status Refused() { return FailedPrecondition("websocket: not open"); }
  std::shared_ptr<WebSocketCallbacks> callbacks_;
};

absl::StatusOr<WebSocketTarget> ParseUrl(std::string_view url) {
  WebSocketTarget target;
  if (url.substr(0, 6) == "wss://") {
    target.secure = true;
    url.remove_prefix(6);
  } else if (url.substr(0, 5) == "ws://") {
    url.remove_prefix(5);
  } else {
    return InvalidArgument("url \"", url, "\" does not begin with ws:// or wss://");
  }
  const std::size_t path = std::min(url.find_first_of("/?#"), url.size());
  std::string_view authority = url.substr(0, path);
  target.target = url.substr(path, url.find('#') - path);
  if (target.target.empty() || target.target[0] != '/') target.target.insert(0, "/");
  target.host_field = authority;
  target.port = target.secure ? 443 : 80;
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    const std::string_view digits = authority.substr(colon + 1);
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), target.port);
    if (error != std::errc() || end != digits.data() + digits.size() || target.port < 1 ||
        target.port > 65535) {
      return InvalidArgument("url has a port that is not 1 to 65535");
    }
    authority = authority.substr(0, colon);
  }
  if (authority.size() > 2 && authority.front() == '[' && authority.back() == ']') {
    authority = authority.substr(1, authority.size() - 2);
  }
  if (authority.empty() || authority.find('@') != std::string_view::npos) {
    return InvalidArgument("url has no host, or names a user");
  }
  target.host = authority;
  return target;
}

bool IsFieldText(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
  });
}

absl::StatusOr<WebSocketDecorator> MakeDecorator(const WebSocketRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || !IsFieldText(name) || !IsFieldText(value) ||
        name.find_first_of(" :\t") != std::string::npos) {
      return InvalidArgument("header \"", name, "\" is not a field of HTTP");
    }
  }
  return WebSocketDecorator([headers = request.headers,
                             subprotocol = request.subprotocol](websocket::request_type& upgrade) {
    upgrade.set(http::field::user_agent, "dragoman");
    if (!subprotocol.empty()) {
      upgrade.set(http::field::sec_websocket_protocol, subprotocol);
    }
    for (const auto& [name, value] : headers) upgrade.insert(name, value);
  });
}

class Connector : public WebSocketConnector {
 public:
  explicit Connector(WebSocketConnectorOptions options) : options_(std::move(options)) {}

  std::unique_ptr<WebSocket> Connect(WebSocketRequest request, Executor& executor,
                                     WebSocketCallbacks callbacks) override {
    auto refuse = [&](absl::Status status) {
      return std::make_unique<FailedWebSocket>(executor, std::move(callbacks), std::move(status));
    };
    auto* loop = dynamic_cast<IoLoop*>(&executor);
    if (loop == nullptr) {
      return refuse(FailedPrecondition("websocket: the executor is not a network loop"));
    }
    absl::StatusOr<WebSocketTarget> target = ParseUrl(request.url);
    if (!target.ok()) return refuse(target.status());
    absl::StatusOr<WebSocketDecorator> decorator = MakeDecorator(request);
    if (!decorator.ok()) return refuse(decorator.status());
    const WebSocketLimits limits{.max_message_bytes = request.max_message_bytes,
                                 .max_queued_bytes = request.max_queued_bytes,
                                 .handshake_timeout = request.connect_timeout,
                                 .ping_interval = request.ping_interval,
                                 .pong_timeout = request.pong_timeout};
    if (target->secure) {
      return ConnectSecureWebSocket(*loop, *target, options_.ca_file, limits,
                                    request.connect_timeout, *std::move(decorator),
                                    std::move(callbacks));
    }
    return ConnectPlain(*loop, *target, limits, request.connect_timeout, *std::move(decorator),
                        std::move(callbacks));
  }

 private:
  static std::unique_ptr<WebSocket> ConnectPlain(IoLoop& loop, const WebSocketTarget& target,
                                                 const WebSocketLimits& limits,
                                                 std::chrono::milliseconds timeout,
                                                 WebSocketDecorator decorator,
                                                 WebSocketCallbacks callbacks) {
    auto core = std::make_shared<Core>(loop, limits, loop.state().context);
    core->SetCallbacks(std::move(callbacks));
    core->stream.set_option(websocket::stream_base::decorator(std::move(decorator)));
    core->StartConnectTimer(timeout);
    auto connector = std::make_shared<TcpConnector>(loop);
    connector->Connect(core->socket(), target.host, target.port,
                       [core, target](const AsioError& error) {
                         if (!core->connecting()) return;
                         if (error) return core->FailConnect(target, error);
                         core->Handshake(target);
                       });
    return std::make_unique<WebSocketHandle<Core>>(std::move(core));
  }

  const WebSocketConnectorOptions options_;
};

}  // namespace

void AcceptWebSocket(
    IoLoop& loop, ConnectedSocket socket, UpgradeAnswer answer, const WebSocketLimits& limits,
    absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<AcceptedWebSocket>>)> on_open) {
  auto core = std::make_shared<Core>(loop, limits, loop.state().context);
  const bool v6 = socket.v6();
  if (!Adopt(core->socket(), socket.Release(), v6)) {
    return on_open(Unavailable("websocket: the connection is gone"));
  }
  http::request<http::empty_body> request(http::verb::get, "/", 11);
  request.set(http::field::host, "-");
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::connection, "Upgrade");
  request.set(http::field::sec_websocket_version, "13");
  request.set(http::field::sec_websocket_key, answer.key);
  core->stream.set_option(websocket::stream_base::decorator(
      [subprotocol = answer.subprotocol](websocket::response_type& response) {
        response.set(http::field::server, "dragoman");
        if (!subprotocol.empty()) {
          response.set(http::field::sec_websocket_protocol, subprotocol);
        }
      }));
  core->stream.async_accept(
      request, [core, on_open = std::move(on_open)](const AsioError& error) mutable {
        if (error) return on_open(NetworkError("websocket: answering the upgrade", error));
        core->SetOpen();
        on_open(std::unique_ptr<AcceptedWebSocket>(new WebSocketHandle<Core>(std::move(core))));
      });
}

std::unique_ptr<WebSocketConnector> MakeWebSocketConnector(WebSocketConnectorOptions options) {
  return std::make_unique<Connector>(std::move(options));
}

}  // namespace dragoman
