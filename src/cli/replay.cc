// `dragoman replay`.
#include <algorithm>
#include <filesystem>
#include <utility>

#include "dragoman/agent/recording.h"
#include "dragoman/agent/replay.h"
#include "dragoman/core/status.h"
#include "dragoman/server/call_page.h"
#include "dragoman/server/call_story.h"
#include "src/cli/commands.h"
#include "src/cli/logs.h"
#include "src/cli/output.h"

namespace dragoman::cli {
namespace {

absl::Status RenderAudio(const ReplayResult& result, const std::string& log, const std::string& wav,
                         bool quiet) {
  const std::string audio = std::filesystem::path(log).replace_extension(".audio").string();
  DRAGOMAN_ASSIGN_OR_RETURN(
      RecordingInfo info,
      RenderRecording(result.audio, static_cast<int>(result.header.sample_rate_hz), audio, wav));
  if (!quiet) {
    Print(StrCat("audio: ", result.audio.size(), " pieces checked and rendered to ", wav, " (",
                 info.frames / std::max(1, info.sample_rate_hz), " s)\n"));
  }
  return absl::OkStatus();
}

absl::Status WritePage(const ReplayResult& result, const std::string& log, const std::string& path,
                       const std::string& wav) {
  DRAGOMAN_ASSIGN_OR_RETURN(CallStory story, CallStory::FromLog(log));
  CallPageInput page;
  page.title = StrCat("Call ", result.header.call_id);
  page.subtitle = StrCat(result.header.from, " to ", result.header.to);
  page.facts = {{"Carrier", result.header.carrier}};
  story.FillPage(&page);
  page.replay = ToPage(result);
  page.files.push_back({"Event log", std::filesystem::path(log).filename().string()});
  if (!wav.empty()) {
    page.audio = {"Recording", std::filesystem::path(wav).filename().string()};
    DRAGOMAN_ASSIGN_OR_RETURN(WavAudio audio, ReadWavFile(wav));
    if (audio.frames() > 0) {
      DRAGOMAN_ASSIGN_OR_RETURN(page.peaks, MakeCallPagePeaks(audio, 1200));
    }
  }
  return WriteFile(path, RenderCallPage(page));
}

int ReplayGoal(const ReplayOptions& options, const std::string& name, const GoalLog& log) {
  if (!options.audio.empty() || !options.page.empty()) {
    return Complain(InvalidArgument("--audio and --page are for calls; ", name, " is a goal"));
  }
  const absl::StatusOr<TaskReplayResult> result = ReplayGoalLog(log);
  if (!result.ok()) return Complain(Annotate(result.status(), name)), kFailed;
  if (options.quiet && result->verdict == TaskReplayVerdict::kIdentical) return kOk;
  Print(StrCat(name, ": ", Describe(*result), "\n"));
  if (result->verdict == TaskReplayVerdict::kIdentical) return kOk;
  if (result->verdict == TaskReplayVerdict::kDifferent) return kFailed;
  for (const auto& [kind, count] : result->differences) {
    Print(StrCat("  ", count, " x ", kind, "\n"));
  }
  return kOtherVersion;
}

int ReplayCallLog(const ReplayOptions& options, const std::string& path, std::string bytes) {
  auto log = EventLogReader::FromBytes(std::move(bytes));
  if (!log.ok()) return Complain(Annotate(log.status(), path));
  auto result = ReplayCall(*std::move(log));
  if (!result.ok()) {
    Complain(Annotate(result.status(), path));
    return result.status().code() == absl::StatusCode::kDataLoss ? kFailed : kBadUsage;
  }
  if (!options.quiet || result->verdict != ReplayVerdict::kIdentical) {
    Print(StrCat(path, ": ", Describe(*result), "\n"));
    for (const auto& [kind, count] : result->differences) {
      if (result->verdict == ReplayVerdict::kOtherMachine)
        Print(StrCat("  ", count, " x ", kind, "\n"));
    }
    if (result->torn_bytes > 0) {
      Print(StrCat("  the last record was cut short by the end of its process (",
                   result->torn_bytes, " bytes)\n"));
    }
  }
  if (!options.audio.empty()) {
    absl::Status rendered = RenderAudio(*result, path, options.audio, options.quiet);
    if (!rendered.ok()) return Complain(rendered), kFailed;
  }
  if (!options.page.empty()) {
    absl::Status written = WritePage(*result, path, options.page, options.audio);
    if (!written.ok()) return Complain(written);
  }
  switch (result->verdict) {
    case ReplayVerdict::kIdentical:
      return kOk;
    case ReplayVerdict::kDifferent:
      return kFailed;
    case ReplayVerdict::kOtherMachine:
      return kOtherVersion;
  }
  return kFailed;
}

int ReplayOne(const ReplayOptions& options, const std::string& what) {
  absl::StatusOr<AnyLog> log = OpenLog(what, options.data_dir);
  if (!log.ok()) return Complain(Annotate(log.status(), what));
  if (const auto* goal = std::get_if<GoalLog>(&*log)) return ReplayGoal(options, what, *goal);
  return ReplayCallLog(options, what, std::move(std::get<CallLogBytes>(*log).bytes));
}

}  // namespace

int RunReplay(const ReplayOptions& options) {
  if (options.logs.size() > 1 && (!options.audio.empty() || !options.page.empty())) {
    return Complain(InvalidArgument("--audio and --page go with one log; ", options.logs.size(),
                                    " were given"));
  }
  int worst = kOk;
  for (const std::string& log : options.logs) {
    const int status = ReplayOne(options, log);
    if (worst == kOk || status == kFailed) worst = status;
  }
  return worst;
}

}  // namespace dragoman::cli
