#include "src/cli/task_view.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "dragoman/core/status.h"
#include "src/cli/terminal_text.h"

namespace dragoman::cli {
namespace {

using nlohmann::json;

constexpr int kWidth = 100;

std::string Text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? CleanText(found->get<std::string>()) : "";
}

std::string Padded(std::string text, int width) {
  const int pad = width - DisplayWidth(text);
  return pad > 0 ? text + std::string(static_cast<std::size_t>(pad), ' ') : text;
}

std::string Wrapped(const std::string& clean, int indent) {
  std::string out;
  for (const std::string& line : WrapText(clean, kWidth - indent)) {
    out += StrCat(std::string(static_cast<std::size_t>(indent), ' '), line, "\n");
  }
  return out;
}

std::string_view Tick(std::string_view status, bool active) {
  if (status == "done") return "[x]";
  if (status == "failed") return "[!]";
  if (status == "skipped") return "[-]";
  return active ? "[>]" : "[ ]";
}

std::string HowToAnswer(const std::string& goal, const std::string& about) {
  if (about == "approval") {
    return StrCat("  dragoman task approve ", goal, "    or    dragoman task deny ", goal, "\n");
  }
  if (about == "failure") {
    return StrCat("  dragoman task answer ", goal, " --choice retry    (or skip, \"give up\")\n");
  }
  if (about == "unclear") {
    return StrCat("  dragoman task answer ", goal,
                  " --choice \"it happened\"    (or \"it did not\")\n");
  }
  return StrCat("  dragoman task answer ", goal, " \"...\"\n");
}

std::string RenderQuestion(const json& shown) {
  const auto question = shown.find("question");
  const std::string goal = Text(shown, "goal");
  if (question == shown.end()) {
    const std::string waits = Text(shown, "waiting_on");
    if (waits.empty()) return "";
    return StrCat("Waits for ", waits, "; dragoman task resume ", goal, " goes on with it.\n");
  }
  const auto text = question->find("text");
  return StrCat("Waits for ", Text(shown, "waiting_on"), ":\n",
                text == question->end() ? "" : CleanLines(text->get<std::string>()), "\n",
                HowToAnswer(goal, Text(*question, "about")));
}

}  // namespace

std::string CleanLines(std::string_view untrusted) {
  std::string out;
  while (!untrusted.empty()) {
    const std::size_t end = std::min(untrusted.find('\n'), untrusted.size());
    out += Wrapped(CleanText(untrusted.substr(0, end)), 2);
    untrusted.remove_prefix(std::min(end + 1, untrusted.size()));
  }
  return out;
}

std::string RenderUpdate(const json& update) {
  const std::string event = Text(update, "event");
  if (event == "timer" || event == "summarized") return "";
  constexpr int kIndent = 23;
  const std::string step = Text(update, "step");
  std::string line = step.empty() ? event : StrCat(step, ": ", event);
  const std::string detail = Text(update, "detail");
  if (!detail.empty() && event != "must confirm") line += StrCat(": ", detail);
  std::string out = StrCat("  ", Padded(Text(update, "state"), kIndent - 2));
  bool first = true;
  for (const std::string& part : WrapText(line, kWidth - kIndent)) {
    out += StrCat(first ? "" : std::string(kIndent, ' '), part, "\n");
    first = false;
  }
  if (update.value("approved", false)) {
    const auto question = update.find("question");
    if (question != update.end()) {
      out += CleanLines(question->value("text", ""));
      out += "  yes (--yes)\n";
    }
  }
  return out;
}

std::string RenderOutcome(const json& shown) {
  if (!shown.value("final", false)) return "\n" + RenderQuestion(shown);
  const auto summary = shown.find("summary");
  std::string out = StrCat("\n", Text(shown, "state"), "\n");
  if (summary != shown.end() && !summary->get<std::string>().empty()) {
    out += CleanLines(summary->get<std::string>());
  } else if (!Text(shown, "reason").empty()) {
    out += Wrapped(Text(shown, "reason"), 2);
  }
  return out;
}

std::string RenderGoal(const json& shown) {
  std::string out = StrCat(Text(shown, "goal"), "  ", Text(shown, "state"), "  taken ",
                           Text(shown, "created"), ", last step ", Text(shown, "updated"), "\n");
  out += Wrapped(Text(shown, "words"), 2);
  if (shown.contains("deadline")) out += StrCat("  until ", Text(shown, "deadline"), "\n");
  if (shown.contains("parent")) out += StrCat("  a part of ", Text(shown, "parent"), "\n");
  out += "\nPlan\n";
  int id_width = 4, tool_width = 8;
  for (const json& step : shown["steps"]) {
    id_width = std::max(id_width, DisplayWidth(Text(step, "id")));
    tool_width = std::max(tool_width, DisplayWidth(Text(step, "tool")));
  }
  std::int64_t index = 0;
  for (const json& step : shown["steps"]) {
    const bool active = shown.value("active", -1) == index++;
    out += StrCat("  ", Tick(Text(step, "status"), active), " ", Padded(Text(step, "id"), id_width),
                  "  ", Padded(Text(step, "tool"), tool_width));
    if (step.value("attempt", 1) > 1) out += StrCat("  attempt ", step.value("attempt", 1));
    if (step.value("optional", false)) out += "  optional";
    out += "\n";
    if (!Text(step, "detail").empty()) out += Wrapped(Text(step, "detail"), 10);
    if (!Text(step, "receipt").empty()) {
      out += StrCat("          receipt ", Text(step, "receipt").substr(0, 12), "\n");
    }
  }
  if (!shown["effects"].empty()) out += "\nEffects\n";
  for (const json& effect : shown["effects"]) {
    out += StrCat(
        "  ", Text(effect, "id").substr(0, 12), "  ", Padded(Text(effect, "state"), 15), " ",
        Text(effect, "tool"), Text(effect, "to").empty() ? "" : StrCat(" to ", Text(effect, "to")),
        Text(effect, "reference").empty() ? "" : StrCat("  ", Text(effect, "reference")), "\n");
  }
  out += StrCat("\n", shown.value("begun", 0), " steps begun, ", shown["effects"].size(),
                " effects\n");
  return out + RenderOutcome(shown);
}

std::string RenderGoals(const json& answer) {
  if (answer["goals"].empty()) return "No goals.\n";
  std::string out;
  for (const json& goal : answer["goals"]) {
    const std::string waits = Text(goal, "waiting_on");
    out +=
        StrCat(Padded(Text(goal, "goal"), 14), "  ", Padded(Text(goal, "state"), 20), "  ",
               goal.value("erased", false) ? "(erased)" : WrapText(Text(goal, "words"), 56).front(),
               waits.empty() ? "" : StrCat("  (waits for ", waits, ")"), "\n");
  }
  return out;
}

std::string RenderLog(const json& answer) {
  std::string out;
  for (const json& row : answer["log"]) {
    std::string commands;
    for (const json& command : row["commands"]) {
      commands += StrCat(commands.empty() ? "" : ", ", CleanText(command.get<std::string>()));
    }
    out += StrCat(Text(row, "at"), "  ", Padded(Text(row, "action"), 24), " ",
                  Padded(Text(row, "state"), 20), commands.empty() ? "" : StrCat(" -> ", commands),
                  "\n");
    const std::string detail = Text(row, "detail");
    if (!detail.empty()) out += Wrapped(detail, 22);
  }
  return out;
}

std::string RenderAudit(const json& answer) {
  const std::string anchor = StrCat(answer.value("head_index", 0), ":", Text(answer, "head_hash"));
  if (answer.value("ok", false)) {
    return StrCat("The audit chain is whole: ", answer.value("rows", 0),
                  " rows.\nNote this down outside the database, and give it with --anchor next "
                  "time:\n  ",
                  anchor, "\n");
  }
  return StrCat("The audit chain is broken at row ", answer.value("first_bad", 0), ": ",
                Text(answer, "reason"), "\n", answer.value("rows", 0),
                " rows before it are as "
                "they were written.\n");
}

std::string RenderStop(const json& answer, std::string_view data_dir) {
  const std::string_view until =
      answer.value("reached", false)
          ? ""
          : "No process owns the directory now: it counts from the next start on.\n";
  if (!answer.value("stopped", false)) return StrCat("The kill switch is off.\n", until);
  const std::size_t cut = answer.value("calls_cut", std::size_t{0});
  return StrCat("The kill switch is on: ", Text(answer, "why"), "\n",
                cut == 0 ? "" : StrCat(cut, cut == 1 ? " call is" : " calls are", " hung up. "),
                "Nothing is sent, called, answered or begun.\n", until,
                "To allow it again: dragoman kill-switch off --data ", CleanText(data_dir), "\n");
}

}  // namespace dragoman::cli
