#include "dragoman/tasks/operator.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/tasks/goal_run.h"

namespace dragoman {
namespace {

using E = TaskEventKind;

constexpr int kPage = 256;
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

absl::StatusOr<std::vector<LogRecord>> ReadWholeLog(StoreView& view, std::string_view goal) {
  std::vector<LogRecord> log;
  while (true) {
    DRAGOMAN_ASSIGN_OR_RETURN(
        std::vector<LogRecord> page,
        view.ReadGoalLog(goal, static_cast<std::int64_t>(log.size()) + 1, kPage));
    const bool last = page.size() < kPage;
    std::move(page.begin(), page.end(), std::back_inserter(log));
    if (last) return log;
  }
}

struct NewestPlan {
  GoalPlan plan;
  std::int64_t version = 0;
};

// Versions count from 1 without a gap.
absl::StatusOr<NewestPlan> ReadNewestPlan(StoreView& view, std::string_view goal) {
  std::optional<PlanRecord> newest;
  for (std::int64_t version = 1;; ++version) {
    DRAGOMAN_ASSIGN_OR_RETURN(std::optional<PlanRecord> found, view.FindPlan(goal, version));
    if (!found) break;
    newest = std::move(found);
  }
  if (!newest) return DataLoss("goal ", goal, " has no plan");
  DRAGOMAN_ASSIGN_OR_RETURN(GoalPlan plan, GoalPlanFromJson(newest->body));
  return NewestPlan{std::move(plan), newest->version};
}

struct Loaded {
  GoalRecord goal;
  NewestPlan plan;
  std::vector<LogRecord> log;
  std::vector<IntentRecord> effects;
  absl::Status damage;  // not OK: it cannot be taken up
};

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
                           .sender = [self](const IntentRecord&) { return self->with_.effects; },
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
    const TimePoint now = with_.executor->Now();
    if (!queue_.End(goal, now).ok()) queue_.Cancel(goal, now).IgnoreError();
    BeginNext();
    for (const auto& [id, run] : runs_) {
      if (run->record().parent_id == goal) {
        EndIfOrphaned(*run);
      }
    }
  }));
}

void Operator::EndIfOrphaned(GoalRun& run) {
  const std::string& parent = run.record().parent_id;
  if (parent.empty() || Find(parent) != nullptr) return;
  run.Feed({.kind = E::kCancel, .detail = "the goal that it is a part of has ended"});
}

// --- what an earlier process left ----------------------------------------------------------------

void Operator::Start(Done done) { Load("", std::make_shared<Done>(std::move(done))); }

void Operator::Load(std::string after, std::shared_ptr<Done> done) {
  auto loaded = std::make_shared<std::vector<Loaded>>();
  const absl::Status taken = with_.store->Read(
      [loaded, after](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(std::vector<GoalRecord> goals,
                                  view.ListGoals("", true, after, kPage));
        for (GoalRecord& goal : goals) {
          Loaded one;
          absl::StatusOr<NewestPlan> plan = ReadNewestPlan(view, goal.id);
          // A goal that is damaged, or whose words were erased, must not keep the others waiting.
          one.damage = plan.status().code() == absl::StatusCode::kDataLoss ? plan.status()
                                                                           : absl::OkStatus();
          if (plan.ok()) {
            one.plan = *std::move(plan);
          } else if (one.damage.ok()) {
            return plan.status();
          }
          DRAGOMAN_ASSIGN_OR_RETURN(one.log, ReadWholeLog(view, goal.id));
          DRAGOMAN_ASSIGN_OR_RETURN(one.effects, view.ListIntents(goal.id));
          one.goal = std::move(goal);
          loaded->push_back(std::move(one));
        }
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([this, loaded, done](absl::Status status) {
        if (!status.ok()) return (*done)(status);
        std::string last;
        for (Loaded& one : *loaded) {
          const std::string id = last = one.goal.id;
          if (!one.damage.ok()) {
            with_.log->Write(LogLevel::kError, "operator", MessageOf(one.damage));
            continue;
          }
          auto run = std::make_unique<GoalRun>(*this, std::move(one.goal), std::move(one.plan.plan),
                                               one.plan.version);
          // A goal whose log this build cannot follow is left as it is; the others go on.
          const absl::Status followed = run->TakeUp(one.log, one.effects);
          if (!followed.ok()) {
            with_.log->Write(LogLevel::kError, "operator", MessageOf(followed));
            continue;
          }
          runs_[id] = std::move(run);
        }
        if (loaded->size() == kPage) return Load(last, done);
        Resume(done);
      }));
  if (!taken.ok()) Later(std::move(*done), taken);
}

void Operator::Resume(std::shared_ptr<Done> done) {
  for (const auto& [id, run] : runs_) run->RegisterOpenEffect();
  journal_->Recover(lifetime_.Wrap([this, done](absl::Status status) {
    if (!status.ok()) return (*done)(status);
    for (const auto& [id, run] : runs_) {
      // Before its first event, behind the header, there is nothing to recover.
      if (run->record().version > 1) {
        queue_.Resume(id);
        run->Feed({.kind = E::kRecovered});
        run->EndIfLate();
      }
      EndIfOrphaned(*run);  // an earlier process may have died before it could
    }
    EnqueueAll();
    BeginNext();
    SettleEnded(done);
  }));
}

// What an earlier process reserved for effects that have ended, and died before it could settle.
void Operator::SettleEnded(std::shared_ptr<Done> done) {
  auto ended = std::make_shared<std::vector<IntentRecord>>();
  const absl::Status taken = with_.store->Read(
      [ended, ids = with_.effects->Reserved()](StoreView& view) {
        for (const std::string& id : ids) {
          DRAGOMAN_ASSIGN_OR_RETURN(const std::optional<IntentRecord> intent, view.FindIntent(id));
          if (intent && IsFinal(intent->state)) ended->push_back(*intent);
        }
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([this, ended, done](absl::Status status) {
        for (const IntentRecord& intent : *ended) with_.effects->Ended(intent);
        (*done)(std::move(status));
      }));
  if (!taken.ok()) Later(std::move(*done), taken);
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

void Operator::Escalate(const std::string& goal, std::string why, Done done) {
  GoalRun* run = Find(goal);
  if (run == nullptr) return Later(std::move(done), NotFound("no open goal '", goal, "'"));
  run->Feed({.kind = E::kEscalate, .detail = std::move(why)}, {}, std::move(done));
}

void Operator::Replan(const std::string& goal, GoalPlan plan, Done done) {
  GoalRun* run = Find(goal);
  if (run == nullptr) return Later(std::move(done), NotFound("no open goal '", goal, "'"));
  if (const absl::Status status = CheckPlan(plan.task_steps()); !status.ok()) {
    return Later(std::move(done), status);
  }
  run->Replan(std::move(plan), std::move(done));
}

// --- reading -------------------------------------------------------------------------------------

absl::StatusOr<GoalReport> ReadGoal(StoreView& view, std::string_view goal) {
  GoalReport report;
  DRAGOMAN_ASSIGN_OR_RETURN(std::optional<GoalRecord> record, view.FindGoal(goal));
  if (!record) return NotFound("no goal '", goal, "'");
  report.goal = *std::move(record);
  DRAGOMAN_ASSIGN_OR_RETURN(NewestPlan newest, ReadNewestPlan(view, goal));
  report.plan = std::move(newest.plan);
  DRAGOMAN_ASSIGN_OR_RETURN(report.effects, view.ListIntents(goal));
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<LogRecord> log, ReadWholeLog(view, goal));
  std::vector<std::string> deltas;
  for (const LogRecord& row : log) {
    if (row.delta.empty() && !row.delta_digest.empty()) {
      return DataLoss("goal ", goal, " was erased; only its audit trail is left");
    }
    deltas.push_back(row.delta);
  }
  for (std::size_t i = 1; i < deltas.size(); ++i) {
    DRAGOMAN_ASSIGN_OR_RETURN(const TaskLogStep step, DecodeTaskStep(deltas[i]));
    if (step.event.kind == E::kSummarized) report.summary = step.event.detail;
    for (const TaskCommand& command : step.commands) {
      if (command.kind == TaskCommandKind::kAskOwner) report.question_text = command.detail;
    }
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const TaskReplayResult replayed,
                            ReplayTask([&]() -> absl::StatusOr<std::vector<std::string>> {
                              return std::exchange(deltas, {});
                            }));
  report.progress = replayed.progress;
  if (report.progress.question.empty()) {
    report.question_text.clear();
  } else if (report.progress.wait == TaskWait::kStep && report.progress.active >= 0) {
    const auto& active = report.progress.steps[static_cast<std::size_t>(report.progress.active)];
    std::map<std::string, std::string> results;
    for (const TaskStepProgress& step : report.progress.steps) results[step.step.id] = step.detail;
    report.question_text = QuestionOf(report.plan, active.step.id, results);
  }
  return report;
}

}  // namespace dragoman
