// An HTTP/1.1 server whose connections may become WebSockets.
#ifndef DRAGOMAN_SRC_NET_HTTP_SERVER_H_
#define DRAGOMAN_SRC_NET_HTTP_SERVER_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/core/log.h"
#include "dragoman/transport/web_socket.h"
#include "src/net/http_parser.h"
#include "src/net/io_loop.h"
#include "src/net/web_socket.h"

namespace dragoman {

struct HttpReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // beside type, length, connection
};

// Answers one request: at once or later, on the server's loop, once. Dropped unanswered: 500. A
// connection that is gone by then swallows it.
class HttpResponder {
 public:
  using Send = absl::AnyInvocable<void(HttpReply)>;
  explicit HttpResponder(Send send) : send_(std::move(send)) {}
  HttpResponder(HttpResponder&&) = default;
  HttpResponder& operator=(HttpResponder&&) = delete;
  ~HttpResponder();
  void operator()(HttpReply reply);

 private:
  Send send_;
};

// What becomes of a request for a WebSocket.
struct HttpUpgrade {
  // Not null: this loop takes the socket over, once, before the 101; `on_open` runs there. Null:
  // the request is answered with `refusal`.
  IoLoop* loop = nullptr;
  HttpReply refusal{.status = 403, .body = "forbidden\n"};
  std::string subprotocol;  // to agree to; one that the request offers
  WebSocketLimits limits;
  absl::AnyInvocable<void(std::unique_ptr<AcceptedWebSocket>)> on_open;
};

// Both run on the server's loop and must not block it. A path ending in '*' stands for everything
// that begins with what precedes it; an exact path goes first, then the longest prefix. Unknown
// paths get 404, a plain request for a WebSocket's path 426.
struct HttpRoutes {
  std::map<std::string, std::function<void(ServerRequest, HttpResponder)>> requests;
  std::map<std::string, std::function<HttpUpgrade(const ServerRequest&)>> upgrades;
};

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one
  HttpLimits limits;
  int max_connections = 2'000;  // before they are WebSockets; more are closed at once
  std::chrono::milliseconds header_timeout{10'000};  // for a whole head, from its first byte: 408
  std::chrono::milliseconds idle_timeout{60'000};    // between requests on a connection
  std::size_t min_body_rate = 1024;                  // bytes a second, over each window: 408
  std::chrono::milliseconds body_window{5'000};
  std::chrono::milliseconds reply_timeout{30'000};  // for the handler: 503
  std::chrono::milliseconds write_timeout{10'000};  // for the peer to take an answer
};

// Thread-safe but for its loop's own tasks, which must not destroy it. Destroy it while the loop
// runs; afterwards no handler runs, open connections are dropped, WebSockets live on.
class HttpServer {
 public:
  // kUnavailable: the port is in use, naming it.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Listen(const HttpServerOptions& options,
                                                            HttpRoutes routes, IoLoop& loop,
                                                            LogSink& log);
  ~HttpServer();
  int port() const;

 private:
  class Core;
  explicit HttpServer(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_HTTP_SERVER_H_
