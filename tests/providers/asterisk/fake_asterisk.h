// Asterisk's end of an AudioSocket connection for tests: plays frames as they come.
#ifndef DRAGOMAN_TESTS_PROVIDERS_ASTERISK_FAKE_ASTERISK_H_
#define DRAGOMAN_TESTS_PROVIDERS_ASTERISK_FAKE_ASTERISK_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/executor.h"
#include "dragoman/transport/byte_stream.h"
#include "src/wire/audio_socket.h"

namespace dragoman {

inline constexpr std::string_view kTestUuid = "3f2a0b1c-4d5e-6f70-8192-a3b4c5d6e7f8";

class FakeAsterisk {
 public:
  FakeAsterisk(Executor& executor, std::unique_ptr<ByteStream> stream)
      : executor_(executor), stream_(std::move(stream)) {
    stream_->Start({.on_bytes = [this](std::string_view bytes) { OnBytes(bytes); },
                    .on_closed = [this](absl::Status) { closed = true; }});
  }

  void Send(std::string_view bytes) { (void)stream_->Write(bytes); }
  void SendUuid(std::string_view uuid = kTestUuid) {
    std::string out;
    ASSERT_TRUE(AppendAudioSocketUuid(uuid, out).ok());
    Send(out);
  }
  void SendAudio(std::span<const std::int16_t> samples, int rate = 8000) {
    std::string out;
    ASSERT_TRUE(AppendAudioSocketAudio(samples, rate, out).ok());
    Send(out);
  }
  void SendDtmf(char digit) {
    std::string out;
    AppendAudioSocketDtmf(digit, out);
    Send(out);
  }
  void SendHangUp() {
    std::string out;
    AppendAudioSocketHangUp(out);
    Send(out);
  }
  void Close() { stream_->Close(); }
  void Drop() { stream_.reset(); }

  std::vector<std::int16_t> heard;
  std::vector<TimePoint> frame_times;
  std::vector<std::size_t> frame_sizes;
  bool hung_up = false;
  bool closed = false;

 private:
  void OnBytes(std::string_view bytes) {
    decoder_.Append(bytes);
    AudioSocketFrame frame;
    while (true) {
      absl::StatusOr<bool> next = decoder_.Next(frame);
      ASSERT_TRUE(next.ok()) << next.status();
      if (!*next) return;
      if (frame.event == AudioSocketEvent::kHangUp) hung_up = true;
      if (frame.event != AudioSocketEvent::kAudio) continue;
      heard.insert(heard.end(), frame.samples.begin(), frame.samples.end());
      frame_times.push_back(executor_.Now());
      frame_sizes.push_back(frame.samples.size());
    }
  }

  Executor& executor_;
  std::unique_ptr<ByteStream> stream_;
  AudioSocketDecoder decoder_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_TESTS_PROVIDERS_ASTERISK_FAKE_ASTERISK_H_
