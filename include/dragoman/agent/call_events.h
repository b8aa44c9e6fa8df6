// What a live conversation is made of: the events that CallMachine consumes and the commands that
// it gives. Plain values: they are logged, replayed and compared field by field.
#ifndef DRAGOMAN_AGENT_CALL_EVENTS_H_
#define DRAGOMAN_AGENT_CALL_EVENTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dragoman/conversation/call_report.h"
#include "dragoman/conversation/message.h"
#include "dragoman/core/export.h"

namespace dragoman {

// Given by the machine, counted up from 1 within a call, never used twice; 0: none.
using ReplyId = std::int64_t;
using UtteranceId = std::int64_t;
using ToolRunId = std::int64_t;

// One of each kind can be armed. Values are written to logs: never reuse one.
enum class CallTimer : std::uint8_t {
  kGreeting = 1,        // outbound: the called party has not said hello
  kBargeIn = 2,         // speech over the agent has lasted long enough to be meant
  kFalseStop = 3,       // the agent stopped, and no words came
  kSpeculate = 4,       // the caller pauses: time to ask the model ahead
  kFlush = 5,           // the pause is nearly long enough: close the transcript
  kEndOfTurn = 6,       // the pause is long enough
  kFinal = 7,           // the final transcript is late
  kTurnCap = 8,         // the caller's turn is too long
  kNoWords = 9,         // "speech" without a word: noise
  kDigits = 10,         // no further key was pressed
  kModel = 11,          // the model's first or next piece is late
  kTool = 12,           // the tool's result is late
  kSpeech = 13,         // the synthesizer's first or next audio is late
  kPlayout = 14,        // audio was sent and is not reported as heard
  kClear = 15,          // ClearPlayout was not answered
  kFiller = 16,         // the agent has owed words for too long
  kCallerSilence = 17,  // the caller has said nothing for too long
  kCallLimit = 18,      // wrap up; then the end of the time
  kGoodbye = 19,        // the goodbye takes too long
  kClose = 20,          // the line does not close after HangUp
};
inline constexpr int kCallTimers = 21;                   // values are below it
DRAGOMAN_EXPORT std::string_view Name(CallTimer timer);  // "end_of_turn"

enum class UtteranceKind : std::uint8_t {
  kGreeting = 1,
  kReply = 2,   // the model's words
  kFiller = 3,  // "one moment": heard, but no part of the history
  kPrompt = 4,  // the machine's own: reprompts, apologies, wrap-up
  kGoodbye = 5,
  kApplication = 6,  // Say
};
DRAGOMAN_EXPORT std::string_view Name(UtteranceKind kind);

// Why nobody has the floor; kNone while somebody speaks.
enum class SilenceKind : std::uint8_t {
  kNone = 0,
  kConnecting = 1,            // the line is not up
  kWaitingForHello = 2,       // outbound: the called party speaks first
  kCallerTurn = 3,            // the agent has finished; it is the caller's turn
  kCallerPausing = 4,         // a pause that may be the end of the turn
  kWaitingForTranscript = 5,  // the turn is over, its final text is awaited
  kCollectingDigits = 6,
  kModelThinking = 7,
  kToolRunning = 8,
  kSynthesizing = 9,
  kDecidingInterruption = 10,  // the agent stopped for a sound; was it meant?
  kClosing = 11,               // hanging up
  kEnded = 12,
};
DRAGOMAN_EXPORT std::string_view Name(SilenceKind reason);

// ------------------------------------------------------------------------------------------------
// Events. Milliseconds named `audio_` lie on the caller's audio (from the first sample of the
// call), those named `position_` or `start_` on the time line of the agent's audio
// (MediaStream::sent()).
namespace call_event {

// First event of every call. The line is up and audio flows in both directions.
struct CallStarted {
  bool outbound = false;
  friend bool operator==(const CallStarted&, const CallStarted&) = default;
};

// From voice activity, alternating.
struct SpeechStarted {
  std::int64_t audio_ms = 0;  // where the speech began
  std::int64_t lag_ms = 0;    // how long ago that was when it was noticed; 0 to 1000
  friend bool operator==(const SpeechStarted&, const SpeechStarted&) = default;
};
struct SpeechStopped {
  std::int64_t audio_ms = 0;  // where it ended
  std::int64_t lag_ms = 0;
  friend bool operator==(const SpeechStopped&, const SpeechStopped&) = default;
};

// The recogniser's view of the current utterance; replaces the partial before it.
struct Partial {
  std::string text;
  friend bool operator==(const Partial&, const Partial&) = default;
};
// An utterance is closed: by the recogniser itself, or answering FlushRecognizer (`from_flush`,
// each flush exactly once; empty text when nothing was said).
struct Final {
  std::string text;
  std::int64_t confidence_per_mille = -1;  // -1: unknown
  bool from_flush = false;
  std::int64_t audio_start_ms = 0;
  std::int64_t audio_end_ms = 0;
  friend bool operator==(const Final&, const Final&) = default;
};
// The recogniser is gone for good (the driver's own retries failed).
struct RecognizerFailed {
  std::string detail;
  friend bool operator==(const RecognizerFailed&, const RecognizerFailed&) = default;
};
struct Dtmf {
  char digit = '0';  // 0-9 * # A-D
  friend bool operator==(const Dtmf&, const Dtmf&) = default;
};
// A TurnDetector's opinion on the pause that is under way. `request` is that of EstimateTurn.
struct TurnEstimated {
  std::int64_t request = 0;
  std::int64_t complete_per_mille = 0;
  friend bool operator==(const TurnEstimated&, const TurnEstimated&) = default;
};

// Text of the reply, in order; the driver gathers tokens for up to 50 ms, the first at once.
struct ModelText {
  ReplyId reply = 0;
  std::string text;
  friend bool operator==(const ModelText&, const ModelText&) = default;
};
// Each call of the reply once, before its ModelDone.
struct ModelToolCall {
  ReplyId reply = 0;
  ToolCall call;
  friend bool operator==(const ModelToolCall&, const ModelToolCall&) = default;
};
enum class ModelFinish : std::uint8_t { kComplete = 1, kLength = 2, kRefused = 3, kFailed = 4 };
// Last of each reply that was not cancelled.
struct ModelDone {
  ReplyId reply = 0;
  ModelFinish finish = ModelFinish::kComplete;
  std::int64_t error_code = 0;           // absl::StatusCode when kFailed
  std::uint64_t expectation_digest = 0;  // of ChatResult::expects; 0: none
  std::int64_t end_silence_ms = 0;       // ReplyExpectation::end_silence; 0: the machine's rule
  friend bool operator==(const ModelDone&, const ModelDone&) = default;
};

// Exactly once for each RunTool, also after a barge-in, also after the end of the line.
struct ToolResult {
  ToolRunId run = 0;
  bool ok = false;
  std::string text;  // the result, or the error for the model to react to
  friend bool operator==(const ToolResult&, const ToolResult&) = default;
};

// The speech gate put another text in the place of what Speak asked for. Before any audio.
struct SpeechReplaced {
  UtteranceId utterance = 0;
  std::string text;
  friend bool operator==(const SpeechReplaced&, const SpeechReplaced&) = default;
};
// Audio of the utterance was given to MediaStream::Play: at the first frame, then at most every
// 100 ms. Utterances play in the order of their Speak.
struct SpeechAudio {
  UtteranceId utterance = 0;
  std::int64_t start_ms = 0;   // where its first sample lies: sent() before the first Play
  std::int64_t queued_ms = 0;  // given to Play so far, from its first sample
  friend bool operator==(const SpeechAudio&, const SpeechAudio&) = default;
};
struct WordTime {
  std::int64_t text_begin = 0;  // bytes into the utterance's text (as replaced)
  std::int64_t text_end = 0;
  std::int64_t start_ms = 0;  // from the utterance's first sample
  std::int64_t end_ms = 0;
  friend bool operator==(const WordTime&, const WordTime&) = default;
};
struct SpeechWords {  // more words of the utterance, in order; may never come
  UtteranceId utterance = 0;
  std::vector<WordTime> words;
  friend bool operator==(const SpeechWords&, const SpeechWords&) = default;
};
// All audio of the utterance was given to Play, or its synthesis failed. Once for each Speak that
// was not cancelled.
struct SpeechEnd {
  UtteranceId utterance = 0;
  std::int64_t total_ms = 0;  // what was given to Play
  bool ok = true;
  friend bool operator==(const SpeechEnd&, const SpeechEnd&) = default;
};

// MediaStream::Callbacks::on_playout.
struct Playout {
  std::int64_t position_ms = 0;
  bool acknowledged = false;
  friend bool operator==(const Playout&, const Playout&) = default;
};
// The answer to ClearPlayout, the next event after it: position() right after MediaStream::Clear().
struct PlayoutCleared {
  std::int64_t position_ms = 0;
  bool acknowledged = false;
  friend bool operator==(const PlayoutCleared&, const PlayoutCleared&) = default;
};

struct TimerFired {
  CallTimer timer{};
  friend bool operator==(const TimerFired&, const TimerFired&) = default;
};

// From the application.
struct Say {
  std::string text;
  bool interruptible = true;
  friend bool operator==(const Say&, const Say&) = default;
};
struct EndCall {
  CallEnd end = CallEnd::kAgentHungUp;
  std::string detail;
  std::string goodbye;  // empty: the one of the options
  friend bool operator==(const EndCall&, const EndCall&) = default;
};
// The process wants to stop: the call gets `drain_limit`, then a polite end.
struct Drain {
  friend bool operator==(const Drain&, const Drain&) = default;
};

// MediaStream::Callbacks::on_closed.
struct MediaClosed {
  bool ok = true;  // the other side ended it properly; else the connection was lost
  std::string detail;
  friend bool operator==(const MediaClosed&, const MediaClosed&) = default;
};

}  // namespace call_event

// The index in the variant is the kind in logs: append only.
using CallEventBody =
    std::variant<call_event::CallStarted, call_event::SpeechStarted, call_event::SpeechStopped,
                 call_event::Partial, call_event::Final, call_event::RecognizerFailed,
                 call_event::Dtmf, call_event::TurnEstimated, call_event::ModelText,
                 call_event::ModelToolCall, call_event::ModelDone, call_event::ToolResult,
                 call_event::SpeechReplaced, call_event::SpeechAudio, call_event::SpeechWords,
                 call_event::SpeechEnd, call_event::Playout, call_event::PlayoutCleared,
                 call_event::TimerFired, call_event::Say, call_event::EndCall, call_event::Drain,
                 call_event::MediaClosed>;

struct CallEvent {
  std::int64_t at_us = 0;  // since the call's start; never less than the event before
  CallEventBody body;
  friend bool operator==(const CallEvent&, const CallEvent&) = default;
};
DRAGOMAN_EXPORT std::string_view Name(const CallEvent& event);  // "speech_started"
// One line for people: kind and fields; text escaped.
DRAGOMAN_EXPORT std::string ToString(const CallEvent& event);

// ------------------------------------------------------------------------------------------------
// Commands.
namespace call_command {

// Ask the model for a reply to the history as it stands. At most one reply is open: a new AskModel
// comes only after ModelDone or CancelModel of the one before.
struct AskModel {
  ReplyId reply = 0;
  // Ahead of the end of the turn: nothing of it is spoken and no tool of it runs before
  // CommitReply.
  bool speculative = false;
  // Speculative only: the user's message to put behind the history for this request alone.
  std::string provisional_text;
  std::int64_t context_version = 0;  // history commands given before
  std::uint64_t context_digest = 0;  // FNV-1a 64 over them; see call_machine.h
  friend bool operator==(const AskModel&, const AskModel&) = default;
};
struct CommitReply {  // the speculative reply is the real one; for reports and budgets
  ReplyId reply = 0;
  friend bool operator==(const CommitReply&, const CommitReply&) = default;
};
struct CancelModel {
  ReplyId reply = 0;
  friend bool operator==(const CancelModel&, const CancelModel&) = default;
};
// What the reply's model hopes to hear next holds from now on (recognition context).
struct UseExpectation {
  ReplyId reply = 0;
  std::uint64_t digest = 0;
  friend bool operator==(const UseExpectation&, const UseExpectation&) = default;
};

struct FlushRecognizer {
  friend bool operator==(const FlushRecognizer&, const FlushRecognizer&) = default;
};
// Ask the TurnDetector, where there is one, about `text`; answered by TurnEstimated or not at all.
struct EstimateTurn {
  std::int64_t request = 0;
  std::string text;
  friend bool operator==(const EstimateTurn&, const EstimateTurn&) = default;
};

// Through the effect gate. One at a time.
struct RunTool {
  ToolRunId run = 0;
  ToolCall call;
  friend bool operator==(const RunTool&, const RunTool&) = default;
};

// Through the speech gate to the synthesizer, its audio to Play behind what was asked for before.
// At most two are open (not settled).
struct Speak {
  UtteranceId utterance = 0;
  UtteranceKind kind = UtteranceKind::kReply;
  ReplyId reply = 0;  // kReply: whose words
  std::string text;
  bool interruptible = true;
  friend bool operator==(const Speak&, const Speak&) = default;
};
struct CancelSpeech {  // nothing more of it is given to Play; no SpeechEnd follows
  UtteranceId utterance = 0;
  friend bool operator==(const CancelSpeech&, const CancelSpeech&) = default;
};
// MediaStream::Clear at once: the caller interrupts. Answer with PlayoutCleared.
struct ClearPlayout {
  friend bool operator==(const ClearPlayout&, const ClearPlayout&) = default;
};

// The history is the driver's; what is in it is the machine's decision. Entries count from 0.
struct AppendHistory {
  Role role = Role::kUser;
  std::string text;                  // kAssistant: what was heard, unless `provisional`
  std::vector<ToolCall> tool_calls;  // kAssistant
  std::string tool_call_id;          // kTool
  bool tool_failed = false;          // kTool
  ReplyId reply = 0;                 // kAssistant: whose; to attach the vendor's state
  bool provisional = false;          // still being spoken; an AmendHistory follows if it is cut
  friend bool operator==(const AppendHistory&, const AppendHistory&) = default;
};
// Replaces the text of an entry. An assistant's entry with no text and no tool calls is to be left
// out of requests.
struct AmendHistory {
  std::int64_t entry = 0;
  std::string text;
  bool tool_failed = false;  // kTool entries: the late result's
  friend bool operator==(const AmendHistory&, const AmendHistory&) = default;
};

// An utterance has come to its end: heard, cut or failed. Exactly once for each Speak.
struct Settled {
  UtteranceId utterance = 0;
  UtteranceKind kind = UtteranceKind::kReply;
  std::string heard;          // whole words, a prefix of its text
  std::string unheard;        // the rest
  std::int64_t heard_ms = 0;  // of its audio
  bool acknowledged = false;  // by the carrier; else modelled
  friend bool operator==(const Settled&, const Settled&) = default;
};

struct SetTimer {  // replaces the one of its kind
  CallTimer timer{};
  std::int64_t at_us = 0;
  friend bool operator==(const SetTimer&, const SetTimer&) = default;
};
struct StopTimer {
  CallTimer timer{};
  friend bool operator==(const StopTimer&, const StopTimer&) = default;
};

// Ends the line at once: what had to be heard was heard. No command to the line, a model, a tool or
// a synthesizer follows. Answered by MediaClosed.
struct HangUp {
  friend bool operator==(const HangUp&, const HangUp&) = default;
};
// The call is over and everything accounted for. Last command of every call, exactly once.
struct Finish {
  CallEnd end = CallEnd::kFailed;
  std::string detail;
  friend bool operator==(const Finish&, const Finish&) = default;
};

struct SilenceReason {  // when it changes
  SilenceKind reason = SilenceKind::kNone;
  friend bool operator==(const SilenceReason&, const SilenceReason&) = default;
};

enum class NoticeKind : std::uint8_t {
  kTurnBegan = 1,          // the caller took the floor
  kTurnEnded = 2,          // text: the turn; value: turn number
  kTurnWithdrawn = 3,      // sounds without words; text: why ("noise", "no words", "backchannel")
  kBackchannel = 4,        // text: what was ignored
  kBargeIn = 5,            // the agent was interrupted; text: the words, if any yet
  kStopped = 6,            // the agent fell silent for a sound that may prove to be nothing
  kFalseInterruption = 7,  // and goes on where it stopped
  kEcho = 8,               // the agent heard itself; text
  kToolRunning = 9,        // text: the tool's name
  kToolDone = 10,          // text: the tool's name; value: 1 ok, 0 failed
  kModelFailed = 11,       // value: absl::StatusCode, 0 for an empty reply; text: what happens now
  kSpeechFailed = 12,      // value: utterance
  kReprompt = 13,          // value: which
  kWrapUp = 14,
  kEnding = 15,              // text: why
  kLoop = 16,                // the same words again and again
  kSpeculationKept = 17,     // value: reply
  kSpeculationDropped = 18,  // value: reply
  kIgnored = 19,             // an event that fits nothing (late, unknown id, over a limit); text
  // The waterfall of a turn; value: its number. The time is the notice's own.
  kMarkSpeechEnd = 20,
  kMarkEndpoint = 21,
  kMarkModelAsked = 22,
  kMarkFirstText = 23,
  kMarkFirstAudio = 24,
  kMarkHeard = 25,  // the first of the reply was heard
};
DRAGOMAN_EXPORT std::string_view Name(NoticeKind kind);

// For people who watch: screens, waterfalls, reports. Changes nothing.
struct Notice {
  NoticeKind kind{};
  std::int64_t at_us = 0;
  std::int64_t value = 0;
  std::string text;
  friend bool operator==(const Notice&, const Notice&) = default;
};

}  // namespace call_command

// The index in the variant is the kind in logs: append only.
using CallCommand =
    std::variant<call_command::AskModel, call_command::CommitReply, call_command::CancelModel,
                 call_command::UseExpectation, call_command::FlushRecognizer,
                 call_command::EstimateTurn, call_command::RunTool, call_command::Speak,
                 call_command::CancelSpeech, call_command::ClearPlayout,
                 call_command::AppendHistory, call_command::AmendHistory, call_command::Settled,
                 call_command::SetTimer, call_command::StopTimer, call_command::HangUp,
                 call_command::Finish, call_command::SilenceReason, call_command::Notice>;
DRAGOMAN_EXPORT std::string_view Name(const CallCommand& command);  // "ask_model"
DRAGOMAN_EXPORT std::string ToString(const CallCommand& command);

}  // namespace dragoman
#endif  // DRAGOMAN_AGENT_CALL_EVENTS_H_
