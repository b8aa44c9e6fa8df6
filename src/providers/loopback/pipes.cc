#include "dragoman/providers/loopback/pipes.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {
namespace {

struct Item {
  enum Kind { kText, kBinary, kClose, kDropped };
  Kind kind = kText;
  std::string data;  // the message, or the reason of a close
  std::uint16_t code = 0;
};

// One direction: items under way, handed to the sink one at a time, each in a task of its own.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  using Sink = absl::AnyInvocable<void(const Item&)>;

  Channel(Executor& executor, PipeDirection direction)
      : executor_(executor), direction_(std::move(direction)), random_(direction_.seed) {}

  absl::Status Send(Item item) {
    if (queued_bytes_ + item.data.size() > direction_.max_queued_bytes) {
      return ResourceExhausted("pipe: ", queued_bytes_, " bytes wait; expected at most ",
                               direction_.max_queued_bytes);
    }
    if (direction_.may_lose && direction_.may_lose(item.data) &&
        random_.Chance(static_cast<std::uint32_t>(direction_.loss_per_mille))) {
      return absl::OkStatus();
    }
    Enqueue(std::move(item));
    return absl::OkStatus();
  }

  void Enqueue(Item item) {
    queued_bytes_ += item.data.size();
    std::chrono::microseconds delay = direction_.delay;
    if (direction_.jitter.count() > 0) {
      delay += std::chrono::microseconds(random_.Between(0, direction_.jitter.count()));
    }
    last_arrival_ = std::max(last_arrival_, executor_.Now() + delay);
    items_.emplace_back(last_arrival_, std::move(item));
    Schedule();
  }

  void SetSink(Sink sink) {
    sink_ = std::move(sink);
    Schedule();
  }
  // Also inside the sink: it is not called again.
  void DropSink() {
    sink_ = nullptr;
    if (running_) dropped_while_running_ = true;
  }

  std::size_t queued_bytes() const { return queued_bytes_; }

 private:
  void Schedule() {
    if (scheduled_ || items_.empty() || !sink_) return;
    scheduled_ = true;
    auto deliver = [self = shared_from_this()] { self->Deliver(); };
    if (items_.front().first <= executor_.Now()) {
      executor_.Post(std::move(deliver));
    } else {
      executor_.RunAt(items_.front().first, std::move(deliver));
    }
  }

  void Deliver() {
    scheduled_ = false;
    if (!sink_ || items_.empty()) return;
    Item item = std::move(items_.front().second);
    items_.pop_front();
    queued_bytes_ -= item.data.size();
    Sink sink = std::move(sink_);  // it may drop or destroy itself while it runs
    sink_ = nullptr;
    dropped_while_running_ = false;
    running_ = true;
    sink(item);
    running_ = false;
    if (!dropped_while_running_) sink_ = std::move(sink);
    Schedule();
  }

  Executor& executor_;
  PipeDirection direction_;
  SeededRandom random_;
  std::deque<std::pair<TimePoint, Item>> items_;
  std::size_t queued_bytes_ = 0;
  TimePoint last_arrival_{};
  Sink sink_;
  bool scheduled_ = false;
  bool running_ = false;
  bool dropped_while_running_ = false;
};

class WebSocketEnd : public AcceptedWebSocket {
 public:
  WebSocketEnd(Executor& executor, std::shared_ptr<Channel> out, std::shared_ptr<Channel> in)
      : patience_(executor), out_(std::move(out)), in_(std::move(in)) {}

  ~WebSocketEnd() override {
    in_->DropSink();
    if (state_ != State::kClosed) out_->Enqueue({.kind = Item::kDropped});
  }

  void Start(WebSocketCallbacks callbacks) override {
    callbacks_ = std::make_shared<WebSocketCallbacks>(std::move(callbacks));
    in_->SetSink([this](const Item& item) { OnItem(item); });
  }

  absl::Status SendText(std::string_view message) override {
    if (!IsValidUtf8(message)) return InvalidArgument("pipe: text message is not valid UTF-8");
    return Send(Item::kText, message);
  }
  absl::Status SendBinary(std::string_view message) override {
    return Send(Item::kBinary, message);
  }

  void Close(std::uint16_t code, std::string_view reason) override {
    if (state_ != State::kOpen) return;
    state_ = State::kClosing;
    out_->Enqueue({Item::kClose, std::string(reason), code});
    patience_.Start(std::chrono::seconds(2), [this] { Finish(absl::OkStatus(), 1006, ""); });
  }

  std::size_t queued_bytes() const override { return out_->queued_bytes(); }

 private:
  enum class State { kOpen, kClosing, kClosed };

  absl::Status Send(Item::Kind kind, std::string_view message) {
    if (state_ != State::kOpen) return FailedPrecondition("pipe: the socket is closed");
    return out_->Send({kind, std::string(message)});
  }

  void OnItem(const Item& item) {
    switch (item.kind) {
      case Item::kText:
      case Item::kBinary:
        // After our own Close the peer's messages are read past, as a WebSocket does.
        if (auto callbacks = callbacks_; state_ == State::kOpen && callbacks->on_message) {
          callbacks->on_message(item.data, item.kind == Item::kBinary);  // may destroy this
        }
        return;
      case Item::kClose:
        if (state_ == State::kOpen) out_->Enqueue({Item::kClose, item.data, item.code});
        return Finish(absl::OkStatus(), item.code, item.data);
      case Item::kDropped:
        return Finish(Unavailable("pipe: the peer dropped the connection"), 1006, "");
    }
  }

  void Finish(absl::Status status, std::uint16_t code, std::string_view reason) {
    if (state_ == State::kClosed) return;
    state_ = State::kClosed;
    patience_.Stop();
    in_->DropSink();
    auto callbacks = std::move(callbacks_);
    if (callbacks && callbacks->on_closed) callbacks->on_closed(std::move(status), code, reason);
  }

  Timer patience_;  // with the peer's close frame
  std::shared_ptr<Channel> out_;
  std::shared_ptr<Channel> in_;
  std::shared_ptr<WebSocketCallbacks> callbacks_;  // held while one runs: it may destroy this
  State state_ = State::kOpen;
};

class ByteStreamEnd : public ByteStream {
 public:
  ByteStreamEnd(Executor& executor, std::shared_ptr<Channel> out, std::shared_ptr<Channel> in)
      : patience_(executor), out_(std::move(out)), in_(std::move(in)) {}

  ~ByteStreamEnd() override {
    in_->DropSink();
    if (open_) out_->Enqueue({.kind = Item::kDropped});
  }

  void Start(Callbacks callbacks) override {
    callbacks_ = std::make_shared<Callbacks>(std::move(callbacks));
    in_->SetSink([this](const Item& item) { OnItem(item); });
  }

  absl::Status Write(std::string_view bytes) override {
    if (!open_) return FailedPrecondition("pipe: the stream is closed");
    return out_->Send({Item::kBinary, std::string(bytes)});
  }

  void Close() override {
    if (!open_) return;
    open_ = false;
    out_->Enqueue({.kind = Item::kClose});
    patience_.Start(std::chrono::seconds(2), [this] { Finish(absl::OkStatus()); });
  }

 private:
  void OnItem(const Item& item) {
    if (item.kind == Item::kBinary) {
      auto callbacks = callbacks_;
      if (open_ && callbacks->on_bytes) callbacks->on_bytes(item.data);  // may destroy this
      return;
    }
    if (open_) {
      open_ = false;
      out_->Enqueue({.kind = Item::kClose});
    }
    Finish(item.kind == Item::kClose ? absl::OkStatus()
                                     : Unavailable("pipe: the peer dropped the connection"));
  }

  void Finish(absl::Status status) {
    patience_.Stop();
    in_->DropSink();
    auto callbacks = std::move(callbacks_);
    if (callbacks && callbacks->on_closed) callbacks->on_closed(std::move(status));
  }

  Timer patience_;  // with the peer's close
  std::shared_ptr<Channel> out_;
  std::shared_ptr<Channel> in_;
  std::shared_ptr<Callbacks> callbacks_;  // held while one runs: it may destroy this
  bool open_ = true;
};

}  // namespace

WebSocketPipe MakeWebSocketPipe(Executor& executor, PipeOptions options) {
  auto a_to_b = std::make_shared<Channel>(executor, std::move(options.a_to_b));
  auto b_to_a = std::make_shared<Channel>(executor, std::move(options.b_to_a));
  return {std::make_unique<WebSocketEnd>(executor, a_to_b, b_to_a),
          std::make_unique<WebSocketEnd>(executor, b_to_a, a_to_b)};
}

ByteStreamPipe MakeByteStreamPipe(Executor& executor, PipeOptions options) {
  auto a_to_b = std::make_shared<Channel>(executor, std::move(options.a_to_b));
  auto b_to_a = std::make_shared<Channel>(executor, std::move(options.b_to_a));
  return {std::make_unique<ByteStreamEnd>(executor, a_to_b, b_to_a),
          std::make_unique<ByteStreamEnd>(executor, b_to_a, a_to_b)};
}

}  // namespace dragoman
