#include "dragoman/server/media_server.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/providers/asterisk/audio_socket.h"
#include "dragoman/providers/twilio/media_stream.h"
#include "dragoman/providers/twilio/signature.h"
#include "src/net/http_server.h"
#include "src/net/io_loop.h"
#include "src/net/tcp_acceptor.h"
#include "src/net/tcp_stream.h"

namespace dragoman {
namespace {

// A thread of calls, and the acceptors that make calls of its sockets.
struct MediaLoop {
  explicit MediaLoop(const Clock& clock) : loop(clock) {}
  IoLoop loop;
  std::unique_ptr<TwilioMediaAcceptor> twilio;         // on the loop
  std::unique_ptr<AudioSocketAcceptor> audio_sockets;  // on the loop
};

class MediaServerImpl : public MediaServer {
 public:
  MediaServerImpl(const MediaServerOptions& options, std::function<std::string()> health,
                  const Clock& clock, LogSink& log)
      : options_(options), health_(std::move(health)), log_(log), control_(clock) {
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    const int count = options.media_loops > 0 ? options.media_loops : std::max(1, cores - 1);
    for (int i = 0; i < count; ++i) loops_.push_back(std::make_unique<MediaLoop>(clock));
  }

  ~MediaServerImpl() override {
    StopListening();
    for (auto& media : loops_) {
      RunAndWait(media->loop, [&media] {
        media->twilio.reset();
        media->audio_sockets.reset();
      });
      media->loop.Stop();
    }
    control_.Stop();
  }

  absl::Status Open(CallAgent& agent) {
    for (auto& media : loops_) DRAGOMAN_RETURN_IF_ERROR(OpenLoop(*media, agent));
    HttpRoutes routes;
    routes.requests["/health"] = [this](const auto&, HttpResponder respond) {
      const std::string more = health_ ? health_() : std::string();
      const bool closed = Closed();
      respond({.status = closed ? 503 : 200,
               .content_type = "application/json",
               .body = StrCat("{\"status\":\"", closed ? "stopped" : "ok", "\"",
                              more.empty() ? "" : ",", more, "}\n")});
    };
    routes.upgrades["/media"] = [this](const auto& request) { return Upgrade(request); };
    DRAGOMAN_ASSIGN_OR_RETURN(
        http_, HttpServer::Listen({.host = options_.host, .port = options_.port}, std::move(routes),
                                  control_, log_));
    if (options_.audio_socket_port < 0) return absl::OkStatus();
    DRAGOMAN_ASSIGN_OR_RETURN(tcp_, TcpAcceptor::Open(options_.host, options_.audio_socket_port,
                                                      control_, [this](ConnectedSocket socket) {
                                                        TakeAudioSocket(std::move(socket));
                                                      }));
    return absl::OkStatus();
  }

  int port() const override { return http_->port(); }
  int audio_socket_port() const override { return tcp_ ? tcp_->port() : -1; }
  void StopListening() override {
    http_.reset();
    tcp_.reset();
  }

 private:
  absl::Status OpenLoop(MediaLoop& media, CallAgent& agent) {
    absl::Status status;
    RunAndWait(media.loop, [&] {
      auto twilio =
          MakeTwilioMediaAcceptor({}, {.executor = &media.loop, .agent = &agent, .log = &log_});
      status.Update(twilio.status());
      if (twilio.ok()) media.twilio = *std::move(twilio);
      auto audio_sockets =
          MakeAudioSocketAcceptor({.accept_any_uuid = options_.audio_socket_ids.empty()},
                                  {.executor = &media.loop, .agent = &agent, .log = &log_});
      status.Update(audio_sockets.status());
      if (!audio_sockets.ok()) return;
      media.audio_sockets = *std::move(audio_sockets);
      if (&media != loops_.front().get()) return;
      for (const std::string& id : options_.audio_socket_ids) {
        status.Update(media.audio_sockets->Register(id, {}));
      }
    });
    return status;
  }

  bool Closed() const { return options_.closed && options_.closed(); }

  // Calls go round: their loads are alike, and a call never changes its loop.
  MediaLoop& NextLoop() { return *loops_[next_++ % loops_.size()]; }

  template <typename Request>
  HttpUpgrade Upgrade(const Request& request) {
    HttpUpgrade upgrade;
    if (!options_.auth_token.empty()) {
      absl::Status signature = VerifyTwilioSignature(
          options_.auth_token, {.url = options_.public_url}, request.Header("x-twilio-signature"));
      if (!signature.ok()) {
        log_.Write(LogLevel::kWarning, "server",
                   StrCat("upgrade from ", request.peer, " refused: ", MessageOf(signature)));
        upgrade.refusal = {.status = 403, .body = "the signature does not match\n"};
        return upgrade;
      }
    }
    if (Closed()) {
      log_.Write(LogLevel::kWarning, "server",
                 StrCat("upgrade from ", request.peer, " refused: no calls are taken"));
      upgrade.refusal = {.status = 503, .body = "no calls are taken\n"};
      return upgrade;
    }
    MediaLoop& media = NextLoop();
    upgrade.loop = &media.loop;
    upgrade.on_open = [&media](std::unique_ptr<AcceptedWebSocket> socket) {
      if (media.twilio) media.twilio->Accept(std::move(socket));
    };
    return upgrade;
  }

  void TakeAudioSocket(ConnectedSocket socket) {
    // An expected call's UUID is known to the first loop alone, so that it can be used once.
    MediaLoop& media = options_.audio_socket_ids.empty() ? NextLoop() : *loops_.front();
    auto moved = std::make_shared<ConnectedSocket>(std::move(socket));
    media.loop.Post([&media, moved] {
      if (!media.audio_sockets) return;
      media.audio_sockets->Accept(AdoptTcpStream(media.loop, std::move(*moved), {}));
    });
  }

  const MediaServerOptions options_;
  std::function<std::string()> health_;
  LogSink& log_;
  IoLoop control_;
  std::vector<std::unique_ptr<MediaLoop>> loops_;
  std::atomic<std::size_t> next_{0};
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<TcpAcceptor> tcp_;
};

}  // namespace

absl::Status MediaServerOptions::Validate() const {
  if (port < 0 || port > 65'535) {
    return InvalidArgument("port is ", port, "; expected 0 to 65535");
  }
  if (audio_socket_port < -1 || audio_socket_port > 65'535) {
    return InvalidArgument("audio_socket_port is ", audio_socket_port, "; expected -1 to 65535");
  }
  if (media_loops < 0 || media_loops > 1024) {
    return InvalidArgument("media_loops is ", media_loops, "; expected 0 to 1024");
  }
  if (!auth_token.empty() && !public_url.starts_with("wss://")) {
    return InvalidArgument("public_url is '", public_url,
                           "'; expected the wss:// URL that the carrier signs");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<MediaServer>> MediaServer::Start(const MediaServerOptions& options,
                                                                CallAgent& agent,
                                                                std::function<std::string()> health,
                                                                const Clock& clock, LogSink& log) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  auto server = std::make_unique<MediaServerImpl>(options, std::move(health), clock, log);
  DRAGOMAN_RETURN_IF_ERROR(server->Open(agent));
  return std::unique_ptr<MediaServer>(std::move(server));
}

}  // namespace dragoman
