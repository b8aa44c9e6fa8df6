#include "dragoman/audio/jitter_buffer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "dragoman/core/random.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::operator""ms;
using Popped = JitterBuffer::Popped;
using Pushed = JitterBuffer::Pushed;
using Frame = std::vector<std::int16_t>;

// A frame that carries its number, loud enough never to count as quiet.
Frame Numbered(int number) { return Frame(160, static_cast<std::int16_t>(1000 + number)); }
int NumberOf(const Frame& frame) { return frame.back() - 1000; }
TimePoint At(milliseconds time) { return TimePoint(std::chrono::seconds(10) + time); }

class JitterBufferTest : public testing::Test {
 protected:
  Pushed Push(milliseconds at, int number) {
    return buffer_.Push(At(at), static_cast<std::uint16_t>(first_ + number), Numbered(number));
  }
  Popped Pop(milliseconds at) { return buffer_.Pop(At(at), out_); }

  int first_ = 7000;
  JitterBuffer buffer_ = *JitterBuffer::Create({});
  Frame out_ = Frame(160);
};

TEST_F(JitterBufferTest, SilenceUntilTheFirstPacketHasWaitedItsDelay) {
  EXPECT_EQ(Pop(0ms), Popped::kSilence);
  Push(10ms, 0);
  Push(30ms, 1);
  EXPECT_EQ(Pop(20ms), Popped::kSilence);
  EXPECT_EQ(Pop(60ms), Popped::kSilence);
  EXPECT_EQ(Pop(80ms), Popped::kAudio);
  EXPECT_EQ(NumberOf(out_), 0);
  EXPECT_EQ(Pop(100ms), Popped::kAudio);
  EXPECT_EQ(NumberOf(out_), 1);
}

TEST_F(JitterBufferTest, ReorderedPacketsComeOutInOrder) {
  for (int number : {0, 2, 1, 3}) Push(milliseconds(20 * number), number);
  for (int number = 0; number < 4; ++number) {
    EXPECT_EQ(Pop(milliseconds(60 + 20 * number)), Popped::kAudio);
    EXPECT_EQ(NumberOf(out_), number);
  }
}

TEST_F(JitterBufferTest, APacketOvertakenByTheFirstIsStillPlayed) {
  Push(0ms, 1);
  EXPECT_EQ(Push(5ms, 0), Pushed::kTaken);
  EXPECT_EQ(Pop(60ms), Popped::kAudio);
  EXPECT_EQ(NumberOf(out_), 0);
}

TEST_F(JitterBufferTest, DuplicatesAreCountedAndPlayedOnce) {
  EXPECT_EQ(Push(0ms, 0), Pushed::kTaken);
  EXPECT_EQ(Push(1ms, 0), Pushed::kDuplicate);
  Push(20ms, 1);
  Pop(60ms);
  EXPECT_EQ(Push(65ms, 0), Pushed::kLate);
  Pop(80ms);
  EXPECT_EQ(NumberOf(out_), 1);
  EXPECT_EQ(buffer_.counters().duplicates, 1);
  EXPECT_EQ(buffer_.counters().late, 1);
}

TEST_F(JitterBufferTest, ALostPacketIsConcealedSofterThanTheLastFrame) {
  Push(0ms, 0);
  Push(40ms, 2);
  Pop(60ms);
  EXPECT_EQ(Pop(80ms), Popped::kConcealed);
  EXPECT_EQ(out_.front(), 1000);             // goes on where the last frame ended
  EXPECT_EQ(out_.back(), 1000 * 481 / 640);  // a quarter softer: 80 ms to silence
  EXPECT_EQ(Pop(100ms), Popped::kAudio);
  EXPECT_EQ(NumberOf(out_), 2);
  EXPECT_LT(out_.front(), 100);  // fades in
  EXPECT_EQ(buffer_.counters().lost, 1);
}

TEST_F(JitterBufferTest, AnEndingStreamFadesToSilence) {
  for (int number = 0; number < 5; ++number) Push(milliseconds(20 * number), number);
  for (int i = 0; i < 5; ++i) Pop(milliseconds(60 + 20 * i));
  int concealed = 0;
  int last = 2000;
  for (int i = 5; i < 30; ++i) {
    if (Pop(milliseconds(60 + 20 * i)) == Popped::kConcealed) ++concealed;
    EXPECT_LE(out_.back(), last);
    last = out_.back();
  }
  EXPECT_EQ(concealed, 4);
  EXPECT_THAT(out_, testing::Each(0));
}

TEST_F(JitterBufferTest, SequenceNumbersWrap) {
  first_ = 65533;
  for (int number = 0; number < 10; ++number) {
    EXPECT_EQ(Push(milliseconds(20 * number), number), Pushed::kTaken);
    if (number >= 3) {
      EXPECT_EQ(Pop(milliseconds(20 * number)), Popped::kAudio);
      EXPECT_EQ(NumberOf(out_), number - 3);
    }
  }
}

TEST_F(JitterBufferTest, WrongSizesAreRefused) {
  EXPECT_EQ(buffer_.Push(At(0ms), 1, Frame(159)), Pushed::kBadSize);
  EXPECT_EQ(buffer_.Push(At(0ms), 1, {}), Pushed::kBadSize);
  EXPECT_EQ(buffer_.counters().bad_size, 2);
}

TEST_F(JitterBufferTest, OneFarPacketIsIgnoredTwoRestart) {
  Push(0ms, 0);
  Push(20ms, 1);
  EXPECT_EQ(Push(40ms, 20000), Pushed::kFar);
  EXPECT_EQ(Push(41ms, 2), Pushed::kTaken);
  EXPECT_EQ(Push(60ms, 30000), Pushed::kFar);
  EXPECT_EQ(Push(80ms, 30001), Pushed::kTaken);
  EXPECT_EQ(buffer_.counters().restarts, 1);
  EXPECT_EQ(Pop(140ms), Popped::kAudio);
  EXPECT_EQ(NumberOf(out_), static_cast<std::int16_t>(1000 + 30001) - 1000);
}

TEST_F(JitterBufferTest, ASenderThatPausedIsFollowedWithAFreshDelay) {
  Push(0ms, 0);
  Pop(60ms);
  EXPECT_EQ(Push(5000ms, 1), Pushed::kFar);
  EXPECT_EQ(Push(5020ms, 2), Pushed::kTaken);
  EXPECT_EQ(Pop(5060ms), Popped::kSilence);
  EXPECT_EQ(Pop(5080ms), Popped::kAudio);
  EXPECT_EQ(NumberOf(out_), 2);
}

TEST_F(JitterBufferTest, TheDelayGrowsWhenPacketsComeLateAndStaysWithinItsBounds) {
  SeededRandom random(4);
  std::multimap<microseconds, int> arrivals;
  for (int number = 0; number < 500; ++number) {
    arrivals.emplace(milliseconds(20 * number) + microseconds(random.Below(120000)), number);
  }
  for (int tick = 0; tick < 500; ++tick) {
    const microseconds now = milliseconds(20 * tick);
    while (!arrivals.empty() && arrivals.begin()->first <= now) {
      Push(std::chrono::duration_cast<milliseconds>(arrivals.begin()->first),
           arrivals.begin()->second);
      arrivals.erase(arrivals.begin());
    }
    Pop(milliseconds(20 * tick));
    ASSERT_GE(buffer_.target_delay(), 20ms);
    ASSERT_LE(buffer_.target_delay(), 200ms);
  }
  EXPECT_GE(buffer_.target_delay(), 100ms);
  EXPECT_LT(buffer_.counters().lost, 25);  // 5 %, nearly all before the delay had grown
}

TEST_F(JitterBufferTest, TheDelayShrinksOnASteadyLine) {
  int silence = 0;
  for (int tick = 0; tick < 1500; ++tick) {
    buffer_.Push(At(milliseconds(20 * tick)), static_cast<std::uint16_t>(tick), Frame(160));
    if (Pop(milliseconds(20 * tick + 1)) == Popped::kSilence) ++silence;
  }
  EXPECT_LE(buffer_.target_delay(), 20ms);
  EXPECT_GT(buffer_.counters().dropped, 0);
  EXPECT_EQ(buffer_.counters().lost, 0);
  EXPECT_LE(silence, 4);
}

// THREATS V9: 10 % loss, 30 ms jitter, 5 % reordering, 2 % duplicates.
TEST_F(JitterBufferTest, ABadLineComesOutInOrderWithLittleMoreLostThanTheLineLost_V9) {
  SeededRandom random(9);
  std::multimap<microseconds, int> arrivals;
  int sent_lost = 0;
  int last_sent = 0;
  constexpr int kPackets = 3000;
  for (int number = 0; number < kPackets; ++number) {
    if (random.Chance(100)) {
      ++sent_lost;
      continue;
    }
    last_sent = number;
    microseconds at = milliseconds(20 * number) + microseconds(random.Below(30000));
    if (random.Chance(50)) at += 25ms;  // behind the next one
    arrivals.emplace(at, number);
    if (random.Chance(20)) arrivals.emplace(at + microseconds(random.Below(40000)), number);
  }
  int last = -1;
  int played = 0;
  for (int tick = 0; tick < kPackets + 20; ++tick) {
    const microseconds now = milliseconds(20 * tick);
    while (!arrivals.empty() && arrivals.begin()->first <= now) {
      Push(std::chrono::duration_cast<milliseconds>(arrivals.begin()->first),
           arrivals.begin()->second);
      arrivals.erase(arrivals.begin());
    }
    if (Pop(milliseconds(20 * tick)) == Popped::kAudio) {
      ASSERT_GT(NumberOf(out_), last);
      last = NumberOf(out_);
      ++played;
    }
  }
  EXPECT_EQ(last, last_sent);
  EXPECT_GT(played, (kPackets - sent_lost) * 97 / 100);
  EXPECT_EQ(buffer_.counters().restarts, 0);
}

TEST_F(JitterBufferTest, HostileNumbersAndTimesDoNotBreakIt) {
  SeededRandom random(13);
  for (int i = 0; i < 200000; ++i) {
    const auto at = milliseconds(random.Below(100000));
    if (random.Chance(500)) {
      buffer_.Push(At(at), static_cast<std::uint16_t>(random.Next()), Numbered(1));
    } else {
      Pop(at);
    }
  }
  EXPECT_GT(buffer_.counters().restarts + buffer_.counters().far, 0);
}

TEST(JitterBufferOptionsTest, BoundsAreNamed) {
  EXPECT_TRUE(JitterBufferOptions{}.Validate().ok());
  EXPECT_FALSE(JitterBuffer::Create({.frame_samples = 10}).ok());
  EXPECT_FALSE(JitterBuffer::Create({.frame = 100ms}).ok());
  EXPECT_FALSE(JitterBuffer::Create({.start_delay = 10ms}).ok());
  const auto most = JitterBuffer::Create({.most_delay = 400ms}).status();
  EXPECT_THAT(std::string(MessageOf(most)),
              testing::HasSubstr("most_delay is 400 ms; expected at most 320 ms"));
}

}  // namespace
}  // namespace dragoman
