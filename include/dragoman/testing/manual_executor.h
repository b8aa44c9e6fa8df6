// Virtual time: tasks and timers run when the test says so.
#ifndef DRAGOMAN_TESTING_MANUAL_EXECUTOR_H_
#define DRAGOMAN_TESTING_MANUAL_EXECUTOR_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/work_pool.h"

namespace dragoman {

// One thread at a time. Time starts at 0, wall time at 2026-01-05 09:00 UTC (a Monday); both move
// only in RunFor, RunUntil and AdvanceToNextTimer.
class DRAGOMAN_EXPORT ManualExecutor : public Executor {
 public:
  ManualExecutor() = default;
  ~ManualExecutor() override;

  void Post(Task task) override;
  TimerId RunAt(TimePoint when, Task task) override;
  bool CancelTimer(TimerId timer) override;
  bool RunsHere() const override { return true; }
  TimePoint Now() const override { return now_; }
  WallTime WallNow() const override { return wall_start_ + now_.time_since_epoch(); }
  void SetWallStart(WallTime start) { wall_start_ = start; }

  // Runs what is due now, and what that posts. Returns how many tasks ran. Stops after a million: a
  // task that posts itself for ever is a bug, reported by idle() staying false.
  std::int64_t RunUntilIdle();
  bool RunOne();  // the next that is due; false: nothing is
  // Runs everything due up to `now + duration`, in order of time, and leaves the clock there.
  void RunFor(std::chrono::microseconds duration);
  // Jumps to the next timer and runs what is due; false: there is none.
  bool AdvanceToNextTimer();

  bool idle() const { return tasks_.empty(); }
  std::size_t pending_timers() const { return timers_.size(); }
  TimePoint next_timer() const;  // TimePoint::max() when there is none

 private:
  TimePoint now_{};
  WallTime wall_start_ =
      std::chrono::sys_days(std::chrono::year(2026) / 1 / 5) + std::chrono::hours(9);
  std::deque<Task> tasks_;
  std::map<std::pair<TimePoint, TimerId>, Task> timers_;
  std::map<TimerId, TimePoint> times_;
  TimerId last_timer_ = 0;
};

// Pool work in virtual time: runs at once, and `done` comes back after its modelled duration.
// Bounded parallelism is modelled too: at most `threads` pieces overlap, the others queue.
class DRAGOMAN_EXPORT ManualWorkPool : public WorkPool {
 public:
  // `executor` is borrowed; work must reply to it and to no other.
  explicit ManualWorkPool(ManualExecutor& executor, int threads = 2);
  absl::Status Submit(Work work, Executor& reply_to) override;

 private:
  ManualExecutor& executor_;
  std::vector<TimePoint> free_at_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTING_MANUAL_EXECUTOR_H_
