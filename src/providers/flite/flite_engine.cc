#include "src/providers/flite/flite_engine.h"

extern "C" {
#include <flite/flite.h>
#include <flite/flite_version.h>

cst_voice* register_cmu_us_awb(const char* voxdir);
cst_voice* register_cmu_us_kal(const char* voxdir);
cst_voice* register_cmu_us_kal16(const char* voxdir);
cst_voice* register_cmu_us_rms(const char* voxdir);
cst_voice* register_cmu_us_slt(const char* voxdir);
}

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utility>

#include "dragoman/audio/resampler.h"
#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"
#include "dragoman/providers/flite/flite_synthesizer.h"

namespace dragoman {
namespace flite {
namespace {

using std::chrono::milliseconds;

struct Voice {
  std::string_view name;
  cst_voice* (*load)(const char*);
};
constexpr std::array<Voice, 5> kVoices = {{
    {"awb", register_cmu_us_awb},
    {"kal", register_cmu_us_kal},
    {"kal16", register_cmu_us_kal16},
    {"rms", register_cmu_us_rms},
    {"slt", register_cmu_us_slt},
}};

// Flite keeps its voices and its random numbers per process, so their lock is per process too.
Mutex& FliteMutex() {
  static auto* mutex = new Mutex;
  return *mutex;
}

// Puts a fresh state of known seed in the place of rand()'s, and the host's own back. Under the
// lock.
class SeededRandom {
 public:
  SeededRandom() : host_(initstate(kSeed, state_.data(), state_.size())) {}
  ~SeededRandom() { setstate(host_); }
  SeededRandom(const SeededRandom&) = delete;
  SeededRandom& operator=(const SeededRandom&) = delete;

 private:
  static constexpr unsigned kSeed = 1;
  std::array<char, 128> state_{};
  char* host_;
};

cst_voice* LoadVoice(std::string_view name) {
  static const bool initialised = [] {
    flite_init();
    return true;
  }();
  static_cast<void>(initialised);
  const auto voice = std::find_if(kVoices.begin(), kVoices.end(),
                                  [&](const Voice& known) { return known.name == name; });
  return voice == kVoices.end() ? nullptr
                                : voice->load(nullptr);  // registers once, then returns it
}

struct Deleter {
  void operator()(cst_utterance* utterance) const { delete_utterance(utterance); }
};

struct TimedToken {
  std::string text;
  double start = 0;  // seconds
  double end = 0;
};

std::vector<TimedToken> TokensOf(cst_utterance* utterance) {
  std::vector<TimedToken> tokens;
  if (utt_relation_present(utterance, "Token") == 0) return tokens;
  for (cst_item* item = relation_head(utt_relation(utterance, "Token")); item != nullptr;
       item = item_next(item)) {
    TimedToken token{.text = item_feat_string(item, "name")};
    bool spoken = false;
    for (cst_item* word = item_daughter(item); word != nullptr; word = item_next(word)) {
      if (ffeature_string(word, "R:SylStructure.daughter1.daughter1.name")[0] == '0') continue;
      if (!spoken) {
        token.start = ffeature_float(word, "R:SylStructure.daughter1.daughter1.R:Segment.p.end");
      }
      token.end = ffeature_float(word, "R:SylStructure.daughtern.daughtern.R:Segment.end");
      spoken = true;
    }
    if (spoken) tokens.push_back(std::move(token));
  }
  return tokens;
}

milliseconds Ms(double seconds) {
  return milliseconds(static_cast<std::int64_t>(seconds * 1000 + 0.5));
}

// Tokens are substrings of the text, in order; one that is not found takes the next word.
std::vector<SpokenWord> WordsOf(const std::vector<TimedToken>& tokens, const SpokenPiece& piece,
                                double lead) {
  std::vector<SpokenWord> words;
  std::size_t at = 0;
  for (const TimedToken& token : tokens) {
    const std::size_t found = piece.text.find(token.text, at);
    if (found == std::string::npos || token.text.empty()) continue;
    std::size_t end = found + token.text.size();
    at = end;
    while (end < piece.text.size() && piece.text[end] != ' ') ++end;  // its punctuation
    SpokenWord word;
    word.text_begin = piece.origin[found];
    word.text_end = end < piece.origin.size() ? piece.origin[end] : piece.origin_end;
    word.start = Ms(std::max(0.0, token.start - lead));
    word.end = Ms(std::max(0.0, token.end - lead));
    words.push_back(word);
  }
  return words;
}

absl::StatusOr<std::vector<std::int16_t>> Resampled(std::vector<std::int16_t> samples, int from,
                                                    int to) {
  if (from == to) return samples;
  DRAGOMAN_ASSIGN_OR_RETURN(Resampler resampler, Resampler::Create(from, to));
  // Its delay comes out with as much silence behind the speech, and is cut off in front.
  const auto delay_us = resampler.delay().count();
  samples.resize(samples.size() + static_cast<std::size_t>(delay_us * from / 1'000'000), 0);
  std::vector<std::int16_t> out(resampler.MaxOutput(samples.size()));
  out.resize(resampler.Process(samples, out));
  const std::size_t delay = static_cast<std::size_t>(delay_us * to / 1'000'000);
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(std::min(delay, out.size())));
  return out;
}

struct RawSpeech {
  std::vector<std::int16_t> samples;
  int sample_rate_hz = 0;
  std::vector<TimedToken> tokens;
};

absl::StatusOr<RawSpeech> Speak(const SpokenPiece& piece, const RenderRequest& request) {
  MutexLock lock(FliteMutex());
  cst_voice* voice = LoadVoice(request.voice);
  if (voice == nullptr) return Internal("flite: voice ", request.voice, " did not load");
  const SeededRandom random;
  std::unique_ptr<cst_utterance, Deleter> utterance(new_utterance());
  utt_set_input_text(utterance.get(), piece.text.c_str());
  utt_init(utterance.get(), voice);
  feat_set_float(utterance->features, "duration_stretch",
                 1000.0f / static_cast<float>(request.speed_per_mille));
  if (utt_synth(utterance.get()) == nullptr) return Internal("flite: synthesis failed");
  cst_wave* wave = utt_wave(utterance.get());
  if (wave == nullptr || wave->num_samples < 0) return Internal("flite: no audio came back");
  RawSpeech speech;
  speech.samples.assign(wave->samples, std::next(wave->samples, wave->num_samples));
  speech.sample_rate_hz = wave->sample_rate;
  speech.tokens = TokensOf(utterance.get());
  return speech;
}

}  // namespace

bool KnowsVoice(std::string_view voice) {
  return std::any_of(kVoices.begin(), kVoices.end(),
                     [&](const Voice& known) { return known.name == voice; });
}

absl::Status CheckRequest(const RenderRequest& request) {
  if (!KnowsVoice(request.voice)) {
    std::string known;
    for (const Voice& voice : kVoices) known = StrCat(known, known.empty() ? "" : ", ", voice.name);
    return InvalidArgument("flite: voice is \"", request.voice, "\"; expected one of ", known);
  }
  if (auto resampler = Resampler::Create(16000, request.sample_rate_hz); !resampler.ok()) {
    return InvalidArgument("flite: sample_rate_hz is ", request.sample_rate_hz,
                           "; expected 8000, 16000, 24000 or 48000");
  }
  if (request.speed_per_mille < 500 || request.speed_per_mille > 2000) {
    return InvalidArgument("flite: speed_per_mille is ", request.speed_per_mille,
                           "; expected 500 to 2000");
  }
  return absl::OkStatus();
}

absl::StatusOr<Rendering> RenderPiece(const SpokenPiece& piece, const RenderRequest& request) {
  DRAGOMAN_RETURN_IF_ERROR(CheckRequest(request));
  DRAGOMAN_ASSIGN_OR_RETURN(RawSpeech speech, Speak(piece, request));
  double lead = 0;
  if (!speech.tokens.empty()) {
    constexpr double kLead = 0.030;
    constexpr double kTail = 0.150;
    lead = std::max(0.0, speech.tokens.front().start - kLead);
    const auto sample = [&](double seconds) {
      return std::min(speech.samples.size(),
                      static_cast<std::size_t>(seconds * speech.sample_rate_hz));
    };
    speech.samples.resize(std::max(sample(lead), sample(speech.tokens.back().end + kTail)));
    speech.samples.erase(speech.samples.begin(),
                         speech.samples.begin() + static_cast<std::ptrdiff_t>(sample(lead)));
  }
  Rendering rendering;
  rendering.words = WordsOf(speech.tokens, piece, lead);
  DRAGOMAN_ASSIGN_OR_RETURN(
      rendering.samples,
      Resampled(std::move(speech.samples), speech.sample_rate_hz, request.sample_rate_hz));
  return rendering;
}

}  // namespace flite

std::vector<std::string> FliteVoices() {
  std::vector<std::string> names;
  for (const auto& voice : flite::kVoices) names.emplace_back(voice.name);
  return names;
}

std::string FliteVersion() { return FLITE_PROJECT_VERSION; }

}  // namespace dragoman
