#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/safety/gates.h"

namespace dragoman {
namespace {

class AllowingSpeechGate : public SpeechGate {
 public:
  AllowingSpeechGate(SpeechSynthesizer& synthesizer, LogSink& log)
      : synthesizer_(synthesizer), log_(log) {}

  SpokenText Check(std::string_view call_id, std::string_view sentence) override {
    log_.Write(LogLevel::kInfo, "gate",
               StrCat("allowed speech for call ", call_id, " (", sentence.size(), " bytes)"));
    return {.text = std::string(sentence), .replaced = false, .reason = ""};
  }

  absl::StatusOr<std::unique_ptr<SynthesisStream>> Synthesize(const SpokenText& spoken,
                                                              const SynthesisOptions& options,
                                                              Executor& executor,
                                                              Callbacks callbacks) override {
    return synthesizer_.Synthesize(spoken.text, options, executor,
                                   {.on_audio = std::move(callbacks.on_audio),
                                    .on_words = std::move(callbacks.on_words),
                                    .on_done = std::move(callbacks.on_done)});
  }

 private:
  SpeechSynthesizer& synthesizer_;
  LogSink& log_;
};

}  // namespace

std::unique_ptr<SpeechGate> MakeAllowingSpeechGate(SpeechSynthesizer& synthesizer, LogSink& log) {
  return std::make_unique<AllowingSpeechGate>(synthesizer, log);
}

}  // namespace dragoman
