// How long a process needs to take up a goal with 10,000 events (THREATS D27), beside merely
// reading and decoding its rows.
//
//   tasks_goal_resume_benchmark --benchmark_repetitions=9
//
// Each round opens the database, takes the goal up and waits until that is durable.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/clock.h"
#include "dragoman/core/log.h"
#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/safety/governed_effects.h"
#include "dragoman/tasks/operator.h"
#include "dragoman/tasks/task_log.h"

namespace dragoman {
namespace {

using E = TaskEventKind;

constexpr int kEvents = 10'000;
constexpr int kQuestions = 20;
constexpr int kRowsAtOnce = 500;
constexpr char kGoal[] = "g1";

[[noreturn]] void Die(std::string_view what) {
  std::cerr << "tasks_goal_resume_benchmark: " << what << "\n";
  std::exit(1);
}

template <typename Result, typename Begin>
Result Await(Begin begin) {
  std::promise<Result> given;
  begin([&given](Result result) { given.set_value(std::move(result)); });
  return given.get_future().get();
}

GoalPlan Plan() {
  GoalPlan plan;
  for (int i = 0; i < kQuestions; ++i) {
    plan.steps.push_back({.step = {.id = StrCat("question_", i), .kind = TaskStepKind::kAsk},
                          .tool = std::string(kAskUserTool),
                          .arguments = R"({"question":"the cheaper of the two?"})"});
  }
  return plan;
}

// The owner answers all questions but the last; between them the process is started again and
// again.
std::vector<std::string> Deltas() {
  std::vector<std::string> deltas{EncodeTaskHeader({})};
  TaskMachine machine;
  // A second for each, and the last one not long ago: else the goal's time is over.
  std::int64_t now_us =
      SystemClock().WallNow().time_since_epoch().count() - 2ll * kEvents * 1'000'000;
  std::string question;
  const auto tell = [&](TaskEvent event) {
    event.at_us = now_us += 1'000'000;
    TaskLogStep step{.event = std::move(event)};
    if (const absl::Status taken = machine.Step(step.event, &step.commands); !taken.ok()) {
      Die(MessageOf(taken));
    }
    for (const TaskCommand& command : step.commands) {
      if (command.kind == TaskCommandKind::kAskOwner) question = command.reference;
    }
    deltas.push_back(EncodeTaskStep(step));
  };
  tell({.kind = E::kStart});
  tell({.kind = E::kPlanned, .plan = Plan().task_steps()});
  while (deltas.size() <= kEvents) {
    if (deltas.size() % (kEvents / (kQuestions - 1)) == 0) {
      tell({.kind = E::kAnswered, .reference = question, .detail = "yes, please"});
    } else {
      tell({.kind = E::kRecovered, .detail = "the process before this one died"});
    }
  }
  return deltas;
}

void Commit(Store& store, Executor& executor, StoreTransaction transaction) {
  const auto done = Await<absl::StatusOr<Committed>>([&](auto give) {
    const absl::Status taken = store.Commit(std::move(transaction), executor, give);
    if (!taken.ok()) give(taken);
  });
  if (!done.ok()) Die(MessageOf(done.status()));
}

// A database with the one goal; removed at the end.
class Database {
 public:
  Database() : path_(std::filesystem::temp_directory_path() / StrCat("resume-", getpid())) {
    std::filesystem::create_directories(path_);
    SystemClock clock;
    ThreadExecutor executor(clock);
    const auto store = MakeSqliteStore({.path = file()});
    if (!store.ok()) Die(MessageOf(store.status()));
    const WallTime now = clock.WallNow();
    StoreTransaction first;
    first.changes = {
        UserRecord{.id = "owner", .display_name = "owner", .created = now},
        GoalRecord{
            .id = kGoal, .user_id = "owner", .request = "a goal", .state = "INIT", .created = now},
        PlanRecord{.goal_id = kGoal, .version = 1, .body = GoalPlanToJson(Plan()), .created = now}};
    const std::vector<std::string> deltas = Deltas();
    for (std::size_t i = 0; i < deltas.size();) {
      StoreTransaction transaction = std::exchange(first, {});
      for (int row = 0; row < kRowsAtOnce && i < deltas.size(); ++row, ++i) {
        transaction.steps.push_back({.goal_id = kGoal,
                                     .expected_version = static_cast<std::int64_t>(i),
                                     .state = "AWAITING_USER_INPUT",
                                     .waiting_on = "an answer",
                                     .at = now,
                                     .actor = "operator",
                                     .action = "recovered",
                                     .delta = deltas[i]});
      }
      Commit(**store, executor, std::move(transaction));
    }
    executor.Stop();
  }
  ~Database() { std::filesystem::remove_all(path_); }
  std::string file() const { return path_ / "goals.sqlite"; }

 private:
  const std::filesystem::path path_;
};

const Database& TheDatabase() {
  static const Database database;
  return database;
}

std::unique_ptr<Store> Open() {
  auto store = MakeSqliteStore({.path = TheDatabase().file()});
  if (!store.ok()) Die(MessageOf(store.status()));
  return *std::move(store);
}

void BM_ResumeGoal(benchmark::State& state) {
  SystemClock clock;
  SystemRandom random;
  ToolRegistry tools;
  const auto budgets = MakeMemoryBudgetLedger();
  const auto calls = MakeMemoryCallLedger();
  const auto repeats = MakeMemoryRepeatLedger();
  const auto confirmations = MakeMemoryConfirmationBook();
  MemoryDecisionLog decisions;
  KillSwitch kill;
  StderrLog log(LogLevel::kWarning);
  const auto governor = MakeGovernor(*DefaultPolicy(), {.clock = &clock,
                                                        .random = &random,
                                                        .budgets = budgets.get(),
                                                        .calls = calls.get(),
                                                        .repeats = repeats.get(),
                                                        .confirmations = confirmations.get(),
                                                        .decisions = &decisions,
                                                        .kill = &kill});
  TheDatabase();
  for (auto _ : state) {
    ThreadExecutor executor(clock);
    const std::unique_ptr<Store> store = Open();
    const auto effects = GovernedEffects::Create(
        {.governor = governor->get(), .executor = &executor, .tools = &tools, .senders = {}});
    std::promise<void> recovered;
    std::unique_ptr<Operator> agent;
    executor.Post([&] {
      agent = *Operator::Create({}, {.store = store.get(),
                                     .executor = &executor,
                                     .governor = governor->get(),
                                     .confirmations = confirmations.get(),
                                     .tools = &tools,
                                     .effects = effects->get(),
                                     .random = &random,
                                     .log = &log,
                                     .on_update = [&](const GoalUpdate& update) {
                                       if (update.event == E::kRecovered) recovered.set_value();
                                     }});
      agent->Start([](const absl::Status& status) {
        if (!status.ok()) Die(MessageOf(status));
      });
    });
    recovered.get_future().wait();
    state.PauseTiming();
    RunAndWait(executor, [&] { agent.reset(); });
    executor.Stop();
    state.ResumeTiming();
  }
}

void BM_ReadGoal(benchmark::State& state) {
  TheDatabase();
  SystemClock clock;
  for (auto _ : state) {
    ThreadExecutor executor(clock);
    const std::unique_ptr<Store> store = Open();
    const auto read = Await<absl::Status>([&](auto give) {
      const absl::Status taken = store->Read(
          [](StoreView& view) -> absl::Status {
            std::int64_t rows = 0;
            for (bool more = true; more;) {
              DRAGOMAN_ASSIGN_OR_RETURN(const auto page, view.ReadGoalLog(kGoal, rows + 1, 256));
              more = page.size() == 256;
              for (const LogRecord& row : page) {
                if (rows++ > 0) benchmark::DoNotOptimize(DecodeTaskStep(row.delta));
              }
            }
            return absl::OkStatus();
          },
          executor, give);
      if (!taken.ok()) give(taken);
    });
    if (!read.ok()) Die(MessageOf(read));
    state.PauseTiming();
    executor.Stop();
    state.ResumeTiming();
  }
}

BENCHMARK(BM_ResumeGoal)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(20);
BENCHMARK(BM_ReadGoal)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(20);

}  // namespace
}  // namespace dragoman
