// The mind of a live call: events in, commands out, nothing else.
#ifndef DRAGOMAN_AGENT_CALL_MACHINE_H_
#define DRAGOMAN_AGENT_CALL_MACHINE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/agent/call_events.h"
#include "dragoman/core/export.h"

namespace dragoman {

// Grows with every change of what Step does. In the header of each log.
inline constexpr std::int64_t kCallMachineVersion = 3;

// Durations are whole milliseconds. Where a default comes from THREATS.md section 4 it says so.
struct DRAGOMAN_EXPORT CallMachineOptions {
  using Ms = std::chrono::milliseconds;

  // What the agent says by itself. An empty text is not said; where something must happen then
  // (the goodbye), it happens without words.
  std::string greeting;  // first words; empty: the model is asked to begin
  bool greeting_interruptible = true;
  std::string goodbye = "Goodbye.";
  std::vector<std::string> fillers = {"One moment, please.", "I'm still working on it."};
  // One for each reprompt of a silent caller; their number is the number of reprompts.
  std::vector<std::string> reprompts = {"Are you still there?", "Hello? I can't hear you."};
  std::string silent_goodbye = "I can't hear anyone, so I will hang up now. Goodbye.";
  std::string apology = "I'm sorry, something went wrong. Could you say that again, please?";
  std::string failure_goodbye = "I'm sorry, I can't continue this call. Goodbye.";
  std::string too_many_tools =
      "I'm sorry, I could not get that done. Could you say it differently?";
  std::string interruption = "Sorry to interrupt.";  // the caller's turn never ends
  std::string wrap_up = "We have to finish soon.";
  std::string limit_goodbye = "Our time is up. Goodbye.";
  std::string loop_goodbye = "We seem to be going in circles, so I will hang up now. Goodbye.";

  // End of turn: silence after the caller's last sound. Raising them cuts off fewer people and
  // answers later.
  Ms min_end_silence{300};         // the words are a finished turn
  Ms end_silence{700};             // it may go either way
  Ms max_end_silence{1600};        // the words ask for more ("I would like to"), or end in "uh"
  int finished_per_mille = 800;    // completeness from which the words are a finished turn
  int unfinished_per_mille = 350;  // and below which they ask for more
  Ms flush_lead{150};        // the transcript is asked for so long before the end of the silence
  Ms final_deadline{1'000};  // then the last partial counts
  Ms max_turn{60'000};       // a caller's turn; then the agent interrupts politely
  Ms no_words{3'000};        // "speech" without any word is noise (STT: no result while speech)

  // Speculation: the model is asked ahead when the words look finished and the pause lasted so
  // long.
  bool speculate = true;
  Ms speculate_after{150};

  // Barge-in.
  Ms interrupt_after{200};  // of speech over the agent, from its onset; words decide sooner
  Ms false_stop{1'200};     // silence after an interruption without words; then the agent goes on
  Ms answer_margin{600};    // "yes" so close before the agent's end answers it, else it is ignored

  // The model and the tools (THREATS: first token hard 4 s, between tokens 3 s).
  Ms first_text{4'000};
  Ms between_texts{3'000};
  int model_retries = 1;     // of one reply, while nothing of it was spoken
  int model_failures = 3;    // replies in a row that failed; then the call ends
  int tool_rounds = 8;       // model, tool, model ... within a turn
  Ms tool_deadline{60'000};  // a gate reports sooner; the result still reaches the history later
  std::string end_call_tool = "end_call";  // the machine's own: goodbye, then hang up

  // Agent-owed silence (THREATS: filler 1.5 s, never above 4 s).
  Ms filler_after{1'500};
  Ms filler_again{3'000};

  // The voice (THREATS: first audio hard 1.5 s).
  Ms first_audio{1'500};
  Ms between_audio{3'000};
  int speech_failures = 3;    // utterances in a row that failed; then the call ends
  Ms playout_slack{2'000};    // audio not reported as heard so long after it should have been
  int min_chunk_chars = 12;   // shorter sentences are spoken together with the next
  int max_chunk_chars = 240;  // longer ones are cut at a comma or a blank; 40 to 2000

  // The caller who says nothing (THREATS: 8 s twice, end at 30 s).
  Ms caller_silence{8'000};
  Ms caller_silence_end{30'000};
  Ms hello_wait{2'000};  // outbound: the called party speaks first, or the agent does after this

  Ms digits_pause{2'000};  // after a key; '#' ends at once
  int max_digits = 32;

  // The end.
  Ms call_limit{600'000};         // THREATS: call 10 min, at most 60
  Ms wrap_up_before{30'000};      // 0: no wrap-up
  Ms drain_limit{300'000};        // what a call still gets after Drain
  Ms goodbye_limit{10'000};       // until the goodbye was heard; then the line is cut
  Ms limit_goodbye_limit{5'000};  // the same at the end of the time: gone by T + 5 s
  Ms close_limit{5'000};          // from HangUp to MediaClosed
  int loop_repeats = 6;  // the same sentence so often, from either side; then the call ends

  absl::Status Validate() const;  // kInvalidArgument naming the field and range
  friend bool operator==(const CallMachineOptions&, const CallMachineOptions&) = default;
};

class CallCore;  // the state; src/agent/

// Step is a function of the options and of the events so far: no clock, thread, random number,
// float or locale in it. One thread at a time.
//
// What whoever drives it promises:
//  - the first event is CallStarted; at_us never goes back; an event that a command causes comes
//    after the Step that gave the command, in order of happening;
//  - commands are carried out in the order given, before the next Step;
//  - ClearPlayout is carried out at once and answered by PlayoutCleared, the next event;
//  - AskModel is answered by ModelText and ModelToolCall, then one ModelDone; RunTool by one
//    ToolResult; Speak by SpeechAudio (or SpeechReplaced before it) and one SpeechEnd; HangUp by
//    MediaClosed. Events of what was cancelled may still come: they are ignored;
//  - a timer is fired at its time or later, once. One that was stopped or replaced may still
//    come (it was on its way): it is ignored;
//  - the history is kept by AppendHistory and AmendHistory alone. A request to the model is the
//    system message, the history in its order without empty entries, and, when speculative, the
//    provisional user message;
//  - after Finish nothing is given to Step. What is given is ignored.
//
// context_digest: FNV-1a 64 (offset basis 14695981039346656037, prime 1099511628211) over each
// AppendHistory and AmendHistory so far, as their ContextBytes.
class DRAGOMAN_EXPORT CallMachine {
 public:
  explicit CallMachine(CallMachineOptions options);  // options that passed Validate
  ~CallMachine();
  CallMachine(CallMachine&&) noexcept;
  CallMachine& operator=(CallMachine&&) noexcept;

  // Appends to `out`. Never fails: an event that fits nothing is ignored, with a Notice.
  void Step(const CallEvent& event, std::vector<CallCommand>* out);

  bool finished() const;  // Finish was given
  SilenceKind silence() const;
  std::string Describe() const;  // the regions' states: "up, silent, idle, idle, idle"

 private:
  std::unique_ptr<CallCore> core_;
};

// What a history command adds to the context digest: kind, role, text, calls and ids, each with its
// length, so that two contexts never share their bytes.
DRAGOMAN_EXPORT std::string ContextBytes(const call_command::AppendHistory& entry);
DRAGOMAN_EXPORT std::string ContextBytes(const call_command::AmendHistory& change);

// The machine's tables as Markdown, one per region; docs/call-machine.md contains them. And their
// digest (FNV-1a 64 of that text), which stands in the header of each log.
DRAGOMAN_EXPORT std::string PrintCallTables();
DRAGOMAN_EXPORT std::uint64_t CallTablesDigest();

}  // namespace dragoman
#endif  // DRAGOMAN_AGENT_CALL_MACHINE_H_
