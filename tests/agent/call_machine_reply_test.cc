// The model's replies and the tools that they ask for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/call_rig.h"

namespace dragoman {
namespace {

using call_command::AskModel;
using call_command::CancelModel;
using call_command::NoticeKind;
using call_command::RunTool;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A call whose model was just asked.
struct Asked : CallRig {
  explicit Asked(CallMachineOptions options = PlainOptions()) : CallRig(std::move(options)) {
    Start();
    Run(1000);
    Turn("book it for monday");
  }
};

TEST(CallMachineReplyTest, SentencesAreSpokenAsTheyCome) {
  Asked call;
  call.Text("We have a free ");
  EXPECT_THAT(call.spoken(), ElementsAre("Hi."));
  call.Text("appointment. It is");
  EXPECT_THAT(call.spoken(), ElementsAre("Hi.", "We have a free appointment."));
  call.Text(" at ten.");
  call.Done();
  EXPECT_THAT(call.spoken(), ElementsAre("Hi.", "We have a free appointment.", "It is at ten."));
}

TEST(CallMachineReplyTest, AtMostTwoUtterancesAreOpen) {
  Asked call;
  call.Reply("This is number one. This is number two. This is number three.");
  EXPECT_EQ(call.spoken().size(), 3u);
  call.Run(1500);
  EXPECT_EQ(call.spoken().size(), 4u);
}

TEST(CallMachineReplyTest, AReplyIsOneEntryOfTheHistory) {
  Asked call;
  call.Reply("This is number one. This is number two. This is number three.");
  call.Run(6000);
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: book it for monday",
                          "agent: This is number one. This is number two. This is number three."));
}

TEST(CallMachineReplyTest, AnEmptyReplyIsAskedForAgain) {
  Asked call;
  call.Done();
  EXPECT_EQ(call.Count<AskModel>(), 2);
  call.Reply("Certainly.");
  call.Run(2000);
  EXPECT_EQ(call.history().back(), "agent: Certainly.");
}

TEST(CallMachineReplyTest, AFailureIsTriedOnceThenApologisedFor) {
  Asked call;
  call.FailModel();
  EXPECT_EQ(call.Count<AskModel>(), 2);
  call.FailModel();
  EXPECT_EQ(call.Count<AskModel>(), 2);
  EXPECT_THAT(call.spoken(), ElementsAre("Hi.", call.state().open.front().text));
  EXPECT_THAT(call.spoken().back(), HasSubstr("sorry"));
  call.Run(8000);
  EXPECT_EQ(call.silence(), SilenceKind::kCallerTurn);
}

TEST(CallMachineReplyTest, FailureAfterFailureEndsTheCall) {
  Asked call;
  for (int turn = 0; turn < 3; ++turn) {
    call.FailModel();
    call.FailModel();
    call.Run(6000);
    if (turn < 2) call.Turn("book it for monday");
  }
  call.Run(6000);
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.Last<call_command::Finish>().end, CallEnd::kFailed);
  EXPECT_EQ(call.heard().back(), CallMachineOptions().failure_goodbye);
}

TEST(CallMachineReplyTest, ASuccessForgivesFailures) {
  Asked call;
  for (int turn = 0; turn < 4; ++turn) {
    call.FailModel();
    call.FailModel();
    call.Run(6000);
    call.Turn("book it for monday " + std::to_string(turn));
    call.Reply("That is fine, number " + std::to_string(turn) + ".");
    call.Run(4000);
    call.Turn("book it for sunday " + std::to_string(turn));
  }
  EXPECT_FALSE(call.finished());
}

TEST(CallMachineReplyTest, AModelThatSaysNothingIsGivenUpAfterItsLimitV3) {
  Asked call;
  const std::int64_t asked = call.NoticeAtMs(NoticeKind::kMarkModelAsked);
  call.Run(asked + 3999 - call.now_ms());
  EXPECT_EQ(call.Count<CancelModel>(), 0);
  call.Run(1);
  EXPECT_EQ(call.Count<CancelModel>(), 1);
  EXPECT_EQ(call.Count<AskModel>(), 2);
}

TEST(CallMachineReplyTest, AModelThatStopsAmidAReplyIsCutV4) {
  Asked call;
  call.Text("We are open on Monday. And on Tues");
  call.Run(2999);
  EXPECT_EQ(call.Count<CancelModel>(), 0);
  call.Run(1);
  EXPECT_EQ(call.Count<CancelModel>(), 1);
  call.Run(3000);
  EXPECT_EQ(call.Count<AskModel>(), 1);  // words that were said are not said again
  EXPECT_EQ(call.history().back(), "agent: We are open on Monday.");
}

TEST(CallMachineReplyTest, AFillerBridgesASlowModelV3) {
  Asked call;
  const std::int64_t endpoint = call.NoticeAtMs(NoticeKind::kMarkEndpoint);
  call.Run(3000);
  const std::int64_t filler = call.spoken_at_ms("One moment, please.");
  EXPECT_GE(filler - endpoint, 700);
  EXPECT_LE(filler - endpoint, 1500);
  call.Reply("Certainly.");
  call.Run(2000);
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: book it for monday", "agent: Certainly."));
}

TEST(CallMachineReplyTest, SilenceThatTheAgentOwesIsNeverLongV15) {
  Asked call;
  call.Call("book");
  call.Done();
  std::int64_t silent_ms = 0;
  std::int64_t longest_ms = 0;
  for (int i = 0; i < 500; ++i) {
    call.Run(100);
    silent_ms = call.talking() ? 0 : silent_ms + 100;
    longest_ms = std::max(longest_ms, silent_ms);
  }
  EXPECT_LE(longest_ms, 4000);
  EXPECT_EQ(call.silence() == SilenceKind::kNone || call.silence() == SilenceKind::kToolRunning ||
                call.silence() == SilenceKind::kSynthesizing,
            true);
}

TEST(CallMachineReplyTest, AReplyBeforeTheFillerNeedsNone) {
  Asked call;
  call.Reply("Certainly.");
  call.Run(5000);
  EXPECT_THAT(call.spoken(), ElementsAre("Hi.", "Certainly."));
}

TEST(CallMachineReplyTest, TheWaterfallOfATurnIsMarked) {
  Asked call;
  call.Reply("Certainly, sir.");
  call.Run(2000);
  const std::int64_t end = call.NoticeAtMs(NoticeKind::kMarkSpeechEnd);
  const std::int64_t point = call.NoticeAtMs(NoticeKind::kMarkEndpoint);
  const std::int64_t asked = call.NoticeAtMs(NoticeKind::kMarkModelAsked);
  const std::int64_t text = call.NoticeAtMs(NoticeKind::kMarkFirstText);
  const std::int64_t audio = call.NoticeAtMs(NoticeKind::kMarkFirstAudio);
  const std::int64_t heard = call.NoticeAtMs(NoticeKind::kMarkHeard);
  EXPECT_EQ(point - end, 300);
  EXPECT_EQ(asked, point);
  EXPECT_GT(text, asked);
  EXPECT_EQ(audio - text, 100);
  EXPECT_EQ(heard, audio);  // an idle line plays at once, though the report comes 100 ms later
}

// --- tools ---------------------------------------------------------------------------------------

TEST(CallMachineToolTest, AToolRunsAndTheModelIsAskedAgain) {
  Asked call;
  call.Call("lookup", R"({"day":"monday"})");
  EXPECT_EQ(call.Count<RunTool>(), 0);  // the reply may still fail
  call.Done();
  ASSERT_EQ(call.Count<RunTool>(), 1);
  EXPECT_EQ(call.Last<RunTool>().call.arguments, R"({"day":"monday"})");
  call.ToolDone("free at ten");
  EXPECT_EQ(call.Count<AskModel>(), 2);
  call.Reply("It is free at ten.");
  call.Run(3000);
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: book it for monday", "agent:  [lookup]",
                          "tool: free at ten", "agent: It is free at ten."));
}

TEST(CallMachineToolTest, ToolsOfOneReplyRunOneAfterTheOther) {
  Asked call;
  call.Call("one");
  call.Call("two");
  call.Done();
  EXPECT_EQ(call.Count<RunTool>(), 1);
  call.ToolDone("1");
  EXPECT_EQ(call.Count<RunTool>(), 2);
  EXPECT_EQ(call.Count<AskModel>(), 1);
  call.ToolDone("2");
  EXPECT_EQ(call.Count<AskModel>(), 2);
}

TEST(CallMachineToolTest, AToolOfAReplyThatFailedDoesNotRun) {
  Asked call;
  call.Call("book");
  call.FailModel();
  EXPECT_EQ(call.Count<RunTool>(), 0);
  EXPECT_EQ(call.Count<AskModel>(), 2);
}

TEST(CallMachineToolTest, AFailedToolIsForTheModelToReactTo) {
  Asked call;
  call.Call("book");
  call.Done();
  call.ToolDone("no such day", false);
  EXPECT_EQ(call.history().back(), "tool failed: no such day");
  EXPECT_EQ(call.Count<AskModel>(), 2);
}

TEST(CallMachineToolTest, WordsBeforeAToolAreInItsEntry) {
  Asked call;
  call.Text("Let me look that up for you.");
  call.Call("lookup");
  call.Done();
  EXPECT_EQ(call.history().back(), "agent: Let me look that up for you. [lookup]");
  call.ToolDone("free");
  call.Reply("It is free.");
  call.Run(4000);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday",
                                          "agent: Let me look that up for you. [lookup]",
                                          "tool: free", "agent: It is free."));
}

TEST(CallMachineToolTest, AToolThatHangsIsGivenUpAndItsLateResultStillCounts) {
  CallMachineOptions options = PlainOptions();
  options.tool_deadline = std::chrono::milliseconds(5000);
  Asked call(options);
  call.Call("book");
  call.Done();
  const ToolRunId run = call.Last<RunTool>().run;
  call.Run(5000);
  EXPECT_EQ(call.Count<AskModel>(), 2);
  EXPECT_THAT(call.history().back(), HasSubstr("tool failed: no result in time"));
  call.Feed(call_event::ToolResult{run, true, "booked"});
  EXPECT_EQ(call.history().back(), "tool: booked");
}

TEST(CallMachineToolTest, AResultThatNobodyWaitsForIsIgnored) {
  Asked call;
  const auto before = call.history();
  call.Feed(call_event::ToolResult{77, true, "boo"});
  EXPECT_EQ(call.history(), before);
  EXPECT_EQ(call.Noticed(NoticeKind::kIgnored), 1);
}

TEST(CallMachineToolTest, RoundsAreLimited) {
  CallMachineOptions options = PlainOptions();
  options.tool_rounds = 2;
  Asked call(options);
  for (int round = 0; round < 3; ++round) {
    call.Call("lookup");
    call.Done();
    call.ToolDone("free");
  }
  EXPECT_EQ(call.Count<RunTool>(), 2);
  EXPECT_EQ(call.Count<AskModel>(), 3);
  EXPECT_EQ(call.history().back(), "tool failed: not run");
  call.Run(6000);
  EXPECT_EQ(call.heard().back(), CallMachineOptions().too_many_tools);
}

TEST(CallMachineToolTest, ANewTurnHasItsOwnRounds) {
  CallMachineOptions options = PlainOptions();
  options.tool_rounds = 1;
  Asked call(options);
  for (int turn = 0; turn < 3; ++turn) {
    call.Call("lookup");
    call.Done();
    call.ToolDone("free");
    call.Reply("It is free number " + std::to_string(turn) + ".");
    call.Run(3000);
    call.Turn("book it for monday " + std::to_string(turn));
  }
  EXPECT_EQ(call.Count<RunTool>(), 3);
}

TEST(CallMachineToolTest, TheApplicationsWordsDoNotComeBetweenCallAndResult) {
  Asked call;
  call.Call("lookup");
  call.Done();
  call.Feed(call_event::Say{"Please hold the line.", true});
  call.Run(3000);
  EXPECT_EQ(call.heard().back(), "Please hold the line.");
  call.ToolDone("free");
  EXPECT_THAT(call.history(),
              ElementsAre("agent: Hi.", "user: book it for monday", "agent:  [lookup]",
                          "tool: free", "agent: Please hold the line."));
}

// --- the end_call tool ---------------------------------------------------------------------------

TEST(CallMachineEndCallTest, TheModelEndsTheCallWithAGoodbye) {
  Asked call;
  call.Call("end_call", R"({"goodbye":"Have a \"nice\" day."})");
  call.Done();
  EXPECT_EQ(call.Count<RunTool>(), 0);
  call.Run(6000);
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.heard().back(), "Have a \"nice\" day.");
  EXPECT_EQ(call.Last<call_command::Finish>().end, CallEnd::kAgentHungUp);
}

TEST(CallMachineEndCallTest, ItsOwnWordsAreAGoodbye) {
  Asked call;
  call.Text("See you on Monday.");
  call.Call("end_call");
  call.Done();
  call.Run(6000);
  EXPECT_TRUE(call.finished());
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", "See you on Monday."));
}

TEST(CallMachineEndCallTest, WithoutWordsThereIsTheUsualOne) {
  Asked call;
  call.Call("end_call");
  call.Done();
  call.Run(6000);
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", "Goodbye."));
}

TEST(CallMachineEndCallTest, BesideOtherToolsItIsNotFollowed) {
  Asked call;
  call.Call("book");
  call.Call("end_call");
  call.Done();
  call.ToolDone("no such day", false);
  EXPECT_EQ(call.Count<AskModel>(), 2);
  EXPECT_THAT(call.history().back(), HasSubstr("not ended"));
  call.Reply("That day is gone.");
  call.Run(3000);
  EXPECT_FALSE(call.finished());
}

TEST(CallMachineEndCallTest, TheGoodbyeIsNotInterrupted) {
  Asked call;
  call.Call("end_call", R"({"goodbye":"Thank you for calling, and have a nice day."})");
  call.Done();
  call.Run(500);
  call.Says("oh wait one more thing");
  call.Run(6000);
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.Count<call_command::ClearPlayout>(), 0);
  EXPECT_EQ(call.heard().back(), "Thank you for calling, and have a nice day.");
  EXPECT_THAT(call.history(), ::testing::Contains("user: oh wait one more thing"));
}

// --- the voice -----------------------------------------------------------------------------------

TEST(CallMachineVoiceTest, AnUtteranceThatFailsIsTriedAgain) {
  Asked call;
  call.behave.fail_speeches = 1;
  call.Reply("Certainly.");
  call.Run(3000);
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", "Certainly."));
}

TEST(CallMachineVoiceTest, OnceOnly) {
  Asked call;
  call.behave.fail_speeches = 2;
  call.Reply("Certainly.");
  call.Run(3000);
  EXPECT_THAT(call.spoken(), ElementsAre("Hi.", "Certainly.", "Certainly."));
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday"));
  EXPECT_EQ(call.silence(), SilenceKind::kCallerTurn);
}

TEST(CallMachineVoiceTest, AVoiceThatDiesAmidASentenceSaysOnlyTheRestV5) {
  Asked call;
  call.behave.ms_per_char = 66;
  call.behave.fail_after_ms = 800;  // 12 characters: "We are open "
  call.Reply("We are open on Tuesday at ten.");
  call.Run(6000);
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", "We are open", "on Tuesday at ten."));
  EXPECT_EQ(call.history().back(), "agent: We are open on Tuesday at ten.");
}

TEST(CallMachineVoiceTest, WhatComesBehindAFailureKeepsItsPlace) {
  Asked call;
  call.behave.fail_speeches = 1;
  call.Reply("This is number one. This is number two.");
  call.Run(6000);
  EXPECT_EQ(call.history().back(), "agent: This is number one. This is number two.");
  EXPECT_THAT(call.heard(), ElementsAre("Hi.", "This is number one.", "This is number two."));
}

TEST(CallMachineVoiceTest, AVoiceThatNeverAnswersIsCancelledAfterItsLimit) {
  Asked call;
  call.behave.mute = true;
  call.Reply("Certainly.");
  call.Run(1499);
  EXPECT_EQ(call.Count<call_command::CancelSpeech>(), 0);
  call.Run(1);
  EXPECT_EQ(call.Count<call_command::CancelSpeech>(), 1);
}

TEST(CallMachineVoiceTest, WithoutAVoiceTheCallEndsV6) {
  Asked call;
  call.behave.mute = true;
  call.Reply("This is number one. This is number two.");
  call.Run(10'000);
  EXPECT_TRUE(call.finished());
  EXPECT_EQ(call.Last<call_command::Finish>().end, CallEnd::kFailed);
  EXPECT_EQ(call.Last<call_command::Finish>().detail, "the voice failed");
}

TEST(CallMachineVoiceTest, LostMarksDoNotHoldTheCall) {
  Asked call;
  call.behave.lose_marks = true;
  call.Reply("Certainly.");
  call.Run(5000);
  EXPECT_EQ(call.silence(), SilenceKind::kCallerTurn);
  EXPECT_THAT(call.history(), ElementsAre("agent: Hi.", "user: book it for monday"));
}

TEST(CallMachineVoiceTest, WhatTheGateReplacedIsWhatWasHeard) {
  CallRig call(PlainOptions());
  call.behave.mute = true;
  call.Start();
  call.Feed(call_event::SpeechReplaced{1, "I cannot say that."});
  call.Feed(call_event::SpeechAudio{1, 0, 900});
  call.Feed(call_event::SpeechEnd{1, 900, true});
  call.Run(900);
  call.Feed(call_event::Playout{900, true});
  EXPECT_THAT(call.history(), ElementsAre("agent: I cannot say that."));
}

}  // namespace
}  // namespace dragoman
