// AudioSocket bytes: the same frames wherever they are cut, and no bytes harm a call. The first
// byte says where to cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/status.h"
#include "dragoman/providers/asterisk/audio_socket.h"
#include "dragoman/providers/loopback/pipes.h"
#include "dragoman/testing/manual_executor.h"
#include "src/wire/audio_socket.h"

namespace dragoman {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// Whether it is the end: an error.
bool DecodeInto(AudioSocketDecoder& decoder, std::string_view bytes, std::string& log) {
  decoder.Append(bytes);
  AudioSocketFrame frame;
  while (true) {
    absl::StatusOr<bool> next = decoder.Next(frame);
    if (!next.ok()) {
      log += MessageOf(next.status());
      return true;
    }
    if (!*next) return false;
    log += static_cast<char>('0' + static_cast<int>(frame.event));
    if (frame.event == AudioSocketEvent::kUuid) log += frame.uuid;
    if (frame.event == AudioSocketEvent::kDtmf) log += frame.digit;
    if (frame.event == AudioSocketEvent::kError) log += StrCat(frame.error_code);
    if (frame.event != AudioSocketEvent::kAudio) continue;
    log += StrCat(frame.sample_rate_hz, ":");
    log.append(reinterpret_cast<const char*>(frame.samples.data()), frame.samples.size_bytes());
  }
}

class Agent : public CallAgent {
 public:
  void Accept(std::unique_ptr<Call> accepted) override {
    call = std::move(accepted);
    call->media()->Start(
        {.on_audio = [](const PcmFrame& frame) { Require(frame.samples.size() == 160); },
         .on_closed = [this](absl::Status) { Require(++closed == 1); }});
  }
  std::unique_ptr<Call> call;
  int closed = 0;
};

void DriveCall(std::string_view bytes, std::size_t piece) {
  ManualExecutor executor;
  Agent agent;
  auto acceptor =
      *MakeAudioSocketAcceptor({.accept_any_uuid = true}, {.executor = &executor, .agent = &agent});
  ByteStreamPipe pipe = MakeByteStreamPipe(executor);
  acceptor->Accept(std::move(pipe.a));
  pipe.b->Start({});
  const std::vector<std::int16_t> audio(500, 500);
  while (!bytes.empty()) {
    const std::size_t take = std::min(bytes.size(), piece);
    (void)pipe.b->Write(bytes.substr(0, take));
    bytes.remove_prefix(take);
    executor.RunFor(std::chrono::milliseconds(20));
    if (agent.call != nullptr) (void)agent.call->media()->Play({audio, 8000});
  }
  executor.RunFor(std::chrono::seconds(6));
}

}  // namespace
}  // namespace dragoman

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  if (size == 0) return 0;
  const std::size_t piece = data[0] + 1u;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);

  AudioSocketDecoder whole;
  std::string all;
  DecodeInto(whole, bytes, all);
  AudioSocketDecoder cut;
  std::string pieces;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (DecodeInto(cut, bytes.substr(at, piece), pieces)) break;
  }
  Require(all == pieces);
  DriveCall(bytes, piece);
  return 0;
}
