#include "dragoman/testing/fake_turn_detector.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "dragoman/core/executor.h"

namespace dragoman {
namespace {

class FakeEstimate : public TurnEstimate {
 public:
  FakeEstimate(ScriptedEstimate script, Executor& executor, TurnDetector::Callbacks callbacks)
      : script_(std::move(script)), callbacks_(std::move(callbacks)), timer_(executor) {
    if (!script_.stalls) timer_.Start(script_.after, [this] { Tell(); });
  }
  void Cancel() override { timer_.Stop(); }

 private:
  void Tell() {
    const ScriptedEstimate script = script_;
    TurnDetector::Callbacks callbacks = std::move(callbacks_);  // which may destroy this estimate
    if (!script.failure.ok()) {
      if (callbacks.on_failed) callbacks.on_failed(script.failure);
    } else if (callbacks.on_estimate) {
      callbacks.on_estimate(script.complete_per_mille);
    }
  }

  ScriptedEstimate script_;
  TurnDetector::Callbacks callbacks_;
  Timer timer_;
};

}  // namespace

void FakeTurnDetector::Enqueue(ScriptedEstimate estimate) { next_.push_back(std::move(estimate)); }

std::unique_ptr<TurnEstimate> FakeTurnDetector::Estimate(const TurnEvidence& evidence,
                                                         Executor& executor, Callbacks callbacks) {
  evidence_.push_back(evidence);
  ScriptedEstimate script = usual_;
  if (!next_.empty()) {
    script = std::move(next_.front());
    next_.pop_front();
  }
  return std::make_unique<FakeEstimate>(std::move(script), executor, std::move(callbacks));
}

int FakeVoiceActivityDetector::Process(const PcmFrame& frame) {
  const bool loud = std::any_of(
      frame.samples.begin(), frame.samples.end(),
      [this](std::int16_t sample) { return std::abs(static_cast<int>(sample)) >= threshold_; });
  return loud ? 1000 : 0;
}

}  // namespace dragoman
