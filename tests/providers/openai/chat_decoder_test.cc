#include "src/providers/openai/chat_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dragoman/testing/matchers.h"
#include "src/providers/openai/think_filter.h"
#include "src/wire/sse.h"
#include "tests/providers/openai/examples.h"

namespace dragoman::openai {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A stream through the parser and the decoder.
struct Decoded {
  ChatDecoder decoder{false};
  std::string text;
  absl::Status status;

  void Push(SseParser& parser, std::string_view bytes) {
    const absl::Status parsed = parser.Push(bytes, [this](const SseEvent& event) {
      absl::StatusOr<std::string> spoken = decoder.Feed(event.data);
      status = spoken.status();
      if (spoken.ok()) text += *spoken;
      return spoken.ok();
    });
    EXPECT_THAT(parsed, IsOk());
  }
};

// In two pieces, cut at `cut`.
void Decode(std::string_view stream, std::size_t cut, Decoded& decoded) {
  SseParser parser;
  decoded.Push(parser, stream.substr(0, cut));
  if (decoded.status.ok()) decoded.Push(parser, stream.substr(cut));
}

Usage UsageOf(const nlohmann::json& usage) {
  const std::int64_t prompt = usage["prompt_tokens"];
  const std::int64_t completion = usage["completion_tokens"];
  const std::int64_t total = usage["total_tokens"];
  const std::int64_t cached =
      usage.value("prompt_tokens_details", nlohmann::json::object()).value("cached_tokens", 0);
  return {.input_tokens = prompt - cached,
          .cached_input_tokens = cached,
          .output_tokens = completion + (total - prompt - completion)};
}

std::string OrEmpty(const nlohmann::json& value) { return value.is_null() ? "" : value; }

class ExampleStreamTest : public ::testing::TestWithParam<const char*> {
 protected:
  void ExpectAsWorkedOut(Decoded& decoded, const nlohmann::json& expected) {
    ChatDecoder& decoder = decoded.decoder;
    EXPECT_EQ(nlohmann::json(decoded.text), expected["text"]);
    EXPECT_EQ(decoder.refusal(), OrEmpty(expected["refusal"]));
    EXPECT_EQ(decoder.reasoning(), OrEmpty(expected["reasoning"]));
    EXPECT_EQ(decoder.finish_reason(), OrEmpty(expected["finish_reason"]));
    EXPECT_EQ(decoder.done_seen(), expected["done_seen"]);
    if (!expected["error"].is_null()) {
      EXPECT_THAT(decoded.status, StatusIs(absl::StatusCode::kUnavailable,
                                           HasSubstr(expected["error"]["message"])));
      return;
    }
    ASSERT_THAT(decoded.status, IsOk());
    absl::StatusOr<ChatResult> result = decoder.Finish(0);
    if (expected["finish_reason"].is_null()) {
      EXPECT_THAT(result, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("ended before")));
      return;
    }
    ASSERT_THAT(result, IsOk());
    EXPECT_EQ(nlohmann::json(result->message.text), expected["text"]);
    ASSERT_EQ(result->message.tool_calls.size(), expected["tool_calls"].size());
    for (std::size_t i = 0; i < result->message.tool_calls.size(); ++i) {
      const ToolCall& call = result->message.tool_calls[i];
      const nlohmann::json& wanted = expected["tool_calls"][i];
      EXPECT_EQ(call, (ToolCall{wanted["id"], wanted["name"], wanted["arguments"]}));
      EXPECT_EQ(nlohmann::json::parse(call.arguments), wanted["parsed"]);
    }
    if (!expected["usage"].is_null()) {
      EXPECT_EQ(result->usage, UsageOf(expected["usage"]));
    } else {
      EXPECT_TRUE(result->usage.estimated);
    }
  }
};

// What the decoder is fed.
std::vector<std::string> EventsOf(std::string_view stream, std::size_t cut) {
  SseParser parser;
  std::vector<std::string> events;
  for (std::string_view piece : {stream.substr(0, cut), stream.substr(cut)}) {
    EXPECT_THAT(parser.Push(piece,
                            [&](const SseEvent& event) {
                              events.emplace_back(event.data);
                              return true;
                            }),
                IsOk());
  }
  return events;
}

TEST_P(ExampleStreamTest, DecodesAsWorkedOut) {
  Decoded decoded;
  Decode(Example(std::string(GetParam()) + ".sse"), 0, decoded);
  ExpectAsWorkedOut(decoded, JsonExample(std::string(GetParam()) + ".expected.json"));
}

TEST_P(ExampleStreamTest, AnySplitFeedsTheDecoderTheSame) {
  const std::string stream = Example(std::string(GetParam()) + ".sse");
  ASSERT_FALSE(stream.empty());
  const std::vector<std::string> whole = EventsOf(stream, 0);
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    ASSERT_EQ(EventsOf(stream, cut), whole) << "cut at " << cut;
  }
}

TEST_P(ExampleStreamTest, ByteByByteDecodesAsWorkedOut) {
  const std::string stream = Example(std::string(GetParam()) + ".sse");
  SseParser parser;
  Decoded decoded;
  for (std::size_t at = 0; at < stream.size() && decoded.status.ok(); ++at) {
    decoded.Push(parser, std::string_view(stream).substr(at, 1));
  }
  ExpectAsWorkedOut(decoded, JsonExample(std::string(GetParam()) + ".expected.json"));
}

INSTANTIATE_TEST_SUITE_P(OpenAi, ExampleStreamTest,
                         ::testing::Values("stream-text-usage", "stream-parallel-tools",
                                           "stream-index1-noDense", "stream-reasoning-fields",
                                           "stream-refusal", "stream-error", "stream-cut-no-done",
                                           "groq-stream-tool", "openrouter-stream-comment-usage",
                                           "openrouter-stream-comment-error"));

TEST(ChatDecoderTest, TheAwkwardSplitsThatComeWithAnExampleDecodeTheSame) {
  const std::string stream = Example("stream-parallel-tools.sse");
  const nlohmann::json splits = JsonExample("stream-parallel-tools.splits.json");
  ASSERT_EQ(stream.size(), splits["bytes"]);
  Decoded whole;
  Decode(stream, 0, whole);
  auto expected = whole.decoder.Finish(0);
  ASSERT_THAT(expected, IsOk());
  for (const nlohmann::json& split : splits["splits"]) {
    SCOPED_TRACE(split["why"]);
    Decoded decoded;
    Decode(stream, split["offset"], decoded);
    auto result = decoded.decoder.Finish(0);
    ASSERT_THAT(result, IsOk());
    EXPECT_EQ(result->message, expected->message);
  }
}

TEST(ChatDecoderTest, ARefusalIsNotTextAndIsKeptForTheHistory) {
  Decoded decoded;
  Decode(Example("stream-refusal.sse"), 0, decoded);
  auto result = decoded.decoder.Finish(0);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->finish, FinishReason::kRefused);
  EXPECT_EQ(result->message.text, "");
  EXPECT_EQ(result->message.vendor, "openai");
  EXPECT_EQ(result->message.vendor_state, R"({"refusal":"I can't help with that."})");
}

// Feeds deltas; the last ends with `finish`.
absl::StatusOr<ChatResult> Result(const std::vector<std::string>& deltas,
                                  const std::string& finish = "\"stop\"") {
  ChatDecoder decoder(false);
  const auto feed = [&](const std::string& delta, const std::string& reason) {
    return decoder
        .Feed(R"({"choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" + reason +
              "}]}")
        .status();
  };
  for (const std::string& delta : deltas) {
    if (absl::Status status = feed(delta, "null"); !status.ok()) return status;
  }
  if (absl::Status status = feed("{}", finish); !status.ok()) return status;
  return decoder.Finish(40);
}

TEST(ChatDecoderTest, FragmentsWithoutIndexBelongToTheirIdOrElseToTheLastCall) {
  auto result = Result({
      R"({"tool_calls":[{"id":"a","function":{"name":"one","arguments":"{\"x\""}}]})",
      R"({"tool_calls":[{"id":"b","function":{"name":"two","arguments":""}}]})",
      R"({"tool_calls":[{"id":"a","function":{"name":"one","arguments":":1}"}}]})",
      R"({"tool_calls":[{"index":null,"function":{"arguments":"{}"}}]})",
  });
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->finish, FinishReason::kToolCalls);
  EXPECT_THAT(result->message.tool_calls,
              ElementsAre(ToolCall{"a", "one", R"({"x":1})"}, ToolCall{"b", "two", "{}"}));
}

TEST(ChatDecoderTest, ARepeatedNameAndIdAreNotJoined) {
  auto result = Result({
      R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{"}}]})",
      R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"}"}}]})",
  });
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->message.tool_calls, ElementsAre(ToolCall{"a", "one", "{}"}));
}

TEST(ChatDecoderTest, ArgumentsMayBeAnObjectOrMissing) {
  auto result = Result({
      R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":{"x":1}}}]})",
      R"({"tool_calls":[{"index":1,"id":"b","function":{"name":"two"}}]})",
  });
  ASSERT_THAT(result, IsOk());
  EXPECT_THAT(result->message.tool_calls,
              ElementsAre(ToolCall{"a", "one", R"({"x":1})"}, ToolCall{"b", "two", "{}"}));
}

TEST(ChatDecoderTest, ACallWithoutAnIdGetsOne) {
  auto result = Result(
      {R"({"tool_calls":[{"index":0,"function":{"name":"one"}},{"index":1,"function":{"name":"two"}}]})"});
  ASSERT_THAT(result, IsOk());
  ASSERT_THAT(result->message.tool_calls, SizeIs(2));
  EXPECT_NE(result->message.tool_calls[0].id, "");
  EXPECT_NE(result->message.tool_calls[0].id, result->message.tool_calls[1].id);
}

TEST(ChatDecoderTest, ACallWithoutANameIsAnError) {
  EXPECT_THAT(Result({R"({"tool_calls":[{"index":0,"id":"a"}]})"}),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("name")));
}

TEST(ChatDecoderTest, ACallCutByTheTokenLimitDoesNotRun) {
  auto result = Result(
      {R"({"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{\"x\":"}}]})"},
      "\"length\"");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->finish, FinishReason::kLength);
  EXPECT_THAT(result->message.tool_calls, SizeIs(0));
}

TEST(ChatDecoderTest, TooManyCallsAreRefused) {
  ChatDecoder decoder(false);
  absl::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) {
    const std::string index = std::to_string(i);
    status = decoder
                 .Feed(R"({"choices":[{"delta":{"tool_calls":[{"index":)" + index +
                       R"(,"function":{"name":"a"}}]}}]})")
                 .status();
  }
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(ChatDecoderTest, AFilteredReplyIsARefusal) {
  auto result = Result({R"({"content":"I "})"}, "\"content_filter\"");
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->finish, FinishReason::kRefused);
}

TEST(ChatDecoderTest, UsageIsEstimatedWhenTheServerTellsNone) {
  auto result = Result({R"({"content":"12345678"})"});
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->usage, (Usage{.input_tokens = 10, .output_tokens = 2, .estimated = true}));
}

TEST(ChatDecoderTest, AnotherChoiceIsNotMixedIn) {
  ChatDecoder decoder(false);
  EXPECT_THAT(decoder.Feed(R"({"choices":[{"index":1,"delta":{"content":"no"}},)"
                           R"({"index":0,"delta":{"content":"yes"}}]})"),
              IsOkAndHolds("yes"));
}

TEST(ChatDecoderTest, WhateverTypeAFieldHasNothingBreaks) {
  for (const char* chunk :
       {"{}", R"({"choices":null})", R"({"choices":[]})", R"({"choices":[null]})",
        R"({"choices":[{"delta":null}]})", R"({"choices":[{"delta":{"content":5}}]})",
        R"({"choices":[{"delta":{"tool_calls":{}}}]})", R"({"usage":{"prompt_tokens":"many"}})",
        R"({"usage":{"prompt_tokens":1e300,"total_tokens":-5}})", R"({"choices":{"index":0}})",
        R"({"choices":[{"index":"0","finish_reason":[]}]})"}) {
    ChatDecoder decoder(false);
    EXPECT_THAT(decoder.Feed(chunk), IsOkAndHolds("")) << chunk;
    EXPECT_FALSE(decoder.token_seen()) << chunk;
  }
  for (const char* chunk : {"", "[]", "5", "{", "<html>", "nan"}) {
    ChatDecoder decoder(false);
    EXPECT_THAT(decoder.Feed(chunk), StatusIs(absl::StatusCode::kInternal)) << chunk;
  }
}

TEST(ThinkFilterTest, WhatIsThoughtIsNotSpokenHoweverItIsCut) {
  const std::string text = "Hm <b>. <think>the <user> </thin wants\n</think>\n\n Yes<thin.";
  for (std::size_t one = 0; one <= text.size(); ++one) {
    for (std::size_t two = one; two <= text.size(); ++two) {
      ThinkFilter filter;
      std::string spoken = filter.Push(text.substr(0, one));
      spoken += filter.Push(text.substr(one, two - one));
      spoken += filter.Push(text.substr(two));
      spoken += filter.Finish();
      ASSERT_EQ(spoken, "Hm <b>. Yes<thin.") << one << " " << two;
    }
  }
}

TEST(ThinkFilterTest, TextWithoutATagIsNotHeldBack) {
  ThinkFilter filter;
  EXPECT_EQ(filter.Push("Yes, "), "Yes, ");
  EXPECT_EQ(filter.Push("1 < 2 <"), "1 < 2 ");
  EXPECT_EQ(filter.Push("3"), "<3");
}

TEST(ThinkFilterTest, AThoughtThatNeverEndsIsNotSpoken) {
  ThinkFilter filter;
  EXPECT_EQ(filter.Push("<think>hm </thi"), "");
  EXPECT_EQ(filter.Finish(), "");
}

}  // namespace
}  // namespace dragoman::openai
