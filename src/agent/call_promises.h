// What the people and parts around a call machine may expect of it, written down from the outside:
// from call_events.h, call_machine.h and the options, not from the tables.
#ifndef DRAGOMAN_SRC_AGENT_CALL_PROMISES_H_
#define DRAGOMAN_SRC_AGENT_CALL_PROMISES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "src/agent/call_audit.h"

namespace dragoman {

// The bit of an alternative in a set of commands or of events.
template <typename Alternative, typename... Kinds>
constexpr std::uint32_t BitIn(const std::variant<Kinds...>*) {
  std::uint32_t bit = 0;
  std::uint32_t next = 1;
  ((bit |= std::is_same_v<Alternative, Kinds> ? next : 0, next <<= 1), ...);
  return bit;
}
template <typename Command>
constexpr std::uint32_t Bit() {
  return BitIn<Command>(static_cast<const CallCommand*>(nullptr));
}
template <typename Event>
constexpr std::uint32_t EventBit() {
  return BitIn<Event>(static_cast<const CallEventBody*>(nullptr));
}

// Beside CallAudit, which asks whether each command may be given, this asks whether it was given:
// what the caller said is a turn or was withdrawn for a reason, turns reach the history and are
// answered, the agent's words are spoken unless something came between, each timer that fires does
// what it is for, the timer that each situation needs is armed, and the named reason of a silence
// is true. Copyable.
class CallPromises {
 public:
  // Before CallAudit::OnEvent.
  void OnEvent(const CallEvent& event, const CallAudit& audit, const CallMachineOptions& options);
  // After CallAudit::OnCommand. What is wrong; empty: nothing.
  std::string OnCommand(const CallCommand& command, const CallAudit& audit,
                        const CallMachineOptions& options);
  // After CallAudit::AfterStep.
  std::string AfterStep(const CallState& state, const CallAudit& audit,
                        const CallMachineOptions& options) const;
  // Of what is remembered between steps.
  std::uint64_t Digest(const CallAudit& audit) const;

 private:
  // What happened in this step.
  struct Step {
    std::optional<CallTimer> fired;
    std::uint32_t event = 0;      // index of CallEventBody
    std::uint32_t gave = 0;       // bits by index of CallCommand
    std::uint32_t told = 0;       // bits by NoticeKind
    std::uint32_t spoke = 0;      // bits by UtteranceKind
    UtteranceId over = 0;         // may be interrupted, and is open as the event comes
    bool new_words = false;       // of the caller
    bool finished_words = false;  // says the turn detector
    bool meant = false;           // they are no murmur
    bool model_done = false;      // of a reply that was asked for
    bool model_failed = false;
    bool expects = false;  // its ModelDone named an expectation
    bool result = false;   // of the running tool
    bool outbound = false;
    bool hash = false;        // '#' behind other keys
    bool stray = false;       // a tool result that nobody waits for
    bool ahead_fits = false;  // the turn says what the model was asked ahead
    UtteranceId heard = 0;    // reported as heard to its end
    bool late_result = false;
    bool voice_failed = false;  // the voice kept silent for too long
    bool stopped = false;       // the agent had, for a sound, as the event came
    bool done_ahead = false;    // the speculative reply is complete
    bool transcribed = false;   // the transcript that the turn waited for
    bool late_words = false;    // the answer to a flush of an earlier turn
    bool all_digits = false;
    bool heard_words = false;                  // of the caller, in the event itself
    SilenceKind silence = SilenceKind::kNone;  // before the event
    bool ends_call = false;                    // one of the recorded calls does
    std::size_t recorded = 0;                  // tool calls that entered the history
    std::int64_t now_us = 0;
  };

  void TakeWords(const CallEvent& event, const CallAudit& audit, const CallMachineOptions& options);
  void MayBeTaken(std::string_view text);
  void TakeModel(const CallEvent& event, const CallAudit& audit);
  std::string OnNotice(const call_command::Notice& notice, const CallAudit& audit,
                       const CallMachineOptions& options);
  std::string OnHistory(const call_command::AppendHistory& entry,
                        const CallMachineOptions& options);
  std::string OnSpeak(const call_command::Speak& speak, const CallMachineOptions& options);
  std::string OnSettled(const call_command::Settled& settled);
  std::string Fired(const CallAudit& audit) const;
  std::string Answered(const CallAudit& audit, const CallMachineOptions& options) const;
  std::string Armed(const CallAudit& audit, const CallMachineOptions& options) const;
  std::string TurnIsTrue(const CallAudit& audit, const CallMachineOptions& options) const;
  std::string SilenceIsTrue(const CallAudit& audit, const CallMachineOptions& options) const;
  std::string StatesAreTrue(const CallState& state, const CallAudit& audit) const;
  std::string Finished(const call_command::Finish& finish, const CallAudit& audit) const;

  std::int64_t& Unspoken(UtteranceKind kind) { return unspoken_[static_cast<std::size_t>(kind)]; }
  std::int64_t Unspoken(UtteranceKind kind) const {
    return unspoken_[static_cast<std::size_t>(kind)];
  }
  std::string Said() const;  // the caller's turn so far
  bool Told(call_command::NoticeKind kind) const {
    return (step_.told >> static_cast<int>(kind) & 1) != 0;
  }
  template <typename Command>
  bool Gave() const {
    return (step_.gave & Bit<Command>()) != 0;
  }

  // The caller's
  std::string segments_;
  std::string partial_;
  std::string digits_;
  bool sound_ = false;
  bool unsure_ = false;  // a late transcript: it may belong to this turn or to the one before
  int stale_ = 0;
  std::int64_t stale_until_us_ = 0;
  bool turn_open_ = false;
  bool flushed_ = false;         // since the last sound or words
  bool unanswered_ = false;      // a turn was taken, and nothing was said to it
  std::int64_t owed_words_ = 0;  // of turns that were taken, and not in the history
  std::int64_t entries_ = 0;
  std::int64_t user_entry_ = -1;
  std::int64_t user_words_ = 0;  // of that entry
  // The agent's
  std::array<std::int64_t, 7>
      unspoken_{};           // words that are to be spoken, by UtteranceKind; 0: the wrap-up
  bool cut_ = false;         // for the caller's words, and nothing said since
  bool stopped_ = false;     // for a sound, and it is not known what that was
  bool doubted_ = false;     // late words came since the model was asked
  bool asks_ = false;        // there is a reason to ask the model
  bool greeted_ = false;     // and a turn was taken since
  bool greets_ = false;      // but the greeting was under way then
  bool insists_ = false;     // on answering a turn that was too long
  std::string tried_;        // words for which the model was to be asked ahead
  ReplyId spoken_ = 0;       // the last reply of which something was said
  ReplyId dropped_ = 0;      // nothing of replies up to this one is spoken
  std::size_t calls_ = 0;    // of the last reply
  bool done_ahead_ = false;  // the speculative reply is complete
  bool content_ = false;     // of the last reply
  int voice_failures_ = 0;
  std::vector<ToolRunId> overdue_;
  std::int64_t asked_estimate_ = 0;
  std::string asked_words_;
  UtteranceId timed_ = 0;  // an utterance whose word times are known
  std::int64_t first_word_ms_ = 0;
  bool ending_ = false;
  bool by_model_ = false;    // it ends the call: what it says is said to its end
  bool began_ = false;       // the agent has spoken, or was to
  bool capped_ = false;      // the turn was too long
  bool ahead_open_ = false;  // a speculation was neither kept nor dropped
  int retries_ = 0;          // of the reply
  int failures_ = 0;         // replies in a row
  int rounds_ = 0;           // with tools, within a turn
  std::int64_t limit_us_ = 0;
  int prompts_ = 0;     // reprompts since the caller's last turn
  std::string ahead_;   // what the model was asked ahead, as words
  std::string reply_;   // text of the last reply
  std::string before_;  // and of the one before
  int repeats_ = 0;     // of it
  std::optional<CallEnd> end_;
  Step step_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_AGENT_CALL_PROMISES_H_
