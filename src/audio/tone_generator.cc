#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "dragoman/audio/tones.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

constexpr std::string_view kKeys = "123A456B789C*0#D";
constexpr double kRows[] = {697, 770, 852, 941};
constexpr double kColumns[] = {1209, 1336, 1477, 1633};

// Adds a sine that fades in and out over 2 ms, so that it does not click.
void AddSine(std::span<std::int16_t> out, double hz, double amplitude, int rate) {
  const auto fade = static_cast<double>(rate) / 500;
  for (size_t i = 0; i < out.size(); ++i) {
    const auto at = static_cast<double>(i);
    const double edge =
        std::min({1.0, (at + 1) / fade, (static_cast<double>(out.size()) - at) / fade});
    const double value = edge * amplitude * std::sin(2 * std::numbers::pi * hz * at / rate);
    out[i] = static_cast<std::int16_t>(std::lround(out[i] + value));
  }
}

struct Cadence {
  double low_hz, high_hz;  // high 0: one tone
  int on_ms, period_ms;    // period 0: without end
};

Cadence CadenceOf(ToneKind kind) {
  switch (kind) {
    case ToneKind::kDtmf:
      return {0, 0, 0, 0};
    case ToneKind::kBeep:
      return {1000, 0, 0, 0};
    case ToneKind::kRingback:
      return {440, 480, 2000, 6000};
    case ToneKind::kBusy:
      return {480, 620, 500, 1000};
    case ToneKind::kDial:
      return {350, 440, 0, 0};
    case ToneKind::kFaxCalling:
      return {1100, 0, 500, 3500};
    case ToneKind::kFaxAnswer:
      return {2100, 0, 0, 0};
  }
  return {0, 0, 0, 0};
}

size_t Samples(std::chrono::milliseconds length, int rate) {
  return static_cast<size_t>(SampleCount(length, rate));
}

}  // namespace

std::string_view ToneName(ToneKind kind) {
  switch (kind) {
    case ToneKind::kDtmf:
      return "dtmf";
    case ToneKind::kBeep:
      return "beep";
    case ToneKind::kRingback:
      return "ringback";
    case ToneKind::kBusy:
      return "busy";
    case ToneKind::kDial:
      return "dial";
    case ToneKind::kFaxCalling:
      return "fax_calling";
    case ToneKind::kFaxAnswer:
      return "fax_answer";
  }
  return "unknown";
}

absl::Status DtmfOptions::Validate() const {
  using std::chrono::milliseconds;
  if (sample_rate_hz < 8000 || sample_rate_hz > 48000) {
    return InvalidArgument("sample_rate_hz is ", sample_rate_hz, "; expected 8000 to 48000");
  }
  for (auto [name, value] : {std::pair("on", on), std::pair("off", off)}) {
    if (value < milliseconds(40) || value > milliseconds(2000)) {
      return InvalidArgument(name, " is ", value, "; expected 40 ms to 2000 ms");
    }
  }
  if (!(level_dbfs >= -40 && level_dbfs <= -6)) {
    return InvalidArgument("level_dbfs is ", level_dbfs, "; expected -40 to -6");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::int16_t>> RenderDtmf(std::string_view digits,
                                                     const DtmfOptions& options) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  const size_t on = Samples(options.on, options.sample_rate_hz);
  const size_t off = Samples(options.off, options.sample_rate_hz);
  // Two equal tones whose power together is that of one sine at the level asked for.
  const double amplitude = 32767 * std::pow(10, options.level_dbfs / 20) / std::numbers::sqrt2;
  std::vector<std::int16_t> samples(digits.size() * (on + off));
  for (size_t i = 0; i < digits.size(); ++i) {
    const size_t key = kKeys.find(digits[i]);
    if (key == std::string_view::npos) {
      return InvalidArgument("dtmf digit ", i + 1, " is not a key; expected 0-9, *, #, A-D");
    }
    const auto part = std::span(samples).subspan(i * (on + off), on);
    AddSine(part, kRows[key / 4], amplitude, options.sample_rate_hz);
    AddSine(part, kColumns[key % 4], amplitude, options.sample_rate_hz);
  }
  return samples;
}

std::vector<std::int16_t> RenderTone(ToneKind kind, std::chrono::milliseconds length) {
  constexpr int kRate = 8000;
  constexpr double kAmplitude = 8000;
  std::vector<std::int16_t> samples(Samples(length, kRate));
  const Cadence cadence = CadenceOf(kind);
  if (cadence.low_hz == 0) return samples;
  const size_t period =
      cadence.period_ms > 0 ? static_cast<size_t>(cadence.period_ms) * 8 : samples.size();
  const size_t on = cadence.period_ms > 0 ? static_cast<size_t>(cadence.on_ms) * 8 : samples.size();
  const bool pair = cadence.high_hz > 0;
  for (size_t at = 0; at < samples.size(); at += period) {
    const auto part = std::span(samples).subspan(at, std::min(on, samples.size() - at));
    AddSine(part, cadence.low_hz, pair ? kAmplitude / 2 : kAmplitude, kRate);
    if (pair) AddSine(part, cadence.high_hz, kAmplitude / 2, kRate);
  }
  return samples;
}

}  // namespace dragoman
