// What the crash child works at.
#ifndef DRAGOMAN_TESTS_STORE_CRASH_GOAL_RUNNER_H_
#define DRAGOMAN_TESTS_STORE_CRASH_GOAL_RUNNER_H_

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/status.h"
#include "dragoman/store/effect_journal.h"
#include "dragoman/store/store.h"
#include "tests/store/crash/crash_points.h"

namespace dragoman {

struct CrashArguments {
  std::string folder, prefix, point;
  std::vector<std::string> goals;
  int count = 0;
  int carrier = 0, smtp = 0, imap = 0;  // ports
};

// Goals of one call or one mail each, tried again as a new intent where that is allowed, then an
// end. "c3" is a call to a number that ends in 3, "m3" a mail to a recipient that does.
class GoalRunner {
 public:
  GoalRunner(const CrashArguments& arguments, Executor& executor, Store& store,
             EffectJournal& journal, CrashPoints& points)
      : arguments_(arguments),
        executor_(executor),
        store_(store),
        journal_(journal),
        points_(points) {}

  int unfinished() const { return unfinished_; }

  void Start(const std::string& goal) {
    ++unfinished_;
    auto found = std::make_shared<std::optional<GoalRecord>>();
    Must(store_.Read(
        [found, goal](StoreView& view) {
          DRAGOMAN_ASSIGN_OR_RETURN(*found, view.FindGoal(goal));
          return absl::OkStatus();
        },
        executor_,
        [this, found, goal](absl::Status status) {
          Must(status);
          if (!*found) return Create(goal);
          if ((*found)->final) return Finished();
          Attempt(goal, 1);
        }));
  }

  void OnFinal(const IntentRecord& record) {
    const auto waiting = waiting_.find(record.effect_id);
    if (waiting == waiting_.end()) return;
    waiting_.erase(waiting);
    Ended(record);
  }

 private:
  static void Must(const absl::Status& status) {
    if (status.ok()) return;
    std::fprintf(stderr, "child: %s\n", status.ToString().c_str());
    _exit(2);
  }
  void Finished() { --unfinished_; }

  void Create(const std::string& goal) {
    StoreTransaction transaction;
    transaction.changes.push_back(
        GoalRecord{.id = goal, .user_id = "u1", .request = "call", .state = "INIT"});
    transaction.steps.push_back({.goal_id = goal, .actor = "u1", .action = "goal created"});
    Must(store_.Commit(std::move(transaction), executor_,
                       [this, goal](absl::StatusOr<Committed> committed) {
                         Must(committed.status());
                         Acknowledge(goal);
                         points_.Reach("goal acknowledged");
                         Attempt(goal, 1);
                       }));
  }

  // What the caller of the API would have seen.
  void Acknowledge(const std::string& goal) {
    const int file = open((arguments_.folder + "/acknowledged").c_str(),
                          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string line = goal + "\n";
    if (write(file, line.data(), line.size()) < 0) _exit(2);
    close(file);
  }

  void Attempt(const std::string& goal, int group) {
    const bool mail = goal.front() == 'm';
    const std::string to = StrCat(arguments_.prefix, "-", goal.substr(1));
    IntentRecord intent{.goal_id = goal,
                        .step = mail ? "mail" : "call",
                        .attempt_group = group,
                        .tool = mail ? "send_email" : "place_call",
                        .effect = EffectClass::kQueryable,
                        .arguments = "{}",
                        .to = mail ? StrCat(to, "@example.net") : to,
                        .from = "+4930555",
                        .budget_account = goal,
                        .budget_unit = "effect",
                        .budget_reserved = 1};
    if (mail) {
      intent.arguments =
          StrCat(R"({"body":"Guten Tag","subject":"Termin","to":")", intent.to, "\"}");
    }
    intent.effect_id = MakeEffectId(goal, intent.step, group, intent.arguments);
    // The folders of other rounds hold the same goals; the far side must tell them apart.
    intent.client_reference =
        MakeEffectId(arguments_.prefix + goal, intent.step, group, "{}").substr(0, 32);
    journal_.Plan(intent, [this](absl::StatusOr<IntentRecord> planned) {
      Must(planned.status());
      Continue(*planned);
    });
  }

  void Continue(const IntentRecord& record) {
    if (IsFinal(record.state)) return Ended(record);
    waiting_.insert(record.effect_id);
    if (record.state == IntentState::kPlanned) {
      journal_.Approve(record.effect_id, [this](absl::StatusOr<IntentRecord> approved) {
        Must(approved.status());
        Continue(*approved);
      });
    } else if (record.state == IntentState::kApproved) {
      journal_.Execute(record.effect_id,
                       [](absl::StatusOr<IntentRecord> armed) { Must(armed.status()); });
    }
  }

  void Ended(const IntentRecord& record) {
    if (MayAttemptAgain(record.state)) {
      // Not before the far side allows it.
      const WallTime now = executor_.WallNow();
      executor_.RunAfter(record.not_before.value_or(now) - now, [this, record] {
        Attempt(record.goal_id, static_cast<int>(record.attempt_group) + 1);
      });
      return;
    }
    const bool happened =
        record.state == IntentState::kConfirmed || record.state == IntentState::kDone;
    GoalStep step{.goal_id = record.goal_id,
                  .expected_version = 1,
                  .state = happened ? "COMPLETED" : "ESCALATED",
                  .final = true,
                  .actor = "worker",
                  .action = "goal ended",
                  .topic = "goal.final",
                  .event = record.goal_id};
    StoreTransaction transaction;
    transaction.steps.push_back(std::move(step));
    Must(store_.Commit(std::move(transaction), executor_,
                       [this](absl::StatusOr<Committed> committed) {
                         Must(committed.status());
                         points_.Reach("goal ended");
                         Finished();
                       }));
  }

  const CrashArguments& arguments_;
  Executor& executor_;
  Store& store_;
  EffectJournal& journal_;
  CrashPoints& points_;
  std::set<std::string> waiting_;
  int unfinished_ = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_STORE_CRASH_GOAL_RUNNER_H_
