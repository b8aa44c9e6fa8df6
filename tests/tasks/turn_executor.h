// Virtual time, one task at a time: whoever drives it may stop between any two.
#ifndef DRAGOMAN_TESTS_TASKS_TURN_EXECUTOR_H_
#define DRAGOMAN_TESTS_TASKS_TURN_EXECUTOR_H_

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "dragoman/core/executor.h"

namespace dragoman {

// One thread at a time. Wall time starts at 2026-01-05 15:00 UTC and can be set.
class TurnExecutor : public Executor {
 public:
  void Post(Task task) override { tasks_.push_back(std::move(task)); }
  TimerId RunAt(TimePoint when, Task task) override {
    const TimerId id = ++last_;
    timers_.emplace(std::pair(when, id), std::move(task));
    times_[id] = when;
    return id;
  }
  bool CancelTimer(TimerId timer) override {
    const auto found = times_.find(timer);
    if (found == times_.end()) return false;
    timers_.erase({found->second, timer});
    times_.erase(found);
    return true;
  }
  bool RunsHere() const override { return true; }
  TimePoint Now() const override { return now_; }
  WallTime WallNow() const override { return wall_start_ + offset_ + now_.time_since_epoch(); }

  // But for the offset: as it would be told there without a jump.
  WallTime WallAt(TimePoint time) const { return wall_start_ + time.time_since_epoch(); }
  void SetOffset(std::chrono::seconds offset) { offset_ = offset; }
  // The next task; where there is none, time jumps to the next timer. False: nothing is left.
  bool Turn() {
    if (!tasks_.empty()) {
      Task task = std::move(tasks_.front());
      tasks_.pop_front();
      task();
      return true;
    }
    if (timers_.empty()) return false;
    auto first = timers_.extract(timers_.begin());
    times_.erase(first.key().second);
    now_ = std::max(now_, first.key().first);
    first.mapped()();
    return true;
  }
  bool idle() const { return tasks_.empty(); }

 private:
  TimePoint now_{};
  const WallTime wall_start_ =
      std::chrono::sys_days(std::chrono::year(2026) / 1 / 5) + std::chrono::hours(15);
  std::chrono::seconds offset_{0};
  std::deque<Task> tasks_;
  std::map<std::pair<TimePoint, TimerId>, Task> timers_;
  std::map<TimerId, TimePoint> times_;
  TimerId last_ = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_TASKS_TURN_EXECUTOR_H_
