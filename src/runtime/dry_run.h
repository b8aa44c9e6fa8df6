// What stands where nothing is configured: a far side that tells what would happen.
#ifndef DRAGOMAN_SRC_RUNTIME_DRY_RUN_H_
#define DRAGOMAN_SRC_RUNTIME_DRY_RUN_H_

#include <string>

#include "dragoman/core/executor.h"
#include "dragoman/store/effect_journal.h"

namespace dragoman {

class DryRunSender : public EffectSender {
 public:
  // `what`: "send a mail"; the executor is borrowed.
  DryRunSender(std::string what, Executor& executor)
      : what_(std::move(what)), executor_(executor) {}

  void Send(const IntentRecord& intent, absl::AnyInvocable<void(SendResult)> done) override;
  void LookUp(const IntentRecord& intent, WallTime from_time, WallTime to_time,
              absl::AnyInvocable<void(LookupResult)> done) override;
  void Poll(const IntentRecord& intent, absl::AnyInvocable<void(PollResult)> done) override;

 private:
  std::string Told(const IntentRecord& intent) const;
  const std::string what_;
  Executor& executor_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_DRY_RUN_H_
