#include "src/agent/near_voice.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "gtest/gtest.h"
#include "src/agent/agent_envelope.h"
#include "src/agent/speech_edges.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;
using Standing = NearVoice::Standing;
constexpr float kSilence = LevelHistory::kQuietest;

// The level of a crowd: swells of 200 and 270 ms, 10 dB deep, the loudest frames at `loudest`.
float Crowd(int frame, float loudest) {
  const double swell =
      std::sin(2 * std::numbers::pi * frame / 10) + std::sin(2 * std::numbers::pi * frame / 13.5);
  return loudest - 5 + static_cast<float>(2.5 * swell);
}

// Drives the border and the edges as the listener does, with frames that all sound like speech.
class NearVoiceTest : public ::testing::Test {
 protected:
  SpeechEdges::Change Hear(float db, int speech_per_mille = 900, float agent_db = kSilence) {
    standing_ = near_.Take(db, speech_per_mille, agent_db, edges_.speaking());
    const SpeechEdges::Change change = edges_.Update(speech_per_mille, standing_);
    starts_ += change == SpeechEdges::Change::kStarted;
    stops_ += change == SpeechEdges::Change::kStopped;
    return change;
  }
  void HearCrowd(int frames, float loudest) {
    for (int i = 0; i < frames; ++i) Hear(Crowd(at_++, loudest));
  }
  // Frames until speech is taken to have started, at most 100.
  int FramesToStart(float db, float agent_db = kSilence) {
    for (int i = 1; i <= 100; ++i) {
      if (Hear(db, 900, agent_db) == SpeechEdges::Change::kStarted) return i;
    }
    return 101;
  }

  NearVoice near_;
  SpeechEdges edges_;
  Standing standing_ = Standing::kBelow;
  int at_ = 0;
  int starts_ = 0;
  int stops_ = 0;
};

TEST_F(NearVoiceTest, ASoftCallerOnAQuietLineStartsWithTheThirdFrame) {
  for (int i = 0; i < 100; ++i) Hear(kSilence, 0);
  EXPECT_EQ(FramesToStart(-50), 3);
}

TEST_F(NearVoiceTest, ASoftCallerStartsAtOnceAlsoInTheFirstTenthOfASecond) {
  for (int i = 0; i < 6; ++i) Hear(kSilence, 0);
  EXPECT_EQ(FramesToStart(-50), 3);
}

TEST_F(NearVoiceTest, ACrowdFromTheFirstFrameOnNeverCountsAsTheCaller) {
  HearCrowd(3000, -32);
  EXPECT_EQ(starts_, 0);
  EXPECT_TRUE(near_.crowded());
}

TEST_F(NearVoiceTest, ACallerAboveTheCrowdStartsAndStopsWhileTheCrowdGoesOn) {
  HearCrowd(300, -32);
  EXPECT_EQ(FramesToStart(-21), 3);
  for (int i = 0; i < 50; ++i) Hear(-21);
  HearCrowd(12, -32);
  EXPECT_EQ(stops_, 1);
  HearCrowd(1000, -32);
  EXPECT_EQ(starts_, 1);
}

TEST_F(NearVoiceTest, ACallerWhoWasLoudIsHeardWhenTheySpeakSofter) {
  HearCrowd(300, -40);
  for (int i = 0; i < 100; ++i) Hear(-15);
  near_.WasCaller();
  HearCrowd(100, -40);
  EXPECT_EQ(FramesToStart(-29), 3);
}

TEST_F(NearVoiceTest, ACallWhoseFirstFrameIsSpeechStartsOnceTheVoicePauses) {
  for (int i = 0; i < 10; ++i) Hear(-25);
  EXPECT_EQ(starts_, 0) << "it may be a crowd";
  for (int i = 0; i < 4; ++i) Hear(-70, 100);
  EXPECT_EQ(FramesToStart(-25), 3);
}

TEST_F(NearVoiceTest, ACrowdThatComesInAndBringsNoWordsIsBackgroundThen) {
  for (int i = 0; i < 200; ++i) Hear(kSilence, 0);
  HearCrowd(150, -32);
  EXPECT_TRUE(edges_.speaking());
  near_.WasBackground(100);
  HearCrowd(20, -32);
  EXPECT_FALSE(edges_.speaking());
  HearCrowd(500, -32);
  EXPECT_EQ(starts_, 1);
}

TEST_F(NearVoiceTest, ACallerWhoIsNotUnderstoodIsStillHeard) {
  for (int i = 0; i < 200; ++i) Hear(kSilence, 0);
  for (int word = 0; word < 10; ++word) {  // three seconds, with pauses
    for (int i = 0; i < 11; ++i) Hear(-25);
    for (int i = 0; i < 4; ++i) Hear(-55, 500);
  }
  near_.WasBackground(100);
  for (int i = 0; i < 50; ++i) Hear(kSilence, 0);
  EXPECT_EQ(FramesToStart(-25), 3);
}

TEST_F(NearVoiceTest, WordsThatComeLateTakeBackWhatWasLearnt) {
  for (int i = 0; i < 200; ++i) Hear(kSilence, 0);
  for (int i = 0; i < 150; ++i) Hear(-25);  // a voice that never pauses
  near_.WasBackground(100);
  near_.WasCaller();
  for (int i = 0; i < 50; ++i) Hear(kSilence, 0);
  EXPECT_EQ(FramesToStart(-25), 3);
}

TEST_F(NearVoiceTest, AfterSoundsWithoutWordsMoreIsNeededForAWhile) {
  HearCrowd(400, -32);
  const float before = near_.border_db();
  near_.WasNothing();
  near_.WasNothing();
  Hear(-40);
  EXPECT_NEAR(near_.border_db(), before + 4, 0.6);
  HearCrowd(1200, -32);
  EXPECT_NEAR(near_.border_db(), before, 0.6);
}

TEST_F(NearVoiceTest, TheAgentsEchoDoesNotCountAndTheCallerOverItDoes) {
  for (int i = 0; i < 50; ++i) Hear(-70, 0);
  for (int i = 0; i < 200; ++i) Hear(-16 - 25, 900, -16);  // 25 dB below
  EXPECT_EQ(starts_, 0);
  EXPECT_TRUE(near_.only_echo());
  EXPECT_EQ(FramesToStart(-22, -16), 3);
  EXPECT_FALSE(near_.only_echo());
}

TEST_F(NearVoiceTest, TheEchoMayLagBehindTheAgentsLastWord) {
  for (int i = 0; i < 50; ++i) Hear(-70, 0);
  for (int i = 0; i < 100; ++i) Hear(-41, 900, -16);
  for (int i = 0; i < 25; ++i) Hear(-41, 900);  // 500 ms
  EXPECT_EQ(starts_, 0);
}

TEST_F(NearVoiceTest, ACallerSofterThanTheEchoIsHeardOnceTheAgentIsSilent) {
  for (int i = 0; i < 60; ++i) Hear(-70, 0);
  for (int i = 0; i < 300; ++i) Hear(-31, 900, -16);
  for (int i = 0; i < 31; ++i) Hear(-70, 0);
  EXPECT_EQ(FramesToStart(-45), 3);
}

TEST_F(NearVoiceTest, ACrowdUnderTheAgentsVoiceIsNoEcho) {
  HearCrowd(60, -35);
  int only_echo = 0;
  for (int i = 0; i < 300; ++i) {
    Hear(Crowd(at_++, -35), 900, -16);
    only_echo += near_.only_echo();
  }
  EXPECT_EQ(starts_, 0);
  EXPECT_LE(only_echo, 60) << "the loudest tenth and some";
}

TEST_F(NearVoiceTest, WithoutAnEchoASoftCallerMayTalkOverTheAgent) {
  for (int i = 0; i < 60; ++i) Hear(kSilence, 0, -16);
  EXPECT_EQ(FramesToStart(-50, -16), 3);
}

TEST(SpeechEdgesTest, ASpeechOfOthersEndsTheCallersAfterSevenFrames) {
  SpeechEdges edges;
  for (int i = 0; i < 10; ++i) edges.Update(900, Standing::kAbove);
  ASSERT_TRUE(edges.speaking());
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(edges.Update(900, Standing::kBelow), SpeechEdges::Change::kNone);
  }
  EXPECT_EQ(edges.Update(900, Standing::kBetween), SpeechEdges::Change::kNone);
  EXPECT_EQ(edges.Update(900, Standing::kBelow), SpeechEdges::Change::kStopped);
  EXPECT_EQ(edges.changed_at(), milliseconds(200)) << "what lies between is part of the pause";
}

TEST(AgentEnvelopeTest, TellsTheLoudestBetweenTwoPositions) {
  AgentEnvelope envelope(8000);
  envelope.Queued(std::vector<std::int16_t>(160, 328));   // -40 dB
  envelope.Queued(std::vector<std::int16_t>(160, 3277));  // -20 dB
  envelope.Queued(std::vector<std::int16_t>(80, 3277));   // not a whole block yet
  EXPECT_NEAR(envelope.HeardUntil(milliseconds(20)), -40, 0.1);
  EXPECT_NEAR(envelope.HeardUntil(milliseconds(40)), -20, 0.1);
  EXPECT_EQ(envelope.HeardUntil(milliseconds(40)), kSilence) << "nothing was heard in between";
}

TEST(AgentEnvelopeTest, WhatTheLineDroppedIsNotHeard) {
  AgentEnvelope envelope(8000);
  envelope.Queued(std::vector<std::int16_t>(1600, 3277));
  EXPECT_NEAR(envelope.HeardUntil(milliseconds(100)), -20, 0.1);
  envelope.Cleared(milliseconds(100));
  envelope.Queued(std::vector<std::int16_t>(160, 328));
  EXPECT_NEAR(envelope.HeardUntil(milliseconds(120)), -40, 0.1);
}

}  // namespace
}  // namespace dragoman
