#include "dragoman/lab/scenario.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "src/lab/scenario_steps.h"
#include "src/toml/toml_table.h"

namespace dragoman::lab {
namespace {

constexpr std::string_view kKinds[] = {"audio", "text"};
constexpr std::string_view kWires[] = {"twilio", "audiosocket"};
constexpr std::string_view kTransports[] = {"pipe", "socket"};
constexpr std::string_view kNoises[] = {"none",   "white",    "hum",  "babble",
                                        "street", "keyboard", "cough"};
constexpr std::string_view kFaultPlaces[] = {"model", "tool", "synthesizer", "recognizer"};
constexpr std::string_view kFaultKinds[] = {"delay", "hang", "fail", "die", "stall", "empty"};
constexpr CallEnd kEnds[] = {CallEnd::kAgentHungUp, CallEnd::kCallerHungUp, CallEnd::kSilentCaller,
                             CallEnd::kTimeLimit,   CallEnd::kMediaLost,    CallEnd::kFailed,
                             CallEnd::kRefused};

template <std::size_t N>
std::vector<std::string_view> List(const std::string_view (&names)[N]) {
  return {std::begin(names), std::end(names)};
}

template <typename Enum>
void ReadEnum(TomlTable& table, std::string_view key, const std::vector<std::string_view>& names,
              Enum& out) {
  int index = static_cast<int>(out);
  table.ReadChoice(key, names, index);
  out = static_cast<Enum>(index);
}

void ReadPatterns(TomlTable& table, std::string_view key, std::vector<Pattern>& out) {
  std::vector<std::string> sources;
  table.Read(key, sources);
  for (const std::string& source : sources) {
    if (Trim(source).empty() || source.size() > 200)
      return table.Fail(
          key, StrCat(key, " holds a pattern of ", source.size(), " bytes; expected 1 to 200"));
    out.emplace_back(source);
  }
}

void ReadCaller(TomlTable& table, CallerProfile& caller) {
  table.Read("voice", caller.voice);
  if (caller.voice.empty() || caller.voice.size() > 32)
    table.Fail("voice", "voice is empty or longer than 32 bytes; expected a voice's name");
  table.Read("speed_per_mille", caller.speed_per_mille, 500, 2000);
  table.Read("pitch_hz", caller.pitch_hz, 0, 400);
  if (caller.pitch_hz != 0 && caller.pitch_hz < 60)
    table.Fail("pitch_hz", StrCat("pitch_hz is ", caller.pitch_hz, "; expected 0 or 60 to 400"));
  table.Read("level_db", caller.level_db, -40, 10);
  ReadEnum(table, "noise", List(kNoises), caller.noise);
  table.Read("snr_db", caller.snr_db, -20, 60);
  table.Read("echo_db", caller.echo_db, -120, 0);
  table.Read("echo_delay", caller.echo_delay, milliseconds(20), milliseconds(1000));
}

void ReadLine(TomlTable& table, LineProfile& line) {
  table.Read("loss_per_mille", line.loss_per_mille, 0, 900);
  table.Read("reorder_per_mille", line.reorder_per_mille, 0, 500);
  table.Read("duplicate_per_mille", line.duplicate_per_mille, 0, 500);
  table.Read("jitter", line.jitter, milliseconds(0), milliseconds(500));
  table.Read("late_marks", line.late_marks);
  table.ReadTables("stall", [&](TomlTable& item) {
    Stall stall;
    item.Read("at", stall.at, milliseconds(0), milliseconds(600'000));
    item.Read("length", stall.length, milliseconds(20), milliseconds(30'000));
    if (stall.length == milliseconds(0)) item.Fail("length", "a stall needs a length");
    line.stalls.push_back(stall);
  });
}

void ReadFault(TomlTable& table, std::vector<Fault>& faults) {
  Fault fault;
  ReadEnum(table, "where", List(kFaultPlaces), fault.where);
  ReadEnum(table, "what", List(kFaultKinds), fault.what);
  table.Read("at", fault.at, 1, 1000);
  table.Read("times", fault.times, 1, 1000);
  table.Read("length", fault.length, milliseconds(1), milliseconds(600'000));
  table.Read("tool", fault.tool);
  if (!table.Has("where") || !table.Has("what"))
    table.Fail("where", "a fault needs where and what");
  const bool timed = fault.what == FaultKind::kDelay || fault.what == FaultKind::kStall;
  if (timed != (fault.length > milliseconds(0)))
    table.Fail("length", timed ? "length is missing; expected for delay and stall"
                               : "length is given; expected for delay and stall only");
  if (!fault.tool.empty() && fault.where != FaultPlace::kTool)
    table.Fail("tool", "tool is given; expected with where = \"tool\" only");
  if (fault.where == FaultPlace::kTool &&
      (fault.what == FaultKind::kDie || fault.what == FaultKind::kStall))
    table.Fail("what", "a tool answers in one piece; expected delay, hang, fail or empty");
  faults.push_back(std::move(fault));
}

bool IsDate(const std::string& text) {
  int year = 0, month = 0, day = 0;
  char end = 0;
  return text.size() == 10 &&
         std::sscanf(text.c_str(), "%4d-%2d-%2d%c", &year, &month, &day, &end) == 3 &&
         (std::chrono::year(year) / month / day).ok();
}

bool IsTime(const std::string& text) {
  int hour = 0, minute = 0;
  char end = 0;
  return text.size() == 5 && std::sscanf(text.c_str(), "%2d:%2d%c", &hour, &minute, &end) == 2 &&
         hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
}

void ReadBooking(TomlTable& table, std::vector<Booking>& out) {
  Booking booking;
  table.Read("name", booking.name);
  table.Read("date", booking.date);
  table.Read("time", booking.time);
  booking.name = ToLowerAscii(booking.name);
  if (booking.name.empty()) table.Fail("name", "a booking needs a name");
  if (!IsDate(booking.date))
    table.Fail("date", StrCat("date is \"", EscapeLine(booking.date),
                              "\"; expected a day such as \"2026-01-06\""));
  if (!IsTime(booking.time))
    table.Fail("time", StrCat("time is \"", EscapeLine(booking.time),
                              "\"; expected a time such as \"10:00\""));
  out.push_back(std::move(booking));
}

void ReadErrand(TomlTable& table, std::optional<Errand>& out) {
  Errand errand;
  table.Read("name", errand.name);
  table.Read("date", errand.date);
  table.Read("time", errand.time);
  table.Read("keypad", errand.keypad);
  table.Read("delay", errand.delay, milliseconds(100), milliseconds(10'000));
  errand.name = ToLowerAscii(errand.name);
  const bool letters =
      errand.name.size() >= 2 && errand.name.size() <= 32 &&
      errand.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
  if (!letters) table.Fail("name", "an errand needs a name of 2 to 32 letters");
  if (!IsDate(errand.date))
    table.Fail("date", StrCat("date is \"", EscapeLine(errand.date),
                              "\"; expected a day such as \"2026-01-06\""));
  if (!IsTime(errand.time))
    table.Fail("time", StrCat("time is \"", EscapeLine(errand.time),
                              "\"; expected a time such as \"10:00\""));
  out = std::move(errand);
}

void ReadOutcomes(TomlTable& table, std::vector<CallEnd>& out) {
  std::vector<std::string> names;
  table.Read("outcome", names);
  for (const std::string& name : names) {
    auto end = std::find_if(std::begin(kEnds), std::end(kEnds),
                            [&](CallEnd candidate) { return Name(candidate) == name; });
    if (end == std::end(kEnds)) {
      std::string list;
      for (CallEnd candidate : kEnds) list += StrCat(list.empty() ? "" : ", ", Name(candidate));
      return table.Fail("outcome", StrCat("outcome is \"", EscapeLine(name.substr(0, 40)),
                                          "\"; expected one of ", list));
    }
    out.push_back(*end);
  }
}

void ReadExpect(TomlTable& table, Expectations& expect) {
  bool no_booking = false;
  table.Read("no_booking", no_booking);
  if (no_booking) expect.bookings.emplace();
  if (table.Has("booking")) {
    if (no_booking) table.Fail("booking", "booking and no_booking exclude each other");
    if (!expect.bookings) expect.bookings.emplace();
    table.ReadTables("booking", [&](TomlTable& item) { ReadBooking(item, *expect.bookings); });
  }
  ReadOutcomes(table, expect.outcomes);
  ReadPatterns(table, "agent_says", expect.agent_says);
  ReadPatterns(table, "agent_never_says", expect.agent_never_says);
  ReadPatterns(table, "caller_words", expect.caller_words);
  table.ReadCounts("tool_calls", [&](const std::string& name, std::int64_t count, int) {
    if (count < 0 || count > 1000)
      return table.Fail("tool_calls", StrCat("tool_calls.", EscapeLine(name), " is ", count,
                                             "; expected 0 to 1000"));
    expect.tool_calls[name] = static_cast<int>(count);
  });
  table.Read("goodbye_heard", expect.goodbye_heard);
  table.Read("max_owed_silence", expect.max_owed_silence, milliseconds(100), milliseconds(60'000));
  table.Read("barge_in_stop", expect.barge_in_stop, milliseconds(1), milliseconds(10'000));
  table.Read("max_call", expect.max_call, milliseconds(1'000), milliseconds(3'600'000));
  table.Read("min_interruptions", expect.min_interruptions, 0, 100);
  table.Read("max_interruptions", expect.max_interruptions, 0, 100);
}

void CheckName(TomlTable& table, const std::string& name) {
  bool good = !name.empty() && name.size() <= 64;
  for (char c : name) good = good && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
  if (!good)
    table.Fail("name", StrCat("name is \"", EscapeLine(name.substr(0, 64)),
                              "\"; expected 1 to 64 of a-z, 0-9 and -"));
}

void CheckTogether(TomlTable& table, const Scenario& scenario) {
  if (scenario.steps.empty() && scenario.reactions.empty() && !scenario.errand)
    table.Fail(
        "step",
        "no [[step]], no [[reaction]] and no [errand]; expected something that the caller does");
  if (scenario.kind == ScenarioKind::kAudio && !scenario.expect.caller_words.empty())
    table.Fail("expect",
               "caller_words is for kind = \"text\"; an audio scenario never asserts "
               "transcripts");
  if (scenario.kind == ScenarioKind::kText && scenario.transport == Transport::kSocket)
    table.Fail("transport", "kind = \"text\" runs in virtual time; expected transport = \"pipe\"");
  if (scenario.expect.max_call > scenario.time_limit)
    table.Fail("expect", StrCat("max_call is ", scenario.expect.max_call,
                                "; expected at most time_limit, ", scenario.time_limit));
}

}  // namespace

std::string_view Name(ScenarioKind kind) { return kKinds[static_cast<int>(kind)]; }
std::string_view Name(Wire wire) { return kWires[static_cast<int>(wire)]; }
std::string_view Name(Transport transport) { return kTransports[static_cast<int>(transport)]; }
std::string_view Name(NoiseKind kind) { return kNoises[static_cast<int>(kind)]; }

absl::StatusOr<Scenario> ParseScenario(std::string_view text, std::string_view file) {
  TomlErrors errors;
  errors.file = file;
  DRAGOMAN_ASSIGN_OR_RETURN(TomlTable table, TomlTable::Parse(text, errors));
  Scenario scenario;
  scenario.now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5) + std::chrono::hours(9);
  table.Read("name", scenario.name);
  CheckName(table, scenario.name);
  table.Read("about", scenario.about);
  table.Read("field_note", scenario.field_note);
  ReadEnum(table, "kind", List(kKinds), scenario.kind);
  ReadEnum(table, "wire", List(kWires), scenario.wire);
  ReadEnum(table, "transport", List(kTransports), scenario.transport);
  table.Read("seed", scenario.seed);
  table.ReadWallTime("now", scenario.now);
  table.Read("time_limit", scenario.time_limit, milliseconds(1'000), milliseconds(3'600'000));
  table.ReadTable("caller", [&](TomlTable& caller) { ReadCaller(caller, scenario.caller); });
  table.ReadTable("line", [&](TomlTable& line) { ReadLine(line, scenario.line); });
  table.ReadTables("fault", [&](TomlTable& fault) { ReadFault(fault, scenario.faults); });
  table.ReadTables("taken", [&](TomlTable& taken) { ReadBooking(taken, scenario.taken); });
  table.ReadTables("step",
                   [&](TomlTable& step) { scenario.steps.push_back(ReadStep(step, true)); });
  table.ReadTables("reaction",
                   [&](TomlTable& step) { scenario.reactions.push_back(ReadStep(step, false)); });
  if (table.Has("errand")) {
    table.ReadTable("errand", [&](TomlTable& errand) { ReadErrand(errand, scenario.errand); });
  }
  table.ReadTable("expect", [&](TomlTable& expect) { ReadExpect(expect, scenario.expect); });
  table.RefuseOthers();
  CheckTogether(table, scenario);
  if (!errors.first.ok()) return errors.first;
  return scenario;
}

absl::StatusOr<Scenario> LoadScenario(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return NotFound("no scenario file at ", path);
  std::ostringstream text;
  text << in.rdbuf();
  DRAGOMAN_ASSIGN_OR_RETURN(Scenario scenario, ParseScenario(text.str(), path));
  scenario.file = path;
  return scenario;
}

absl::StatusOr<std::vector<Scenario>> LoadScenarios(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".toml") paths.push_back(entry.path().string());
  }
  if (error) return NotFound("cannot read the folder ", folder, ": ", error.message());
  if (paths.empty()) return NotFound("no scenario (*.toml) in ", folder);
  std::sort(paths.begin(), paths.end());
  std::vector<Scenario> scenarios;
  for (const std::string& path : paths) {
    DRAGOMAN_ASSIGN_OR_RETURN(Scenario scenario, LoadScenario(path));
    scenarios.push_back(std::move(scenario));
  }
  return scenarios;
}

}  // namespace dragoman::lab
