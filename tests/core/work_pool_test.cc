#include "dragoman/core/work_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/testing/manual_executor.h"

namespace dragoman {
namespace {

using std::chrono::operator""ms;
using testing::ElementsAre;
using testing::HasSubstr;

class ThreadWorkPoolTest : public testing::Test {
 protected:
  SystemClock clock_;
  ThreadExecutor executor_{clock_};
};

TEST_F(ThreadWorkPoolTest, DoneRunsOnTheExecutorAfterTheWork) {
  auto pool = MakeThreadWorkPool({.threads = 1});
  ASSERT_TRUE(pool.ok());
  std::promise<std::string> result;
  auto text = std::make_shared<std::string>();
  ASSERT_TRUE(
      (*pool)
          ->Submit({.run = [this, text] { *text += executor_.RunsHere() ? "here " : "pool "; },
                    .done =
                        [this, text, &result] {
                          *text += executor_.RunsHere() ? "here" : "pool";
                          result.set_value(*text);
                        }},
                   executor_)
          .ok());
  EXPECT_EQ(result.get_future().get(), "pool here");
}

TEST_F(ThreadWorkPoolTest, AFullQueueRefusesAndTakesNothing) {
  auto pool = MakeThreadWorkPool({.threads = 1, .max_queue = 1});
  ASSERT_TRUE(pool.ok());
  std::promise<void> started;
  std::promise<void> release;
  ASSERT_TRUE((*pool)
                  ->Submit({.run =
                                [&] {
                                  started.set_value();
                                  release.get_future().wait();
                                }},
                           executor_)
                  .ok());
  started.get_future().wait();
  std::promise<void> second;
  ASSERT_TRUE((*pool)->Submit({.run = [&] { second.set_value(); }}, executor_).ok());
  const absl::Status refused =
      (*pool)->Submit({.run = [] { FAIL() << "refused work ran"; }}, executor_);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(MessageOf(refused)), HasSubstr("1 pieces wait"));
  release.set_value();
  second.get_future().wait();
}

TEST_F(ThreadWorkPoolTest, PiecesRunInParallel) {
  auto pool = MakeThreadWorkPool({.threads = 2});
  ASSERT_TRUE(pool.ok());
  // Each waits for the other: one thread alone would never finish.
  std::promise<void> a;
  std::promise<void> b;
  std::promise<void> done_a;
  std::promise<void> done_b;
  ASSERT_TRUE((*pool)
                  ->Submit({.run = [&] { a.set_value(), b.get_future().wait(); },
                            .done = [&] { done_a.set_value(); }},
                           executor_)
                  .ok());
  ASSERT_TRUE((*pool)
                  ->Submit({.run = [&] { b.set_value(), a.get_future().wait(); },
                            .done = [&] { done_b.set_value(); }},
                           executor_)
                  .ok());
  done_a.get_future().wait();
  done_b.get_future().wait();
}

TEST_F(ThreadWorkPoolTest, DestructionDropsWhatWaitsAndLetsTheRunningPieceEnd) {
  auto token = std::make_shared<int>(0);
  std::promise<void> started;
  std::promise<void> release;
  std::atomic<bool> ended{false};
  {
    auto pool = MakeThreadWorkPool({.threads = 1});
    ASSERT_TRUE(pool.ok());
    ASSERT_TRUE((*pool)
                    ->Submit({.run =
                                  [&] {
                                    started.set_value();
                                    release.get_future().wait();
                                    ended = true;
                                  }},
                             executor_)
                    .ok());
    started.get_future().wait();
    ASSERT_TRUE((*pool)->Submit({.run = [token] {}, .done = [token] {}}, executor_).ok());
    release.set_value();
  }
  EXPECT_TRUE(ended);
  RunAndWait(executor_, [] {});
  EXPECT_EQ(token.use_count(), 1);
}

TEST(ThreadWorkPoolOptionsTest, BoundsAreNamed) {
  EXPECT_TRUE(ThreadWorkPoolOptions{}.Validate().ok());
  EXPECT_THAT(std::string(MessageOf(ThreadWorkPoolOptions{.threads = 0}.Validate())),
              HasSubstr("threads is 0; expected 1 to 256"));
  EXPECT_FALSE(MakeThreadWorkPool({.threads = 257}).ok());
  EXPECT_FALSE(MakeThreadWorkPool({.max_queue = 0}).ok());
}

TEST(ManualWorkPoolTest, DoneComesBackAfterTheModelledDuration) {
  ManualExecutor executor;
  ManualWorkPool pool(executor, 1);
  std::vector<std::int64_t> done_ms;
  auto done = [&] { done_ms.push_back(executor.Now().time_since_epoch() / 1ms); };
  ASSERT_TRUE(pool.Submit({.run = [] {}, .done = done, .modelled_duration = 30ms}, executor).ok());
  ASSERT_TRUE(pool.Submit({.run = [] {}, .done = done, .modelled_duration = 20ms}, executor).ok());
  executor.RunFor(29ms);
  EXPECT_TRUE(done_ms.empty());
  executor.RunFor(100ms);
  EXPECT_THAT(done_ms, ElementsAre(30, 50));  // one thread: the second waits for the first
}

TEST(ManualWorkPoolTest, TwoThreadsOverlap) {
  ManualExecutor executor;
  ManualWorkPool pool(executor, 2);
  std::vector<std::int64_t> done_ms;
  auto done = [&] { done_ms.push_back(executor.Now().time_since_epoch() / 1ms); };
  for (auto duration : {30ms, 20ms, 10ms}) {
    ASSERT_TRUE(
        pool.Submit({.run = [] {}, .done = done, .modelled_duration = duration}, executor).ok());
  }
  executor.RunFor(100ms);
  EXPECT_THAT(done_ms, ElementsAre(20, 30, 30));
}

}  // namespace
}  // namespace dragoman
