#include "src/agent/call_tables.h"

#include <algorithm>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using A = Action;
using G = Guard;
using T = Trigger;

constexpr Row User(UserState from, Trigger trigger, Guard guard, UserState to,
                   std::array<Action, 5> actions = {}) {
  return {Region::kUser, static_cast<std::uint8_t>(from), trigger,
          guard,         static_cast<std::uint8_t>(to),   actions};
}
constexpr Row Tool(ToolState from, Trigger trigger, Guard guard, ToolState to,
                   std::array<Action, 5> actions = {}) {
  return {Region::kTool, static_cast<std::uint8_t>(from), trigger,
          guard,         static_cast<std::uint8_t>(to),   actions};
}
constexpr Row Play(PlayoutState from, Trigger trigger, Guard guard, PlayoutState to,
                   std::array<Action, 5> actions = {}) {
  return {Region::kPlayout,
          static_cast<std::uint8_t>(from),
          trigger,
          guard,
          static_cast<std::uint8_t>(to),
          actions};
}
constexpr Row Reply(ReplyState from, Trigger trigger, Guard guard, ReplyState to,
                    std::array<Action, 5> actions = {}) {
  return {Region::kReply, static_cast<std::uint8_t>(from), trigger,
          guard,          static_cast<std::uint8_t>(to),   actions};
}
constexpr Row Line(LineState from, Trigger trigger, Guard guard, LineState to,
                   std::array<Action, 5> actions = {}) {
  return {Region::kLine, static_cast<std::uint8_t>(from), trigger,
          guard,         static_cast<std::uint8_t>(to),   actions};
}

void AddUserRows(std::vector<Row>& rows) {
  using U = UserState;
  auto timer = [](CallTimer t) { return TriggerOf(t); };
  rows.insert(
      rows.end(),
      {
          User(U::kQuiet, T::kSpeechStarted, G::kAlways, U::kSpeaking,
               {A::kBeginTurn, A::kSoundStarts}),
          User(U::kQuiet, T::kPartial, G::kWordsInEvent, U::kPausing,
               {A::kBeginTurn, A::kPauseNow, A::kTakePartial}),
          User(U::kQuiet, T::kFinal, G::kWordsInEvent, U::kPausing,
               {A::kBeginTurn, A::kPauseNow, A::kTakeFinal}),
          User(U::kQuiet, T::kFinal, G::kAlways, U::kQuiet, {A::kDropFinal}),
          User(U::kQuiet, T::kDtmf, G::kAlways, U::kKeys, {A::kBeginTurn, A::kTakeDigit}),

          User(U::kSpeaking, T::kSpeechStopped, G::kAlways, U::kPausing, {A::kSoundStops}),
          User(U::kSpeaking, T::kPartial, G::kAlways, U::kSpeaking, {A::kTakePartial}),
          User(U::kSpeaking, T::kFinal, G::kAlways, U::kSpeaking, {A::kTakeFinal}),
          User(U::kSpeaking, T::kDtmf, G::kAlways, U::kSpeaking, {A::kTakeDigit}),
          User(U::kSpeaking, timer(CallTimer::kNoWords), G::kHasText, U::kFinal, {A::kFlush}),
          User(U::kSpeaking, timer(CallTimer::kNoWords), G::kAlways, U::kNoise,
               {A::kWithdrawNoise}),
          User(U::kSpeaking, timer(CallTimer::kTurnCap), G::kAlways, U::kFinal,
               {A::kMarkCapped, A::kFlush}),
          User(U::kSpeaking, T::kLineGone, G::kAlways, U::kQuiet, {A::kKeepWords}),

          User(U::kNoise, T::kSpeechStopped, G::kAlways, U::kPausing,
               {A::kBeginTurn, A::kSoundStops}),
          User(U::kNoise, T::kPartial, G::kWordsInEvent, U::kSpeaking,
               {A::kBeginTurn, A::kTakePartial}),
          User(U::kNoise, T::kFinal, G::kWordsInEvent, U::kSpeaking,
               {A::kBeginTurn, A::kTakeFinal}),
          User(U::kNoise, T::kFinal, G::kAlways, U::kNoise, {A::kDropFinal}),
          User(U::kNoise, T::kDtmf, G::kAlways, U::kKeys, {A::kBeginTurn, A::kTakeDigit}),
          User(U::kNoise, T::kLineGone, G::kAlways, U::kQuiet),

          User(U::kPausing, T::kSpeechStarted, G::kAlways, U::kSpeaking, {A::kSoundStarts}),
          User(U::kPausing, T::kPartial, G::kAlways, U::kPausing, {A::kTakePartial}),
          User(U::kPausing, T::kFinal, G::kAlways, U::kPausing, {A::kTakeFinal}),
          User(U::kPausing, T::kTurnEstimated, G::kAlways, U::kPausing, {A::kTakeEstimate}),
          User(U::kPausing, T::kDtmf, G::kAlways, U::kKeys, {A::kTakeDigit}),
          User(U::kPausing, timer(CallTimer::kSpeculate), G::kAlways, U::kPausing,
               {A::kTrySpeculation}),
          User(U::kPausing, timer(CallTimer::kFlush), G::kAlways, U::kPausing, {A::kFlush}),
          User(U::kPausing, timer(CallTimer::kEndOfTurn), G::kTranscriptClosed, U::kQuiet,
               {A::kCloseTurn}),
          User(U::kPausing, timer(CallTimer::kEndOfTurn), G::kAlways, U::kFinal, {A::kFlush}),
          User(U::kPausing, timer(CallTimer::kTurnCap), G::kAlways, U::kFinal,
               {A::kMarkCapped, A::kFlush}),
          User(U::kPausing, T::kLineGone, G::kAlways, U::kQuiet, {A::kKeepWords}),

          User(U::kFinal, T::kSpeechStarted, G::kAlways, U::kSpeaking, {A::kSoundStarts}),
          User(U::kFinal, T::kSpeechStopped, G::kAlways, U::kFinal, {A::kSoundStops}),
          User(U::kFinal, T::kPartial, G::kAlways, U::kFinal, {A::kTakePartial}),
          User(U::kFinal, T::kFinal, G::kAnswersFlushInNoise, U::kNoise,
               {A::kTakeFinal, A::kCloseTurn}),
          User(U::kFinal, T::kFinal, G::kAnswersFlush, U::kQuiet, {A::kTakeFinal, A::kCloseTurn}),
          User(U::kFinal, T::kFinal, G::kAlways, U::kFinal, {A::kTakeFinal}),
          User(U::kFinal, T::kDtmf, G::kAlways, U::kFinal, {A::kTakeDigit}),
          User(U::kFinal, timer(CallTimer::kFinal), G::kSoundOn, U::kNoise,
               {A::kFinalOverdue, A::kCloseTurn}),
          User(U::kFinal, timer(CallTimer::kFinal), G::kAlways, U::kQuiet,
               {A::kFinalOverdue, A::kCloseTurn}),
          User(U::kFinal, T::kLineGone, G::kAlways, U::kQuiet, {A::kKeepWords}),

          User(U::kKeys, T::kDtmf, G::kEndsKeysInNoise, U::kNoise, {A::kTakeDigit, A::kCloseTurn}),
          User(U::kKeys, T::kDtmf, G::kEndsKeys, U::kQuiet, {A::kTakeDigit, A::kCloseTurn}),
          User(U::kKeys, T::kDtmf, G::kAlways, U::kKeys, {A::kTakeDigit}),
          User(U::kKeys, timer(CallTimer::kDigits), G::kSoundOn, U::kNoise, {A::kCloseTurn}),
          User(U::kKeys, timer(CallTimer::kDigits), G::kAlways, U::kQuiet, {A::kCloseTurn}),
          User(U::kKeys, T::kSpeechStarted, G::kAlways, U::kSpeaking, {A::kSoundStarts}),
          User(U::kKeys, T::kSpeechStopped, G::kAlways, U::kKeys, {A::kSoundStops}),
          User(U::kKeys, T::kPartial, G::kWordsInEventAndSound, U::kSpeaking, {A::kTakePartial}),
          User(U::kKeys, T::kPartial, G::kWordsInEvent, U::kPausing,
               {A::kPauseNow, A::kTakePartial}),
          User(U::kKeys, T::kFinal, G::kWordsInEventAndSound, U::kSpeaking, {A::kTakeFinal}),
          User(U::kKeys, T::kFinal, G::kWordsInEvent, U::kPausing, {A::kPauseNow, A::kTakeFinal}),
          User(U::kKeys, T::kFinal, G::kAlways, U::kKeys, {A::kTakeFinal}),
          User(U::kKeys, T::kLineGone, G::kAlways, U::kQuiet, {A::kKeepWords}),
      });
}

void AddToolRows(std::vector<Row>& rows) {
  using S = ToolState;
  rows.insert(
      rows.end(),
      {
          Tool(S::kIdle, T::kRunTool, G::kAlways, S::kRunning, {A::kStartTool}),
          Tool(S::kIdle, T::kToolResult, G::kAlways, S::kIdle, {A::kLateResult}),
          Tool(S::kRunning, T::kToolResult, G::kCurrentRun, S::kIdle, {A::kTakeResult}),
          Tool(S::kRunning, T::kToolResult, G::kAlways, S::kRunning, {A::kLateResult}),
          Tool(S::kRunning, TriggerOf(CallTimer::kTool), G::kAlways, S::kIdle, {A::kGiveUpOnTool}),
      });
}

void AddPlayoutRows(std::vector<Row>& rows) {
  using P = PlayoutState;
  auto timer = [](CallTimer t) { return TriggerOf(t); };
  rows.insert(
      rows.end(),
      {
          Play(P::kSilent, T::kAfter, G::kMaySpeak, P::kSpeaking),
          Play(P::kSilent, T::kTurnDone, G::kAlways, P::kSilent, {A::kDropWaiting}),

          Play(P::kSpeaking, T::kSpeechReplaced, G::kAlways, P::kSpeaking, {A::kNoteReplaced}),
          Play(P::kSpeaking, T::kSpeechAudio, G::kAlways, P::kSpeaking, {A::kNoteAudio}),
          Play(P::kSpeaking, T::kSpeechWords, G::kAlways, P::kSpeaking, {A::kNoteWords}),
          Play(P::kSpeaking, T::kSpeechEnd, G::kAlways, P::kSpeaking, {A::kNoteSpeechEnd}),
          Play(P::kSpeaking, T::kPlayout, G::kAlways, P::kSpeaking, {A::kNotePosition}),
          Play(P::kSpeaking, timer(CallTimer::kSpeech), G::kAlways, P::kSpeaking, {A::kFailSpeech}),
          Play(P::kSpeaking, timer(CallTimer::kPlayout), G::kAlways, P::kSpeaking,
               {A::kGiveUpOnPlayout}),
          Play(P::kSpeaking, timer(CallTimer::kBargeIn), G::kInterruptible, P::kClearing,
               {A::kStopForSound, A::kClear}),
          Play(P::kSpeaking, T::kWords, G::kInterruptible, P::kClearing,
               {A::kInterrupt, A::kClear}),
          Play(P::kSpeaking, T::kTurnDone, G::kInterruptible, P::kClearing,
               {A::kInterrupt, A::kClear}),
          Play(P::kSpeaking, T::kCallEnds, G::kCut, P::kClearing, {A::kDropSpeech, A::kClear}),
          Play(P::kSpeaking, T::kLineGone, G::kAlways, P::kSilent, {A::kSettleAll}),
          Play(P::kSpeaking, T::kAfter, G::kFrontDone, P::kSpeaking, {A::kSettleFront}),
          Play(P::kSpeaking, T::kAfter, G::kMaySpeak, P::kSpeaking, {A::kSpeakNext}),
          Play(P::kSpeaking, T::kAfter, G::kNothingOpen, P::kSilent, {A::kFallSilent}),

          Play(P::kClearing, T::kPlayoutCleared, G::kConfirmed, P::kSilent,
               {A::kSettleCut, A::kFallSilent}),
          Play(P::kClearing, T::kPlayoutCleared, G::kResume, P::kSilent,
               {A::kSettleCut, A::kResume}),
          Play(P::kClearing, T::kPlayoutCleared, G::kAlways, P::kStopped, {A::kSettleCut}),
          Play(P::kClearing, timer(CallTimer::kClear), G::kConfirmed, P::kSilent,
               {A::kSettleCut, A::kFallSilent}),
          Play(P::kClearing, timer(CallTimer::kClear), G::kAlways, P::kSilent,
               {A::kSettleCut, A::kResume}),
          Play(P::kClearing, T::kTurnDone, G::kAlways, P::kClearing, {A::kInterrupt}),
          Play(P::kClearing, T::kWithdrawn, G::kAlways, P::kClearing, {A::kMarkResume}),
          Play(P::kClearing, T::kCallEnds, G::kAlways, P::kClearing, {A::kDropSpeech}),
          Play(P::kClearing, T::kLineGone, G::kAlways, P::kSilent, {A::kSettleAll}),

          Play(P::kStopped, T::kWords, G::kAlways, P::kSilent, {A::kInterrupt, A::kFallSilent}),
          Play(P::kStopped, T::kTurnDone, G::kAlways, P::kSilent, {A::kInterrupt, A::kFallSilent}),
          Play(P::kStopped, T::kWithdrawn, G::kAlways, P::kSilent, {A::kResume}),
          Play(P::kStopped, timer(CallTimer::kFalseStop), G::kAlways, P::kSilent, {A::kResume}),
          Play(P::kStopped, T::kCallEnds, G::kAlways, P::kSilent),
          Play(P::kStopped, T::kLineGone, G::kAlways, P::kSilent),
      });
}

void AddReplyRows(std::vector<Row>& rows) {
  using R = ReplyState;
  auto timer = [](CallTimer t) { return TriggerOf(t); };
  rows.insert(
      rows.end(),
      {
          Reply(R::kIdle, T::kOpen, G::kAlways, R::kThinking, {A::kAsk}),
          Reply(R::kIdle, T::kSpeculate, G::kCanAsk, R::kAhead, {A::kAskAhead}),
          Reply(R::kIdle, T::kTurnDone, G::kLineUp, R::kWaiting),
          Reply(R::kIdle, T::kTurnDone, G::kAlways, R::kIdle, {A::kKeepTurn}),
          Reply(R::kIdle, T::kWithdrawn, G::kOwesAnswer, R::kWaiting),

          Reply(R::kAhead, T::kModelText, G::kAlways, R::kAhead, {A::kTakeText}),
          Reply(R::kAhead, T::kModelToolCall, G::kAlways, R::kAhead, {A::kTakeCall}),
          Reply(R::kAhead, T::kModelDone, G::kDoneWell, R::kAhead, {A::kNoteDone}),
          Reply(R::kAhead, T::kModelDone, G::kAlways, R::kIdle, {A::kNoteDone, A::kDropAhead}),
          Reply(R::kAhead, T::kTextChanged, G::kDifferentWords, R::kIdle,
                {A::kCancelModel, A::kDropAhead}),
          Reply(R::kAhead, T::kWithdrawn, G::kAlways, R::kIdle, {A::kCancelModel, A::kDropAhead}),
          Reply(R::kAhead, timer(CallTimer::kModel), G::kAlways, R::kIdle,
                {A::kCancelModel, A::kDropAhead}),
          Reply(R::kAhead, T::kTurnDone, G::kSameWords, R::kThinking,
                {A::kTakeTurn, A::kCommit, A::kCutChunks}),
          Reply(R::kAhead, T::kTurnDone, G::kAlways, R::kWaiting, {A::kCancelModel, A::kDropAhead}),
          Reply(R::kAhead, T::kCallEnds, G::kAlways, R::kIdle, {A::kCancelModel, A::kDropAhead}),
          Reply(R::kAhead, T::kLineGone, G::kAlways, R::kIdle, {A::kCancelModel, A::kDropAhead}),

          Reply(R::kThinking, T::kModelText, G::kAlways, R::kThinking,
                {A::kTakeText, A::kCutChunks}),
          Reply(R::kThinking, T::kModelToolCall, G::kAlways, R::kThinking, {A::kTakeCall}),
          Reply(R::kThinking, T::kModelDone, G::kAlways, R::kThinking, {A::kNoteDone}),
          Reply(R::kThinking, timer(CallTimer::kModel), G::kAlways, R::kThinking,
                {A::kCancelModel, A::kNoteStalled}),
          Reply(R::kThinking, T::kReplyDone, G::kMayRetry, R::kThinking, {A::kRetry, A::kAsk}),
          Reply(R::kThinking, T::kReplyDone, G::kFailedFatally, R::kIdle, {A::kGiveUp}),
          Reply(R::kThinking, T::kReplyDone, G::kFailed, R::kDelivering, {A::kApologise}),
          Reply(R::kThinking, T::kReplyDone, G::kWantsEnd, R::kDelivering,
                {A::kFinishText, A::kRecordCalls, A::kAnswerEndCall}),
          Reply(R::kThinking, T::kReplyDone, G::kWantsTools, R::kTools,
                {A::kFinishText, A::kRecordCalls}),
          Reply(R::kThinking, T::kReplyDone, G::kWantsToolsAgain, R::kDelivering,
                {A::kFinishText, A::kRecordCalls, A::kAbandonCalls, A::kSayTooMany}),
          Reply(R::kThinking, T::kReplyDone, G::kAlways, R::kDelivering, {A::kFinishText}),
          Reply(R::kThinking, T::kWords, G::kYields, R::kIdle, {A::kCancelModel, A::kDropReply}),
          Reply(R::kThinking, T::kTurnDone, G::kAlways, R::kWaiting,
                {A::kCancelModel, A::kDropReply}),
          Reply(R::kThinking, T::kCallEnds, G::kAlways, R::kIdle, {A::kCancelModel, A::kDropReply}),
          Reply(R::kThinking, T::kLineGone, G::kAlways, R::kIdle, {A::kCancelModel, A::kDropReply}),

          Reply(R::kTools, T::kAfter, G::kNextCallReady, R::kTools, {A::kRunNextCall}),
          Reply(R::kTools, T::kAfter, G::kCallsDone, R::kThinking, {A::kAskAgain, A::kAsk}),
          Reply(R::kTools, T::kWords, G::kYields, R::kIdle, {A::kAbandonCalls, A::kDropReply}),
          Reply(R::kTools, T::kTurnDone, G::kAlways, R::kWaiting,
                {A::kAbandonCalls, A::kDropReply}),
          Reply(R::kTools, T::kCallEnds, G::kAlways, R::kIdle, {A::kAbandonCalls}),
          Reply(R::kTools, T::kLineGone, G::kAlways, R::kIdle, {A::kAbandonCalls}),

          // Also when the line has gone: nothing is left to be said then.
          Reply(R::kDelivering, T::kAfter, G::kAllSaid, R::kIdle),
          Reply(R::kDelivering, T::kWords, G::kYields, R::kIdle, {A::kDropReply}),
          Reply(R::kDelivering, T::kTurnDone, G::kLineUp, R::kWaiting, {A::kDropReply}),
          Reply(R::kDelivering, T::kTurnDone, G::kAlways, R::kDelivering, {A::kKeepTurn}),
          Reply(R::kDelivering, T::kCallEnds, G::kAlways, R::kIdle),

          Reply(R::kWaiting, T::kAfter, G::kTurnReady, R::kThinking, {A::kTakeTurn, A::kAsk}),
          Reply(R::kWaiting, T::kCallEnds, G::kAlways, R::kIdle, {A::kKeepTurn}),
          Reply(R::kWaiting, T::kLineGone, G::kAlways, R::kIdle, {A::kKeepTurn}),
      });
}

void AddLineRows(std::vector<Row>& rows) {
  using L = LineState;
  auto timer = [](CallTimer t) { return TriggerOf(t); };
  rows.insert(
      rows.end(),
      {
          Line(L::kConnecting, T::kCallStarted, G::kWaitsForHello, L::kOpening, {A::kStartCall}),
          Line(L::kConnecting, T::kCallStarted, G::kAlways, L::kUp, {A::kStartCall, A::kGreet}),
          Line(L::kConnecting, T::kEndCall, G::kAlways, L::kClosing,
               {A::kEndByApplication, A::kLeaveLine}),
          Line(L::kConnecting, T::kSay, G::kAlways, L::kConnecting, {A::kQueueSay}),
          Line(L::kConnecting, T::kMediaClosed, G::kAlways, L::kClosing, {A::kNoteClosed}),

          Line(L::kOpening, timer(CallTimer::kGreeting), G::kAlways, L::kUp, {A::kGreet}),
          Line(L::kOpening, T::kTurnDone, G::kAlways, L::kUp, {A::kGreet}),
      });
  for (L state : {L::kOpening, L::kUp}) {
    rows.insert(
        rows.end(),
        {
            Line(state, timer(CallTimer::kCallLimit), G::kWrapUpDue, state, {A::kWrapUp}),
            Line(state, timer(CallTimer::kCallLimit), G::kAlways, L::kEnding, {A::kEndAtLimit}),
            Line(state, T::kEndCall, G::kAlways, L::kEnding, {A::kEndByApplication}),
            Line(state, T::kDrain, G::kAlways, state, {A::kShortenCall}),
            Line(state, T::kRecognizerFailed, G::kAlways, L::kEnding, {A::kEndDeaf}),
            Line(state, T::kSay, G::kAlways, state, {A::kQueueSay}),
            Line(state, T::kMediaClosed, G::kAlways, L::kClosing, {A::kNoteClosed, A::kLeaveLine}),
        });
  }
  rows.insert(
      rows.end(),
      {
          Line(L::kUp, T::kVoiceless, G::kAlways, L::kClosing, {A::kEndVoiceless, A::kLeaveLine}),
          Line(L::kUp, timer(CallTimer::kCallerSilence), G::kSilenceOver, L::kEnding,
               {A::kEndSilent}),
          Line(L::kUp, timer(CallTimer::kCallerSilence), G::kAlways, L::kUp, {A::kReprompt}),
          Line(L::kUp, timer(CallTimer::kFiller), G::kAlways, L::kUp, {A::kSayFiller}),
          Line(L::kUp, T::kEnd, G::kAlways, L::kEnding, {A::kEndByModel}),
          Line(L::kUp, T::kFatal, G::kAlways, L::kEnding, {A::kEndFailed}),
          Line(L::kUp, T::kLoop, G::kAlways, L::kEnding, {A::kEndLoop}),

          Line(L::kEnding, T::kAfter, G::kAllSaid, L::kClosing, {A::kLeaveLine}),
          Line(L::kEnding, timer(CallTimer::kGoodbye), G::kAlways, L::kClosing, {A::kLeaveLine}),
          Line(L::kEnding, T::kVoiceless, G::kAlways, L::kClosing, {A::kLeaveLine}),
          Line(L::kEnding, T::kMediaClosed, G::kAlways, L::kClosing,
               {A::kNoteClosed, A::kLeaveLine}),

          Line(L::kClosing, T::kAfter, G::kMustHangUp, L::kClosing, {A::kHangUp}),
          Line(L::kClosing, T::kAfter, G::kClosed, L::kDown, {A::kFinish}),
          Line(L::kClosing, T::kMediaClosed, G::kAlways, L::kClosing, {A::kNoteClosed}),
          Line(L::kClosing, timer(CallTimer::kClose), G::kAlways, L::kClosing, {A::kNoteClosed}),
      });
}

CallTables MakeShipped() {
  CallTables tables;
  AddUserRows(tables.rows);
  AddToolRows(tables.rows);
  AddPlayoutRows(tables.rows);
  AddReplyRows(tables.rows);
  AddLineRows(tables.rows);
  tables.Index();
  return tables;
}

}  // namespace

void CallTables::Index() {
  index.assign(static_cast<std::size_t>(kRegions) * kStates * kTriggers, {});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    index[(static_cast<std::size_t>(row.region) * kStates + row.from) * kTriggers +
          static_cast<std::size_t>(row.trigger)]
        .push_back(static_cast<std::uint8_t>(i));
  }
}

const CallTables& ShippedCallTables() {
  static const CallTables tables = MakeShipped();
  return tables;
}

}  // namespace dragoman
