// The part of a WebSocket that does not depend on which side opened it or on TLS. Very heavy: only
// web_socket.cc and web_socket_tls.cc include it.
#ifndef DRAGOMAN_SRC_NET_WEB_SOCKET_CORE_H_
#define DRAGOMAN_SRC_NET_WEB_SOCKET_CORE_H_

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "dragoman/core/text.h"
#include "dragoman/transport/web_socket.h"
#include "src/net/asio_types.h"
#include "src/net/io_loop_asio.h"
#include "src/net/web_socket.h"

namespace dragoman {

inline constexpr std::chrono::seconds kWebSocketClosePatience{2};

// What a client's handshake needs, taken from the request's URL.
struct WebSocketTarget {
  bool secure = false;
  std::string host;  // to connect to and, for TLS, to check
  int port = 0;
  std::string host_field;  // of the request: with the port where the URL has one
  std::string target;      // path and query
};

using WebSocketDecorator = std::function<void(boost::beast::websocket::request_type&)>;

// Layer: TcpSocket, or a TLS stream over one. Shared by the handle and the operations under way.
template <typename Layer>
class WebSocketCore : public std::enable_shared_from_this<WebSocketCore<Layer>> {
 public:
  using Stream = boost::beast::websocket::stream<Layer, false>;  // no deflate

  template <typename... LayerArguments>
  WebSocketCore(IoLoop& loop, const WebSocketLimits& limits, LayerArguments&&... arguments)
      : stream(std::forward<LayerArguments>(arguments)...),
        loop_(loop),
        limits_(limits),
        ping_timer_(loop),
        patience_(loop) {
    stream.read_message_max(limits.max_message_bytes);
    stream.auto_fragment(false);
    SetTimeout(limits.handshake_timeout);
    stream.control_callback([this](boost::beast::websocket::frame_type kind, auto) {
      if (kind == boost::beast::websocket::frame_type::pong) OnPong();
    });
  }

  TcpSocket& socket() { return boost::beast::get_lowest_layer(stream); }

  void SetCallbacks(WebSocketCallbacks callbacks) {
    callbacks_ = std::make_shared<WebSocketCallbacks>(std::move(callbacks));
  }
  // Once the connection is open and the callbacks are set.
  void StartReading() {
    if (state_ == State::kClosed) return;
    Read();
    if (limits_.ping_interval.count() > 0) {
      ping_timer_.Start(limits_.ping_interval, [this] { Ping(); });
    }
  }
  void SetOpen() {
    state_ = State::kOpen;
    SetTimeout(kWebSocketClosePatience);  // after a broken rule, for the peer to go
    WriteNext();
  }
  bool connecting() const { return state_ == State::kConnecting; }

  absl::Status Send(std::string_view message, bool binary) {
    if (state_ != State::kOpen) return FailedPrecondition("websocket: not open");
    if (!binary && !IsValidUtf8(message)) {
      return InvalidArgument("websocket: text message is not valid UTF-8");
    }
    if (queued_bytes_ + message.size() > limits_.max_queued_bytes) {
      return ResourceExhausted("websocket: ", queued_bytes_, " bytes wait; expected at most ",
                               limits_.max_queued_bytes);
    }
    queued_bytes_ += message.size();
    queue_.push_back({std::string(message), binary});
    WriteNext();
    return absl::OkStatus();
  }

  void Close(std::uint16_t code, std::string_view reason) {
    if (state_ == State::kConnecting) {
      // At once no longer connecting: a handshake that ends before the post runs must not open it.
      state_ = State::kClosing;
      patience_.Stop();
      loop_.Post([self = this->shared_from_this()] { self->Finish(Cancelled(), 1006, ""); });
      return;
    }
    if (state_ != State::kOpen) return;
    state_ = State::kClosing;
    close_code_ = code;
    close_reason_ = Shortened(reason);
    ping_timer_.Stop();
    patience_.Start(kWebSocketClosePatience, [this] { Finish(absl::OkStatus(), 1006, ""); });
    if (!writing_) SendClose();
  }

  // The handle is gone: no callback any more, and only a close that was begun goes on.
  void Abandon() {
    callbacks_.reset();
    if (state_ != State::kClosing) Finish(absl::OkStatus(), 1006, "");
  }

  // Ends it; a later end is ignored.
  void Finish(absl::Status status, std::uint16_t code, std::string_view reason) {
    if (state_ == State::kClosed) return;
    state_ = State::kClosed;
    auto self = this->shared_from_this();
    ping_timer_.Stop();
    patience_.Stop();
    AsioError ignored;
    socket().close(ignored);
    auto callbacks = std::move(callbacks_);
    if (callbacks && callbacks->on_closed) callbacks->on_closed(std::move(status), code, reason);
  }

  // ---- connecting

  void StartConnectTimer(std::chrono::milliseconds timeout) {
    patience_.Start(timeout, [this, timeout] {
      Finish(DeadlineExceeded(StrCat("websocket: not connected within ", timeout)), 1006, "");
    });
  }

  void FailConnect(const WebSocketTarget& target, const AsioError& error) {
    Finish(NetworkError(StrCat("websocket: connecting to ", target.host, " port ", target.port),
                        error),
           1006, "");
  }

  // On a connected layer; then opens and reads.
  void Handshake(const WebSocketTarget& target) {
    auto response = std::make_shared<boost::beast::websocket::response_type>();
    stream.async_handshake(*response, target.host_field, target.target,
                           [self = this->shared_from_this(), response](const AsioError& error) {
                             self->OnHandshake(error, *response);
                           });
  }

  std::size_t queued_bytes() const { return queued_bytes_; }

  Stream stream;

 private:
  enum class State { kConnecting, kOpen, kClosing, kClosed };

  void OnHandshake(const AsioError& error, const boost::beast::websocket::response_type& response) {
    if (state_ != State::kConnecting) return;
    if (error == boost::beast::websocket::error::upgrade_declined) {
      return Finish(Unavailable("websocket: upgrade refused with HTTP ", response.result_int()),
                    1006, "");
    }
    if (error) return Finish(NetworkError("websocket: handshake", error), 1006, "");
    patience_.Stop();
    SetOpen();
    auto callbacks = callbacks_;
    if (callbacks && callbacks->on_open) callbacks->on_open();
    StartReading();
  }
  struct Outgoing {
    std::string data;
    bool binary;
  };

  // A close frame's reason holds 123 bytes of UTF-8.
  static std::string Shortened(std::string_view reason) {
    reason = reason.substr(0, 123);
    while (!IsValidUtf8(reason) && !reason.empty()) reason.remove_suffix(1);
    return std::string(reason);
  }

  void Read() {
    stream.async_read(buffer_, [self = this->shared_from_this()](
                                   const AsioError& error, std::size_t) { self->OnRead(error); });
  }

  void OnRead(const AsioError& error) {
    if (state_ == State::kClosed) return;
    if (error) return OnReadError(error);
    if (auto callbacks = callbacks_; callbacks && callbacks->on_message && state_ == State::kOpen) {
      const auto data = buffer_.cdata();
      callbacks->on_message({static_cast<const char*>(data.data()), data.size()},
                            stream.got_binary());
    }
    if (state_ == State::kClosed) return;
    buffer_.consume(buffer_.size());
    if (buffer_.capacity() > kKeptCapacity) buffer_.shrink_to_fit();
    Read();
  }

  void OnReadError(const AsioError& error) {
    namespace websocket = boost::beast::websocket;
    if (error == websocket::error::closed) {
      const auto& reason = stream.reason();
      const bool empty = reason.code == websocket::close_code::none;
      return Finish(absl::OkStatus(), empty ? 1005 : static_cast<std::uint16_t>(reason.code),
                    {reason.reason.data(), reason.reason.size()});
    }
    if (error == websocket::error::message_too_big || error == websocket::error::buffer_overflow) {
      return Finish(
          Internal("websocket: message of more than ", limits_.max_message_bytes, " bytes"), 1009,
          "message too big");
    }
    if (error == websocket::error::bad_frame_payload) {
      return Finish(Internal("websocket: text that is not valid UTF-8"), 1007, error.message());
    }
    if (error == websocket::condition::protocol_violation) {
      return Finish(Internal("websocket: peer broke the protocol: ", error.message()), 1002,
                    error.message());
    }
    if (state_ == State::kClosing) return Finish(absl::OkStatus(), 1006, "");
    Finish(NetworkError("websocket", error), 1006, "");
  }

  void WriteNext() {
    if (writing_ || queue_.empty() || state_ == State::kConnecting) return;
    writing_ = true;
    stream.text(!queue_.front().binary);
    stream.async_write(boost::asio::buffer(queue_.front().data),
                       [self = this->shared_from_this()](const AsioError& error, std::size_t) {
                         self->OnWritten(error);
                       });
  }

  void OnWritten(const AsioError& error) {
    writing_ = false;
    queued_bytes_ -= queue_.front().data.size();
    queue_.pop_front();
    if (state_ == State::kClosed) return;
    if (error) {
      // The reader knows better why: it sees the peer's close frame or the broken rule.
      if (error != boost::asio::error::operation_aborted) {
        Finish(NetworkError("websocket", error), 1006, "");
      }
      return;
    }
    WriteNext();
    if (state_ == State::kClosing && !writing_) SendClose();
  }

  void SendClose() {
    using boost::beast::websocket::close_code;
    using boost::beast::websocket::close_reason;
    stream.async_close(close_reason(static_cast<close_code>(close_code_), close_reason_),
                       [self = this->shared_from_this()](const AsioError& error) {
                         if (error == boost::asio::error::operation_aborted) return;
                         self->Finish(absl::OkStatus(), error ? 1006 : self->close_code_,
                                      error ? std::string() : self->close_reason_);
                       });
  }

  void Ping() {
    if (state_ != State::kOpen) return;
    ping_timer_.Start(limits_.ping_interval, [this] { Ping(); });
    if (std::exchange(pong_due_, true)) return;
    stream.async_ping({}, [self = this->shared_from_this()](const AsioError&) {});
    patience_.Start(limits_.pong_timeout, [this] {
      Finish(DeadlineExceeded(StrCat("websocket: no pong within ", limits_.pong_timeout)), 1006,
             "");
    });
  }

  void OnPong() {
    if (std::exchange(pong_due_, false) && state_ == State::kOpen) patience_.Stop();
  }

  // Of Beast's own: for the handshake, and for a connection that it closes.
  void SetTimeout(std::chrono::milliseconds timeout) {
    namespace websocket = boost::beast::websocket;
    stream.set_option(
        websocket::stream_base::timeout{timeout, websocket::stream_base::none(), false});
  }

  static constexpr std::size_t kKeptCapacity = 64 * 1024;

  IoLoop& loop_;
  const WebSocketLimits limits_;
  State state_ = State::kConnecting;
  boost::beast::flat_buffer buffer_;
  std::deque<Outgoing> queue_;  // the front is being written while writing_
  std::size_t queued_bytes_ = 0;
  bool writing_ = false;
  bool pong_due_ = false;
  std::uint16_t close_code_ = 0;
  std::string close_reason_;
  std::shared_ptr<WebSocketCallbacks> callbacks_;  // held while one runs: it may destroy the handle
  Timer ping_timer_;
  Timer patience_;  // for the pong, or for the peer's close frame
};

// The handle. Sending is refused until the connection is open.
template <typename Core>
class WebSocketHandle : public AcceptedWebSocket {
 public:
  explicit WebSocketHandle(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  ~WebSocketHandle() override { core_->Abandon(); }

  void Start(WebSocketCallbacks callbacks) override {
    core_->SetCallbacks(std::move(callbacks));
    core_->StartReading();
  }
  absl::Status SendText(std::string_view message) override { return core_->Send(message, false); }
  absl::Status SendBinary(std::string_view message) override { return core_->Send(message, true); }
  void Close(std::uint16_t code, std::string_view reason) override { core_->Close(code, reason); }
  std::size_t queued_bytes() const override { return core_->queued_bytes(); }

 private:
  std::shared_ptr<Core> core_;
};

// web_socket_tls.cc
std::unique_ptr<WebSocket> ConnectSecureWebSocket(IoLoop& loop, const WebSocketTarget& target,
                                                  const std::string& ca_file,
                                                  const WebSocketLimits& limits,
                                                  std::chrono::milliseconds timeout,
                                                  WebSocketDecorator decorator,
                                                  WebSocketCallbacks callbacks);

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_WEB_SOCKET_CORE_H_
