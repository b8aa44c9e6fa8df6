// Answers calls: a session for each, up to a limit.
#ifndef DRAGOMAN_AGENT_SESSION_AGENT_H_
#define DRAGOMAN_AGENT_SESSION_AGENT_H_

#include <chrono>
#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "dragoman/agent/session.h"
#include "dragoman/core/export.h"
#include "dragoman/telephony/call.h"

namespace dragoman {

struct DRAGOMAN_EXPORT SessionAgentOptions {
  SessionOptions session;
  int max_calls = 1000;  // at once; further calls are hung up at once, 1 to 100,000
  absl::Status Validate() const;
};

// Thread-safe. Calls may live on different executors. Destroy it after Stop() has finished, or
// after the executors of its calls have stopped.
class DRAGOMAN_EXPORT SessionAgent : public CallAgent {
 public:
  // For each accepted call, on its executor; gives the callbacks that follow it. May be null.
  // Thread-safe itself when calls live on several executors.
  using Follow = absl::AnyInvocable<Session::Callbacks(const CallInfo&)>;

  // `dependencies` as for Session.
  static absl::StatusOr<std::unique_ptr<SessionAgent>> Create(
      SessionAgentOptions options, const SessionDependencies& dependencies, Follow follow);
  ~SessionAgent() override = default;

  virtual int active_calls() const = 0;
  virtual std::int64_t refused_calls() const = 0;

  // New calls are refused from now on; calls under way say goodbye, and are cut after `patience`.
  // `done` runs once when none is left, on the executor of the last one (at once, here, if none
  // is).
  virtual void Stop(std::chrono::milliseconds patience, absl::AnyInvocable<void()> done) = 0;
};

}  // namespace dragoman

#endif  // DRAGOMAN_AGENT_SESSION_AGENT_H_
