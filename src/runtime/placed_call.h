// One call that a goal placed, from the dial to what came of it.
#ifndef DRAGOMAN_SRC_RUNTIME_PLACED_CALL_H_
#define DRAGOMAN_SRC_RUNTIME_PLACED_CALL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dragoman/runtime/call_steps.h"
#include "src/runtime/key_press.h"

namespace dragoman {

class PlacedCall {
 public:
  using Tell = std::function<void(CallNews)>;  // may destroy the call

  // What every call shares.
  struct Shared {
    const CallStepOptions* options = nullptr;
    const CallStepDependencies* with = nullptr;
    EffectGate* gate = nullptr;          // of the tools
    const ToolCatalog* tools = nullptr;  // their specs, to be pinned
  };
  PlacedCall(const Shared& shared, const IntentRecord& intent, CallErrand errand, Tell tell);
  ~PlacedCall();  // hangs up

  absl::Status Dial();  // not OK: nothing was dialled
  void HangUp();        // says goodbye first, where somebody listens; gone within 2 s
  const std::string& goal() const { return intent_.goal_id; }
  const std::string& reference() const { return intent_.client_reference; }
  const std::string& call_id() const { return call_id_; }  // the carrier's; empty: not connected
  bool over() const { return over_; }

  // report_result, ask_owner and press_keys.
  absl::StatusOr<std::string> Report(const std::string& arguments);
  void Ask(std::string question, ToolDone done);
  void Press(std::string keys, ToolDone done);
  void Answer(const std::string& words);  // the owner's; empty: none

 private:
  absl::Status OpenSession();
  void Dialled(DialOutcome outcome, std::unique_ptr<Call> call, std::string_view detail);
  absl::Status Talk(std::unique_ptr<Call> call);
  SessionOptions SessionFor(std::optional<ReplyExpectation> opening) const;
  void Heard(std::string_view words);
  void MachineAnswered(std::string_view what);
  void Ended(const CallReport& report);
  void End(CallNewsKind kind, std::string detail,
           std::optional<std::chrono::seconds> retry_after = {});
  void TellOfIt(CallNewsKind kind, std::string detail);
  std::string LogName() const;

  const Shared shared_;
  const IntentRecord intent_;
  const CallErrand errand_;
  const Tell tell_;
  std::string call_id_;
  int turns_ = 0;        // of the other party
  std::string machine_;  // what answered in place of a person; empty: none that is known of
  std::string heard_;    // what the other party said, in plain words, blank at both ends
  std::string result_;   // of report_result, canonical; empty: none
  bool reached_ = false;
  bool over_ = false;
  ToolDone asking_;  // the owner is being asked
  Timer ask_limit_;
  Timer cut_;
  CallMind mind_;
  std::unique_ptr<dragoman::Dial> dial_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<KeyPress> pressing_;
  Lifetime lifetime_;
};

// The tools of calls; `find` gives the call of a conversation, null: there is none.
absl::Status AddCallTools(ToolRegistry& tools,
                          std::function<PlacedCall*(const std::string& call_id)> find);

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_PLACED_CALL_H_
