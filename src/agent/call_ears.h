// What of the other party's words and voice may be kept.
#ifndef DRAGOMAN_SRC_AGENT_CALL_EARS_H_
#define DRAGOMAN_SRC_AGENT_CALL_EARS_H_

#include <cstdint>
#include <string>

#include "dragoman/agent/call_events.h"
#include "dragoman/safety/gates.h"
#include "src/agent/call_audio.h"

namespace dragoman {

// Asks the speech gate about each transcript before it becomes an event, and has the recording of
// an utterance muted from its beginning to its transcript when something was taken out of it; of
// the one before too, when it began there. Only on its executor.
class CallEars {
 public:
  // `gate` is borrowed.
  CallEars(SpeechGate& gate, std::string call_id, int sample_rate_hz);

  // Partial and Final are changed; anything else stays as it is. `audio` may be null.
  void Take(CallEventBody& event, CallAudio* audio);
  // The call is over. What was being said and not understood is not kept.
  void End(bool open, CallAudio& audio);

 private:
  void TakeFinal(call_event::Final& final, CallAudio* audio);
  std::int64_t Begin() const;

  SpeechGate& gate_;
  const std::string call_id_;
  const int sample_rate_hz_;
  bool masked_ = false;        // in the utterance that is being said
  bool reaches_back_ = false;  // and in the one before
  std::int64_t ended_ = 0;     // samples: where the utterance before did
  std::int64_t began_ = -1;    // where this one does; -1: nobody spoke since
  std::int64_t before_ = 0;    // where the one before began
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_CALL_EARS_H_
