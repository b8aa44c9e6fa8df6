#include "src/providers/sqlite/writer.h"

#include <string>
#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/store/audit.h"
#include "src/providers/sqlite/fields.h"

namespace dragoman::sqlite {

absl::Status Writer::Keep(absl::Status status) {
  if (!status.ok() && status.code() != absl::StatusCode::kAlreadyExists) broken_ = status;
  return status;
}

absl::StatusOr<Statement*> Writer::Sql(std::string_view sql) {
  auto statement = database_->Prepared(sql);
  if (!statement.ok()) return Keep(statement.status());
  return statement;
}

absl::StatusOr<bool> Writer::Row(Statement& statement) {
  auto row = statement.Step();
  if (!row.ok()) return Keep(row.status());
  return row;
}

absl::Status Writer::Start() {
  DRAGOMAN_ASSIGN_OR_RETURN(
      Statement* const last,
      database_->Prepared("SELECT id, hash FROM task_logs ORDER BY id DESC LIMIT 1"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool row, last->Step());
  head_ = row ? AuditHead{.index = last->IntAt(0), .hash = last->TextAt(1)}
              : AuditHead{.index = 0, .hash = AuditStart()};
  last->Reset();
  return absl::OkStatus();
}

absl::Status Writer::Begin() {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const begin, database_->Prepared("BEGIN IMMEDIATE"));
  DRAGOMAN_RETURN_IF_ERROR(begin->Run());
  // The lock keeps other owners away, but not a person with a database shell: if somebody wrote,
  // the end of the chain is read again.
  DRAGOMAN_ASSIGN_OR_RETURN(const std::int64_t version, database_->Number("PRAGMA data_version"));
  if (version != data_version_) DRAGOMAN_RETURN_IF_ERROR(Start());
  data_version_ = version;
  return absl::OkStatus();
}

void Writer::Undo() {
  // SQLite has rolled back by itself after some errors.
  if (database_->in_transaction()) database_->Script("ROLLBACK").IgnoreError();
}

absl::Status Writer::Finish() {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const commit, database_->Prepared("COMMIT"));
  return commit->Run();
}

std::vector<absl::StatusOr<Committed>> Writer::CommitGroup(std::vector<StoreTransaction> group) {
  std::vector<absl::StatusOr<Committed>> results;
  results.reserve(group.size());
  const AuditHead before = head_;
  broken_ = ended_;
  if (broken_.ok()) broken_ = Begin();
  if (broken_.ok()) At("group begun");
  for (StoreTransaction& transaction : group) {
    if (!broken_.ok()) break;
    const absl::Status applied = ApplyWhole(transaction);
    if (applied.ok()) {
      results.emplace_back(Committed{.last_index = head_.index});
    } else {
      results.emplace_back(applied);
    }
  }
  if (broken_.ok()) {
    At("group written");
    broken_ = Finish();
  }
  if (!broken_.ok()) {
    Undo();
    head_ = before;
    if (ended_.ok() && EndsTheStore(broken_)) {
      ended_ = MakeStatus(absl::StatusCode::kUnavailable,
                          StrCat("the store stopped writing, open it again: ", MessageOf(broken_)));
    }
    const absl::Status why = ended_.ok() ? broken_ : ended_;
    results.assign(group.size(), why);
    return results;
  }
  At("group durable");
  if (erased_) {
    // Fails while a reader holds an older snapshot: then after the next group.
    auto busy = database_->Number("PRAGMA wal_checkpoint(TRUNCATE)");
    if (busy.ok() && *busy == 0) erased_ = false;
  }
  return results;
}

absl::Status Writer::ApplyWhole(StoreTransaction& transaction) {
  // A single change looks before it writes; only several need a way back.
  const bool several = transaction.changes.size() + transaction.steps.size() > 1;
  if (!several) return Apply(transaction);
  const AuditHead before = head_;
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const savepoint, Sql("SAVEPOINT one"));
  DRAGOMAN_RETURN_IF_ERROR(Keep(savepoint->Run()));
  const absl::Status applied = Apply(transaction);
  if (!broken_.ok()) return broken_;
  if (!applied.ok()) {
    head_ = before;
    DRAGOMAN_ASSIGN_OR_RETURN(Statement* const back, Sql("ROLLBACK TO one"));
    DRAGOMAN_RETURN_IF_ERROR(Keep(back->Run()));
  }
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const release, Sql("RELEASE one"));
  DRAGOMAN_RETURN_IF_ERROR(Keep(release->Run()));
  return applied;
}

absl::Status Writer::Apply(StoreTransaction& transaction) {
  for (const Change& change : transaction.changes) {
    DRAGOMAN_RETURN_IF_ERROR(
        std::visit([this](const auto& concrete) { return ApplyChange(concrete); }, change));
    At("change written");
  }
  for (GoalStep& step : transaction.steps) {
    DRAGOMAN_RETURN_IF_ERROR(ApplyStep(step));
    At("step written");
  }
  return absl::OkStatus();
}

absl::Status Writer::ApplyStep(GoalStep& step) {
  LogRecord row;
  row.index = head_.index + 1;
  row.at = step.at;
  row.actor = std::move(step.actor);
  row.action = std::move(step.action);
  row.delta = std::move(step.delta);
  row.topic = std::move(step.topic);
  row.event = std::move(step.event);
  std::int64_t previous = 0;
  if (!step.goal_id.empty()) DRAGOMAN_RETURN_IF_ERROR(ApplyStepOfGoal(step, row, previous));
  row.hash = AuditHash(row, head_.hash);
  DRAGOMAN_RETURN_IF_ERROR(AppendRow(row, previous));
  head_ = {.index = row.index, .hash = std::move(row.hash)};
  return absl::OkStatus();
}

absl::Status Writer::ApplyStepOfGoal(GoalStep& step, LogRecord& row, std::int64_t& previous) {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const find,
                            Sql("SELECT row, version, final, last_log, state, waiting_on, erased "
                                "FROM tasks WHERE id = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool found, Row(find->Text(step.goal_id)));
  if (!found) return NotFound("no goal '", step.goal_id, "'");
  const std::int64_t task = find->IntAt(0);
  const std::int64_t version = find->IntAt(1);
  const bool is_final = find->IntAt(2) != 0;
  const bool erased = find->IntAt(6) != 0;
  previous = find->IntAt(3);
  row.state = step.state ? std::move(*step.state) : find->TextAt(4);
  row.waiting_on = step.waiting_on ? std::move(*step.waiting_on) : find->TextAt(5);
  find->Reset();
  if (erased) return FailedPrecondition("goal '", step.goal_id, "' was erased");
  if (version != step.expected_version) {
    return MakeStatus(absl::StatusCode::kAborted,
                      StrCat("goal '", step.goal_id, "' has version ", version, "; expected ",
                             step.expected_version));
  }
  if (is_final) return FailedPrecondition("goal '", step.goal_id, "' has ended");

  row.goal_id = std::move(step.goal_id);
  row.version = version + 1;
  row.final = step.final;
  // Two statements: one that does not name `final` leaves the index of open goals alone.
  DRAGOMAN_ASSIGN_OR_RETURN(
      Statement* const update,
      Sql(step.final ? "UPDATE tasks SET version = ?, last_log = ?, updated = ?, state = ?, "
                       "waiting_on = ?, final = 1 WHERE row = ?"
                     : "UPDATE tasks SET version = ?, last_log = ?, updated = ?, state = ?, "
                       "waiting_on = ? WHERE row = ?"));
  update->Int(row.version).Int(row.index).Time(row.at).Text(row.state).Text(row.waiting_on);
  return Keep(update->Int(task).Run());
}

absl::Status Writer::AppendRow(const LogRecord& row, std::int64_t previous) {
  DRAGOMAN_ASSIGN_OR_RETURN(
      Statement* const insert,
      Sql("INSERT INTO task_logs(id, goal_id, version, previous, at, actor, action, state, "
          "waiting_on, final, delta, topic, event, delta_digest, event_digest, hash) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'', x'', ?)"));
  insert->Int(row.index).Text(row.goal_id).Int(row.version).Int(previous).Time(row.at);
  insert->Text(row.actor).Text(row.action).Text(row.state).Text(row.waiting_on).Int(row.final);
  insert->Blob(row.delta).Text(row.topic).Blob(row.event).Blob(row.hash);
  return Keep(insert->Run());
}

}  // namespace dragoman::sqlite
