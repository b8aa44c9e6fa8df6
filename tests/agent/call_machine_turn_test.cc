// When is it whose turn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/call_rig.h"

namespace dragoman {
namespace {

using call_command::AskModel;
using call_command::CancelModel;
using call_command::CommitReply;
using call_command::FlushRecognizer;
using call_command::NoticeKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A call after its greeting, the floor free.
struct Listening : CallRig {
  explicit Listening(CallMachineOptions options = PlainOptions()) : CallRig(std::move(options)) {
    Start();
    Run(1000);
  }
};

std::int64_t EndpointAfter(std::string_view words) {
  Listening call;
  call.Says(words);
  const std::int64_t stopped = call.now_ms() - 140;
  call.Run(4000);
  return call.NoticeAtMs(NoticeKind::kMarkEndpoint) - stopped;
}

TEST(CallMachineTurnTest, FinishedWordsNeedTheShortestSilence) {
  EXPECT_EQ(EndpointAfter("book it for monday"), 300);
}

TEST(CallMachineTurnTest, WordsThatMayGoEitherWayNeedTheUsualSilence) {
  EXPECT_EQ(EndpointAfter("I need help"), 700);
}

TEST(CallMachineTurnTest, WordsThatAskForMoreAreGivenTime) {
  EXPECT_EQ(EndpointAfter("I would like to"), 1600);
}

TEST(CallMachineTurnTest, AHesitationIsGivenTime) {
  EXPECT_EQ(EndpointAfter("book it for monday uh"), 1600);
}

TEST(CallMachineTurnTest, ADialogueStateSetsItsOwnSilence) {
  Listening call;
  call.Turn("book it for monday");
  call.Text("Please spell your name.");
  call.Done(call_event::ModelFinish::kComplete, 1200);
  call.Run(3000);
  call.Says("book it for monday");
  const std::int64_t stopped = call.now_ms() - 140;
  call.Run(4000);
  EXPECT_EQ(call.NoticeAtMs(NoticeKind::kMarkEndpoint) - stopped, 1200);
}

TEST(CallMachineTurnTest, TheStateOfTheReplyBeforeDoesNotLinger) {
  Listening call;
  call.Turn("book it for monday");
  call.Text("Please spell your name.");
  call.Done(call_event::ModelFinish::kComplete, 1200);
  call.Run(3000);
  call.Turn("book it for monday");
  call.Run(1000);
  call.Reply("Thank you very much.");
  call.Run(3000);
  call.Says("I need help");
  const std::int64_t stopped = call.now_ms() - 140;
  call.Run(4000);
  EXPECT_EQ(call.NoticeAtMs(NoticeKind::kMarkEndpoint) - stopped, 700);
}

TEST(CallMachineTurnTest, AFinishedTurnIsAskedOfTheModelOnce) {
  Listening call;
  call.Turn("book it for monday");
  EXPECT_EQ(call.Count<AskModel>(), 1);
  EXPECT_FALSE(call.Last<AskModel>().speculative);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday"));
}

TEST(CallMachineTurnTest, TheTranscriptIsAskedForBeforeTheSilenceIsOver) {
  Listening call;
  call.Says("I need help");  // 140 ms of the silence are over
  call.Run(409);
  EXPECT_EQ(call.Count<FlushRecognizer>(), 0);
  call.Run(1);  // 700 - 150
  EXPECT_EQ(call.Count<FlushRecognizer>(), 1);
  EXPECT_EQ(call.Count<AskModel>(), 0);
}

TEST(CallMachineTurnTest, TheFinalTextCountsNotThePartial) {
  Listening call;
  call.behave.answer_flush = false;
  call.Says("book it for sunday");
  call.Run(100);
  call.Feed(call_event::Final{"book it for monday", 900, true, 1000, 1600});
  call.Run(1000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday"));
}

TEST(CallMachineTurnTest, AFinalThatNeverComesCostsItsDeadline) {
  Listening call;
  call.behave.answer_flush = false;
  call.Says("book it for monday");
  const std::int64_t stopped = call.now_ms() - 140;
  call.Run(4000);
  EXPECT_EQ(call.NoticeAtMs(NoticeKind::kMarkEndpoint) - stopped, 1300);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday"));
}

TEST(CallMachineTurnTest, AFinalThatComesTooLateIsNotAnotherTurn) {
  Listening call;
  call.behave.answer_flush = false;
  call.Says("book it for monday");
  call.Run(2000);
  call.Feed(call_event::Final{"book it for monday", 900, true, 1000, 1660});
  call.Run(3000);
  EXPECT_EQ(call.Count<AskModel>(), 1);
}

TEST(CallMachineTurnTest, AnUnansweredFlushDoesNotDeafenTheNextTurn) {
  Listening call;
  call.behave.answer_flush = false;
  call.Says("book it for monday");
  call.Run(2000);
  call.Reply("Which time?");
  call.Run(3000);
  call.behave.answer_flush = true;
  call.Turn("tomorrow at ten");
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday",
                                          "agent: Which time?", "user: tomorrow at ten"));
}

TEST(CallMachineTurnTest, SpeechThatGoesOnAfterAPauseIsOneTurn) {
  Listening call;
  call.Says("I would like to");
  call.Run(800);
  call.Says("I would like to book it for monday");
  call.Run(3000);
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: I would like to book it for monday"));
}

TEST(CallMachineTurnTest, SpeechThatGoesOnWhileTheFinalIsAwaitedIsOneTurn) {
  Listening call;
  call.behave.final_ms = 700;
  call.Says("I need help");
  call.Run(650);  // the silence is over, the final is not here
  EXPECT_EQ(call.silence(), SilenceKind::kWaitingForTranscript);
  call.SoundOn();
  call.Run(800);
  call.Partial("book it for monday");
  call.SoundOff();
  call.Run(3000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: I need help book it for monday"));
  EXPECT_EQ(call.Count<AskModel>(), 1);
}

TEST(CallMachineTurnTest, PiecesThatTheRecogniserClosesAreOneTurn) {
  Listening call;
  call.SoundOn();
  call.Feed(call_event::Final{"I would like", 900, false, 1000, 1300});
  call.Run(300);
  call.Partial("to come on monday");
  call.SoundOff();
  call.Run(3000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: I would like to come on monday"));
}

TEST(CallMachineTurnTest, WordsWithoutASoundAreATurnToo) {
  Listening call;
  call.Partial("book it for monday");  // too soft for the detector
  call.Run(3000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday"));
}

TEST(CallMachineTurnTest, ASoundWithoutWordsIsNoTurn) {
  Listening call;
  call.Says("");
  call.Run(3000);
  EXPECT_EQ(call.Count<AskModel>(), 0);
  EXPECT_EQ(call.NoticeText(NoticeKind::kTurnWithdrawn), "no words");
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi."));
}

TEST(CallMachineTurnTest, ASoundThatNeverStopsWithoutWordsIsNoise) {
  Listening call;
  call.SoundOn();
  call.Run(2900);
  EXPECT_EQ(call.states(), "up, speaking, idle, silent, idle");
  call.Run(200);
  EXPECT_EQ(call.states(), "up, noise, idle, silent, idle");
  EXPECT_EQ(call.silence(), SilenceKind::kCallerTurn);
}

TEST(CallMachineTurnTest, WordsAreHeardThroughNoise) {
  Listening call;
  call.SoundOn();
  call.Run(5000);
  call.Partial("book it for monday");
  call.Run(300);
  call.SoundOff();
  call.Run(3000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday"));
}

TEST(CallMachineTurnTest, NoiseAfterTheWordsDoesNotKeepTheTurnOpen) {
  Listening call;
  call.SoundOn();
  call.Run(500);
  call.Partial("book it for monday");
  call.Run(4500);  // the sound goes on, the words do not
  EXPECT_EQ(call.Count<AskModel>(), 1);
}

TEST(CallMachineTurnTest, ATurnThatNeverStopsIsInterruptedPolitely) {
  CallMachineOptions options = PlainOptions();
  options.max_turn = std::chrono::milliseconds(5000);
  Listening call(options);
  call.SoundOn();
  for (int i = 1; i <= 12; ++i) {
    call.Run(500);
    call.Partial("and then he said " + std::to_string(i));
  }
  call.Run(1000);
  EXPECT_EQ(call.Count<AskModel>(), 1);
  EXPECT_THAT(call.spoken(), ElementsAre("Hi.", "Sorry to interrupt."));
  // The answer is said to its end, whatever the caller goes on saying.
  call.Reply("Let me stop you there.");
  call.Partial("and then she said something else");
  call.Run(5000);
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", "Sorry to interrupt.", "Let me stop you there."));
}

TEST(CallMachineTurnTest, WordsWhileTheModelThinksBelongToTheTurn) {
  Listening call;
  call.Turn("I need help");
  call.Says("book it for monday");
  EXPECT_EQ(call.Count<CancelModel>(), 1);
  call.Run(3000);
  EXPECT_EQ(call.Count<AskModel>(), 2);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: I need help book it for monday"));
}

TEST(CallMachineTurnTest, AMurmurWhileTheModelThinksIsIgnored) {
  Listening call;
  call.Turn("book it for monday");
  call.Says("mm-hm");
  call.Run(1000);
  EXPECT_EQ(call.Count<CancelModel>(), 0);
  call.Reply("Done.");
  call.Run(2000);
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: book it for monday", "agent: Done."));
}

TEST(CallMachineTurnTest, TheAgentDoesNotBeginToSpeakIntoTheCallersWords) {
  Listening call;
  call.Turn("book it for monday");
  call.SoundOn();
  call.Reply("Done.");
  call.Run(400);
  EXPECT_THAT(call.spoken(), ElementsAre("Hi."));
  call.SoundOff();
  call.Run(2000);  // it was a cough
  EXPECT_THAT(call.spoken(), ElementsAre("Hi.", "Done."));
}

TEST(CallMachineTurnTest, ATurnModelCanShortenTheSilence) {
  Listening call;
  call.Says("I need help");
  const std::int64_t stopped = call.now_ms() - 140;
  call.Feed(call_event::TurnEstimated{call.Last<call_command::EstimateTurn>().request, 1000});
  call.Run(2000);
  EXPECT_EQ(call.NoticeAtMs(NoticeKind::kMarkEndpoint) - stopped, 300);
}

TEST(CallMachineTurnTest, AnEstimateOfOtherWordsIsIgnored) {
  Listening call;
  call.Says("I need help");
  const std::int64_t stopped = call.now_ms() - 140;
  call.Feed(call_event::TurnEstimated{call.Last<call_command::EstimateTurn>().request - 1, 1000});
  call.Run(2000);
  EXPECT_EQ(call.NoticeAtMs(NoticeKind::kMarkEndpoint) - stopped, 700);
}

// --- keys ----------------------------------------------------------------------------------------

TEST(CallMachineTurnTest, KeysAreATurnAfterAPause) {
  Listening call;
  call.Press("1234");
  EXPECT_EQ(call.silence(), SilenceKind::kCollectingDigits);
  call.Run(1900);
  EXPECT_EQ(call.Count<AskModel>(), 0);
  call.Run(200);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: dtmf: 1234"));
  EXPECT_EQ(call.Count<AskModel>(), 1);
}

TEST(CallMachineTurnTest, TheHashKeyEndsTheKeys) {
  Listening call;
  call.Press("12#");
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: dtmf: 12"));
}

TEST(CallMachineTurnTest, AHashAloneIsAKey) {
  Listening call;
  call.Press("#");
  call.Run(2100);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: dtmf: #"));
}

TEST(CallMachineTurnTest, KeysBeyondTheLimitEndTheTurn) {
  CallMachineOptions options = PlainOptions();
  options.max_digits = 4;
  Listening call(options);
  call.Press("1234");
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: dtmf: 1234"));
}

TEST(CallMachineTurnTest, KeysAndWordsAreOneTurn) {
  Listening call;
  call.SoundOn();
  call.Partial("my number is");
  call.Press("42");
  call.Run(500);
  call.SoundOff();
  call.Run(4000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: my number is dtmf: 42"));
}

TEST(CallMachineTurnTest, WhatIsNoKeyIsIgnored) {
  Listening call;
  call.Press("1x2");
  call.Run(2100);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: dtmf: 12"));
}

// --- speculation ---------------------------------------------------------------------------------

CallMachineOptions Ahead() {
  CallMachineOptions options = PlainOptions();
  options.speculate = true;
  return options;
}

TEST(CallMachineSpeculationTest, TheModelIsAskedAheadWhenTheWordsLookFinished) {
  Listening call(Ahead());
  call.Says("book it for monday");
  call.Run(10);
  ASSERT_EQ(call.Count<AskModel>(), 1);
  EXPECT_TRUE(call.Last<AskModel>().speculative);
  EXPECT_EQ(call.Last<AskModel>().provisional_text, "book it for monday");
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi."));
}

TEST(CallMachineSpeculationTest, NotWhenTheyDoNot) {
  Listening call(Ahead());
  call.Says("I need help");
  call.Run(400);
  EXPECT_EQ(call.Count<AskModel>(), 0);
}

TEST(CallMachineSpeculationTest, NothingSpeculativeIsSpoken) {
  Listening call(Ahead());
  call.Says("book it for monday");
  call.Run(10);
  call.Reply("It is booked.");
  call.Run(100);
  EXPECT_THAT(call.spoken(), ElementsAre("Hi."));
  call.Run(1000);
  EXPECT_THAT(call.spoken(), ElementsAre("Hi.", "It is booked."));
}

TEST(CallMachineSpeculationTest, NoToolOfItRunsBeforeItIsReal) {
  Listening call(Ahead());
  call.Says("book it for monday");
  call.Run(10);
  call.Call("book");
  call.Done();
  call.Run(100);
  EXPECT_EQ(call.Count<call_command::RunTool>(), 0);
  call.Run(1000);
  EXPECT_EQ(call.Count<call_command::RunTool>(), 1);
}

TEST(CallMachineSpeculationTest, ItIsKeptWhenTheFinalSaysTheSame) {
  Listening call(Ahead());
  call.behave.answer_flush = false;
  call.Says("book it for monday");
  call.Run(10);
  call.Feed(call_event::Final{"Book it for Monday.", 900, true, 1000, 1600});
  call.Run(1000);
  EXPECT_EQ(call.Count<CommitReply>(), 1);
  EXPECT_EQ(call.Count<AskModel>(), 1);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: Book it for Monday."));
}

TEST(CallMachineSpeculationTest, ItIsDroppedWhenTheFinalSaysAnotherThing) {
  Listening call(Ahead());
  call.behave.answer_flush = false;
  call.Says("book it for monday");
  call.Run(10);
  call.Text("Mon");
  call.Feed(call_event::Final{"book it for sunday", 900, true, 1000, 1600});
  EXPECT_EQ(call.Count<CancelModel>(), 1);
  EXPECT_EQ(call.Count<CommitReply>(), 0);
  call.Run(1000);
  EXPECT_EQ(call.Last<CommitReply>().reply, 2);  // the words of the final were tried ahead too
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for sunday"));
}

TEST(CallMachineSpeculationTest, ItIsDroppedWhenTheCallerGoesOn) {
  Listening call(Ahead());
  call.Says("book it for monday");
  call.Run(10);
  call.SoundOn();
  call.Run(300);
  call.Partial("book it for monday or rather");
  EXPECT_EQ(call.Count<CancelModel>(), 1);
  EXPECT_EQ(call.Noticed(NoticeKind::kSpeculationDropped), 1);
}

TEST(CallMachineSpeculationTest, AFailureOfItIsNotTheCallers) {
  Listening call(Ahead());
  call.Says("book it for monday");
  call.Run(10);
  call.FailModel();
  call.Run(1000);
  ASSERT_EQ(call.Count<AskModel>(), 2);
  EXPECT_FALSE(call.Last<AskModel>().speculative);
  EXPECT_EQ(call.Noticed(NoticeKind::kModelFailed), 0);
}

TEST(CallMachineSpeculationTest, ItIsTriedOncePerText) {
  Listening call(Ahead());
  call.behave.final_ms = 900;
  call.Says("book it for monday");
  call.Run(10);
  call.FailModel();
  call.Run(500);
  EXPECT_EQ(call.Count<AskModel>(), 1);
}

TEST(CallMachineSpeculationTest, ALateReplyToItIsWaitedForAfterTheTurn) {
  Listening call(Ahead());
  call.Says("book it for monday");
  call.Run(1000);
  EXPECT_EQ(call.silence(), SilenceKind::kModelThinking);
  call.Reply("It is booked.");
  call.Run(2000);
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: book it for monday", "agent: It is booked."));
}

}  // namespace
}  // namespace dragoman
