// What each change does to the tables. Checks come before the first write.
#include <string>
#include <utility>

#include "dragoman/core/status.h"
#include "src/providers/sqlite/fields.h"
#include "src/providers/sqlite/writer.h"

namespace dragoman::sqlite {
namespace {

absl::Status Aborted(std::string message) {
  return MakeStatus(absl::StatusCode::kAborted, message);
}

}  // namespace

template <typename Record>
absl::Status Writer::Put(const Record& record) {
  static const std::string sql = InsertSql<Record>("INSERT OR REPLACE");
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const statement, Sql(sql));
  Binder binder(*statement);
  Table<Record>::Visit(record, binder);
  return Keep(statement->Run());
}

template <typename Record>
absl::Status Writer::Insert(const Record& record, std::string_view what) {
  static const std::string sql = InsertSql<Record>("INSERT");
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const statement, Sql(sql));
  Binder binder(*statement);
  Table<Record>::Visit(record, binder);
  const absl::Status done = Keep(statement->Run());
  if (done.code() != absl::StatusCode::kAlreadyExists) return done;
  return MakeStatus(absl::StatusCode::kAlreadyExists, StrCat("this ", what, " is there already"));
}

// Put and Insert are used from the header's overloads in other files too.
template absl::Status Writer::Put(const UserRecord&);
template absl::Status Writer::Put(const ContactRecord&);
template absl::Status Writer::Put(const HoldRecord&);

absl::StatusOr<bool> Writer::IsErased(std::string_view goal_id) {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const find, Sql("SELECT erased FROM tasks WHERE id = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool found, Row(find->Text(goal_id)));
  const bool erased = found && find->IntAt(0) != 0;
  find->Reset();
  return erased;
}

absl::Status Writer::RefuseErased(std::string_view goal_id) {
  DRAGOMAN_ASSIGN_OR_RETURN(const bool erased, IsErased(goal_id));
  if (!erased) return absl::OkStatus();
  return FailedPrecondition("goal '", goal_id, "' was erased; nothing of it is stored again");
}

absl::Status Writer::ApplyChange(const MemoryRecord& record) {
  if (!record.goal_id.empty()) DRAGOMAN_RETURN_IF_ERROR(RefuseErased(record.goal_id));
  return Put(record);
}

absl::Status Writer::ApplyChange(const PlanRecord& record) {
  DRAGOMAN_RETURN_IF_ERROR(RefuseErased(record.goal_id));
  return Insert(record, "plan");
}

absl::Status Writer::ApplyChange(const IntentRecord& record) {
  DRAGOMAN_RETURN_IF_ERROR(RefuseErased(record.goal_id));
  return Insert(record, "intent");
}

absl::Status Writer::ApplyChange(const ApprovalRecord& record) {
  DRAGOMAN_RETURN_IF_ERROR(RefuseErased(record.goal_id));
  return Insert(record, "approval");
}

absl::Status Writer::ApplyChange(const GoalRecord& goal) {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const find, Sql("SELECT 1 FROM tasks WHERE id = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool taken, Row(find->Text(goal.id)));
  find->Reset();
  if (taken) {
    return MakeStatus(absl::StatusCode::kAlreadyExists,
                      StrCat("goal '", goal.id, "' is there already"));
  }
  DRAGOMAN_ASSIGN_OR_RETURN(
      Statement* const insert,
      Sql("INSERT INTO tasks(id, user_id, parent_id, state, waiting_on, priority, deadline, "
          "created, updated, version, final, last_log) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0)"));
  insert->Text(goal.id).Text(goal.user_id).Text(goal.parent_id).Text(goal.state);
  insert->Text(goal.waiting_on).Int(goal.priority).Time(goal.deadline).Time(goal.created);
  DRAGOMAN_RETURN_IF_ERROR(Keep(insert->Time(goal.updated).Int(goal.final).Run()));
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const request,
                            Sql("INSERT INTO task_requests SELECT row, ? FROM tasks WHERE id = ?"));
  return Keep(request->Text(goal.request).Text(goal.id).Run());
}

absl::Status Writer::ApplyChange(const UpdateIntent& update) {
  const IntentRecord& intent = update.intent;
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const find,
                            Sql("SELECT revision FROM intents WHERE effect_id = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool found, Row(find->Text(intent.effect_id)));
  const std::int64_t revision = found ? find->IntAt(0) : 0;
  find->Reset();
  if (!found) return NotFound("no intent '", intent.effect_id, "'");
  if (revision != intent.revision - 1) {
    return Aborted(StrCat("intent '", intent.effect_id, "' has revision ", revision, "; expected ",
                          intent.revision - 1));
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const bool erased, IsErased(intent.goal_id));
  if (!erased) return Put(intent);
  IntentRecord bare = intent;  // its end counts for budgets and lookups; its words are gone
  bare.arguments.clear();
  bare.to.clear();
  bare.from.clear();
  bare.detail.clear();
  return Put(bare);
}

absl::Status Writer::ApplyChange(const ResolveApproval& resolve) {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const find,
                            Sql("SELECT state, expires, digest FROM approvals WHERE id = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool found, Row(find->Text(resolve.id)));
  if (!found) return NotFound("no approval '", resolve.id, "'");
  const auto state = static_cast<ApprovalState>(find->IntAt(0));
  const std::int64_t expires = find->IntAt(1);
  const std::string digest = find->TextAt(2);
  find->Reset();
  const bool grants = resolve.to == ApprovalState::kApproved || resolve.to == ApprovalState::kUsed;
  if (state != resolve.from) {
    return FailedPrecondition("approval '", resolve.id, "' was answered, used or expired before");
  }
  if (grants && resolve.at.time_since_epoch().count() >= expires) {
    return FailedPrecondition("approval '", resolve.id, "' has expired");
  }
  if (!resolve.digest.empty() && resolve.digest != digest) {
    return FailedPrecondition("approval '", resolve.id, "' is for something else");
  }
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const update,
                            Sql("UPDATE approvals SET state = ?, resolved = ? WHERE id = ?"));
  return Keep(update->Int(static_cast<int>(resolve.to)).Time(resolve.at).Text(resolve.id).Run());
}

absl::Status Writer::ApplyChange(const VaultRecord& row) {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const key,
                            Sql("SELECT generation, wrapped FROM user_keys WHERE user_id = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool has_key, Row(key->Text(row.user_id)));
  const std::int64_t generation = has_key ? key->IntAt(0) : 0;
  const bool destroyed = has_key && key->TextAt(1).empty();
  key->Reset();
  if (destroyed && row.key_generation <= generation) {
    return FailedPrecondition("the key of user '", row.user_id,
                              "' was destroyed; nothing is stored under it again");
  }
  if (row.key_generation < generation) {
    return FailedPrecondition("the key of user '", row.user_id, "' has generation ", generation,
                              "; a row of generation ", row.key_generation, " comes too late");
  }
  DRAGOMAN_ASSIGN_OR_RETURN(
      Statement* const find,
      Sql("SELECT version FROM vault WHERE user_id = ? AND record = ? AND field = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool found,
                            Row(find->Text(row.user_id).Text(row.record).Text(row.field)));
  const std::int64_t version = found ? find->IntAt(0) : 0;
  find->Reset();
  if (found && row.version <= version) {
    return Aborted(StrCat("vault record '", row.record, "' has version ", version, "; ",
                          row.version, " is not newer"));
  }
  return Put(row);
}

absl::Status Writer::ApplyChange(const UserKeyRecord& key) {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const find,
                            Sql("SELECT generation, wrapped FROM user_keys WHERE user_id = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool found, Row(find->Text(key.user_id)));
  const std::int64_t generation = found ? find->IntAt(0) : 0;
  const bool destroyed = found && find->TextAt(1).empty();
  find->Reset();
  if (key.generation < generation || (destroyed && key.generation <= generation)) {
    return Aborted(StrCat("the key of user '", key.user_id, "' has generation ", generation,
                          destroyed ? " and was destroyed" : "", "; ", key.generation,
                          " is not newer"));
  }
  return Put(key);
}

absl::Status Writer::ApplyChange(const ReserveBudget& reserve) {
  DRAGOMAN_ASSIGN_OR_RETURN(
      Statement* const find,
      Sql("SELECT reserved, spent FROM budgets WHERE account = ? AND unit = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool found, Row(find->Text(reserve.account).Text(reserve.unit)));
  BudgetRecord budget{.account = reserve.account, .unit = reserve.unit};
  if (found) {
    budget.reserved = find->IntAt(0);
    budget.spent = find->IntAt(1);
  }
  find->Reset();
  // Written so that no sum can overflow.
  const std::int64_t free = reserve.limit - budget.spent;
  if (free < budget.reserved || reserve.amount > free - budget.reserved) {
    return ResourceExhausted("budget '", reserve.account, "' has ",
                             free < budget.reserved ? 0 : free - budget.reserved, " ", reserve.unit,
                             " left; ", reserve.amount, " are asked for");
  }
  budget.reserved += reserve.amount;
  return Put(budget);
}

absl::Status Writer::ApplyChange(const SettleBudget& settle) {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const update,
                            Sql("UPDATE budgets SET reserved = reserved - ?, spent = spent + ? "
                                "WHERE account = ? AND unit = ? AND reserved >= ?"));
  update->Int(settle.reserved).Int(settle.spent).Text(settle.account).Text(settle.unit);
  DRAGOMAN_RETURN_IF_ERROR(Keep(update->Int(settle.reserved).Run()));
  if (database_->changes() == 1) return absl::OkStatus();
  return FailedPrecondition("budget '", settle.account, "' has no ", settle.reserved, " ",
                            settle.unit, " reserved");
}

absl::Status Writer::ApplyChange(const AdvanceOutbox& advance) {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const put,
                            Sql("INSERT INTO outbox_positions VALUES (?, ?) ON CONFLICT(consumer) "
                                "DO UPDATE SET position = max(position, excluded.position)"));
  return Keep(put->Text(advance.consumer).Int(advance.index).Run());
}

absl::Status Writer::ApplyChange(const DeleteRecord& remove) {
  std::string_view sql;
  switch (remove.kind) {
    case DeletableKind::kContact:
      sql = "DELETE FROM contacts WHERE user_id = ? AND id = ?";
      break;
    case DeletableKind::kMemory:
      sql = "DELETE FROM memories WHERE user_id = ? AND id = ?";
      break;
    case DeletableKind::kVaultRecord:
      sql = "DELETE FROM vault WHERE user_id = ? AND record = ?";
      break;
    case DeletableKind::kHold:
      sql = "DELETE FROM holds WHERE user_id = ? AND goal_id = ?";
      break;
  }
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const statement, Sql(sql));
  return Keep(statement->Text(remove.user_id).Text(remove.id).Run());
}

// `whose`: a condition on tasks with one '?', for `key`.
absl::Status Writer::EraseGoals(std::string_view whose, std::string_view key) {
  const std::string mine = StrCat("(SELECT id FROM tasks WHERE ", whose, ")");
  for (const std::string& sql :
       {// A goal's rows hang on a chain from its last one.
        StrCat("WITH RECURSIVE mine(id) AS ("
               "  SELECT last_log FROM tasks WHERE ",
               whose,
               " AND last_log > 0"
               "  UNION SELECT previous FROM task_logs JOIN mine USING(id) WHERE previous > 0) "
               "UPDATE task_logs SET "
               "  delta_digest = iif(delta_digest = x'', dragoman_sha256(delta), delta_digest),"
               "  event_digest = iif(event_digest = x'', dragoman_sha256(event), event_digest),"
               "  delta = x'', event = x'' WHERE id IN mine"),
        StrCat("UPDATE approvals SET words = '' WHERE goal_id IN ", mine),
        StrCat("DELETE FROM plans WHERE goal_id IN ", mine),
        StrCat("UPDATE intents SET arguments = '', recipient = '', sender = '', detail = '' "
               "WHERE goal_id IN ",
               mine),
        StrCat("UPDATE task_requests SET request = '' "
               "WHERE task IN (SELECT row FROM tasks WHERE ",
               whose, ")"),
        StrCat("UPDATE tasks SET erased = 1 WHERE ", whose)}) {
    DRAGOMAN_ASSIGN_OR_RETURN(Statement* const statement, Sql(sql));
    DRAGOMAN_RETURN_IF_ERROR(Keep(statement->Text(key).Run()));
  }
  erased_ = true;
  return absl::OkStatus();
}

absl::Status Writer::ApplyChange(const ForgetGoal& forget) {
  DRAGOMAN_ASSIGN_OR_RETURN(
      Statement* const find,
      Sql("SELECT final, EXISTS(SELECT 1 FROM holds WHERE user_id = tasks.user_id "
          "AND goal_id IN ('', tasks.id)) FROM tasks WHERE id = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool found, Row(find->Text(forget.goal_id)));
  const bool final = found && find->IntAt(0) != 0;
  const bool held = found && find->IntAt(1) != 0;
  find->Reset();
  if (!found) return NotFound("no goal '", forget.goal_id, "'");
  if (!final) return FailedPrecondition("goal '", forget.goal_id, "' has not ended");
  if (held) return FailedPrecondition("goal '", forget.goal_id, "' is held");
  return EraseGoals("id = ?", forget.goal_id);
}

absl::Status Writer::ApplyChange(const EraseUser& erase) {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const holds, Sql("SELECT 1 FROM holds WHERE user_id = ?"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool held, Row(holds->Text(erase.user_id)));
  holds->Reset();
  if (held) {
    return FailedPrecondition("something of user '", erase.user_id, "' is held; release it first");
  }
  DRAGOMAN_RETURN_IF_ERROR(EraseGoals("user_id = ?", erase.user_id));
  for (std::string_view sql :
       {std::string_view("INSERT INTO user_keys VALUES (?, 1, 0, x'') ON CONFLICT(user_id) "
                         "DO UPDATE SET wrapped = x'', master_version = 0"),
        std::string_view("DELETE FROM contacts WHERE user_id = ?"),
        std::string_view("DELETE FROM memories WHERE user_id = ?"),
        std::string_view("DELETE FROM vault WHERE user_id = ?"),
        std::string_view("DELETE FROM users WHERE id = ?"),
        std::string_view("UPDATE approvals SET words = '' WHERE user_id = ?")}) {
    DRAGOMAN_ASSIGN_OR_RETURN(Statement* const statement, Sql(sql));
    DRAGOMAN_RETURN_IF_ERROR(Keep(statement->Text(erase.user_id).Run()));
  }
  return absl::OkStatus();
}

}  // namespace dragoman::sqlite
