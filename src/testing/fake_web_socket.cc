#include "dragoman/testing/fake_web_socket.h"

#include <chrono>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/testing/listener.h"

namespace dragoman {
namespace {

constexpr std::chrono::seconds kCloseTimeout{2};  // as the contract of WebSocket::Close says

// What both ends share.
class FakeConnection : public FakeWebSocketPeer {
 public:
  FakeConnection(Executor& executor, WebSocketRequest request, WebSocketCallbacks callbacks)
      : executor_(executor),
        request_(std::move(request)),
        listener_(std::in_place, std::move(callbacks)),
        timer_(executor) {}

  void AwaitAccept() {
    timer_.Start(request_.connect_timeout, [this] {
      Closed(DeadlineExceeded(StrCat("no connection within ", request_.connect_timeout)), 1006, "");
    });
  }
  void OpenNow() { state_ = State::kOpen; }

  // --- the socket's side
  absl::Status Send(std::string_view bytes, bool binary) {
    if (state_ == State::kConnecting) return FailedPrecondition("sent before the socket was open");
    if (state_ != State::kOpen) return FailedPrecondition("sent after the socket was closed");
    if (!reading_ && queued_ + bytes.size() > request_.max_queued_bytes) {
      return ResourceExhausted("more than ", request_.max_queued_bytes, " bytes would wait");
    }
    if (!reading_) queued_ += bytes.size();
    (reading_ ? received_ : waiting_).push_back({std::string(bytes), binary});
    return absl::OkStatus();
  }
  void CloseBySocket(std::uint16_t code, std::string_view reason) {
    if (state_ != State::kOpen && state_ != State::kConnecting) return;
    const bool connected = state_ == State::kOpen;
    state_ = State::kClosing;
    close_code_ = code;
    if (!connected) {
      Later([this] { Closed(Cancelled(), 1006, ""); });
    } else if (!ignores_close_) {
      Later([this, code, reason = std::string(reason)] { Closed(absl::OkStatus(), code, reason); });
    } else {
      timer_.Start(kCloseTimeout,
                   [this] { Closed(Unavailable("the peer did not answer the close"), 1006, ""); });
    }
  }
  void Abandon() {
    state_ = State::kClosed;
    destroyed_ = true;
    timer_.Stop();
    listener_.reset();
  }
  std::size_t queued() const { return queued_; }

  // --- the test's side
  void Accept() override {
    Later([this] {
      if (state_ != State::kConnecting) return;
      state_ = State::kOpen;
      timer_.Stop();
      listener_->Call(&WebSocketCallbacks::on_open);
    });
  }
  void SendText(std::string_view text) override {
    if (!IsValidUtf8(text)) {
      return Later([this] { Closed(Internal("text message is not valid UTF-8"), 1007, ""); });
    }
    Deliver(text, false);
  }
  void SendBinary(std::string_view bytes) override { Deliver(bytes, true); }
  void Close(std::uint16_t code, std::string_view reason) override {
    Later([this, code, reason = std::string(reason)] { Closed(absl::OkStatus(), code, reason); });
  }
  void Drop(absl::Status status) override {
    Later([this, status = std::move(status)] { Closed(status, 1006, ""); });
  }
  void StopReading() override { reading_ = false; }
  void ReadAgain() override {
    reading_ = true;
    queued_ = 0;
    for (Message& message : waiting_) received_.push_back(std::move(message));
    waiting_.clear();
  }
  void IgnoreClose() override { ignores_close_ = true; }
  const WebSocketRequest& request() const override { return request_; }
  std::vector<Message> received() const override { return received_; }
  bool open() const override { return state_ == State::kOpen; }
  bool destroyed() const override { return destroyed_; }
  std::optional<std::uint16_t> close_code() const override { return close_code_; }

 private:
  enum class State { kConnecting, kOpen, kClosing, kClosed };

  void Later(Task task) {
    executor_.Post(lifetime_.Wrap([this, task = std::move(task)]() mutable {
      if (listener_) task();
    }));
  }
  void Deliver(std::string_view bytes, bool binary) {
    if (bytes.size() > request_.max_message_bytes) {
      return Later([this] {
        Closed(ResourceExhausted("message has more than ", request_.max_message_bytes, " bytes"),
               1009, "");
      });
    }
    Later([this, bytes = std::string(bytes), binary] {
      if (state_ != State::kOpen) return;
      listener_->Call(&WebSocketCallbacks::on_message, std::string_view(bytes), binary);
    });
  }
  void Closed(absl::Status status, std::uint16_t code, const std::string& reason) {
    if (state_ == State::kClosed) return;
    state_ = State::kClosed;
    timer_.Stop();
    listener_->Finish(&WebSocketCallbacks::on_closed, std::move(status), code,
                      std::string_view(reason));
  }

  Executor& executor_;
  const WebSocketRequest request_;
  std::optional<Listener<WebSocketCallbacks>> listener_;  // none: the socket was destroyed
  State state_ = State::kConnecting;
  bool reading_ = true;
  bool ignores_close_ = false;
  bool destroyed_ = false;
  std::size_t queued_ = 0;
  std::vector<Message> waiting_;
  std::vector<Message> received_;
  std::optional<std::uint16_t> close_code_;
  Timer timer_;
  Lifetime lifetime_;
};

class FakeWebSocket : public WebSocket {
 public:
  explicit FakeWebSocket(std::shared_ptr<FakeConnection> connection)
      : connection_(std::move(connection)) {}
  ~FakeWebSocket() override { connection_->Abandon(); }
  absl::Status SendText(std::string_view message) override {
    if (!IsValidUtf8(message)) return InvalidArgument("message is not valid UTF-8");
    return connection_->Send(message, false);
  }
  absl::Status SendBinary(std::string_view message) override {
    return connection_->Send(message, true);
  }
  void Close(std::uint16_t code, std::string_view reason) override {
    connection_->CloseBySocket(code, reason);
  }
  std::size_t queued_bytes() const override { return connection_->queued(); }

 private:
  std::shared_ptr<FakeConnection> connection_;
};

std::vector<std::string> Select(const std::vector<FakeWebSocketPeer::Message>& messages,
                                bool binary) {
  std::vector<std::string> selected;
  for (const auto& message : messages) {
    if (message.binary == binary) selected.push_back(message.bytes);
  }
  return selected;
}

}  // namespace

std::vector<std::string> FakeWebSocketPeer::sent_text() const { return Select(received(), false); }
std::vector<std::string> FakeWebSocketPeer::sent_binary() const { return Select(received(), true); }

FakeWebSocketEnds MakeFakeWebSocket(Executor& executor, WebSocketCallbacks callbacks,
                                    WebSocketRequest limits) {
  auto connection =
      std::make_shared<FakeConnection>(executor, std::move(limits), std::move(callbacks));
  connection->OpenNow();
  return {std::make_unique<FakeWebSocket>(connection), connection};
}

std::unique_ptr<WebSocket> FakeWebSocketConnector::Connect(WebSocketRequest request,
                                                           Executor& executor,
                                                           WebSocketCallbacks callbacks) {
  auto connection =
      std::make_shared<FakeConnection>(executor, std::move(request), std::move(callbacks));
  connection->AwaitAccept();
  if (!hold_) connection->Accept();
  peers_.push_back(connection);
  return std::make_unique<FakeWebSocket>(connection);
}

}  // namespace dragoman
