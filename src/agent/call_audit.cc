#include "src/agent/call_audit.h"

#include <algorithm>

#include "dragoman/core/status.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

std::int64_t Words(std::string_view text) { return CountWords(WordsOf(text)); }

// What may still be said and done once the line is gone: book-keeping.
template <typename Command>
constexpr bool kHarmless =
    std::is_same_v<Command, call_command::AppendHistory> ||
    std::is_same_v<Command, call_command::AmendHistory> ||
    std::is_same_v<Command, call_command::Settled> ||
    std::is_same_v<Command, call_command::SetTimer> ||
    std::is_same_v<Command, call_command::StopTimer> ||
    std::is_same_v<Command, call_command::SilenceReason> ||
    std::is_same_v<Command, call_command::Notice> || std::is_same_v<Command, call_command::Finish>;
// And in the step in which it goes: what is under way is stopped.
template <typename Command>
constexpr bool kStopping = std::is_same_v<Command, call_command::CancelModel> ||
                           std::is_same_v<Command, call_command::CancelSpeech>;

}  // namespace

std::string CallAudit::OnEvent(const CallEvent& event) {
  now_us = std::max(now_us, event.at_us);
  if (std::holds_alternative<call_event::CallStarted>(event.body)) line_up = true;
  if (std::holds_alternative<call_event::MediaClosed>(event.body)) closed = true;
  if (std::holds_alternative<call_event::PlayoutCleared>(event.body)) clearing = false;
  if (const auto* done = std::get_if<call_event::ModelDone>(&event.body)) {
    if (done->reply == model) model = 0;
  } else if (const auto* result = std::get_if<call_event::ToolResult>(&event.body)) {
    if (result->run == run) run = 0;
  } else if (const auto* final = std::get_if<call_event::Final>(&event.body)) {
    if (final->from_flush && flushes > 0) --flushes;
  } else if (const auto* fired = std::get_if<call_event::TimerFired>(&event.body)) {
    armed[static_cast<std::size_t>(fired->timer)] = 0;
    // No longer waited for.
    if (fired->timer == CallTimer::kTool) run = 0;
    if (fired->timer == CallTimer::kClear) clearing = false;
  } else if (const auto* replaced = std::get_if<call_event::SpeechReplaced>(&event.body)) {
    for (Speech& one : speeches) {
      if (one.id == replaced->utterance) one.text = replaced->text;
    }
  } else if (const auto* end = std::get_if<call_event::SpeechEnd>(&event.body)) {
    for (Speech& one : speeches) {
      if (one.id != end->utterance) continue;
      one.ended = true;
      one.failed = !end->ok;
    }
  } else if (const auto* audio = std::get_if<call_event::SpeechAudio>(&event.body)) {
    for (Speech& one : speeches) {
      if (one.id != audio->utterance) continue;
      if (one.start_ms < 0) {
        one.start_ms = audio->start_ms;
        position_ms = std::min(position_ms, one.start_ms);
      }
      one.end_ms = one.start_ms + audio->queued_ms;
    }
  } else if (const auto* playout = std::get_if<call_event::Playout>(&event.body)) {
    position_ms = std::max(position_ms, playout->position_ms);
  } else if (const auto* cleared = std::get_if<call_event::PlayoutCleared>(&event.body)) {
    position_ms = std::max(position_ms, cleared->position_ms);
  }
  return {};
}

std::string CallAudit::OnCommand(const CallCommand& command) {
  if (finished) return StrCat(Name(command), " after finish");
  return std::visit(
      [this, &command](const auto& one) {
        using Command = std::decay_t<decltype(one)>;
        if (hung_up && !kHarmless<Command>) return StrCat(Name(command), " after hang_up");
        if (closed && !kHarmless<Command> && !kStopping<Command>) {
          return StrCat(Name(command), " after the line closed");
        }
        return Check(one);
      },
      command);
}

std::string CallAudit::Check(const call_command::AskModel& ask) {
  if (!line_up) return "ask_model before the call began";
  if (model != 0) return StrCat("ask_model while reply ", model, " is open");
  if (ask.reply <= last_reply) return StrCat("ask_model uses reply ", ask.reply, " again");
  if (run != 0) return "ask_model while a tool runs";
  if (unanswered_calls != 0) return "ask_model while a tool call has no answer";
  if (ask.context_version != context_version || ask.context_digest != context_digest) {
    return "ask_model names another context than the history has";
  }
  if (ask.speculative == ask.provisional_text.empty()) return "ask_model without its words";
  model = last_reply = ask.reply;
  speculative = ask.speculative;
  return {};
}

std::string CallAudit::Check(const call_command::CommitReply& commit) {
  if (!speculative || commit.reply != last_reply) return "commit_reply of no speculation";
  speculative = false;
  return {};
}

std::string CallAudit::Check(const call_command::CancelModel& cancel) {
  if (cancel.reply != model) return "cancel_model of a reply that is not open";
  model = 0;
  return {};
}

std::string CallAudit::Check(const call_command::RunTool& tool) {
  if (run != 0) return "run_tool while a tool runs";
  if (speculative) return "run_tool for a speculative reply";
  if (tool.run <= last_run) return StrCat("run_tool uses run ", tool.run, " again");
  if (unanswered_calls == 0) return "run_tool for a call that is not in the history";
  run = last_run = tool.run;
  return {};
}

std::string CallAudit::Check(const call_command::Speak& speak) {
  if (!line_up) return "speak before the call began";
  if (speculative && speak.kind == UtteranceKind::kReply && speak.reply == last_reply) {
    return "speak of a speculative reply";
  }
  if (speak.utterance <= last_utterance) return "speak uses an utterance again";
  if (!HasWords(speak.text)) return "speak without words";
  if (clearing) return "speak before the playout was cleared";
  if (speeches.size() >= 2) return "speak while two utterances are open";
  last_utterance = speak.utterance;
  speeches.push_back({.id = speak.utterance,
                      .kind = speak.kind,
                      .text = speak.text,
                      .interruptible = speak.interruptible});
  return {};
}

std::string CallAudit::Check(const call_command::CancelSpeech& cancel) {
  for (Speech& one : speeches) {
    if (one.id != cancel.utterance) continue;
    if (one.cancelled || one.ended) return "cancel_speech of an utterance that has ended";
    one.cancelled = true;
    return {};
  }
  return "cancel_speech of no open utterance";
}

std::string CallAudit::Check(const call_command::ClearPlayout&) {
  if (clearing) return "clear_playout twice";
  clearing = true;
  return {};
}

std::string CallAudit::Check(const call_command::FlushRecognizer&) {
  ++flushes;
  return {};
}

std::string CallAudit::Check(const call_command::AppendHistory& entry) {
  context_digest = Fnv1a(context_digest, ContextBytes(entry));
  ++context_version;
  if (entry.role == Role::kTool) {
    if (unanswered_calls == 0) return "a tool result without a call";
    --unanswered_calls;
  } else if (unanswered_calls != 0) {
    return "a tool call and its result are torn apart";
  }
  if (entry.role == Role::kAssistant) {
    const std::int64_t words = Words(entry.text);
    missing_words -= words;
    unanswered_calls += static_cast<int>(entry.tool_calls.size());
    if (entry.provisional) provisional.emplace_back(entries, words);
    if (words == 0 && entry.tool_calls.empty()) return "an empty entry";
  }
  ++entries;
  return {};
}

std::string CallAudit::Check(const call_command::AmendHistory& change) {
  context_digest = Fnv1a(context_digest, ContextBytes(change));
  ++context_version;
  if (change.entry < 0 || change.entry >= entries) return "amend_history of no entry";
  for (auto one = provisional.begin(); one != provisional.end(); ++one) {
    if (one->first != change.entry) continue;
    missing_words += one->second - Words(change.text);
    provisional.erase(one);
    break;
  }
  return {};
}

std::string CallAudit::Check(const call_command::Settled& settled) {
  auto speech = std::find_if(speeches.begin(), speeches.end(),
                             [&](const Speech& one) { return one.id == settled.utterance; });
  if (speech == speeches.end()) return "settled is not open";
  if (WordsOf(JoinText(settled.heard, settled.unheard)) != WordsOf(speech->text)) {
    return StrCat("settled loses words of \"", speech->text, "\"");
  }
  if (settled.heard_ms == 0 && !settled.heard.empty() && speech->cancelled) {
    return "settled claims words without audio";
  }
  const bool silent = speech->start_ms < 0 || position_ms <= speech->start_ms;
  if (silent && HasWords(settled.heard)) return "settled claims words that were not heard";
  if (speech->ended && !speech->failed && !silent && position_ms >= speech->end_ms &&
      HasWords(settled.unheard)) {
    return "settled denies words that were heard";
  }
  if (settled.kind != UtteranceKind::kFiller) missing_words += Words(settled.heard);
  speeches.erase(speech);
  return {};
}

std::string CallAudit::Check(const call_command::SetTimer& set) {
  if (set.at_us < now_us) return "set_timer in the past";
  armed[static_cast<std::size_t>(set.timer)] = set.at_us + 1;
  return {};
}

std::string CallAudit::Check(const call_command::StopTimer& stop) {
  std::int64_t& timer = armed[static_cast<std::size_t>(stop.timer)];
  if (timer == 0) return StrCat("stop_timer of ", Name(stop.timer), ", which is not armed");
  timer = 0;
  return {};
}

std::string CallAudit::Check(const call_command::HangUp&) {
  if (closed) return "hang_up of a closed line";
  hung_up = true;
  if (model != 0) return "hang_up while the model is asked";
  for (const Speech& one : speeches) {
    if (!one.cancelled && !one.ended) return "hang_up while an utterance is being made";
  }
  return {};
}

std::string CallAudit::Check(const call_command::SilenceReason& reason) {
  if (reason.reason == silence) return "silence_reason without a change";
  silence = reason.reason;
  return {};
}

std::string CallAudit::Check(const call_command::Finish&) {
  finished = true;
  if (!closed && !hung_up) return "finish without hang_up";
  if (!speeches.empty()) return "finish with an utterance that is not accounted for";
  if (unanswered_calls != 0) return "finish with a tool call that has no answer";
  if (run != 0) return "finish while a tool runs";
  if (missing_words != 0) return StrCat("finish with ", missing_words, " heard words missing");
  if (std::any_of(armed.begin(), armed.end(), [](std::int64_t due) { return due != 0; })) {
    return "finish with a timer armed";
  }
  return {};
}

std::string CallAudit::AfterStep(const CallState& state) {
  if (state.broken) return "the step did not come to rest, or had nothing to act on";
  if (finished != state.finished) return "finish was not given";
  if (finished) {
    const std::array<std::uint8_t, kRegions> rest = {0, 0, 0, 0,
                                                     static_cast<std::uint8_t>(LineState::kDown)};
    return state.states == rest ? "" : "a region does not rest at the end";
  }
  if (state.armed != armed) return "the machine believes in other timers than it asked for";
  if (state.silence != silence) return "the silence was not named";
  if (!line_up) return {};
  // The limit of the call alone is no liveness: something nearer must be armed, or owed at once.
  bool waits = clearing;
  for (std::size_t i = 0; i < armed.size(); ++i) {
    waits = waits || (armed[i] != 0 && i != static_cast<std::size_t>(CallTimer::kCallLimit));
  }
  if (!waits) return "nothing is armed: the call could stay here for ever";
  if (state.voices.empty()) {
    provisional.clear();
    if (missing_words != 0) return StrCat(missing_words, " heard words are not in the history");
  }
  const auto user = static_cast<UserState>(state.states[static_cast<std::size_t>(Region::kUser)]);
  const bool audible = !state.open.empty() && state.open.front().started;
  if (silence == SilenceKind::kNone && user != UserState::kSpeaking && !audible) {
    return "a silence without a reason";
  }
  return {};
}

}  // namespace dragoman
