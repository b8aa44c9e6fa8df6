#include "dragoman/providers/loopback/pipes.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/testing/manual_executor.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct SocketLog {
  std::vector<std::string> messages;
  std::vector<TimePoint> times;
  std::vector<std::pair<int, std::string>> closed;  // code, reason
  absl::Status status;

  WebSocketCallbacks Callbacks(Executor& executor) {
    return {.on_message =
                [this, &executor](std::string_view message, bool) {
                  messages.emplace_back(message);
                  times.push_back(executor.Now());
                },
            .on_closed =
                [this](absl::Status with, std::uint16_t code, std::string_view reason) {
                  status = std::move(with);
                  closed.emplace_back(code, reason);
                }};
  }
};

class WebSocketPipeTest : public ::testing::Test {
 protected:
  void Make(PipeOptions options = {}) {
    pipe_ = MakeWebSocketPipe(executor_, std::move(options));
    pipe_.a->Start(log_a_.Callbacks(executor_));
    pipe_.b->Start(log_b_.Callbacks(executor_));
  }

  ManualExecutor executor_;
  WebSocketPipe pipe_;
  SocketLog log_a_, log_b_;
};

TEST_F(WebSocketPipeTest, DeliversInOrderAndNeverInsideSend) {
  Make();
  ASSERT_TRUE(pipe_.a->SendText("one").ok());
  ASSERT_TRUE(pipe_.a->SendBinary("two").ok());
  EXPECT_THAT(log_b_.messages, IsEmpty());
  EXPECT_EQ(pipe_.a->queued_bytes(), 6u);
  executor_.RunUntilIdle();
  EXPECT_THAT(log_b_.messages, ElementsAre("one", "two"));
  EXPECT_EQ(pipe_.a->queued_bytes(), 0u);
}

TEST_F(WebSocketPipeTest, HoldsMessagesUntilTheOtherEndStarts) {
  pipe_ = MakeWebSocketPipe(executor_);
  pipe_.a->Start(log_a_.Callbacks(executor_));
  ASSERT_TRUE(pipe_.a->SendText("early").ok());
  executor_.RunFor(1s);
  pipe_.b->Start(log_b_.Callbacks(executor_));
  EXPECT_THAT(log_b_.messages, IsEmpty());
  executor_.RunUntilIdle();
  EXPECT_THAT(log_b_.messages, ElementsAre("early"));
}

TEST_F(WebSocketPipeTest, DelayAndJitterKeepTheOrder) {
  Make({.a_to_b = {.delay = 50ms, .jitter = 30ms, .seed = 7}});
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(pipe_.a->SendText(StrCat(i)).ok());
    executor_.RunFor(5ms);
  }
  executor_.RunFor(100ms);
  ASSERT_THAT(log_b_.messages, SizeIs(200));
  for (int i = 0; i < 200; ++i) {
    const auto late = log_b_.times[static_cast<size_t>(i)] - TimePoint(i * 5ms);
    EXPECT_EQ(log_b_.messages[static_cast<size_t>(i)], StrCat(i));
    EXPECT_GE(late, 50ms);
    EXPECT_LE(late, 80ms);
  }
}

TEST_F(WebSocketPipeTest, LosesOnlyWhatMayBeLostAndTheSameWithTheSameSeed) {
  auto run = [this](std::uint64_t seed) {
    log_b_ = {};
    Make({.a_to_b = {.loss_per_mille = 100,
                     .may_lose = [](std::string_view text) { return text[0] == 'm'; },
                     .seed = seed}});
    for (int i = 0; i < 1000; ++i) (void)pipe_.a->SendText(StrCat(i % 10 == 0 ? "keep" : "m", i));
    executor_.RunUntilIdle();
    return log_b_.messages;
  };
  auto first = run(3);
  auto kept = std::count_if(first.begin(), first.end(),
                            [](const std::string& text) { return text[0] == 'k'; });
  EXPECT_EQ(kept, 100);
  EXPECT_LT(first.size(), 960u);  // 900 may be lost, 90 of them on average
  EXPECT_GT(first.size(), 860u);
  EXPECT_EQ(run(3), first);
  EXPECT_NE(run(4), first);
}

TEST_F(WebSocketPipeTest, RefusesWhatDoesNotFitTheQueueAndTakesNothing) {
  Make({.a_to_b = {.max_queued_bytes = 10}});
  EXPECT_TRUE(pipe_.a->SendText("123456").ok());
  EXPECT_EQ(pipe_.a->SendText("12345").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(pipe_.a->SendText("1234").ok());
  executor_.RunUntilIdle();
  EXPECT_THAT(log_b_.messages, ElementsAre("123456", "1234"));
}

TEST_F(WebSocketPipeTest, CloseDeliversWhatIsQueuedThenTellsBothEndsOnce) {
  Make();
  ASSERT_TRUE(pipe_.a->SendText("last").ok());
  pipe_.a->Close(1000, "bye");
  pipe_.a->Close(1001, "again");
  EXPECT_EQ(pipe_.a->SendText("late").code(), absl::StatusCode::kFailedPrecondition);
  executor_.RunFor(5s);
  EXPECT_THAT(log_b_.messages, ElementsAre("last"));
  EXPECT_THAT(log_b_.closed, ElementsAre(std::pair(1000, std::string("bye"))));
  EXPECT_THAT(log_a_.closed, ElementsAre(std::pair(1000, std::string("bye"))));
  EXPECT_TRUE(log_a_.status.ok());
}

TEST_F(WebSocketPipeTest, AnEndThatIsDestroyedLooksLikeALostConnection) {
  Make();
  pipe_.a.reset();
  executor_.RunUntilIdle();
  EXPECT_THAT(log_b_.closed, ElementsAre(std::pair(1006, std::string())));
  EXPECT_EQ(log_b_.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(log_a_.closed, IsEmpty());
}

TEST_F(WebSocketPipeTest, AnEndMayBeDestroyedInsideItsOwnCallbacks) {
  pipe_ = MakeWebSocketPipe(executor_);
  std::string kept = "intact";
  std::string seen;
  pipe_.b->Start({.on_message = [this, kept, &seen](std::string_view, bool) {
    pipe_.b.reset();
    seen = kept;  // the captures outlive the object
  }});
  ASSERT_TRUE(pipe_.a->SendText("go").ok());
  ASSERT_TRUE(pipe_.a->SendText("on").ok());
  executor_.RunUntilIdle();
  EXPECT_EQ(seen, "intact");
}

TEST_F(WebSocketPipeTest, AClosingEndGivesUpOnASilentPeerAfterTwoSeconds) {
  pipe_ = MakeWebSocketPipe(executor_);
  pipe_.a->Start(log_a_.Callbacks(executor_));
  pipe_.a->Close(1000, "");
  executor_.RunFor(1999ms);
  EXPECT_THAT(log_a_.closed, IsEmpty());
  executor_.RunFor(1ms);
  EXPECT_THAT(log_a_.closed, ElementsAre(std::pair(1006, std::string())));
}

TEST_F(WebSocketPipeTest, RefusesTextThatIsNotUtf8) {
  Make();
  EXPECT_THAT(std::string(MessageOf(pipe_.a->SendText("\xff"))), HasSubstr("UTF-8"));
}

TEST(ByteStreamPipeTest, CarriesBytesBothWaysAndCloses) {
  ManualExecutor executor;
  ByteStreamPipe pipe = MakeByteStreamPipe(executor);
  std::string at_a, at_b;
  std::vector<absl::Status> closed_a, closed_b;
  pipe.a->Start({.on_bytes = [&](std::string_view bytes) { at_a += bytes; },
                 .on_closed = [&](absl::Status status) { closed_a.push_back(status); }});
  pipe.b->Start({.on_bytes = [&](std::string_view bytes) { at_b += bytes; },
                 .on_closed = [&](absl::Status status) { closed_b.push_back(status); }});
  ASSERT_TRUE(pipe.a->Write("12").ok());
  ASSERT_TRUE(pipe.a->Write("34").ok());
  ASSERT_TRUE(pipe.b->Write("56").ok());
  executor.RunUntilIdle();
  EXPECT_EQ(at_b, "1234");
  EXPECT_EQ(at_a, "56");
  ASSERT_TRUE(pipe.a->Write("78").ok());
  pipe.a->Close();
  executor.RunUntilIdle();
  EXPECT_EQ(at_b, "123478");
  EXPECT_THAT(closed_a, ElementsAre(absl::OkStatus()));
  EXPECT_THAT(closed_b, ElementsAre(absl::OkStatus()));
  EXPECT_EQ(pipe.b->Write("9").code(), absl::StatusCode::kFailedPrecondition);
}

TEST(ByteStreamPipeTest, ADestroyedEndLooksLikeALostConnection) {
  ManualExecutor executor;
  ByteStreamPipe pipe = MakeByteStreamPipe(executor);
  absl::Status closed;
  pipe.b->Start({.on_closed = [&](absl::Status status) { closed = status; }});
  pipe.a.reset();
  executor.RunUntilIdle();
  EXPECT_EQ(closed.code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace dragoman
