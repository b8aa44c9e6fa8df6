#include "src/safety/governed_call.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/status.h"

namespace dragoman::safety {
namespace {

constexpr std::chrono::seconds kLook{1};

class GovernedCall : public Call {
 public:
  GovernedCall(std::unique_ptr<Call> call, Governor& governor, GoalScope scope,
               std::shared_ptr<CallBill> bill, LogSink& log)
      : call_(std::move(call)),
        governor_(governor),
        scope_(std::move(scope)),
        bill_(std::move(bill)),
        log_(log),
        watch_(call_->executor()) {
    Watch();
  }

  ~GovernedCall() override {
    watch_.Stop();
    bill_->Ended(call_->executor().Now());
  }

  const CallInfo& info() const override { return call_->info(); }
  Executor& executor() override { return call_->executor(); }
  MediaStream* media() override { return call_->media(); }
  TextStream* text() override { return call_->text(); }

  void HangUp() override {
    watch_.Stop();
    bill_->Ended(call_->executor().Now());
    call_->HangUp();
  }

 private:
  void Watch() {
    watch_.Start(kLook, [this] {
      if (const auto why = governor_.Stopped(scope_)) {
        log_.Write(LogLevel::kWarning, "gate", StrCat("hung up ", info().id, ": ", *why));
        return HangUp();
      }
      Watch();
    });
  }

  std::unique_ptr<Call> call_;
  Governor& governor_;
  const GoalScope scope_;
  const std::shared_ptr<CallBill> bill_;
  LogSink& log_;
  Timer watch_;
};

}  // namespace

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
  return std::make_unique<GovernedCall>(std::move(call), governor, std::move(scope),
                                        std::move(bill), log);
}

}  // namespace dragoman::safety
