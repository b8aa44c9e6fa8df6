#include "tests/tasks/task_mutants.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "src/tasks/task_checker.h"

namespace dragoman {
namespace {

// Of a slice that is hunted through: whoever survives pays for each.
constexpr std::int64_t kMostStates = 7'000;

void AddRowMutants(std::size_t index, std::vector<TaskMutant>* out) {
  const TaskTables& shipped = ShippedTaskTables();
  const TaskRow& row = shipped.rows[index];
  const auto add = [&](std::string name, auto change) {
    TaskMutant mutant{std::move(name), shipped, static_cast<int>(index)};
    change(&mutant.tables.rows);
    mutant.tables.Index();
    out->push_back(std::move(mutant));
  };
  add(StrCat("delete: ", Describe(row)), [&](std::vector<TaskRow>* rows) {
    rows->erase(rows->begin() + static_cast<std::ptrdiff_t>(index));
  });
  // kReturn stands behind the states, so it has its turn as well.
  const auto other = static_cast<std::uint8_t>((row.to + 1) % (kTaskStates + 1));
  add(StrCat("swap: ", Describe(row), ", now to ",
             other == kReturn ? "(back)" : Name(static_cast<TaskState>(other))),
      [&](std::vector<TaskRow>* rows) { (*rows)[index].to = other; });
  for (std::size_t i = 0; i < row.actions.size(); ++i) {
    if (row.actions[i] == TaskAction::kNone) continue;
    add(StrCat("drop ", Name(row.actions[i]), ": ", Describe(row)),
        [&](std::vector<TaskRow>* rows) { (*rows)[index].actions[i] = TaskAction::kNone; });
  }
  if (row.guard != TaskGuard::kAlways) {
    add(StrCat("whether or not ", Name(row.guard), ": ", Describe(row)),
        [&](std::vector<TaskRow>* rows) { (*rows)[index].guard = TaskGuard::kAlways; });
  }
  if (row.also != TaskGuard::kAlways) {
    add(StrCat("whether or not ", Name(row.also), ": ", Describe(row)),
        [&](std::vector<TaskRow>* rows) { (*rows)[index].also = TaskGuard::kAlways; });
  }
}

}  // namespace

std::vector<TaskMutant> MakeTaskMutants() {
  std::vector<TaskMutant> mutants;
  const TaskTables& shipped = ShippedTaskTables();
  for (std::size_t i = 0; i < shipped.rows.size(); ++i) AddRowMutants(i, &mutants);
  for (std::size_t i = 0; i < shipped.states.size(); ++i) {
    const TaskStateSpec& spec = shipped.states[i];
    if (spec.entry != TaskAction::kNone) {
      mutants.push_back({StrCat("no entry: ", Name(spec.state)), shipped});
      mutants.back().tables.states[i].entry = TaskAction::kNone;
    }
    if (spec.exit != TaskAction::kNone) {
      mutants.push_back({StrCat("no exit: ", Name(spec.state)), shipped});
      mutants.back().tables.states[i].exit = TaskAction::kNone;
    }
  }
  for (int i = 0; i < kTaskCommands; ++i) {
    const auto command = static_cast<TaskCommandKind>(i);
    mutants.push_back({StrCat("command never given: ", Name(command)), shipped});
    mutants.back().tables.never_gives = command;
  }
  for (int i = 0; i < kTaskTimers; ++i) {
    const auto timer = static_cast<TaskTimer>(i);
    mutants.push_back({StrCat("timer never armed: ", Name(timer)), shipped});
    mutants.back().tables.never_arms = timer;
  }
  return mutants;
}

TaskHunt::TaskHunt() {
  std::vector<std::pair<std::int64_t, std::size_t>> sizes;
  used_.resize(TaskSlices().size());
  for (std::size_t i = 0; i < TaskSlices().size(); ++i) {
    if (!TaskSlices()[i].small) continue;
    TaskCheckReport report = CheckTaskSlice(ShippedTaskTables(), TaskSlices()[i]);
    if (report.states > kMostStates) continue;
    sizes.emplace_back(report.states, i);
    used_[i] = std::move(report.rows_used);
  }
  std::sort(sizes.begin(), sizes.end());
  for (const auto& [size, slice] : sizes) slices_.push_back(slice);
}

std::string TaskHunt::Catch(const TaskMutant& mutant) const {
  for (const std::size_t i : slices_) {
    // Where the shipped machine never takes the row, deleting it or what it does changes nothing;
    // without a guard it may be taken.
    const bool wider = mutant.name.starts_with("whether");
    if (mutant.row >= 0 && !wider && !used_[i][static_cast<std::size_t>(mutant.row)]) continue;
    const TaskCheckReport report = CheckTaskSlice(mutant.tables, TaskSlices()[i]);
    if (!report.violation.empty()) return report.violation;
  }
  return {};
}

}  // namespace dragoman
