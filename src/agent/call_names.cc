// Names of the machine's parts, and its tables in print.
#include "dragoman/agent/call_machine.h"
#include "dragoman/core/status.h"
#include "src/agent/call_tables.h"
#include "src/agent/call_text.h"

namespace dragoman {
namespace {

template <std::size_t N>
std::string_view At(const std::array<std::string_view, N>& names, std::size_t index) {
  return index < N ? names[index] : std::string_view("?");
}

constexpr std::array<std::string_view, kTriggers - static_cast<int>(Trigger::kFirstSignal)>
    kSignals = {"words",     "text_changed", "speculate", "turn_done", "withdrawn",
                "run_tool",  "reply_done",   "open",      "end",       "fatal",
                "voiceless", "loop",         "call_ends", "line_gone", "(ready)"};

constexpr std::array<std::string_view, kGuards> kGuardNames = {
    "",
    "event has new words, sound goes on",
    "event has new words",
    "turn has content",
    "transcript is closed",
    "answers the flush",
    "answers the flush, sound goes on",
    "'#' or all digits, sound goes on",
    "sound goes on",
    "'#' or all digits",
    "of the running call",
    "may speak",
    "first utterance is over",
    "nothing is open",
    "interruptible",
    "meant",
    "sound was withdrawn",
    "time is up",
    "model can be asked",
    "line is up",
    "line is up, reply may be interrupted",
    "words as asked ahead",
    "other words than asked ahead",
    "has content",
    "failed, attempts left",
    "failed once too often",
    "failed",
    "only ends the call",
    "has tool calls",
    "has tool calls, rounds used up",
    "next call can run",
    "all calls answered",
    "turn can be asked",
    "an answer is owed",
    "called party speaks first",
    "before the limit",
    "silence is over",
    "all is said",
    "not hung up",
    "line closed, no tool runs",
};

constexpr std::array<std::string_view, kActions> kActionNames = {
    "",
    "begin turn",
    "sound starts",
    "sound stops",
    "pause begins now",
    "take partial",
    "take final",
    "drop final",
    "take estimate",
    "take digit",
    "try speculation",
    "flush",
    "final is overdue",
    "mark capped",
    "withdraw as noise",
    "close turn",
    "keep words",
    "start tool",
    "take result",
    "late result",
    "give up on tool",
    "speak next",
    "note audio",
    "note words",
    "note replaced",
    "note speech end",
    "note position",
    "settle first",
    "fall silent",
    "clear",
    "stop for sound",
    "interrupt",
    "drop what waits",
    "mark resume",
    "settle cut",
    "resume",
    "drop speech",
    "fail speech",
    "give up on playout",
    "settle all",
    "ask",
    "ask ahead",
    "take text",
    "cut sentences",
    "take call",
    "note done",
    "note stalled",
    "commit",
    "cancel model",
    "drop speculation",
    "drop reply",
    "take turn",
    "keep turn",
    "finish text",
    "record calls",
    "run next call",
    "abandon calls",
    "ask again",
    "answer end_call",
    "say too many",
    "retry",
    "apologise",
    "give up",
    "start call",
    "greet",
    "queue say",
    "say filler",
    "reprompt",
    "wrap up",
    "shorten call",
    "end by application",
    "end by model",
    "end at limit",
    "end silent",
    "end failed",
    "end loop",
    "end deaf",
    "end voiceless",
    "leave line",
    "note closed",
    "hang up",
    "finish",
};

constexpr std::array<std::string_view, 6> kUserNames = {"quiet",   "speaking", "noise",
                                                        "pausing", "final",    "keys"};
constexpr std::array<std::string_view, 2> kToolNames = {"idle", "running"};
constexpr std::array<std::string_view, 4> kPlayoutNames = {"silent", "speaking", "clearing",
                                                           "stopped"};
constexpr std::array<std::string_view, 6> kReplyNames = {"idle",  "ahead",      "thinking",
                                                         "tools", "delivering", "waiting"};
constexpr std::array<std::string_view, 6> kLineNames = {"connecting", "opening", "up",
                                                        "ending",     "closing", "down"};
constexpr std::array<std::string_view, kRegions> kRegionNames = {"user", "tool", "playout", "reply",
                                                                 "line"};

std::string Cell(const Row& row) {
  std::string actions;
  for (Action action : row.actions) {
    if (action == Action::kNone) break;
    if (!actions.empty()) actions += ", ";
    actions += Name(action);
  }
  return StrCat("| ", StateName(row.region, row.from), " | ", TriggerName(row.trigger), " | ",
                Name(row.guard), " | ", StateName(row.region, row.to), " | ", actions, " |\n");
}

}  // namespace

std::string_view Name(Region region) { return At(kRegionNames, static_cast<std::size_t>(region)); }

std::string_view StateName(Region region, std::uint8_t state) {
  switch (region) {
    case Region::kUser:
      return At(kUserNames, state);
    case Region::kTool:
      return At(kToolNames, state);
    case Region::kPlayout:
      return At(kPlayoutNames, state);
    case Region::kReply:
      return At(kReplyNames, state);
    case Region::kLine:
      return At(kLineNames, state);
  }
  return "?";
}

int StateCount(Region region) {
  constexpr std::array<int, kRegions> counts = {
      static_cast<int>(kUserNames.size()), static_cast<int>(kToolNames.size()),
      static_cast<int>(kPlayoutNames.size()), static_cast<int>(kReplyNames.size()),
      static_cast<int>(kLineNames.size())};
  return counts[static_cast<std::size_t>(region)];
}

std::string TriggerName(Trigger trigger) {
  if (trigger >= Trigger::kFirstSignal) {
    return std::string(At(kSignals, static_cast<std::size_t>(trigger) -
                                        static_cast<std::size_t>(Trigger::kFirstSignal)));
  }
  if (trigger >= Trigger::kFirstTimer) {
    const int timer = static_cast<int>(trigger) - static_cast<int>(Trigger::kFirstTimer);
    return StrCat("timer ", Name(static_cast<CallTimer>(timer)));
  }
  return std::string(EventKindName(static_cast<std::size_t>(trigger)));
}

std::string_view Name(Guard guard) { return At(kGuardNames, static_cast<std::size_t>(guard)); }
std::string_view Name(Action action) { return At(kActionNames, static_cast<std::size_t>(action)); }

std::string Describe(const Row& row) {
  std::string text = StrCat(Name(row.region), " ", StateName(row.region, row.from), " --",
                            TriggerName(row.trigger), "--> ", StateName(row.region, row.to));
  if (row.guard != Guard::kAlways) text += StrCat(" [", Name(row.guard), "]");
  return text;
}

std::string PrintCallTables() {
  std::string text;
  for (int region = 0; region < kRegions; ++region) {
    text += StrCat("### ", Name(static_cast<Region>(region)), "\n\n",
                   "| state | trigger | if | next | actions |\n| --- | --- | --- | --- | --- |\n");
    for (const Row& row : ShippedCallTables().rows) {
      if (row.region == static_cast<Region>(region)) text += Cell(row);
    }
    text += "\n";
  }
  text += "### timers\n\n| timer | armed while | due |\n| --- | --- | --- |\n";
  for (const TimerRow& row : CallTimerRows()) {
    text += StrCat("| ", Name(row.timer), " | ", row.armed_while, " | ", row.due, " |\n");
  }
  return text;
}

std::uint64_t CallTablesDigest() {
  static const std::uint64_t digest = Fnv1a(kFnvBasis, PrintCallTables());
  return digest;
}

}  // namespace dragoman
