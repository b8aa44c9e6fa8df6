// The tables, and how an older file becomes a newer one.
#ifndef DRAGOMAN_SRC_PROVIDERS_SQLITE_SCHEMA_H_
#define DRAGOMAN_SRC_PROVIDERS_SQLITE_SCHEMA_H_

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "src/providers/sqlite/database.h"

namespace dragoman::sqlite {

inline constexpr int kSchemaVersion = 3;

// Looks before it touches: a file of another program or of a newer version is left as it is. Each
// migration is one transaction, so a kill in the middle leaves the version before it.
absl::Status PrepareSchema(Database& database, const std::function<void(std::string_view)>& probe);

}  // namespace dragoman::sqlite
#endif  // DRAGOMAN_SRC_PROVIDERS_SQLITE_SCHEMA_H_
