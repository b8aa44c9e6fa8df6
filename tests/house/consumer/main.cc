// An application outside the tree: it knows the installed headers and find_package(dragoman) only.
#include <array>
#include <cstdio>

#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"
#include "dragoman/telephony/raw_audio_call.h"

int main() {
  dragoman::SystemClock clock;
  dragoman::PumpedExecutor executor(clock);
  auto raw = dragoman::MakeRawAudioCall({.sample_rate_hz = 8000}, executor);
  if (!raw.ok()) return std::fprintf(stderr, "%s\n", raw.status().ToString().c_str()), 1;

  // The agent's end says 20 ms of a constant; the host's end hears them, then silence.
  std::array<std::int16_t, 160> said;
  said.fill(1234);
  raw->call->media()->Start({});
  absl::Status played = raw->call->media()->Play({.samples = said, .sample_rate_hz = 8000});
  std::array<std::int16_t, 200> heard{};
  std::size_t samples = raw->port->PullAudio(heard);
  std::printf("heard %zu samples, the first %d\n", samples, heard[0]);
  return played.ok() && samples == 160 && heard[159] == 1234 && heard[160] == 0 ? 0 : 1;
}
