#include "dragoman/store/outbox_publisher.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Takes events, refuses as many as it is told to, or says nothing.
class ScriptedSink : public OutboxSink {
 public:
  explicit ScriptedSink(Executor& executor) : executor_(executor) {}
  void Publish(const LogRecord& event, absl::AnyInvocable<void(absl::Status)> done) override {
    ++asked;
    if (silent) {
      kept = std::move(done);
      return;
    }
    const absl::Status status = refuse > 0 ? Unavailable("sink is down") : absl::OkStatus();
    if (refuse > 0) {
      --refuse;
    } else {
      events.push_back(event.event);
      indexes.push_back(event.index);
    }
    executor_.Post([done = std::move(done), status]() mutable { done(status); });
  }
  std::vector<std::string> events;
  std::vector<std::int64_t> indexes;
  absl::AnyInvocable<void(absl::Status)> kept;
  int asked = 0;
  int refuse = 0;
  bool silent = false;

 private:
  Executor& executor_;
};

// A store whose commits, or those that only note a position, can be made to fail.
class FailingStore : public Store {
 public:
  explicit FailingStore(std::unique_ptr<Store> real) : real_(std::move(real)) {}
  absl::Status Commit(StoreTransaction transaction, Executor& executor, CommitDone done) override {
    if (transaction.steps.empty()) {
      ++notes;
      if (refuse_notes > 0) {
        --refuse_notes;
        executor.Post(
            [done = std::move(done)]() mutable { done(Unavailable("the database is locked")); });
        return absl::OkStatus();
      }
    }
    return real_->Commit(std::move(transaction), executor, std::move(done));
  }
  absl::Status Read(StoreReading reading, Executor& executor,
                    absl::AnyInvocable<void(absl::Status)> done) override {
    if (refuse_reads > 0) {
      --refuse_reads;
      return ResourceExhausted("the queue is full");
    }
    return real_->Read(std::move(reading), executor, std::move(done));
  }
  int notes = 0;
  int refuse_notes = 0;
  int refuse_reads = 0;

 private:
  const std::unique_ptr<Store> real_;
};

class OutboxPublisherTest : public ::testing::Test {
 protected:
  OutboxPublisherTest() {
    auto store = MakeSqliteStore({.on_calling_thread = true});
    EXPECT_THAT(store, IsOk());
    store_ = std::make_unique<FailingStore>(*std::move(store));
  }
  void Commit(const std::string& event) {
    StoreTransaction transaction;
    transaction.steps.push_back(
        {.actor = "test", .action = "happened", .topic = "topic", .event = event});
    EXPECT_THAT(store_->Commit(std::move(transaction), executor_, [](auto) {}), IsOk());
    executor_.RunUntilIdle();
  }
  std::unique_ptr<OutboxPublisher> Start(OutboxPublisherOptions options = {.consumer = "hooks"}) {
    auto publisher =
        OutboxPublisher::Create(options, {.store = store_.get(),
                                          .executor = &executor_,
                                          .sink = &sink_,
                                          .on_failure = [this](int, const absl::Status& status) {
                                            failures_.push_back(std::string(MessageOf(status)));
                                          }});
    EXPECT_THAT(publisher, IsOk());
    return *std::move(publisher);
  }

  ManualExecutor executor_;
  std::unique_ptr<FailingStore> store_;
  ScriptedSink sink_{executor_};
  std::vector<std::string> failures_;
};

TEST_F(OutboxPublisherTest, EventsArePublishedInOrderAndNotTwice) {
  Commit("a");
  Commit("b");
  const auto publisher = Start();
  executor_.RunUntilIdle();
  EXPECT_THAT(sink_.events, ElementsAre("a", "b"));
  EXPECT_TRUE(publisher->idle());
  Commit("c");
  executor_.RunFor(1s);
  EXPECT_THAT(sink_.events, ElementsAre("a", "b", "c"));
  executor_.RunFor(1h);
  EXPECT_EQ(sink_.asked, 3);
}

TEST_F(OutboxPublisherTest, WokenItLooksAtOnce) {
  const auto publisher = Start();
  executor_.RunUntilIdle();
  Commit("a");
  EXPECT_EQ(sink_.asked, 0);
  publisher->Wake();
  executor_.RunUntilIdle();
  EXPECT_THAT(sink_.events, ElementsAre("a"));
}

TEST_F(OutboxPublisherTest, TheNextPublisherGoesOnWhereTheLastOneNoted_D16) {
  for (const char* event : {"a", "b", "c"}) Commit(event);
  {
    const auto publisher = Start({.consumer = "hooks", .advance_every = 2});
    // Gone after the sink has taken the first one, and before that was noted.
    while (sink_.events.empty()) executor_.RunFor(0s);
  }
  const auto publisher = Start();
  executor_.RunUntilIdle();
  // What a consumer sees; what is not above the last index it drops.
  std::vector<std::string> processed;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < sink_.events.size(); ++i) {
    if (sink_.indexes[i] <= last) continue;
    last = sink_.indexes[i];
    processed.push_back(sink_.events[i]);
  }
  EXPECT_THAT(processed, ElementsAre("a", "b", "c"));
}

TEST_F(OutboxPublisherTest, ThePositionIsNotedOnceForSeveralEvents) {
  for (int i = 0; i < 10; ++i) Commit(std::to_string(i));
  const auto publisher = Start({.consumer = "hooks", .batch = 8, .advance_every = 4});
  executor_.RunUntilIdle();
  EXPECT_EQ(sink_.events.size(), 10u);
  EXPECT_EQ(store_->notes, 3);  // 4, 4, 2
  EXPECT_EQ(publisher->position(), sink_.indexes.back());
}

TEST_F(OutboxPublisherTest, ASinkThatFailsIsAskedAgainAfterDoublingWaitsAndNothingIsSkipped) {
  Commit("a");
  Commit("b");
  sink_.refuse = 3;
  const auto publisher = Start();
  executor_.RunUntilIdle();
  EXPECT_EQ(sink_.asked, 1);
  publisher->Wake();  // does not shorten it
  executor_.RunFor(499ms);
  EXPECT_EQ(sink_.asked, 1);
  executor_.RunFor(1ms);
  EXPECT_EQ(sink_.asked, 2);
  executor_.RunFor(1000ms);
  EXPECT_EQ(sink_.asked, 3);
  executor_.RunFor(2000ms);
  EXPECT_THAT(sink_.events, ElementsAre("a", "b"));
  EXPECT_EQ(failures_.size(), 3u);
}

TEST_F(OutboxPublisherTest, TheWaitIsBounded) {
  Commit("a");
  sink_.refuse = 1000;
  const auto publisher = Start({.consumer = "hooks", .retry_most = 4s});
  executor_.RunFor(1h);
  // 0.5, 1, 2 s, then every 4 s.
  EXPECT_EQ(sink_.asked, 4 + (3600 - 4) / 4);
}

TEST_F(OutboxPublisherTest, ASinkThatSaysNothingCountsAsFailedAndItsLateWordIsDropped) {
  Commit("a");
  sink_.silent = true;
  const auto publisher = Start();
  executor_.RunFor(30s);
  ASSERT_THAT(failures_, ElementsAre(HasSubstr("no answer from the sink")));
  sink_.silent = false;
  sink_.kept(absl::OkStatus());
  executor_.RunFor(500ms);
  EXPECT_THAT(sink_.events, ElementsAre("a"));
  EXPECT_EQ(sink_.asked, 2);
}

TEST_F(OutboxPublisherTest, WhenNotingFailsTheEventIsNotPublishedAgain) {
  Commit("a");
  store_->refuse_notes = 2;
  const auto publisher = Start();
  executor_.RunFor(10s);
  EXPECT_EQ(sink_.asked, 1);
  EXPECT_EQ(failures_.size(), 2u);
  EXPECT_TRUE(publisher->idle());
  EXPECT_EQ(publisher->position(), sink_.indexes.back());
}

TEST_F(OutboxPublisherTest, AStoreThatCannotBeReadIsReadLater) {
  Commit("a");
  store_->refuse_reads = 2;
  const auto publisher = Start();
  executor_.RunFor(10s);
  EXPECT_THAT(sink_.events, ElementsAre("a"));
}

TEST_F(OutboxPublisherTest, ConsumersHavePositionsOfTheirOwn) {
  Commit("a");
  const auto one = Start({.consumer = "one"});
  const auto other = Start({.consumer = "other"});
  executor_.RunUntilIdle();
  EXPECT_THAT(sink_.events, ElementsAre("a", "a"));
}

TEST(OutboxPublisherOptionsTest, WhatCannotWorkIsNamed) {
  const auto why = [](OutboxPublisherOptions options) {
    return std::string(options.Validate().message());
  };
  EXPECT_THAT(why({}), HasSubstr("consumer has 0 bytes"));
  EXPECT_THAT(why({.consumer = "c", .batch = 0}), HasSubstr("batch is 0"));
  EXPECT_THAT(why({.consumer = "c", .batch = 4}), HasSubstr("advance_every is 16"));
  EXPECT_THAT(why({.consumer = "c", .idle = 1ms}), HasSubstr("idle is 1 ms"));
  EXPECT_THAT(why({.consumer = "c", .publish_limit = 0s}), HasSubstr("publish_limit is 0 s"));
  EXPECT_THAT(why({.consumer = "c", .retry_most = 1ms}), HasSubstr("retry_first is 500 ms"));
  EXPECT_EQ(why({.consumer = "c"}), "");
}

}  // namespace
}  // namespace dragoman
