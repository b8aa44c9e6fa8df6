#include "src/providers/sqlite/view.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>

#include "dragoman/core/status.h"
#include "dragoman/store/audit.h"
#include "src/providers/sqlite/fields.h"

namespace dragoman::sqlite {
namespace {

using Value = std::variant<std::string_view, std::int64_t>;
using Values = std::initializer_list<Value>;

constexpr std::string_view kGoalColumns =
    "SELECT t.id, t.user_id, t.parent_id, r.request, t.state, t.waiting_on, t.priority, "
    "t.deadline, t.created, t.updated, t.version, t.final, t.erased "
    "FROM tasks t LEFT JOIN task_requests r ON r.task = t.row ";

GoalRecord ReadGoal(const Statement& s) {
  GoalRecord goal{.id = s.TextAt(0),
                  .user_id = s.TextAt(1),
                  .parent_id = s.TextAt(2),
                  .request = s.TextAt(3),
                  .state = s.TextAt(4),
                  .waiting_on = s.TextAt(5),
                  .priority = s.IntAt(6)};
  const auto time = [&s](int column) {
    return WallTime(std::chrono::microseconds(s.IntAt(column)));
  };
  if (!s.IsNull(7)) goal.deadline = time(7);
  goal.created = time(8);
  goal.updated = time(9);
  goal.version = s.IntAt(10);
  goal.final = s.IntAt(11) != 0;
  goal.erased = s.IntAt(12) != 0;
  return goal;
}

class View : public StoreView {
 public:
  explicit View(Database& database) : database_(database) {}

  Found<UserRecord> FindUser(std::string_view id) override {
    return One<UserRecord>("WHERE id = ?", {id});
  }
  Found<GoalRecord> FindGoal(std::string_view id) override {
    return First(Goals("WHERE t.id = ?", {id}));
  }
  Listed<GoalRecord> ListGoals(std::string_view user_id, bool open_only, std::string_view after,
                               int limit) override {
    if (user_id.empty()) {
      return Goals(open_only
                       ? "WHERE t.final = 0 AND t.erased = 0 AND t.id > ? ORDER BY t.id LIMIT ?"
                       : "WHERE t.id > ? ORDER BY t.id LIMIT ?",
                   {after, std::int64_t{limit}});
    }
    return Goals(open_only ? "WHERE t.user_id = ? AND t.final = 0 AND t.erased = 0 AND t.id > ? "
                             "ORDER BY t.id LIMIT ?"
                           : "WHERE t.user_id = ? AND t.id > ? ORDER BY t.id LIMIT ?",
                 {user_id, after, std::int64_t{limit}});
  }
  Listed<GoalRecord> ListEndedGoals(WallTime before, std::string_view after, int limit) override {
    return Goals(
        "WHERE t.final = 1 AND t.erased = 0 AND t.id > ? AND t.updated < ? ORDER BY t.id LIMIT ?",
        {after, before.time_since_epoch().count(), std::int64_t{limit}});
  }
  Listed<LogRecord> ReadGoalLog(std::string_view goal_id, std::int64_t from, int limit) override;
  Found<PlanRecord> FindPlan(std::string_view goal_id, std::int64_t version) override {
    return One<PlanRecord>("WHERE goal_id = ? AND version = ?", {goal_id, version});
  }
  Found<IntentRecord> FindIntent(std::string_view effect_id) override {
    return One<IntentRecord>("WHERE effect_id = ?", {effect_id});
  }
  Listed<IntentRecord> ListIntents(std::string_view goal_id) override {
    return All<IntentRecord>("WHERE goal_id = ? ORDER BY effect_id", {goal_id});
  }
  Listed<IntentRecord> ListOpenIntents(std::string_view after, int limit) override {
    return All<IntentRecord>("WHERE state < 5 AND effect_id > ? ORDER BY effect_id LIMIT ?",
                             {after, std::int64_t{limit}});
  }
  Found<ApprovalRecord> FindApproval(std::string_view id) override {
    return One<ApprovalRecord>("WHERE id = ?", {id});
  }
  Listed<ApprovalRecord> ListPendingApprovals(std::string_view user_id) override {
    return All<ApprovalRecord>("WHERE state = 0 AND user_id = ? ORDER BY id", {user_id});
  }
  Listed<ContactRecord> ListContacts(std::string_view user_id) override {
    return All<ContactRecord>("WHERE user_id = ? ORDER BY id", {user_id});
  }
  Found<VaultRecord> FindVault(std::string_view user_id, std::string_view record,
                               std::string_view field) override {
    return One<VaultRecord>("WHERE user_id = ? AND record = ? AND field = ?",
                            {user_id, record, field});
  }
  Listed<VaultRecord> ListVault(std::string_view user_id) override {
    return All<VaultRecord>("WHERE user_id = ? ORDER BY record, field", {user_id});
  }
  Found<UserKeyRecord> FindUserKey(std::string_view user_id) override {
    return One<UserKeyRecord>("WHERE user_id = ?", {user_id});
  }
  Listed<UserKeyRecord> ListUserKeys(std::string_view after, int limit) override {
    return All<UserKeyRecord>("WHERE user_id > ? ORDER BY user_id LIMIT ?",
                              {after, std::int64_t{limit}});
  }
  Listed<MemoryRecord> ListMemories(std::string_view user_id, std::string_view kind) override {
    return All<MemoryRecord>("WHERE user_id = ? AND kind = ? ORDER BY id", {user_id, kind});
  }
  Listed<HoldRecord> ListHolds(std::string_view user_id) override {
    return All<HoldRecord>("WHERE user_id = ? ORDER BY goal_id", {user_id});
  }
  Found<BudgetRecord> FindBudget(std::string_view account, std::string_view unit) override {
    return One<BudgetRecord>("WHERE account = ? AND unit = ?", {account, unit});
  }
  Listed<LogRecord> ReadLog(std::int64_t first, int limit) override {
    return All<LogRecord>("WHERE id >= ? ORDER BY id LIMIT ?", {first, std::int64_t{limit}});
  }
  absl::StatusOr<AuditHead> ReadAuditHead() override;
  Listed<LogRecord> PendingEvents(std::string_view consumer, int limit) override {
    return All<LogRecord>(
        "WHERE id > coalesce((SELECT position FROM outbox_positions WHERE consumer = ?), 0) "
        "AND topic <> '' ORDER BY id LIMIT ?",
        {consumer, std::int64_t{limit}});
  }

 private:
  absl::StatusOr<Statement*> Bound(const std::string& sql, Values values) {
    DRAGOMAN_ASSIGN_OR_RETURN(Statement* const statement, database_.Prepared(sql));
    for (const Value& value : values) {
      if (const auto* text = std::get_if<std::string_view>(&value)) {
        statement->Text(*text);
      } else {
        statement->Int(std::get<std::int64_t>(value));
      }
    }
    return statement;
  }
  template <typename Record>
  Listed<Record> All(std::string_view rest, Values values) {
    DRAGOMAN_ASSIGN_OR_RETURN(Statement* const statement, Bound(SelectSql<Record>(rest), values));
    std::vector<Record> records;
    while (true) {
      DRAGOMAN_ASSIGN_OR_RETURN(const bool row, statement->Step());
      if (!row) return records;
      records.push_back(ReadRow<Record>(*statement));
    }
  }
  Listed<GoalRecord> Goals(std::string_view rest, Values values) {
    DRAGOMAN_ASSIGN_OR_RETURN(Statement* const statement,
                              Bound(StrCat(kGoalColumns, rest), values));
    std::vector<GoalRecord> goals;
    while (true) {
      DRAGOMAN_ASSIGN_OR_RETURN(const bool row, statement->Step());
      if (!row) return goals;
      goals.push_back(ReadGoal(*statement));
    }
  }
  template <typename Record>
  static Found<Record> First(Listed<Record> records) {
    if (!records.ok()) return records.status();
    if (records->empty()) return std::optional<Record>();
    return std::optional<Record>(std::move(records->front()));
  }
  template <typename Record>
  Found<Record> One(std::string_view rest, Values values) {
    return First(All<Record>(rest, values));
  }

  Database& database_;
};

StoreView::Listed<LogRecord> View::ReadGoalLog(std::string_view goal_id, std::int64_t from,
                                               int limit) {
  // Back along the chain from the last row, numbers only; then the rows asked for.
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const last,
                            Bound("SELECT last_log FROM tasks WHERE id = ?", {goal_id}));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool found, last->Step());
  std::int64_t at = found ? last->IntAt(0) : 0;
  last->Reset();
  std::vector<std::int64_t> numbers;
  while (at > 0) {
    DRAGOMAN_ASSIGN_OR_RETURN(Statement* const row,
                              Bound("SELECT version, previous FROM task_logs WHERE id = ?", {at}));
    DRAGOMAN_ASSIGN_OR_RETURN(const bool there, row->Step());
    const std::int64_t version = there ? row->IntAt(0) : 0;
    const std::int64_t previous = there ? row->IntAt(1) : 0;
    row->Reset();
    if (!there || previous >= at) {
      return DataLoss("the log of goal '", goal_id, "' is broken at entry ", at);
    }
    if (version < from) break;
    numbers.push_back(at);
    at = previous;
  }
  std::reverse(numbers.begin(), numbers.end());
  std::vector<LogRecord> rows;
  for (const std::int64_t number : numbers) {
    if (static_cast<int>(rows.size()) >= limit) break;
    DRAGOMAN_ASSIGN_OR_RETURN(std::optional<LogRecord> row,
                              One<LogRecord>("WHERE id = ?", {number}));
    if (row) rows.push_back(*std::move(row));
  }
  return rows;
}

absl::StatusOr<AuditHead> View::ReadAuditHead() {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<LogRecord> last,
                            All<LogRecord>("ORDER BY id DESC LIMIT 1", {}));
  if (last.empty()) return AuditHead{.index = 0, .hash = AuditStart()};
  return AuditHead{.index = last.front().index, .hash = last.front().hash};
}

}  // namespace

absl::Status ReadMoment(Database& database, StoreReading& reading) {
  DRAGOMAN_RETURN_IF_ERROR(database.Script("BEGIN"));
  View view(database);
  absl::Status result = reading(view);
  const absl::Status end = database.Script("COMMIT");
  return result.ok() ? end : result;
}

}  // namespace dragoman::sqlite
