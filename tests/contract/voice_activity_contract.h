// What every VoiceActivityDetector does, run against each of them:
//
//   struct MyHarness {
//     std::unique_ptr<VoiceActivityDetector> Make();
//     int sample_rate_hz();
//     PcmBuffer Speech();  // a second or more of it, without pauses longer than a syllable's
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(My, VoiceActivityContract, MyHarness);
#ifndef DRAGOMAN_TESTS_CONTRACT_VOICE_ACTIVITY_CONTRACT_H_
#define DRAGOMAN_TESTS_CONTRACT_VOICE_ACTIVITY_CONTRACT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dragoman/speech/voice_activity_detector.h"
#include "dragoman/testing/pcm.h"

namespace dragoman {

template <typename Harness>
class VoiceActivityContract : public ::testing::Test {
 protected:
  // The probability of each whole frame of 20 ms.
  std::vector<int> Run(VoiceActivityDetector& detector, const PcmBuffer& audio) {
    const size_t size = static_cast<size_t>(audio.sample_rate_hz) / 50;
    std::vector<int> result;
    for (size_t at = 0; at + size <= audio.samples.size(); at += size) {
      const std::span<const std::int16_t> frame(audio.samples.data() + at, size);
      result.push_back(detector.Process({frame, audio.sample_rate_hz}));
    }
    return result;
  }
  PcmBuffer Quiet(std::chrono::milliseconds length) {
    return Silence(length, harness.sample_rate_hz());
  }
  static int Median(std::vector<int> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2),
                     values.end());
    return values[values.size() / 2];
  }

  Harness harness;
};

TYPED_TEST_SUITE_P(VoiceActivityContract);

TYPED_TEST_P(VoiceActivityContract, ResultsArePerMille) {
  auto detector = this->harness.Make();
  PcmBuffer extremes = this->Quiet(std::chrono::milliseconds(400));
  for (size_t i = 0; i < extremes.samples.size(); ++i) {
    extremes.samples[i] = i % 2 == 0 ? INT16_MIN : INT16_MAX;
  }
  for (const PcmBuffer& audio :
       {this->Quiet(std::chrono::milliseconds(400)), this->harness.Speech(), extremes}) {
    for (int probability : this->Run(*detector, audio)) {
      EXPECT_GE(probability, 0);
      EXPECT_LE(probability, 1000);
    }
  }
}

TYPED_TEST_P(VoiceActivityContract, DigitalSilenceIsNotSpeech) {
  auto detector = this->harness.Make();
  for (int probability : this->Run(*detector, this->Quiet(std::chrono::milliseconds(2000)))) {
    EXPECT_LT(probability, 500);
  }
}

TYPED_TEST_P(VoiceActivityContract, SpeechAfterSilenceIsSpeechAndEnds) {
  auto detector = this->harness.Make();
  this->Run(*detector, this->Quiet(std::chrono::milliseconds(1000)));
  EXPECT_GE(this->Median(this->Run(*detector, this->harness.Speech())), 500);
  const auto after = this->Run(*detector, this->Quiet(std::chrono::milliseconds(2000)));
  EXPECT_LT(after.back(), 500);
}

TYPED_TEST_P(VoiceActivityContract, TheSameFramesGiveTheSameResultsOnEveryRun) {
  auto one = this->harness.Make();
  auto other = this->harness.Make();
  const PcmBuffer speech = this->harness.Speech();
  EXPECT_EQ(this->Run(*one, speech), this->Run(*other, speech));
}

TYPED_TEST_P(VoiceActivityContract, ResetForgetsTheLine) {
  auto detector = this->harness.Make();
  const PcmBuffer speech = this->harness.Speech();
  const auto fresh = this->Run(*detector, speech);
  this->Run(*detector, Buzz(std::chrono::seconds(5), this->harness.sample_rate_hz(), 20000));
  detector->Reset();
  EXPECT_EQ(this->Run(*detector, speech), fresh);
}

REGISTER_TYPED_TEST_SUITE_P(VoiceActivityContract, ResultsArePerMille, DigitalSilenceIsNotSpeech,
                            SpeechAfterSilenceIsSpeechAndEnds,
                            TheSameFramesGiveTheSameResultsOnEveryRun, ResetForgetsTheLine);

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_CONTRACT_VOICE_ACTIVITY_CONTRACT_H_
