#include "src/tasks/task_world.h"

#include <algorithm>
#include <array>

#include "dragoman/core/status.h"
#include "src/tasks/task_stepper.h"

namespace dragoman {
namespace {

using E = TaskEventKind;
using K = TaskStepKind;
using S = TaskState;

constexpr std::int64_t kNow = 1'000'000'000'000;
constexpr std::int64_t kTimer = 1'000'000'000;     // until a timer
constexpr std::int64_t kRest = 2'000'000'000;      // until a step need not rest
constexpr std::int64_t kMoreRest = 3'000'000'000;  // the others'

// One of each pair says what the other does not: several kinds of failure are one to the machine.
constexpr std::array<E, 12> kAnswers = {E::kAllowed,     E::kMustConfirm,   E::kRefused,
                                        E::kConnected,   E::kCallAsks,      E::kStepDone,
                                        E::kStepFailed,  E::kStepUnclear,   E::kReplyAwaited,
                                        E::kCallDropped, E::kCallNeedsInfo, E::kCallNeedsSecret};

std::string NameOf(const std::vector<TaskStep>& plan) {
  std::string name;
  for (const TaskStep& step : plan) {
    name +=
        StrCat(name.empty() ? "" : ", ", step.id, " ", Name(step.kind), step.optional ? "?" : "");
    for (const std::string& need : step.needs) name += StrCat(" <", need);
  }
  return name;
}

// One thing at a time, for mutants: each is a moment's search.
template <typename Add>
void AddSmall(const Add& add) {
  const TaskMachineOptions bare = {
      .max_steps = 2, .attempts = 1, .replans = 0, .questions = 0, .call_questions = 1};
  TaskMachineOptions again = bare, anew = bare, asks = bare, both = bare, tired = bare;
  again.attempts = 2;
  anew.replans = 1;
  asks.questions = 1;
  both.attempts = 2;
  both.max_steps = 3;
  tired.max_steps = 1;
  for (const K a : {K::kAsk, K::kRead, K::kAct, K::kCall}) {
    for (const TaskMachineOptions& options : {bare, again, anew, asks}) {
      add({{.id = "a", .kind = a}}, options, true, false, true);
    }
    add({{.id = "a", .kind = a}}, asks, true, true, true);
    add({{.id = "a", .kind = a}}, again, true, true, true);
    add({{.id = "a", .kind = a}, {.id = "b", .kind = a}}, tired, true, false, true);
    add({{.id = "a", .kind = a, .optional = true}, {.id = "b", .kind = K::kAct}}, bare, true, false,
        true);
    add({{.id = "a", .kind = a}, {.id = "b", .kind = K::kAsk, .needs = {"a"}}}, bare, true, false,
        true);
    add({{.id = "a", .kind = a}, {.id = "b", .kind = K::kRead, .needs = {"a"}}}, bare, true, false,
        true);
  }
  add({{.id = "a", .kind = K::kCall}, {.id = "b", .kind = K::kRead}}, both, true, false, true);
}

std::vector<TaskSlice> MakeSlices() {
  std::vector<TaskSlice> slices;
  const auto add = [&](std::vector<TaskStep> plan, const TaskMachineOptions& options, bool quick,
                       bool owner_replans = false, bool small = false) {
    slices.push_back({NameOf(plan), plan, options, owner_replans, quick, small});
  };
  const TaskMachineOptions little = {
      .max_steps = 2, .attempts = 2, .replans = 1, .questions = 1, .call_questions = 1};
  TaskMachineOptions by_owner = little;
  by_owner.replans = 0;
  TaskMachineOptions more = little;
  more.max_steps = 3;
  TaskMachineOptions two = more;  // without plans of its own making two steps meet sooner
  two.replans = 0;
  TaskMachineOptions once = two;
  once.attempts = 1;
  TaskMachineOptions silent = once;
  silent.questions = 0;
  constexpr std::array<K, 4> kKinds = {K::kAsk, K::kRead, K::kAct, K::kCall};
  for (const K a : kKinds) {
    for (const bool optional : {false, true}) {
      const std::vector<TaskStep> plan = {{.id = "a", .kind = a, .optional = optional}};
      add(plan, little, true);
      add(plan, by_owner, !optional, true);
      add(plan, more, false, true);
    }
  }
  TaskMachineOptions one = once;
  one.max_steps = 1;
  AddSmall(add);
  add({{.id = "a", .kind = K::kAsk}, {.id = "b", .kind = K::kAsk}}, one, true);
  for (const K a : kKinds) {
    // A chain of needs whose first may fail, and two that the last needs.
    add({{.id = "a", .kind = a, .optional = true},
         {.id = "b", .kind = K::kAct, .optional = true, .needs = {"a"}},
         {.id = "c", .kind = K::kAct, .needs = {"b"}}},
        silent, true);
    add({{.id = "a", .kind = a},
         {.id = "b", .kind = K::kRead, .optional = true},
         {.id = "c", .kind = K::kCall, .needs = {"a", "b"}}},
        silent, a == K::kAsk);
  }
  for (const K a : kKinds) {
    for (const K b : kKinds) {
      for (int bits = 0; bits < 8; ++bits) {
        std::vector<std::string> needs;
        if (bits & 4) needs.push_back("a");
        const std::vector<TaskStep> plan = {
            {.id = "a", .kind = a, .optional = (bits & 1) != 0},
            {.id = "b", .kind = b, .optional = (bits & 2) != 0, .needs = needs}};
        const bool asks = a == K::kAsk || b == K::kAsk;
        add(plan, once, (bits == 1 && asks) || (bits == 6 && a != K::kRead));
        // A call that rests while something is read, or done: both may have to rest.
        if (bits == 0) add(plan, two, false);
      }
    }
  }
  return slices;
}

}  // namespace

const std::vector<TaskSlice>& TaskSlices() {
  static const std::vector<TaskSlice> slices = MakeSlices();
  return slices;
}

TaskExplorer::TaskExplorer(const TaskTables& tables, const TaskSlice& slice)
    : tables_(tables), slice_(slice), rows_used_(tables.rows.size()) {}

std::string TaskExplorer::Key() const {
  const TaskProgress& p = now_.progress;
  std::string key;
  key.reserve(400);
  const auto number = [&](std::int64_t value) {
    key += std::to_string(value);
    key += ',';
  };
  const auto text = [&](const std::string& value) {
    number(static_cast<std::int64_t>(value.size()));
    key += value;
  };
  number(static_cast<int>(p.state));
  number(static_cast<int>(p.activity));
  number(p.active);
  number(static_cast<int>(p.return_to));
  number(static_cast<int>(p.wait));
  text(p.question);
  text(p.words);
  for (const std::int64_t count :
       {p.asked, p.asked_about_failures, p.asked_by_calls, p.begun, p.replans, p.summaries}) {
    number(count);
  }
  number(p.may_retry * 2 + p.broken);
  text(p.reason);
  for (const std::int64_t timer : p.timers) number(timer == 0 ? 0 : timer - kNow);
  number(static_cast<std::int64_t>(p.steps.size()));
  for (const TaskStepProgress& step : p.steps) {
    text(step.step.id);
    number(static_cast<int>(step.step.kind) * 2 + step.step.optional);
    for (const std::string& need : step.step.needs) text(need);
    number(static_cast<int>(step.status));
    number(step.attempt);
    number(step.not_before_us == 0 ? 0 : step.not_before_us - kNow);
    text(step.receipt);
    text(step.detail);
  }
  number(static_cast<std::int64_t>(p.tried.size()));
  for (const TaskTried& one : p.tried) {
    text(one.id);
    number(one.attempts);
  }
  now_.owed.AppendTo(key);
  return key;
}

TaskEvent TaskExplorer::Answer(E kind, const TaskCommand& to) const {
  TaskEvent event{.kind = kind, .step = to.step, .attempt = to.attempt};
  switch (kind) {
    case E::kMustConfirm:
      event.reference = StrCat("c_", to.step, to.attempt);
      event.detail = "may I?";
      break;
    case E::kCallAsks:
      event.detail = "which day?";
      break;
    case E::kStepDone:
      event.reference = StrCat("r_", to.step, to.attempt);
      event.detail = "done";
      break;
    case E::kStepUnclear:
      event.detail = "no";
      break;
    case E::kAllowed:
    case E::kConnected:
    case E::kReplyAwaited:
      break;
    default:
      event.detail = "no";
      break;
  }
  return event;
}

void TaskExplorer::RunChoices(std::vector<TaskChoice>* choices) const {
  const TaskCommand& run = *now_.owed.run;
  const auto add = [&](std::initializer_list<E> kinds) {
    for (const E kind : kinds) choices->push_back({Answer(kind, run)});
  };
  const auto failed = [&] {
    TaskEvent event = Answer(E::kStepFailed, run);
    choices->push_back({event});
    event.may_retry = true;
    choices->push_back({event});
  };
  const auto step = std::find_if(now_.owed.steps.begin(), now_.owed.steps.end(),
                                 [&](const auto& one) { return one.id == run.step; });
  switch (now_.owed.phase) {
    case TaskRunPhase::kSent:
      add({E::kStepDone, E::kStepUnclear, E::kRefused, E::kReplyAwaited});
      failed();
      if (step != now_.owed.steps.end() && step->kind == K::kCall) {
        add({E::kConnected, E::kCallDropped});
      }
      return;
    case TaskRunPhase::kConnected:
      add({E::kCallAsks});
      [[fallthrough]];
    case TaskRunPhase::kAsking:
      failed();
      return add(
          {E::kStepDone, E::kStepUnclear, E::kCallDropped, E::kCallNeedsInfo, E::kCallNeedsSecret});
    case TaskRunPhase::kReply:
      failed();
      return add({E::kStepDone});
    case TaskRunPhase::kUnclear:
      return add({E::kStepDone});  // a late proof
  }
}

void TaskExplorer::OwnerChoices(std::vector<TaskChoice>* choices) const {
  const TaskCommand& question = *now_.owed.question;
  const auto add = [&](std::initializer_list<OwnerChoice> answers) {
    for (const OwnerChoice answer : answers) {
      choices->push_back({{.kind = E::kAnswered,
                           .reference = question.reference,
                           .choice = answer,
                           .detail = answer == OwnerChoice::kText ? "words" : ""}});
    }
  };
  switch (question.about) {
    case TaskWait::kStep:
    case TaskWait::kCallQuestion:
      return add({OwnerChoice::kText});
    case TaskWait::kFailure:
      return add({OwnerChoice::kRetry, OwnerChoice::kSkip, OwnerChoice::kGiveUp});
    case TaskWait::kUnclear:
      return add({OwnerChoice::kItHappened, OwnerChoice::kItDidNot});
    case TaskWait::kApproval:
      choices->push_back({{.kind = E::kApproved, .reference = question.reference}});
      choices->push_back({{.kind = E::kDeclined, .reference = question.reference}});
      return;
    default:
      return;
  }
}

void TaskExplorer::Choices(std::vector<TaskChoice>* choices) const {
  choices->clear();
  const TaskProgress& p = now_.progress;
  const TaskOwed& owed = now_.owed;
  if (!owed.started) choices->push_back({{.kind = E::kStart}});
  for (const E kind : {E::kCancel, E::kEscalate, E::kKilled, E::kStuck, E::kRecovered}) {
    choices->push_back({{.kind = kind}});
  }
  if (owed.plan) {
    // The same again as far as it is not done, and something else.
    std::vector<TaskStep> again;
    for (const TaskStep& step : slice_.plan) {
      const auto known = std::find_if(owed.steps.begin(), owed.steps.end(),
                                      [&](const auto& one) { return one.id == step.id; });
      if (known == owed.steps.end() || !known->done) again.push_back(step);
    }
    if (!again.empty()) choices->push_back({{.kind = E::kPlanned, .plan = again}});
    if (!owed.steps.empty()) {
      choices->push_back({{.kind = E::kPlanned, .plan = {{.id = "z", .kind = K::kAct}}}});
    }
    choices->push_back({{.kind = E::kPlanFailed, .detail = "no"}});
  }
  if (owed.decide) {
    for (const E kind : {E::kAllowed, E::kMustConfirm, E::kRefused}) {
      choices->push_back({Answer(kind, *owed.decide)});
    }
  }
  if (owed.run) RunChoices(choices);
  if (owed.question) OwnerChoices(choices);
  if (owed.summary) {
    choices->push_back({{.kind = E::kSummarized}});
    choices->push_back({{.kind = E::kSummaryFailed}});
  }
  const bool waits_for_time = p.state == S::kAwaitingUserInput && p.wait == TaskWait::kTime;
  const bool asked = owed.question && (owed.question->about == TaskWait::kStep ||
                                       owed.question->about == TaskWait::kApproval ||
                                       owed.question->about == TaskWait::kFailure);
  if ((asked || waits_for_time) && slice_.owner_replans && !owed.replanned)
    choices->push_back({{.kind = E::kReplan}});
  for (int i = 0; i < kTaskTimers; ++i) {
    if (owed.timers >> i & 1) {
      choices->push_back({{.kind = E::kTimerFired, .timer = static_cast<TaskTimer>(i)}});
    }
  }
  for (std::size_t i = 0; i < p.steps.size(); ++i) {
    if (p.steps[i].not_before_us != 0) choices->push_back({{}, static_cast<int>(i)});
  }
}

// All times go where they are armed, or rest, as before.
void TaskExplorer::Normalise() {
  TaskProgress& p = now_.progress;
  std::int64_t& wait = p.timers[static_cast<std::size_t>(TaskTimer::kWait)];
  const bool for_time = (p.state == S::kAwaitingUserInput && p.wait == TaskWait::kTime) ||
                        p.activity == TaskActivity::kResting;
  const std::int64_t awaited = for_time ? wait : 0;
  for (TaskStepProgress& step : p.steps) {
    if (step.not_before_us == 0) continue;
    step.not_before_us =
        awaited != 0 && step.not_before_us <= awaited ? kNow + kRest : kNow + kMoreRest;
  }
  for (std::int64_t& timer : p.timers) {
    if (timer != 0) timer = kNow + kTimer;
  }
  if (awaited != 0) wait = kNow + kRest;
}

std::string TaskExplorer::HappenAt(TaskEvent event) {
  const TaskProgress before = now_.progress;
  commands_.clear();
  moves_.clear();
  TaskStepper stepper(slice_.options, tables_, now_.progress, event, commands_);
  stepper.Watch(&moves_);
  const absl::Status status = stepper.Run();
  if (!status.ok()) {
    const bool timer = event.kind == E::kTimerFired;
    return Broken(timer ? TaskPromise::kTimersAreTaken : TaskPromise::kOwedIsTaken,
                  MessageOf(status));
  }
  for (const TaskStepper::Move& move : moves_) {
    rows_used_[static_cast<std::size_t>(move.row - tables_.rows.data())] = true;
  }
  for (TaskStepProgress& step : now_.progress.steps) {
    if (step.not_before_us <= event.at_us) step.not_before_us = 0;
  }
  TaskProgress compared = before;
  if (event.kind == E::kRecovered) {
    for (TaskStepProgress& step : compared.steps) {
      if (step.not_before_us <= event.at_us) step.not_before_us = 0;
    }
  }
  return CheckTaskStep({event, compared, now_.progress, commands_, moves_, slice_.options},
                       now_.owed);
}

std::string TaskExplorer::Happen(const TaskChoice& choice) {
  if (choice.rested >= 0) {
    commands_.clear();
    now_.progress.steps[static_cast<std::size_t>(choice.rested)].not_before_us = 0;
    return {};
  }
  TaskEvent event = choice.event;
  event.at_us = kNow;
  if (event.kind == E::kTimerFired) {
    event.at_us = std::max(kNow, now_.progress.timers[static_cast<std::size_t>(event.timer)]);
  }
  std::string wrong = HappenAt(event);
  Normalise();
  return wrong;
}

std::vector<TaskEvent> TaskExplorer::Strangers() const {
  std::vector<TaskEvent> events;
  const auto step_events = [&](const std::string& step, std::int64_t attempt) {
    for (const E kind : kAnswers) {
      events.push_back(Answer(kind, {.step = step, .attempt = attempt}));
    }
  };
  step_events("nobody", 1);
  for (std::size_t i = 0; i < now_.progress.steps.size(); ++i) {
    const TaskStepProgress& step = now_.progress.steps[i];
    step_events(step.step.id, step.attempt);
    if (static_cast<std::int64_t>(i) != now_.progress.active) continue;
    step_events(step.step.id, step.attempt + 1);
    if (step.attempt > 1) step_events(step.step.id, step.attempt - 1);
  }
  std::vector<std::string> references = {"", "nobody", now_.progress.question};
  if (now_.progress.asked > 0) references.push_back(StrCat("q", now_.progress.asked));
  if (now_.progress.asked > 1) references.push_back(StrCat("q", now_.progress.asked - 1));
  for (const TaskStepProgress& step : now_.progress.steps) {
    references.push_back(StrCat("c_", step.step.id, step.attempt));
  }
  for (const std::string& reference : references) {
    for (int i = 0; i < kOwnerChoices; ++i) {
      events.push_back({.kind = E::kAnswered,
                        .reference = reference,
                        .choice = static_cast<OwnerChoice>(i),
                        .detail = i == 0 ? "words" : ""});
    }
    events.push_back({.kind = E::kApproved, .reference = reference});
    events.push_back({.kind = E::kDeclined, .reference = reference});
  }
  for (const E kind : {E::kStart, E::kPlanFailed, E::kSummarized, E::kSummaryFailed, E::kReplan,
                       E::kCancel, E::kEscalate, E::kKilled, E::kStuck, E::kRecovered}) {
    events.push_back({.kind = kind, .detail = kind == E::kPlanFailed ? "no" : ""});
  }
  events.push_back({.kind = E::kPlanned, .plan = {{.id = "z", .kind = K::kAct}}});
  events.push_back({.kind = E::kPlanned, .plan = slice_.plan});
  events.push_back({.kind = E::kPlanned});
  events.push_back({.kind = E::kPlanned, .plan = {{.id = "y", .needs = {"nobody"}}}});
  for (int i = 0; i < kTaskTimers; ++i) {
    events.push_back({.kind = E::kTimerFired, .timer = static_cast<TaskTimer>(i)});
  }
  return events;
}

std::string TaskExplorer::Refuse(std::vector<bool>* refused) {
  std::vector<TaskChoice> choices;
  if (!finished()) Choices(&choices);
  const TaskProgress before = now_.progress;
  for (TaskEvent& event : Strangers()) {
    const bool sound =
        event.kind != E::kPlanned || (!event.plan.empty() && event.plan.front().needs.empty());
    const bool expected =
        sound && std::any_of(choices.begin(), choices.end(), [&](const TaskChoice& choice) {
          if (choice.event.kind != event.kind || choice.rested >= 0) return false;
          if (event.kind == E::kPlanned) return true;
          TaskEvent same = choice.event;
          same.may_retry = event.may_retry;
          return same == event;
        });
    // A timer that is armed fires in its time, never before it.
    const bool may_replan = before.wait == TaskWait::kStep || before.wait == TaskWait::kApproval ||
                            before.wait == TaskWait::kFailure || before.wait == TaskWait::kTime;
    if (event.kind == E::kReplan && may_replan) continue;  // though the slice leaves it out
    if (expected && event.kind != E::kTimerFired) continue;
    event.at_us = kNow;
    commands_.clear();
    const absl::Status status =
        TaskStepper(slice_.options, tables_, now_.progress, event, commands_).Run();
    if (status.ok()) {
      return Broken(finished() ? TaskPromise::kEndsQuietly : TaskPromise::kOnlyOwedIsTaken,
                    Describe({event}));
    }
    if (!(now_.progress == before) || !commands_.empty()) {
      return Broken(TaskPromise::kRefusedChangesNothing, Describe({event}));
    }
    if (refused != nullptr) {
      (*refused)[static_cast<std::size_t>(before.state) * kTaskEvents +
                 static_cast<std::size_t>(event.kind)] = true;
    }
  }
  return {};
}

std::string TaskExplorer::Describe(const TaskChoice& choice) const {
  if (choice.rested >= 0) return StrCat("step ", choice.rested, " has rested");
  const TaskEvent& event = choice.event;
  std::string words{Name(event.kind)};
  if (event.kind == E::kTimerFired) words += StrCat(" ", Name(event.timer));
  if (!event.step.empty()) words += StrCat(" ", event.step, "/", event.attempt);
  if (!event.reference.empty()) words += StrCat(" ", event.reference);
  if (event.kind == E::kAnswered) words += StrCat(" (", Name(event.choice), ")");
  if (event.may_retry) words += " (again)";
  if (event.kind == E::kPlanned) words += StrCat(": ", NameOf(event.plan));
  return words;
}

std::string TaskExplorer::DescribeState() const {
  const TaskProgress& p = now_.progress;
  std::string words = StrCat(Name(p.state), " waits for ", Name(p.wait));
  for (const TaskStepProgress& step : p.steps) {
    words += StrCat("; ", step.step.id, "/", step.attempt, " ", Name(step.status));
  }
  return words;
}

}  // namespace dragoman
