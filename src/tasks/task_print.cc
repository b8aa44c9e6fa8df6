#include <set>
#include <string>

#include "dragoman/core/status.h"
#include "dragoman/tasks/task_machine.h"
#include "src/tasks/task_tables.h"

namespace dragoman {
namespace {

std::string GuardsOf(const TaskRow& row) {
  std::string text;
  for (const TaskGuard guard : {row.guard, row.also}) {
    if (guard != TaskGuard::kAlways) text += StrCat(text.empty() ? "" : ", ", Name(guard));
  }
  return text;
}

std::string ActionsOf(const TaskRow& row) {
  std::string text;
  for (const TaskAction action : row.actions) {
    if (action != TaskAction::kNone) text += StrCat(text.empty() ? "" : "; ", Name(action));
  }
  return text;
}

std::string_view TargetOf(const TaskRow& row) {
  return row.to == kReturn ? "back to where it waited" : Name(static_cast<TaskState>(row.to));
}

std::string_view OrDash(std::string_view text) { return text.empty() ? "-" : text; }

}  // namespace

std::string PrintTaskTable() {
  std::string text = "| state | event | if | next | do |\n|---|---|---|---|---|\n";
  for (const TaskRow& row : ShippedTaskTables().rows) {
    text += StrCat("| ", Name(row.from), " | ", TriggerName(row.trigger), " | ", GuardsOf(row),
                   " | ", TargetOf(row), " | ", ActionsOf(row), " |\n");
  }
  return text;
}

std::string PrintTaskStates() {
  std::string text =
      "| state | on entry | on exit | after a restart | why nothing may be happening "
      "|\n|---|---|---|---|---|\n";
  for (const TaskStateSpec& spec : ShippedTaskTables().states) {
    text += StrCat("| ", Name(spec.state), " | ", OrDash(Name(spec.entry)), " | ",
                   OrDash(Name(spec.exit)), " | ", OrDash(Name(spec.recovery)), " | ", spec.silence,
                   " |\n");
  }
  return text;
}

std::string PrintTaskDiagram() {
  std::string text = "```mermaid\nstateDiagram-v2\n  [*] --> INIT\n";
  std::set<std::string> drawn;
  for (const TaskRow& row : ShippedTaskTables().rows) {
    const bool end = row.to == static_cast<std::uint8_t>(TaskState::kCancelled) ||
                     row.to == static_cast<std::uint8_t>(TaskState::kEscalated);
    if (end || row.to == static_cast<std::uint8_t>(row.from)) continue;  // from everywhere
    std::string arrow;
    if (row.to != kReturn) {
      arrow = StrCat("  ", Name(row.from), " --> ", Name(static_cast<TaskState>(row.to)), "\n");
      if (drawn.insert(arrow).second) text += arrow;
      continue;
    }
    for (const TaskState to :
         {TaskState::kGatherInfo, TaskState::kResearch, TaskState::kReadyToExecute}) {
      arrow = StrCat("  ", Name(row.from), " --> ", Name(to), "\n");
      if (drawn.insert(arrow).second) text += arrow;
    }
  }
  return text + "  COMPLETED --> [*]\n  FAILED --> [*]\n```\n";
}

// FNV-1a over the printed tables: whatever changes what Step does by data changes it.
std::uint64_t TaskTablesDigest() {
  static const std::uint64_t shipped = [] {
    std::uint64_t digest = 14695981039346656037ull;
    for (const unsigned char c : PrintTaskTable() + PrintTaskStates()) {
      digest = (digest ^ c) * 1099511628211ull;
    }
    return digest;
  }();
  return shipped;
}

}  // namespace dragoman
