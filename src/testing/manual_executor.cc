#include "dragoman/testing/manual_executor.h"

#include <algorithm>

#include "dragoman/core/status.h"

namespace dragoman {

ManualExecutor::~ManualExecutor() {
  // What is still queued may own objects that cancel timers here: drop it while the maps live.
  while (!tasks_.empty() || !timers_.empty()) {
    auto tasks = std::exchange(tasks_, {});
    auto timers = std::exchange(timers_, {});
    times_.clear();
  }
}

void ManualExecutor::Post(Task task) { tasks_.push_back(std::move(task)); }

TimerId ManualExecutor::RunAt(TimePoint when, Task task) {
  TimerId id = ++last_timer_;
  timers_.emplace(std::pair(when, id), std::move(task));
  times_.emplace(id, when);
  return id;
}

bool ManualExecutor::CancelTimer(TimerId timer) {
  auto time = times_.find(timer);
  if (time == times_.end()) return false;
  auto node = timers_.extract(std::pair(time->second, timer));
  times_.erase(time);
  return true;  // the task goes with `node`, after the maps are consistent
}

bool ManualExecutor::RunOne() {
  if (!timers_.empty() && timers_.begin()->first.first <= now_) {
    auto node = timers_.extract(timers_.begin());
    times_.erase(node.key().second);
    node.mapped()();
    return true;
  }
  if (tasks_.empty()) return false;
  Task task = std::move(tasks_.front());
  tasks_.pop_front();
  task();
  return true;
}

std::int64_t ManualExecutor::RunUntilIdle() {
  std::int64_t ran = 0;
  while (ran < 1'000'000 && RunOne()) ++ran;
  return ran;
}

void ManualExecutor::RunFor(std::chrono::microseconds duration) {
  const TimePoint end = now_ + duration;
  RunUntilIdle();
  while (!timers_.empty() && timers_.begin()->first.first <= end) {
    now_ = std::max(now_, timers_.begin()->first.first);
    RunUntilIdle();
  }
  now_ = end;
}

bool ManualExecutor::AdvanceToNextTimer() {
  RunUntilIdle();
  if (timers_.empty()) return false;
  now_ = std::max(now_, timers_.begin()->first.first);
  RunUntilIdle();
  return true;
}

TimePoint ManualExecutor::next_timer() const {
  return timers_.empty() ? TimePoint::max() : timers_.begin()->first.first;
}

ManualWorkPool::ManualWorkPool(ManualExecutor& executor, int threads)
    : executor_(executor), free_at_(static_cast<size_t>(threads)) {}

absl::Status ManualWorkPool::Submit(Work work, Executor& reply_to) {
  if (&reply_to != &executor_)
    return FailedPrecondition("manual pool replies to its own executor only");
  auto slot = std::min_element(free_at_.begin(), free_at_.end());
  *slot = std::max(*slot, executor_.Now()) + work.modelled_duration;
  work.run();
  if (work.done) executor_.RunAt(*slot, std::move(work.done));
  return absl::OkStatus();
}

}  // namespace dragoman
