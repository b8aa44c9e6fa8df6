// Where code runs: a queue of tasks and timers that one thread at a time works off.
#ifndef DRAGOMAN_CORE_EXECUTOR_H_
#define DRAGOMAN_CORE_EXECUTOR_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"

namespace dragoman {

using Task = absl::AnyInvocable<void()>;
using TimerId = std::uint64_t;  // 0 is never a timer

// Runs tasks one at a time, in the order posted; timers in order of their time, equal times in the
// order set. Objects opened "on" an executor are used, called back and destroyed there only.
class DRAGOMAN_EXPORT Executor : public Clock {
 public:
  // Thread-safe; never runs the task inside Post. A task posted to an executor that has stopped is
  // destroyed without running.
  virtual void Post(Task task) = 0;

  // Only on the executor. A time that has passed runs at the next turn of the loop, never inside.
  virtual TimerId RunAt(TimePoint when, Task task) = 0;

  // Only on the executor. The task does not run afterwards. False: it ran, or was never set.
  virtual bool CancelTimer(TimerId timer) = 0;

  // True while the calling thread runs one of this executor's tasks.
  virtual bool RunsHere() const = 0;

  TimerId RunAfter(std::chrono::microseconds delay, Task task) {
    return RunAt(Now() + delay, std::move(task));
  }
};

// One timer at a time; stops on destruction. Only on its executor.
class DRAGOMAN_EXPORT Timer {
 public:
  explicit Timer(Executor& executor) : executor_(executor) {}  // borrowed: must outlive the timer
  ~Timer() { Stop(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Replaces a running timer. The task may start or destroy this timer.
  void StartAt(TimePoint when, Task task);
  void Start(std::chrono::microseconds delay, Task task) {
    StartAt(executor_.Now() + delay, std::move(task));
  }
  void Stop();
  bool running() const { return id_ != nullptr && *id_ != 0; }

 private:
  Executor& executor_;
  std::shared_ptr<TimerId> id_;  // shared with the pending task, which outlives a destroyed timer
};

// An executor on a thread of its own. Destruction stops it and joins (never from its own task).
class DRAGOMAN_EXPORT ThreadExecutor : public Executor {
 public:
  explicit ThreadExecutor(const Clock& clock);  // borrowed: must outlive the executor
  ~ThreadExecutor() override;

  void Post(Task task) override;
  TimerId RunAt(TimePoint when, Task task) override;  // thread-safe here
  bool CancelTimer(TimerId timer) override;           // thread-safe here
  bool RunsHere() const override;
  TimePoint Now() const override;
  WallTime WallNow() const override;

  void Stop();  // no task runs after it returns; idempotent; not from its own task

 private:
  class State;
  std::unique_ptr<State> state_;
};

// An executor without a thread: the host runs what is ready on its own thread, whenever it likes
// (an audio callback, a game loop, an event loop that is not ours). Post is thread-safe.
class DRAGOMAN_EXPORT PumpedExecutor : public Executor {
 public:
  explicit PumpedExecutor(const Clock& clock);  // borrowed: must outlive the executor
  ~PumpedExecutor() override;

  void Post(Task task) override;
  TimerId RunAt(TimePoint when, Task task) override;
  bool CancelTimer(TimerId timer) override;
  bool RunsHere() const override;
  TimePoint Now() const override;
  WallTime WallNow() const override;

  // Runs what is due, at most `max_tasks`; never waits. One thread at a time. Returns how many ran.
  int RunReady(int max_tasks = 1000);
  std::optional<TimePoint> NextTimer()
      const;  // when to call again at the latest; posts come sooner

 private:
  class State;
  std::unique_ptr<State> state_;
};

// Runs `work` on `executor` and waits for it; runs it inline when already there. For tests,
// examples and start-up: a media thread never waits.
DRAGOMAN_EXPORT void RunAndWait(Executor& executor, Task work);

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_EXECUTOR_H_
