#include "src/providers/twilio/media_call.h"

#include <charconv>
#include <utility>

#include "dragoman/core/status.h"

namespace dragoman {
namespace {

// RFC 6455 section 7.4.1.
constexpr std::uint16_t kNormal = 1000;
constexpr std::uint16_t kProtocolError = 1002;
constexpr std::uint16_t kUnsupportedData = 1003;
constexpr std::uint16_t kPolicyViolation = 1008;

constexpr std::size_t kMaxHeld = 100;  // 2 s of audio between the hand-over and Start

std::string_view NameOf(TwilioEvent event) {
  switch (event) {
    case TwilioEvent::kConnected:
      return "connected";
    case TwilioEvent::kStart:
      return "start";
    case TwilioEvent::kMedia:
      return "media";
    case TwilioEvent::kDtmf:
      return "dtmf";
    case TwilioEvent::kMark:
      return "mark";
    case TwilioEvent::kStop:
      return "stop";
    default:
      return "an unknown event";
  }
}

}  // namespace

TwilioCall::TwilioCall(const TwilioMediaOptions& options, Executor& executor, LogSink& log,
                       std::unique_ptr<AcceptedWebSocket> socket)
    : options_(options),
      executor_(executor),
      log_(log),
      socket_(std::move(socket)),
      inbound_({.max_gap = options.max_gap, .max_lead = options.max_lead}),
      outbound_(options_, executor, *this),
      start_timer_(executor) {
  info_.carrier = "twilio";
}

TwilioCall::~TwilioCall() {
  if (state_ != State::kEnded) socket_->Close(kNormal, "call ended");
}

void TwilioCall::Await(Pending pending) {
  pending_ = std::move(pending);
  start_timer_.Start(options_.start_timeout, [this] {
    Fail(DeadlineExceeded(StrCat("twilio: no start message within ", options_.start_timeout)),
         kPolicyViolation);
  });
  socket_->Start(
      {.on_message = [this](std::string_view text, bool binary) { OnMessage(text, binary); },
       .on_closed =
           [this](absl::Status status, std::uint16_t code, std::string_view reason) {
             OnSocketClosed(std::move(status), code, reason);
           }});
}

void TwilioCall::Start(MediaStream::Callbacks callbacks) {
  callbacks_ = std::make_shared<MediaStream::Callbacks>(std::move(callbacks));
  executor_.Post(lifetime_.Wrap([this] { Replay(); }));
}

// What came before Start, in order; from a task of its own, since nothing arrives inside Start.
void TwilioCall::Replay() {
  auto alive = lifetime_.Watch();
  if (state_ == State::kHeld) {
    std::deque<std::string> held = std::move(held_);
    state_ = State::kStreaming;
    for (const std::string& text : held) {
      OnMessage(text, false);
      if (alive.expired()) return;
    }
  }
  if (!ended_) return;
  auto callbacks = std::move(callbacks_);
  if (callbacks && callbacks->on_closed) callbacks->on_closed(*std::exchange(ended_, {}));
}

void TwilioCall::OnMessage(std::string_view text, bool binary) {
  if (state_ == State::kEnded) return;
  if (binary) return Fail(Internal("twilio: binary frame; expected text"), kUnsupportedData);
  if (state_ == State::kHeld) {
    if (held_.size() == kMaxHeld) held_.pop_front();
    held_.emplace_back(text);
    return;
  }
  if (absl::Status status = decoder_.Decode(text, message_); !status.ok()) {
    return OnBadMessage(status);
  }
  if (state_ == State::kStreaming) return OnStreaming();
  OnBeforeStart();
}

void TwilioCall::OnBeforeStart() {
  if (message_.event == TwilioEvent::kUnknown) return;
  if (state_ == State::kAwaitConnected) {
    if (message_.event != TwilioEvent::kConnected) {
      return Fail(Internal("twilio: ", NameOf(message_.event), " before connected"),
                  kProtocolError);
    }
    if (message_.protocol != "Call") {
      return Fail(Internal("twilio: protocol is \"", message_.protocol, "\"; expected \"Call\""),
                  kUnsupportedData);
    }
    state_ = State::kAwaitStart;
    return;
  }
  if (message_.event != TwilioEvent::kStart) {
    return Fail(Internal("twilio: ", NameOf(message_.event), " before start"), kProtocolError);
  }
  if (absl::Status status = CheckStart(message_); !status.ok()) {
    return Fail(std::move(status), kUnsupportedData);
  }
  OnStarted();
}

absl::Status TwilioCall::CheckStart(const TwilioMessage& message) const {
  const TwilioStart& start = message.start;
  if (start.encoding != "audio/x-mulaw" || start.sample_rate_hz != 8000 || start.channels != 1) {
    return Internal("twilio: media format is ", start.encoding, ", ", start.sample_rate_hz, " Hz, ",
                    start.channels, " channels; expected audio/x-mulaw, 8000 Hz, 1");
  }
  if (start.stream_sid.empty() || start.call_sid.empty()) {
    return Internal("twilio: start has an empty streamSid or callSid");
  }
  return absl::OkStatus();
}

void TwilioCall::OnStarted() {
  const TwilioStart& start = message_.start;
  stream_sid_ = start.stream_sid;
  encoder_ = TwilioApplicationEncoder(stream_sid_);
  info_.id = start.call_sid;
  for (const auto& [name, value] : start.custom_parameters) info_.parameters[name] = value;
  if (auto from = info_.parameters.find("from"); from != info_.parameters.end()) {
    info_.from = from->second;
  }
  if (auto to = info_.parameters.find("to"); to != info_.parameters.end()) info_.to = to->second;
  info_.parameters["streamSid"] = stream_sid_;
  info_.parameters["accountSid"] = start.account_sid;
  start_timer_.Stop();
  state_ = State::kHeld;
  auto on_started = std::move(pending_.on_started);
  pending_ = {};
  on_started();
}

void TwilioCall::OnStreaming() {
  switch (message_.event) {
    case TwilioEvent::kUnknown:
      return;
    case TwilioEvent::kConnected:
    case TwilioEvent::kStart:
      return OnBadMessage(InvalidArgument("second ", NameOf(message_.event), " in one stream"));
    default:
      break;
  }
  if (message_.stream_sid != stream_sid_) {
    return OnBadMessage(InvalidArgument(NameOf(message_.event), " for stream \"",
                                        message_.stream_sid, "\"; this one is ", stream_sid_));
  }
  switch (message_.event) {
    case TwilioEvent::kMedia:
      return OnMedia();
    case TwilioEvent::kDtmf: {
      auto callbacks = callbacks_;
      if (callbacks->on_dtmf) callbacks->on_dtmf(message_.digit);
      return;
    }
    case TwilioEvent::kMark: {
      // Our marks are numbers; another name is somebody else's, on a stream that is shared.
      std::uint64_t mark = 0;
      const char* end = message_.mark.data() + message_.mark.size();
      auto [at, error] = std::from_chars(message_.mark.data(), end, mark);
      if (error == std::errc() && at == end) outbound_.OnMark(mark);
      return;
    }
    case TwilioEvent::kStop: {
      auto alive = lifetime_.Watch();
      if (auto rest = inbound_.Rest(); !rest.empty() && callbacks_->on_audio) {
        auto callbacks = callbacks_;
        callbacks->on_audio({rest, 8000});
      }
      if (alive.expired() || state_ == State::kEnded) return;
      socket_->Close(kNormal, "stop");
      return End(absl::OkStatus());
    }
    default:
      return;
  }
}

void TwilioCall::OnMedia() {
  if (message_.track != TwilioTrack::kInbound) return;
  inbound_.Push(executor_.Now(), message_.timestamp_ms, message_.payload);
  auto alive = lifetime_.Watch();
  auto callbacks = callbacks_;
  while (true) {
    std::span<const std::int16_t> frame = inbound_.NextFrame();
    if (frame.empty()) return;
    if (callbacks->on_audio) callbacks->on_audio({frame, 8000});
    if (alive.expired() || state_ != State::kStreaming) return;
  }
}

void TwilioCall::OnBadMessage(const absl::Status& status) {
  log_.Write(LogLevel::kWarning, "twilio",
             StrCat("call ", info_.id, ": message ignored: ", MessageOf(status)));
  if (++bad_messages_ <= options_.max_bad_messages) return;
  Fail(Internal("twilio: more than ", options_.max_bad_messages,
                " bad messages; the last: ", MessageOf(status)),
       kPolicyViolation);
}

void TwilioCall::OnSocketClosed(absl::Status status, std::uint16_t code, std::string_view reason) {
  if (state_ == State::kEnded) return;
  if (!status.ok()) {
    status = Annotate(status, "twilio");
  } else if (code != kNormal) {
    status = Unavailable("twilio: socket closed with ", code, " \"", reason, "\"");
  }
  const bool was_call = state_ == State::kHeld || state_ == State::kStreaming;
  if (!was_call && status.ok()) status = Unavailable("twilio: socket closed before start");
  End(std::move(status));
}

void TwilioCall::Fail(absl::Status status, std::uint16_t code) {
  // The reason of a close frame holds at most 123 bytes.
  socket_->Close(code, MessageOf(status).substr(0, 123));
  End(std::move(status));
}

void TwilioCall::End(absl::Status status) {
  const bool was_call = state_ == State::kHeld || state_ == State::kStreaming;
  state_ = State::kEnded;
  start_timer_.Stop();
  outbound_.Stop();
  if (!status.ok()) {
    log_.Write(LogLevel::kWarning, "twilio", StrCat("call ", info_.id, ": ", MessageOf(status)));
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

void TwilioCall::HangUp() {
  if (state_ == State::kEnded) return;
  state_ = State::kEnded;
  outbound_.Stop();
  socket_->Close(kNormal, "hang up");
  ended_ = absl::OkStatus();
  if (callbacks_ != nullptr) executor_.Post(lifetime_.Wrap([this] { Replay(); }));
}

absl::Status TwilioCall::SendDtmf(std::string_view) {
  return Unimplemented("twilio: a media stream cannot send keys; play the tones instead");
}

absl::Status TwilioCall::SendMedia(std::span<const std::uint8_t> mulaw) {
  encoder_.Media(mulaw, out_);
  return socket_->SendText(out_);
}

absl::Status TwilioCall::SendMark(std::uint64_t mark) {
  encoder_.Mark(StrCat(mark), out_);
  return socket_->SendText(out_);
}

absl::Status TwilioCall::SendClear() {
  encoder_.Clear(out_);
  return socket_->SendText(out_);
}

void TwilioCall::OnPlayout(PlayoutPosition position) {
  auto callbacks = callbacks_;
  if (callbacks && callbacks->on_playout) callbacks->on_playout(position);
}

// From a task of its own: it may have happened inside a method that the agent called.
void TwilioCall::OnSendFailed(absl::Status status) {
  outbound_.Stop();
  executor_.Post(lifetime_.Wrap([this, status = std::move(status)] {
    if (state_ == State::kEnded) return;
    Fail(Annotate(status, "twilio: the carrier reads too slowly or is gone"), kPolicyViolation);
  }));
}

}  // namespace dragoman
