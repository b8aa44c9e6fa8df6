#include "src/net/tcp_stream.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "src/net/asio_types.h"
#include "src/net/io_loop_asio.h"
#include "src/net/tcp_connect.h"

namespace dragoman {
namespace {

constexpr std::chrono::seconds kClosePatience{2};

// Shared by the stream and the operations under way.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(IoLoop& loop, const TcpStreamLimits& limits)
      : socket(loop.state().context), limits_(limits), patience_(loop) {}

  void Start(ByteStream::Callbacks callbacks) {
    callbacks_ = std::make_shared<ByteStream::Callbacks>(std::move(callbacks));
    Read();
  }

  absl::Status Write(std::string_view bytes) {
    if (state_ != State::kOpen) return FailedPrecondition("tcp: the stream is closed");
    if (writing_.size() + waiting_.size() + bytes.size() > limits_.max_queued_bytes) {
      return ResourceExhausted("tcp: ", writing_.size() + waiting_.size(),
                               " bytes wait; expected at most ", limits_.max_queued_bytes);
    }
    waiting_ += bytes;
    WriteNext();
    return absl::OkStatus();
  }

  void Close() {
    if (state_ != State::kOpen) return;
    state_ = State::kClosing;
    patience_.Start(kClosePatience, [this] { Finish(absl::OkStatus()); });
    if (writing_.empty()) ShutDown();
  }

  void Abandon() {
    callbacks_.reset();
    if (state_ == State::kOpen) Finish(absl::OkStatus());
  }

  TcpSocket socket;

 private:
  enum class State { kOpen, kClosing, kClosed };

  void Read() {
    if (std::exchange(reading_, true)) return;
    socket.async_read_some(boost::asio::buffer(input_),
                           [self = shared_from_this()](const AsioError& error, std::size_t size) {
                             self->OnRead(error, size);
                           });
  }

  void OnRead(const AsioError& error, std::size_t size) {
    reading_ = false;
    if (state_ == State::kClosed) return;
    if (error == boost::asio::error::eof) return Finish(absl::OkStatus());
    if (error) return Finish(NetworkError("tcp", error));
    if (auto callbacks = callbacks_; callbacks && callbacks->on_bytes && state_ == State::kOpen) {
      callbacks->on_bytes(std::string_view(input_.data(), size));
    }
    if (state_ != State::kClosed) Read();
  }

  void WriteNext() {
    if (!writing_.empty() || waiting_.empty()) return;
    writing_.swap(waiting_);
    boost::asio::async_write(socket, boost::asio::buffer(writing_),
                             [self = shared_from_this()](const AsioError& error, std::size_t) {
                               self->OnWritten(error);
                             });
  }

  void OnWritten(const AsioError& error) {
    writing_.clear();
    if (state_ == State::kClosed) return;
    if (error) return Finish(NetworkError("tcp", error));
    WriteNext();
    if (state_ == State::kClosing && writing_.empty()) ShutDown();
  }

  // The peer's answer is its end of stream, which OnRead sees.
  void ShutDown() {
    AsioError ignored;
    socket.shutdown(TcpSocket::shutdown_send, ignored);
    Read();
  }

  void Finish(absl::Status status) {
    if (state_ == State::kClosed) return;
    state_ = State::kClosed;
    auto self = shared_from_this();
    patience_.Stop();
    AsioError ignored;
    socket.close(ignored);
    auto callbacks = std::move(callbacks_);
    if (callbacks && callbacks->on_closed) callbacks->on_closed(std::move(status));
  }

  const TcpStreamLimits limits_;
  State state_ = State::kOpen;
  bool reading_ = false;
  std::array<char, 4096> input_;  // some 12 frames of 20 ms
  std::string writing_;
  std::string waiting_;
  std::shared_ptr<ByteStream::Callbacks> callbacks_;  // held while one runs
  Timer patience_;
};

class TcpStream : public ByteStream {
 public:
  explicit TcpStream(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  ~TcpStream() override { core_->Abandon(); }
  void Start(Callbacks callbacks) override { core_->Start(std::move(callbacks)); }
  absl::Status Write(std::string_view bytes) override { return core_->Write(bytes); }
  void Close() override { core_->Close(); }

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace

std::unique_ptr<ByteStream> AdoptTcpStream(IoLoop& loop, ConnectedSocket socket,
                                           const TcpStreamLimits& limits) {
  auto core = std::make_shared<Core>(loop, limits);
  Adopt(core->socket, socket.Release(), socket.v6());
  return std::make_unique<TcpStream>(std::move(core));
}

void ConnectTcp(IoLoop& loop, const std::string& host, int port, std::chrono::milliseconds timeout,
                const TcpStreamLimits& limits,
                absl::AnyInvocable<void(absl::StatusOr<std::unique_ptr<ByteStream>>)> on_done) {
  struct Attempt {
    std::shared_ptr<Core> core;
    std::shared_ptr<TcpConnector> connector;
    std::unique_ptr<Timer> deadline;
    bool timed_out = false;
  };
  loop.Post([&loop, host, port, timeout, limits, on_done = std::move(on_done)]() mutable {
    auto attempt = std::make_shared<Attempt>();
    attempt->core = std::make_shared<Core>(loop, limits);
    attempt->connector = std::make_shared<TcpConnector>(loop);
    attempt->deadline = std::make_unique<Timer>(loop);
    attempt->deadline->Start(timeout, [weak = std::weak_ptr(attempt)] {
      auto held = weak.lock();
      if (!held) return;
      held->timed_out = true;
      AsioError ignored;
      held->core->socket.close(ignored);
      held->connector->Cancel();
    });
    attempt->connector->Connect(
        attempt->core->socket, host, port,
        [attempt, host, port, timeout,
         on_done = std::move(on_done)](const AsioError& error) mutable {
          attempt->deadline->Stop();
          const std::string doing = StrCat("connecting to ", host, " port ", port);
          if (attempt->timed_out) {
            on_done(DeadlineExceeded(StrCat(doing, " took more than ", timeout)));
          } else if (error) {
            on_done(NetworkError(doing, error));
          } else {
            on_done(std::unique_ptr<ByteStream>(new TcpStream(std::move(attempt->core))));
          }
        });
  });
}

}  // namespace dragoman
