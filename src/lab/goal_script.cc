#include "src/lab/goal_script.h"

#include <algorithm>
#include <map>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman::lab {
namespace {

using C = TaskCommandKind;
using E = TaskEventKind;

milliseconds Between(std::int64_t from_us, std::int64_t to_us) {
  return milliseconds(std::max<std::int64_t>(0, to_us - from_us) / 1000);
}

bool EndsStep(E kind) {
  return kind == E::kStepDone || kind == E::kStepFailed || kind == E::kStepUnclear ||
         kind == E::kRefused || kind == E::kCallDropped || kind == E::kCallNeedsInfo ||
         kind == E::kCallNeedsSecret;
}

// Reads events in their order; what lies before `begin_us` only tells what was open.
class ScriptReader {
 public:
  ScriptReader(const GoalLog& log, std::int64_t begin_us) : log_(log), begin_us_(begin_us) {}

  absl::Status Read(const TaskLogStep& step, bool counts) {
    const TaskEvent& event = step.event;
    if (counts) {
      Answered(event);
      DRAGOMAN_RETURN_IF_ERROR(Wished(event));
      if (EndsStep(event.kind)) Ended(event);
    }
    if (event.kind == E::kConnected || event.kind == E::kCallAsks) InCall(event, counts);
    if (event.kind == E::kReplan) ++plans_;
    for (const TaskCommand& command : step.commands) {
      if (command.kind == C::kAskOwner && command.reference != question_.reference) {
        question_ = command;
        asked_us_ = event.at_us;
      } else if (command.kind == C::kCloseQuestion && command.reference == question_.reference) {
        if (counts && !answered_) {
          script_.answers.push_back(
              {.step = question_.step, .about = question_.about, .silent = true, .text = {}});
        }
        question_ = {};
        answered_ = false;
      } else if (command.kind == C::kExecute) {
        sent_us_[{command.step, command.attempt}] = event.at_us;
      }
    }
    return absl::OkStatus();
  }

  GoalScript Take() {
    // Those under way when the goal ended, or when the record was read.
    for (const GoalLogEffect& effect : log_.effects) {
      const bool open = effect.state == IntentState::kArmed || effect.state == IntentState::kSent ||
                        effect.state == IntentState::kUnknown;
      if (!open || !sent_us_.contains({effect.step, effect.attempt})) continue;
      script_.results.push_back({.step = effect.step,
                                 .attempt = effect.attempt,
                                 .end = FarEnd::kSilent,
                                 .reference = effect.reference,
                                 .detail = {},
                                 .arguments = effect.arguments});
    }
    return std::move(script_);
  }

 private:
  void Answered(const TaskEvent& event) {
    const bool answers =
        event.kind == E::kAnswered || event.kind == E::kApproved || event.kind == E::kDeclined;
    if (!answers || event.reference != question_.reference || question_.reference.empty()) return;
    answered_ = true;
    script_.answers.push_back({.step = question_.step,
                               .about = question_.about,
                               .after = Between(std::max(asked_us_, begin_us_), event.at_us),
                               .yes = event.kind == E::kApproved,
                               .choice = event.choice,
                               .text = event.detail});
  }

  absl::Status Wished(const TaskEvent& event) {
    GoalWish wish{.at = Between(begin_us_, event.at_us), .why = event.detail, .plan = {}};
    if (event.kind == E::kCancel) {
      wish.kind = WishKind::kCancel;
    } else if (event.kind == E::kEscalate) {
      wish.kind = WishKind::kEscalate;
    } else if (event.kind == E::kReplan) {
      wish.kind = WishKind::kReplan;
      if (plans_ + 1 >= log_.plans.size()) return DataLoss("a plan of the owner is missing");
      DRAGOMAN_ASSIGN_OR_RETURN(wish.plan, GoalPlanFromJson(log_.plans[plans_ + 1].body));
      // Whatever was asked is answered by the new plan.
      answered_ = true;
    } else {
      return absl::OkStatus();
    }
    if (event.kind != E::kReplan) answered_ = true;
    script_.wishes.push_back(std::move(wish));
    return absl::OkStatus();
  }

  void InCall(const TaskEvent& event, bool counts) {
    const auto sent = sent_us_.find({event.step, event.attempt});
    if (sent == sent_us_.end()) return;
    GoalResult& call = calls_[{event.step, event.attempt}];
    const milliseconds after =
        counts ? Between(std::max(sent->second, begin_us_), event.at_us) : milliseconds(0);
    if (event.kind == E::kConnected) {
      call.connected = after;
    } else if (counts) {
      call.asks.push_back({after, event.detail});
    }
  }

  void Ended(const TaskEvent& event) {
    const auto sent = sent_us_.find({event.step, event.attempt});
    if (sent == sent_us_.end()) return;  // refused before it was sent
    const std::int64_t sent_us = sent->second;
    sent_us_.erase(sent);
    for (const GoalLogEffect& effect : log_.effects) {
      if (effect.step != event.step || effect.attempt != event.attempt) continue;
      GoalResult result{.step = event.step,
                        .attempt = event.attempt,
                        .after = Between(std::max(sent_us, begin_us_), event.at_us),
                        .reference = effect.reference,
                        .detail = effect.detail,
                        .arguments = effect.arguments};
      if (event.kind == E::kStepUnclear) {
        result.end = FarEnd::kUnclear;
      } else if (effect.state == IntentState::kConfirmed) {
        result.end = FarEnd::kConfirmed;
      } else if (effect.state == IntentState::kFailedDefinite) {
        result.end = FarEnd::kRejected;
        if (effect.not_before_us > event.at_us) {
          result.retry_after = std::chrono::ceil<std::chrono::seconds>(
              std::chrono::microseconds(effect.not_before_us - event.at_us));
        }
      } else if (effect.state == IntentState::kDone) {
        result.end = FarEnd::kFound;
      } else if (effect.state == IntentState::kNotDone) {
        result.end = FarEnd::kNotFound;
      } else {
        return;  // withdrawn: it never went out
      }
      if (result.end != FarEnd::kConfirmed && result.end != FarEnd::kRejected) {
        result.after = milliseconds(0);  // the rest is the journal's own waiting
      }
      if (const auto call = calls_.find({event.step, event.attempt}); call != calls_.end()) {
        result.connected = call->second.connected;
        result.asks = call->second.asks;
      }
      script_.results.push_back(std::move(result));
      return;
    }
  }

  const GoalLog& log_;
  const std::int64_t begin_us_;
  GoalScript script_;
  TaskCommand question_;
  bool answered_ = false;
  std::int64_t asked_us_ = 0;
  std::size_t plans_ = 0;  // of the owner, beside the first
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> sent_us_;
  std::map<std::pair<std::string, std::int64_t>, GoalResult> calls_;
};

}  // namespace

absl::StatusOr<GoalScript> ScriptAfter(const GoalLog& log, std::int64_t from) {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<TaskLogStep> steps, DecodeSteps(log));
  if (steps.empty()) return DataLoss("the goal was never begun");
  const std::int64_t begin =
      from == 0 ? steps.front().event.at_us : steps[static_cast<std::size_t>(from) - 1].event.at_us;
  ScriptReader reader(log, begin);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    DRAGOMAN_RETURN_IF_ERROR(reader.Read(steps[i], static_cast<std::int64_t>(i) + 1 > from));
  }
  return reader.Take();
}

}  // namespace dragoman::lab
