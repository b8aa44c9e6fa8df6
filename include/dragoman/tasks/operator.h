// The operator: takes goals, carries them through store, journal and governor until they end, and
// takes up after a restart what an earlier process left.
#ifndef DRAGOMAN_TASKS_OPERATOR_H_
#define DRAGOMAN_TASKS_OPERATOR_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/core/random.h"
#include "dragoman/safety/confirmations.h"
#include "dragoman/safety/governed_effects.h"
#include "dragoman/safety/governor.h"
#include "dragoman/store/effect_journal.h"
#include "dragoman/store/store.h"
#include "dragoman/tasks/goal_plan.h"
#include "dragoman/tasks/goal_queue.h"
#include "dragoman/tasks/task_machine.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

inline constexpr std::size_t kMaxGoalWords = 16 * 1024;  // bytes of a goal's title

struct DRAGOMAN_EXPORT GoalRequest {
  std::string user = "owner";
  std::string words;  // the owner's own: what is to be reached. UTF-8, not empty
  GoalPlan plan;
  std::int64_t priority = 0;  // 0 to 9, higher first
  std::optional<WallTime> deadline;
  std::string parent;              // id of the goal that this one is a part of; it pays too
  std::vector<std::string> after;  // ids of goals that must have ended before this one begins
};

// News of a goal, after it is durable.
struct DRAGOMAN_EXPORT GoalUpdate {
  std::string goal;
  TaskState state = TaskState::kInit;
  std::string waiting_on;  // "an approval"
  TaskEventKind event = TaskEventKind::kStart;
  std::string step;
  std::string detail;  // what came out, the refusal, the summary
  // A question that waits for the owner: kAskOwner's. Empty id: none.
  std::string question;
  TaskWait about = TaskWait::kNothing;
  std::string text;  // of the question, in full
};

struct DRAGOMAN_EXPORT OperatorOptions {
  TaskMachineOptions machine{.replans = 0};  // nobody here can plan anew by himself
  EffectJournalOptions journal;
  std::string tenant = "local";
  std::string caller_identity;  // which of our numbers or addresses acts; shown in approvals
  std::string calling_number;   // the same for phone calls, E.164
  // The first words of every placed call say who calls and that a machine speaks, rendered by code.
  // False: the governor refuses calls that must disclose, which is right while nothing renders
  // them.
  bool calls_disclose = false;
  std::size_t max_goals = 10'000;  // open at once; 1 to 100,000
  // At work at once; those that wait for a person or a time do not count. Of the others the highest
  // priority begins next, with aging (goal_queue.h). 1 to 10,000.
  std::size_t max_running = 16;
  // False: the process before this one ended as it should. After deaths, goals that were at work
  // every time and came no further are taken up one by one, and at the third not at all: they are
  // ESCALATED as `crash_loop`.
  bool predecessor_died = true;
  absl::Status Validate() const;
};

enum class CallNewsKind {
  kConnected,  // somebody answered
  kAsks,       // `detail`: what the call needs to know from the owner, now
  kReached,    // over, the errand is done. `detail`: what came of it, as JSON
  kFailed,     // over, it is not; `detail` says why. `retry_after`: when it may be tried again
};
struct DRAGOMAN_EXPORT CallNews {
  std::string goal, effect_id;
  CallNewsKind kind = CallNewsKind::kConnected;
  std::string detail;
  std::optional<std::chrono::seconds> retry_after;
};

// The calls that goals have under way, by the effect that placed them. Only on the operator's
// executor.
class DRAGOMAN_EXPORT GoalCalls {
 public:
  virtual ~GoalCalls() = default;
  // By the operator, once; an empty function when it goes. Never called inside another method.
  virtual void Follow(std::function<void(const CallNews&)> tell) = 0;
  virtual void HangUp(const std::string& effect_id) = 0;  // nothing if it is over
  virtual void Answer(const std::string& effect_id, const std::string& words) = 0;  // empty: none
};

// All borrowed, must outlive the operator.
struct DRAGOMAN_EXPORT OperatorDependencies {
  Store* store = nullptr;
  Executor* executor = nullptr;
  Governor* governor = nullptr;
  ConfirmationBook* confirmations = nullptr;
  const ToolCatalog* tools = nullptr;  // to know, not to run
  GovernedEffects* effects = nullptr;  // of the same governor, tools and executor
  GoalCalls* calls = nullptr;          // may be null: no tool places calls
  Random* random = nullptr;
  LogSink* log = &NullLog();
  std::function<void(const GoalUpdate&)> on_update;  // may be empty
  std::function<void(std::string_view)> probe;       // of the journal; crash tests stop there
};

class GoalRecovery;
class GoalRun;

// Only on its executor; each `done` comes once, never inside, unless the operator is destroyed.
class DRAGOMAN_EXPORT Operator {
 public:
  static absl::StatusOr<std::unique_ptr<Operator>> Create(OperatorOptions options,
                                                          OperatorDependencies dependencies);
  ~Operator();  // what is under way is taken up by the next process

  using Done = absl::AnyInvocable<void(absl::Status)>;
  using GoalDone = absl::AnyInvocable<void(absl::StatusOr<std::string>)>;
  // Takes up every goal that is not final, and every effect. Before anything else, once.
  void Start(Done done);

  // kInvalidArgument: words or plan; a step that the governor would refuse as it stands is named
  // with its rule. kResourceExhausted: too many goals are open. The id comes when it is durable.
  void NewGoal(GoalRequest request, GoalDone done);
  // The owner's word on an open question or approval. For approvals `choice` kItHappened or
  // kRetry mean nothing: `yes` counts. kNotFound: no such goal is open, or the question is not the
  // one it waits for. kPermissionDenied: the channel is not the owner's.
  void Answer(const std::string& goal, const std::string& question, OwnerChoice choice,
              std::string text, Done done);
  void Approve(const std::string& goal, const std::string& question, const OwnerAnswer& answer,
               Done done);
  void Cancel(const std::string& goal, std::string why, Done done);
  // Ends every open goal of the user, those too that are just being taken; their calls are hung up.
  // `done` once none is left.
  void CancelAll(const std::string& user, std::string why, Done done);
  void Escalate(const std::string& goal, std::string why, Done done);
  // The kill switch is on: every open goal is handed to a person, calls are hung up.
  void StopAll(const std::string& why);
  // Another plan for a goal that waits. Steps that are done stay done.
  void Replan(const std::string& goal, GoalPlan plan, Done done);

  // The process is about to end: no goal begins any more; those at work go on.
  void Drain() { draining_ = true; }

  std::size_t open() const { return runs_.size(); }
  // Of an open goal; null: there is none.
  const TaskProgress* progress(const std::string& goal) const;

 private:
  friend class GoalRecovery;
  friend class GoalRun;
  Operator(OperatorOptions options, OperatorDependencies dependencies);
  absl::Status Check(const GoalRequest& request) const;
  GoalRun* Find(const std::string& goal) const;
  void WriteNewGoal(std::unique_ptr<GoalRun> run, const std::string& plan, bool known_user,
                    std::shared_ptr<GoalDone> done);
  void Ended(const IntentRecord& intent);
  void OnCall(const CallNews& news);
  void WithdrawEffect(const std::string& effect_id,
                      std::chrono::seconds again_after = std::chrono::seconds(1));
  void Later(Done done, absl::Status status);
  void Remove(const std::string& goal);
  void EndIfOrphaned(GoalRun& run);
  absl::Status Enqueue(GoalRun& run);
  void EnqueueAll();
  void BeginNext();
  void Rests(const std::string& goal);  // it waits for somebody
  bool HasGoalOf(const std::string& user) const;
  void TellOfEnds();

  struct EndingUser {
    std::string user, why;
    std::shared_ptr<Done> done;
  };

  const OperatorOptions options_;
  OperatorDependencies with_;
  std::unique_ptr<EffectJournal> journal_;
  std::map<std::string, std::unique_ptr<GoalRun>> runs_;
  GoalQueue queue_;
  std::unique_ptr<GoalRecovery> recovery_;
  std::vector<EndingUser> ending_;  // CancelAll under way
  bool draining_ = false;
  const TimePoint started_;
  const WallTime wall_started_;
  Lifetime lifetime_;
};

// What a goal is and did, for people, from the store alone.
struct DRAGOMAN_EXPORT GoalReport {
  GoalRecord goal;
  GoalPlan plan;
  TaskProgress progress;
  std::vector<IntentRecord> effects;
  std::string question_text;  // of the question that is open
  std::string summary;        // empty: not written yet
};
// kNotFound: no such goal. kDataLoss: its log is damaged.
DRAGOMAN_EXPORT absl::StatusOr<GoalReport> ReadGoal(StoreView& view, std::string_view goal);

// What came of a goal, each line with its proof; made by code. Lines of the far side are quoted.
DRAGOMAN_EXPORT std::string WriteSummary(const GoalReport& report);

}  // namespace dragoman
#endif  // DRAGOMAN_TASKS_OPERATOR_H_
