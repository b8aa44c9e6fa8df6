#include "dragoman/tasks/task_log.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/status.h"
#include "src/tasks/task_fields.h"

namespace dragoman {
namespace {

using proto::Encoder;
using proto::RawField;
using proto::Walker;

constexpr int kHeader = 1;
constexpr int kEvent = 2;
constexpr int kCommands = 3;
constexpr std::int64_t kLatestUs = std::int64_t{1} << 62;

TaskOptionNumbers NumbersOf(const TaskMachineOptions& from) {
  return {.max_steps = from.max_steps,
          .attempts = from.attempts,
          .replans = from.replans,
          .questions = from.questions,
          .call_questions = from.call_questions,
          .retry_after = from.retry_after.count(),
          .plan_limit = from.plan_limit.count(),
          .decide_limit = from.decide_limit.count(),
          .step_limit = from.step_limit.count(),
          .call_limit = from.call_limit.count(),
          .answer_wait = from.answer_wait.count(),
          .approval_wait = from.approval_wait.count(),
          .call_answer_wait = from.call_answer_wait.count(),
          .summary_limit = from.summary_limit.count(),
          .longest_goal = from.longest_goal.count()};
}

TaskMachineOptions OptionsOf(const TaskOptionNumbers& from) {
  using Seconds = std::chrono::seconds;
  // Beyond an int they are refused by Validate, not wrapped into something valid.
  const auto count = [](std::int64_t value) {
    return static_cast<int>(std::clamp<std::int64_t>(value, -1, 1'000'000));
  };
  return {.max_steps = count(from.max_steps),
          .attempts = count(from.attempts),
          .replans = count(from.replans),
          .questions = count(from.questions),
          .call_questions = count(from.call_questions),
          .retry_after = Seconds(from.retry_after),
          .plan_limit = Seconds(from.plan_limit),
          .decide_limit = Seconds(from.decide_limit),
          .step_limit = Seconds(from.step_limit),
          .call_limit = Seconds(from.call_limit),
          .answer_wait = Seconds(from.answer_wait),
          .approval_wait = Seconds(from.approval_wait),
          .call_answer_wait = Seconds(from.call_answer_wait),
          .summary_limit = Seconds(from.summary_limit),
          .longest_goal = Seconds(from.longest_goal)};
}

absl::Status DecodeHeader(std::string_view bytes, TaskLogHeader& header) {
  for (Walker walker(bytes); !walker.done();) {
    RawField field;
    DRAGOMAN_RETURN_IF_ERROR(walker.Next(&field));
    if (field.number == 1 && field.type == proto::kVarint) {
      header.machine_version = static_cast<std::int64_t>(field.varint);
    } else if (field.number == 2 && field.type == proto::kVarint) {
      header.tables_digest = field.varint;
    } else if (field.number == 3 && field.type == proto::kBytes) {
      TaskOptionNumbers numbers;
      DRAGOMAN_RETURN_IF_ERROR(Annotate(proto::Decode(field.bytes, numbers), "options"));
      header.options = OptionsOf(numbers);
    } else {
      return DataLoss("header's field ", field.number, " is unknown or damaged");
    }
  }
  return Annotate(header.options.Validate(), "options in the log");
}

// Enumerations come from a file: one that is beyond its last name is damage, not a kind.
absl::Status CheckEvent(const TaskEvent& event) {
  if (static_cast<int>(event.kind) >= kTaskEvents) return DataLoss("event of unknown kind");
  if (static_cast<int>(event.timer) >= kTaskTimers) return DataLoss("timer of unknown kind");
  if (static_cast<int>(event.choice) >= kOwnerChoices) return DataLoss("choice of unknown kind");
  for (const TaskStep& step : event.plan) {
    if (step.kind > TaskStepKind::kCall) return DataLoss("step of unknown kind");
  }
  // The machine adds lengths of time to them.
  for (const std::int64_t time : {event.at_us, event.when_us}) {
    if (time < 0 || time > kLatestUs) return DataLoss("time ", time, " is out of range");
  }
  return absl::OkStatus();
}

std::string Shown(const std::string& value) { return StrCat("\"", EscapeLine(value), "\""); }
template <typename T>
std::string Shown(const T& value) {
  return std::to_string(static_cast<std::int64_t>(value));
}

// How the two lists of one step differ: (kind of difference, sentence); empty when they do not.
std::pair<std::string, std::string> Compare(const std::vector<TaskCommand>& expected,
                                            const std::vector<TaskCommand>& got) {
  const std::size_t common = std::min(expected.size(), got.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (expected[i] == got[i]) continue;
    const std::string difference = Difference(expected[i], got[i]);
    const std::string_view name = Name(expected[i].kind);
    return {StrCat(name, ": ", difference.substr(0, difference.find(':'))),
            StrCat("command ", i + 1, " (", name, "): ", difference)};
  }
  if (expected.size() > common) {
    const std::string_view name = Name(expected[common].kind);
    return {StrCat(name, ": missing"),
            StrCat("command ", common + 1, ": expected ", name, ", got no more commands")};
  }
  if (got.size() > common) {
    const std::string_view name = Name(got[common].kind);
    return {StrCat(name, ": not in the log"),
            StrCat("command ", common + 1, ": expected no more commands, got ", name)};
  }
  return {};
}

}  // namespace

std::string EncodeTaskHeader(const TaskLogHeader& header) {
  std::string out;
  Encoder(out).PutMessage(kHeader, [&](Encoder& inner) {
    inner(1, "machine_version", header.machine_version);
    inner(2, "tables_digest", header.tables_digest);
    inner(3, "options", NumbersOf(header.options));
  });
  return out;
}

std::string EncodeTaskStep(const TaskLogStep& step) {
  std::string out;
  Encoder encoder(out);
  encoder.PutMessage(kEvent, [&](Encoder& inner) { Fields<TaskEvent>::Visit(step.event, inner); });
  encoder(kCommands, "commands", step.commands);
  return out;
}

absl::StatusOr<TaskLogHeader> DecodeTaskHeader(std::string_view delta) {
  RawField field;
  Walker walker(delta);
  if (walker.done()) return DataLoss("the goal's first row has no header");
  DRAGOMAN_RETURN_IF_ERROR(walker.Next(&field));
  if (field.number != kHeader || field.type != proto::kBytes) {
    return DataLoss("the goal's first row has no header");
  }
  TaskLogHeader header{.machine_version = 0, .tables_digest = 0};
  DRAGOMAN_RETURN_IF_ERROR(Annotate(DecodeHeader(field.bytes, header), "header"));
  return header;
}

absl::StatusOr<TaskLogStep> DecodeTaskStep(std::string_view delta) {
  TaskLogStep step;
  step.commands.reserve(4);  // few steps give more
  bool has_event = false;
  for (Walker walker(delta); !walker.done();) {
    RawField field;
    DRAGOMAN_RETURN_IF_ERROR(walker.Next(&field));
    if (field.type != proto::kBytes) return DataLoss("step's field ", field.number, " is damaged");
    if (field.number == kEvent) {
      has_event = true;
      DRAGOMAN_RETURN_IF_ERROR(Annotate(proto::Decode(field.bytes, step.event), "event"));
      DRAGOMAN_RETURN_IF_ERROR(CheckEvent(step.event));
    } else if (field.number == kCommands) {
      DRAGOMAN_RETURN_IF_ERROR(
          Annotate(proto::Decode(field.bytes, step.commands.emplace_back()), "command"));
    }
  }
  if (!has_event) return DataLoss("step without an event");
  return step;
}

std::string Difference(const TaskCommand& expected, const TaskCommand& got) {
  if (expected.kind != got.kind) {
    return StrCat("kind: expected ", Name(expected.kind), ", got ", Name(got.kind));
  }
  std::string difference;
  std::vector<std::string> values;
  Fields<TaskCommand>::Visit(
      expected, [&](int, const char*, const auto& value) { values.push_back(Shown(value)); });
  std::size_t at = 0;
  Fields<TaskCommand>::Visit(got, [&](int, const char* name, const auto& value) {
    const std::string& wanted = values[at++];
    if (const std::string shown = Shown(value); difference.empty() && shown != wanted) {
      difference = StrCat(name, ": expected ", wanted, ", got ", shown);
    }
  });
  return difference;
}

namespace {

// The machine that runs again, and whose progress is reported.
struct Rerun {
  TaskReplayStep step;
  std::shared_ptr<TaskMachine> machine;
};

absl::StatusOr<TaskReplayResult> Replay(
    const TaskDeltas& deltas, const std::function<Rerun(const TaskMachineOptions&)>& make) {
  TaskReplayResult result;
  Rerun rerun;
  bool same_machine = true;
  std::vector<TaskCommand> got;
  while (true) {
    DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<std::string> page, deltas());
    if (page.empty()) break;
    for (const std::string& delta : page) {
      if (!rerun.step) {
        DRAGOMAN_ASSIGN_OR_RETURN(result.header, DecodeTaskHeader(delta));
        same_machine = result.header.machine_version == kTaskMachineVersion &&
                       result.header.tables_digest == TaskTablesDigest();
        if (!same_machine) result.verdict = TaskReplayVerdict::kOtherMachine;
        rerun = make(result.header.options);
        continue;
      }
      ++result.events;
      absl::StatusOr<TaskLogStep> step = DecodeTaskStep(delta);
      if (!step.ok()) return Annotate(step.status(), StrCat("event ", result.events));
      got.clear();
      const absl::Status taken = rerun.step(step->event, &got);
      result.commands += static_cast<std::int64_t>(step->commands.size());
      if (taken.ok() && step->commands == got) continue;
      auto [kind, sentence] = Compare(step->commands, got);
      if (!taken.ok()) {
        kind = StrCat(Name(step->event.kind), ": refused");
        sentence = std::string(MessageOf(taken));
      }
      if (kind.empty()) continue;
      ++result.differences[kind];
      if (result.first_difference.empty()) {
        result.first_difference =
            StrCat("event ", result.events, " (", Name(step->event.kind), "): ", sentence);
      }
      if (same_machine) {
        result.verdict = TaskReplayVerdict::kDifferent;
        result.progress = rerun.machine->progress();
        return result;
      }
    }
  }
  if (rerun.machine != nullptr) result.progress = rerun.machine->progress();
  return result;
}

}  // namespace

absl::StatusOr<TaskReplayResult> ReplayTask(const TaskDeltas& deltas) {
  return Replay(deltas, [](const TaskMachineOptions& options) -> Rerun {
    auto machine = std::make_shared<TaskMachine>(options);  // std::function wants to be copied
    return {[machine](const TaskEvent& event, std::vector<TaskCommand>* out) {
              return machine->Step(event, out);
            },
            machine};
  });
}

// Beside the other machine, which shows nothing but its commands, the shipped one runs for the
// progress that is reported.
absl::StatusOr<TaskReplayResult> ReplayTask(
    const TaskDeltas& deltas,
    const std::function<TaskReplayStep(const TaskMachineOptions&)>& machine) {
  return Replay(deltas, [&](const TaskMachineOptions& options) -> Rerun {
    auto shadow = std::make_shared<TaskMachine>(options);
    return {
        [shadow, other = machine(options)](const TaskEvent& event, std::vector<TaskCommand>* out) {
          std::vector<TaskCommand> ignored;
          shadow->Step(event, &ignored).IgnoreError();
          return other(event, out);
        },
        shadow};
  });
}

}  // namespace dragoman
