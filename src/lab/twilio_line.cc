#include <array>
#include <utility>
#include <vector>

#include "dragoman/audio/g711.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/lab/caller_line.h"
#include "src/lab/sounds.h"
#include "src/wire/twilio_media.h"

namespace dragoman::lab {
namespace {

TwilioStart MakeStart(TwilioCallerIds ids) {
  TwilioStart start;
  start.account_sid = std::move(ids.account_sid);
  start.stream_sid = std::move(ids.stream_sid);
  start.call_sid = std::move(ids.call_sid);
  start.custom_parameters = std::move(ids.parameters);
  return start;
}

class TwilioLine : public CallerLine {
 public:
  TwilioLine(TwilioCallerIds ids, Callbacks callbacks)
      : callbacks_(std::move(callbacks)),
        stream_sid_(ids.stream_sid),
        encoder_(MakeStart(std::move(ids))),
        decoder_(TwilioMediaDecoder::Sender::kApplication) {}

  void Open(OpenSocket open) {
    WebSocketCallbacks callbacks;
    callbacks.on_open = lifetime_.Wrap([this] { Begin(); });
    callbacks.on_message =
        lifetime_.Wrap([this](std::string_view text, bool binary) { Receive(text, binary); });
    callbacks.on_closed =
        lifetime_.Wrap([this](absl::Status status, std::uint16_t code, std::string_view reason) {
          Closed(std::move(status), code, reason);
        });
    socket_ = open(std::move(callbacks));
  }

  void SendFrame(std::span<const std::int16_t> samples, std::uint64_t index) override {
    if (!open_) return;
    mulaw_.resize(samples.size());
    EncodeMulaw(samples, mulaw_);
    encoder_.SetNextNumbers(++sequence_, index + 1);  // chunks count what the carrier recorded
    encoder_.Media(TwilioTrack::kInbound, index * 20, mulaw_, text_);
    Send();
  }

  void SendKey(char key) override {
    if (!open_) return;
    encoder_.SetNextNumbers(++sequence_, 1);
    encoder_.Dtmf(key, text_);
    Send();
  }

  void ReturnMark(std::string_view name) override {
    if (!open_) return;
    encoder_.SetNextNumbers(++sequence_, 1);
    encoder_.Mark(name, text_);
    Send();
  }

  void HangUp() override {
    if (open_) {
      encoder_.SetNextNumbers(++sequence_, 1);
      encoder_.Stop(text_);
      Send();
    }
    open_ = false;
    if (socket_) socket_->Close(1000, "");
  }

  bool has_marks() const override { return true; }

 private:
  void Begin() {
    open_ = true;
    encoder_.Connected(text_);
    Send();
    encoder_.Start(text_);
    sequence_ = 1;
    Send();
    if (callbacks_.on_open) callbacks_.on_open();
  }

  void Send() {
    absl::Status sent = socket_->SendText(text_);
    if (!sent.ok() && callbacks_.on_complaint)
      callbacks_.on_complaint(StrCat("the agent reads too slowly: ", MessageOf(sent)));
  }

  void Receive(std::string_view text, bool binary) {
    absl::Status status =
        binary ? InvalidArgument("a binary frame; expected text") : decoder_.Decode(text, message_);
    if (status.ok() && message_.stream_sid != stream_sid_)
      status = InvalidArgument("streamSid is not that of this stream");
    if (status.ok() && message_.event == TwilioEvent::kUnknown)
      status = InvalidArgument("unknown event; expected media, mark or clear");
    if (!status.ok()) {
      if (callbacks_.on_complaint) callbacks_.on_complaint(MessageOf(status));
      return;
    }
    switch (message_.event) {
      case TwilioEvent::kMedia:
        samples_.resize(message_.payload.size());
        DecodeMulaw(message_.payload, samples_);
        callbacks_.on_audio(samples_);
        break;
      case TwilioEvent::kMark:
        callbacks_.on_mark(message_.mark);
        break;
      case TwilioEvent::kClear:
        callbacks_.on_clear();
        break;
      default:
        break;
    }
  }

  void Closed(absl::Status status, std::uint16_t code, std::string_view reason) {
    open_ = false;
    if (status.ok() && code != 1000 && code != 1001 && code != 1005)
      status = Unavailable("the agent's server closed with ", code, " ", reason);
    callbacks_.on_closed(std::move(status));
  }

  Callbacks callbacks_;
  std::string stream_sid_;
  TwilioCarrierEncoder encoder_;
  TwilioMediaDecoder decoder_;
  TwilioMessage message_;
  std::unique_ptr<WebSocket> socket_;
  std::string text_;
  std::vector<std::uint8_t> mulaw_;
  std::vector<std::int16_t> samples_;
  std::uint64_t sequence_ = 0;
  bool open_ = false;
  Lifetime lifetime_;
};

}  // namespace

TwilioCallerIds MakeTwilioIds(Random& random) {
  TwilioCallerIds ids;
  ids.account_sid = MakeId("AC", random);
  ids.call_sid = MakeId("CA", random);
  ids.stream_sid = MakeId("MZ", random);
  return ids;
}

std::unique_ptr<CallerLine> OpenTwilioLine(OpenSocket open, TwilioCallerIds ids,
                                           CallerLine::Callbacks callbacks) {
  auto line = std::make_unique<TwilioLine>(std::move(ids), std::move(callbacks));
  line->Open(std::move(open));
  return line;
}

}  // namespace dragoman::lab
