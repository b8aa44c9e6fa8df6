#include "dragoman/speech/voice_activity_detector.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>

#include "dragoman/audio/resampler.h"
#include "dragoman/core/status.h"
#include "src/speech/voice_activity_features.h"

namespace dragoman {
namespace {

constexpr size_t kInputs = VoiceActivityFeatures::kFeatures;
constexpr size_t kUnits = 24;
constexpr size_t kGates = 3 * kUnits;  // update, reset, candidate

#include "src/speech/voice_activity_weights.inc"

// tanh to 1e-4 (Pade); training uses the same curve.
float Squash(float x) {
  x = std::clamp(x, -4.97f, 4.97f);
  const float x2 = x * x;
  return x * (135135.0f + x2 * (17325.0f + x2 * (378.0f + x2))) /
         (135135.0f + x2 * (62370.0f + x2 * (3150.0f + x2 * 28.0f)));
}
float Sigmoid(float x) { return 0.5f + 0.5f * Squash(0.5f * x); }

// One gated recurrent layer (Cho et al. 2014, with the reset behind the product) and one output.
class Network {
 public:
  void Reset() { state_.fill(0); }

  float Step(const VoiceActivityFeatures::Vector& input) {
    std::array<float, kGates> from_input;
    std::array<float, kGates> from_state;
    Product(kInputWeights, kInputBias, input, from_input);
    Product(kStateWeights, kStateBias, state_, from_state);
    float logit = kOutputBias;
    for (size_t u = 0; u < kUnits; ++u) {
      const float update = Sigmoid(from_input[u] + from_state[u]);
      const float reset = Sigmoid(from_input[kUnits + u] + from_state[kUnits + u]);
      const float candidate =
          Squash(from_input[2 * kUnits + u] + reset * from_state[2 * kUnits + u]);
      state_[u] = candidate + update * (state_[u] - candidate);
    }
    for (size_t u = 0; u < kUnits; ++u) logit += kOutputWeights[u] * state_[u];
    return Sigmoid(logit);
  }

 private:
  // Input by input over all outputs: vectorised without changing the order of any sum.
  template <size_t inputs>
  static void Product(const float (&weights)[inputs][kGates], const float (&bias)[kGates],
                      const std::array<float, inputs>& input, std::array<float, kGates>& out) {
    std::copy(std::begin(bias), std::end(bias), out.begin());
    for (size_t i = 0; i < inputs; ++i) {
      const float x = input[i];
      for (size_t o = 0; o < kGates; ++o) out[o] += weights[i][o] * x;
    }
  }

  std::array<float, kUnits> state_{};
};

class NetworkVoiceActivityDetector : public VoiceActivityDetector {
 public:
  explicit NetworkVoiceActivityDetector(std::optional<Resampler> resampler)
      : resampler_(std::move(resampler)) {}

  int Process(const PcmFrame& frame) override {
    std::array<std::int16_t, VoiceActivityFeatures::kFrame> narrow{};
    if (!resampler_) {
      assert(frame.samples.size() == narrow.size());
      std::copy_n(frame.samples.begin(), std::min(frame.samples.size(), narrow.size()),
                  narrow.begin());
    } else {
      assert(frame.samples.size() == 2 * narrow.size());
      resampler_->Process(frame.samples.first(std::min(frame.samples.size(), 2 * narrow.size())),
                          narrow);
    }
    return static_cast<int>(1000.0f * network_.Step(features_.Process(narrow)) + 0.5f);
  }

  void Reset() override {
    features_.Reset();
    network_.Reset();
    if (resampler_) resampler_->Reset();
  }

 private:
  std::optional<Resampler> resampler_;  // from 16 kHz
  VoiceActivityFeatures features_;
  Network network_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<VoiceActivityDetector>> MakeVoiceActivityDetector(
    const VoiceActivityOptions& options) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  std::optional<Resampler> resampler;
  if (options.sample_rate_hz != 8000) {
    DRAGOMAN_ASSIGN_OR_RETURN(resampler, Resampler::Create(options.sample_rate_hz, 8000));
  }
  return std::unique_ptr<VoiceActivityDetector>(
      new NetworkVoiceActivityDetector(std::move(resampler)));
}

}  // namespace dragoman
