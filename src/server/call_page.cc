#include "dragoman/server/call_page.h"

#include <algorithm>
#include <cstdlib>

#include "dragoman/core/status.h"
#include "src/server/call_page_assets.h"
#include "src/server/call_page_parts.h"
#include "src/server/html.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;

std::optional<milliseconds> MedianResponse(const CallPageInput& input) {
  std::vector<milliseconds> times;
  for (const CallPageWaterfall& waterfall : input.waterfalls) {
    if (const auto time = ResponseTime(waterfall)) times.push_back(*time);
  }
  if (times.empty()) return std::nullopt;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

void AddHead(const CallPageInput& input, Html& out) {
  out.Raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
      .Raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
      .Raw("style-src 'unsafe-inline'; media-src 'self' file:; base-uri 'none'; ")
      .Raw("form-action 'none'; script-src 'sha256-")
      .Markup(kCallPageScriptHash)
      .Raw("'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
      .Raw("<meta name=\"referrer\" content=\"no-referrer\">\n<title>")
      .Text(input.title)
      .Raw("</title>\n<style>")
      .Markup(kCallPageStyle)
      .Raw("</style>\n</head>\n");
}

void AddVerdict(const CallPageReplay& replay, Html& out) {
  if (replay.identical) {
    out.Raw("<p class=\"verdict good\"><b>Replay identical</b><span>")
        .Number(replay.commands)
        .Raw(" commands compared, field by field</span></p>\n");
    return;
  }
  out.Raw("<p class=\"verdict bad\"><b>Replay differs</b><span>")
      .Text(replay.detail)
      .Raw("</span></p>\n");
}

void AddTile(std::string_view name, std::string_view value, Html& out) {
  out.Raw("<div class=\"tile\"><dt>").Text(name).Raw("</dt><dd>").Text(value).Raw("</dd></div>\n");
}

void AddTop(const CallPageInput& input, Html& out) {
  out.Raw("<header>\n<div class=\"who\"><h1>").Text(input.title).Raw("</h1>\n");
  if (!input.subtitle.empty()) out.Raw("<p>").Text(input.subtitle).Raw("</p>\n");
  out.Raw("</div>\n<div class=\"aside\">\n");
  if (input.replay) AddVerdict(*input.replay, out);
  out.Raw("<button class=\"theme\" type=\"button\" hidden>Theme</button>\n</div>\n</header>\n");

  const auto turns =
      std::count_if(input.turns.begin(), input.turns.end(),
                    [](const CallPageTurn& turn) { return turn.party == CallPageParty::kCaller; });
  const auto interruptions =
      std::count_if(input.moments.begin(), input.moments.end(),
                    [](const CallPageMoment& moment) { return moment.interruption; });
  const auto median = MedianResponse(input);
  out.Raw("<dl class=\"tiles\">\n");
  AddTile("Duration", Duration(input.duration), out);
  AddTile("Caller's turns", std::to_string(turns), out);
  AddTile("Median response", median ? Duration(*median) : "\xE2\x80\x94", out);
  AddTile("Interruptions", std::to_string(interruptions), out);
  AddTile("Tool calls", std::to_string(input.tools.size()), out);
  if (!input.outcome.empty()) AddTile("Ended", input.outcome, out);
  out.Raw("</dl>\n");
}

std::uint8_t Loudness(int sample) {
  return static_cast<std::uint8_t>(std::min(std::abs(sample) * 255 / 32'767, 255));
}

}  // namespace

absl::StatusOr<CallPagePeaks> MakeCallPagePeaks(const WavAudio& recording, int buckets) {
  if (buckets < 1 || buckets > 100'000) {
    return InvalidArgument("buckets is ", buckets, "; expected 1 to 100000");
  }
  if (recording.channels < 1 || recording.channels > 2) {
    return InvalidArgument("the recording has ", recording.channels, " channels; expected 1 or 2");
  }
  const std::size_t frames = recording.frames();
  if (frames == 0) return InvalidArgument("the recording has no samples");
  const std::size_t count = std::min(frames, static_cast<std::size_t>(buckets));
  const std::size_t channels = static_cast<std::size_t>(recording.channels);
  CallPagePeaks peaks;
  peaks.caller.resize(count);
  peaks.agent.resize(count);
  for (std::size_t bucket = 0; bucket < count; ++bucket) {
    for (std::size_t frame = bucket * frames / count; frame < (bucket + 1) * frames / count;
         ++frame) {
      const std::int16_t* samples = &recording.samples[frame * channels];
      peaks.caller[bucket] = std::max(peaks.caller[bucket], Loudness(samples[0]));
      if (channels == 2) peaks.agent[bucket] = std::max(peaks.agent[bucket], Loudness(samples[1]));
    }
  }
  return peaks;
}

std::string RenderCallPage(const CallPageInput& input) {
  Html out;
  AddHead(input, out);
  out.Raw("<body>\n<main>\n");
  AddTop(input, out);
  AddPlayer(input, out);
  out.Raw("<div class=\"columns\">\n<div class=\"main\">\n");
  AddTranscript(input, out);
  out.Raw("</div>\n<div class=\"side\">\n");
  AddWaterfalls(input, out);
  AddChecks(input, out);
  AddFiles(input, out);
  AddFacts(input, out);
  out.Raw("</div>\n</div>\n");
  AddEvents(input, out);
  out.Raw("</main>\n<script>").Markup(kCallPageScript).Raw("</script>\n</body>\n</html>\n");
  return out.Take();
}

}  // namespace dragoman
