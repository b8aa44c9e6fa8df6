// Brings the outgoing events of the store to one consumer, in order, each at least once.
//
// An event is committed with its cause; the consumer's position is kept apart, after the event was
// taken. So a process that dies between commit and publishing publishes after its restart, and one
// that dies between publishing and noting so publishes some events again: the consumer keeps the
// last index that it has processed, with what it made of it, and drops what is not above.
#ifndef DRAGOMAN_STORE_OUTBOX_PUBLISHER_H_
#define DRAGOMAN_STORE_OUTBOX_PUBLISHER_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/store/records.h"
#include "dragoman/store/store.h"

namespace dragoman {

// Where events go: a webhook, a queue, a subscriber. Only on the publisher's executor. `done` comes
// at most once, never inside Publish; OK means that the consumer has it and will not lose it.
class DRAGOMAN_EXPORT OutboxSink {
 public:
  virtual ~OutboxSink() = default;
  virtual void Publish(const LogRecord& event, absl::AnyInvocable<void(absl::Status)> done) = 0;
};

struct DRAGOMAN_EXPORT OutboxPublisherOptions {
  std::string consumer;  // whose position this is; one publisher for each at a time
  // Events read at once, and so held in memory; 1 to 1,000.
  int batch = 64;
  // Events between two notes of the position, which cost a transaction; after a crash at most this
  // many are published again. 1 to `batch`.
  int advance_every = 16;
  // While there is nothing, or nobody calls Wake(); 10 ms to 1 h.
  std::chrono::milliseconds idle{1'000};
  // No word from the sink for this long is a failure; what comes later is dropped. 1 to 300 s.
  std::chrono::seconds publish_limit{30};
  // After a failure of the sink or the store, doubling; the same event is tried again, for ever,
  // and none is skipped. 1 ms to 1 h each.
  std::chrono::milliseconds retry_first{500};
  std::chrono::milliseconds retry_most{60'000};
  absl::Status Validate() const;  // kInvalidArgument naming the field
};

struct DRAGOMAN_EXPORT OutboxPublisherDependencies {
  // All borrowed; must outlive the publisher.
  Store* store = nullptr;
  Executor* executor = nullptr;
  OutboxSink* sink = nullptr;
  // An event could not be published, or the store could not be read: how often in a row, and why.
  std::function<void(int, const absl::Status&)> on_failure;
  // Called at named moments; crash tests stop there.
  std::function<void(std::string_view)> probe;
};

// Only on its executor. Destruction stops it; what the sink has taken since the last note of the
// position is published again by the next one.
class DRAGOMAN_EXPORT OutboxPublisher {
 public:
  // Begins at once. kInvalidArgument: options or dependencies.
  static absl::StatusOr<std::unique_ptr<OutboxPublisher>> Create(
      OutboxPublisherOptions options, OutboxPublisherDependencies dependencies);
  ~OutboxPublisher();
  // Something was committed: looks now instead of after `idle`. Does not shorten a back-off.
  void Wake();
  // Nothing is under way, and the last look found nothing.
  bool idle() const { return phase_ == Phase::kIdle; }
  std::int64_t position() const { return noted_; }  // noted by this publisher; 0: none yet

 private:
  enum class Phase { kIdle, kReading, kPublishing, kNoting, kBackingOff };
  OutboxPublisher(OutboxPublisherOptions options, OutboxPublisherDependencies dependencies);
  void Point(std::string_view name) const;
  void Read();
  void Next();
  void Published(absl::Status status);
  void Note();
  void Fail(const absl::Status& status);

  const OutboxPublisherOptions options_;
  const OutboxPublisherDependencies dependencies_;
  std::deque<LogRecord> waiting_;
  Phase phase_ = Phase::kIdle;
  bool woken_ = false;          // while it was busy
  std::int64_t published_ = 0;  // the last index that the sink has taken
  std::int64_t noted_ = 0;      // the last one in the store
  int not_noted_ = 0;           // events between the two
  std::uint64_t question_ = 0;  // answers of the sink to an earlier one are dropped
  int failures_ = 0;            // in a row
  Timer timer_, limit_;
  Lifetime lifetime_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_STORE_OUTBOX_PUBLISHER_H_
