// The codec path of a call, each beside a reference arm of the same run: 20 ms of phone audio are
// 160 samples, 160 bytes of G.711, 216 characters of base64.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dragoman/audio/g711.h"
#include "dragoman/audio/resampler.h"
#include "dragoman/audio/tones.h"
#include "dragoman/core/base64.h"

#ifdef DRAGOMAN_WITH_SOXR
#include <soxr.h>
#endif
#ifdef DRAGOMAN_WITH_SPEEXDSP
#include <speex/speex_resampler.h>
#endif

namespace dragoman {
namespace {

std::vector<std::int16_t> Signal(size_t count) {
  std::vector<std::int16_t> samples(count);
  for (size_t i = 0; i < count; ++i) {
    const auto t = static_cast<double>(i);
    samples[i] = static_cast<std::int16_t>(9000 * std::sin(0.31 * t) + 4000 * std::sin(1.7 * t));
  }
  return samples;
}

std::vector<std::uint8_t> Mulaw() {
  std::vector<std::uint8_t> codes(160);
  EncodeMulaw(Signal(160), codes);
  return codes;
}

void BM_MulawDecode(benchmark::State& state) {
  const auto codes = Mulaw();
  std::vector<std::int16_t> out(160);
  for (auto _ : state) {
    DecodeMulaw(codes, out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_MulawDecode);

void BM_MulawDecodeTable(benchmark::State& state) {  // reference: one look-up per sample
  const auto codes = Mulaw();
  std::vector<std::int16_t> table(256);
  for (int i = 0; i < 256; ++i)
    table[static_cast<size_t>(i)] = DecodeMulaw(static_cast<std::uint8_t>(i));
  std::vector<std::int16_t> out(160);
  for (auto _ : state) {
    for (size_t i = 0; i < codes.size(); ++i) out[i] = table[codes[i]];
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_MulawDecodeTable);

void BM_MulawEncode(benchmark::State& state) {
  const auto samples = Signal(160);
  std::vector<std::uint8_t> out(160);
  for (auto _ : state) {
    EncodeMulaw(samples, out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_MulawEncode);

void BM_MulawEncodeSegmentSearch(
    benchmark::State& state) {  // reference: the standard's own wording
  const auto samples = Signal(160);
  std::vector<std::uint8_t> out(160);
  for (auto _ : state) {
    for (size_t i = 0; i < samples.size(); ++i) {
      int v = samples[i] >> 2;
      const int mask = v < 0 ? 0x7f : 0xff;
      v = std::min(v < 0 ? -v : v, 8159) + 33;
      int segment = 0;
      while (segment < 8 && v > (64 << segment) - 1) ++segment;
      out[i] = static_cast<std::uint8_t>(
          (segment == 8 ? 0x7f : (segment << 4) | ((v >> (segment + 1)) & 15)) ^ mask);
    }
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_MulawEncodeSegmentSearch);

void BM_Base64Encode(benchmark::State& state) {
  const auto codes = Mulaw();
  std::vector<char> out(Base64EncodedSize(codes.size()));
  for (auto _ : state) {
    benchmark::DoNotOptimize(EncodeBase64(codes, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_Base64Encode);

void BM_Base64EncodeNaive(
    benchmark::State& state) {  // reference: grows a string, a character a time
  const auto codes = Mulaw();
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (auto _ : state) {
    std::string text;
    for (size_t i = 0; i < codes.size(); i += 3) {
      unsigned bits = 0;
      for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (i + k < codes.size() ? codes[i + k] : 0u);
      for (size_t k = 0; k < 4; ++k)
        text += i + k > codes.size() ? '=' : kAlphabet[bits >> (18 - 6 * k) & 63];
    }
    benchmark::DoNotOptimize(text.data());
  }
}
BENCHMARK(BM_Base64EncodeNaive);

void BM_Base64Decode(benchmark::State& state) {
  const auto codes = Mulaw();
  std::vector<char> text(Base64EncodedSize(codes.size()));
  EncodeBase64(codes, text);
  std::vector<std::uint8_t> out(codes.size());
  for (auto _ : state) {
    benchmark::DoNotOptimize(DecodeBase64(std::string_view(text.data(), text.size()), out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_Base64Decode);

// 216 characters to 160 samples, and back: the codec part of a media frame (K13 without its JSON).
void BM_FrameIn(benchmark::State& state) {
  const auto codes = Mulaw();
  std::vector<char> text(Base64EncodedSize(codes.size()));
  EncodeBase64(codes, text);
  std::vector<std::uint8_t> bytes(codes.size());
  std::vector<std::int16_t> out(codes.size());
  for (auto _ : state) {
    benchmark::DoNotOptimize(DecodeBase64(std::string_view(text.data(), text.size()), bytes));
    DecodeMulaw(bytes, out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_FrameIn);

void BM_FrameOut(benchmark::State& state) {
  const auto samples = Signal(160);
  std::vector<std::uint8_t> bytes(160);
  std::vector<char> text(Base64EncodedSize(160));
  for (auto _ : state) {
    EncodeMulaw(samples, bytes);
    benchmark::DoNotOptimize(EncodeBase64(bytes, text));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_FrameOut);

void BM_ToneDetector(benchmark::State& state) {
  const auto samples = Signal(160);
  ToneDetector detector;
  for (auto _ : state) benchmark::DoNotOptimize(detector.Process(samples));
}
BENCHMARK(BM_ToneDetector);

void Rates(benchmark::internal::Benchmark* benchmark) {
  for (auto [from, to] : {std::pair(8000, 16000),
                          {16000, 8000},
                          {24000, 8000},
                          {8000, 24000},
                          {16000, 24000},
                          {24000, 16000},
                          {48000, 8000},
                          {8000, 48000}}) {
    benchmark->Args({from, to});
  }
}

// 20 ms each.
void BM_Resample(benchmark::State& state) {
  Resampler resampler =
      *Resampler::Create(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)));
  const auto input = Signal(static_cast<size_t>(state.range(0) / 50));
  std::vector<std::int16_t> out(resampler.MaxOutput(input.size()));
  for (auto _ : state) {
    benchmark::DoNotOptimize(resampler.Process(input, out));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_Resample)->Apply(Rates);

#ifdef DRAGOMAN_WITH_SOXR
void BM_ResampleSoxr(benchmark::State& state) {  // medium quality
  const soxr_io_spec_t io = soxr_io_spec(SOXR_INT16_I, SOXR_INT16_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_MQ, 0);
  soxr_t soxr =
      soxr_create(static_cast<double>(state.range(0)), static_cast<double>(state.range(1)), 1,
                  nullptr, &io, &quality, nullptr);
  const auto input = Signal(static_cast<size_t>(state.range(0) / 50));
  std::vector<std::int16_t> out(static_cast<size_t>(state.range(1) / 50) + 64);
  for (auto _ : state) {
    size_t taken = 0;
    size_t written = 0;
    soxr_process(soxr, input.data(), input.size(), &taken, out.data(), out.size(), &written);
    benchmark::DoNotOptimize(written);
    benchmark::ClobberMemory();
  }
  soxr_delete(soxr);
}
BENCHMARK(BM_ResampleSoxr)->Apply(Rates);
#endif

#ifdef DRAGOMAN_WITH_SPEEXDSP
void BM_ResampleSpeex(benchmark::State& state) {  // quality 3, its default for voice over IP
  int error = 0;
  SpeexResamplerState* speex =
      speex_resampler_init(1, static_cast<spx_uint32_t>(state.range(0)),
                           static_cast<spx_uint32_t>(state.range(1)), 3, &error);
  const auto input = Signal(static_cast<size_t>(state.range(0) / 50));
  std::vector<std::int16_t> out(static_cast<size_t>(state.range(1) / 50) + 64);
  for (auto _ : state) {
    auto taken = static_cast<spx_uint32_t>(input.size());
    auto written = static_cast<spx_uint32_t>(out.size());
    speex_resampler_process_int(speex, 0, input.data(), &taken, out.data(), &written);
    benchmark::DoNotOptimize(written);
    benchmark::ClobberMemory();
  }
  speex_resampler_destroy(speex);
}
BENCHMARK(BM_ResampleSpeex)->Apply(Rates);
#endif

}  // namespace
}  // namespace dragoman
