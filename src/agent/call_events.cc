#include "dragoman/agent/call_events.h"

#include <array>
#include <type_traits>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "src/agent/call_fields.h"
#include "src/agent/call_tables.h"

namespace dragoman {
namespace {

template <std::size_t N>
std::string_view At(const std::array<std::string_view, N>& names, std::size_t index) {
  return index < N && !names[index].empty() ? names[index] : std::string_view("unknown");
}

constexpr std::array<std::string_view, std::variant_size_v<CallEventBody>> kEvents = {
    "call_started",      "speech_started", "speech_stopped",  "partial",      "final",
    "recognizer_failed", "dtmf",           "turn_estimated",  "model_text",   "model_tool_call",
    "model_done",        "tool_result",    "speech_replaced", "speech_audio", "speech_words",
    "speech_end",        "playout",        "playout_cleared", "timer_fired",  "say",
    "end_call",          "drain",          "media_closed"};

constexpr std::array<std::string_view, std::variant_size_v<CallCommand>> kCommands = {
    "ask_model",      "commit_reply",  "cancel_model",   "use_expectation", "flush_recognizer",
    "estimate_turn",  "run_tool",      "speak",          "cancel_speech",   "clear_playout",
    "append_history", "amend_history", "settled",        "set_timer",       "stop_timer",
    "hang_up",        "finish",        "silence_reason", "notice"};

constexpr std::array<std::string_view, 5> kFinishes = {"", "complete", "length", "refused",
                                                       "failed"};
constexpr std::array<std::string_view, 4> kRoles = {"system", "user", "assistant", "tool"};

void Print(std::string* text, const std::string& value) { *text += '"' + EscapeLine(value) + '"'; }
void Print(std::string* text, bool value) { *text += value ? "true" : "false"; }
void Print(std::string* text, char value) { Print(text, std::string(1, value)); }
void Print(std::string* text, std::int64_t value) { *text += std::to_string(value); }
void Print(std::string* text, std::uint64_t value) { *text += std::to_string(value); }
void Print(std::string* text, CallTimer value) { *text += Name(value); }
void Print(std::string* text, UtteranceKind value) { *text += Name(value); }
void Print(std::string* text, SilenceKind value) { *text += Name(value); }
void Print(std::string* text, CallEnd value) { *text += Name(value); }
void Print(std::string* text, call_command::NoticeKind value) { *text += Name(value); }
void Print(std::string* text, Role value) { *text += At(kRoles, static_cast<std::size_t>(value)); }
void Print(std::string* text, call_event::ModelFinish value) {
  *text += At(kFinishes, static_cast<std::size_t>(value));
}
void Print(std::string* text, const call_event::WordTime& word) {
  *text += StrCat(word.text_begin, "-", word.text_end, "@", word.start_ms, "-", word.end_ms);
}
void Print(std::string* text, const ToolCall& call) {
  *text += StrCat(call.name, "#", call.id, "(", EscapeLine(call.arguments), ")");
}
template <typename T>
void Print(std::string* text, const std::vector<T>& values) {
  *text += '[';
  for (const T& value : values) {
    if (text->back() != '[') *text += ", ";
    Print(text, value);
  }
  *text += ']';
}

template <typename Body>
std::string PrintBody(std::string_view kind, const Body& body) {
  std::string text(kind);
  Fields<Body>::Visit(body, [&text](int, std::string_view name, const auto& value) {
    text += ' ';
    text += name;
    text += '=';
    Print(&text, value);
  });
  return text;
}

}  // namespace

std::string_view Name(CallTimer timer) {
  static constexpr std::array<std::string_view, kCallTimers> names = {
      "",        "greeting", "barge_in", "false_stop",     "speculate",  "flush",   "end_of_turn",
      "final",   "turn_cap", "no_words", "digits",         "model",      "tool",    "speech",
      "playout", "clear",    "filler",   "caller_silence", "call_limit", "goodbye", "close"};
  return At(names, static_cast<std::size_t>(timer));
}

std::string_view Name(UtteranceKind kind) {
  static constexpr std::array<std::string_view, 7> names = {
      "", "greeting", "reply", "filler", "prompt", "goodbye", "application"};
  return At(names, static_cast<std::size_t>(kind));
}

std::string_view Name(SilenceKind reason) {
  static constexpr std::array<std::string_view, 13> names = {"none",
                                                             "connecting",
                                                             "waiting_for_hello",
                                                             "caller_turn",
                                                             "caller_pausing",
                                                             "waiting_for_transcript",
                                                             "collecting_digits",
                                                             "model_thinking",
                                                             "tool_running",
                                                             "synthesizing",
                                                             "deciding_interruption",
                                                             "closing",
                                                             "ended"};
  return At(names, static_cast<std::size_t>(reason));
}

namespace call_command {
std::string_view Name(NoticeKind kind) {
  static constexpr std::array<std::string_view, 26> names = {"",
                                                             "turn_began",
                                                             "turn_ended",
                                                             "turn_withdrawn",
                                                             "backchannel",
                                                             "barge_in",
                                                             "stopped",
                                                             "false_interruption",
                                                             "echo",
                                                             "tool_running",
                                                             "tool_done",
                                                             "model_failed",
                                                             "speech_failed",
                                                             "reprompt",
                                                             "wrap_up",
                                                             "ending",
                                                             "loop",
                                                             "speculation_kept",
                                                             "speculation_dropped",
                                                             "ignored",
                                                             "speech_end",
                                                             "endpoint",
                                                             "model_asked",
                                                             "first_text",
                                                             "first_audio",
                                                             "heard"};
  return At(names, static_cast<std::size_t>(kind));
}
}  // namespace call_command

std::string_view EventKindName(std::size_t index) { return At(kEvents, index); }
std::string_view CommandKindName(std::size_t index) { return At(kCommands, index); }

std::string_view Name(const CallEvent& event) { return EventKindName(event.body.index()); }
std::string_view Name(const CallCommand& command) { return CommandKindName(command.index()); }

std::string ToString(const CallEvent& event) {
  return std::visit([&](const auto& body) { return PrintBody(Name(event), body); }, event.body);
}
std::string ToString(const CallCommand& command) {
  return std::visit([&](const auto& body) { return PrintBody(Name(command), body); }, command);
}

}  // namespace dragoman
