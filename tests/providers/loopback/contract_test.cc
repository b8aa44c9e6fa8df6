#include <array>
#include <memory>
#include <utility>

#include "dragoman/providers/loopback/carrier.h"
#include "dragoman/telephony/raw_audio_call.h"
#include "dragoman/testing/fake_call.h"
#include "dragoman/testing/fake_carrier.h"
#include "tests/contract/call_contract.h"
#include "tests/contract/carrier_contract.h"
#include "tests/contract/media_stream_contract.h"

namespace dragoman {
namespace {

struct LoopbackHarness : ManualHarness {
  std::unique_ptr<Call> Connect() {
    LoopbackLine line =
        MakeLoopbackLine(executor(), {.id = "LB1", .carrier = "loopback", .to = "+15550100"});
    peer = std::move(line.caller);
    peer->media()->Start(listening.Callbacks());
    return std::move(line.callee);
  }
  void PeerSpeaks(const PcmFrame& frame) { (void)peer->media()->Play(frame); }
  void PeerPresses(char digit) { (void)peer->media()->SendDtmf(std::string_view(&digit, 1)); }
  void PeerEnds() { peer->HangUp(); }
  // Nothing is lost on the line: what was carried was heard.
  std::int64_t PeerHeard() {
    std::int64_t samples = 0;
    for (std::int16_t sample : listening.audio) samples += sample != 0 ? 1 : 0;
    return samples;
  }
  bool PeerSawEnd() { return listening.closed.size() == 1; }
  static constexpr bool kPaced = true;

  std::unique_ptr<Call> peer;
  MediaListening listening;
};

struct FakeCallHarness : ManualHarness {
  std::unique_ptr<Call> Connect() {
    FakeCallEnds ends = MakeFakeCall(executor(), {.ticks = false});
    caller = std::move(ends.caller);
    return std::move(ends.call);
  }
  void PeerSpeaks(const PcmFrame& frame) { caller->Speak(frame); }
  void PeerPresses(char digit) { caller->Press(digit); }
  void PeerEnds() { caller->HangUp(); }
  std::int64_t PeerHeard() { return static_cast<std::int64_t>(caller->heard().samples.size()); }
  bool PeerSawEnd() { return caller->agent_hung_up(); }
  static constexpr bool kPaced = false;

  std::unique_ptr<FakeCaller> caller;
};

// A host that pushes and pulls 20 ms at a time.
struct RawAudioHarness : ManualHarness {
  std::unique_ptr<Call> Connect() {
    RawAudio raw = *MakeRawAudioCall({}, executor());
    port = std::move(raw.port);
    Pull();
    return std::move(raw.call);
  }
  void Pull() {
    timer.Start(std::chrono::milliseconds(20), [this] {
      Pull();
      std::array<std::int16_t, 160> out;
      heard += static_cast<std::int64_t>(port->PullAudio(out));
    });
  }
  void PeerSpeaks(const PcmFrame& frame) { (void)port->PushAudio(frame); }
  void PeerPresses(char digit) { (void)port->PressKey(digit); }
  void PeerEnds() { port->HangUp(); }
  std::int64_t PeerHeard() { return heard; }
  bool PeerSawEnd() { return port->ended(); }
  static constexpr bool kPaced = false;

  std::unique_ptr<RawAudioPort> port;
  std::int64_t heard = 0;
  Timer timer{executor()};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Loopback, MediaStreamContract, LoopbackHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Loopback, CallContract, LoopbackHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, MediaStreamContract, FakeCallHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, CallContract, FakeCallHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(RawAudio, MediaStreamContract, RawAudioHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(RawAudio, CallContract, RawAudioHarness);

struct LoopbackCarrierHarness : ManualHarness {
  Carrier& carrier() { return *loopback; }
  DialRequest Answered() {
    loopback->Register("+15550100", {.agent = &agent, .ring_time = std::chrono::seconds(2)});
    return {.to = "+15550100", .from = "+15550199"};
  }
  DialRequest WithOutcome(DialOutcome outcome) {
    if (outcome == DialOutcome::kInvalidNumber) return {.to = "+15550404", .from = "+15550199"};
    loopback->Register("+15550101", {.agent = &agent, .outcome = outcome});
    return {.to = "+15550101", .from = "+15550199"};
  }
  FakeCallAgent agent;
  std::unique_ptr<LoopbackCarrier> loopback = MakeLoopbackCarrier();
};

struct FakeCarrierHarness : ManualHarness {
  Carrier& carrier() { return fake; }
  DialRequest Answered() { return {.to = "+15550100", .from = "+15550199"}; }
  DialRequest WithOutcome(DialOutcome outcome) {
    fake.Enqueue({.outcome = outcome});
    return Answered();
  }
  FakeCarrier fake;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Loopback, CarrierContract, LoopbackCarrierHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, CarrierContract, FakeCarrierHarness);

}  // namespace
}  // namespace dragoman
