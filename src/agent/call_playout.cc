// The agent's voice: what waits, what is being said, what of it was heard.
#include <algorithm>
#include <utility>

#include "dragoman/core/text.h"
#include "src/agent/call_core.h"
#include "src/agent/call_give.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

using call_command::NoticeKind;

constexpr std::size_t kMaxOpen = 2;  // one is heard while the next is made
constexpr int kMaxAttempts = 2;      // syntheses of the same words
constexpr std::int64_t kMaxMs = 24 * 3600 * 1000;

}  // namespace

bool CallCore::PlayoutHolds(Guard guard) const {
  switch (guard) {
    case Guard::kMaySpeak:
      if (s.queue.empty() || s.open.size() >= kMaxOpen) return false;
      if (line() != LineState::kUp && line() != LineState::kEnding) return false;
      return !FloorHeld() || !s.queue.front().interruptible || line() == LineState::kEnding;
    case Guard::kFrontDone:
      return FrontDone();
    case Guard::kNothingOpen:
      return s.open.empty();
    case Guard::kInterruptible:
      return !s.open.empty() && Interruptible(s.open.front());
    case Guard::kConfirmed:
      return s.confirmed;
    case Guard::kResume:
      return s.resume;
    case Guard::kCut:
      return s.cut;
    default:
      return false;
  }
}

void CallCore::DoPlayout(Action action) {
  switch (action) {
    case Action::kSpeakNext:
      return SpeakNext();
    case Action::kNoteReplaced: {
      const auto& replaced = std::get<call_event::SpeechReplaced>(event_->body);
      Utterance* utterance = FindOpen(replaced.utterance);
      if (utterance && !utterance->started) utterance->text = replaced.text;
      return;
    }
    case Action::kNoteAudio:
      return NoteAudio(std::get<call_event::SpeechAudio>(event_->body));
    case Action::kNoteWords: {
      const auto& times = std::get<call_event::SpeechWords>(event_->body);
      Utterance* utterance = FindOpen(times.utterance);
      if (!utterance) return;
      for (const call_event::WordTime& word : times.words) {
        const call_event::WordTime before =
            utterance->words.empty() ? call_event::WordTime{} : utterance->words.back();
        const bool sound = word.text_begin >= before.text_end && word.text_end >= word.text_begin &&
                           word.text_end <= static_cast<std::int64_t>(utterance->text.size()) &&
                           word.end_ms >= before.end_ms;
        if (sound) utterance->words.push_back(word);
      }
      return;
    }
    case Action::kNoteSpeechEnd:
      return NoteSpeechEnd(std::get<call_event::SpeechEnd>(event_->body));
    case Action::kNotePosition: {
      const auto& playout = std::get<call_event::Playout>(event_->body);
      return NotePosition(playout.position_ms, playout.acknowledged);
    }
    case Action::kSettleFront:
      return SettleFront(false);
    case Action::kGiveUpOnPlayout:
      return SettleFront(true);
    case Action::kFallSilent:
      return FallSilent();
    case Action::kClear:
      return Clear();
    case Action::kStopForSound:
      Tell(NoticeKind::kStopped);
      return;
    case Action::kInterrupt:
      if (!s.confirmed) Tell(NoticeKind::kBargeIn, 0, TurnText());
      s.confirmed = true;
      s.resume = false;
      DropQueue();
      return;
    case Action::kDropSpeech:
      s.confirmed = true;
      s.resume = false;
      DropQueue();
      return;
    case Action::kDropWaiting:
      return DropQueue();
    case Action::kMarkResume:
      s.resume = true;
      return;
    case Action::kSettleCut:
      return SettleCut();
    case Action::kResume:
      s.resume = false;
      Tell(NoticeKind::kFalseInterruption);
      FallSilent();
      // An answer that was cut and dropped is asked for again.
      if (!s.turn_open && OwesAnswer()) Raise(Trigger::kWithdrawn);
      return;
    case Action::kFailSpeech:
      for (Utterance& utterance : s.open) {
        if (utterance.ended) continue;
        Give(call_command::CancelSpeech{utterance.id});
        FailUtterance(&utterance);
        return;
      }
      return;
    case Action::kSettleAll:
      return SettleAll();
    default:
      return;
  }
}

bool CallCore::Interruptible(const Utterance& utterance) const {
  return utterance.interruptible && line() == LineState::kUp;
}

Utterance* CallCore::FindOpen(UtteranceId id) {
  for (Utterance& one : s.open) {
    if (one.id == id) return &one;
  }
  return nullptr;
}

std::int64_t CallCore::HeardMs(const Utterance& utterance) const {
  if (!utterance.started) return 0;
  return std::clamp<std::int64_t>(s.position_ms - utterance.start_ms, 0, utterance.queued_ms);
}

bool CallCore::Audible() const {
  return !s.open.empty() && s.open.front().started &&
         HeardMs(s.open.front()) < s.open.front().queued_ms;
}

bool CallCore::FrontDone() const {
  if (s.open.empty() || !s.open.front().ended) return false;
  return HeardMs(s.open.front()) >= s.open.front().queued_ms;
}

std::int64_t CallCore::LeftToSayMs() const {
  std::int64_t left = 0;
  for (const Chunk& chunk : s.queue)
    left += static_cast<std::int64_t>(chunk.text.size()) * kMsPerChar;
  for (const Utterance& one : s.open) {
    if (one.ended) {
      left += one.queued_ms - HeardMs(one);
    } else {
      left += std::max<std::int64_t>(
          static_cast<std::int64_t>(one.text.size()) * kMsPerChar - HeardMs(one), kMsPerChar);
    }
  }
  if (Audible()) {
    left -= std::min<std::int64_t>((s.now_us - s.position_us) / 1000,
                                   s.open.front().queued_ms - HeardMs(s.open.front()));
  }
  return left;
}

std::int64_t CallCore::NewVoice(UtteranceKind kind, ReplyId reply) {
  s.voices.push_back({.id = ++s.last_voice, .kind = kind, .reply = reply});
  return s.last_voice;
}

// Long texts are said in pieces.
void CallCore::Queue(UtteranceKind kind, std::string_view text, bool interruptible) {
  if (!HasWords(text)) return;
  const ChunkRule rule{1, static_cast<std::size_t>(options_.max_chunk_chars)};
  const std::int64_t voice = NewVoice(kind, 0);
  s.voices.back().planned = Trim(text);
  while (!text.empty()) {
    const std::string_view piece =
        text.size() <= rule.max_chars ? text : text.substr(0, NextChunk(text, true, rule));
    text.remove_prefix(piece.size());
    if (!HasWords(piece)) continue;
    s.queue.push_back({.voice = voice,
                       .kind = kind,
                       .text = std::string(Trim(piece)),
                       .interruptible = interruptible,
                       .answers = Answers(kind)});
  }
}

void CallCore::SpeakNext() {
  if (s.queue.empty()) {
    s.broken = true;
    return;
  }
  Chunk chunk = std::move(s.queue.front());
  if (chunk.answers) s.owes_answer = false;
  s.queue.erase(s.queue.begin());
  const Voice* voice = FindVoice(chunk.voice);
  Utterance utterance{.id = ++s.last_utterance,
                      .voice = chunk.voice,
                      .kind = chunk.kind,
                      .text = std::move(chunk.text),
                      .interruptible = chunk.interruptible,
                      .attempts = chunk.attempts,
                      .answers = chunk.answers,
                      .alive_us = s.now_us};
  Give(call_command::Speak{utterance.id, utterance.kind, voice ? voice->reply : 0, utterance.text,
                           utterance.interruptible && line() == LineState::kUp});
  s.open.push_back(std::move(utterance));
}

void CallCore::NoteAudio(const call_event::SpeechAudio& audio) {
  Utterance* utterance = FindOpen(audio.utterance);
  if (!utterance) return;
  if (!utterance->started) {
    utterance->started = true;
    utterance->start_ms = std::clamp<std::int64_t>(audio.start_ms, 0, kMaxMs);
    // Nothing that is only sent now was heard, whatever was believed when reports were missing.
    s.position_ms = std::min(s.position_ms, utterance->start_ms);
    if (utterance == &s.open.front()) s.position_us = s.now_us;
    if (utterance->kind == UtteranceKind::kReply && s.mark_audio) {
      s.mark_audio = false;
      Tell(NoticeKind::kMarkFirstAudio, s.turn);
    }
  }
  utterance->queued_ms =
      std::max(utterance->queued_ms, std::clamp<std::int64_t>(audio.queued_ms, 0, kMaxMs));
  utterance->alive_us = s.now_us;
}

void CallCore::NoteSpeechEnd(const call_event::SpeechEnd& end) {
  Utterance* utterance = FindOpen(end.utterance);
  if (!utterance) return;
  if (utterance->started) {
    utterance->queued_ms =
        std::max(utterance->queued_ms, std::clamp<std::int64_t>(end.total_ms, 0, kMaxMs));
  }
  if (!end.ok) return FailUtterance(utterance);
  utterance->ended = true;
  s.speech_failures = 0;
  for (Utterance& one : s.open) {
    if (!one.ended) one.alive_us = s.now_us;  // the synthesizer turns to the next one
  }
}

void CallCore::FailUtterance(Utterance* utterance) {
  utterance->ended = true;
  utterance->failed = true;
  Tell(NoticeKind::kSpeechFailed, utterance->id);
  // What comes behind waits for the words that are still missing.
  for (std::size_t i = s.open.size(); i-- > 0;) {
    if (s.open[i].ended || s.open[i].started || s.open[i].id == utterance->id) continue;
    const Utterance later = std::move(s.open[i]);
    s.open.erase(s.open.begin() + static_cast<std::ptrdiff_t>(i));
    Give(call_command::CancelSpeech{later.id});
    std::vector<Chunk> whole;
    SettleOne(later, &whole);
    s.queue.insert(s.queue.begin(), std::make_move_iterator(whole.begin()),
                   std::make_move_iterator(whole.end()));
  }
  if (++s.speech_failures >= options_.speech_failures) Raise(Trigger::kVoiceless);
}

void CallCore::NotePosition(std::int64_t position_ms, bool acknowledged) {
  s.position_ms = std::max(s.position_ms, std::clamp<std::int64_t>(position_ms, 0, kMaxMs));
  s.position_us = s.now_us;
  s.acknowledged = acknowledged;
  if (s.mark_heard && !s.open.empty() && s.open.front().kind == UtteranceKind::kReply &&
      HeardMs(s.open.front()) > 0) {
    s.mark_heard = false;
    // Reports come every few hundred milliseconds; the first sound was heard so long before.
    TellAt(NoticeKind::kMarkHeard, s.now_us - HeardMs(s.open.front()) * 1000, s.turn);
  }
}

// The first utterance is over. `give_up`: nobody says that it was heard to its end.
void CallCore::SettleFront(bool give_up) {
  if (s.open.empty()) return;
  const Utterance front = std::move(s.open.front());
  s.open.erase(s.open.begin());
  std::vector<Chunk> rest;
  const bool again =
      front.failed && !give_up && front.attempts + 1 < kMaxAttempts && s.open.empty();
  SettleOne(front, again ? &rest : nullptr);
  if (give_up) s.position_ms = std::max(s.position_ms, front.start_ms + front.queued_ms);
  s.position_us = s.now_us;
  for (Chunk& chunk : rest) {
    ++chunk.attempts;
    s.queue.insert(s.queue.begin(), std::move(chunk));
  }
  CloseVoices();
}

void CallCore::SettleOne(const Utterance& utterance, std::vector<Chunk>* rest) {
  const std::int64_t heard_ms = HeardMs(utterance);
  const bool whole = utterance.ended && !utterance.failed && heard_ms >= utterance.queued_ms;
  const std::size_t bytes =
      whole ? utterance.text.size()
            : HeardBytes(utterance.text, utterance.words,
                         {heard_ms, utterance.ended && !utterance.failed ? utterance.queued_ms : 0,
                          utterance.queued_ms});
  const std::string_view text = utterance.text;
  const std::string_view heard = Trim(text.substr(0, bytes));
  const std::string_view unheard = Trim(text.substr(bytes));
  Give(call_command::Settled{utterance.id, utterance.kind, std::string(heard), std::string(unheard),
                             heard_ms, s.acknowledged});
  bool current = true;  // what is left of an answer to an earlier turn is not said any more
  if (Voice* voice = FindVoice(utterance.voice)) {
    voice->heard = JoinText(voice->heard, heard);
    current = voice->reply == 0 || voice->reply >= s.first_reply || !utterance.interruptible;
  }
  if (!heard.empty()) {
    s.last_said = utterance.text;
    s.last_said_us = s.now_us;
    if (utterance.kind == UtteranceKind::kReply) s.fillers = 0;
  }
  // Its answer was cut before it is known whether that was meant.
  if (rest && !current && utterance.answers && HasWords(unheard)) s.owes_answer = true;
  if (rest && current && HasWords(unheard) && utterance.kind != UtteranceKind::kFiller) {
    rest->push_back({.voice = utterance.voice,
                     .kind = utterance.kind,
                     .text = std::string(unheard),
                     .interruptible = utterance.interruptible,
                     .attempts = utterance.attempts,
                     .answers = utterance.answers});
  }
}

// Stops within the frame; what was heard is known with PlayoutCleared.
void CallCore::Clear() {
  Give(call_command::ClearPlayout{});
  for (Utterance& utterance : s.open) {
    if (utterance.ended) continue;
    Give(call_command::CancelSpeech{utterance.id});
    utterance.cancelled = true;
  }
  s.cleared_us = s.now_us;
}

void CallCore::SettleCut() {
  if (const auto* cleared = std::get_if<call_event::PlayoutCleared>(&event_->body)) {
    NotePosition(cleared->position_ms, cleared->acknowledged);
  }
  std::vector<Chunk> rest;
  for (const Utterance& utterance : s.open) {
    const bool keep = !s.confirmed || (!utterance.interruptible && line() == LineState::kUp);
    SettleOne(utterance, keep ? &rest : nullptr);
  }
  s.open.clear();
  s.queue.insert(s.queue.begin(), std::make_move_iterator(rest.begin()),
                 std::make_move_iterator(rest.end()));
  s.stopped_us = s.now_us;
  CloseVoices();
}

void CallCore::SettleAll() {
  s.queue.clear();
  for (const Utterance& utterance : s.open) {
    if (!utterance.ended && !utterance.cancelled) {
      Give(call_command::CancelSpeech{utterance.id});
    }
    SettleOne(utterance, nullptr);
  }
  s.open.clear();
  CloseVoices();
}

// What was to be said and may be interrupted will not be; what the application wants said stays.
void CallCore::DropQueue() {
  std::erase_if(s.queue, [](const Chunk& chunk) {
    return chunk.interruptible && !chunk.stays && chunk.kind != UtteranceKind::kApplication;
  });
  CloseVoices();
}

void CallCore::FallSilent() {
  s.confirmed = false;
  s.owed_us = std::max(s.owed_us, s.now_us);
  s.prompt_us = s.now_us;
  if (s.reprompts == 0) s.caller_us = s.now_us;
}

}  // namespace dragoman
