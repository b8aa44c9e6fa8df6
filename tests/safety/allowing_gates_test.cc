#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>

#include "dragoman/safety/gates.h"
#include "dragoman/testing/fake_carrier.h"
#include "dragoman/testing/fake_speech_synthesizer.h"
#include "dragoman/testing/fake_tool.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/memory_log.h"
#include "tests/contract/gate_contract.h"

namespace dragoman {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The registry owns its tools, so the fakes are kept apart and lent through this.
class LentTool : public Tool {
 public:
  explicit LentTool(FakeTool& tool) : tool_(tool) {}
  const ToolSpec& spec() const override { return tool_.spec(); }
  std::unique_ptr<ToolRun> Run(std::string arguments, const ToolContext& context,
                               Executor& executor, ToolDone on_done) override {
    return tool_.Run(std::move(arguments), context, executor, std::move(on_done));
  }

 private:
  FakeTool& tool_;
};

ToolSpec EchoSpec() {
  ToolSpec spec = FakeTool::Spec("echo");
  spec.parameters =
      R"({"type":"object","properties":{"text":{"type":"string"}},"required":["text"]})";
  return spec;
}

ToolSpec StuckSpec() {
  ToolSpec spec = FakeTool::Spec("stuck", EffectClass::kBlind);
  spec.timeout = std::chrono::seconds(5);
  return spec;
}

struct AllowingHarness : ManualHarness {
  AllowingHarness() {
    EXPECT_THAT(tools_.Add(std::make_unique<LentTool>(echo)), IsOk());
    EXPECT_THAT(tools_.Add(std::make_unique<LentTool>(stuck)), IsOk());
    gate_ = MakeAllowingEffectGate(tools_, nullptr, log_);
  }
  EffectGate& gate() { return *gate_; }
  int echo_runs() { return static_cast<int>(echo.runs().size()); }
  std::string log() { return log_.text(); }

  FakeTool echo{EchoSpec()};
  FakeTool stuck{StuckSpec(), {.stalls = true}};
  MemoryLog log_;
  ToolRegistry tools_;
  std::unique_ptr<EffectGate> gate_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Allowing, EffectGateContract, AllowingHarness);

TEST(AllowingEffectGateTest, ATimedOutToolIsToldAndItsLateResultGoesNowhere) {
  AllowingHarness harness;
  harness.stuck.Enqueue({.after = std::chrono::seconds(6), .ignores_cancel = true});
  int results = 0;
  auto run = harness.gate().Run({.id = "1", .name = "stuck", .arguments = "{}"}, {.call_id = "c"},
                                harness.executor(), [&](auto) { ++results; });
  harness.executor().RunFor(std::chrono::seconds(20));
  EXPECT_EQ(results, 1);
  EXPECT_TRUE(harness.stuck.runs()[0].cancelled);
  EXPECT_THAT(harness.log(), HasSubstr("timed out tool stuck"));
}

TEST(AllowingEffectGateTest, TheToolLearnsTheKeyOfItsEffect) {
  AllowingHarness harness;
  auto run = harness.gate().Run({.id = "1", .name = "echo", .arguments = R"({"text":"x"})"},
                                {.call_id = "c", .effect_key = "intent-9"}, harness.executor(),
                                [](auto) {});
  harness.executor().RunUntilIdle();
  ASSERT_EQ(harness.echo.runs().size(), 1u);
  EXPECT_EQ(harness.echo.runs()[0].context.effect_key, "intent-9");
}

TEST(AllowingEffectGateTest, HostileToolNamesStayOnOneLogLine) {
  AllowingHarness harness;
  auto run = harness.gate().Run({.id = "1", .name = "x\nallowed tool echo", .arguments = "{}"},
                                {.call_id = "c"}, harness.executor(), [](auto) {});
  harness.executor().RunUntilIdle();
  EXPECT_THAT(harness.log(), Not(HasSubstr("\nallowed tool echo")));
}

TEST(AllowingEffectGateTest, OffersTheToolsOfItsRegistry) {
  AllowingHarness harness;
  ASSERT_EQ(harness.gate().tools().size(), 2u);
  EXPECT_EQ(harness.gate().tools()[1].name, "stuck");
}

TEST(AllowingEffectGateTest, DialsThroughItsCarrierAfterCheckingTheRequest) {
  ManualExecutor executor;
  ToolRegistry tools;
  FakeCarrier carrier;
  MemoryLog log;
  auto gate = MakeAllowingEffectGate(tools, &carrier, log);
  EXPECT_THAT(gate->Place({.to = ""}, executor, {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("to is empty")));
  EXPECT_TRUE(carrier.requests().empty());

  auto dial = gate->Place({.to = "+15550134", .client_reference = "ref-1"}, executor,
                          {.on_ringing = {}, .on_done = [](auto, auto, auto) {}});
  ASSERT_THAT(dial, IsOk());
  ASSERT_EQ(carrier.requests().size(), 1u);
  EXPECT_EQ(carrier.requests()[0].to, "+15550134");
  EXPECT_THAT(log.text(), AllOf(HasSubstr("refused dial"), HasSubstr("allowed dial ref-1")));
}

TEST(AllowingSpeechGateTest, PassesASentenceOnAndLogsItsSizeOnly) {
  ManualExecutor executor;
  FakeSpeechSynthesizer synthesizer;
  MemoryLog log;
  auto gate = MakeAllowingSpeechGate(synthesizer, log);
  const SpokenText spoken = gate->Check("call-3", "Your appointment is booked.");
  EXPECT_EQ(spoken.text, "Your appointment is booked.");
  EXPECT_FALSE(spoken.replaced);
  EXPECT_THAT(log.text(),
              AllOf(HasSubstr("call-3"), HasSubstr("27 bytes"), Not(HasSubstr("appointment"))));
  EXPECT_TRUE(synthesizer.texts().empty());

  auto stream = gate->Synthesize(spoken, {}, executor, {});
  ASSERT_THAT(stream, IsOk());
  EXPECT_THAT(synthesizer.texts(), ElementsAre("Your appointment is booked."));
}

TEST(AllowingSpeechGateTest, WhatReallyIsSpokenIsTheCheckedText) {
  ManualExecutor executor;
  FakeSpeechSynthesizer synthesizer;
  auto gate = MakeAllowingSpeechGate(synthesizer, NullLog());
  auto stream = gate->Synthesize({.text = "A safe line.", .replaced = true, .reason = "rule"}, {},
                                 executor, {});
  ASSERT_THAT(stream, IsOk());
  EXPECT_THAT(synthesizer.texts(), ElementsAre("A safe line."));
}

}  // namespace
}  // namespace dragoman
