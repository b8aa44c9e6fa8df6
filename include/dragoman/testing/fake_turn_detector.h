// A turn detector that judges as the test scripted, and a voice detector by loudness.
#ifndef DRAGOMAN_TESTING_FAKE_TURN_DETECTOR_H_
#define DRAGOMAN_TESTING_FAKE_TURN_DETECTOR_H_

#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "dragoman/core/export.h"
#include "dragoman/speech/turn_detector.h"
#include "dragoman/speech/voice_activity_detector.h"

namespace dragoman {

struct DRAGOMAN_EXPORT ScriptedEstimate {
  int complete_per_mille = 500;
  std::chrono::milliseconds after{0};
  absl::Status failure = absl::OkStatus();
  bool stalls = false;
};

// Obeys the contract of TurnDetector. One thread at a time. Must outlive its estimates.
class DRAGOMAN_EXPORT FakeTurnDetector : public TurnDetector {
 public:
  explicit FakeTurnDetector(ScriptedEstimate usual = {}) : usual_(std::move(usual)) {}

  void Enqueue(ScriptedEstimate estimate);  // for the next Estimate; then the usual one again
  std::unique_ptr<TurnEstimate> Estimate(const TurnEvidence& evidence, Executor& executor,
                                         Callbacks callbacks) override;
  const std::vector<TurnEvidence>& evidence() const { return evidence_; }

 private:
  ScriptedEstimate usual_;
  std::deque<ScriptedEstimate> next_;
  std::vector<TurnEvidence> evidence_;
};

// Speech is a frame that reaches `threshold` in any sample: 1000, else 0. For Buzz and Silence.
class DRAGOMAN_EXPORT FakeVoiceActivityDetector : public VoiceActivityDetector {
 public:
  explicit FakeVoiceActivityDetector(int threshold = 500) : threshold_(threshold) {}
  int Process(const PcmFrame& frame) override;
  void Reset() override {}

 private:
  int threshold_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_TURN_DETECTOR_H_
