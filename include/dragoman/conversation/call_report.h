// How a call ended, for whoever ordered it.
#ifndef DRAGOMAN_CONVERSATION_CALL_REPORT_H_
#define DRAGOMAN_CONVERSATION_CALL_REPORT_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/conversation/message.h"
#include "dragoman/core/export.h"

namespace dragoman {

enum class CallEnd {
  kAgentHungUp,  // after its goodbye was heard
  kCallerHungUp,
  kSilentCaller,  // prompts were not answered
  kTimeLimit,
  kMediaLost,  // the carrier's socket died
  kFailed,     // a provider failed beyond repair; `detail` says which
  kRefused,    // never answered: admission limit, policy
};
DRAGOMAN_EXPORT std::string_view Name(CallEnd end);  // "agent_hung_up"

// Proof of a field of a result: the other party's words at a place in the audio, or a tool's
// receipt.
struct DRAGOMAN_EXPORT Evidence {
  std::string field;  // "appointment.time"
  std::string value;
  std::string quote;                         // the words heard, or the tool's result
  std::string tool_call_id;                  // empty: speech
  std::chrono::milliseconds audio_start{0};  // from the start of the call; speech only
  std::chrono::milliseconds audio_end{0};
};

struct DRAGOMAN_EXPORT CallReport {
  std::string call_id;
  CallEnd end = CallEnd::kFailed;
  std::string detail;
  std::chrono::milliseconds duration{0};
  std::vector<Message> history;  // only what was heard, in order
  std::vector<Evidence> evidence;
};

}  // namespace dragoman

#endif  // DRAGOMAN_CONVERSATION_CALL_REPORT_H_
