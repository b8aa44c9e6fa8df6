#include "src/agent/call_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "dragoman/agent/call_machine.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

constexpr char kPage[] = DRAGOMAN_SOURCE_DIR "/docs/call-machine.md";

// A Mermaid diagram of each region: what leads from one state to another.
std::string PrintDiagrams() {
  std::string text;
  for (int i = 0; i < kRegions; ++i) {
    const auto region = static_cast<Region>(i);
    std::map<std::pair<std::uint8_t, std::uint8_t>, std::string> edges;
    for (const Row& row : ShippedCallTables().rows) {
      if (row.region != region || row.from == row.to) continue;
      std::string& label = edges[{row.from, row.to}];
      const std::string trigger = TriggerName(row.trigger);
      if ((", " + label + ",").find(", " + trigger + ",") != std::string::npos) continue;
      label += (label.empty() ? "" : ", ") + trigger;
    }
    text += StrCat("### ", Name(region), "\n\n```mermaid\nstateDiagram-v2\n  [*] --> ",
                   StateName(region, 0), "\n");
    for (const auto& [edge, label] : edges) {
      text += StrCat("  ", StateName(region, edge.first), " --> ", StateName(region, edge.second),
                     ": ", label, "\n");
    }
    text += "```\n\n";
  }
  return text;
}

std::string ReadPage() {
  std::ifstream file(kPage);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What stands between "<!-- name -->" and the next "<!-- end -->"; when asked, it is put there
// first.
std::string Pasted(const std::string& name, const std::string& printed) {
  std::string page = ReadPage();
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

constexpr char kHow[] = "run agent_test with DRAGOMAN_PASTE_DOCS=1 in the environment";

TEST(CallTablesTest, ThePageShowsTheTablesAsTheyAre) {
  EXPECT_EQ(Pasted("PrintCallTables()", PrintCallTables()), PrintCallTables()) << kHow;
}

TEST(CallTablesTest, ThePageShowsTheDiagramsAsTheyAre) {
  EXPECT_EQ(Pasted("diagrams", PrintDiagrams()), PrintDiagrams()) << kHow;
}

TEST(CallTablesTest, EachRowStaysWithinItsRegion) {
  for (const Row& row : ShippedCallTables().rows) {
    EXPECT_LT(row.from, StateCount(row.region)) << Describe(row);
    EXPECT_LT(row.to, StateCount(row.region)) << Describe(row);
  }
}

}  // namespace
}  // namespace dragoman
