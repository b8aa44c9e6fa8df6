// A recogniser that hears what the test scripted, by audio position or on command.
#ifndef DRAGOMAN_TESTING_FAKE_SPEECH_RECOGNIZER_H_
#define DRAGOMAN_TESTING_FAKE_SPEECH_RECOGNIZER_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/speech/speech_recognizer.h"

namespace dragoman {

// What one stream hears. Flush is answered, in order, by `flushes`, then by the words of the open
// partial (empty when there are none).
struct DRAGOMAN_EXPORT ScriptedHearing {
  struct Event {
    std::chrono::milliseconds at{0};     // once so much audio was pushed
    std::chrono::milliseconds delay{0};  // and then so much later: a slow recogniser
    Transcript transcript = {};          // audio_end 0: `at`
  };
  struct FlushAnswer {
    std::optional<std::string> text = std::nullopt;  // else the words of the open partial
    std::chrono::milliseconds delay{0};
    bool never = false;  // no answer at all: breaks the contract, as a vendor in trouble does
  };
  std::vector<Event> events = {};  // ascending `at`
  std::vector<FlushAnswer> flushes = {};
  FlushAnswer other_flushes = {};             // after those
  std::chrono::milliseconds finish_delay{0};  // from Finish to on_done
  bool never_done = false;                    // on_done never follows Finish
  bool stalls = false;                        // consumes nothing: the queue (5 s) fills
  absl::Status failure = absl::OkStatus();    // not OK: the stream dies
  std::chrono::milliseconds failure_at{0};    // once so much audio was pushed
  absl::Status refusal = absl::OkStatus();    // not OK: Open returns it

  // A partial per word, spread over the time span, without a final: Flush brings that.
  static ScriptedHearing Words(std::string_view text, std::chrono::milliseconds start,
                               std::chrono::milliseconds end);
};

// Obeys the contract of SpeechRecognizer unless the script says otherwise. One thread at a time.
// Must outlive its streams.
class DRAGOMAN_EXPORT FakeSpeechRecognizer : public SpeechRecognizer {
 public:
  static constexpr std::chrono::milliseconds kMaxQueued{5'000};

  FakeSpeechRecognizer();
  ~FakeSpeechRecognizer() override;

  void Enqueue(ScriptedHearing hearing);  // for the next Open; without one a stream hears nothing

  absl::StatusOr<std::unique_ptr<RecognitionStream>> Open(const RecognitionOptions& options,
                                                          Executor& executor,
                                                          Callbacks callbacks) override;

  // What the newest open stream hears now, or once it was pushed the audio up to `audio_end` of the
  // transcript, whichever is later. Delivered as a task. Ignored when no stream is open.
  void Hear(Transcript transcript);
  void HearPartial(std::string_view text);
  void HearFinal(std::string_view text);
  void Fail(absl::Status status);  // the newest open stream dies

  struct Record {
    RecognitionOptions options;
    std::vector<RecognitionContext> contexts;  // of SetContext
    std::chrono::microseconds pushed{0};
    std::int64_t loud_samples = 0;  // pushed, of a magnitude above 500
    int flushes = 0;
    bool finished = false;
    bool cancelled = false;
    bool open = true;  // neither done nor destroyed
  };
  std::vector<Record> streams() const;  // in the order opened
  int open_streams() const;

 private:
  class Stream;

  std::deque<ScriptedHearing> hearings_;
  std::vector<std::shared_ptr<Record>> records_;
  std::vector<Stream*> open_;  // in the order opened; each leaves at its end
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTING_FAKE_SPEECH_RECOGNIZER_H_
