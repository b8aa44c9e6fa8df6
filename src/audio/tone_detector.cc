#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <utility>

#include "dragoman/audio/tones.h"

// Every 10 ms block is correlated once with each tone of the network (integer dot products with
// tables); windows of several blocks are sums of those correlations, turned into phase. Keys are
// read from windows of 20 ms, pairs of 40 Hz distance from 100 ms. Single tones need no table: they
// are what a predictor of second order predicts.
namespace dragoman {
namespace {

constexpr int kRate = 8000;
constexpr size_t kBlock = 80;
constexpr float kHz[] = {697, 770, 852, 941, 1209, 1336, 1477, 1633, 350, 400, 440, 450, 480, 620};
constexpr size_t kTones = std::size(kHz);
constexpr char kKeypad[] = "123A456B789C*0#D";
constexpr float kQuietEnergy = kBlock * 100.0f * 100.0f;  // r.m.s. of 100: -50 dBFS
constexpr int kTableBits = 10;  // 80 full-scale samples stay within 32 bits

struct Pair {
  size_t low, high;  // indices into kHz
  ToneKind kind;
};
constexpr Pair kPairs[] = {{10, 12, ToneKind::kRingback},
                           {9, 11, ToneKind::kRingback},
                           {12, 13, ToneKind::kBusy},
                           {8, 10, ToneKind::kDial}};

struct Tables {
  std::int16_t cosine[kTones][kBlock];
  std::int16_t sine[kTones][kBlock];
  float turn_re[kTones];  // the phase that a tone gains over one block
  float turn_im[kTones];
  float least_cosine[kTones];  // of the phase that a tone 2.5 % off gains or loses over a block

  Tables() {
    for (size_t t = 0; t < kTones; ++t) {
      const double step = 2 * std::numbers::pi * kHz[t] / kRate;
      for (size_t i = 0; i < kBlock; ++i) {
        cosine[t][i] =
            static_cast<std::int16_t>(std::lround(std::cos(step * i) * (1 << kTableBits)));
        sine[t][i] = static_cast<std::int16_t>(std::lround(std::sin(step * i) * (1 << kTableBits)));
      }
      turn_re[t] = static_cast<float>(std::cos(step * kBlock));
      turn_im[t] = static_cast<float>(std::sin(step * kBlock));
      least_cosine[t] = static_cast<float>(std::cos(0.025 * step * kBlock));
    }
  }
};

const Tables& SharedTables() {
  static const Tables tables;  // constant after its construction
  return tables;
}

std::int32_t Dot(const std::int16_t* __restrict a, const std::int16_t* __restrict b) {
  std::int32_t sum = 0;
  for (size_t i = 0; i < kBlock; ++i) sum += std::int32_t{a[i]} * b[i];
  return sum;
}

// Weights of ten blocks under a raised cosine.
constexpr float kSmooth[] = {0.024f, 0.206f, 0.5f, 0.794f, 0.976f,
                             0.976f, 0.794f, 0.5f, 0.206f, 0.024f};
constexpr float kSmoothSum = 5.0f;
constexpr float kSmoothSquares = 3.7518f;

// A block as a pure tone: x[n+1] + x[n-1] = 2 cos(w) x[n], with a steady envelope.
struct Tonality {
  bool pure = false;
  float hz = 0;
};

Tonality Examine(const std::int16_t* x, float energy) {  // x[-1] to x[80]
  float product = 0;
  float squares = 0;
  float envelope[2] = {0, 0};
  for (size_t i = 0; i < kBlock; ++i) {
    const auto before = static_cast<float>(x[static_cast<std::ptrdiff_t>(i) - 1]);
    const auto here = static_cast<float>(x[i]);
    const auto after = static_cast<float>(x[i + 1]);
    const float sides = before + after;
    product += sides * here;
    squares += sides * sides;
    envelope[i / 40] += here * here - before * after;  // Teager: (amplitude * sin w)^2
  }
  const float twice_cosine = product / (energy + 1);
  if (std::abs(twice_cosine) >= 1.999f) return {};
  const float rest = squares - twice_cosine * product;
  const float share =
      rest / ((2 + twice_cosine * twice_cosine) * energy + 1);  // of noise in the block
  const float weak = std::min(envelope[0], envelope[1]);
  const float strong = std::max(envelope[0], envelope[1]);
  if (share > 0.03f || weak < 0.55f * strong) return {};
  return {true, static_cast<float>(std::acos(twice_cosine / 2) * kRate / (2 * std::numbers::pi))};
}

}  // namespace

ToneDetector::ToneDetector() { Reset(); }

void ToneDetector::Reset() {
  samples_.fill(0);
  filled_ = 0;
  blocks_.fill({});
  next_ = 0;
  block_ = 0;
  key_ = 0;
  key_hits_ = key_misses_ = 0;
  key_reported_ = false;
  pair_ = -1;
  pair_blocks_ = 0;
  pair_reported_ = false;
  last_tonal_block_ = -1000;
  run_ = beep_ = {};
  quiet_after_beep_ = 0;
  last_425_end_ = -1000;
  bursts_425_ = 0;
  event_count_ = 0;
}

std::span<const ToneEvent> ToneDetector::Process(std::span<const std::int16_t> samples) {
  event_count_ = 0;
  while (!samples.empty()) {
    const size_t part = std::min(samples.size(), kBlock - filled_);
    std::copy_n(samples.begin(), part, samples_.begin() + 2 + static_cast<std::ptrdiff_t>(filled_));
    filled_ += part;
    samples = samples.subspan(part);
    if (filled_ < kBlock) break;
    ProcessBlock();
    samples_[0] = samples_[kBlock];
    samples_[1] = samples_[kBlock + 1];
    filled_ = 0;
  }
  return std::span(events_).first(event_count_);
}

// The block looked at is one sample behind the newest, so that each of its samples has two
// neighbours.
void ToneDetector::ProcessBlock() {
  const Tables& tables = SharedTables();
  const std::int16_t* x = &samples_[1];
  Block& block = blocks_[next_];
  next_ = (next_ + 1) % kLongBlocks;
  float energy = 0;
  for (size_t i = 0; i < kBlock; ++i) energy += static_cast<float>(x[i]) * static_cast<float>(x[i]);
  block.energy = energy;
  if (energy < kQuietEnergy) {
    block.tones.fill({});
  } else {
    for (size_t t = 0; t < kTones; ++t) {
      block.tones[t] = {static_cast<float>(Dot(x, tables.cosine[t])) / (1 << kTableBits),
                        static_cast<float>(Dot(x, tables.sine[t])) / (1 << kTableBits)};
    }
  }
  DetectKeys();
  DetectPairs();
  DetectSingle();
  ++block_;
}

// Of a tone over the last 100 ms under a raised cosine, scaled so that a sine has the energy of its
// samples.
float ToneDetector::PairPower(std::size_t tone) const {
  const Tables& tables = SharedTables();
  float re = 0;
  float im = 0;
  for (size_t ago = 0; ago < kLongBlocks; ++ago) {
    // Horner's way back in time: turn what is summed so far by one block, then add the older one.
    const Correlation& c = Recent(ago).tones[tone];
    const float turned = re * tables.turn_re[tone] - im * tables.turn_im[tone];
    im = re * tables.turn_im[tone] + im * tables.turn_re[tone] + kSmooth[ago] * c.im;
    re = turned + kSmooth[ago] * c.re;
  }
  return 2 * (re * re + im * im) / (kSmoothSum * kSmoothSum * kBlock) * kSmoothSquares;
}

// Over 20 ms, for tones up to 2.5 % beside the nominal one; 0 for others, which the phase between
// the two blocks tells.
float ToneDetector::KeyPower(std::size_t tone) const {
  const Tables& tables = SharedTables();
  const Correlation& older = Recent(1).tones[tone];
  const Correlation& newer = Recent(0).tones[tone];
  const float turned_re = newer.re * tables.turn_re[tone] - newer.im * tables.turn_im[tone];
  const float turned_im = newer.re * tables.turn_im[tone] + newer.im * tables.turn_re[tone];
  const float magnitudes = std::sqrt((older.re * older.re + older.im * older.im) *
                                     (newer.re * newer.re + newer.im * newer.im));
  const float in_phase = turned_re * older.re + turned_im * older.im;
  if (in_phase < tables.least_cosine[tone] * magnitudes) return 0;
  const float sum = older.re * older.re + older.im * older.im + newer.re * newer.re +
                    newer.im * newer.im + 2 * magnitudes;
  return sum / kBlock;
}

void ToneDetector::DetectKeys() {
  char key = 0;
  const float energy = Recent(0).energy + Recent(1).energy;
  if (energy > 2 * kQuietEnergy) {
    float powers[kKeyTones];
    for (size_t t = 0; t < kKeyTones; ++t) powers[t] = KeyPower(t);
    const auto row = static_cast<size_t>(std::max_element(powers, powers + 4) - powers);
    const auto column = static_cast<size_t>(std::max_element(powers + 4, powers + 8) - powers);
    const float low = powers[row];
    const float high = powers[column];
    // Twist: the high tone at most 8 dB below and 4 dB above the low one. 0.7 of the energy admits
    // a window that the tones fill to three quarters.
    const bool balanced = high > 0.158f * low && high < 2.51f * low;
    if (balanced && low + high > 0.7f * energy) key = kKeypad[4 * row + column - 4];
  }
  if (key != 0 && (key_ == 0 || key == key_)) {
    key_ = key;
    key_misses_ = 0;
    if (++key_hits_ == 3 && !key_reported_) {
      key_reported_ = true;
      Report(ToneKind::kDtmf, block_ - 3, block_ + 1, key, 0);
    }
    if (key_reported_) last_tonal_block_ = block_;
  } else if (key_ != 0 && ++key_misses_ >= 3) {
    key_ = 0;
    key_hits_ = key_misses_ = 0;
    key_reported_ = false;
  }
}

void ToneDetector::DetectPairs() {
  int found = -1;
  float energy = 0;
  for (size_t ago = 0; ago < kLongBlocks; ++ago) {
    energy += kSmooth[ago] * kSmooth[ago] * Recent(ago).energy;
  }
  if (Recent(0).energy > kQuietEnergy / 4 && energy > kQuietEnergy) {
    for (size_t p = 0; p < std::size(kPairs) && found < 0; ++p) {
      const float low = PairPower(kPairs[p].low);
      const float high = PairPower(kPairs[p].high);
      if (low + high > 0.8f * energy && low < 6 * high && high < 6 * low)
        found = static_cast<int>(p);
    }
  }
  if (found < 0 || found != pair_) {
    pair_ = found;
    pair_blocks_ = 0;
    pair_reported_ = false;
  }
  if (found < 0) return;
  last_tonal_block_ = block_;
  ++pair_blocks_;
  // The window of 100 ms must be full of it for 200 ms more.
  if (pair_blocks_ >= 21 && !pair_reported_) {
    pair_reported_ = true;
    Report(kPairs[found].kind, block_ - pair_blocks_ - 8, block_ + 1, 0, 0);
  }
}

void ToneDetector::DetectSingle() {
  const float energy = Recent(0).energy;
  Tonality tone;
  if (energy > 2 * kQuietEnergy) tone = Examine(&samples_[1], energy);
  const bool goes_on = tone.pure && run_.blocks > 0 &&
                       std::abs(tone.hz - run_.hz) < 0.025f * run_.hz &&
                       energy < 2.3f * run_.last_energy && run_.last_energy < 2.3f * energy;
  if (!goes_on) {
    EndRun();
    if (tone.pure) {
      run_ = {.blocks = 1, .start_block = block_, .hz = tone.hz, .last_energy = energy};
      run_.after_tone = block_ - last_tonal_block_ < 6;
    }
  } else {
    ++run_.blocks;
    run_.hz += (tone.hz - run_.hz) / static_cast<float>(run_.blocks);
    run_.last_energy = energy;
    if (run_.blocks >= 8) last_tonal_block_ = block_;
    const bool answer = std::abs(run_.hz - 2100) < 25 && run_.blocks == 50;
    const bool dial = std::abs(run_.hz - 425) < 20 && run_.blocks == 170;
    if (answer || dial) {
      run_.reported = true;
      Report(answer ? ToneKind::kFaxAnswer : ToneKind::kDial, run_.start_block, block_ + 1, 0,
             run_.hz);
    }
  }
  if (beep_.blocks == 0) return;
  if (energy > 0.1f * beep_.last_energy) {
    beep_ = {};  // something follows it at once: a melody, speech, another tone
  } else if (++quiet_after_beep_ == 9) {
    Report(ToneKind::kBeep, beep_.start_block, beep_.start_block + beep_.blocks, 0, beep_.hz);
    beep_ = {};
  }
}

void ToneDetector::EndRun() {
  const Run run = std::exchange(run_, Run{});
  if (run.blocks < 11 || run.reported) return;
  if (std::abs(run.hz - 425) < 20) {
    ClassifyShort425(run);
  } else if (std::abs(run.hz - 1100) < 40 && run.blocks >= 42 && run.blocks <= 58) {
    Report(ToneKind::kFaxCalling, run.start_block, run.start_block + run.blocks, 0, run.hz);
  } else if (run.hz > 400 && run.hz < 2200 && run.blocks <= 500 && !run.after_tone &&
             std::abs(run.hz - 2100) > 25) {
    beep_ = run;
    quiet_after_beep_ = 0;
  }
}

// 425 Hz: a second of it is ringing, half a second and less, repeated, is busy.
void ToneDetector::ClassifyShort425(const Run& run) {
  const std::int64_t end = run.start_block + run.blocks;
  if (run.blocks >= 80 && run.blocks <= 160) {
    Report(ToneKind::kRingback, run.start_block, end, 0, run.hz);
    bursts_425_ = 0;
  } else if (run.blocks >= 15 && run.blocks <= 60) {
    bursts_425_ = run.start_block - last_425_end_ <= 60 ? bursts_425_ + 1 : 1;
    last_425_end_ = end;
    if (bursts_425_ == 2) Report(ToneKind::kBusy, run.start_block, end, 0, run.hz);
  }
}

void ToneDetector::Report(ToneKind kind, std::int64_t start_block, std::int64_t end_block,
                          char digit, float hz) {
  if (event_count_ == events_.size()) return;
  events_[event_count_++] = {
      .kind = kind,
      .digit = digit,
      .hz = static_cast<int>(std::lround(hz)),
      .start = std::chrono::milliseconds(10 * std::max<std::int64_t>(start_block, 0)),
      .end = std::chrono::milliseconds(10 * end_block)};
}

}  // namespace dragoman
