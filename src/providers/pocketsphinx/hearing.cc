#include "src/providers/pocketsphinx/hearing.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman::pocketsphinx {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kHistory = 150;      // frames kept while nobody speaks: they tell the noise
constexpr std::size_t kStart = 10;         // frames by which the start of speech is noticed late
constexpr std::size_t kBefore = 30;        // frames taken in front of speech
constexpr std::size_t kBehind = 30;        // and behind it
constexpr std::size_t kPartialEvery = 20;  // frames
constexpr std::size_t kLongest = 3000;     // frames of one utterance: 30 s
constexpr int kPause = 250;                // frames of silence that close an utterance
constexpr std::size_t kMeanWeight = 100;   // frames that the stored mean counts for
constexpr std::size_t kLeastLoud = 8;      // loud frames that are worth a decode
constexpr std::size_t kLeastSpeech = 30;   // loud frames that are taken for somebody speaking
// Mean log energy of the bands in speech above that in noise: some 15 dB.
constexpr float kNoisyLine = 3.5f;
constexpr std::string_view kUnintelligible = "[unintelligible]";

// Library's log units per frame by which free phones fit better than the words. On clean phone
// audio nine tenths of the right sentences stay below these, nine tenths of sentences from outside
// a grammar above (docs/local-speech.md).
constexpr double kStrangeSentence = 18;
constexpr double kStrangeWord = 32;
// By so much per frame the general pass has to fit better to overrule a grammar that was doubted.
constexpr double kGeneralMargin = 6;

milliseconds FrameTime(std::int64_t frame) { return milliseconds(frame * kFrameMs); }

}  // namespace

int ConfidencePerMille(double strangeness) {
  return static_cast<int>(1000 / (1 + std::exp(4 * (strangeness - 1))));
}

Hearing::Hearing(const SpeechModel& model, Decoder& decoder, const HearingOptions& options)
    : model_(model),
      transform_(options.phone_band ? model.phone : model.wide),
      decoder_(decoder),
      options_(options),
      front_end_(options.sample_rate_hz, options.upper),
      activity_(front_end_.bands(), true) {}

absl::Status Hearing::SetContext(const RecognitionContext& context) {
  // Reading a grammar ends the decoder's utterance; the partial pass begins anew.
  SearchSpace space;
  if (!context.grammar.empty()) {
    DRAGOMAN_ASSIGN_OR_RETURN(space, decoder_.Grammar(context.grammar));
  }
  partial_open_ = false;
  if (started_) {
    next_grammar_ = space;
  } else {
    grammar_ = space;
  }
  return absl::OkStatus();
}

bool Hearing::Listen(std::span<const std::int16_t> samples, std::optional<Transcript>& partial) {
  samples_.insert(samples_.end(), samples.begin(), samples.end());
  std::size_t at = 0;
  bool due = false;
  for (; !due && at + front_end_.frame_samples() <= samples_.size();
       at += front_end_.step_samples()) {
    TakeFrame(front_end_.Frame(std::span(samples_).subspan(at, front_end_.frame_samples())));
    if (started_ && options_.partials && frames_.size() == partial_due_) UpdatePartial(partial);
    due = started_ && (activity_.quiet_frames() >= kPause || frames_.size() - begin_ >= kLongest);
  }
  samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(at));
  return due;
}

void Hearing::TakeFrame(const Bands& frame) {
  activity_.Take(frame);
  if (frames_.empty()) first_frame_ = frame_count_;
  frames_.push_back(frame);
  ++frame_count_;
  if (started_) return;
  if (activity_.speaking()) {
    started_ = true;
    begin_ = frames_.size() - std::min(frames_.size(), kStart + kBefore);
    decoded_ = begin_;
    partial_due_ = frames_.size() + kPartialEvery;
  } else if (frames_.size() >= 2 * kHistory) {
    frames_.erase(frames_.begin(), frames_.end() - kHistory);
    first_frame_ = frame_count_ - static_cast<std::int64_t>(kHistory);
  }
}

std::vector<Cepstrum> Hearing::Cepstra(std::size_t begin, std::size_t end) const {
  if (!options_.use_repair) {
    return PlainCepstra(std::span(frames_).subspan(begin, end - begin), transform_);
  }
  const FeatureRepair repair(model_.mixture, model_.wide, transform_,
                             MeasureLine(frames_, begin_, front_end_.bands()), front_end_.bands());
  std::vector<Cepstrum> cepstra;
  Cepstrum mean{};
  for (std::size_t i = begin_; i < end; ++i) {
    const Cepstrum cepstrum = repair.Repair(frames_[i]);
    for (std::size_t j = 0; j < kCepstra; ++j) mean[j] += cepstrum[j];
    if (i >= begin) cepstra.push_back(cepstrum);
  }
  // What this voice and line add to the stored mean: believed the more, the longer they were heard.
  for (float& one : mean) one /= static_cast<float>(end - begin_ + kMeanWeight);
  for (Cepstrum& cepstrum : cepstra) {
    for (std::size_t j = 0; j < kCepstra; ++j) cepstrum[j] -= mean[j];
  }
  return cepstra;
}

void Hearing::UpdatePartial(std::optional<Transcript>& partial) {
  partial_due_ = frames_.size() + kPartialEvery;
  if (!partial_open_) {
    decoder_.Begin(grammar_.name.empty() ? decoder_.General() : grammar_);
    partial_open_ = true;
    decoded_ = begin_;
  }
  decoder_.Feed(Cepstra(decoded_, frames_.size()));
  decoded_ = frames_.size();
  const std::string text = decoder_.Partial();
  if (text.empty() || text == last_partial_) return;
  last_partial_ = text;
  partial = Transcript{.text = text,
                       .audio_start = FrameTime(first_frame_ + static_cast<std::int64_t>(begin_)),
                       .audio_end = FrameTime(frame_count_)};
}

std::optional<Transcript> Hearing::Close(bool from_flush) {
  decoder_.End();
  from_flush_ = from_flush;
  const auto quiet = static_cast<std::size_t>(activity_.quiet_frames());
  std::size_t end = frames_.size();
  if (quiet > kBehind && started_) end -= std::min(end, quiet - kBehind);
  if (!started_) {
    // Too little for the start of an utterance may still be a soft "yes".
    SpeechActivity again(front_end_.bands(), false);
    std::size_t loud = 0;
    for (const Bands& frame : frames_) loud += again.Take(frame) ? 1 : 0;
    if (loud < kLeastLoud) end = 0;
  }
  if (end == 0) {
    Transcript nothing{.is_final = true,
                       .from_flush = from_flush,
                       .audio_start = FrameTime(frame_count_),
                       .audio_end = FrameTime(frame_count_)};
    Forget();
    return nothing;
  }
  cepstra_ = Cepstra(begin_, end);
  phones_ = decoder_.Decode(decoder_.Phones(), cepstra_);
  judged_ = {};
  if (grammar_.name.empty()) return std::nullopt;
  judged_ = Judge(decoder_.Decode(grammar_, cepstra_), phones_);
  const int confidence = ConfidencePerMille(judged_.strangeness);
  if (judged_.hypothesis.text.empty() || confidence < options_.accept_per_mille) {
    return Unintelligible(end, from_flush);
  }
  Transcript transcript = ToTranscript(judged_.hypothesis, confidence, from_flush);
  Forget();
  return transcript;
}

// General English in noise is guesswork, and late: the pass takes half as long as was spoken.
std::optional<Transcript> Hearing::Unintelligible(std::size_t end, bool from_flush) {
  const LineState line = MeasureLine(frames_, begin_, front_end_.bands());
  float noise = 0;
  for (int band = 0; band < front_end_.bands(); ++band) {
    noise += line.noise[static_cast<std::size_t>(band)];
  }
  noise /= static_cast<float>(front_end_.bands());
  if (line.loudness - noise > kNoisyLine) return std::nullopt;
  SpeechActivity again(front_end_.bands(), false);
  std::size_t loud = 0;
  for (std::size_t i = 0; i < end; ++i) loud += again.Take(frames_[i]) ? 1 : 0;
  Transcript transcript = ToTranscript(Hypothesis{}, 0, from_flush);
  if (loud >= kLeastSpeech) transcript.text = kUnintelligible;
  Forget();
  return transcript;
}

Transcript Hearing::CloseByGeneralPass() {
  Judged general = Judge(decoder_.Decode(decoder_.General(), cepstra_), phones_);
  const bool doubted = !judged_.hypothesis.text.empty();
  const bool keep_grammar = doubted && (general.hypothesis.text.empty() ||
                                        judged_.per_frame < general.per_frame + kGeneralMargin);
  const Judged& chosen = keep_grammar ? judged_ : general;
  // Words of the general pass never weigh as much as those of an accepted grammar.
  const int most = grammar_.name.empty() ? 1000 : options_.accept_per_mille - 1;
  const int confidence = std::min(most, ConfidencePerMille(chosen.strangeness));
  Transcript transcript = ToTranscript(chosen.hypothesis, confidence, from_flush_);
  Forget();
  return transcript;
}

Hearing::Judged Hearing::Judge(Hypothesis hypothesis, const Hypothesis& phones) const {
  std::vector<double> free(cepstra_.size() + 1, 0.0);
  for (const Segment& segment : phones.segments) {
    const double score =
        static_cast<double>(segment.acoustic) / (segment.last_frame - segment.first_frame + 1);
    for (int i = std::max(0, segment.first_frame);
         i <= segment.last_frame && i < static_cast<int>(free.size()); ++i) {
      free[static_cast<std::size_t>(i)] = score;
    }
  }
  Judged judged;
  double total = 0;
  double worst = 0;
  int frames = 0;
  for (const Segment& segment : hypothesis.segments) {
    if (segment.text.empty()) continue;
    double best = 0;
    for (int i = segment.first_frame; i <= segment.last_frame && i < static_cast<int>(free.size());
         ++i) {
      best += free[static_cast<std::size_t>(std::max(0, i))];
    }
    const int length = segment.last_frame - segment.first_frame + 1;
    total += best - segment.acoustic;
    worst = std::max(worst, (best - segment.acoustic) / length);
    frames += length;
  }
  judged.per_frame = frames == 0 ? 1000 : total / frames;
  judged.strangeness = std::max(judged.per_frame / kStrangeSentence, worst / kStrangeWord);
  judged.hypothesis = std::move(hypothesis);
  return judged;
}

Transcript Hearing::ToTranscript(const Hypothesis& hypothesis, int confidence,
                                 bool from_flush) const {
  Transcript transcript{.text = hypothesis.text,
                        .is_final = true,
                        .from_flush = from_flush,
                        .confidence_per_mille = confidence};
  const std::int64_t begin = first_frame_ + static_cast<std::int64_t>(begin_);
  for (const Segment& segment : hypothesis.segments) {
    if (segment.text.empty()) continue;
    transcript.words.push_back({.text = segment.text,
                                .start = FrameTime(begin + segment.first_frame),
                                .end = FrameTime(begin + segment.last_frame + 1)});
  }
  transcript.audio_start = FrameTime(begin);
  transcript.audio_end = FrameTime(begin + static_cast<std::int64_t>(cepstra_.size()));
  if (!transcript.words.empty()) {
    transcript.audio_start = transcript.words.front().start;
    transcript.audio_end = transcript.words.back().end;
  }
  return transcript;
}

void Hearing::Forget() {
  // The silence behind it stays: it may hold the beginning of the next utterance.
  const std::size_t keep = std::min(frames_.size(), kHistory);
  const std::size_t quiet = std::min(keep, static_cast<std::size_t>(activity_.quiet_frames()));
  frames_.erase(frames_.begin(), frames_.end() - static_cast<std::ptrdiff_t>(quiet));
  first_frame_ = frame_count_ - static_cast<std::int64_t>(frames_.size());
  started_ = false;
  begin_ = 0;
  partial_open_ = false;
  decoded_ = 0;
  last_partial_.clear();
  cepstra_.clear();
  judged_ = {};
  phones_ = {};
  if (next_grammar_) grammar_ = *std::exchange(next_grammar_, std::nullopt);
}

}  // namespace dragoman::pocketsphinx
