#include "dragoman/safety/governor.h"

#include <atomic>
#include <thread>

#include "tests/safety/governor_fixture.h"

namespace dragoman {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Verdict kAllow = Verdict::kAllow;
constexpr Verdict kConfirm = Verdict::kConfirm;
constexpr Verdict kDeny = Verdict::kDeny;

TEST(GovernorTest, ACallThatTheOwnerAskedForIsAllowedReservedAndRecorded) {
  GovernorFixture f;
  const Decision decision = f.governor->Authorize(f.Call(kNewJersey));
  EXPECT_THAT(decision, Decides(kAllow, "risk"));
  EXPECT_EQ(decision.arguments, R"({"to":"+12015550123"})");
  // Ten minutes at 0.05 EUR.
  const Amounts used = f.budgets->Used(R"(goal "t1" "u1" "g1")");
  EXPECT_EQ(used.calls, 1);
  EXPECT_EQ(used.minutes, 10);
  ASSERT_EQ(used.money.size(), 1u);
  EXPECT_EQ(used.money[0].hundredths, 50);
  ASSERT_EQ(f.decisions.records().size(), 1u);
  EXPECT_EQ(f.decisions.records()[0].destination, "tel:+12015550123");

  EXPECT_THAT(f.governor->Settle(decision, {.money = {{15, "EUR"}}, .calls = 1, .minutes = 3}),
              IsOk());
  EXPECT_EQ(f.budgets->Used(R"(goal "t1" "u1" "g1")").money[0].hundredths, 15);
  EXPECT_THAT(f.governor->Settle(decision, {}), StatusIs(absl::StatusCode::kNotFound));
}

TEST(GovernorTest, ExplainChangesNothing) {
  GovernorFixture f;
  EXPECT_THAT(f.governor->Explain(f.Call(kNewJersey)), Decides(kAllow, "risk"));
  EXPECT_THAT(f.governor->Explain(f.Call(kLondon)), Decides(kDeny, "country"));
  EXPECT_THAT(f.governor->Explain(f.Ask(PayTool(), R"({"amount":"1.00 EUR","payee":"Acme"})")),
              Decides(kConfirm, "risk"));
  EXPECT_THAT(f.decisions.records(), IsEmpty());
  EXPECT_EQ(f.budgets->Used(R"(goal "t1" "u1" "g1")"), Amounts{});
  EXPECT_THAT(f.confirmations->Pending("t1", "u1", f.clock.WallNow()), IsEmpty());
}

TEST(GovernorTest, TheExplanationListsEveryRuleAndMarksTheDecidingOne) {
  GovernorFixture f;
  const std::string text = RenderDecision(f.governor->Explain(f.Call("+19005550123")));
  EXPECT_THAT(text, HasSubstr("DENY by destination"));
  EXPECT_THAT(text, HasSubstr(">   DENY destination: to \"+19005550123\": the number is premium"));
  EXPECT_THAT(text, HasSubstr("pass kill_switch"));
  EXPECT_THAT(text, HasSubstr("budget"));
}

TEST(GovernorTest, AToolThatDeclaresNoRiskIsRefused) {
  GovernorFixture f;
  ToolSpec tool = NoteTool();
  tool.risk = ToolRisk::kUndeclared;
  f.scope.tools["note"] = ToolFingerprint(tool);
  EXPECT_THAT(f.governor->Authorize(f.Ask(tool, "{}")), Decides(kDeny, "declared"));
}

TEST(GovernorTest, ArgumentsWithTwinKeysAreRefusedBeforeAnythingElseReadsThem) {
  GovernorFixture f;
  const Decision decision = f.governor->Authorize(f.Ask(NoteTool(), R"({"text":"a","text":"b"})"));
  EXPECT_THAT(decision, Decides(kDeny, "arguments"));
  EXPECT_THAT(decision.why, HasSubstr("twice"));
}

TEST(GovernorTest, ALabelThatIsMissingMeansUntrustedAndSecret) {
  GovernorFixture f;
  EffectRequest request = f.Ask(MailTool(), R"({"body":"hello","to":"a@example.org"})");
  request.labels.erase("body");
  EXPECT_THAT(f.governor->Authorize(request), Decides(kDeny, "secrecy"));
}

TEST(GovernorTest, APersonalItemIsListedAndOnceConfirmedMayGoThereAgain) {
  GovernorFixture f;
  const auto request = [&](const char* subject) {
    EffectRequest asked = f.Ask(MailTool(), std::string(R"({"body":"born 1 May","subject":")") +
                                                subject + R"(","to":"a@example.org"})");
    asked.labels["body"] = UserLabel(Confidentiality::kPersonal);
    return asked;
  };
  const Decision asked = f.governor->Authorize(request("one"));
  ASSERT_THAT(asked, Decides(kConfirm, "personal"));
  EXPECT_THAT(asked.confirmation->text,
              AllOf(HasSubstr("mailto:a@example.org would learn body"), HasSubstr("born 1 May")));
  EXPECT_THAT(f.Approve(asked), IsOk());
  EXPECT_THAT(f.governor->Authorize(request("one")), Decides(kAllow, "confirmed"));
  EXPECT_THAT(f.governor->Authorize(request("two")), Decides(kAllow, "risk"));
  f.scope.goal = "g2";
  EXPECT_THAT(f.governor->Authorize(request("two")), Decides(kConfirm, "personal"));
}

TEST(GovernorTest, TheSameQuestionIsOpenedOnce) {
  GovernorFixture f;
  const EffectRequest request = f.Ask(PayTool(), R"({"amount":"1.00 EUR","payee":"Acme"})");
  const Decision first = f.governor->Authorize(request);
  const Decision second = f.governor->Authorize(request);
  ASSERT_TRUE(first.confirmation && second.confirmation);
  EXPECT_EQ(first.confirmation->id, second.confirmation->id);
}

TEST(GovernorTest, ANoIsNotAskedAgain) {
  GovernorFixture f;
  const EffectRequest request = f.Ask(PayTool(), R"({"amount":"1.00 EUR","payee":"Acme"})");
  const Decision asked = f.governor->Authorize(request);
  ASSERT_TRUE(asked.confirmation);
  ASSERT_THAT(f.confirmations->Answer(
                  asked.confirmation->id,
                  {.channel = AnswerChannel::kOwnerApp, .tenant = "t1", .user = "u1", .yes = false},
                  f.clock.WallNow()),
              IsOk());
  EXPECT_THAT(f.governor->Authorize(request), Decides(kDeny, "answer"));
}

TEST(GovernorTest, WhatIsShownHidesNothing) {
  GovernorFixture f;
  const Decision asked = f.governor->Authorize(
      f.Ask(PayTool(), "{\"amount\":\"1.00 EUR\",\"payee\":\"Acme \u202egro.live\u200b\"}"));
  ASSERT_TRUE(asked.confirmation);
  EXPECT_THAT(asked.confirmation->text,
              AllOf(HasSubstr("\\u{202e}"), HasSubstr("\\u{200b}"), Not(HasSubstr("\u202e"))));
}

TEST(GovernorTest, CallsOutsideTheHoursOfAnyZoneItMayBeInAreRefused) {
  GovernorFixture f;
  // 2026-01-06 13:30 UTC: 08:30 in New Jersey, 05:30 in California.
  f.clock.SetWallStart(std::chrono::sys_days(std::chrono::year(2026) / 1 / 6) +
                       std::chrono::minutes(13 * 60 + 30));
  EXPECT_THAT(f.governor->Authorize(f.Call(kNewJersey)), Decides(kAllow, "risk"));
  f.scope.goal = "g2";
  EXPECT_THAT(f.governor->Authorize(f.Call(kCalifornia)), Decides(kDeny, "calling_hours"));
  // Toll-free: any zone of the country, so Hawaii's 03:30 counts.
  f.scope.goal = "g3";
  EXPECT_THAT(f.governor->Authorize(f.Call("+18005550199")), Decides(kDeny, "calling_hours"));
  // With an address that is known, its zone alone.
  f.scope.goal = "g4";
  EffectRequest known = f.Call(kCalifornia);
  known.call.zone = "America/New_York";
  EXPECT_THAT(f.governor->Authorize(known), Decides(kAllow, "risk"));
}

TEST(GovernorTest, TheConsentThatAPurposeNeedsIsLookedUp) {
  GovernorFixture f;
  f.scope.purpose = CallPurpose::kMarketing;
  EXPECT_THAT(f.governor->Authorize(f.Call(kNewJersey)), Decides(kDeny, "consent"));
  ASSERT_THAT(
      f.calls->RecordConsent("t1", kNewJersey, {.given = ConsentClass::kWritten, .source = "form"}),
      IsOk());
  EXPECT_THAT(f.governor->Authorize(f.Call(kNewJersey)), Decides(kAllow, "risk"));
  ASSERT_THAT(
      f.calls->RecordConsent("t1", kNewJersey, {.given = ConsentClass::kWritten, .revoked = true}),
      IsOk());
  EXPECT_THAT(f.governor->Authorize(f.Call(kNewJersey)), Decides(kDeny, "consent"));
}

TEST(GovernorTest, TheKillSwitchStopsAllATenantOrAGoal) {
  for (int scope = 0; scope < 3; ++scope) {
    GovernorFixture f;
    if (scope == 0) f.kill.StopAll("drill");
    if (scope == 1) f.kill.StopTenant("t1", "drill");
    if (scope == 2) f.kill.StopGoal("t1", "g1", "drill");
    EXPECT_THAT(f.governor->Authorize(f.Ask(NoteTool(), "{}")), Decides(kDeny, "kill_switch"));
    EXPECT_TRUE(f.governor->Stopped(f.scope).has_value());
    f.kill.Resume();
    EXPECT_THAT(f.governor->Authorize(f.Ask(NoteTool(), "{}")), Decides(kAllow, "risk"));
  }
}

TEST(GovernorTest, ASubGoalSpendsWhatIsLeftOfItsParent) {
  GovernorFixture f;
  f.policy.call_length = std::chrono::minutes(40);
  f.policy.parallel_calls = 10;
  f.Rebuild();
  EXPECT_THAT(f.governor->Authorize(f.Call(kNewJersey)), Decides(kAllow, "risk"));
  f.scope.parents = {{.goal = "g1", .budget = std::nullopt}};
  f.scope.goal = "g1.1";  // 40 of the parent's 60 minutes are reserved
  EXPECT_THAT(f.governor->Authorize(f.Call(kNewJersey)), Decides(kDeny, "budget"));
}

TEST(GovernorTest, NoBudgetIsOverspentByManyThreads) {
  GovernorFixture f;
  f.policy.identical_calls = 100;
  f.Rebuild();
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const std::string arguments =
            "{\"body\":\"" + std::to_string(t * 100 + i) + "\",\"to\":\"a@example.org\"}";
        if (f.governor->Authorize(f.Ask(MailTool(), arguments)).verdict == kAllow) ++allowed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 20);  // messages of one goal
}

TEST(GovernorTest, NothingHappensThatCannotBeRecorded) {
  class BrokenLog : public DecisionLog {
    absl::Status Record(const DecisionRecord&) override { return absl::UnavailableError("disk"); }
  } broken;
  GovernorFixture f;
  auto made = MakeGovernor(f.policy, {.clock = &f.clock,
                                      .random = &f.random,
                                      .budgets = f.budgets.get(),
                                      .calls = f.calls.get(),
                                      .repeats = f.repeats.get(),
                                      .confirmations = f.confirmations.get(),
                                      .decisions = &broken,
                                      .kill = &f.kill});
  ASSERT_THAT(made, IsOk());
  EXPECT_THAT((*made)->Authorize(f.Call(kNewJersey)), Decides(kDeny, "record"));
  EXPECT_EQ(f.budgets->Used(R"(goal "t1" "u1" "g1")").calls, 0);
}

}  // namespace
}  // namespace dragoman
