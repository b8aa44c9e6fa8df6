#include "dragoman/runtime/answering_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "dragoman/providers/clinic/clinic.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "dragoman/runtime/runtime.h"
#include "dragoman/testing/fake_call.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/fake_tool.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/memory_log.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const CallInfo kCall{
    .id = "CA1", .carrier = "twilio", .from = "+12015550123", .to = "+12015550142"};

ToolSpec SpecOf(std::string name, ToolRisk risk, std::vector<std::string> proves = {}) {
  ToolSpec spec = FakeTool::Spec(name);
  spec.risk = risk;
  spec.proves = std::move(proves);
  return spec;
}

class AnsweringRulesTest : public ::testing::Test {
 protected:
  FakeTool* Add(ToolSpec spec) {
    auto tool = std::make_unique<FakeTool>(std::move(spec));
    FakeTool* const added = tool.get();
    EXPECT_THAT(tools_.Add(std::move(tool)), IsOk());
    return added;
  }
  void Open(std::string mandate = RuntimeOptions().mandate) {
    auto rules = AnsweringRules::Create({.mandate = std::move(mandate)}, {.tools = &tools_,
                                                                          .synthesizer = &voice_,
                                                                          .clock = &executor_,
                                                                          .log = &log_,
                                                                          .kill = &kill_});
    ASSERT_THAT(rules, IsOk());
    rules_ = *std::move(rules);
    callbacks_ = rules_->Follow(kCall, {});
  }
  absl::StatusOr<std::string> Run(const std::string& tool, const std::string& arguments = "{}") {
    absl::StatusOr<std::string> result = absl::UnknownError("no answer");
    auto run = rules_->effects().Run({.id = "c1", .name = tool, .arguments = arguments},
                                     {.call_id = kCall.id, .effect_key = "k"}, executor_,
                                     [&](absl::StatusOr<std::string> r) { result = std::move(r); });
    executor_.RunFor(1s);
    return result;
  }
  SpokenText Say(std::string_view sentence) { return rules_->speech().Check(kCall.id, sentence); }

  ManualExecutor executor_;
  FakeSpeechSynthesizer voice_;
  MemoryLog log_;
  ToolRegistry tools_;
  KillSwitch kill_;
  std::unique_ptr<AnsweringRules> rules_;
  std::optional<Session::Callbacks> callbacks_;
};

TEST_F(AnsweringRulesTest, WhatTheClinicSaysPassesAsItStands) {
  Open();
  const AgentDefinition clinic = ClinicReceptionist({});
  EXPECT_FALSE(Say(clinic.greeting).replaced);
  for (const SlotDefinition& slot : clinic.slots) {
    EXPECT_FALSE(Say(slot.prompt).replaced) << slot.prompt;
    EXPECT_FALSE(Say(slot.prompt_again).replaced) << slot.prompt_again;
  }
  for (const AnswerDefinition& answer : clinic.answers) {
    EXPECT_FALSE(Say(answer.text).replaced) << answer.text << Say(answer.text).reason;
  }
  for (const char* sentence :
       {"I have Tuesday the first of December, at eight in the morning, one in the afternoon, or "
        "five thirty in the afternoon, for example.",
        "I have Monday at nine with Doctor Lane, for Smith, S, M, I, T, H. Shall I book it?",
        "Sorry, I need a clear yes or no.", "For yes, press one; for no, press two.",
        "All right, I have not booked or changed anything."}) {
    EXPECT_FALSE(Say(sentence).replaced) << sentence << Say(sentence).reason;
  }
}

TEST_F(AnsweringRulesTest, ADoneThingMayBeSaidOnceItsToolHasDoneIt) {
  Add(SpecOf("book", ToolRisk::kLocal, {"booking"}));
  Add(SpecOf("cancel", ToolRisk::kLocal, {"cancellation"}));
  Open();
  EXPECT_TRUE(Say("Your appointment is booked.").replaced);
  EXPECT_THAT(Run("book"), IsOk());
  EXPECT_FALSE(Say("Your appointment is booked.").replaced);
  EXPECT_TRUE(Say("Your appointment is cancelled.").replaced);
}

TEST_F(AnsweringRulesTest, TheClinicsToolsAreAllowedAndProveWhatTheyDo) {
  ManualWorkPool pool(executor_);
  auto clinic = OpenClinic({}, {.pool = &pool, .clock = &executor_});
  ASSERT_THAT(clinic, IsOk());
  ASSERT_THAT((*clinic)->AddTools(tools_), IsOk());
  Open();
  EXPECT_THAT(Run("check_availability", R"({"date":"2026-01-12"})"), IsOk());
  EXPECT_THAT(Run("leave_message", R"({"name":"Smith","phone":"5551234567"})"), IsOk());
  EXPECT_FALSE(Say("I have sent your message.").replaced);
  EXPECT_TRUE(Say("Your appointment is booked.").replaced);
}

TEST_F(AnsweringRulesTest, WhatReachesOutsideIsRefusedWhateverTheModelWants) {
  FakeTool* const transfer = Add(SpecOf("transfer", ToolRisk::kTransfer));
  FakeTool* const pay = Add(SpecOf("pay", ToolRisk::kMoney));
  Open();
  EXPECT_THAT(Run("transfer"), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Run("pay"), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_TRUE(transfer->runs().empty());
  EXPECT_TRUE(pay->runs().empty());
}

TEST_F(AnsweringRulesTest, AToolWithoutARiskIsNamedBeforeTheFirstCall) {
  Add(FakeTool::Spec("open_door"));
  EXPECT_THAT(
      AnsweringRules::Create(
          {}, {.tools = &tools_, .synthesizer = &voice_, .clock = &executor_, .log = &log_}),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("open_door")));
}

TEST_F(AnsweringRulesTest, TheSameAgainAndAgainNeedsAWordOfTheCaller) {
  FakeTool* const look = Add(SpecOf("look", ToolRisk::kRead));
  Open();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(Run("look"), IsOk());
  EXPECT_THAT(Run("look"), StatusIs(absl::StatusCode::kPermissionDenied));
  callbacks_->on_heard("And now?");
  EXPECT_THAT(Run("look"), IsOk());
  EXPECT_EQ(look->runs().size(), 4u);
}

TEST_F(AnsweringRulesTest, AYesToWhatTheCallerOfferedIsHeldAgainstTheMandate) {
  Open("you may agree");
  callbacks_->on_heard("That would be 900 dollars a month, all right?");
  EXPECT_TRUE(Say("Yes please, I agree.").replaced);
  callbacks_->on_heard(
      "I would rather come on Tuesday instead, and I will bring my papers, and "
      "then we can talk about all of it at length, if that is possible for you, "
      "because on the other days of the week I work in another town and the train "
      "takes hours, and my sister cannot drive me, so Tuesday would be the one "
      "day that fits for all of us here, as far as I can see from where I stand "
      "now, with the calendar of the family in my hand, and the baby on the arm, "
      "who would like to play, and not to sit with me on the telephone, thanks.");
  EXPECT_FALSE(Say("Sounds good.").replaced);
}

TEST_F(AnsweringRulesTest, AfterTheCallNothingRunsForItAndTheSameIdMayCallAgain) {
  Add(SpecOf("look", ToolRisk::kRead));
  Open();
  callbacks_.reset();
  EXPECT_THAT(Run("look"),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("no goal is open")));
  callbacks_ = rules_->Follow(kCall, {});
  EXPECT_THAT(Run("look"), IsOk());
}

TEST_F(AnsweringRulesTest, TheKillSwitchStopsToolsOfCallsUnderWay) {
  Add(SpecOf("look", ToolRisk::kRead));
  Open();
  kill_.StopAll("stopped by hand");
  EXPECT_THAT(Run("look"), StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("kill_switch")));
}

TEST_F(AnsweringRulesTest, ACallIsHungUpWithinASecondOfTheKillSwitchAndNotBefore_A51) {
  Open();
  FakeCallEnds ends = MakeFakeCall(executor_, {.info = kCall});
  const std::unique_ptr<Call> call = rules_->Watch(std::move(ends.call));
  EXPECT_EQ(call->info().id, kCall.id);
  executor_.RunFor(30s + 400ms);
  EXPECT_FALSE(ends.caller->ended());
  EXPECT_EQ(rules_->Stopped(), std::nullopt);
  kill_.StopAll("it talks nonsense");
  executor_.RunFor(1s);
  EXPECT_TRUE(ends.caller->agent_hung_up());
  EXPECT_THAT(log_.text(), HasSubstr("hung up CA1: everything is stopped: it talks nonsense"));
  EXPECT_EQ(rules_->Stopped(), "everything is stopped: it talks nonsense");
  kill_.Resume();
  EXPECT_EQ(rules_->Stopped(), std::nullopt);
}

}  // namespace
}  // namespace dragoman
