#include "dragoman/audio/tones.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <numbers>
#include <string>
#include <vector>

#include "dragoman/audio/g711.h"
#include "dragoman/audio/resampler.h"
#include "dragoman/audio/wav.h"
#include "dragoman/core/random.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;
using std::chrono::operator""ms;
using Samples = std::vector<std::int16_t>;

Samples operator+(Samples a, const Samples& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
Samples Silence(milliseconds length) { return Samples(static_cast<size_t>(length.count() * 8)); }

Samples Sines(std::vector<double> hz, milliseconds length, double amplitude = 6000) {
  Samples samples(static_cast<size_t>(length.count() * 8));
  for (size_t i = 0; i < samples.size(); ++i) {
    double sum = 0;
    for (double f : hz)
      sum += std::sin(2 * std::numbers::pi * f * static_cast<double>(i) / 8000 + f);
    samples[i] = static_cast<std::int16_t>(std::lround(amplitude * sum));
  }
  return samples;
}

Samples WithNoise(Samples samples, double rms, std::uint64_t seed) {
  SeededRandom random(seed);
  for (auto& sample : samples) {
    double gaussian = -6;
    for (int i = 0; i < 12; ++i)
      gaussian += static_cast<double>(random.Next() >> 11) / 9007199254740992.0;
    sample = static_cast<std::int16_t>(std::clamp(sample + rms * gaussian, -32768.0, 32767.0));
  }
  return samples;
}

std::vector<ToneEvent> Detect(const Samples& samples, size_t frame = 160) {
  std::vector<std::uint8_t> codes(samples.size());
  EncodeMulaw(samples, codes);
  Samples heard(samples.size());
  DecodeMulaw(codes, heard);
  ToneDetector detector;
  std::vector<ToneEvent> events;
  for (size_t at = 0; at < heard.size(); at += frame) {
    const auto part = std::span(heard).subspan(at, std::min(frame, heard.size() - at));
    for (const ToneEvent& event : detector.Process(part)) events.push_back(event);
  }
  return events;
}

// "dtmf:5 beep ..." in the order reported.
std::string Names(const std::vector<ToneEvent>& events) {
  std::string names;
  for (const ToneEvent& event : events) {
    if (!names.empty()) names += ' ';
    names += ToneName(event.kind);
    if (event.digit != 0) names += std::string(":") + event.digit;
  }
  return names;
}
std::string Digits(const std::vector<ToneEvent>& events) {
  std::string digits;
  for (const ToneEvent& event : events) digits += event.kind == ToneKind::kDtmf ? event.digit : '?';
  return digits;
}

Samples Keys(std::string_view digits, DtmfOptions options = {}) {
  return *RenderDtmf(digits, options);
}

TEST(DtmfTest, EveryKeyIsFoundOnce) {
  EXPECT_EQ(Digits(Detect(Keys("0123456789*#ABCD"))), "0123456789*#ABCD");
}

TEST(DtmfTest, TimesAreThoseOfTheKey) {
  const auto events = Detect(Silence(430ms) + Keys("7"));
  ASSERT_EQ(Names(events), "dtmf:7");
  EXPECT_NEAR(static_cast<double>(events[0].start.count()), 430, 15);
  EXPECT_LE(events[0].end, 480ms);  // known within 50 ms
}

TEST(DtmfTest, FortyMillisecondsAreEnoughWhereverTheyFall) {
  for (int shift = 0; shift < 20; ++shift) {
    const auto samples = Silence(milliseconds(100 + shift)) +
                         Keys("159D", {.on = 40ms, .off = 40ms}) + Silence(60ms);
    EXPECT_EQ(Digits(Detect(samples)), "159D") << shift;
  }
}

TEST(DtmfTest, TwentyThreeMillisecondsAreTooShort) {
  for (int shift = 0; shift < 20; ++shift) {
    const auto samples =
        Silence(milliseconds(100 + shift)) + Sines({770, 1336}, 23ms) + Silence(100ms);
    EXPECT_EQ(Names(Detect(samples)), "") << shift;
  }
}

TEST(DtmfTest, AHeldKeyIsOnePress) { EXPECT_EQ(Digits(Detect(Keys("5", {.on = 2000ms}))), "5"); }

TEST(DtmfTest, ADropOfTenMillisecondsDoesNotMakeTwo) {
  const auto samples =
      Sines({852, 1477}, 80ms) + Silence(10ms) + Sines({852, 1477}, 80ms) + Silence(50ms);
  EXPECT_EQ(Digits(Detect(samples)), "9");
}

TEST(DtmfTest, ARepeatedKeyIsTwoPresses) {
  EXPECT_EQ(Digits(Detect(Keys("55", {.on = 50ms, .off = 50ms}))), "55");
}

TEST(DtmfTest, FrequenciesMayBeOnePointFivePercentOff) {
  for (double off : {0.985, 1.015}) {
    EXPECT_EQ(Digits(Detect(Sines({697 * off, 1209 * off}, 80ms) + Silence(50ms))), "1") << off;
    EXPECT_EQ(Digits(Detect(Sines({941 * off, 1633 * off}, 80ms) + Silence(50ms))), "D") << off;
  }
}

TEST(DtmfTest, TwistWithinTheRulesIsAcceptedAndBeyondRefused) {
  auto twisted = [](double low, double high) {
    Samples a = Sines({770}, 80ms, low);
    const Samples b = Sines({1477}, 80ms, high);
    for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<std::int16_t>(a[i] + b[i]);
    return Names(Detect(a + Silence(200ms)));
  };
  EXPECT_EQ(twisted(6000, 6000 * 0.45), "dtmf:6");  // -7 dB
  EXPECT_EQ(twisted(4000, 4000 * 1.4), "dtmf:6");   // +3 dB
  EXPECT_EQ(twisted(6000, 6000 * 0.25), "");        // -12 dB
  EXPECT_EQ(twisted(2000, 2000 * 2.5), "");         // +8 dB
}

TEST(DtmfTest, LevelsFromLoudToSoftAreHeard) {
  for (double level : {-6.0, -15.0, -25.0, -34.0}) {
    EXPECT_EQ(Digits(Detect(Keys("2580", {.level_dbfs = level}))), "2580") << level;
  }
}

TEST(DtmfTest, KeysInNoiseAtTenDecibelAreFound) {
  // Two tones of amplitude 4000 have an r.m.s. of 4000.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto samples = Sines({770, 1209}, 100ms, 4000) + Silence(100ms);
    EXPECT_EQ(Digits(Detect(WithNoise(samples, 4000 / 3.16, seed))), "4") << seed;
  }
}

TEST(DtmfTest, NoiseAloneIsNoKey) {
  EXPECT_EQ(Names(Detect(WithNoise(Silence(60000ms), 3000, 9))), "");
}

TEST(DtmfTest, ResultsDoNotDependOnTheFrameSize) {
  const auto samples = Keys("19*") + RenderTone(ToneKind::kBeep, 400ms) + Silence(300ms);
  const std::string expected = Names(Detect(samples));
  EXPECT_EQ(expected, "dtmf:1 dtmf:9 dtmf:* beep");
  for (size_t frame : {size_t{1}, size_t{7}, size_t{80}, size_t{320}, size_t{800}}) {
    EXPECT_EQ(Names(Detect(samples, frame)), expected) << frame;
  }
}

TEST(DtmfTest, RenderedTonesAreThoseOfTheStandard) {
  const auto samples =
      Keys("3", {.sample_rate_hz = 16000, .on = 100ms, .off = 40ms, .level_dbfs = -9});
  ASSERT_EQ(samples.size(), 2240u);
  double squares = 0;
  for (size_t i = 100; i < 1500; ++i) squares += static_cast<double>(samples[i]) * samples[i];
  // A sine at -9 dBFS has an r.m.s. of 32767 * 0.3548 / sqrt(2).
  EXPECT_NEAR(std::sqrt(squares / 1400), 8221, 250);
  EXPECT_THAT(Samples(samples.begin() + 1600, samples.end()), testing::Each(0));
}

TEST(DtmfTest, WhatIsNoKeyIsNamedByItsPlace) {
  const auto status = RenderDtmf("12x", {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(MessageOf(status)), testing::HasSubstr("digit 3"));
  EXPECT_FALSE(RenderDtmf("1", {.on = 10ms}).ok());
  EXPECT_FALSE(RenderDtmf("1", {.off = 5000ms}).ok());
  EXPECT_FALSE(RenderDtmf("1", {.level_dbfs = 0}).ok());
  EXPECT_FALSE(RenderDtmf("1", {.sample_rate_hz = 4000}).ok());
}

TEST(BeepTest, IsReportedAfterItsEndWithItsTimesAndPitch) {
  for (double hz : {440.0 * 2, 1000.0, 1400.0}) {
    const auto events = Detect(Silence(500ms) + Sines({hz}, 300ms) + Silence(300ms));
    ASSERT_EQ(Names(events), "beep") << hz;
    EXPECT_NEAR(static_cast<double>(events[0].start.count()), 500, 20);
    EXPECT_NEAR(static_cast<double>(events[0].end.count()), 800, 20);
    EXPECT_NEAR(events[0].hz, hz, hz / 100);
  }
}

TEST(BeepTest, InANoisyLineItIsStillOne) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto samples = Silence(500ms) + Sines({1000}, 500ms) + Silence(300ms);
    EXPECT_EQ(Names(Detect(WithNoise(samples, 250, seed))), "beep") << seed;  // 24 dB
  }
}

TEST(BeepTest, LengthsOutsideTheLimitsAreNone) {
  EXPECT_EQ(Names(Detect(Silence(100ms) + Sines({1000}, 80ms) + Silence(300ms))), "");
  EXPECT_EQ(Names(Detect(Silence(100ms) + Sines({1000}, 5500ms) + Silence(300ms))), "");
}

TEST(BeepTest, ATuneIsNone) {
  const auto tune = Sines({880}, 200ms) + Sines({988}, 200ms) + Sines({1175}, 300ms);
  EXPECT_EQ(Names(Detect(Silence(200ms) + tune + Silence(500ms))), "");
}

TEST(BeepTest, SpecialInformationTonesAreNone) {  // ITU-T E.180: "the number you have dialled ..."
  const auto tones = Sines({950}, 330ms) + Sines({1400}, 330ms) + Sines({1800}, 330ms);
  EXPECT_EQ(Names(Detect(Silence(200ms) + tones + Silence(500ms))), "");
}

TEST(BeepTest, AToneThatSoundFollowsAtOnceIsNone) {
  const auto samples = Silence(200ms) + Sines({1000}, 300ms) + WithNoise(Silence(500ms), 3000, 3);
  EXPECT_EQ(Names(Detect(samples)), "");
}

TEST(RingbackTest, ThePairOf440And480IsNeverABeep) {
  for (double low : {3000.0, 4500.0, 6000.0}) {  // up to 6 dB apart
    for (int phase = 0; phase < 8; ++phase) {
      Samples ring = Sines({440}, 2000ms, low);
      const Samples high = Sines({480.0 + phase * 1e-3}, 2000ms, 9000 - low);
      for (size_t i = 0; i < ring.size(); ++i)
        ring[i] = static_cast<std::int16_t>(ring[i] + high[i]);
      const auto samples = Silence(milliseconds(100 + phase * 3)) + ring + Silence(1000ms);
      EXPECT_EQ(Names(Detect(samples)), "ringback") << low << " " << phase;
    }
  }
}

TEST(RingbackTest, EachBurstIsReportedWithItsStart) {
  const auto events = Detect(RenderTone(ToneKind::kRingback, 18000ms));
  ASSERT_EQ(Names(events), "ringback ringback ringback");
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(static_cast<double>(events[i].start.count()), 6000.0 * static_cast<double>(i), 60);
  }
}

TEST(RingbackTest, InNoiseItIsStillNoBeep) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto samples = RenderTone(ToneKind::kRingback, 4000ms);
    EXPECT_EQ(Names(Detect(WithNoise(samples, 200, seed))), "ringback") << seed;
  }
}

TEST(RingbackTest, BritishAndContinentalRingingAreKnown) {
  const auto british =
      Sines({400, 450}, 400ms, 4000) + Silence(200ms) + Sines({400, 450}, 400ms, 4000);
  EXPECT_EQ(Names(Detect(british + Silence(500ms))), "ringback ringback");
  EXPECT_EQ(Names(Detect(Silence(200ms) + Sines({425}, 1000ms) + Silence(500ms))), "ringback");
}

TEST(CallProgressTest, BusyAndDialTonesAreKnown) {
  EXPECT_EQ(Names(Detect(RenderTone(ToneKind::kBusy, 2000ms))), "busy busy");
  EXPECT_EQ(Names(Detect(RenderTone(ToneKind::kDial, 2000ms))), "dial");
  Samples continental;
  for (int i = 0; i < 3; ++i) continental = continental + Sines({425}, 480ms) + Silence(480ms);
  EXPECT_EQ(Names(Detect(continental)), "busy");
  EXPECT_EQ(Names(Detect(Sines({425}, 3000ms))), "dial");
}

TEST(FaxTest, CallingAndAnswerTonesAreNoBeeps) {
  EXPECT_EQ(Names(Detect(RenderTone(ToneKind::kFaxCalling, 4200ms))), "fax_calling fax_calling");
  EXPECT_EQ(Names(Detect(RenderTone(ToneKind::kFaxAnswer, 3000ms) + Silence(300ms))), "fax_answer");
}

TEST(ToneDetectorTest, ResetForgetsAHalfHeardKey) {
  ToneDetector detector;
  const auto key = Sines({770, 1336}, 60ms);
  EXPECT_TRUE(detector.Process(std::span(key).first(200)).empty());
  detector.Reset();
  EXPECT_TRUE(detector.Process(std::span(key).subspan(200, 200)).empty());
}

// People's recordings and nothing else: any event is false. The files are Debian's
// pocketsphinx-testdata, which scripts/test installs.
TEST(ToneDetectorTest, HumanSpeechIsNoTone) {
  const std::filesystem::path folder = "/usr/share/pocketsphinx/test/data";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "pocketsphinx-testdata is not installed";
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    Samples wide;
    if (entry.path().extension() == ".wav") {
      wide = ReadWavFile(entry.path())->samples;
    } else if (entry.path().extension() == ".raw") {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(file), {});
      for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
        wide.push_back(static_cast<std::int16_t>(static_cast<unsigned char>(bytes[i]) |
                                                 static_cast<unsigned char>(bytes[i + 1]) << 8));
      }
    } else {
      continue;
    }
    Resampler resampler = *Resampler::Create(16000, 8000);
    Samples narrow(resampler.MaxOutput(wide.size()));
    narrow.resize(resampler.Process(wide, narrow));
    EXPECT_EQ(Names(Detect(narrow)), "") << entry.path();
    ++files;
  }
  EXPECT_GE(files, 10);
}

}  // namespace
}  // namespace dragoman
