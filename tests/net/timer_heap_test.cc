#include "src/net/timer_heap.h"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

namespace dragoman {
namespace {

using std::chrono::microseconds;
using ::testing::ElementsAre;

TimePoint At(int us) { return TimePoint(microseconds(us)); }

class TimerHeapTest : public ::testing::Test {
 protected:
  TimerId Add(int us, int name) {
    return heap_.Add(At(us), [this, name] { ran_.push_back(name); });
  }
  std::vector<int> RunDueAt(int us) {
    ran_.clear();
    while (auto task = heap_.PopDue(At(us))) (*task)();
    return ran_;
  }

  std::vector<int> ran_;
  TimerHeap heap_;
};

TEST_F(TimerHeapTest, RunsInOrderOfTimeAndEqualTimesInTheOrderSet) {
  Add(30, 1);
  Add(10, 2);
  Add(30, 3);
  Add(20, 4);
  EXPECT_THAT(RunDueAt(25), ElementsAre(2, 4));
  EXPECT_EQ(heap_.NextTime(), At(30));
  EXPECT_THAT(RunDueAt(30), ElementsAre(1, 3));
  EXPECT_EQ(heap_.size(), 0u);
}

TEST_F(TimerHeapTest, ACancelledTimerNeverRunsAndCancelsOnce) {
  TimerId a = Add(10, 1);
  Add(10, 2);
  EXPECT_TRUE(heap_.Cancel(a));
  EXPECT_FALSE(heap_.Cancel(a));
  EXPECT_THAT(RunDueAt(10), ElementsAre(2));
}

TEST_F(TimerHeapTest, AnIdOfATimerThatRanDoesNotCancelItsSuccessorInTheSameSlot) {
  TimerId first = Add(10, 1);
  RunDueAt(10);
  TimerId second = Add(20, 2);
  EXPECT_NE(first, second);
  EXPECT_FALSE(heap_.Cancel(first));
  EXPECT_THAT(RunDueAt(20), ElementsAre(2));
}

TEST_F(TimerHeapTest, UnknownIdsAreNotCancelled) {
  EXPECT_FALSE(heap_.Cancel(0));
  EXPECT_FALSE(heap_.Cancel(12345));
}

TEST_F(TimerHeapTest, CancelledTimersDoNotPileUp) {
  Add(1'000'000, 1);
  for (int i = 0; i < 10'000; ++i) heap_.Cancel(Add(500'000, 2));
  EXPECT_EQ(heap_.size(), 1u);
  EXPECT_THAT(RunDueAt(1'000'000), ElementsAre(1));
}

TEST_F(TimerHeapTest, CapturesThatCancelOtherTimersWhileTheHeapGoesAreHarmless) {
  auto heap = std::make_unique<TimerHeap>();
  TimerId other = heap->Add(At(10), [] {});
  struct Canceller {
    TimerHeap* heap;
    TimerId timer;
    ~Canceller() { heap->Cancel(timer); }
  };
  auto canceller = std::make_shared<Canceller>(heap.get(), other);
  heap->Add(At(20), [canceller] {});
  canceller.reset();
  heap.reset();
}

}  // namespace
}  // namespace dragoman
