#include "tests/tasks/simulated_phone.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using std::chrono::seconds;

// From the question to an answer, or to the words that there is none: the machine's minute, and
// what a store takes that is well.
constexpr seconds kAnswersWithin{180};

}  // namespace

// The line is this process's, and somebody may still be on it.
SimulatedPhone::Call* SimulatedPhone::Live(const std::string& effect_id) {
  const auto found = calls_.find(effect_id);
  if (found == calls_.end()) return nullptr;
  Call& call = found->second;
  return call.over || call.process != process_ ? nullptr : &call;
}

bool SimulatedPhone::Undecided(const Call& call) {
  return far_.At(call.reference).undecided_until != TimePoint{};
}

void SimulatedPhone::After(seconds after, const std::string& effect_id,
                           void (SimulatedPhone::*what)(const std::string&)) {
  executor_.RunAfter(after, [this, effect_id, what] {
    if (Live(effect_id) != nullptr) (this->*what)(effect_id);
  });
}

void SimulatedPhone::Dial(const IntentRecord& intent) {
  const std::string& id = intent.effect_id;
  const int stream = stream_(intent.goal_id);
  const auto lasts = std::chrono::duration_cast<seconds>(
      far_.At(intent.client_reference).undecided_until - executor_.Now());
  Call& call = calls_[id] = {.goal = intent.goal_id,
                             .reference = intent.client_reference,
                             .stream = stream,
                             .process = process_};
  ++calls;
  const auto half = static_cast<int>(std::max<std::int64_t>(1, lasts.count() / 2));
  const seconds rings(1 + choices_.Pick(stream, std::min(half, 60)));
  if (choices_.Strikes(stream, Fault::kCallEndIsNotTold, 150)) {
    call.ends = Ends::kNotTold;
  } else if (choices_.Strikes(stream, Fault::kCallEndIsToldTwice, 150)) {
    call.ends = Ends::kToldTwice;
  } else if (choices_.Strikes(stream, Fault::kCallEndIsToldLate, 150)) {
    call.ends = Ends::kToldLate;
  } else if (choices_.Strikes(stream, Fault::kCallEndIsToldFirst, 150)) {
    call.ends = Ends::kToldFirst;
  }
  After(rings, id, &SimulatedPhone::Connect);
  if (choices_.Strikes(stream, Fault::kCallAsksItsOwner, 500)) {
    call.asks =
        choices_.Strikes(stream, Fault::kCallAsksTooOften, 300) ? 7 : 1 + choices_.Pick(stream, 2);
    After(rings + seconds(1 + choices_.Pick(stream, half)), id, &SimulatedPhone::Ask);
  }
  if (choices_.Strikes(stream, Fault::kLineDrops, 150)) {
    After(rings + seconds(choices_.Pick(stream, half)), id, &SimulatedPhone::Drop);
  }
  After(lasts + seconds(1), id, &SimulatedPhone::End);
}

void SimulatedPhone::Connect(const std::string& effect_id) {
  const Call& call = calls_[effect_id];
  if (call.ends == Ends::kToldFirst) return;
  Tell(seconds(0), {.goal = call.goal, .effect_id = effect_id, .kind = CallNewsKind::kConnected});
}

// One question at a time.
void SimulatedPhone::Ask(const std::string& effect_id) {
  Call& call = calls_[effect_id];
  if (!Undecided(call)) return;
  --call.asks;
  call.asking = true;
  call.asked = executor_.Now();
  Tell(seconds(0), {.goal = call.goal,
                    .effect_id = effect_id,
                    .kind = CallNewsKind::kAsks,
                    .detail = "which of the two?"});
}

void SimulatedPhone::Answer(const std::string& effect_id, const std::string& words) {
  const auto found = calls_.find(effect_id);
  if (found == calls_.end()) return broken_("a call gets an answer that was never taken");
  heard_[found->second.goal].push_back(words);
  ++answers;
  Call* const call = Live(effect_id);
  if (call == nullptr || !call->asking) return;
  choices_.Note(call->stream, StrCat("the call hears '", words, "'"));
  call->asking = false;
  if (call->asks > 0) {
    After(seconds(1 + choices_.Pick(call->stream, 10)), effect_id, &SimulatedPhone::Ask);
  }
}

void SimulatedPhone::HangUp(const std::string& effect_id) {
  Call* const call = Live(effect_id);
  if (call == nullptr || call->hung_up || never_hangs_up) return;
  call->hung_up = true;
  if (!Undecided(*call)) return;  // its end is about to be told
  choices_.Fired(call->stream, Fault::kCallIsHungUp);
  far_.Decide(call->reference, false);
  Over(effect_id, *call, "hung up", std::nullopt);
}

void SimulatedPhone::Drop(const std::string& effect_id) {
  Call& call = calls_[effect_id];
  if (!Undecided(call)) return;
  choices_.Note(call.stream, "the line is gone");
  far_.Decide(call.reference, false);
  Over(effect_id, call, "the line dropped", seconds(30 + choices_.Pick(call.stream, 600)));
}

void SimulatedPhone::End(const std::string& effect_id) {
  Over(effect_id, calls_[effect_id], "they do not want to", std::nullopt);
}

void SimulatedPhone::Over(const std::string& effect_id, Call& call, std::string why,
                          std::optional<seconds> retry_after) {
  call.over = true;
  const TimePoint since = std::max(call.asked, store_.troubled());
  if (call.asking && !call.hung_up && executor_.Now() > since + kAnswersWithin) {
    broken_(StrCat("goal ", call.stream - kFirstGoalStream, ": its call asked, and heard nothing"));
  }
  const bool reached = far_.WasDone(call.reference);
  choices_.Note(call.stream, StrCat("the call is over: ", reached ? "done" : why));
  const CallNews news{.goal = call.goal,
                      .effect_id = effect_id,
                      .kind = reached ? CallNewsKind::kReached : CallNewsKind::kFailed,
                      .detail = reached ? "{\"found\":\"39\"}" : std::move(why),
                      .retry_after = reached ? std::nullopt : retry_after};
  switch (call.ends) {
    case Ends::kNotTold:
      return;
    case Ends::kToldLate:
      return Tell(seconds(60 + choices_.Pick(call.stream, 10'800)), news);
    case Ends::kToldTwice:
      Tell(seconds(0), news);
      return Tell(seconds(1 + choices_.Pick(call.stream, 900)), news);
    case Ends::kToldFirst:
      Tell(seconds(0), news);
      return Tell(seconds(1), {.goal = call.goal, .effect_id = effect_id});
    case Ends::kTold:
      return Tell(seconds(0), news);
  }
}

// Lines of a process that dies are lost, but what the other end does by then it may do.
void SimulatedPhone::ProcessDied() {
  for (auto& [id, call] : calls_) {
    if (Live(id) == nullptr || !Undecided(call)) continue;
    if (choices_.Strikes(call.stream, Fault::kLineIsLostWithItsProcess, 700)) {
      far_.Decide(call.reference, false);
    }
  }
  heard_.clear();
  ++process_;
}

void SimulatedPhone::CheckHungUp(const std::string& goal) {
  for (auto& [id, call] : calls_) {
    if (call.goal != goal || Live(id) == nullptr || call.hung_up || !Undecided(call)) continue;
    broken_(StrCat("goal ", call.stream - kFirstGoalStream, " ended, and its call goes on"));
  }
}

std::vector<std::string> SimulatedPhone::Heard(const std::string& goal) {
  const auto found = heard_.find(goal);
  return found == heard_.end() ? std::vector<std::string>()
                               : std::move(heard_.extract(found).mapped());
}

void SimulatedPhone::Tell(seconds after, CallNews news) {
  executor_.RunAfter(after, [this, news = std::move(news)] {
    if (!tell_) return;  // nobody is there to hear it
    NoteEnds(news);
    tell_(news);
  });
}

void SimulatedPhone::NoteEnds(const CallNews& news) {
  bool late = false;
  const absl::Status read = store_.Look([&](StoreView& view) -> absl::Status {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto intent, view.FindIntent(news.effect_id));
    // Who waits for a person takes a late proof.
    if (intent && IsFinal(intent->state) && intent->state != IntentState::kNeedsHuman) {
      late = true;
      ended_effects_.try_emplace(news.effect_id, intent->state);
    }
    DRAGOMAN_ASSIGN_OR_RETURN(const auto goal, view.FindGoal(news.goal));
    if (goal && goal->final) {
      late = true;
      ended_goals_.try_emplace(news.goal, goal->version);
    }
    return absl::OkStatus();
  });
  if (!read.ok()) broken_(StrCat("the store cannot be read: ", MessageOf(read)));
  if (late) choices_.Fired(stream_(news.goal), Fault::kCallNewsAfterTheEnd);
}

absl::Status SimulatedPhone::CheckEnds(StoreView& view) {
  for (const auto& [id, state] : ended_effects_) {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto intent, view.FindIntent(id));
    if (!intent || intent->state == state) continue;
    broken_(StrCat("a call ended as ", Name(state), ", and news made it ", Name(intent->state)));
  }
  for (const auto& [id, version] : ended_goals_) {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto goal, view.FindGoal(id));
    if (goal && goal->version != version) {
      broken_(StrCat("goal ", stream_(id) - kFirstGoalStream, " had ended, and news changed it"));
    }
  }
  return absl::OkStatus();
}

}  // namespace dragoman
