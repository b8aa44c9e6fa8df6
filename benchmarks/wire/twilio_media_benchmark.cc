// What a Twilio media frame of 20 ms costs in user space, in and out, beside a JSON library.
//
//   wire_twilio_media_benchmark --benchmark_repetitions=9
//   --benchmark_enable_random_interleaving=true
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "dragoman/audio/g711.h"
#include "dragoman/core/base64.h"
#include "dragoman/core/random.h"
#include "src/wire/twilio_media.h"

namespace dragoman {
namespace {

constexpr int kFrames = 512;  // different payloads and numbers, so that nothing is learned by heart

TwilioStart Start() {
  return {.account_sid = "AC0123456789abcdef0123456789abcdef",
          .stream_sid = "MZ0123456789abcdef0123456789abcdef",
          .call_sid = "CA0123456789abcdef0123456789abcdef"};
}

std::vector<std::vector<std::uint8_t>> Payloads(std::size_t bytes) {
  SeededRandom random(1);
  std::vector<std::vector<std::uint8_t>> payloads(kFrames);
  for (auto& payload : payloads) {
    for (std::size_t i = 0; i < bytes; ++i) {
      payload.push_back(static_cast<std::uint8_t>(random.Next()));
    }
  }
  return payloads;
}

// One in `strange` has its keys in another order and a field more; 0: none.
std::vector<std::string> InboundMessages(int strange) {
  TwilioCarrierEncoder encoder(Start());
  std::vector<std::string> messages;
  std::string text;
  std::uint64_t timestamp = 0;
  for (const auto& payload : Payloads(160)) {
    encoder.Media(TwilioTrack::kInbound, timestamp, payload, text);
    if (strange > 0 && static_cast<int>(messages.size()) % strange == strange - 1) {
      nlohmann::ordered_json reordered;
      auto parsed = nlohmann::ordered_json::parse(text);
      reordered["streamSid"] = parsed["streamSid"];
      reordered["media"] = parsed["media"];
      reordered["media"]["level"] = timestamp;
      reordered["event"] = "media";
      text = reordered.dump();
    }
    messages.push_back(text);
    timestamp += 20;
  }
  return messages;
}

void Decode(benchmark::State& state, bool shape_cache, int strange) {
  const std::vector<std::string> messages = InboundMessages(strange);
  TwilioMediaDecoder::Limits limits;
  limits.shape_cache = shape_cache;
  TwilioMediaDecoder decoder(TwilioMediaDecoder::Sender::kTwilio, limits);
  TwilioMessage message;
  std::vector<std::int16_t> pcm(160);
  std::size_t i = 0;
  for (auto _ : state) {
    if (!decoder.Decode(messages[i], message).ok()) std::abort();
    DecodeMulaw(message.payload, pcm);
    benchmark::DoNotOptimize(pcm.data());
    benchmark::ClobberMemory();
    i = (i + 1) % kFrames;
  }
  state.counters["frames/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void BM_FrameToPcm(benchmark::State& state) { Decode(state, true, 0); }
void BM_FrameToPcm_OneIn50Strange(benchmark::State& state) { Decode(state, true, 50); }
void BM_FrameToPcm_StrictParserOnly(benchmark::State& state) { Decode(state, false, 0); }

// Straightforward code with the same result.
void BM_FrameToPcm_Nlohmann(benchmark::State& state) {
  const std::vector<std::string> messages = InboundMessages(0);
  std::vector<std::int16_t> pcm(160);
  std::size_t i = 0;
  for (auto _ : state) {
    auto json = nlohmann::json::parse(messages[i]);
    if (json["event"] != "media") std::abort();
    benchmark::DoNotOptimize(std::stoull(json["media"]["timestamp"].get<std::string>()));
    std::string mulaw = *DecodeBase64(json["media"]["payload"].get_ref<const std::string&>());
    DecodeMulaw(std::span(reinterpret_cast<const std::uint8_t*>(mulaw.data()), mulaw.size()), pcm);
    benchmark::DoNotOptimize(pcm.data());
    benchmark::ClobberMemory();
    i = (i + 1) % kFrames;
  }
}

std::vector<std::int16_t> Pcm(std::size_t samples) {
  SeededRandom random(2);
  std::vector<std::int16_t> pcm;
  for (std::size_t i = 0; i < samples; ++i) {
    pcm.push_back(static_cast<std::int16_t>(random.Next()));
  }
  return pcm;
}

// Argument: milliseconds in the message.
void BM_PcmToMessage(benchmark::State& state) {
  const std::vector<std::int16_t> pcm = Pcm(static_cast<std::size_t>(state.range(0)) * 8);
  std::vector<std::uint8_t> mulaw(pcm.size());
  TwilioApplicationEncoder encoder(Start().stream_sid);
  std::string out;
  for (auto _ : state) {
    EncodeMulaw(pcm, mulaw);
    encoder.Media(mulaw, out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}

void BM_PcmToMessage_Nlohmann(benchmark::State& state) {
  const std::vector<std::int16_t> pcm = Pcm(static_cast<std::size_t>(state.range(0)) * 8);
  std::string mulaw(pcm.size(), '\0');
  const std::string stream_sid = Start().stream_sid;
  for (auto _ : state) {
    EncodeMulaw(pcm, std::span(reinterpret_cast<std::uint8_t*>(mulaw.data()), mulaw.size()));
    nlohmann::json json = {{"event", "media"},
                           {"streamSid", stream_sid},
                           {"media", {{"payload", EncodeBase64(mulaw)}}}};
    std::string out = json.dump();
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}

BENCHMARK(BM_FrameToPcm);
BENCHMARK(BM_FrameToPcm_OneIn50Strange);
BENCHMARK(BM_FrameToPcm_StrictParserOnly);
BENCHMARK(BM_FrameToPcm_Nlohmann);
BENCHMARK(BM_PcmToMessage)->Arg(20)->Arg(200);
BENCHMARK(BM_PcmToMessage_Nlohmann)->Arg(20)->Arg(200);

}  // namespace
}  // namespace dragoman
