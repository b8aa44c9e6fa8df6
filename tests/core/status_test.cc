#include "dragoman/core/status.h"

#include <gtest/gtest.h>

#include <string>

namespace dragoman {
namespace {

using std::chrono::operator""ms;

TEST(StatusTest, MessagesJoinTextAndNumbers) {
  const std::string owned = "owned";
  EXPECT_EQ(StrCat("a", owned, std::string_view("b"), 'c', -7, 8u, true, 250ms),
            "aownedbc-78true250 ms");
  EXPECT_EQ(StrCat(), "");
}

TEST(StatusTest, ADoubleIsWrittenInItsShortestForm) {
  EXPECT_EQ(StrCat(0.1, " ", 2.0, " ", 1e300), "0.1 2 1e+300");
}

TEST(StatusTest, EachHelperHasItsCode) {
  EXPECT_EQ(InvalidArgument("x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FailedPrecondition("x").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ResourceExhausted("x").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Unavailable("x").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(NotFound("x").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Internal("x").code(), absl::StatusCode::kInternal);
  EXPECT_EQ(Unimplemented("x").code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(DataLoss("x").code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Cancelled().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(DeadlineExceeded("x").code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(StatusTest, AnnotateAddsTheSpeakerAndKeepsTheCode) {
  const absl::Status status = Annotate(Unavailable("HTTP ", 503), "openai");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(MessageOf(status), "openai: HTTP 503");
}

TEST(StatusTest, AnnotateLeavesOkAlone) { EXPECT_TRUE(Annotate(absl::OkStatus(), "who").ok()); }

absl::StatusOr<int> Half(int value) {
  if (value % 2 != 0) return InvalidArgument(value, " is odd");
  return value / 2;
}

absl::StatusOr<int> Quarter(int value) {
  DRAGOMAN_ASSIGN_OR_RETURN(const int half, Half(value));
  return Half(half);
}

absl::Status CheckQuarter(int value, int* reached) {
  DRAGOMAN_RETURN_IF_ERROR(Quarter(value).status());
  ++*reached;
  return absl::OkStatus();
}

TEST(StatusTest, TheMacrosPassErrorsOnAndValuesThrough) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(MessageOf(Quarter(7).status()), "7 is odd");
  EXPECT_EQ(MessageOf(Quarter(6).status()), "3 is odd");
  int reached = 0;
  EXPECT_TRUE(CheckQuarter(4, &reached).ok());
  EXPECT_FALSE(CheckQuarter(5, &reached).ok());
  EXPECT_EQ(reached, 1);
}

}  // namespace
}  // namespace dragoman
