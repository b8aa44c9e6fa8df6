// A task machine told events one by one, on a clock that stands where the test put it.
#ifndef DRAGOMAN_TESTS_TASKS_TASK_MACHINE_FIXTURE_H_
#define DRAGOMAN_TESTS_TASKS_TASK_MACHINE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "dragoman/tasks/task_machine.h"
#include "dragoman/testing/matchers.h"

namespace dragoman {

class TaskMachineFixture : public ::testing::Test {
 protected:
  absl::Status Give(TaskEvent event) {
    event.at_us = now_us_;
    commands_.clear();
    return machine_.Step(event, &commands_);
  }
  void Take(TaskEvent event) { ASSERT_THAT(Give(std::move(event)), IsOk()); }
  void Start(std::vector<TaskStep> plan) {
    Take({.kind = TaskEventKind::kStart});
    Take({.kind = TaskEventKind::kPlanned, .plan = std::move(plan)});
  }
  void After(std::chrono::seconds time) { now_us_ += std::chrono::microseconds(time).count(); }
  void Fire(TaskTimer timer) {
    now_us_ = machine_.progress().timers[static_cast<std::size_t>(timer)];
    Take({.kind = TaskEventKind::kTimerFired, .timer = timer});
  }
  const TaskCommand* Command(TaskCommandKind kind) const {
    for (const TaskCommand& command : commands_) {
      if (command.kind == kind) return &command;
    }
    return nullptr;
  }
  void Do(const std::string& step) {  // allowed, done
    Take({.kind = TaskEventKind::kAllowed, .step = step});
    Take({.kind = TaskEventKind::kStepDone, .step = step, .reference = "receipt of " + step});
  }

  TaskCommand Given(TaskCommandKind kind) const {
    const TaskCommand* command = Command(kind);
    EXPECT_NE(command, nullptr) << Name(kind);
    return command == nullptr ? TaskCommand{} : *command;
  }

  std::int64_t now_us_ = 1'000'000;
  TaskMachine machine_;
  std::vector<TaskCommand> commands_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_TASKS_TASK_MACHINE_FIXTURE_H_
