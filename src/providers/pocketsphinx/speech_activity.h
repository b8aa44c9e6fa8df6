// Where speech begins and ends, roughly: it only bounds what is decoded.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_SPEECH_ACTIVITY_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_SPEECH_ACTIVITY_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "dragoman/audio/level_history.h"
#include "src/providers/pocketsphinx/log_mel.h"

namespace dragoman::pocketsphinx {

// Frame energy against a floor that follows the quietest of the last seconds and, where other
// people are heard, against what nine tenths of the frames without speech stay below. The end of a
// turn is not decided here but by turn-taking.
class SpeechActivity {
 public:
  // `new_line`: for a second it is not known what the line sounds like when nobody speaks.
  SpeechActivity(int known_bands, bool new_line);

  // One frame of 10 ms; true: it is loud.
  bool Take(const Bands& frame);

  bool speaking() const { return loud_of_ten_ >= 6; }  // of the last ten frames
  int quiet_frames() const { return quiet_frames_; }   // since speech, small noises ignored

 private:
  float CrowdBorder() const;

  const int known_;
  bool new_line_;
  bool primed_ = false;
  float floor_ = 0;
  std::array<float, 100> recent_{};  // levels of the last second
  std::size_t next_ = 0;
  std::size_t seen_ = 0;
  LevelHistory crowd_;         // dB, while nobody spoke
  LevelHistory last_second_;   // of everything
  std::uint32_t history_ = 0;  // bit per frame, newest lowest
  int loud_of_ten_ = 0;
  int quiet_frames_ = 0;
};

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_SPEECH_ACTIVITY_H_
