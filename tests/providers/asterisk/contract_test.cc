#include <algorithm>
#include <memory>
#include <utility>

#include "dragoman/providers/asterisk/audio_socket.h"
#include "dragoman/providers/loopback/pipes.h"
#include "dragoman/testing/fake_call.h"
#include "tests/contract/call_contract.h"
#include "tests/contract/media_stream_contract.h"
#include "tests/providers/asterisk/fake_asterisk.h"

namespace dragoman {
namespace {

struct AudioSocketHarness : ManualHarness {
  std::unique_ptr<Call> Connect() {
    acceptor = *MakeAudioSocketAcceptor({.accept_any_uuid = true},
                                        {.executor = &executor(), .agent = &agent});
    ByteStreamPipe pipe = MakeByteStreamPipe(executor());
    acceptor->Accept(std::move(pipe.a));
    asterisk = std::make_unique<FakeAsterisk>(executor(), std::move(pipe.b));
    asterisk->SendUuid();
    executor().RunUntilIdle();
    if (agent.calls().empty()) return nullptr;
    return std::move(agent.calls()[0]);
  }
  void PeerSpeaks(const PcmFrame& frame) {
    for (std::size_t at = 0; at < frame.samples.size(); at += 160) {
      asterisk->SendAudio(frame.samples.subspan(at, 160));
    }
  }
  void PeerPresses(char digit) { asterisk->SendDtmf(digit); }
  void PeerEnds() { asterisk->SendHangUp(); }
  // Frames sound from their arrival on, for 20 ms each; the silence that fills a last frame is none
  // of ours.
  std::int64_t PeerHeard() {
    std::int64_t samples = 0;
    for (TimePoint at : asterisk->frame_times) {
      const auto sounded = (executor().Now() - at).count() * 8 / 1000;
      samples += std::clamp<std::int64_t>(sounded, 0, 160);
    }
    return samples;
  }
  bool PeerSawEnd() { return asterisk->hung_up && asterisk->closed; }
  static constexpr bool kPaced = true;

  FakeCallAgent agent;
  std::unique_ptr<AudioSocketAcceptor> acceptor;
  std::unique_ptr<FakeAsterisk> asterisk;
};

INSTANTIATE_TYPED_TEST_SUITE_P(AudioSocket, MediaStreamContract, AudioSocketHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(AudioSocket, CallContract, AudioSocketHarness);

}  // namespace
}  // namespace dragoman
