// The only ways to a tool, a carrier, a synthesizer: each effect and each spoken sentence passes
// here.
#ifndef DRAGOMAN_SAFETY_GATES_H_
#define DRAGOMAN_SAFETY_GATES_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/conversation/message.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/safety/goal_sessions.h"
#include "dragoman/safety/governor.h"
#include "dragoman/speech/speech_synthesizer.h"
#include "dragoman/telephony/carrier.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

// Runs tools and places calls for agents, which hold no Tool and no Carrier themselves. Every
// decision is logged. Thread-safe.
class DRAGOMAN_EXPORT EffectGate {
 public:
  virtual ~EffectGate() = default;
  // What the agent may ask for.
  virtual std::vector<ToolSpec> tools() const = 0;
  // Validates, decides, then runs. `on_done` comes on `executor`, exactly once unless the run is
  // destroyed first, never inside: kNotFound, kInvalidArgument (the model's mistake),
  // kPermissionDenied (a rule; the message names it), kDeadlineExceeded (the tool's timeout), or
  // what the tool said.
  virtual std::unique_ptr<ToolRun> Run(const ToolCall& call, const ToolContext& context,
                                       Executor& executor, ToolDone on_done) = 0;
  virtual absl::StatusOr<std::unique_ptr<Dial>> Place(const DialRequest& request,
                                                      Executor& executor,
                                                      Carrier::Callbacks callbacks) = 0;
};

struct DRAGOMAN_EXPORT SpokenText {
  std::string text;  // what may be said: the sentence, or a safe line in its place
  bool replaced = false;
  std::string reason;  // why it was replaced
};

// Decides over each sentence before it is synthesized. Thread-safe.
class DRAGOMAN_EXPORT SpeechGate {
 public:
  virtual ~SpeechGate() = default;
  virtual SpokenText Check(std::string_view call_id, std::string_view sentence) = 0;
  // The checked sentence goes on to the synthesizer; there is no other way to it. `spoken` is what
  // will really be said; callbacks are the synthesizer's.
  virtual absl::StatusOr<std::unique_ptr<SynthesisStream>> Synthesize(
      const SpokenText& spoken, const SynthesisOptions& options, Executor& executor,
      SpeechSynthesizer::Callbacks callbacks) = 0;
};

// Gates that ask a governor. All borrowed, must outlive the gates; `carrier` may be null (dialling
// is refused), `pool` too: then decisions are made on the caller's thread, and one that takes
// longer than the governor's timeout is refused when it comes. With a pool it is refused at the
// timeout, whatever became of the decision; the pool is to be destroyed before the
// governor.
//
// A call of a tool belongs to the session whose id is its context's call_id, a dial to the one
// whose id is its client reference; without an open session it is refused. What runs is what was
// decided on: the canonical arguments, the canonical number. A decision of CONFIRM is reported as
// kFailedPrecondition with the id of the question, one of DENY as kPermissionDenied with the rule.
// Results are noted in the goal's context before anybody sees them. A placed call is hung up within
// a second of the kill switch.
struct DRAGOMAN_EXPORT GoverningGateDependencies {
  const ToolRegistry* tools = nullptr;
  Carrier* carrier = nullptr;
  Governor* governor = nullptr;
  GoalSessions* sessions = nullptr;
  LogSink* log = nullptr;
  WorkPool* pool = nullptr;
};
// kInvalidArgument: one of tools, governor, sessions or log is null.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<EffectGate>> MakeGoverningEffectGate(
    GoverningGateDependencies dependencies);
// What a dial looks like to the governor, to be pinned by the goals that may place calls.
DRAGOMAN_EXPORT const ToolSpec& DialTool();

// A gate over what is said. Stops a sentence that, with what was said just before, spells a value
// of the vault or names a handle of it; one that goes beyond the mandate of its call's session; one
// that claims an action of which the session has no receipt. In its place stands a safe line in the
// session's language. The first words of a call whose session has a disclosure are that disclosure.
// A call without a session has an empty mandate and no receipts. Mandates and claims are read in
// English (amounts in digits in any language). `secrets` may be null: there is no vault.
struct DRAGOMAN_EXPORT SpeechGateDependencies {
  SpeechSynthesizer* synthesizer = nullptr;
  const GoalSessions* sessions = nullptr;
  const SecretMatcher* secrets = nullptr;
  LogSink* log = nullptr;
};
// kInvalidArgument: synthesizer, sessions or log is null. All borrowed, must outlive the gate.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<SpeechGate>> MakeGoverningSpeechGate(
    SpeechGateDependencies dependencies);

// Gates that allow everything and log it. The tools, the carrier (may be null: dialling is
// refused), the synthesizer and the log are borrowed and must outlive the gate.
DRAGOMAN_EXPORT std::unique_ptr<EffectGate> MakeAllowingEffectGate(const ToolRegistry& tools,
                                                                   Carrier* carrier, LogSink& log);
DRAGOMAN_EXPORT std::unique_ptr<SpeechGate> MakeAllowingSpeechGate(SpeechSynthesizer& synthesizer,
                                                                   LogSink& log);

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_GATES_H_
