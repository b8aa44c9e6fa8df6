// A call on the host's own thread: no socket, no server. Every 20 ms the host pushes what its
// microphone heard and pulls what its loudspeaker shall play. Here the microphone is caller.wav
// (mono, 8000 Hz) and the loudspeaker agent.wav:  raw_audio_session caller.wav agent.wav
#include <array>
#include <cstdio>
#include <thread>

#include "dragoman/audio/wav.h"
#include "dragoman/core/clock.h"
#include "dragoman/runtime/runtime.h"
#include "dragoman/telephony/raw_audio_call.h"

constexpr int kRate = 8000;
constexpr std::size_t kFrame = kRate / 50;  // 20 ms
constexpr int kPatience = 6 * 50;           // frames from the end of the file to hanging up

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "raw_audio_session: %s\n", status.ToString().c_str());
  return 1;
}

void Print(const dragoman::SessionEvent& event) {
  using Kind = dragoman::SessionEvent::Kind;
  if (event.text.empty()) return;
  if (event.kind == Kind::kUserSaid) std::printf("caller: %s\n", event.text.c_str());
  if (event.kind == Kind::kAgentHeard) std::printf("agent:  %s\n", event.text.c_str());
}

int main(int argc, char** argv) {
  if (argc != 3) return Fail(absl::InvalidArgumentError("expected caller.wav agent.wav"));
  auto caller = dragoman::ReadWavFile(argv[1]);
  if (!caller.ok()) return Fail(caller.status());
  auto agent = dragoman::WavWriter::Create(argv[2], kRate, 1);
  if (!agent.ok()) return Fail(agent.status());

  dragoman::SystemClock clock;
  dragoman::PumpedExecutor executor(clock);  // runs on this thread, when RunReady is called
  auto runtime = dragoman::Runtime::Create({.recognizers = 1});
  if (!runtime.ok()) return Fail(runtime.status());
  auto raw = dragoman::MakeRawAudioCall({.sample_rate_hz = kRate}, executor);
  if (!raw.ok()) return Fail(raw.status());
  bool done = false;
  auto session = (*runtime)->StartSession(
      std::move(raw->call), {.on_event = Print, .on_done = [&](auto) { done = true; }});
  if (!session.ok()) return Fail(session.status());

  std::size_t heard = 0;  // samples of the agent's voice
  auto next = std::chrono::steady_clock::now();
  for (std::size_t at = 0; !done; at += kFrame) {
    std::array<std::int16_t, kFrame> microphone{}, loudspeaker;
    for (std::size_t i = 0; i < kFrame && at + i < caller->samples.size(); ++i) {
      microphone[i] = caller->samples[at + i];
    }
    (void)raw->port->PushAudio({.samples = microphone, .sample_rate_hz = kRate});
    heard += raw->port->PullAudio(loudspeaker);
    if (auto written = (*agent)->Write(loudspeaker); !written.ok()) return Fail(written);
    if (at > caller->samples.size() + kPatience * kFrame) raw->port->HangUp();
    executor.RunReady();
    std::this_thread::sleep_until(next += std::chrono::milliseconds(20));
  }
  return (*agent)->Close().ok() && heard > kRate ? 0 : 1;
}
