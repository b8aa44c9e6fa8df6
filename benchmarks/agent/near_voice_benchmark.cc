// Turn edges on labelled audio (the corpus of benchmarks/audio/vad_corpus.py): how often the caller
// is taken to speak who does not, and how much of what they say is missed, by voice activity alone
// and with the border that tells the caller from the background.
//
//   agent_near_voice_benchmark CORPUS
//
// Prints a Markdown table by noise and level: false starts per minute without speech, calls with a
// false start in the first second, utterances of 300 ms and more in which nobody was taken to
// speak, lags of start and end, and the CPU that the border adds per frame.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "dragoman/audio/level_history.h"
#include "dragoman/audio/wav.h"
#include "dragoman/speech/voice_activity_detector.h"
#include "src/agent/near_voice.h"
#include "src/agent/speech_edges.h"

namespace dragoman {
namespace {

constexpr std::size_t kFrame = 160;
constexpr int kUtterance = 15;    // frames
constexpr int kLate = 25;         // a start so long after an utterance belongs to none
constexpr int kFirstSecond = 50;  // frames

struct Score {
  int files = 0, utterances = 0, missed = 0, false_starts = 0, early = 0;
  std::int64_t quiet_frames = 0, frames = 0;
  std::chrono::nanoseconds spent{0};
  std::vector<int> onset_ms, offset_ms;
};

std::chrono::nanoseconds ThreadCpu() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// The caller is taken to speak, frame by frame.
std::vector<bool> Run(std::span<const std::int16_t> samples, std::size_t frames, bool border,
                      std::chrono::nanoseconds& spent) {
  auto detector = MakeVoiceActivityDetector({});
  NearVoice near;
  SpeechEdges edges;
  std::vector<int> speech(frames);
  for (std::size_t i = 0; i < frames; ++i) {
    speech[i] = (*detector)->Process({samples.subspan(i * kFrame, kFrame), 8000});
  }
  std::vector<bool> speaking(frames);
  const auto begin = ThreadCpu();
  for (std::size_t i = 0; i < frames; ++i) {
    const auto frame = samples.subspan(i * kFrame, kFrame);
    const auto standing =
        border ? near.Take(LevelDb(frame), speech[i], LevelHistory::kQuietest, edges.speaking())
               : NearVoice::Standing::kAbove;
    edges.Update(speech[i], standing);
    speaking[i] = edges.speaking();
  }
  spent += ThreadCpu() - begin;
  return speaking;
}

void Count(const std::vector<char>& labels, const std::vector<bool>& speaking, Score& score) {
  const int frames = static_cast<int>(labels.size());
  auto at = [&](int i) { return static_cast<std::size_t>(i); };
  ++score.files;
  score.frames += frames;
  bool early = false;
  int last_speech = -kLate - 1;
  for (int i = 0; i < frames; ++i) {
    if (labels[at(i)] != 0) last_speech = i;
    if (i - last_speech <= kLate) continue;
    ++score.quiet_frames;
    if (!speaking[at(i)] || (i > 0 && speaking[at(i - 1)])) continue;
    ++score.false_starts;
    early = early || i < kFirstSecond;
  }
  score.early += early;
  for (int begin = 0, end = 0; begin < frames; begin = std::max(end, begin + 1)) {
    if (labels[at(begin)] == 0) continue;
    for (end = begin; end < frames && labels[at(end)] != 0;) ++end;
    if (end - begin < kUtterance) continue;
    ++score.utterances;
    int first = begin;
    while (first < end && !speaking[at(first)]) ++first;
    score.missed += first == end;
    const bool fresh = begin > 0 && !speaking[at(begin - 1)];
    if (first < end && fresh) score.onset_ms.push_back((first - begin + 1) * 20);
    if (end == frames || first == end || !speaking[at(end)]) continue;
    int last = end;
    while (last < frames && speaking[at(last)] && labels[at(last)] == 0) ++last;
    if (last < frames && labels[at(last)] == 0) score.offset_ms.push_back((last - end) * 20);
  }
}

int Quantile(std::vector<int>& values, int per_cent) {
  if (values.empty()) return -1;
  const std::size_t place = values.size() * static_cast<std::size_t>(per_cent) / 100;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place),
                   values.end());
  return values[place];
}

void Print(const std::string& what, const char* how, Score& score) {
  const double minutes = static_cast<double>(score.quiet_frames) / 3000;
  std::printf("| %s | %s | %.2f | %d of %d | %d of %d | %d / %d | %d / %d | %.2f |\n", what.c_str(),
              how, score.false_starts / minutes, score.early, score.files, score.missed,
              score.utterances, Quantile(score.onset_ms, 50), Quantile(score.onset_ms, 90),
              Quantile(score.offset_ms, 50), Quantile(score.offset_ms, 90),
              static_cast<double>(score.spent.count()) / 1000 / static_cast<double>(score.frames));
}

int Main(const std::string& folder) {
  std::ifstream manifest(folder + "/manifest.tsv");
  std::map<std::string, Score> scores[2];
  for (std::string line; std::getline(manifest, line);) {
    std::istringstream fields(line);
    std::string split, name, voice, noise;
    int snr_db = 0;
    fields >> split >> name >> voice >> noise >> snr_db;
    if (split != "test" || snr_db < 10) continue;
    auto audio = ReadWavFile(folder + "/" + name + ".wav");
    std::ifstream file(folder + "/" + name + ".labels", std::ios::binary);
    const std::vector<char> labels(std::istreambuf_iterator<char>(file), {});
    if (!audio.ok() || audio->samples.size() < labels.size() * kFrame) continue;
    for (const bool border : {false, true}) {
      std::chrono::nanoseconds spent{0};
      const auto speaking = Run(audio->samples, labels.size(), border, spent);
      for (const std::string& row : {noise, std::to_string(snr_db) + " dB", std::string("all")}) {
        Score& score = scores[border][row];
        Count(labels, speaking, score);
        score.spent += spent;
      }
    }
  }
  std::printf(
      "| on | border | false starts per minute | calls with one in the first second | utterances "
      "missed | onset p50 / p90 ms | offset p50 / p90 ms | us per frame |\n"
      "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
  for (auto& [row, score] : scores[0]) {
    Print(row, "no", score);
    Print(row, "yes", scores[1][row]);
  }
  return scores[0].empty() ? 1 : 0;
}

}  // namespace
}  // namespace dragoman

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
    return 2;
  }
  return dragoman::Main(argv[1]);
}
