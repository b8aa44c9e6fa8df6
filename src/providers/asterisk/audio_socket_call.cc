#include "src/providers/asterisk/audio_socket_call.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

// Between the hand-over and Start: 4 s at 8 kHz.
constexpr std::size_t kMaxHeldBytes = 64 * 1024;
constexpr int kErrorHungUp = 1;  // Asterisk's own code; the caller hung up

}  // namespace

AudioSocketCall::AudioSocketCall(const AudioSocketOptions& options, Executor& executor,
                                 LogSink& log, std::unique_ptr<ByteStream> stream)
    : options_(options),
      executor_(executor),
      log_(log),
      stream_(std::move(stream)),
      decoder_(options.rate_of_type_11_hz),
      playout_(options.sample_rate_hz, options.max_queued, executor, *this),
      uuid_timer_(executor) {
  info_.carrier = "asterisk";
}

AudioSocketCall::~AudioSocketCall() {
  if (state_ != State::kEnded) HangUp();
}

void AudioSocketCall::Await(Pending pending) {
  pending_ = std::move(pending);
  uuid_timer_.Start(options_.uuid_timeout, [this] {
    Fail(DeadlineExceeded(StrCat("asterisk: no UUID within ", options_.uuid_timeout)));
  });
  stream_->Start({.on_bytes = [this](std::string_view bytes) { OnBytes(bytes); },
                  .on_closed =
                      [this](absl::Status status) {
                        if (state_ == State::kEnded) return;
                        if (state_ == State::kAwaitUuid && status.ok()) {
                          status = Unavailable("closed before its UUID");
                        }
                        End(Annotate(status, "asterisk"));
                      }});
}

void AudioSocketCall::Start(MediaStream::Callbacks callbacks) {
  callbacks_ = std::make_shared<MediaStream::Callbacks>(std::move(callbacks));
  executor_.Post(lifetime_.Wrap([this] { Replay(); }));
}

// What came before Start; from a task of its own, since nothing arrives inside Start.
void AudioSocketCall::Replay() {
  auto alive = lifetime_.Watch();
  if (state_ == State::kHeld) {
    state_ = State::kStreaming;
    ReadFrames();
    if (alive.expired()) return;
  }
  if (!ended_) return;
  auto callbacks = std::move(callbacks_);
  if (callbacks && callbacks->on_closed) callbacks->on_closed(*std::exchange(ended_, {}));
}

void AudioSocketCall::OnBytes(std::string_view bytes) {
  if (state_ == State::kEnded) return;
  decoder_.Append(bytes);
  if (state_ != State::kHeld) return ReadFrames();
  held_bytes_ += bytes.size();
  if (held_bytes_ > kMaxHeldBytes) {
    Fail(ResourceExhausted("asterisk: the call was not started in time"));
  }
}

void AudioSocketCall::ReadFrames() {
  auto alive = lifetime_.Watch();
  while (state_ == State::kAwaitUuid || state_ == State::kStreaming) {
    absl::StatusOr<bool> next = decoder_.Next(frame_);
    if (!next.ok()) return Fail(Annotate(next.status(), "asterisk"));
    if (!*next) return;
    OnFrame();
    if (alive.expired()) return;
  }
}

void AudioSocketCall::OnFrame() {
  if (state_ == State::kAwaitUuid) {
    if (frame_.event == AudioSocketEvent::kUuid) return OnUuid();
    return Fail(Internal("asterisk: the first frame is not a UUID"));
  }
  switch (frame_.event) {
    case AudioSocketEvent::kUuid:
      return Fail(Internal("asterisk: second UUID on one connection"));
    case AudioSocketEvent::kAudio:
      return OnAudio();
    case AudioSocketEvent::kDtmf: {
      auto callbacks = callbacks_;
      if (callbacks->on_dtmf) callbacks->on_dtmf(frame_.digit);
      return;
    }
    case AudioSocketEvent::kHangUp: {
      stream_->Close();
      return End(absl::OkStatus());
    }
    case AudioSocketEvent::kError: {
      if (frame_.error_code == kErrorHungUp) {
        stream_->Close();
        return End(absl::OkStatus());
      }
      return Fail(Unavailable("asterisk: error frame with code ", frame_.error_code));
    }
  }
}

void AudioSocketCall::OnUuid() {
  std::optional<std::map<std::string, std::string>> parameters = pending_.find(frame_.uuid);
  if (!parameters) {
    return Fail(
        MakeStatus(absl::StatusCode::kUnauthenticated, "asterisk: the UUID is not expected"));
  }
  info_.id = frame_.uuid;
  info_.parameters = *std::move(parameters);
  if (auto from = info_.parameters.find("from"); from != info_.parameters.end()) {
    info_.from = from->second;
  }
  if (auto to = info_.parameters.find("to"); to != info_.parameters.end()) info_.to = to->second;
  uuid_timer_.Stop();
  started_at_ = executor_.Now();
  state_ = State::kHeld;
  auto on_started = std::move(pending_.on_started);
  pending_ = {};
  on_started();
}

void AudioSocketCall::OnAudio() {
  if (frame_.sample_rate_hz != options_.sample_rate_hz) {
    return Fail(Internal("asterisk: audio at ", frame_.sample_rate_hz, " Hz on a line of ",
                         options_.sample_rate_hz, " Hz"));
  }
  const auto allowed =
      SampleCount(executor_.Now() - started_at_ + options_.max_lead, options_.sample_rate_hz);
  const auto size = static_cast<std::int64_t>(frame_.samples.size());
  if (received_ + size > allowed) {
    ++flooded_;
    return;
  }
  received_ += size;
  auto alive = lifetime_.Watch();
  auto callbacks = callbacks_;
  const auto whole =
      static_cast<std::size_t>(SampleCount(PacedPlayout::kFrame, options_.sample_rate_hz));
  std::span<const std::int16_t> rest = frame_.samples;
  while (!rest.empty()) {
    const std::size_t take = std::min(rest.size(), whole - chunk_.size());
    chunk_.insert(chunk_.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(take));
    rest = rest.subspan(take);
    if (chunk_.size() < whole) return;
    if (callbacks->on_audio) callbacks->on_audio({chunk_, options_.sample_rate_hz});
    if (alive.expired() || state_ != State::kStreaming) return;
    chunk_.clear();
  }
}

void AudioSocketCall::Fail(absl::Status status) {
  stream_->Close();
  End(std::move(status));
}

void AudioSocketCall::End(absl::Status status) {
  const bool was_call = state_ == State::kHeld || state_ == State::kStreaming;
  state_ = State::kEnded;
  uuid_timer_.Stop();
  playout_.Stop();
  if (!status.ok()) {
    log_.Write(LogLevel::kWarning, "asterisk", StrCat("call ", info_.id, ": ", MessageOf(status)));
  }
  if (!was_call) {
    auto on_refused = std::move(pending_.on_refused);
    pending_ = {};
    if (on_refused) on_refused(std::move(status));
    return;
  }
  if (callbacks_ == nullptr) {
    ended_ = std::move(status);
    return;
  }
  auto callbacks = std::move(callbacks_);
  if (callbacks->on_closed) callbacks->on_closed(std::move(status));
}

void AudioSocketCall::HangUp() {
  if (state_ == State::kEnded) return;
  const bool was_call = state_ != State::kAwaitUuid;
  state_ = State::kEnded;
  playout_.Stop();
  if (was_call) {
    out_.clear();
    AppendAudioSocketHangUp(out_);
    (void)stream_->Write(out_);  // a closed socket means the same
  }
  stream_->Close();
  ended_ = absl::OkStatus();
  if (callbacks_ != nullptr) executor_.Post(lifetime_.Wrap([this] { Replay(); }));
}

absl::Status AudioSocketCall::SendDtmf(std::string_view) {
  return Unimplemented("asterisk: AudioSocket cannot send keys; play the tones instead");
}

absl::Status AudioSocketCall::SendFrame(std::span<const std::int16_t> samples) {
  out_.clear();
  DRAGOMAN_RETURN_IF_ERROR(AppendAudioSocketAudio(samples, options_.sample_rate_hz, out_));
  return stream_->Write(out_);
}

void AudioSocketCall::OnPlayout(PlayoutPosition position) {
  auto callbacks = callbacks_;
  if (callbacks && callbacks->on_playout) callbacks->on_playout(position);
}

void AudioSocketCall::OnSendFailed(absl::Status status) {
  if (state_ == State::kEnded) return;
  Fail(Annotate(status, "asterisk: the peer reads too slowly or is gone"));
}

}  // namespace dragoman
