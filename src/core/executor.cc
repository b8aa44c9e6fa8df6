#include "dragoman/core/executor.h"

#include <deque>
#include <map>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include "dragoman/core/mutex.h"

namespace dragoman {

void Timer::StartAt(TimePoint when, Task task) {
  Stop();
  auto id = std::make_shared<TimerId>(0);
  id_ = id;
  *id = executor_.RunAt(when, [id, task = std::move(task)]() mutable {
    *id = 0;
    task();
  });
}

void Timer::Stop() {
  if (!running()) return;
  executor_.CancelTimer(*id_);
  *id_ = 0;
}

namespace {

// The executor whose task this thread runs; for RunsHere() only.
thread_local const Executor* running_executor = nullptr;

class TaskQueue {
 public:
  explicit TaskQueue(const Clock& clock) : clock(clock) {}

  void Post(Task task) {
    MutexLock lock(mutex_);
    if (stopping_) return;
    tasks_.push_back(std::move(task));
    wake_.notify_one();
  }

  TimerId RunAt(TimePoint when, Task task) {
    MutexLock lock(mutex_);
    TimerId id = ++last_timer_;
    if (stopping_) return id;
    timers_.emplace(std::pair(when, id), std::move(task));
    times_.emplace(id, when);
    wake_.notify_one();
    return id;
  }

  bool CancelTimer(TimerId id) {
    Task dropped;  // destroyed without the lock: its captures may call back
    MutexLock lock(mutex_);
    auto time = times_.find(id);
    if (time == times_.end()) return false;
    auto timer = timers_.find(std::pair(time->second, id));
    dropped = std::move(timer->second);
    timers_.erase(timer);
    times_.erase(time);
    return true;
  }

  // What is due now. Timers go before posted tasks so that a busy queue cannot starve them.
  std::optional<Task> PopDue() {
    MutexLock lock(mutex_);
    return PopDueLocked();
  }

  // Waits for the next due task; nothing when stopping.
  std::optional<Task> WaitForDue() {
    MutexLock lock(mutex_);
    while (true) {
      if (stopping_) return std::nullopt;
      if (std::optional<Task> task = PopDueLocked()) return task;
      if (timers_.empty()) {
        lock.Wait(wake_, [this] { return stopping_ || !tasks_.empty() || !timers_.empty(); });
      } else {
        const TimePoint next = timers_.begin()->first.first;
        lock.WaitFor(wake_, next - clock.Now(), [this, next] {
          // An earlier timer than the one waited for changes how long to wait.
          return stopping_ || !tasks_.empty() || NextTimerLocked() != next || TimerIsDue();
        });
      }
    }
  }

  void RequestStop() {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }

  // Destroys what waits, without the lock: captures may call back.
  void Drop() {
    std::deque<Task> tasks;
    std::map<std::pair<TimePoint, TimerId>, Task> timers;
    MutexLock lock(mutex_);
    tasks.swap(tasks_);
    timers.swap(timers_);
    times_.clear();
  }

  std::optional<TimePoint> NextTimer() {
    MutexLock lock(mutex_);
    return NextTimerLocked();
  }

  const Clock& clock;

 private:
  std::optional<TimePoint> NextTimerLocked() const {
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first.first;
  }

  bool TimerIsDue() const {
    return !timers_.empty() && timers_.begin()->first.first <= clock.Now();
  }

  std::optional<Task> PopDueLocked() {
    if (TimerIsDue()) {
      Task task = std::move(timers_.begin()->second);
      times_.erase(timers_.begin()->first.second);
      timers_.erase(timers_.begin());
      return task;
    }
    if (tasks_.empty()) return std::nullopt;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    return task;
  }

  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  std::map<std::pair<TimePoint, TimerId>, Task> timers_;
  std::unordered_map<TimerId, TimePoint> times_;
  TimerId last_timer_ = 0;
  bool stopping_ = false;
};

}  // namespace

class ThreadExecutor::State {
 public:
  State(const ThreadExecutor* owner, const Clock& clock) : queue(clock) {
    thread_ = std::thread([this, owner] {
      running_executor = owner;
      while (std::optional<Task> task = queue.WaitForDue()) (*task)();
    });
  }

  void Stop() {
    queue.RequestStop();
    if (thread_.joinable()) thread_.join();
    queue.Drop();
  }

  TaskQueue queue;

 private:
  std::thread thread_;
};

ThreadExecutor::ThreadExecutor(const Clock& clock) : state_(std::make_unique<State>(this, clock)) {}
ThreadExecutor::~ThreadExecutor() { Stop(); }
void ThreadExecutor::Post(Task task) { state_->queue.Post(std::move(task)); }
TimerId ThreadExecutor::RunAt(TimePoint when, Task task) {
  return state_->queue.RunAt(when, std::move(task));
}
bool ThreadExecutor::CancelTimer(TimerId timer) { return state_->queue.CancelTimer(timer); }
bool ThreadExecutor::RunsHere() const { return running_executor == this; }
TimePoint ThreadExecutor::Now() const { return state_->queue.clock.Now(); }
WallTime ThreadExecutor::WallNow() const { return state_->queue.clock.WallNow(); }
void ThreadExecutor::Stop() { state_->Stop(); }

class PumpedExecutor::State : public TaskQueue {
 public:
  using TaskQueue::TaskQueue;
};

PumpedExecutor::PumpedExecutor(const Clock& clock) : state_(std::make_unique<State>(clock)) {}
PumpedExecutor::~PumpedExecutor() {
  state_->RequestStop();
  state_->Drop();
}
void PumpedExecutor::Post(Task task) { state_->Post(std::move(task)); }
TimerId PumpedExecutor::RunAt(TimePoint when, Task task) {
  return state_->RunAt(when, std::move(task));
}
bool PumpedExecutor::CancelTimer(TimerId timer) { return state_->CancelTimer(timer); }
bool PumpedExecutor::RunsHere() const { return running_executor == this; }
TimePoint PumpedExecutor::Now() const { return state_->clock.Now(); }
WallTime PumpedExecutor::WallNow() const { return state_->clock.WallNow(); }

int PumpedExecutor::RunReady(int max_tasks) {
  const Executor* outer = std::exchange(running_executor, this);
  int ran = 0;
  while (ran < max_tasks) {
    std::optional<Task> task = state_->PopDue();
    if (!task) break;
    (*task)();
    ++ran;
  }
  running_executor = outer;
  return ran;
}

std::optional<TimePoint> PumpedExecutor::NextTimer() const { return state_->NextTimer(); }

void RunAndWait(Executor& executor, Task work) {
  if (executor.RunsHere()) {
    work();
    return;
  }
  Mutex mutex;
  std::condition_variable finished;
  bool done = false;
  executor.Post([&] {
    work();
    MutexLock lock(mutex);
    done = true;
    finished.notify_one();
  });
  MutexLock lock(mutex);
  lock.Wait(finished, [&] { return done; });
}

}  // namespace dragoman
