#include "dragoman/providers/loopback/carrier.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

// Ends the call when its time is over, whatever became of the agent.
class LimitedCall : public Call {
 public:
  LimitedCall(std::unique_ptr<Call> call, std::chrono::seconds limit)
      : call_(std::move(call)), timer_(call_->executor()) {
    timer_.Start(limit, [this] { call_->HangUp(); });
  }
  const CallInfo& info() const override { return call_->info(); }
  Executor& executor() override { return call_->executor(); }
  MediaStream* media() override { return call_->media(); }
  void HangUp() override {
    timer_.Stop();
    call_->HangUp();
  }

 private:
  std::unique_ptr<Call> call_;
  Timer timer_;
};

class LoopbackDial : public Dial {
 public:
  LoopbackDial(DialRequest request, std::optional<LoopbackCallee> callee, std::string id,
               Executor& executor, Carrier::Callbacks callbacks)
      : request_(std::move(request)),
        callee_(callee),
        id_(std::move(id)),
        executor_(executor),
        callbacks_(std::make_shared<Carrier::Callbacks>(std::move(callbacks))),
        timer_(executor) {
    executor_.Post(lifetime_.Wrap([this] { Ring(); }));
  }

  void Cancel() override {
    if (done_) return;
    timer_.Stop();
    done_ = true;
    executor_.Post(lifetime_.Wrap([this] {
      auto callbacks = callbacks_;
      if (callbacks->on_done) callbacks->on_done(DialOutcome::kCancelled, nullptr, "cancelled");
    }));
  }
  std::string_view carrier_call_id() const override { return id_; }

 private:
  void Ring() {
    if (done_) return;
    if (!callee_) return Finish(DialOutcome::kInvalidNumber, nullptr, "nobody has this number");
    auto alive = lifetime_.Watch();
    auto callbacks = callbacks_;
    if (callbacks->on_ringing) callbacks->on_ringing();
    if (alive.expired() || done_) return;
    const bool rings_out =
        callee_->outcome == DialOutcome::kNoAnswer || callee_->ring_time > request_.ring_timeout;
    timer_.Start(rings_out ? std::chrono::milliseconds(request_.ring_timeout) : callee_->ring_time,
                 [this, rings_out] { rings_out ? RingOut() : Answer(); });
  }

  void RingOut() { Finish(DialOutcome::kNoAnswer, nullptr, "nobody answered"); }

  void Answer() {
    if (callee_->outcome != DialOutcome::kAnswered || callee_->agent == nullptr) {
      return Finish(
          callee_->outcome == DialOutcome::kAnswered ? DialOutcome::kFailed : callee_->outcome,
          nullptr, Name(callee_->outcome));
    }
    CallInfo info{.id = id_, .carrier = "loopback", .from = request_.from, .to = request_.to};
    info.parameters["clientReference"] = request_.client_reference;
    LoopbackLine line = MakeLoopbackLine(executor_, info);
    auto alive = lifetime_.Watch();
    auto refused = std::make_shared<bool>(false);
    callee_->agent->Accept(std::make_unique<Answered>(std::move(line.callee), refused));
    if (alive.expired()) return;
    if (*refused) return Finish(DialOutcome::kDeclined, nullptr, "the callee declined");
    Finish(DialOutcome::kAnswered,
           std::make_unique<LimitedCall>(std::move(line.caller), request_.time_limit), "answered");
  }

  // Tells whether the callee destroyed its end at once.
  class Answered : public Call {
   public:
    Answered(std::unique_ptr<Call> call, std::shared_ptr<bool> gone)
        : call_(std::move(call)), gone_(std::move(gone)) {}
    ~Answered() override { *gone_ = true; }
    const CallInfo& info() const override { return call_->info(); }
    Executor& executor() override { return call_->executor(); }
    MediaStream* media() override { return call_->media(); }
    void HangUp() override { call_->HangUp(); }

   private:
    std::unique_ptr<Call> call_;
    std::shared_ptr<bool> gone_;
  };

  void Finish(DialOutcome outcome, std::unique_ptr<Call> call, std::string_view detail) {
    done_ = true;
    auto callbacks = callbacks_;
    if (callbacks->on_done) callbacks->on_done(outcome, std::move(call), detail);
  }

  const DialRequest request_;
  const std::optional<LoopbackCallee> callee_;
  const std::string id_;
  Executor& executor_;
  std::shared_ptr<Carrier::Callbacks> callbacks_;  // held while one runs: it may destroy the dial
  bool done_ = false;
  Timer timer_;
  Lifetime lifetime_;
};

class Loopback : public LoopbackCarrier {
 public:
  void Register(std::string_view number, LoopbackCallee callee) override {
    MutexLock lock(mutex_);
    callees_.insert_or_assign(std::string(number), callee);
  }
  void Unregister(std::string_view number) override {
    MutexLock lock(mutex_);
    callees_.erase(std::string(number));
  }
  int placed() const override {
    MutexLock lock(mutex_);
    return placed_;
  }

  absl::StatusOr<std::unique_ptr<Dial>> Place(const DialRequest& request, Executor& executor,
                                              Callbacks callbacks) override {
    DRAGOMAN_RETURN_IF_ERROR(request.Validate());
    std::optional<LoopbackCallee> callee;
    int number = 0;
    {
      MutexLock lock(mutex_);
      number = ++placed_;
      if (auto found = callees_.find(request.to); found != callees_.end()) callee = found->second;
    }
    return std::make_unique<LoopbackDial>(request, callee, StrCat("LB", number), executor,
                                          std::move(callbacks));
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, LoopbackCallee> callees_ DRAGOMAN_GUARDED_BY(mutex_);
  int placed_ DRAGOMAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace

std::unique_ptr<LoopbackCarrier> MakeLoopbackCarrier() { return std::make_unique<Loopback>(); }

}  // namespace dragoman
