#include "dragoman/lab/runner.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <utility>

#include "dragoman/core/clock.h"
#include "dragoman/core/random.h"
#include "dragoman/core/status.h"
#include "src/lab/judge.h"
#include "src/lab/run.h"

namespace dragoman::lab {
namespace {

namespace fs = std::filesystem;

// The folder of one run; a temporary one goes with it.
class RunFolder {
 public:
  static absl::StatusOr<std::unique_ptr<RunFolder>> Make(const std::string& parent,
                                                         const std::string& name) {
    auto folder = std::make_unique<RunFolder>();
    folder->temporary_ = parent.empty();
    std::error_code error;
    SystemRandom random;
    fs::path path = parent.empty()
                        ? fs::temp_directory_path(error) / MakeId("dragoman-lab-", random)
                        : fs::path(parent) / name;
    if (!parent.empty()) fs::remove_all(path, error);  // of an earlier run
    fs::create_directories(path, error);
    if (error)
      return FailedPrecondition("cannot make the folder ", path.string(), ": ", error.message());
    folder->path_ = path.string();
    return folder;
  }
  RunFolder() = default;
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;
  ~RunFolder() {
    std::error_code error;
    if (temporary_ && !path_.empty()) fs::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }
  bool temporary() const { return temporary_; }

 private:
  std::string path_;
  bool temporary_ = false;
};

void Measure(ScenarioResult& result) {
  std::vector<std::int64_t> latencies;
  for (const CallerTurn& turn : result.caller.turns) {
    if (turn.answered_ms >= 0) latencies.push_back(turn.answered_ms - turn.ended_ms);
  }
  if (latencies.empty()) return;
  std::sort(latencies.begin(), latencies.end());
  result.latency_p50_ms = latencies[latencies.size() / 2];
  result.latency_max_ms = latencies.back();
}

absl::Status WriteFiles(const std::string& folder, ScenarioResult& result) {
  result.transcript = folder + "/transcript.txt";
  std::ofstream(result.transcript) << FormatTranscript(result);
  const std::string recording = folder + "/caller.wav";
  if (!result.caller.heard_audio.empty())
    DRAGOMAN_RETURN_IF_ERROR(WriteRecording(result.caller, recording));
  if (fs::exists(recording)) result.recording = recording;  // perhaps by the caller's own process
  return absl::OkStatus();
}

}  // namespace

void Tell(Caller& caller, const SessionEvent& event) {
  switch (event.kind) {
    case SessionEvent::Kind::kAgentSays:
      return caller.AgentSays(event.id, event.text);
    case SessionEvent::Kind::kAgentHeard:
      return caller.AgentHeard(event.id, event.text);
    case SessionEvent::Kind::kToolCalled:
      return caller.ToolRuns(event.name);
    case SessionEvent::Kind::kToolReturned:
      return caller.ToolReturned();
    case SessionEvent::Kind::kNotice:
      if (event.name == "barge_in" || event.name == "stopped") caller.Interrupted();
      return;
    default:
      return;
  }
}

void Collect(PreparedAgent& agent, const ScenarioOptions& options, ScenarioResult& result) {
  auto bookings = agent.Bookings();
  if (bookings.ok()) {
    result.bookings = *std::move(bookings);
  } else {
    result.failures.push_back(
        StrCat("the bookings cannot be read: ", MessageOf(bookings.status())));
  }
  result.event_log = agent.event_log();
  if (!options.check_replay) return;
  absl::Status replay = agent.CheckReplay();
  if (!replay.ok() && replay.code() != absl::StatusCode::kUnimplemented)
    result.failures.push_back(StrCat("the log does not replay: ", MessageOf(replay)));
}

absl::StatusOr<ScenarioResult> RunScenario(const Scenario& scenario, AgentUnderTest& agent,
                                           const ScenarioOptions& options) {
  const SystemClock clock;
  const TimePoint begin = clock.Now();
  DRAGOMAN_ASSIGN_OR_RETURN(auto folder, RunFolder::Make(options.folder, scenario.name));
  auto run = scenario.transport == Transport::kPipe
                 ? RunOnPipe(scenario, agent, options, folder->path())
                 : RunOnSocket(scenario, agent, options, folder->path());
  if (!run.ok()) return Annotate(run.status(), StrCat("scenario ", scenario.name));
  ScenarioResult result = *std::move(run);
  result.name = scenario.name;
  result.field_note = scenario.field_note;
  result.kind = scenario.kind;
  result.wire = scenario.wire;
  result.transport = scenario.transport;
  result.audio_hash = result.caller.AudioHash();
  Measure(result);
  for (std::string& failure : Judge(scenario, result))
    result.failures.push_back(std::move(failure));
  result.passed = result.failures.empty();
  if (!folder->temporary()) DRAGOMAN_RETURN_IF_ERROR(WriteFiles(folder->path(), result));
  if (folder->temporary()) result.event_log.clear();
  if (!options.keep_audio) {
    result.caller.sent_audio = {};
    result.caller.heard_audio = {};
  }
  result.wall_ms = std::chrono::duration_cast<milliseconds>(clock.Now() - begin).count();
  return result;
}

}  // namespace dragoman::lab
