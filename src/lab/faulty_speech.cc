#include <cstdint>
#include <string>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/lab/faults.h"
#include "src/lab/fault_plan.h"

namespace dragoman::lab {
namespace {

class FaultySpeech : public SynthesisStream {
 public:
  FaultySpeech(const Fault& fault, Executor& executor, SpeechSynthesizer::Callbacks callbacks)
      : fault_(fault), executor_(executor), callbacks_(std::move(callbacks)), gate_(executor) {}

  absl::Status Begin(SpeechSynthesizer& inner, std::string_view text,
                     const SynthesisOptions& options) {
    if (fault_.what == FaultKind::kHang) return absl::OkStatus();
    if (fault_.what == FaultKind::kFail) {
      FinishLater(Unavailable("lab: the voice is down"));
      return absl::OkStatus();
    }
    if (fault_.what == FaultKind::kEmpty) {
      FinishLater(absl::OkStatus());
      return absl::OkStatus();
    }
    if (fault_.what == FaultKind::kDelay) gate_.HoldFor(fault_.length);
    SpeechSynthesizer::Callbacks callbacks;
    callbacks.on_audio = lifetime_.Wrap([this](const PcmFrame& frame) { OnAudio(frame); });
    callbacks.on_words = lifetime_.Wrap([this](const std::vector<SpokenWord>& words) {
      gate_.Pass([this, words] {
        if (callbacks_.on_words) callbacks_.on_words(words);
      });
    });
    callbacks.on_done = lifetime_.Wrap([this](absl::Status status) {
      gate_.Pass([this, status = std::move(status)] { Finish(status); });
    });
    DRAGOMAN_ASSIGN_OR_RETURN(inner_,
                              inner.Synthesize(text, options, executor_, std::move(callbacks)));
    return absl::OkStatus();
  }

  void Cancel() override {
    if (done_ || std::exchange(cancelled_, true)) return;
    inner_.reset();
    gate_.Drop();
    lifetime_.Renew();
    FinishLater(Cancelled());
  }

 private:
  void OnAudio(const PcmFrame& frame) {
    gate_.Pass([this,
                samples = std::vector<std::int16_t>(frame.samples.begin(), frame.samples.end()),
                rate = frame.sample_rate_hz] {
      if (callbacks_.on_audio) callbacks_.on_audio({samples, rate});
    });
    if (std::exchange(sounded_, true)) return;
    if (fault_.what == FaultKind::kStall) gate_.HoldFor(fault_.length);
    if (fault_.what == FaultKind::kDie) {
      gate_.HoldForEver();
      FinishLater(Unavailable("lab: the voice's connection broke"));
    }
  }

  void FinishLater(absl::Status status) {
    executor_.Post(lifetime_.Wrap([this, status = std::move(status)] { Finish(status); }));
  }

  void Finish(absl::Status status) {
    if (std::exchange(done_, true)) return;
    callbacks_.on_done(std::move(status));  // may destroy this
  }

  const Fault fault_;
  Executor& executor_;
  SpeechSynthesizer::Callbacks callbacks_;
  AnswerGate gate_;
  std::unique_ptr<SynthesisStream> inner_;
  bool sounded_ = false;
  bool done_ = false;
  bool cancelled_ = false;
  Lifetime lifetime_;
};

class FaultySynthesizer : public SpeechSynthesizer {
 public:
  FaultySynthesizer(SpeechSynthesizer& inner, std::vector<Fault> faults)
      : inner_(inner), plan_(std::move(faults), FaultPlace::kSynthesizer) {}

  absl::StatusOr<std::unique_ptr<SynthesisStream>> Synthesize(std::string_view text,
                                                              const SynthesisOptions& options,
                                                              Executor& executor,
                                                              Callbacks callbacks) override {
    const Fault* fault = plan_.Next();
    if (!fault) return inner_.Synthesize(text, options, executor, std::move(callbacks));
    auto stream = std::make_unique<FaultySpeech>(*fault, executor, std::move(callbacks));
    DRAGOMAN_RETURN_IF_ERROR(stream->Begin(inner_, text, options));
    return stream;
  }
  std::size_t max_text_bytes() const override { return inner_.max_text_bytes(); }

 private:
  SpeechSynthesizer& inner_;
  FaultPlan plan_;
};

class FaultyHearing : public RecognitionStream {
 public:
  FaultyHearing(const Fault& fault, Executor& executor, SpeechRecognizer::Callbacks callbacks)
      : fault_(fault), executor_(executor), callbacks_(std::move(callbacks)), gate_(executor) {}

  absl::Status Begin(SpeechRecognizer& inner, const RecognitionOptions& options) {
    SpeechRecognizer::Callbacks callbacks;
    callbacks.on_transcript =
        lifetime_.Wrap([this](Transcript transcript) { OnTranscript(std::move(transcript)); });
    callbacks.on_done = lifetime_.Wrap([this](absl::Status status) {
      gate_.Pass([this, status = std::move(status)] { Finish(status); });
    });
    DRAGOMAN_ASSIGN_OR_RETURN(inner_, inner.Open(options, executor_, std::move(callbacks)));
    if (fault_.what == FaultKind::kHang) gate_.HoldForEver();
    if (fault_.what == FaultKind::kFail) FinishLater(Unavailable("lab: the recogniser is down"));
    return absl::OkStatus();
  }

  absl::Status Push(const PcmFrame& frame) override { return inner_->Push(frame); }
  void Flush() override { inner_->Flush(); }
  void SetContext(const RecognitionContext& context) override { inner_->SetContext(context); }
  void Finish() override { inner_->Finish(); }
  void Cancel() override {
    gate_.Drop();
    inner_->Cancel();
  }

 private:
  void OnTranscript(Transcript transcript) {
    if (fault_.what == FaultKind::kDelay) {
      executor_.RunAfter(fault_.length, lifetime_.Wrap([this, transcript = std::move(transcript)] {
        if (!done_) callbacks_.on_transcript(transcript);
      }));
      return;
    }
    if (fault_.what == FaultKind::kEmpty) transcript.text.clear();
    gate_.Pass(
        [this, transcript = std::move(transcript)] { callbacks_.on_transcript(transcript); });
    if (std::exchange(heard_, true)) return;
    if (fault_.what == FaultKind::kStall) gate_.HoldFor(fault_.length);
    if (fault_.what == FaultKind::kDie) {
      gate_.HoldForEver();
      FinishLater(Unavailable("lab: the recogniser's connection broke"));
    }
  }

  void FinishLater(absl::Status status) {
    executor_.Post(lifetime_.Wrap([this, status = std::move(status)] { Finish(status); }));
  }

  void Finish(absl::Status status) {
    if (std::exchange(done_, true)) return;
    callbacks_.on_done(std::move(status));  // may destroy this
  }

  const Fault fault_;
  Executor& executor_;
  SpeechRecognizer::Callbacks callbacks_;
  AnswerGate gate_;
  std::unique_ptr<RecognitionStream> inner_;
  bool heard_ = false;
  bool done_ = false;
  Lifetime lifetime_;
};

class FaultyRecognizer : public SpeechRecognizer {
 public:
  FaultyRecognizer(SpeechRecognizer& inner, std::vector<Fault> faults)
      : inner_(inner), plan_(std::move(faults), FaultPlace::kRecognizer) {}

  absl::StatusOr<std::unique_ptr<RecognitionStream>> Open(const RecognitionOptions& options,
                                                          Executor& executor,
                                                          Callbacks callbacks) override {
    const Fault* fault = plan_.Next();
    if (!fault) return inner_.Open(options, executor, std::move(callbacks));
    auto stream = std::make_unique<FaultyHearing>(*fault, executor, std::move(callbacks));
    DRAGOMAN_RETURN_IF_ERROR(stream->Begin(inner_, options));
    return stream;
  }

 private:
  SpeechRecognizer& inner_;
  FaultPlan plan_;
};

}  // namespace

std::unique_ptr<SpeechSynthesizer> WithFaults(SpeechSynthesizer& inner, std::vector<Fault> faults) {
  return std::make_unique<FaultySynthesizer>(inner, std::move(faults));
}

std::unique_ptr<SpeechRecognizer> WithFaults(SpeechRecognizer& inner, std::vector<Fault> faults) {
  return std::make_unique<FaultyRecognizer>(inner, std::move(faults));
}

}  // namespace dragoman::lab
