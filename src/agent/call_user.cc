// The caller's turn: sounds, words, pauses, keys.
#include <algorithm>
#include <utility>

#include "dragoman/speech/turn_detector.h"
#include "src/agent/call_core.h"
#include "src/agent/call_give.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

using call_command::NoticeKind;

constexpr std::size_t kMaxTurnBytes = 8192;   // far beyond a minute of speech
constexpr std::int64_t kStaleUs = 2'000'000;  // how long a late final of an old turn is expected
constexpr std::int64_t kEchoUs = 2'000'000;   // how long the line may send our words back
constexpr int kEchoWords = 4;                 // fewer may be the caller repeating them

const call_event::Final* AsFinal(const CallEvent* event) {
  return std::get_if<call_event::Final>(&event->body);
}

}  // namespace

bool CallCore::UserHolds(Guard guard) const {
  switch (guard) {
    case Guard::kWordsInEvent:
    case Guard::kWordsInEventAndSound: {
      if (guard == Guard::kWordsInEventAndSound && !s.sound_on) return false;
      // In keys a transcript of what was said before them does not end the waiting for more keys.
      const bool keys = user() == UserState::kKeys;
      if (const auto* final = AsFinal(event_)) {
        return HasWords(final->text) && !StaleFinal(*final) && !(keys && final->text == s.partial);
      }
      const auto* partial = std::get_if<call_event::Partial>(&event_->body);
      return partial && HasWords(partial->text) &&
             !(s.stale_flushes > 0 && s.now_us < s.stale_until_us);
    }
    case Guard::kHasText:
      return HasTurnText();
    case Guard::kTranscriptClosed:
      return s.flushed && s.flushes == 0;
    case Guard::kAnswersFlush:
    case Guard::kAnswersFlushInNoise: {
      const auto* final = AsFinal(event_);
      return final && final->from_flush && s.flushes <= 1 && !AnswersOldFlush(*final) &&
             (guard == Guard::kAnswersFlush || s.sound_on);
    }
    case Guard::kSoundOn:
      return s.sound_on;
    case Guard::kEndsKeys:
    case Guard::kEndsKeysInNoise: {
      const auto* key = std::get_if<call_event::Dtmf>(&event_->body);
      return key && (guard == Guard::kEndsKeys || s.sound_on) &&
             (key->digit == '#' || static_cast<int>(s.digits.size()) + 1 >= options_.max_digits);
    }
    default:
      return false;
  }
}

void CallCore::DoUser(Action action) {
  switch (action) {
    case Action::kBeginTurn:
      if (s.turn_open) return;
      s.turn_open = true;
      s.turn_began_us = s.words_us = s.now_us;
      Tell(NoticeKind::kTurnBegan, s.turn + 1);
      return;
    case Action::kSoundStarts:
      return SoundStarts();
    case Action::kSoundStops:
      return SoundStops();
    case Action::kPauseNow:
      s.quiet_us = s.now_us;
      return;
    case Action::kTakePartial:
      return TakePartial();
    case Action::kTakeFinal:
      return TakeFinal();
    case Action::kDropFinal:
      if (const auto* final = AsFinal(event_); final && final->from_flush) {
        std::int64_t& owed = AnswersOldFlush(*final) ? s.stale_flushes : s.flushes;
        owed = std::max<std::int64_t>(0, owed - 1);
      }
      return;
    case Action::kTakeEstimate: {
      const auto& estimate = std::get<call_event::TurnEstimated>(event_->body);
      if (estimate.request != s.estimate_request || s.text.empty()) return;
      const std::int64_t model = std::clamp<std::int64_t>(estimate.complete_per_mille, 0, 1000);
      // The model hears what the words do not say: it counts twice.
      s.complete = (EstimateCompleteness(s.text) + 2 * model) / 3;
      s.hesitates = s.hesitates && model < 500;
      return;
    }
    case Action::kTakeDigit:
      return TakeDigit();
    case Action::kTrySpeculation:
      s.speculated = s.text;
      Raise(Trigger::kSpeculate);
      return;
    case Action::kFlush:
      s.final_us = s.now_us;
      if (s.flushed) return;
      s.flushed = true;
      ++s.flushes;
      Give(call_command::FlushRecognizer{});
      return;
    case Action::kFinalOverdue:
      s.stale_flushes = s.flushes;
      s.stale_until_us = s.now_us + kStaleUs;
      s.flushes = 0;
      return;
    case Action::kMarkCapped:
      s.capped = true;
      return;
    case Action::kWithdrawNoise:
      return Withdraw("noise");
    case Action::kCloseTurn:
      return CloseTurn();
    case Action::kKeepWords:
      if (HasTurnText()) {
        s.held_turn = JoinText(s.held_turn, TurnText());
        AppendUser(std::exchange(s.held_turn, {}));
      }
      s.sound_on = false;
      ForgetTurn();
      return;
    default:
      return;
  }
}

void CallCore::SoundStarts() {
  const auto* started = std::get_if<call_event::SpeechStarted>(&event_->body);
  if (!started) return;
  const std::int64_t lag = std::clamp<std::int64_t>(started->lag_ms, 0, 1000) * 1000;
  s.sound_on = true;
  s.sound_us = std::max<std::int64_t>(0, s.now_us - lag);
  s.words_us = s.now_us;
  s.flushed = false;  // there is more to transcribe
  s.audio_ms = std::max(s.audio_ms, started->audio_ms);
}

void CallCore::SoundStops() {
  const auto* stopped = std::get_if<call_event::SpeechStopped>(&event_->body);
  if (!stopped) return;
  const std::int64_t lag = std::clamp<std::int64_t>(stopped->lag_ms, 0, 1000) * 1000;
  s.sound_on = false;
  s.quiet_us = std::max<std::int64_t>(0, s.now_us - lag);
  s.audio_ms = std::max(s.audio_ms, stopped->audio_ms);
  if (!s.text.empty()) Give(call_command::EstimateTurn{++s.estimate_request, s.text});
}

void CallCore::TakePartial() {
  const auto& partial = std::get<call_event::Partial>(event_->body);
  if (s.stale_flushes > 0 && s.now_us < s.stale_until_us) return;  // of the turn before
  if (partial.text == s.partial) return;
  s.partial = Prefix(partial.text, kMaxTurnBytes);
  s.flushed = false;
  WordsChanged();
}

// Flushes are answered in their order: first those of turns that did not wait.
bool CallCore::AnswersOldFlush(const call_event::Final& event) const {
  return event.from_flush && s.stale_flushes > 0 && s.now_us < s.stale_until_us;
}

// The final holds nothing but words of an earlier turn.
bool CallCore::StaleFinal(const call_event::Final& event) const {
  const bool expected = AnswersOldFlush(event);
  if (!HasWords(event.text)) return expected;
  if (event.audio_end_ms > 0 && event.audio_end_ms <= s.committed_ms) return true;
  return expected && s.flushes == 0;
}

void CallCore::TakeFinal() {
  const auto& final = std::get<call_event::Final>(event_->body);
  const bool stale = StaleFinal(final);
  if (final.from_flush) {
    std::int64_t& owed = AnswersOldFlush(final) ? s.stale_flushes : s.flushes;
    owed = std::max<std::int64_t>(0, owed - 1);
  }
  if (stale) return;
  if (s.partial.empty() && !HasWords(final.text)) return;
  s.partial.clear();
  if (HasWords(final.text) && s.text.size() < kMaxTurnBytes) {
    s.segments.emplace_back(Prefix(final.text, kMaxTurnBytes));
  }
  s.audio_ms = std::max(s.audio_ms, final.audio_end_ms);
  WordsChanged();
}

void CallCore::TakeDigit() {
  const char digit = std::get<call_event::Dtmf>(event_->body).digit;
  const bool known = (digit >= '0' && digit <= '9') || digit == '*' || digit == '#' ||
                     (digit >= 'A' && digit <= 'D');
  const bool ends = digit == '#' && !s.digits.empty();
  if (known && !ends && static_cast<int>(s.digits.size()) < options_.max_digits) {
    s.digits += digit;
  }
  s.digit_us = s.now_us;
  Raise(Trigger::kWords);
}

// The transcript of the turn is another one than before.
void CallCore::WordsChanged() {
  std::string text;
  for (const std::string& segment : s.segments) text = JoinText(text, segment);
  text = JoinText(text, s.partial);
  if (text == s.text) return;
  s.text = std::move(text);
  s.words_us = s.now_us;
  s.complete = EstimateCompleteness(s.text);
  s.hesitates = EndsInHesitation(s.text);
  s.murmurs = IsBackchannel(s.text);
  ++s.estimate_request;  // an estimate under way is about other words
  Raise(Trigger::kTextChanged);
  const std::string words = WordsOf(s.text);
  if (words.empty()) return;
  if (IsEcho(words)) {
    if (!s.echo_noticed) Tell(NoticeKind::kEcho, 0, s.text);
    s.echo_noticed = true;
    return;
  }
  if (s.murmurs && AgentHasTurn()) return;
  Raise(Trigger::kWords);
}

std::string CallCore::TurnText() const {
  if (s.digits.empty()) return s.text;
  return JoinText(s.text, "dtmf: " + s.digits);
}

void CallCore::CloseTurn() {
  const std::string text = TurnText();
  if (text.empty()) return Withdraw("no words");
  if (s.digits.empty()) {
    if (IsEcho(WordsOf(s.text))) return Withdraw("echo");
    if (s.murmurs && AgentHasTurn() && !NearlyDone()) {
      Tell(NoticeKind::kBackchannel, 0, s.text);
      return Withdraw("backchannel");
    }
  }
  ++s.turn;
  const std::int64_t spoken_until =
      s.sound_on ? s.now_us : (s.digits.empty() ? s.quiet_us : s.digit_us);
  TellAt(NoticeKind::kMarkSpeechEnd, spoken_until, s.turn);
  Tell(NoticeKind::kMarkEndpoint, s.turn);
  Tell(NoticeKind::kTurnEnded, s.turn, text);
  s.held_turn = JoinText(s.held_turn, text);
  s.held_capped = s.held_capped || s.capped;
  s.committed_ms = s.audio_ms;
  // A filler is due `filler_after` from the end of the speech, but never at once.
  const std::int64_t filler_us = Ms(options_.filler_after).count() * 1000;
  s.owed_us = std::max(spoken_until, s.now_us - filler_us / 2);
  s.fillers = 0;
  s.reprompts = 0;
  s.mark_text = s.mark_audio = s.mark_heard = true;
  ForgetTurn();
  Raise(Trigger::kTurnDone);
}

void CallCore::Withdraw(std::string_view why) {
  Tell(NoticeKind::kTurnWithdrawn, 0, why);
  ForgetTurn();
  Raise(Trigger::kWithdrawn);
}

void CallCore::ForgetTurn() {
  s.turn_open = false;
  s.capped = false;
  s.echo_noticed = false;
  s.segments.clear();
  s.partial.clear();
  s.text.clear();
  s.speculated.clear();
  s.digits.clear();
  s.complete = 0;
  s.hesitates = false;
  s.murmurs = false;
  s.flushed = false;
}

// The agent hears itself: its own words come back in a row.
bool CallCore::IsEcho(std::string_view words) const {
  if (CountWords(words) < kEchoWords) return false;
  auto contains = [words](std::string_view said) {
    return (" " + WordsOf(said) + " ").find(" " + std::string(words) + " ") != std::string::npos;
  };
  for (const Utterance& one : s.open) {
    if (one.started && contains(one.text)) return true;
  }
  return s.now_us - s.last_said_us <= kEchoUs && contains(s.last_said);
}

bool CallCore::AgentHasTurn() const {
  return playout() != PlayoutState::kSilent || reply() == ReplyState::kThinking ||
         reply() == ReplyState::kTools || reply() == ReplyState::kWaiting ||
         reply() == ReplyState::kDelivering;
}

bool CallCore::NearlyDone() const {
  if (playout() == PlayoutState::kSilent || s.stream_open || reply() == ReplyState::kTools ||
      reply() == ReplyState::kWaiting) {
    return false;
  }
  return LeftToSayMs() <= options_.answer_margin.count();
}

// The caller is speaking, or is thought to be.
bool CallCore::FloorHeld() const {
  switch (user()) {
    case UserState::kSpeaking:
    case UserState::kKeys:
      return true;
    case UserState::kPausing:
    case UserState::kFinal:
      return HasTurnText();
    default:
      return false;
  }
}

std::int64_t CallCore::EndSilenceMs() const {
  const std::int64_t least = options_.min_end_silence.count();
  const std::int64_t most = options_.max_end_silence.count();
  if (s.text.empty() || (s.murmurs && AgentHasTurn())) return least;
  if (s.hesitates) return most;
  if (s.end_silence_ms > 0) return std::clamp(s.end_silence_ms, least, most);
  if (s.complete >= options_.finished_per_mille) return least;
  if (s.complete <= options_.unfinished_per_mille) return most;
  return options_.end_silence.count();
}

}  // namespace dragoman
