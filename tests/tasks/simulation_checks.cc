// What must hold when all goals have ended.
#include <algorithm>

#include "dragoman/core/status.h"
#include "dragoman/store/audit.h"
#include "dragoman/store/digest.h"
#include "dragoman/tasks/task_log.h"
#include "dragoman/tools/canonical_json.h"
#include "tests/tasks/simulated_world.h"

namespace dragoman {
namespace {

constexpr std::chrono::hours kSlack{6};  // jumps of the clock, the store's worst hours

bool WasPaidFor(IntentState state) {
  return state == IntentState::kConfirmed || state == IntentState::kDone ||
         state == IntentState::kNeedsHuman;
}

}  // namespace

void SimulatedWorld::CheckAll(SimulationResult& result) {
  const absl::Status read = store_.Look([&](StoreView& view) -> absl::Status {
    DRAGOMAN_ASSIGN_OR_RETURN(const AuditReport audit, VerifyAudit(view));
    if (audit.first_bad) Break(StrCat("the audit chain breaks: ", audit.reason));
    result.hash = ToHex(audit.head.hash);
    DRAGOMAN_RETURN_IF_ERROR(CollectPaid(view));
    DRAGOMAN_ASSIGN_OR_RETURN(const auto goals, view.ListGoals("", false, "", 10'000));
    for (const GoalRecord& goal : goals) {
      ++result.ended[goal.state];
      CheckGoal(view, goal);
    }
    for (const GoalRecord& goal : goals) DRAGOMAN_RETURN_IF_ERROR(CheckSpent(view, goal));
    DRAGOMAN_RETURN_IF_ERROR(phone_.CheckEnds(view));
    return absl::OkStatus();
  });
  if (!read.ok()) Break(StrCat("the store cannot be read at the end: ", MessageOf(read)));
}

// Effects that stood for a person once: their worst case stays spent, whatever he says.
absl::Status SimulatedWorld::CollectPaid(StoreView& view) {
  for (std::int64_t from = 1;;) {
    DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<LogRecord> page, view.ReadLog(from, 1000));
    for (const LogRecord& row : page) {
      if (row.action == "intent NEEDS_HUMAN") paid_.insert(row.delta);
    }
    if (page.empty()) return absl::OkStatus();
    from = page.back().index + 1;
  }
}

void SimulatedWorld::CheckGoal(StoreView& view, const GoalRecord& goal) {
  StreamOf(goal.id);
  const Known& known = known_[goal.id];
  const std::string where = StrCat("goal ", known.number);
  const absl::Status read = [&]() -> absl::Status {
    DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<LogRecord> log,
                              view.ReadGoalLog(goal.id, 1, 10'000));
    if (log.empty()) return DataLoss("it has no log");
    const LogRecord& last = log.back();
    if (last.state != goal.state || last.waiting_on != goal.waiting_on ||
        static_cast<std::int64_t>(log.size()) != goal.version || last.final != goal.final) {
      Break(StrCat(where, ": its row says ", goal.state, " version ", goal.version, ", its log ",
                   last.state, " version ", log.size()));
    }
    CheckQuestions(log, where);
    std::vector<std::string> deltas;
    for (const LogRecord& row : log) deltas.push_back(row.delta);
    DRAGOMAN_ASSIGN_OR_RETURN(const TaskReplayResult replayed,
                              ReplayTask([&]() -> absl::StatusOr<std::vector<std::string>> {
                                return std::exchange(deltas, {});
                              }));
    if (replayed.verdict != TaskReplayVerdict::kIdentical) {
      Break(StrCat(where, ": its replay differs: ", replayed.first_difference));
    }
    if (Name(replayed.progress.state) != goal.state) {
      Break(StrCat(where, ": its row says ", goal.state, ", its events ",
                   Name(replayed.progress.state)));
    }
    if (!goal.final) Break(StrCat(where, " is still ", goal.state));
    if (!replayed.progress.question.empty()) Break(StrCat(where, " ended, and still asks"));
    CheckTime(goal, where);
    DRAGOMAN_ASSIGN_OR_RETURN(const GoalReport report, ReadGoal(view, goal.id));
    CheckSteps(report, known, where);
    return CheckBudgets(view, goal, report.effects);
  }();
  if (!read.ok()) Break(StrCat(where, ": ", MessageOf(read)));
}

// Each question is closed before another one is asked, and before the goal ends.
void SimulatedWorld::CheckQuestions(const std::vector<LogRecord>& log, const std::string& where) {
  std::string open;
  for (std::size_t i = 1; i < log.size(); ++i) {
    const auto step = DecodeTaskStep(log[i].delta);
    if (!step.ok()) return Break(StrCat(where, ": ", MessageOf(step.status())));
    for (const TaskCommand& command : step->commands) {
      if (command.kind == TaskCommandKind::kAskOwner) {
        if (!open.empty() && command.reference != open) {
          Break(StrCat(where, ": a question is asked while one is open"));
        }
        open = command.reference;
      }
      if (command.kind == TaskCommandKind::kCloseQuestion && command.reference == open) {
        open.clear();
      }
    }
  }
  if (!open.empty()) Break(StrCat(where, ": a question was never closed"));
}

// Within its deadline, as soon as a process was there to end it.
void SimulatedWorld::CheckTime(const GoalRecord& goal, const std::string& where) {
  const WallTime due = goal.deadline ? *goal.deadline : goal.created + std::chrono::hours(30 * 24);
  auto allowed = std::chrono::microseconds(kSlack);
  for (const auto& [from, to] : down_) {
    const WallTime begin = std::max(executor_.WallAt(from), due);
    const WallTime end = std::min(executor_.WallAt(to), goal.updated);
    if (begin < end) allowed += end - begin;
  }
  if (goal.updated > due + allowed) {
    Break(StrCat(where, " ended ",
                 std::chrono::duration_cast<std::chrono::minutes>(goal.updated - due).count(),
                 " minutes after its deadline"));
  }
}

void SimulatedWorld::CheckSteps(const GoalReport& report, const Known& known,
                                const std::string& where) {
  const bool completed = report.goal.state == "COMPLETED";
  for (const TaskStepProgress& step : report.progress.steps) {
    const std::string what = StrCat(where, ", step ", step.step.id);
    // The owner may have said that it can be left out, and with it what needs it.
    const bool skipped = step.status == TaskStepStatus::kSkipped && known.skips;
    if (completed && !step.step.optional && step.status != TaskStepStatus::kDone && !skipped) {
      Break(StrCat(what, " is ", Name(step.status), " and required, but the goal completed"));
    }
    if (step.status != TaskStepStatus::kDone || step.step.kind == TaskStepKind::kAsk) continue;
    const auto effect =
        std::find_if(report.effects.begin(), report.effects.end(),
                     [&](const IntentRecord& one) { return one.effect_id == step.receipt; });
    const auto own =
        effect != report.effects.end()
            ? effect
            : std::find_if(report.effects.begin(), report.effects.end(),
                           [&](const IntentRecord& one) {
                             return one.step == step.step.id && far_.WasDone(one.client_reference);
                           });
    if (own == report.effects.end()) {
      Break(StrCat(what, " is done, and no effect stands behind it"));
      continue;
    }
    const bool done = own->tool == "look_up" ? look_->answered.contains(own->client_reference)
                                             : far_.WasDone(own->client_reference);
    if (!done) Break(StrCat(what, " is done, but the far side never did it (", own->tool, ")"));
  }
}

// A goal pays for those that are a part of it.
absl::Status SimulatedWorld::CheckBudgets(StoreView& view, const GoalRecord& goal,
                                          const std::vector<IntentRecord>& effects) {
  const std::string where = StrCat("goal ", known_[goal.id].number);
  for (const IntentRecord& effect : effects) {
    if (!IsFinal(effect.state)) {
      Break(StrCat(where, ": ", effect.tool, " is still ", Name(effect.state)));
    }
    const bool not_done = MayAttemptAgain(effect.state) || effect.state == IntentState::kAbandoned;
    if (not_done && far_.WasDone(effect.client_reference)) {
      Break(StrCat(where, ": ", effect.tool, " is ", Name(effect.state),
                   ", but the far side did it"));
    }
    if (effect.tool == "place_call" && effect.state == IntentState::kConfirmed &&
        !far_.WasDone(effect.client_reference)) {
      Break(StrCat(where, ": its call counts as done, but nothing came of it"));
    }
    // One that the owner denied afterwards was paid for when nobody could tell.
    if (!WasPaidFor(effect.state) && !paid_.contains(effect.effect_id)) continue;
    const std::string_view unit = effect.tool == "place_call" ? "calls" : "messages";
    const bool counts =
        unit == "calls" || effect.tool == "send_email" || effect.tool == "post_letter";
    for (std::string payer = goal.id; counts && !payer.empty();) {
      ++expected_[StrCat(payer, " ", unit)];
      DRAGOMAN_ASSIGN_OR_RETURN(const auto record, view.FindGoal(payer));
      payer = record ? record->parent_id : "";
    }
  }
  return absl::OkStatus();
}

absl::Status SimulatedWorld::CheckSpent(StoreView& view, const GoalRecord& goal) {
  const std::string where = StrCat("goal ", known_[goal.id].number);
  const std::string account =
      StrCat("goal ", JsonString("local"), " ", JsonString(goal.user_id), " ", JsonString(goal.id));
  for (const std::string_view unit : {"messages", "calls", "minutes", "steps", "EUR/100"}) {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto budget, view.FindBudget(account, unit));
    if (budget && budget->reserved != 0) {
      Break(StrCat(where, ": ", budget->reserved, " ", unit, " are still reserved"));
    }
    if (unit != "messages" && unit != "calls") continue;
    const std::int64_t spent = budget ? budget->spent : 0;
    const std::int64_t expected = expected_[StrCat(goal.id, " ", unit)];
    if (spent != expected) {
      Break(StrCat(where, ": ", spent, " ", unit, " spent; expected ", expected));
    }
  }
  return absl::OkStatus();
}

}  // namespace dragoman
