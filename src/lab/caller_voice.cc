#include "src/lab/caller_voice.h"

#include <cstdlib>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman::lab {
namespace {

constexpr milliseconds kBetweenRepeats{200};

std::size_t Samples(milliseconds length) {
  return static_cast<std::size_t>(length.count() * kRate / 1000);
}

void Append(Clip& clip, const Clip& more) {
  const auto shift = static_cast<std::int64_t>(clip.samples.size());
  clip.samples.insert(clip.samples.end(), more.samples.begin(), more.samples.end());
  for (TimedWord word : more.words) {
    word.begin += shift;
    word.end += shift;
    clip.words.push_back(std::move(word));
  }
}

// The silence that voices leave behind their last sound would count as the caller's. An "s" on a
// telephone line is nearly as soft (peaks of 20), and "yes" without it is another word.
void TrimEnd(std::vector<std::int16_t>& samples) {
  while (!samples.empty() && std::abs(samples.back()) < 8) samples.pop_back();
}

}  // namespace

absl::StatusOr<Clip> BuzzVoice::Speak(std::string_view text) {
  Clip clip;
  clip.samples = Buzz(text, pitch_hz_, speed_per_mille_, clip.words);
  return clip;
}

absl::StatusOr<Clip> RenderSpeech(const Step& step, CallerVoice& voice) {
  Clip once;
  for (const SpeechPiece& piece : step.say) {
    if (!piece.text.empty()) {
      DRAGOMAN_ASSIGN_OR_RETURN(Clip spoken, voice.Speak(piece.text));
      Append(once, spoken);
    }
    once.samples.resize(once.samples.size() + Samples(piece.pause_after), 0);
  }
  if (!step.say.empty() && step.say.back().pause_after == milliseconds(0)) TrimEnd(once.samples);
  if (step.repeat_for == milliseconds(0) || once.samples.empty()) return once;
  Clip whole;
  while (whole.samples.size() < Samples(step.repeat_for)) {
    Append(whole, once);
    whole.samples.resize(whole.samples.size() + Samples(kBetweenRepeats), 0);
  }
  return whole;
}

Clip RenderNoise(const Step& step, std::uint64_t seed) {
  Clip clip;
  clip.samples.resize(Samples(step.length), 0);
  NoiseSource noise(step.noise, kSpeechRms, seed);
  noise.Mix(clip.samples);
  return clip;
}

}  // namespace dragoman::lab
