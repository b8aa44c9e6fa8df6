#include "src/providers/clinic/sqlite.h"

#include <sqlite3.h>

#include "dragoman/core/status.h"

namespace dragoman::clinic {

absl::Status Sqlite::Failure(std::string_view doing, int code) const {
  const std::string message = StrCat(doing, ": ", sqlite3_errmsg(database_));
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return MakeStatus(absl::StatusCode::kAlreadyExists, message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return MakeStatus(absl::StatusCode::kUnavailable, message);
    case SQLITE_FULL:
      return MakeStatus(absl::StatusCode::kResourceExhausted, message);
    case SQLITE_NOTADB:
      return MakeStatus(absl::StatusCode::kFailedPrecondition, message);
    case SQLITE_CORRUPT:
      return MakeStatus(absl::StatusCode::kDataLoss, message);
    default:
      return MakeStatus(absl::StatusCode::kInternal, message);
  }
}

absl::StatusOr<std::unique_ptr<Sqlite>> Sqlite::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.empty() ? ":memory:" : path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  std::unique_ptr<Sqlite> database(new Sqlite(handle));
  if (handle == nullptr) return MakeStatus(absl::StatusCode::kResourceExhausted, "out of memory");
  if (code != SQLITE_OK) return database->Failure(StrCat("opening ", path), code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 5'000);
  return database;
}

Sqlite::~Sqlite() { sqlite3_close_v2(database_); }

absl::Status Sqlite::Script(const std::string& sql) {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Failure("script", code);
}

absl::StatusOr<std::vector<Row>> Sqlite::Run(std::string_view sql, const Row& values) {
  sqlite3_stmt* raw = nullptr;
  int code = sqlite3_prepare_v2(database_, sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
  if (code != SQLITE_OK) return Failure("preparing a statement", code);
  for (size_t i = 0; i < values.size(); ++i) {
    sqlite3_bind_text(raw, static_cast<int>(i) + 1, values[i].data(),
                      static_cast<int>(values[i].size()), SQLITE_TRANSIENT);
  }
  std::vector<Row> rows;
  while ((code = sqlite3_step(raw)) == SQLITE_ROW) {
    Row row;
    for (int column = 0; column < sqlite3_column_count(raw); ++column) {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, column));
      row.emplace_back(text == nullptr ? "" : text);
    }
    rows.push_back(std::move(row));
  }
  if (code != SQLITE_DONE) return Failure("running a statement", code);
  return rows;
}

std::int64_t Sqlite::last_insert_id() const { return sqlite3_last_insert_rowid(database_); }
int Sqlite::changes() const { return sqlite3_changes(database_); }

Transaction::~Transaction() {
  if (open_) database_.Script("ROLLBACK").IgnoreError();
}

absl::Status Transaction::Begin() {
  DRAGOMAN_RETURN_IF_ERROR(database_.Script("BEGIN IMMEDIATE"));
  open_ = true;
  return absl::OkStatus();
}

absl::Status Transaction::Commit() {
  DRAGOMAN_RETURN_IF_ERROR(database_.Script("COMMIT"));
  open_ = false;
  return absl::OkStatus();
}

}  // namespace dragoman::clinic
