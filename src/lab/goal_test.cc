#include "dragoman/lab/goal_test.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "src/lab/goal_import.h"
#include "src/lab/goal_test_file.h"
#include "src/lab/goal_world.h"

namespace dragoman::lab {
namespace {

// What came of it, in the words of the file.
struct Outcome {
  std::string state, reason;
  std::vector<std::string> questions;
  std::vector<ExpectedStep> steps;
  std::vector<ExpectedEffect> effects;
};

absl::StatusOr<Outcome> OutcomeOf(const GoalLog& log) {
  DRAGOMAN_ASSIGN_OR_RETURN(const TaskReplayResult replayed, ReplayGoalLog(log));
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<TaskLogStep> steps, DecodeSteps(log));
  Outcome outcome{.state = log.rows.back().state,
                  .reason = replayed.progress.reason,
                  .questions = {},
                  .steps = {},
                  .effects = {}};
  std::set<std::string> asked;
  for (const TaskLogStep& step : steps) {
    for (const TaskCommand& command : step.commands) {
      if (command.kind != TaskCommandKind::kAskOwner) continue;
      if (!asked.insert(command.reference).second) continue;  // again, after a restart
      outcome.questions.push_back(
          StrCat(Name(command.about), command.step.empty() ? "" : " ", command.step));
    }
  }
  for (const TaskStepProgress& step : replayed.progress.steps) {
    outcome.steps.push_back(
        {.id = step.step.id, .status = std::string(Name(step.status)), .attempt = step.attempt});
  }
  for (const GoalLogEffect& effect : log.effects) {
    outcome.effects.push_back({.step = effect.step,
                               .tool = effect.tool,
                               .state = std::string(Name(effect.state)),
                               .arguments = effect.arguments,
                               .attempt = effect.attempt});
  }
  // Ids of effects are digests, and these are goals of their own.
  std::sort(outcome.effects.begin(), outcome.effects.end(),
            [](const ExpectedEffect& a, const ExpectedEffect& b) {
              return std::pair(a.step, a.attempt) < std::pair(b.step, b.attempt);
            });
  return outcome;
}

std::string List(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += StrCat(out.empty() ? "" : ", ", word);
  return out.empty() ? "none" : out;
}

void CompareSteps(const GoalTest& test, const Outcome& got, std::vector<std::string>& failures) {
  for (const ExpectedStep& wanted : test.steps) {
    const auto step = std::find_if(got.steps.begin(), got.steps.end(),
                                   [&](const ExpectedStep& one) { return one.id == wanted.id; });
    if (step == got.steps.end()) {
      failures.push_back(StrCat("there is no step '", wanted.id, "'"));
    } else if (!(*step == wanted)) {
      failures.push_back(StrCat("step '", wanted.id, "' is ", step->status, " at attempt ",
                                step->attempt, "; expected ", wanted.status, " at attempt ",
                                wanted.attempt));
    }
  }
}

void CompareEffects(const GoalTest& test, const Outcome& got, std::vector<std::string>& failures) {
  const auto same = [](const ExpectedEffect& a, const ExpectedEffect& b) {
    return a.step == b.step && a.attempt == b.attempt;
  };
  for (const ExpectedEffect& wanted : test.effects) {
    const auto effect = std::find_if(got.effects.begin(), got.effects.end(),
                                     [&](const ExpectedEffect& one) { return same(one, wanted); });
    const std::string what =
        StrCat("the effect of step '", wanted.step, "', attempt ", wanted.attempt, ",");
    if (effect == got.effects.end()) {
      failures.push_back(StrCat(what, " was never planned; expected ", wanted.state));
      continue;
    }
    if (effect->state != wanted.state) {
      failures.push_back(StrCat(what, " is ", effect->state, "; expected ", wanted.state));
    }
    if (effect->tool != wanted.tool || effect->arguments != wanted.arguments) {
      failures.push_back(StrCat(what, " was ", effect->tool, " ", EscapeLine(effect->arguments),
                                "; expected ", wanted.tool, " ", EscapeLine(wanted.arguments)));
    }
  }
  for (const ExpectedEffect& effect : got.effects) {
    const bool known = std::any_of(test.effects.begin(), test.effects.end(),
                                   [&](const ExpectedEffect& one) { return same(one, effect); });
    if (known) continue;
    failures.push_back(StrCat("step '", effect.step, "' had an effect that is not expected: ",
                              effect.tool, " ", EscapeLine(effect.arguments)));
  }
}

}  // namespace

absl::StatusOr<std::string> GoalTestFrom(const GoalLog& log, std::string_view comment) {
  DRAGOMAN_ASSIGN_OR_RETURN(const TaskReplayResult replayed, ReplayGoalLog(log));
  if (replayed.verdict == TaskReplayVerdict::kOtherMachine) {
    return Unimplemented("the log was written by machine version ", replayed.header.machine_version,
                         "; this is ", kTaskMachineVersion);
  }
  if (replayed.verdict == TaskReplayVerdict::kDifferent) {
    return DataLoss("the log does not replay: ", replayed.first_difference);
  }
  if (!IsFinal(replayed.progress.state)) {
    return FailedPrecondition("goal ", log.goal, " has not ended; it is ", log.rows.back().state,
                              log.rows.back().waiting_on.empty()
                                  ? ""
                                  : StrCat(" and waits for ", log.rows.back().waiting_on));
  }
  GoalTest test{.goal = log.words,
                .now = std::chrono::floor<std::chrono::minutes>(
                    WallTime(std::chrono::microseconds(log.created_us))),
                .priority = log.priority,
                .from = {},
                .number = {},
                .classes = {},
                .machine = replayed.header.options,
                .plan = {},
                .script = {},
                .state = {},
                .reason = {},
                .questions = {},
                .steps = {},
                .effects = {}};
  if (log.deadline_us > 0) {
    test.deadline =
        std::max(milliseconds(1'000), milliseconds((log.deadline_us - log.created_us) / 1000));
  }
  for (const GoalLogEffect& effect : log.effects) {
    if (!effect.from.empty())
      (effect.tool == kPlaceCallTool ? test.number : test.from) = effect.from;
    test.classes[effect.tool] = effect.effect;
  }
  DRAGOMAN_ASSIGN_OR_RETURN(test.plan, GoalPlanFromJson(log.plans[0].body));
  DRAGOMAN_ASSIGN_OR_RETURN(const auto tools, DryTools(test.classes));
  DRAGOMAN_RETURN_IF_ERROR(CheckTools(test.plan, *tools));
  DRAGOMAN_ASSIGN_OR_RETURN(test.script, ScriptAfter(log, 0));
  DRAGOMAN_ASSIGN_OR_RETURN(Outcome outcome, OutcomeOf(log));
  test.state = std::move(outcome.state);
  test.reason = std::move(outcome.reason);
  test.questions = std::move(outcome.questions);
  test.steps = std::move(outcome.steps);
  test.effects = std::move(outcome.effects);
  return FormatGoalTest(test, comment);
}

absl::StatusOr<GoalTestResult> RunGoalTest(std::string_view text, std::string_view file,
                                           const Policy& policy) {
  DRAGOMAN_ASSIGN_OR_RETURN(const GoalTest test, ParseGoalTest(text, file));
  DRAGOMAN_ASSIGN_OR_RETURN(const std::unique_ptr<GoalWorld> world,
                            GoalWorld::Open({.now = test.now,
                                             .policy = policy,
                                             .caller_identity = test.from,
                                             .calling_number = test.number,
                                             .classes = test.classes,
                                             .answered = {},
                                             .open_approval = {}},
                                            test.script));
  std::optional<WallTime> deadline;
  if (test.deadline > milliseconds(0)) deadline = test.now + test.deadline;
  GoalTestResult result;
  const absl::Status begun =
      world->Begin(test.goal, test.plan, test.priority, deadline, test.machine);
  if (!begun.ok()) {
    result.failures.push_back(StrCat("the goal is not taken: ", MessageOf(begun)));
    return result;
  }
  DRAGOMAN_RETURN_IF_ERROR(world->Run());
  DRAGOMAN_ASSIGN_OR_RETURN(result.log, world->Log());
  DRAGOMAN_ASSIGN_OR_RETURN(const Outcome got, OutcomeOf(result.log));
  std::vector<std::string>& failures = result.failures;
  if (!world->open_question().empty()) {
    failures.push_back(
        StrCat("it waits for an answer that the file does not have: ", world->open_question()));
  } else if (got.state != test.state) {
    failures.push_back(StrCat("it ended in ", got.state, "; expected ", test.state));
  }
  if (got.reason != test.reason) {
    failures.push_back(StrCat("the reason is \"", EscapeLine(got.reason), "\"; expected \"",
                              EscapeLine(test.reason), "\""));
  }
  if (got.questions != test.questions) {
    failures.push_back(
        StrCat("it asked: ", List(got.questions), "; expected: ", List(test.questions)));
  }
  CompareSteps(test, got, failures);
  CompareEffects(test, got, failures);
  return result;
}

}  // namespace dragoman::lab
