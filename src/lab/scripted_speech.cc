#include "src/lab/scripted_speech.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman::lab {
namespace {

using std::chrono::milliseconds;

milliseconds ToTime(std::int64_t samples) { return milliseconds(samples * 1000 / kRate); }

// Up to where the call's audio was pushed, in samples, and when.
struct Pushed {
  std::optional<std::int64_t> until;
  TimePoint at;
};

class ScriptedStream : public RecognitionStream {
 public:
  ScriptedStream(const WordTrack& track, Pushed& pushed, milliseconds latency,
                 const RecognitionOptions& options, Executor& executor,
                 SpeechRecognizer::Callbacks callbacks)
      : track_(track),
        before_(pushed),
        latency_(latency),
        rate_(options.sample_rate_hz),
        executor_(executor),
        callbacks_(std::move(callbacks)) {
    if (!before_.until) return;
    // After another stream: what it is pushed at once was heard before, up to this moment.
    const auto passed = std::chrono::duration_cast<milliseconds>(executor_.Now() - before_.at);
    const std::int64_t now = *before_.until + passed.count() * kRate / 1000;
    placed_ = false;
    executor_.Post(lifetime_.Wrap([this, now] {
      placed_ = true;
      shift_ = now - pushed_;
      while (next_ < track_.words.size() && track_.words[next_].begin < shift_) ++next_;
      Listen();
    }));
  }

  absl::Status Push(const PcmFrame& frame) override {
    if (finished_) return FailedPrecondition("scripted recogniser: pushed after Finish");
    if (frame.sample_rate_hz != rate_)
      return InvalidArgument("sample_rate_hz is ", frame.sample_rate_hz, "; expected ", rate_);
    pushed_ += static_cast<std::int64_t>(frame.samples.size()) * kRate / rate_;
    if (placed_) Listen();
    return absl::OkStatus();
  }

  void Listen() {
    before_ = {pushed_ + shift_, executor_.Now()};
    bool more = false;
    while (next_ < track_.words.size() && track_.words[next_].end <= pushed_ + shift_) {
      Add(track_.words[next_++]);
      more = true;
    }
    if (more) Tell(false, false);
    for (; flushes_ > 0; --flushes_) Flush();
  }

  void Flush() override {
    if (finished_) return;
    if (!placed_) {
      ++flushes_;
      return;
    }
    // A word that is being spoken goes to this utterance when more than half of it was pushed.
    while (next_ < track_.words.size()) {
      const TimedWord& word = track_.words[next_];
      if ((word.begin + word.end) / 2 > pushed_ + shift_) break;
      Add(word);
      ++next_;
    }
    Tell(true, true);
  }
  void SetContext(const RecognitionContext&) override {}
  void Finish() override {
    if (std::exchange(finished_, true)) return;
    if (!words_.empty()) Tell(true, false);
    Done(absl::OkStatus());
  }
  void Cancel() override {
    if (std::exchange(finished_, true)) return;
    lifetime_.Renew();
    Done(Cancelled());
  }

 private:
  void Add(const TimedWord& word) {
    words_.push_back({word.text, ToTime(word.begin - shift_), ToTime(word.end - shift_)});
  }

  void Tell(bool is_final, bool from_flush) {
    Transcript transcript;
    for (const RecognizedWord& word : words_) {
      if (!transcript.text.empty()) transcript.text += ' ';
      transcript.text += word.text;
    }
    transcript.is_final = is_final;
    transcript.from_flush = from_flush;
    transcript.confidence_per_mille = 1000;
    if (!words_.empty()) {
      transcript.audio_start = words_.front().start;
      transcript.audio_end = words_.back().end;
    } else {
      transcript.audio_start = transcript.audio_end = ToTime(pushed_);
    }
    transcript.words = words_;
    if (is_final) words_.clear();
    executor_.RunAfter(latency_,
                       lifetime_.Wrap([this, transcript = std::move(transcript)]() mutable {
                         callbacks_.on_transcript(std::move(transcript));
                       }));
  }

  void Done(absl::Status status) {
    executor_.RunAfter(latency_, lifetime_.Wrap([this, status = std::move(status)] {
      callbacks_.on_done(status);
    }));
  }

  const WordTrack& track_;
  Pushed& before_;
  milliseconds latency_;
  int rate_;
  Executor& executor_;
  SpeechRecognizer::Callbacks callbacks_;
  std::size_t next_ = 0;
  std::int64_t shift_ = 0;  // where it begins in the call's audio
  std::int64_t pushed_ = 0;
  bool placed_ = true;                 // shift_ is known
  int flushes_ = 0;                    // asked for before it was
  std::vector<RecognizedWord> words_;  // of the open utterance
  bool finished_ = false;
  Lifetime lifetime_;
};

class ScriptedRecognizer : public SpeechRecognizer {
 public:
  ScriptedRecognizer(const WordTrack& track, milliseconds latency)
      : track_(track), latency_(latency) {}
  absl::StatusOr<std::unique_ptr<RecognitionStream>> Open(const RecognitionOptions& options,
                                                          Executor& executor,
                                                          Callbacks callbacks) override {
    DRAGOMAN_RETURN_IF_ERROR(options.Validate());
    return std::make_unique<ScriptedStream>(track_, pushed_, latency_, options, executor,
                                            std::move(callbacks));
  }

 private:
  const WordTrack& track_;
  Pushed pushed_;
  milliseconds latency_;
};

class BuzzStream : public SynthesisStream {
 public:
  BuzzStream(std::string_view text, const SynthesisOptions& options, milliseconds latency,
             Executor& executor, SpeechSynthesizer::Callbacks callbacks)
      : rate_(options.sample_rate_hz), executor_(executor), callbacks_(std::move(callbacks)) {
    std::vector<TimedWord> words;
    std::vector<std::int16_t> narrow = Buzz(text, 150, options.speed_per_mille, words);
    samples_.reserve(narrow.size() * static_cast<std::size_t>(rate_) / kRate);
    // Repeats samples at higher rates: a buzz has no fidelity to lose.
    for (std::size_t i = 0; i < narrow.size() * static_cast<std::size_t>(rate_) / kRate; ++i)
      samples_.push_back(narrow[i * kRate / static_cast<std::size_t>(rate_)]);
    std::size_t at = 0;
    for (const TimedWord& word : words) {
      const std::size_t begin = text.find(word.text, at);
      at = begin + word.text.size();
      spoken_.push_back({begin, at, ToTime(word.begin), ToTime(word.end)});
    }
    executor_.RunAfter(latency, lifetime_.Wrap([this] { Deliver(); }));
  }

  void Cancel() override {
    if (std::exchange(done_, true)) return;
    lifetime_.Renew();
    executor_.Post(lifetime_.Wrap([this] { callbacks_.on_done(Cancelled()); }));
  }

 private:
  // A fifth of a second each turn of the executor: faster than it is heard, as engines are.
  void Deliver() {
    auto alive = lifetime_.Watch();
    if (at_ == 0 && callbacks_.on_words && !spoken_.empty()) callbacks_.on_words(spoken_);
    if (alive.expired()) return;
    const std::size_t count = std::min(samples_.size() - at_, static_cast<std::size_t>(rate_ / 5));
    std::span<const std::int16_t> piece(samples_.data() + at_, count);
    at_ += count;
    if (count > 0) callbacks_.on_audio({piece, rate_});
    if (alive.expired()) return;
    if (at_ < samples_.size()) {
      executor_.RunAfter(milliseconds(10), lifetime_.Wrap([this] { Deliver(); }));
      return;
    }
    executor_.Post(lifetime_.Wrap([this] {
      done_ = true;
      callbacks_.on_done(absl::OkStatus());
    }));
  }

  int rate_;
  Executor& executor_;
  SpeechSynthesizer::Callbacks callbacks_;
  std::vector<std::int16_t> samples_;
  std::vector<SpokenWord> spoken_;
  std::size_t at_ = 0;
  bool done_ = false;
  Lifetime lifetime_;
};

class BuzzSynthesizer : public SpeechSynthesizer {
 public:
  explicit BuzzSynthesizer(milliseconds latency) : latency_(latency) {}
  absl::StatusOr<std::unique_ptr<SynthesisStream>> Synthesize(std::string_view text,
                                                              const SynthesisOptions& options,
                                                              Executor& executor,
                                                              Callbacks callbacks) override {
    DRAGOMAN_RETURN_IF_ERROR(options.Validate());
    if (Trim(text).empty() || text.size() > max_text_bytes() || !IsValidUtf8(text))
      return InvalidArgument("text has ", text.size(), " bytes; expected 1 to ", max_text_bytes(),
                             " of valid UTF-8");
    return std::make_unique<BuzzStream>(text, options, latency_, executor, std::move(callbacks));
  }

 private:
  milliseconds latency_;
};

}  // namespace

std::unique_ptr<SpeechRecognizer> MakeScriptedRecognizer(const WordTrack& track,
                                                         milliseconds latency) {
  return std::make_unique<ScriptedRecognizer>(track, latency);
}

std::unique_ptr<SpeechSynthesizer> MakeBuzzSynthesizer(milliseconds latency) {
  return std::make_unique<BuzzSynthesizer>(latency);
}

}  // namespace dragoman::lab
