// The reference arm: a pacing loop that copies frames over sockets. It takes each inbound frame
// apart as far as WebSocket goes, and every 20 ms sends the last payload of that call back.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/sha.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "benchmarks/lab/lateness.h"
#include "benchmarks/lab/lateness_web_socket.h"
#include "dragoman/core/base64.h"

namespace dragoman::lateness {
namespace {

constexpr std::string_view kPayloadKey = "\"payload\":\"";

struct Peer {
  int socket = -1;
  int call = 0;
  std::string in;
  std::string payload;
  std::string stream_sid;
  std::int64_t frame = 0;  // next inbound
  std::int64_t due_ns = 0;
  bool open = false;
};

// Blocks; the callers come one after the other before the run.
void Upgrade(Peer& peer) {
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos) {
    char buffer[2048];
    const ssize_t got = recv(peer.socket, buffer, sizeof buffer, 0);
    if (got <= 0) Die("floor: no upgrade");
    request.append(buffer, static_cast<std::size_t>(got));
  }
  constexpr std::string_view kKey = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(kKey) + kKey.size();
  std::string key = request.substr(at, request.find("\r\n", at) - at);
  key += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest);
  const std::string reply =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      EncodeBase64({reinterpret_cast<const char*>(digest), sizeof digest}) + "\r\n\r\n";
  if (send(peer.socket, reply.data(), reply.size(), MSG_NOSIGNAL) < 0) Die("floor: no reply");
}

class Floor {
 public:
  explicit Floor(int calls) : calls_(calls), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 64) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      Die("floor: no port");
    }
    port_ = ntohs(address.sin_port);
  }
  int port() const { return port_; }

  void AcceptAll() {
    for (int call = 0; call < calls_; ++call) {
      auto peer = std::make_unique<Peer>();
      peer->socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      peer->call = call;
      const int on = 1;
      setsockopt(peer->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      Upgrade(*peer);
      epoll_event event{.events = EPOLLIN, .data = {.ptr = peer.get()}};
      epoll_ctl(epoll_, EPOLL_CTL_ADD, peer->socket, &event);
      peer->open = true;
      peers_.push_back(std::move(peer));
    }
  }

  void Run(const Plan& plan, std::FILE* out) {
    plan_ = plan;
    // Half a frame behind the callers' own pace.
    for (auto& peer : peers_) {
      peer->due_ns = plan.PlannedNs(peer->call, 0) + kFrameNs / 2;
    }
    std::int64_t cpu = -1;
    for (std::int64_t now = NowNs(); now < plan.end_ns; now = NowNs()) {
      if (cpu < 0 && now >= plan.begin_ns) cpu = CpuNs();
      std::int64_t next = plan.end_ns;
      for (auto& peer : peers_) next = std::min(next, peer->due_ns);
      Wait(next);
      now = NowNs();
      for (auto& peer : peers_) {
        if (peer->due_ns <= now) Send(*peer);
      }
    }
    std::fprintf(out, "cpu %lld\n", static_cast<long long>(CpuNs() - cpu));
    int open = 0;
    for (auto& peer : peers_) open += peer->open;
    std::fprintf(out, "calls %d\ninbound %s\n", open, inbound_.Summary().c_str());
    std::fprintf(out, "kept 0 0 0 0\n");
  }

 private:
  void Wait(std::int64_t until) {
    const std::int64_t left = std::max<std::int64_t>(0, until - NowNs());
    const timespec timeout{left / 1'000'000'000, left % 1'000'000'000};
    epoll_event events[64];
    const int count = epoll_pwait2(epoll_, events, 64, &timeout, nullptr);
    for (int i = 0; i < count; ++i) Read(*static_cast<Peer*>(events[i].data.ptr));
  }

  void Read(Peer& peer) {
    char buffer[8192];
    const ssize_t got = recv(peer.socket, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got == 0) {
      epoll_ctl(epoll_, EPOLL_CTL_DEL, peer.socket, nullptr);
      peer.open = false;
    }
    if (got <= 0) return;
    const std::int64_t now = NowNs();
    peer.in.append(buffer, static_cast<std::size_t>(got));
    std::size_t at = 0;
    while (auto frame = TakeFrame(peer.in, at)) {
      at += frame->size;
      Take(peer, frame->payload, now);
    }
    peer.in.erase(0, at);
  }

  void Take(Peer& peer, std::string_view text, std::int64_t now) {
    std::size_t begin = text.find(kPayloadKey);
    if (begin == std::string_view::npos) {
      constexpr std::string_view kSid = "\"streamSid\":\"";
      begin = text.find(kSid);
      if (begin != std::string_view::npos) peer.stream_sid = text.substr(begin + kSid.size(), 34);
      return;
    }
    begin += kPayloadKey.size();
    peer.payload.assign(text.substr(begin, text.find('"', begin) - begin));
    if (plan_.Measures(now)) inbound_.Add(now - plan_.PlannedNs(peer.call, peer.frame));
    ++peer.frame;
  }

  void Send(Peer& peer) {
    peer.due_ns += kFrameNs;
    if (!peer.open || peer.payload.empty()) return;
    text_ = "{\"event\":\"media\",\"streamSid\":\"";
    text_ += peer.stream_sid;
    text_ += "\",\"media\":{\"payload\":\"";
    text_ += peer.payload;
    text_ += "\"}}";
    PutFrame(text_, false, 0, out_);
    if (send(peer.socket, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
      peer.open = false;
    }
  }

  const int calls_;
  const int epoll_;
  int listener_ = -1;
  int port_ = 0;
  Plan plan_;
  std::vector<std::unique_ptr<Peer>> peers_;
  Samples inbound_;
  std::string text_;
  std::string out_;
};

}  // namespace

void RunFloor(int calls, std::FILE* in, std::FILE* out) {
  Floor floor(calls);
  std::fprintf(out, "port %d\n", floor.port());
  std::fflush(out);
  const Plan plan = ReadPlan(calls, in);
  floor.AcceptAll();
  floor.Run(plan, out);
}

}  // namespace dragoman::lateness
