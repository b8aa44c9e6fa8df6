#include "src/net/io_loop.h"

#include <gmock/gmock.h>

#include <csignal>
#include <future>
#include <memory>
#include <vector>

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class IoLoopTest : public ::testing::Test {
 protected:
  SystemClock clock_;
  IoLoop loop_{clock_};
};

TEST_F(IoLoopTest, RunsTasksInTheOrderPostedOnItsOwnThread) {
  std::vector<int> ran;
  bool here = false;
  for (int i = 0; i < 3; ++i) loop_.Post([&ran, i] { ran.push_back(i); });
  RunAndWait(loop_, [&] { here = loop_.RunsHere(); });
  EXPECT_THAT(ran, ElementsAre(0, 1, 2));
  EXPECT_TRUE(here);
  EXPECT_FALSE(loop_.RunsHere());
}

TEST_F(IoLoopTest, TimersRunInOrderOfTimeEvenWhenALaterOneWasSetFirst) {
  std::vector<int> ran;
  std::promise<void> done;
  RunAndWait(loop_, [&] {
    const TimePoint now = loop_.Now();
    loop_.RunAt(now + 20ms, [&] { done.set_value(); });
    loop_.RunAt(now + 2ms, [&] { ran.push_back(2); });
    loop_.RunAt(now + 1ms, [&] { ran.push_back(1); });
  });
  done.get_future().wait();
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

TEST_F(IoLoopTest, ATimerThatHasPassedRunsLaterAndNotInside) {
  std::vector<int> ran;
  std::promise<void> done;
  loop_.Post([&] {
    loop_.RunAt(loop_.Now() - 1s, [&] {
      ran.push_back(2);
      done.set_value();
    });
    ran.push_back(1);
  });
  done.get_future().wait();
  EXPECT_THAT(ran, ElementsAre(1, 2));
}

TEST_F(IoLoopTest, ACancelledTimerDoesNotRun) {
  bool ran = false;
  std::promise<void> done;
  RunAndWait(loop_, [&] {
    TimerId timer = loop_.RunAfter(1ms, [&] { ran = true; });
    loop_.RunAfter(5ms, [&] { done.set_value(); });
    EXPECT_TRUE(loop_.CancelTimer(timer));
    EXPECT_FALSE(loop_.CancelTimer(timer));
  });
  done.get_future().wait();
  EXPECT_FALSE(ran);
}

TEST_F(IoLoopTest, AfterStopTasksAreDestroyedAndDoNotRun) {
  auto token = std::make_shared<int>(0);
  bool ran = false;
  RunAndWait(loop_, [&] { loop_.RunAfter(1h, [token, &ran] { ran = true; }); });
  loop_.Stop();
  loop_.Post([token, &ran] { ran = true; });
  EXPECT_FALSE(ran);
  EXPECT_EQ(token.use_count(), 1);
}

TEST_F(IoLoopTest, ItsThreadBlocksSigpipe) {
  bool blocked = false;
  RunAndWait(loop_, [&] {
    sigset_t signals;
    pthread_sigmask(SIG_BLOCK, nullptr, &signals);
    blocked = sigismember(&signals, SIGPIPE) == 1;
  });
  EXPECT_TRUE(blocked);
}

}  // namespace
}  // namespace dragoman
