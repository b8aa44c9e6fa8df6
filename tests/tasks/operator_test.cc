#include "dragoman/tasks/operator.h"

#include <stdexcept>

#include "dragoman/tools/tool.h"
#include "tests/tasks/operator_world.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kAskAndMail[] = R"(
[[step]]
id = "who"
tool = "ask_user"
arguments = { question = "Whose name?" }

[[step]]
id = "look"
tool = "look_up"
arguments = { what = "price for ${who}" }

[[step]]
id = "mail"
tool = "send_email"
arguments = { to = "anna@example.org", body = "It is ${who}: ${look.price} EUR" }
)";

TEST(OperatorTest, AGoalRunsToItsSummaryWithReceipts) {
  OperatorWorld world;
  const auto goal = world.NewGoal(kMailPlan);
  ASSERT_THAT(goal, IsOk());
  const GoalReport report = world.Report(*goal);
  EXPECT_EQ(report.goal.state, "COMPLETED");
  EXPECT_TRUE(report.goal.final);
  EXPECT_THAT(world.mail.sent, SizeIs(1));
  ASSERT_THAT(report.effects, SizeIs(1));
  EXPECT_THAT(report.summary, HasSubstr("1 of 1 steps done"));
  EXPECT_THAT(report.summary,
              HasSubstr("[receipt " + report.effects[0].effect_id.substr(0, 12) + ", CONFIRMED"));
  EXPECT_EQ(world.agent->open(), 0u);
}

TEST(OperatorTest, AToolThatThrowsMayHaveDoneItAndAPersonIsAsked) {
  int posted = 0;
  OperatorWorld world("", {.prepare = [&](OperatorWorld& made) {
                        auto letter =
                            MakeInlineTool({.name = "post_letter",
                                            .description = "Posts a letter.",
                                            .parameters = R"({"type":"object","properties":{}})",
                                            .effect = EffectClass::kBlind,
                                            .risk = ToolRisk::kLocal},
                                           [&](const std::string&) -> absl::StatusOr<std::string> {
                                             ++posted;
                                             throw std::runtime_error("the printer is gone");
                                           });
                        EXPECT_THAT(letter, IsOk());
                        EXPECT_THAT(made.tools.Add(*std::move(letter)), IsOk());
                      }});
  const auto goal = world.NewGoal(R"(
[[step]]
id = "letter"
tool = "post_letter"
arguments = { }
)");
  ASSERT_THAT(goal, IsOk());
  world.executor.RunFor(std::chrono::hours(1));
  const GoalReport report = world.Report(*goal);
  EXPECT_EQ(posted, 1);
  ASSERT_THAT(report.effects, SizeIs(1));
  EXPECT_EQ(report.effects[0].state, IntentState::kNeedsHuman);
  EXPECT_THAT(report.effects[0].detail, HasSubstr("may or may not have happened"));
}

TEST(OperatorTest, ResultsGoIntoLaterArguments) {
  OperatorWorld world;
  const auto goal = world.NewGoal(kAskAndMail);
  ASSERT_THAT(goal, IsOk());
  EXPECT_EQ(world.State(*goal), "AWAITING_USER_INPUT");
  EXPECT_EQ(world.Report(*goal).question_text, "Whose name?");
  ASSERT_THAT(world.Answer(*goal, "Smith"), IsOk());
  // The price came from a tool that nobody vouches for: the mail carries it, so the owner is asked.
  EXPECT_THAT(world.Report(*goal).question_text, HasSubstr("anna@example.org"));
  ASSERT_THAT(world.Approve(*goal), IsOk());
  EXPECT_EQ(world.State(*goal), "COMPLETED") << world.Report(*goal).summary;
  EXPECT_THAT(world.mail.arguments,
              ElementsAre(R"({"body":"It is Smith: 39 EUR","to":"anna@example.org"})"));
}

TEST(OperatorTest, AnotherGoalsQuestionOrAStrangersYesChangesNothing_G14) {
  OperatorWorld world;
  const auto goal = world.NewGoal(kAskAndMail);
  ASSERT_THAT(goal, IsOk());
  EXPECT_THAT(world.Approve(*goal), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(world.Answer(*goal, "Smith"), IsOk());
  ASSERT_EQ(world.Report(*goal).goal.waiting_on, "an approval");
  EXPECT_THAT(world.Approve(*goal, true, AnswerChannel::kMail),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(world.Report(*goal).goal.waiting_on, "an approval");
  EXPECT_THAT(world.mail.sent, SizeIs(0));
}

TEST(OperatorTest, WhatTheGovernorRefusesIsRefusedWhenTheGoalIsTaken_G28) {
  OperatorWorld world;
  EXPECT_THAT(world.NewGoal(kMailPlan, ""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(world.NewGoal(kMailPlan, std::string(1 << 20, 'x')),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(world.NewGoal(kMailPlan, "Please call 911 for me").status().message(),
              HasSubstr("emergency"));
  world.kill.StopAll("test");
  EXPECT_THAT(world.NewGoal(kMailPlan), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST(OperatorTest, AKillAtAnyMomentEndsTheSameAndSendsOnce_D1) {
  int wanted = 0;
  {  // how many tasks a run has
    OperatorWorld world;
    ASSERT_THAT(world.NewGoal(kMailPlan), IsOk());
    wanted = static_cast<int>(world.updates.size());
  }
  ASSERT_GT(wanted, 4);
  for (int kill_after = 1; kill_after < wanted; ++kill_after) {
    OperatorWorld world;
    ASSERT_THAT(world.NewGoal("[[step]]\nid = \"q\"\ntool = \"ask_user\"\n"
                              "arguments = { question = \"now?\" }\n" +
                              std::string(kMailPlan)),
                IsOk());
    const std::string goal = world.updates.back().goal;
    world.updates.clear();
    world.agent->Answer(goal, world.agent->progress(goal)->question, OwnerChoice::kText, "yes",
                        [](absl::Status) {});
    world.mail.silent = true;  // it takes the mail, and the process dies before the answer
    for (int i = 0; i < 10'000 && static_cast<int>(world.updates.size()) < kill_after; ++i) {
      if (!world.executor.RunOne()) break;
    }
    world.Kill();
    world.executor.RunUntilIdle();
    world.mail.silent = false;
    world.StartUp();
    world.executor.RunFor(std::chrono::minutes(30));
    EXPECT_EQ(world.State(goal), "COMPLETED") << "killed after " << kill_after;
    EXPECT_THAT(world.mail.sent, SizeIs(1)) << "killed after " << kill_after;
    for (const auto& [reference, times] : world.mail.sent) EXPECT_EQ(times, 1);
  }
}

TEST(OperatorTest, LookupsThatFailForTwentyMinutesAskTheOwner_D4) {
  OperatorWorld world;
  world.mail.silent = true;
  world.mail.lookups_fail = true;
  const auto goal = world.NewGoal(kMailPlan);
  ASSERT_THAT(goal, IsOk());
  world.executor.RunFor(std::chrono::minutes(20));
  EXPECT_EQ(world.State(*goal), "AWAITING_USER_INPUT");
  EXPECT_THAT(world.Report(*goal).question_text, HasSubstr("may or may not have happened"));
  ASSERT_THAT(world.Answer(*goal, "", OwnerChoice::kItHappened), IsOk());
  EXPECT_EQ(world.State(*goal), "COMPLETED");
  EXPECT_THAT(world.mail.sent, SizeIs(1));
}

TEST(OperatorTest, ADefiniteNoAsksTheOwnerAndATemporaryOneIsRetried_D6) {
  OperatorWorld world;
  world.mail.next = {{.outcome = SendOutcome::kRejected,
                      .detail = "450 later",
                      .retry_after = std::chrono::seconds(120)},
                     {.outcome = SendOutcome::kRejected, .detail = "550 no such user"}};
  const auto goal = world.NewGoal(kMailPlan);
  ASSERT_THAT(goal, IsOk());
  EXPECT_EQ(world.State(*goal), "AWAITING_USER_INPUT");
  EXPECT_EQ(world.Report(*goal).goal.waiting_on, "a time");
  world.executor.RunFor(std::chrono::seconds(119));
  EXPECT_THAT(world.mail.arguments, SizeIs(1));
  world.executor.RunFor(std::chrono::seconds(2));
  EXPECT_THAT(world.mail.arguments, SizeIs(2));
  EXPECT_THAT(world.Report(*goal).question_text, HasSubstr("550 no such user"));
  ASSERT_THAT(world.Answer(*goal, "", OwnerChoice::kGiveUp), IsOk());
  EXPECT_EQ(world.State(*goal), "FAILED");
  EXPECT_THAT(world.mail.sent, SizeIs(0));
}

TEST(OperatorTest, TheSameThingAgainAndAgainGoesToAPerson_G17) {
  OperatorWorld world;
  for (int i = 0; i < 100; ++i) {
    world.mail.next.push_back({.outcome = SendOutcome::kRejected, .detail = "550 no"});
  }
  const auto goal = world.NewGoal(kMailPlan);
  ASSERT_THAT(goal, IsOk());
  for (int i = 0; i < 100 && world.State(*goal) == "AWAITING_USER_INPUT"; ++i) {
    ASSERT_THAT(world.Answer(*goal, "", OwnerChoice::kRetry), IsOk());
  }
  EXPECT_EQ(world.State(*goal), "ESCALATED");
  EXPECT_THAT(world.mail.arguments, SizeIs(3));
}

TEST(OperatorTest, CancelLetsNothingFollow) {
  OperatorWorld world;
  const auto goal = world.NewGoal(kAskAndMail);
  ASSERT_THAT(goal, IsOk());
  world.agent->Cancel(*goal, "changed my mind",
                      [](absl::Status status) { EXPECT_THAT(status, IsOk()); });
  world.executor.RunUntilIdle();
  EXPECT_EQ(world.State(*goal), "CANCELLED");
  world.executor.RunFor(std::chrono::hours(48));
  EXPECT_THAT(world.mail.sent, SizeIs(0));
}

TEST(OperatorTest, AnotherPlanGoesOnFromWhatIsDone) {
  OperatorWorld world;
  world.mail.next = {{.outcome = SendOutcome::kRejected, .detail = "550 no such user"}};
  const auto goal = world.NewGoal(kMailPlan);
  ASSERT_THAT(goal, IsOk());
  const auto plan = ParseGoalPlan(R"(
[[step]]
id = "mail-2"
tool = "send_email"
arguments = { to = "bert@example.org", body = "Hello" }
)",
                                  "second.toml", world.tools);
  ASSERT_THAT(plan, IsOk());
  world.agent->Replan(*goal, *plan, [](absl::Status status) { EXPECT_THAT(status, IsOk()); });
  world.executor.RunUntilIdle();
  EXPECT_EQ(world.State(*goal), "COMPLETED");
  EXPECT_THAT(world.mail.arguments[1], HasSubstr("bert"));
}

TEST(OperatorTest, AGoalWaitsForAnotherToEndAlsoOverARestart) {
  OperatorWorld world;
  const auto first = world.NewGoal(kAskAndMail);
  ASSERT_THAT(first, IsOk());
  const auto plan = ParseGoalPlan(kMailPlan, "plan.toml", world.tools);
  absl::StatusOr<std::string> second = absl::UnknownError("not called");
  auto keep = [&](absl::StatusOr<std::string> made) { second = std::move(made); };
  world.agent->NewGoal({.words = "b", .plan = *plan, .after = {"g0"}}, keep);
  world.executor.RunUntilIdle();
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kNotFound));
  world.agent->NewGoal({.words = "b", .plan = *plan, .after = {*first}}, keep);
  world.executor.RunUntilIdle();
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(world.State(*second), "INIT");
  world.Kill();
  world.StartUp();
  EXPECT_EQ(world.State(*second), "INIT");
  EXPECT_THAT(world.mail.sent, SizeIs(0));
  world.agent->Cancel(*first, "enough", [](absl::Status) {});
  world.executor.RunUntilIdle();
  EXPECT_EQ(world.State(*second), "COMPLETED");
}

TEST(OperatorTest, AfterARestartNoGoalOvertakesOneThatItWaitsForEvenIfTheClockWasSetBack) {
  OperatorWorld world;
  const auto plan = ParseGoalPlan(kMailPlan, "plan.toml", world.tools);
  const auto first = world.NewGoal(kAskAndMail);
  ASSERT_THAT(first, IsOk());
  std::string second, third;
  world.agent->NewGoal({.words = "b", .plan = *plan, .after = {*first}},
                       [&](absl::StatusOr<std::string> made) { second = *made; });
  world.executor.RunUntilIdle();
  world.Kill();
  world.executor.SetWallStart(world.executor.WallNow() - std::chrono::hours(1));
  world.StartUp();
  world.agent->NewGoal({.words = "c", .plan = *plan, .after = {second}},
                       [&](absl::StatusOr<std::string> made) { third = *made; });
  world.executor.RunUntilIdle();
  world.Kill();
  world.StartUp();
  EXPECT_EQ(world.State(second), "INIT");
  EXPECT_EQ(world.State(third), "INIT");
  EXPECT_THAT(world.mail.sent, SizeIs(0));
}

TEST(OperatorTest, ADeadlineEndsAGoalThatStillWaitsForItsTurn) {
  for (const bool restart : {false, true}) {
    OperatorWorld world;
    const auto first = world.NewGoal(kAskAndMail);
    const auto plan = ParseGoalPlan(kMailPlan, "plan.toml", world.tools);
    std::string second;
    world.agent->NewGoal({.words = "b",
                          .plan = *plan,
                          .deadline = world.executor.WallNow() + std::chrono::hours(1),
                          .after = {*first}},
                         [&](absl::StatusOr<std::string> made) { second = *made; });
    world.executor.RunUntilIdle();
    if (restart) world.Kill();
    world.executor.RunFor(std::chrono::minutes(61));
    if (restart) world.StartUp();
    world.executor.RunUntilIdle();
    EXPECT_EQ(world.State(second), "FAILED");
    EXPECT_EQ(world.State(*first), "AWAITING_USER_INPUT");
    EXPECT_THAT(world.mail.sent, SizeIs(0));
  }
}

TEST(OperatorTest, AStepRestsNoLongerBecauseTheClockWasSetBackBetweenTwoProcesses) {
  OperatorWorld world;
  const auto goal = world.NewGoal(kAskAndMail);
  ASSERT_THAT(goal, IsOk());
  world.Kill();
  world.executor.SetWallStart(world.executor.WallNow() - std::chrono::hours(1));
  world.StartUp();
  world.look_up->Enqueue({.result = absl::UnavailableError("not now")});
  ASSERT_THAT(world.Answer(*goal, "Smith"), IsOk());
  EXPECT_THAT(world.look_up->runs(), SizeIs(1));
  world.executor.RunFor(std::chrono::seconds(31));  // the machine's first pause is 30 s
  EXPECT_THAT(world.look_up->runs(), SizeIs(2));
  EXPECT_EQ(world.Report(*goal).goal.waiting_on, "an approval");
}

// A phone of which only the news matter.
class SilentPhone : public GoalCalls {
 public:
  void Follow(std::function<void(const CallNews&)> news) override { tell = std::move(news); }
  void HangUp(const std::string&) override {}
  void Answer(const std::string& effect_id, const std::string& words) override {
    answers.push_back(effect_id + ": " + words);
  }
  std::function<void(const CallNews&)> tell;
  std::vector<std::string> answers;
};

TEST(OperatorTest, ACallWhoseQuestionNobodyCanBeAskedHearsThatThereIsNoAnswer) {
  SilentPhone phone;
  OperatorWorld world("", {.open = [&](OperatorWorld&) { return &phone; }});
  const auto goal = world.NewGoal(kAskAndMail);  // waits for its owner, and has no call
  ASSERT_THAT(goal, IsOk());
  phone.tell(
      {.goal = *goal, .effect_id = "e1", .kind = CallNewsKind::kAsks, .detail = "which one?"});
  phone.tell({.goal = "g0", .effect_id = "e2", .kind = CallNewsKind::kAsks});
  world.executor.RunUntilIdle();
  EXPECT_THAT(phone.answers, ElementsAre("e1: ", "e2: "));
  EXPECT_EQ(world.Report(*goal).question_text, "Whose name?");
}

TEST(OperatorTest, AGoalThatWaitsInTheQueueCanBeCancelled) {
  OperatorWorld world;
  const auto first = world.NewGoal(kAskAndMail);
  const auto plan = ParseGoalPlan(kMailPlan, "plan.toml", world.tools);
  std::string second;
  world.agent->NewGoal({.words = "b", .plan = *plan, .after = {*first}},
                       [&](absl::StatusOr<std::string> made) { second = *made; });
  world.executor.RunUntilIdle();
  world.agent->Cancel(second, "no", [](absl::Status status) { EXPECT_THAT(status, IsOk()); });
  world.executor.RunUntilIdle();
  EXPECT_EQ(world.State(second), "CANCELLED");
  EXPECT_THAT(world.mail.sent, SizeIs(0));
}

TEST(OperatorTest, HundredsOfOpenGoalsAreTakenUpEachOnce_D26) {
  OperatorWorld world;
  for (int i = 0; i < 300; ++i) ASSERT_THAT(world.NewGoal(kAskAndMail), IsOk());
  world.Kill();
  world.updates.clear();
  world.StartUp();
  EXPECT_EQ(world.agent->open(), 300u);
  EXPECT_THAT(world.updates, SizeIs(300));
}

TEST(OperatorTest, AGoalWhoseOwnerWasErasedKeepsNobodyWaiting) {
  OperatorWorld world;
  ASSERT_THAT(world.NewGoal(kAskAndMail), IsOk());
  world.Kill();
  StoreTransaction transaction;
  transaction.changes.push_back(EraseUser{.user_id = "owner"});
  transaction.steps.push_back(
      {.at = world.executor.WallNow(), .actor = "test", .action = "user erased"});
  ASSERT_THAT(world.store->Commit(std::move(transaction), world.executor, [](auto) {}), IsOk());
  world.executor.RunUntilIdle();
  world.StartUp();
  EXPECT_THAT(world.NewGoal(kMailPlan), IsOk());
}

TEST(OperatorTest, AnotherPlanThatWasWrittenDownIsTakenAfterAKill) {
  OperatorWorld world;
  world.mail.next = {{.outcome = SendOutcome::kRejected, .detail = "550 no such user"}};
  const auto goal = world.NewGoal(kMailPlan);
  ASSERT_THAT(goal, IsOk());
  const auto plan = ParseGoalPlan(R"(
[[step]]
id = "mail-2"
tool = "send_email"
arguments = { to = "bert@example.org", body = "Hello" }
)",
                                  "second.toml", world.tools);
  ASSERT_THAT(plan, IsOk());
  bool written = false;
  world.agent->Replan(*goal, *plan, [&](absl::Status) { written = true; });
  while (!written && world.executor.RunOne()) {
  }
  world.Kill();
  world.executor.RunUntilIdle();
  world.StartUp();
  EXPECT_EQ(world.State(*goal), "COMPLETED");
  EXPECT_THAT(world.mail.arguments.back(), HasSubstr("bert"));
}

TEST(OperatorTest, AGoalThatIsAPartEndsWithTheWhole) {
  OperatorWorld world;
  const auto whole = world.NewGoal(kAskAndMail);
  ASSERT_THAT(whole, IsOk());
  absl::StatusOr<std::string> part = absl::UnknownError("not called");
  const auto plan = ParseGoalPlan(kAskAndMail, "plan.toml", world.tools);
  world.agent->NewGoal({.words = "a part", .plan = *plan, .parent = *whole},
                       [&](absl::StatusOr<std::string> made) { part = std::move(made); });
  world.executor.RunUntilIdle();
  ASSERT_THAT(part, IsOk());
  world.agent->Cancel(*whole, "enough", [](absl::Status) {});
  world.executor.RunUntilIdle();
  EXPECT_EQ(world.State(*part), "CANCELLED");
}

TEST(OperatorTest, AKillWhileItSumsUpBehindTheDeadlineStillEndsTheGoal_D1) {
  OperatorWorld world;
  const auto plan = ParseGoalPlan(kAskAndMail, "plan.toml", world.tools);
  std::string goal;
  world.agent->NewGoal({.words = "soon",
                        .plan = *plan,
                        .deadline = world.executor.WallNow() + std::chrono::hours(1)},
                       [&](absl::StatusOr<std::string> made) { goal = *made; });
  world.executor.RunUntilIdle();
  world.on_update = [&](const GoalUpdate& update) {
    if (update.state == TaskState::kSummarize) world.executor.Post([&] { world.Kill(); });
  };
  world.executor.RunFor(std::chrono::minutes(61));
  ASSERT_EQ(world.agent, nullptr);
  ASSERT_EQ(world.State(goal), "SUMMARIZE");
  world.on_update = nullptr;
  world.StartUp();
  world.executor.RunFor(std::chrono::minutes(5));
  EXPECT_EQ(world.State(goal), "FAILED");
}

TEST(OperatorTest, AnAnswerThatAnEarlierProcessDiedWithMayBeGivenAgain) {
  OperatorWorld world;
  const auto goal = world.NewGoal(kAskAndMail);
  ASSERT_THAT(goal, IsOk());
  ASSERT_THAT(world.Answer(*goal, "Smith"), IsOk());
  const std::string question = world.agent->progress(*goal)->question;
  // The book has the answer, and the process dies before the goal does.
  ASSERT_THAT(world.confirmations->Answer(question,
                                          {.channel = AnswerChannel::kOwnerConsole,
                                           .tenant = "local",
                                           .user = "owner",
                                           .yes = true},
                                          world.executor.WallNow()),
              IsOk());
  world.Kill();
  world.StartUp();
  EXPECT_THAT(world.Approve(*goal, false), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(world.Approve(*goal), IsOk());
  EXPECT_EQ(world.State(*goal), "COMPLETED");
}

TEST(GoalPlanTest, MistakesAreNamedWithTheirLine) {
  OperatorWorld world;
  auto complaint = [&](std::string_view toml) {
    return std::string(ParseGoalPlan(toml, "plan.toml", world.tools).status().message());
  };
  EXPECT_THAT(complaint("[[step]]\nid = \"a\"\ntool = \"send_emial\"\n"), HasSubstr("plan.toml:3"));
  EXPECT_THAT(complaint("[[step]]\nid = \"a\"\ntool = \"send_emial\"\n"), HasSubstr("send_email"));
  EXPECT_THAT(complaint("[[stap]]\nid = \"a\"\n"), HasSubstr("stap"));
  EXPECT_THAT(
      complaint("[[step]]\nid = \"a\"\ntool = \"send_email\"\narguments = {to = \"a@b.c\"}"),
      HasSubstr("body"));
  EXPECT_THAT(complaint("[[step]]\nid = \"a\"\ntool = \"ask_user\"\narguments = {}"),
              HasSubstr("question"));
  EXPECT_THAT(complaint("[[step]]\nid = \"a\"\ntool = \"ask_user\"\n"
                        "arguments = {question = \"${b}\"}"),
              HasSubstr("\"b\""));
  EXPECT_THAT(complaint(""), HasSubstr("no steps"));
  EXPECT_THAT(complaint("mandate = \"whatever\"\n"), HasSubstr("plan.toml:1"));
}

TEST(GoalPlanTest, ResultsStandInTheirPlacesAndAreNotReadAgain) {
  const auto filled = FillArguments(R"({"a":"$${who} is ${who}"})", {{"who", "${what} $${x}"}});
  ASSERT_THAT(filled, IsOk());
  EXPECT_EQ(*filled, R"({"a":"${who} is ${what} $${x}"})");
}

TEST(GoalPlanTest, AsJsonItComesBackTheSame) {
  OperatorWorld world;
  const auto plan = ParseGoalPlan(std::string("mandate = \"up to 45 a month\"\ncountries = "
                                              "[\"DE\"]\npurpose = \"personal\"\n") +
                                      kAskAndMail,
                                  "plan.toml", world.tools);
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->steps[2].step.needs, ElementsAre("who", "look"));
  const auto back = GoalPlanFromJson(GoalPlanToJson(*plan));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, *plan);
  EXPECT_THAT(GoalPlanFromJson("{}"), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace dragoman
