#include "dragoman/runtime/runtime.h"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "dragoman/runtime/environment.h"
#include "dragoman/server/media_server.h"
#include "dragoman/testing/fake_call.h"
#include "dragoman/testing/fake_chat_model.h"
#include "dragoman/testing/fake_speech_recognizer.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/fake_tool.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/pcm.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RuntimeTest : public ::testing::Test {
 protected:
  RuntimeTest() : pool_(executor_) {
    std::string pattern = (std::filesystem::temp_directory_path() / "dragoman-run-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
  }
  ~RuntimeTest() override { std::filesystem::remove_all(folder_); }

  // Virtual time and fakes around the real clinic, logs, recordings and sessions.
  RuntimeDependencies Fakes() {
    RuntimeDependencies fakes;
    fakes.recognizer = &recognizer_;
    fakes.synthesizer = &synthesizer_;
    fakes.model = &model_;
    fakes.pool = &pool_;
    fakes.clock = &executor_;
    return fakes;
  }

  ManualExecutor executor_;
  ManualWorkPool pool_;
  FakeSpeechRecognizer recognizer_;
  FakeSpeechSynthesizer synthesizer_;
  FakeChatModel model_;
  std::string folder_;
};

TEST_F(RuntimeTest, EveryOptionOutOfRangeIsNamed) {
  EXPECT_THAT(Runtime::Create({.recognizers = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("recognizers is 0; expected 1 to 64")));
  EXPECT_THAT(Runtime::Create({.work_threads = 1000}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("work_threads is 1000")));
  EXPECT_THAT(Runtime::Create({.max_calls = 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_calls is 0")));
}

TEST_F(RuntimeTest, ADataDirectoryHasOneOwner) {
  auto first = Runtime::Create({.data_dir = folder_}, Fakes());
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Runtime::Create({.data_dir = folder_}, Fakes()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(folder_), HasSubstr("is owned by process"))));
  first->reset();
  EXPECT_THAT(Runtime::Create({.data_dir = folder_}, Fakes()), IsOk());
}

TEST_F(RuntimeTest, TwoRuntimesLiveInOneProcess) {
  auto one = Runtime::Create({}, Fakes());
  auto two = Runtime::Create({}, Fakes());
  EXPECT_THAT(one, IsOk());
  EXPECT_THAT(two, IsOk());
}

TEST_F(RuntimeTest, AnAcceptedCallIsGreetedLoggedAndRecorded) {
  auto runtime = Runtime::Create({.data_dir = folder_}, Fakes());
  ASSERT_THAT(runtime, IsOk());
  FakeCallEnds ends = MakeFakeCall(executor_);
  (*runtime)->agent().Accept(std::move(ends.call));
  executor_.RunFor(3s);
  EXPECT_EQ((*runtime)->agent().active_calls(), 1);
  EXPECT_THAT(synthesizer_.texts(), Contains(HasSubstr("Riverside Clinic")));
  ends.caller->HangUp();
  executor_.RunFor(2s);
  EXPECT_EQ((*runtime)->agent().active_calls(), 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/calls/fake-call.log"));
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/calls/fake-call.wav"));
}

TEST_F(RuntimeTest, CallsOverTheLimitAreHungUpAndCounted) {
  auto runtime = Runtime::Create({.max_calls = 1}, Fakes());
  ASSERT_THAT(runtime, IsOk());
  FakeCallEnds first = MakeFakeCall(executor_, {.info = {.id = "one"}});
  FakeCallEnds second = MakeFakeCall(executor_, {.info = {.id = "two"}});
  (*runtime)->agent().Accept(std::move(first.call));
  (*runtime)->agent().Accept(std::move(second.call));
  executor_.RunFor(1s);
  EXPECT_FALSE(first.caller->ended());
  EXPECT_TRUE(second.caller->ended());
  EXPECT_EQ((*runtime)->agent().refused_calls(), 1);
  first.caller->HangUp();
  executor_.RunFor(1s);
}

TEST_F(RuntimeTest, StopLetsCallsSayGoodbyeAndRefusesNewOnes) {
  auto runtime = Runtime::Create({}, Fakes());
  ASSERT_THAT(runtime, IsOk());
  FakeCallEnds first = MakeFakeCall(executor_, {.info = {.id = "one"}});
  (*runtime)->agent().Accept(std::move(first.call));
  executor_.RunFor(12s);
  int stopped = 0;
  (*runtime)->agent().Stop(20s, [&stopped] { ++stopped; });
  FakeCallEnds second = MakeFakeCall(executor_, {.info = {.id = "two"}});
  (*runtime)->agent().Accept(std::move(second.call));
  executor_.RunFor(10s);
  EXPECT_TRUE(second.caller->ended());
  EXPECT_TRUE(first.caller->agent_hung_up());
  EXPECT_THAT(synthesizer_.texts(), Contains("Goodbye."));
  EXPECT_EQ(stopped, 1);
}

TEST_F(RuntimeTest, StopWithoutCallsIsDoneAtOnce) {
  auto runtime = Runtime::Create({}, Fakes());
  ASSERT_THAT(runtime, IsOk());
  int stopped = 0;
  (*runtime)->agent().Stop(1s, [&stopped] { ++stopped; });
  EXPECT_EQ(stopped, 1);
}

TEST_F(RuntimeTest, AnApplicationsToolsReplaceTheClinics) {
  RuntimeDependencies fakes = Fakes();
  ToolSpec door = FakeTool::Spec("open_door");
  door.risk = ToolRisk::kLocal;
  fakes.tools.push_back(std::make_unique<FakeTool>(std::move(door)));
  model_.AnswerWith([](const ChatRequest&) { return ScriptedReply::Say("Yes?"); });
  auto runtime = Runtime::Create({}, std::move(fakes));
  ASSERT_THAT(runtime, IsOk());
  FakeCallEnds ends = MakeFakeCall(executor_);
  (*runtime)->agent().Accept(std::move(ends.call));
  executor_.RunFor(14s);
  ends.caller->Speak(Buzz(900ms));
  executor_.RunFor(900ms);
  recognizer_.HearPartial("Please open the door.");
  executor_.RunFor(3s);
  ASSERT_FALSE(model_.requests().empty());
  const std::vector<ToolSpec> tools = model_.requests().back().tools;
  EXPECT_THAT(tools, SizeIs(2));  // and end_call
  EXPECT_THAT(tools, Contains(Field(&ToolSpec::name, "open_door")));
  ends.caller->HangUp();
  executor_.RunFor(1s);
}

TEST(EnvironmentTest, AVariableThatIsNoNumberIsNamed) {
  ASSERT_EQ(setenv("DRAGOMAN_RECOGNIZERS", "many", 1), 0);
  EXPECT_THAT(RuntimeOptionsFromEnvironment(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("DRAGOMAN_RECOGNIZERS is 'many'; expected a whole number")));
  ASSERT_EQ(unsetenv("DRAGOMAN_RECOGNIZERS"), 0);
}

TEST(EnvironmentTest, WhatIsNotSetKeepsItsDefault) {
  auto options = RuntimeOptionsFromEnvironment();
  ASSERT_THAT(options, IsOk());
  EXPECT_EQ(options->recognizers, RuntimeOptions().recognizers);
}

TEST(MediaServerTest, APortInUseIsNamed) {
  SystemClock clock;
  FakeCallAgent agent;
  auto first = MediaServer::Start({}, agent, nullptr, clock, NullLog());
  ASSERT_THAT(first, IsOk());
  const int port = (*first)->port();
  EXPECT_GT(port, 0);
  EXPECT_EQ((*first)->audio_socket_port(), -1);
  EXPECT_THAT(MediaServer::Start({.port = port}, agent, nullptr, clock, NullLog()),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(std::to_string(port))));
}

TEST(MediaServerTest, ATokenNeedsThePublicUrl) {
  SystemClock clock;
  FakeCallAgent agent;
  EXPECT_THAT(MediaServer::Start({.auth_token = Secret("token")}, agent, nullptr, clock, NullLog()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("public_url")));
}

TEST(MediaServerTest, BadIdsOfAudioSocketsAreRefused) {
  SystemClock clock;
  FakeCallAgent agent;
  EXPECT_THAT(MediaServer::Start({.audio_socket_port = 0, .audio_socket_ids = {"not a uuid"}},
                                 agent, nullptr, clock, NullLog()),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace dragoman
