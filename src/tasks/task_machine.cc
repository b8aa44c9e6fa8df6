#include "dragoman/tasks/task_machine.h"

#include <algorithm>
#include <map>
#include <set>

#include "dragoman/core/status.h"
#include "src/tasks/task_stepper.h"

namespace dragoman {
namespace {

bool IsStepId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

// "a -> b -> a", if what `from` needs comes back to it.
std::string CycleThrough(const std::map<std::string, const TaskStep*>& steps,
                         const std::string& from) {
  std::vector<std::string> path;
  std::set<std::string> seen;
  auto walk = [&](auto&& self, const std::string& id) -> bool {
    path.push_back(id);
    if (path.size() > 1 && id == from) return true;
    const auto at = steps.find(id);
    if (at != steps.end() && seen.insert(id).second) {
      for (const std::string& need : at->second->needs) {
        if (self(self, need)) return true;
      }
    }
    path.pop_back();
    return false;
  };
  if (!walk(walk, from)) return "";
  std::string words;
  for (const std::string& id : path) words += StrCat(words.empty() ? "" : " -> ", id);
  return words;
}

}  // namespace

absl::Status TaskMachineOptions::Validate() const {
  using std::chrono::days;
  const auto count = [](std::string_view name, int value, int least, int most) {
    if (value >= least && value <= most) return absl::OkStatus();
    return InvalidArgument(name, " is ", value, "; expected ", least, " to ", most);
  };
  DRAGOMAN_RETURN_IF_ERROR(count("max_steps", max_steps, 1, 1'000));
  DRAGOMAN_RETURN_IF_ERROR(count("attempts", attempts, 1, 20));
  DRAGOMAN_RETURN_IF_ERROR(count("replans", replans, 0, 20));
  DRAGOMAN_RETURN_IF_ERROR(count("questions", questions, 0, 20));
  DRAGOMAN_RETURN_IF_ERROR(count("call_questions", call_questions, 0, 100));
  const std::pair<std::string_view, Seconds> waits[] = {
      {"retry_after", retry_after},     {"plan_limit", plan_limit},
      {"decide_limit", decide_limit},   {"step_limit", step_limit},
      {"call_limit", call_limit},       {"answer_wait", answer_wait},
      {"approval_wait", approval_wait}, {"call_answer_wait", call_answer_wait},
      {"summary_limit", summary_limit}, {"longest_goal", longest_goal}};
  for (const auto& [name, wait] : waits) {
    if (wait < Seconds(1) || wait > days(366)) {
      return InvalidArgument(name, " is ", wait.count(), " s; expected 1 s to 366 days");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPlan(const std::vector<TaskStep>& plan, const std::vector<std::string>& done) {
  if (plan.empty()) return InvalidArgument("the plan has no steps");
  if (plan.size() > kMaxTaskSteps) {
    return InvalidArgument("the plan has ", plan.size(), " steps; expected at most ",
                           kMaxTaskSteps);
  }
  std::set<std::string> before(done.begin(), done.end());
  std::map<std::string, const TaskStep*> steps;
  for (const TaskStep& step : plan) {
    if (!IsStepId(step.id)) {
      return InvalidArgument("step id \"", step.id, "\"; expected 1 to 64 of letters, digits, _-.");
    }
    if (before.contains(step.id) || !steps.emplace(step.id, &step).second) {
      return InvalidArgument("step \"", step.id, "\" is there twice");
    }
  }
  for (const TaskStep& step : plan) {
    for (const std::string& need : step.needs) {
      if (!before.contains(need) && !steps.contains(need)) {
        return InvalidArgument("step \"", step.id, "\" needs \"", need, "\", which no step is");
      }
    }
    if (const std::string cycle = CycleThrough(steps, step.id); !cycle.empty()) {
      return InvalidArgument("steps need each other in a circle: ", cycle);
    }
  }
  for (const TaskStep& step : plan) {
    for (const std::string& need : step.needs) {
      if (!before.contains(need)) {
        return InvalidArgument("step \"", step.id, "\" needs \"", need,
                               "\", which stands behind it; move it in front");
      }
    }
    before.insert(step.id);
  }
  return absl::OkStatus();
}

const TaskRow* TaskStepper::Find(std::uint8_t trigger) const {
  for (const std::uint16_t number : tables_.RowsOf(now_.state, trigger)) {
    const TaskRow& row = tables_.rows[number];
    if (Holds(row.guard) && Holds(row.also)) return &row;
  }
  return nullptr;
}

void TaskStepper::Take(const TaskRow& row) {
  const TaskState from = now_.state;
  const TaskState to = row.to == kReturn ? now_.return_to : static_cast<TaskState>(row.to);
  if (moves_ != nullptr) moves_->push_back({&row, to});
  if (to != from) Do(tables_.states[static_cast<std::size_t>(from)].exit);
  for (const TaskAction action : row.actions) Do(action);
  if (to == from) return;
  if (to == TaskState::kAwaitingUserInput) {
    now_.return_to = from == TaskState::kCallInProgress ? TaskState::kReadyToExecute : from;
  }
  now_.state = to;
  Do(tables_.states[static_cast<std::size_t>(to)].entry);
}

absl::Status TaskStepper::Run() {
  const absl::Status status = RunRows();
  if (tables_.never_gives.has_value()) {
    std::erase_if(commands_,
                  [&](const TaskCommand& command) { return command.kind == *tables_.never_gives; });
  }
  return status;
}

absl::Status TaskStepper::RunRows() {
  const bool timer = event_.kind == TaskEventKind::kTimerFired;
  std::int64_t& armed = now_.timers[static_cast<std::size_t>(event_.timer)];
  if (timer && (armed == 0 || event_.at_us < armed)) {
    return FailedPrecondition("timer '", Name(event_.timer), "' is not due");
  }
  const TaskRow* row = Find(static_cast<std::uint8_t>(event_.kind));
  if (row == nullptr) {
    if (event_.kind == TaskEventKind::kPlanned && now_.activity == TaskActivity::kPlanning) {
      std::vector<std::string> done;
      for (const TaskStepProgress& step : now_.steps) {
        if (step.status == TaskStepStatus::kDone) done.push_back(step.step.id);
      }
      return CheckPlan(event_.plan, done);
    }
    return FailedPrecondition("the goal is ", Name(now_.state), ", where '", Name(event_.kind),
                              "' has no place");
  }
  if (timer) armed = 0;
  Take(*row);
  // Each turn of this loop settles, begins or leaves something; the bound is for wrong tables.
  for (int turn = 0; turn < 4 * kMaxTaskSteps; ++turn) {
    const TaskRow* next = Find(kTaskReady);
    if (next == nullptr) return absl::OkStatus();
    Take(*next);
  }
  return Internal("the task machine does not come to rest");
}

TaskMachine::TaskMachine(TaskMachineOptions options)
    : TaskMachine(std::move(options), ShippedTaskTables()) {}
TaskMachine::TaskMachine(TaskMachineOptions options, const TaskTables& tables)
    : options_(std::move(options)), tables_(&tables) {}

absl::Status TaskMachine::Step(const TaskEvent& event, std::vector<TaskCommand>* commands) {
  return TaskStepper(options_, *tables_, progress_, event, *commands).Run();
}

std::string_view TaskMachine::waiting_on() const {
  if (progress_.state != TaskState::kAwaitingUserInput) {
    return progress_.activity == TaskActivity::kResting ? "a time" : "";
  }
  switch (progress_.wait) {
    case TaskWait::kApproval:
      return "an approval";
    case TaskWait::kReply:
      return "a reply";
    case TaskWait::kTime:
      return "a time";
    default:
      return "an answer";
  }
}

}  // namespace dragoman
