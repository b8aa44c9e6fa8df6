// One caller's audio between its executor and the pool that decodes it.
#ifndef DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_STREAM_H_
#define DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_STREAM_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "dragoman/audio/resampler.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/log.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/speech/speech_recognizer.h"
#include "src/providers/pocketsphinx/decoder_pool.h"
#include "src/providers/pocketsphinx/hearing.h"

namespace dragoman::pocketsphinx {

// What belongs to the piece of work under way: touched by one thread at a time, handed over by the
// pool. Shared with that work, which may outlive the stream.
struct Session {
  std::shared_ptr<DecoderPool> pool;
  std::shared_ptr<Decoder> decoder;
  std::unique_ptr<Hearing> hearing;
  std::optional<Resampler> resampler;  // 24 and 48 kHz down to 16
  LogSink* log = nullptr;
};

class Stream : public RecognitionStream {
 public:
  Stream(std::shared_ptr<Session> session, const RecognitionOptions& options, WorkPool& pool,
         Executor& executor, SpeechRecognizer::Callbacks callbacks);
  ~Stream() override = default;

  absl::Status Push(const PcmFrame& frame) override;
  void Flush() override;
  void SetContext(const RecognitionContext& context) override;
  void Finish() override;
  void Cancel() override;

 private:
  struct FlushMark {};
  struct FinishMark {};
  // What was asked for, in its order. Audio that follows audio is appended to it.
  using Step = std::variant<std::vector<std::int16_t>, RecognitionContext, FlushMark, FinishMark>;

  // How the work goes on after a piece of it.
  enum class Next { kSteps, kGeneral, kLastGeneral, kDone };

  struct Result {
    std::vector<Transcript> transcripts;
    Next next = Next::kSteps;
    int speech_frames = 0;
  };

  static void Run(Session& session, std::vector<Step>& steps, Next task, Result& result);
  static void Listen(Session& session, std::span<const std::int16_t> samples, Result& result);
  // False: the general pass has to follow.
  static bool Close(Session& session, bool from_flush, Result& result);

  void Pump();
  bool TakeSteps(std::vector<Step>& steps);
  std::chrono::microseconds ModelledDuration(const std::vector<Step>& steps) const;
  void Submit(std::shared_ptr<std::vector<Step>> steps);
  void Take(Result& result);
  void Done(absl::Status status);

  std::shared_ptr<Session> session_;
  const RecognitionOptions options_;
  WorkPool& pool_;
  Executor& executor_;
  // Held by each call of a callback as well: one of them may destroy the stream.
  std::shared_ptr<SpeechRecognizer::Callbacks> callbacks_;

  std::deque<Step> steps_;
  std::size_t waiting_samples_ = 0;  // in steps_ and in the work under way
  std::size_t working_samples_ = 0;
  std::string context_id_;
  bool context_known_ = false;
  bool working_ = false;
  Next next_ = Next::kSteps;
  int speech_frames_ = 0;  // of the open utterance, when the last work came back
  bool finished_ = false;
  bool cancelled_ = false;
  bool ended_ = false;
  Timer retry_;
  Lifetime lifetime_;
};

}  // namespace dragoman::pocketsphinx
#endif  // DRAGOMAN_SRC_PROVIDERS_POCKETSPHINX_STREAM_H_
