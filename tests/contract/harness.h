// What the contract suites drive: an executor, in virtual time or on a thread of its own.
//
// A harness is a default-constructible struct that derives from ManualHarness or ThreadHarness and
// adds what its suite asks for. Everything that belongs to the executor is done inside On().
#ifndef DRAGOMAN_TESTS_CONTRACT_HARNESS_H_
#define DRAGOMAN_TESTS_CONTRACT_HARNESS_H_

#include <chrono>
#include <functional>

#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/mutex.h"
#include "dragoman/testing/manual_executor.h"

namespace dragoman {

// Virtual time: nothing runs but what the suite lets run.
class ManualHarness {
 public:
  ManualExecutor& executor() { return executor_; }
  void On(const std::function<void()>& work) { work(); }

  // Lets time pass until `done`; false: ten minutes of virtual time were not enough.
  bool RunUntil(const std::function<bool()>& done) {
    executor_.RunUntilIdle();
    const TimePoint end = executor_.Now() + std::chrono::minutes(10);
    while (!done()) {
      if (executor_.Now() > end || !executor_.AdvanceToNextTimer()) return done();
    }
    return true;
  }

  // Gives what should not happen the time to happen.
  void Settle() { executor_.RunFor(std::chrono::minutes(2)); }

 private:
  ManualExecutor executor_;
};

// Real time, for what cannot be faked: sockets and other processes. `Loop` is an executor with a
// thread, made from a clock.
template <typename Loop>
class RealTimeHarness {
 public:
  Loop& executor() { return executor_; }
  void On(const std::function<void()>& work) {
    RunAndWait(executor_, [&work] { work(); });
  }

  // False: `limit` of real time was not enough.
  bool RunUntil(const std::function<bool()>& done,
                std::chrono::seconds limit = std::chrono::seconds(60)) {
    const TimePoint end = clock_.Now() + limit;
    while (true) {
      bool is_done = false;
      On([&] { is_done = done(); });
      if (is_done) return true;
      if (clock_.Now() > end) return false;
      Pass(std::chrono::milliseconds(2));
    }
  }

  void Settle() { Pass(std::chrono::milliseconds(50)); }

 private:
  void Pass(std::chrono::milliseconds time) {
    Mutex mutex;
    std::condition_variable changed;
    bool passed = false;
    executor_.Post([&] {
      executor_.RunAt(executor_.Now() + time, [&] {
        MutexLock lock(mutex);
        passed = true;
        changed.notify_one();
      });
    });
    MutexLock lock(mutex);
    lock.Wait(changed, [&] { return passed; });
  }

  SystemClock clock_;
  Loop executor_{clock_};
};

class ThreadHarness : public RealTimeHarness<ThreadExecutor> {};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_HARNESS_H_
