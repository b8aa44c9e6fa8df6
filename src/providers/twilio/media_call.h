// One Twilio call: the protocol between a socket and a MediaStream.
#ifndef DRAGOMAN_SRC_PROVIDERS_TWILIO_MEDIA_CALL_H_
#define DRAGOMAN_SRC_PROVIDERS_TWILIO_MEDIA_CALL_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/providers/twilio/media_stream.h"
#include "dragoman/telephony/call.h"
#include "dragoman/telephony/media_stream.h"
#include "src/providers/twilio/inbound_audio.h"
#include "src/providers/twilio/outbound_audio.h"
#include "src/wire/twilio_media.h"

namespace dragoman {

// Begins as a socket that owes `connected` and `start`, then is a call. Only on its executor.
class TwilioCall : public Call, public MediaStream, private TwilioOutboundAudio::Wire {
 public:
  // While the acceptor owns it. Each is called at most once, as the last thing that the call does.
  struct Pending {
    absl::AnyInvocable<void()> on_started;              // hand it to the agent
    absl::AnyInvocable<void(absl::Status)> on_refused;  // destroy it
  };

  TwilioCall(const TwilioMediaOptions& options, Executor& executor, LogSink& log,
             std::unique_ptr<AcceptedWebSocket> socket);
  ~TwilioCall() override;

  void Await(Pending pending);

  // Call
  const CallInfo& info() const override { return info_; }
  Executor& executor() override { return executor_; }
  MediaStream* media() override { return this; }
  void HangUp() override;

  // MediaStream
  int sample_rate_hz() const override { return 8000; }
  void Start(MediaStream::Callbacks callbacks) override;
  absl::Status Play(const PcmFrame& frame) override { return outbound_.Play(frame); }
  void FlushPlay() override { outbound_.FlushPlay(); }
  void Clear() override { outbound_.Clear(); }
  absl::Status SendDtmf(std::string_view digits) override;
  std::chrono::milliseconds sent() const override { return outbound_.sent(); }
  PlayoutPosition position() const override { return outbound_.position(); }
  std::chrono::milliseconds max_queued() const override { return options_.max_queued; }

 private:
  enum class State { kAwaitConnected, kAwaitStart, kHeld, kStreaming, kEnded };

  // TwilioOutboundAudio::Wire
  absl::Status SendMedia(std::span<const std::uint8_t> mulaw) override;
  absl::Status SendMark(std::uint64_t mark) override;
  absl::Status SendClear() override;
  void OnPlayout(PlayoutPosition position) override;
  void OnSendFailed(absl::Status status) override;

  void OnMessage(std::string_view text, bool binary);
  void OnSocketClosed(absl::Status status, std::uint16_t code, std::string_view reason);
  void OnBeforeStart();
  void OnStarted();
  void OnStreaming();
  void OnMedia();
  void Replay();
  void OnBadMessage(const absl::Status& status);
  absl::Status CheckStart(const TwilioMessage& message) const;
  // Closes the socket and ends the call, or refuses it if it was none yet. The last thing done.
  void Fail(absl::Status status, std::uint16_t code);
  void End(absl::Status status);

  const TwilioMediaOptions options_;
  Executor& executor_;
  LogSink& log_;
  std::unique_ptr<AcceptedWebSocket> socket_;
  CallInfo info_;
  std::string stream_sid_;
  State state_ = State::kAwaitConnected;
  Pending pending_;
  TwilioMediaDecoder decoder_{TwilioMediaDecoder::Sender::kTwilio};
  TwilioMessage message_;
  TwilioApplicationEncoder encoder_{""};
  std::string out_;
  InboundAudio inbound_;
  TwilioOutboundAudio outbound_;
  std::shared_ptr<MediaStream::Callbacks> callbacks_;  // held while one runs
  std::deque<std::string> held_;       // messages that came between the hand-over and Start
  std::optional<absl::Status> ended_;  // before Start
  int bad_messages_ = 0;
  Timer start_timer_;
  Lifetime lifetime_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_PROVIDERS_TWILIO_MEDIA_CALL_H_
