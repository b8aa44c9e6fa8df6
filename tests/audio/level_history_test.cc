#include "dragoman/audio/level_history.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace dragoman {
namespace {

TEST(LevelHistoryTest, AFullScaleSquareIsAtZeroAndSilenceAtTheQuietest) {
  EXPECT_NEAR(LevelDb(std::vector<std::int16_t>(160, -32768)), 0, 0.01);
  EXPECT_NEAR(LevelDb(std::vector<std::int16_t>(160, 3277)), -20, 0.01);
  EXPECT_EQ(LevelDb(std::vector<std::int16_t>(160, 0)), LevelHistory::kQuietest);
  EXPECT_EQ(LevelDb({}), LevelHistory::kQuietest);
}

TEST(LevelHistoryTest, WithoutLevelsEverythingIsQuiet) {
  EXPECT_EQ(LevelHistory(10).Quantile(900), LevelHistory::kQuietest);
}

TEST(LevelHistoryTest, NineOfTenLevelsLieNotAboveTheNineTenths) {
  LevelHistory history(100);
  for (int db = -10; db < 0; ++db) history.Take(static_cast<float>(db));
  EXPECT_EQ(history.Quantile(900), -2);
  EXPECT_EQ(history.Quantile(1000), -1);
  EXPECT_EQ(history.Quantile(500), -6);
  EXPECT_EQ(history.Quantile(0), -10);
}

TEST(LevelHistoryTest, TheOldestLevelsAreForgotten) {
  LevelHistory history(3);
  for (const float db : {-5.0f, -50.0f, -40.0f, -30.0f}) history.Take(db);
  EXPECT_EQ(history.size(), 3u);
  EXPECT_EQ(history.Quantile(1000), -30);
  EXPECT_EQ(history.Quantile(0), -50);
}

TEST(LevelHistoryTest, ALevelOutOfRangeCountsAsTheNearestInIt) {
  LevelHistory history(3);
  history.Take(-300);
  EXPECT_EQ(history.Quantile(0), LevelHistory::kQuietest);
  history.Take(300);
  EXPECT_EQ(history.Quantile(1000), LevelHistory::kLoudest);
}

}  // namespace
}  // namespace dragoman
