// When each timer is armed, and why nobody speaks: functions of the state, worked out after each
// step, so that no transition can forget one.
#include <algorithm>

#include "src/agent/call_core.h"
#include "src/agent/call_give.h"

namespace dragoman {
namespace {

constexpr std::int64_t kMsUs = 1000;
constexpr std::int64_t kClearUs = 1'000'000;

std::int64_t Us(std::chrono::milliseconds duration) { return duration.count() * kMsUs; }

}  // namespace

const std::vector<TimerRow>& CallTimerRows() {
  static const std::vector<TimerRow> rows = {
      {CallTimer::kGreeting, "line opening, floor free", "start of the call + hello_wait"},
      {CallTimer::kBargeIn, "playout speaking, first utterance interruptible, user speaking",
       "onset of the sound + interrupt_after"},
      {CallTimer::kFalseStop, "playout stopped, no sound",
       "later of the stop and the end of the sound, + false_stop"},
      {CallTimer::kSpeculate,
       "user pausing, words look finished and were not tried, line up, nothing said or run",
       "end of the sound + speculate_after"},
      {CallTimer::kFlush, "user pausing, transcript not asked for", "end_of_turn - flush_lead"},
      {CallTimer::kEndOfTurn, "user pausing", "end of the sound + the silence the words need"},
      {CallTimer::kFinal, "user final", "entry + final_deadline"},
      {CallTimer::kTurnCap, "user speaking or pausing", "start of the turn + max_turn"},
      {CallTimer::kNoWords, "user speaking", "last new words or onset + no_words"},
      {CallTimer::kDigits, "user keys", "last key + digits_pause"},
      {CallTimer::kModel, "a reply's stream is open",
       "asked + first_text; last text + between_texts"},
      {CallTimer::kTool, "tool running", "start + tool_deadline"},
      {CallTimer::kSpeech, "playout speaking, audio of an utterance is awaited",
       "asked + first_audio; last audio + between_audio"},
      {CallTimer::kPlayout, "playout speaking, all audio of the first utterance was made",
       "when it should have been heard + playout_slack"},
      {CallTimer::kClear, "playout clearing", "entry + 1 s"},
      {CallTimer::kFiller, "line up, reply thinking, tools or waiting, playout silent, floor free",
       "words owed since + filler_after, then filler_again"},
      {CallTimer::kCallerSilence, "line up, everything else idle, user quiet or noise",
       "earlier of the next reprompt and caller_silence_end"},
      {CallTimer::kCallLimit, "line opening or up", "limit - wrap_up_before, then limit"},
      {CallTimer::kGoodbye, "line ending", "entry + goodbye_limit + what is left to say"},
      {CallTimer::kClose, "line closing, not closed", "entry + close_limit"},
  };
  return rows;
}

std::int64_t CallCore::DueAt(CallTimer timer) const {
  switch (timer) {
    case CallTimer::kGreeting:
      return line() == LineState::kOpening && !FloorHeld() ? s.started_us + Us(options_.hello_wait)
                                                           : -1;
    case CallTimer::kBargeIn:
      if (playout() != PlayoutState::kSpeaking || user() != UserState::kSpeaking) return -1;
      if (s.open.empty() || !Interruptible(s.open.front())) return -1;
      return s.sound_us + Us(options_.interrupt_after);
    case CallTimer::kFalseStop:
      if (playout() != PlayoutState::kStopped || s.sound_on) return -1;
      return std::max(s.stopped_us, s.quiet_us) + Us(options_.false_stop);
    case CallTimer::kSpeculate:
      if (!options_.speculate || user() != UserState::kPausing || line() != LineState::kUp) {
        return -1;
      }
      if (reply() != ReplyState::kIdle || playout() != PlayoutState::kSilent ||
          tool() != ToolState::kIdle || s.complete < options_.finished_per_mille || s.hesitates ||
          s.text.empty() || s.text == s.speculated || !s.digits.empty()) {
        return -1;
      }
      return s.quiet_us + Us(options_.speculate_after);
    case CallTimer::kFlush:
      if (user() != UserState::kPausing || s.flushed) return -1;
      return s.quiet_us + EndSilenceMs() * kMsUs - Us(options_.flush_lead);
    case CallTimer::kEndOfTurn:
      return user() == UserState::kPausing ? s.quiet_us + EndSilenceMs() * kMsUs : -1;
    case CallTimer::kFinal:
      return user() == UserState::kFinal ? s.final_us + Us(options_.final_deadline) : -1;
    case CallTimer::kTurnCap:
      return user() == UserState::kSpeaking || user() == UserState::kPausing
                 ? s.turn_began_us + Us(options_.max_turn)
                 : -1;
    case CallTimer::kNoWords:
      return user() == UserState::kSpeaking ? s.words_us + Us(options_.no_words) : -1;
    case CallTimer::kDigits:
      return user() == UserState::kKeys ? s.digit_us + Us(options_.digits_pause) : -1;
    case CallTimer::kModel:
      if (!s.stream_open) return -1;
      return s.model_us +
             Us(s.had_text || !s.calls.empty() ? options_.between_texts : options_.first_text);
    case CallTimer::kTool:
      return tool() == ToolState::kRunning ? s.run_us + Us(options_.tool_deadline) : -1;
    case CallTimer::kSpeech:
      if (playout() != PlayoutState::kSpeaking) return -1;
      for (const Utterance& one : s.open) {
        if (one.ended) continue;
        return one.alive_us + Us(one.started ? options_.between_audio : options_.first_audio);
      }
      return -1;
    case CallTimer::kPlayout:
      if (playout() != PlayoutState::kSpeaking || s.open.empty() || !s.open.front().ended) {
        return -1;
      }
      return s.position_us +
             std::max<std::int64_t>(
                 s.open.front().start_ms + s.open.front().queued_ms - s.position_ms, 0) *
                 kMsUs +
             Us(options_.playout_slack);
    case CallTimer::kClear:
      return playout() == PlayoutState::kClearing ? s.cleared_us + kClearUs : -1;
    case CallTimer::kFiller:
      return FillerDue();
    case CallTimer::kCallerSilence:
      return CallerSilenceDue();
    case CallTimer::kCallLimit:
      if (line() != LineState::kOpening && line() != LineState::kUp) return -1;
      return s.wrapped_up || options_.wrap_up_before.count() == 0
                 ? s.limit_us
                 : s.limit_us - Us(options_.wrap_up_before);
    case CallTimer::kGoodbye:
      return line() == LineState::kEnding ? s.ending_us + s.goodbye_ms * kMsUs : -1;
    case CallTimer::kClose:
      return line() == LineState::kClosing && !s.closed ? s.closing_us + Us(options_.close_limit)
                                                        : -1;
  }
  return -1;
}

std::int64_t CallCore::FillerDue() const {
  const bool owes = reply() == ReplyState::kThinking || reply() == ReplyState::kTools ||
                    reply() == ReplyState::kWaiting;
  if (!owes || line() != LineState::kUp || options_.fillers.empty()) return -1;
  if (playout() != PlayoutState::kSilent || !s.queue.empty() || FloorHeld()) return -1;
  return s.owed_us + Us(s.fillers == 0 ? options_.filler_after : options_.filler_again);
}

std::int64_t CallCore::CallerSilenceDue() const {
  if (line() != LineState::kUp || reply() != ReplyState::kIdle ||
      playout() != PlayoutState::kSilent || tool() != ToolState::kIdle || !s.queue.empty()) {
    return -1;
  }
  if (user() != UserState::kQuiet && user() != UserState::kNoise) return -1;
  const std::int64_t end = s.caller_us + Us(options_.caller_silence_end);
  if (s.reprompts >= static_cast<int>(options_.reprompts.size())) return end;
  return std::min(end, s.prompt_us + Us(options_.caller_silence));
}

// Timers that are put off are left running: they are set anew when they fire.
void CallCore::UpdateTimers() {
  for (int index = 1; index < kCallTimers; ++index) {
    const auto timer = static_cast<CallTimer>(index);
    std::int64_t& armed = s.armed[static_cast<std::size_t>(index)];
    const std::int64_t due = tables_->no_timer[static_cast<std::size_t>(index)] ? -1 : DueAt(timer);
    if (due < 0) {
      if (armed != 0) Give(call_command::StopTimer{timer});
      armed = 0;
    } else if (armed == 0 || due + 1 < armed) {
      armed = std::max(due, s.now_us) + 1;
      Give(call_command::SetTimer{timer, armed - 1});
    }
  }
}

void CallCore::UpdateSilence() {
  const SilenceKind silence = CurrentSilence();
  if (silence == s.silence) return;
  s.silence = silence;
  Give(call_command::SilenceReason{silence});
}

SilenceKind CallCore::CurrentSilence() const {
  if (line() == LineState::kConnecting) return SilenceKind::kConnecting;
  if (line() == LineState::kClosing) return SilenceKind::kClosing;
  if (line() == LineState::kDown) return SilenceKind::kEnded;
  if (Audible() || user() == UserState::kSpeaking) return SilenceKind::kNone;
  if (playout() == PlayoutState::kSpeaking) return SilenceKind::kSynthesizing;
  if (playout() != PlayoutState::kSilent) return SilenceKind::kDecidingInterruption;
  switch (user()) {
    case UserState::kKeys:
      return SilenceKind::kCollectingDigits;
    case UserState::kPausing:
      return SilenceKind::kCallerPausing;
    case UserState::kFinal:
      return SilenceKind::kWaitingForTranscript;
    default:
      break;
  }
  if (line() == LineState::kOpening) return SilenceKind::kWaitingForHello;
  switch (reply()) {
    case ReplyState::kThinking:
    case ReplyState::kAhead:
      return SilenceKind::kModelThinking;
    case ReplyState::kTools:
    case ReplyState::kWaiting:
      return SilenceKind::kToolRunning;
    default:
      return SilenceKind::kCallerTurn;
  }
}

}  // namespace dragoman
