// `dragoman demo` and `dragoman call`: scenarios against the agent.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "dragoman/core/clock.h"
#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/lab/clinic_agent.h"
#include "dragoman/lab/runner.h"
#include "dragoman/lab/scenario.h"
#include "dragoman/runtime/models.h"
#include "dragoman/server/call_page.h"
#include "dragoman/server/call_story.h"
#include "src/cli/commands.h"
#include "src/cli/demo_scenario.h"
#include "src/cli/live_view.h"
#include "src/cli/output.h"

namespace dragoman::cli {
namespace {

using lab::Scenario;
using lab::ScenarioResult;

// An agent, and what shows its calls.
class Rig {
 public:
  static absl::StatusOr<std::unique_ptr<Rig>> Create(const RuntimeOptions& options) {
    auto rig = std::make_unique<Rig>();
    DRAGOMAN_ASSIGN_OR_RETURN(rig->model_, MakeModel(options, rig->clock_, rig->log_));
    lab::ClinicAgentOptions agent{.model = rig->model_.get(), .log = &rig->log_};
    if (!options.voice.empty()) agent.voice = options.voice;
    rig->agent_ = lab::MakeClinicAgent(std::move(agent));
    return rig;
  }

  absl::StatusOr<ScenarioResult> Run(const Scenario& scenario, const std::string& folder,
                                     bool live) {
    const std::string programs = ProgramFolder();
    LiveView view(OptionsFor(STDOUT_FILENO,
                             [](const char* name) -> const char* { return std::getenv(name); }));
    lab::ScenarioOptions options{.folder = folder,
                                 .caller_program = programs + "/dragoman-caller",
                                 .voice_program = programs + "/dragoman-flite-render"};
    if (live) {
      options.on_event = [&view](const SessionEvent& event) { Print(view.Show(event)); };
    }
    auto result = lab::RunScenario(scenario, *agent_, options);
    if (!result.ok() || folder.empty()) return result;
    absl::Status page = WritePage(scenario, *result);
    if (!page.ok()) return page;
    return result;
  }

  std::string_view model_name() const { return model_->name(); }
  const std::string& page() const { return page_; }

 private:
  absl::Status WritePage(const Scenario& scenario, const ScenarioResult& result) {
    CallPageInput page;
    page.title = scenario.name;
    page.subtitle = scenario.about;
    page.facts = {{"Model", std::string(model_->name())},
                  {"Line", std::string(Name(result.wire))},
                  {"Caller", StrCat(scenario.caller.voice, " over a ", Name(result.transport))}};
    if (result.latency_p50_ms >= 0) {
      page.facts.push_back({"Reply, median", StrCat(result.latency_p50_ms, " ms")});
    }
    CallStory story;
    for (const SessionEvent& event : result.events) story.Tell(event);
    story.FillPage(&page);
    if (result.failures.empty())
      page.checks.push_back({"everything that had to be true was", true, ""});
    for (const std::string& failure : result.failures) page.checks.push_back({failure, false, ""});
    std::filesystem::path folder;
    if (!result.recording.empty()) {
      const std::filesystem::path recording(result.recording);
      folder = recording.parent_path();
      page.audio = {"Recording", recording.filename().string()};
      DRAGOMAN_ASSIGN_OR_RETURN(WavAudio audio, ReadWavFile(result.recording));
      if (audio.frames() > 0) {
        DRAGOMAN_ASSIGN_OR_RETURN(page.peaks, MakeCallPagePeaks(audio, 1200));
      }
    }
    for (const auto& [label, path] :
         {std::pair{"Transcript", result.transcript}, std::pair{"Event log", result.event_log}}) {
      if (path.empty()) continue;
      folder = std::filesystem::path(path).parent_path();
      page.files.push_back({label, std::filesystem::path(path).filename().string()});
    }
    if (!result.event_log.empty()) {
      DRAGOMAN_ASSIGN_OR_RETURN(auto log, EventLogReader::Open(result.event_log));
      DRAGOMAN_ASSIGN_OR_RETURN(ReplayResult replay, ReplayCall(std::move(log)));
      page.replay = ToPage(replay);
    }
    page_ = (folder / "call.html").string();
    return WriteFile(page_, RenderCallPage(page));
  }

  SystemClock clock_;
  StderrLog log_{LogLevel::kWarning};
  std::unique_ptr<ChatModel> model_;
  std::unique_ptr<lab::AgentUnderTest> agent_;
  std::string page_;
};

// Files as they are, folders as the scenarios in them.
absl::StatusOr<std::vector<Scenario>> Load(const std::vector<std::string>& paths) {
  std::vector<Scenario> scenarios;
  for (const std::string& path : paths) {
    if (std::filesystem::is_directory(path)) {
      DRAGOMAN_ASSIGN_OR_RETURN(auto folder, lab::LoadScenarios(path));
      std::move(folder.begin(), folder.end(), std::back_inserter(scenarios));
    } else {
      DRAGOMAN_ASSIGN_OR_RETURN(Scenario one, lab::LoadScenario(path));
      scenarios.push_back(std::move(one));
    }
  }
  return scenarios;
}

absl::Status MakeFolder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return error ? FailedPrecondition("cannot make folder ", folder, ": ", error.message())
               : absl::OkStatus();
}

// The replay of the call's own log, once more and for all to see.
absl::StatusOr<ReplayResult> ReplayOwnLog(const ScenarioResult& result) {
  if (result.event_log.empty()) return NotFound("the call left no event log");
  DRAGOMAN_ASSIGN_OR_RETURN(auto log, EventLogReader::Open(result.event_log));
  return ReplayCall(std::move(log));
}

}  // namespace

int RunDemo(const DemoOptions& options) {
  const std::string folder =
      options.output.empty() ? StrCat("demo-output/", TimeStamp()) : options.output;
  if (absl::Status made = MakeFolder(folder); !made.ok()) return Complain(made);
  std::string file = options.scenario;
  if (file.empty()) {  // the caller is another process and reads it, and so may you
    file = folder + "/scenario.toml";
    absl::Status written = WriteFile(file, kDemoScenario.substr(1));
    if (!written.ok()) return Complain(written);
  }
  auto scenario = lab::LoadScenario(file);
  if (!scenario.ok()) return Complain(scenario.status());
  auto rig = Rig::Create(options.runtime);
  if (!rig.ok()) return Complain(rig.status());

  Print(StrCat("A caller phones the agent: ", scenario->about, "\nModel: ", (*rig)->model_name(),
               ". Both sides speak; nothing leaves this machine",
               options.runtime.model_url.empty() ? "" : " but what goes to the model", ".\n\n"));
  auto result = (*rig)->Run(*scenario, folder, true);
  if (!result.ok()) return Complain(result.status());

  Print("\n");
  for (const lab::Booking& booking : result->bookings) {
    Print(StrCat("booked: ", booking.name, ", ", booking.date, " at ", booking.time, "\n"));
  }
  for (const std::string& failure : result->failures)
    Print(StrCat("not as it must be: ", failure, "\n"));
  auto replay = ReplayOwnLog(*result);
  if (!replay.ok()) return Complain(replay.status());
  Print(StrCat(Describe(*replay), "\n"));
  Print(StrCat("recording  ", result->recording, "\ntranscript ", result->transcript,
               "\nevent log  ", result->event_log, "\npage       ", (*rig)->page(), "\n"));
  const bool good = result->passed && replay->verdict == ReplayVerdict::kIdentical;
  return good ? kOk : kFailed;
}

int RunCall(const CallOptions& options) {
  auto scenarios = Load(options.scenarios);
  if (!scenarios.ok()) return Complain(scenarios.status());
  if (!options.output.empty()) {
    if (absl::Status made = MakeFolder(options.output); !made.ok()) return Complain(made);
  }
  for (const Scenario& scenario : *scenarios) {
    if (options.runtime.model_url.empty() || scenario.transport == lab::Transport::kSocket)
      continue;
    return Complain(InvalidArgument("scenario ", scenario.name,
                                    " runs in virtual time, which a model over the network cannot "
                                    "follow; give it transport = \"socket\""));
  }
  auto rig = Rig::Create(options.runtime);
  if (!rig.ok()) return Complain(rig.status());
  std::vector<ScenarioResult> results;
  for (const Scenario& scenario : *scenarios) {
    if (options.live) Print(StrCat("\n", scenario.name, ": ", scenario.about, "\n"));
    auto result = (*rig)->Run(scenario, options.output, options.live);
    if (!result.ok()) return Complain(Annotate(result.status(), scenario.name));
    results.push_back(*std::move(result));
    if (!options.live && scenarios->size() > 1) {
      Print(StrCat(results.back().passed ? "pass " : "FAIL ", results.size(), "/",
                   scenarios->size(), " ", scenario.name, "\n"));
    }
  }
  Print(lab::FormatReport(results));
  const bool all = std::all_of(results.begin(), results.end(),
                               [](const ScenarioResult& result) { return result.passed; });
  return all ? kOk : kFailed;
}

}  // namespace dragoman::cli
