// Which states of a machine in its world count as one: docs/call-machine.md gives the reasons.
#include <algorithm>
#include <chrono>
#include <initializer_list>

#include "src/agent/call_text.h"
#include "src/agent/call_world.h"

namespace dragoman {
namespace {

class StateHash {
 public:
  void Add(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15u;
    hash_ ^= hash_ >> 29;
  }
  void Add(std::string_view text) { Add(Fnv1a(kFnvBasis, text)); }
  void AddFlags(std::initializer_list<bool> bits) {
    std::uint64_t word = 1;
    for (bool bit : bits) word = word << 1 | (bit ? 1 : 0);
    Add(word);
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = kFnvBasis;
};

std::size_t VoiceIndex(const CallState& s, std::int64_t id) {
  for (std::size_t i = 0; i < s.voices.size(); ++i) {
    if (s.voices[i].id == id) return i + 1;
  }
  return 0;
}

std::uint64_t HeardClass(const CallState& s, const Utterance& one) {
  if (!one.started || s.position_ms <= one.start_ms) return 0;
  return s.position_ms - one.start_ms < one.queued_ms ? 1 : 2;
}

// Greetings, prompts and goodbyes differ in nothing but their words; words count by their number.
std::uint64_t Words(UtteranceKind kind, int attempts, std::string_view text) {
  const bool special = kind == UtteranceKind::kReply || kind == UtteranceKind::kFiller ||
                       kind == UtteranceKind::kApplication;
  return (special ? static_cast<std::uint64_t>(kind) : 0) << 16 |
         static_cast<std::uint64_t>(attempts) << 8 |
         static_cast<std::uint64_t>(std::min(CountWords(WordsOf(text)), 2));
}

void AddUser(const CallState& s, StateHash* hash) {
  const auto user = static_cast<UserState>(s.states[static_cast<std::size_t>(Region::kUser)]);
  hash->AddFlags({s.sound_on, s.turn_open, s.capped, s.flushed, s.hesitates, s.held_capped,
                  !s.held_turn.empty(), !s.kept_turn.empty(),
                  user == UserState::kPausing && s.speculated == s.text,
                  s.stale_flushes > 0 && s.now_us < s.stale_until_us,
                  s.stale_flushes > 1 && s.now_us < s.stale_until_us});
  hash->Add(s.text);
  hash->Add(s.digits);
  hash->Add(static_cast<std::uint64_t>(std::min<std::int64_t>(s.flushes, 2)) << 8 |
            std::min<std::size_t>(s.segments.size(), 2));
}

void AddPlayout(const CallState& s, StateHash* hash) {
  hash->AddFlags({s.confirmed, s.resume});
  hash->Add(static_cast<std::uint64_t>(s.speech_failures));
  for (const Utterance& one : s.open) {
    hash->Add(Words(one.kind, one.attempts, one.text));
    hash->Add(VoiceIndex(s, one.voice) << 4 | HeardClass(s, one));
    hash->AddFlags({one.interruptible, one.started, one.ended, one.failed, one.cancelled,
                    one.answers, s.first_reply > s.last_reply});
  }
  hash->Add(std::uint64_t{77});
  for (const Chunk& one : s.queue) {
    hash->Add(Words(one.kind, one.attempts, one.text));
    hash->Add(VoiceIndex(s, one.voice));
    hash->AddFlags({one.interruptible, one.answers, one.stays});
  }
  hash->Add(std::uint64_t{78});
  for (const Voice& one : s.voices) {
    hash->Add(Words(one.kind, 0, {}));
    hash->AddFlags({one.open, one.entry >= 0});
  }
}

void AddReply(const CallState& s, StateHash* hash) {
  const auto reply = static_cast<ReplyState>(s.states[static_cast<std::size_t>(Region::kReply)]);
  const bool live = reply == ReplyState::kAhead || reply == ReplyState::kThinking;
  const bool calls = live || reply == ReplyState::kTools || s.run != 0 ||
                     (s.recorded && s.next_call < s.calls.size());
  hash->AddFlags({s.owes_answer, s.stream_open, live && s.had_text, live && s.reply_done, s.insist,
                  calls && s.recorded, calls && s.abandon, !s.goodbye.empty(), s.run != 0});
  if (reply == ReplyState::kAhead) hash->Add(s.asked_text);
  hash->Add(s.tail);
  hash->Add(static_cast<std::uint64_t>(s.attempts) << 24 |
            static_cast<std::uint64_t>(s.failures) << 16 |
            static_cast<std::uint64_t>(s.rounds) << 8 | VoiceIndex(s, s.voice));
  if (live && s.reply_done) hash->Add(static_cast<std::uint64_t>(s.finish));
  if (!calls) return;
  hash->Add(s.next_call);
  for (const ToolCall& call : s.calls) hash->Add(call.name);
}

}  // namespace

std::uint64_t CallExplorer::Digest() const {
  const CallState& s = core_.s;
  if (audit_.finished) return 1;
  StateHash hash;
  for (std::uint8_t state : s.states) hash.Add(std::uint64_t{state});
  hash.AddFlags({s.closed, s.hung_up, s.cut, s.end_known});
  AddUser(s, &hash);
  AddPlayout(s, &hash);
  AddReply(s, &hash);
  std::uint64_t armed = 0;
  for (std::size_t i = 0; i < s.armed.size(); ++i) armed |= std::uint64_t{s.armed[i] != 0} << i;
  hash.Add(armed);
  const std::int64_t silence_us =
      std::chrono::microseconds(core_.options().caller_silence_end).count();
  const bool silence_over = s.armed[static_cast<std::size_t>(CallTimer::kCallerSilence)] != 0 &&
                            s.now_us >= s.caller_us + silence_us;
  hash.Add(static_cast<std::uint64_t>(s.reprompts));
  hash.AddFlags({silence_over, world_.sound, world_.closed_one, audit_.line_up, audit_.clearing,
                 world_.position_ms < world_.sent_ms});
  hash.Add(std::uint64_t{world_.said} << 16 | std::uint64_t{world_.texts} << 8 | world_.calls);
  hash.Add(static_cast<std::uint64_t>(std::min(audit_.flushes, 2)) << 8 |
           static_cast<std::uint64_t>(std::min<std::int64_t>(audit_.last_reply, 2)));
  hash.Add(promises_.Digest(audit_));
  return hash.value();
}

}  // namespace dragoman
