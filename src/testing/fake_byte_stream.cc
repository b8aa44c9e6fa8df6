#include "dragoman/testing/fake_byte_stream.h"

#include <deque>
#include <optional>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/testing/listener.h"

namespace dragoman {
namespace {

class FakeConnection : public FakeBytePeer {
 public:
  FakeConnection(Executor& executor, std::size_t max_queued)
      : executor_(executor), max_queued_(max_queued) {}

  // --- the stream's side
  void Start(ByteStream::Callbacks callbacks) {
    listener_.emplace(std::move(callbacks));
    for (Task& task : early_) Post(std::move(task));
    early_.clear();
  }
  absl::Status Write(std::string_view bytes) {
    if (closed_) return FailedPrecondition("written after the stream was closed");
    if (reading_) {
      received_ += bytes;
    } else if (queue_.size() + bytes.size() > max_queued_) {
      return ResourceExhausted("more than ", max_queued_, " bytes would wait");
    } else {
      queue_ += bytes;
    }
    return absl::OkStatus();
  }
  void CloseByStream() {
    if (closed_) return;
    closed_ = closed_by_stream_ = true;
    received_ += std::exchange(queue_, {});
    Later([this] { Finish(absl::OkStatus()); });
  }
  void Abandon() {
    closed_ = closed_by_stream_ = true;
    listener_.reset();
    lifetime_.Renew();
  }

  // --- the test's side
  void Send(std::string_view bytes) override {
    Later([this, bytes = std::string(bytes)] {
      if (!closed_) listener_->Call(&ByteStream::Callbacks::on_bytes, std::string_view(bytes));
    });
  }
  void Close() override { Drop(absl::OkStatus()); }
  void Drop(absl::Status status) override {
    Later([this, status = std::move(status)] { Finish(status); });
  }
  void StopReading() override { reading_ = false; }
  void ReadAgain() override {
    reading_ = true;
    received_ += std::exchange(queue_, {});
  }
  const std::string& received() const override { return received_; }
  std::string Take() override {
    std::string bytes = received_.substr(taken_);
    taken_ = received_.size();
    return bytes;
  }
  bool closed_by_stream() const override { return closed_by_stream_; }

 private:
  void Later(Task task) {
    if (listener_) return Post(std::move(task));
    early_.push_back(std::move(task));
  }
  void Post(Task task) {
    executor_.Post(lifetime_.Wrap([this, task = std::move(task)]() mutable {
      if (listener_) task();
    }));
  }
  void Finish(absl::Status status) {
    if (listener_->finished()) return;
    closed_ = true;
    listener_->Finish(&ByteStream::Callbacks::on_closed, std::move(status));
  }

  Executor& executor_;
  const std::size_t max_queued_;
  std::optional<Listener<ByteStream::Callbacks>> listener_;
  std::deque<Task> early_;  // before Start
  bool reading_ = true;
  bool closed_ = false;
  bool closed_by_stream_ = false;
  std::string queue_;
  std::string received_;
  std::size_t taken_ = 0;
  Lifetime lifetime_;
};

class FakeByteStream : public ByteStream {
 public:
  explicit FakeByteStream(std::shared_ptr<FakeConnection> connection)
      : connection_(std::move(connection)) {}
  ~FakeByteStream() override { connection_->Abandon(); }
  void Start(Callbacks callbacks) override { connection_->Start(std::move(callbacks)); }
  absl::Status Write(std::string_view bytes) override { return connection_->Write(bytes); }
  void Close() override { connection_->CloseByStream(); }

 private:
  std::shared_ptr<FakeConnection> connection_;
};

}  // namespace

FakeByteStreamEnds MakeFakeByteStream(Executor& executor, std::size_t max_queued_bytes) {
  auto connection = std::make_shared<FakeConnection>(executor, max_queued_bytes);
  return {std::make_unique<FakeByteStream>(connection), connection};
}

}  // namespace dragoman
