// Measures the voice activity detector on the corpus of vad_corpus.py, beside the WebRTC detector.
//
//   vad_roc_benchmark CORPUS                    prints the figures of docs/voice-activity.md
//   vad_roc_benchmark CORPUS --features FILE    writes the training set's features for train_vad.py
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "dragoman/audio/wav.h"
#include "dragoman/speech/voice_activity_detector.h"
#include "src/speech/voice_activity_features.h"

#ifdef DRAGOMAN_WITH_WEBRTC_VAD
// Exported by libwebrtc_audio_processing 0.3, whose package has no header for it.
extern "C" {
struct WebRtcVadInst;
WebRtcVadInst* WebRtcVad_Create();
void WebRtcVad_Free(WebRtcVadInst*);
int WebRtcVad_Init(WebRtcVadInst*);
int WebRtcVad_set_mode(WebRtcVadInst*, int mode);
int WebRtcVad_Process(WebRtcVadInst*, int rate, const std::int16_t* frame, size_t samples);
}
#endif

namespace {

constexpr size_t kFrame = 160;

struct Clip {
  std::string split, name, voice, noise;
  int snr_db = 0;
  std::vector<std::int16_t> samples;
  std::vector<char> labels;
};

std::vector<Clip> Load(const std::string& folder, const std::string& split) {
  std::ifstream manifest(folder + "/manifest.tsv");
  std::vector<Clip> clips;
  for (std::string line; std::getline(manifest, line);) {
    std::istringstream fields(line);
    Clip clip;
    fields >> clip.split >> clip.name >> clip.voice >> clip.noise >> clip.snr_db;
    if (clip.split != split) continue;
    auto audio = dragoman::ReadWavFile(folder + "/" + clip.name + ".wav");
    std::ifstream labels(folder + "/" + clip.name + ".labels", std::ios::binary);
    clip.labels.assign(std::istreambuf_iterator<char>(labels), {});
    if (!audio.ok() || audio->samples.size() < clip.labels.size() * kFrame) {
      std::fprintf(stderr, "cannot use %s\n", clip.name.c_str());
      continue;
    }
    clip.samples = std::move(audio->samples);
    clips.push_back(std::move(clip));
  }
  return clips;
}

std::span<const std::int16_t> Frame(const Clip& clip, size_t i) {
  return std::span(clip.samples).subspan(i * kFrame, kFrame);
}

int WriteFeatures(const std::string& folder, const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  auto number = [&](std::uint32_t value) { out.write(reinterpret_cast<char*>(&value), 4); };
  for (const Clip& clip : Load(folder, "train")) {
    dragoman::VoiceActivityFeatures features;
    number(static_cast<std::uint32_t>(clip.labels.size()));
    number(static_cast<std::uint32_t>(dragoman::VoiceActivityFeatures::kFeatures));
    for (size_t i = 0; i < clip.labels.size(); ++i) {
      const auto& vector = features.Process(Frame(clip, i));
      out.write(reinterpret_cast<const char*>(vector.data()),
                static_cast<std::streamsize>(sizeof(float) * vector.size()));
    }
    out.write(clip.labels.data(), static_cast<std::streamsize>(clip.labels.size()));
  }
  return out.good() ? 0 : 1;
}

// Scores of frames with their labels; the higher, the more likely speech.
struct Scored {
  std::vector<std::vector<int>> scores;  // per clip
  double microseconds_per_frame = 0;
};

// CPU, not wall: other work on the machine must not count.
std::chrono::nanoseconds ThreadCpu() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

using Detector = std::function<int(std::span<const std::int16_t>)>;

Scored Run(const std::vector<Clip>& clips, const std::function<Detector()>& make) {
  Scored result;
  size_t frames = 0;
  std::chrono::nanoseconds spent{0};
  for (const Clip& clip : clips) {
    Detector detector = make();
    std::vector<int> scores(clip.labels.size());
    const auto start = ThreadCpu();
    for (size_t i = 0; i < scores.size(); ++i) scores[i] = detector(Frame(clip, i));
    spent += ThreadCpu() - start;
    frames += scores.size();
    result.scores.push_back(std::move(scores));
  }
  result.microseconds_per_frame =
      static_cast<double>(spent.count()) / 1000 / static_cast<double>(frames);
  return result;
}

struct Point {
  double fpr, tpr;
};

// The ROC as a polygon, from the strictest threshold to the laxest.
std::vector<Point> Roc(const std::vector<Clip>& clips, const Scored& scored,
                       const std::function<bool(const Clip&)>& wanted) {
  std::map<int, std::pair<double, double>, std::greater<>> by_score;
  double speech = 0;
  double other = 0;
  for (size_t c = 0; c < clips.size(); ++c) {
    if (!wanted(clips[c])) continue;
    for (size_t i = 0; i < clips[c].labels.size(); ++i) {
      auto& [positive, negative] = by_score[scored.scores[c][i]];
      (clips[c].labels[i] ? positive : negative) += 1;
      (clips[c].labels[i] ? speech : other) += 1;
    }
  }
  std::vector<Point> roc = {{0, 0}};
  double tp = 0;
  double fp = 0;
  for (const auto& [score, counts] : by_score) {
    tp += counts.first;
    fp += counts.second;
    roc.push_back({fp / other, tp / speech});
  }
  return roc;
}

double Area(const std::vector<Point>& roc) {
  double area = 0;
  for (size_t i = 1; i < roc.size(); ++i) {
    area += (roc[i].fpr - roc[i - 1].fpr) * (roc[i].tpr + roc[i - 1].tpr) / 2;
  }
  return area;
}

double FprAt(const std::vector<Point>& roc, double tpr) {
  for (size_t i = 1; i < roc.size(); ++i) {
    if (roc[i].tpr < tpr) continue;
    const double part = (tpr - roc[i - 1].tpr) / (roc[i].tpr - roc[i - 1].tpr);
    return roc[i - 1].fpr + part * (roc[i].fpr - roc[i - 1].fpr);
  }
  return 1;
}

int ThresholdAt(const std::vector<Clip>& clips, const Scored& scored, double tpr) {
  std::vector<int> speech;
  for (size_t c = 0; c < clips.size(); ++c) {
    for (size_t i = 0; i < clips[c].labels.size(); ++i) {
      if (clips[c].labels[i]) speech.push_back(scored.scores[c][i]);
    }
  }
  std::sort(speech.begin(), speech.end());
  return speech[static_cast<size_t>((1 - tpr) * static_cast<double>(speech.size()))];
}

struct Lags {
  std::vector<double> onset, offset;  // ms
  int missed = 0;
};

// From a labelled change to the end of the first frame that follows it; up to 2 s are searched.
Lags Measure(const std::vector<Clip>& clips, const Scored& scored, int threshold, int least_snr) {
  Lags lags;
  for (size_t c = 0; c < clips.size(); ++c) {
    const auto& labels = clips[c].labels;
    if (clips[c].snr_db < least_snr) continue;
    for (size_t i = 1; i < labels.size(); ++i) {
      if (labels[i] == labels[i - 1]) continue;
      size_t at = i;
      while (at < labels.size() && at < i + 100 &&
             (scored.scores[c][at] >= threshold) != (labels[i] != 0))
        ++at;
      if (at >= labels.size() || at == i + 100) {
        ++lags.missed;
      } else {
        (labels[i] ? lags.onset : lags.offset).push_back(static_cast<double>(at - i + 1) * 20);
      }
    }
  }
  return lags;
}

double Quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))];
}

#ifdef DRAGOMAN_WITH_WEBRTC_VAD
// The four modes nest for all practical purposes: the number of modes that say "speech" is a score,
// and its ROC has the four points of the modes.
Scored RunWebRtc(const std::vector<Clip>& clips) {
  Scored total;
  for (int mode = 0; mode < 4; ++mode) {
    Scored one = Run(clips, [mode] {
      std::shared_ptr<WebRtcVadInst> vad(WebRtcVad_Create(), WebRtcVad_Free);
      WebRtcVad_Init(vad.get());
      WebRtcVad_set_mode(vad.get(), mode);
      return [vad](std::span<const std::int16_t> frame) {
        return WebRtcVad_Process(vad.get(), 8000, frame.data(), frame.size());
      };
    });
    if (mode == 0) {
      total = one;
      continue;
    }
    for (size_t c = 0; c < clips.size(); ++c) {
      for (size_t i = 0; i < total.scores[c].size(); ++i) total.scores[c][i] += one.scores[c][i];
    }
    total.microseconds_per_frame = one.microseconds_per_frame;
  }
  return total;
}
#endif

void Print(const std::string& name, const std::vector<Clip>& clips, const Scored& scored) {
  auto row = [&](const std::string& what, const std::function<bool(const Clip&)>& wanted) {
    const auto roc = Roc(clips, scored, wanted);
    std::printf("| %s | %s | %.3f | %.3f |\n", name.c_str(), what.c_str(), Area(roc),
                FprAt(roc, 0.95));
  };
  row("all", [](const Clip&) { return true; });
  row("synthetic voice (rms)", [](const Clip& c) { return c.voice == "rms"; });
  row("human recordings", [](const Clip& c) { return c.voice != "rms"; });
  for (const char* noise : {"white", "pink", "babble", "keyboard", "car", "hum"}) {
    row(noise, [noise](const Clip& c) { return c.noise == noise; });
  }
  for (int snr : {5, 10, 15, 20}) {
    row(std::to_string(snr) + " dB", [snr](const Clip& c) { return c.snr_db == snr; });
  }
}

void PrintLags(const std::vector<Clip>& clips, const Scored& scored, int threshold) {
  double speech = 0, other = 0, tp = 0, fp = 0;
  for (size_t c = 0; c < clips.size(); ++c) {
    for (size_t i = 0; i < clips[c].labels.size(); ++i) {
      const bool said = scored.scores[c][i] >= threshold;
      (clips[c].labels[i] ? speech : other) += 1;
      (clips[c].labels[i] ? tp : fp) += said;
    }
  }
  const Lags lags = Measure(clips, scored, threshold, 10);
  std::printf("| %d | %.3f | %.3f | %.0f / %.0f | %.0f / %.0f | %d of %zu |\n", threshold,
              tp / speech, fp / other, Quantile(lags.onset, 0.5), Quantile(lags.onset, 0.9),
              Quantile(lags.offset, 0.5), Quantile(lags.offset, 0.9), lags.missed,
              lags.onset.size() + lags.offset.size() + static_cast<size_t>(lags.missed));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[2], "--features") == 0) return WriteFeatures(argv[1], argv[3]);
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS [--features FILE]\n", argv[0]);
    return 2;
  }
  const std::vector<Clip> clips = Load(argv[1], "test");
  if (clips.empty()) {
    std::fprintf(stderr, "%s: no test clips; run vad_corpus.py first\n", argv[1]);
    return 1;
  }
  size_t frames = 0;
  for (const Clip& clip : clips) frames += clip.labels.size();
  std::printf("%zu clips, %.1f minutes\n\n", clips.size(), static_cast<double>(frames) / 3000);

  const Scored ours = Run(clips, [] {
    std::shared_ptr<dragoman::VoiceActivityDetector> vad = *dragoman::MakeVoiceActivityDetector({});
    return [vad](std::span<const std::int16_t> frame) { return vad->Process({frame, 8000}); };
  });
  std::printf("| detector | on | AUC | FPR at TPR 0.95 |\n|---|---|---|---|\n");
  Print("dragoman", clips, ours);
#ifdef DRAGOMAN_WITH_WEBRTC_VAD
  const Scored webrtc = RunWebRtc(clips);
  Print("WebRTC", clips, webrtc);
#endif
  std::printf(
      "\n| threshold | TPR | FPR | onset p50/p90 ms | offset p50/p90 ms | not found within 2 s |\n"
      "|---|---|---|---|---|---|\n");
  for (int threshold : {300, 500, 700, ThresholdAt(clips, ours, 0.95)})
    PrintLags(clips, ours, threshold);
  std::printf("\nCPU microseconds per 20 ms frame: dragoman %.2f", ours.microseconds_per_frame);
#ifdef DRAGOMAN_WITH_WEBRTC_VAD
  std::printf(", WebRTC %.2f", webrtc.microseconds_per_frame);
#endif
  std::printf("\n");
  return 0;
}
