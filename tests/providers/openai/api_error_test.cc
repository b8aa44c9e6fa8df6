#include "src/providers/openai/api_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "dragoman/testing/matchers.h"
#include "tests/providers/openai/examples.h"

namespace dragoman::openai {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

ApiError Response(int status, const std::string& body,
                  std::vector<std::pair<std::string, std::string>> headers = {}) {
  return FromResponse({.status = status, .headers = std::move(headers)}, body);
}

TEST(ApiErrorTest, TooManyRequestsMayBeTriedAgainWhenTheServerSays) {
  const std::string file = Example("error-429-rate.http");
  const std::string body = file.substr(
      file.find("\n\n") == std::string::npos ? file.find("\r\n\r\n") + 4 : file.find("\n\n") + 2);
  const ApiError error =
      Response(429, body, {{"x-request-id", "req_example"}, {"retry-after", "3"}});
  EXPECT_THAT(error.status,
              StatusIs(StatusCode::kResourceExhausted,
                       R"(HTTP 429 "Rate limit reached for requests" (request req_example))"));
  EXPECT_TRUE(error.retryable);
  EXPECT_EQ(error.retry_after, std::chrono::seconds(3));
}

TEST(ApiErrorTest, AnEmptyAccountIsNotTriedAgain) {
  const ApiError error = Response(429, JsonExample("error-429-quota.json")["body"].dump());
  EXPECT_THAT(error.status, StatusIs(StatusCode::kResourceExhausted, HasSubstr("quota")));
  EXPECT_FALSE(error.retryable);
}

TEST(ApiErrorTest, AConversationThatIsTooLongIsToldApartInBothShapes) {
  for (const char* example : {"error-context.json", "error-context-vllm-flat.json"}) {
    const ApiError error = Response(400, JsonExample(example)["body"].dump());
    EXPECT_THAT(error.status, StatusIs(StatusCode::kOutOfRange, HasSubstr("maximum context")));
    EXPECT_FALSE(error.retryable);
  }
}

TEST(ApiErrorTest, EachStatusSaysWhatToDo) {
  const std::string body = R"({"error":{"message":"m","type":"t","param":null,"code":null}})";
  struct Case {
    int http;
    StatusCode code;
    bool retryable;
  };
  for (const Case& c :
       {Case{400, StatusCode::kInvalidArgument, false},
        Case{401, StatusCode::kUnauthenticated, false},
        Case{402, StatusCode::kResourceExhausted, false},
        Case{403, StatusCode::kPermissionDenied, false}, Case{404, StatusCode::kNotFound, false},
        Case{408, StatusCode::kUnavailable, true}, Case{409, StatusCode::kUnavailable, true},
        Case{422, StatusCode::kInvalidArgument, false},
        Case{429, StatusCode::kResourceExhausted, true}, Case{500, StatusCode::kUnavailable, true},
        Case{503, StatusCode::kUnavailable, true},
        Case{307, StatusCode::kFailedPrecondition, false}}) {
    const ApiError error = Response(c.http, body);
    EXPECT_EQ(error.status.code(), c.code) << c.http;
    EXPECT_EQ(error.retryable, c.retryable) << c.http;
  }
}

TEST(ApiErrorTest, APageOfHtmlIsQuotedOnOneShortLine) {
  const ApiError error = Response(502, "<html>\n" + std::string(10'000, 'x'));
  EXPECT_THAT(error.status, StatusIs(StatusCode::kUnavailable, HasSubstr("<html>")));
  EXPECT_THAT(std::string(error.status.message()), Not(HasSubstr("\n")));
  EXPECT_LT(error.status.message().size(), 400u);
}

TEST(ApiErrorTest, AnEmptyBodyIsJustTheStatus) {
  EXPECT_THAT(Response(503, "").status, StatusIs(StatusCode::kUnavailable, "HTTP 503"));
}

TEST(ApiErrorTest, AServerThatAsksNotToBeAskedAgainIsNot) {
  EXPECT_FALSE(Response(503, "", {{"x-should-retry", "false"}}).retryable);
}

TEST(ApiErrorTest, OddRetryAftersAreIgnored) {
  for (const char* value : {"", "soon", "-1", "1e99", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    EXPECT_EQ(Response(429, "{}", {{"retry-after", value}}).retry_after, std::nullopt) << value;
  }
  EXPECT_EQ(Response(429, "{}", {{"retry-after", "0.5"}}).retry_after,
            std::chrono::milliseconds(500));
}

TEST(ApiErrorTest, AChunkIsAnErrorOnlyWhenItSaysSo) {
  EXPECT_FALSE(FromChunk(nlohmann::json::parse(R"({"choices":[]})"), "").has_value());
  EXPECT_FALSE(FromChunk(nlohmann::json::parse(R"({"error":null})"), "").has_value());
  EXPECT_FALSE(FromChunk(nlohmann::json("text"), "").has_value());
}

TEST(ApiErrorTest, AnErrorInAStreamIsJudgedByItsCodeOrType) {
  const auto code = [](const char* error) {
    auto found = FromChunk(nlohmann::json{{"error", nlohmann::json::parse(error)}}, "r1");
    EXPECT_TRUE(found.has_value()) << error;
    return found ? found->status.code() : StatusCode::kOk;
  };
  EXPECT_EQ(code(R"({"message":"m","type":"server_error","code":null})"), StatusCode::kUnavailable);
  EXPECT_EQ(code(R"({"message":"m","code":502})"), StatusCode::kUnavailable);
  EXPECT_EQ(code(R"({"message":"m","code":402})"), StatusCode::kResourceExhausted);
  EXPECT_EQ(code(R"({"message":"m","code":"rate_limit_exceeded"})"),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(code(R"({"message":"m","type":"invalid_request_error"})"),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code(R"("out of memory")"), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace dragoman::openai
