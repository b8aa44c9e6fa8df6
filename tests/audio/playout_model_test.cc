#include "dragoman/audio/playout_model.h"

#include <gtest/gtest.h>

namespace dragoman {
namespace {

using std::chrono::milliseconds;
using std::chrono::operator""ms;

TimePoint AfterStart(milliseconds time) { return TimePoint(time); }

TEST(PlayoutModelTest, NothingSentIsNothingHeard) {
  PlayoutModel model;
  EXPECT_EQ(model.Position(AfterStart(5000ms)), 0ms);
  EXPECT_EQ(model.sent(), 0ms);
}

TEST(PlayoutModelTest, DrainsInRealTimeFromTheFirstByte) {
  PlayoutModel model;
  model.Append(AfterStart(1000ms), 500ms);
  EXPECT_EQ(model.Position(AfterStart(1000ms)), 0ms);
  EXPECT_EQ(model.Position(AfterStart(1200ms)), 200ms);
  EXPECT_EQ(model.Queued(AfterStart(1200ms)), 300ms);
  EXPECT_EQ(model.drained_at(), AfterStart(1500ms));
}

TEST(PlayoutModelTest, StopsAtTheEndOfWhatWasSent) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 100ms);
  EXPECT_EQ(model.Position(AfterStart(9000ms)), 100ms);
}

TEST(PlayoutModelTest, AudioSentWhilePlayingIsQueuedBehindIt) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 200ms);
  model.Append(AfterStart(50ms), 200ms);
  EXPECT_EQ(model.Position(AfterStart(250ms)), 250ms);
  EXPECT_EQ(model.drained_at(), AfterStart(400ms));
  EXPECT_EQ(model.underruns(), 0);
}

TEST(PlayoutModelTest, AfterRunningDryItStartsAgainWithTheNextByte) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 100ms);
  model.Append(AfterStart(300ms), 100ms);
  EXPECT_EQ(model.Position(AfterStart(350ms)), 150ms);
}

TEST(PlayoutModelTest, RunningDryWithinAnUtteranceIsAnUnderrun) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 100ms);
  model.Append(AfterStart(130ms), 100ms);  // 30 ms late
  model.Append(AfterStart(240ms), 100ms);  // 10 ms late
  EXPECT_EQ(model.underruns(), 2);
  EXPECT_EQ(model.underrun_time(), 40ms);
}

TEST(PlayoutModelTest, AppendAtTheInstantOfRunningDryIsNoUnderrun) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 100ms);
  model.Append(AfterStart(100ms), 100ms);
  EXPECT_EQ(model.underruns(), 0);
}

TEST(PlayoutModelTest, SilenceBetweenUtterancesIsNoUnderrun) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 100ms);
  model.EndUtterance();
  model.Append(AfterStart(4000ms), 100ms);
  EXPECT_EQ(model.underruns(), 0);
  EXPECT_EQ(model.Position(AfterStart(4050ms)), 150ms);
}

TEST(PlayoutModelTest, ClearTakesBackWhatWasNotHeard) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 1000ms);
  EXPECT_EQ(model.Clear(AfterStart(300ms)), 700ms);
  EXPECT_EQ(model.sent(), 300ms);
  EXPECT_EQ(model.Position(AfterStart(2000ms)), 300ms);
}

TEST(PlayoutModelTest, AudioAfterAClearPlaysFromThereOn) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 1000ms);
  model.Clear(AfterStart(300ms));
  model.Append(AfterStart(350ms), 500ms);
  EXPECT_EQ(model.Position(AfterStart(400ms)), 350ms);
  EXPECT_EQ(model.sent(), 800ms);
  EXPECT_EQ(model.underruns(), 0);
}

TEST(PlayoutModelTest, ClearWithNothingQueuedDropsNothing) {
  PlayoutModel model;
  EXPECT_EQ(model.Clear(AfterStart(10ms)), 0ms);
  model.Append(AfterStart(20ms), 100ms);
  EXPECT_EQ(model.Clear(AfterStart(500ms)), 0ms);
  EXPECT_EQ(model.sent(), 100ms);
}

TEST(PlayoutModelTest, AMarkProvesThePositionItWasSetAt) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 200ms);
  const auto mark = model.AddMark();
  model.Append(AfterStart(0ms), 200ms);
  EXPECT_EQ(model.acknowledged(), 0ms);
  EXPECT_EQ(model.Acknowledge(AfterStart(230ms), mark), 200ms);
  EXPECT_EQ(model.acknowledged(), 200ms);
  EXPECT_EQ(model.pending_marks(), 0u);
}

TEST(PlayoutModelTest, AMarkAfterAClearCountsOnlyAsFarAsTheModelHadCome) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 1000ms);
  const auto mark = model.AddMark();
  model.Clear(AfterStart(300ms));
  EXPECT_EQ(model.Acknowledge(AfterStart(320ms), mark), 300ms);
  EXPECT_EQ(model.acknowledged(), 300ms);
  EXPECT_EQ(model.Position(AfterStart(5000ms)), 300ms);
}

TEST(PlayoutModelTest, AMarkBeforeTheClearPointKeepsItsOwnPosition) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 200ms);
  const auto early = model.AddMark();
  model.Append(AfterStart(0ms), 800ms);
  const auto late = model.AddMark();
  model.Clear(AfterStart(300ms));
  EXPECT_EQ(model.Acknowledge(AfterStart(310ms), early), 200ms);
  EXPECT_EQ(model.Acknowledge(AfterStart(310ms), late), 300ms);
}

TEST(PlayoutModelTest, AClearedMarkReturnedWhileNewAudioPlaysDoesNotCountTheNewAudio) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 1000ms);
  const auto old = model.AddMark();
  model.Clear(AfterStart(300ms));
  model.Append(AfterStart(310ms), 5000ms);
  EXPECT_EQ(model.Acknowledge(AfterStart(320ms), old), 300ms);
  EXPECT_EQ(model.Position(AfterStart(320ms)), 310ms);
}

TEST(PlayoutModelTest, TwoClearsCapAMarkAtTheFirst) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 1000ms);
  const auto mark = model.AddMark();
  model.Clear(AfterStart(300ms));
  model.Append(AfterStart(300ms), 1000ms);
  model.Clear(AfterStart(700ms));
  EXPECT_EQ(model.Acknowledge(AfterStart(710ms), mark), 300ms);
}

TEST(PlayoutModelTest, AMarkBehindTheModelDoesNotTurnItBack) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 100ms);
  const auto mark = model.AddMark();
  model.Append(AfterStart(0ms), 900ms);
  EXPECT_EQ(model.Acknowledge(AfterStart(400ms), mark), 100ms);
  EXPECT_EQ(model.Position(AfterStart(400ms)), 400ms);
}

TEST(PlayoutModelTest, AMarkAheadOfTheModelMovesItForward) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 1000ms);
  const auto mark = model.AddMark();
  model.Append(AfterStart(0ms), 1000ms);
  EXPECT_EQ(model.Acknowledge(AfterStart(990ms), mark), 1000ms);
  EXPECT_EQ(model.Position(AfterStart(990ms)), 1000ms);
  EXPECT_EQ(model.Position(AfterStart(1090ms)), 1100ms);
}

TEST(PlayoutModelTest, RepeatedAndInventedMarksProveNothing) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 100ms);
  const auto mark = model.AddMark();
  EXPECT_FALSE(model.Acknowledge(AfterStart(100ms), 0).has_value());
  EXPECT_FALSE(model.Acknowledge(AfterStart(100ms), mark + 1).has_value());
  EXPECT_TRUE(model.Acknowledge(AfterStart(100ms), mark).has_value());
  EXPECT_FALSE(model.Acknowledge(AfterStart(100ms), mark).has_value());
}

TEST(PlayoutModelTest, ALaterMarkAcknowledgesTheOnesBeforeIt) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 100ms);
  const auto first = model.AddMark();
  model.Append(AfterStart(0ms), 100ms);
  const auto second = model.AddMark();
  EXPECT_EQ(model.Acknowledge(AfterStart(200ms), second), 200ms);
  EXPECT_FALSE(model.Acknowledge(AfterStart(200ms), first).has_value());
}

TEST(PlayoutModelTest, PendingMarksAreBounded) {
  PlayoutModel model;
  for (size_t i = 0; i < PlayoutModel::kMaxPendingMarks; ++i) ASSERT_NE(model.AddMark(), 0u);
  EXPECT_EQ(model.AddMark(), 0u);
  EXPECT_TRUE(model.Acknowledge(AfterStart(0ms), 1).has_value());
  EXPECT_NE(model.AddMark(), 0u);
}

TEST(PlayoutModelTest, AnEarlierTimeDoesNotTurnThePositionBack) {
  PlayoutModel model;
  model.Append(AfterStart(1000ms), 100ms);
  EXPECT_EQ(model.Position(AfterStart(900ms)), 0ms);
  model.Append(AfterStart(1200ms), 100ms);
  EXPECT_EQ(model.Position(AfterStart(1100ms)), 100ms);
}

TEST(PlayoutModelTest, NoLengthIsNoAudio) {
  PlayoutModel model;
  model.Append(AfterStart(0ms), 0ms);
  model.Append(AfterStart(0ms), -5ms);
  EXPECT_EQ(model.sent(), 0ms);
}

}  // namespace
}  // namespace dragoman
