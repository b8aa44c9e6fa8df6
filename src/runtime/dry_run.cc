#include "src/runtime/dry_run.h"

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {
constexpr std::string_view kDryRun = "dry-run";  // the far side's reference
}

std::string DryRunSender::Told(const IntentRecord& intent) const {
  return StrCat("dry run, nothing was sent; would ", what_, ": ", NamedHandles(intent.arguments));
}

void DryRunSender::Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) {
  executor_.Post([told = Told(intent), done = std::move(done)]() mutable {
    done({.outcome = SendOutcome::kConfirmed,
          .reference = std::string(kDryRun),
          .detail = std::move(told)});
  });
}

// Whether an earlier process, with a real far side, sent it, nobody here can tell.
void DryRunSender::LookUp(const IntentRecord&, WallTime, WallTime,
                          absl::AnyInvocable<void(LookupResult)> done) {
  executor_.Post([done = std::move(done)]() mutable {
    done({.outcome = LookupOutcome::kFailed,
          .detail = "this process has nobody to ask: it runs dry"});
  });
}

void DryRunSender::Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) {
  PollResult polled{.outcome = PollOutcome::kFailed,
                    .detail = "this process has nobody to ask: it runs dry"};
  if (intent.provider_reference == kDryRun) {
    polled = {.outcome = PollOutcome::kConfirmed, .detail = Told(intent)};
  }
  executor_.Post(
      [polled = std::move(polled), done = std::move(done)]() mutable { done(std::move(polled)); });
}

}  // namespace dragoman
