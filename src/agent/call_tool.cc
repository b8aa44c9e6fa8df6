// The reply's tools, one after the other: each call gets exactly one answer in the history.
#include <algorithm>
#include <utility>

#include "src/agent/call_core.h"
#include "src/agent/call_give.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

using call_command::NoticeKind;

constexpr std::size_t kMaxResultBytes = 64 * 1024;
constexpr std::size_t kMaxOverdue = 16;

}  // namespace

bool CallCore::ToolHolds(Guard guard) const {
  if (guard != Guard::kCurrentRun) return false;
  const auto* result = std::get_if<call_event::ToolResult>(&event_->body);
  return result && result->run == s.run;
}

void CallCore::DoTool(Action action) {
  switch (action) {
    case Action::kStartTool:
      if (!HasCall()) return;
      s.run = ++s.last_run;
      s.run_us = s.now_us;
      Tell(NoticeKind::kToolRunning, s.run, s.calls[s.next_call].name);
      Give(call_command::RunTool{s.run, s.calls[s.next_call]});
      return;
    case Action::kTakeResult: {
      if (!HasCall()) return;
      const auto& result = std::get<call_event::ToolResult>(event_->body);
      Tell(NoticeKind::kToolDone, result.ok ? 1 : 0, s.calls[s.next_call].name);
      s.run = 0;
      AnswerCall(result.ok, Prefix(result.text, kMaxResultBytes));
      return;
    }
    case Action::kLateResult: {
      const auto& result = std::get<call_event::ToolResult>(event_->body);
      auto late = std::find_if(s.overdue.begin(), s.overdue.end(),
                               [&](const OverdueRun& one) { return one.run == result.run; });
      if (late == s.overdue.end()) {
        Tell(NoticeKind::kIgnored, result.run, "a tool result that nobody waits for");
        return;
      }
      AmendEntry(late->entry, std::string(Prefix(result.text, kMaxResultBytes)), !result.ok);
      s.overdue.erase(late);
      return;
    }
    case Action::kGiveUpOnTool:
      if (!HasCall()) return;
      Tell(NoticeKind::kToolDone, 0, s.calls[s.next_call].name);
      if (s.overdue.size() < kMaxOverdue) s.overdue.push_back({s.run, s.entries});
      s.run = 0;
      AnswerCall(false, "no result in time; it may still have happened");
      return;
    default:
      return;
  }
}

// The reply's calls, with what the caller heard, or will have heard, of its words.
void CallCore::RecordCalls() {
  s.next_call = 0;
  s.abandon = false;
  s.recorded = false;
  if (Voice* voice = FindVoice(s.voice)) voice->open = true;  // its entry is made here
  FlushVoices(s.voice);
  call_command::AppendHistory entry{
      .role = Role::kAssistant, .tool_calls = s.calls, .reply = s.reply};
  if (Voice* voice = FindVoice(s.voice)) {
    voice->open = false;
    voice->entry = s.entries;
    voice->entry_text = voice->planned;
    entry.text = voice->planned;
    entry.provisional = VoiceInUse(voice->id);
  }
  AppendEntry(std::move(entry));
  s.recorded = true;
}

bool CallCore::HasCall() {
  const bool has = s.next_call < s.calls.size();
  s.broken = s.broken || !has;
  return has;
}

void CallCore::AnswerCall(bool ok, std::string_view text) {
  AppendEntry({.role = Role::kTool,
               .text = std::string(text),
               .tool_call_id = s.calls[s.next_call].id,
               .tool_failed = !ok});
  ++s.next_call;
  if (s.abandon) return AnswerRest("not run");
  if (!CallsOutstanding()) CatchUp();
}

void CallCore::AnswerRest(std::string_view text) {
  for (; s.next_call < s.calls.size(); ++s.next_call) {
    AppendEntry({.role = Role::kTool,
                 .text = std::string(text),
                 .tool_call_id = s.calls[s.next_call].id,
                 .tool_failed = true});
  }
  CatchUp();
}

// What had to wait so that calls and results stay together.
void CallCore::CatchUp() {
  CloseVoices();
  if (!s.kept_turn.empty()) AppendUser(std::exchange(s.kept_turn, {}));
}

// Calls that have not begun will not; one that runs is waited for.
void CallCore::AbandonCalls() {
  s.abandon = true;
  if (tool() == ToolState::kIdle && CallsOutstanding()) AnswerRest("not run");
}

}  // namespace dragoman
