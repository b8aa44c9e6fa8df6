#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "dragoman/runtime/operator_host.h"
#include "dragoman/runtime/runtime.h"
#include "dragoman/testing/fake_call.h"
#include "dragoman/testing/fake_chat_model.h"
#include "dragoman/testing/fake_speech_recognizer.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "tests/providers/sqlite/temporary_folder.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

// An agent that answers, in virtual time; its directory, the socket and the commands are real.
class AnsweringDirectoryTest : public ::testing::Test {
 protected:
  AnsweringDirectoryTest() : pool_(executor_) {}
  ~AnsweringDirectoryTest() override { End(); }

  std::string data() const { return folder_.File("data"); }
  absl::Status Begin() {
    End();
    RuntimeDependencies fakes;
    fakes.recognizer = &recognizer_;
    fakes.synthesizer = &synthesizer_;
    fakes.model = &model_;
    fakes.pool = &pool_;
    fakes.clock = &executor_;
    auto made = Runtime::Create({.data_dir = data()}, std::move(fakes));
    if (made.ok()) runtime_ = *std::move(made);
    return made.status();
  }
  void End() {
    executor_.RunFor(5s);
    runtime_.reset();
  }
  // What the answer is; `reached_` tells whether a process gave it.
  json Ask(const json& request) {
    json answer;
    const absl::StatusOr<bool> asked = AskDirectory(
        data(), request.dump(), [&](std::string_view line, bool) { answer = json::parse(line); });
    EXPECT_THAT(asked, IsOk());
    reached_ = asked.ok() && *asked;
    return answer;
  }
  std::unique_ptr<FakeCaller> Call(const std::string& id) {
    FakeCallEnds ends = MakeFakeCall(executor_, {.info = {.id = id}});
    runtime_->agent().Accept(std::move(ends.call));
    return std::move(ends.caller);
  }

  TemporaryFolder folder_;
  ManualExecutor executor_;
  ManualWorkPool pool_;
  FakeSpeechRecognizer recognizer_;
  FakeSpeechSynthesizer synthesizer_;
  FakeChatModel model_;
  std::unique_ptr<Runtime> runtime_;
  bool reached_ = false;
};

TEST_F(AnsweringDirectoryTest, ACommandCutsCallsUnderWayWithinASecondAndRefusesNewOnes_A51) {
  ASSERT_THAT(Begin(), IsOk());
  const auto first = Call("one");
  executor_.RunFor(3s);
  ASSERT_EQ(runtime_->agent().active_calls(), 1);
  const json on = Ask({{"do", "stop.on"}, {"why", "it talks nonsense"}});
  EXPECT_TRUE(reached_);
  EXPECT_TRUE(on["stopped"].get<bool>());
  EXPECT_EQ(on["why"], "everything is stopped: it talks nonsense");
  EXPECT_EQ(on["calls_cut"], 1);
  executor_.RunFor(1s);
  EXPECT_TRUE(first->agent_hung_up());
  EXPECT_EQ(runtime_->stopped(), "everything is stopped: it talks nonsense");

  const auto second = Call("two");
  executor_.RunFor(20ms);
  EXPECT_TRUE(second->agent_hung_up());
  EXPECT_EQ(second->played().samples.size(), 0u);
  EXPECT_EQ(runtime_->agent().refused_calls(), 1);
  FakeCallEnds by_hand = MakeFakeCall(executor_, {.info = {.id = "three"}});
  EXPECT_THAT(runtime_->StartSession(std::move(by_hand.call), {}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("it talks nonsense")));
}

TEST_F(AnsweringDirectoryTest, LiftingItLetsCallsInAgain_A51) {
  ASSERT_THAT(Begin(), IsOk());
  Ask({{"do", "stop.on"}});
  EXPECT_FALSE(Ask({{"do", "stop.off"}})["stopped"].get<bool>());
  EXPECT_EQ(runtime_->stopped(), std::nullopt);
  const auto caller = Call("one");
  executor_.RunFor(3s);
  EXPECT_FALSE(caller->ended());
  EXPECT_THAT(synthesizer_.texts(), Contains(HasSubstr("Riverside Clinic")));
}

TEST_F(AnsweringDirectoryTest, WhatWasStoppedIsStoppedAfterARestart_A51) {
  ASSERT_THAT(Begin(), IsOk());
  Ask({{"do", "stop.on"}, {"why", "fire"}});
  ASSERT_THAT(Begin(), IsOk());
  EXPECT_EQ(runtime_->stopped(), "everything is stopped: fire");
  const auto caller = Call("one");
  executor_.RunFor(20ms);
  EXPECT_TRUE(caller->agent_hung_up());
  EXPECT_TRUE(Ask({{"do", "stop.show"}})["stopped"].get<bool>());
  Ask({{"do", "stop.off"}});
  ASSERT_THAT(Begin(), IsOk());
  EXPECT_EQ(runtime_->stopped(), std::nullopt);
}

TEST_F(AnsweringDirectoryTest, WithoutAProcessItIsSetInTheDirectoryAndHoldsAtTheNextStart_A51) {
  EXPECT_THAT(AskDirectory(data(), R"({"do":"stop.on"})", [](std::string_view, bool) {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("no data directory")));
  ASSERT_THAT(Begin(), IsOk());
  End();
  EXPECT_TRUE(Ask({{"do", "stop.on"}, {"why", "fire"}})["stopped"].get<bool>());
  EXPECT_FALSE(reached_);
  ASSERT_THAT(Begin(), IsOk());
  EXPECT_EQ(runtime_->stopped(), "everything is stopped: fire");
  End();
  EXPECT_FALSE(Ask({{"do", "stop.off"}})["stopped"].get<bool>());
  ASSERT_THAT(Begin(), IsOk());
  EXPECT_EQ(runtime_->stopped(), std::nullopt);
  EXPECT_TRUE(Ask({{"do", "audit.verify"}})["ok"].get<bool>());
}

TEST_F(AnsweringDirectoryTest, AnOwnerOfGoalsAndAnAgentThatAnswersObeyTheSameSwitch_A51) {
  {
    auto host = OperatorHost::Create({.data_dir = data()});
    ASSERT_THAT(host, IsOk());
    EXPECT_TRUE(Ask({{"do", "stop.on"}})["stopped"].get<bool>());
    EXPECT_TRUE(reached_);
  }
  ASSERT_THAT(Begin(), IsOk());
  EXPECT_TRUE(runtime_->stopped().has_value());
}

TEST_F(AnsweringDirectoryTest, SettingsThatAreWrongKeepItFromStartingAndNobodyFromTheKillSwitch) {
  ASSERT_THAT(Begin(), IsOk());
  End();
  std::ofstream(data() + "/settings.toml") << "[retention]\nrecording = 7\n";
  EXPECT_THAT(Begin(), StatusIs(absl::StatusCode::kInvalidArgument,
                                AllOf(HasSubstr("settings.toml:2"), HasSubstr("recordings"))));
  EXPECT_TRUE(Ask({{"do", "stop.on"}})["stopped"].get<bool>());
}

TEST_F(AnsweringDirectoryTest, WhatOnlyAnOwnerOfGoalsCanDoIsRefusedWithTheWayOut) {
  ASSERT_THAT(Begin(), IsOk());
  for (const char* what : {"task.list", "personal.erase", "memory.list", "nonsense"}) {
    const json answer = Ask({{"do", what}});
    EXPECT_THAT(answer.dump(), AllOf(HasSubstr("FAILED_PRECONDITION"), HasSubstr("dragoman serve")))
        << what;
  }
  for (const json& broken : {json(7), json::array(), json{{"do", 7}}}) {
    EXPECT_THAT(Ask(broken).dump(), HasSubstr("error"));
  }
}

TEST_F(AnsweringDirectoryTest, AnAnsweredCallIsHeldAndReleasedByTheNameOfItsLog_P7) {
  ASSERT_THAT(Begin(), IsOk());
  const auto caller = Call("CA0f");
  executor_.RunFor(1s);
  caller->HangUp();
  executor_.RunFor(1s);
  EXPECT_TRUE(Ask({{"do", "task.hold"}, {"goal", "CA0f"}}).contains("ok"));
  EXPECT_EQ(Ask({{"do", "task.holds"}})["holds"][0]["goal"], "CA0f");
  EXPECT_THAT(Ask({{"do", "task.hold"}, {"goal", "CA0"}}).dump(), HasSubstr("no call 'CA0'"));
  // Even when its files are gone.
  std::filesystem::remove_all(runtime_->calls_folder());
  EXPECT_TRUE(Ask({{"do", "task.release"}, {"goal", "CA0f"}}).contains("ok"));
  EXPECT_TRUE(Ask({{"do", "task.holds"}})["holds"].empty());
}

TEST_F(AnsweringDirectoryTest, AFolderInSomebodyElsesDirectoryHasOnlyTheLock) {
  RuntimeDependencies fakes;
  fakes.recognizer = &recognizer_;
  fakes.synthesizer = &synthesizer_;
  fakes.model = &model_;
  fakes.pool = &pool_;
  fakes.clock = &executor_;
  const auto made = Runtime::Create({.data_dir = data(), .managed = false}, std::move(fakes));
  ASSERT_THAT(made, IsOk());
  EXPECT_FALSE(std::filesystem::exists(data() + "/owner.sock"));
  EXPECT_FALSE(std::filesystem::exists(data() + "/dragoman.sqlite"));
}

}  // namespace
}  // namespace dragoman
