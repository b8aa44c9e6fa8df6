#include "src/agent/unheard_audio.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace dragoman {
namespace {

std::vector<std::int16_t> Ramp(int from, int size) {
  std::vector<std::int16_t> samples;
  for (int i = 0; i < size; ++i) samples.push_back(static_cast<std::int16_t>((from + i) * 8));
  return samples;
}

TEST(UnheardAudioTest, WhatWasAddedIsReadAtItsPlace) {
  UnheardAudio audio(1000);
  audio.Add(Ramp(0, 100));
  audio.Add(Ramp(100, 100));
  std::vector<std::int16_t> out(80);
  ASSERT_EQ(audio.Read(60, out), 80u);
  for (int i = 0; i < 80; ++i) {  // mu-law: to one part in 32, and 4 about zero
    const int expected = (60 + i) * 8;
    EXPECT_LE(std::abs(out[static_cast<std::size_t>(i)] - expected), 4 + expected / 32) << i;
  }
  EXPECT_EQ(audio.Read(150, out), 50u);
  EXPECT_EQ(audio.Read(200, out), 0u);
}

TEST(UnheardAudioTest, WhatWasForgottenIsNotRead) {
  UnheardAudio audio(1000);
  audio.Add(Ramp(0, 100));
  audio.ForgetBefore(70);
  audio.Add(Ramp(100, 100));
  EXPECT_EQ(audio.begin(), 70);
  EXPECT_EQ(audio.end(), 200);
  std::vector<std::int16_t> out(10);
  EXPECT_EQ(audio.Read(69, out), 0u);
  EXPECT_EQ(audio.Read(70, out), 10u);
  audio.ForgetBefore(60);  // already gone
  EXPECT_EQ(audio.begin(), 70);
  audio.ForgetBefore(500);  // no more than there is
  EXPECT_EQ(audio.begin(), 200);
}

TEST(UnheardAudioTest, NoMoreThanTheMostIsKept) {
  UnheardAudio audio(150);
  for (int i = 0; i < 100; ++i) audio.Add(Ramp(i * 20, 20));
  EXPECT_EQ(audio.end(), 2000);
  EXPECT_EQ(audio.begin(), 1850);
  std::vector<std::int16_t> out(200);
  ASSERT_EQ(audio.Read(1850, out), 150u);
  EXPECT_NEAR(out[0], 1850 * 8, 1850 * 8 / 32);
}

}  // namespace
}  // namespace dragoman
