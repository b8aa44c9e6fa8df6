#include "dragoman/audio/pcm_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace dragoman {
namespace {

using testing::ElementsAre;

std::vector<std::int16_t> Ramp(int first, int count) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < count; ++i) samples.push_back(static_cast<std::int16_t>(first + i));
  return samples;
}

TEST(PcmQueueTest, SamplesComeOutInTheOrderTheyWentIn) {
  PcmQueue queue(8);
  ASSERT_TRUE(queue.Push(Ramp(1, 3)));
  ASSERT_TRUE(queue.Push(Ramp(4, 2)));
  std::vector<std::int16_t> out(4);
  EXPECT_EQ(queue.Pop(out), 4u);
  EXPECT_THAT(out, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(queue.size(), 1u);
}

TEST(PcmQueueTest, PushTakesAllOrNothing) {
  PcmQueue queue(4);
  ASSERT_TRUE(queue.Push(Ramp(1, 3)));
  EXPECT_FALSE(queue.Push(Ramp(4, 2)));
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_EQ(queue.room(), 1u);
  EXPECT_TRUE(queue.Push(Ramp(4, 1)));
}

TEST(PcmQueueTest, PopFromAnEmptyQueueTouchesNothing) {
  PcmQueue queue(4);
  std::vector<std::int16_t> out(2, 9);
  EXPECT_EQ(queue.Pop(out), 0u);
  EXPECT_THAT(out, ElementsAre(9, 9));
}

TEST(PcmQueueTest, ClearDropsEverythingAndSaysHowMuch) {
  PcmQueue queue(4);
  ASSERT_TRUE(queue.Push(Ramp(1, 3)));
  EXPECT_EQ(queue.Clear(), 3u);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.room(), 4u);
}

TEST(PcmQueueTest, OrderHoldsWhileTheRingGrowsAndWraps) {
  PcmQueue queue(5000);
  int written = 0;
  int read = 0;
  std::vector<std::int16_t> out(700);
  for (int round = 0; round < 400; ++round) {
    const int push = round % 7 * 130;
    if (queue.Push(Ramp(written % 20000, push))) written += push;
    const auto popped =
        static_cast<int>(queue.Pop(std::span(out).first(out.size() / (1 + round % 3))));
    for (int i = 0; i < popped; ++i, ++read) {
      // Each push counts on from where it began, modulo what fits a sample.
      ASSERT_EQ((out[static_cast<size_t>(i)] - read) % 20000, 0) << read;
    }
  }
  EXPECT_GT(read, 100000);
  EXPECT_EQ(queue.size(), static_cast<size_t>(written - read));
}

TEST(PcmQueueTest, MemoryIsGivenBackOnRequestAndTheQueueWorksOn) {
  PcmQueue queue(4000);
  ASSERT_TRUE(queue.Push(Ramp(0, 4000)));
  queue.ReleaseMemory();
  EXPECT_TRUE(queue.empty());
  ASSERT_TRUE(queue.Push(Ramp(5, 2)));
  std::vector<std::int16_t> out(2);
  EXPECT_EQ(queue.Pop(out), 2u);
  EXPECT_THAT(out, ElementsAre(5, 6));
}

}  // namespace
}  // namespace dragoman
