#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "dragoman/core/lifetime.h"
#include "dragoman/core/status.h"
#include "src/lab/caller_line.h"
#include "src/lab/sounds.h"

namespace dragoman::lab {
namespace {

// Asterisk documentation, "AudioSocket" (read 2026-08): type, 16-bit big-endian length, payload.
// Written here a second time, apart from `wire`, so that caller and server do not share a mistake.
constexpr std::uint8_t kHangUp = 0x00;
constexpr std::uint8_t kUuid = 0x01;
constexpr std::uint8_t kDtmf = 0x03;
constexpr std::uint8_t kAudio8k = 0x10;
constexpr std::uint8_t kError = 0xff;

class AudioSocketLine : public CallerLine {
 public:
  AudioSocketLine(std::unique_ptr<ByteStream> stream, Executor& executor, Callbacks callbacks)
      : stream_(std::move(stream)), executor_(executor), callbacks_(std::move(callbacks)) {}

  void Open(std::span<const std::uint8_t> uuid) {
    ByteStream::Callbacks callbacks;
    callbacks.on_bytes = lifetime_.Wrap([this](std::string_view bytes) { Receive(bytes); });
    callbacks.on_closed =
        lifetime_.Wrap([this](absl::Status status) { Closed(std::move(status)); });
    stream_->Start(std::move(callbacks));
    Send(kUuid, {reinterpret_cast<const char*>(uuid.data()), uuid.size()});
    executor_.Post(lifetime_.Wrap([this] {
      if (callbacks_.on_open) callbacks_.on_open();
    }));
  }

  void SendFrame(std::span<const std::int16_t> samples, std::uint64_t) override {
    std::string payload;
    for (std::int16_t sample : samples) {
      payload += static_cast<char>(sample & 0xff);
      payload += static_cast<char>((sample >> 8) & 0xff);
    }
    Send(kAudio8k, payload);
  }
  void SendKey(char key) override { Send(kDtmf, {&key, 1}); }
  void ReturnMark(std::string_view) override {}
  void HangUp() override {
    if (std::exchange(leaving_, true)) return;
    Send(kHangUp, {});
    stream_->Close();
  }
  bool has_marks() const override { return false; }

 private:
  void Send(std::uint8_t type, std::string_view payload) {
    std::string frame;
    frame += static_cast<char>(type);
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size() & 0xff);
    frame += payload;
    absl::Status sent = stream_->Write(frame);
    if (!sent.ok() && !leaving_) Complain(StrCat("the agent reads too slowly: ", MessageOf(sent)));
  }

  void Complain(std::string_view what) {
    if (callbacks_.on_complaint) callbacks_.on_complaint(what);
  }

  void Receive(std::string_view bytes) {
    buffer_ += bytes;
    auto alive = lifetime_.Watch();
    while (buffer_.size() >= 3) {
      const auto byte = [this](std::size_t at) { return static_cast<std::uint8_t>(buffer_[at]); };
      const std::size_t length = static_cast<std::size_t>(byte(1)) << 8 | byte(2);
      if (buffer_.size() < 3 + length) return;
      const std::uint8_t type = byte(0);
      const std::string payload = buffer_.substr(3, length);
      buffer_.erase(0, 3 + length);
      Take(type, payload);
      if (alive.expired()) return;
    }
  }

  void Take(std::uint8_t type, std::string_view payload) {
    if (type == kHangUp) {
      agent_hung_up_ = true;
      stream_->Close();
      return;
    }
    if (type == kError) return Complain("the agent sent an error frame");
    if (type != kAudio8k) return Complain(StrCat("frame type ", int{type}, "; expected 16"));
    if (payload.size() % 2 != 0) return Complain("half a sample");
    samples_.resize(payload.size() / 2);
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const auto low = static_cast<std::uint8_t>(payload[2 * i]);
      const auto high = static_cast<std::uint8_t>(payload[2 * i + 1]);
      samples_[i] = static_cast<std::int16_t>(low | high << 8);
    }
    callbacks_.on_audio(samples_);
  }

  void Closed(absl::Status status) {
    if (!buffer_.empty() && status.ok()) Complain("the agent's last frame was cut off");
    callbacks_.on_closed(agent_hung_up_ || leaving_ ? absl::OkStatus() : std::move(status));
  }

  std::unique_ptr<ByteStream> stream_;
  Executor& executor_;
  Callbacks callbacks_;
  std::string buffer_;
  std::vector<std::int16_t> samples_;
  bool leaving_ = false;
  bool agent_hung_up_ = false;
  Lifetime lifetime_;
};

}  // namespace

std::unique_ptr<CallerLine> OpenAudioSocketLine(std::unique_ptr<ByteStream> stream,
                                                std::span<const std::uint8_t> uuid,
                                                Executor& executor,
                                                CallerLine::Callbacks callbacks) {
  auto line = std::make_unique<AudioSocketLine>(std::move(stream), executor, std::move(callbacks));
  line->Open(uuid);
  return line;
}

}  // namespace dragoman::lab
