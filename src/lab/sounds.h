// Sounds of the lab that no synthesizer makes: noises of lines and rooms, keys, coughs, and the
// buzz that stands for speech in text scenarios. 8 kHz, the same for a seed on every run.
#ifndef DRAGOMAN_SRC_LAB_SOUNDS_H_
#define DRAGOMAN_SRC_LAB_SOUNDS_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "dragoman/core/random.h"
#include "dragoman/lab/scenario.h"

namespace dragoman::lab {

inline constexpr int kRate = 8000;
inline constexpr int kFrameSamples = 160;  // 20 ms
inline constexpr milliseconds kFrame{20};
// Every speech of the lab is brought to this level while it lasts (-21 dBFS); an SNR counts from
// it.
inline constexpr int kSpeechRms = 2900;
// A frame louder than this is heard as sound (-47 dBFS).
inline constexpr int kAudibleRms = 150;

int Rms(std::span<const std::int16_t> samples);
std::int16_t Saturate(std::int64_t sample);

// Scales `speech` so that its louder half of frames has the level `rms`.
void Normalise(std::vector<std::int16_t>& speech, int rms);

void Amplify(std::vector<std::int16_t>& samples, int db);

// An endless noise. `rms` is its level while it sounds: keyboards and coughs have gaps.
class NoiseSource {
 public:
  NoiseSource(NoiseKind kind, int rms, std::uint64_t seed);
  void Mix(std::span<std::int16_t> frame);  // adds the next samples
 private:
  int Next();
  int Smooth(int input, int slot, int per_mille);
  int KeyClick();
  int Cough();
  int Babble();

  NoiseKind kind_;
  int rms_;
  SeededRandom random_;
  std::int64_t at_ = 0;
  std::int64_t event_at_ = 0;
  std::array<std::int64_t, 8> filter_{};
  std::int64_t envelope_ = 0;
};

int RmsBelow(int rms, int db);  // `db` decibels below (above, when negative)

struct TimedWord {
  std::string text;
  std::int64_t begin = 0;  // samples
  std::int64_t end = 0;
};

// Buzz of `text`: a pulse train of `pitch_hz` through two resonances that move with the letters; 65
// ms a letter at normal speed, 50 ms between words. `words` tells where each lies.
std::vector<std::int16_t> Buzz(std::string_view text, int pitch_hz, int speed_per_mille,
                               std::vector<TimedWord>& words);

// ITU-T Q.23 pair of the key, 100 ms, then 100 ms of silence; empty for a character that is no key.
std::vector<std::int16_t> KeyTone(char key);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_SOUNDS_H_
