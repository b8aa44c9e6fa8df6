// A hostile caller: each line of the input is a turn; the agent answers each, and commits nothing
// that was not read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dragoman/core/text.h"
#include "dragoman/providers/offline/clinic_receptionist.h"
#include "src/providers/offline/dialogue.h"

namespace dragoman::offline {
namespace {

const AgentDefinition& Agent() {
  static const auto* agent = new AgentDefinition(ClinicReceptionist({}));
  return *agent;
}

const CompiledAgent& Compiled() {
  static const auto* compiled = new CompiledAgent(Compile(Agent()));
  return *compiled;
}

// Answers a lookup with the same three places whatever was asked.
std::string Answer(const ToolCall& call) {
  if (call.name == "check_availability") {
    return R"({"days":[{"date":"2026-01-08","free":[{"time":"09:00","doctor":"Lane"},)"
           R"({"time":"10:30","doctor":"Patel"},{"time":"17:00","doctor":"Lane"}]}]})";
  }
  if (call.name == "find_appointment") {
    return R"({"appointments":[{"appointment_id":"A1001","date":"2026-01-08","time":"09:00",)"
           R"("doctor":"Lane"}]})";
  }
  return "{}";
}

void Require(bool condition) {
  if (!condition) std::abort();
}

void Turn(Dialogue& dialogue, std::string_view text) {
  const std::string read_back = dialogue.asked.snapshot;
  OnUser(dialogue, text);
  for (int round = 0; round < 6; ++round) {
    const Action action = Decide(dialogue);
    Require(action.question <= action.text.size());
    Message message{.role = Role::kAssistant, .text = action.text};
    message.tool_calls = action.calls;
    for (const ToolCall& call : action.calls) {
      const GoalDefinition* goal = dialogue.goal_definition();
      if (goal != nullptr && call.name == goal->commit_tool) Require(call.arguments == read_back);
    }
    OnAssistant(dialogue, message);
    if (action.calls.empty() || dialogue.ended) return;
    OnToolResult(
        dialogue,
        {.role = Role::kTool, .text = Answer(action.calls[0]), .tool_call_id = action.calls[0].id});
  }
}

}  // namespace
}  // namespace dragoman::offline

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using dragoman::offline::Dialogue;
  // The model refuses other bytes before a dialogue sees them.
  if (!dragoman::IsValidUtf8({reinterpret_cast<const char*>(data), size})) return -1;
  Dialogue dialogue(dragoman::offline::Compiled(), std::chrono::year(2026) / 1 / 5,
                    std::chrono::hours(9));
  for (const char* tool :
       {"check_availability", "book_appointment", "find_appointment", "reschedule_appointment",
        "cancel_appointment", "leave_message", "end_call"}) {
    dialogue.tools.push_back({.name = tool});
  }
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (int turn = 0; turn < 12 && !rest.empty(); ++turn) {
    const std::size_t end = rest.find('\n');
    dragoman::offline::Turn(dialogue, rest.substr(0, end));
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
  }
  return 0;
}
