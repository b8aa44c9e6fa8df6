#include "src/wire/json_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Lines {
  mutable std::vector<std::string> seen;  // a FunctionRef takes what it calls as const
  bool operator()(std::string_view line) const {
    seen.emplace_back(line);
    return true;
  }
};

std::string ReadData(const std::string& name) {
  std::ifstream file(std::string(DRAGOMAN_SOURCE_DIR "/tests/wire/data/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(JsonLinesParserTest, BlankLinesAndCarriageReturnsAreSkipped) {
  JsonLinesParser parser;
  Lines lines;
  ASSERT_THAT(parser.Push("{\"a\":1}\r\n\n  \n{}\n[", lines), IsOk());
  EXPECT_THAT(lines.seen, ElementsAre("{\"a\":1}", "{}"));
  ASSERT_THAT(parser.Push("]", lines), IsOk());
  ASSERT_THAT(parser.Finish(lines), IsOk());
  EXPECT_THAT(lines.seen, ElementsAre("{\"a\":1}", "{}", "[]"));
}

// Ollama's /api/chat; where it is cut comes with the example.
TEST(JsonLinesParserTest, AnExampleStreamCutAnywhereGivesTheSameLines) {
  const std::string stream = ReadData("ollama-chat-stream-tool.ndjson");
  ASSERT_EQ(stream.size(), 672u);
  Lines whole;
  JsonLinesParser unsplit;
  ASSERT_THAT(unsplit.Push(stream, whole), IsOk());
  ASSERT_EQ(whole.seen.size(), 3u);
  EXPECT_EQ(nlohmann::json::parse(whole.seen[2])["done_reason"], "stop");
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    JsonLinesParser parser;
    Lines lines;
    ASSERT_THAT(parser.Push(std::string_view(stream).substr(0, cut), lines), IsOk());
    ASSERT_THAT(parser.Push(std::string_view(stream).substr(cut), lines), IsOk());
    EXPECT_EQ(lines.seen, whole.seen) << "cut at " << cut;
  }
}

TEST(JsonLinesParserTest, ALineThatIsTooLongIsRefusedForGood) {
  JsonLinesParser parser(8);
  Lines lines;
  ASSERT_THAT(parser.Push("12345678", lines), IsOk());
  EXPECT_THAT(parser.Push("9", lines),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("8")));
  EXPECT_THAT(parser.Push("\n1\n", lines), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(parser.Finish(lines), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(lines.seen, IsEmpty());
}

TEST(JsonLinesParserTest, InvalidUtf8IsRefused) {
  JsonLinesParser parser;
  Lines lines;
  EXPECT_THAT(parser.Push("\"\xff\"\n", lines),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("UTF-8")));
}

TEST(JsonLinesParserTest, TheHandlerMayDestroyTheParser) {
  auto parser = std::make_unique<JsonLinesParser>();
  int lines = 0;
  EXPECT_THAT(parser->Push("1\n2\n",
                           [&](std::string_view) {
                             ++lines;
                             parser.reset();
                             return false;
                           }),
              IsOk());
  EXPECT_EQ(lines, 1);
}

}  // namespace
}  // namespace dragoman
