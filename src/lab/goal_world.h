// One goal in a world of its own: the real operator, machine, journal and governor over a store in
// memory, in virtual time, with far sides and an owner that follow a script. Nothing outside can be
// reached from it: it is made of nothing that could.
#ifndef DRAGOMAN_SRC_LAB_GOAL_WORLD_H_
#define DRAGOMAN_SRC_LAB_GOAL_WORLD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/random.h"
#include "dragoman/safety/policy.h"
#include "dragoman/tasks/goal_log.h"
#include "dragoman/tasks/operator.h"
#include "dragoman/testing/manual_executor.h"
#include "src/lab/goal_script.h"

namespace dragoman::lab {

struct GoalWorldOptions {
  WallTime now{};
  Policy policy;
  std::string caller_identity;  // our address
  std::string calling_number;   // of phone calls
  // Where a tool's class was another one than this build's default.
  std::map<std::string, EffectClass> classes;
  // Answers that the owner gave before the world began, by their questions.
  std::map<std::string, bool> answered;
  // The question that was open when it began; empty: none. It was an approval.
  std::string open_approval;
  std::uint64_t seed = 20261121;  // of ids; another one than that of the record's own world
  bool replans = false;           // what is asked before Replan gets no answer of the script
};

// The tools of a plan, all of them dry.
absl::StatusOr<std::unique_ptr<ToolRegistry>> DryTools(
    const std::map<std::string, EffectClass>& classes);

class GoalWorld {
 public:
  static absl::StatusOr<std::unique_ptr<GoalWorld>> Open(GoalWorldOptions options,
                                                         GoalScript script);
  ~GoalWorld();

  const ToolCatalog& tools() const { return *tools_; }
  // A new goal; its owner is "owner".
  absl::Status Begin(const std::string& words, GoalPlan plan, std::int64_t priority,
                     std::optional<WallTime> deadline, const TaskMachineOptions& machine);
  // The goal of a record as it was after `events` of it; then another process takes it up.
  absl::Status TakeUp(const GoalLog& log, std::int64_t events);
  absl::Status Replan(GoalPlan plan);  // the owner's, now

  // Until the goal has ended, or waits for what the script does not say.
  absl::Status Run();
  const std::string& open_question() const {
    return open_question_;
  }  // "approval mail"; empty: none
  const std::vector<std::string>& questions() const { return questions_; }  // all that were asked
  absl::StatusOr<GoalLog> Log();

 private:
  class FarSide;
  class Book;
  class Judge;
  explicit GoalWorld(GoalWorldOptions options, GoalScript script);
  absl::Status OpenParts();
  absl::Status OpenOperator(const TaskMachineOptions& machine);
  absl::Status Commit(StoreTransaction transaction);
  void OnUpdate(const GoalUpdate& update);
  void Say(const GoalAnswer& answer, const std::string& question);
  void Wish(const GoalWish& wish);

  const GoalWorldOptions options_;
  GoalScript script_;
  std::vector<bool> answers_used_;
  ManualExecutor executor_;
  SeededRandom random_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ToolRegistry> tools_;
  std::unique_ptr<BudgetLedger> budgets_ = MakeMemoryBudgetLedger();
  std::unique_ptr<CallLedger> calls_ = MakeMemoryCallLedger();
  std::unique_ptr<RepeatLedger> repeats_ = MakeMemoryRepeatLedger();
  std::unique_ptr<ConfirmationBook> memory_book_ = MakeMemoryConfirmationBook();
  std::unique_ptr<Book> book_;
  MemoryDecisionLog decisions_;
  KillSwitch kill_;
  std::unique_ptr<Governor> policy_governor_;
  std::unique_ptr<Judge> governor_;
  std::unique_ptr<FarSide> far_side_;
  std::unique_ptr<GovernedEffects> effects_;
  std::unique_ptr<Operator> agent_;
  std::string goal_;
  bool final_ = false;
  bool holds_ = false;
  std::size_t wishes_left_ = 0;  // an open question waits for them
  std::string open_question_;
  std::vector<std::string> questions_;
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_GOAL_WORLD_H_
