// What the caller's lines sound like.
#ifndef DRAGOMAN_SRC_LAB_CALLER_VOICE_H_
#define DRAGOMAN_SRC_LAB_CALLER_VOICE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/lab/scenario.h"
#include "src/lab/sounds.h"

namespace dragoman::lab {

struct Clip {
  std::vector<std::int16_t> samples;  // 8 kHz, at kSpeechRms
  std::vector<TimedWord> words;       // empty where the voice does not tell
};

// One thread at a time; may block while it renders, so a call asks before it begins.
class CallerVoice {
 public:
  virtual ~CallerVoice() = default;
  virtual absl::StatusOr<Clip> Speak(std::string_view text) = 0;
};

// The buzz of text scenarios.
class BuzzVoice : public CallerVoice {
 public:
  BuzzVoice(int pitch_hz, int speed_per_mille)
      : pitch_hz_(pitch_hz > 0 ? pitch_hz : 110), speed_per_mille_(speed_per_mille) {}
  absl::StatusOr<Clip> Speak(std::string_view text) override;

 private:
  int pitch_hz_;
  int speed_per_mille_;
};

// All pieces of a line in order with their pauses; `repeat_for` repeats it with 200 ms between.
absl::StatusOr<Clip> RenderSpeech(const Step& step, CallerVoice& voice);

// The sound of a kNoise step at the level of speech.
Clip RenderNoise(const Step& step, std::uint64_t seed);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_CALLER_VOICE_H_
