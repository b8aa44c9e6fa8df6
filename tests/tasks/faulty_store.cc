#include "tests/tasks/faulty_store.h"

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

// Takes the answer of a store that works on the calling thread, inside its Commit.
class AtOnce : public Executor {
 public:
  explicit AtOnce(const Clock& clock) : clock_(clock) {}
  void Post(Task task) override { task(); }
  TimerId RunAt(TimePoint, Task) override { return 0; }
  bool CancelTimer(TimerId) override { return false; }
  bool RunsHere() const override { return true; }
  TimePoint Now() const override { return clock_.Now(); }
  WallTime WallNow() const override { return clock_.WallNow(); }

 private:
  const Clock& clock_;
};

absl::Status Down() {
  return MakeStatus(absl::StatusCode::kUnavailable, "writing failed; open the store again");
}

}  // namespace

FaultyStore::Result FaultyStore::Write(StoreTransaction transaction) {
  AtOnce here(executor_);
  Result result = absl::UnknownError("no answer");
  const absl::Status taken =
      inner_->Commit(std::move(transaction), here, [&](Result committed) { result = committed; });
  ++commits;
  return taken.ok() ? result : taken;
}

FaultyStore::Result FaultyStore::Decide(StoreTransaction transaction) {
  if (broken_) return Down();
  if (executor_.Now() < down_until_) {
    return MakeStatus(absl::StatusCode::kUnavailable, "the database is locked");
  }
  if (choices_.Strikes(kStoreStream, Fault::kCommitUnavailable, 3)) {
    return MakeStatus(absl::StatusCode::kUnavailable, "the database is locked");
  }
  if (choices_.Strikes(kStoreStream, Fault::kCommitDiskFull, 3)) {
    return MakeStatus(absl::StatusCode::kResourceExhausted, "disk full");
  }
  if (choices_.Strikes(kStoreStream, Fault::kStoreDownForMinutes, 1)) {
    down_until_ = executor_.Now() + std::chrono::minutes(1 + choices_.Pick(kStoreStream, 10));
    return MakeStatus(absl::StatusCode::kUnavailable, "the database is locked");
  }
  if (choices_.Strikes(kStoreStream, Fault::kLostAndReportedFailed, 1)) {
    broken_ = true;
    return Down();
  }
  if (choices_.Strikes(kStoreStream, Fault::kKeptButReportedFailed, 1)) {
    Write(std::move(transaction)).status().IgnoreError();
    broken_ = true;
    return Down();
  }
  return Write(std::move(transaction));
}

absl::Status FaultyStore::Commit(StoreTransaction transaction, Executor& executor,
                                 CommitDone done) {
  if (dying_) DieHere();
  if (const absl::Status valid = transaction.Validate(); !valid.ok()) return valid;
  if (may_die && choices_.Strikes(kStoreStream, Fault::kDiesAtACommit, 1)) DieHere();
  if (choices_.Strikes(kStoreStream, Fault::kCommitQueueFull, 2)) {
    troubled_ = executor_.Now();
    return ResourceExhausted("4096 transactions wait; try again later");
  }
  Result result = Decide(std::move(transaction));
  if (!result.ok()) troubled_ = executor_.Now();
  if (may_die && choices_.Strikes(kStoreStream, Fault::kDiesAfterACommit, 1)) DieHere();
  const bool waited_for = &executor != &executor_;  // somebody blocks until it is there
  if (!waited_for && choices_.Strikes(kStoreStream, Fault::kCommitSlow, 5)) {
    answered_ = std::max(answered_, executor_.Now() + std::chrono::milliseconds(
                                                          1 + choices_.Pick(kStoreStream, 8000)));
  }
  Task answer = [done = std::move(done), result = std::move(result)]() mutable {
    done(std::move(result));
  };
  if (waited_for || answered_ <= executor_.Now()) {
    executor.Post(std::move(answer));
  } else {
    executor_.RunAt(answered_, std::move(answer));
  }
  return absl::OkStatus();
}

absl::Status FaultyStore::Look(StoreReading reading) {
  AtOnce here(executor_);
  absl::Status result = absl::UnknownError("no answer");
  const absl::Status taken =
      inner_->Read(std::move(reading), here, [&](absl::Status read) { result = std::move(read); });
  return taken.ok() ? result : taken;
}

absl::Status FaultyStore::Read(StoreReading reading, Executor& executor,
                               absl::AnyInvocable<void(absl::Status)> done) {
  if (dying_) DieHere();
  if (choices_.Strikes(kStoreStream, Fault::kReadRefused, 3)) {
    return ResourceExhausted("too many readings wait; try again later");
  }
  absl::Status result = choices_.Strikes(kStoreStream, Fault::kReadFails, 3)
                            ? MakeStatus(absl::StatusCode::kUnavailable, "the disk does not answer")
                            : Look(std::move(reading));
  // It sees every commit whose answer has been posted; those that are on their way, it may.
  Task answer = [done = std::move(done), result = std::move(result)]() mutable {
    done(std::move(result));
  };
  if (&executor == &executor_ && choices_.Strikes(kStoreStream, Fault::kReadSlow, 5)) {
    executor_.RunAfter(std::chrono::milliseconds(1 + choices_.Pick(kStoreStream, 8000)),
                       std::move(answer));
  } else {
    executor.Post(std::move(answer));
  }
  return absl::OkStatus();
}

}  // namespace dragoman
