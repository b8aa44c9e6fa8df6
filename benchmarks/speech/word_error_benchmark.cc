// Word and slot error rates of the embedded recogniser on phone audio, as Markdown tables:
//   speech_word_error_benchmark RENDERER CACHE_DIR [RECORDINGS_DIR] [--verbose] [--quick]
// RENDERER is bin/dragoman-flite-render, CACHE_DIR keeps the voices' renderings.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/speech/word_error_cases.h"
#include "dragoman/audio/g711.h"
#include "dragoman/audio/resampler.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/providers/flite/rendered_speech.h"
#include "dragoman/providers/offline/agent_definition.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "src/providers/pocketsphinx/hearing.h"

namespace dragoman {
namespace {

using pocketsphinx::Hearing;
using pocketsphinx::HearingOptions;
using pocketsphinx::UpperBands;
using Samples = std::vector<std::int16_t>;

constexpr int kRate = 8000;
constexpr double kLevel = 1500;  // active RMS: -27 dBFS
constexpr double kSnrDb = 15;
// In a call the line is known by the time the caller answers: more than its first second, in which
// everything is held to be noise.
constexpr std::size_t kLineBefore = kRate * 13 / 10;
constexpr std::string_view kModelDirectory = "/usr/share/pocketsphinx/model/en-us";

struct Arm {
  std::string_view name;
  HearingOptions options;
};
const std::vector<Arm>& Arms() {
  static const auto* arms = new std::vector<Arm>{
      {"upsampled",
       {.partials = false,
        .upper = UpperBands::kSilence,
        .use_repair = false,
        .phone_band = false}},
      {"mirror image",
       {.partials = false, .upper = UpperBands::kMirror, .use_repair = false, .phone_band = false}},
      {"upper bands guessed", {.partials = false, .phone_band = false}},
      {"phone-band model, plain", {.partials = false, .use_repair = false}},
      {"phone-band model", {.partials = false}},
  };
  return *arms;
}

[[noreturn]] void Fail(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}
template <typename T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) Fail(std::string(MessageOf(result.status())));
  return *std::move(result);
}

// RMS over the frames of 20 ms within 25 dB of the loudest.
double ActiveRms(const Samples& samples) {
  std::vector<double> frames;
  for (std::size_t at = 0; at + 160 <= samples.size(); at += 160) {
    double sum = 0;
    for (std::size_t i = at; i < at + 160; ++i) sum += double{1} * samples[i] * samples[i];
    frames.push_back(sum / 160);
  }
  const double loudest = frames.empty() ? 0 : *std::max_element(frames.begin(), frames.end());
  double sum = 0;
  int count = 0;
  for (double frame : frames) {
    if (frame < loudest * 0.003) continue;
    sum += frame;
    ++count;
  }
  return count == 0 ? 1 : std::sqrt(sum / count) + 1e-9;
}

std::int16_t Clip(double value) {
  return static_cast<std::int16_t>(std::clamp(std::round(value), -32768.0, 32767.0));
}

class Bench {
 public:
  Bench(std::string renderer, std::string cache, std::string recordings, bool verbose)
      : render_{.directory = std::move(cache), .program = std::move(renderer)},
        recordings_(std::move(recordings)),
        verbose_(verbose) {
    const auto files = Must(pocketsphinx::CheckModelFiles(std::string(kModelDirectory)));
    const auto densities = Must(pocketsphinx::ReadDensities(files));
    model_.mixture = pocketsphinx::BuildSpeechMixture(densities, model_.wide);
    const auto map = pocketsphinx::MapToPhoneBand(densities);
    phone_decoder_ = Must(pocketsphinx::Decoder::Load(files, &map));
    wide_decoder_ = Must(pocketsphinx::Decoder::Load(files, nullptr));
    MakeBabble();
  }

  struct Score {
    int words = 0, word_errors = 0, sentences = 0, exact = 0;
    int slots = 0, slots_first = 0, slots_confirmed = 0, wrong_accepted = 0;
    int outside = 0, rejected = 0;
  };

  Score RunVoice(const Arm& arm, const std::string& voice, const std::string& noise) {
    Score score;
    for (const SpokenCase& one : SentencesInside()) {
      const Transcript heard = Hear(arm, Speak(voice, one.spoken), noise, GrammarOf(one.state));
      Count(one.heard, heard.text, score);
      for (std::string_view slot : one.slots) {
        ++score.slots;
        bool right = Holds(heard.text, slot);
        score.slots_first += right ? 1 : 0;
        if (!right && heard.confidence_per_mille >= 500) ++score.wrong_accepted;
        if (!right) {
          // Read back wrongly, or not understood: the caller says it again in other words.
          const Transcript again = Hear(arm, Speak(voice, one.again), noise, GrammarOf(one.state));
          right = Holds(again.text, one.again_heard);
          Tell("again", voice, noise, one.again, again);
        }
        score.slots_confirmed += right ? 1 : 0;
      }
      if (heard.text != one.heard) Tell("wrong", voice, noise, one.spoken, heard);
      if (heard.text == one.heard && heard.confidence_per_mille < 500) {
        Tell("doubted", voice, noise, one.spoken, heard);
      }
    }
    for (const SpokenCase& one : SentencesOutside()) {
      const Transcript heard = Hear(arm, Speak(voice, one.spoken), noise, GrammarOf(one.state));
      ++score.outside;
      if (heard.confidence_per_mille < 500)
        ++score.rejected;
      else
        Tell("let in", voice, noise, one.spoken, heard);
    }
    return score;
  }

  Score RunGeneral(const Arm& arm, const std::string& voice, const std::string& noise) {
    Score score;
    for (const auto* list : {&SentencesInside(), &SentencesOutside()}) {
      for (const SpokenCase& one : *list) {
        if (one.state == "ask_name" && list == &SentencesInside()) continue;
        const Transcript heard = Hear(arm, Speak(voice, one.spoken), noise, "");
        Count(one.heard, heard.text, score);
        Tell("general", voice, noise, one.spoken, heard);
      }
    }
    return score;
  }

  Score RunRecordings(const Arm& arm, bool with_grammar, const std::string& noise) {
    Score score;
    for (const Recording& one : Recordings()) {
      if (one.grammar.empty() == with_grammar) continue;
      const Transcript heard = Hear(arm, Record(one), noise, RecordingGrammar(one.grammar));
      Count(one.heard, heard.text, score);
      for (std::string_view word : SplitWords(one.heard)) {
        if (word == "of" || !with_grammar) continue;
        ++score.slots;
        score.slots_first += Holds(heard.text, word) ? 1 : 0;
      }
      if (heard.text != one.heard) Tell("wrong", "recording", noise, one.heard, heard);
    }
    return score;
  }

  double real_time_factor() const { return cpu_s_ / audio_s_; }

 private:
  void Tell(std::string_view what, std::string_view voice, std::string_view noise,
            std::string_view spoken, const Transcript& heard) const {
    if (!verbose_) return;
    std::printf("  %s %s %s: %s -> %s (%d)\n", std::string(what).c_str(),
                std::string(voice).c_str(), std::string(noise).c_str(), std::string(spoken).c_str(),
                heard.text.c_str(), heard.confidence_per_mille);
  }

  static void Count(std::string_view expected, std::string_view heard, Score& score) {
    const auto want = SplitWords(expected);
    const auto got = SplitWords(heard);
    std::vector<int> row(got.size() + 1);
    for (std::size_t j = 0; j <= got.size(); ++j) row[j] = static_cast<int>(j);
    for (std::size_t i = 1; i <= want.size(); ++i) {
      int diagonal = row[0];
      row[0] = static_cast<int>(i);
      for (std::size_t j = 1; j <= got.size(); ++j) {
        const int change = diagonal + (want[i - 1] == got[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
      }
    }
    score.words += static_cast<int>(want.size());
    score.word_errors += row[got.size()];
    ++score.sentences;
    score.exact += expected == heard ? 1 : 0;
  }

  static bool Holds(std::string_view heard, std::string_view slot) {
    const auto have = SplitWords(heard);
    const auto want = SplitWords(slot);
    const auto extends = [](std::string_view word) {
      return word == "twenty" || word == "thirty" || word == "forty" || word == "fifty";
    };
    const auto letter = [](std::string_view word) { return word.size() == 2 && word[1] == '.'; };
    static const std::string_view digits[] = {"zero", "oh",  "one",   "two",   "three", "four",
                                              "five", "six", "seven", "eight", "nine"};
    const auto digit = [&](std::string_view word) {
      return std::find(std::begin(digits), std::end(digits), word) != std::end(digits);
    };
    for (std::size_t at = 0; at + want.size() <= have.size(); ++at) {
      if (!std::equal(want.begin(), want.end(), have.begin() + static_cast<std::ptrdiff_t>(at)))
        continue;
      const std::size_t end = at + want.size();
      if (at > 0 && extends(have[at - 1])) continue;
      if (at > 0 && letter(want.front()) && letter(have[at - 1])) continue;
      if (end < have.size() && letter(want.back()) && letter(have[end])) continue;
      const bool number = want.size() > 3 && digit(want.front()) && digit(want.back());
      if (number && ((at > 0 && digit(have[at - 1])) || (end < have.size() && digit(have[end]))))
        continue;
      return true;
    }
    return false;
  }

  Samples Speak(const std::string& voice, std::string_view text) {
    auto speech = Must(RenderSpeechCached(
        {.text = std::string(text), .voice = voice, .sample_rate_hz = kRate}, render_));
    return speech.samples;
  }

  Samples Record(const Recording& recording) {
    std::ifstream file(recordings_ + "/" + std::string(recording.file), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    if (bytes.size() <= recording.header_bytes) {
      Fail(StrCat("no recording ", recording.file, "; install pocketsphinx-testdata"));
    }
    Samples wide((bytes.size() - recording.header_bytes) / 2);
    std::memcpy(wide.data(), bytes.data() + recording.header_bytes, wide.size() * 2);
    auto resampler = Must(Resampler::Create(16000, kRate));
    Samples narrow(resampler.MaxOutput(wide.size()));
    narrow.resize(resampler.Process(wide, narrow));
    return narrow;
  }

  std::string RecordingGrammar(std::string_view name) const {
    if (name.empty()) return "";
    if (name == "digits") {
      return "#JSGF V1.0;\ngrammar d;\npublic <d> = (zero | oh | one | two | three | four | five | "
             "six | seven | eight | nine)+;\n";
    }
    std::ifstream file(recordings_ + "/" + std::string(name));
    return std::string((std::istreambuf_iterator<char>(file)), {});
  }

  std::string GrammarOf(std::string_view state) {
    std::string& grammar = grammars_[std::string(state)];
    if (grammar.empty()) grammar = Must(ExpectationIn(ClinicReceptionist({}), state)).grammar;
    return grammar;
  }

  void MakeBabble() {
    std::vector<double> sum(12 * kRate);
    std::size_t shift = 0;
    for (const char* voice : {"rms", "slt", "awb", "kal16"}) {
      for (const char* text :
           {"the quick brown fox jumps over the lazy dog and runs away from the farmer",
            "we have many things to tell you about the weather in the north of the country",
            "please remember that the meeting was moved to the other building last week"}) {
        const Samples speech = Speak(voice, text);
        const double gain = 1000 / ActiveRms(speech);
        for (std::size_t i = 0; i < sum.size(); ++i) {
          sum[(i + shift) % sum.size()] += gain * speech[i % speech.size()];
        }
        shift += 7919;
      }
    }
    for (double value : sum) babble_.push_back(value);
  }

  // As it comes off the line: level set, noise added, mu-law and back.
  Samples OnTheLine(const Samples& speech, const std::string& noise) {
    Samples padded(kLineBefore, 0);
    padded.insert(padded.end(), speech.begin(), speech.end());
    padded.insert(padded.end(), kRate * 6 / 10, 0);
    const double gain = kLevel / ActiveRms(padded);
    std::vector<double> added(padded.size(), 0.0);
    if (noise != "clean") {
      std::size_t at = (noise_seed_ * 7919) % babble_.size();
      std::uint64_t state = 0x9E3779B97F4A7C15u * ++noise_seed_;
      double power = 0;
      for (double& value : added) {
        if (noise == "babble") {
          value = babble_[at++ % babble_.size()];
        } else {
          for (int i = 0; i < 6; ++i) {  // near enough to normal
            state = state * 6364136223846793005u + 1442695040888963407u;
            value += static_cast<double>(state >> 33) / 2147483648.0 - 0.5;
          }
        }
        power += value * value;
      }
      const double rms = std::sqrt(power / static_cast<double>(added.size()));
      for (double& value : added) value *= kLevel / std::pow(10, kSnrDb / 20) / rms;
    }
    for (std::size_t i = 0; i < padded.size(); ++i) {
      padded[i] = DecodeMulaw(EncodeMulaw(Clip(padded[i] * gain + added[i])));
    }
    return padded;
  }

  Transcript Hear(const Arm& arm, const Samples& speech, const std::string& noise,
                  const std::string& grammar) {
    const Samples line = OnTheLine(speech, noise);
    const auto begin = std::chrono::steady_clock::now();
    Hearing hearing(model_, arm.options.phone_band ? *phone_decoder_ : *wide_decoder_, arm.options);
    const absl::Status status = hearing.SetContext({.grammar = grammar});
    if (!status.ok()) Fail(std::string(MessageOf(status)));
    std::optional<Transcript> partial;
    hearing.Listen(line, partial);
    auto transcript = hearing.Close(true);
    if (!transcript) transcript = hearing.CloseByGeneralPass();
    cpu_s_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    audio_s_ += static_cast<double>(line.size()) / kRate;
    return *transcript;
  }

  const RenderCacheOptions render_;
  const std::string recordings_;
  const bool verbose_;
  pocketsphinx::SpeechModel model_;
  std::unique_ptr<pocketsphinx::Decoder> phone_decoder_;
  std::unique_ptr<pocketsphinx::Decoder> wide_decoder_;
  std::map<std::string, std::string> grammars_;
  std::vector<double> babble_;
  std::uint64_t noise_seed_ = 0;
  double cpu_s_ = 0;
  double audio_s_ = 0;
};

// Empty: all.
bool Chosen(const std::vector<std::string>& names, std::string_view name) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

double Percent(int part, int whole) { return whole == 0 ? 0 : 100.0 * part / whole; }

void PrintVoices(Bench& bench, const std::vector<std::string>& arms,
                 const std::vector<std::string>& noises, const std::vector<std::string>& voices) {
  std::printf(
      "| front end | noise | voice | sentences exact | word errors | slots right at once | slots "
      "right after confirmation | wrong slots with confidence | foreign sentences doubted |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (const Arm& arm : Arms()) {
    if (!Chosen(arms, arm.name)) continue;
    for (const std::string& noise : noises) {
      for (const char* voice : {"rms", "awb", "slt"}) {
        if (!Chosen(voices, voice)) continue;
        const Bench::Score s = bench.RunVoice(arm, voice, noise);
        std::printf("| %s | %s | %s | %d of %d | %.1f %% | %.1f %% | %.1f %% | %d | %d of %d |\n",
                    std::string(arm.name).c_str(), noise.c_str(), voice, s.exact, s.sentences,
                    Percent(s.word_errors, s.words), Percent(s.slots_first, s.slots),
                    Percent(s.slots_confirmed, s.slots), s.wrong_accepted, s.rejected, s.outside);
        std::fflush(stdout);
      }
    }
  }
}

void PrintRecordings(Bench& bench, const std::vector<std::string>& arms,
                     const std::vector<std::string>& noises) {
  std::printf(
      "\n| front end | noise | recordings | sentences exact | word errors | slots right |\n"
      "| --- | --- | --- | --- | --- | --- |\n");
  for (const Arm& arm : Arms()) {
    if (!Chosen(arms, arm.name)) continue;
    for (const std::string& noise : noises) {
      for (bool grammar : {true, false}) {
        const Bench::Score s = bench.RunRecordings(arm, grammar, noise);
        std::printf("| %s | %s | %s | %d of %d | %.1f %% | ", std::string(arm.name).c_str(),
                    noise.c_str(), grammar ? "commands, with grammar" : "read book, general model",
                    s.exact, s.sentences, Percent(s.word_errors, s.words));
        if (grammar) {
          std::printf("%.1f %% |\n", Percent(s.slots_first, s.slots));
        } else {
          std::printf("- |\n");
        }
        std::fflush(stdout);
      }
    }
  }
}

void PrintGeneral(Bench& bench, const std::vector<std::string>& arms) {
  std::printf(
      "\n| front end, general model only | voice | sentences exact | word errors |\n"
      "| --- | --- | --- | --- |\n");
  for (const Arm& arm : Arms()) {
    if (!Chosen(arms, arm.name)) continue;
    for (const char* voice : {"rms", "awb", "slt"}) {
      const Bench::Score s = bench.RunGeneral(arm, voice, "clean");
      std::printf("| %s | %s | %d of %d | %.1f %% |\n", std::string(arm.name).c_str(), voice,
                  s.exact, s.sentences, Percent(s.word_errors, s.words));
      std::fflush(stdout);
    }
  }
}

}  // namespace
}  // namespace dragoman

int main(int count, char** arguments) {
  std::vector<std::string> plain;
  std::vector<std::string> arms;
  std::vector<std::string> noises;
  std::vector<std::string> voices;
  bool verbose = false;
  std::vector<std::string> parts;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--verbose")
      verbose = true;
    else if (argument == "--quick")
      parts = {"voices"};
    else if (argument.starts_with("--only="))
      parts.push_back(argument.substr(7));
    else if (argument.starts_with("--arm="))
      arms.push_back(argument.substr(6));
    else if (argument.starts_with("--noise="))
      noises.push_back(argument.substr(8));
    else if (argument.starts_with("--voice="))
      voices.push_back(argument.substr(8));
    else
      plain.push_back(argument);
  }
  if (plain.size() < 2) {
    std::fputs(
        "usage: speech_word_error_benchmark RENDERER CACHE_DIR [RECORDINGS_DIR] [--verbose] "
        "[--quick] [--only=voices|recordings|general] [--arm=NAME] [--noise=clean|white|babble] "
        "[--voice=rms|awb|slt]\n",
        stderr);
    return 2;
  }
  if (noises.empty()) noises = {"clean", "white", "babble"};
  dragoman::Bench bench(plain[0], plain[1],
                        plain.size() > 2 ? plain[2] : "/usr/share/pocketsphinx/test/data", verbose);
  using dragoman::Chosen;
  if (Chosen(parts, "voices")) dragoman::PrintVoices(bench, arms, noises, voices);
  if (Chosen(parts, "recordings")) dragoman::PrintRecordings(bench, arms, noises);
  if (Chosen(parts, "general")) dragoman::PrintGeneral(bench, arms);
  std::printf("\nOne core: %.3f s per second of audio.\n", bench.real_time_factor());
  return 0;
}
