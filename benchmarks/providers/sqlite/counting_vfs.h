// SQLite's own file system layer, with its fsyncs counted.
#ifndef DRAGOMAN_BENCHMARKS_PROVIDERS_SQLITE_COUNTING_VFS_H_
#define DRAGOMAN_BENCHMARKS_PROVIDERS_SQLITE_COUNTING_VFS_H_

#include <sqlite3.h>

#include <atomic>

namespace dragoman {

inline std::atomic<long>& SyncCount() {
  static std::atomic<long> count{0};
  return count;
}

namespace counting_vfs_internal {

// A database, its log and a temporary file have tables of methods of their own; each is copied once
// with xSync replaced. All of them sync the same way.
inline int (*RealSync)(sqlite3_file*, int) = nullptr;
inline int CountedSync(sqlite3_file* file, int flags) {
  SyncCount().fetch_add(1, std::memory_order_relaxed);
  return RealSync(file, flags);
}
struct MethodTable {
  const sqlite3_io_methods* real = nullptr;
  sqlite3_io_methods counted{};
};
inline MethodTable Tables[8];
inline sqlite3_vfs Layer;
inline sqlite3_vfs* Real = nullptr;

inline int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  const int code = Real->xOpen(Real, name, file, flags, out);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  for (MethodTable& table : Tables) {
    if (table.real == nullptr) {
      table.real = file->pMethods;
      table.counted = *file->pMethods;
      RealSync = table.counted.xSync;
      table.counted.xSync = CountedSync;
    }
    if (table.real == file->pMethods) {
      file->pMethods = &table.counted;
      break;
    }
  }
  return code;
}

}  // namespace counting_vfs_internal

// Registers the layer "counting". Call it once, before the first database is opened.
inline void RegisterCountingVfs() {
  using namespace counting_vfs_internal;
  Real = sqlite3_vfs_find(nullptr);
  Layer = *Real;
  Layer.zName = "counting";
  Layer.pNext = nullptr;
  Layer.xOpen = Open;
  sqlite3_vfs_register(&Layer, 0);
}

}  // namespace dragoman
#endif  // DRAGOMAN_BENCHMARKS_PROVIDERS_SQLITE_COUNTING_VFS_H_
