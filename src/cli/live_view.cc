#include "src/cli/live_view.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "dragoman/agent/call_events.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/cli/terminal_text.h"

namespace dragoman::cli {
namespace {

using Kind = SessionEvent::Kind;
using call_command::NoticeKind;
using std::chrono::microseconds;

constexpr int kIndent = 20;  // "  0:07.9  caller    "
constexpr std::string_view kCaller = "36";
constexpr std::string_view kAgent = "33";
constexpr std::string_view kTool = "35";
constexpr std::string_view kAlarm = "1;31";
constexpr std::string_view kDim = "2";
constexpr std::string_view kNames[4] = {"pause", "model", "voice", "line"};
constexpr std::string_view kColors[4] = {"90", "35", "33", "36"};

bool Is(const SessionEvent& event, NoticeKind kind) { return event.name == Name(kind); }

std::string Clock(microseconds at) {
  const std::int64_t tenths = std::max<std::int64_t>(at.count(), 0) / 100'000;
  std::string text = StrCat(tenths / 600, ":", tenths / 10 % 60 < 10 ? "0" : "", tenths / 10 % 60,
                            ".", tenths % 10);
  return std::string(text.size() < 8 ? 8 - text.size() : 0, ' ') + text + "  ";
}

std::string Pad(std::string_view who) {
  return std::string(who) + std::string(who.size() < 10 ? 10 - who.size() : 0, ' ');
}

std::string Took(microseconds time) {
  const std::int64_t ms = std::max<std::int64_t>(time.count() / 1000, 0);
  return ms < 1000 ? StrCat(ms, " ms") : StrCat(ms / 1000, ".", ms / 100 % 10, " s");
}

// What a notice is to a person who watches; empty: nothing.
std::string Told(const SessionEvent& event) {
  const std::string words = event.text.empty() ? "" : StrCat(" \"", event.text, "\"");
  if (Is(event, NoticeKind::kBargeIn)) return StrCat("the caller interrupts", words);
  if (Is(event, NoticeKind::kStopped)) return "the agent stops for a sound";
  if (Is(event, NoticeKind::kFalseInterruption)) return "it was nothing, the agent goes on";
  if (Is(event, NoticeKind::kBackchannel))
    return StrCat("taken as listening, not as a turn:", words);
  if (Is(event, NoticeKind::kEcho)) return StrCat("the agent heard itself:", words);
  if (Is(event, NoticeKind::kReprompt)) return "the caller says nothing";
  if (Is(event, NoticeKind::kWrapUp)) return "the time is nearly up";
  if (Is(event, NoticeKind::kLoop)) return "the same words again and again";
  if (Is(event, NoticeKind::kModelFailed)) return StrCat("the model failed:", words);
  if (Is(event, NoticeKind::kSpeechFailed)) return "the voice failed";
  return {};
}

// Tools' results can be long; the page and the log have them whole.
std::string Short(std::string_view text) {
  constexpr size_t kMost = 160;
  if (text.size() <= kMost) return std::string(text);
  size_t end = kMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;  // whole characters
  return StrCat(text.substr(0, end), "...");
}

}  // namespace

LiveViewOptions OptionsFor(int file_descriptor, const char* (*environment)(const char*)) {
  const auto variable = [&](const char* name) {
    const char* value = environment(name);
    return std::string_view(value ? value : "");
  };
  LiveViewOptions options;
  const bool terminal = isatty(file_descriptor) == 1 && variable("TERM") != "dumb";
  options.redraw = terminal;
  options.color = terminal && variable("NO_COLOR").empty();
  winsize size{};
  if (terminal && ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.width = size.ws_col;
  } else if (const int columns = std::atoi(std::string(variable("COLUMNS")).c_str()); columns > 0) {
    options.width = columns;
  }
  options.unicode = false;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (variable(name).empty()) continue;
    const std::string locale = ToLowerAscii(variable(name));
    options.unicode =
        locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    break;
  }
  return options;
}

LiveView::LiveView(LiveViewOptions options) : options_(options) {
  options_.width = std::clamp(options_.width, 40, 400);
}

std::string LiveView::Paint(std::string_view codes, std::string text) const {
  if (!options_.color || codes.empty() || text.empty()) return text;
  return StrCat("\x1b[", codes, "m", text, "\x1b[0m");
}

std::string LiveView::Row(microseconds at, std::string_view who, std::string_view codes,
                          std::string_view text) const {
  std::string out = Paint(kDim, Clock(at)) + Paint(codes, Pad(who));
  const bool said = codes == kCaller || codes == kAgent;
  std::string_view indent;
  const std::string blanks(kIndent, ' ');
  for (const std::string& line : WrapText(CleanText(text), options_.width - kIndent)) {
    out += StrCat(indent, said ? line : Paint(codes, line), "\n");
    indent = blanks;
  }
  return out;
}

std::string LiveView::Show(const SessionEvent& event) {
  if (event.kind == Kind::kUserPartial) return Partial(event);
  std::string out;
  switch (event.kind) {
    case Kind::kUserPartial:
      break;
    case Kind::kUserSaid:
      out = Row(event.at, "caller", kCaller, event.text);
      break;
    case Kind::kUserPressed:
      out = Row(event.at, "caller", kCaller, StrCat("[presses ", event.text, "]"));
      break;
    case Kind::kAgentSays:
      out = Row(event.at, "agent", kAgent, event.text);
      break;
    case Kind::kAgentHeard:
      break;
    case Kind::kAgentUnheard:
      out = Row(event.at, "", kDim, StrCat("not heard: ", event.text));
      break;
    case Kind::kToolCalled:
      tools_[event.id] = event.at;
      out = Row(event.at, "tool", kTool, StrCat(event.name, " ", Short(event.text)));
      break;
    case Kind::kToolReturned: {
      const auto called = tools_.extract(event.id);
      const std::string took = called ? StrCat(" (", Took(event.at - called.mapped()), ")") : "";
      out = Row(event.at, event.ok ? "tool" : "failed", event.ok ? kTool : kAlarm,
                StrCat(event.name, took, ": ", Short(event.text)));
      break;
    }
    case Kind::kNotice:
      out = Notice(event);
      break;
    case Kind::kEnded: {
      std::string outcome = event.name;
      std::replace(outcome.begin(), outcome.end(), '_', ' ');
      out = Row(event.at, "end", "1", StrCat(outcome, event.text.empty() ? "" : ": ", event.text));
      break;
    }
  }
  if (out.empty() || !partial_shown_) return out;
  partial_shown_ = false;
  return "\r\x1b[K" + out;
}

// What the caller seems to be saying, on the line where the turn will stand.
std::string LiveView::Partial(const SessionEvent& event) {
  if (!options_.redraw) return {};
  partial_shown_ = true;
  // One column stays free: a cursor behind the last one would wrap.
  const std::string text = KeepEnd(CleanText(event.text), options_.width - kIndent - 1);
  return "\r\x1b[K" + Paint(kDim, Clock(event.at)) + Paint(kCaller, Pad("caller")) +
         Paint(kDim, text);
}

std::string LiveView::Notice(const SessionEvent& event) {
  Marks& marks = marks_[event.id];
  const auto first = [&](std::optional<Micros>& mark) {
    if (!mark) mark = event.at;
    return std::string();
  };
  if (Is(event, NoticeKind::kMarkSpeechEnd)) return first(marks.speech_end);
  if (Is(event, NoticeKind::kMarkEndpoint)) return first(marks.endpoint);
  if (Is(event, NoticeKind::kMarkModelAsked)) return first(marks.model_asked);
  if (Is(event, NoticeKind::kMarkFirstText)) return first(marks.first_text);
  if (Is(event, NoticeKind::kMarkFirstAudio)) return first(marks.first_audio);
  if (Is(event, NoticeKind::kMarkHeard)) return Waterfall(event);
  const std::string told = Told(event);
  if (told.empty()) return {};
  const bool alarm = Is(event, NoticeKind::kBargeIn) || Is(event, NoticeKind::kModelFailed) ||
                     Is(event, NoticeKind::kSpeechFailed);
  return Row(event.at, Is(event, NoticeKind::kBargeIn) ? "barge-in" : "", alarm ? kAlarm : kDim,
             told);
}

// Once for each turn: what the time from the caller's last sound to the reply's first went to.
std::string LiveView::Waterfall(const SessionEvent& heard) {
  const auto found = marks_.extract(heard.id);
  if (!found || !found.mapped().speech_end) return {};
  const Marks& marks = found.mapped();
  const std::optional<Micros> ends[4] = {marks.endpoint, marks.first_text, marks.first_audio,
                                         heard.at};
  std::int64_t stages[4] = {};
  Micros reached = *marks.speech_end;
  for (int i = 0; i < 4; ++i) {
    const Micros at = std::max(reached, ends[i].value_or(reached));
    stages[i] = (at - reached).count() / 1000;
    reached = at;
  }
  std::string numbers = StrCat("answered in ", Took(reached - *marks.speech_end), " ");
  for (int i = 0; i < 4; ++i) {
    numbers += StrCat(i == 0             ? " "
                      : options_.unicode ? " \xC2\xB7 "
                                         : ", ",
                      kNames[i], " ", stages[i]);
  }
  if (marks.model_asked && marks.endpoint && *marks.model_asked < *marks.endpoint) {
    numbers += StrCat(options_.unicode ? " \xC2\xB7 " : ", ", "asked ",
                      (*marks.endpoint - *marks.model_asked).count() / 1000, " ahead");
  }
  std::string out;
  const std::string indent(kIndent, ' ');
  for (const std::string& line : WrapText(numbers, options_.width - kIndent)) {
    out += indent + Paint(kDim, line) + "\n";
  }
  return out + indent + Bar(stages) + "\n";
}

// 40 ms a column; longer ones are shortened to the width in proportion.
std::string LiveView::Bar(const std::int64_t (&stages)[4]) const {
  constexpr std::string_view kBlocks[4] = {"\xE2\x96\x91", "\xE2\x96\x92", "\xE2\x96\x93",
                                           "\xE2\x96\x88"};
  constexpr std::string_view kLetters[4] = {".", "m", "v", "l"};
  std::int64_t whole = 1;
  for (const std::int64_t stage : stages) whole += stage;
  const std::int64_t room = std::min(options_.width - kIndent - 4, 48);
  const std::int64_t per_column = std::max<std::int64_t>(40, whole / room + 1);
  std::string out;
  for (int i = 0; i < 4; ++i) {
    const std::int64_t columns =
        stages[i] == 0 ? 0 : std::max<std::int64_t>(1, stages[i] / per_column);
    std::string part;
    for (std::int64_t n = 0; n < columns; ++n) {
      part += options_.unicode ? kBlocks[i] : kLetters[i];
    }
    out += Paint(kColors[i], std::move(part));
  }
  return out;
}

}  // namespace dragoman::cli
