// How a goal's steps become effects: asked of the governor, written down, armed, and taken up.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/conversation/mandate.h"
#include "dragoman/core/status.h"
#include "dragoman/safety/goal_context.h"
#include "src/tasks/goal_run.h"

namespace dragoman {
namespace {

using E = TaskEventKind;

constexpr std::size_t kShortDetail = 400;  // of results that the machine is told
constexpr std::chrono::hours kKeyWindow{24};
constexpr std::chrono::seconds kEffectAgainMost{60};

std::string Short(std::string_view text) {
  if (text.size() <= kShortDetail) return std::string(text);
  std::size_t end = kShortDetail;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return StrCat(text.substr(0, end), "...");
}

bool Begins(std::string_view text, std::string_view with) { return text.starts_with(with); }

}  // namespace

std::string QuestionOf(const GoalPlan& plan, const std::string& step,
                       const std::map<std::string, std::string>& results) {
  const GoalPlanStep* planned = plan.Find(step);
  if (planned == nullptr) return "";
  const auto filled = FillArguments(planned->arguments, results);
  const nlohmann::json arguments =
      nlohmann::json::parse(filled.ok() ? *filled : planned->arguments, nullptr, false);
  const auto question = arguments.is_object() ? arguments.find("question") : arguments.end();
  return arguments.is_object() && question != arguments.end() && question->is_string()
             ? question->get<std::string>()
             : "";
}

absl::StatusOr<std::string> GoalRun::ArgumentsOf(const std::string& step) const {
  const GoalPlanStep* planned = plan_.Find(step);
  if (planned == nullptr) return NotFound("the plan has no step '", step, "'");
  return FillArguments(planned->arguments, results_);
}

absl::StatusOr<std::string> GoalRun::EffectIdOf(const std::string& step,
                                                std::int64_t attempt) const {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::string arguments, ArgumentsOf(step));
  return MakeEffectId(record_.id, step, attempt, arguments);
}

GoalScope GoalRun::ScopeOf() const {
  GoalScope scope{.tenant = owner_.options_.tenant,
                  .user = record_.user_id,
                  .goal = record_.id,
                  .title = record_.request,
                  .tools = plan_.pins,
                  .countries = plan_.countries,
                  .declared_digits = plan_.declared_digits,
                  .purpose = plan_.purpose,
                  .secret_purpose = plan_.secret_purpose.empty() ? std::string(kSecretPurpose)
                                                                 : plan_.secret_purpose};
  // It was read when the plan was taken; what cannot be read now allows nothing.
  if (auto mandate = ParseMandate(plan_.mandate); mandate.ok()) scope.mandate = *mandate;
  // A chain that is no longer open has ended, and its goals with it.
  std::string parent = record_.parent_id;
  for (const GoalRun* run = owner_.Find(parent); run != nullptr && scope.parents.size() < 16;
       run = owner_.Find(parent)) {
    scope.parents.push_back({.goal = parent, .budget = {}});
    parent = run->record().parent_id;
  }
  return scope;
}

// What the step's result is worth: the owner's answers are his words, the rest is its tool's.
Label GoalRun::LabelOfResult(const std::string& step) const {
  const GoalPlanStep* planned = plan_.Find(step);
  if (planned == nullptr) return Label{};
  if (planned->tool == kAskUserTool) return UserLabel();
  const ToolSpec* spec = owner_.with_.tools->FindSpec(planned->tool);
  if (spec == nullptr) return Label{};
  const auto result = results_.find(step);
  Label label = LabelOfToolResult(*spec, result == results_.end() ? "" : result->second,
                                  StrCat("the result of step '", step, "' (", spec->name, ")"));
  // A result repeats what went in: never worth more than the arguments of its own step.
  for (const std::string& reference : ReferencesOf(planned->arguments)) {
    label = Join(label, LabelOfResult(reference));
  }
  return label;
}

EffectRequest GoalRun::RequestFor(const GoalPlanStep& step, std::string arguments) const {
  const ToolSpec* tool = owner_.with_.tools->FindSpec(step.tool);
  EffectRequest request{.scope = ScopeOf(),
                        .tool = tool == nullptr ? ToolSpec{.name = step.tool} : *tool,
                        .arguments = std::move(arguments),
                        .labels = {},
                        .untrusted_input = false,
                        .private_data = false};
  // The plan is the owner's; what other steps brought has their labels.
  const nlohmann::json planned = nlohmann::json::parse(step.arguments, nullptr, false);
  for (const auto& [name, value] : planned.items()) {
    Label label = UserLabel();
    for (const std::string& reference : ReferencesOf(nlohmann::json{{name, value}}.dump())) {
      label = Join(label, LabelOfResult(reference));
    }
    request.labels[name] = std::move(label);
  }
  for (const auto& [id, result] : results_) {
    const Label label = LabelOfResult(id);
    request.untrusted_input |= label.integrity == Integrity::kUntrusted;
    request.private_data |= label.confidentiality != Confidentiality::kPublic;
  }
  const bool phones = step.tool == kPlaceCallTool;
  request.caller_identity =
      phones ? owner_.options_.calling_number : owner_.options_.caller_identity;
  request.call.discloses = owner_.options_.calls_disclose;
  return request;
}

void GoalRun::Refuse(const TaskCommand& command, std::string why) {
  Feed({.kind = E::kRefused,
        .step = command.step,
        .attempt = command.attempt,
        .detail = std::move(why)});
}

absl::Status GoalRun::CheckSteps() const {
  for (const GoalPlanStep& step : plan_.steps) {
    // What depends on results is decided when they are there.
    if (step.tool == kAskUserTool || !ReferencesOf(step.arguments).empty()) continue;
    const Decision decision = owner_.with_.governor->Explain(RequestFor(step, step.arguments));
    if (decision.verdict != Verdict::kDeny) continue;
    return MakeStatus(
        absl::StatusCode::kPermissionDenied,
        StrCat("step '", step.step.id, "' (", step.tool, ") is not allowed by rule ", decision.rule,
               ": ", decision.why, decision.hint.empty() ? "" : "; ", decision.hint));
  }
  return absl::OkStatus();
}

void GoalRun::Decide(const TaskCommand& command) {
  const GoalPlanStep* step = plan_.Find(command.step);
  if (step == nullptr) return Refuse(command, "the plan has no such step");
  absl::StatusOr<std::string> arguments = ArgumentsOf(command.step);
  if (!arguments.ok()) return Refuse(command, std::string(MessageOf(arguments.status())));
  const absl::Status valid = owner_.with_.tools->Validate(
      {.id = command.step, .name = step->tool, .arguments = *arguments});
  if (!valid.ok()) return Refuse(command, std::string(MessageOf(valid)));
  const EffectRequest request = RequestFor(*step, *arguments);
  Decision decision = owner_.with_.governor->Explain(request);
  if (decision.verdict == Verdict::kConfirm) {
    decision = owner_.with_.governor->Authorize(request);  // opens the question
    if (decision.verdict == Verdict::kAllow) {             // answered between the two
      owner_.with_.governor->Settle(decision, {}).IgnoreError();
    }
  }
  if (decision.verdict == Verdict::kDeny) {
    if (decision.escalate) return Feed({.kind = E::kStuck, .detail = decision.why});
    return Refuse(command, StrCat("not allowed by rule ", decision.rule, ": ", decision.why));
  }
  PlanEffect(command, request, decision);
}

void GoalRun::PlanEffect(const TaskCommand& command, const EffectRequest& request,
                         const Decision& decision) {
  IntentRecord intent{.goal_id = record_.id,
                      .step = command.step,
                      .attempt_group = command.attempt,
                      .tool = request.tool.name,
                      .effect = request.tool.effect,
                      .arguments = request.arguments};
  intent.effect_id =
      MakeEffectId(intent.goal_id, intent.step, intent.attempt_group, intent.arguments);
  intent.client_reference = intent.effect_id;
  if (!decision.destinations.empty()) {
    const std::string& sink = decision.destinations.front();
    intent.to = sink.substr(sink.find(':') + 1);
  }
  intent.from = request.caller_identity;
  intent.key_window = kKeyWindow;
  if (decision.confirmation) {  // to be asked for, or given before and not used yet
    intent.approval_id = decision.confirmation->id;
    intent.expires = decision.confirmation->expires;
  }
  owner_.with_.effects->Register(intent.effect_id, request);
  // The operator's own life: one that is written down when its goal has let go of it must not stay.
  owner_.journal_->Plan(
      intent, owner_.lifetime_.Wrap([this, watch = lifetime_.Watch(), owner = &owner_, command,
                                     decision](absl::StatusOr<IntentRecord> planned) {
        const bool wanted = !watch.expired() && IsAt(command, TaskActivity::kDeciding);
        if (planned.ok() && !wanted) {
          owner->WithdrawEffect(planned->effect_id);
        } else if (planned.ok()) {
          Planned(command, decision, *planned);
        } else if (wanted) {
          NotPlanned(command, planned.status());
        }
      }));
}

void GoalRun::NotPlanned(const TaskCommand& command, const absl::Status& status) {
  const bool later =
      MessageOf(status).find("told to wait") != std::string::npos || MayBeWrittenLater(status);
  // Not before the far side's own time; the wait is the machine's.
  Refuse(command, StrCat(later ? "not now: " : "", MessageOf(status)));
}

void GoalRun::Planned(const TaskCommand& command, const Decision& decision,
                      const IntentRecord& intent) {
  if (decision.verdict == Verdict::kConfirm && intent.state == IntentState::kPlanned) {
    return Feed({.kind = E::kMustConfirm,
                 .step = command.step,
                 .attempt = command.attempt,
                 .reference = decision.confirmation->id,
                 .when_us = InGoalTime(decision.confirmation->expires),
                 .detail = decision.confirmation->text});
  }
  // What is further on than planned was allowed before: Execute finds it where it is.
  Feed({.kind = E::kAllowed, .step = command.step, .attempt = command.attempt});
}

void GoalRun::Execute(const TaskCommand& command, const std::string& approval) {
  const GoalPlanStep* step = plan_.Find(command.step);
  absl::StatusOr<std::string> arguments = ArgumentsOf(command.step);
  if (step == nullptr || !arguments.ok()) return Refuse(command, "its plan is gone");
  const std::string id = MakeEffectId(record_.id, command.step, command.attempt, *arguments);
  EffectRequest request = RequestFor(*step, *std::move(arguments));
  request.confirmation = approval;
  owner_.with_.effects->Register(id, std::move(request));
  owner_.journal_->Approve(id, lifetime_.Wrap([this, id, command](absl::StatusOr<IntentRecord> r) {
    // Approved by an earlier process, or further on.
    if (r.ok() || r.status().code() == absl::StatusCode::kFailedPrecondition) {
      return Arm(id, command);
    }
    if (r.status().code() == absl::StatusCode::kNotFound) return Expect(command);
    if (MayBeWrittenLater(r.status())) return Again(command);
    Feed({.kind = E::kStepFailed,
          .step = command.step,
          .attempt = command.attempt,
          .may_retry = true,
          .detail = std::string(MessageOf(r.status()))});
  }));
}

void GoalRun::Arm(const std::string& effect_id, const TaskCommand& command) {
  owner_.journal_->Execute(
      effect_id, lifetime_.Wrap([this, effect_id, command](absl::StatusOr<IntentRecord> r) {
        if (r.ok()) {
          again_after_ = std::chrono::seconds(1);
          return;
        }
        switch (r.status().code()) {
          case absl::StatusCode::kPermissionDenied:  // withdrawn: its end has been told
          case absl::StatusCode::kNotFound:
            return;
          case absl::StatusCode::kFailedPrecondition:
            return CheckArmed(effect_id, command);
          default:
            break;
        }
        // ARMED could not be made durable, so nothing was sent.
        if (MayBeWrittenLater(r.status()) && IsAt(command, TaskActivity::kRunning)) {
          owner_.with_.effects->ArmLater(effect_id);
          return Again(command);
        }
        owner_.with_.effects->NotArmed(effect_id);
        Feed({.kind = E::kStepFailed,
              .step = command.step,
              .attempt = command.attempt,
              .may_retry = true,
              .detail = std::string(MessageOf(r.status()))});
      }));
}

bool GoalRun::IsAt(const TaskCommand& command, TaskActivity activity) const {
  const TaskProgress& now = machine_.progress();
  if (now.active < 0 || now.activity != activity) return false;
  const TaskStepProgress& active = now.steps[static_cast<std::size_t>(now.active)];
  return active.step.id == command.step && active.attempt == command.attempt;
}

// The store could not take or tell it. A new attempt would find this one in its way, so the same
// is tried until the step's time is over.
void GoalRun::Again(const TaskCommand& command) {
  again_.Start(again_after_, [this, command] {
    if (IsAt(command, TaskActivity::kRunning)) Carry(command);
  });
  again_after_ = std::min(2 * again_after_, kEffectAgainMost);
}

// The machine refused because the effect is under way, and its end will be told; or the store did,
// and nothing was sent.
void GoalRun::CheckArmed(const std::string& effect_id, const TaskCommand& command) {
  auto found = std::make_shared<std::optional<IntentRecord>>();
  const absl::Status taken = owner_.with_.store->Read(
      [found, effect_id](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(*found, view.FindIntent(effect_id));
        return absl::OkStatus();
      },
      *owner_.with_.executor,
      lifetime_.Wrap([this, found, effect_id, command](absl::Status status) {
        if (!status.ok()) return Again(command);  // no guess
        if (*found && (*found)->state != IntentState::kApproved &&
            (*found)->state != IntentState::kPlanned) {
          return;
        }
        owner_.with_.effects->NotArmed(effect_id);
        owner_.journal_->Withdraw(effect_id, "the store refused to arm it", [](auto) {});
      }));
  if (!taken.ok()) Again(command);
}

// After a restart: the journal has taken up what was armed; the rest is commanded anew.
void GoalRun::Expect(const TaskCommand& command) {
  const absl::StatusOr<std::string> id = EffectIdOf(command.step, command.attempt);
  if (!id.ok()) return Refuse(command, std::string(MessageOf(id.status())));
  auto found = std::make_shared<std::optional<IntentRecord>>();
  const absl::Status taken = owner_.with_.store->Read(
      [found, id = *id](StoreView& view) {
        DRAGOMAN_ASSIGN_OR_RETURN(*found, view.FindIntent(id));
        return absl::OkStatus();
      },
      *owner_.with_.executor, lifetime_.Wrap([this, found, command](absl::Status status) {
        if (!status.ok()) return Again(command);  // it may be armed: no guess
        if (!*found) return Refuse(command, "its effect is not in the store");
        const IntentRecord& intent = **found;
        if (intent.state == IntentState::kPlanned || intent.state == IntentState::kApproved) {
          return Execute(command, intent.approval_id);
        }
        if (IsFinal(intent.state)) EffectEnded(intent);
      }));
  if (!taken.ok()) Again(command);
}

void GoalRun::Withdraw(const TaskCommand& command) {
  const absl::StatusOr<std::string> id = EffectIdOf(command.step, command.attempt);
  if (!id.ok()) return;
  owner_.with_.effects->Forget(*id);  // whatever is asked now is refused
  owner_.WithdrawEffect(*id);
}

void GoalRun::RegisterOpenEffect() {
  const TaskProgress& now = machine_.progress();
  if (now.active < 0) return;
  const TaskStepProgress& active = now.steps[static_cast<std::size_t>(now.active)];
  const GoalPlanStep* step = plan_.Find(active.step.id);
  const auto arguments = ArgumentsOf(active.step.id);
  if (step == nullptr || !arguments.ok() || active.step.kind == TaskStepKind::kAsk) return;
  owner_.with_.effects->Register(
      MakeEffectId(record_.id, active.step.id, active.attempt, *arguments),
      RequestFor(*step, *arguments));
}

bool GoalRun::OnCall(const CallNews& news) {
  const TaskProgress& now = machine_.progress();
  if (now.active < 0) return false;
  const TaskStepProgress& active = now.steps[static_cast<std::size_t>(now.active)];
  const auto id = EffectIdOf(active.step.id, active.attempt);
  if (!id.ok() || *id != news.effect_id) return false;
  const bool asks = news.kind == CallNewsKind::kAsks;
  Feed({.kind = asks ? E::kCallAsks : E::kConnected,
        .step = active.step.id,
        .attempt = active.attempt,
        .detail = Short(news.detail)},
       {}, [this, asks, id = *id](const absl::Status& taken) {
         // Not now: it is asked about something else, or was not told that somebody answered.
         if (asks && !taken.ok()) owner_.with_.calls->Answer(id, "");
       });
  return true;
}

void GoalRun::EffectEnded(const IntentRecord& intent) {
  const TaskProgress& now = machine_.progress();
  if (now.active < 0) return;
  const TaskStepProgress& active = now.steps[static_cast<std::size_t>(now.active)];
  // Late news of an earlier attempt is the journal's alone.
  if (active.step.id != intent.step || active.attempt != intent.attempt_group) return;
  TaskEvent event{
      .step = intent.step, .attempt = intent.attempt_group, .detail = Short(intent.detail)};
  switch (intent.state) {
    case IntentState::kDone:
      // Looked up, so nobody heard how it ended.
      if (active.step.kind == TaskStepKind::kCall) {
        event.kind = E::kStepUnclear;
        event.detail = "the call was placed, and how it ended is not known";
        break;
      }
      [[fallthrough]];
    case IntentState::kConfirmed:
      event.kind = E::kStepDone;
      event.reference = intent.effect_id;
      results_[intent.step] = intent.detail;
      break;
    case IntentState::kNotDone:
      event.kind = E::kStepFailed;
      event.may_retry = true;
      break;
    case IntentState::kFailedDefinite:
      event.kind = E::kStepFailed;
      // A definite no is repeated only where the far side said when, or where nothing can be
      // repeated: reading.
      event.may_retry = intent.not_before.has_value() || intent.effect == EffectClass::kRead;
      if (intent.not_before) event.when_us = InGoalTime(*intent.not_before);
      break;
    case IntentState::kNeedsHuman:
      event.kind = E::kStepUnclear;
      event.detail = intent.detail;
      break;
    case IntentState::kAbandoned:
      event.kind = Begins(intent.detail, "expired") ? E::kStepFailed : E::kRefused;
      event.may_retry = true;
      break;
    default:
      return;
  }
  Feed(std::move(event));
}

}  // namespace dragoman
