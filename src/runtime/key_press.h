// The edge where keys leave for the line: what the model asked for, with values of the vault put
// in.
#ifndef DRAGOMAN_SRC_RUNTIME_KEY_PRESS_H_
#define DRAGOMAN_SRC_RUNTIME_KEY_PRESS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/secret.h"
#include "dragoman/safety/goal_sessions.h"
#include "dragoman/store/secret_matcher.h"

namespace dragoman {

// One run of press_keys. The governor has allowed it as it is written; what the values are is seen
// here first, so the rules for keys are applied once more. Only on its executor; destruction
// forgets it.
class KeyPress {
 public:
  // Borrowed, must outlive it; `grants` and `secrets` may be null.
  struct Parts {
    GoalSessions* sessions = nullptr;
    const SecretGrants* grants = nullptr;
    SecretSource* secrets = nullptr;
    Executor* executor = nullptr;
    std::function<absl::Status(std::string_view keys)> press;
  };
  using Done = absl::AnyInvocable<void(absl::Status)>;
  KeyPress(Parts parts, std::string call_id, std::string written, Done done);

  // `done` runs once, here or later: kPermissionDenied, kInvalidArgument, kDeadlineExceeded (the
  // vault took longer than a second), or what the line says. No message holds a key.
  void Begin();

 private:
  absl::Status Check() const;
  void Revealed(const std::string& handle, absl::StatusOr<Secret> value);
  absl::Status Press();
  void End(absl::Status status);

  const Parts parts_;
  const std::string call_id_;
  const std::string written_;
  Done done_;
  const std::vector<HandleSpan> spans_;  // views of written_
  std::map<std::string, Secret> values_;
  std::size_t wanted_ = 0;
  Timer limit_;
  Lifetime lifetime_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_KEY_PRESS_H_
