#include "src/safety/governed_call.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/safety/watched_call.h"

namespace dragoman::safety {

CallBill::CallBill(Governor& governor, Decision decision)
    : governor_(governor), decision_(std::move(decision)) {}

CallBill::~CallBill() { SettleOnce(0); }

void CallBill::Connected(TimePoint at) { connected_ = at; }

void CallBill::Ended(TimePoint at) {
  if (!connected_) return;
  const auto length = std::chrono::ceil<std::chrono::minutes>(at - *connected_);
  SettleOnce(std::max<std::int64_t>(1, length.count()));
}

// The carrier's bill comes later; until then the reserved price of a minute counts.
void CallBill::SettleOnce(std::int64_t minutes) {
  if (std::exchange(settled_, true)) return;
  Amounts actual = decision_.reserved;
  const std::int64_t reserved = std::max<std::int64_t>(1, actual.minutes);
  actual.minutes = minutes;
  for (Money& money : actual.money) money.hundredths = money.hundredths / reserved * minutes;
  governor_.Settle(decision_, actual).IgnoreError();
}

std::unique_ptr<Call> MakeGovernedCall(std::unique_ptr<Call> call, Governor& governor,
                                       GoalScope scope, std::shared_ptr<CallBill> bill,
                                       LogSink& log) {
  Executor& executor = call->executor();
  return MakeWatchedCall(
      std::move(call), [&governor, scope = std::move(scope)] { return governor.Stopped(scope); },
      [bill = std::move(bill), &executor] { bill->Ended(executor.Now()); }, log);
}

}  // namespace dragoman::safety
