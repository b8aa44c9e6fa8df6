#include "src/net/http_server.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <unordered_set>
#include <utility>

#include "dragoman/core/status.h"
#include "src/net/asio_types.h"
#include "src/net/io_loop_asio.h"
#include "src/net/tcp_acceptor.h"

namespace dragoman {
namespace {

constexpr std::chrono::seconds kLinger{1};
constexpr std::size_t kLingerBytes = 256 * 1024;

std::string_view Reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

HttpReply ErrorReply(int status, std::string_view reason) {
  return {.status = status, .body = StrCat(reason, "\n")};
}

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  out += name;
  out += ": ";
  for (char c : value) {
    if (c != '\r' && c != '\n' && c != '\0') out += c;  // nobody smuggles a field in a value
  }
  out += "\r\n";
}

std::string Serialize(const HttpReply& reply, bool keep_alive, bool with_body) {
  std::string out = StrCat("HTTP/1.1 ", reply.status, " ", Reason(reply.status),
                           "\r\ncontent-length: ", reply.body.size(), "\r\n");
  if (!reply.body.empty()) AppendField("content-type", reply.content_type, out);
  if (!keep_alive) out += "connection: close\r\n";
  for (const auto& [name, value] : reply.headers) AppendField(name, value, out);
  out += "\r\n";
  if (with_body) out += reply.body;
  return out;
}

// The value at the exact key, else at the longest key ending in '*' that fits.
template <typename Map>
const typename Map::mapped_type* FindRoute(const Map& routes, std::string_view path) {
  auto exact = routes.find(std::string(path));
  if (exact != routes.end()) return &exact->second;
  const typename Map::mapped_type* best = nullptr;
  std::size_t best_size = 0;
  for (const auto& [key, value] : routes) {
    if (key.empty() || key.back() != '*') continue;
    const std::string_view prefix(key.data(), key.size() - 1);
    if (path.substr(0, prefix.size()) != prefix || prefix.size() + 1 <= best_size) continue;
    best = &value;
    best_size = prefix.size() + 1;
  }
  return best;
}

}  // namespace

HttpResponder::~HttpResponder() {
  if (send_) send_(ErrorReply(500, "the request was not answered"));
}

void HttpResponder::operator()(HttpReply reply) {
  if (auto send = std::exchange(send_, nullptr)) send(std::move(reply));
}

class HttpServer::Core : public std::enable_shared_from_this<Core> {
 public:
  class Connection;

  Core(const HttpServerOptions& server_options, HttpRoutes server_routes, IoLoop& server_loop,
       LogSink& server_log)
      : options(server_options),
        routes(std::move(server_routes)),
        loop(server_loop),
        log(server_log) {}

  void OnAccept(ConnectedSocket socket);
  void CloseAll();

  const HttpServerOptions options;
  const HttpRoutes routes;
  IoLoop& loop;
  LogSink& log;
  std::unique_ptr<TcpAcceptor> acceptor;
  std::unordered_set<Connection*> connections;
};

class HttpServer::Core::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Core> core, ConnectedSocket socket)
      : core_(std::move(core)),
        peer_(socket.peer()),
        v6_(socket.v6()),
        socket_(core_->loop.state().context),
        parser_(core_->options.limits),
        timer_(core_->loop) {
    core_->connections.insert(this);
    open_ = Adopt(socket_, socket.Release(), v6_);
  }
  ~Connection() { core_->connections.erase(this); }

  void Start() {
    if (!open_) return;
    // The first request's head counts from the connection on.
    WatchHead();
    Read();
  }

  void Close() {
    open_ = false;
    timer_.Stop();
    AsioError ignored;
    socket_.close(ignored);
    auto keep = std::move(awaiting_);
  }

 private:
  // At most one read is under way; what it brings after the last answer is read past.
  void Read() {
    if (std::exchange(reading_, true)) return;
    socket_.async_read_some(boost::asio::buffer(input_),
                            [self = shared_from_this()](const AsioError& error, std::size_t size) {
                              self->reading_ = false;
                              if (!self->open_) return;
                              if (error) return self->Close();
                              if (self->closing_) return self->Discard(size);
                              self->pending_.append(self->input_.data(), size);
                              self->Parse();
                            });
  }

  void Discard(std::size_t size) {
    discarded_ += size;
    if (discarded_ > kLingerBytes) return Close();
    Read();
  }

  void WatchHead() {
    timer_.Start(core_->options.header_timeout,
                 [this] { AnswerAndClose(408, "the request head took too long"); });
    watched_ = Watched::kHead;
  }

  // In every window so much of the body must come.
  void WatchBody() {
    const std::size_t before = parser_.body_bytes();
    timer_.Start(core_->options.body_window, [this, before] {
      const std::size_t least = core_->options.min_body_rate *
                                static_cast<std::size_t>(core_->options.body_window.count()) / 1000;
      if (parser_.body_bytes() - before < least) {
        return AnswerAndClose(408, "the request body comes too slowly");
      }
      WatchBody();
    });
    watched_ = Watched::kBody;
  }

  void Parse() {
    pending_.erase(0, parser_.Feed(pending_));
    if (parser_.failed()) return AnswerAndClose(parser_.error_status(), parser_.error());
    if (parser_.done()) return Dispatch();
    if (parser_.head_done()) {
      if (watched_ != Watched::kBody) {
        WatchBody();
        if (parser_.expects_continue()) return WriteContinue();
      }
    } else if (watched_ == Watched::kIdle && !parser_.idle()) {
      WatchHead();
    }
    Read();
  }

  void WriteContinue() {
    Write("HTTP/1.1 100 Continue\r\n\r\n", [this] { Read(); });
  }

  void Dispatch() {
    timer_.Start(core_->options.reply_timeout,
                 [this] { AnswerAndClose(503, "the request took too long to answer"); });
    keep_alive_ = parser_.keep_alive();
    ServerRequest request = parser_.TakeRequest();
    request.peer = peer_;
    with_body_ = request.method != "HEAD";
    const auto* upgrade = FindRoute(core_->routes.upgrades, request.path());
    if (upgrade != nullptr) return Upgrade(request, *upgrade);
    const auto* handler = FindRoute(core_->routes.requests, request.path());
    if (handler == nullptr) return Answer(ErrorReply(404, "no such path"));
    auto respond = [weak = weak_from_this(), number = answer_](HttpReply reply) {
      auto self = weak.lock();
      if (self && self->open_ && self->answer_ == number) self->Answer(std::move(reply));
    };
    awaiting_ = shared_from_this();
    (*handler)(std::move(request), HttpResponder(std::move(respond)));
  }

  void Upgrade(const ServerRequest& request,
               const std::function<HttpUpgrade(const ServerRequest&)>& decide) {
    if (!IsUpgradeRequest(request)) {
      HttpReply reply = ErrorReply(426, "this path is a WebSocket");
      reply.headers = {{"upgrade", "websocket"}, {"connection", "upgrade"}};
      return Answer(std::move(reply));
    }
    if (absl::Status status = CheckWebSocketUpgrade(request); !status.ok()) {
      const bool version = status.code() == absl::StatusCode::kUnimplemented;
      HttpReply reply = ErrorReply(version ? 426 : 400, MessageOf(status));
      if (version) reply.headers = {{"sec-websocket-version", "13"}};
      keep_alive_ = false;
      return Answer(std::move(reply));
    }
    // RFC 6455 section 4.1: the client waits for our answer.
    if (!pending_.empty()) return AnswerAndClose(400, "data before the upgrade was answered");
    HttpUpgrade upgrade = decide(request);
    if (upgrade.loop == nullptr) {
      keep_alive_ = false;
      return Answer(std::move(upgrade.refusal));
    }
    timer_.Stop();
    open_ = false;
    AsioError error;
    ConnectedSocket socket(socket_.release(error), v6_, peer_);
    if (error) return;
    MoveToLoop(std::move(socket), std::move(upgrade),
               std::string(request.Header("sec-websocket-key")));
  }

  void MoveToLoop(ConnectedSocket socket, HttpUpgrade upgrade, std::string key) {
    IoLoop& loop = *upgrade.loop;
    loop.Post([&loop, &log = core_->log, socket = std::move(socket), upgrade = std::move(upgrade),
               key = std::move(key)]() mutable {
      AcceptWebSocket(loop, std::move(socket),
                      {.key = std::move(key), .subprotocol = upgrade.subprotocol}, upgrade.limits,
                      [&log, on_open = std::move(upgrade.on_open)](
                          absl::StatusOr<std::unique_ptr<AcceptedWebSocket>> opened) mutable {
                        if (opened.ok()) return on_open(*std::move(opened));
                        log.Write(LogLevel::kWarning, "http", MessageOf(opened.status()));
                      });
    });
  }

  void AnswerAndClose(int status, std::string_view reason) {
    keep_alive_ = false;
    closing_ = true;
    if (writing_) return Close();  // a peer that takes nothing gets nothing
    Answer(ErrorReply(status, reason));
  }

  void Answer(HttpReply reply) {
    ++answer_;  // a second or late answer finds its number gone
    auto keep = std::move(awaiting_);
    Write(Serialize(reply, keep_alive_, with_body_), [this] {
      if (!keep_alive_) return Linger();
      parser_.Reset();
      if (!pending_.empty()) {
        WatchHead();
        return Parse();
      }
      watched_ = Watched::kIdle;
      timer_.Start(core_->options.idle_timeout, [this] { Close(); });
      Read();
    });
  }

  template <typename Then>
  void Write(std::string bytes, Then then) {
    writing_ = true;
    const bool waits_for_body = watched_ == Watched::kBody && !parser_.done() && !parser_.failed();
    if (!waits_for_body) timer_.Start(core_->options.write_timeout, [this] { Close(); });
    output_ = std::move(bytes);
    boost::asio::async_write(
        socket_, boost::asio::buffer(output_),
        [self = shared_from_this(), then](const AsioError& error, std::size_t) {
          self->writing_ = false;
          if (!self->open_) return;
          if (error) return self->Close();
          then();
        });
  }

  // Closing with unread input would reset the connection, and the peer might lose our answer.
  void Linger() {
    closing_ = true;
    AsioError ignored;
    socket_.shutdown(TcpSocket::shutdown_send, ignored);
    timer_.Start(kLinger, [this] { Close(); });
    Read();
  }

  enum class Watched { kIdle, kHead, kBody };

  const std::shared_ptr<Core> core_;
  const std::string peer_;
  const bool v6_;
  TcpSocket socket_;
  HttpRequestParser parser_;
  Timer timer_;  // one deadline at a time: head, body, answer, write, idle, linger
  Watched watched_ = Watched::kIdle;
  bool open_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool closing_ = false;  // the last answer is on its way, or was sent
  bool keep_alive_ = false;
  bool with_body_ = true;
  std::uint64_t answer_ = 0;              // counts answers
  std::shared_ptr<Connection> awaiting_;  // itself, while nothing but a handler knows it
  std::size_t discarded_ = 0;
  std::string pending_;  // received, not parsed: at most one read beyond the request
  std::string output_;
  std::array<char, 4096> input_;
};

void HttpServer::Core::OnAccept(ConnectedSocket socket) {
  if (static_cast<int>(connections.size()) >= options.max_connections) {
    log.Write(
        LogLevel::kWarning, "http",
        StrCat("connection from ", socket.peer(), " refused: ", connections.size(), " are open"));
    static constexpr std::string_view kBusy =
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n"
        "retry-after: 1\r\n\r\n";
    const int descriptor = socket.Release();
    (void)!send(descriptor, kBusy.data(), kBusy.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    close(descriptor);
    return;
  }
  std::make_shared<Connection>(shared_from_this(), std::move(socket))->Start();
}

void HttpServer::Core::CloseAll() {
  acceptor.reset();
  for (Connection* connection : std::unordered_set<Connection*>(connections)) connection->Close();
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Listen(const HttpServerOptions& options,
                                                               HttpRoutes routes, IoLoop& loop,
                                                               LogSink& log) {
  auto core = std::make_shared<Core>(options, std::move(routes), loop, log);
  auto acceptor =
      TcpAcceptor::Open(options.host, options.port, loop,
                        [core](ConnectedSocket socket) { core->OnAccept(std::move(socket)); });
  if (!acceptor.ok()) return acceptor.status();
  core->acceptor = *std::move(acceptor);
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

HttpServer::HttpServer(std::shared_ptr<Core> core) : core_(std::move(core)) {}

HttpServer::~HttpServer() {
  RunAndWait(core_->loop, [&] { core_->CloseAll(); });
}

int HttpServer::port() const { return core_->acceptor->port(); }

}  // namespace dragoman
