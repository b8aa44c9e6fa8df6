// The other party's audio: voice activity and recognition, as events.
#ifndef DRAGOMAN_SRC_AGENT_CALL_LISTENER_H_
#define DRAGOMAN_SRC_AGENT_CALL_LISTENER_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "dragoman/agent/call_events.h"
#include "dragoman/conversation/reply_expectation.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/speech/speech_recognizer.h"
#include "dragoman/speech/voice_activity_detector.h"
#include "src/agent/agent_envelope.h"
#include "src/agent/near_voice.h"
#include "src/agent/speech_edges.h"
#include "src/agent/unheard_audio.h"

namespace dragoman {

// Cuts what comes into 20 ms frames. What stands no higher than the background or the echo of the
// agent is not the caller's: it starts no speech, and words of it are not passed on while there is
// something of the kind to be heard. A recogniser that dies is opened again, once a second at most
// and three times a call, and given again what no final transcript has covered: the whole turn, up
// to 12 s of a phone line; of a longer one, the words heard so far stand. Words that answer a flush
// when their turn was given up for want of any are passed on as words of a new turn, behind the
// answer. Only on its executor.
class CallListener {
 public:
  struct Callbacks {
    absl::AnyInvocable<void(CallEventBody)> on_event;
    absl::AnyInvocable<void(const PcmFrame&)> on_frame;  // each 20 ms, before its events
  };
  static absl::StatusOr<std::unique_ptr<CallListener>> Open(SpeechRecognizer& recognizer,
                                                            const std::string& language,
                                                            int sample_rate_hz, Executor& executor,
                                                            Callbacks callbacks);

  // `heard` is the line's playout position now.
  void Hear(const PcmFrame& frame, std::chrono::milliseconds heard);
  // The agent's voice, which may come back as an echo.
  void AgentQueued(std::span<const std::int16_t> samples) { agent_.Queued(samples); }
  void AgentCleared(std::chrono::milliseconds heard) { agent_.Cleared(heard); }
  // What became of the caller's turn, as the machine sees it: tells background from caller.
  void TurnEnded(std::string_view text);
  void TurnWasNoise();    // sound for long, and no word in it
  void TurnHadNoWords();  // a short sound
  void Expect(const ReplyExpectation& expectation, std::uint64_t digest);
  void Flush();
  // Samples since the call's start up to which no transcript is to be expected any more. Ten
  // seconds behind the present at least: a recogniser may be slow, and a later word may explain one
  // before.
  std::int64_t settled() const;
  bool open() const;  // something is being said that no final transcript covers
  void Close();       // no event follows

 private:
  CallListener(SpeechRecognizer& recognizer, RecognitionOptions options,
               std::unique_ptr<VoiceActivityDetector> detector, Executor& executor,
               Callbacks callbacks);
  absl::Status OpenStream();
  void OnFrame(const PcmFrame& frame, std::chrono::milliseconds heard);
  PcmFrame WithoutEcho(const PcmFrame& frame);  // borrows from line_
  bool MayBeTheCallers(bool is_final);
  void OnTranscript(Transcript transcript);
  void OnRecognizerDone(const absl::Status& status);
  void Remember(const PcmFrame& frame);
  void Reopen();
  void CatchUp();
  std::int64_t ToMs(std::int64_t samples) const { return samples * 1000 / options_.sample_rate_hz; }
  bool Emit(CallEventBody event);  // false: destroyed meanwhile

  SpeechRecognizer& recognizer_;
  RecognitionOptions options_;
  std::unique_ptr<VoiceActivityDetector> detector_;
  Executor& executor_;
  Callbacks callbacks_;
  NearVoice near_;
  SpeechEdges activity_;
  AgentEnvelope agent_;
  bool caller_spoke_ = false;        // since the last final
  std::vector<std::int16_t> frame_;  // until 20 ms are together
  std::vector<std::int16_t> line_;   // the last frames without anybody's voice
  std::size_t next_line_ = 0;
  UnheardAudio unheard_;
  std::string partial_;              // the open utterance, as heard so far
  std::int64_t partial_at_ = 0;      // samples heard when it changed last
  std::int64_t closed_until_ = 0;    // samples that a final transcript covers
  bool overflowed_ = false;          // the open utterance is longer than what is kept
  std::int64_t samples_ = 0;         // heard since the call's start
  std::int64_t pushed_ = 0;          // of these, given to the present stream
  std::int64_t stream_base_ms_ = 0;  // where the present stream's time line begins
  int reopened_ = 0;
  // What became of the turn that a flush was for, when that was before its answer.
  enum class FlushedTurn { kOpen, kEnded, kHadNoWords };
  void MarkFlushes(FlushedTurn turn);
  std::deque<FlushedTurn> pending_flushes_;  // in the order in which they will be answered
  int late_flushes_ = 0;  // the newest of these, to be given once the stream has all the audio
  Timer reopen_;
  std::unique_ptr<RecognitionStream> stream_;
  Lifetime stream_lifetime_;
  Lifetime lifetime_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_CALL_LISTENER_H_
