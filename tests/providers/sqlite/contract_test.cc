// The store's contract on a file, in memory, and on the caller's thread.
#include <filesystem>
#include <memory>
#include <string>

#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/testing/manual_executor.h"
#include "tests/contract/harness.h"
#include "tests/contract/store_contract.h"
#include "tests/providers/sqlite/temporary_folder.h"

namespace dragoman {
namespace {

class FileHarness : public ThreadHarness {
 public:
  FileHarness() {
    auto store = MakeSqliteStore({.path = folder_.File("store.db")});
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
  }
  Store& store() { return *store_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

class MemoryHarness : public ThreadHarness {
 public:
  MemoryHarness() : store_(*MakeSqliteStore({})) {}
  Store& store() { return *store_; }

 private:
  std::unique_ptr<Store> store_;
};

class InlineHarness : public ManualHarness {
 public:
  InlineHarness() : store_(*MakeSqliteStore({.on_calling_thread = true})) {}
  Store& store() { return *store_; }

 private:
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(SqliteFile, StoreContract, FileHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(SqliteMemory, StoreContract, MemoryHarness);
INSTANTIATE_TYPED_TEST_SUITE_P(SqliteInline, StoreContract, InlineHarness);

}  // namespace
}  // namespace dragoman
