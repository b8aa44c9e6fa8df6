// SQLite's own file system layer with a fault: the n-th read, write or sync fails, once or from
// then on. One thread at a time decides; the counters are atomic because a store has two threads.
#ifndef DRAGOMAN_TESTS_PROVIDERS_SQLITE_FAULT_VFS_H_
#define DRAGOMAN_TESTS_PROVIDERS_SQLITE_FAULT_VFS_H_

#include <sqlite3.h>

#include <atomic>

namespace dragoman {

struct FaultPlan {
  std::atomic<int> countdown{0};  // operations until the fault; 0: none
  std::atomic<bool> persistent{false};
  std::atomic<bool> failing{false};
  std::atomic<int> code{SQLITE_IOERR};   // for reads and writes
  std::atomic<bool> writes_only{false};  // only writes count and fail
  std::atomic<int> operations{0};        // counted since Reset
  std::atomic<int> failures{0};

  void Arm(int nth, bool keep_failing, int with = SQLITE_IOERR, bool only_writes = false) {
    operations = 0;
    failures = 0;
    failing = false;
    persistent = keep_failing;
    code = with;
    writes_only = only_writes;
    countdown = nth;
  }
  void Disarm() {
    countdown = 0;
    failing = false;
  }
  bool Fails() {
    ++operations;
    if (!failing) {
      if (countdown == 0 || --countdown > 0) return false;
      failing = persistent.load();
    }
    ++failures;
    return true;
  }
};

inline FaultPlan& Faults() {
  static FaultPlan plan;
  return plan;
}

namespace fault_vfs_internal {

struct MethodTable {
  const sqlite3_io_methods* real = nullptr;
  sqlite3_io_methods faulty{};
};
inline MethodTable Tables[8];
inline sqlite3_vfs Layer;
inline sqlite3_vfs* Real = nullptr;

inline const sqlite3_io_methods* RealOf(sqlite3_file* file) {
  for (const MethodTable& table : Tables) {
    if (file->pMethods == &table.faulty) return table.real;
  }
  return file->pMethods;
}
inline int Read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  if (!Faults().writes_only && Faults().Fails()) return SQLITE_IOERR_READ;
  return RealOf(file)->xRead(file, to, size, at);
}
inline int Write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  if (Faults().Fails()) return Faults().code == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  return RealOf(file)->xWrite(file, from, size, at);
}
inline int Sync(sqlite3_file* file, int flags) {
  if (!Faults().writes_only && Faults().Fails()) return SQLITE_IOERR_FSYNC;
  return RealOf(file)->xSync(file, flags);
}

inline int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  const int code = Real->xOpen(Real, name, file, flags, out);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  for (MethodTable& table : Tables) {
    if (table.real == nullptr) {
      table.real = file->pMethods;
      table.faulty = *file->pMethods;
      table.faulty.xRead = Read;
      table.faulty.xWrite = Write;
      table.faulty.xSync = Sync;
    }
    if (table.real == file->pMethods) {
      file->pMethods = &table.faulty;
      break;
    }
  }
  return code;
}

}  // namespace fault_vfs_internal

// Registers the layer "faulty" once; gives its name.
inline const char* FaultyVfs() {
  using namespace fault_vfs_internal;
  if (Real == nullptr) {
    Real = sqlite3_vfs_find(nullptr);
    Layer = *Real;
    Layer.zName = "faulty";
    Layer.pNext = nullptr;
    Layer.xOpen = Open;
    sqlite3_vfs_register(&Layer, 0);
  }
  return "faulty";
}

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_PROVIDERS_SQLITE_FAULT_VFS_H_
