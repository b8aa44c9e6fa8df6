#include "src/providers/sqlite/schema.h"

#include <string>

#include "dragoman/core/status.h"

namespace dragoman::sqlite {
namespace {

constexpr std::int64_t kApplicationId = 0x4452474d;  // "DRGM"

// Goals and what they do. `task_logs` has no index beside its number: a row names the goal's row
// before it, and the goal its last one, so a step writes two rows and no index page.
constexpr std::string_view kGoals = R"sql(
CREATE TABLE users(
  id TEXT PRIMARY KEY, display_name TEXT NOT NULL, time_zone TEXT NOT NULL,
  settings TEXT NOT NULL, created INTEGER NOT NULL) STRICT;
CREATE TABLE tasks(
  row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL, parent_id TEXT NOT NULL,
  state TEXT NOT NULL, waiting_on TEXT NOT NULL, priority INTEGER NOT NULL, deadline INTEGER,
  created INTEGER NOT NULL, updated INTEGER NOT NULL, version INTEGER NOT NULL,
  final INTEGER NOT NULL, last_log INTEGER NOT NULL) STRICT;
CREATE INDEX tasks_of_user ON tasks(user_id, id);
CREATE INDEX tasks_open ON tasks(id) WHERE final = 0;
CREATE TABLE task_requests(task INTEGER PRIMARY KEY, request TEXT NOT NULL) STRICT;
CREATE TABLE task_logs(
  id INTEGER PRIMARY KEY, goal_id TEXT NOT NULL, version INTEGER NOT NULL,
  previous INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  state TEXT NOT NULL, waiting_on TEXT NOT NULL, final INTEGER NOT NULL, delta BLOB NOT NULL,
  topic TEXT NOT NULL, event BLOB NOT NULL, delta_digest BLOB NOT NULL,
  event_digest BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE outbox_positions(consumer TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT;
CREATE TABLE plans(
  goal_id TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL, created INTEGER NOT NULL,
  PRIMARY KEY(goal_id, version)) STRICT;
CREATE TABLE intents(
  effect_id TEXT PRIMARY KEY, goal_id TEXT NOT NULL, step TEXT NOT NULL,
  attempt_group INTEGER NOT NULL, tool TEXT NOT NULL, effect INTEGER NOT NULL,
  arguments TEXT NOT NULL, client_reference TEXT NOT NULL, provider_reference TEXT NOT NULL,
  recipient TEXT NOT NULL, sender TEXT NOT NULL, key_window INTEGER NOT NULL,
  approval_id TEXT NOT NULL, budget_account TEXT NOT NULL, budget_unit TEXT NOT NULL,
  budget_reserved INTEGER NOT NULL, fence INTEGER NOT NULL, state INTEGER NOT NULL,
  expires INTEGER, armed INTEGER, last_answer INTEGER, first_negative INTEGER,
  not_before INTEGER, next_at INTEGER, failures INTEGER NOT NULL, detail TEXT NOT NULL,
  revision INTEGER NOT NULL) STRICT;
CREATE INDEX intents_of_goal ON intents(goal_id, effect_id);
CREATE INDEX intents_open ON intents(effect_id) WHERE state < 5;
CREATE TABLE approvals(
  id TEXT PRIMARY KEY, goal_id TEXT NOT NULL, user_id TEXT NOT NULL, digest BLOB NOT NULL,
  words TEXT NOT NULL, state INTEGER NOT NULL, asked INTEGER NOT NULL, expires INTEGER NOT NULL,
  resolved INTEGER) STRICT;
CREATE INDEX approvals_pending ON approvals(user_id, id) WHERE state = 0;
CREATE TABLE budgets(
  account TEXT NOT NULL, unit TEXT NOT NULL, reserved INTEGER NOT NULL, spent INTEGER NOT NULL,
  PRIMARY KEY(account, unit)) STRICT;
)sql";

// What is known of a person.
constexpr std::string_view kPersonal = R"sql(
CREATE TABLE contacts(
  user_id TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL,
  labels TEXT NOT NULL, note TEXT NOT NULL, updated INTEGER NOT NULL,
  PRIMARY KEY(user_id, id)) STRICT;
CREATE TABLE vault(
  user_id TEXT NOT NULL, record TEXT NOT NULL, field TEXT NOT NULL, version INTEGER NOT NULL,
  key_generation INTEGER NOT NULL, sealed BLOB NOT NULL, updated INTEGER NOT NULL,
  PRIMARY KEY(user_id, record, field)) STRICT;
CREATE TABLE user_keys(
  user_id TEXT PRIMARY KEY, generation INTEGER NOT NULL, master_version INTEGER NOT NULL,
  wrapped BLOB NOT NULL) STRICT;
CREATE TABLE memories(
  user_id TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL,
  labels TEXT NOT NULL, quarantined INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER,
  PRIMARY KEY(user_id, id)) STRICT;
)sql";

// What was erased goal by goal, what is held, and which step a memory comes from.
constexpr std::string_view kRetention = R"sql(
ALTER TABLE tasks ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tasks_ended ON tasks(id) WHERE final = 1 AND erased = 0;
UPDATE tasks SET erased = 1 WHERE user_id IN (SELECT user_id FROM user_keys WHERE wrapped = x'')
  AND NOT EXISTS (SELECT 1 FROM plans WHERE goal_id = tasks.id);
ALTER TABLE memories ADD COLUMN goal_id TEXT NOT NULL DEFAULT '';
ALTER TABLE memories ADD COLUMN step TEXT NOT NULL DEFAULT '';
CREATE TABLE holds(
  user_id TEXT NOT NULL, goal_id TEXT NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY(user_id, goal_id)) STRICT;
)sql";

absl::Status Migrate(Database& database, int to, std::string_view sql,
                     const std::function<void(std::string_view)>& probe) {
  DRAGOMAN_RETURN_IF_ERROR(database.Script("BEGIN IMMEDIATE"));
  absl::Status done = database.Script(
      StrCat(sql, "PRAGMA application_id = ", kApplicationId, "; PRAGMA user_version = ", to, ";"));
  if (done.ok()) {
    if (probe) probe("migration written");
    done = database.Script("COMMIT");
  }
  if (!done.ok() && database.in_transaction()) database.Script("ROLLBACK").IgnoreError();
  if (done.ok() && probe) probe("migration kept");
  return done;
}

}  // namespace

absl::Status PrepareSchema(Database& database, const std::function<void(std::string_view)>& probe) {
  DRAGOMAN_ASSIGN_OR_RETURN(const std::int64_t version, database.Number("PRAGMA user_version"));
  DRAGOMAN_ASSIGN_OR_RETURN(const std::int64_t program, database.Number("PRAGMA application_id"));
  DRAGOMAN_ASSIGN_OR_RETURN(const std::int64_t tables,
                            database.Number("SELECT count(*) FROM sqlite_master"));
  if (program != kApplicationId && (version != 0 || program != 0 || tables != 0)) {
    return FailedPrecondition("the file is a database of another program (application id ", program,
                              "); expected an empty file or one of dragoman");
  }
  if (version > kSchemaVersion) {
    return FailedPrecondition("the database has schema version ", version,
                              "; this build knows versions up to ", kSchemaVersion,
                              ": use a newer dragoman");
  }
  // Checked before anything is written into it.
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const check, database.Prepared("PRAGMA quick_check(1)"));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool row, check->Step());
  const std::string verdict = row ? check->TextAt(0) : "no answer";
  check->Reset();
  if (verdict != "ok") return DataLoss("the database is damaged: ", verdict);

  DRAGOMAN_RETURN_IF_ERROR(
      database.Script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
                      "PRAGMA wal_autocheckpoint=2000; PRAGMA cache_size=-16384; "
                      "PRAGMA trusted_schema=OFF; PRAGMA journal_size_limit=67108864"));
  if (version < 1) DRAGOMAN_RETURN_IF_ERROR(Migrate(database, 1, kGoals, probe));
  if (version < 2) DRAGOMAN_RETURN_IF_ERROR(Migrate(database, 2, kPersonal, probe));
  if (version < 3) DRAGOMAN_RETURN_IF_ERROR(Migrate(database, 3, kRetention, probe));
  return absl::OkStatus();
}

}  // namespace dragoman::sqlite
