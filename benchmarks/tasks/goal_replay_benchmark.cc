// How fast a goal's log is run again: events per second, beside merely decoding the same rows.
//
//   tasks_goal_replay_benchmark --benchmark_repetitions=9
//   --benchmark_enable_random_interleaving=true
//
// items_per_second counts events.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/tasks/task_log.h"

namespace dragoman {
namespace {

using E = TaskEventKind;
using K = TaskStepKind;

[[noreturn]] void Die(std::string_view what) {
  std::cerr << "tasks_goal_replay_benchmark: " << what << "\n";
  std::exit(1);
}

// A goal of 24 steps in the words that real ones have: it asks, reads, mails after an approval, and
// calls, which asks the owner once.
class Goal {
 public:
  Goal() : deltas_{EncodeTaskHeader({})} {
    Tell({.kind = E::kStart});
    TaskEvent planned{.kind = E::kPlanned};
    for (int i = 0; i < 6; ++i) {
      planned.plan.push_back({.id = StrCat("who_", i), .kind = K::kAsk});
      planned.plan.push_back({.id = StrCat("look_up_", i), .kind = K::kRead});
      planned.plan.push_back({.id = StrCat("mail_", i), .needs = {StrCat("look_up_", i)}});
      planned.plan.push_back({.id = StrCat("call_", i), .kind = K::kCall});
    }
    Tell(planned);
    while (!IsFinal(machine_.state())) GoOn();
  }
  const std::vector<std::string>& deltas() const { return deltas_; }

 private:
  void Tell(TaskEvent event) {
    event.at_us = now_us_ += 1'000'000;
    TaskLogStep step{.event = std::move(event)};
    if (const absl::Status taken = machine_.Step(step.event, &step.commands); !taken.ok()) {
      Die(MessageOf(taken));
    }
    last_ = step.commands;
    deltas_.push_back(EncodeTaskStep(step));
  }

  // Answers the first command that wants an answer.
  void GoOn() {
    for (const TaskCommand& command : std::vector<TaskCommand>(last_)) {
      const std::string& step = command.step;
      TaskEvent event{.kind = E::kStepDone, .step = step, .attempt = command.attempt};
      switch (command.kind) {
        case TaskCommandKind::kDecide:
          event.kind = step.starts_with("mail") ? E::kMustConfirm : E::kAllowed;
          if (event.kind == E::kMustConfirm) event.reference = "confirmation_" + step;
          return Tell(event);
        case TaskCommandKind::kAskOwner:
          event.kind = step.starts_with("mail") ? E::kApproved : E::kAnswered;
          event.reference = command.reference;
          event.detail = "the cheaper of the two, please";
          return Tell(event);
        case TaskCommandKind::kExecute:
          event.reference = "receipt of " + step;
          event.detail = "it was sent and accepted by the other side";
          if (!step.starts_with("call")) return Tell(event);
          Tell({.kind = E::kConnected, .step = step, .attempt = command.attempt});
          if (step != "call_0") return Tell(event);
          return Tell({.kind = E::kCallAsks, .step = step, .detail = "Monday or Tuesday?"});
        case TaskCommandKind::kAnswerCall:
          event.reference = "receipt of " + step;
          return Tell(event);
        case TaskCommandKind::kSummarize:
          return Tell({.kind = E::kSummarized, .detail = "digest"});
        default:
          break;
      }
    }
    Die("the goal does not go on");
  }

  TaskMachine machine_;
  std::int64_t now_us_ = 1'700'000'000'000'000;
  std::vector<TaskCommand> last_;
  std::vector<std::string> deltas_;
};

const std::vector<std::string>& Deltas() {
  static const Goal goal;
  return goal.deltas();
}

void BM_ReplayGoal(benchmark::State& state) {
  std::int64_t events = 0;
  for (auto _ : state) {
    bool given = false;
    const auto result = ReplayTask([&]() -> absl::StatusOr<std::vector<std::string>> {
      return std::exchange(given, true) ? std::vector<std::string>{} : Deltas();
    });
    if (!result.ok()) Die(MessageOf(result.status()));
    if (result->verdict != TaskReplayVerdict::kIdentical) Die(result->first_difference);
    events += result->events;
  }
  state.SetItemsProcessed(events);
}

// Without running the machine.
void BM_DecodeGoal(benchmark::State& state) {
  std::int64_t events = 0;
  for (auto _ : state) {
    const std::vector<std::string> page = Deltas();  // as replay gets them: a copy
    for (std::size_t i = 1; i < page.size(); ++i) {
      const auto step = DecodeTaskStep(page[i]);
      if (!step.ok()) Die(MessageOf(step.status()));
      benchmark::DoNotOptimize(*step);
      ++events;
    }
  }
  state.SetItemsProcessed(events);
}

// Without reading: the machine alone, on events that are there already.
void BM_GoalMachineAlone(benchmark::State& state) {
  std::vector<TaskEvent> goal;
  for (std::size_t i = 1; i < Deltas().size(); ++i) {
    goal.push_back(DecodeTaskStep(Deltas()[i])->event);
  }
  std::vector<TaskCommand> commands;
  for (auto _ : state) {
    TaskMachine machine;
    for (const TaskEvent& event : goal) {
      commands.clear();
      if (!machine.Step(event, &commands).ok()) Die("refused");
      benchmark::DoNotOptimize(commands.data());
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(goal.size()));
}

BENCHMARK(BM_ReplayGoal);
BENCHMARK(BM_DecodeGoal);
BENCHMARK(BM_GoalMachineAlone);

}  // namespace
}  // namespace dragoman
