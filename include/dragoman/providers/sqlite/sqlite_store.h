// The embedded store: one SQLite file, or memory.
//
// WAL with synchronous=FULL: a commit is acknowledged after fsync. One connection on one thread
// writes, and puts what waits into one SQLite transaction (group commit); it runs every checkpoint
// too. Reads have a connection and a thread of their own.
#ifndef DRAGOMAN_PROVIDERS_SQLITE_SQLITE_STORE_H_
#define DRAGOMAN_PROVIDERS_SQLITE_SQLITE_STORE_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/store/store.h"

namespace dragoman {

struct DRAGOMAN_EXPORT SqliteStoreOptions {
  std::string path;  // of the file, in a folder that exists; empty: in memory, gone at the end
  // How long a commit waits while another process holds the file's write lock; 0 to 60 s.
  std::chrono::milliseconds lock_wait{5'000};
  int max_queue = 4096;                    // transactions waiting, 1 to 1,000,000; more are refused
  std::size_t max_queue_bytes = 64 << 20;  // and their size
  int max_group = 256;                     // transactions that share one fsync, 1 to 10,000
  // How long a group waits for those who were in the last one, so that they share its fsync again;
  // 0 to 10 ms. Only as many are waited for as there were.
  std::chrono::microseconds gather{200};
  // Commits and reads run on the calling thread, inside Commit and Read; only callbacks are posted.
  // For simulators in virtual time: one thread at a time then.
  bool on_calling_thread = false;
  std::string vfs;  // SQLite's name of the file system layer; empty: the default
  absl::Status Validate() const;
};

struct DRAGOMAN_EXPORT SqliteStoreDependencies {
  // Called on the writing thread at named moments ("group written"); crash tests stop there.
  std::function<void(std::string_view)> probe;
};

// Creates the file if there is none, brings an older one up to date, and checks it. Blocks.
// kFailedPrecondition: the folder cannot be written, the file belongs to another process or another
// program, or a newer version of this library wrote it (both versions are named; it is left as it
// is). kDataLoss: it is damaged. kUnavailable: it is locked. kResourceExhausted: the disk is full.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<Store>> MakeSqliteStore(
    const SqliteStoreOptions& options, SqliteStoreDependencies dependencies = {});

}  // namespace dragoman
#endif  // DRAGOMAN_PROVIDERS_SQLITE_SQLITE_STORE_H_
