// What enters the history: the caller's turns, the agent's words as far as they were heard.
#include <algorithm>
#include <utility>

#include "src/agent/call_core.h"
#include "src/agent/call_give.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

constexpr int kLoopWords = 3;  // shorter turns ("yes") are repeated by sane people

void AddField(std::string* bytes, std::string_view field) {
  *bytes += std::to_string(field.size());
  *bytes += ':';
  *bytes += field;
}

}  // namespace

std::string ContextBytes(const call_command::AppendHistory& entry) {
  std::string bytes = "+";
  bytes += std::to_string(static_cast<int>(entry.role));
  AddField(&bytes, entry.text);
  for (const ToolCall& call : entry.tool_calls) {
    AddField(&bytes, call.id);
    AddField(&bytes, call.name);
    AddField(&bytes, call.arguments);
  }
  AddField(&bytes, entry.tool_call_id);
  bytes += entry.tool_failed ? '!' : '.';
  return bytes;
}

std::string ContextBytes(const call_command::AmendHistory& change) {
  std::string bytes = "=";
  AddField(&bytes, std::to_string(change.entry));
  AddField(&bytes, change.text);
  bytes += change.tool_failed ? '!' : '.';
  return bytes;
}

void CallCore::AppendEntry(call_command::AppendHistory entry) {
  ++s.entries;
  ++s.context_version;
  s.context_digest = Fnv1a(s.context_digest, ContextBytes(entry));
  s.last_role = entry.role;
  if (entry.role == Role::kUser) s.last_user_text = entry.text;
  Give(std::move(entry));
}

void CallCore::AmendEntry(std::int64_t entry, std::string text, bool failed) {
  call_command::AmendHistory change{entry, std::move(text), failed};
  ++s.context_version;
  s.context_digest = Fnv1a(s.context_digest, ContextBytes(change));
  Give(std::move(change));
}

// Two turns with nothing heard between them are one.
void CallCore::AppendUser(std::string text) {
  if (text.empty()) return;
  if (CallsOutstanding()) {
    s.kept_turn = JoinText(s.kept_turn, text);
    return;
  }
  FlushVoices();
  if (s.entries > 0 && s.last_role == Role::kUser) {
    s.last_user_text = JoinText(s.last_user_text, text);
    AmendEntry(s.entries - 1, s.last_user_text, false);
    return;
  }
  AppendEntry({.role = Role::kUser, .text = std::move(text)});
}

Voice* CallCore::FindVoice(std::int64_t id) {
  for (Voice& voice : s.voices) {
    if (voice.id == id) return &voice;
  }
  return nullptr;
}

bool CallCore::VoiceInUse(std::int64_t id) const {
  auto is_of = [id](const auto& one) { return one.voice == id; };
  return std::any_of(s.open.begin(), s.open.end(), is_of) ||
         std::any_of(s.queue.begin(), s.queue.end(), is_of);
}

void CallCore::FlushVoices(std::int64_t except) {
  CloseVoices();
  for (Voice& voice : s.voices) {
    const bool begun = !voice.heard.empty() ||
                       std::any_of(s.open.begin(), s.open.end(),
                                   [&](const Utterance& one) { return one.voice == voice.id; });
    if (!begun || voice.entry >= 0 || voice.id == except) continue;
    if (voice.kind == UtteranceKind::kFiller) continue;
    voice.entry = s.entries;
    voice.entry_text = voice.planned;
    AppendEntry({.role = Role::kAssistant,
                 .text = voice.planned,
                 .reply = voice.reply,
                 .provisional = true});
  }
}

void CallCore::CloseVoices() {
  for (std::size_t i = 0; i < s.voices.size();) {
    // A call and its result stand together: what was heard meanwhile enters behind them.
    const bool waits = s.voices[i].entry < 0 && CallsOutstanding();
    if (s.voices[i].open || waits || VoiceInUse(s.voices[i].id)) {
      ++i;
      continue;
    }
    Voice voice = std::move(s.voices[i]);
    s.voices.erase(s.voices.begin() + static_cast<std::ptrdiff_t>(i));
    if (voice.kind == UtteranceKind::kFiller) continue;
    if (voice.entry >= 0) {
      if (voice.heard != voice.entry_text) AmendEntry(voice.entry, voice.heard, false);
    } else if (!voice.heard.empty()) {
      AppendEntry({.role = Role::kAssistant, .text = voice.heard, .reply = voice.reply});
    }
  }
}

// Whether the same words were said `loop_repeats` times among the last ones of that side.
bool CallCore::Repeats(std::string_view text, bool caller) {
  const std::string words = WordsOf(text);
  if (words.empty() || (caller && CountWords(words) < kLoopWords)) return false;
  const std::uint64_t hash = Fnv1a(kFnvBasis, words);
  auto& ring = caller ? s.caller_said : s.agent_said;
  std::uint32_t& next = caller ? s.caller_next : s.agent_next;
  ring[next % ring.size()] = hash;
  ++next;
  return std::count(ring.begin(), ring.end(), hash) >= options_.loop_repeats;
}

}  // namespace dragoman
