#include "src/server/call_page_parts.h"

#include <algorithm>
#include <array>

namespace dragoman {
namespace {

using std::chrono::milliseconds;
using Mark = std::optional<milliseconds>;

constexpr std::string_view kDash = "\xE2\x80\x94";

struct Stage {
  std::string_view name;
  milliseconds length;
};

// What filled the time from the caller's last sound to the reply's first, in order, up to the first
// mark that is missing. A mark that came early (the model was asked ahead) fills no time.
std::vector<Stage> Stages(const CallPageWaterfall& waterfall) {
  constexpr std::array<std::string_view, 4> kNames = {"pause", "model", "voice", "line"};
  const std::array<Mark, 4> marks = {waterfall.endpoint, waterfall.first_text,
                                     waterfall.first_audio, waterfall.heard};
  std::vector<Stage> stages;
  if (!waterfall.speech_end) return stages;
  milliseconds reached = *waterfall.speech_end;
  for (std::size_t i = 0; i < marks.size() && marks[i]; ++i) {
    const milliseconds at = std::max(reached, *marks[i]);
    stages.push_back({kNames[i], at - reached});
    reached = at;
  }
  return stages;
}

void AddWaterfall(const CallPageWaterfall& waterfall, milliseconds longest, Html& out) {
  const std::vector<Stage> stages = Stages(waterfall);
  const auto response = ResponseTime(waterfall);
  out.Raw("<li><div class=\"top\"><span class=\"n\">").Number(waterfall.turn).Raw("</span>");
  if (waterfall.speech_end) {
    out.Raw("<button type=\"button\" class=\"seek q\" data-t=\"")
        .Seconds(*waterfall.speech_end)
        .Raw("\"><bdi>")
        .Text(waterfall.text)
        .Raw("</bdi></button>");
  } else {
    out.Raw("<span class=\"q\"><bdi>").Text(waterfall.text).Raw("</bdi></span>");
  }
  out.Raw("<b>");
  if (response) {
    out.Number(response->count());
  } else {
    out.Text(kDash);
  }
  out.Raw("</b></div>\n<div class=\"fall\">");
  for (const Stage& stage : stages) {
    out.Raw("<i class=\"")
        .Text(stage.name)
        .Raw("\" style=\"width:")
        .Percent(stage.length.count(), longest.count())
        .Raw("\"></i>");
  }
  out.Raw("</div>\n<div class=\"parts\">");
  for (const Stage& stage : stages) {
    out.Raw("<span class=\"")
        .Text(stage.name)
        .Raw("\">")
        .Text(stage.name)
        .Raw(" <b>")
        .Number(stage.length.count())
        .Raw("</b></span>");
  }
  if (waterfall.model_asked && waterfall.endpoint && *waterfall.model_asked < *waterfall.endpoint) {
    out.Raw("<span class=\"ahead\">asked ")
        .Number((*waterfall.endpoint - *waterfall.model_asked).count())
        .Raw(" ms ahead</span>");
  }
  out.Raw("</div></li>\n");
}

void AddMultiline(std::string_view label, std::string_view text, Html& out) {
  if (text.empty()) return;
  out.Raw("<dt>").Text(label).Raw("</dt><dd><code>").Text(text).Raw("</code></dd>");
}

void AddTool(const CallPageTool& tool, Html& out) {
  if (tool.ok) {
    out.Raw("<li class=\"toolcall\">");
  } else {
    out.Raw("<li class=\"toolcall failed\">");
  }
  out.Raw("<div><button type=\"button\" class=\"seek at\" data-t=\"")
      .Seconds(tool.start)
      .Raw("\">")
      .Text(ClockTime(tool.start))
      .Raw("</button><b>")
      .Text(tool.name)
      .Raw("</b><span>")
      .Text(Duration(tool.end - tool.start))
      .Raw("</span></div><dl>");
  AddMultiline("with", tool.arguments, out);
  AddMultiline(tool.ok ? "gave" : "failed", tool.result, out);
  out.Raw("</dl></li>\n");
}

void AddTurn(const CallPageTurn& turn, Html& out) {
  const bool caller = turn.party == CallPageParty::kCaller;
  if (caller) {
    out.Raw("<li class=\"turn caller\" data-s=\"");
  } else {
    out.Raw("<li class=\"turn agent\" data-s=\"");
  }
  out.Seconds(turn.start)
      .Raw("\" data-e=\"")
      .Seconds(turn.end)
      .Raw("\"><button type=\"button\" class=\"seek at\" data-t=\"")
      .Seconds(turn.start)
      .Raw("\">")
      .Text(ClockTime(turn.start))
      .Raw("</button><div class=\"said\"><span class=\"name\">")
      .Text(caller ? "Caller" : "Agent");
  if (!turn.note.empty()) out.Raw("<em>").Text(turn.note).Raw("</em>");
  out.Raw("</span><p dir=\"auto\"><bdi>").Text(turn.text).Raw("</bdi>");
  if (!turn.unheard.empty()) {
    out.Raw(" <del title=\"not heard by the caller\">").Text(turn.unheard).Raw("</del>");
  }
  if (turn.text.empty() && turn.unheard.empty()) out.Text(kDash);
  out.Raw("</p></div></li>\n");
}

void AddMoment(const CallPageMoment& moment, Html& out) {
  if (moment.interruption) {
    out.Raw("<li class=\"moment cut\">");
  } else {
    out.Raw("<li class=\"moment\">");
  }
  out.Raw("<button type=\"button\" class=\"seek at\" data-t=\"")
      .Seconds(moment.at)
      .Raw("\">")
      .Text(ClockTime(moment.at))
      .Raw("</button><span>")
      .Text(moment.text)
      .Raw("</span></li>\n");
}

}  // namespace

std::optional<milliseconds> ResponseTime(const CallPageWaterfall& waterfall) {
  if (!waterfall.speech_end || !waterfall.heard) return std::nullopt;
  return std::max(*waterfall.heard - *waterfall.speech_end, milliseconds(0));
}

void AddWaterfalls(const CallPageInput& input, Html& out) {
  if (input.waterfalls.empty()) return;
  milliseconds longest{1};
  for (const CallPageWaterfall& waterfall : input.waterfalls) {
    milliseconds length{0};
    for (const Stage& stage : Stages(waterfall)) length += stage.length;
    longest = std::max(longest, length);
  }
  out.Raw("<section class=\"card\"><h2>How fast it answered</h2>\n<p class=\"hint\">From the ")
      .Raw("caller\xE2\x80\x99s last sound to the reply\xE2\x80\x99s first, in milliseconds: the ")
      .Raw("pause that ends a turn, the model\xE2\x80\x99s first word, the voice\xE2\x80\x99s ")
      .Raw("first sound, and the line.</p>\n<ol class=\"falls\">\n");
  for (const CallPageWaterfall& waterfall : input.waterfalls) AddWaterfall(waterfall, longest, out);
  out.Raw("</ol></section>\n");
}

void AddTranscript(const CallPageInput& input, Html& out) {
  // Turns, tools and moments in one line of time; a turn before what happened in it.
  struct Row {
    milliseconds at;
    std::string markup;
  };
  std::vector<Row> rows;
  rows.reserve(input.turns.size() + input.tools.size() + input.moments.size());
  for (const CallPageTurn& turn : input.turns) {
    Html row;
    AddTurn(turn, row);
    rows.push_back({turn.start, row.Take()});
  }
  for (const CallPageTool& tool : input.tools) {
    Html row;
    AddTool(tool, row);
    rows.push_back({tool.start, row.Take()});
  }
  for (const CallPageMoment& moment : input.moments) {
    Html row;
    AddMoment(moment, row);
    rows.push_back({moment.at, row.Take()});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.at < b.at; });
  out.Raw("<section class=\"card\"><h2>What was said</h2>\n<ol class=\"talk\">\n");
  for (const Row& row : rows) out.Markup(row.markup);
  if (rows.empty()) out.Raw("<li class=\"moment\"><span>Nobody said anything.</span></li>\n");
  out.Raw("</ol></section>\n");
}

void AddFiles(const CallPageInput& input, Html& out) {
  if (input.files.empty()) return;
  out.Raw("<section class=\"card\"><h2>Files</h2>\n<ul class=\"files\">\n");
  for (const CallPageFile& file : input.files) {
    const std::string url = FileUrl(file.name);
    if (url.empty()) continue;
    out.Raw("<li><a href=\"").Text(url).Raw("\">").Text(file.label).Raw("</a> <code>");
    out.Text(file.name.substr(file.name.find_last_of("/\\") + 1)).Raw("</code></li>\n");
  }
  out.Raw("</ul></section>\n");
}

void AddChecks(const CallPageInput& input, Html& out) {
  if (input.checks.empty()) return;
  out.Raw("<section class=\"card\"><h2>What had to be true</h2>\n<ul class=\"checks\">\n");
  for (const CallPageCheck& check : input.checks) {
    if (check.ok) {
      out.Raw("<li class=\"good\">");
    } else {
      out.Raw("<li class=\"bad\">");
    }
    out.Text(check.text);
    if (!check.detail.empty()) out.Raw("<small>").Text(check.detail).Raw("</small>");
    out.Raw("</li>\n");
  }
  out.Raw("</ul></section>\n");
}

void AddFacts(const CallPageInput& input, Html& out) {
  if (input.facts.empty()) return;
  out.Raw("<section class=\"card\"><h2>About this call</h2>\n<dl class=\"facts\">\n");
  for (const CallPageFact& fact : input.facts) {
    out.Raw("<dt>").Text(fact.name).Raw("</dt><dd>").Text(fact.value).Raw("</dd>\n");
  }
  out.Raw("</dl></section>\n");
}

void AddEvents(const CallPageInput& input, Html& out) {
  if (input.events.empty()) return;
  out.Raw("<details class=\"card\"><summary>Every event (")
      .Number(static_cast<std::int64_t>(input.events.size()))
      .Raw(")</summary>\n<div class=\"wide\"><table><tbody>\n");
  for (const CallPageEvent& event : input.events) {
    out.Raw("<tr><td><button type=\"button\" class=\"seek at\" data-t=\"")
        .Seconds(event.at)
        .Raw("\">")
        .Seconds(event.at)
        .Raw("</button></td><td>")
        .Text(event.name)
        .Raw("</td><td>")
        .Text(event.text)
        .Raw("</td></tr>\n");
  }
  out.Raw("</tbody></table></div></details>\n");
}

}  // namespace dragoman
