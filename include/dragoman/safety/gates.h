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
  // It names values of the vault that this call was granted: Synthesize puts them in. `text` stays
  // what may be logged and shown; the audio may be kept nowhere.
  bool confidential = false;
  std::string call_id;  // whose grants those are; empty: nobody's
};

// What of the other party's words may be logged, shown and given to a model.
struct DRAGOMAN_EXPORT HeardText {
  std::string text;
  bool masked = false;        // something was taken out: the audio of it may be kept nowhere
  bool reaches_back = false;  // and it began in what was said before
};

// Decides over each sentence before it is synthesized, and over what is heard before it is kept.
// Thread-safe.
class DRAGOMAN_EXPORT SpeechGate {
 public:
  struct Callbacks {  // those of SpeechSynthesizer, and what this gate adds
    absl::AnyInvocable<void(const PcmFrame&)> on_audio;
    // Into the text that was given to Synthesize; a handle of the vault is one word.
    absl::AnyInvocable<void(const std::vector<SpokenWord>&)> on_words;
    absl::AnyInvocable<void(absl::Status)> on_done;
    // A value could not be had: this is said in place of the sentence. Before any audio, at most
    // once.
    absl::AnyInvocable<void(std::string_view text)> on_replaced;
  };
  virtual ~SpeechGate() = default;
  virtual SpokenText Check(std::string_view call_id, std::string_view sentence) = 0;
  // The checked sentence goes on to the synthesizer; there is no other way to it. `spoken` is what
  // will really be said.
  virtual absl::StatusOr<std::unique_ptr<SynthesisStream>> Synthesize(
      const SpokenText& spoken, const SynthesisOptions& options, Executor& executor,
      Callbacks callbacks) = 0;
  // To be asked about each transcript, in order, before anybody else sees it. A transcript that is
  // not final is replaced by the next one.
  virtual HeardText Hear(std::string_view call_id, std::string_view text, bool is_final) {
    (void)call_id, (void)is_final;
    return {.text = std::string(text)};
  }
  // Whether Hear may take something out on this call: then audio must not be written down before
  // Hear has passed what is said in it.
  virtual bool Guards(std::string_view call_id) const {
    (void)call_id;
    return false;
  }
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
// of the vault or names a handle of it that its call was not granted; one that goes beyond the
// mandate of its call's session; one that claims an action of which the session has no receipt. In
// its place stands a safe line in the session's language. The first words of a call whose session
// has a disclosure are that disclosure. A call without a session has an empty mandate and no
// receipts. Mandates and claims are read in English (amounts in digits in any language).
//
// A handle passes if the call's session has it among its `secrets`, and `grants` lets it go to the
// session's sink for the goal's purpose; a handle that is stopped is recorded in `decisions` as a
// DENY of the rule vault_sink. Its value comes from `source` after the check and goes to the
// synthesizer alone, said so that it can be written down; within a second, else a safe line is
// said. What a granted call hears is searched for its values in any spelling; each is replaced by
// "vault:bank/pin", and once a value has been told, so are parts of it. What a call hears that
// begins with a disclosure is searched for card numbers and the codes beside them.
//
// `secrets`, `grants`, `source` and `decisions` may be null: there is no vault, nothing is granted,
// nothing is revealed, nothing is recorded. A call that is granted something lives on the executor
// of `source`.
struct DRAGOMAN_EXPORT SpeechGateDependencies {
  SpeechSynthesizer* synthesizer = nullptr;
  GoalSessions* sessions = nullptr;
  const SecretMatcher* secrets = nullptr;
  LogSink* log = nullptr;
  const SecretGrants* grants = nullptr;
  SecretSource* source = nullptr;
  DecisionLog* decisions = nullptr;
  const Clock* clock = nullptr;  // with `decisions`
};
// kInvalidArgument: synthesizer, sessions or log is null. All borrowed, must outlive the gate.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<SpeechGate>> MakeGoverningSpeechGate(
    SpeechGateDependencies dependencies);

// Whether a conversation may have the value of a handle: it is among the session's secrets, and the
// vault's owner declared the session's sink for the goal's purpose.
DRAGOMAN_EXPORT bool MayTell(const GoalSession& session, const SecretGrants* grants,
                             std::string_view handle);

// Gates that allow everything and log it. The tools, the carrier (may be null: dialling is
// refused), the synthesizer and the log are borrowed and must outlive the gate.
DRAGOMAN_EXPORT std::unique_ptr<EffectGate> MakeAllowingEffectGate(const ToolRegistry& tools,
                                                                   Carrier* carrier, LogSink& log);
DRAGOMAN_EXPORT std::unique_ptr<SpeechGate> MakeAllowingSpeechGate(SpeechSynthesizer& synthesizer,
                                                                   LogSink& log);

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_GATES_H_
