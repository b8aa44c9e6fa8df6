#include "src/lab/goal_test_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "src/lab/goal_world.h"
#include "src/lab/toml_text.h"
#include "src/toml/toml_table.h"

namespace dragoman::lab {
namespace {

using nlohmann::json;

constexpr std::size_t kMostBytes = 64 * 1024;
constexpr milliseconds kLongestWait{std::chrono::days(366)};
constexpr std::string_view kAbouts[] = {"nothing", "step",          "approval", "failure",
                                        "unclear", "call question", "reply",    "time"};

constexpr std::string_view kChoices[] = {"text",    "retry",       "skip",
                                         "give up", "it happened", "it did not"};
constexpr std::string_view kClasses[] = {"read", "keyed write", "queryable", "blind"};
constexpr std::string_view kPurposes[] = {"marketing", "personal", "errand"};

template <std::size_t N>
std::vector<std::string_view> List(const std::string_view (&names)[N]) {
  return {std::begin(names), std::end(names)};
}

// Every limit of the machine that a file may name.
template <typename Visit>
void ForEachLimit(TaskMachineOptions& options, Visit visit) {
  visit("max_steps", options.max_steps);
  visit("attempts", options.attempts);
  visit("replans", options.replans);
  visit("questions", options.questions);
  visit("call_questions", options.call_questions);
  visit("retry_after", options.retry_after);
  visit("plan_limit", options.plan_limit);
  visit("decide_limit", options.decide_limit);
  visit("step_limit", options.step_limit);
  visit("call_limit", options.call_limit);
  visit("answer_wait", options.answer_wait);
  visit("approval_wait", options.approval_wait);
  visit("call_answer_wait", options.call_answer_wait);
  visit("summary_limit", options.summary_limit);
  visit("longest_goal", options.longest_goal);
}

std::int64_t CountOf(int value) { return value; }
std::int64_t CountOf(std::chrono::seconds value) { return value.count(); }
void SetCount(int& value, std::int64_t count) { value = static_cast<int>(count); }
void SetCount(std::chrono::seconds& value, std::int64_t count) {
  value = std::chrono::seconds(count);
}

void ReadMachine(TomlTable& table, TaskMachineOptions& options) {
  ForEachLimit(options, [&](std::string_view name, auto& member) {
    std::int64_t count = CountOf(member);
    table.Read(name, count, 0, std::int64_t{366} * 86'400);
    SetCount(member, count);
  });
  const absl::Status valid = options.Validate();
  if (!valid.ok()) table.Fail("max_steps", MessageOf(valid));
}

void ReadAnswer(TomlTable& table, GoalScript& script) {
  GoalAnswer answer;
  int about = static_cast<int>(answer.about), choice = 0;
  table.Read("step", answer.step);
  table.ReadChoice("about", List(kAbouts), about);
  table.Read("after", answer.after, milliseconds(0), kLongestWait);
  table.Read("silent", answer.silent);
  table.Read("yes", answer.yes);
  table.ReadChoice("choice", List(kChoices), choice);
  table.Read("text", answer.text);
  answer.about = static_cast<TaskWait>(about);
  answer.choice = static_cast<OwnerChoice>(choice);
  script.answers.push_back(std::move(answer));
}

void ReadResult(TomlTable& table, GoalScript& script) {
  GoalResult result;
  int end = 0;
  table.Read("step", result.step);
  table.Read("attempt", result.attempt, 1, 1000);
  table.ReadChoice("end", List(kFarEnds), end);
  table.Read("after", result.after, milliseconds(0), kLongestWait);
  table.Read("reference", result.reference);
  table.Read("detail", result.detail);
  if (table.Has("retry_after")) {
    milliseconds wait{0};
    table.Read("retry_after", wait, milliseconds(0), kLongestWait);
    result.retry_after = std::chrono::ceil<std::chrono::seconds>(wait);
  }
  if (table.Has("connected")) {
    milliseconds after{0};
    table.Read("connected", after, milliseconds(0), kLongestWait);
    result.connected = after;
  }
  table.ReadTables("ask", [&](TomlTable& item) {
    CallQuestion& question = result.asks.emplace_back();
    item.Read("after", question.after, milliseconds(0), kLongestWait);
    item.Read("text", question.text);
  });
  if (result.step.empty()) table.Fail("step", "a result needs the step that it is of");
  result.end = static_cast<FarEnd>(end);
  script.results.push_back(std::move(result));
}

// A plan within the file, as a text of its own.
void ReadPlan(TomlTable& table, std::string_view file, const ToolCatalog& tools, GoalPlan& plan) {
  std::string text;
  table.Read("plan", text);
  if (!table.ok()) return;
  absl::StatusOr<GoalPlan> read = ParseGoalPlan(text, StrCat(file, ", plan"), tools);
  if (!read.ok()) return table.Fail("plan", MessageOf(read.status()));
  plan = *std::move(read);
}

void ReadWish(TomlTable& table, std::string_view file, const ToolCatalog& tools,
              GoalScript& script) {
  GoalWish wish;
  int kind = 0;
  table.ReadChoice("do", List(kWishKinds), kind);
  table.Read("at", wish.at, milliseconds(0), kLongestWait);
  table.Read("why", wish.why);
  wish.kind = static_cast<WishKind>(kind);
  if (wish.kind == WishKind::kReplan) ReadPlan(table, file, tools, wish.plan);
  script.wishes.push_back(std::move(wish));
}

void ReadExpected(TomlTable& table, GoalTest& test) {
  table.Read("state", test.state);
  table.Read("reason", test.reason);
  table.Read("questions", test.questions);
  table.ReadTables("step", [&](TomlTable& item) {
    ExpectedStep& step = test.steps.emplace_back();
    item.Read("id", step.id);
    item.Read("status", step.status);
    item.Read("attempt", step.attempt, 1, 1000);
  });
  table.ReadTables("effect", [&](TomlTable& item) {
    ExpectedEffect& effect = test.effects.emplace_back();
    item.Read("step", effect.step);
    item.Read("attempt", effect.attempt, 1, 1000);
    item.Read("tool", effect.tool);
    item.Read("state", effect.state);
    item.Read("arguments", effect.arguments);
  });
  bool known = false;
  for (int i = 0; i < kTaskStates; ++i) {
    known |= IsFinal(static_cast<TaskState>(i)) && Name(static_cast<TaskState>(i)) == test.state;
  }
  if (!known) {
    table.Fail("state", StrCat("state is \"", EscapeLine(test.state.substr(0, 40)),
                               "\"; expected COMPLETED, FAILED, ESCALATED or CANCELLED"));
  }
}

// As a TOML value. Null has none there; no tool's arguments hold it.
std::string ValueText(const json& value) {
  if (value.is_string()) return TomlText(value.get_ref<const std::string&>());
  if (value.is_array()) {
    std::string out = "[";
    for (const json& item : value) out += StrCat(out.size() > 1 ? ", " : "", ValueText(item));
    return out + "]";
  }
  if (value.is_object()) {
    std::string out = "{";
    for (const auto& [key, item] : value.items()) {
      out += StrCat(out.size() > 1 ? ", " : " ", TomlKey(key), " = ", ValueText(item));
    }
    return out + " }";
  }
  return value.is_null() ? TomlText("") : value.dump();
}

std::string TextsText(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    out += StrCat(out.size() > 1 ? ", " : "", TomlText(text));
  }
  return out + "]";
}

// Readable where it may be: a literal text of several lines.
absl::StatusOr<std::string> PlanText(const GoalPlan& plan) {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::string text, FormatGoalPlan(plan));
  if (text.find("'''") != std::string::npos) return StrCat("plan = ", TomlText(text), "\n");
  return StrCat("plan = '''\n", text, "'''\n");
}

std::string AnswerText(const GoalAnswer& answer) {
  std::string out =
      StrCat("\n[[answer]]\nstep = ", TomlText(answer.step),
             "\nabout = ", TomlText(kAbouts[static_cast<std::size_t>(answer.about)]), "\n");
  if (answer.silent) return out + "silent = true  # nobody answered\n";
  out += StrCat("after = ", TomlText(LengthText(answer.after)), "\n");
  if (answer.about == TaskWait::kApproval) {
    return out + (answer.yes ? "yes = true\n" : "yes = false\n");
  }
  if (answer.choice != OwnerChoice::kText) {
    out += StrCat("choice = ", TomlText(kChoices[static_cast<std::size_t>(answer.choice)]), "\n");
  }
  if (!answer.text.empty()) out += StrCat("text = ", TomlText(answer.text), "\n");
  return out;
}

std::string ResultText(const GoalResult& result) {
  std::string out =
      StrCat("\n[[result]]\nstep = ", TomlText(result.step), "\nattempt = ", result.attempt,
             "\nend = ", TomlText(kFarEnds[static_cast<std::size_t>(result.end)]),
             "\nafter = ", TomlText(LengthText(result.after)), "\n");
  if (result.retry_after) {
    out += StrCat("retry_after = ", TomlText(LengthText(milliseconds(*result.retry_after))), "\n");
  }
  if (!result.reference.empty()) out += StrCat("reference = ", TomlText(result.reference), "\n");
  if (!result.detail.empty()) out += StrCat("detail = ", TomlText(result.detail), "\n");
  if (result.connected) {
    out += StrCat("connected = ", TomlText(LengthText(*result.connected)), "\n");
  }
  for (const CallQuestion& question : result.asks) {
    out += StrCat("\n[[result.ask]]\nafter = ", TomlText(LengthText(question.after)),
                  "\ntext = ", TomlText(question.text), "\n");
  }
  return out;
}

std::string ExpectText(const GoalTest& test) {
  std::string out = StrCat("\n[expect]\nstate = ", TomlText(test.state), "\n");
  if (!test.reason.empty()) out += StrCat("reason = ", TomlText(test.reason), "\n");
  out += StrCat("questions = ", TextsText(test.questions), "\n");
  for (const ExpectedStep& step : test.steps) {
    out += StrCat("\n[[expect.step]]\nid = ", TomlText(step.id),
                  "\nstatus = ", TomlText(step.status), "\nattempt = ", step.attempt, "\n");
  }
  for (const ExpectedEffect& effect : test.effects) {
    out += StrCat("\n[[expect.effect]]\nstep = ", TomlText(effect.step),
                  "\nattempt = ", effect.attempt, "\ntool = ", TomlText(effect.tool),
                  "\nstate = ", TomlText(effect.state),
                  "\narguments = ", TomlText(effect.arguments), "\n");
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> FormatGoalPlan(const GoalPlan& plan) {
  std::string out;
  if (!plan.mandate.empty()) out += StrCat("mandate = ", TomlText(plan.mandate), "\n");
  if (plan.purpose != CallPurpose::kErrand) {
    out += StrCat("purpose = ", TomlText(kPurposes[static_cast<std::size_t>(plan.purpose)]), "\n");
  }
  if (!plan.countries.empty()) out += StrCat("countries = ", TextsText(plan.countries), "\n");
  if (!plan.declared_digits.empty()) {
    out += StrCat("declared_digits = ", TextsText(plan.declared_digits), "\n");
  }
  if (!plan.secret_purpose.empty()) {
    out += StrCat("secret_purpose = ", TomlText(plan.secret_purpose), "\n");
  }
  for (const GoalPlanStep& step : plan.steps) {
    const json arguments = json::parse(step.arguments, nullptr, false);
    if (!arguments.is_object()) return DataLoss("step '", step.step.id, "' has no arguments");
    out += StrCat(out.empty() ? "" : "\n", "[[step]]\nid = ", TomlText(step.step.id),
                  "\ntool = ", TomlText(step.tool), "\n");
    if (!step.step.needs.empty()) out += StrCat("needs = ", TextsText(step.step.needs), "\n");
    if (step.step.optional) out += "optional = true\n";
    out += StrCat("arguments = ", ValueText(arguments), "\n");
  }
  return out;
}

absl::StatusOr<GoalTest> ParseGoalTest(std::string_view text, std::string_view file) {
  TomlErrors errors{.file = std::string(file), .first = {}};
  DRAGOMAN_ASSIGN_OR_RETURN(TomlTable table, TomlTable::Parse(text, errors));
  GoalTest test;
  table.Read("goal", test.goal);
  if (test.goal.empty()) table.Fail("goal", "goal is missing; expected its owner's words");
  test.now = std::chrono::sys_days(std::chrono::year(2026) / 1 / 5) + std::chrono::hours(9);
  table.ReadWallTime("now", test.now);
  table.Read("deadline", test.deadline, milliseconds(1'000), kLongestWait);
  table.Read("priority", test.priority, 0, 9);
  table.Read("from", test.from);
  table.Read("number", test.number);
  table.ReadNamed("tool", [&](const std::string& name, TomlTable& tool) {
    int effect = static_cast<int>(EffectClass::kBlind);
    tool.ReadChoice("class", List(kClasses), effect);
    test.classes[name] = static_cast<EffectClass>(effect);
  });
  table.ReadTable("machine", [&](TomlTable& machine) { ReadMachine(machine, test.machine); });
  DRAGOMAN_ASSIGN_OR_RETURN(const std::unique_ptr<ToolRegistry> tools, DryTools(test.classes));
  ReadPlan(table, file, *tools, test.plan);
  table.ReadTables("answer", [&](TomlTable& answer) { ReadAnswer(answer, test.script); });
  table.ReadTables("result", [&](TomlTable& result) { ReadResult(result, test.script); });
  table.ReadTables("wish", [&](TomlTable& wish) { ReadWish(wish, file, *tools, test.script); });
  table.ReadTable("expect", [&](TomlTable& expect) { ReadExpected(expect, test); });
  table.RefuseOthers();
  if (!errors.first.ok()) return errors.first;
  return test;
}

absl::StatusOr<std::string> FormatGoalTest(const GoalTest& test, std::string_view comment) {
  std::string out = StrCat(comment, "goal = ", TomlText(test.goal),
                           "\nnow = ", TomlText(WallText(test.now)), "\n");
  if (test.deadline > milliseconds(0)) {
    out += StrCat("deadline = ", TomlText(LengthText(test.deadline)), "\n");
  }
  if (test.priority != 0) out += StrCat("priority = ", test.priority, "\n");
  if (!test.from.empty()) out += StrCat("from = ", TomlText(test.from), "\n");
  if (!test.number.empty()) out += StrCat("number = ", TomlText(test.number), "\n");
  DRAGOMAN_ASSIGN_OR_RETURN(const std::string plan, PlanText(test.plan));
  out += plan;
  for (const auto& [name, effect] : test.classes) {
    out += StrCat("\n[tool.", TomlKey(name),
                  "]\nclass = ", TomlText(kClasses[static_cast<std::size_t>(effect)]), "\n");
  }
  std::string machine;
  TaskMachineOptions options = test.machine, usual;
  std::vector<std::int64_t> defaults;
  ForEachLimit(usual, [&](std::string_view, auto& member) { defaults.push_back(CountOf(member)); });
  std::size_t next = 0;
  ForEachLimit(options, [&](std::string_view name, auto& member) {
    if (CountOf(member) != defaults[next++]) {
      machine += StrCat(name, " = ", CountOf(member), "\n");
    }
  });
  if (!machine.empty()) out += StrCat("\n[machine]\n", machine);
  for (const GoalAnswer& answer : test.script.answers) out += AnswerText(answer);
  for (const GoalResult& result : test.script.results) out += ResultText(result);
  for (const GoalWish& wish : test.script.wishes) {
    out += StrCat("\n[[wish]]\ndo = ", TomlText(kWishKinds[static_cast<std::size_t>(wish.kind)]),
                  "\nat = ", TomlText(LengthText(wish.at)), "\n");
    if (!wish.why.empty()) out += StrCat("why = ", TomlText(wish.why), "\n");
    if (wish.kind != WishKind::kReplan) continue;
    DRAGOMAN_ASSIGN_OR_RETURN(const std::string other, PlanText(wish.plan));
    out += other;
  }
  out += ExpectText(test);
  if (out.size() > kMostBytes) {
    return InvalidArgument("the goal makes a file of ", out.size(), " bytes; expected at most ",
                           kMostBytes);
  }
  return out;
}

}  // namespace dragoman::lab
