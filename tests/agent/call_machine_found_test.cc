// What the checker found in the machine, as calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/agent/call_rig.h"

namespace dragoman {
namespace {

using call_command::AskModel;
using call_command::CancelModel;
using ::testing::Contains;
using ::testing::ElementsAre;

CallMachineOptions WithoutFillers() {
  CallMachineOptions options = PlainOptions();
  options.fillers.clear();
  return options;
}

TEST(CallMachineFoundTest, AMurmurThatAnswersWhileTheAgentHasStoppedIsAnswered) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(50);  // the greeting is being made
  call.SoundOn();
  call.Partial("mm-hm");
  call.Run(6000);  // the agent stopped for the sound, the turn ends by itself
  EXPECT_EQ(call.Count<AskModel>(), 1);
  EXPECT_EQ(call.Count<CancelModel>(), 0);
}

TEST(CallMachineFoundTest, AReplyDroppedForWordsThatAreTakenBackIsAskedForAgain) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  ASSERT_EQ(call.Count<AskModel>(), 1);
  call.SoundOn();
  call.Feed(call_event::Partial{"no"});
  EXPECT_EQ(call.Count<CancelModel>(), 1);
  call.Feed(call_event::Final{"", 900, false, 0, 0});
  call.SoundOff();
  call.Run(3000);
  EXPECT_EQ(call.Count<AskModel>(), 2);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday"));
}

TEST(CallMachineFoundTest, WordsSaidWhileAToolWaitsAreKeptWhenTheCallerHangsUp) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.SoundOn();
  call.Partial("mm-hm");
  call.Call("book");
  call.Done();
  call.Feed(call_event::MediaClosed{true, ""});
  EXPECT_TRUE(call.finished());
  EXPECT_THAT(call.history(), Contains("user: mm-hm"));
}

TEST(CallMachineFoundTest, ASoundThatEndsAfterAKeyAndWordsIsOver) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.SoundOn();
  call.Run(3500);  // noise
  call.Press("1");
  call.Partial("yes");
  call.SoundOff();
  EXPECT_FALSE(call.state().sound_on);
}

TEST(CallMachineFoundTest, AGreetingThatWasStoppedIsNotSaidInPlaceOfTheGoodbye) {
  CallMachineOptions options = WithoutFillers();
  options.greeting = "Hello and welcome.";
  CallRig call(options);
  call.behave.lose_clears = true;
  call.Start();
  call.Run(300);
  call.SoundOn();
  call.Run(1300);  // stopped, and to go on when the caller is silent
  call.Partial("that was all goodbye");
  call.SoundOff();
  call.Run(2000);
  ASSERT_EQ(call.Count<AskModel>(), 1);
  call.Call("end_call");
  call.Done();
  call.Run(5000);
  EXPECT_THAT(call.spoken(), ElementsAre("Hello and welcome.", "Goodbye."));
}

TEST(CallMachineFoundTest, AGreetingThatWasStoppedIsNotSaidOverTheTurnThatFollows) {
  CallMachineOptions options = WithoutFillers();
  options.greeting = "Hello and welcome.";
  CallRig call(options);
  call.behave.lose_clears = true;
  call.Start();
  call.Run(300);
  call.SoundOn();
  call.Run(1300);
  call.Partial("book it for monday");
  call.SoundOff();
  call.Run(2000);
  call.Reply("It is done.");
  call.Run(3000);
  EXPECT_THAT(call.spoken(), ElementsAre("Hello and welcome.", "It is done."));
}

TEST(CallMachineFoundTest, AMurmurBetweenTwoSentencesOfAReplyDropsNothing) {
  CallRig call(WithoutFillers());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Text("That is done now. And");
  call.Run(1200);  // the first is heard, the second still written
  call.SoundOn();
  call.Partial("mm-hm");
  call.SoundOff();
  call.Text(" here is more.");
  call.Done();
  call.Run(5000);
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", "That is done now.", "And here is more."));
}

TEST(CallMachineFoundTest, ALateEmptyTranscriptDoesNotHoldUpTheNextTurn) {
  CallRig call(PlainOptions());
  call.behave.answer_flush = false;
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Run(500);  // the deadline
  ASSERT_EQ(call.Count<AskModel>(), 1);
  call.Reply("Done.");
  call.Run(3000);
  call.SoundOn();
  call.Run(300);
  call.SoundOff();
  call.Run(50);  // the transcript is asked for
  call.SoundOn();
  call.Run(3200);  // noise
  call.Feed(call_event::Final{"", 900, true, 0, 0});
  call.behave.answer_flush = true;
  call.Partial("thank you");
  call.SoundOff();
  call.Run(400);
  EXPECT_EQ(call.Count<AskModel>(), 2);
}

TEST(CallMachineFoundTest, AnEmptyTranscriptDuringKeysTakesTheWordsBack) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.SoundOn();
  call.Partial("yes");
  call.SoundOff();
  call.Press("1");
  call.Feed(call_event::Final{"", 900, false, 0, 0});
  call.Run(3000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: dtmf: 1"));
}

// A reply whose first sentence waits behind words of the application.
struct BehindNews : CallRig {
  BehindNews() : CallRig(WithoutFillers()) {
    Start();
    Run(1000);
    Turn("book it for monday");
    Feed(call_event::Say{"Please note that we are moving.", false});
    Reply("We are open on Tuesday.");
    Run(400);
  }
  auto Replies() const {
    const auto all = spoken();
    return std::count(all.begin(), all.end(), "We are open on Tuesday.");
  }
};

TEST(CallMachineFoundTest, TheRestOfACutReplyIsNotSaidUnderTheNextOne) {
  BehindNews call;
  call.Says("no on friday please", 400);
  call.Run(1200);  // the turn is taken, and the old answer begins
  ASSERT_EQ(call.Count<AskModel>(), 2);
  call.SoundOn();
  call.Run(400);
  call.SoundOff();
  call.Run(2000);
  EXPECT_THAT(call.spoken(),
              ElementsAre("Hi.", "Please note that we are moving.", "We are open on Tuesday."));
}

TEST(CallMachineFoundTest, AnAnswerThatWordsHaveDroppedIsNotSaidAgainWhenItIsCut) {
  BehindNews call;
  call.behave.lose_clears = true;
  call.SoundOn();
  call.Partial("no on friday please");
  call.Run(5000);  // the application's words end, and the sound cuts what follows
  EXPECT_EQ(call.Replies(), 1);
  EXPECT_EQ(call.Count<AskModel>(), 2);
}

TEST(CallMachineFoundTest, AfterLostReportsTheNextWordsAreNotHeardBeforeTheyAre) {
  CallRig call(PlainOptions());
  call.behave.mute = true;  // what is made and played is told here
  call.Start();
  call.Feed(call_event::SpeechAudio{1, 0, 1000});
  call.Feed(call_event::SpeechEnd{1, 1000, true});
  call.Run(4000);  // nobody says that it was heard
  call.Turn("book it for monday");
  call.Reply("We are open on Tuesday.");
  call.Feed(call_event::SpeechAudio{2, 400, 1000});  // the line had stood still
  call.Feed(call_event::SpeechEnd{2, 1000, true});
  call.SoundOn();
  call.Partial("no wait");
  EXPECT_EQ(call.Last<call_command::Settled>().heard, "");
}

TEST(CallMachineFoundTest, KeysThatEndWithinASoundDoNotEndTheSound) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.SoundOn();
  call.Run(3500);  // noise
  call.Press("1#");
  ASSERT_EQ(call.Count<AskModel>(), 1);
  call.Partial("and one more thing");
  call.Run(2500);
  EXPECT_EQ(call.Count<AskModel>(), 1);  // the caller speaks still
  call.SoundOff();
  call.Run(2500);
  EXPECT_EQ(call.Count<AskModel>(), 2);
}

TEST(CallMachineFoundTest, WordsBehindAKeyGoOnWhileTheSoundDoes) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.SoundOn();
  call.Run(3500);  // noise
  call.Press("1");
  call.Partial("one moment please");
  call.Run(2500);
  EXPECT_EQ(call.Count<AskModel>(), 0);
  call.SoundOff();
  call.Run(2500);
  EXPECT_EQ(call.Count<AskModel>(), 1);
}

TEST(CallMachineFoundTest, ATranscriptOfWordsBeforeTheKeysDoesNotEndThem) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Says("yes");
  call.Run(20);  // the transcript is asked for
  call.Press("1");
  call.Run(1000);
  call.Press("2");
  call.Run(3000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: yes dtmf: 12"));
}

TEST(CallMachineFoundTest, ALateTranscriptDoesNotEndTheTurnBehindIt) {
  CallRig call(PlainOptions());
  call.behave.answer_flush = false;
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Run(200);  // the deadline
  ASSERT_EQ(call.Count<AskModel>(), 1);
  call.Says("at ten");
  call.Run(400);  // asked for again
  const std::int64_t end = call.now_ms();
  call.Feed(call_event::Final{"at", 900, true, end - 500, end - 400});
  EXPECT_EQ(call.Count<AskModel>(), 1);
  call.Feed(call_event::Final{"ten", 900, true, end - 400, end - 200});
  EXPECT_EQ(call.Count<AskModel>(), 2);
  EXPECT_THAT(call.history(), Contains("user: book it for monday at ten"));
}

TEST(CallMachineFoundTest, AWrapUpThatWaitsIsSaidThoughTheCallerInterrupts) {
  CallMachineOptions options = PlainOptions();
  options.call_limit = std::chrono::milliseconds(60'000);
  options.wrap_up_before = std::chrono::milliseconds(50'000);
  CallRig call(options);
  call.Start();
  call.Run(7000);
  call.Turn("book it for monday");
  call.Reply("We are open on Tuesday at ten and at eleven. We are open on Friday at nine as well.");
  call.Run(2000);  // the wrap-up waits behind the reply
  ASSERT_EQ(call.Noticed(call_command::NoticeKind::kWrapUp), 1);
  call.SoundOn();
  call.Partial("no wait");
  call.SoundOff();
  call.Run(2500);
  call.Reply("Fine.");
  call.Run(4000);
  EXPECT_THAT(call.heard(), Contains("We have to finish soon."));
  EXPECT_THAT(call.heard(), Contains("Fine."));
}

}  // namespace
}  // namespace dragoman
