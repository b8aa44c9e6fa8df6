// A governor over ledgers in memory, on a clock that stands where the test put it.
#ifndef DRAGOMAN_TESTS_SAFETY_GOVERNOR_FIXTURE_H_
#define DRAGOMAN_TESTS_SAFETY_GOVERNOR_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/safety/governor.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "dragoman/tools/canonical_json.h"

namespace dragoman {

// Random from a thread that may be any: the governor asks for nonces.
class CountingRandom : public Random {
 public:
  std::uint64_t Next() override { return ++last_; }

 private:
  std::atomic<std::uint64_t> last_{0};
};

// New Jersey and California numbers out of the ranges that are kept for fiction.
inline constexpr char kNewJersey[] = "+12015550123";
inline constexpr char kCalifornia[] = "+14155550123";
inline constexpr char kLondon[] = "+442079460958";

inline ToolSpec MakeSpec(std::string name, ToolRisk risk, std::vector<ArgumentSpec> roles = {},
                         std::vector<std::string> proves = {}) {
  return {.name = std::move(name),
          .description = "for tests",
          .parameters = R"({"type":"object"})",
          .effect = EffectClass::kQueryable,
          .risk = risk,
          .roles = std::move(roles),
          .proves = std::move(proves)};
}

inline ToolSpec CallTool() {
  return MakeSpec("place_call", ToolRisk::kOutward, {{"to", ArgumentRole::kPhone}}, {"call"});
}
inline ToolSpec MailTool() {
  return MakeSpec("send_email", ToolRisk::kOutward, {{"to", ArgumentRole::kMail}}, {"message"});
}
inline ToolSpec SmsTool() {
  return MakeSpec("send_sms", ToolRisk::kOutward, {{"to", ArgumentRole::kSms}}, {"message"});
}
inline ToolSpec PayTool() {
  return MakeSpec("pay", ToolRisk::kMoney,
                  {{"payee", ArgumentRole::kPayee}, {"amount", ArgumentRole::kMoney}}, {"payment"});
}
inline ToolSpec FetchTool() {
  return MakeSpec("fetch", ToolRisk::kRead, {{"url", ArgumentRole::kUrl}});
}
inline ToolSpec DigitsTool() {
  return MakeSpec("press_keys", ToolRisk::kOutward, {{"digits", ArgumentRole::kDigits}});
}
inline ToolSpec NoteTool() { return MakeSpec("note", ToolRisk::kLocal); }
inline ToolSpec LearnTool() { return MakeSpec("remember", ToolRisk::kLearn); }

// Read once: a few hundred fixtures are made of it.
inline const Policy& ShippedPolicy() {
  static const Policy* const kPolicy = new Policy(*DefaultPolicy());
  return *kPolicy;
}

struct GovernorFixture {
  explicit GovernorFixture(Policy own_policy = ShippedPolicy()) : policy(std::move(own_policy)) {
    // 2026-01-06, a Tuesday, 18:00 UTC: 13:00 in New York, 10:00 in Los Angeles.
    clock.SetWallStart(std::chrono::sys_days(std::chrono::year(2026) / 1 / 6) +
                       std::chrono::hours(18));
    Rebuild();
    for (const ToolSpec& tool : {CallTool(), MailTool(), SmsTool(), PayTool(), FetchTool(),
                                 DigitsTool(), NoteTool(), LearnTool()}) {
      scope.tools[tool.name] = ToolFingerprint(tool);
    }
  }

  void Rebuild() {
    auto made = MakeGovernor(policy, {.clock = &clock,
                                      .random = &random,
                                      .budgets = budgets.get(),
                                      .calls = calls.get(),
                                      .repeats = repeats.get(),
                                      .confirmations = confirmations.get(),
                                      .decisions = &decisions,
                                      .kill = &kill,
                                      .secrets = secrets,
                                      .grants = grants});
    EXPECT_THAT(made, IsOk());
    governor = *std::move(made);
  }

  // Every argument has `label`.
  EffectRequest Ask(const ToolSpec& tool, const std::string& arguments,
                    const Label& label = UserLabel()) const {
    EffectRequest request{.scope = scope,
                          .tool = tool,
                          .arguments = arguments,
                          .labels = {},
                          .untrusted_input = false,
                          .private_data = false,
                          .call = {.discloses = true}};
    const auto members = CanonicalMembers(arguments);
    if (members.ok()) {
      for (const auto& [name, value] : *members) request.labels[name] = label;
    }
    return request;
  }

  EffectRequest Call(const std::string& to, const Label& label = UserLabel()) const {
    return Ask(CallTool(), "{\"to\":" + JsonString(to) + "}", label);
  }

  absl::Status Approve(const Decision& decision,
                       AnswerChannel channel = AnswerChannel::kOwnerConsole) {
    if (!decision.confirmation) return absl::NotFoundError("no question");
    return confirmations->Answer(
        decision.confirmation->id,
        {.channel = channel, .tenant = scope.tenant, .user = scope.user, .yes = true},
        clock.WallNow());
  }

  ManualExecutor clock;
  CountingRandom random;
  Policy policy;
  std::unique_ptr<BudgetLedger> budgets = MakeMemoryBudgetLedger();
  std::unique_ptr<CallLedger> calls = MakeMemoryCallLedger();
  std::unique_ptr<RepeatLedger> repeats = MakeMemoryRepeatLedger();
  std::unique_ptr<ConfirmationBook> confirmations = MakeMemoryConfirmationBook();
  MemoryDecisionLog decisions;
  KillSwitch kill;
  const SecretMatcher* secrets = nullptr;
  const SecretGrants* grants = nullptr;
  GoalScope scope{.tenant = "t1",
                  .user = "u1",
                  .goal = "g1",
                  .title = "a table for two",
                  .purpose = CallPurpose::kErrand};
  std::unique_ptr<Governor> governor;
};

MATCHER_P2(Decides, verdict, rule, "") {
  *result_listener << RenderDecision(arg);
  return arg.verdict == verdict && arg.rule == rule;
}

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_SAFETY_GOVERNOR_FIXTURE_H_
