// The carrier's end of a Twilio stream for tests: plays what it receives in (virtual) real time,
// echoes marks when they are reached, and returns them all at once on `clear`.
#ifndef DRAGOMAN_TESTS_PROVIDERS_TWILIO_FAKE_CARRIER_H_
#define DRAGOMAN_TESTS_PROVIDERS_TWILIO_FAKE_CARRIER_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/executor.h"
#include "dragoman/transport/web_socket.h"
#include "src/wire/twilio_media.h"

namespace dragoman {

class FakeTwilioCarrier {
 public:
  struct Received {
    TwilioEvent event;
    std::size_t bytes = 0;  // of media
    std::string mark;
    TimePoint at{};
  };

  using OpenSocket = std::function<std::unique_ptr<WebSocket>(WebSocketCallbacks)>;

  FakeTwilioCarrier(Executor& executor, std::unique_ptr<AcceptedWebSocket> socket)
      : FakeTwilioCarrier(executor, [&socket](WebSocketCallbacks callbacks) {
          socket->Start(std::move(callbacks));
          return std::move(socket);
        }) {}
  FakeTwilioCarrier(Executor& executor, const OpenSocket& open)
      : executor_(executor),
        encoder_({.account_sid = "AC1",
                  .stream_sid = "MZ1",
                  .call_sid = "CA1",
                  .custom_parameters = {{"from", "+15550100"}, {"tenant", "acme"}}}),
        timer_(executor) {
    socket_ = open({.on_open = [this] { on_open(); },
                    .on_message = [this](std::string_view text, bool) { OnMessage(text); },
                    .on_closed =
                        [this](absl::Status, std::uint16_t code, std::string_view reason) {
                          closed = code;
                          close_reason = reason;
                          on_closed();
                        }});
  }

  void Connect() {
    encoder_.Connected(text_);
    Send(text_);
    encoder_.Start(text_);
    Send(text_);
  }
  void Send(std::string_view text) { (void)socket_->SendText(text); }
  void Media(std::uint64_t timestamp_ms, const std::vector<std::uint8_t>& mulaw,
             TwilioTrack track = TwilioTrack::kInbound) {
    encoder_.Media(track, timestamp_ms, mulaw, text_);
    Send(text_);
  }
  void Dtmf(char digit) {
    encoder_.Dtmf(digit, text_);
    Send(text_);
  }
  void Mark(std::string_view name) {
    encoder_.Mark(name, text_);
    Send(text_);
  }
  void Stop() {
    encoder_.Stop(text_);
    Send(text_);
  }
  void Drop() { socket_.reset(); }
  WebSocket& socket() { return *socket_; }

  // What a person at the phone has heard so far, in samples.
  std::int64_t Heard() {
    Drain();
    return static_cast<std::int64_t>(heard.size());
  }
  std::chrono::milliseconds Buffered() {
    Drain();
    return std::chrono::milliseconds(buffer_.size() / 8);
  }

  std::vector<Received> received;
  std::vector<std::uint8_t> heard;
  std::optional<int> closed;
  std::string close_reason;
  bool echo_marks = true;
  std::function<void()> on_open = [] {};
  std::function<void()> on_closed = [] {};

 private:
  void OnMessage(std::string_view text) {
    absl::Status status = decoder_.Decode(text, message_);
    ASSERT_TRUE(status.ok()) << status << ": " << text;
    ASSERT_EQ(message_.stream_sid, "MZ1");
    Drain();
    received.push_back({message_.event, message_.payload.size(), message_.mark, executor_.Now()});
    if (message_.event == TwilioEvent::kMedia) {
      buffer_.insert(buffer_.end(), message_.payload.begin(), message_.payload.end());
      appended_ += static_cast<std::int64_t>(message_.payload.size());
    } else if (message_.event == TwilioEvent::kMark) {
      marks_.emplace_back(appended_, message_.mark);
    } else if (message_.event == TwilioEvent::kClear) {
      buffer_.clear();
      appended_ = static_cast<std::int64_t>(heard.size());
      for (auto& mark : marks_) mark.first = appended_;
    }
    Echo();
  }

  // Plays up to now, at 8 samples a millisecond.
  void Drain() {
    const TimePoint now = executor_.Now();
    if (buffer_.empty()) {
      played_until_ = now;
      return;
    }
    auto samples = (now - played_until_).count() * 8 / 1000;
    played_until_ += std::chrono::microseconds(samples * 125);
    while (samples-- > 0 && !buffer_.empty()) {
      heard.push_back(buffer_.front());
      buffer_.pop_front();
    }
    if (buffer_.empty()) played_until_ = now;
  }

  void Echo() {
    Drain();
    while (!marks_.empty() && marks_.front().first <= static_cast<std::int64_t>(heard.size())) {
      if (echo_marks) Mark(marks_.front().second);
      marks_.pop_front();
    }
    if (marks_.empty()) return;
    const auto missing = marks_.front().first - static_cast<std::int64_t>(heard.size());
    timer_.StartAt(played_until_ + std::chrono::microseconds(missing * 125), [this] { Echo(); });
  }

  Executor& executor_;
  std::unique_ptr<WebSocket> socket_;
  TwilioCarrierEncoder encoder_;
  TwilioMediaDecoder decoder_{TwilioMediaDecoder::Sender::kApplication};
  TwilioMessage message_;
  std::string text_;
  std::deque<std::uint8_t> buffer_;
  std::int64_t appended_ = 0;
  std::deque<std::pair<std::int64_t, std::string>> marks_;
  TimePoint played_until_{};
  Timer timer_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_PROVIDERS_TWILIO_FAKE_CARRIER_H_
