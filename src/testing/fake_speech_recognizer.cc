#include "dragoman/testing/fake_speech_recognizer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/testing/listener.h"

namespace dragoman {

using std::chrono::microseconds;
using std::chrono::milliseconds;

ScriptedHearing ScriptedHearing::Words(std::string_view text, milliseconds start,
                                       milliseconds end) {
  ScriptedHearing hearing;
  const std::vector<std::string_view> words = SplitWords(text);
  const auto count = static_cast<std::int64_t>(words.size());
  Transcript transcript{.audio_start = start};
  for (std::int64_t i = 0; i < count; ++i) {
    const milliseconds from = start + (end - start) * i / count;
    const milliseconds until = start + (end - start) * (i + 1) / count;
    const std::string word(words[static_cast<size_t>(i)]);
    if (i > 0) transcript.text += ' ';
    transcript.text += word;
    transcript.audio_end = until;
    transcript.words.push_back({word, from, until});
    hearing.events.push_back({.at = until, .transcript = transcript});
  }
  return hearing;
}

// Everything that is to be called back goes through one queue in order of time, so that a late
// transcript is never overtaken by the answer to a Flush.
class FakeSpeechRecognizer::Stream : public RecognitionStream {
 public:
  Stream(FakeSpeechRecognizer& owner, ScriptedHearing hearing, std::shared_ptr<Record> record,
         Executor& executor, Callbacks callbacks)
      : owner_(owner),
        hearing_(std::move(hearing)),
        record_(std::move(record)),
        executor_(executor),
        listener_(std::move(callbacks)),
        timer_(executor) {
    owner_.open_.push_back(this);
    Advance();
  }

  ~Stream() override { Leave(); }

  absl::Status Push(const PcmFrame& frame) override {
    if (record_->cancelled) return FailedPrecondition("fake: audio pushed after Cancel");
    if (record_->finished) return FailedPrecondition("fake: audio pushed after Finish");
    if (frame.sample_rate_hz != record_->options.sample_rate_hz) {
      return InvalidArgument("fake: frame has sample_rate_hz ", frame.sample_rate_hz, "; expected ",
                             record_->options.sample_rate_hz);
    }
    if (hearing_.stalls && record_->pushed + frame.duration() > kMaxQueued) {
      return ResourceExhausted("fake: more than ", kMaxQueued, " of audio would wait");
    }
    samples_ += static_cast<std::int64_t>(frame.samples.size());
    record_->pushed = microseconds(samples_ * 1'000'000 / record_->options.sample_rate_hz);
    record_->loud_samples +=
        std::count_if(frame.samples.begin(), frame.samples.end(),
                      [](std::int16_t sample) { return std::abs(sample) > 500; });
    Advance();
    return absl::OkStatus();
  }

  void Flush() override {
    if (record_->cancelled || record_->finished) return;
    const size_t number = static_cast<size_t>(record_->flushes++);
    const auto& answer =
        number < hearing_.flushes.size() ? hearing_.flushes[number] : hearing_.other_flushes;
    if (answer.never || hearing_.stalls) return;
    Later(answer.delay, [this, text = answer.text, end = Pushed()] {
      Transcript transcript{.is_final = true, .from_flush = true, .audio_end = end};
      transcript.text = text.value_or(open_.text);
      transcript.words = text ? std::vector<RecognizedWord>() : open_.words;
      transcript.audio_start = open_.text.empty() ? end : open_.audio_start;
      if (!open_.text.empty()) transcript.audio_end = std::min(end, open_.audio_end);
      Deliver(std::move(transcript));
    });
  }

  void SetContext(const RecognitionContext& context) override {
    record_->contexts.push_back(context);
  }

  void Finish() override {
    if (record_->cancelled || record_->finished) return;
    record_->finished = true;
    if (hearing_.never_done || hearing_.stalls) return;
    Later(hearing_.finish_delay, [this] {
      if (!open_.text.empty()) {
        Transcript last = open_;
        last.is_final = true;
        const auto alive = lifetime_.Watch();
        Deliver(std::move(last));
        if (alive.expired() || record_->cancelled) return;
      }
      Done(absl::OkStatus());
    });
  }

  void Cancel() override {
    if (record_->cancelled || listener_.finished()) return;
    record_->cancelled = true;
    pending_.clear();
    timer_.Stop();
    executor_.Post(lifetime_.Wrap([this] { Done(Cancelled()); }));
  }

  void Hear(Transcript transcript) {
    told_.push_back(std::move(transcript));
    Advance();
  }

  void Fail(absl::Status status) {
    if (record_->cancelled) return;
    Later(milliseconds(0), [this, status = std::move(status)] { Done(status); });
  }

 private:
  milliseconds Pushed() const { return std::chrono::duration_cast<milliseconds>(record_->pushed); }

  // Schedules what the audio pushed so far brings about.
  void Advance() {
    if (hearing_.stalls || record_->cancelled) return;
    while (next_ < hearing_.events.size() && hearing_.events[next_].at <= record_->pushed) {
      const ScriptedHearing::Event& event = hearing_.events[next_++];
      Transcript transcript = event.transcript;
      if (transcript.audio_end == milliseconds(0)) transcript.audio_end = event.at;
      Later(event.delay, [this, transcript] { Deliver(transcript); });
    }
    while (!told_.empty() && told_.front().audio_end <= record_->pushed) {
      Later(milliseconds(0),
            [this, transcript = std::move(told_.front())] { Deliver(transcript); });
      told_.pop_front();
    }
    if (!hearing_.failure.ok() && hearing_.failure_at <= record_->pushed) {
      Fail(std::exchange(hearing_.failure, absl::OkStatus()));
    }
  }

  void Later(milliseconds delay, Task task) {
    TimePoint when = executor_.Now() + delay;
    if (!pending_.empty()) when = std::max(when, pending_.back().first);
    pending_.emplace_back(when, std::move(task));
    if (pending_.size() == 1) Arm();
  }

  void Arm() {
    timer_.StartAt(pending_.front().first, [this] {
      Task task = std::move(pending_.front().second);
      pending_.pop_front();
      if (!pending_.empty()) Arm();
      task();
    });
  }

  void Deliver(Transcript transcript) {
    if (!transcript.is_final && !record_->options.partials) {
      open_ = std::move(transcript);
      return;
    }
    open_ = transcript.is_final ? Transcript() : transcript;
    listener_.Call(&Callbacks::on_transcript, std::move(transcript));
  }

  void Done(absl::Status status) {
    timer_.Stop();
    pending_.clear();
    Leave();
    listener_.Finish(&Callbacks::on_done, std::move(status));
  }

  void Leave() {
    record_->open = false;
    std::erase(owner_.open_, this);
  }

  FakeSpeechRecognizer& owner_;
  ScriptedHearing hearing_;
  std::shared_ptr<Record> record_;
  Executor& executor_;
  Listener<Callbacks> listener_;
  std::int64_t samples_ = 0;
  size_t next_ = 0;              // of the script's events
  std::deque<Transcript> told_;  // by Hear, waiting for their audio
  Transcript open_;              // the last partial since the last final
  std::deque<std::pair<TimePoint, Task>> pending_;
  Timer timer_;  // for the front of pending_
  Lifetime lifetime_;
};

FakeSpeechRecognizer::FakeSpeechRecognizer() = default;
FakeSpeechRecognizer::~FakeSpeechRecognizer() = default;

void FakeSpeechRecognizer::Enqueue(ScriptedHearing hearing) {
  hearings_.push_back(std::move(hearing));
}

absl::StatusOr<std::unique_ptr<RecognitionStream>> FakeSpeechRecognizer::Open(
    const RecognitionOptions& options, Executor& executor, Callbacks callbacks) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  ScriptedHearing hearing;
  if (!hearings_.empty()) {
    hearing = std::move(hearings_.front());
    hearings_.pop_front();
  }
  if (!hearing.refusal.ok()) return hearing.refusal;
  records_.push_back(std::make_shared<Record>());
  records_.back()->options = options;
  return std::unique_ptr<RecognitionStream>(
      new Stream(*this, std::move(hearing), records_.back(), executor, std::move(callbacks)));
}

void FakeSpeechRecognizer::Hear(Transcript transcript) {
  if (!open_.empty()) open_.back()->Hear(std::move(transcript));
}

void FakeSpeechRecognizer::HearPartial(std::string_view text) { Hear({.text = std::string(text)}); }

void FakeSpeechRecognizer::HearFinal(std::string_view text) {
  Hear({.text = std::string(text), .is_final = true});
}

void FakeSpeechRecognizer::Fail(absl::Status status) {
  if (!open_.empty()) open_.back()->Fail(std::move(status));
}

std::vector<FakeSpeechRecognizer::Record> FakeSpeechRecognizer::streams() const {
  std::vector<Record> records;
  for (const auto& record : records_) records.push_back(*record);
  return records;
}

int FakeSpeechRecognizer::open_streams() const { return static_cast<int>(open_.size()); }

}  // namespace dragoman
