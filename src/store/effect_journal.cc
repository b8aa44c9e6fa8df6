#include "dragoman/store/effect_journal.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using E = IntentEventKind;

constexpr std::chrono::seconds kRewriteFirst{1};
constexpr std::chrono::seconds kRewriteMost{60};
constexpr int kRecoverPage = 256;

// What the store may take later; everything else will not change by waiting.
bool MayBeWrittenLater(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

// Somebody waits for the answer and can decide himself; the world has not been told anything yet.
bool IsAskedFor(IntentEventKind kind) {
  switch (kind) {
    case E::kApproved:
    case E::kWithdrawn:
    case E::kArm:
    case E::kOwnerSaysDone:
    case E::kOwnerSaysNotDone:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct EffectJournal::Entry {
  struct Waiting {
    IntentEvent event;
    std::vector<Change> with;  // committed in the same transaction
    Done done;
  };
  Entry(IntentRecord record_in, Executor& executor)
      : record(std::move(record_in)),
        sent(record.state == IntentState::kArmed),
        timer(executor),
        limit(executor),
        rewrite(executor) {}

  IntentRecord record;  // as it is on disk
  std::deque<Waiting> waiting;
  bool writing = false;
  std::optional<IntentDecision> decided;  // while writing
  std::uint64_t question = 0;             // answers to an earlier one are dropped
  bool sent = false;                      // here or by an earlier process; perhaps
  std::chrono::seconds rewrite_after = kRewriteFirst;
  Timer timer, limit, rewrite;
};

absl::Status EffectJournalOptions::Validate() const {
  for (const auto& [name, limit] :
       {std::pair("send_limit", send_limit), std::pair("lookup_limit", lookup_limit)}) {
    if (limit < std::chrono::seconds(1) || limit > std::chrono::seconds(300)) {
      return InvalidArgument(name, " is ", limit.count(), " s; expected 1 to 300");
    }
  }
  return absl::OkStatus();
}

EffectJournal::EffectJournal(EffectJournalOptions options, EffectJournalDependencies dependencies)
    : options_(std::move(options)),
      dependencies_(std::move(dependencies)),
      started_(dependencies_.executor->Now()),
      wall_started_(dependencies_.executor->WallNow()) {}

EffectJournal::~EffectJournal() = default;

absl::StatusOr<std::unique_ptr<EffectJournal>> EffectJournal::Create(
    EffectJournalOptions options, EffectJournalDependencies dependencies) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (dependencies.store == nullptr || dependencies.executor == nullptr || !dependencies.sender ||
      !dependencies.recheck) {
    return InvalidArgument("the effect journal lacks store, executor, sender or recheck");
  }
  return std::unique_ptr<EffectJournal>(
      new EffectJournal(std::move(options), std::move(dependencies)));
}

// Wall time at the start and monotonic time since: a clock that is set does not move deadlines.
WallTime EffectJournal::Now() const {
  return wall_started_ + (dependencies_.executor->Now() - started_);
}

void EffectJournal::Point(std::string_view name) const {
  if (dependencies_.probe) dependencies_.probe(name);
}

EffectJournal::Entry* EffectJournal::Find(const std::string& effect_id) {
  const auto found = intents_.find(effect_id);
  return found == intents_.end() ? nullptr : found->second.get();
}

// --- recovery ----------------------------------------------------------------------------------

void EffectJournal::Recover(absl::AnyInvocable<void(absl::Status)> done,
                            std::function<bool(const IntentRecord&)> which) {
  Point("recovery begun");
  RecoverPage("", std::move(done), std::move(which));
}

void EffectJournal::RecoverPage(std::string after, absl::AnyInvocable<void(absl::Status)> done,
                                std::function<bool(const IntentRecord&)> which) {
  auto page = std::make_shared<std::vector<IntentRecord>>();  // the reading thread fills it
  // Held by both ways out: a store that does not take the reading.
  auto answer = std::make_shared<absl::AnyInvocable<void(absl::Status)>>(std::move(done));
  const absl::Status taken = dependencies_.store->Read(
      [page, after](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(*page, view.ListOpenIntents(after, kRecoverPage));
        return absl::OkStatus();
      },
      *dependencies_.executor, lifetime_.Wrap([this, page, answer, which](absl::Status status) {
        if (!status.ok()) return (*answer)(status);
        Point("recovery read");
        for (const IntentRecord& record : *page) {
          if (Find(record.effect_id) != nullptr || (which && !which(record))) continue;
          intents_[record.effect_id] = std::make_unique<Entry>(record, *dependencies_.executor);
          Apply(record.effect_id, {.kind = E::kRecovered}, {}, [](auto) {});
        }
        if (page->size() < kRecoverPage) return (*answer)(absl::OkStatus());
        RecoverPage(page->back().effect_id, std::move(*answer), which);
      }));
  if (!taken.ok()) {
    dependencies_.executor->Post(lifetime_.Wrap([answer, taken] { (*answer)(taken); }));
  }
}

// --- what the owner of the goal asks for --------------------------------------------------------

void EffectJournal::Plan(IntentRecord intent, Done done) {
  if (intent.effect_id !=
      MakeEffectId(intent.goal_id, intent.step, intent.attempt_group, intent.arguments)) {
    dependencies_.executor->Post(lifetime_.Wrap([done = std::move(done)]() mutable {
      done(InvalidArgument("effect_id is not that of goal, step, attempt group and arguments"));
    }));
    return;
  }
  struct Found {
    std::optional<IntentRecord> same;
    std::vector<IntentRecord> of_goal;
  };
  auto found = std::make_shared<Found>();
  auto answer = std::make_shared<Done>(std::move(done));
  auto planned = std::make_shared<IntentRecord>(std::move(intent));
  const absl::Status taken = dependencies_.store->Read(
      [found, id = planned->effect_id, goal = planned->goal_id](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(found->same, view.FindIntent(id));
        DRAGOMAN_ASSIGN_OR_RETURN(found->of_goal, view.ListIntents(goal));
        return absl::OkStatus();
      },
      *dependencies_.executor,
      lifetime_.Wrap([this, found, answer, planned, ended = ended_](absl::Status status) {
        if (!status.ok()) return (*answer)(status);
        if (found->same) {
          // Planned before: what is on its way stays with whoever recovered it. One that is open
          // in what was read and not here has ended meanwhile, or belongs to nobody.
          if (!IsFinal(found->same->state) && Find(planned->effect_id) == nullptr) {
            if (ended != ended_) return Plan(*planned, std::move(*answer));
            intents_[planned->effect_id] =
                std::make_unique<Entry>(*found->same, *dependencies_.executor);
            Apply(planned->effect_id, {.kind = E::kRecovered}, {}, [](auto) {});
          }
          const Entry* entry = Find(planned->effect_id);
          return (*answer)(entry != nullptr ? entry->record : *found->same);
        }
        for (const IntentRecord& other : found->of_goal) {
          if (other.step != planned->step || other.state == IntentState::kAbandoned) continue;
          if (!MayAttemptAgain(other.state) || other.attempt_group >= planned->attempt_group) {
            return (*answer)(FailedPrecondition("step '", planned->step, "' has an attempt ",
                                                other.attempt_group, " that is ", Name(other.state),
                                                "; a new one needs it to have failed definitely"));
          }
          if (other.not_before && Now() < *other.not_before) {
            return (*answer)(
                FailedPrecondition("step '", planned->step, "' was told to wait; try again later"));
          }
        }
        planned->state = IntentState::kPlanned;
        planned->revision = 0;
        StoreTransaction transaction;
        transaction.changes.push_back(*planned);
        transaction.steps.push_back({.at = Now(),
                                     .actor = options_.actor,
                                     .action = "intent PLANNED",
                                     .delta = planned->effect_id});
        Point("before planned");
        const absl::Status given = dependencies_.store->Commit(
            std::move(transaction), *dependencies_.executor,
            lifetime_.Wrap([this, answer, planned](absl::StatusOr<Committed> committed) {
              if (!committed.ok()) return (*answer)(committed.status());
              Point("planned");
              intents_[planned->effect_id] =
                  std::make_unique<Entry>(*planned, *dependencies_.executor);
              SetTimer(planned->effect_id);
              (*answer)(*planned);
            }));
        if (!given.ok()) (*answer)(given);
      }));
  if (!taken.ok()) {
    dependencies_.executor->Post(lifetime_.Wrap([answer, taken] { (*answer)(taken); }));
  }
}

void EffectJournal::Approve(const std::string& effect_id, Done done) {
  Apply(effect_id, {.kind = E::kApproved}, {}, std::move(done));
}

void EffectJournal::Withdraw(const std::string& effect_id, std::string why, Done done) {
  Apply(effect_id, {.kind = E::kWithdrawn, .detail = std::move(why)}, {}, std::move(done));
}

void EffectJournal::Report(const std::string& effect_id, IntentEvent event, Done done) {
  Apply(effect_id, std::move(event), {}, std::move(done));
}

void EffectJournal::Execute(const std::string& effect_id, Done done) {
  const Entry* entry = Find(effect_id);
  if (entry == nullptr) return Apply(effect_id, {.kind = E::kArm}, {}, std::move(done));
  absl::StatusOr<std::vector<Change>> allowed = dependencies_.recheck(entry->record);
  if (!allowed.ok()) {
    const std::string why(MessageOf(allowed.status()));
    return Apply(effect_id, {.kind = E::kWithdrawn, .detail = why}, {},
                 [done = std::move(done), status = allowed.status()](auto withdrawn) mutable {
                   done(withdrawn.ok() ? status : withdrawn.status());
                 });
  }
  Apply(effect_id, {.kind = E::kArm, .fence = options_.fence}, *std::move(allowed),
        std::move(done));
}

void EffectJournal::Resolve(const std::string& effect_id, bool it_happened, Done done) {
  auto answer = std::make_shared<Done>(std::move(done));
  auto found = std::make_shared<std::optional<IntentRecord>>();
  const IntentEventKind kind = it_happened ? E::kOwnerSaysDone : E::kOwnerSaysNotDone;
  const absl::Status taken = dependencies_.store->Read(
      [found, effect_id](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(*found, view.FindIntent(effect_id));
        return absl::OkStatus();
      },
      *dependencies_.executor,
      lifetime_.Wrap([this, found, answer, effect_id, kind](absl::Status status) {
        if (!status.ok()) return (*answer)(status);
        // One that needs a person is at rest, so it is not among the open ones.
        if (*found && IsFinal((*found)->state) && Find(effect_id) == nullptr) {
          intents_[effect_id] = std::make_unique<Entry>(**found, *dependencies_.executor);
        }
        Apply(effect_id, {.kind = kind}, {}, std::move(*answer));
      }));
  if (!taken.ok()) {
    dependencies_.executor->Post(lifetime_.Wrap([answer, taken] { (*answer)(taken); }));
  }
}

// --- one step: decide, write, then act ----------------------------------------------------------

void EffectJournal::Apply(const std::string& effect_id, IntentEvent event, std::vector<Change> with,
                          Done done) {
  Entry* const entry = Find(effect_id);
  if (entry == nullptr) {
    dependencies_.executor->Post(lifetime_.Wrap([effect_id, done = std::move(done)]() mutable {
      done(NotFound("no open intent '", effect_id, "'"));
    }));
    return;
  }
  entry->waiting.push_back({std::move(event), std::move(with), std::move(done)});
  if (!entry->writing) Write(effect_id);
}

void EffectJournal::Write(const std::string& effect_id) {
  Entry* const entry = Find(effect_id);
  if (entry == nullptr || entry->writing || entry->waiting.empty()) return;
  Entry::Waiting& next = entry->waiting.front();
  next.event.at = Now();
  absl::StatusOr<IntentDecision> decision = StepIntent(entry->record, next.event);
  if (!decision.ok()) {
    Entry::Waiting refused = std::move(next);
    entry->waiting.pop_front();
    const bool rests = IsFinal(entry->record.state) && entry->waiting.empty();
    dependencies_.executor->Post(lifetime_.Wrap(
        [this, effect_id, done = std::move(refused.done), status = decision.status()]() mutable {
          Write(effect_id);
          done(status);
        }));
    if (rests) intents_.erase(effect_id);  // was loaded for this question only
    return;
  }
  const IntentRecord& after = decision->record;
  StoreTransaction transaction;
  transaction.changes = next.with;
  if (!after.budget_account.empty()) {
    switch (decision->budget) {
      case BudgetMove::kNone:
        break;
      case BudgetMove::kReserve:
        transaction.changes.push_back(ReserveBudget{after.budget_account, after.budget_unit,
                                                    after.budget_reserved,
                                                    dependencies_.budget_limit});
        break;
      case BudgetMove::kRelease:
        transaction.changes.push_back(
            SettleBudget{after.budget_account, after.budget_unit, after.budget_reserved, 0});
        break;
      case BudgetMove::kSettle:
        transaction.changes.push_back(SettleBudget{after.budget_account, after.budget_unit,
                                                   after.budget_reserved, after.budget_reserved});
        break;
    }
  }
  transaction.changes.push_back(UpdateIntent{after});
  transaction.steps.push_back({.at = next.event.at,
                               .actor = options_.actor,
                               .action = StrCat("intent ", Name(after.state)),
                               .delta = effect_id,
                               .topic = IsFinal(after.state) ? "intent.final" : "",
                               .event = IsFinal(after.state) ? effect_id : ""});
  entry->decided = *std::move(decision);
  entry->writing = true;
  Point(StrCat("before ", Name(entry->decided->record.state)));
  const absl::Status taken = dependencies_.store->Commit(
      std::move(transaction), *dependencies_.executor,
      lifetime_.Wrap([this, effect_id](absl::StatusOr<Committed> committed) {
        Written(effect_id, std::move(committed));
      }));
  if (!taken.ok()) {
    dependencies_.executor->Post(
        lifetime_.Wrap([this, effect_id, taken] { Written(effect_id, taken); }));
  }
}

void EffectJournal::Written(const std::string& effect_id, absl::StatusOr<Committed> committed) {
  Entry* const entry = Find(effect_id);
  if (entry == nullptr) return;
  entry->writing = false;
  if (!committed.ok() && MayBeWrittenLater(committed.status()) &&
      !IsAskedFor(entry->waiting.front().event.kind)) {
    // What the far side said is not forgotten; until it is written, nothing follows from it.
    entry->rewrite.Start(entry->rewrite_after, [this, effect_id] { Write(effect_id); });
    entry->rewrite_after = std::min(2 * entry->rewrite_after, kRewriteMost);
    entry->writing = false;
    return;
  }
  Entry::Waiting written = std::move(entry->waiting.front());
  entry->waiting.pop_front();
  if (!committed.ok()) {
    // Aborted: another worker has moved it on, so it is not ours any more.
    // One at rest was loaded for this question only.
    const bool rests = IsFinal(entry->record.state) && entry->waiting.empty();
    if (rests || committed.status().code() == absl::StatusCode::kAborted) intents_.erase(effect_id);
    Write(effect_id);
    written.done(committed.status());
    return;
  }
  entry->rewrite_after = kRewriteFirst;
  entry->record = entry->decided->record;
  const std::vector<IntentCommand> commands = entry->decided->commands;
  const IntentRecord record = entry->record;
  Point(StrCat("durable ", Name(record.state)));
  entry->limit.Stop();
  ++entry->question;
  const auto watch = lifetime_.Watch();
  if (IsFinal(record.state)) {
    std::deque<Entry::Waiting> late = std::move(entry->waiting);
    intents_.erase(effect_id);
    ++ended_;
    if (dependencies_.on_final) dependencies_.on_final(record);
    if (watch.expired()) return;
    written.done(record);
    for (Entry::Waiting& one : late) {
      if (watch.expired()) return;
      one.done(FailedPrecondition("intent ", effect_id.substr(0, 12), " has ended as ",
                                  Name(record.state)));
    }
    return;
  }
  SetTimer(effect_id);
  for (const IntentCommand command : commands) Carry(effect_id, command);
  Write(effect_id);
  written.done(record);
}

void EffectJournal::SetTimer(const std::string& effect_id) {
  Entry* const entry = Find(effect_id);
  if (entry == nullptr) return;
  const IntentRecord& record = entry->record;
  const bool early =
      record.state == IntentState::kPlanned || record.state == IntentState::kApproved;
  const std::optional<WallTime> when = early ? record.expires : record.next_at;
  entry->timer.Stop();
  if (!when) return;
  entry->timer.StartAt(started_ + (*when - wall_started_), [this, effect_id, early] {
    Apply(effect_id,
          early ? IntentEvent{.kind = E::kWithdrawn, .detail = "expired before it was armed"}
                : IntentEvent{.kind = E::kTimer},
          {}, [](auto) {});
  });
}

// --- the far side ------------------------------------------------------------------------------

void EffectJournal::Carry(const std::string& effect_id, IntentCommand command) {
  const Entry* entry = Find(effect_id);
  if (entry == nullptr) return;
  switch (command) {
    case IntentCommand::kSend:
      return Send(entry->record);
    case IntentCommand::kLookUp:
      return LookUp(entry->record);
    case IntentCommand::kPoll:
      return Poll(entry->record);
    case IntentCommand::kRecheck: {
      const absl::Status allowed = dependencies_.still_allowed
                                       ? dependencies_.still_allowed(entry->record)
                                       : dependencies_.recheck(entry->record).status();
      const bool expired = entry->record.expires && Now() >= *entry->record.expires;
      if (allowed.ok() && !expired) return;  // whoever planned it goes on
      Apply(effect_id,
            {.kind = E::kWithdrawn,
             .detail = expired ? "expired before it was armed" : std::string(MessageOf(allowed))},
            {}, [](auto) {});
      return;
    }
    case IntentCommand::kTellOwner:
      return;  // final: on_final tells
  }
}

void EffectJournal::Limit(const std::string& effect_id, std::chrono::seconds limit,
                          IntentEventKind kind) {
  Entry* const entry = Find(effect_id);
  entry->limit.Start(limit, [this, effect_id, kind, limit] {
    if (Entry* const late = Find(effect_id)) ++late->question;
    Apply(effect_id, {.kind = kind, .detail = StrCat("no answer within ", limit.count(), " s")}, {},
          [](auto) {});
  });
}

// False: it answers an earlier question, or one whose time is over.
bool EffectJournal::TakeAnswer(const std::string& effect_id, std::uint64_t question) {
  Entry* const entry = Find(effect_id);
  if (entry == nullptr || entry->question != question) return false;
  ++entry->question;
  entry->limit.Stop();
  return true;
}

void EffectJournal::Send(const IntentRecord& record) {
  const std::string id = record.effect_id;
  EffectSender* const sender = dependencies_.sender(record);
  const bool before = std::exchange(Find(id)->sent, true);
  if (sender == nullptr) {
    if (before) return Apply(id, {.kind = E::kNoSender}, {}, [](auto) {});
    return Apply(id,
                 {.kind = E::kRejected,
                  .detail = StrCat("nothing can send '", record.tool, "'; nothing was sent")},
                 {}, [](auto) {});
  }
  Limit(id, options_.send_limit, E::kNoAnswer);
  const std::uint64_t question = Find(id)->question;
  Point("before send");
  sender->Send(record, lifetime_.Wrap([this, id, question](SendResult result) {
    if (!TakeAnswer(id, question)) return;
    Point("answer to send");
    IntentEvent event{.reference = std::move(result.reference), .detail = std::move(result.detail)};
    switch (result.outcome) {
      case SendOutcome::kAccepted:
        event.kind = E::kAccepted;
        break;
      case SendOutcome::kConfirmed:
        event.kind = E::kConfirmed;
        break;
      case SendOutcome::kRejected:
        event.kind = E::kRejected;
        event.retry_after = result.retry_after;
        break;
      case SendOutcome::kNoAnswer:
        event.kind = E::kNoAnswer;
        break;
    }
    Apply(id, std::move(event), {}, [](auto) {});
  }));
  Point("after send");
}

void EffectJournal::LookUp(const IntentRecord& record) {
  const std::string id = record.effect_id;
  EffectSender* const sender = dependencies_.sender(record);
  if (sender == nullptr || !record.armed) {
    return Apply(id, {.kind = E::kLookupFailed, .detail = "nothing can look it up"}, {},
                 [](auto) {});
  }
  Limit(id, options_.lookup_limit, E::kLookupFailed);
  const std::uint64_t question = Find(id)->question;
  Point("before lookup");
  sender->LookUp(record, *record.armed - kLookupBefore, *record.armed + kLookupAfter,
                 lifetime_.Wrap([this, id, question](LookupResult result) {
                   if (!TakeAnswer(id, question)) return;
                   Point("answer to lookup");
                   IntentEvent event{.reference = std::move(result.reference),
                                     .detail = std::move(result.detail)};
                   switch (result.outcome) {
                     case LookupOutcome::kFound:
                       event.kind = E::kFound;
                       break;
                     case LookupOutcome::kFoundSeveral:
                       event.kind = E::kFoundSeveral;
                       break;
                     case LookupOutcome::kAbsent:
                       event.kind = E::kAbsent;
                       break;
                     case LookupOutcome::kFailed:
                       event.kind = E::kLookupFailed;
                       break;
                   }
                   Apply(id, std::move(event), {}, [](auto) {});
                 }));
}

void EffectJournal::Poll(const IntentRecord& record) {
  const std::string id = record.effect_id;
  EffectSender* const sender = dependencies_.sender(record);
  if (sender == nullptr) {
    return Apply(id, {.kind = E::kPollFailed, .detail = "nothing can ask for it"}, {}, [](auto) {});
  }
  Limit(id, options_.lookup_limit, E::kPollFailed);
  const std::uint64_t question = Find(id)->question;
  Point("before poll");
  sender->Poll(record, lifetime_.Wrap([this, id, question](PollResult result) {
    if (!TakeAnswer(id, question)) return;
    Point("answer to poll");
    IntentEvent event{.detail = std::move(result.detail)};
    switch (result.outcome) {
      case PollOutcome::kPending:
        event.kind = E::kPending;
        break;
      case PollOutcome::kConfirmed:
        event.kind = E::kConfirmed;
        break;
      case PollOutcome::kRejected:
        event.kind = E::kRejected;
        break;
      case PollOutcome::kFailed:
        event.kind = E::kPollFailed;
        break;
    }
    Apply(id, std::move(event), {}, [](auto) {});
  }));
}

}  // namespace dragoman
