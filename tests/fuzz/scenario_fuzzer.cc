// Scenario files: whatever the bytes, a scenario or one line that names the file.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dragoman/core/status.h"
#include "dragoman/lab/scenario.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dragoman;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto scenario = lab::ParseScenario(text, "fuzz.toml");
  if (!scenario.ok()) {
    std::string_view message = MessageOf(scenario.status());
    if (message.find("fuzz.toml") == std::string_view::npos) std::abort();
    if (message.find('\n') != std::string_view::npos) std::abort();
    return 0;
  }
  // A caller with an errand says what it is asked for, and may have nothing of its own to say.
  if (scenario->steps.empty() && scenario->reactions.empty() && !scenario->errand) std::abort();
  for (const lab::Step& step : scenario->steps) {
    if (!step.when.words.empty() && !step.when.words.Matches(step.when.words.source())) {
      // A pattern with alternatives or gaps need not match its own source; a plain one must.
      const auto& source = step.when.words.source();
      if (source.find_first_of("|*") == std::string::npos) std::abort();
    }
  }
  return 0;
}
