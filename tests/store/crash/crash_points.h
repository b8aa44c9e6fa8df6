// Where the crash child may die, and how it knows that virtual time must stand still.
#ifndef DRAGOMAN_TESTS_STORE_CRASH_CRASH_POINTS_H_
#define DRAGOMAN_TESTS_STORE_CRASH_CRASH_POINTS_H_

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/store/store.h"

namespace dragoman {

class CrashPoints {
 public:
  CrashPoints(std::string point, int count) : point_(std::move(point)), left_(count) {}
  void Reach(std::string_view name) {
    if (point_ == "-" || (point_ != "any" && point_ != name)) return;
    if (left_.fetch_sub(1) == 1) kill(getpid(), SIGKILL);
  }

 private:
  const std::string point_;
  std::atomic<int> left_;
};

// Runs on the caller's thread, which can wait for the next post from another one.
class AwaitedExecutor : public Executor {
 public:
  explicit AwaitedExecutor(const Clock& clock) : real_(clock) {}
  void Post(Task task) override {
    real_.Post(std::move(task));
    const std::lock_guard lock(mutex_);
    posted_ = true;
    changed_.notify_one();
  }
  TimerId RunAt(TimePoint when, Task task) override { return real_.RunAt(when, std::move(task)); }
  bool CancelTimer(TimerId timer) override { return real_.CancelTimer(timer); }
  bool RunsHere() const override { return real_.RunsHere(); }
  TimePoint Now() const override { return real_.Now(); }
  WallTime WallNow() const override { return real_.WallNow(); }
  int RunReady() { return real_.RunReady(); }
  std::optional<TimePoint> NextTimer() const { return real_.NextTimer(); }
  // Returns at once where something was posted since the last time.
  void AwaitPost() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return posted_; });
    posted_ = false;
  }

 private:
  PumpedExecutor real_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool posted_ = false;
};

// The store, with what is under way counted: virtual time stands still meanwhile.
class WatchedStore : public Store {
 public:
  explicit WatchedStore(Store& real) : real_(real) {}
  absl::Status Commit(StoreTransaction transaction, Executor& executor, CommitDone done) override {
    ++under_way;
    steps += transaction.steps.size();
    absl::Status taken =
        real_.Commit(std::move(transaction), executor,
                     [this, done = std::move(done)](absl::StatusOr<Committed> committed) mutable {
                       --under_way;
                       done(std::move(committed));
                     });
    if (!taken.ok()) --under_way;
    return taken;
  }
  absl::Status Read(StoreReading reading, Executor& executor,
                    absl::AnyInvocable<void(absl::Status)> done) override {
    ++under_way;
    absl::Status taken = real_.Read(std::move(reading), executor,
                                    [this, done = std::move(done)](absl::Status status) mutable {
                                      --under_way;
                                      done(std::move(status));
                                    });
    if (!taken.ok()) --under_way;
    return taken;
  }
  int under_way = 0;      // the executor's thread only
  std::size_t steps = 0;  // given to it, and so perhaps events

 private:
  Store& real_;
};

// The pool, watched in the same way.
class WatchedPool : public WorkPool {
 public:
  WatchedPool(WorkPool& real, CrashPoints& points) : real_(real), points_(points) {}
  absl::Status Submit(Work work, Executor& reply_to) override {
    ++under_way;
    absl::Status taken = real_.Submit({.run =
                                           [this, run = std::move(work.run)]() mutable {
                                             points_.Reach("mail: before work");
                                             run();
                                             points_.Reach("mail: after work");
                                           },
                                       .done =
                                           [this, done = std::move(work.done)]() mutable {
                                             --under_way;
                                             done();
                                           }},
                                      reply_to);
    if (!taken.ok()) --under_way;
    return taken;
  }
  int under_way = 0;  // the executor's thread only

 private:
  WorkPool& real_;
  CrashPoints& points_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_STORE_CRASH_CRASH_POINTS_H_
