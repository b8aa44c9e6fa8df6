#include "dragoman/tools/pooled_tool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "dragoman/testing/fake_tool.h"
#include "dragoman/testing/matchers.h"
#include "tests/contract/tool_contract.h"

namespace dragoman {
namespace {

absl::StatusOr<std::string> Echo(const std::string& arguments, const ToolContext&,
                                 const CancelFlag&) {
  return arguments;
}

struct VirtualHarness : ManualHarness {
  VirtualHarness() { made_ = *MakePooledTool(FakeTool::Spec("echo"), Echo, pool_); }
  Tool& tool() { return *made_; }
  std::string arguments() { return "{}"; }
  ManualWorkPool pool_{executor()};
  std::unique_ptr<Tool> made_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(VirtualPool, ToolContract, VirtualHarness);

struct ThreadedHarness : ThreadHarness {
  ThreadedHarness() {
    pool_ = *MakeThreadWorkPool({.threads = 2});
    made_ = *MakePooledTool(FakeTool::Spec("echo"), Echo, *pool_);
  }
  ~ThreadedHarness() { pool_.reset(); }
  Tool& tool() { return *made_; }
  std::string arguments() { return "{}"; }
  std::unique_ptr<WorkPool> pool_;
  std::unique_ptr<Tool> made_;
};
INSTANTIATE_TYPED_TEST_SUITE_P(ThreadPool, ToolContract, ThreadedHarness);

// Work waits until the test lets it run.
class HeldPool : public WorkPool {
 public:
  absl::Status Submit(Work work, Executor& reply_to) override {
    if (full) return absl::ResourceExhaustedError("the queue is full");
    held.push_back({std::move(work), &reply_to});
    return absl::OkStatus();
  }
  void RunAll() {
    for (auto& [work, executor] : held) {
      work.run();
      executor->Post(std::move(work.done));
    }
    held.clear();
  }
  std::vector<std::pair<Work, Executor*>> held;
  bool full = false;
};

class PooledToolTest : public testing::Test {
 protected:
  std::unique_ptr<ToolRun> Start(PooledToolFunction function) {
    tool_ = *MakePooledTool(FakeTool::Spec("work"), std::move(function), pool_);
    return tool_->Run("{}", {.call_id = "c", .effect_key = "k"}, executor_,
                      [this](absl::StatusOr<std::string> done) { result_ = std::move(done); });
  }
  ManualExecutor executor_;
  HeldPool pool_;
  std::unique_ptr<Tool> tool_;
  absl::StatusOr<std::string> result_ = std::string("unset");
};

TEST_F(PooledToolTest, TheFunctionLearnsTheKeyOfItsEffect) {
  auto run = Start([](const std::string&, const ToolContext& context, const CancelFlag&) {
    return absl::StatusOr<std::string>(context.call_id + "/" + context.effect_key);
  });
  pool_.RunAll();
  executor_.RunUntilIdle();
  ASSERT_THAT(result_, IsOk());
  EXPECT_EQ(*result_, "c/k");
}

TEST_F(PooledToolTest, WhatTheFunctionThrowsBecomesAFailure) {
  auto run = Start(
      [](const std::string&, const ToolContext&, const CancelFlag&) -> absl::StatusOr<std::string> {
        throw std::runtime_error("the disk is gone");
      });
  pool_.RunAll();
  executor_.RunUntilIdle();
  EXPECT_THAT(result_, StatusIs(absl::StatusCode::kInternal,
                                testing::StrEq("tool \"work\" threw: the disk is gone")));
}

TEST_F(PooledToolTest, CancelledInTheQueueItHasNoEffect) {
  int runs = 0;
  auto run = Start([&](const std::string&, const ToolContext&, const CancelFlag&) {
    ++runs;
    return absl::StatusOr<std::string>("{}");
  });
  run->Cancel();
  pool_.RunAll();
  executor_.RunUntilIdle();
  EXPECT_THAT(result_, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(runs, 0);
}

TEST_F(PooledToolTest, CancelledAtWorkItLearnsOfItAndItsResultStillComes) {
  std::unique_ptr<ToolRun> run;
  run = Start([&](const std::string&, const ToolContext&, const CancelFlag& cancel) {
    run->Cancel();
    return absl::StatusOr<std::string>(cancel.cancelled() ? "stopped half way" : "never knew");
  });
  pool_.RunAll();
  executor_.RunUntilIdle();
  ASSERT_THAT(result_, IsOk());
  EXPECT_EQ(*result_, "stopped half way");
}

TEST_F(PooledToolTest, AFullPoolIsReportedNotThrownAway) {
  pool_.full = true;
  auto run = Start(Echo);
  EXPECT_EQ(*result_, "unset");
  executor_.RunUntilIdle();
  EXPECT_THAT(result_, StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(PooledToolTest, WorkMayEndAfterItsRunAndItsToolAreGone) {
  bool ran = false;
  auto run = Start([&](const std::string&, const ToolContext&, const CancelFlag&) {
    ran = true;
    return absl::StatusOr<std::string>("{}");
  });
  run.reset();
  tool_.reset();
  pool_.RunAll();
  executor_.RunUntilIdle();
  EXPECT_TRUE(ran);
  EXPECT_EQ(*result_, "unset");
}

TEST(PooledToolVirtualTimeTest, TakesItsModelledDuration) {
  ManualExecutor executor;
  ManualWorkPool pool(executor);
  auto tool = MakePooledTool(FakeTool::Spec("slow"), Echo, pool, std::chrono::milliseconds(300));
  bool done = false;
  auto run = (*tool)->Run("{}", {}, executor, [&](auto) { done = true; });
  executor.RunFor(std::chrono::milliseconds(299));
  EXPECT_FALSE(done);
  executor.RunFor(std::chrono::milliseconds(1));
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace dragoman
