// A live conversation: one call, from ring to hang-up, with a recogniser, a model, tools and a
// voice.
#ifndef DRAGOMAN_AGENT_SESSION_H_
#define DRAGOMAN_AGENT_SESSION_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/agent/call_log.h"
#include "dragoman/agent/call_machine.h"
#include "dragoman/agent/narrator.h"
#include "dragoman/conversation/call_report.h"
#include "dragoman/conversation/reply_expectation.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/llm/chat_model.h"
#include "dragoman/safety/gates.h"
#include "dragoman/speech/speech_recognizer.h"
#include "dragoman/speech/speech_synthesizer.h"
#include "dragoman/speech/turn_detector.h"
#include "dragoman/store/event_log.h"
#include "dragoman/telephony/call.h"

namespace dragoman {

struct DRAGOMAN_EXPORT SessionOptions {
  std::string instructions;  // the model's system message
  std::string language = "en-US";
  // What the other party may say to the greeting; later replies bring their own expectations.
  std::optional<ReplyExpectation> opening;
  SynthesisOptions voice;      // its sample rate is the line's, whatever is set
  CallMachineOptions machine;  // limits, prompts, greeting, turn-taking
  std::string log_name;        // of the event log; empty: the call's id
  // Where the audio is kept beside the log (a folder that exists) and the stereo recording is made
  // after the call: <log_name>.audio, <log_name>.wav. Empty: no recording.
  std::string recording_folder;
  // The first steps of a call that this one goes on with, on another line: the machine runs over
  // them first, they stand in the log as they were, and its time counts on. After the last of them
  // nothing of the agent's may be under way but a request to the model, and the other party must be
  // silent. Empty: a call of its own.
  std::vector<CallStep> past;
  absl::Status Validate() const;
};

// All borrowed; all must outlive the session. `turns`, `logs` and `pool` may be null: no turn
// model, no log, no recording.
struct DRAGOMAN_EXPORT SessionDependencies {
  SpeechRecognizer* recognizer = nullptr;
  SpeechGate* speech = nullptr;
  ChatModel* model = nullptr;
  EffectGate* effects = nullptr;
  TurnDetector* turns = nullptr;
  EventLogStore* logs = nullptr;
  WorkPool* pool = nullptr;
  LogSink* log = nullptr;  // null: nothing is written
};

// Lives on the call's executor: methods, callbacks and destruction happen there. Destruction hangs
// up and reports nothing more; destroying it inside its own callback is allowed.
class DRAGOMAN_EXPORT Session {
 public:
  struct Callbacks {
    absl::AnyInvocable<void(const SessionEvent&)> on_event;
    // The other party's words as they enter the history, before anything is said or done about
    // them: for what decides by them. Must not touch the session.
    absl::AnyInvocable<void(std::string_view words)> on_heard;
    // Last, exactly once unless destroyed first; the log is closed and the recording made.
    absl::AnyInvocable<void(CallReport)> on_done;
  };

  // Takes the call over and begins to listen and to speak. On failure the call is hung up:
  // kInvalidArgument: the options; kResourceExhausted: no recogniser is free; kDataLoss: the past
  // does not come out again, naming the event.
  static absl::StatusOr<std::unique_ptr<Session>> Start(std::unique_ptr<Call> call,
                                                        SessionOptions options,
                                                        const SessionDependencies& dependencies,
                                                        Callbacks callbacks);
  virtual ~Session() = default;

  // Says something now or after what is being said. kResourceExhausted: two utterances wait
  // already.
  virtual absl::Status Say(std::string_view text, bool interruptible) = 0;
  // Says goodbye (empty: the agent's own), waits until it was heard, hangs up.
  virtual void End(std::string_view goodbye) = 0;
  // Presses keys of the phone (0 to 9, * and #). They stand in no log; the recording is silent
  // while they sound. kUnimplemented: the line cannot; kFailedPrecondition: the call has ended.
  virtual absl::Status PressKeys(std::string_view keys) = 0;
  // The executor is about to stop: hangs up at once.
  virtual void Abort() = 0;
  virtual const CallInfo& info() const = 0;
};

}  // namespace dragoman

#endif  // DRAGOMAN_AGENT_SESSION_H_
