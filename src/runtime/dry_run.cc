#include "src/runtime/dry_run.h"

#include "dragoman/core/status.h"

namespace dragoman {

std::string DryRunSender::Told(const IntentRecord& intent) const {
  return StrCat("dry run, nothing was sent; would ", what_, ": ", intent.arguments);
}

void DryRunSender::Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) {
  executor_.Post([told = Told(intent), done = std::move(done)]() mutable {
    done({.outcome = SendOutcome::kConfirmed, .reference = "dry-run", .detail = std::move(told)});
  });
}

// One that was armed and not answered sent nothing either.
void DryRunSender::LookUp(const IntentRecord&, WallTime, WallTime,
                          absl::AnyInvocable<void(LookupResult)> done) {
  executor_.Post([done = std::move(done)]() mutable { done({.outcome = LookupOutcome::kAbsent}); });
}

void DryRunSender::Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) {
  executor_.Post([told = Told(intent), done = std::move(done)]() mutable {
    done({.outcome = PollOutcome::kConfirmed, .detail = std::move(told)});
  });
}

}  // namespace dragoman
