#include "dragoman/tasks/goal_log.h"

#include <algorithm>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/store/event_log.h"
#include "src/wire/proto_codec.h"

namespace dragoman {

namespace {

// What stands before the rows: the goal itself.
struct GoalLogHead {
  std::int64_t format = 0;
  std::string goal, user, parent, words;
  std::int64_t priority = 0, deadline_us = 0, created_us = 0;
  std::int64_t plans = 0, rows = 0, effects = 0;  // how many follow
};

constexpr std::int64_t kFormat = 1;
// Numbers that no record of a call's log has, so that neither is read as the other.
constexpr int kHead = 16;
constexpr int kPlan = 17;
constexpr int kRow = 18;
constexpr int kEffect = 19;
constexpr std::int64_t kLatestUs = std::int64_t{1} << 62;
constexpr int kPage = 256;

}  // namespace

// clang-format off
DRAGOMAN_FIELDS(GoalLogHead,
                DRAGOMAN_FIELD(1, format) DRAGOMAN_FIELD(2, goal) DRAGOMAN_FIELD(3, user)
                DRAGOMAN_FIELD(4, parent) DRAGOMAN_FIELD(5, words) DRAGOMAN_FIELD(6, priority)
                DRAGOMAN_FIELD(7, deadline_us) DRAGOMAN_FIELD(8, created_us)
                DRAGOMAN_FIELD(9, plans) DRAGOMAN_FIELD(10, rows) DRAGOMAN_FIELD(11, effects))
DRAGOMAN_FIELDS(GoalLogPlan,
                DRAGOMAN_FIELD(1, version) DRAGOMAN_FIELD(2, created_us) DRAGOMAN_FIELD(3, body))
DRAGOMAN_FIELDS(GoalLogRow,
                DRAGOMAN_FIELD(1, at_us) DRAGOMAN_FIELD(2, action) DRAGOMAN_FIELD(3, state)
                DRAGOMAN_FIELD(4, waiting_on) DRAGOMAN_FIELD(5, final) DRAGOMAN_FIELD(6, delta))
DRAGOMAN_FIELDS(GoalLogEffect,
                DRAGOMAN_FIELD(1, effect_id) DRAGOMAN_FIELD(2, step) DRAGOMAN_FIELD(3, attempt)
                DRAGOMAN_FIELD(4, tool) DRAGOMAN_FIELD(5, effect) DRAGOMAN_FIELD(6, arguments)
                DRAGOMAN_FIELD(7, to) DRAGOMAN_FIELD(8, from) DRAGOMAN_FIELD(9, approval_id)
                DRAGOMAN_FIELD(10, reference) DRAGOMAN_FIELD(11, state)
                DRAGOMAN_FIELD(12, not_before_us) DRAGOMAN_FIELD(13, detail))
// clang-format on

namespace {

using proto::Encoder;
using proto::RawField;
using proto::Walker;

std::int64_t Us(WallTime time) { return time.time_since_epoch().count(); }

GoalLogEffect EffectOf(const IntentRecord& intent) {
  return {.effect_id = intent.effect_id,
          .step = intent.step,
          .attempt = intent.attempt_group,
          .tool = intent.tool,
          .effect = intent.effect,
          .arguments = intent.arguments,
          .to = intent.to,
          .from = intent.from,
          .approval_id = intent.approval_id,
          .reference = intent.provider_reference,
          .state = intent.state,
          .not_before_us = intent.not_before ? Us(*intent.not_before) : 0,
          .detail = intent.detail};
}

absl::Status ReadPlans(StoreView& view, GoalLog& log) {
  for (std::int64_t version = 1;; ++version) {
    DRAGOMAN_ASSIGN_OR_RETURN(std::optional<PlanRecord> plan, view.FindPlan(log.goal, version));
    if (!plan) break;
    log.plans.push_back(
        {.version = version, .created_us = Us(plan->created), .body = std::move(plan->body)});
  }
  if (log.plans.empty()) return DataLoss("goal ", log.goal, " has no plan");
  return absl::OkStatus();
}

absl::Status ReadRows(StoreView& view, GoalLog& log) {
  while (true) {
    DRAGOMAN_ASSIGN_OR_RETURN(
        std::vector<LogRecord> page,
        view.ReadGoalLog(log.goal, static_cast<std::int64_t>(log.rows.size()) + 1, kPage));
    for (LogRecord& row : page) {
      if (row.delta.empty() && !row.delta_digest.empty()) {
        return FailedPrecondition("goal ", log.goal, " was erased; only its audit trail is left");
      }
      log.rows.push_back({.at_us = Us(row.at),
                          .action = std::move(row.action),
                          .state = std::move(row.state),
                          .waiting_on = std::move(row.waiting_on),
                          .final = row.final,
                          .delta = std::move(row.delta)});
    }
    if (page.size() < kPage) break;
  }
  if (log.rows.empty()) return DataLoss("goal ", log.goal, " has no log");
  return absl::OkStatus();
}

// One record: a message that is a single field of its kind.
template <typename T>
absl::Status Append(EventLog& log, int kind, const T& value) {
  std::string record;
  Encoder(record).PutMessage(kind, [&](Encoder& inner) { Fields<T>::Visit(value, inner); });
  if (record.size() > kMaxEventRecordBytes) {
    return InvalidArgument("a piece of the goal's log has ", record.size(),
                           " bytes; expected at most ", kMaxEventRecordBytes);
  }
  return log.Append(record);
}

absl::Status CheckEffect(const GoalLogEffect& effect) {
  const bool known = static_cast<int>(effect.state) >= 0 &&
                     static_cast<int>(effect.state) < kIntentStates &&
                     static_cast<int>(effect.effect) >= 0 && effect.effect <= EffectClass::kBlind;
  if (!known) return DataLoss("an effect of unknown kind or state");
  if (effect.not_before_us < 0 || effect.not_before_us > kLatestUs) {
    return DataLoss("an effect's time is out of range");
  }
  return absl::OkStatus();
}

bool InRange(std::int64_t us) { return us >= 0 && us <= kLatestUs; }

absl::Status TakeRecord(const RawField& field, GoalLog& log) {
  switch (field.number) {
    case kPlan: {
      GoalLogPlan& plan = log.plans.emplace_back();
      DRAGOMAN_RETURN_IF_ERROR(proto::Decode(field.bytes, plan));
      if (plan.version != static_cast<std::int64_t>(log.plans.size()) ||
          !InRange(plan.created_us)) {
        return DataLoss("plan out of its order");
      }
      return absl::OkStatus();
    }
    case kRow: {
      GoalLogRow& row = log.rows.emplace_back();
      DRAGOMAN_RETURN_IF_ERROR(proto::Decode(field.bytes, row));
      return InRange(row.at_us) ? absl::OkStatus() : DataLoss("a row's time is out of range");
    }
    case kEffect:
      DRAGOMAN_RETURN_IF_ERROR(proto::Decode(field.bytes, log.effects.emplace_back()));
      return CheckEffect(log.effects.back());
    default:
      return DataLoss("record of unknown kind ", field.number);
  }
}

absl::StatusOr<GoalLogHead> DecodeHead(std::string_view record) {
  RawField field;
  Walker walker(record);
  if (walker.done() || !walker.Next(&field).ok() || field.number != kHead ||
      field.type != proto::kBytes) {
    return InvalidArgument("not a goal's log");
  }
  GoalLogHead head;
  DRAGOMAN_RETURN_IF_ERROR(Annotate(proto::Decode(field.bytes, head), "the goal's head"));
  if (head.format != kFormat) {
    return Unimplemented("a goal's log of format ", head.format, "; this build reads ", kFormat);
  }
  if (head.goal.empty() || !InRange(head.deadline_us) || !InRange(head.created_us)) {
    return DataLoss("the goal's head is damaged");
  }
  return head;
}

}  // namespace

absl::StatusOr<GoalLog> ReadGoalLog(StoreView& view, std::string_view goal) {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::optional<GoalRecord> record, view.FindGoal(goal));
  if (!record) return NotFound("no goal '", goal, "'");
  if (record->erased) {
    return FailedPrecondition("goal ", goal, " was erased; only its audit trail is left");
  }
  GoalLog log{.goal = record->id,
              .user = record->user_id,
              .parent = record->parent_id,
              .words = record->request,
              .priority = record->priority,
              .deadline_us = record->deadline ? Us(*record->deadline) : 0,
              .created_us = Us(record->created),
              .plans = {},
              .rows = {},
              .effects = {}};
  DRAGOMAN_RETURN_IF_ERROR(ReadRows(view, log));
  DRAGOMAN_RETURN_IF_ERROR(ReadPlans(view, log));
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<IntentRecord> intents, view.ListIntents(goal));
  for (const IntentRecord& intent : intents) log.effects.push_back(EffectOf(intent));
  return log;
}

absl::StatusOr<std::string> EncodeGoalLog(const GoalLog& goal) {
  MemoryEventLogStore store;
  DRAGOMAN_ASSIGN_OR_RETURN(const std::unique_ptr<EventLog> log, store.Create("goal"));
  const GoalLogHead head{.format = kFormat,
                         .goal = goal.goal,
                         .user = goal.user,
                         .parent = goal.parent,
                         .words = goal.words,
                         .priority = goal.priority,
                         .deadline_us = goal.deadline_us,
                         .created_us = goal.created_us,
                         .plans = static_cast<std::int64_t>(goal.plans.size()),
                         .rows = static_cast<std::int64_t>(goal.rows.size()),
                         .effects = static_cast<std::int64_t>(goal.effects.size())};
  DRAGOMAN_RETURN_IF_ERROR(Append(*log, kHead, head));
  for (const GoalLogPlan& plan : goal.plans) {
    DRAGOMAN_RETURN_IF_ERROR(Append(*log, kPlan, plan));
  }
  for (const GoalLogRow& row : goal.rows) DRAGOMAN_RETURN_IF_ERROR(Append(*log, kRow, row));
  for (const GoalLogEffect& effect : goal.effects) {
    DRAGOMAN_RETURN_IF_ERROR(Append(*log, kEffect, effect));
  }
  DRAGOMAN_RETURN_IF_ERROR(log->Close());
  return store.Bytes("goal");
}

bool IsGoalLog(std::string_view bytes) {
  // The format's 8 bytes, a record's 16, then its first tag.
  constexpr std::size_t kFirstTag = 8 + 16;
  auto reader = EventLogReader::FromBytes(std::string(bytes.substr(0, 8)));
  if (!reader.ok() || bytes.size() < kFirstTag + 2) return false;
  const auto tag = static_cast<unsigned char>(bytes[kFirstTag]) & 0x7f;
  const auto more = static_cast<unsigned char>(bytes[kFirstTag + 1]);
  return (tag | more << 7) == (kHead << 3 | static_cast<int>(proto::kBytes));
}

absl::StatusOr<GoalLog> DecodeGoalLog(std::string bytes) {
  DRAGOMAN_ASSIGN_OR_RETURN(EventLogReader reader, EventLogReader::FromBytes(std::move(bytes)));
  const absl::StatusOr<std::string_view> first = reader.Next();
  if (!first.ok()) return Annotate(first.status(), "goal log without a head");
  DRAGOMAN_ASSIGN_OR_RETURN(GoalLogHead head, DecodeHead(*first));
  GoalLog log{.goal = std::move(head.goal),
              .user = std::move(head.user),
              .parent = std::move(head.parent),
              .words = std::move(head.words),
              .priority = head.priority,
              .deadline_us = head.deadline_us,
              .created_us = head.created_us,
              .plans = {},
              .rows = {},
              .effects = {}};
  while (true) {
    const absl::StatusOr<std::string_view> record = reader.Next();
    if (record.status().code() == absl::StatusCode::kOutOfRange) break;
    if (!record.ok()) return record.status();
    const std::string where = StrCat("record ", reader.records_read() - 1);
    RawField field;
    Walker walker(*record);
    if (walker.done()) return DataLoss(where, " is empty");
    DRAGOMAN_RETURN_IF_ERROR(Annotate(walker.Next(&field), where));
    if (field.type != proto::kBytes) return DataLoss(where, " is of unknown kind");
    DRAGOMAN_RETURN_IF_ERROR(Annotate(TakeRecord(field, log), where));
  }
  const auto there = [](const auto& list) { return static_cast<std::int64_t>(list.size()); };
  if (there(log.plans) != head.plans || there(log.rows) != head.rows ||
      there(log.effects) != head.effects || log.plans.empty() || log.rows.empty()) {
    return DataLoss("the goal's log is cut short: ", there(log.rows), " of ", head.rows,
                    " rows are there");
  }
  return log;
}

absl::StatusOr<std::vector<TaskLogStep>> DecodeSteps(const GoalLog& log) {
  std::vector<TaskLogStep> steps;
  for (std::size_t i = 1; i < log.rows.size(); ++i) {
    absl::StatusOr<TaskLogStep> step = DecodeTaskStep(log.rows[i].delta);
    if (!step.ok()) return Annotate(step.status(), StrCat("event ", i));
    steps.push_back(*std::move(step));
  }
  return steps;
}

absl::StatusOr<TaskReplayResult> ReplayGoalLog(const GoalLog& log, std::int64_t events) {
  const std::size_t wanted = events < 0
                                 ? log.rows.size()
                                 : std::min(log.rows.size(), static_cast<std::size_t>(events) + 1);
  bool given = false;
  return ReplayTask([&]() -> absl::StatusOr<std::vector<std::string>> {
    std::vector<std::string> deltas;
    if (!std::exchange(given, true)) {
      for (std::size_t i = 0; i < wanted; ++i) deltas.push_back(log.rows[i].delta);
    }
    return deltas;
  });
}

}  // namespace dragoman
