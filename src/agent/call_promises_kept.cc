// What is looked at when a step has come to rest.
#include <algorithm>

#include "dragoman/core/status.h"
#include "dragoman/speech/turn_detector.h"
#include "src/agent/call_promises.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

using call_command::NoticeKind;

bool IsArmed(const CallAudit& audit, CallTimer timer) {
  return audit.armed[static_cast<std::size_t>(timer)] != 0;
}

// Whether `text` begins with a sentence that is long enough to be said alone.
bool SentenceIn(std::string_view text, const CallMachineOptions& options) {
  return NextChunk(text, false,
                   {static_cast<std::size_t>(options.min_chunk_chars),
                    static_cast<std::size_t>(options.max_chunk_chars)}) > 0;
}

}  // namespace

// A timer that fires does what it is for, unless its time was put off meanwhile.
std::string CallPromises::Fired(const CallAudit& audit) const {
  if (!step_.fired) return {};
  const CallTimer timer = *step_.fired;
  if (audit.armed[static_cast<std::size_t>(timer)] > step_.now_us + 1) return {};
  const bool turn_over = Told(NoticeKind::kTurnEnded) || Told(NoticeKind::kTurnWithdrawn);
  auto spoke = [this](UtteranceKind kind) {
    return (step_.spoke >> static_cast<int>(kind) & 1) != 0;
  };
  const bool done = [&] {
    switch (timer) {
      case CallTimer::kGreeting:
        return spoke(UtteranceKind::kGreeting) || Gave<call_command::AskModel>();
      case CallTimer::kBargeIn:
        return Gave<call_command::ClearPlayout>() && Told(NoticeKind::kStopped);
      case CallTimer::kFalseStop:
        return Told(NoticeKind::kFalseInterruption);
      case CallTimer::kSpeculate:
        return Gave<call_command::AskModel>();
      case CallTimer::kFlush:
        return Gave<call_command::FlushRecognizer>();
      case CallTimer::kEndOfTurn:
        if (flushed_ && audit.flushes == 0) return turn_over;  // its transcript is known
        [[fallthrough]];
      case CallTimer::kNoWords:
      case CallTimer::kTurnCap:
        return turn_over || (IsArmed(audit, CallTimer::kFinal) && (flushed_ || audit.flushes > 0));
      case CallTimer::kFinal:
      case CallTimer::kDigits:
        return turn_over;
      case CallTimer::kModel:
        return Gave<call_command::CancelModel>();
      case CallTimer::kTool:
        return Gave<call_command::AppendHistory>();
      case CallTimer::kSpeech:
        return Gave<call_command::CancelSpeech>();
      case CallTimer::kPlayout:
        return Gave<call_command::Settled>();
      case CallTimer::kClear:
        return Gave<call_command::Settled>() &&
               (cut_ || ending_ || step_.spoke != 0 || Told(NoticeKind::kFalseInterruption));
      case CallTimer::kFiller:
        return spoke(UtteranceKind::kFiller);
      case CallTimer::kCallerSilence:
        return Told(NoticeKind::kReprompt) || Told(NoticeKind::kEnding);
      case CallTimer::kCallLimit:
        return Told(NoticeKind::kWrapUp) ||
               (Told(NoticeKind::kEnding) && (audit.clearing || step_.over == 0));
      case CallTimer::kGoodbye:
        return audit.hung_up;
      case CallTimer::kClose:
        return audit.run != 0;  // else the call had finished
    }
    return true;
  }();
  return done ? "" : StrCat("timer ", Name(timer), " did nothing");
}

// What the caller says and does is taken for what it is.
std::string CallPromises::TurnIsTrue(const CallAudit& audit,
                                     const CallMachineOptions& options) const {
  if (audit.hung_up || audit.closed || !audit.line_up) return {};
  const bool over = Told(NoticeKind::kTurnEnded) || Told(NoticeKind::kTurnWithdrawn);
  if (step_.transcribed && !over) return "the transcript does not end the turn";
  if (step_.late_words && turn_open_) return "words of a turn that is over begin another";
  if (step_.all_digits && !Told(NoticeKind::kTurnEnded))
    return "the last key does not end the turn";
  if (step_.silence == SilenceKind::kCollectingDigits && !step_.new_words && !step_.fired &&
      audit.silence == SilenceKind::kCallerPausing) {
    return "keys are not waited for";
  }
  if (step_.new_words && step_.heard_words && audit.silence == SilenceKind::kCollectingDigits) {
    return "keys are waited for while the caller speaks";
  }
  if (step_.stopped && !stopped_ && !ending_ && !Told(NoticeKind::kBargeIn) &&
      !Told(NoticeKind::kFalseInterruption)) {
    return "nobody is told what the interruption was";
  }
  if (step_.stopped && stopped_ && !unsure_ &&
      ((step_.meant && step_.new_words) || Told(NoticeKind::kTurnEnded))) {
    return "words do not decide the interruption";
  }
  if (step_.stopped && stopped_ && !audit.clearing && Told(NoticeKind::kTurnWithdrawn)) {
    return "the agent stays silent for a sound that was nothing";
  }
  if (step_.meant && step_.new_words && !unsure_ && !ending_ && !insists_ && audit.run == 0 &&
      audit.unanswered_calls > 0) {
    return "a tool call waits though the caller wants something else";
  }
  const bool said = std::all_of(unspoken_.begin(), unspoken_.end(),
                                [](std::int64_t words) { return words == 0; });
  if (audit.silence == SilenceKind::kCallerPausing && options.speculate && digits_.empty() &&
      said && !doubted_ && !ending_ && audit.run == 0 && audit.model == 0 &&
      audit.speeches.empty() && !done_ahead_ && !unanswered_ && !asks_ &&
      audit.unanswered_calls == 0 && tried_ != Said() && !unsure_ && segments_.empty() &&
      EstimateCompleteness(Said()) >= options.finished_per_mille && !EndsInHesitation(Said()) &&
      !IsArmed(audit, CallTimer::kSpeculate)) {
    return "nobody thinks ahead";
  }
  return {};
}

// What must follow an event at once.
std::string CallPromises::Answered(const CallAudit& audit,
                                   const CallMachineOptions& options) const {
  auto is = [this](std::uint32_t bits) { return (step_.event & bits) != 0; };
  if (is(EventBit<call_event::MediaClosed>()) && audit.run == 0) return "the call does not finish";
  if (audit.closed && step_.result) return "the call does not finish";
  if (step_.result && !Gave<call_command::AppendHistory>()) {
    return "the tool's result is not in the history";
  }
  if (step_.late_result && !Gave<call_command::AmendHistory>()) {
    return "the late result is not in the history";
  }
  if (step_.stray && !Told(NoticeKind::kIgnored)) return "the stray result is not noticed";
  if (Gave<call_command::HangUp>() &&
      audit.armed[static_cast<std::size_t>(CallTimer::kClose)] - 1 <
          step_.now_us + std::chrono::microseconds(options.close_limit).count()) {
    return "the line is given too little time to close";
  }
  if (audit.hung_up || audit.closed) return {};
  if (step_.heard != 0 && !audit.speeches.empty() && audit.speeches.front().id == step_.heard) {
    return "what was heard to its end is not settled";
  }
  if (step_.hash && !Told(NoticeKind::kTurnEnded)) return "the last key does not end the turn";
  const bool spoke = step_.spoke != 0 || Gave<call_command::AskModel>();
  if (step_.outbound && spoke && options.hello_wait.count() > 0) return "the agent speaks first";
  if (Told(NoticeKind::kTurnEnded) && !began_ && !ending_) return "nobody answers the greeting";
  if (step_.ahead_fits && !Gave<call_command::CommitReply>()) {
    return "the reply that was asked ahead is thrown away";
  }
  if (ending_ && audit.model != 0) return "the model is asked while the call ends";
  const bool end = is(EventBit<call_event::EndCall>() | EventBit<call_event::RecognizerFailed>());
  if (end && !ending_) return "the call does not end";
  if (voice_failures_ >= options.speech_failures) return "the voice failed for good";
  if (is(EventBit<call_event::CallStarted>())) {
    const bool began = step_.spoke != 0 || Gave<call_command::AskModel>();
    if (!began && !IsArmed(audit, CallTimer::kGreeting)) return "nobody begins";
  }
  if (is(EventBit<call_event::Drain>()) && !ending_ &&
      audit.armed[static_cast<std::size_t>(CallTimer::kCallLimit)] - 1 >
          step_.now_us + std::chrono::microseconds(options.drain_limit).count()) {
    return "the call is not shortened";
  }
  const bool open = turn_open_ || Told(NoticeKind::kTurnEnded) || Told(NoticeKind::kTurnWithdrawn);
  if ((step_.new_words || is(EventBit<call_event::SpeechStarted>())) && !open) {
    return "the caller has no turn";
  }
  if (is(EventBit<call_event::SpeechStopped>()) && !unsure_ && turn_open_ &&
      HasWords(JoinText(segments_, partial_)) && !Gave<call_command::EstimateTurn>()) {
    return "nobody was asked about the pause";
  }
  if (step_.finished_words && audit.silence == SilenceKind::kCallerPausing && digits_.empty() &&
      audit.armed[static_cast<std::size_t>(CallTimer::kEndOfTurn)] - 1 >
          step_.now_us + std::chrono::microseconds(options.min_end_silence).count()) {
    return "the estimate does not count";
  }
  if ((step_.meant || Told(NoticeKind::kTurnEnded)) && step_.over != 0 && !unsure_ && !ending_ &&
      !audit.clearing && !audit.speeches.empty() && audit.speeches.front().id == step_.over) {
    return "the agent speaks on over the caller's words";
  }
  if (step_.meant && step_.over != 0 && !unsure_ && !ending_ && !Told(NoticeKind::kBargeIn)) {
    return "nobody is told that the agent was interrupted";
  }
  if (step_.model_done && !step_.model_failed && HasWords(reply_)) {
    const int repeats = options.loop_repeats;
    if (repeats_ + 1 >= repeats && !ending_) return "the same words again and again";
  }
  if (Gave<call_command::Settled>() && audit.silence == SilenceKind::kCallerTurn && prompts_ == 0 &&
      audit.armed[static_cast<std::size_t>(CallTimer::kCallerSilence)] != 0 &&
      audit.armed[static_cast<std::size_t>(CallTimer::kCallerSilence)] - 1 <
          step_.now_us + std::chrono::microseconds(options.caller_silence).count()) {
    return "the caller is given too little time";
  }
  const bool begins =
      Told(NoticeKind::kTurnBegan) || step_.silence == SilenceKind::kCollectingDigits;
  if (begins && audit.silence == SilenceKind::kCallerPausing &&
      is(EventBit<call_event::Partial>() | EventBit<call_event::Final>()) &&
      audit.armed[static_cast<std::size_t>(CallTimer::kEndOfTurn)] - 1 <
          step_.now_us + std::chrono::microseconds(options.min_end_silence).count()) {
    return "the caller is given too little time to pause";
  }
  if (step_.model_done && step_.model_failed && !Told(NoticeKind::kModelFailed)) {
    return "the failed reply is not noticed";
  }
  if (step_.model_done && !step_.model_failed) {
    if (step_.recorded != calls_) return "the reply's tool calls are not in the history";
    if (step_.expects && !Gave<call_command::UseExpectation>()) return "the expectation is lost";
  }
  return {};
}

// Beyond "something is armed": the timer that each situation is bounded by.
std::string CallPromises::Armed(const CallAudit& audit, const CallMachineOptions& options) const {
  auto missing = [](CallTimer timer) { return StrCat("timer ", Name(timer), " is not armed"); };
  auto armed = [&audit](CallTimer timer) { return IsArmed(audit, timer); };
  if (audit.closed) return {};
  const bool tool = audit.run != 0 && armed(CallTimer::kTool);
  if (audit.hung_up) return tool || armed(CallTimer::kClose) ? "" : missing(CallTimer::kClose);
  if (!armed(ending_ ? CallTimer::kGoodbye : CallTimer::kCallLimit)) {
    return missing(ending_ ? CallTimer::kGoodbye : CallTimer::kCallLimit);
  }
  if (audit.model != 0 && !armed(CallTimer::kModel)) return missing(CallTimer::kModel);
  if (audit.run != 0 && !armed(CallTimer::kTool)) return missing(CallTimer::kTool);
  if (audit.clearing) {
    if (!armed(CallTimer::kClear)) return missing(CallTimer::kClear);
    for (const CallAudit::Speech& one : audit.speeches) {
      if (!one.cancelled && !one.ended) return "what was cleared is still being made";
    }
  } else if (!audit.speeches.empty()) {
    const bool made = audit.speeches.back().ended || audit.speeches.back().cancelled;
    if (!made && !armed(CallTimer::kSpeech)) return missing(CallTimer::kSpeech);
    if (audit.speeches.front().ended && !armed(CallTimer::kPlayout)) {
      return missing(CallTimer::kPlayout);
    }
  }
  if ((step_.event & EventBit<call_event::SpeechStarted>()) != 0) {
    if (!armed(CallTimer::kNoWords)) return missing(CallTimer::kNoWords);
    const bool over = !audit.clearing && !audit.speeches.empty() && !ending_ &&
                      audit.speeches.front().interruptible;
    if (over && !armed(CallTimer::kBargeIn)) return missing(CallTimer::kBargeIn);
  }
  if (turn_open_ && !armed(CallTimer::kEndOfTurn) && !armed(CallTimer::kFinal) &&
      !armed(CallTimer::kDigits) && !armed(CallTimer::kNoWords)) {
    return "nothing ends the caller's turn";
  }
  if (turn_open_ && !armed(CallTimer::kTurnCap) && !armed(CallTimer::kFinal) &&
      !armed(CallTimer::kDigits)) {
    return missing(CallTimer::kTurnCap);
  }
  if (audit.silence == SilenceKind::kCallerPausing && !flushed_ && !armed(CallTimer::kFlush)) {
    return missing(CallTimer::kFlush);
  }
  const bool thinks =
      audit.silence == SilenceKind::kModelThinking || audit.silence == SilenceKind::kToolRunning;
  if (thinks && !audit.speculative && !ending_ && !options.fillers.empty() &&
      !armed(CallTimer::kFiller)) {
    return missing(CallTimer::kFiller);
  }
  return {};
}

std::string CallPromises::SilenceIsTrue(const CallAudit& audit,
                                        const CallMachineOptions& options) const {
  auto untrue = [&audit](std::string_view why) {
    return StrCat("silence \"", Name(audit.silence), "\", but ", why);
  };
  auto armed = [&audit](CallTimer timer) { return IsArmed(audit, timer); };
  if (audit.closed || audit.hung_up) {
    return audit.silence == SilenceKind::kClosing ? "" : untrue("the line is gone");
  }
  if ((step_.event & EventBit<call_event::SpeechStarted>()) != 0 &&
      audit.silence != SilenceKind::kNone) {
    return untrue("the caller speaks");
  }
  const bool calls_wait = audit.unanswered_calls > 0 && audit.run == 0;
  switch (audit.silence) {
    case SilenceKind::kNone:
      return {};
    case SilenceKind::kModelThinking:
      if (audit.model == 0 && !done_ahead_) return untrue("no model is asked");
      if (!audit.speculative && !done_ahead_ && spoken_ != audit.last_reply &&
          Unspoken(UtteranceKind::kReply) > 0 && SentenceIn(reply_, options)) {
        return untrue("a sentence of its reply is known");
      }
      return calls_wait ? untrue("a tool call waits") : "";
    case SilenceKind::kToolRunning:
      return audit.run == 0 ? untrue("no tool runs") : "";
    case SilenceKind::kSynthesizing:
      return audit.speeches.empty() ? untrue("nothing is to be said") : "";
    case SilenceKind::kDecidingInterruption:
      if (audit.clearing || sound_ || armed(CallTimer::kFalseStop)) return {};
      return untrue("nothing decides it");
    case SilenceKind::kWaitingForTranscript:
      return armed(CallTimer::kFinal) ? "" : untrue("none was asked for");
    case SilenceKind::kCollectingDigits:
      return armed(CallTimer::kDigits) && !digits_.empty() ? "" : untrue("no key was pressed");
    case SilenceKind::kCallerPausing:
      return armed(CallTimer::kEndOfTurn) && turn_open_ ? "" : untrue("no turn is open");
    case SilenceKind::kWaitingForHello:
      return armed(CallTimer::kGreeting) ? "" : untrue("nobody is waited for");
    case SilenceKind::kCallerTurn: {
      if (turn_open_) return untrue("the caller's turn is open");
      if (audit.model != 0 && !audit.speculative) return untrue("the model is asked");
      if (!audit.speeches.empty()) return untrue("something is being said");
      if (calls_wait) return untrue("a tool call waits");
      if (unanswered_) return untrue("the caller's turn was not answered");
      if (ending_) return untrue("the call ends");
      for (std::int64_t words : unspoken_) {
        if (words > 0) return untrue(StrCat(words, " words are not spoken"));
      }
      if (audit.run == 0 && !armed(CallTimer::kCallerSilence)) return untrue("nothing ends it");
      return {};
    }
    default:
      return untrue("it cannot be");
  }
}

std::string CallPromises::Finished(const call_command::Finish& finish,
                                   const CallAudit& audit) const {
  if (audit.model != 0) return "finish while the model is asked";
  if (!unsure_ && owed_words_ + CountWords(WordsOf(Said())) != 0) {
    return "finish without the caller's last words in the history";
  }
  if (ahead_open_) return "finish with a speculation that was neither kept nor dropped";
  return end_ && finish.end != *end_ ? "finish with another reason than the call had" : "";
}

// The regions' states mean what they are called.
std::string CallPromises::StatesAreTrue(const CallState& state, const CallAudit& audit) const {
  auto untrue = [&state](Region region, std::string_view why) {
    return StrCat(Name(region), " is ",
                  StateName(region, state.states[static_cast<std::size_t>(region)]), ", but ", why);
  };
  auto at = [&state](Region region) { return state.states[static_cast<std::size_t>(region)]; };
  if ((at(Region::kTool) != 0) != (audit.run != 0)) {
    return untrue(Region::kTool, audit.run != 0 ? "a tool runs" : "no tool runs");
  }
  if (ahead_open_ != (at(Region::kReply) == static_cast<std::uint8_t>(ReplyState::kAhead))) {
    return untrue(Region::kReply, "the speculation is not");
  }
  const bool gone = audit.hung_up || audit.closed;
  const auto line = static_cast<LineState>(at(Region::kLine));
  if (gone != (line == LineState::kClosing)) return untrue(Region::kLine, "the line is not");
  if (gone) {
    for (Region region : {Region::kUser, Region::kPlayout, Region::kReply}) {
      if (at(region) != 0) return untrue(region, "the line is gone");
    }
    return {};
  }
  if (audit.line_up == (line == LineState::kConnecting)) return untrue(Region::kLine, "it is not");
  if (ending_ != (line == LineState::kEnding)) return untrue(Region::kLine, "it is not");
  if (line == LineState::kUp && !began_) return untrue(Region::kLine, "nobody has begun");
  if (line == LineState::kOpening && began_) return untrue(Region::kLine, "the agent has begun");
  const auto user = static_cast<UserState>(at(Region::kUser));
  const bool silent = user == UserState::kQuiet || user == UserState::kPausing;
  if (silent && sound_) return untrue(Region::kUser, "there is sound");
  if (user == UserState::kNoise && !sound_) return untrue(Region::kUser, "there is no sound");
  const bool idle = user == UserState::kQuiet || user == UserState::kNoise;
  if (idle == turn_open_) return untrue(Region::kUser, idle ? "a turn is open" : "none is open");
  if (state.sound_on != sound_) return untrue(Region::kUser, "the sound is another");
  const auto playout = static_cast<PlayoutState>(at(Region::kPlayout));
  const bool speaks = playout == PlayoutState::kSpeaking || playout == PlayoutState::kClearing;
  if (speaks == audit.speeches.empty()) return untrue(Region::kPlayout, "the voice is not");
  if (audit.clearing && playout != PlayoutState::kClearing) {
    return untrue(Region::kPlayout, "it clears");
  }
  if (playout == PlayoutState::kStopped && (cut_ || (ending_ && !by_model_) || !turn_open_)) {
    return untrue(Region::kPlayout, "that is decided");
  }
  if (playout == PlayoutState::kStopped && step_.meant && !unsure_) {
    return untrue(Region::kPlayout, "there were words");
  }
  const auto reply = static_cast<ReplyState>(at(Region::kReply));
  const bool asked = audit.model != 0;
  if (ending_ && !by_model_ && reply != ReplyState::kIdle) {
    return untrue(Region::kReply, "the call ends");
  }
  if (reply == ReplyState::kAhead) {
    if (!done_ahead_ && !(asked && audit.speculative))
      return untrue(Region::kReply, "none is asked");
    if (!unsure_ && turn_open_ && digits_.empty() && WordsOf(Said()) != ahead_) {
      return untrue(Region::kReply, "the words are others");
    }
  } else if (asked != (reply == ReplyState::kThinking) || (asked && audit.speculative)) {
    return untrue(Region::kReply, asked ? "the model is asked" : "it is not asked");
  }
  if (reply == ReplyState::kWaiting && owed_words_ == 0 && !unanswered_ && !state.owes_answer) {
    return untrue(Region::kReply, "no turn waits");
  }
  return {};
}

}  // namespace dragoman
