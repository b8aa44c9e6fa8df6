#include "src/lab/sounds.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "dragoman/core/text.h"

namespace dragoman::lab {
namespace {

// A two-pole resonance in 1/4096 units.
class Resonance {
 public:
  void Tune(int hz, int bandwidth_hz) {
    const double r = std::exp(-std::numbers::pi * bandwidth_hz / kRate);
    b1_ = static_cast<std::int64_t>(
        std::lround(2 * r * std::cos(2 * std::numbers::pi * hz / kRate) * 4096));
    b2_ = static_cast<std::int64_t>(std::lround(-r * r * 4096));
  }
  std::int64_t Next(std::int64_t input) {
    std::int64_t out = input + (b1_ * y1_ + b2_ * y2_) / 4096;
    out = std::clamp<std::int64_t>(out, -2'000'000, 2'000'000);
    y2_ = y1_;
    y1_ = out;
    return out;
  }

 private:
  std::int64_t b1_ = 0, b2_ = 0, y1_ = 0, y2_ = 0;
};

bool IsVowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }

// First and second resonance of a letter: vowels by their usual formants, the rest between.
std::pair<int, int> FormantsOf(char c) {
  switch (c) {
    case 'a':
      return {730, 1090};
    case 'e':
      return {530, 1840};
    case 'i':
      return {300, 2290};
    case 'o':
      return {570, 840};
    case 'u':
      return {320, 880};
    case 'y':
      return {350, 2100};
    default:
      return {400 + (c % 7) * 30, 1200 + (c % 11) * 60};
  }
}

}  // namespace

std::int16_t Saturate(std::int64_t sample) {
  return static_cast<std::int16_t>(std::clamp<std::int64_t>(sample, -32768, 32767));
}

int Rms(std::span<const std::int16_t> samples) {
  if (samples.empty()) return 0;
  std::int64_t sum = 0;
  for (std::int64_t sample : samples) sum += sample * sample;
  return static_cast<int>(
      std::sqrt(static_cast<double>(sum) / static_cast<double>(samples.size())));
}

int RmsBelow(int rms, int db) {
  return static_cast<int>(std::lround(rms * std::pow(10.0, -db / 20.0)));
}

void Normalise(std::vector<std::int16_t>& speech, int rms) {
  std::vector<int> levels;
  for (std::size_t at = 0; at < speech.size(); at += kFrameSamples) {
    levels.push_back(Rms(
        std::span(speech).subspan(at, std::min<std::size_t>(kFrameSamples, speech.size() - at))));
  }
  if (levels.empty()) return;
  std::sort(levels.begin(), levels.end());
  std::int64_t sum = 0;
  for (std::size_t i = levels.size() / 2; i < levels.size(); ++i)
    sum += static_cast<std::int64_t>(levels[i]) * levels[i];
  const double louder =
      std::sqrt(static_cast<double>(sum) / static_cast<double>(levels.size() - levels.size() / 2));
  if (louder < 1) return;
  for (std::int16_t& sample : speech) sample = Saturate(std::lround(sample * rms / louder));
}

void Amplify(std::vector<std::int16_t>& samples, int db) {
  if (db == 0) return;
  const double gain = std::pow(10.0, db / 20.0);
  for (std::int16_t& sample : samples) sample = Saturate(std::lround(sample * gain));
}

NoiseSource::NoiseSource(NoiseKind kind, int rms, std::uint64_t seed)
    : kind_(kind), rms_(rms), random_(seed) {}

int NoiseSource::Smooth(int input, int slot, int per_mille) {
  auto& state = filter_[static_cast<std::size_t>(slot)];
  state += (static_cast<std::int64_t>(input) * 1024 - state) * per_mille / 1000;
  return static_cast<int>(state / 1024);
}

// A click: a burst of bright noise that dies within 10 ms, some 5 to 8 a second.
int NoiseSource::KeyClick() {
  if (at_ >= event_at_) {
    event_at_ = at_ + random_.Between(900, 1700);
    envelope_ = 1000 + random_.Between(0, 800);
  }
  envelope_ = envelope_ * 975 / 1000;
  const int white = static_cast<int>(random_.Between(-1732, 1732));
  return static_cast<int>((white - Smooth(white, 0, 300)) * envelope_ * 3 / 1000);
}

// Two bursts of low, rough noise of 180 ms within the first half second, then silence for 8 s.
int NoiseSource::Cough() {
  const std::int64_t place = at_ % (kRate * 8);
  const std::int64_t burst = place < 1440 ? place : place - 2240;
  if (burst < 0 || burst >= 1440) return 0;
  const std::int64_t attack = std::min<std::int64_t>(burst * 1000 / 120, 1000);
  const std::int64_t decay = 1000 - burst * 1000 / 1440;
  const int white = static_cast<int>(random_.Between(-1732, 1732));
  const int rough = Smooth(white, 0, 350) + white / 4;
  return static_cast<int>(rough * attack / 1000 * decay / 1000) * 2;
}

// Several voices far away: low noise that swells with a few syllable rhythms at once.
int NoiseSource::Babble() {
  const int white = static_cast<int>(random_.Between(-1732, 1732));
  const int voiced = Smooth(white, 0, 220) - Smooth(white, 1, 30);
  std::int64_t swell = 0;
  for (int period : {1900, 2300, 1500}) {
    std::int64_t phase = at_ % period;
    swell += std::min(phase, period - phase) * 2000 / period;
  }
  return static_cast<int>(voiced * swell / 460);
}

// The next sample at a level of about 1000.
int NoiseSource::Next() {
  const int white = static_cast<int>(random_.Between(-1732, 1732));  // RMS 1000
  switch (kind_) {
    case NoiseKind::kNone:
      return 0;
    case NoiseKind::kWhite:
      return white;
    case NoiseKind::kHum: {  // 50 Hz and its third harmonic, with a little hiss
      const double turn = 2 * std::numbers::pi * static_cast<double>(at_) / kRate;
      return static_cast<int>(1200 * std::sin(turn * 50) + 600 * std::sin(turn * 150)) + white / 20;
    }
    case NoiseKind::kBabble:
      return Babble();
    case NoiseKind::kStreet:
      return Smooth(white, 0, 60) * 5 + white / 5;
    case NoiseKind::kKeyboard:
      return KeyClick();
    case NoiseKind::kCough:
      return Cough();
  }
  return 0;
}

void NoiseSource::Mix(std::span<std::int16_t> frame) {
  if (kind_ == NoiseKind::kNone) return;
  for (std::int16_t& sample : frame) {
    sample = Saturate(sample + static_cast<std::int64_t>(Next()) * rms_ / 1000);
    ++at_;
  }
}

std::vector<std::int16_t> Buzz(std::string_view text, int pitch_hz, int speed_per_mille,
                               std::vector<TimedWord>& words) {
  std::vector<std::int16_t> audio;
  Resonance first, second;
  const int letter_samples = 65 * kRate / 1000 * 1000 / speed_per_mille;
  std::int64_t pulse_at = 0;
  for (std::string_view word : SplitWords(text)) {
    const auto begin = static_cast<std::int64_t>(audio.size());
    std::string letters = ToLowerAscii(word);
    for (std::size_t i = 0; i < letters.size(); ++i) {
      auto [f1, f2] = FormantsOf(letters[i]);
      first.Tune(f1, 90);
      second.Tune(f2, 120);
      const int level = IsVowel(letters[i]) ? 1000 : 550;
      // The pitch falls over the word and wavers with the letter, as voices do.
      const int pitch = pitch_hz + 12 - static_cast<int>(i) * 4 + letters[i] % 5;
      const int period = kRate / std::max(pitch, 50);
      for (int n = 0; n < letter_samples; ++n) {
        const bool pulse = static_cast<std::int64_t>(audio.size()) >= pulse_at;
        if (pulse) pulse_at = static_cast<std::int64_t>(audio.size()) + period;
        const std::int64_t source = pulse ? 4000 * level / 1000 : 0;
        audio.push_back(Saturate(first.Next(source) + second.Next(source) / 2));
      }
    }
    words.push_back({std::string(word), begin, static_cast<std::int64_t>(audio.size())});
    audio.insert(audio.end(), static_cast<std::size_t>(50 * kRate / 1000 * 1000 / speed_per_mille),
                 0);
  }
  Normalise(audio, kSpeechRms);
  return audio;
}

std::vector<std::int16_t> KeyTone(char key) {
  constexpr std::string_view kKeys = "123A456B789C*0#D";
  constexpr int kRows[] = {697, 770, 852, 941};
  constexpr int kColumns[] = {1209, 1336, 1477, 1633};
  const std::size_t place = kKeys.find(key);
  if (place == std::string_view::npos) return {};
  std::vector<std::int16_t> tone(static_cast<std::size_t>(kRate / 5), 0);
  for (std::size_t n = 0; n < tone.size() / 2; ++n) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(n) / kRate;
    tone[n] = Saturate(std::lround(4000 * std::sin(turn * kRows[place / 4]) +
                                   4000 * std::sin(turn * kColumns[place % 4])));
  }
  return tone;
}

}  // namespace dragoman::lab
