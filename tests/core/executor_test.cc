#include "dragoman/core/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "dragoman/testing/manual_executor.h"

namespace dragoman {
namespace {

using std::chrono::operator""ms;
using testing::ElementsAre;

// A clock that stands at a time set by the test: timers of a ThreadExecutor become due when it says
// so.
class SetClock : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(std::chrono::microseconds(now_us_.load())); }
  WallTime WallNow() const override { return {}; }
  void Set(std::chrono::milliseconds now) { now_us_ = now.count() * 1000; }

 private:
  std::atomic<std::int64_t> now_us_{0};
};

TEST(ThreadExecutorTest, TasksRunInTheOrderPosted) {
  SystemClock clock;
  ThreadExecutor executor(clock);
  std::vector<int> ran;
  for (int i = 0; i < 100; ++i) executor.Post([&ran, i] { ran.push_back(i); });
  RunAndWait(executor, [] {});
  ASSERT_EQ(ran.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ran[static_cast<size_t>(i)], i);
}

TEST(ThreadExecutorTest, TasksFromManyThreadsRunOneAtATime) {
  SystemClock clock;
  ThreadExecutor executor(clock);
  int counter = 0;  // unsynchronised: only the executor touches it
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) executor.Post([&counter] { ++counter; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  RunAndWait(executor, [] {});
  EXPECT_EQ(counter, 2000);
}

TEST(ThreadExecutorTest, RunsHereIsTrueInsideItsTasksOnly) {
  SystemClock clock;
  ThreadExecutor executor(clock);
  ThreadExecutor other(clock);
  EXPECT_FALSE(executor.RunsHere());
  bool inside = false;
  bool other_inside = true;
  RunAndWait(executor, [&] {
    inside = executor.RunsHere();
    other_inside = other.RunsHere();
  });
  EXPECT_TRUE(inside);
  EXPECT_FALSE(other_inside);
}

TEST(ThreadExecutorTest, DueTimersRunInTheOrderOfTheirTimes) {
  SetClock clock;
  clock.Set(100ms);
  ThreadExecutor executor(clock);
  std::vector<int> ran;
  std::promise<void> last;
  RunAndWait(executor, [&] {
    executor.RunAt(TimePoint(30ms), [&] {
      ran.push_back(3);
      last.set_value();
    });
    executor.RunAt(TimePoint(10ms), [&] { ran.push_back(1); });
    executor.RunAt(TimePoint(20ms), [&] { ran.push_back(2); });
    EXPECT_THAT(ran, testing::IsEmpty());  // a time that has passed never runs inside
  });
  last.get_future().wait();
  EXPECT_THAT(ran, ElementsAre(1, 2, 3));
}

TEST(ThreadExecutorTest, ATimerWhoseTimeHasNotComeDoesNotRun) {
  SetClock clock;
  bool ran = false;
  {
    ThreadExecutor executor(clock);
    RunAndWait(executor, [&] { executor.RunAt(TimePoint(10000ms), [&] { ran = true; }); });
    RunAndWait(executor, [] {});
  }
  EXPECT_FALSE(ran);
}

TEST(ThreadExecutorTest, AnEarlierTimerFromAnotherThreadIsNotHeldUpByALaterOne) {
  SystemClock clock;
  ThreadExecutor executor(clock);
  RunAndWait(executor, [&] { executor.RunAfter(std::chrono::hours(1), [] {}); });
  std::promise<void> ran;
  executor.RunAfter(2ms, [&] { ran.set_value(); });
  ran.get_future().wait();  // an hour, if the loop did not wake for it
}

TEST(ThreadExecutorTest, ACancelledTimerDoesNotRunAndASecondCancelSaysSo) {
  SetClock clock;
  ThreadExecutor executor(clock);
  bool ran = false;
  bool first = false;
  bool second = true;
  RunAndWait(executor, [&] {
    const TimerId timer = executor.RunAt(TimePoint(10ms), [&] { ran = true; });
    first = executor.CancelTimer(timer);
    second = executor.CancelTimer(timer);
  });
  clock.Set(50ms);
  RunAndWait(executor, [] {});
  EXPECT_TRUE(first);
  EXPECT_FALSE(second);
  EXPECT_FALSE(ran);
}

TEST(ThreadExecutorTest, StopDestroysWhatWaitsWithoutRunningIt) {
  SystemClock clock;
  ThreadExecutor executor(clock);
  auto token = std::make_shared<int>(1);
  std::promise<void> running;
  std::promise<void> release;
  executor.Post([&] {
    running.set_value();
    release.get_future().wait();
  });
  running.get_future().wait();
  bool ran = false;
  executor.Post([token, &ran] { ran = true; });
  std::thread stopper([&] { executor.Stop(); });
  // The first task holds the loop until Stop has had its chance; both orders must be sound.
  release.set_value();
  stopper.join();
  executor.Post([token, &ran] { ran = true; });
  executor.Stop();  // idempotent
  EXPECT_EQ(token.use_count(), 1) << "a task outlived Stop; ran: " << ran;
}

TEST(ThreadExecutorTest, PostAfterStopIsDroppedAndDestroyed) {
  SystemClock clock;
  ThreadExecutor executor(clock);
  executor.Stop();
  auto token = std::make_shared<int>(1);
  bool ran = false;
  executor.Post([token, &ran] { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_EQ(token.use_count(), 1);
}

TEST(ThreadExecutorTest, DestroyingATaskMayCallBackIntoTheExecutor) {
  SetClock clock;
  ThreadExecutor executor(clock);
  bool cancelled_inner = false;
  RunAndWait(executor, [&] {
    const TimerId inner = executor.RunAt(TimePoint(10ms), [] {});
    auto on_destruction = std::shared_ptr<void>(
        nullptr, [&, inner](void*) { cancelled_inner = executor.CancelTimer(inner); });
    const TimerId outer = executor.RunAt(TimePoint(20ms), [on_destruction] {});
    on_destruction.reset();
    executor.CancelTimer(outer);
  });
  EXPECT_TRUE(cancelled_inner);
}

TEST(ThreadExecutorTest, RunAndWaitRunsInlineWhenAlreadyThere) {
  SystemClock clock;
  ThreadExecutor executor(clock);
  bool ran = false;
  RunAndWait(executor, [&] { RunAndWait(executor, [&] { ran = true; }); });
  EXPECT_TRUE(ran);
}

TEST(TimerTest, RunsOnceAfterItsDelay) {
  ManualExecutor executor;
  Timer timer(executor);
  int ran = 0;
  timer.Start(50ms, [&] { ++ran; });
  EXPECT_TRUE(timer.running());
  executor.RunFor(49ms);
  EXPECT_EQ(ran, 0);
  executor.RunFor(1ms);
  EXPECT_EQ(ran, 1);
  EXPECT_FALSE(timer.running());
  executor.RunFor(1000ms);
  EXPECT_EQ(ran, 1);
}

TEST(TimerTest, StartReplacesARunningTimer) {
  ManualExecutor executor;
  Timer timer(executor);
  std::vector<int> ran;
  timer.Start(50ms, [&] { ran.push_back(1); });
  timer.Start(80ms, [&] { ran.push_back(2); });
  executor.RunFor(100ms);
  EXPECT_THAT(ran, ElementsAre(2));
}

TEST(TimerTest, StopAndDestructionSilenceIt) {
  ManualExecutor executor;
  int ran = 0;
  {
    Timer timer(executor);
    timer.Start(10ms, [&] { ++ran; });
    timer.Stop();
    timer.Stop();
    executor.RunFor(20ms);
    timer.Start(10ms, [&] { ++ran; });
  }
  executor.RunFor(20ms);
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(executor.pending_timers(), 0u);
}

TEST(TimerTest, ItsTaskMayStartItAgain) {
  ManualExecutor executor;
  Timer timer(executor);
  int ran = 0;
  std::function<void()> again = [&] {
    if (++ran < 3) timer.Start(10ms, again);
  };
  timer.Start(10ms, again);
  executor.RunFor(100ms);
  EXPECT_EQ(ran, 3);
}

TEST(TimerTest, ItsTaskMayDestroyIt) {
  ManualExecutor executor;
  auto timer = std::make_unique<Timer>(executor);
  timer->Start(10ms, [&] { timer.reset(); });
  executor.RunFor(20ms);
  EXPECT_EQ(timer, nullptr);
}

TEST(ManualExecutorTest, TimeStandsAtEachTimersTimeWhileItRuns) {
  ManualExecutor executor;
  std::vector<std::int64_t> at;
  for (auto delay : {30ms, 10ms, 20ms}) {
    executor.RunAfter(delay, [&] { at.push_back(executor.Now().time_since_epoch().count()); });
  }
  executor.RunFor(25ms);
  EXPECT_THAT(at, ElementsAre(10000, 20000));
  EXPECT_EQ(executor.Now(), TimePoint(25ms));
}

TEST(ManualExecutorTest, WhatATimerSetsWithinTheSpanRunsInItToo) {
  ManualExecutor executor;
  int ran = 0;
  executor.RunAfter(10ms, [&] { executor.RunAfter(10ms, [&] { ++ran; }); });
  executor.RunFor(20ms);
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace dragoman
