// Turns Speak commands into audio on the line, in order.
#ifndef DRAGOMAN_SRC_AGENT_SPEECH_PLAYER_H_
#define DRAGOMAN_SRC_AGENT_SPEECH_PLAYER_H_

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "dragoman/agent/call_events.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/safety/gates.h"
#include "dragoman/telephony/media_stream.h"

namespace dragoman {

// One utterance is synthesized at a time: the next begins when all audio of the one before was
// given to the line, which is long before it was heard. Only on its executor.
class SpeechPlayer {
 public:
  struct Callbacks {
    absl::AnyInvocable<void(CallEventBody)>
        on_event;  // the call_event::Speech... of the utterances
    // What the line took; confidential audio must not be kept.
    absl::AnyInvocable<void(std::span<const std::int16_t>, bool confidential)> on_played;
  };
  // All borrowed: must outlive the player.
  SpeechPlayer(std::string call_id, SynthesisOptions voice, SpeechGate& gate, MediaStream& media,
               Executor& executor, Callbacks callbacks);

  void Speak(UtteranceId utterance, std::string text);
  void Cancel(UtteranceId utterance);  // nothing more of it is played; no event of it follows
  void CancelAll();

 private:
  struct Utterance {
    UtteranceId id = 0;
    std::string text;
  };

  void Next();
  void OnAudio(const PcmFrame& frame);
  void OnWords(const std::vector<SpokenWord>& words);
  void OnDone(const absl::Status& status);
  void OnReplaced(std::string_view text);
  void End(bool ok);

  const std::string call_id_;
  const SynthesisOptions voice_;
  SpeechGate& gate_;
  MediaStream& media_;
  Executor& executor_;
  Callbacks callbacks_;
  std::deque<Utterance> waiting_;
  UtteranceId current_ = 0;
  std::unique_ptr<SynthesisStream> stream_;
  bool confidential_ = false;  // the current utterance is
  bool play_failed_ = false;
  std::int64_t samples_ = 0;   // of the current utterance, given to the line
  std::int64_t start_ms_ = 0;  // on the line's time line
  TimePoint reported_{};       // when the last SpeechAudio was
  Lifetime lifetime_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_AGENT_SPEECH_PLAYER_H_
