#include "dragoman/tasks/goal_plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/conversation/mandate.h"
#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "dragoman/core/text.h"
#include "dragoman/tasks/task_machine.h"
#include "dragoman/tools/canonical_json.h"
#include "src/toml/toml_table.h"

namespace dragoman {
namespace {

using nlohmann::json;

constexpr std::string_view kKinds[] = {"ask", "read", "act", "call"};
constexpr std::string_view kPurposes[] = {"marketing", "personal", "errand"};

TaskStepKind KindOf(const ToolSpec& tool) {
  if (tool.name == kAskUserTool) return TaskStepKind::kAsk;
  if (tool.name == kPlaceCallTool) return TaskStepKind::kCall;
  return tool.effect == EffectClass::kRead ? TaskStepKind::kRead : TaskStepKind::kAct;
}

struct Reference {
  std::size_t begin = 0, end = 0;  // of "${...}" in the text
  std::string step, member;
};

// The next one from `from` on; end 0: none. "$${" is a plain "${".
Reference NextReference(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("${", from); at != std::string_view::npos;
       at = text.find("${", at + 2)) {
    const std::size_t close = text.find('}', at);
    if (close == std::string_view::npos) break;
    if (at > 0 && text[at - 1] == '$') continue;
    const std::string_view inside = text.substr(at + 2, close - at - 2);
    const std::size_t dot = inside.find('.');
    return {at, close + 1, std::string(inside.substr(0, dot)),
            dot == std::string_view::npos ? "" : std::string(inside.substr(dot + 1))};
  }
  return {};
}

template <typename Visit>
void ForEachText(const json& value, Visit visit) {
  if (value.is_string()) return visit(value.get_ref<const std::string&>());
  if (!value.is_structured()) return;
  for (const json& item : value) ForEachText(item, visit);
}

absl::StatusOr<std::string> ResultFor(const Reference& reference,
                                      const std::map<std::string, std::string>& results) {
  const auto found = results.find(reference.step);
  if (found == results.end()) {
    return FailedPrecondition("step '", reference.step, "' has no result yet");
  }
  if (reference.member.empty()) return found->second;
  const json result = json::parse(found->second, nullptr, false);
  const auto member = result.is_object() ? result.find(reference.member) : result.end();
  if (!result.is_object() || member == result.end()) {
    return FailedPrecondition("the result of step '", reference.step, "' has no '",
                              reference.member, "'");
  }
  return member->is_string() ? member->get<std::string>() : member->dump();
}

// "$${" stands for "${".
std::string Unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = text.find("$${"); at != std::string_view::npos; at = text.find("$${")) {
    out += StrCat(text.substr(0, at), "${");
    text.remove_prefix(at + 3);
  }
  return out + std::string(text);
}

absl::StatusOr<std::string> FillText(std::string_view text,
                                     const std::map<std::string, std::string>& results) {
  std::string out;
  std::size_t from = 0;
  while (true) {
    const Reference reference = NextReference(text, from);
    if (reference.end == 0) break;
    DRAGOMAN_ASSIGN_OR_RETURN(const std::string value, ResultFor(reference, results));
    out += StrCat(Unescaped(text.substr(from, reference.begin - from)), value);
    from = reference.end;
  }
  return out + Unescaped(text.substr(from));
}

absl::Status FillIn(json& value, const std::map<std::string, std::string>& results) {
  if (value.is_string()) {
    DRAGOMAN_ASSIGN_OR_RETURN(value, FillText(value.get_ref<const std::string&>(), results));
  } else if (value.is_structured()) {
    for (json& item : value) DRAGOMAN_RETURN_IF_ERROR(FillIn(item, results));
  }
  return absl::OkStatus();
}

// What a step's table says, put into `step`.
void ReadStep(TomlTable& table, const ToolCatalog& tools, GoalPlan& plan) {
  GoalPlanStep step;
  table.Read("id", step.step.id);
  table.Read("tool", step.tool);
  table.Read("optional", step.step.optional);
  table.Read("needs", step.step.needs);
  std::string arguments = "{}";
  table.ReadJson("arguments", arguments);
  if (!table.ok()) return;
  const ToolCall call{.id = step.step.id, .name = step.tool, .arguments = arguments};
  const ToolSpec* known = step.tool == kAskUserTool ? &AskUserTool() : tools.FindSpec(step.tool);
  if (known == nullptr) return table.Fail("tool", MessageOf(tools.Validate(call)));
  const ToolSpec& spec = *known;
  step.step.kind = KindOf(spec);
  absl::StatusOr<std::string> canonical = CanonicalJson(arguments);
  if (!canonical.ok()) return table.Fail("arguments", MessageOf(canonical.status()));
  step.arguments = *std::move(canonical);
  const std::vector<std::string> references = ReferencesOf(step.arguments);
  for (const std::string& reference : references) {
    if (std::find(step.step.needs.begin(), step.step.needs.end(), reference) ==
        step.step.needs.end()) {
      step.step.needs.push_back(reference);
    }
  }
  if (step.tool == kAskUserTool) {
    const json question = json::parse(step.arguments, nullptr, false);
    if (!question.contains("question") || !question["question"].is_string() ||
        Trim(question["question"].get<std::string>()).empty()) {
      return table.Fail("arguments", "ask_user needs a question, a text that is not empty");
    }
  } else if (references.empty()) {  // else when the results are there
    const absl::Status valid = tools.Validate(call);
    if (!valid.ok()) return table.Fail("arguments", MessageOf(valid));
  }
  if (step.tool != kAskUserTool) plan.pins[step.tool] = ToolFingerprint(spec);
  plan.steps.push_back(std::move(step));
}

}  // namespace

const ToolSpec& AskUserTool() {
  static const ToolSpec spec{
      .name = std::string(kAskUserTool),
      .description = "Asks the owner of the goal and waits for the answer.",
      .parameters = R"({"type":"object","properties":{"question":{"type":"string","minLength":1,)"
                    R"("maxLength":1000}},"required":["question"],"additionalProperties":false})",
      .effect = EffectClass::kRead,
      .risk = ToolRisk::kLocal,
      .result_integrity = Integrity::kUser,
      .result_confidentiality = Confidentiality::kPersonal};
  return spec;
}

const GoalPlanStep* GoalPlan::Find(std::string_view id) const {
  for (const GoalPlanStep& step : steps) {
    if (step.step.id == id) return &step;
  }
  return nullptr;
}

std::vector<TaskStep> GoalPlan::task_steps() const {
  std::vector<TaskStep> all;
  for (const GoalPlanStep& step : steps) all.push_back(step.step);
  return all;
}

std::vector<std::string> ReferencesOf(std::string_view arguments) {
  std::vector<std::string> found;
  const json object = json::parse(arguments, nullptr, false);
  if (object.is_discarded()) return found;
  ForEachText(object, [&](const std::string& text) {
    std::size_t from = 0;
    for (Reference next = NextReference(text, from); next.end != 0;
         next = NextReference(text, next.end)) {
      if (std::find(found.begin(), found.end(), next.step) == found.end()) {
        found.push_back(next.step);
      }
    }
  });
  return found;
}

absl::StatusOr<std::string> FillArguments(std::string_view arguments,
                                          const std::map<std::string, std::string>& results) {
  json object = json::parse(arguments, nullptr, false);
  if (object.is_discarded()) return InvalidArgument("the arguments are not JSON");
  DRAGOMAN_RETURN_IF_ERROR(FillIn(object, results));
  return CanonicalJson(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

absl::StatusOr<GoalPlan> ParseGoalPlan(std::string_view toml, std::string_view file,
                                       const ToolCatalog& tools) {
  TomlErrors errors{.file = std::string(file), .first = {}};
  DRAGOMAN_ASSIGN_OR_RETURN(TomlTable table, TomlTable::Parse(toml, errors));
  GoalPlan plan;
  table.Read("mandate", plan.mandate);
  if (!plan.mandate.empty()) {
    const auto mandate = ParseMandate(plan.mandate);
    if (!mandate.ok()) table.Fail("mandate", MessageOf(mandate.status()));
  }
  int purpose = static_cast<int>(plan.purpose);
  table.ReadChoice("purpose", {std::begin(kPurposes), std::end(kPurposes)}, purpose);
  plan.purpose = static_cast<CallPurpose>(purpose);
  table.Read("countries", plan.countries);
  table.Read("declared_digits", plan.declared_digits);
  table.Read("secret_purpose", plan.secret_purpose);
  table.ReadTables("step", [&](TomlTable& step) { ReadStep(step, tools, plan); });
  table.RefuseOthers();
  DRAGOMAN_RETURN_IF_ERROR(errors.first);
  DRAGOMAN_RETURN_IF_ERROR(Annotate(CheckPlan(plan.task_steps()), file));
  return plan;
}

std::string GoalPlanToJson(const GoalPlan& plan) {
  json steps = json::array();
  for (const GoalPlanStep& step : plan.steps) {
    steps.push_back({{"id", step.step.id},
                     {"kind", kKinds[static_cast<std::size_t>(step.step.kind)]},
                     {"optional", step.step.optional},
                     {"needs", step.step.needs},
                     {"tool", step.tool},
                     {"arguments", json::parse(step.arguments, nullptr, false)}});
  }
  return json{{"steps", std::move(steps)},
              {"pins", plan.pins},
              {"mandate", plan.mandate},
              {"purpose", kPurposes[static_cast<std::size_t>(plan.purpose)]},
              {"countries", plan.countries},
              {"declared_digits", plan.declared_digits},
              {"secret_purpose", plan.secret_purpose},
              {"after", plan.after}}
      .dump();
}

absl::StatusOr<GoalPlan> GoalPlanFromJson(std::string_view text) {
  const json object = json::parse(text, nullptr, false);
  GoalPlan plan;
  try {  // the library's own way to say that a member is missing or of another type
    for (const json& item : object.at("steps")) {
      GoalPlanStep step;
      item.at("id").get_to(step.step.id);
      const auto kind =
          std::find(std::begin(kKinds), std::end(kKinds), item.at("kind").get<std::string>());
      if (kind == std::end(kKinds)) return DataLoss("the plan has a step of unknown kind");
      step.step.kind = static_cast<TaskStepKind>(kind - std::begin(kKinds));
      item.at("optional").get_to(step.step.optional);
      item.at("needs").get_to(step.step.needs);
      item.at("tool").get_to(step.tool);
      DRAGOMAN_ASSIGN_OR_RETURN(step.arguments, CanonicalJson(item.at("arguments").dump()));
      plan.steps.push_back(std::move(step));
    }
    object.at("pins").get_to(plan.pins);
    object.at("mandate").get_to(plan.mandate);
    const auto purpose = std::find(std::begin(kPurposes), std::end(kPurposes),
                                   object.at("purpose").get<std::string>());
    if (purpose == std::end(kPurposes)) return DataLoss("the plan has an unknown purpose");
    plan.purpose = static_cast<CallPurpose>(purpose - std::begin(kPurposes));
    object.at("countries").get_to(plan.countries);
    object.at("declared_digits").get_to(plan.declared_digits);
    object.at("secret_purpose").get_to(plan.secret_purpose);
    object.at("after").get_to(plan.after);
  } catch (const json::exception& error) {
    return DataLoss("the plan in the store is damaged: ", EscapeLine(error.what()));
  }
  return plan;
}

}  // namespace dragoman
