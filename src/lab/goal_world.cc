#include "src/lab/goal_world.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/providers/mail/mail_sender.h"
#include "dragoman/providers/notes/memory_tools.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/runtime/call_steps.h"
#include "src/lab/goal_import.h"

namespace dragoman::lab {
namespace {

constexpr std::chrono::days kLongestGoal{400};  // of a goal, in virtual time

std::string QuestionName(TaskWait about, const std::string& step) {
  return StrCat(Name(about), step.empty() ? "" : " ", step);
}

}  // namespace

// Every far side there is: it does nothing, and ends as the script says.
class GoalWorld::FarSide : public EffectSender, public GoalCalls {
 public:
  FarSide(const GoalScript& script, Executor& executor) : script_(script), executor_(executor) {}

  // --- calls: nobody is phoned; what was said in the record is told at its time
  void Follow(std::function<void(const CallNews&)> tell) override { tell_ = std::move(tell); }
  void HangUp(const std::string& effect_id) override {
    const auto found = open_.find(effect_id);
    if (found == open_.end()) return;
    TellLater(milliseconds(0), {.goal = found->second,
                                .effect_id = effect_id,
                                .kind = CallNewsKind::kFailed,
                                .detail = "it was hung up"});
  }
  void Answer(const std::string&, const std::string&) override {}

  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override {
    SendResult result{.outcome = SendOutcome::kConfirmed,
                      .reference = "dry-run",
                      .detail = StrCat("dry run, nothing was sent; would run ", intent.tool, ": ",
                                       intent.arguments)};
    milliseconds after{0};
    if (const GoalResult* known = Find(intent)) {
      after = known->after;
      result = {.outcome = SendOutcome::kNoAnswer,
                .reference = known->reference,
                .detail = known->detail,
                .retry_after = known->retry_after};
      if (known->end == FarEnd::kConfirmed) result.outcome = SendOutcome::kConfirmed;
      if (known->end == FarEnd::kRejected) result.outcome = SendOutcome::kRejected;
      if (known->end == FarEnd::kSilent) result.outcome = SendOutcome::kAccepted;
      if (known->end == FarEnd::kSilent && known->reference.empty()) return;  // not even that
    }
    if (intent.tool == kPlaceCallTool) return Phone(intent, result, after, std::move(done));
    executor_.RunAfter(after, [result, done = std::move(done)]() mutable { done(result); });
  }
  void LookUp(const IntentRecord& intent, WallTime, WallTime,
              absl::AnyInvocable<void(LookupResult)> done) override {
    const GoalResult* known = Find(intent);
    LookupResult result{.outcome = LookupOutcome::kAbsent};
    if (known != nullptr) {
      result.reference = known->reference;
      result.detail = known->detail;
      if (known->end == FarEnd::kFound) result.outcome = LookupOutcome::kFound;
      if (known->end == FarEnd::kUnclear) result.outcome = LookupOutcome::kFailed;
    }
    executor_.Post([result, done = std::move(done)]() mutable { done(result); });
  }
  void Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) override {
    const GoalResult* known = Find(intent);
    PollResult result{.outcome = PollOutcome::kConfirmed};
    const bool goes_on =
        open_.contains(intent.effect_id) || (known != nullptr && known->end == FarEnd::kSilent);
    if (goes_on) result.outcome = PollOutcome::kPending;
    if (known != nullptr) result.detail = known->detail;
    executor_.Post([result, done = std::move(done)]() mutable { done(result); });
  }

 private:
  void TellLater(milliseconds after, CallNews news) {
    executor_.RunAfter(after, [this, news = std::move(news)] {
      if (!open_.contains(news.effect_id) || !tell_) return;
      const bool over = news.kind == CallNewsKind::kReached || news.kind == CallNewsKind::kFailed;
      if (over) open_.erase(news.effect_id);
      tell_(news);
    });
  }

  void Phone(const IntentRecord& intent, const SendResult& result, milliseconds after,
             absl::AnyInvocable<void(SendResult)> done) {
    const GoalResult* known = Find(intent);
    if (known != nullptr && !known->connected) {  // nobody answered
      executor_.RunAfter(after, [result, done = std::move(done)]() mutable { done(result); });
      return;
    }
    open_[intent.effect_id] = intent.goal_id;
    executor_.Post([done = std::move(done), reference = result.reference]() mutable {
      done({.outcome = SendOutcome::kAccepted, .reference = reference, .detail = {}});
    });
    CallNews news{.goal = intent.goal_id, .effect_id = intent.effect_id, .detail = {}};
    TellLater(known == nullptr ? milliseconds(1'000) : *known->connected, news);
    if (known != nullptr && known->end == FarEnd::kSilent) return;
    for (std::size_t i = 0; known != nullptr && i < known->asks.size(); ++i) {
      news.kind = CallNewsKind::kAsks;
      news.detail = known->asks[i].text;
      TellLater(known->asks[i].after, news);
    }
    const bool reached = result.outcome == SendOutcome::kConfirmed;
    news.kind = reached ? CallNewsKind::kReached : CallNewsKind::kFailed;
    news.detail = result.detail;
    news.retry_after = result.retry_after;
    TellLater(known == nullptr ? milliseconds(2'000) : after, news);
  }

  const GoalResult* Find(const IntentRecord& intent) const {
    for (const GoalResult& result : script_.results) {
      const bool same = result.arguments.empty() || result.arguments == intent.arguments;
      if (result.step == intent.step && result.attempt == intent.attempt_group && same) {
        return &result;
      }
    }
    return nullptr;
  }
  const GoalScript& script_;
  Executor& executor_;
  std::function<void(const CallNews&)> tell_;
  std::map<std::string, std::string> open_;  // calls, by effect: their goals
};

// Knows the questions of the record beside those of this world.
class GoalWorld::Book : public ConfirmationBook {
 public:
  Book(ConfirmationBook& inner, const GoalWorldOptions& options)
      : inner_(inner), carried_(options.answered), open_(options.open_approval) {}

  // The owner's word on a question of the record; none: it is none of those.
  std::optional<bool> Carried(std::string_view id) const {
    const auto found = carried_.find(std::string(id));
    return found == carried_.end() ? std::nullopt : std::optional(found->second);
  }

  absl::StatusOr<Confirmation> Open(Confirmation confirmation, WallTime now) override {
    return inner_.Open(std::move(confirmation), now);
  }
  absl::Status Answer(std::string_view id, const OwnerAnswer& answer, WallTime now) override {
    if (id.empty() || id != open_) return inner_.Answer(id, answer, now);
    if (!IsOwnersChannel(answer.channel)) return FailedPrecondition("not the owner's channel");
    carried_[std::string(id)] = answer.yes;
    return absl::OkStatus();
  }
  absl::StatusOr<Confirmation> Find(std::string_view id, WallTime now) const override {
    return inner_.Find(id, now);
  }
  std::optional<Confirmation> FindApproved(const Binding& binding, WallTime now) const override {
    return inner_.FindApproved(binding, now);
  }
  bool Refused(const Binding& binding, WallTime now) const override {
    return inner_.Refused(binding, now);
  }
  absl::Status Consume(std::string_view id, const Binding& binding, WallTime now) override {
    return inner_.Consume(id, binding, now);
  }
  bool Covers(std::string_view tenant, std::string_view goal,
              std::string_view destination) const override {
    return inner_.Covers(tenant, goal, destination);
  }
  bool CoversItem(std::string_view tenant, std::string_view goal, std::string_view destination,
                  std::string_view item) const override {
    return inner_.CoversItem(tenant, goal, destination, item);
  }
  std::vector<Confirmation> Pending(std::string_view tenant, std::string_view user,
                                    WallTime now) const override {
    return inner_.Pending(tenant, user, now);
  }

 private:
  ConfirmationBook& inner_;
  std::map<std::string, bool> carried_;
  const std::string open_;
};

// The governor, to whom an answer of the record is asked anew: it binds this world's arguments,
// destinations and policy, or it counts for nothing.
class GoalWorld::Judge : public Governor {
 public:
  Judge(Governor& inner, Book& book, const Clock& clock)
      : inner_(inner), book_(book), clock_(clock) {}

  Decision Authorize(const EffectRequest& request) override {
    const std::optional<bool> carried = book_.Carried(request.confirmation);
    if (!carried) return inner_.Authorize(request);
    EffectRequest anew = request;
    anew.confirmation.clear();
    Decision asked = inner_.Authorize(anew);
    if (asked.verdict != Verdict::kConfirm || !asked.confirmation) return asked;
    const absl::Status answered = book_.Answer(asked.confirmation->id,
                                               {.channel = AnswerChannel::kOwnerConsole,
                                                .tenant = request.scope.tenant,
                                                .user = request.scope.user,
                                                .yes = *carried},
                                               clock_.WallNow());
    if (!answered.ok()) return asked;
    anew.confirmation = asked.confirmation->id;
    return inner_.Authorize(anew);
  }
  Decision Explain(const EffectRequest& request) const override {
    if (!book_.Carried(request.confirmation)) return inner_.Explain(request);
    EffectRequest anew = request;
    anew.confirmation.clear();
    return inner_.Explain(anew);
  }
  absl::Status Settle(const Decision& decision, const Amounts& actual) override {
    return inner_.Settle(decision, actual);
  }
  void NoteProgress(const GoalScope& scope) override { inner_.NoteProgress(scope); }
  void Forget(const GoalScope& scope) override { inner_.Forget(scope); }
  std::optional<std::string> Stopped(const GoalScope& scope) const override {
    return inner_.Stopped(scope);
  }
  std::chrono::milliseconds decision_timeout() const override { return inner_.decision_timeout(); }

 private:
  Governor& inner_;
  Book& book_;
  const Clock& clock_;
};

absl::StatusOr<std::unique_ptr<ToolRegistry>> DryTools(
    const std::map<std::string, EffectClass>& classes) {
  auto tools = std::make_unique<ToolRegistry>();
  for (ToolSpec spec :
       {NoteSpec(), RememberSpec(), RecallSpec(), SendEmailSpec({}), PlaceCallSpec()}) {
    if (const auto known = classes.find(spec.name); known != classes.end()) {
      spec.effect = known->second;
    }
    DRAGOMAN_ASSIGN_OR_RETURN(
        std::unique_ptr<Tool> dry,
        MakeInlineTool(std::move(spec), [](const std::string&) -> absl::StatusOr<std::string> {
          return FailedPrecondition("dry: nothing runs here");
        }));
    DRAGOMAN_RETURN_IF_ERROR(tools->Add(std::move(dry)));
  }
  return tools;
}

GoalWorld::GoalWorld(GoalWorldOptions options, GoalScript script)
    : options_(std::move(options)),
      script_(std::move(script)),
      answers_used_(script_.answers.size(), false),
      random_(options_.seed) {
  executor_.SetWallStart(options_.now);
  holds_ = options_.replans;
  wishes_left_ = script_.wishes.size();
}

GoalWorld::~GoalWorld() = default;

absl::StatusOr<std::unique_ptr<GoalWorld>> GoalWorld::Open(GoalWorldOptions options,
                                                           GoalScript script) {
  std::unique_ptr<GoalWorld> world(new GoalWorld(std::move(options), std::move(script)));
  DRAGOMAN_RETURN_IF_ERROR(world->OpenParts());
  return world;
}

absl::Status GoalWorld::OpenParts() {
  DRAGOMAN_ASSIGN_OR_RETURN(store_, MakeSqliteStore({.on_calling_thread = true}));
  DRAGOMAN_ASSIGN_OR_RETURN(tools_, DryTools(options_.classes));
  book_ = std::make_unique<Book>(*memory_book_, options_);
  DRAGOMAN_ASSIGN_OR_RETURN(policy_governor_,
                            MakeGovernor(options_.policy, {.clock = &executor_,
                                                           .random = &random_,
                                                           .budgets = budgets_.get(),
                                                           .calls = calls_.get(),
                                                           .repeats = repeats_.get(),
                                                           .confirmations = book_.get(),
                                                           .decisions = &decisions_,
                                                           .kill = &kill_}));
  governor_ = std::make_unique<Judge>(*policy_governor_, *book_, executor_);
  far_side_ = std::make_unique<FarSide>(script_, executor_);
  std::map<std::string, EffectSender*> senders;
  for (const ToolSpec& spec : tools_->Specs()) senders[spec.name] = far_side_.get();
  DRAGOMAN_ASSIGN_OR_RETURN(effects_, GovernedEffects::Create({.governor = governor_.get(),
                                                               .executor = &executor_,
                                                               .tools = tools_.get(),
                                                               .senders = std::move(senders)}));
  return absl::OkStatus();
}

absl::Status GoalWorld::OpenOperator(const TaskMachineOptions& machine) {
  DRAGOMAN_ASSIGN_OR_RETURN(
      agent_, Operator::Create({.machine = machine,
                                .caller_identity = options_.caller_identity,
                                .calling_number = options_.calling_number,
                                .calls_disclose = true},
                               {.store = store_.get(),
                                .executor = &executor_,
                                .governor = governor_.get(),
                                .confirmations = book_.get(),
                                .tools = tools_.get(),
                                .effects = effects_.get(),
                                .calls = far_side_.get(),
                                .random = &random_,
                                .on_update = [this](const GoalUpdate& update) { OnUpdate(update); },
                                .probe = {}}));
  absl::Status started = absl::UnknownError("not started");
  agent_->Start([&](absl::Status status) { started = std::move(status); });
  executor_.RunUntilIdle();
  return started;
}

absl::Status GoalWorld::Begin(const std::string& words, GoalPlan plan, std::int64_t priority,
                              std::optional<WallTime> deadline, const TaskMachineOptions& machine) {
  DRAGOMAN_RETURN_IF_ERROR(OpenOperator(machine));
  absl::StatusOr<std::string> made = absl::UnknownError("not taken");
  for (const GoalWish& wish : script_.wishes) {
    executor_.RunAfter(wish.at, [this, &wish] { Wish(wish); });
  }
  agent_->NewGoal({.words = words,
                   .plan = std::move(plan),
                   .priority = priority,
                   .deadline = deadline,
                   .parent = {},
                   .after = {}},
                  [&](absl::StatusOr<std::string> id) { made = std::move(id); });
  while (!made.ok() && made.status().code() == absl::StatusCode::kUnknown && executor_.RunOne()) {
  }
  if (!made.ok()) return made.status();
  goal_ = *made;
  return absl::OkStatus();
}

absl::Status GoalWorld::Commit(StoreTransaction transaction) {
  absl::Status done = absl::UnknownError("not committed");
  DRAGOMAN_RETURN_IF_ERROR(store_->Commit(
      std::move(transaction), executor_,
      [&](const absl::StatusOr<Committed>& committed) { done = committed.status(); }));
  executor_.RunUntilIdle();
  return done;
}

absl::Status GoalWorld::TakeUp(const GoalLog& log, std::int64_t events) {
  DRAGOMAN_ASSIGN_OR_RETURN(std::vector<StoreTransaction> past, PastOf(log, events, *tools_));
  for (StoreTransaction& transaction : past) {
    DRAGOMAN_RETURN_IF_ERROR(
        Annotate(Commit(std::move(transaction)), "the record cannot be taken over"));
  }
  goal_ = log.goal;
  DRAGOMAN_ASSIGN_OR_RETURN(const TaskLogHeader header, DecodeTaskHeader(log.rows[0].delta));
  for (const GoalWish& wish : script_.wishes) {
    executor_.RunAfter(wish.at, [this, &wish] { Wish(wish); });
  }
  return OpenOperator(header.options);
}

absl::Status GoalWorld::Replan(GoalPlan plan) {
  holds_ = false;
  absl::Status taken = absl::UnknownError("not answered");
  agent_->Replan(goal_, std::move(plan), [&](absl::Status status) { taken = std::move(status); });
  executor_.RunUntilIdle();
  return taken;
}

void GoalWorld::Wish(const GoalWish& wish) {
  --wishes_left_;
  if (wish.kind == WishKind::kCancel) return agent_->Cancel(goal_, wish.why, [](absl::Status) {});
  if (wish.kind == WishKind::kEscalate) {
    return agent_->Escalate(goal_, wish.why, [](absl::Status) {});
  }
  GoalPlan plan = wish.plan;
  Repin(plan, *tools_);
  agent_->Replan(goal_, std::move(plan), [](absl::Status) {});
}

void GoalWorld::OnUpdate(const GoalUpdate& update) {
  if (IsFinal(update.state)) final_ = true;
  if (update.state != TaskState::kAwaitingUserInput) open_question_.clear();
  if (update.question.empty() || holds_) return;
  questions_.push_back(QuestionName(update.about, update.step));
  open_question_ = questions_.back();
  for (std::size_t i = 0; i < script_.answers.size(); ++i) {
    const GoalAnswer& answer = script_.answers[i];
    if (answers_used_[i] || answer.step != update.step || answer.about != update.about) continue;
    answers_used_[i] = true;
    open_question_.clear();  // it is being answered, or nobody will
    if (answer.silent) return;
    executor_.RunAfter(answer.after, [this, &answer, id = update.question] { Say(answer, id); });
    return;
  }
}

void GoalWorld::Say(const GoalAnswer& answer, const std::string& question) {
  if (answer.about == TaskWait::kApproval) {
    return agent_->Approve(goal_, question,
                           {.channel = AnswerChannel::kOwnerConsole,
                            .tenant = "local",
                            .user = "owner",
                            .yes = answer.yes},
                           [](absl::Status) {});
  }
  agent_->Answer(goal_, question, answer.choice, answer.text, [](absl::Status) {});
}

absl::Status GoalWorld::Run() {
  const TimePoint limit = executor_.Now() + kLongestGoal;
  while (true) {
    executor_.RunUntilIdle();
    if (final_ || (!open_question_.empty() && wishes_left_ == 0)) return absl::OkStatus();
    if (executor_.next_timer() > limit) return Internal("the goal does not end");
    executor_.AdvanceToNextTimer();
  }
}

absl::StatusOr<GoalLog> GoalWorld::Log() {
  absl::StatusOr<GoalLog> log = absl::UnknownError("not read");
  absl::Status read = absl::OkStatus();
  DRAGOMAN_RETURN_IF_ERROR(store_->Read(
      [&](StoreView& view) {
        log = ReadGoalLog(view, goal_);
        return absl::OkStatus();
      },
      executor_, [&](absl::Status status) { read = std::move(status); }));
  executor_.RunUntilIdle();
  DRAGOMAN_RETURN_IF_ERROR(read);
  return log;
}

}  // namespace dragoman::lab
