// The caller speaks while the agent does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/call_rig.h"

namespace dragoman {
namespace {

using call_command::AskModel;
using call_command::CancelModel;
using call_command::CancelSpeech;
using call_command::ClearPlayout;
using call_command::NoticeKind;
using call_command::Settled;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// 50 ms a character, begun 100 ms after it was asked for.
constexpr char kReply[] = "We are open on Tuesday at ten.";

// A call in which the agent has just begun to say kReply.
struct Talking : CallRig {
  explicit Talking(std::string_view reply = kReply, CallMachineOptions options = PlainOptions())
      : CallRig(std::move(options)) {
    Start();
    Run(1000);
    Turn("book it for monday");
    Reply(reply);
    Run(100);
  }
};

TEST(CallMachineInterruptTest, WordsStopTheAgentAtOnce) {
  Talking call;
  call.Run(600);
  call.SoundOn();
  call.Run(100);
  EXPECT_EQ(call.Count<ClearPlayout>(), 0);
  call.Partial("no wait");
  EXPECT_EQ(call.Count<ClearPlayout>(), 1);
  EXPECT_FALSE(call.talking());
  EXPECT_EQ(call.NoticeText(NoticeKind::kBargeIn), "no wait");
}

TEST(CallMachineInterruptTest, ASoundAloneStopsItOnceItLasts) {
  Talking call;
  call.Run(600);
  call.SoundOn(60);
  call.Run(139);
  EXPECT_EQ(call.Count<ClearPlayout>(), 0);
  call.Run(1);  // 200 ms from the onset
  EXPECT_EQ(call.Count<ClearPlayout>(), 1);
  EXPECT_EQ(call.silence(), SilenceKind::kNone);  // the caller is speaking
}

TEST(CallMachineInterruptTest, AShortSoundDoesNot) {
  Talking call;
  call.Run(400);
  call.SoundOn(60);
  call.Run(100);
  call.SoundOff(0);
  call.Run(4000);
  EXPECT_EQ(call.Count<ClearPlayout>(), 0);
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", kReply));
}

TEST(CallMachineInterruptTest, OnlyWhatWasHeardEntersTheHistory) {
  Talking call;
  call.Run(600);  // 600 ms at 50 ms a character: "We are open "
  call.SoundOn();
  call.Partial("no wait");
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: book it for monday", "agent: We are open"));
  EXPECT_EQ(call.Last<Settled>().heard, "We are open");
  EXPECT_EQ(call.Last<Settled>().unheard, "on Tuesday at ten.");
  EXPECT_EQ(call.Last<Settled>().heard_ms, 600);
}

TEST(CallMachineInterruptTest, AWordThatWasCutWasNotHeard) {
  Talking call;
  call.Run(540);  // "We are ope"
  call.SoundOn();
  call.Partial("no wait");
  EXPECT_EQ(call.Last<Settled>().heard, "We are");
}

TEST(CallMachineInterruptTest, WordTimesTellWhatWasHeard) {
  CallRig call(PlainOptions());
  call.behave.word_times = true;
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Reply(kReply);
  call.Run(100 + 560);  // "open" ends at 550
  call.SoundOn();
  call.Partial("no wait");
  EXPECT_EQ(call.Last<Settled>().heard, "We are open");
}

TEST(CallMachineInterruptTest, NothingHeardIsNoEntry) {
  Talking call;
  call.SoundOn();
  call.Partial("no wait");
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday"));
}

TEST(CallMachineInterruptTest, TheModelAndTheVoiceAreCancelled) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Text("We are open on Tuesday. We are open on Wednesday. ");
  call.Run(300);
  call.SoundOn();
  call.Partial("no wait");
  EXPECT_EQ(call.Count<CancelModel>(), 1);
  call.Run(3000);
  EXPECT_THAT(call.spoken(),
              ElementsAre("Hi.", "We are open on Tuesday.", "We are open on Wednesday."));
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", "We"));  // 200 ms
}

TEST(CallMachineInterruptTest, AnUtteranceThatIsStillBeingMadeIsCancelled) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.behave.first_audio_ms = 600;
  call.Reply(kReply);
  call.Run(300);
  call.SoundOn();
  call.Partial("no wait");
  EXPECT_EQ(call.Count<CancelSpeech>(), 1);
  call.Run(5000);
  EXPECT_THAT(call.heard(), ElementsAre("Hi."));
}

TEST(CallMachineInterruptTest, TheTurnThatInterruptsIsAnswered) {
  Talking call;
  call.Run(600);
  call.Says("book it for sunday");
  call.Run(1000);
  EXPECT_EQ(call.Count<AskModel>(), 2);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday",
                                          "agent: We are open on", "user: book it for sunday"));
}

TEST(CallMachineInterruptTest, LateEventsOfWhatWasCancelledAreIgnored) {
  Talking call;
  call.Run(600);
  call.SoundOn();
  call.Partial("no wait");
  const std::size_t before = call.commands().size();
  call.Feed(call_event::ModelText{1, "and more"});
  call.Feed(call_event::SpeechAudio{2, 600, 900});
  call.Feed(call_event::SpeechEnd{2, 900, true});
  call.Feed(call_event::TimerFired{CallTimer::kBargeIn});
  EXPECT_EQ(call.commands().size(), before);
}

TEST(CallMachineInterruptTest, AnInterruptionWithoutWordsIsTakenBack) {
  Talking call;
  call.Run(600);
  call.Says("", 400);  // a cough
  EXPECT_EQ(call.Count<ClearPlayout>(), 1);
  call.Run(600);
  EXPECT_EQ(call.Noticed(NoticeKind::kFalseInterruption), 1);
  call.Run(4000);
  EXPECT_EQ(call.Count<AskModel>(), 1);
  // The agent goes on with the first word that was not heard.
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", "We are open on", "Tuesday at ten."));
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday",
                                          "agent: We are open on Tuesday at ten."));
}

TEST(CallMachineInterruptTest, AFalseStopEndsThoughTheFinalIsLate) {
  Talking call;
  call.behave.answer_flush = false;
  call.Run(600);
  call.Says("", 400);
  call.Run(1000);
  EXPECT_EQ(call.Noticed(NoticeKind::kFalseInterruption), 0);
  call.Run(100);  // 1200 ms after the sound
  EXPECT_EQ(call.Noticed(NoticeKind::kFalseInterruption), 1);
}

TEST(CallMachineInterruptTest, AMurmurIsNoInterruption) {
  Talking call;
  call.Run(400);
  call.SoundOn(60);
  call.Run(100);
  call.Partial("mm-hm");
  EXPECT_EQ(call.Count<ClearPlayout>(), 0);
  call.SoundOff(0);
  call.Run(4000);
  EXPECT_EQ(call.Noticed(NoticeKind::kBackchannel), 1);
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", kReply));
  EXPECT_EQ(call.Count<AskModel>(), 1);
}

TEST(CallMachineInterruptTest, ALongMurmurStopsItForAMoment) {
  Talking call;
  call.Run(400);
  call.Says("mm-hm", 400);
  call.Run(4000);
  EXPECT_EQ(call.Noticed(NoticeKind::kBargeIn), 0);
  EXPECT_EQ(call.Noticed(NoticeKind::kFalseInterruption), 1);
  EXPECT_EQ(call.Count<AskModel>(), 1);
  EXPECT_EQ(call.history().back(), "agent: We are open on Tuesday at ten.");
}

TEST(CallMachineInterruptTest, AMurmurThatGoesOnIsWords) {
  Talking call;
  call.Run(400);
  call.SoundOn(60);
  call.Run(100);
  call.Partial("okay");
  EXPECT_EQ(call.Count<ClearPlayout>(), 0);
  call.Partial("okay but on monday");
  EXPECT_EQ(call.Count<ClearPlayout>(), 1);
  EXPECT_EQ(call.Noticed(NoticeKind::kBargeIn), 1);
}

TEST(CallMachineInterruptTest, OkayAtTheEndOfAQuestionIsItsAnswer) {
  Talking call("Shall I book it?");  // 800 ms
  call.Run(500);
  call.Says("okay", 350);
  call.Run(2000);
  EXPECT_EQ(call.Count<AskModel>(), 2);
  EXPECT_EQ(call.history().back(), "user: okay");
}

TEST(CallMachineInterruptTest, TheAgentsOwnWordsComingBackAreNoInterruption) {
  Talking call("We are open on Tuesday at ten and on Friday at noon.");
  call.Run(1500);
  call.SoundOn(60);
  call.Run(100);
  call.Partial("are open on tuesday");
  EXPECT_EQ(call.Count<ClearPlayout>(), 0);
  EXPECT_EQ(call.Noticed(NoticeKind::kEcho), 1);
  call.SoundOff(0);
  call.Run(4000);
  EXPECT_EQ(call.Count<AskModel>(), 1);
  EXPECT_EQ(call.NoticeText(NoticeKind::kTurnWithdrawn), "echo");
}

TEST(CallMachineInterruptTest, WhatMayNotBeInterruptedIsSaidToItsEnd) {
  CallMachineOptions options = PlainOptions();
  options.greeting = "This call is recorded.";
  options.greeting_interruptible = false;
  CallRig call(options);
  call.Start();
  call.Run(300);
  call.Says("book it for monday");
  call.Run(3000);
  EXPECT_EQ(call.Count<ClearPlayout>(), 0);
  EXPECT_EQ(call.heard().front(), "This call is recorded.");
  EXPECT_THAT(call.history(),
              ElementsAre("agent: This call is recorded.", "user: book it for monday"));
  EXPECT_EQ(call.Count<AskModel>(), 1);
}

TEST(CallMachineInterruptTest, AKeyInterrupts) {
  Talking call;
  call.Run(600);
  call.Press("1");
  EXPECT_EQ(call.Count<ClearPlayout>(), 1);
  EXPECT_FALSE(call.talking());
}

TEST(CallMachineInterruptTest, AToolThatRunsIsNotCancelledAndItsResultIsKept) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Text("Let me book that.");
  call.Call("book");
  call.Done();
  call.Run(300);
  ASSERT_EQ(call.Count<call_command::RunTool>(), 1);
  call.Says("book it for sunday");
  call.Run(1000);
  EXPECT_EQ(call.Count<AskModel>(), 1);  // it waits for the tool
  EXPECT_EQ(call.silence(), SilenceKind::kToolRunning);
  call.ToolDone("booked monday");
  EXPECT_EQ(call.Count<AskModel>(), 2);
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: book it for monday", "agent: Let me [book]",
                          "tool: booked monday", "user: book it for sunday"));
}

TEST(CallMachineInterruptTest, ToolsThatHaveNotBegunAreNotRun) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Call("one");
  call.Call("two");
  call.Done();
  call.Says("book it for sunday");
  call.ToolDone("done");
  call.Run(1000);
  EXPECT_EQ(call.Count<call_command::RunTool>(), 1);
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: book it for monday", "agent:  [one] [two]",
                          "tool: done", "tool failed: not run", "user: book it for sunday"));
}

TEST(CallMachineInterruptTest, AToolDoesNotBeginWhileTheCallerSpeaks) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.SoundOn();
  call.Call("book");
  call.Done();
  EXPECT_EQ(call.Count<call_command::RunTool>(), 0);
  call.Run(300);
  call.SoundOff();
  call.Run(2000);  // it was nothing
  EXPECT_EQ(call.Count<call_command::RunTool>(), 1);
}

TEST(CallMachineInterruptTest, FiftyInterruptionsInASecondAreBornV14) {
  Talking call;
  for (int i = 0; i < 50; ++i) {
    call.SoundOn(0);
    call.Partial("no wait " + std::to_string(i));
    call.Run(10);
    call.SoundOff(0);
    call.Run(10);
  }
  call.Run(5000);
  EXPECT_EQ(call.Count<ClearPlayout>(), 1);
  EXPECT_LE(call.Count<AskModel>(), 52);
  EXPECT_LT(call.commands().size(), 3000u);
}

TEST(CallMachineInterruptTest, AClearThatIsNotAnsweredDoesNotHoldTheCall) {
  Talking call;
  call.behave.lose_clears = true;
  call.Run(600);
  call.Says("book it for sunday");
  call.Run(2000);
  EXPECT_EQ(call.Count<AskModel>(), 2);
}

TEST(CallMachineInterruptTest, TheMomentOfTheStopIsNamed) {
  Talking call;
  call.Run(600);
  call.SoundOn(60);
  call.Run(200);
  call.SoundOff(0);
  EXPECT_EQ(call.silence(), SilenceKind::kDecidingInterruption);
}

}  // namespace
}  // namespace dragoman
