// A synthesizer whose audio can be worked out by hand: so many milliseconds per character.
#ifndef DRAGOMAN_TESTING_FAKE_SPEECH_SYNTHESIZER_H_
#define DRAGOMAN_TESTING_FAKE_SPEECH_SYNTHESIZER_H_

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/speech/speech_synthesizer.h"

namespace dragoman {

struct DRAGOMAN_EXPORT FakeSynthesis {
  std::chrono::milliseconds per_character{60};  // UTF-8 characters, at normal speed
  std::chrono::milliseconds first_audio_after{0};
  std::chrono::milliseconds chunk{20};       // length of the frames delivered
  std::chrono::milliseconds chunk_every{0};  // between frames; 0: one per turn of the executor
  bool words = true;                         // word times, with the frame that a word begins in
  bool words_at_end = false;                 // all of them after the last frame instead
  bool stalls = false;                       // nothing comes after `ends_after` of audio
  absl::Status failure = absl::OkStatus();   // not OK: how it ends after `ends_after` of audio
  std::chrono::milliseconds ends_after{0};
  absl::Status refusal = absl::OkStatus();  // not OK: Synthesize returns it
};

// A buzz for every word, silence for every blank. Obeys the contract of SpeechSynthesizer unless
// told otherwise. One thread at a time. Must outlive its streams.
class DRAGOMAN_EXPORT FakeSpeechSynthesizer : public SpeechSynthesizer {
 public:
  FakeSpeechSynthesizer() = default;
  explicit FakeSpeechSynthesizer(FakeSynthesis usual) : usual_(std::move(usual)) {}

  void Enqueue(FakeSynthesis synthesis);  // for the next text; then the usual one again
  void SetVoices(std::vector<std::string> voices) { voices_ = std::move(voices); }  // none: any

  absl::StatusOr<std::unique_ptr<SynthesisStream>> Synthesize(std::string_view text,
                                                              const SynthesisOptions& options,
                                                              Executor& executor,
                                                              Callbacks callbacks) override;

  // How long the usual synthesis of `text` is.
  std::chrono::microseconds DurationOf(std::string_view text, int speed_per_mille = 1000) const;

  struct Record {
    std::string text;
    SynthesisOptions options;
    std::chrono::microseconds delivered{0};  // of audio
    bool finished = false;                   // all of it was delivered
    bool cancelled = false;                  // or destroyed before its end
    bool open = true;                        // neither done nor destroyed
  };
  std::vector<Record> spoken() const;  // in the order asked for
  std::vector<std::string> texts() const;
  int open_streams() const;

 private:
  class Stream;

  FakeSynthesis usual_;
  std::deque<FakeSynthesis> next_;
  std::vector<std::string> voices_;
  std::vector<std::shared_ptr<Record>> records_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_SPEECH_SYNTHESIZER_H_
