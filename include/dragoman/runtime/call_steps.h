// Phone calls as steps of goals: dials, lets an agent talk, and brings back what came of it.
#ifndef DRAGOMAN_RUNTIME_CALL_STEPS_H_
#define DRAGOMAN_RUNTIME_CALL_STEPS_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "dragoman/agent/session.h"
#include "dragoman/conversation/call_errand.h"
#include "dragoman/conversation/reply_expectation.h"
#include "dragoman/core/export.h"
#include "dragoman/llm/chat_model.h"
#include "dragoman/safety/governed_effects.h"
#include "dragoman/store/secret_matcher.h"
#include "dragoman/tasks/operator.h"
#include "dragoman/tools/tool.h"

namespace dragoman {

// place_call. Arguments: "to" (a number), "for" (whom the agent speaks for), "request" (what it
// says first), "facts" and "questions" (objects of texts, see CallErrand), "minutes" (1 to 10, how
// long it may last; 5 when it lacks).
DRAGOMAN_EXPORT const ToolSpec& PlaceCallSpec();
// kInvalidArgument names the field, its value and what was expected.
DRAGOMAN_EXPORT absl::StatusOr<CallErrand> ReadCallErrand(std::string_view arguments);

// Who talks in a call.
struct DRAGOMAN_EXPORT CallMind {
  std::unique_ptr<ChatModel> model;
  std::optional<ReplyExpectation> opening;  // what may be said before its first words
};

struct DRAGOMAN_EXPORT CallStepOptions {
  std::string from;             // our number, shown to the called party
  std::string logs_folder;      // where CallStepDependencies::logs are kept; empty: in memory
  std::string language = "en";  // of the disclosure and the safe lines
  // Kept beside the logs, and told to the called party in the first words. Empty: none.
  std::string recording_folder;
  std::chrono::seconds ring_timeout{45};  // 5 to 600
  // Busy or nobody there: the same step may be tried again after this.
  std::chrono::seconds retry_after{15 * 60};
  absl::Status Validate() const;
};

// All borrowed, must outlive the calls; `logs`, `pool` and `log` may be null; so may `grants` and
// `secrets`: then no value of a vault is keyed. `secrets` lives on `executor`; spoken values are
// the business of `speech`.
struct DRAGOMAN_EXPORT CallStepDependencies {
  Executor* executor = nullptr;        // the operator's: calls live there
  GovernedEffects* effects = nullptr;  // with a carrier
  GoalSessions* sessions = nullptr;    // those of `effects` and `speech`
  Governor* governor = nullptr;
  CallLedger* numbers = nullptr;  // where "don't call again" is written down
  SpeechRecognizer* recognizer = nullptr;
  SpeechGate* speech = nullptr;
  std::function<absl::StatusOr<CallMind>(const CallErrand&)> mind;
  EventLogStore* logs = nullptr;
  WorkPool* pool = nullptr;
  LogSink* log = nullptr;
  const SecretGrants* grants = nullptr;
  SecretSource* secrets = nullptr;
};

// The sender of place_call. An errand that is reached ends CONFIRMED; its result is a JSON object:
// what was found out by name, "quote" (the other party's words), "call" (the name of the event log)
// and "seconds". One that is not reached ends FAILED_DEFINITE and says why; only busy lines and
// those that nobody answers may be tried again without asking the owner. A call never survives the
// process that placed it: asked about such a one, the answer is that the line was lost.
//
// A fact that is a handle of the vault is granted to this call, which may say and key its value to
// the number that was dialled, for the goal's purpose, as the vault's owner declared; nobody who
// talks, and no log, sees anything but the handle.
//
// In the call, the model's tools are report_result, ask_owner and press_keys (call_errand.h),
// through a governing gate. "Don't call again" from the other party puts the number on the list.
// Only on its executor.
class DRAGOMAN_EXPORT CallSteps : public EffectSender, public GoalCalls {
 public:
  static absl::StatusOr<std::unique_ptr<CallSteps>> Create(CallStepOptions options,
                                                           CallStepDependencies dependencies);
  // Hangs up what is under way.
  ~CallSteps() override = default;
  virtual std::size_t active_calls() const = 0;
  // From now on nobody is dialled (a step that wants to is put off by a minute). Calls under way
  // get `patience`, then they say goodbye and are gone within two seconds. `done` comes once none
  // is left, here if none is. Again: with the shorter patience.
  virtual void Drain(std::chrono::milliseconds patience, absl::AnyInvocable<void()> done) = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_RUNTIME_CALL_STEPS_H_
