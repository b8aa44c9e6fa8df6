#include "src/providers/pocketsphinx/speech_mixture.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace dragoman::pocketsphinx {
namespace {

constexpr std::size_t kClusters = 128;
constexpr int kRounds = 8;
constexpr float kFineStructure = 0.15f;  // variance of what 13 coefficients do not carry

// k-means in cepstra without lifter, where distance is that of the smooth log energies.
std::vector<std::size_t> Cluster(const std::vector<Cepstrum>& points) {
  std::vector<Cepstrum> centres;
  for (std::size_t k = 0; k < kClusters; ++k) {
    centres.push_back(points[k * points.size() / kClusters]);
  }
  std::vector<std::size_t> nearest(points.size());
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Cepstrum> sums(kClusters, Cepstrum{});
    std::vector<float> counts(kClusters, 0.0f);
    for (std::size_t i = 0; i < points.size(); ++i) {
      float best = std::numeric_limits<float>::max();
      for (std::size_t k = 0; k < kClusters; ++k) {
        float distance = 0;
        for (std::size_t j = 0; j < kCepstra; ++j) {
          const float d = points[i][j] - centres[k][j];
          distance += d * d;
        }
        if (distance < best) {
          best = distance;
          nearest[i] = k;
        }
      }
      counts[nearest[i]] += 1;
      for (std::size_t j = 0; j < kCepstra; ++j) sums[nearest[i]][j] += points[i][j];
    }
    for (std::size_t k = 0; k < kClusters; ++k) {
      if (counts[k] == 0) continue;
      for (std::size_t j = 0; j < kCepstra; ++j) centres[k][j] = sums[k][j] / counts[k];
    }
  }
  return nearest;
}

float Lifter(int i) { return static_cast<float>(1 + 11 * std::sin(i * std::numbers::pi / 22)); }

}  // namespace

CepstralTransform::CepstralTransform(int bands) : bands_(static_cast<std::size_t>(bands)) {
  for (int i = 0; i < kCepstra; ++i) {
    for (int band = 0; band < bands; ++band) {
      const double cosine = std::cos(std::numbers::pi * i * (band + 0.5) / bands) *
                            std::sqrt((i == 0 ? 1.0 : 2.0) / bands);
      const auto row = static_cast<std::size_t>(i);
      const auto column = static_cast<std::size_t>(band);
      forward_[row][column] = static_cast<float>(cosine) * Lifter(i);
      backward_[row][column] = static_cast<float>(cosine) / Lifter(i);
    }
  }
}

Cepstrum CepstralTransform::Forward(const Bands& bands) const {
  Cepstrum cepstrum{};
  for (std::size_t i = 0; i < kCepstra; ++i) {
    for (std::size_t band = 0; band < bands_; ++band) {
      cepstrum[i] += forward_[i][band] * bands[band];
    }
  }
  return cepstrum;
}

Bands CepstralTransform::Backward(const Cepstrum& cepstrum) const {
  Bands bands{};
  for (std::size_t i = 0; i < kCepstra; ++i) {
    for (std::size_t band = 0; band < bands_; ++band) {
      bands[band] += backward_[i][band] * cepstrum[i];
    }
  }
  return bands;
}

Bands CepstralTransform::BackwardVariance(const Cepstrum& variance) const {
  Bands bands{};
  for (std::size_t i = 0; i < kCepstra; ++i) {
    for (std::size_t band = 0; band < bands_; ++band) {
      bands[band] += backward_[i][band] * backward_[i][band] * variance[i];
    }
  }
  return bands;
}

SpeechMixture BuildSpeechMixture(const std::vector<Density>& densities,
                                 const CepstralTransform& transform) {
  std::vector<Cepstrum> points(densities.size());
  for (std::size_t i = 0; i < densities.size(); ++i) {
    for (int j = 0; j < kCepstra; ++j) {
      points[i][static_cast<std::size_t>(j)] =
          densities[i].mean[static_cast<std::size_t>(j)] / Lifter(j);
    }
  }
  const std::vector<std::size_t> cluster = Cluster(points);
  SpeechMixture mixture;
  for (std::size_t k = 0; k < kClusters; ++k) {
    float count = 0;
    Cepstrum mean{};
    Cepstrum square{};
    for (std::size_t i = 0; i < densities.size(); ++i) {
      if (cluster[i] != k) continue;
      count += 1;
      for (std::size_t j = 0; j < kCepstra; ++j) {
        const float m = densities[i].mean[j];
        mean[j] += m;
        square[j] += m * m + densities[i].variance[j];
      }
    }
    if (count == 0) continue;
    for (std::size_t j = 0; j < kCepstra; ++j) {
      mean[j] /= count;
      square[j] = square[j] / count - mean[j] * mean[j];
    }
    mixture.means.push_back(transform.Backward(mean));
    Bands variance = transform.BackwardVariance(square);
    for (float& one : variance) one += kFineStructure;
    mixture.variances.push_back(variance);
    mixture.log_weights.push_back(std::log(count / static_cast<float>(densities.size())));
  }
  return mixture;
}

}  // namespace dragoman::pocketsphinx
