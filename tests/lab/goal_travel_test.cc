// Goals in worlds of their own: what was recorded happens again, and another future begins at any
// of its events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "dragoman/lab/goal_fork.h"
#include "dragoman/lab/goal_test.h"
#include "dragoman/testing/matchers.h"

namespace dragoman::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kMailPlan = R"(
goal = "Ask the gym"
now = "2026-11-23 16:00"
plan = '''
[[step]]
id = "mail"
tool = "send_email"
arguments = { to = "gym@example.net", subject = "Price", body = "What does it cost?" }

[[step]]
id = "keep"
tool = "note"
optional = true
needs = ["mail"]
arguments = { text = "asked" }
'''
[machine]
replans = 0
)";

constexpr std::string_view kCallPlan = R"(
goal = "Phone the gym"
now = "2026-11-23 16:00"
number = "+12025550100"
plan = '''
[[step]]
id = "phone"
tool = "place_call"
arguments = { to = "+12025550123", for = "Anna Smith", request = "What does it cost?" }

[[step]]
id = "keep"
tool = "note"
arguments = { text = "It costs ${phone.price}." }
'''
[machine]
replans = 0
)";

struct World {
  std::string name;
  std::string_view plan;
  std::string rest;   // answers, results, wishes
  std::string state;  // in which it ends
  bool asks_first = false;
};

std::vector<World> Worlds() {
  return {
      {"confirmed", kMailPlan, "", "COMPLETED"},
      {"rejected and given up", kMailPlan, R"(
[[result]]
step = "mail"
end = "rejected"
detail = "550 no such user"
[[answer]]
step = "mail"
about = "failure"
after = "20 s"
choice = "give up"
)",
       "FAILED"},
      {"rejected and tried again", kMailPlan, R"(
[[result]]
step = "mail"
end = "rejected"
detail = "451 later"
retry_after = "90 s"
[[result]]
step = "mail"
attempt = 2
end = "confirmed"
reference = "mail-2"
after = "3 s"
)",
       "COMPLETED"},
      {"nobody can tell, and the owner knows", kMailPlan, R"(
[tool.send_email]
class = "blind"
[[result]]
step = "mail"
end = "unclear"
[[answer]]
step = "mail"
about = "unclear"
after = "2 min"
choice = "it happened"
)",
       "COMPLETED"},
      {"looked up and not found", kMailPlan, R"(
[tool.send_email]
class = "queryable"
[[result]]
step = "mail"
end = "not found"
[[result]]
step = "mail"
attempt = 2
end = "found"
reference = "mail-2"
)",
       "COMPLETED"},
      {"nobody answers", kMailPlan, R"(
[[result]]
step = "mail"
end = "rejected"
detail = "550"
[[answer]]
step = "mail"
about = "failure"
silent = true
)",
       "ESCALATED"},
      {"cancelled", kMailPlan, R"(
[[result]]
step = "mail"
end = "confirmed"
after = "20 s"
[[wish]]
do = "cancel"
at = "5 s"
why = "no need"
)",
       "CANCELLED"},
      {"another plan", kMailPlan, R"(
[[result]]
step = "mail"
end = "rejected"
detail = "550"
[[wish]]
do = "replan"
at = "1 min"
plan = '''
[[step]]
id = "keep"
tool = "note"
arguments = { text = "the gym has no such address" }
'''
)",
       "COMPLETED"},
      {"approved", kMailPlan, R"(
[[answer]]
step = "mail"
about = "approval"
after = "30 s"
yes = true
)",
       "COMPLETED", true},
      {"declined", kMailPlan, R"(
[[answer]]
step = "mail"
about = "approval"
after = "30 s"
)",
       "FAILED", true},
      {"a call that asks", kCallPlan, R"(
[[result]]
step = "phone"
end = "confirmed"
connected = "4 s"
after = "40 s"
detail = '{"price":"39"}'
[[result.ask]]
after = "20 s"
text = "Monday or Tuesday?"
[[answer]]
step = "phone"
about = "call question"
after = "5 s"
text = "Monday"
)",
       "COMPLETED"},
      {"a call that nobody answers", kCallPlan, R"(
[[result]]
step = "phone"
end = "rejected"
detail = "nobody answered"
[[answer]]
step = "phone"
about = "failure"
after = "5 s"
choice = "skip"
)",
       "COMPLETED"},
  };
}

Policy PolicyFor(const World& world) {
  std::string text(DefaultPolicyText());
  if (world.asks_first) text += "\n[tool.send_email]\nverdict = \"confirm\"\n";
  return *ParsePolicy(text, "policy", DefaultCallingRulesText(), "rules");
}

GoalLog Record(const World& world) {
  const auto run =
      RunGoalTest(std::string(world.plan) + world.rest + "\n[expect]\nstate = \"COMPLETED\"\n",
                  "world.toml", PolicyFor(world));
  EXPECT_THAT(run, IsOk());
  if (!run.ok()) return {};
  return run->log;
}

std::vector<std::string> Actions(const GoalLog& log, bool recovered) {
  std::vector<std::string> actions;
  for (const GoalLogRow& row : log.rows) {
    if (recovered || row.action != "recovered") actions.push_back(row.action + ", " + row.state);
  }
  return actions;
}

TEST(GoalTravelTest, WhateverWasRecordedHappensAgain) {
  for (const World& world : Worlds()) {
    SCOPED_TRACE(world.name);
    const GoalLog log = Record(world);
    ASSERT_FALSE(log.rows.empty());
    EXPECT_EQ(log.rows.back().state, world.state);
    const auto text = GoalTestFrom(log, "# a comment\n");
    ASSERT_THAT(text, IsOk());
    const auto again = RunGoalTest(*text, "again.toml", PolicyFor(world));
    ASSERT_THAT(again, IsOk());
    EXPECT_THAT(again->failures, IsEmpty()) << *text;
    EXPECT_EQ(Actions(again->log, true), Actions(log, true));
  }
}

TEST(GoalTravelTest, FromEachEventUnderTheSamePolicyTheRestHappensAgain) {
  for (const World& world : Worlds()) {
    const GoalLog log = Record(world);
    ASSERT_FALSE(log.rows.empty());
    for (std::int64_t at = 1; at < log.events(); ++at) {
      SCOPED_TRACE(world.name + ", event " + std::to_string(at));
      const auto fork = ForkGoal(log, {.at = at, .policy = PolicyFor(world)});
      ASSERT_THAT(fork, IsOk());
      EXPECT_EQ(fork->waits_for, "");
      EXPECT_EQ(fork->log.rows.back().state, world.state);
      EXPECT_EQ(fork->log.rows.back().final, true);
      // What was is as it was, to the byte; what follows replays.
      for (std::int64_t i = 0; i <= at; ++i) {
        EXPECT_EQ(fork->log.rows[static_cast<std::size_t>(i)].delta,
                  log.rows[static_cast<std::size_t>(i)].delta);
      }
      const auto replayed = ReplayGoalLog(fork->log);
      ASSERT_THAT(replayed, IsOk());
      EXPECT_EQ(replayed->verdict, TaskReplayVerdict::kIdentical) << replayed->first_difference;
    }
  }
}

TEST(GoalTravelTest, AForkOfAForkIsAForkOfTheGoal) {
  const GoalLog log = Record(Worlds()[8]);  // approved
  const Policy policy = PolicyFor(Worlds()[8]);
  const auto no = ForkGoal(log, {.at = 3, .policy = policy, .approval = false});
  ASSERT_THAT(no, IsOk());
  EXPECT_EQ(no->log.rows.back().state, "FAILED");
  const auto yes = ForkGoal(no->log, {.at = 4, .policy = policy, .approval = true});
  ASSERT_THAT(yes, IsOk());
  EXPECT_EQ(yes->log.rows.back().state, "COMPLETED");
}

TEST(GoalTravelTest, ARecordThatDoesNotComeOutAgainIsNotForked) {
  GoalLog log = Record(Worlds()[0]);
  log.rows[3].delta = EncodeTaskStep({.event = DecodeTaskStep(log.rows[3].delta)->event});
  EXPECT_THAT(ForkGoal(log, {.at = 3, .policy = *DefaultPolicy()}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("event 3")));
  // Up to the event before it is sound.
  EXPECT_THAT(ForkGoal(log, {.at = 2, .policy = *DefaultPolicy()}), IsOk());
  EXPECT_THAT(GoalTestFrom(log, ""), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("event 3")));
}

TEST(GoalTravelTest, ToolsThatHaveNoDryFormAreRefused) {
  GoalLog log = Record(Worlds()[0]);
  constexpr std::string_view kTool = "\"tool\":\"send_email\"";
  const std::size_t at = log.plans[0].body.find(kTool);
  ASSERT_NE(at, std::string::npos);
  log.plans[0].body.replace(at, kTool.size(), "\"tool\":\"buy_stocks\"");
  EXPECT_THAT(ForkGoal(log, {.at = 2, .policy = *DefaultPolicy()}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("buy_stocks")));
}

}  // namespace
}  // namespace dragoman::lab
