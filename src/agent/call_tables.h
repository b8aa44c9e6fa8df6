// The call machine as data: regions, states, what moves them and what is done on the way.
#ifndef DRAGOMAN_SRC_AGENT_CALL_TABLES_H_
#define DRAGOMAN_SRC_AGENT_CALL_TABLES_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/agent/call_events.h"

namespace dragoman {

// In the order in which a trigger reaches them.
enum class Region : std::uint8_t { kUser, kTool, kPlayout, kReply, kLine };
inline constexpr int kRegions = 5;

enum class UserState : std::uint8_t {
  kQuiet,     // no sound, no words
  kSpeaking,  // sound
  kNoise,     // sound that is no speech, or speech after a turn that was taken
  kPausing,   // a pause that may be the end of the turn
  kFinal,     // the pause was long enough; the final text is awaited
  kKeys,      // digits are being pressed
};
enum class ToolState : std::uint8_t { kIdle, kRunning };
enum class PlayoutState : std::uint8_t {
  kSilent,
  kSpeaking,  // an utterance is open: being made, or being heard
  kClearing,  // stopped; how far it was heard is not known yet
  kStopped,   // stopped for a sound; it is not known yet whether it was meant
};
enum class ReplyState : std::uint8_t {
  kIdle,
  kAhead,       // the model was asked ahead of the end of the turn
  kThinking,    // the model replies
  kTools,       // the reply's tools run
  kDelivering,  // the whole reply is known and is being spoken
  kWaiting,     // a turn was taken, but a tool or a stop must end before the model can be asked
};
enum class LineState : std::uint8_t { kConnecting, kOpening, kUp, kEnding, kClosing, kDown };
inline constexpr int kStates = 6;  // of any region, at most

// What reaches the regions: the event kinds in the order of CallEventBody, the timers, signals.
enum class Trigger : std::uint8_t {
  kCallStarted,
  kSpeechStarted,
  kSpeechStopped,
  kPartial,
  kFinal,
  kRecognizerFailed,
  kDtmf,
  kTurnEstimated,
  kModelText,
  kModelToolCall,
  kModelDone,
  kToolResult,
  kSpeechReplaced,
  kSpeechAudio,
  kSpeechWords,
  kSpeechEnd,
  kPlayout,
  kPlayoutCleared,
  kTimerFired,  // never dispatched: the timer's own trigger is
  kSay,
  kEndCall,
  kDrain,
  kMediaClosed,
  kFirstTimer,  // + CallTimer
  kFirstSignal = kFirstTimer + kCallTimers,
  kWords = kFirstSignal,  // the caller says something that is meant for the agent
  kTextChanged,           // the words of the turn are others than before
  kSpeculate,             // it is worth asking the model ahead
  kTurnDone,              // the caller's turn is over and has content
  kWithdrawn,             // the sounds were no turn
  kRunTool,
  kReplyDone,
  kOpen,       // the model is to begin the conversation
  kEnd,        // the model ends the call
  kFatal,      // it cannot go on, but can say so
  kVoiceless,  // it cannot even speak
  kLoop,
  kCallEnds,  // a goodbye follows: no further replies
  kLineGone,  // nothing can be said or heard any more
  kAfter,     // at the end of each step, until nothing moves
};
inline constexpr int kTriggers = static_cast<int>(Trigger::kAfter) + 1;
constexpr Trigger TriggerOf(CallTimer timer) {
  return static_cast<Trigger>(static_cast<int>(Trigger::kFirstTimer) + static_cast<int>(timer));
}

enum class Guard : std::uint8_t {
  kAlways,
  // User
  kWordsInEventAndSound,
  kWordsInEvent,      // the transcript of the event has words that were not taken before
  kHasText,           // the turn has words or digits
  kTranscriptClosed,  // flushed, answered, and no sound since
  kAnswersFlush,      // the final that was asked for
  kAnswersFlushInNoise,
  kEndsKeysInNoise,
  kSoundOn,
  kEndsKeys,  // '#', or as many digits as are allowed
  // Tool
  kCurrentRun,
  // Playout
  kMaySpeak,
  kFrontDone,  // the first open utterance was heard to its end, or failed
  kNothingOpen,
  kInterruptible,
  kConfirmed,  // the interruption is meant
  kResume,     // the sound was withdrawn before the stop was complete
  kCut,        // the goodbye does not wait for what is being said
  // Reply
  kCanAsk,  // line up, no tool running, not clearing
  kLineUp,
  kYields,     // line up, and the reply is not one that must be heard
  kSameWords,  // the turn says what the model was asked ahead
  kDifferentWords,
  kDoneWell,
  kMayRetry,  // failed or empty, nothing spoken, attempts left
  kFailedFatally,
  kFailed,    // failed or empty, nothing spoken
  kWantsEnd,  // the only tool called is the one that ends the call
  kWantsTools,
  kWantsToolsAgain,  // but too often within a turn
  kNextCallReady,
  kCallsDone,
  kTurnReady,   // a held turn can be asked now
  kOwesAnswer,  // to a turn whose reply was dropped for words that were none
  // Line
  kWaitsForHello,
  kWrapUpDue,
  kSilenceOver,
  kAllSaid,
  kMustHangUp,
  kClosed,
};
inline constexpr int kGuards = static_cast<int>(Guard::kClosed) + 1;

enum class Action : std::uint8_t {
  kNone,
  // User
  kBeginTurn,
  kSoundStarts,
  kSoundStops,
  kPauseNow,
  kTakePartial,
  kTakeFinal,
  kDropFinal,
  kTakeEstimate,
  kTakeDigit,
  kTrySpeculation,
  kFlush,
  kFinalOverdue,
  kMarkCapped,
  kWithdrawNoise,
  kCloseTurn,
  kKeepWords,
  // Tool
  kStartTool,
  kTakeResult,
  kLateResult,
  kGiveUpOnTool,
  // Playout
  kSpeakNext,
  kNoteAudio,
  kNoteWords,
  kNoteReplaced,
  kNoteSpeechEnd,
  kNotePosition,
  kSettleFront,
  kFallSilent,
  kClear,
  kStopForSound,
  kInterrupt,
  kDropWaiting,
  kMarkResume,
  kSettleCut,
  kResume,
  kDropSpeech,
  kFailSpeech,
  kGiveUpOnPlayout,
  kSettleAll,
  // Reply
  kAsk,
  kAskAhead,
  kTakeText,
  kCutChunks,
  kTakeCall,
  kNoteDone,
  kNoteStalled,
  kCommit,
  kCancelModel,
  kDropAhead,
  kDropReply,
  kTakeTurn,
  kKeepTurn,
  kFinishText,
  kRecordCalls,
  kRunNextCall,
  kAbandonCalls,
  kAskAgain,
  kAnswerEndCall,
  kSayTooMany,
  kRetry,
  kApologise,
  kGiveUp,
  // Line
  kStartCall,
  kGreet,
  kQueueSay,
  kSayFiller,
  kReprompt,
  kWrapUp,
  kShortenCall,
  kEndByApplication,
  kEndByModel,
  kEndAtLimit,
  kEndSilent,
  kEndFailed,
  kEndLoop,
  kEndDeaf,
  kEndVoiceless,
  kLeaveLine,
  kNoteClosed,
  kHangUp,
  kFinish,
};
inline constexpr int kActions = static_cast<int>(Action::kFinish) + 1;

struct Row {
  Region region;
  std::uint8_t from;
  Trigger trigger;
  Guard guard;
  std::uint8_t to;
  std::array<Action, 5> actions;
};

// A timer is armed exactly while its condition holds, for `base` + `delay`; call_timers.cc.
struct TimerRow {
  CallTimer timer;
  std::string_view armed_while;
  std::string_view due;
};

struct CallTables {
  std::vector<Row> rows;  // per region, state and trigger the first whose guard holds
  // Timers that are never armed and commands (by index) that are never given: for mutants only.
  std::array<bool, kCallTimers> no_timer{};
  std::array<bool, 32> no_command{};

  // Row numbers in order per (region, state, trigger); to be made anew after a change of `rows`.
  void Index();
  const std::vector<std::uint8_t>& Find(Region region, std::uint8_t state, Trigger trigger) const {
    return index[(static_cast<std::size_t>(region) * kStates + state) * kTriggers +
                 static_cast<std::size_t>(trigger)];
  }
  std::vector<std::vector<std::uint8_t>> index;
};

const CallTables& ShippedCallTables();
const std::vector<TimerRow>& CallTimerRows();

std::string_view Name(Region region);
std::string_view EventKindName(std::size_t index);    // of CallEventBody
std::string_view CommandKindName(std::size_t index);  // of CallCommand
std::string_view StateName(Region region, std::uint8_t state);
int StateCount(Region region);
std::string TriggerName(Trigger trigger);
std::string_view Name(Guard guard);
std::string_view Name(Action action);
std::string Describe(const Row& row);  // "user quiet --speech_started--> speaking: begin_turn"

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_AGENT_CALL_TABLES_H_
