// One goal at work: its machine, and what carries out the machine's commands. Only on the
// operator's executor.
#ifndef DRAGOMAN_SRC_TASKS_GOAL_RUN_H_
#define DRAGOMAN_SRC_TASKS_GOAL_RUN_H_

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/tasks/operator.h"
#include "dragoman/tasks/task_log.h"

namespace dragoman {

class GoalRun {
 public:
  // `version`: steps in the log so far.
  GoalRun(Operator& owner, GoalRecord record, GoalPlan plan, std::int64_t plan_version);
  ~GoalRun();

  // --- what an earlier process left, before anything else
  absl::Status TakeUp(const std::vector<LogRecord>& log, const std::vector<IntentRecord>& effects);
  void RegisterOpenEffect();
  // Something of it was being done: a plan, a decision, an effect, a summary.
  bool AtWork() const;
  // How often it was taken up since its last own step by a process whose predecessor had died.
  int claims() const { return claims_; }
  // Writes down that it is taken up, and holds everything until Proceed. `taken` comes once: it is
  // durable, or the goal cannot be taken up.
  void Claim(std::function<void()> taken);
  void Proceed();

  // Whether the governor would refuse a step as it stands; nothing is reserved or asked.
  absl::Status CheckSteps() const;
  void NoteTaken() { record_.version = 1; }  // its first row is being written
  // When that row is durable: for its turn, or its deadline, which comes in the queue too.
  void AwaitTurn();
  void Begin();
  void EndIfLate();  // before whatever else follows from the last event

  // Gives the machine an event; `with` is committed beside it. `done` gets the machine's refusal,
  // the store's error, or OK when the step is durable.
  void Feed(TaskEvent event, std::vector<Change> with = {}, Operator::Done done = {});
  void Replan(GoalPlan plan, Operator::Done done);
  void EffectEnded(const IntentRecord& intent);
  bool OnCall(const CallNews& news);  // false: not of the step under way

  const TaskProgress& progress() const { return machine_.progress(); }
  const GoalRecord& record() const { return record_; }
  const GoalPlan& plan() const { return plan_; }
  std::int64_t deadline_us() const {
    return record_.deadline ? record_.deadline->time_since_epoch().count() : 0;
  }

 private:
  struct Waiting {
    TaskEvent event;
    std::vector<Change> with;
    Operator::Done done;
  };

  void Next();
  void Write(std::shared_ptr<StoreTransaction> transaction, std::vector<TaskCommand> commands);
  void Written(std::shared_ptr<StoreTransaction> transaction, std::vector<TaskCommand> commands,
               absl::StatusOr<Committed> committed);
  void Follow(Waiting written, const std::vector<TaskCommand>& commands);
  void Tell(const TaskEvent& event, const std::vector<TaskCommand>& commands);
  void NoteResult(const TaskEvent& event);

  void Carry(const TaskCommand& command);
  void MakePlan();
  void Summarize();
  void SetTimer(TaskTimer timer, std::int64_t when_us);
  std::string QuestionText(const TaskCommand& command) const;
  std::int64_t NowUs() const;
  std::int64_t InGoalTime(WallTime time) const;

  // goal_effects.cc
  void Decide(const TaskCommand& command);
  void PlanEffect(const TaskCommand& command, const EffectRequest& request,
                  const Decision& decision);
  void NotPlanned(const TaskCommand& command, const absl::Status& status);
  void Planned(const TaskCommand& command, const Decision& decision, const IntentRecord& intent);
  void Execute(const TaskCommand& command, const std::string& approval);
  void Arm(const std::string& effect_id, const TaskCommand& command);
  void CheckArmed(const std::string& effect_id, const TaskCommand& command);
  void Again(const TaskCommand& command);
  bool IsAt(const TaskCommand& command, TaskActivity activity) const;
  void Expect(const TaskCommand& command);
  void Withdraw(const TaskCommand& command);
  absl::StatusOr<std::string> ArgumentsOf(const std::string& step) const;
  absl::StatusOr<std::string> EffectIdOf(const std::string& step, std::int64_t attempt) const;
  EffectRequest RequestFor(const GoalPlanStep& step, std::string arguments) const;
  GoalScope ScopeOf() const;
  Label LabelOfResult(const std::string& step) const;
  void Refuse(const TaskCommand& command, std::string why);

  Operator& owner_;
  GoalRecord record_;
  GoalPlan plan_;
  std::int64_t plan_version_;
  std::optional<GoalPlan> new_plan_;  // given by the owner, not taken by the machine yet
  TaskMachine machine_;
  std::map<std::string, std::string> results_;  // by step
  std::deque<Waiting> waiting_;
  bool writing_ = false;
  int claims_ = 0;
  std::function<void()> claimed_;  // tells that the claim is durable
  struct Held {
    Waiting written;
    std::vector<TaskCommand> commands;
  };
  std::optional<Held> held_;
  std::int64_t last_us_ = 0;  // of the last event: time never runs back
  // What the wall clock was set back between two processes: a goal's own time goes on from its last
  // event, so that a minute that somebody holds the line stays one.
  std::int64_t set_back_us_ = 0;
  std::chrono::seconds rewrite_after_{1};
  Timer rewrite_;
  std::chrono::seconds again_after_{1};
  Timer again_;
  std::array<std::unique_ptr<Timer>, kTaskTimers> timers_;
  Lifetime lifetime_;
};

// What the store may take later; everything else will not change by waiting.
bool MayBeWrittenLater(const absl::Status& status);

// The plan's own question to the owner, with results in their places.
std::string QuestionOf(const GoalPlan& plan, const std::string& step,
                       const std::map<std::string, std::string>& results);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TASKS_GOAL_RUN_H_
