// Twilio media messages, one a line: the short way and the JSON parser agree on every one, from
// either side, and no sequence of them harms a call.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/core/text.h"
#include "dragoman/providers/loopback/pipes.h"
#include "dragoman/providers/twilio/media_stream.h"
#include "dragoman/testing/manual_executor.h"
#include "src/wire/twilio_media.h"

namespace dragoman {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireEqual(const TwilioMessage& a, const TwilioMessage& b) {
  Require(a.event == b.event);
  Require(a.sequence_number == b.sequence_number);
  Require(a.stream_sid == b.stream_sid);
  Require(a.track == b.track);
  Require(a.chunk == b.chunk);
  Require(a.timestamp_ms == b.timestamp_ms);
  Require(std::vector<std::uint8_t>(a.payload.begin(), a.payload.end()) ==
          std::vector<std::uint8_t>(b.payload.begin(), b.payload.end()));
  Require(a.digit == b.digit);
  Require(a.mark == b.mark);
  Require(a.start == b.start);
  Require(a.protocol == b.protocol);
  Require(a.version == b.version);
}

void CompareWays(const std::vector<std::string_view>& lines, TwilioMediaDecoder::Sender sender) {
  TwilioMediaDecoder fast(sender);
  TwilioMediaDecoder::Limits limits;
  limits.shape_cache = false;
  TwilioMediaDecoder strict(sender, limits);
  TwilioMessage by_shape;
  TwilioMessage by_parser;
  // Twice, so that the second round meets the shapes that the first one learned.
  for (int round = 0; round < 2; ++round) {
    for (std::string_view line : lines) {
      const absl::Status short_way = fast.Decode(line, by_shape);
      const absl::Status long_way = strict.Decode(line, by_parser);
      Require(short_way == long_way);
      if (short_way.ok()) RequireEqual(by_shape, by_parser);
    }
  }
}

class Agent : public CallAgent {
 public:
  void Accept(std::unique_ptr<Call> accepted) override {
    call = std::move(accepted);
    call->media()->Start(
        {.on_audio = [](const PcmFrame& frame) { Require(frame.samples.size() <= 160); },
         .on_dtmf = [](char) {},
         .on_playout =
             [this](PlayoutPosition at) { Require(at.position <= call->media()->sent()); },
         .on_closed = [this](absl::Status) { Require(++closed == 1); }});
  }
  std::unique_ptr<Call> call;
  int closed = 0;
};

void DriveCall(const std::vector<std::string_view>& lines) {
  ManualExecutor executor;
  Agent agent;
  auto acceptor = *MakeTwilioMediaAcceptor({}, {.executor = &executor, .agent = &agent});
  WebSocketPipe pipe = MakeWebSocketPipe(executor);
  acceptor->Accept(std::move(pipe.a));
  pipe.b->Start({});
  const std::vector<std::int16_t> audio(160, 500);
  for (std::string_view line : lines) {
    (void)pipe.b->SendText(line);
    executor.RunFor(std::chrono::milliseconds(20));
    if (agent.call == nullptr) continue;
    (void)agent.call->media()->Play({audio, 8000});
    if (line.size() % 7 == 0) agent.call->media()->Clear();
  }
  executor.RunFor(std::chrono::seconds(6));
}

}  // namespace
}  // namespace dragoman

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < 24) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  CompareWays(lines, TwilioMediaDecoder::Sender::kTwilio);
  CompareWays(lines, TwilioMediaDecoder::Sender::kApplication);
  // Without it there is no call to harm.
  if (!lines.empty() && lines[0].find("connected") != std::string_view::npos) DriveCall(lines);
  return 0;
}
