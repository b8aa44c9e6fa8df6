// Tells a call as people want to follow it, live or from its log.
#ifndef DRAGOMAN_AGENT_NARRATOR_H_
#define DRAGOMAN_AGENT_NARRATOR_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dragoman/agent/call_events.h"
#include "dragoman/core/export.h"

namespace dragoman {

// Something a person following the call would like to see. Times are since the call's start.
struct DRAGOMAN_EXPORT SessionEvent {
  enum class Kind {
    kUserPartial,  // text: what the other party seems to be saying
    kUserSaid,     // text: their turn, as it entered the history
    kUserPressed,  // text: one key
    kAgentSays,    // text: a sentence on its way to the voice; id: its utterance; name: its kind
    kAgentHeard,   // text: what was heard of an utterance once it ended; id, name as above; ok: all
    kAgentUnheard,  // text: the rest of it; follows kAgentHeard when there is a rest
    kToolCalled,    // text: arguments; name: the tool; id: its run
    kToolReturned,  // text: result or error; name: the tool; id: its run; ok
    kNotice,        // name: what the machine noticed ("barge_in", "mark_first_text"...); id: its
                    // value; text: detail. "silence": text is the reason why nobody speaks
    kEnded,         // name: the CallEnd; text: detail. The last event
  };
  Kind kind = Kind::kNotice;
  std::chrono::microseconds at{0};
  std::int64_t id = 0;
  std::string name;
  std::string text;
  bool ok = true;
  friend bool operator==(const SessionEvent&, const SessionEvent&) = default;
};

// Steps of one call in, in their order; events out. One thread at a time.
class DRAGOMAN_EXPORT Narrator {
 public:
  void Tell(const CallEvent& event, const std::vector<CallCommand>& commands,
            std::vector<SessionEvent>* out);

 private:
  std::map<ToolRunId, std::string> tools_;  // names of the runs under way
};

}  // namespace dragoman

#endif  // DRAGOMAN_AGENT_NARRATOR_H_
