// What must be true of any stream of events and commands, whatever the machine thinks.
#ifndef DRAGOMAN_SRC_AGENT_CALL_AUDIT_H_
#define DRAGOMAN_SRC_AGENT_CALL_AUDIT_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/agent/call_core.h"

namespace dragoman {

// Follows a call from outside: OnEvent before the Step, OnCommand for each of its commands,
// AfterStep at its end. Each answers with what is wrong, empty when nothing is. Copyable.
class CallAudit {
 public:
  std::string OnEvent(const CallEvent& event);
  std::string OnCommand(const CallCommand& command);
  std::string AfterStep(const CallState& state);

  struct Speech {
    UtteranceId id = 0;
    UtteranceKind kind{};
    std::string text;
    bool interruptible = false;
    bool cancelled = false;  // no SpeechEnd will come
    bool ended = false;
    bool failed = false;
    std::int64_t start_ms = -1;  // of its audio; -1: none yet
    std::int64_t end_ms = -1;
  };

  bool line_up = false;          // CallStarted was seen
  std::int64_t position_ms = 0;  // heard so far
  bool hung_up = false;
  bool closed = false;
  bool finished = false;
  ReplyId model = 0;         // open
  bool speculative = false;  // and not committed
  ReplyId last_reply = 0;
  std::vector<Speech> speeches;  // not settled
  UtteranceId last_utterance = 0;
  ToolRunId run = 0;  // running
  ToolRunId last_run = 0;
  int unanswered_calls = 0;  // in the history, without a result
  bool clearing = false;     // PlayoutCleared is owed
  int flushes = 0;           // finals owed
  std::int64_t now_us = 0;
  std::array<std::int64_t, kCallTimers> armed{};  // due + 1; 0: not armed
  SilenceKind silence = SilenceKind::kConnecting;
  // Words that were heard and are not in the history; those of open provisional entries count as
  // in.
  std::int64_t missing_words = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> provisional;  // entry, its words
  std::int64_t entries = 0;
  std::int64_t context_version = 0;
  std::uint64_t context_digest = 14695981039346656037u;

 private:
  std::string Check(const call_command::AskModel& ask);
  std::string Check(const call_command::CommitReply& commit);
  std::string Check(const call_command::CancelModel& cancel);
  std::string Check(const call_command::RunTool& run);
  std::string Check(const call_command::Speak& speak);
  std::string Check(const call_command::CancelSpeech& cancel);
  std::string Check(const call_command::ClearPlayout& clear);
  std::string Check(const call_command::AppendHistory& entry);
  std::string Check(const call_command::AmendHistory& change);
  std::string Check(const call_command::Settled& settled);
  std::string Check(const call_command::SetTimer& set);
  std::string Check(const call_command::StopTimer& stop);
  std::string Check(const call_command::HangUp& hang_up);
  std::string Check(const call_command::Finish& finish);
  std::string Check(const call_command::FlushRecognizer& flush);
  std::string Check(const call_command::SilenceReason& reason);
  template <typename Other>
  std::string Check(const Other&) {
    return {};
  }
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_AGENT_CALL_AUDIT_H_
