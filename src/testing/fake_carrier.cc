#include "dragoman/testing/fake_carrier.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/testing/listener.h"

namespace dragoman {

class FakeCarrier::FakeDial : public Dial {
 public:
  FakeDial(FakeCarrier& owner, const DialRequest& request, ScriptedDial script, std::string id,
           Executor& executor, Callbacks callbacks)
      : owner_(owner),
        script_(std::move(script)),
        id_(std::move(id)),
        executor_(executor),
        listener_(std::move(callbacks)),
        ring_(executor),
        end_(executor) {
    script_.call.info.id = id_;
    script_.call.info.from = request.from;
    script_.call.info.to = request.to;
    script_.call.info.direction = CallDirection::kOutbound;
    const std::chrono::milliseconds limit = request.ring_timeout;
    const bool unanswered = script_.ends_after > limit;
    if (script_.rings_after) ring_.Start(*script_.rings_after, [this] { Ring(); });
    end_.Start(std::min(script_.ends_after, limit),
               [this, unanswered] { End(unanswered ? DialOutcome::kNoAnswer : script_.outcome); });
  }

  ~FakeDial() override {
    if (!listener_.finished() && !cancelled_) ++owner_.cancelled_;
  }

  void Cancel() override {
    if (cancelled_ || listener_.finished()) return;
    cancelled_ = true;
    ++owner_.cancelled_;
    ring_.Stop();
    end_.Stop();
    executor_.Post(lifetime_.Wrap([this] { End(DialOutcome::kCancelled); }));
  }

  std::string_view carrier_call_id() const override {
    return rang_ ? std::string_view(id_) : std::string_view();
  }

 private:
  void Ring() {
    rang_ = true;
    listener_.Call(&Callbacks::on_ringing);
  }

  void End(DialOutcome outcome) {
    ring_.Stop();
    std::unique_ptr<Call> call;
    if (outcome == DialOutcome::kAnswered) {
      rang_ = true;
      FakeCallEnds ends = MakeFakeCall(executor_, script_.call);
      owner_.callers_.push_back(std::move(ends.caller));
      call = std::move(ends.call);
    }
    const std::string detail = script_.detail;
    listener_.Finish(&Callbacks::on_done, outcome, std::move(call), std::string_view(detail));
  }

  FakeCarrier& owner_;
  ScriptedDial script_;
  const std::string id_;
  Executor& executor_;
  Listener<Callbacks> listener_;
  bool rang_ = false;
  bool cancelled_ = false;
  Timer ring_;
  Timer end_;
  Lifetime lifetime_;
};

void FakeCarrier::Enqueue(ScriptedDial dial) { script_.push_back(std::move(dial)); }

absl::StatusOr<std::unique_ptr<Dial>> FakeCarrier::Place(const DialRequest& request,
                                                         Executor& executor, Callbacks callbacks) {
  DRAGOMAN_RETURN_IF_ERROR(request.Validate());
  ScriptedDial script;
  if (!script_.empty()) {
    script = std::move(script_.front());
    script_.pop_front();
  }
  if (!script.refusal.ok()) return script.refusal;
  requests_.push_back(request);
  return std::unique_ptr<Dial>(new FakeDial(*this, request, std::move(script),
                                            StrCat("fake-call-", requests_.size()), executor,
                                            std::move(callbacks)));
}

}  // namespace dragoman
