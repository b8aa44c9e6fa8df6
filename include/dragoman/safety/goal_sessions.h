// Which goal each conversation works for: what both gates decide by.
#ifndef DRAGOMAN_SAFETY_GOAL_SESSIONS_H_
#define DRAGOMAN_SAFETY_GOAL_SESSIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/conversation/mandate.h"
#include "dragoman/core/export.h"
#include "dragoman/safety/goal_context.h"
#include "dragoman/safety/governor.h"

namespace dragoman {

struct DRAGOMAN_EXPORT GoalSession {
  GoalScope scope;
  std::shared_ptr<GoalContext> context;  // shared by the conversations of one goal
  std::string session_sink;              // who is on the line: "tel:+12015550123"
  std::string caller_identity;
  CallTerms call;
  Mandate mandate;
  std::string language = "en";  // of the safe lines: en, de, es, fr
  // Must be spoken first, as it stands; empty: nothing must (the other party called).
  std::string disclosure;
  // Values of the vault that the owner let this conversation have: handles, without "vault:". They
  // may be spoken and keyed to `session_sink` for `scope.secret_purpose`, if the vault agrees when
  // it comes to it. None where the other party called.
  std::vector<std::string> secrets;
};

// Opened by code that knows the owner's goal, before the conversation begins. The id is the call's
// id, and for a call that is yet to be placed its client reference. Thread-safe.
class DRAGOMAN_EXPORT GoalSessions {
 public:
  GoalSessions();
  ~GoalSessions();

  // kAlreadyExists; kInvalidArgument: no context, an invalid mandate. kResourceExhausted: more than
  // 10,000 are open.
  absl::Status Open(std::string_view id, GoalSession session);
  // The same session under a second id: a placed call gets one from its carrier. kNotFound.
  absl::Status Alias(std::string_view id, std::string_view other);
  void Close(std::string_view id);  // and all its aliases
  std::optional<GoalSession> Find(std::string_view id) const;

  // A machine answered, or the line was found to be hostile: no tool runs for it any more.
  void Freeze(std::string_view id, std::string why);
  std::optional<std::string> Frozen(std::string_view id) const;

  // A tool succeeded in this conversation: what that proves may be claimed aloud.
  void AddReceipt(std::string_view id, const std::vector<std::string>& proves);
  bool HasReceipt(std::string_view id, std::string_view kind) const;

  // A value went out over the line: the other party knows it from now on, and may repeat it.
  void NoteTold(std::string_view id, std::string_view handle);
  bool Told(std::string_view id, std::string_view handle) const;

  // What the other party said, for terms that a bare "yes" would accept. Noted in the context too.
  void NoteHeard(std::string_view id, std::string_view words);
  std::string LastHeard(std::string_view id) const;  // the last 500 bytes

 private:
  class State;
  std::unique_ptr<State> state_;
};

// "Hello, this is an A.I. assistant calling for Anna Smith. This call is recorded." The words with
// which an outbound call begins, by code. Languages: en, de, es, fr; any other is English.
DRAGOMAN_EXPORT std::string DisclosureLine(std::string_view principal, bool recorded,
                                           std::string_view language);

// "Don't call me again", "take me off your list": the number goes on the list at once.
DRAGOMAN_EXPORT bool AsksNotToBeCalled(std::string_view words);

}  // namespace dragoman
#endif  // DRAGOMAN_SAFETY_GOAL_SESSIONS_H_
