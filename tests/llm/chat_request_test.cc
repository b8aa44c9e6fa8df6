#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dragoman/llm/chat_model.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;

ChatRequest Valid() { return {.messages = {{.text = "hello"}}}; }

TEST(ChatRequestTest, TheLimitsAreAllowedAndWhatIsBeyondIsNot) {
  ChatRequest request = Valid();
  for (int tokens : {1, 128'000}) {
    request.max_output_tokens = tokens;
    EXPECT_THAT(request.Validate(), IsOk());
  }
  request.max_output_tokens = 128'001;
  EXPECT_THAT(request.Validate(), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("max_output_tokens is 128001")));
  request = Valid();
  for (int temperature : {-1, 0, 2000}) {
    request.temperature_per_mille = temperature;
    EXPECT_THAT(request.Validate(), IsOk());
  }
  request.temperature_per_mille = -2;
  EXPECT_THAT(request.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("temperature_per_mille")));
}

TEST(ChatRequestTest, ABadMessageIsNamedByItsPlace) {
  ChatRequest request = Valid();
  request.messages.push_back({.text = "\xf0\x28"});
  EXPECT_THAT(request.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("messages[1].text")));
  request.messages.clear();
  EXPECT_THAT(request.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("messages")));
}

TEST(FinishReasonTest, Names) {
  EXPECT_EQ(Name(FinishReason::kStop), "stop");
  EXPECT_EQ(Name(FinishReason::kToolCalls), "tool_calls");
  EXPECT_EQ(Name(FinishReason::kLength), "length");
  EXPECT_EQ(Name(FinishReason::kRefused), "refused");
}

}  // namespace
}  // namespace dragoman
