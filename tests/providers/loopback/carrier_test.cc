#include "dragoman/providers/loopback/carrier.h"

#include <gmock/gmock.h>

#include <memory>
#include <utility>

#include "dragoman/testing/fake_call.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/testing/pcm.h"
#include "tests/contract/carrier_contract.h"
#include "tests/contract/media_stream_contract.h"

namespace dragoman {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class LoopbackCarrierTest : public ::testing::Test {
 protected:
  void Dial(DialRequest request) {
    auto placed = carrier_->Place(request, executor_, listening_.Callbacks());
    ASSERT_THAT(placed, IsOk());
    dial_ = *std::move(placed);
  }

  ManualExecutor executor_;
  std::unique_ptr<LoopbackCarrier> carrier_ = MakeLoopbackCarrier();
  FakeCallAgent agent_;
  DialListening listening_;
  std::unique_ptr<dragoman::Dial> dial_;
};

TEST_F(LoopbackCarrierTest, BothEndsHearEachOther) {
  carrier_->Register("+15550100", {.agent = &agent_});
  Dial({.to = "+15550100", .from = "+15550199", .client_reference = "intent-7"});
  executor_.RunFor(1ms);
  ASSERT_THAT(agent_.calls(), SizeIs(1));
  ASSERT_NE(listening_.call, nullptr);
  Call& callee = *agent_.calls()[0];
  EXPECT_EQ(callee.info().direction, CallDirection::kInbound);
  EXPECT_EQ(callee.info().from, "+15550199");
  EXPECT_EQ(callee.info().parameters.at("clientReference"), "intent-7");

  MediaListening at_caller, at_callee;
  callee.media()->Start(at_callee.Callbacks());
  listening_.call->media()->Start(at_caller.Callbacks());
  ASSERT_THAT(callee.media()->Play(Buzz(100ms)), IsOk());
  ASSERT_THAT(listening_.call->media()->Play(Buzz(60ms, 8000, 1234)), IsOk());
  ASSERT_THAT(callee.media()->SendDtmf("12#"), IsOk());
  executor_.RunFor(99ms);
  EXPECT_EQ(at_caller.audio, Buzz(100ms).samples);
  EXPECT_EQ(at_caller.digits, "12#");
  std::vector<std::int16_t> expected = Buzz(60ms, 8000, 1234).samples;
  expected.resize(800);  // then the line carries silence
  EXPECT_EQ(at_callee.audio, expected);
  EXPECT_THAT(callee.media()->SendDtmf("1x"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(LoopbackCarrierTest, RingsAsLongAsTheCalleeAndTheRequestSay) {
  carrier_->Register("+15550100", {.agent = &agent_, .ring_time = 20s});
  Dial({.to = "+15550100", .ring_timeout = 10s});
  executor_.RunFor(9999ms);
  EXPECT_EQ(listening_.ringing, 1);
  EXPECT_THAT(listening_.outcomes, SizeIs(0));
  executor_.RunFor(1ms);
  EXPECT_THAT(listening_.outcomes, ElementsAre(DialOutcome::kNoAnswer));
  EXPECT_EQ(agent_.accepted(), 0);
}

TEST_F(LoopbackCarrierTest, AnAgentThatRefusesTheCallDeclines) {
  agent_.RefuseAll();
  carrier_->Register("+15550100", {.agent = &agent_});
  Dial({.to = "+15550100"});
  executor_.RunFor(1s);
  EXPECT_THAT(listening_.outcomes, ElementsAre(DialOutcome::kDeclined));
}

TEST_F(LoopbackCarrierTest, ADialCancelledWhileItRingsNeverReachesTheCallee) {
  carrier_->Register("+15550100", {.agent = &agent_, .ring_time = 5s});
  Dial({.to = "+15550100"});
  executor_.RunFor(1s);
  dial_->Cancel();
  executor_.RunFor(1min);
  EXPECT_EQ(agent_.accepted(), 0);
  EXPECT_EQ(carrier_->placed(), 1);
}

TEST_F(LoopbackCarrierTest, TheTimeLimitEndsTheCallForBothWithoutAnyAgent) {
  carrier_->Register("+15550100", {.agent = &agent_});
  Dial({.to = "+15550100", .time_limit = 60s});
  executor_.RunFor(1s);
  MediaListening at_callee;
  agent_.calls()[0]->media()->Start(at_callee.Callbacks());
  executor_.RunFor(58s);
  EXPECT_THAT(at_callee.closed, SizeIs(0));
  executor_.RunFor(2s);
  EXPECT_THAT(at_callee.closed, ElementsAre(IsOk()));
}

TEST_F(LoopbackCarrierTest, ANumberThatWasGivenUpIsNobodys) {
  carrier_->Register("+15550100", {.agent = &agent_});
  carrier_->Unregister("+15550100");
  Dial({.to = "+15550100"});
  executor_.RunFor(1s);
  EXPECT_THAT(listening_.outcomes, ElementsAre(DialOutcome::kInvalidNumber));
}

}  // namespace
}  // namespace dragoman
