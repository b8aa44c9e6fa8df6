#include "dragoman/conversation/call_report.h"

namespace dragoman {

std::string_view Name(CallEnd end) {
  switch (end) {
    case CallEnd::kAgentHungUp:
      return "agent_hung_up";
    case CallEnd::kCallerHungUp:
      return "caller_hung_up";
    case CallEnd::kSilentCaller:
      return "silent_caller";
    case CallEnd::kTimeLimit:
      return "time_limit";
    case CallEnd::kMediaLost:
      return "media_lost";
    case CallEnd::kFailed:
      return "failed";
    case CallEnd::kRefused:
      return "refused";
  }
  return "failed";
}

}  // namespace dragoman
