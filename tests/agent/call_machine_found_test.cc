// What the checker found in the machine, as calls.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/call_rig.h"

namespace dragoman {
namespace {

using call_command::AskModel;
using call_command::CancelModel;
using ::testing::Contains;
using ::testing::ElementsAre;

CallMachineOptions Plain() {
  CallMachineOptions options;
  options.greeting = "Hi.";
  options.speculate = false;
  options.wrap_up_before = std::chrono::milliseconds(0);
  return options;
}

TEST(CallMachineFoundTest, AMurmurThatAnswersWhileTheAgentHasStoppedIsAnswered) {
  CallRig call(Plain());
  call.Start();
  call.Run(50);  // the greeting is being made
  call.SoundOn();
  call.Partial("mm-hm");
  call.Run(6000);  // the agent stopped for the sound, the turn ends by itself
  EXPECT_EQ(call.Count<AskModel>(), 1);
  EXPECT_EQ(call.Count<CancelModel>(), 0);
}

TEST(CallMachineFoundTest, AReplyDroppedForWordsThatAreTakenBackIsAskedForAgain) {
  CallRig call(Plain());
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
  CallRig call(Plain());
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
  CallRig call(Plain());
  call.Start();
  call.Run(1000);
  call.SoundOn();
  call.Run(3500);  // noise
  call.Press("1");
  call.Partial("yes");
  call.SoundOff();
  EXPECT_FALSE(call.state().sound_on);
}

}  // namespace
}  // namespace dragoman
