#include "src/agent/call_core.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "src/agent/call_give.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

// Far above what any step needs; a table that never comes to rest is broken.
constexpr int kMaxMoves = 200;

template <typename... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

}  // namespace

CallCore::CallCore(CallMachineOptions options, const CallTables& tables)
    : options_(std::move(options)), tables_(&tables) {
  s.silence = SilenceKind::kConnecting;
}

// Events of replies and utterances that are no longer open concern nobody.
bool CallCore::Expected(const CallEvent& event) const {
  auto of_reply = [this](ReplyId reply) { return s.stream_open && reply == s.reply; };
  auto of_speech = [this](UtteranceId id) {
    return std::any_of(s.open.begin(), s.open.end(), [id](const Utterance& one) {
      return one.id == id && !one.ended && !one.cancelled;
    });
  };
  return std::visit(
      Overloaded{[&](const call_event::ModelText& e) { return of_reply(e.reply); },
                 [&](const call_event::ModelToolCall& e) { return of_reply(e.reply); },
                 [&](const call_event::ModelDone& e) { return of_reply(e.reply); },
                 [&](const call_event::SpeechReplaced& e) { return of_speech(e.utterance); },
                 [&](const call_event::SpeechAudio& e) { return of_speech(e.utterance); },
                 [&](const call_event::SpeechWords& e) { return of_speech(e.utterance); },
                 [&](const call_event::SpeechEnd& e) { return of_speech(e.utterance); },
                 [](const auto&) { return true; }},
      event.body);
}

void CallCore::Step(const CallEvent& event, std::vector<CallCommand>* out) {
  if (s.finished) return;
  s.now_us = std::max(s.now_us, event.at_us);
  event_ = &event;
  out_ = out;
  if (const auto* fired = std::get_if<call_event::TimerFired>(&event.body)) {
    const auto index = static_cast<std::size_t>(fired->timer);
    if (index >= s.armed.size() || s.armed[index] == 0 || s.now_us < s.armed[index] - 1) return;
    s.armed[index] = 0;
    const std::int64_t due = DueAt(fired->timer);
    // A timer is left running when its time is put off: then it is set anew now.
    if (due >= 0 && due <= s.now_us) Dispatch(TriggerOf(fired->timer));
  } else if (Expected(event)) {
    Dispatch(static_cast<Trigger>(event.body.index()));
  }
  Settle();
  if (!s.finished) {
    UpdateTimers();
    UpdateSilence();
  }
  event_ = nullptr;
  out_ = nullptr;
}

void CallCore::Raise(Trigger signal) { signals_.push_back(signal); }

void CallCore::Dispatch(Trigger trigger) {
  for (int region = 0; region < kRegions; ++region) TryRow(static_cast<Region>(region), trigger);
}

bool CallCore::TryRow(Region region, Trigger trigger) {
  std::uint8_t& state = s.states[static_cast<std::size_t>(region)];
  for (std::uint8_t index : tables_->Find(region, state, trigger)) {
    const Row& row = tables_->rows[index];
    if (!Holds(row.guard)) continue;
    if (!rows_used.empty()) rows_used[index] = true;
    state = row.to;
    for (Action action : row.actions) {
      if (action == Action::kNone) break;
      Do(action);
    }
    return true;
  }
  return false;
}

// Signals first, in the order raised; then whatever is ready to move, until nothing is.
void CallCore::Settle() {
  std::size_t next = 0;
  for (int moves = 0; moves < kMaxMoves; ++moves) {
    if (s.finished) break;
    if (next < signals_.size()) {
      Dispatch(signals_[next++]);
      continue;
    }
    bool moved = false;
    for (int region = 0; region < kRegions && !moved; ++region) {
      moved = TryRow(static_cast<Region>(region), Trigger::kAfter);
    }
    if (!moved) {
      signals_.clear();
      CloseVoices();
      return;
    }
  }
  s.broken = s.broken || !s.finished;
  signals_.clear();
}

bool CallCore::Holds(Guard guard) const {
  if (guard == Guard::kAlways) return true;
  if (guard < Guard::kCurrentRun) return UserHolds(guard);
  if (guard < Guard::kMaySpeak) return ToolHolds(guard);
  if (guard < Guard::kCanAsk) return PlayoutHolds(guard);
  if (guard < Guard::kWaitsForHello) return ReplyHolds(guard);
  return LineHolds(guard);
}

void CallCore::Do(Action action) {
  if (action < Action::kStartTool) return DoUser(action);
  if (action < Action::kSpeakNext) return DoTool(action);
  if (action < Action::kAsk) return DoPlayout(action);
  if (action < Action::kStartCall) return DoReply(action);
  DoLine(action);
}

void CallCore::Tell(call_command::NoticeKind kind, std::int64_t value, std::string_view text) {
  Give(call_command::Notice{kind, s.now_us, value, std::string(text)});
}

void CallCore::TellAt(call_command::NoticeKind kind, std::int64_t at_us, std::int64_t value) {
  Give(call_command::Notice{kind, at_us, value, {}});
}

std::string CallCore::Describe() const {
  std::string text;
  for (int region : {4, 0, 3, 2, 1}) {
    if (!text.empty()) text += ", ";
    text += StateName(static_cast<Region>(region), s.states[static_cast<std::size_t>(region)]);
  }
  return text;
}

}  // namespace dragoman
