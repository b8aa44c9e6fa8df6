#include "dragoman/tools/tool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "dragoman/testing/fake_tool.h"
#include "dragoman/testing/matchers.h"
#include "tests/contract/tool_contract.h"

namespace dragoman {
namespace {

struct InlineHarness : ManualHarness {
  InlineHarness() {
    auto made =
        MakeInlineTool(FakeTool::Spec("echo"), [](const std::string& text) { return text; });
    made_ = *std::move(made);
  }
  Tool& tool() { return *made_; }
  std::string arguments() { return R"({"text":"hello"})"; }
  std::unique_ptr<Tool> made_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Inline, ToolContract, InlineHarness);

struct FakeHarness : ManualHarness {
  Tool& tool() { return tool_; }
  std::string arguments() { return "{}"; }
  FakeTool tool_{FakeTool::Spec("fake"), {.after = std::chrono::milliseconds(20)}};
};
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, ToolContract, FakeHarness);

TEST(InlineToolTest, GivesTheFunctionItsArgumentsAndPassesOnWhatItReturns) {
  ManualExecutor executor;
  auto tool = MakeInlineTool(FakeTool::Spec("fails"), [](const std::string& arguments) {
    return absl::StatusOr<std::string>(absl::NotFoundError("no " + arguments));
  });
  ASSERT_THAT(tool, IsOk());
  absl::StatusOr<std::string> result = std::string("unset");
  auto run = (*tool)->Run("{}", {}, executor, [&](auto done) { result = std::move(done); });
  executor.RunUntilIdle();
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kNotFound, testing::StrEq("no {}")));
}

TEST(InlineToolTest, WhatTheFunctionThrowsBecomesAFailureAndTheNextRunGoesOn) {
  ManualExecutor executor;
  int runs = 0;
  auto tool = MakeInlineTool(FakeTool::Spec("brittle"),
                             [&](const std::string&) -> absl::StatusOr<std::string> {
                               switch (++runs) {
                                 case 1:
                                   throw std::runtime_error("the disk is gone");
                                 case 2:
                                   throw 7;
                                 default:
                                   return "{}";
                               }
                             });
  ASSERT_THAT(tool, IsOk());
  auto run_once = [&] {
    absl::StatusOr<std::string> result = std::string("unset");
    auto run = (*tool)->Run("{}", {}, executor, [&](auto done) { result = std::move(done); });
    executor.RunUntilIdle();
    return result;
  };
  EXPECT_THAT(run_once(), StatusIs(absl::StatusCode::kInternal,
                                   testing::StrEq("tool \"brittle\" threw: the disk is gone")));
  EXPECT_THAT(run_once(),
              StatusIs(absl::StatusCode::kInternal, testing::HasSubstr("no std::exception")));
  EXPECT_THAT(run_once(), IsOk());
}

TEST(InlineToolTest, ARunCancelledBeforeItBeganHasNoEffect) {
  ManualExecutor executor;
  int runs = 0;
  auto tool = MakeInlineTool(FakeTool::Spec("counts"), [&](const std::string&) {
    ++runs;
    return absl::StatusOr<std::string>("{}");
  });
  absl::Status status;
  auto run = (*tool)->Run("{}", {}, executor, [&](auto done) { status = done.status(); });
  run->Cancel();
  executor.RunUntilIdle();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(runs, 0);
}

TEST(InlineToolTest, ARunMayOutliveItsToolByAPostedTask) {
  ManualExecutor executor;
  auto tool = MakeInlineTool(FakeTool::Spec("echo"), [](const std::string& text) { return text; });
  bool done = false;
  auto run = (*tool)->Run("{}", {}, executor, [&](auto) { done = true; });
  tool->reset();
  executor.RunUntilIdle();
  EXPECT_TRUE(done);
}

TEST(InlineToolTest, ABadSpecOrNoFunctionIsRefused) {
  EXPECT_THAT(MakeInlineTool(FakeTool::Spec("has blank"), [](const std::string& t) { return t; }),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(MakeInlineTool(FakeTool::Spec("empty"), nullptr),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("no function")));
}

}  // namespace
}  // namespace dragoman
