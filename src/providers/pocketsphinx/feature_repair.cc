#include "src/providers/pocketsphinx/feature_repair.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace dragoman::pocketsphinx {
namespace {

// feat.params of the model, -cmninit.
constexpr Cepstrum kTrainingMean = {41.00f, -5.29f, -0.12f, 5.09f,  2.48f,  -4.07f, -1.37f,
                                    -1.78f, -5.08f, -2.05f, -6.45f, -1.42f, 1.17f};
// Loudness of speech whose c0 has that mean: found on synthetic voices at 1500 of active RMS, in
// the phone's 19 bands. One unit of loudness moves c0 by sqrt(25).
constexpr float kTrainingLoudness = 9.9f;
constexpr float kNoiseVariance = 0.3f;  // least, of the log energy of noise within a band
constexpr float kMostVariance = 2.0f;
constexpr std::size_t kKnownNoise = 60;  // frames without speech
// Loudness above noise: some 20 dB. On a clearer line what lies in front of speech is the agent's
// echo as often as noise.
constexpr float kNoisyLine = 5.0f;
constexpr float kObservation = 0.02f;
constexpr float kNegligible = 12.0f;  // e^-12 of the best component's posterior

float FrameLevel(const Bands& frame, std::size_t known) {
  return std::accumulate(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(known), 0.0f) /
         static_cast<float>(known);
}

// Of frames without speech: what others say rises and falls, and its quietest frames tell little.
void MeasureNoise(std::span<const Bands> frames, std::size_t known, LineState& line) {
  const auto count = static_cast<float>(frames.size());
  for (std::size_t band = 0; band < known; ++band) {
    float mean = 0;
    for (const Bands& frame : frames) mean += frame[band] / count;
    float variance = 0;
    for (const Bands& frame : frames) {
      variance += (frame[band] - mean) * (frame[band] - mean) / count;
    }
    line.noise[band] = mean;
    line.variance[band] = std::clamp(variance, kNoiseVariance, kMostVariance);
  }
}

}  // namespace

LineState MeasureLine(std::span<const Bands> frames, std::size_t begin, int known_bands) {
  const auto known = static_cast<std::size_t>(known_bands);
  LineState line;
  line.noise.fill(-20.0f);
  line.variance.fill(kNoiseVariance);
  line.loudness = kTrainingLoudness;
  if (frames.size() <= begin) return line;
  std::vector<std::pair<float, std::size_t>> levels;
  for (std::size_t i = 0; i < frames.size(); ++i)
    levels.emplace_back(FrameLevel(frames[i], known), i);
  std::sort(levels.begin(), levels.end());
  const std::size_t quiet = std::min(levels.size(), std::max<std::size_t>(5, levels.size() / 8));
  for (std::size_t band = 0; band < known; ++band) {
    float energy = 0;
    for (std::size_t i = 0; i < quiet; ++i) energy += std::exp(frames[levels[i].second][band]);
    line.noise[band] = std::log(energy / static_cast<float>(quiet));
  }
  std::vector<float> speech;
  for (std::size_t i = begin; i < frames.size(); ++i)
    speech.push_back(FrameLevel(frames[i], known));
  std::sort(speech.begin(), speech.end(), std::greater<>());
  speech.resize(std::max<std::size_t>(1, speech.size() * 3 / 10));
  line.loudness =
      std::accumulate(speech.begin(), speech.end(), 0.0f) / static_cast<float>(speech.size());
  const bool noisy = line.loudness - FrameLevel(line.noise, known) < kNoisyLine;
  if (noisy && begin >= kKnownNoise) MeasureNoise(frames.first(begin), known, line);
  return line;
}

FeatureRepair::FeatureRepair(const SpeechMixture& mixture, const CepstralTransform& wide,
                             const CepstralTransform& result, const LineState& line,
                             int known_bands)
    : transform_(result), known_(static_cast<std::size_t>(known_bands)) {
  Cepstrum mean = kTrainingMean;
  mean[0] += (line.loudness - kTrainingLoudness) * 5.0f;
  const Bands channel = wide.Backward(mean);
  mean_ = result.Forward(channel);
  components_.resize(mixture.means.size());
  for (std::size_t k = 0; k < components_.size(); ++k) {
    Component& component = components_[k];
    component.constant = mixture.log_weights[k];
    for (std::size_t band = 0; band < kBands; ++band) {
      const float clean = mixture.means[k][band] + channel[band];
      component.clean[band] = clean;
      if (band >= known_) continue;
      const float above = line.noise[band] - clean;
      const float raised = above > 30 ? above : std::log1p(std::exp(above));
      const float slope = std::exp(-raised);  // d expected / d clean
      const float variance = mixture.variances[k][band];
      const float observed =
          slope * slope * variance + (1 - slope) * (1 - slope) * line.variance[band] + kObservation;
      component.expected[band] = clean + raised;
      component.precision[band] = 1 / observed;
      component.gain[band] = variance * slope / observed;
      component.constant -= 0.5f * std::log(observed);
    }
  }
}

Cepstrum FeatureRepair::Repair(const Bands& frame) const {
  std::vector<float> posterior(components_.size());
  float best = -1e30f;
  for (std::size_t k = 0; k < components_.size(); ++k) {
    const Component& component = components_[k];
    float distance = 0;
    for (std::size_t band = 0; band < known_; ++band) {
      const float d = frame[band] - component.expected[band];
      distance += d * d * component.precision[band];
    }
    posterior[k] = component.constant - 0.5f * distance;
    best = std::max(best, posterior[k]);
  }
  Bands clean{};
  float total = 0;
  for (std::size_t k = 0; k < components_.size(); ++k) {
    if (posterior[k] < best - kNegligible) continue;
    const float weight = std::exp(posterior[k] - best);
    total += weight;
    const Component& component = components_[k];
    for (std::size_t band = 0; band < kBands; ++band) {
      float estimate = component.clean[band];
      if (band < known_)
        estimate += component.gain[band] * (frame[band] - component.expected[band]);
      clean[band] += weight * estimate;
    }
  }
  for (float& band : clean) band /= total;
  Cepstrum cepstrum = transform_.Forward(clean);
  for (std::size_t i = 0; i < kCepstra; ++i) cepstrum[i] -= mean_[i];
  return cepstrum;
}

std::vector<Cepstrum> PlainCepstra(std::span<const Bands> frames,
                                   const CepstralTransform& transform) {
  std::vector<Cepstrum> cepstra;
  Cepstrum mean{};
  for (const Bands& frame : frames) {
    cepstra.push_back(transform.Forward(frame));
    for (std::size_t i = 0; i < kCepstra; ++i) mean[i] += cepstra.back()[i];
  }
  for (Cepstrum& cepstrum : cepstra) {
    for (std::size_t i = 0; i < kCepstra; ++i) {
      cepstrum[i] -= mean[i] / static_cast<float>(frames.size());
    }
  }
  return cepstra;
}

}  // namespace dragoman::pocketsphinx
