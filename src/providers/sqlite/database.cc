#include "src/providers/sqlite/database.h"

#include <sqlite3.h>

#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/store/digest.h"

namespace dragoman::sqlite {
namespace {

void Sha256Function(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(values[0]));
  const int size = sqlite3_value_bytes(values[0]);
  const std::string digest =
      Sha256Bytes({std::string_view(bytes == nullptr ? "" : bytes, static_cast<size_t>(size))});
  sqlite3_result_blob(context, digest.data(), static_cast<int>(digest.size()), SQLITE_TRANSIENT);
}

}  // namespace

absl::Status FailureOf(sqlite3* database, int code) {
  const std::string words =
      StrCat("sqlite: ", sqlite3_errmsg(database), " (", sqlite3_extended_errcode(database), ")");
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return MakeStatus(absl::StatusCode::kAlreadyExists, words);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return MakeStatus(absl::StatusCode::kUnavailable,
                        StrCat("the database is locked by another process; ", words));
    case SQLITE_FULL:
      return MakeStatus(absl::StatusCode::kResourceExhausted,
                        StrCat("disk full, nothing was kept; ", words));
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return MakeStatus(absl::StatusCode::kFailedPrecondition,
                        StrCat("the database cannot be written; ", words));
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return MakeStatus(absl::StatusCode::kDataLoss, StrCat("the database is damaged; ", words));
    case SQLITE_IOERR:
      // Not kUnavailable here: the caller must tell it from a lock (EndsTheStore).
      return MakeStatus(absl::StatusCode::kDataLoss, StrCat("input or output failed; ", words));
    default:
      return MakeStatus(absl::StatusCode::kInternal, words);
  }
}

bool EndsTheStore(const absl::Status& status) {
  return !status.ok() && status.code() != absl::StatusCode::kUnavailable &&
         status.code() != absl::StatusCode::kResourceExhausted;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::Reset() {
  sqlite3_reset(statement_);
  next_ = 1;
  return *this;
}

Statement& Statement::Text(std::string_view value) {
  sqlite3_bind_text(statement_, next_++, value.data() == nullptr ? "" : value.data(),
                    static_cast<int>(value.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::Blob(std::string_view value) {
  sqlite3_bind_blob(statement_, next_++, value.data() == nullptr ? "" : value.data(),
                    static_cast<int>(value.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::Int(std::int64_t value) {
  sqlite3_bind_int64(statement_, next_++, value);
  return *this;
}

Statement& Statement::Null() {
  sqlite3_bind_null(statement_, next_++);
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_);  // a statement that is not reset keeps its read snapshot
    return false;
  }
  absl::Status failure = FailureOf(database_, code);
  sqlite3_reset(statement_);
  return failure;
}

absl::Status Statement::Run() {
  while (true) {
    auto more = Step();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
}

std::string Statement::TextAt(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<size_t>(size));
}

std::int64_t Statement::IntAt(int column) const { return sqlite3_column_int64(statement_, column); }

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const OpenOptions& options) {
  sqlite3* handle = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options.create ? SQLITE_OPEN_CREATE : 0);
  const int code =
      sqlite3_open_v2(options.path.empty() ? ":memory:" : options.path.c_str(), &handle, flags,
                      options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (handle == nullptr) return ResourceExhausted("sqlite: out of memory");
  std::unique_ptr<Database> database(new Database(handle));
  if (code != SQLITE_OK) return FailureOf(handle, code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(options.lock_wait.count()));
  sqlite3_create_function_v2(handle, "dragoman_sha256", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                             nullptr, Sha256Function, nullptr, nullptr, nullptr);
  return database;
}

Database::~Database() {
  statements_.clear();
  sqlite3_close_v2(database_);
}

absl::Status Database::Script(const std::string& sql) {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : FailureOf(database_, code);
}

absl::StatusOr<Statement*> Database::Prepared(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (code != SQLITE_OK) return FailureOf(database_, code);
    found = statements_.emplace(sql, std::make_unique<Statement>(database_, raw)).first;
  }
  return &found->second->Reset();
}

absl::StatusOr<std::int64_t> Database::Number(std::string_view sql) {
  DRAGOMAN_ASSIGN_OR_RETURN(Statement* const statement, Prepared(sql));
  DRAGOMAN_ASSIGN_OR_RETURN(const bool row, statement->Step());
  const std::int64_t number = row ? statement->IntAt(0) : 0;
  statement->Reset();
  return number;
}

std::int64_t Database::changes() const { return sqlite3_changes(database_); }
bool Database::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

}  // namespace dragoman::sqlite
