#include "tests/tasks/simulated_far_side.h"

#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/tasks/goal_plan.h"

namespace dragoman {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kLimit{30};  // of the journal, for each answer

ToolSpec Spec(std::string name, EffectClass effect, ToolRisk risk, std::string properties,
              std::vector<ArgumentSpec> roles) {
  return {.name = std::move(name),
          .description = "Simulated.",
          .parameters = R"({"type":"object","properties":{)" + std::move(properties) +
                        R"(},"additionalProperties":false})",
          .effect = effect,
          .risk = risk,
          .roles = std::move(roles)};
}

}  // namespace

std::vector<ToolSpec> SimulatedSpecs() {
  constexpr char kTo[] = R"("to":{"type":"string"},"body":{"type":"string"})";
  return {Spec("send_email", EffectClass::kQueryable, ToolRisk::kOutward, kTo,
               {{"to", ArgumentRole::kMail}}),
          Spec("post_letter", EffectClass::kBlind, ToolRisk::kOutward, kTo,
               {{"to", ArgumentRole::kMail}}),
          Spec("take_note", EffectClass::kKeyedWrite, ToolRisk::kLocal,
               R"("text":{"type":"string"})", {}),
          Spec("place_call", EffectClass::kQueryable, ToolRisk::kOutward,
               R"("to":{"type":"string"},"aim":{"type":"string"})", {{"to", ArgumentRole::kPhone}}),
          Spec("pay", EffectClass::kQueryable, ToolRisk::kMoney,
               R"("to":{"type":"string"},"amount":{"type":"string"})",
               {{"to", ArgumentRole::kPayee}, {"amount", ArgumentRole::kMoney}})};
}

ToolSpec SimulatedLookSpec() {
  ToolSpec spec =
      Spec("look_up", EffectClass::kRead, ToolRisk::kRead, R"("what":{"type":"string"})", {});
  spec.result_confidentiality = Confidentiality::kPersonal;
  return spec;
}

const SimulatedFarSide::Deed& SimulatedFarSide::At(const std::string& reference) {
  Deed& deed = deeds_[reference];
  if (deed.undecided_until != TimePoint{} && deed.undecided_until <= executor_.Now()) {
    deed.done = deed.done_then;
    deed.undecided_until = {};
  }
  return deed;
}

void SimulatedFarSide::Decide(const std::string& reference, bool done) {
  Deed& deed = deeds_[reference];
  deed.done = done;
  deed.undecided_until = {};
}

template <typename Result>
void SimulatedFarSide::Say(Answer<Result> answer, Result result, std::chrono::microseconds after) {
  executor_.RunAfter(
      after, [answer = std::move(answer), result = std::move(result)] { (*answer)(result); });
}

void SimulatedFarSide::SayTwice(const Answer<SendResult>& answer, SendResult first,
                                SendResult second) {
  Say(answer, std::move(first), seconds(1));
  Say(answer, std::move(second), seconds(2));
}

void SimulatedFarSide::Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) {
  const int stream = stream_(intent.goal_id);
  check_(intent, At(intent.client_reference));
  Deed& deed = deeds_[intent.client_reference];
  ++dispatches;
  deed.sent = executor_.Now();
  const auto answer = std::make_shared<absl::AnyInvocable<void(SendResult)>>(std::move(done));
  if (deed.dispatches++ > 0) {
    choices_.Fired(stream, Fault::kSeesAKeyAgain);
    if (deed.undecided_until != TimePoint{}) return;
    if (deed.done) {
      return Say(answer, SendResult{.outcome = SendOutcome::kConfirmed, .detail = "known key"},
                 seconds(1));
    }
  }
  if (choices_.Chance(stream, 350)) return Misbehave(intent, stream, deed, answer);
  if (intent.tool == kPlaceCallTool || choices_.Chance(stream, 80)) {
    return Take(intent, stream, deed, answer);
  }
  deed.done = true;
  Say(answer, SendResult{.outcome = SendOutcome::kConfirmed, .reference = "r-1", .detail = "done"},
      seconds(1));
}

// Taken: how it ends, polls will tell; of calls, the phone too.
void SimulatedFarSide::Take(const IntentRecord& intent, int stream, Deed& deed,
                            const Answer<SendResult>& answer) {
  choices_.Fired(stream, Fault::kTakesItAndTellsLater);
  deed.undecided_until = executor_.Now() + seconds(5 + choices_.Pick(stream, 595));
  deed.done_then = !choices_.Strikes(stream, Fault::kPollRejects, 250);
  Say(answer, SendResult{.outcome = SendOutcome::kAccepted, .reference = "r-2"}, seconds(1));
  if (intent.tool != kPlaceCallTool) return;
  // Longer than the machine lets a connected call last.
  if (choices_.Strikes(stream, Fault::kCallGoesOnTooLong, 100)) {
    deed.undecided_until += seconds(720 + choices_.Pick(stream, 600));
  }
  if (on_call) on_call(intent);
}

void SimulatedFarSide::Misbehave(const IntentRecord& intent, int stream, Deed& deed,
                                 const Answer<SendResult>& answer) {
  static constexpr Fault kWays[] = {
      Fault::kAnswersLate,    Fault::kAnswersTooLate,    Fault::kTakesItAndTellsLater,
      Fault::kRejectsForGood, Fault::kRejectsForNow,     Fault::kLosesTheRequest,
      Fault::kLosesTheAnswer, Fault::kFailsAfterDoingIt, Fault::kFailsBeforeDoingIt,
      Fault::kAnswersTwice,   Fault::kContradictsItself, Fault::kDoesItLater};
  const Fault way = kWays[choices_.Pick(stream, static_cast<int>(std::size(kWays)))];
  if (way == Fault::kTakesItAndTellsLater) return Take(intent, stream, deed, answer);
  choices_.Fired(stream, way);
  const SendResult yes{.outcome = SendOutcome::kConfirmed, .reference = "r-3", .detail = "done"};
  const SendResult no{.outcome = SendOutcome::kRejected, .detail = "550 no"};
  switch (way) {
    case Fault::kAnswersLate:
      deed.done = true;
      return Say(answer, yes, seconds(2 + choices_.Pick(stream, 27)));
    case Fault::kAnswersTooLate:
      deed.done = true;
      return Say(answer, yes, kLimit + seconds(1 + choices_.Pick(stream, 600)));
    case Fault::kRejectsForGood:
      return Say(answer, no, seconds(1));
    case Fault::kRejectsForNow:
      return Say(answer,
                 SendResult{.outcome = SendOutcome::kRejected,
                            .detail = "450 later",
                            .retry_after = seconds(1 + choices_.Pick(stream, 1200))},
                 seconds(1));
    case Fault::kLosesTheAnswer:
      deed.done = true;
      return;
    case Fault::kFailsAfterDoingIt:
      deed.done = true;
      [[fallthrough]];
    case Fault::kFailsBeforeDoingIt:
      return Say(answer, SendResult{.outcome = SendOutcome::kNoAnswer, .detail = "503"},
                 seconds(1));
    case Fault::kAnswersTwice:
      deed.done = true;
      return SayTwice(answer, yes, yes);
    case Fault::kContradictsItself:
      deed.done = true;
      return SayTwice(answer, yes, no);
    case Fault::kDoesItLater:  // before the second of two negative lookups
      deed.undecided_until = executor_.Now() + seconds(1 + choices_.Pick(stream, 40));
      deed.done_then = true;
      return;
    default:
      return;  // the request is lost
  }
}

void SimulatedFarSide::LookUp(const IntentRecord& intent, WallTime, WallTime,
                              absl::AnyInvocable<void(LookupResult)> done) {
  const int stream = stream_(intent.goal_id);
  At(intent.client_reference);
  Deed& deed = deeds_[intent.client_reference];
  const auto answer = std::make_shared<absl::AnyInvocable<void(LookupResult)>>(std::move(done));
  static constexpr Fault kWays[] = {Fault::kLookupDownFor20Minutes, Fault::kLookupFindsSeveral,
                                    Fault::kLookupIsSilent,         Fault::kLookupAnswersTooLate,
                                    Fault::kLookupFailsOnce,        Fault::kLookupAnswersTwice};
  if (deed.lookup < 0) {
    deed.lookup = choices_.Chance(stream, 600)
                      ? 1 + choices_.Pick(stream, static_cast<int>(std::size(kWays)))
                      : 0;
    if (deed.lookup > 0) choices_.Fired(stream, kWays[deed.lookup - 1]);
  }
  ++deed.lookups;
  LookupResult truth{.outcome = deed.done ? LookupOutcome::kFound : LookupOutcome::kAbsent,
                     .reference = deed.done ? "r-4" : ""};
  // Taken, and nobody knows yet how it ends.
  const bool open = deed.undecided_until - deed.sent > seconds(41) ||
                    (deed.undecided_until != TimePoint{} && !deed.done_then);
  if (open) truth = {.outcome = LookupOutcome::kFailed, .detail = "under way"};
  const Fault way = deed.lookup > 0 ? kWays[deed.lookup - 1] : Fault::kCount;
  if (way == Fault::kLookupDownFor20Minutes && executor_.Now() < deed.sent + minutes(20)) {
    return Say(answer, LookupResult{.outcome = LookupOutcome::kFailed, .detail = "503"},
               seconds(1));
  }
  if (way == Fault::kLookupFindsSeveral) {
    return Say(answer, LookupResult{.outcome = LookupOutcome::kFoundSeveral}, seconds(1));
  }
  if (deed.lookups == 1) {
    if (way == Fault::kLookupIsSilent) return;
    if (way == Fault::kLookupAnswersTooLate) return Say(answer, truth, kLimit + seconds(5));
    if (way == Fault::kLookupFailsOnce) truth = {.outcome = LookupOutcome::kFailed};
  }
  if (way == Fault::kLookupAnswersTwice) Say(answer, truth, seconds(2));
  Say(answer, truth, seconds(1));
}

void SimulatedFarSide::Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) {
  const int stream = stream_(intent.goal_id);
  At(intent.client_reference);
  Deed& deed = deeds_[intent.client_reference];
  const auto answer = std::make_shared<absl::AnyInvocable<void(PollResult)>>(std::move(done));
  static constexpr Fault kWays[] = {Fault::kPollFails, Fault::kPollIsSilent,
                                    Fault::kPollDownFor20Minutes};
  if (deed.poll < 0) {
    deed.poll = choices_.Chance(stream, 300) ? 1 + choices_.Pick(stream, 3) : 0;
    if (deed.poll > 0) choices_.Fired(stream, kWays[deed.poll - 1]);
  }
  const int polls = ++deed.polls;
  if ((deed.poll == 1 && polls % 2 == 1) ||
      (deed.poll == 3 && executor_.Now() < deed.sent + minutes(20))) {
    return Say(answer, PollResult{.outcome = PollOutcome::kFailed, .detail = "503"}, seconds(1));
  }
  if (deed.poll == 2 && polls % 2 == 1) return;
  PollResult truth{.outcome = deed.undecided_until != TimePoint{} ? PollOutcome::kPending
                              : deed.done                         ? PollOutcome::kConfirmed
                                                                  : PollOutcome::kRejected};
  Say(answer, truth, seconds(1));
}

// --- look_up -------------------------------------------------------------------------------------

namespace {

class LookRun : public ToolRun {
 public:
  LookRun(TurnExecutor& executor, ToolDone done) : done_(std::move(done)), timer_(executor) {}
  void EndAfter(std::chrono::seconds after, absl::StatusOr<std::string> result) {
    timer_.Start(after, [this, result = std::move(result)] { End(result); });
  }
  void Cancel() override { EndAfter(seconds(1), absl::CancelledError("stopped")); }

 private:
  void End(const absl::StatusOr<std::string>& result) {
    ToolDone done = std::exchange(done_, nullptr);
    if (done) done(result);
  }
  ToolDone done_;
  Timer timer_;
};

}  // namespace

std::unique_ptr<ToolRun> SimulatedLook::Run(std::string, const ToolContext& context, Executor&,
                                            ToolDone on_done) {
  const int stream = stream_(context.call_id);
  auto run = std::make_unique<LookRun>(executor_, std::move(on_done));
  if (choices_.Strikes(stream, Fault::kReadFailsForGood, 60)) {
    run->EndAfter(seconds(1), absl::InvalidArgumentError("nothing is known by that name"));
  } else if (choices_.Strikes(stream, Fault::kReadFailsForNow, 60)) {
    run->EndAfter(seconds(1), absl::UnavailableError("try again"));
  } else if (choices_.Strikes(stream, Fault::kReadHangs, 60)) {
    // until its time is over
  } else if (choices_.Strikes(stream, Fault::kReadLacksAMember, 60)) {
    ++answered[context.effect_key];
    run->EndAfter(seconds(1), std::string("{\"other\":1}"));
  } else {
    ++answered[context.effect_key];
    run->EndAfter(seconds(1), std::string("{\"price\":\"39\"}"));
  }
  return run;
}

}  // namespace dragoman
