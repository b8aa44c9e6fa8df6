#include "dragoman/store/outbox_publisher.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"

namespace dragoman {

absl::Status OutboxPublisherOptions::Validate() const {
  using std::chrono::milliseconds;
  if (consumer.empty() || consumer.size() > kMaxKeyBytes) {
    return InvalidArgument("consumer has ", consumer.size(), " bytes; expected 1 to ",
                           kMaxKeyBytes);
  }
  if (batch < 1 || batch > 1000) return InvalidArgument("batch is ", batch, "; expected 1 to 1000");
  if (advance_every < 1 || advance_every > batch) {
    return InvalidArgument("advance_every is ", advance_every, "; expected 1 to batch, ", batch);
  }
  if (publish_limit < std::chrono::seconds(1) || publish_limit > std::chrono::seconds(300)) {
    return InvalidArgument("publish_limit is ", publish_limit.count(), " s; expected 1 to 300");
  }
  constexpr milliseconds kHour{3'600'000};
  if (idle < milliseconds(10) || idle > kHour) {
    return InvalidArgument("idle is ", idle, "; expected 10 ms to 1 h");
  }
  if (retry_first < milliseconds(1) || retry_first > retry_most || retry_most > kHour) {
    return InvalidArgument("retry_first is ", retry_first, " and retry_most ", retry_most,
                           "; expected 1 ms to 1 h, the first not above the most");
  }
  return absl::OkStatus();
}

OutboxPublisher::OutboxPublisher(OutboxPublisherOptions options,
                                 OutboxPublisherDependencies dependencies)
    : options_(std::move(options)),
      dependencies_(std::move(dependencies)),
      timer_(*dependencies_.executor),
      limit_(*dependencies_.executor) {}

OutboxPublisher::~OutboxPublisher() = default;

absl::StatusOr<std::unique_ptr<OutboxPublisher>> OutboxPublisher::Create(
    OutboxPublisherOptions options, OutboxPublisherDependencies dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (dependencies.store == nullptr || dependencies.executor == nullptr ||
      dependencies.sink == nullptr) {
    return InvalidArgument("the outbox publisher lacks store, executor or sink");
  }
  std::unique_ptr<OutboxPublisher> made(
      new OutboxPublisher(std::move(options), std::move(dependencies)));
  made->phase_ = Phase::kReading;  // not idle before the first look
  made->dependencies_.executor->Post(
      made->lifetime_.Wrap([publisher = made.get()] { publisher->Read(); }));
  return made;
}

void OutboxPublisher::Point(std::string_view name) const {
  if (dependencies_.probe) dependencies_.probe(name);
}

void OutboxPublisher::Wake() {
  woken_ = true;
  if (phase_ == Phase::kIdle) Read();
}

void OutboxPublisher::Read() {
  timer_.Stop();
  phase_ = Phase::kReading;
  woken_ = false;
  auto page = std::make_shared<std::vector<LogRecord>>();  // the reading thread fills it
  const absl::Status taken = dependencies_.store->Read(
      [page, consumer = options_.consumer, batch = options_.batch](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(*page, view.PendingEvents(consumer, batch));
        return absl::OkStatus();
      },
      *dependencies_.executor, lifetime_.Wrap([this, page](absl::Status status) {
        if (!status.ok()) return Fail(status);
        waiting_.assign(page->begin(), page->end());
        // Taken by the sink, but noting it failed: not a second time in this life.
        while (!waiting_.empty() && waiting_.front().index <= published_) waiting_.pop_front();
        if (!waiting_.empty()) return Next();
        if (published_ > noted_) return Note();
        if (woken_) return Read();
        phase_ = Phase::kIdle;
        timer_.Start(options_.idle, [this] { Read(); });
      }));
  if (!taken.ok()) Fail(taken);
}

void OutboxPublisher::Next() {
  if (waiting_.empty() || not_noted_ >= options_.advance_every) return Note();
  phase_ = Phase::kPublishing;
  const std::uint64_t question = ++question_;
  limit_.Start(options_.publish_limit, [this] {
    ++question_;
    Fail(DeadlineExceeded("outbox: no answer from the sink"));
  });
  Point("before publish");
  dependencies_.sink->Publish(waiting_.front(),
                              lifetime_.Wrap([this, question](absl::Status status) {
                                if (question != question_) return;
                                ++question_;
                                Published(std::move(status));
                              }));
}

void OutboxPublisher::Published(absl::Status status) {
  limit_.Stop();
  if (!status.ok()) return Fail(status);
  Point("published");
  failures_ = 0;
  published_ = waiting_.front().index;
  ++not_noted_;
  waiting_.pop_front();
  Next();
}

void OutboxPublisher::Note() {
  phase_ = Phase::kNoting;
  StoreTransaction transaction;
  transaction.changes.push_back(AdvanceOutbox{options_.consumer, published_});
  Point("before advance");
  const absl::Status taken = dependencies_.store->Commit(
      std::move(transaction), *dependencies_.executor,
      lifetime_.Wrap([this, index = published_](absl::StatusOr<Committed> committed) {
        if (!committed.ok()) return Fail(committed.status());
        Point("advanced");
        failures_ = 0;
        noted_ = index;
        not_noted_ = 0;
        if (waiting_.empty()) return Read();
        Next();
      }));
  if (!taken.ok()) Fail(taken);
}

// Tries again later from where it stands: reading, the event, or the note.
void OutboxPublisher::Fail(const absl::Status& status) {
  const Phase at = phase_;
  phase_ = Phase::kBackingOff;
  ++failures_;
  auto wait = options_.retry_first;
  for (int i = 1; i < failures_ && wait < options_.retry_most; ++i) wait *= 2;
  timer_.Start(std::min(wait, options_.retry_most), [this, at] {
    if (at == Phase::kPublishing) return Next();
    if (at == Phase::kNoting) return Note();
    Read();
  });
  if (dependencies_.on_failure) dependencies_.on_failure(failures_, status);
}

}  // namespace dragoman
