// One world of a simulation: a store, a clock, far sides, owners; and one process after another.
#ifndef DRAGOMAN_TESTS_TASKS_SIMULATED_WORLD_H_
#define DRAGOMAN_TESTS_TASKS_SIMULATED_WORLD_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/random.h"
#include "dragoman/safety/governor.h"
#include "dragoman/safety/store_ledgers.h"
#include "dragoman/tasks/operator.h"
#include "tests/tasks/faulty_store.h"
#include "tests/tasks/goal_simulation.h"
#include "tests/tasks/simulated_far_side.h"
#include "tests/tasks/simulated_phone.h"

namespace dragoman {

class SimulatedWorld {
 public:
  SimulatedWorld(Choices& choices, std::uint64_t seed, const SimulationOptions& options);
  ~SimulatedWorld();
  SimulationResult Run();

 private:
  class Decisions;  // the ledgers' own, which may fail
  class TwiceMail;  // a sender that is broken on purpose
  struct Goal {     // by its number in the simulation
    int tries = 0;
    bool settled = false;  // taken, or refused for good
  };
  struct Known {  // by id
    int number = 0;
    bool skips = false;                             // the owner left a step out
    bool ended = false;                             // and its owner heard of it
    bool call_waits = false;                        // for an answer that it asked its owner for
    std::optional<std::vector<std::string>> after;  // as it is kept
  };

  // --- processes
  void StartUp();
  void StartOperator(std::unique_ptr<StoreLedgers> ledgers);
  void Die(std::string_view why);
  void Drive();
  bool Finished();
  std::string WhatIsOpen();
  void Probe(std::string_view point);
  void Check(const IntentRecord& intent, const SimulatedFarSide::Deed& deed);
  void Break(std::string what);
  const std::vector<std::string>& AfterOf(StoreView& view, const std::string& goal);
  void CheckOrder(const std::string& goal, std::string_view what);

  // --- goals and their owners (simulated_owner.cc)
  int StreamOf(const std::string& goal);
  std::string PlanText(int number, bool second);
  void Arrive(int number);
  void NewGoal(int number);
  void Taken(int number, const std::string& id);
  void Later(std::chrono::seconds after, std::function<void()> what, int tries = 50);
  void CountDenial(int stream, std::string_view why);
  void Heard(const GoalUpdate& update);
  void Asked(const GoalUpdate& update);
  void AskedByCall(const GoalUpdate& update, int stream);
  void CheckCallHears(const GoalUpdate& update);
  std::vector<std::string> WaitsFor(int number);
  void CheckAfter(const std::string& goal, const std::vector<std::string>& after);
  void Answer(const std::string& goal, const std::string& question, OwnerChoice choice,
              std::string text);
  void Approve(const std::string& goal, const std::string& question, bool yes,
               AnswerChannel channel);
  void AnswerFailure(const GoalUpdate& update, int stream, std::chrono::seconds after);
  void TellTruth(const std::string& goal, const std::string& step, const std::string& question);
  void Replan(const std::string& goal);

  // --- what must hold at the end (simulation_checks.cc)
  void CheckAll(SimulationResult& result);
  absl::Status CollectPaid(StoreView& view);
  void CheckGoal(StoreView& view, const GoalRecord& goal);
  void CheckSteps(const GoalReport& report, const Known& known, const std::string& where);
  void CheckTime(const GoalRecord& goal, const std::string& where);
  absl::Status CheckBudgets(StoreView& view, const GoalRecord& goal,
                            const std::vector<IntentRecord>& effects);
  void CheckQuestions(const std::vector<LogRecord>& log, const std::string& where);
  absl::Status CheckSpent(StoreView& view, const GoalRecord& goal);

  Choices& choices_;
  const SimulationOptions options_;
  TurnExecutor executor_;
  SeededRandom random_;
  FaultyStore store_;
  ToolRegistry tools_;
  SimulatedLook* look_ = nullptr;
  SimulatedFarSide far_;
  SimulatedPhone phone_;
  std::unique_ptr<TwiceMail> twice_;
  KillSwitch kill_;
  Policy policy_;
  const std::size_t most_running_;

  // One process.
  std::unique_ptr<StoreLedgers> ledgers_;
  std::unique_ptr<Decisions> decisions_;
  std::unique_ptr<Governor> governor_;
  std::unique_ptr<GovernedEffects> effects_;
  std::unique_ptr<Operator> agent_;
  bool started_ = false;
  std::int64_t generation_ = 0;
  std::int64_t fuse_ = 0;  // turns until it dies
  int deaths_in_a_row_ = 0;

  std::vector<Goal> goals_;
  std::map<std::string, Known> known_;
  std::map<std::string, int> allowed_;  // decisions recorded: goal, tool, digest of arguments
  std::map<std::string, int> used_;     // of them, by dispatches
  std::map<std::string, std::int64_t> expected_;  // spent, by goal and unit
  std::set<std::string> paid_;                    // effects that needed a person
  std::vector<std::pair<TimePoint, TimePoint>> down_;
  bool calm_ = false;
  SimulationResult result_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_TASKS_SIMULATED_WORLD_H_
