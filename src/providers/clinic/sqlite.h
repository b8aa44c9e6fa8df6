// SQLite with errors as statuses. One thread at a time.
#ifndef DRAGOMAN_SRC_PROVIDERS_CLINIC_SQLITE_H_
#define DRAGOMAN_SRC_PROVIDERS_CLINIC_SQLITE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;

namespace dragoman::clinic {

using Row = std::vector<std::string>;

class Sqlite {
 public:
  // Empty path: in memory.
  static absl::StatusOr<std::unique_ptr<Sqlite>> Open(const std::string& path);
  ~Sqlite();
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  // Several statements, no values.
  absl::Status Script(const std::string& sql);
  // One statement; `values` are bound as text. kAlreadyExists: a constraint forbids it.
  absl::StatusOr<std::vector<Row>> Run(std::string_view sql, const Row& values = {});
  std::int64_t last_insert_id() const;
  int changes() const;

 private:
  explicit Sqlite(sqlite3* database) : database_(database) {}
  absl::Status Failure(std::string_view doing, int code) const;
  sqlite3* database_;
};

// Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Sqlite& database) : database_(database) {}
  ~Transaction();
  absl::Status Begin();
  absl::Status Commit();

 private:
  Sqlite& database_;
  bool open_ = false;
};

}  // namespace dragoman::clinic
#endif  // DRAGOMAN_SRC_PROVIDERS_CLINIC_SQLITE_H_
