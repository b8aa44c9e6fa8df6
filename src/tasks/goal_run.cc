#include "src/tasks/goal_run.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/tools/canonical_json.h"
#include "src/tasks/goal_recovery.h"

namespace dragoman {
namespace {

using C = TaskCommandKind;
using E = TaskEventKind;

constexpr std::chrono::seconds kRewriteMost{60};
constexpr std::string_view kPredecessorDied = "the process before this one died";

WallTime TimeOf(std::int64_t us) { return WallTime(std::chrono::microseconds(us)); }

// For outgoing events: whoever listens outside sees no payload.
std::string StateJson(const std::string& goal, const TaskMachine& machine) {
  return StrCat("{\"goal\":", JsonString(goal), ",\"state\":", JsonString(Name(machine.state())),
                ",\"waiting_on\":", JsonString(machine.waiting_on()), "}");
}

}  // namespace

bool MayBeWrittenLater(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

GoalRun::GoalRun(Operator& owner, GoalRecord record, GoalPlan plan, std::int64_t plan_version)
    : owner_(owner),
      record_(std::move(record)),
      plan_(std::move(plan)),
      plan_version_(plan_version),
      machine_(owner.options_.machine),
      rewrite_(*owner.with_.executor),
      again_(*owner.with_.executor) {
  for (auto& timer : timers_) timer = std::make_unique<Timer>(*owner_.with_.executor);
}

GoalRun::~GoalRun() = default;

absl::Status GoalRun::TakeUp(const std::vector<LogRecord>& log,
                             const std::vector<IntentRecord>& effects) {
  std::vector<TaskCommand> ignored;
  for (std::size_t i = 0; i < log.size(); ++i) {
    const std::string where = StrCat("goal ", record_.id, ", step ", i + 1);
    if (i == 0) {
      absl::StatusOr<TaskLogHeader> header = DecodeTaskHeader(log[i].delta);
      if (!header.ok()) return Annotate(header.status(), where);
      machine_ = TaskMachine(header->options);
      continue;
    }
    absl::StatusOr<TaskLogStep> step = DecodeTaskStep(log[i].delta);
    if (!step.ok()) return Annotate(step.status(), where);
    ignored.clear();
    DRAGOMAN_RETURN_IF_ERROR(Annotate(machine_.Step(step->event, &ignored), where));
    if (step->event.kind == E::kAnswered) NoteResult(step->event);
    // The owner's other plan was written down, but the machine was not told of it.
    if (step->event.kind == E::kReplan) new_plan_ = plan_;
    if (step->event.kind == E::kPlanned || step->event.kind == E::kPlanFailed) new_plan_.reset();
    last_us_ = std::max(last_us_, step->event.at_us);
    const bool recovered = step->event.kind == E::kRecovered;
    claims_ = recovered ? claims_ + (step->event.detail == kPredecessorDied ? 1 : 0) : 0;
  }
  set_back_us_ = std::max<std::int64_t>(0, last_us_ - NowUs());
  for (const TaskStepProgress& step : machine_.progress().steps) {
    for (const IntentRecord& effect : effects) {
      if (effect.effect_id == step.receipt) results_[step.step.id] = effect.detail;
    }
  }
  return absl::OkStatus();
}

bool GoalRun::AtWork() const {
  const TaskProgress& now = machine_.progress();
  if (now.state == TaskState::kAwaitingUserInput) return false;
  return now.activity != TaskActivity::kResting;
}

void GoalRun::Claim(std::function<void()> taken) {
  claimed_ = std::move(taken);
  const bool died = owner_.options_.predecessor_died && AtWork();
  Feed({.kind = E::kRecovered, .detail = died ? std::string(kPredecessorDied) : ""}, {},
       [this](const absl::Status&) {
         if (claimed_) std::exchange(claimed_, nullptr)();  // refused, or not to be written at all
       });
  EndIfLate();
}

void GoalRun::Proceed() {
  if (!held_) return;
  Held held = *std::exchange(held_, std::nullopt);
  writing_ = false;
  Follow(std::move(held.written), held.commands);
}

void GoalRun::AwaitTurn() {
  if (!record_.deadline) return;
  timers_[static_cast<std::size_t>(TaskTimer::kDeadline)]->StartAt(
      owner_.started_ + (*record_.deadline - owner_.wall_started_), [this] { Begin(); });
}

void GoalRun::Begin() {
  Feed({.kind = E::kStart, .when_us = deadline_us()});
  EndIfLate();
}

void GoalRun::EndIfLate() {
  if (!record_.deadline || NowUs() < deadline_us()) return;
  Feed({.kind = E::kTimerFired, .timer = TaskTimer::kDeadline});
}

// An answer to the plan's own question is the result of its step.
void GoalRun::NoteResult(const TaskEvent& event) {
  for (const TaskStepProgress& step : machine_.progress().steps) {
    if (step.step.kind == TaskStepKind::kAsk && step.status == TaskStepStatus::kDone &&
        step.receipt == event.reference) {
      results_[step.step.id] = event.detail;
    }
  }
}

std::int64_t GoalRun::NowUs() const {
  const WallTime now = owner_.wall_started_ + (owner_.with_.executor->Now() - owner_.started_);
  return now.time_since_epoch().count() + set_back_us_;
}

std::int64_t GoalRun::InGoalTime(WallTime time) const {
  return time.time_since_epoch().count() + set_back_us_;
}

// --- one event: step, write, then carry out ------------------------------------------------------

void GoalRun::Feed(TaskEvent event, std::vector<Change> with, Operator::Done done) {
  waiting_.push_back({std::move(event), std::move(with), std::move(done)});
  if (writing_) return;
  // Never inside whoever reports.
  owner_.with_.executor->Post(lifetime_.Wrap([this] { Next(); }));
}

void GoalRun::Next() {
  if (writing_ || waiting_.empty()) return;
  Waiting& next = waiting_.front();
  next.event.at_us = last_us_ = std::max(last_us_, NowUs());
  const TaskState before = machine_.state();
  std::vector<TaskCommand> commands;
  const absl::Status taken = machine_.Step(next.event, &commands);
  if (!taken.ok()) {
    Waiting refused = std::move(next);
    waiting_.pop_front();
    owner_.with_.log->Write(LogLevel::kDebug, "goal", StrCat(record_.id, ": ", MessageOf(taken)));
    owner_.with_.executor->Post(
        lifetime_.Wrap([this, done = std::move(refused.done), taken]() mutable {
          if (done) done(taken);
          Next();
        }));
    return;
  }
  if (next.event.kind == E::kAnswered) NoteResult(next.event);
  // What the goal lets go of must not be sent while that is being written.
  for (const TaskCommand& command : commands) {
    if (command.kind != C::kWithdraw) continue;
    const auto id = EffectIdOf(command.step, command.attempt);
    if (id.ok()) owner_.with_.effects->Forget(*id);
  }
  auto transaction = std::make_shared<StoreTransaction>();
  transaction->changes = std::move(next.with);
  const bool moved = machine_.state() != before;
  transaction->steps.push_back(
      {.goal_id = record_.id,
       .expected_version = record_.version,
       .state = std::string(Name(machine_.state())),
       .waiting_on = std::string(machine_.waiting_on()),
       .final = IsFinal(machine_.state()),
       .at = TimeOf(next.event.at_us),
       .actor = "operator",
       .action = StrCat(Name(next.event.kind), next.event.step.empty() ? "" : " ", next.event.step),
       .delta = EncodeTaskStep({.event = next.event, .commands = commands}),
       .topic = moved ? "goal.state" : "",
       .event = moved ? StateJson(record_.id, machine_) : ""});
  writing_ = true;
  Write(std::move(transaction), std::move(commands));
}

void GoalRun::Write(std::shared_ptr<StoreTransaction> transaction,
                    std::vector<TaskCommand> commands) {
  auto held = std::make_shared<std::vector<TaskCommand>>(std::move(commands));
  const absl::Status taken = owner_.with_.store->Commit(
      *transaction, *owner_.with_.executor,
      lifetime_.Wrap([this, transaction, held](absl::StatusOr<Committed> committed) {
        Written(transaction, std::move(*held), std::move(committed));
      }));
  if (taken.ok()) return;
  owner_.with_.executor->Post(lifetime_.Wrap(
      [this, transaction, held, taken] { Written(transaction, std::move(*held), taken); }));
}

void GoalRun::Written(std::shared_ptr<StoreTransaction> transaction,
                      std::vector<TaskCommand> commands, absl::StatusOr<Committed> committed) {
  if (!committed.ok() && MayBeWrittenLater(committed.status())) {
    // The machine has taken the step; until it is durable nothing follows from it.
    auto held = std::make_shared<std::vector<TaskCommand>>(std::move(commands));
    rewrite_.Start(rewrite_after_,
                   [this, transaction, held] { Write(transaction, std::move(*held)); });
    rewrite_after_ = std::min(2 * rewrite_after_, kRewriteMost);
    return;
  }
  rewrite_after_ = std::chrono::seconds(1);
  Waiting written = std::move(waiting_.front());
  waiting_.pop_front();
  if (!committed.ok()) {
    writing_ = false;
    owner_.with_.log->Write(LogLevel::kError, "goal",
                            StrCat(record_.id, " is let go: ", MessageOf(committed.status())));
    owner_.Remove(record_.id);  // later
    if (written.done) written.done(committed.status());
    return;
  }
  ++record_.version;
  record_.final = IsFinal(machine_.state());
  if (written.event.kind == E::kRecovered && claimed_) {
    held_ = Held{std::move(written), std::move(commands)};
    return std::exchange(claimed_, nullptr)();
  }
  writing_ = false;
  if (written.event.kind != E::kRecovered) owner_.recovery_->Progressed(record_.id);
  Follow(std::move(written), commands);
}

void GoalRun::Follow(Waiting written, const std::vector<TaskCommand>& commands) {
  const auto watch = lifetime_.Watch();
  for (const TaskCommand& command : commands) Carry(command);
  if (machine_.state() == TaskState::kAwaitingUserInput) owner_.Rests(record_.id);
  Tell(written.event, commands);
  if (watch.expired()) return;
  if (written.done) written.done(absl::OkStatus());
  if (!watch.expired()) Next();
}

void GoalRun::Tell(const TaskEvent& event, const std::vector<TaskCommand>& commands) {
  if (!owner_.with_.on_update) return;
  GoalUpdate update{.goal = record_.id,
                    .state = machine_.state(),
                    .waiting_on = std::string(machine_.waiting_on()),
                    .event = event.kind,
                    .step = event.step,
                    .detail = event.detail};
  for (const TaskCommand& command : commands) {
    if (command.kind == C::kAskOwner) {
      update.question = command.reference;
      update.about = command.about;
      update.text = QuestionText(command);
      if (update.step.empty()) update.step = command.step;
    } else if (command.kind == C::kEnd && update.detail.empty()) {
      update.detail = command.detail;
    }
  }
  owner_.with_.on_update(update);
}

// --- commands -----------------------------------------------------------------------------------

void GoalRun::Carry(const TaskCommand& command) {
  switch (command.kind) {
    case C::kMakePlan:
      return MakePlan();
    case C::kDecide:
      return Decide(command);
    case C::kExecute:
      return Execute(command, command.reference);
    case C::kExpect:
      return Expect(command);
    case C::kWithdraw:
      return Withdraw(command);
    case C::kResolve: {
      const auto id = EffectIdOf(command.step, command.attempt);
      if (id.ok()) owner_.journal_->Resolve(*id, command.yes, [](auto) {});
      return;
    }
    case C::kHangUp:
    case C::kAnswerCall:
      if (owner_.with_.calls != nullptr) {
        const auto id = EffectIdOf(command.step, command.attempt);
        if (!id.ok()) return;
        if (command.kind == C::kHangUp) return owner_.with_.calls->HangUp(*id);
        return owner_.with_.calls->Answer(*id, command.detail);
      }
      return;
    case C::kSummarize:
      return Summarize();
    case C::kArmTimer:
      return SetTimer(command.timer, command.when_us);
    case C::kStopTimer:
      return timers_[static_cast<std::size_t>(command.timer)]->Stop();
    case C::kAskOwner:
    case C::kCloseQuestion:
      return;  // told by Tell; the question itself is the machine's
    case C::kEnd:
      return owner_.Remove(record_.id);
  }
}

void GoalRun::SetTimer(TaskTimer timer, std::int64_t when_us) {
  timers_[static_cast<std::size_t>(timer)]->StartAt(
      owner_.started_ + (TimeOf(when_us - set_back_us_) - owner_.wall_started_),
      [this, timer] { Feed({.kind = E::kTimerFired, .timer = timer}); });
}

void GoalRun::MakePlan() {
  if (new_plan_) {
    plan_ = *std::move(new_plan_);
    new_plan_.reset();
    std::vector<TaskStep> steps;
    for (const TaskStep& step : plan_.task_steps()) {
      const auto& known = machine_.progress().steps;
      const bool done = std::any_of(known.begin(), known.end(), [&](const TaskStepProgress& other) {
        return other.step.id == step.id && other.status == TaskStepStatus::kDone;
      });
      if (!done) steps.push_back(step);
    }
    return Feed({.kind = E::kPlanned, .plan = std::move(steps)});
  }
  if (machine_.state() == TaskState::kInit) {
    return Feed({.kind = E::kPlanned, .plan = plan_.task_steps()});
  }
  Feed({.kind = E::kPlanFailed, .detail = "there is no other plan"});
}

void GoalRun::Replan(GoalPlan plan, Operator::Done done) {
  PlanRecord record{.goal_id = record_.id,
                    .version = ++plan_version_,
                    .body = GoalPlanToJson(plan),
                    .created = TimeOf(NowUs() - set_back_us_)};
  new_plan_ = std::move(plan);
  Feed({.kind = E::kReplan}, {std::move(record)},
       [this, done = std::move(done)](absl::Status status) mutable {
         if (!status.ok()) {
           new_plan_.reset();
           --plan_version_;
         }
         done(std::move(status));
       });
}

void GoalRun::Summarize() {
  // Read back from the store: a summary tells what is durable, nothing else.
  auto summary = std::make_shared<std::string>();
  const absl::Status taken = owner_.with_.store->Read(
      [summary, id = record_.id](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(const GoalReport report, ReadGoal(view, id));
        *summary = WriteSummary(report);
        return absl::OkStatus();
      },
      *owner_.with_.executor, lifetime_.Wrap([this, summary](absl::Status status) {
        if (status.ok()) return Feed({.kind = E::kSummarized, .detail = *summary});
        Feed({.kind = E::kSummaryFailed, .detail = std::string(MessageOf(status))});
      }));
  if (!taken.ok()) Feed({.kind = E::kSummaryFailed, .detail = std::string(MessageOf(taken))});
}

std::string GoalRun::QuestionText(const TaskCommand& command) const {
  if (command.about == TaskWait::kApproval) {
    const auto asked =
        owner_.with_.confirmations->Find(command.reference, owner_.with_.executor->WallNow());
    return asked.ok() ? asked->text : command.detail;
  }
  if (command.about == TaskWait::kStep) return QuestionOf(plan_, command.step, results_);
  if (command.about == TaskWait::kFailure) {
    return StrCat("Step '", command.step, "' failed: ", command.detail,
                  ". Retry it, skip it, or give up?");
  }
  if (command.about == TaskWait::kUnclear) {
    return StrCat(command.detail, ". Did it happen?");
  }
  return command.detail;
}

}  // namespace dragoman
