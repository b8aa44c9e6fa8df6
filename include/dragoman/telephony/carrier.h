// Placing calls.
#ifndef DRAGOMAN_TELEPHONY_CARRIER_H_
#define DRAGOMAN_TELEPHONY_CARRIER_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/telephony/call.h"

namespace dragoman {

struct DRAGOMAN_EXPORT DialRequest {
  std::string to;                             // E.164; the governor has approved it
  std::string from;                           // one of the carrier's numbers
  std::string client_reference;               // ours, to find the call again after a crash
  std::chrono::seconds ring_timeout{45};      // 5 to 600
  std::chrono::seconds time_limit{600 + 30};  // enforced by the carrier even if we die
  absl::Status Validate() const;
};

enum class DialOutcome {
  kAnswered,
  kBusy,
  kNoAnswer,
  kDeclined,
  kInvalidNumber,
  kBlocked,
  kFailed,
  kCancelled
};
DRAGOMAN_EXPORT std::string_view Name(DialOutcome outcome);  // "no_answer"

// A dial under way. Only on its executor. Destruction cancels: an unanswered call stops ringing.
class DRAGOMAN_EXPORT Dial {
 public:
  virtual ~Dial() = default;
  virtual void Cancel() = 0;                             // idempotent; on_done reports kCancelled
  virtual std::string_view carrier_call_id() const = 0;  // empty until the carrier told
};

// Thread-safe. Must outlive its dials. Reached only through EffectGate.
class DRAGOMAN_EXPORT Carrier {
 public:
  struct Callbacks {                        // on `executor`, one at a time, never inside Place
    absl::AnyInvocable<void()> on_ringing;  // at most once
    // Exactly once unless destroyed first. `call` is there for kAnswered only.
    absl::AnyInvocable<void(DialOutcome outcome, std::unique_ptr<Call> call,
                            std::string_view detail)>
        on_done;
  };
  virtual ~Carrier() = default;
  virtual absl::StatusOr<std::unique_ptr<Dial>> Place(const DialRequest& request,
                                                      Executor& executor, Callbacks callbacks) = 0;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TELEPHONY_CARRIER_H_
