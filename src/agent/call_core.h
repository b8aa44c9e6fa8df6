// The state of a call machine and what its tables' guards and actions do.
#ifndef DRAGOMAN_SRC_AGENT_CALL_CORE_H_
#define DRAGOMAN_SRC_AGENT_CALL_CORE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/agent/call_machine.h"
#include "src/agent/call_tables.h"

namespace dragoman {

// Text that waits for its turn to be spoken.
struct Chunk {
  std::int64_t voice = 0;
  UtteranceKind kind = UtteranceKind::kReply;
  std::string text;
  bool interruptible = true;
  int attempts = 0;     // failed syntheses so far
  bool answers = true;  // the turn that was taken last
  bool stays = false;   // though the caller interrupts, until it was begun
  friend bool operator==(const Chunk&, const Chunk&) = default;
};

// Whether words of that kind can be an answer to a turn.
constexpr bool Answers(UtteranceKind kind) {
  return kind != UtteranceKind::kFiller && kind != UtteranceKind::kApplication;
}

// Asked for with Speak and not settled.
struct Utterance {
  UtteranceId id = 0;
  std::int64_t voice = 0;
  UtteranceKind kind = UtteranceKind::kReply;
  std::string text;
  bool interruptible = true;
  int attempts = 0;
  bool answers = true;
  bool started = false;  // some audio was given to Play
  bool ended = false;    // all of it was
  bool failed = false;
  bool cancelled = false;
  std::int64_t start_ms = 0;
  std::int64_t queued_ms = 0;
  std::int64_t alive_us = 0;  // its synthesizer's last sign
  std::vector<call_event::WordTime> words;
  friend bool operator==(const Utterance&, const Utterance&) = default;
};

// What is said in one breath and is one entry of the history: a reply over all its utterances, or
// one utterance of the machine's own.
struct Voice {
  std::int64_t id = 0;
  UtteranceKind kind = UtteranceKind::kReply;
  ReplyId reply = 0;
  std::string planned;  // all text given to speech so far
  std::string heard;
  std::int64_t entry = -1;  // in the history; -1: not there yet
  std::string entry_text;
  bool open = false;  // more text may come
  friend bool operator==(const Voice&, const Voice&) = default;
};

struct OverdueRun {
  ToolRunId run = 0;
  std::int64_t entry = 0;
  friend bool operator==(const OverdueRun&, const OverdueRun&) = default;
};

// Everything that Step remembers. Copied and compared by the checker, so plain values only.
struct CallState {
  std::array<std::uint8_t, kRegions> states{};
  std::array<std::int64_t, kCallTimers> armed{};  // due time in us + 1; 0: not armed
  SilenceKind silence = SilenceKind::kNone;
  // The tables are broken: a step did not come to rest, or an action had nothing to act on.
  bool broken = false;

  // Line
  std::int64_t now_us = 0;  // of the last event
  std::int64_t started_us = 0;
  std::int64_t limit_us = 0;
  bool outbound = false;
  bool wrapped_up = false;
  bool closed = false;    // the line is
  bool hung_up = false;   // HangUp was given
  bool finished = false;  // Finish was given
  bool cut = false;       // the goodbye does not wait for what is being said
  std::int64_t ending_us = 0;
  std::int64_t goodbye_ms = 0;  // how long the goodbye may take
  std::int64_t closing_us = 0;
  CallEnd end = CallEnd::kFailed;
  bool end_known = false;
  std::string end_detail;

  // User
  bool sound_on = false;
  bool turn_open = false;
  bool capped = false;  // the turn was ended for its length
  bool echo_noticed = false;
  std::int64_t turn = 0;  // number of turns taken
  std::int64_t turn_began_us = 0;
  std::int64_t sound_us = 0;          // onset of the sound
  std::int64_t quiet_us = 0;          // its end
  std::int64_t words_us = 0;          // last time that the words changed, or the sound began
  std::int64_t final_us = 0;          // since when the final is awaited
  std::int64_t committed_ms = 0;      // on the caller's audio: what lies before it was taken
  std::int64_t audio_ms = 0;          // on the caller's audio: the last edge of a sound
  std::vector<std::string> segments;  // closed utterances of the turn
  std::string partial;
  std::string text;        // of the turn, without digits
  std::string speculated;  // text that was tried for a speculation
  std::string digits;
  std::int64_t digit_us = 0;
  std::int64_t estimate_request = 0;
  std::int64_t complete = 0;  // per mille
  bool hesitates = false;
  bool murmurs = false;            // "mm-hm" and nothing else
  bool flushed = false;            // since the last sound or words
  std::int64_t flushes = 0;        // not answered
  std::int64_t stale_flushes = 0;  // of turns that did not wait for the answer
  std::int64_t stale_until_us = 0;
  std::int64_t end_silence_ms = 0;  // the dialogue state's; 0: none
  std::string held_turn;            // taken, not yet in the history
  bool held_capped = false;
  std::string kept_turn;     // to enter the history behind the tool results
  bool owes_answer = false;  // to a turn: nothing but fillers was said since

  // Tool
  ToolRunId last_run = 0;
  ToolRunId run = 0;  // running
  std::int64_t run_us = 0;
  std::vector<OverdueRun> overdue;

  // Playout
  std::int64_t last_utterance = 0;
  std::int64_t last_voice = 0;
  std::vector<Utterance> open;
  std::vector<Chunk> queue;
  std::vector<Voice> voices;
  std::int64_t position_ms = 0;
  std::int64_t position_us = 0;  // when that was
  bool acknowledged = false;
  std::string last_said;  // the last utterance that was settled, for the echo
  std::int64_t last_said_us = 0;
  bool confirmed = false;  // the stop is meant
  bool resume = false;
  std::int64_t cleared_us = 0;
  std::int64_t stopped_us = 0;
  int speech_failures = 0;

  // Reply
  ReplyId last_reply = 0;
  ReplyId reply = 0;        // of which events are taken
  ReplyId first_reply = 0;  // to the last turn; more follow its tool results
  bool stream_open = false;
  bool had_text = false;  // of this attempt
  bool reply_done = false;
  call_event::ModelFinish finish = call_event::ModelFinish::kComplete;
  std::int64_t error_code = 0;
  std::uint64_t expectation = 0;
  std::int64_t expected_silence_ms = 0;
  std::int64_t model_us = 0;
  std::string asked_text;  // of a speculative reply, as words
  std::string tail;        // text of the reply not yet cut into chunks
  std::int64_t reply_bytes = 0;
  std::int64_t voice = 0;  // of the current reply; 0: none yet
  bool insist = false;     // the reply may not be interrupted: the caller never stops
  int attempts = 0;
  int failures = 0;  // replies in a row
  int rounds = 0;
  std::vector<ToolCall> calls;
  std::size_t next_call = 0;
  bool recorded = false;  // the calls are in the history
  bool abandon = false;   // those that have not begun will not
  std::string goodbye;    // of the end_call tool

  // Silences
  std::int64_t owed_us = 0;
  int fillers = 0;
  std::int64_t caller_us = 0;  // since when the caller has been silent, seen over reprompts
  std::int64_t prompt_us = 0;  // since when, after the last reprompt
  int reprompts = 0;

  // History
  std::int64_t entries = 0;
  std::int64_t context_version = 0;
  std::uint64_t context_digest = 14695981039346656037u;
  Role last_role = Role::kSystem;
  std::string last_user_text;
  std::array<std::uint64_t, 8> caller_said{};  // hashes of the last turns and replies
  std::array<std::uint64_t, 8> agent_said{};
  std::uint32_t caller_next = 0;
  std::uint32_t agent_next = 0;

  // Waterfall
  bool mark_text = false;  // still to be given
  bool mark_audio = false;
  bool mark_heard = false;
  friend bool operator==(const CallState&, const CallState&) = default;
};

// `tables` are borrowed: the shipped ones, or a mutant's.
class CallCore {
 public:
  CallCore(CallMachineOptions options, const CallTables& tables);

  void Step(const CallEvent& event, std::vector<CallCommand>* out);
  std::string Describe() const;

  CallState s;
  std::vector<bool> rows_used;  // when sized by whoever wants to know: rows that were carried out
  const CallMachineOptions& options() const { return options_; }
  const CallTables& tables() const { return *tables_; }

 private:
  using Ms = std::chrono::milliseconds;

  // call_core.cc: how tables are carried out
  bool Expected(const CallEvent& event) const;
  void Dispatch(Trigger trigger);
  bool TryRow(Region region, Trigger trigger);
  void Settle();
  void Raise(Trigger signal);
  bool Holds(Guard guard) const;
  void Do(Action action);
  template <typename Command>
  void Give(Command command);
  void Tell(call_command::NoticeKind kind, std::int64_t value = 0, std::string_view text = {});
  void TellAt(call_command::NoticeKind kind, std::int64_t at_us, std::int64_t value);

  // call_timers.cc
  void UpdateTimers();
  std::int64_t DueAt(CallTimer timer) const;  // -1: not to be armed
  std::int64_t FillerDue() const;
  std::int64_t CallerSilenceDue() const;
  void UpdateSilence();
  SilenceKind CurrentSilence() const;

  UserState user() const { return static_cast<UserState>(s.states[0]); }
  ToolState tool() const { return static_cast<ToolState>(s.states[1]); }
  PlayoutState playout() const { return static_cast<PlayoutState>(s.states[2]); }
  ReplyState reply() const { return static_cast<ReplyState>(s.states[3]); }
  LineState line() const { return static_cast<LineState>(s.states[4]); }

  // call_user.cc
  bool UserHolds(Guard guard) const;
  void DoUser(Action action);
  void TakePartial();
  void TakeFinal();
  void TakeDigit();
  void SoundStarts();
  void SoundStops();
  void WordsChanged();
  void CloseTurn();
  void Withdraw(std::string_view why);
  void ForgetTurn();
  bool AnswersOldFlush(const call_event::Final& event) const;
  bool StaleFinal(const call_event::Final& event) const;
  bool IsEcho(std::string_view words) const;
  bool AgentHasTurn() const;
  bool NearlyDone() const;  // the agent's last words are just being said
  bool FloorHeld() const;
  bool HasTurnText() const { return !s.text.empty() || !s.digits.empty(); }
  std::string TurnText() const;
  std::int64_t EndSilenceMs() const;

  // call_playout.cc
  bool PlayoutHolds(Guard guard) const;
  void DoPlayout(Action action);
  bool Interruptible(const Utterance& utterance) const;
  bool Audible() const;
  bool FrontDone() const;
  Utterance* FindOpen(UtteranceId id);
  void Queue(UtteranceKind kind, std::string_view text, bool interruptible);
  std::int64_t NewVoice(UtteranceKind kind, ReplyId reply);
  void SpeakNext();
  void NoteAudio(const call_event::SpeechAudio& audio);
  void NoteSpeechEnd(const call_event::SpeechEnd& end);
  void NotePosition(std::int64_t position_ms, bool acknowledged);
  void Clear();
  void SettleCut();
  void SettleAll();
  // Gives Settled; the words that were not heard go to `rest` unless it is null.
  void SettleOne(const Utterance& utterance, std::vector<Chunk>* rest);
  void FailUtterance(Utterance* utterance);
  void SettleFront(bool give_up);
  void DropQueue();
  void FallSilent();
  std::int64_t HeardMs(const Utterance& utterance) const;
  std::int64_t LeftToSayMs() const;  // roughly, of what is open and queued

  // call_reply.cc
  bool ReplyHolds(Guard guard) const;
  void DoReply(Action action);
  void Ask(bool ahead);
  void TakeModelText();
  void TakeModelCall();
  void NoteDone();
  void CutChunks(bool all);
  void OpenVoice();
  void DetachReply();
  void DropReply();
  void DropWords();
  void FinishText();
  void TakeTurn();
  bool OwesAnswer() const;
  bool FailedReply() const;
  bool OnlyEndsCall() const;

  // call_tool.cc
  bool ToolHolds(Guard guard) const;
  void DoTool(Action action);
  void RecordCalls();
  void AbandonCalls();
  void AnswerCall(bool ok, std::string_view text);
  void AnswerRest(std::string_view text);
  void CatchUp();
  bool CallsOutstanding() const { return s.recorded && s.next_call < s.calls.size(); }
  bool HasCall();  // the next one; without it the tables are broken

  // call_line.cc
  bool LineHolds(Guard guard) const;
  void DoLine(Action action);
  void SayGoodbye(CallEnd end, std::string_view detail, std::string_view goodbye);
  void StartEnding(CallEnd end, std::string_view detail, std::string_view goodbye);
  void Greet();
  void Finish();
  bool AllSaid() const;

  // call_history.cc
  void AppendEntry(call_command::AppendHistory entry);
  void AmendEntry(std::int64_t entry, std::string text, bool failed);
  void AppendUser(std::string text);
  // What is being spoken enters the history before what follows it; not the voice `except`.
  void FlushVoices(std::int64_t except = 0);
  void CloseVoices();  // what has been spoken enters the history
  Voice* FindVoice(std::int64_t id);
  bool VoiceInUse(std::int64_t id) const;
  bool Repeats(std::string_view text, bool caller);

  CallMachineOptions options_;
  const CallTables* tables_;
  std::vector<Trigger> signals_;      // empty between steps
  const CallEvent* event_ = nullptr;  // within Step
  std::vector<CallCommand>* out_ = nullptr;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_AGENT_CALL_CORE_H_
