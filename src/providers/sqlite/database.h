// A SQLite connection and its statements, with errors as statuses. One thread at a time.
#ifndef DRAGOMAN_SRC_PROVIDERS_SQLITE_DATABASE_H_
#define DRAGOMAN_SRC_PROVIDERS_SQLITE_DATABASE_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"

struct sqlite3;
struct sqlite3_stmt;

namespace dragoman::sqlite {

// One prepared statement. Values are bound in order; Reset makes it ready for the next use.
class Statement {
 public:
  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Reset();
  // Bytes must stay as they are until Reset.
  Statement& Text(std::string_view value);
  Statement& Blob(std::string_view value);
  Statement& Int(std::int64_t value);
  Statement& Null();
  Statement& Time(WallTime value) { return Int(value.time_since_epoch().count()); }
  Statement& Time(const std::optional<WallTime>& value) { return value ? Time(*value) : Null(); }

  // True: a row; false: the end.
  absl::StatusOr<bool> Step();
  absl::Status Run();  // to the end

  std::string TextAt(int column) const;  // text or blob
  std::int64_t IntAt(int column) const;
  bool IsNull(int column) const;

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
  int next_ = 1;
};

struct OpenOptions {
  std::string path;  // empty: in memory
  std::string vfs;
  bool create = true;
  std::chrono::milliseconds lock_wait{0};
};

class Database {
 public:
  static absl::StatusOr<std::unique_ptr<Database>> Open(const OpenOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  absl::Status Script(const std::string& sql);
  // Prepared once and kept; reset and ready to bind.
  absl::StatusOr<Statement*> Prepared(std::string_view sql);
  absl::StatusOr<std::int64_t> Number(std::string_view sql);  // the first value of the first row
  std::int64_t changes() const;
  bool in_transaction() const;
  sqlite3* handle() { return database_; }

 private:
  explicit Database(sqlite3* database) : database_(database) {}
  sqlite3* database_;
  std::map<std::string, std::unique_ptr<Statement>, std::less<>> statements_;
};

// What the last call on this connection failed with.
absl::Status FailureOf(sqlite3* database, int code);
// The commit did not fail by itself: the file cannot be trusted to hold what it says it holds.
bool EndsTheStore(const absl::Status& status);

}  // namespace dragoman::sqlite
#endif  // DRAGOMAN_SRC_PROVIDERS_SQLITE_DATABASE_H_
