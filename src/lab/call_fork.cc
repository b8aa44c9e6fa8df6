#include "dragoman/lab/call_fork.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>
#include <variant>

#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "dragoman/lab/clinic_agent.h"
#include "dragoman/lab/runner.h"
#include "src/lab/dry_book.h"

namespace dragoman::lab {
namespace {

namespace fs = std::filesystem;

constexpr milliseconds kTimeBeyond{300'000};

// What the agent has under way, step by step.
class Rest {
 public:
  explicit Rest(const CallMachineOptions& options) : machine_(options) {}

  absl::Status Step(const CallStep& step, std::size_t number) {
    std::vector<CallCommand> got;
    machine_.Step(step.event, &got);
    if (got != step.commands) {
      std::string why = "their number";
      for (std::size_t i = 0; i < std::min(got.size(), step.commands.size()); ++i) {
        if (got[i] == step.commands[i]) continue;
        why = StrCat("command ", i + 1, ": ", Difference(step.commands[i], got[i]));
        break;
      }
      return DataLoss("the record does not come out again: event ", number, " (", Name(step.event),
                      "): ", why);
    }
    asked_ = false;
    for (const CallCommand& command : step.commands) {
      if (const auto* speak = std::get_if<call_command::Speak>(&command)) {
        open_.insert(speak->utterance);
      } else if (const auto* settled = std::get_if<call_command::Settled>(&command)) {
        open_.erase(settled->utterance);
      } else if (const auto* ask = std::get_if<call_command::AskModel>(&command)) {
        asked_ = !ask->speculative;
      } else if (std::holds_alternative<call_command::HangUp>(command)) {
        over_ = true;
      }
    }
    over_ = over_ || machine_.finished() ||
            std::holds_alternative<call_event::MediaClosed>(step.event.body);
    return absl::OkStatus();
  }

  bool WaitsForCaller() const {
    return !over_ && open_.empty() && machine_.silence() == SilenceKind::kCallerTurn;
  }
  bool HasJustAsked() const {
    return !over_ && open_.empty() && asked_ && machine_.silence() == SilenceKind::kModelThinking;
  }

 private:
  CallMachine machine_;
  std::set<UtteranceId> open_;
  bool asked_ = false, over_ = false;
};

absl::StatusOr<std::int64_t> FindStart(const RecordedCall& call, const CallForkOptions& options) {
  Rest rest(call.header.options);
  for (std::size_t i = 0; i < call.steps.size(); ++i) {
    DRAGOMAN_RETURN_IF_ERROR(rest.Step(call.steps[i], i + 1));
    if (static_cast<std::int64_t>(i) + 1 < options.at) continue;
    if (rest.WaitsForCaller() || (!options.answer && rest.HasJustAsked())) {
      return static_cast<std::int64_t>(i) + 1;
    }
  }
  std::string points;
  for (const CallForkPoint& point : CallForkPoints(call)) {
    points += StrCat(points.empty() ? "" : ", ", point.event);
  }
  return FailedPrecondition("after event ", options.at, " the agent never waits for the caller",
                            options.answer ? "" : " or asks its model", " again; it did at ",
                            points.empty() ? "no event" : points);
}

// The caller of the rest of the call.
absl::StatusOr<Scenario> RestOf(const RecordedCall& call, std::int64_t from,
                                const CallForkOptions& options) {
  Scenario scenario;
  scenario.name = "fork";
  scenario.kind = ScenarioKind::kText;
  const std::int64_t from_us = call.steps[static_cast<std::size_t>(from) - 1].event.at_us;
  scenario.now = call.header.started + std::chrono::microseconds(from_us);
  scenario.time_limit =
      milliseconds((call.steps.back().event.at_us - from_us) / 1000) + kTimeBeyond;
  DRAGOMAN_ASSIGN_OR_RETURN(scenario.taken, TakenBefore(call));
  scenario.steps =
      CallerSteps(call, {.after_events = static_cast<std::size_t>(from), .exact_words = false});
  if (options.answer) {
    DRAGOMAN_ASSIGN_OR_RETURN(std::vector<SpeechPiece> words, ParseSpeech(*options.answer));
    if (scenario.steps.empty()) {
      Step step;
      step.when.kind = CueKind::kAfter;
      step.when.length = milliseconds(1'000);
      scenario.steps.push_back(std::move(step));
    }
    Step& first = scenario.steps.front();
    first.action = ActionKind::kSay;
    first.say = std::move(words);
    first.keys.clear();
    first.aside = false;
  }
  for (Step& step : scenario.steps) step.optional = true;
  if (scenario.steps.empty()) {
    Step silent;
    silent.length = milliseconds(1'000);
    silent.optional = true;
    scenario.steps.push_back(std::move(silent));
  }
  return scenario;
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    SystemRandom random;
    std::error_code error;
    path_ = fs::temp_directory_path(error) / MakeId("dragoman-fork-", random);
    fs::create_directories(path_, error);
  }
  ~TemporaryFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

}  // namespace

absl::StatusOr<CallFork> ForkCall(const RecordedCall& call, const CallForkOptions& options) {
  const auto events = static_cast<std::int64_t>(call.steps.size());
  if (options.at < 1 || options.at > events) {
    return InvalidArgument("there is no event ", options.at, "; the record has 1 to ", events);
  }
  if (call.header.machine_version != kCallMachineVersion ||
      call.header.tables_digest != CallTablesDigest()) {
    return Unimplemented("the log was written by machine version ", call.header.machine_version,
                         "; only this one, ", kCallMachineVersion, ", can go on with it");
  }
  CallFork fork;
  DRAGOMAN_ASSIGN_OR_RETURN(fork.from, FindStart(call, options));
  DRAGOMAN_ASSIGN_OR_RETURN(const Scenario scenario, RestOf(call, fork.from, options));
  const auto agent = MakeClinicAgent({.model = options.model,
                                      .log = options.log,
                                      .past = &call,
                                      .past_events = static_cast<std::size_t>(fork.from)});
  const TemporaryFolder folder;
  DRAGOMAN_ASSIGN_OR_RETURN(
      const ScenarioResult result,
      RunScenario(scenario, *agent, {.folder = folder.path(), .check_replay = false}));
  std::ifstream in(result.event_log, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  if (!in) return Internal("the forked call left no log: ", result.outcome_detail);
  fork.bytes = bytes.str();
  fork.booked = result.bookings;
  DRAGOMAN_ASSIGN_OR_RETURN(fork.call, ReadRecordedCall(fork.bytes));
  return fork;
}

std::vector<CallForkPoint> CallForkPoints(const RecordedCall& call) {
  std::vector<CallForkPoint> points;
  Rest rest(call.header.options);
  std::string said;
  bool waited = false;
  for (std::size_t i = 0; i < call.steps.size(); ++i) {
    if (!rest.Step(call.steps[i], i + 1).ok()) break;
    for (const CallCommand& command : call.steps[i].commands) {
      const auto* settled = std::get_if<call_command::Settled>(&command);
      if (settled != nullptr && !settled->heard.empty()) said = settled->heard;
    }
    const bool waits = rest.WaitsForCaller();
    if (waits && !waited) {
      points.push_back({static_cast<std::int64_t>(i) + 1, call.steps[i].event.at_us / 1000, said});
    }
    waited = waits;
  }
  return points;
}

}  // namespace dragoman::lab
