#include "dragoman/safety/governed_effects.h"

#include <optional>
#include <utility>

#include "dragoman/core/status.h"
#include "src/safety/decision_maker.h"
#include "src/safety/gated_run.h"
#include "src/safety/governed_call.h"

namespace dragoman {

struct GovernedEffects::Entry {
  std::optional<EffectRequest> request;
  std::optional<Decision> ticket;     // authorized, not sent yet
  std::optional<Decision> to_settle;  // reserved until the intent's end
  bool arms_later = false;            // `to_settle` waits for the store
  bool sent = false;                  // by this process
  bool dialled = false;
};

namespace {

// What a tool's failure says about the world. What a tool rejects by itself was not done.
SendResult ResultOf(const absl::StatusOr<std::string>& result) {
  if (result.ok()) return {.outcome = SendOutcome::kConfirmed, .detail = *result};
  SendResult failed{.outcome = SendOutcome::kNoAnswer,
                    .detail = std::string(MessageOf(result.status()))};
  switch (result.status().code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnimplemented:
      failed.outcome = SendOutcome::kRejected;
      break;
    default:
      break;
  }
  return failed;
}

absl::Status NoGoal() {
  return MakeStatus(absl::StatusCode::kPermissionDenied,
                    "not allowed by rule goal_scope: its goal is not open");
}

}  // namespace

GovernedEffects::GovernedEffects(GovernedEffectsDependencies dependencies)
    : with_(std::move(dependencies)) {}
GovernedEffects::~GovernedEffects() = default;

absl::StatusOr<std::unique_ptr<GovernedEffects>> GovernedEffects::Create(
    GovernedEffectsDependencies dependencies) {
  if (dependencies.governor == nullptr || dependencies.executor == nullptr ||
      dependencies.tools == nullptr || dependencies.log == nullptr) {
    return InvalidArgument("governed effects lack a governor, an executor, tools or a log");
  }
  if ((dependencies.carrier == nullptr) != (dependencies.sessions == nullptr)) {
    return InvalidArgument("governed effects have a carrier without sessions, or sessions alone");
  }
  return std::unique_ptr<GovernedEffects>(new GovernedEffects(std::move(dependencies)));
}

void GovernedEffects::AddSender(std::string tool, EffectSender* sender) {
  with_.senders[std::move(tool)] = sender;
}

void GovernedEffects::Register(const std::string& effect_id, EffectRequest request) {
  entries_[effect_id].request = std::move(request);
}

void GovernedEffects::Forget(const std::string& effect_id) {
  const auto found = entries_.find(effect_id);
  if (found == entries_.end()) return;
  found->second.request.reset();
  found->second.ticket.reset();
  if (!found->second.to_settle) entries_.erase(found);
}

std::vector<std::string> GovernedEffects::Reserved() const {
  std::vector<std::string> ids;
  if (with_.ledgers == nullptr) return ids;
  for (const OpenReservation& open : with_.ledgers->open_reservations()) {
    ids.push_back(open.effect_id);
  }
  return ids;
}

EffectSender* GovernedEffects::SenderOf(const IntentRecord& intent) const {
  const auto found = with_.senders.find(intent.tool);
  return found == with_.senders.end() ? nullptr : found->second;
}

absl::Status GovernedEffects::StillAllowed(const IntentRecord& intent) const {
  const auto found = entries_.find(intent.effect_id);
  if (found == entries_.end() || !found->second.request) return NoGoal();
  const Decision decision = with_.governor->Explain(*found->second.request);
  return decision.verdict == Verdict::kDeny ? safety::StatusOf(decision) : absl::OkStatus();
}

absl::StatusOr<std::vector<Change>> GovernedEffects::Authorize(const IntentRecord& intent) {
  const auto found = entries_.find(intent.effect_id);
  if (found == entries_.end() || !found->second.request) return NoGoal();
  Entry& entry = found->second;
  if (std::exchange(entry.arms_later, false)) return AuthorizeAgain(entry, intent.effect_id);
  EffectRequest request = *entry.request;
  if (request.confirmation.empty()) request.confirmation = intent.approval_id;
  Decision decision = safety::AuthorizeGuarded(*with_.governor, request);
  if (decision.verdict == Verdict::kAllow && decision.arguments != intent.arguments) {
    with_.governor->Settle(decision, {}).IgnoreError();
    return MakeStatus(absl::StatusCode::kPermissionDenied,
                      "not allowed by rule arguments: they are not those that were planned");
  }
  const absl::Status allowed = safety::StatusOf(decision);
  if (!allowed.ok()) return allowed;
  std::vector<Change> changes;
  if (with_.ledgers != nullptr) {
    auto taken = with_.ledgers->TakeForArming(decision, intent.effect_id);
    if (!taken.ok()) {
      with_.governor->Settle(decision, {}).IgnoreError();
      return taken.status();
    }
    changes = *std::move(taken);
  }
  entry.to_settle = decision;
  entry.ticket = std::move(decision);
  return changes;
}

// Its reservation, its attempt and its answer are those of the decision that stands.
absl::StatusOr<std::vector<Change>> GovernedEffects::AuthorizeAgain(Entry& entry,
                                                                    const std::string& effect_id) {
  if (const auto stopped = with_.governor->Stopped(entry.request->scope)) {
    Settle(entry, effect_id, true);
    return MakeStatus(absl::StatusCode::kPermissionDenied,
                      StrCat("not allowed by rule kill_switch: ", *stopped));
  }
  std::vector<Change> changes;
  if (with_.ledgers != nullptr) {
    auto taken = with_.ledgers->TakeForArming(*entry.to_settle, effect_id);
    if (!taken.ok()) {
      Settle(entry, effect_id, true);
      return taken.status();
    }
    changes = *std::move(taken);
  }
  entry.ticket = entry.to_settle;
  return changes;
}

void GovernedEffects::ArmLater(const std::string& effect_id) {
  const auto found = entries_.find(effect_id);
  if (found == entries_.end() || !found->second.to_settle) return;
  if (with_.ledgers != nullptr) with_.ledgers->NotArmed(*found->second.to_settle);
  found->second.ticket.reset();
  found->second.arms_later = true;
}

void GovernedEffects::NotArmed(const std::string& effect_id) {
  const auto found = entries_.find(effect_id);
  if (found == entries_.end() || !found->second.to_settle) return;
  if (with_.ledgers != nullptr) with_.ledgers->NotArmed(*found->second.to_settle);
  found->second.ticket.reset();
  Settle(found->second, effect_id, true);
}

void GovernedEffects::Settle(Entry& entry, const std::string& effect_id, bool nothing_happened) {
  absl::Status settled = absl::OkStatus();
  if (entry.to_settle) {
    settled = with_.governor->Settle(*entry.to_settle,
                                     nothing_happened ? Amounts{} : entry.to_settle->reserved);
    entry.to_settle.reset();
  } else if (with_.ledgers != nullptr) {  // armed by an earlier process
    for (const OpenReservation& open : with_.ledgers->open_reservations()) {
      if (open.effect_id != effect_id) continue;
      settled = with_.ledgers->SettleEffect(effect_id, nothing_happened ? Amounts{} : open.amounts);
    }
  }
  if (!settled.ok() && settled.code() != absl::StatusCode::kNotFound) {
    with_.log->Write(LogLevel::kWarning, "effects",
                     StrCat("cannot settle ", effect_id.substr(0, 12), ": ", MessageOf(settled)));
  }
}

void GovernedEffects::Ended(const IntentRecord& intent) {
  running_.erase(intent.effect_id);
  Entry& entry = entries_[intent.effect_id];
  const bool nothing_happened =
      MayAttemptAgain(intent.state) || intent.state == IntentState::kAbandoned;
  Settle(entry, intent.effect_id, nothing_happened);
  if (!nothing_happened && entry.request) with_.governor->NoteProgress(entry.request->scope);
  entries_.erase(intent.effect_id);
}

absl::Status GovernedEffects::MaySend(const IntentRecord& intent) {
  const auto found = entries_.find(intent.effect_id);
  if (found == entries_.end()) {
    return MakeStatus(absl::StatusCode::kPermissionDenied, "nobody authorized this effect");
  }
  Entry& entry = found->second;
  if (entry.ticket && entry.ticket->arguments == intent.arguments) {
    entry.ticket.reset();
    entry.sent = true;
    return absl::OkStatus();
  }
  // The key makes it one effect; budget and answer were committed when it was armed.
  if (intent.effect == EffectClass::kKeyedWrite && intent.armed && entry.request) {
    const auto stopped = with_.governor->Stopped(entry.request->scope);
    if (!stopped) return absl::OkStatus();
    return MakeStatus(absl::StatusCode::kPermissionDenied, *stopped);
  }
  return MakeStatus(absl::StatusCode::kPermissionDenied, "nobody authorized this effect");
}

void GovernedEffects::Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) {
  const absl::Status allowed = MaySend(intent);
  with_.log->Write(
      allowed.ok() ? LogLevel::kInfo : LogLevel::kWarning, "effects",
      StrCat(allowed.ok() ? "sends " : "refuses ", intent.tool, " ", intent.effect_id.substr(0, 12),
             allowed.ok() ? "" : StrCat(": ", MessageOf(allowed))));
  if (!allowed.ok()) {
    // A keyed write that is being repeated, by this process or after an earlier one, may have
    // happened before: only looking can tell.
    const auto known = entries_.find(intent.effect_id);
    const bool first = known != entries_.end() && known->second.to_settle && !known->second.sent;
    const auto outcome = first || intent.effect != EffectClass::kKeyedWrite
                             ? SendOutcome::kRejected
                             : SendOutcome::kNoAnswer;
    return with_.executor->Post(lifetime_.Wrap(
        [done = std::move(done), outcome, why = std::string(MessageOf(allowed))]() mutable {
          done({.outcome = outcome, .detail = why});
        }));
  }
  if (EffectSender* sender = SenderOf(intent)) return sender->Send(intent, std::move(done));
  RunTool(intent, std::move(done));
}

const EffectRequest* GovernedEffects::Find(const std::string& effect_id) const {
  const auto found = entries_.find(effect_id);
  return found == entries_.end() || !found->second.request ? nullptr : &*found->second.request;
}

absl::StatusOr<std::unique_ptr<Dial>> GovernedEffects::DialFor(const IntentRecord& intent,
                                                               DialRequest request,
                                                               Carrier::Callbacks callbacks) {
  const auto found = entries_.find(intent.effect_id);
  const bool authorized = found != entries_.end() && found->second.sent && !found->second.dialled &&
                          found->second.to_settle && !found->second.to_settle->destinations.empty();
  if (!authorized || with_.carrier == nullptr) {
    return MakeStatus(absl::StatusCode::kPermissionDenied, "nobody authorized this dial");
  }
  const std::optional<GoalSession> session = with_.sessions->Find(request.client_reference);
  if (!session) {
    return MakeStatus(absl::StatusCode::kPermissionDenied, "the call to be has no session");
  }
  const Decision& decision = *found->second.to_settle;
  constexpr std::string_view kTel = "tel:";
  request.to = decision.destinations.front().substr(kTel.size());
  auto bill = std::make_shared<safety::CallBill>(*with_.governor, decision);
  auto on_done = [this, bill, reference = request.client_reference, scope = session->scope,
                  done = std::move(callbacks.on_done)](DialOutcome outcome,
                                                       std::unique_ptr<Call> call,
                                                       std::string_view detail) mutable {
    if (call != nullptr) {
      bill->Connected(with_.executor->Now());
      const absl::Status known = with_.sessions->Alias(reference, call->info().id);
      if (!known.ok()) {
        with_.log->Write(LogLevel::kWarning, "effects",
                         StrCat("call ", call->info().id, " has no session: ", MessageOf(known)));
      }
      call = safety::MakeGovernedCall(std::move(call), *with_.governor, scope, bill, *with_.log);
    }
    auto told = std::move(done);
    told(outcome, std::move(call), detail);  // may destroy this callback
  };
  callbacks.on_done = std::move(on_done);
  auto dial = with_.carrier->Place(request, *with_.executor, std::move(callbacks));
  if (dial.ok()) found->second.dialled = true;
  return dial;
}

void GovernedEffects::RunTool(const IntentRecord& intent,
                              absl::AnyInvocable<void(SendResult)> done) {
  Tool* const tool = with_.tools->Find(intent.tool);
  if (tool == nullptr) {
    return with_.executor->Post(lifetime_.Wrap([done = std::move(done)]() mutable {
      done({.outcome = SendOutcome::kRejected, .detail = "there is no such tool"});
    }));
  }
  ToolContext context{.call_id = intent.goal_id,
                      .effect_key = intent.client_reference,
                      .confirmation = intent.approval_id,
                      .goal = intent.goal_id,
                      .step = intent.step};
  if (const EffectRequest* request = Find(intent.effect_id)) {
    context.user = request->scope.user;
    context.labels = request->labels;
  }
  auto& run = running_[intent.effect_id] = std::make_unique<safety::GatedRun>(
      StrCat("tool ", intent.tool, " for effect ", intent.effect_id.substr(0, 12)), *with_.executor,
      *with_.log,
      [this, id = intent.effect_id,
       done = std::move(done)](absl::StatusOr<std::string> result) mutable {
        auto answer = std::move(done);
        const SendResult sent = ResultOf(result);
        running_.erase(std::string(id));  // and with it this callback
        answer(sent);
      });
  run->Start(*tool, intent.arguments, context);
}

void GovernedEffects::LookUp(const IntentRecord& intent, WallTime from_time, WallTime to_time,
                             absl::AnyInvocable<void(LookupResult)> done) {
  if (EffectSender* sender = SenderOf(intent)) {
    return sender->LookUp(intent, from_time, to_time, std::move(done));
  }
  with_.executor->Post(lifetime_.Wrap([done = std::move(done)]() mutable {
    done({.outcome = LookupOutcome::kFailed, .detail = "the tool cannot be looked up"});
  }));
}

void GovernedEffects::Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) {
  if (EffectSender* sender = SenderOf(intent)) return sender->Poll(intent, std::move(done));
  with_.executor->Post(lifetime_.Wrap([done = std::move(done)]() mutable {
    done({.outcome = PollOutcome::kFailed, .detail = "the tool cannot be asked"});
  }));
}

}  // namespace dragoman
