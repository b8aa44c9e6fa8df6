// What the voice activity detector sees of a frame: band levels against the noise under them, and
// how periodic the signal is.
#ifndef DRAGOMAN_SPEECH_VOICE_ACTIVITY_FEATURES_H_
#define DRAGOMAN_SPEECH_VOICE_ACTIVITY_FEATURES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dragoman {

// One line at 8 kHz. One thread at a time, no allocation. Floats in a fixed order: the same samples
// give the same features on every run of a build.
class VoiceActivityFeatures {
 public:
  static constexpr std::size_t kFrame = 160;  // 20 ms
  static constexpr std::size_t kBands = 12;
  // Band levels over the noise floor, band levels relative to the frame's mean, floor level, total
  // over floor, periodicity, pitch stability, zero crossings, crest.
  static constexpr std::size_t kFeatures = 2 * kBands + 6;
  using Vector = std::array<float, kFeatures>;

  VoiceActivityFeatures() { Reset(); }
  void Reset();
  // Exactly kFrame samples.
  const Vector& Process(std::span<const std::int16_t> frame);

 private:
  static constexpr std::size_t kFft = 256;  // 32 ms: the frame and what was before it
  static constexpr std::size_t kLow = 192;

  void BandLevels(std::array<float, kBands>& levels);
  void TrackFloor(const std::array<float, kBands>& levels);
  void Periodicity(float* strength, float* stability);
  static float Crest(std::span<const std::int16_t> frame);

  std::array<std::int16_t, kFft> window_;
  std::array<std::int16_t, kLow> low_;  // low-passed and thinned to 4 kHz, newest last
  std::array<float, kBands> floor_;     // log2 of the noise power per band
  std::array<float, kBands> smooth_;
  std::int64_t frames_;
  int last_lag_;
  Vector features_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SPEECH_VOICE_ACTIVITY_FEATURES_H_
