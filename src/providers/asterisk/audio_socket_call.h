// One AudioSocket call: the protocol between a byte stream and a MediaStream.
#ifndef DRAGOMAN_SRC_PROVIDERS_ASTERISK_AUDIO_SOCKET_CALL_H_
#define DRAGOMAN_SRC_PROVIDERS_ASTERISK_AUDIO_SOCKET_CALL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/providers/asterisk/audio_socket.h"
#include "dragoman/telephony/call.h"
#include "dragoman/telephony/media_stream.h"
#include "src/providers/asterisk/paced_playout.h"
#include "src/wire/audio_socket.h"

namespace dragoman {

// Begins as a connection that owes its UUID, then is a call. Only on its executor.
class AudioSocketCall : public Call, public MediaStream, private PacedPlayout::Wire {
 public:
  // While the acceptor owns it. Each but `find` is called at most once, as the last thing that the
  // call does.
  struct Pending {
    // The parameters of a UUID that is expected; nothing: a stranger.
    absl::AnyInvocable<std::optional<std::map<std::string, std::string>>(const std::string& uuid)>
        find;
    absl::AnyInvocable<void()> on_started;
    absl::AnyInvocable<void(absl::Status)> on_refused;
  };

  AudioSocketCall(const AudioSocketOptions& options, Executor& executor, LogSink& log,
                  std::unique_ptr<ByteStream> stream);
  ~AudioSocketCall() override;

  void Await(Pending pending);

  // Call
  const CallInfo& info() const override { return info_; }
  Executor& executor() override { return executor_; }
  MediaStream* media() override { return this; }
  void HangUp() override;

  // MediaStream
  int sample_rate_hz() const override { return options_.sample_rate_hz; }
  void Start(MediaStream::Callbacks callbacks) override;
  absl::Status Play(const PcmFrame& frame) override { return playout_.Play(frame); }
  void FlushPlay() override { playout_.FlushPlay(); }
  void Clear() override { playout_.Clear(); }
  absl::Status SendDtmf(std::string_view digits) override;
  std::chrono::milliseconds sent() const override { return playout_.sent(); }
  PlayoutPosition position() const override { return playout_.position(); }
  std::chrono::milliseconds max_queued() const override { return options_.max_queued; }

 private:
  enum class State { kAwaitUuid, kHeld, kStreaming, kEnded };

  // PacedPlayout::Wire
  absl::Status SendFrame(std::span<const std::int16_t> samples) override;
  void OnPlayout(PlayoutPosition position) override;
  void OnSendFailed(absl::Status status) override;

  void OnBytes(std::string_view bytes);
  void ReadFrames();
  void OnFrame();
  void OnUuid();
  void OnAudio();
  void Fail(absl::Status status);
  void End(absl::Status status);
  void Replay();

  const AudioSocketOptions options_;
  Executor& executor_;
  LogSink& log_;
  std::unique_ptr<ByteStream> stream_;
  CallInfo info_;
  State state_ = State::kAwaitUuid;
  Pending pending_;
  AudioSocketDecoder decoder_;
  AudioSocketFrame frame_;
  std::string out_;
  std::vector<std::int16_t> chunk_;  // inbound, until it is 20 ms
  TimePoint started_at_{};
  std::int64_t received_ = 0;  // samples, for the flood limit
  std::int64_t flooded_ = 0;
  std::size_t held_bytes_ = 0;
  PacedPlayout playout_;
  std::shared_ptr<MediaStream::Callbacks> callbacks_;  // held while one runs
  std::optional<absl::Status> ended_;                  // before Start, or by HangUp
  Timer uuid_timer_;
  Lifetime lifetime_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_PROVIDERS_ASTERISK_AUDIO_SOCKET_CALL_H_
