// An operator with a real store, journal and governor on a virtual clock, and far sides that do
// what the test says. It can be killed and started again over the same store.
#ifndef DRAGOMAN_TESTS_TASKS_OPERATOR_WORLD_H_
#define DRAGOMAN_TESTS_TASKS_OPERATOR_WORLD_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/tasks/operator.h"
#include "dragoman/testing/fake_tool.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {

// A mail server that counts, in memory: it outlives the process that writes to it.
class CountingMail : public EffectSender {
 public:
  explicit CountingMail(Executor& executor) : executor_(executor) {}

  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override {
    SendResult result{.outcome = SendOutcome::kConfirmed, .reference = "mail-1", .detail = "sent"};
    if (!next.empty()) {
      result = next.front();
      next.pop_front();
    }
    if (result.outcome != SendOutcome::kRejected) ++sent[intent.client_reference];
    arguments.push_back(intent.arguments);
    if (silent) return;
    executor_.Post([result, done = std::move(done)]() mutable { done(result); });
  }
  void LookUp(const IntentRecord& intent, WallTime, WallTime,
              absl::AnyInvocable<void(LookupResult)> done) override {
    LookupResult result{.outcome = lookups_fail ? LookupOutcome::kFailed
                                   : sent.contains(intent.client_reference)
                                       ? LookupOutcome::kFound
                                       : LookupOutcome::kAbsent,
                        .reference = "mail-1"};
    executor_.Post([result, done = std::move(done)]() mutable { done(result); });
  }
  void Poll(const IntentRecord&, absl::AnyInvocable<void(PollResult)> done) override {
    executor_.Post([done = std::move(done)]() mutable { done({}); });
  }

  std::deque<SendResult> next;
  bool silent = false;  // takes the mail and says nothing
  bool lookups_fail = false;
  std::map<std::string, int> sent;  // by client reference
  std::vector<std::string> arguments;

 private:
  Executor& executor_;
};

inline ToolSpec MailSpec() {
  return {.name = "send_email",
          .description = "Sends a mail.",
          .parameters = R"({"type":"object","properties":{"to":{"type":"string"},)"
                        R"("body":{"type":"string"}},"required":["to","body"],)"
                        R"("additionalProperties":false})",
          .effect = EffectClass::kQueryable,
          .risk = ToolRisk::kOutward,
          .roles = {{"to", ArgumentRole::kMail}},
          .proves = {"message"}};
}

inline ToolSpec LookSpec() {
  return {.name = "look_up",
          .description = "Looks something up.",
          .parameters = R"({"type":"object","properties":{"what":{"type":"string"}}})",
          .effect = EffectClass::kRead,
          .risk = ToolRisk::kRead,
          .result_confidentiality = Confidentiality::kPersonal};
}

// One mail to Anna.
constexpr char kMailPlan[] = R"(
[[step]]
id = "mail"
tool = "send_email"
arguments = { to = "anna@example.org", body = "Hello" }
)";

class OperatorWorld;

// What a world has beside mail and lookups.
struct WorldHooks {
  std::function<void(OperatorWorld&)> prepare;  // once, before the first start: more tools
  Carrier* carrier = nullptr;
  GoalSessions* sessions = nullptr;
  const SecretMatcher* secrets = nullptr;  // the governor's
  const SecretGrants* grants = nullptr;
  std::function<GoalCalls*(OperatorWorld&)> open;  // at each start, before the operator's
  std::function<void()> close;                     // at each death, after it
  bool predecessor_died = true;
};

class OperatorWorld {
 public:
  explicit OperatorWorld(std::string path = "", WorldHooks hooks_in = {})
      : hooks(std::move(hooks_in)) {
    auto made = MakeSqliteStore({.path = std::move(path), .on_calling_thread = true});
    EXPECT_THAT(made, IsOk());
    store = *std::move(made);
    EXPECT_THAT(tools.Add(std::make_unique<FakeTool>(MailSpec())), IsOk());
    auto look = std::make_unique<FakeTool>(LookSpec(), ScriptedRun{.result = "{\"price\":\"39\"}"});
    look_up = look.get();
    EXPECT_THAT(tools.Add(std::move(look)), IsOk());
    auto governed = MakeGovernor(*DefaultPolicy(), {.clock = &executor,
                                                    .random = &random,
                                                    .budgets = budgets.get(),
                                                    .calls = calls.get(),
                                                    .repeats = repeats.get(),
                                                    .confirmations = confirmations.get(),
                                                    .decisions = &decisions,
                                                    .kill = &kill,
                                                    .secrets = hooks.secrets,
                                                    .grants = hooks.grants});
    EXPECT_THAT(governed, IsOk());
    governor = *std::move(governed);
    if (hooks.prepare) hooks.prepare(*this);
    StartUp();
  }

  void StartUp() {
    auto governed = GovernedEffects::Create({.governor = governor.get(),
                                             .executor = &executor,
                                             .tools = &tools,
                                             .senders = {{"send_email", &mail}},
                                             .carrier = hooks.carrier,
                                             .sessions = hooks.sessions});
    ASSERT_THAT(governed, IsOk());
    effects = *std::move(governed);
    GoalCalls* const phone = hooks.open ? hooks.open(*this) : nullptr;
    auto made = Operator::Create({.calling_number = "+12015550100",
                                  .calls_disclose = true,
                                  .predecessor_died = hooks.predecessor_died},
                                 {.store = store.get(),
                                  .executor = &executor,
                                  .governor = governor.get(),
                                  .confirmations = confirmations.get(),
                                  .tools = &tools,
                                  .effects = effects.get(),
                                  .calls = phone,
                                  .random = &random,
                                  .on_update = [this](const GoalUpdate& update) {
                                    updates.push_back(update);
                                    if (on_update) on_update(update);
                                  }});
    ASSERT_THAT(made, IsOk());
    agent = *std::move(made);
    absl::Status started = absl::UnknownError("not called");
    agent->Start([&](absl::Status status) { started = status; });
    executor.RunUntilIdle();
    ASSERT_THAT(started, IsOk());
  }
  // The process dies: nothing is said to anybody.
  void Kill() {
    agent.reset();
    if (hooks.close) hooks.close();
    effects.reset();
  }

  absl::StatusOr<std::string> NewGoal(std::string_view plan_toml, std::string words = "a goal",
                                      std::string user = "owner") {
    absl::StatusOr<GoalPlan> plan = ParseGoalPlan(plan_toml, "plan.toml", tools);
    if (!plan.ok()) return plan.status();
    absl::StatusOr<std::string> id = absl::UnknownError("not called");
    agent->NewGoal({.user = std::move(user), .words = std::move(words), .plan = *plan},
                   [&](absl::StatusOr<std::string> made) { id = std::move(made); });
    executor.RunUntilIdle();
    return id;
  }
  absl::Status Answer(const std::string& goal, std::string text,
                      OwnerChoice choice = OwnerChoice::kText) {
    absl::Status status = absl::UnknownError("not called");
    const TaskProgress* now = agent->progress(goal);
    agent->Answer(goal, now == nullptr ? "" : now->question, choice, std::move(text),
                  [&](absl::Status s) { status = s; });
    executor.RunUntilIdle();
    return status;
  }
  absl::Status Approve(const std::string& goal, bool yes = true,
                       AnswerChannel channel = AnswerChannel::kOwnerConsole) {
    absl::Status status = absl::UnknownError("not called");
    const TaskProgress* now = agent->progress(goal);
    agent->Approve(goal, now == nullptr ? "" : now->question,
                   {.channel = channel, .tenant = "local", .user = "owner", .yes = yes},
                   [&](absl::Status s) { status = s; });
    executor.RunUntilIdle();
    return status;
  }
  GoalReport Report(const std::string& goal) {
    absl::StatusOr<GoalReport> report = absl::UnknownError("not read");
    EXPECT_THAT(store->Read(
                    [&](StoreView& view) {
                      report = ReadGoal(view, goal);
                      return absl::OkStatus();
                    },
                    executor, [](absl::Status) {}),
                IsOk());
    EXPECT_THAT(report, IsOk());
    return report.ok() ? *report : GoalReport{};
  }
  std::string State(const std::string& goal) { return Report(goal).goal.state; }

  WorldHooks hooks;
  ManualExecutor executor;
  SeededRandom random{7};
  std::unique_ptr<Store> store;
  ToolRegistry tools;
  FakeTool* look_up = nullptr;
  std::unique_ptr<BudgetLedger> budgets = MakeMemoryBudgetLedger();
  std::unique_ptr<CallLedger> calls = MakeMemoryCallLedger();
  std::unique_ptr<RepeatLedger> repeats = MakeMemoryRepeatLedger();
  std::unique_ptr<ConfirmationBook> confirmations = MakeMemoryConfirmationBook();
  MemoryDecisionLog decisions;
  KillSwitch kill;
  std::unique_ptr<Governor> governor;
  CountingMail mail{executor};
  std::vector<GoalUpdate> updates;
  std::function<void(const GoalUpdate&)> on_update;  // beside that; may be empty
  std::unique_ptr<GovernedEffects> effects;
  std::unique_ptr<Operator> agent;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_TASKS_OPERATOR_WORLD_H_
