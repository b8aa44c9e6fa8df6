#include "src/wire/sse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// "type|data|id" of each event.
struct Events {
  mutable std::vector<std::string> seen;  // a FunctionRef takes what it calls as const
  bool operator()(const SseEvent& event) const {
    seen.push_back(std::string(event.type) + "|" + std::string(event.data) + "|" +
                   std::string(event.id));
    return true;
  }
};

std::vector<std::string> Parse(std::string_view stream) {
  SseParser parser;
  Events events;
  EXPECT_THAT(parser.Push(stream, events), IsOk());
  return events.seen;
}

TEST(SseParserTest, OneEventPerBlankLine) {
  EXPECT_THAT(Parse("data: one\n\ndata: two\n\n"), ElementsAre("|one|", "|two|"));
}

TEST(SseParserTest, LinesEndWithLfCrOrCrLf) {
  const std::vector<std::string> expected = {"a|1\n2|", "|3|"};
  EXPECT_EQ(Parse("event: a\ndata: 1\ndata: 2\n\ndata: 3\n\n"), expected);
  EXPECT_EQ(Parse("event: a\rdata: 1\rdata: 2\r\rdata: 3\r\r"), expected);
  EXPECT_EQ(Parse("event: a\r\ndata: 1\r\ndata: 2\r\n\r\ndata: 3\r\n\r\n"), expected);
  EXPECT_EQ(Parse("event: a\rdata: 1\r\ndata: 2\n\r\ndata: 3\n\r"), expected);
}

// The examples of the standard, 9.2.6.
TEST(SseParserTest, TheExamplesOfTheStandard) {
  EXPECT_THAT(Parse("data: YHOO\ndata: +2\ndata: 10\n\n"), ElementsAre("|YHOO\n+2\n10|"));
  EXPECT_THAT(Parse(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
                    "data:  third event\n\n"),
              ElementsAre("|first event|1", "|second event|", "| third event|"));
  EXPECT_THAT(Parse("data\n\ndata\ndata\n\ndata:"), ElementsAre("||", "|\n|"));
  EXPECT_THAT(Parse("data:test\n\ndata: test\n\n"), ElementsAre("|test|", "|test|"));
}

TEST(SseParserTest, CommentsAndUnknownFieldsAreSkipped) {
  EXPECT_THAT(Parse(": OPENROUTER PROCESSING\n\nretry: 10\nfoo: bar\ndata: x\n: in between\n\n"),
              ElementsAre("|x|"));
}

TEST(SseParserTest, AnEventWithoutDataIsNone) {
  EXPECT_THAT(Parse("event: ping\n\ndata: x\n\n"), ElementsAre("|x|"));
}

TEST(SseParserTest, AByteOrderMarkIsSkippedAtTheStartOnly) {
  EXPECT_THAT(Parse("\xef\xbb\xbf"
                    "data: x\n\n"),
              ElementsAre("|x|"));
  EXPECT_THAT(Parse("data: x\n\n\xef\xbb\xbf"
                    "data: y\n\n"),
              ElementsAre("|x|"));
}

TEST(SseParserTest, AnIdWithANulIsIgnored) {
  EXPECT_THAT(Parse(std::string_view("id: 1\nid: a\0b\ndata: x\n\n", 23)), ElementsAre("|x|1"));
}

TEST(SseParserTest, AnySplitGivesTheSameEvents) {
  const std::string stream =
      "\xef\xbb\xbf"
      ": hi\r\nevent: a\r\ndata: Gr\xc3\xbc\xc3\x9f\r\ndata: 2\r\n\r\ndata: [DONE]\r\r";
  const auto whole = Parse(stream);
  ASSERT_THAT(whole, ElementsAre("a|Grüß\n2|", "|[DONE]|"));
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    SseParser parser;
    Events events;
    ASSERT_THAT(parser.Push(std::string_view(stream).substr(0, cut), events), IsOk());
    ASSERT_THAT(parser.Push(std::string_view(stream).substr(cut), events), IsOk());
    EXPECT_EQ(events.seen, whole) << "cut at " << cut;
  }
  SseParser parser;
  Events events;
  for (char byte : stream) ASSERT_THAT(parser.Push({&byte, 1}, events), IsOk());
  EXPECT_EQ(events.seen, whole);
}

TEST(SseParserTest, TheEndDeliversAnEventWithoutItsBlankLine) {
  for (const char* ending : {"", "\n", "\r", "\r\n"}) {
    SseParser parser;
    Events events;
    ASSERT_THAT(parser.Push(std::string("data: [DONE]") + ending, events), IsOk());
    EXPECT_THAT(events.seen, IsEmpty());
    ASSERT_THAT(parser.Finish(events), IsOk());
    EXPECT_THAT(events.seen, ElementsAre("|[DONE]|"));
  }
}

TEST(SseParserTest, ALineOrEventThatIsTooLongIsRefusedForGood) {
  SseParser by_line(16);
  Events events;
  EXPECT_THAT(by_line.Push("data: 0123456789", events), IsOk());
  EXPECT_THAT(by_line.Push("x", events),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("16")));
  EXPECT_THAT(by_line.Push("\n\n", events), StatusIs(absl::StatusCode::kResourceExhausted));

  SseParser by_event(16);
  EXPECT_THAT(by_event.Push("data: 01234567\ndata: 0123456", events), IsOk());
  EXPECT_THAT(by_event.Push("\ndata:\n", events), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(events.seen, IsEmpty());
}

TEST(SseParserTest, InvalidUtf8IsRefused) {
  SseParser parser;
  Events events;
  EXPECT_THAT(parser.Push("data: ok\n\ndata: \xc3(\n\n", events),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("UTF-8")));
  EXPECT_THAT(events.seen, ElementsAre("|ok|"));
}

TEST(SseParserTest, TheHandlerMayDestroyTheParser) {
  auto parser = std::make_unique<SseParser>();
  int events = 0;
  EXPECT_THAT(parser->Push("data: 1\n\ndata: 2\n\n",
                           [&](const SseEvent&) {
                             ++events;
                             parser.reset();
                             return false;
                           }),
              IsOk());
  EXPECT_EQ(events, 1);
}

}  // namespace
}  // namespace dragoman
