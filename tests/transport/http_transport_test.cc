#include "dragoman/transport/http_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "dragoman/testing/matchers.h"

namespace dragoman {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

absl::Status ValidateUrl(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request.Validate();
}

TEST(HttpRequestTest, UrlsWithAHostAreFine) {
  EXPECT_THAT(ValidateUrl("http://localhost"), IsOk());
  EXPECT_THAT(ValidateUrl("https://api.example.com:8443/v1/chat?a=b@c#d"), IsOk());
  EXPECT_THAT(ValidateUrl("http://[::1]:8080/"), IsOk());
}

TEST(HttpRequestTest, OtherUrlsAreRefused) {
  for (const char* url :
       {"", "localhost", "ftp://host/", "file:///etc/passwd", "HTTP://host/", "http://",
        "http:///path", "http://:80/", "http://user@host/", "https://user:secret@host/x",
        "http://host/a b", "http://host/\r\nX: y"}) {
    EXPECT_THAT(ValidateUrl(url), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("url")))
        << url;
  }
}

TEST(HttpRequestTest, AMessageNeverHoldsTheSecretsOfAUrlOrHeader) {
  EXPECT_THAT(ValidateUrl("https://user:hunter2@host/").ToString(), Not(HasSubstr("hunter2")));
  HttpRequest request{.url = "https://host/", .headers = {{"Authorization", "Bearer hunter2\n"}}};
  EXPECT_THAT(request.Validate().ToString(), Not(HasSubstr("hunter2")));
}

TEST(HttpRequestTest, HeadersAndMethodsThatCouldSmuggleAreRefused) {
  HttpRequest request{.url = "https://host/"};
  request.headers = {{"X-A", "tab\tand blank are fine"}};
  EXPECT_THAT(request.Validate(), IsOk());
  request.headers = {{"X-A", "a\nb"}};
  EXPECT_THAT(request.Validate(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("X-A")));
  request.headers = {{"X A", "b"}};
  EXPECT_THAT(request.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("headers")));
  request.headers = {};
  request.method = "";
  EXPECT_THAT(request.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("method")));
}

TEST(HttpRequestTest, TimeoutsArePositive) {
  HttpRequest request{.url = "https://host/"};
  request.total_timeout = std::chrono::milliseconds(0);
  EXPECT_THAT(request.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("total_timeout")));
  request = {.url = "https://host/", .connect_timeout = std::chrono::milliseconds(-1)};
  EXPECT_THAT(request.Validate(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("connect_timeout")));
}

TEST(HttpResponseHeadTest, FindsTheFirstHeaderOfAName) {
  const HttpResponseHead head{.headers = {{"a", "1"}, {"b", "2"}, {"b", "3"}}};
  EXPECT_EQ(head.Header("b"), "2");
  EXPECT_EQ(head.Header("c"), "");
}

}  // namespace
}  // namespace dragoman
