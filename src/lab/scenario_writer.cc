#include <cstdio>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/lab/recorded_call.h"
#include "src/lab/toml_text.h"

namespace dragoman::lab {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;

std::string_view WordOf(FaultPlace place) {
  static constexpr std::string_view kWords[] = {"model", "tool", "synthesizer", "recognizer"};
  return kWords[static_cast<int>(place)];
}
std::string_view WordOf(FaultKind kind) {
  static constexpr std::string_view kWords[] = {"delay", "hang", "fail", "die", "stall", "empty"};
  return kWords[static_cast<int>(kind)];
}

std::string CueText(const Cue& cue) {
  const std::string words = StrCat("/", cue.words.empty() ? ".*" : cue.words.source(), "/");
  switch (cue.kind) {
    case CueKind::kStart:
      return "start";
    case CueKind::kAgentSays:
      return StrCat("agent says ", words);
    case CueKind::kAgentSpeaks:
      return StrCat("agent speaks ", LengthText(cue.length),
                    cue.words.empty() ? "" : StrCat(" of ", words));
    case CueKind::kAgentSilent:
      return StrCat("agent silent ", LengthText(cue.length));
    case CueKind::kAfter:
      return StrCat("after ", LengthText(cue.length));
    case CueKind::kToolRuns:
      return cue.tool.empty() ? "tool runs" : StrCat("tool ", cue.tool, " runs");
  }
  return "";
}

std::string SayText(const std::vector<SpeechPiece>& say) {
  std::string text;
  for (const SpeechPiece& piece : say) {
    text += StrCat(text.empty() ? "" : " ", piece.text);
    if (piece.pause_after > milliseconds(0)) {
      text += StrCat(" <pause ", LengthText(piece.pause_after), ">");
    }
  }
  return text;
}

std::string StepText(const Step& step) {
  std::string out = StrCat("\n[[step]]\nwhen = ", TomlText(CueText(step.when)), "\n");
  if (step.delay > milliseconds(0)) {
    out += StrCat("delay = ", TomlText(LengthText(step.delay)), "\n");
  }
  switch (step.action) {
    case ActionKind::kSay:
      out += StrCat("say = ", TomlText(SayText(step.say)), "\n");
      break;
    case ActionKind::kDtmf:
      out += StrCat("dtmf = ", TomlText(step.keys), "\n");
      break;
    case ActionKind::kNoise:
      out += StrCat("make_noise = ", TomlText(Name(step.noise)),
                    "\nlength = ", TomlText(LengthText(step.length)), "\n");
      break;
    case ActionKind::kWait:
      out += StrCat("wait = ", TomlText(LengthText(step.length)), "\n");
      break;
    case ActionKind::kHangUp:
      out += "hang_up = true\n";
      break;
  }
  if (step.aside && step.action != ActionKind::kNoise) out += "aside = true\n";
  if (step.optional) out += "optional = true\n";
  return out;
}

std::string BookingText(std::string_view table, const Booking& booking) {
  return StrCat("\n[[", table, "]]\nname = ", TomlText(booking.name),
                "\ndate = ", TomlText(booking.date), "\ntime = ", TomlText(booking.time), "\n");
}

std::string FaultText(const Fault& fault) {
  std::string out = StrCat("\n[[fault]]\nwhere = ", TomlText(WordOf(fault.where)),
                           "\nwhat = ", TomlText(WordOf(fault.what)), "\nat = ", fault.at, "\n");
  if (fault.times != 1) out += StrCat("times = ", fault.times, "\n");
  if (fault.length > milliseconds(0)) {
    out += StrCat("length = ", TomlText(LengthText(fault.length)), "\n");
  }
  if (!fault.tool.empty()) out += StrCat("tool = ", TomlText(fault.tool), "\n");
  return out;
}

std::string PatternsText(std::string_view key, const std::vector<Pattern>& patterns) {
  if (patterns.empty()) return "";
  std::string out = StrCat(key, " = [\n");
  for (const Pattern& pattern : patterns) out += StrCat("  ", TomlText(pattern.source()), ",\n");
  return out + "]\n";
}

std::string ExpectText(const Expectations& expect) {
  std::string out = "\n[expect]\n";
  if (!expect.outcomes.empty()) {
    out += StrCat("outcome = ", TomlText(Name(expect.outcomes.front())), "\n");
  }
  if (expect.goodbye_heard) out += "goodbye_heard = true\n";
  if (expect.bookings && expect.bookings->empty()) out += "no_booking = true\n";
  out += StrCat("min_interruptions = ", expect.min_interruptions, "\n");
  if (expect.max_interruptions >= 0) {
    out += StrCat("max_interruptions = ", expect.max_interruptions, "\n");
  }
  if (expect.max_owed_silence != Expectations().max_owed_silence) {
    out += StrCat("max_owed_silence = ", TomlText(LengthText(expect.max_owed_silence)), "\n");
  }
  out += PatternsText("agent_says", expect.agent_says);
  out += PatternsText("caller_words", expect.caller_words);
  out += "\n[expect.tool_calls]\n";
  for (const auto& [tool, count] : expect.tool_calls)
    out += StrCat(TomlKey(tool), " = ", count, "\n");
  if (expect.bookings) {
    for (const Booking& booking : *expect.bookings) out += BookingText("expect.booking", booking);
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> FormatScenario(const Scenario& scenario, std::string_view comment) {
  std::string out(comment);
  out +=
      StrCat("name = ", TomlText(scenario.name), "\nabout = ", TomlText(scenario.about),
             "\nkind = ", TomlText(Name(scenario.kind)), "\nwire = ", TomlText(Name(scenario.wire)),
             "\nseed = ", scenario.seed, "\nnow = ", TomlText(WallText(scenario.now)),
             "\ntime_limit = ", TomlText(LengthText(scenario.time_limit)), "\n");
  for (const Fault& fault : scenario.faults) out += FaultText(fault);
  for (const Booking& booking : scenario.taken) out += BookingText("taken", booking);
  for (const Step& step : scenario.steps) out += StepText(step);
  out += ExpectText(scenario.expect);
  if (out.size() > kMostBytes) {
    return InvalidArgument("the call makes a scenario of ", out.size(), " bytes; expected at most ",
                           kMostBytes);
  }
  return out;
}

}  // namespace dragoman::lab
