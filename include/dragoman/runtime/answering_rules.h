// The gates of an agent that answers calls: a policy, a session for each call, what may be said.
#ifndef DRAGOMAN_RUNTIME_ANSWERING_RULES_H_
#define DRAGOMAN_RUNTIME_ANSWERING_RULES_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "dragoman/agent/session.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/safety/gates.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

struct DRAGOMAN_EXPORT AnsweringOptions {
  std::string
      policy_file;      // empty: AnsweringPolicy(), which reads and writes the house's own books
  std::string mandate;  // what may be agreed to and which amounts may be named (ParseMandate)
};

// All borrowed, must outlive the rules.
struct DRAGOMAN_EXPORT AnsweringDependencies {
  const ToolRegistry* tools = nullptr;  // complete: what is added later is refused
  SpeechSynthesizer* synthesizer = nullptr;
  const Clock* clock = nullptr;
  LogSink* log = nullptr;            // every decision
  const KillSwitch* kill = nullptr;  // null: nothing stops them
};

// Everything that a call does and says passes here. A call is a goal of its own: its tools are
// pinned, its caller's words are untrusted, its sentences are held against the mandate and the
// receipts of its tools. Thread-safe; must outlive the calls.
class DRAGOMAN_EXPORT AnsweringRules {
 public:
  // kInvalidArgument: the mandate, the policy file, or a tool that declares no risk: no rule could
  // ever allow it.
  static absl::StatusOr<std::unique_ptr<AnsweringRules>> Create(AnsweringOptions options,
                                                                AnsweringDependencies dependencies);
  virtual ~AnsweringRules() = default;

  virtual EffectGate& effects() = 0;
  virtual SpeechGate& speech() = 0;
  // Why no call may be answered or go on; none: they may.
  virtual std::optional<std::string> Stopped() const = 0;
  // The call as it is to be given to a session: hung up within a second of the kill switch.
  virtual std::unique_ptr<Call> Watch(std::unique_ptr<Call> call) = 0;
  // The tool succeeded in this call before it came here: one that goes on from its record. After
  // Follow; what that proves may be claimed aloud.
  virtual void RememberDone(std::string_view call_id, std::string_view tool) = 0;
  // To be given to the session of a call that was just accepted: opens the call's session here and
  // closes it when the call is over. `callbacks` are called as well.
  virtual Session::Callbacks Follow(const CallInfo& call, Session::Callbacks callbacks) = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_RUNTIME_ANSWERING_RULES_H_
