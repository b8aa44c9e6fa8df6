#include "dragoman/tasks/operator.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/tasks/goal_recovery.h"
#include "src/tasks/goal_run.h"

namespace dragoman {
namespace {

using E = TaskEventKind;

constexpr int kPriorities = 10;  // 0 to 9

bool SaysToCallEmergency(std::string_view words) {
  static constexpr std::string_view kVerbs[] = {"call", "phone", "dial", "ring", "text"};
  static constexpr std::string_view kNumbers[] = {"911", "112", "999", "000", "110",
                                                  "119", "113", "15",  "17",  "18"};
  std::string plain = " ";
  for (const char c : ToLowerAscii(words)) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (keep || plain.back() != ' ') plain += keep ? c : ' ';
  }
  plain += ' ';
  for (const std::string_view verb : kVerbs) {
    for (const std::string_view number : kNumbers) {
      if (plain.find(StrCat(" ", verb, " ", number, " ")) != std::string::npos) return true;
    }
    for (const std::string_view who : {"the police", "an ambulance", "emergency"}) {
      if (plain.find(StrCat(" ", verb, " ", who)) != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

absl::Status OperatorOptions::Validate() const {
  DRAGOMAN_RETURN_IF_ERROR(machine.Validate());
  DRAGOMAN_RETURN_IF_ERROR(journal.Validate());
  if (tenant.empty()) return InvalidArgument("tenant is empty");
  if (max_goals < 1 || max_goals > 100'000) {
    return InvalidArgument("max_goals is ", max_goals, "; expected 1 to 100000");
  }
  if (max_running < 1 || max_running > 10'000) {
    return InvalidArgument("max_running is ", max_running, "; expected 1 to 10000");
  }
  return absl::OkStatus();
}

Operator::Operator(OperatorOptions options, OperatorDependencies dependencies)
    : options_(std::move(options)),
      with_(std::move(dependencies)),
      queue_({.most_running = options_.max_running,
              .most_waiting = options_.max_goals,
              .levels = kPriorities}),
      started_(with_.executor->Now()),
      wall_started_(with_.executor->WallNow()) {}

Operator::~Operator() {
  if (with_.calls != nullptr) with_.calls->Follow(nullptr);
}

void Operator::Start(Done done) { recovery_->Start(std::move(done)); }

absl::StatusOr<std::unique_ptr<Operator>> Operator::Create(OperatorOptions options,
                                                           OperatorDependencies with) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (with.store == nullptr || with.executor == nullptr || with.governor == nullptr ||
      with.confirmations == nullptr || with.tools == nullptr || with.effects == nullptr ||
      with.random == nullptr || with.log == nullptr) {
    return InvalidArgument(
        "the operator lacks a store, executor, governor, confirmations, tools, effects, random or "
        "log");
  }
  std::unique_ptr<Operator> made(new Operator(std::move(options), std::move(with)));
  Operator* const self = made.get();
  DRAGOMAN_ASSIGN_OR_RETURN(
      made->journal_, EffectJournal::Create(
                          made->options_.journal,
                          {.store = made->with_.store,
                           .executor = made->with_.executor,
                           .sender = [self](const IntentRecord& intent) -> EffectSender* {
                             if (self->recovery_->GivenUp(intent.goal_id)) return nullptr;
                             return self->with_.effects;
                           },
                           .recheck =
                               [self](const IntentRecord& intent) {
                                 return self->with_.effects->Authorize(intent);
                               },
                           .still_allowed =
                               [self](const IntentRecord& intent) {
                                 return self->with_.effects->StillAllowed(intent);
                               },
                           .on_final = [self](const IntentRecord& intent) { self->Ended(intent); },
                           .probe = made->with_.probe}));
  made->recovery_ = std::make_unique<GoalRecovery>(*made);
  if (made->with_.calls != nullptr) {
    made->with_.calls->Follow([self](const CallNews& news) { self->OnCall(news); });
  }
  return made;
}

void Operator::Later(Done done, absl::Status status) {
  with_.executor->Post(lifetime_.Wrap(
      [done = std::move(done), status = std::move(status)]() mutable { done(std::move(status)); }));
}

GoalRun* Operator::Find(const std::string& goal) const {
  const auto found = runs_.find(goal);
  return found == runs_.end() ? nullptr : found->second.get();
}

const TaskProgress* Operator::progress(const std::string& goal) const {
  const GoalRun* run = Find(goal);
  return run == nullptr ? nullptr : &run->progress();
}

void Operator::Ended(const IntentRecord& intent) {
  with_.effects->Ended(intent);
  if (GoalRun* run = Find(intent.goal_id)) run->EffectEnded(intent);
}

// The end of a call is the journal's to write down; a report that the store cannot take now comes
// again by polling.
void Operator::OnCall(const CallNews& news) {
  if (news.kind == CallNewsKind::kReached || news.kind == CallNewsKind::kFailed) {
    const auto kind = news.kind == CallNewsKind::kReached ? IntentEventKind::kConfirmed
                                                          : IntentEventKind::kRejected;
    return journal_->Report(news.effect_id,
                            {.kind = kind,
                             .at = with_.executor->WallNow(),
                             .detail = news.detail,
                             .retry_after = news.retry_after},
                            [](auto) {});
  }
  GoalRun* const run = Find(news.goal);
  if (run != nullptr && run->OnCall(news)) return;
  // Nobody can be asked; who holds the line must not wait for that.
  if (news.kind == CallNewsKind::kAsks) with_.calls->Answer(news.effect_id, "");
}

// Whose goal is gone has nobody else to end it, so it is tried until the store takes it.
void Operator::WithdrawEffect(const std::string& effect_id, std::chrono::seconds again_after) {
  journal_->Withdraw(
      effect_id, "the goal let go of it",
      lifetime_.Wrap([this, effect_id, again_after](const absl::StatusOr<IntentRecord>& withdrawn) {
        if (withdrawn.ok() || !MayBeWrittenLater(withdrawn.status())) return;
        with_.executor->RunAfter(again_after, lifetime_.Wrap([this, effect_id, again_after] {
          WithdrawEffect(effect_id, std::min(2 * again_after, std::chrono::seconds(60)));
        }));
      }));
}

absl::Status Operator::Enqueue(GoalRun& run) {
  run.AwaitTurn();
  const GoalRecord& goal = run.record();
  QueuedGoal queued{.id = goal.id,
                    .priority = kPriorities - 1 - static_cast<int>(goal.priority),
                    .after = run.plan().after};
  if (goal.deadline) queued.deadline = started_ + (*goal.deadline - wall_started_);
  return queue_.Add(queued, with_.executor->Now());
}

// Goals that were not begun, in the order in which they were taken. What one waits for goes before
// it all the same: the wall clock may have been set back between the two.
void Operator::EnqueueAll() {
  std::vector<GoalRun*> left;
  for (const auto& [id, run] : runs_) {
    if (run->record().version <= 1) left.push_back(run.get());
  }
  std::sort(left.begin(), left.end(), [](const GoalRun* a, const GoalRun* b) {
    return std::pair(a->record().created, a->record().id) <
           std::pair(b->record().created, b->record().id);
  });
  std::set<std::string> later;
  for (const GoalRun* run : left) later.insert(run->record().id);
  for (bool moved = true; std::exchange(moved, false);) {
    for (GoalRun*& run : left) {
      if (run == nullptr) continue;
      const auto& after = run->plan().after;
      if (std::any_of(after.begin(), after.end(), [&](auto& id) { return later.contains(id); })) {
        continue;
      }
      later.erase(run->record().id);
      if (const absl::Status queued = Enqueue(*std::exchange(run, nullptr)); !queued.ok()) {
        with_.log->Write(LogLevel::kError, "operator", MessageOf(queued));
      }
      moved = true;
    }
  }
}

void Operator::BeginNext() {
  if (draining_) return;
  while (const std::optional<std::string> next = queue_.Next(with_.executor->Now())) {
    if (GoalRun* run = Find(*next)) {
      run->Begin();
    } else {
      queue_.End(*next, with_.executor->Now()).IgnoreError();
    }
  }
}

void Operator::Rests(const std::string& goal) {
  if (queue_.Rest(goal).ok()) BeginNext();
}

// Later: whoever asks may be the goal itself. What is a part of an ended goal ends too.
void Operator::Remove(const std::string& goal) {
  with_.executor->Post(lifetime_.Wrap([this, goal] {
    runs_.erase(goal);
    recovery_->Progressed(goal);
    const TimePoint now = with_.executor->Now();
    if (!queue_.End(goal, now).ok()) queue_.Cancel(goal, now).IgnoreError();
    BeginNext();
    for (const auto& [id, run] : runs_) {
      if (run->record().parent_id == goal) {
        EndIfOrphaned(*run);
      }
    }
    TellOfEnds();
  }));
}

bool Operator::HasGoalOf(const std::string& user) const {
  return std::any_of(runs_.begin(), runs_.end(),
                     [&](const auto& run) { return run.second->record().user_id == user; });
}

void Operator::TellOfEnds() {
  std::vector<std::shared_ptr<Done>> ended;
  std::erase_if(ending_, [&](const EndingUser& ending) {
    if (HasGoalOf(ending.user)) return false;
    ended.push_back(ending.done);
    return true;
  });
  const auto watch = lifetime_.Watch();
  for (const auto& done : ended) {
    if (!watch.expired()) (*done)(absl::OkStatus());
  }
}

void Operator::EndIfOrphaned(GoalRun& run) {
  const std::string& parent = run.record().parent_id;
  if (parent.empty() || Find(parent) != nullptr) return;
  run.Feed({.kind = E::kCancel, .detail = "the goal that it is a part of has ended"});
}

// --- goals ---------------------------------------------------------------------------------------

absl::Status Operator::Check(const GoalRequest& request) const {
  if (Trim(request.words).empty()) return InvalidArgument("the goal is empty; say what to reach");
  if (request.words.size() > kMaxGoalWords) {
    return InvalidArgument("the goal has ", request.words.size(), " bytes; expected at most ",
                           kMaxGoalWords);
  }
  if (!IsValidUtf8(request.words)) return InvalidArgument("the goal is not valid UTF-8");
  if (SaysToCallEmergency(request.words)) {
    return MakeStatus(absl::StatusCode::kPermissionDenied,
                      "emergency numbers are never called from here: in an emergency, phone them "
                      "yourself, now");
  }
  if (request.priority < 0 || request.priority > 9) {
    return InvalidArgument("priority is ", request.priority, "; expected 0 to 9");
  }
  if (request.deadline && *request.deadline <= with_.executor->WallNow()) {
    return InvalidArgument("the deadline has passed");
  }
  if (!request.parent.empty() && Find(request.parent) == nullptr) {
    return NotFound("no open goal '", request.parent, "' to be a part of");
  }
  for (const std::string& goal : request.after) {
    if (Find(goal) == nullptr) return NotFound("no open goal '", goal, "' to wait for");
  }
  return CheckPlan(request.plan.task_steps());
}

void Operator::NewGoal(GoalRequest request, GoalDone done) {
  auto answer = std::make_shared<GoalDone>(std::move(done));
  auto refuse = [this, answer](absl::Status status) {
    with_.executor->Post(lifetime_.Wrap([answer, status] { (*answer)(status); }));
  };
  if (runs_.size() >= options_.max_goals) {
    return refuse(ResourceExhausted(runs_.size(), " goals are open; expected at most ",
                                    options_.max_goals, "; try again when some have ended"));
  }
  if (const absl::Status status = Check(request); !status.ok()) return refuse(status);
  const WallTime now = with_.executor->WallNow();
  GoalRecord record{.id = MakeId("g", *with_.random).substr(0, 13),
                    .user_id = request.user,
                    .parent_id = request.parent,
                    .request = request.words,
                    .state = std::string(Name(TaskState::kInit)),
                    .priority = request.priority,
                    .deadline = request.deadline,
                    .created = now,
                    .updated = now};
  if (const GoalRun* parent = Find(request.parent)) {
    const auto& limit = parent->record().deadline;
    if (limit && (!record.deadline || *limit < *record.deadline)) record.deadline = limit;
  }
  request.plan.after = request.after;
  auto run = std::make_unique<GoalRun>(*this, record, request.plan, 1);
  // What the governor refuses as it stands is refused now, not at the end of the plan.
  if (const absl::Status status = run->CheckSteps(); !status.ok()) return refuse(status);
  auto held = std::make_shared<std::unique_ptr<GoalRun>>(std::move(run));
  auto user = std::make_shared<std::optional<UserRecord>>();
  const absl::Status taken = with_.store->Read(
      [user, id = request.user](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(*user, view.FindUser(id));
        return absl::OkStatus();
      },
      *with_.executor,
      lifetime_.Wrap(
          [this, answer, held, user, plan = GoalPlanToJson(request.plan)](absl::Status status) {
            if (!status.ok()) return (*answer)(status);
            WriteNewGoal(std::move(*held), plan, user->has_value(), answer);
          }));
  if (!taken.ok()) refuse(taken);
}

void Operator::WriteNewGoal(std::unique_ptr<GoalRun> run, const std::string& plan, bool known_user,
                            std::shared_ptr<GoalDone> done) {
  const GoalRecord& record = run->record();
  StoreTransaction transaction;
  if (!known_user) {
    transaction.changes.push_back(UserRecord{
        .id = record.user_id, .display_name = record.user_id, .created = record.created});
  }
  transaction.changes.push_back(record);
  transaction.changes.push_back(
      PlanRecord{.goal_id = record.id, .version = 1, .body = plan, .created = record.created});
  transaction.steps.push_back({.goal_id = record.id,
                               .expected_version = 0,
                               .at = record.created,
                               .actor = "operator",
                               .action = "goal taken",
                               .delta = EncodeTaskHeader({.options = options_.machine})});
  const std::string id = record.id;
  run->NoteTaken();
  auto held = std::make_shared<std::unique_ptr<GoalRun>>(std::move(run));
  const absl::Status taken = with_.store->Commit(
      std::move(transaction), *with_.executor,
      lifetime_.Wrap([this, done, id, held](absl::StatusOr<Committed> committed) {
        if (!committed.ok()) return (*done)(committed.status());
        GoalRun& made = *(runs_[id] = std::move(*held));
        // Cannot be full or in a circle: what it waits for was there before it.
        if (const absl::Status queued = Enqueue(made); !queued.ok()) {
          with_.log->Write(LogLevel::kError, "operator", MessageOf(queued));
        }
        BeginNext();
        EndIfOrphaned(made);  // the whole may have ended while its part was written
        for (const EndingUser& ending : ending_) {
          if (ending.user == made.record().user_id) {
            made.Feed({.kind = E::kCancel, .detail = ending.why});
          }
        }
        (*done)(id);
      }));
  if (!taken.ok()) (*done)(taken);
}

void Operator::Answer(const std::string& goal, const std::string& question, OwnerChoice choice,
                      std::string text, Done done) {
  GoalRun* run = Find(goal);
  if (run == nullptr) return Later(std::move(done), NotFound("no open goal '", goal, "'"));
  if (run->progress().question != question || question.empty()) {
    return Later(std::move(done),
                 NotFound("goal ", goal, " does not wait for an answer to '", question, "'"));
  }
  if (run->progress().wait == TaskWait::kApproval) {
    return Later(std::move(done), FailedPrecondition("'", question, "' wants a yes or a no"));
  }
  run->Feed(
      {.kind = E::kAnswered, .reference = question, .choice = choice, .detail = std::move(text)},
      {}, std::move(done));
}

void Operator::Approve(const std::string& goal, const std::string& question,
                       const OwnerAnswer& answer, Done done) {
  GoalRun* run = Find(goal);
  if (run == nullptr) return Later(std::move(done), NotFound("no open goal '", goal, "'"));
  if (run->progress().question != question || run->progress().wait != TaskWait::kApproval) {
    return Later(std::move(done),
                 NotFound("goal ", goal, " does not wait for an approval '", question, "'"));
  }
  const WallTime now = with_.executor->WallNow();
  const absl::Status taken = with_.confirmations->Answer(question, answer, now);
  if (!taken.ok()) {
    // An earlier process may have died between the answer and the goal's step.
    const auto found = with_.confirmations->Find(question, now);
    const bool known =
        taken.code() == absl::StatusCode::kFailedPrecondition && found.ok() &&
        found->state == (answer.yes ? ConfirmationState::kApproved : ConfirmationState::kDenied);
    if (!known) return Later(std::move(done), taken);
  }
  run->Feed({.kind = answer.yes ? E::kApproved : E::kDeclined, .reference = question}, {},
            std::move(done));
}

void Operator::Cancel(const std::string& goal, std::string why, Done done) {
  GoalRun* run = Find(goal);
  if (run == nullptr) return Later(std::move(done), NotFound("no open goal '", goal, "'"));
  run->Feed({.kind = E::kCancel, .detail = std::move(why)}, {}, std::move(done));
}

void Operator::CancelAll(const std::string& user, std::string why, Done done) {
  for (const auto& [id, run] : runs_) {
    if (run->record().user_id == user) run->Feed({.kind = E::kCancel, .detail = why});
  }
  ending_.push_back({user, std::move(why), std::make_shared<Done>(std::move(done))});
  with_.executor->Post(lifetime_.Wrap([this] { TellOfEnds(); }));
}

void Operator::Escalate(const std::string& goal, std::string why, Done done) {
  GoalRun* run = Find(goal);
  if (run == nullptr) return Later(std::move(done), NotFound("no open goal '", goal, "'"));
  run->Feed({.kind = E::kEscalate, .detail = std::move(why)}, {}, std::move(done));
}

void Operator::StopAll(const std::string& why) {
  for (const auto& [id, run] : runs_) run->Feed({.kind = E::kKilled, .detail = why});
}

void Operator::Replan(const std::string& goal, GoalPlan plan, Done done) {
  GoalRun* run = Find(goal);
  if (run == nullptr) return Later(std::move(done), NotFound("no open goal '", goal, "'"));
  if (const absl::Status status = CheckPlan(plan.task_steps()); !status.ok()) {
    return Later(std::move(done), status);
  }
  run->Replan(std::move(plan), std::move(done));
}

}  // namespace dragoman
