#include "dragoman/core/random.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

namespace dragoman {
namespace {

// Gives the numbers of a script, then zeros.
class ScriptedRandom : public Random {
 public:
  explicit ScriptedRandom(std::vector<std::uint64_t> numbers) : numbers_(std::move(numbers)) {}
  std::uint64_t Next() override { return at_ < numbers_.size() ? numbers_[at_++] : 0; }
  std::size_t used() const { return at_; }

 private:
  std::vector<std::uint64_t> numbers_;
  std::size_t at_ = 0;
};

TEST(RandomTest, ASeedGivesThePublishedSequenceOfSplitMix64) {
  // First outputs of Vigna's splitmix64.c for the seed 1234567.
  SeededRandom random(1234567);
  EXPECT_EQ(random.Next(), 6457827717110365317ULL);
  EXPECT_EQ(random.Next(), 3203168211198807973ULL);
  EXPECT_EQ(random.Next(), 9817491932198370423ULL);
}

TEST(RandomTest, BelowRejectsTheIncompleteLastBlock) {
  // 2^64 mod 10 is 6: the six highest numbers would favour 0 to 5.
  ScriptedRandom random({UINT64_MAX, UINT64_MAX - 5, 27});
  EXPECT_EQ(random.Below(10), 7u);
  EXPECT_EQ(random.used(), 3u);
}

TEST(RandomTest, BelowZeroIsZero) {
  SeededRandom random(3);
  EXPECT_EQ(random.Below(0), 0u);
}

TEST(RandomTest, BetweenReachesBothEnds) {
  SeededRandom random(5);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.Between(-2, 2));
  EXPECT_EQ(seen, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
}

TEST(RandomTest, AnEmptyRangeIsItsLowEnd) {
  SeededRandom random(5);
  EXPECT_EQ(random.Between(4, 4), 4);
  EXPECT_EQ(random.Between(4, 1), 4);
}

TEST(RandomTest, ChanceIsNeverAtZeroAndAlwaysAtThousand) {
  SeededRandom random(6);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(random.Chance(0));
    EXPECT_TRUE(random.Chance(1000));
  }
}

TEST(RandomTest, NumbersSpreadOverTheirRange) {
  SeededRandom random(7);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100000; ++i) ++counts[random.Below(10)];
  // Standard deviation 95; five of them.
  for (int count : counts) EXPECT_NEAR(count, 10000, 475);
}

TEST(RandomTest, AnIdIsItsPrefixAndThirtyTwoHexDigits) {
  ScriptedRandom random({0x0123456789abcdefULL, 0});
  EXPECT_EQ(MakeId("CA", random),
            "CAfedcba987654321000000000000000"
            "00");
}

TEST(RandomTest, TheSystemDoesNotRepeatItself) {
  SystemRandom random;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.Next());
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace dragoman
