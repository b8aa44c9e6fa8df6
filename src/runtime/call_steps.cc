#include "dragoman/runtime/call_steps.h"

#include <deque>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/safety/gates.h"
#include "dragoman/tasks/goal_plan.h"
#include "src/runtime/placed_call.h"

namespace dragoman {
namespace {

using nlohmann::json;

constexpr std::size_t kMostEnded = 256;  // ends that are kept for whoever polls
constexpr std::string_view kLineLost =
    "the line was lost when the process that called ended; whether anything was settled before, "
    "the call's log may tell";

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReadNamed(const json& object,
                                                                           const char* field) {
  std::vector<std::pair<std::string, std::string>> named;
  const auto found = object.find(field);
  if (found == object.end()) return named;
  if (!found->is_object()) return InvalidArgument(field, " is no object of texts");
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string()) {
      return InvalidArgument(field, ".", name, " is ", value.dump(), "; expected a text");
    }
    named.emplace_back(name, value.get<std::string>());
  }
  return named;
}

class CallStepsImpl : public CallSteps {
 public:
  CallStepsImpl(CallStepOptions options, CallStepDependencies with)
      : options_(std::move(options)), with_(std::move(with)) {}

  absl::Status Open() {
    DRAGOMAN_RETURN_IF_ERROR(
        AddCallTools(tools_, [this](const std::string& call_id) { return FindCall(call_id); }));
    DRAGOMAN_ASSIGN_OR_RETURN(
        gate_, MakeGoverningEffectGate({.tools = &tools_,
                                        .governor = with_.governor,
                                        .sessions = with_.sessions,
                                        .log = with_.log == nullptr ? &NullLog() : with_.log}));
    return absl::OkStatus();
  }

  std::size_t active_calls() const override { return calls_.size(); }
  void Follow(std::function<void(const CallNews&)> tell) override { tell_ = std::move(tell); }

  void HangUp(const std::string& effect_id) override {
    if (const auto found = calls_.find(effect_id); found != calls_.end()) found->second->HangUp();
  }
  void Answer(const std::string& effect_id, const std::string& words) override {
    if (const auto found = calls_.find(effect_id); found != calls_.end()) {
      found->second->Answer(words);
    }
  }

  void Drain(std::chrono::milliseconds patience, absl::AnyInvocable<void()> done) override {
    if (!patience_) patience_.emplace(*with_.executor);
    drained_.push_back(std::move(done));
    patience_->Start(patience, [this] {
      for (const auto& [id, call] : calls_) call->HangUp();
    });
    TellDrained();
  }

  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override {
    SendResult sent{.outcome = SendOutcome::kAccepted, .reference = intent.client_reference};
    if (patience_) {
      sent = {.outcome = SendOutcome::kRejected,
              .detail = "nobody was dialled: the process was about to end",
              .retry_after = std::chrono::seconds(60)};
    } else if (const absl::Status begun = Begin(intent); !begun.ok()) {
      sent = {.outcome = SendOutcome::kRejected, .detail = std::string(MessageOf(begun))};
    }
    Later([done = std::move(done), sent = std::move(sent)]() mutable { done(std::move(sent)); });
  }

  // The lines of an earlier process are gone with it; what was connected has left its log.
  void LookUp(const IntentRecord& intent, WallTime from_time, WallTime to_time,
              absl::AnyInvocable<void(LookupResult)> done) override {
    (void)from_time, (void)to_time;
    const std::string log =
        StrCat(options_.logs_folder, "/call-", intent.effect_id.substr(0, 16), ".log");
    const bool there = calls_.contains(intent.effect_id) ||
                       (!options_.logs_folder.empty() && std::filesystem::exists(log));
    LookupResult found{.outcome = there ? LookupOutcome::kFound : LookupOutcome::kAbsent,
                       .reference = there ? intent.client_reference : std::string()};
    Later([done = std::move(done), found = std::move(found)]() mutable { done(std::move(found)); });
  }

  void Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) override {
    PollResult polled{.outcome = PollOutcome::kPending};
    if (const auto ended = ended_.find(intent.effect_id); ended != ended_.end()) {
      polled = ended->second;
    } else if (!calls_.contains(intent.effect_id)) {
      polled = {.outcome = PollOutcome::kRejected, .detail = std::string(kLineLost)};
    }
    Later([done = std::move(done), polled]() mutable { done(polled); });
  }

 private:
  absl::Status Begin(const IntentRecord& intent) {
    DRAGOMAN_ASSIGN_OR_RETURN(CallErrand errand, ReadCallErrand(intent.arguments));
    const PlacedCall::Shared shared{
        .options = &options_, .with = &with_, .gate = gate_.get(), .tools = &tools_};
    auto call = std::make_unique<PlacedCall>(shared, intent, std::move(errand),
                                             [this](CallNews news) { OnNews(std::move(news)); });
    DRAGOMAN_RETURN_IF_ERROR(call->Dial());
    calls_[intent.effect_id] = std::move(call);
    return absl::OkStatus();
  }

  // From inside a call, which therefore goes later.
  void OnNews(CallNews news) {
    const bool over = news.kind == CallNewsKind::kReached || news.kind == CallNewsKind::kFailed;
    if (over) {
      if (ended_.size() >= kMostEnded) {
        ended_.erase(oldest_.front());
        oldest_.pop_front();
      }
      oldest_.push_back(news.effect_id);
      ended_[news.effect_id] = {.outcome = news.kind == CallNewsKind::kReached
                                               ? PollOutcome::kConfirmed
                                               : PollOutcome::kRejected,
                                .detail = news.detail};
    }
    Later([this, over, news = std::move(news)] {
      if (over) calls_.erase(news.effect_id);
      if (tell_) tell_(news);
      if (patience_) TellDrained();
    });
  }

  void TellDrained() {
    if (!calls_.empty()) return;
    for (auto& done : std::exchange(drained_, {})) done();
  }

  PlacedCall* FindCall(const std::string& call_id) const {
    for (const auto& [id, call] : calls_) {
      if (call->call_id() == call_id && !call->over()) return call.get();
    }
    return nullptr;
  }

  template <typename Work>
  void Later(Work work) {
    with_.executor->Post(lifetime_.Wrap(std::move(work)));
  }

  const CallStepOptions options_;
  const CallStepDependencies with_;
  std::function<void(const CallNews&)> tell_;
  ToolRegistry tools_;
  std::unique_ptr<EffectGate> gate_;
  std::map<std::string, std::unique_ptr<PlacedCall>> calls_;  // by effect
  std::map<std::string, PollResult> ended_;
  std::deque<std::string> oldest_;  // of those, in the order of their ends
  std::optional<Timer> patience_;   // there once it drains
  std::vector<absl::AnyInvocable<void()>> drained_;
  Lifetime lifetime_;
};

}  // namespace

const ToolSpec& PlaceCallSpec() {
  static const ToolSpec* const kSpec =
      new ToolSpec{.name = std::string(kPlaceCallTool),
                   .description = "Phones somebody for an errand and brings back what came of it.",
                   .parameters = R"({"type":"object","required":["to","for","request"],
"additionalProperties":false,"properties":{
"to":{"type":"string","minLength":1,"maxLength":64},
"for":{"type":"string","minLength":1,"maxLength":500},
"request":{"type":"string","minLength":1,"maxLength":500},
"facts":{"type":"object","maxProperties":20,"additionalProperties":{"type":"string","minLength":1,"maxLength":500}},
"questions":{"type":"object","maxProperties":10,"additionalProperties":{"type":"string","minLength":1,"maxLength":500}},
"minutes":{"type":"integer","minimum":1,"maximum":10}}})",
                   .effect = EffectClass::kQueryable,
                   .risk = ToolRisk::kOutward,
                   .roles = {{"minutes", ArgumentRole::kMinutes}, {"to", ArgumentRole::kPhone}},
                   .proves = {"call"}};
  return *kSpec;
}

absl::StatusOr<CallErrand> ReadCallErrand(std::string_view arguments) {
  const json object = json::parse(arguments, nullptr, false);
  if (!object.is_object()) return InvalidArgument("the errand is no JSON object");
  CallErrand errand;
  for (const auto& [field, text] :
       {std::pair("for", &errand.principal), std::pair("request", &errand.request)}) {
    const auto found = object.find(field);
    if (found == object.end() || !found->is_string()) {
      return InvalidArgument(field, " is missing; expected a text");
    }
    *text = found->get<std::string>();
  }
  DRAGOMAN_ASSIGN_OR_RETURN(errand.facts, ReadNamed(object, "facts"));
  DRAGOMAN_ASSIGN_OR_RETURN(errand.questions, ReadNamed(object, "questions"));
  DRAGOMAN_RETURN_IF_ERROR(errand.Validate());
  return errand;
}

absl::Status CallStepOptions::Validate() const {
  if (ring_timeout < std::chrono::seconds(5) || ring_timeout > std::chrono::seconds(600)) {
    return InvalidArgument("ring_timeout is ", ring_timeout, "; expected 5 to 600 s");
  }
  if (retry_after < std::chrono::seconds(0)) {
    return InvalidArgument("retry_after is ", retry_after, "; expected 0 s or more");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<CallSteps>> CallSteps::Create(CallStepOptions options,
                                                             CallStepDependencies with) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (with.executor == nullptr || with.effects == nullptr || with.sessions == nullptr ||
      with.governor == nullptr || with.numbers == nullptr || with.recognizer == nullptr ||
      with.speech == nullptr || with.mind == nullptr) {
    return InvalidArgument(
        "calls lack an executor, effects, sessions, governor, numbers, recogniser, speech gate or "
        "mind");
  }
  auto made = std::make_unique<CallStepsImpl>(std::move(options), std::move(with));
  DRAGOMAN_RETURN_IF_ERROR(made->Open());
  return std::unique_ptr<CallSteps>(std::move(made));
}

}  // namespace dragoman
