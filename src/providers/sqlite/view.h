// One moment of the store, read through one connection. One thread at a time.
#ifndef DRAGOMAN_SRC_PROVIDERS_SQLITE_VIEW_H_
#define DRAGOMAN_SRC_PROVIDERS_SQLITE_VIEW_H_

#include "dragoman/store/store.h"
#include "src/providers/sqlite/database.h"

namespace dragoman::sqlite {

// Runs `reading` inside a read transaction.
absl::Status ReadMoment(Database& database, StoreReading& reading);

}  // namespace dragoman::sqlite
#endif  // DRAGOMAN_SRC_PROVIDERS_SQLITE_VIEW_H_
