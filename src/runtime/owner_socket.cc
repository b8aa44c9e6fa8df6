#include "src/runtime/owner_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

constexpr std::size_t kMostRequestBytes = 1 << 20;
constexpr std::size_t kMostConnections = 16;
constexpr int kRequestPatienceMs = 10'000;
constexpr int kPollMs = 200;

absl::StatusOr<sockaddr_un> AddressOf(const std::string& data_dir) {
  const std::string path = OwnerSocketPath(data_dir);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return InvalidArgument("data directory ", data_dir, " has a path of ", data_dir.size(),
                           " bytes; a socket in it can have at most ",
                           sizeof(address.sun_path) - 1);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

bool SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// One line of at most kMostRequestBytes, without its end; false: none came in time.
bool ReadLine(int socket, std::string& rest, std::string& line, int patience_ms) {
  while (true) {
    const std::size_t end = rest.find('\n');
    if (end != std::string::npos) {
      line = rest.substr(0, end);
      rest.erase(0, end + 1);
      return true;
    }
    if (rest.size() > kMostRequestBytes) return false;
    pollfd ready{.fd = socket, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, patience_ms) <= 0) return false;
    char buffer[4096];
    const ssize_t got = recv(socket, buffer, sizeof(buffer), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    rest.append(buffer, static_cast<std::size_t>(got));
  }
}

bool IsSameUser(int socket) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == geteuid() || peer.uid == 0;
}

// How the last line, a JSON object, begins.
constexpr std::string_view kLastMark = "{\"last\":true,";

// Lines that wait for a connection; shared with the host, which may write after it has gone.
struct Outgoing {
  std::mutex mutex;
  std::condition_variable changed;
  std::list<std::string> lines;
  bool last = false;
  bool gone = false;
};

}  // namespace

std::string OwnerSocketPath(const std::string& data_dir) { return data_dir + "/owner.sock"; }

class OwnerSocket::State {
 public:
  State(int listener, std::string path, Handler handler, LogSink& log)
      : listener_(listener), path_(std::move(path)), handler_(std::move(handler)), log_(log) {
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~State() {
    stopping_ = true;
    acceptor_.join();
    for (Connection& connection : connections_) connection.thread.join();
    close(listener_);
    unlink(path_.c_str());
  }

 private:
  struct Connection {
    std::thread thread;
    std::atomic<bool> over = false;
  };

  void Accept() {
    while (!stopping_) {
      connections_.remove_if([](Connection& connection) {
        if (!connection.over) return false;
        connection.thread.join();
        return true;
      });
      pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
      if (poll(&ready, 1, kPollMs) <= 0) continue;
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) continue;
      if (!IsSameUser(socket) || connections_.size() >= kMostConnections) {
        log_.Write(LogLevel::kWarning, "owner", "a connection was refused");
        close(socket);
        continue;
      }
      Connection& connection = connections_.emplace_back();
      connection.thread = std::thread([this, socket, &connection] {
        Serve(socket);
        close(socket);
        connection.over = true;
      });
    }
  }

  void Serve(int socket) {
    std::string rest, request;
    if (!ReadLine(socket, rest, request, kRequestPatienceMs)) return;
    auto outgoing = std::make_shared<Outgoing>();
    handler_(std::move(request), [outgoing](std::string_view line, bool last) {
      const std::lock_guard lock(outgoing->mutex);
      if (outgoing->gone) return;
      outgoing->lines.emplace_back(line);
      outgoing->last = last;
      outgoing->changed.notify_one();
    });
    std::unique_lock lock(outgoing->mutex);
    while (!stopping_) {
      outgoing->changed.wait_for(lock, std::chrono::milliseconds(kPollMs),
                                 [&] { return !outgoing->lines.empty(); });
      while (!outgoing->lines.empty()) {
        std::string line = std::move(outgoing->lines.front()) + "\n";
        outgoing->lines.pop_front();
        // Whoever reads must not have to wait for the end to know that a line was not the last.
        if (outgoing->last && outgoing->lines.empty()) line.replace(0, 1, kLastMark);
        lock.unlock();
        const bool sent = SendAll(socket, line);
        lock.lock();
        if (!sent) {
          outgoing->gone = true;
          return;
        }
      }
      if (outgoing->last) return;
      // Whoever followed a goal and left is noticed.
      char byte = 0;
      if (recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) break;
    }
    outgoing->gone = true;
  }

  const int listener_;
  const std::string path_;
  const Handler handler_;
  LogSink& log_;
  std::atomic<bool> stopping_ = false;
  std::list<Connection> connections_;  // of the acceptor's thread, until it is joined
  std::thread acceptor_;
};

OwnerSocket::OwnerSocket(std::unique_ptr<State> state) : state_(std::move(state)) {}
OwnerSocket::~OwnerSocket() = default;

absl::StatusOr<std::unique_ptr<OwnerSocket>> OwnerSocket::Listen(const std::string& data_dir,
                                                                 Handler handler, LogSink& log) {
  DRAGOMAN_ASSIGN_OR_RETURN(const sockaddr_un address, AddressOf(data_dir));
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return Unavailable("no socket: ", std::strerror(errno));
  const std::string path = OwnerSocketPath(data_dir);
  unlink(path.c_str());  // of an owner that died: the directory's lock is ours
  const bool bound =
      bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      chmod(path.c_str(), 0600) == 0 && listen(listener, 16) == 0;
  if (!bound) {
    const int error = errno;
    close(listener);
    return FailedPrecondition("cannot listen on ", path, ": ", std::strerror(error));
  }
  return std::unique_ptr<OwnerSocket>(
      new OwnerSocket(std::make_unique<State>(listener, path, std::move(handler), log)));
}

namespace {

absl::Status AskSocket(const std::string& data_dir, std::string_view request,
                       const OperatorHost::Reply& reply, int patience_ms) {
  DRAGOMAN_ASSIGN_OR_RETURN(const sockaddr_un address, AddressOf(data_dir));
  const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) return Unavailable("no socket: ", std::strerror(errno));
  absl::Status status = absl::OkStatus();
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      !SendAll(connection, std::string(request) + "\n")) {
    status = Unavailable("the owner of ", data_dir, " does not answer: ", std::strerror(errno));
  }
  std::string rest, line;
  bool last = false;
  while (status.ok() && !last && ReadLine(connection, rest, line, patience_ms)) {
    last = line.starts_with(kLastMark);
    reply(line, last);
  }
  pollfd there{.fd = connection, .events = POLLIN, .revents = 0};
  const bool silent = status.ok() && !last && poll(&there, 1, 0) == 0;
  close(connection);
  if (silent) return DeadlineExceeded(StrCat("the owner of ", data_dir, " does not answer"));
  if (status.ok() && !last) return Unavailable("the owner of ", data_dir, " went away");
  return status;
}

}  // namespace

absl::Status AskOwner(const std::string& data_dir, std::string_view request,
                      const OperatorHost::Reply& reply) {
  return AskSocket(data_dir, request, reply, -1);
}

absl::Status AskOwnerWithin(const std::string& data_dir, std::string_view request,
                            const OperatorHost::Reply& reply, std::chrono::milliseconds patience) {
  return AskSocket(data_dir, request, reply, static_cast<int>(patience.count()));
}

}  // namespace dragoman
