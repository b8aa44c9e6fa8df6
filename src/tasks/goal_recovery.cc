#include "src/tasks/goal_recovery.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dragoman/core/status.h"
#include "src/tasks/goal_report.h"
#include "src/tasks/goal_run.h"

namespace dragoman {
namespace {

using E = TaskEventKind;

constexpr int kGoalPage = 256;
constexpr int kMostClaims = 3;  // THREATS section 1, the one that began it included
constexpr std::chrono::seconds kRecoveryAgainMost{60};

struct Loaded {
  GoalRecord goal;
  NewestPlan plan;
  std::vector<LogRecord> log;
  std::vector<IntentRecord> effects;
  absl::Status damage;  // not OK: it cannot be taken up
};

absl::StatusOr<Loaded> LoadGoal(StoreView& view, GoalRecord goal) {
  Loaded one;
  absl::StatusOr<NewestPlan> plan = ReadNewestPlan(view, goal.id);
  // A goal that is damaged, or whose words were erased, must not keep the others waiting.
  if (plan.ok()) {
    one.plan = *std::move(plan);
  } else if (plan.status().code() == absl::StatusCode::kDataLoss) {
    one.damage = plan.status();
  } else {
    return plan.status();
  }
  DRAGOMAN_ASSIGN_OR_RETURN(one.log, ReadWholeLog(view, goal.id));
  DRAGOMAN_ASSIGN_OR_RETURN(one.effects, view.ListIntents(goal.id));
  one.goal = std::move(goal);
  return one;
}

}  // namespace

GoalRecovery::GoalRecovery(Operator& owner) : owner_(owner), again_(*owner.with_.executor) {}

void GoalRecovery::Start(Operator::Done done) {
  Load("", std::make_shared<Operator::Done>(std::move(done)));
}

void GoalRecovery::Load(std::string after, DonePtr done) {
  auto loaded = std::make_shared<std::vector<Loaded>>();
  const absl::Status taken = owner_.with_.store->Read(
      [loaded, after](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(std::vector<GoalRecord> goals,
                                  view.ListGoals("", true, after, kGoalPage));
        for (GoalRecord& goal : goals) {
          DRAGOMAN_ASSIGN_OR_RETURN(Loaded one, LoadGoal(view, std::move(goal)));
          loaded->push_back(std::move(one));
        }
        return absl::OkStatus();
      },
      *owner_.with_.executor, lifetime_.Wrap([this, loaded, done](absl::Status status) {
        if (!status.ok()) return (*done)(status);
        std::string last;
        for (Loaded& one : *loaded) {
          const std::string id = last = one.goal.id;
          auto run = std::make_unique<GoalRun>(owner_, std::move(one.goal),
                                               std::move(one.plan.plan), one.plan.version);
          // A goal whose log this build cannot follow is left as it is; the others go on.
          const absl::Status followed =
              one.damage.ok() ? run->TakeUp(one.log, one.effects) : one.damage;
          if (followed.ok()) {
            owner_.runs_[id] = std::move(run);
          } else {
            owner_.with_.log->Write(LogLevel::kError, "operator", MessageOf(followed));
          }
        }
        if (loaded->size() == kGoalPage) return Load(last, done);
        Sort();
        Claim(std::exchange(sound_, {}), [this] {
          for (const std::string& goal : given_up_) {
            owner_.Escalate(goal,
                            StrCat("crash_loop: the process died ", kMostClaims,
                                   " times in a row while this goal was at work; what it had under "
                                   "way may have happened"),
                            [](auto) {});
          }
          TryNext();
        });
        for (const auto& [id, run] : owner_.runs_) {
          owner_.EndIfOrphaned(*run);  // an earlier process may have died before it could
        }
        owner_.EnqueueAll();
        owner_.BeginNext();
        Settle(done);
      }));
  if (!taken.ok()) owner_.Later(std::move(*done), taken);
}

void GoalRecovery::Sort() {
  const bool died = owner_.options_.predecessor_died;
  for (const auto& [id, run] : owner_.runs_) {
    run->RegisterOpenEffect();
    // Before its first event, behind the header, there is nothing to recover.
    if (run->record().version <= 1) continue;
    owner_.queue_.Resume(id);
    const bool again = died && run->AtWork() && run->claims() > 0;
    if (again && run->claims() + 1 >= kMostClaims) {
      given_up_.insert(id);
    } else if (again) {
      suspects_.push_back(id);
    } else {
      sound_.push_back(id);
    }
  }
  if (suspects_.empty()) return;
  owner_.with_.log->Write(LogLevel::kWarning, "operator",
                          StrCat("the process died twice in a row; ", suspects_.size(),
                                 " goals that were at work are taken up one at a time"));
}

void GoalRecovery::Claim(std::vector<std::string> goals, std::function<void()> then) {
  auto left = std::make_shared<std::size_t>(goals.size());
  const auto taken = [this, left, goals, then] {
    if (--*left == 0) TakeOver(goals, then);
  };
  for (const std::string& goal : goals) owner_.Find(goal)->Claim(taken);
  if (goals.empty()) TakeOver({}, then);
}

void GoalRecovery::TakeOver(std::vector<std::string> goals, std::function<void()> then) {
  const auto claimed = [this](const IntentRecord& intent) {
    return std::find(suspects_.begin(), suspects_.end(), intent.goal_id) == suspects_.end();
  };
  const auto taken_over = lifetime_.Wrap([this, goals, then](const absl::Status& status) {
    if (!status.ok()) {
      owner_.with_.log->Write(LogLevel::kError, "operator", MessageOf(status));
      again_.Start(again_after_, [this, goals, then] { TakeOver(goals, then); });
      again_after_ = std::min(2 * again_after_, kRecoveryAgainMost);
      return;
    }
    again_after_ = std::chrono::seconds(1);
    for (const std::string& goal : goals) {
      if (GoalRun* run = owner_.Find(goal)) run->Proceed();
    }
    then();
  });
  owner_.journal_->Recover(taken_over, claimed);
}

void GoalRecovery::TryNext() {
  on_trial_.clear();
  while (!suspects_.empty() && owner_.Find(suspects_.front()) == nullptr) suspects_.pop_front();
  if (suspects_.empty()) return;
  on_trial_ = std::move(suspects_.front());
  suspects_.pop_front();
  Claim({on_trial_}, [] {});
}

void GoalRecovery::Progressed(const std::string& goal) {
  if (goal != on_trial_) return;
  on_trial_.clear();
  // Never inside whoever reports.
  owner_.with_.executor->Post(lifetime_.Wrap([this] { TryNext(); }));
}

// What an earlier process reserved for effects that have ended, and died before it could settle.
void GoalRecovery::Settle(DonePtr done) {
  auto ended = std::make_shared<std::vector<IntentRecord>>();
  const absl::Status taken = owner_.with_.store->Read(
      [ended, ids = owner_.with_.effects->Reserved()](StoreView& view) {
        for (const std::string& id : ids) {
          DRAGOMAN_ASSIGN_OR_RETURN(const std::optional<IntentRecord> intent, view.FindIntent(id));
          if (intent && IsFinal(intent->state)) ended->push_back(*intent);
        }
        return absl::OkStatus();
      },
      *owner_.with_.executor, lifetime_.Wrap([this, ended, done](absl::Status status) {
        for (const IntentRecord& intent : *ended) owner_.with_.effects->Ended(intent);
        (*done)(std::move(status));
      }));
  if (!taken.ok()) owner_.Later(std::move(*done), taken);
}

}  // namespace dragoman
