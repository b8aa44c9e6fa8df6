// How calls begin, how long they last, how they end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/call_rig.h"

namespace dragoman {
namespace {

using call_command::AskModel;
using call_command::Finish;
using call_command::HangUp;
using call_command::NoticeKind;
using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CallMachineLineTest, AnIncomingCallIsGreetedAtOnce) {
  CallRig call(PlainOptions());
  call.Start();
  EXPECT_THAT(call.spoken(), ElementsAre("Hi."));
  call.Run(1000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi."));
  EXPECT_EQ(call.silence(), SilenceKind::kCallerTurn);
}

TEST(CallMachineLineTest, WithoutAGreetingTheModelBegins) {
  CallMachineOptions options = PlainOptions();
  options.greeting.clear();
  CallRig call(options);
  call.Start();
  ASSERT_EQ(call.Count<AskModel>(), 1);
  call.Reply("Good morning.");
  call.Run(2000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Good morning."));
}

TEST(CallMachineLineTest, TheCalledPartySpeaksFirst) {
  CallRig call(PlainOptions());
  call.Start(true);
  EXPECT_EQ(call.silence(), SilenceKind::kWaitingForHello);
  call.Run(300);
  call.Says("hello");
  EXPECT_THAT(call.spoken(), IsEmpty());
  call.Run(2000);
  EXPECT_THAT(call.history(), ElementsAre("user: hello", "agent: Hi."));
  EXPECT_EQ(call.Count<AskModel>(), 0);
}

TEST(CallMachineLineTest, OrIsGreetedAfterAWhile) {
  CallRig call(PlainOptions());
  call.Start(true);
  call.Run(1999);
  EXPECT_THAT(call.spoken(), IsEmpty());
  call.Run(1);
  EXPECT_THAT(call.spoken(), ElementsAre("Hi."));
}

TEST(CallMachineLineTest, TheHelloIsNotCutOff) {
  CallRig call(PlainOptions());
  call.Start(true);
  call.Run(1800);
  call.Says("hello this is the office", 1500);
  EXPECT_THAT(call.spoken(), IsEmpty());
  call.Run(3000);
  EXPECT_THAT(call.history(), ElementsAre("user: hello this is the office", "agent: Hi."));
}

TEST(CallMachineLineTest, ASilentCallerIsAskedTwiceThenLeftV16) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(250);  // "Hi." was heard
  const std::int64_t silent = call.now_ms();
  call.Run(60'000);
  EXPECT_TRUE(call.finished());
  const CallMachineOptions options;
  EXPECT_EQ(call.spoken_at_ms(options.reprompts[0]) - silent, 8000);
  EXPECT_NEAR(call.spoken_at_ms(options.reprompts[1]) - silent, 17'000, 200);
  EXPECT_EQ(call.spoken_at_ms(options.silent_goodbye) - silent, 30'000);
  EXPECT_EQ(call.Last<Finish>().end, CallEnd::kSilentCaller);
  EXPECT_EQ(call.heard().back(), options.silent_goodbye);
}

TEST(CallMachineLineTest, AWordStartsThePatienceAnew) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(20'000);
  call.Turn("book it for monday");
  call.Reply("Certainly.");
  call.Run(27'000);
  EXPECT_FALSE(call.finished());
  call.Run(20'000);
  EXPECT_TRUE(call.finished());
}

TEST(CallMachineLineTest, NoiseIsNoWord) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(300);
  call.SoundOn();  // for ever
  call.Run(40'000);
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.Last<Finish>().end, CallEnd::kSilentCaller);
}

TEST(CallMachineLineTest, NobodyIsAskedWhileAToolRuns) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Call("book");
  call.Done();
  call.Run(30'000);
  EXPECT_EQ(call.Noticed(NoticeKind::kReprompt), 0);
}

TEST(CallMachineLineTest, TheTimeIsLimitedAndSaidBeforeV19) {
  CallMachineOptions options = PlainOptions();
  options.call_limit = milliseconds(60'000);
  options.wrap_up_before = milliseconds(20'000);
  options.caller_silence_end = milliseconds(600'000);
  options.reprompts.clear();
  CallRig call(options);
  call.Start();
  call.Run(39'999);
  EXPECT_EQ(call.Noticed(NoticeKind::kWrapUp), 0);
  call.Run(1);
  EXPECT_EQ(call.spoken().back(), options.wrap_up);
  call.Run(20'000);
  EXPECT_EQ(call.spoken().back(), options.limit_goodbye);
  call.Run(5000);
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.Last<Finish>().end, CallEnd::kTimeLimit);
}

TEST(CallMachineLineTest, ATalkerIsGoneFiveSecondsAfterTheLimitV19) {
  CallMachineOptions options = PlainOptions();
  options.call_limit = milliseconds(60'000);
  CallRig call(options);
  call.Start();
  call.SoundOn();
  for (int i = 0; i < 118; ++i) {
    call.Run(500);
    call.Partial("and then " + std::to_string(i));
  }
  call.Run(60'000 - call.now_ms() + 5'100);
  EXPECT_TRUE(call.finished());
}

TEST(CallMachineLineTest, AtTheLimitTheAgentCutsItself) {
  CallMachineOptions options = PlainOptions();
  options.call_limit = milliseconds(5000);
  CallRig call(options);
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Reply(
      "This is a very long sentence that would take far more time than there is left, "
      "because it goes on and on and on and on about nothing at all.");
  call.Run(5000 - call.now_ms());
  EXPECT_EQ(call.Count<call_command::ClearPlayout>(), 1);
  call.Run(5100);
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.heard().back(), options.limit_goodbye);
}

TEST(CallMachineLineTest, TheApplicationEndsTheCall) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Feed(call_event::EndCall{CallEnd::kAgentHungUp, "office closed", "We close now."});
  EXPECT_EQ(call.Count<HangUp>(), 0);
  call.Run(200);
  EXPECT_EQ(call.Count<HangUp>(), 0);  // it is being said
  call.Run(3000);
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.heard().back(), "We close now.");
  EXPECT_EQ(call.Last<Finish>().detail, "office closed");
}

TEST(CallMachineLineTest, WhatIsBeingSaidIsSaidBeforeTheGoodbye) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Reply("That is fine with us.");
  call.Run(200);
  call.Feed(call_event::EndCall{CallEnd::kAgentHungUp, "", ""});
  call.Run(5000);
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", "That is fine with us.", "Goodbye."));
}

TEST(CallMachineLineTest, EndingStopsTheModel) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Feed(call_event::EndCall{});
  EXPECT_EQ(call.Count<call_command::CancelModel>(), 1);
  call.Run(5000);
  EXPECT_TRUE(call.finished());
}

TEST(CallMachineLineTest, AGoodbyeThatIsNeverHeardIsWaitedForInVain) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.behave.lose_marks = true;
  call.Feed(call_event::EndCall{});
  call.Run(20'000);
  EXPECT_TRUE(call.finished());
}

TEST(CallMachineLineTest, AnEmptyGoodbyeHangsUpAtOnce) {
  CallMachineOptions options = PlainOptions();
  options.goodbye.clear();
  CallRig call(options);
  call.Start();
  call.Run(1000);
  call.Feed(call_event::EndCall{});
  EXPECT_EQ(call.Count<HangUp>(), 1);
}

TEST(CallMachineLineTest, ALineThatDoesNotCloseIsLeft) {
  CallRig call(PlainOptions());
  call.behave.answer_hang_up = false;
  call.Start();
  call.Run(1000);
  call.Feed(call_event::EndCall{});
  call.Run(3000);
  EXPECT_EQ(call.Count<HangUp>(), 1);
  EXPECT_EQ(call.silence(), SilenceKind::kClosing);
  call.Run(5000);
  EXPECT_TRUE(call.finished());
}

TEST(CallMachineLineTest, ACallerWhoHangsUpIsTold) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Feed(call_event::MediaClosed{true, "bye"});
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.Last<Finish>().end, CallEnd::kCallerHungUp);
  EXPECT_EQ(call.Count<HangUp>(), 0);
}

TEST(CallMachineLineTest, ALostLineIsNotAHangUpV12) {
  CallRig call(PlainOptions());
  call.Start();
  call.Feed(call_event::MediaClosed{false, "reset"});
  EXPECT_EQ(call.Last<Finish>().end, CallEnd::kMediaLost);
  EXPECT_EQ(call.Last<Finish>().detail, "reset");
}

TEST(CallMachineLineTest, WhatWasHeardUntilThenIsKept) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Reply("We are open on Tuesday at ten.");
  call.Run(700);  // 600 ms of audio
  call.SoundOn();
  call.Feed(call_event::Partial{"but"});
  call.Feed(call_event::MediaClosed{true, ""});
  EXPECT_TRUE(call.finished());
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday",
                                          "agent: We are open", "user: but"));
}

TEST(CallMachineLineTest, AToolThatRunsAtTheEndIsWaitedFor) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Call("book");
  call.Done();
  call.Feed(call_event::MediaClosed{true, ""});
  EXPECT_FALSE(call.finished());
  call.Run(3000);
  call.ToolDone("booked");
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.history().back(), "tool: booked");
}

TEST(CallMachineLineTest, WordsSaidBesideARunningToolFollowItsResult) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Turn("book it for monday");
  call.Call("book");
  call.Done();
  call.SoundOn();
  call.Partial("thanks for that");
  call.Feed(call_event::MediaClosed{true, ""});
  call.ToolDone("booked");
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: book it for monday", "agent:  [book]",
                          "tool: booked", "user: thanks for that"));
}

TEST(CallMachineLineTest, NothingHappensAfterTheEnd) {
  CallRig call(PlainOptions());
  call.Start();
  call.Feed(call_event::MediaClosed{true, ""});
  const std::size_t before = call.commands().size();
  call.Feed(call_event::Partial{"hello?"});
  call.Feed(call_event::Say{"hello", true});
  call.Run(60'000);
  EXPECT_EQ(call.commands().size(), before);
}

TEST(CallMachineLineTest, AnApplicationThatEndsBeforeTheCallBeganIsHeard) {
  CallRig call(PlainOptions());
  call.Feed(call_event::EndCall{});
  EXPECT_EQ(call.Count<HangUp>(), 1);
  call.Run(100);
  EXPECT_TRUE(call.finished());
  EXPECT_THAT(call.spoken(), IsEmpty());
}

TEST(CallMachineLineTest, DrainLeavesTheCallSomeTime) {
  CallMachineOptions options = PlainOptions();
  options.drain_limit = milliseconds(10'000);
  CallRig call(options);
  call.Start();
  call.Run(1000);
  call.Feed(call_event::Drain{});
  call.Run(6000);
  call.Turn("book it for monday");
  call.Reply("Certainly.");
  EXPECT_FALSE(call.finished());
  call.Run(6000);
  EXPECT_EQ(call.spoken().back(), options.limit_goodbye);
  call.Run(5000);
  EXPECT_TRUE(call.finished());
}

TEST(CallMachineLineTest, WithoutEarsTheCallEndsPolitelyV6) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Feed(call_event::RecognizerFailed{"gone"});
  call.Run(5000);
  EXPECT_EQ(call.Last<Finish>().end, CallEnd::kFailed);
  EXPECT_EQ(call.heard().back(), CallMachineOptions().failure_goodbye);
}

TEST(CallMachineLineTest, TheApplicationSaysSomething) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.Feed(call_event::Say{"Your table is ready.", true});
  call.Run(2000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "agent: Your table is ready."));
}

TEST(CallMachineLineTest, WhatTheApplicationSaysWaitsForTheCaller) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  call.SoundOn();
  call.Partial("book it");
  call.Feed(call_event::Say{"Your table is ready.", true});
  call.Run(500);
  EXPECT_THAT(call.spoken(), ElementsAre("Hi."));
  call.SoundOff();
  call.Run(3000);
  EXPECT_THAT(call.heard(), Contains("Your table is ready."));
}

TEST(CallMachineLineTest, TooMuchToSayIsRefused) {
  CallRig call(PlainOptions());
  call.Start();
  for (int i = 0; i < 30; ++i) call.Feed(call_event::Say{"And another thing.", true});
  EXPECT_GT(call.Noticed(NoticeKind::kIgnored), 10);
}

TEST(CallMachineLineTest, LongWordsOfTheApplicationAreSaidInPieces) {
  CallMachineOptions options = PlainOptions();
  options.max_chunk_chars = 40;
  CallRig call(options);
  call.Start();
  call.Run(1000);
  call.Feed(
      call_event::Say{"Your table is ready, and the kitchen asks whether you would like to "
                      "begin with the soup.",
                      true});
  call.Run(8000);
  EXPECT_GE(call.spoken().size(), 4u);
  EXPECT_EQ(call.history().back(),
            "agent: Your table is ready, and the kitchen asks whether you would like to begin "
            "with the soup.");
}

TEST(CallMachineLineTest, ACallerWhoRepeatsTheSameWordsIsLeftV18) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  for (int i = 0; i < 6 && !call.finished(); ++i) {
    call.Turn("please hold the line");
    call.Reply("I am calling about number " + std::to_string(i) + ".");
    call.Run(4000);
  }
  call.Run(8000);
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.Noticed(NoticeKind::kLoop), 1);
}

TEST(CallMachineLineTest, SoIsOneWhoMakesTheAgentRepeatItselfV18) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  for (int i = 0; i < 6 && !call.finished(); ++i) {
    call.Turn("press " + std::to_string(i) + " now please");
    call.Reply("I did not understand that.");
    call.Run(4000);
  }
  call.Run(8000);
  EXPECT_TRUE(call.finished());
}

TEST(CallMachineLineTest, ShortAnswersMayBeRepeated) {
  CallRig call(PlainOptions());
  call.Start();
  call.Run(1000);
  for (int i = 0; i < 8; ++i) {
    call.Turn("yes");
    call.Reply("Is question " + std::to_string(i) + " right?");
    call.Run(4000);
  }
  EXPECT_FALSE(call.finished());
}

TEST(CallMachineLineTest, OptionsAreChecked) {
  EXPECT_TRUE(CallMachineOptions().Validate().ok());
  CallMachineOptions options;
  options.end_silence = milliseconds(100);
  EXPECT_FALSE(options.Validate().ok());
  EXPECT_THAT(std::string(options.Validate().message()), ::testing::HasSubstr("end_silence"));
  options = {};
  options.fillers = {" "};
  EXPECT_FALSE(options.Validate().ok());
  options = {};
  options.goodbye = "\xff";
  EXPECT_FALSE(options.Validate().ok());
  options = {};
  options.loop_repeats = 1;
  EXPECT_FALSE(options.Validate().ok());
}

}  // namespace
}  // namespace dragoman
