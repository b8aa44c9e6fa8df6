#include "dragoman/testing/fake_speech_synthesizer.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/testing/pcm.h"
#include "src/testing/listener.h"

namespace dragoman {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

bool BeginsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }
bool IsBlank(char byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

std::int64_t Characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), BeginsCharacter);
}

microseconds PerCharacter(const FakeSynthesis& synthesis, int speed_per_mille) {
  return microseconds(synthesis.per_character) * 1000 / speed_per_mille;
}

struct Rendering {
  PcmBuffer audio;
  std::vector<SpokenWord> words;
};

Rendering Render(std::string_view text, microseconds per_character, int sample_rate_hz) {
  Rendering rendering;
  const microseconds total = per_character * Characters(text);
  rendering.audio = Buzz(total, sample_rate_hz);
  microseconds at{0};
  std::optional<SpokenWord> word;
  const auto close = [&](size_t end) {
    if (!word) return;
    word->text_end = end;
    word->end = std::chrono::duration_cast<milliseconds>(at);
    rendering.words.push_back(*word);
    word.reset();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsBlank(text[i])) {
      close(i);
      auto& samples = rendering.audio.samples;
      const auto from = SampleCount(at, sample_rate_hz);
      const auto until = SampleCount(at + per_character, sample_rate_hz);
      std::fill(samples.begin() + from, samples.begin() + until, std::int16_t{0});
    } else if (!word) {
      word = SpokenWord{.text_begin = i, .start = std::chrono::duration_cast<milliseconds>(at)};
    }
    if (BeginsCharacter(text[i])) at += per_character;
  }
  close(text.size());
  return rendering;
}

}  // namespace

class FakeSpeechSynthesizer::Stream : public SynthesisStream {
 public:
  Stream(Rendering rendering, FakeSynthesis synthesis, std::shared_ptr<Record> record,
         Executor& executor, Callbacks callbacks)
      : rendering_(std::move(rendering)),
        synthesis_(std::move(synthesis)),
        record_(std::move(record)),
        executor_(executor),
        listener_(std::move(callbacks)),
        timer_(executor) {
    const int rate = rendering_.audio.sample_rate_hz;
    end_ = rendering_.audio.samples.size();
    if (synthesis_.stalls || !synthesis_.failure.ok()) {
      end_ = std::min(end_, static_cast<size_t>(SampleCount(synthesis_.ends_after, rate)));
    }
    timer_.Start(synthesis_.first_audio_after, [this] { Step(); });
  }

  ~Stream() override {
    if (listener_.finished()) return;
    record_->open = false;
    record_->cancelled = true;
  }

  void Cancel() override {
    if (record_->cancelled || listener_.finished()) return;
    record_->cancelled = true;
    timer_.Stop();
    executor_.Post(lifetime_.Wrap([this] { Done(Cancelled()); }));
  }

 private:
  void Step() {
    if (at_ == end_) return End();
    const int rate = rendering_.audio.sample_rate_hz;
    const size_t chunk =
        std::max<size_t>(1, static_cast<size_t>(SampleCount(synthesis_.chunk, rate)));
    const size_t size = std::min(chunk, end_ - at_);
    const PcmBuffer frame{
        {rendering_.audio.samples.begin() + static_cast<std::ptrdiff_t>(at_),
         rendering_.audio.samples.begin() + static_cast<std::ptrdiff_t>(at_ + size)},
        rate};
    at_ += size;
    record_->delivered = microseconds(static_cast<std::int64_t>(at_) * 1'000'000 / rate);
    if (!listener_.Call(&Callbacks::on_audio, PcmFrame(frame)) || record_->cancelled) return;
    if (!synthesis_.words_at_end && !ReportWords(record_->delivered)) return;
    if (record_->cancelled) return;
    timer_.Start(synthesis_.chunk_every, [this] { Step(); });
  }

  // Those that begin before `until`. False: the stream is gone.
  bool ReportWords(microseconds until) {
    std::vector<SpokenWord> words;
    while (synthesis_.words && next_word_ < rendering_.words.size() &&
           rendering_.words[next_word_].start < until) {
      words.push_back(rendering_.words[next_word_++]);
    }
    return words.empty() || listener_.Call(&Callbacks::on_words, words);
  }

  void End() {
    if (synthesis_.stalls) return;
    if (!synthesis_.failure.ok()) return Done(synthesis_.failure);
    if (!ReportWords(microseconds::max()) || record_->cancelled) return;
    record_->finished = true;
    Done(absl::OkStatus());
  }

  void Done(absl::Status status) {
    record_->open = false;
    listener_.Finish(&Callbacks::on_done, std::move(status));
  }

  Rendering rendering_;
  FakeSynthesis synthesis_;
  std::shared_ptr<Record> record_;
  Executor& executor_;
  Listener<Callbacks> listener_;
  size_t at_ = 0;   // samples delivered
  size_t end_ = 0;  // samples to deliver
  size_t next_word_ = 0;
  Timer timer_;
  Lifetime lifetime_;
};

void FakeSpeechSynthesizer::Enqueue(FakeSynthesis synthesis) {
  next_.push_back(std::move(synthesis));
}

absl::StatusOr<std::unique_ptr<SynthesisStream>> FakeSpeechSynthesizer::Synthesize(
    std::string_view text, const SynthesisOptions& options, Executor& executor,
    Callbacks callbacks) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (text.empty()) return InvalidArgument("text is empty; expected a sentence");
  if (text.size() > max_text_bytes()) {
    return InvalidArgument("text has ", text.size(), " bytes; expected at most ", max_text_bytes());
  }
  if (!IsValidUtf8(text)) return InvalidArgument("text is not valid UTF-8");
  if (!voices_.empty() && !options.voice.empty() &&
      std::find(voices_.begin(), voices_.end(), options.voice) == voices_.end()) {
    return InvalidArgument("voice is '", options.voice, "'; expected ", voices_.front());
  }
  FakeSynthesis synthesis = usual_;
  if (!next_.empty()) {
    synthesis = std::move(next_.front());
    next_.pop_front();
  }
  if (!synthesis.refusal.ok()) return synthesis.refusal;
  records_.push_back(std::make_shared<Record>());
  records_.back()->text = text;
  records_.back()->options = options;
  Rendering rendering =
      Render(text, PerCharacter(synthesis, options.speed_per_mille), options.sample_rate_hz);
  return std::unique_ptr<SynthesisStream>(new Stream(
      std::move(rendering), std::move(synthesis), records_.back(), executor, std::move(callbacks)));
}

microseconds FakeSpeechSynthesizer::DurationOf(std::string_view text, int speed_per_mille) const {
  return PerCharacter(usual_, speed_per_mille) * Characters(text);
}

std::vector<FakeSpeechSynthesizer::Record> FakeSpeechSynthesizer::spoken() const {
  std::vector<Record> records;
  for (const auto& record : records_) records.push_back(*record);
  return records;
}

std::vector<std::string> FakeSpeechSynthesizer::texts() const {
  std::vector<std::string> texts;
  for (const auto& record : records_) texts.push_back(record->text);
  return texts;
}

int FakeSpeechSynthesizer::open_streams() const {
  return static_cast<int>(std::count_if(records_.begin(), records_.end(),
                                        [](const auto& record) { return record->open; }));
}

}  // namespace dragoman
