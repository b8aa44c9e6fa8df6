// Reads any text as a goal's test; what is read is written again and read as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/lab/goal_test_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto test = dragoman::lab::ParseGoalTest(text, "fuzz.toml");
  if (!test.ok()) return 0;
  const auto written = dragoman::lab::FormatGoalTest(*test, "");
  if (!written.ok()) return 0;
  const auto again = dragoman::lab::ParseGoalTest(*written, "again.toml");
  if (!again.ok() || again->plan.task_steps() != test->plan.task_steps() ||
      again->script.answers != test->script.answers ||
      again->script.results != test->script.results || again->effects != test->effects) {
    std::abort();
  }
  return 0;
}
