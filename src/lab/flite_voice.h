// The voice of audio scenarios: Flite, rendered once per line in a child process and kept.
#ifndef DRAGOMAN_SRC_LAB_FLITE_VOICE_H_
#define DRAGOMAN_SRC_LAB_FLITE_VOICE_H_

#include <string>
#include <string_view>
#include <utility>

#include "dragoman/providers/flite/rendered_speech.h"
#include "src/lab/caller_voice.h"

namespace dragoman::lab {

class FliteVoice : public CallerVoice {
 public:
  FliteVoice(std::string voice, int speed_per_mille, RenderCacheOptions cache)
      : voice_(std::move(voice)), speed_per_mille_(speed_per_mille), cache_(std::move(cache)) {}
  absl::StatusOr<Clip> Speak(std::string_view text) override;

 private:
  std::string voice_;
  int speed_per_mille_;
  RenderCacheOptions cache_;
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_FLITE_VOICE_H_
