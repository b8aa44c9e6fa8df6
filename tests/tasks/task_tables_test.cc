#include "src/tasks/task_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/tasks/task_machine.h"
#include "src/tasks/task_promises.h"

namespace dragoman {
namespace {

constexpr char kPage[] = DRAGOMAN_SOURCE_DIR "/docs/task-machine.md";

// What stands between "<!-- name -->" and the next "<!-- end -->"; when asked, it is put there
// first.
std::string Pasted(const std::string& name, const std::string& printed) {
  std::ifstream file(kPage);
  std::string page{std::istreambuf_iterator<char>(file), {}};
  const std::string begin = "<!-- " + name + " -->\n";
  const std::size_t first = page.find(begin);
  if (first == std::string::npos) return "no marker";
  const std::size_t from = first + begin.size();
  const std::size_t last = page.find("<!-- end -->", from);
  if (last == std::string::npos) return "no end marker";
  if (std::getenv("DRAGOMAN_PASTE_DOCS")) {
    page.replace(from, last - from, printed);
    std::ofstream(kPage) << page;
    return printed;
  }
  return page.substr(from, last - from);
}

std::string PrintPromises() {
  std::string text;
  for (int i = 0; i < kTaskPromises; ++i) {
    const auto promise = static_cast<TaskPromise>(i);
    text += StrCat("- **", Name(promise), "**: ", Sentence(promise), ".\n");
  }
  return text;
}

constexpr char kHow[] = "run tasks_test with DRAGOMAN_PASTE_DOCS=1 in the environment";

TEST(TaskTablesTest, ThePageShowsTheTablesAsTheyAre) {
  EXPECT_EQ(Pasted("table", PrintTaskTable()), PrintTaskTable()) << kHow;
  EXPECT_EQ(Pasted("states", PrintTaskStates()), PrintTaskStates()) << kHow;
  EXPECT_EQ(Pasted("diagram", PrintTaskDiagram()), PrintTaskDiagram()) << kHow;
}

TEST(TaskTablesTest, ThePageNamesThePromises) {
  EXPECT_EQ(Pasted("promises", PrintPromises()), PrintPromises()) << kHow;
}

}  // namespace
}  // namespace dragoman
