#include "tests/tasks/goal_simulation.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "dragoman/core/status.h"
#include "tests/tasks/simulated_world.h"

namespace dragoman {
namespace {

SimulationResult Run(Choices& choices, std::uint64_t seed, const SimulationOptions& options) {
  if (options.keep_choices) choices.Keep();
  return std::make_unique<SimulatedWorld>(choices, seed, options)->Run();
}

// What a break is about, without its numbers: a shorter script may number its goals differently.
std::string KindOf(const SimulationResult& result) {
  if (result.breaks.empty()) return "";
  std::string kind;
  for (const char c : result.breaks.front()) {
    if (c < '0' || c > '9') kind += c;
  }
  return kind;
}

}  // namespace

SimulationResult Simulate(std::uint64_t seed, const SimulationOptions& options) {
  Choices choices(seed);
  return Run(choices, seed, options);
}

SimulationResult Simulate(const ChoiceScript& script, const SimulationOptions& options) {
  Choices choices(script);
  return Run(choices, 1, options);
}

// Delta debugging (Zeller, Hildebrandt 2002) over the choices that are not 0: whole streams first,
// then pieces that halve until they are single choices.
ChoiceScript Shrink(const SimulationResult& failed, const SimulationOptions& options, int runs) {
  SimulationOptions keeping = options;
  keeping.keep_choices = true;
  const std::string wanted = KindOf(failed);
  ChoiceScript best = failed.made;
  const auto fails = [&](const ChoiceScript& script) {
    if (--runs < 0) return false;
    SimulationResult result = Simulate(script, keeping);
    if (KindOf(result) != wanted) return false;
    if (result.made.size() <= script.size()) best = std::move(result.made);  // what was asked for
    return true;
  };
  std::vector<int> streams;
  for (const auto& [place, value] : best) {
    if (streams.empty() || streams.back() != place.first) streams.push_back(place.first);
  }
  for (const int stream : streams) {
    ChoiceScript without = best;
    std::erase_if(without, [&](const auto& one) { return one.first.first == stream; });
    fails(without);
  }
  for (std::size_t piece = best.size(); piece > 0 && runs > 0;) {
    bool removed = false;
    for (std::size_t at = 0; at < best.size() && runs > 0;) {
      ChoiceScript without = best;
      auto from = std::next(without.begin(), static_cast<std::ptrdiff_t>(at));
      without.erase(
          from, std::next(from, static_cast<std::ptrdiff_t>(std::min(piece, without.size() - at))));
      if (fails(without)) {
        removed = true;
      } else {
        at += piece;
      }
    }
    if (!removed || piece > best.size()) piece /= 2;
  }
  return best;
}

std::string PrintAsTest(const ChoiceScript& script, const SimulationOptions& options) {
  SimulationOptions keeping = options;
  keeping.keep_choices = true;
  const SimulationResult result = Simulate(script, keeping);
  std::string text = "TEST(GoalSimulationTest, NothingBreaksHere) {\n";
  for (const std::string& line : result.trace) text += StrCat("  // ", line, "\n");
  text += "  const ChoiceScript script = {";
  for (const auto& [place, value] : script) {
    text += StrCat("{{", place.first, ", ", place.second, "}, ", value, "}, ");
  }
  text += StrCat("};\n  EXPECT_THAT(Simulate(script, {.goals = ", options.goals,
                 "}).breaks, IsEmpty());\n}\n");
  return text;
}

}  // namespace dragoman
