// The player: two lanes of waveform with the turns over them, moments, tools, a time axis.
#include <algorithm>

#include "src/server/call_page_parts.h"

namespace dragoman {
namespace {

using std::chrono::milliseconds;

constexpr int kLaneHeight = 100;  // user units of a lane's picture; it is stretched to fit

// Half the height of a stroke, 1 to 48: between linear, which hides quiet speech, and the square
// root, which makes all speech look alike.
int HalfHeight(int loudness) {
  int root = 0;
  while ((root + 1) * (root + 1) <= loudness * 255) ++root;
  return std::max((loudness + root) * 48 / (2 * 255), 1);
}

// As many strokes as can be told apart: 420 on a page's width, more where a long call is scrolled.
std::vector<std::uint8_t> Strokes(const std::vector<std::uint8_t>& peaks, milliseconds duration) {
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(420, duration.count() / 400));
  const std::size_t count = std::min(peaks.size(), most);
  std::vector<std::uint8_t> strokes(count);
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    std::uint8_t& stroke = strokes[i * count / peaks.size()];
    stroke = std::max(stroke, peaks[i]);
  }
  return strokes;
}

// One vertical stroke for each value.
void AddWave(const std::vector<std::uint8_t>& peaks, Html& out) {
  out.Raw("<svg class=\"wave\" preserveAspectRatio=\"none\" aria-hidden=\"true\" viewBox=\"0 0 ")
      .Number(static_cast<std::int64_t>(peaks.size()) * 2)
      .Raw(" ")
      .Number(kLaneHeight)
      .Raw("\"><path d=\"");
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    const int height = HalfHeight(peaks[i]);
    out.Raw("M")
        .Number(static_cast<std::int64_t>(i) * 2 + 1)
        .Raw(" ")
        .Number(kLaneHeight / 2 - height)
        .Raw("v")
        .Number(2 * height);
  }
  out.Raw("\"/></svg>\n");
}

void AddSpan(milliseconds start, milliseconds end, milliseconds whole, Html& out) {
  out.Raw("style=\"left:")
      .Percent(start.count(), whole.count())
      .Raw(";width:")
      .Percent(std::max<std::int64_t>((end - start).count(), 0), whole.count())
      .Raw("\"");
}

void AddLane(const CallPageInput& input, CallPageParty party, Html& out) {
  const bool caller = party == CallPageParty::kCaller;
  if (caller) {
    out.Raw("<div class=\"lane caller\">");
  } else {
    out.Raw("<div class=\"lane agent\">");
  }
  AddWave(Strokes(caller ? input.peaks.caller : input.peaks.agent, input.duration), out);
  for (const CallPageTurn& turn : input.turns) {
    if (turn.party != party || turn.end <= turn.start) continue;
    out.Raw("<button type=\"button\" tabindex=\"-1\" class=\"band\" data-t=\"")
        .Seconds(turn.start)
        .Raw("\" ");
    AddSpan(turn.start, turn.end, input.duration, out);
    out.Raw(" title=\"")
        .Text(ClockTime(turn.start))
        .Raw("  ")
        .Text(turn.text)
        .Raw("\"></button>\n");
  }
  out.Raw("</div>\n");
}

void AddMiddle(const CallPageInput& input, Html& out) {
  out.Raw("<div class=\"middle\">\n");
  for (const CallPageTool& tool : input.tools) {
    out.Raw("<button type=\"button\" tabindex=\"-1\" class=\"tool\" data-t=\"")
        .Seconds(tool.start)
        .Raw("\" ");
    AddSpan(tool.start, tool.end, input.duration, out);
    out.Raw(" title=\"")
        .Text(ClockTime(tool.start))
        .Raw("  tool ")
        .Text(tool.name)
        .Raw("\"></button>\n");
  }
  for (const CallPageMoment& moment : input.moments) {
    if (!moment.interruption) continue;
    out.Raw("<button type=\"button\" tabindex=\"-1\" class=\"cut\" data-t=\"")
        .Seconds(moment.at)
        .Raw("\" style=\"left:")
        .Percent(moment.at.count(), input.duration.count())
        .Raw("\" title=\"")
        .Text(ClockTime(moment.at))
        .Raw("  ")
        .Text(moment.text)
        .Raw("\"></button>\n");
  }
  out.Raw("</div>\n");
}

// About eight ticks, at round times.
void AddAxis(milliseconds duration, Html& out) {
  constexpr std::int64_t kSteps[] = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600};
  std::int64_t step = kSteps[0];
  for (const std::int64_t candidate : kSteps) {
    step = candidate;
    if (duration.count() / 1000 / step <= 8) break;
  }
  out.Raw("<div class=\"axis\" aria-hidden=\"true\">");
  for (std::int64_t at = 0; at * 1000 < duration.count(); at += step) {
    const std::string clock = ClockTime(milliseconds(at * 1000));
    out.Raw("<i style=\"left:")
        .Percent(at * 1000, duration.count())
        .Raw("\">")
        .Text(std::string_view(clock).substr(0, clock.size() - 2))
        .Raw("</i>");
  }
  out.Raw("</div>\n");
}

}  // namespace

void AddPlayer(const CallPageInput& input, Html& out) {
  const std::string url = FileUrl(input.audio.name);
  out.Raw("<section class=\"card player\" aria-label=\"Recording\">\n<div class=\"bar\">\n");
  if (!url.empty()) {
    out.Raw("<button class=\"play\" type=\"button\" disabled aria-label=\"Play\"></button>\n");
  }
  out.Raw("<output class=\"clock\">0:00.0</output><span class=\"of\">of ")
      .Text(ClockTime(input.duration))
      .Raw("</span>\n<span class=\"legend\"><b class=\"c\">Caller</b><b class=\"a\">Agent</b>")
      .Raw("<b class=\"t\">Tool</b><b class=\"x\">Interruption</b></span>\n");
  if (!url.empty()) {
    out.Raw("<label class=\"speed\">Speed <select><option value=\"1\">1\xC3\x97</option>")
        .Raw("<option value=\"1.5\">1.5\xC3\x97</option><option value=\"2\">2\xC3\x97</option>")
        .Raw("</select></label>\n");
  }
  out.Raw("</div>\n<div class=\"scroll\" tabindex=\"0\" role=\"slider\" aria-valuemin=\"0\" ")
      .Raw("aria-label=\"Position in the call\" aria-valuenow=\"0\" aria-valuemax=\"")
      .Number(input.duration.count() / 1000)
      .Raw("\"><div class=\"time\" data-duration=\"")
      .Seconds(input.duration)
      .Raw("\" style=\"min-width:")
      .Number(input.duration.count() * 6 / 1000)
      .Raw("px\">\n");
  AddLane(input, CallPageParty::kCaller, out);
  AddMiddle(input, out);
  AddLane(input, CallPageParty::kAgent, out);
  out.Raw("<div class=\"head\"></div>\n");
  AddAxis(input.duration, out);
  out.Raw("</div></div>\n");
  if (!url.empty()) {
    out.Raw("<audio preload=\"metadata\" src=\"")
        .Text(url)
        .Raw(
            "\"></audio>\n<p class=\"silent\" hidden>The recording could not be played: it should ")
        .Raw("lie beside this page as <code>")
        .Text(input.audio.name)
        .Raw("</code>.</p>\n");
  }
  out.Raw("</section>\n");
}

}  // namespace dragoman
