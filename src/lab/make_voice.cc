#include <filesystem>
#include <memory>

#include "dragoman/core/status.h"
#include "src/lab/run.h"
#ifdef DRAGOMAN_LAB_FLITE
#include "src/lab/flite_voice.h"
#endif

namespace dragoman::lab {

absl::StatusOr<std::unique_ptr<CallerVoice>> MakeCallerVoice(const Scenario& scenario,
                                                             const std::string& program,
                                                             const std::string& cache) {
  const CallerProfile& caller = scenario.caller;
  if (scenario.kind == ScenarioKind::kText)
    return std::make_unique<BuzzVoice>(caller.pitch_hz, caller.speed_per_mille);
#ifdef DRAGOMAN_LAB_FLITE
  if (program.empty())
    return FailedPrecondition("an audio scenario needs the program dragoman-flite-render");
  RenderCacheOptions options;
  options.program = program;
  options.directory = cache;
  if (cache.empty()) {
    std::error_code error;
    options.directory = (std::filesystem::temp_directory_path(error) / "dragoman-voices").string();
  }
  return std::make_unique<FliteVoice>(caller.voice, caller.speed_per_mille, std::move(options));
#else
  (void)program;
  (void)cache;
  return FailedPrecondition("an audio scenario needs Flite, which this build is without");
#endif
}

}  // namespace dragoman::lab
