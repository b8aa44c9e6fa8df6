#include <memory>
#include <utility>

#include "dragoman/audio/g711.h"
#include "dragoman/providers/loopback/pipes.h"
#include "dragoman/providers/twilio/media_stream.h"
#include "dragoman/testing/fake_call.h"
#include "tests/contract/call_contract.h"
#include "tests/contract/media_stream_contract.h"
#include "tests/providers/twilio/fake_carrier.h"

namespace dragoman {
namespace {

struct TwilioHarness : ManualHarness {
  std::unique_ptr<Call> Connect() {
    acceptor = *MakeTwilioMediaAcceptor({}, {.executor = &executor(), .agent = &agent});
    WebSocketPipe pipe = MakeWebSocketPipe(executor());
    acceptor->Accept(std::move(pipe.a));
    carrier = std::make_unique<FakeTwilioCarrier>(executor(), std::move(pipe.b));
    carrier->Connect();
    executor().RunUntilIdle();
    if (agent.calls().empty()) return nullptr;
    return std::move(agent.calls()[0]);
  }
  void PeerSpeaks(const PcmFrame& frame) {
    for (std::size_t at = 0; at < frame.samples.size(); at += 160, spoken_ms += 20) {
      std::vector<std::uint8_t> mulaw(160);
      EncodeMulaw(frame.samples.subspan(at, 160), mulaw);
      carrier->Media(spoken_ms, mulaw);
    }
  }
  void PeerPresses(char digit) { carrier->Dtmf(digit); }
  void PeerEnds() { carrier->Stop(); }
  std::int64_t PeerHeard() { return carrier->Heard(); }
  bool PeerSawEnd() { return carrier->closed.has_value(); }
  static constexpr bool kPaced = false;

  FakeCallAgent agent;
  std::unique_ptr<TwilioMediaAcceptor> acceptor;
  std::unique_ptr<FakeTwilioCarrier> carrier;
  std::uint64_t spoken_ms = 0;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Twilio, MediaStreamContract, TwilioHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Twilio, CallContract, TwilioHarness);

}  // namespace
}  // namespace dragoman
