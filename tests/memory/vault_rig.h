// A vault over a real database file, one thread, in virtual time; and a hand that alters the file.
#ifndef DRAGOMAN_TESTS_MEMORY_VAULT_RIG_H_
#define DRAGOMAN_TESTS_MEMORY_VAULT_RIG_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/memory/master_keys.h"
#include "dragoman/memory/vault.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/store/audit.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "tests/providers/sqlite/temporary_folder.h"

namespace dragoman {

inline const SecretSink kBankLine{.sink = "tel:+12015550123", .purpose = "authenticate"};

inline VaultValue Pin(const std::string& value = "4711", const std::string& record = "bank",
                      const std::string& field = "pin") {
  return {.record = record,
          .field = field,
          .kind = SecretKind::kPin,
          .value = Secret(value),
          .sinks = {kBankLine}};
}

inline std::string FileBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class VaultRig {
 public:
  VaultRig() { OpenStore(); }

  std::string database() const { return folder_.File("dragoman.db"); }
  std::string keys() const { return folder_.File("vault.keys"); }
  std::string witness() const { return folder_.File("vault.witness"); }
  const std::string& folder() const { return folder_.path(); }

  void OpenStore() {
    vault_.reset();
    store_.reset();
    auto opened = MakeSqliteStore({.path = database(), .on_calling_thread = true});
    ASSERT_THAT(opened, IsOk());
    store_ = *std::move(opened);
  }
  absl::Status Init() {
    return Wait<absl::Status>([&](auto done) { InitVault(options, with(), std::move(done)); });
  }
  absl::Status Open() {
    vault_.reset();
    auto opened = Wait<absl::StatusOr<std::unique_ptr<Vault>>>(
        [&](auto done) { OpenVault(options, with(), std::move(done)); });
    if (!opened.ok()) return opened.status();
    vault_ = *std::move(opened);
    return absl::OkStatus();
  }
  // As a process that ends and starts again.
  absl::Status Restart() {
    OpenStore();
    return Open();
  }
  void Close() {
    vault_.reset();
    store_.reset();
  }

  absl::StatusOr<VaultEntry> Put(VaultValue value, const std::string& user = "u1") {
    return Wait<absl::StatusOr<VaultEntry>>(
        [&](auto done) { vault().Put(user, std::move(value), std::move(done)); });
  }
  // "" with the error in `why`.
  absl::StatusOr<std::string> Reveal(const std::string& handle, SecretSink to = kBankLine,
                                     const std::string& user = "u1") {
    auto secret = Wait<absl::StatusOr<Secret>>(
        [&](auto done) { vault().Reveal(user, handle, to, std::move(done)); });
    if (!secret.ok()) return secret.status();
    return std::string(secret->Reveal());
  }
  absl::StatusOr<std::vector<VaultEntry>> List(const std::string& user = "u1") {
    return Wait<absl::StatusOr<std::vector<VaultEntry>>>(
        [&](auto done) { vault().List(user, std::move(done)); });
  }
  absl::Status Remove(const std::string& record, const std::string& user = "u1") {
    return Wait<absl::Status>([&](auto done) { vault().Remove(user, record, std::move(done)); });
  }
  absl::StatusOr<std::int64_t> RotateUserKey(const std::string& user = "u1") {
    return Wait<absl::StatusOr<std::int64_t>>(
        [&](auto done) { vault().RotateUserKey(user, std::move(done)); });
  }
  absl::StatusOr<std::int64_t> RotateMasterKey() {
    return Wait<absl::StatusOr<std::int64_t>>(
        [&](auto done) { vault().RotateMasterKey(std::move(done)); });
  }
  absl::Status Retire() {
    return Wait<absl::Status>([&](auto done) { vault().RetireMasterKeys(std::move(done)); });
  }
  absl::Status Erase(const std::string& user = "u1") {
    return Wait<absl::Status>([&](auto done) { vault().Erase(user, std::move(done)); });
  }
  absl::Status Readmit(const std::string& user = "u1") {
    return Wait<absl::Status>([&](auto done) { vault().Readmit(user, std::move(done)); });
  }
  absl::Status AcceptRestored(const std::string& user = "u1") {
    return Wait<absl::Status>([&](auto done) { vault().AcceptRestored(user, std::move(done)); });
  }
  absl::StatusOr<std::string> Export(const std::string& passphrase,
                                     const std::string& user = "u1") {
    return Wait<absl::StatusOr<std::string>>(
        [&](auto done) { vault().Export(user, Secret(passphrase), std::move(done)); });
  }
  absl::StatusOr<std::int64_t> Import(const std::string& exported, const std::string& passphrase,
                                      const std::string& user = "u1") {
    return Wait<absl::StatusOr<std::int64_t>>(
        [&](auto done) { vault().Import(user, exported, Secret(passphrase), std::move(done)); });
  }
  absl::StatusOr<VaultSecrets> Watch(const std::string& user = "u1") {
    return Wait<absl::StatusOr<VaultSecrets>>(
        [&](auto done) { vault().WatchSecrets(user, std::move(done)); });
  }

  std::vector<LogRecord> Log() {
    std::vector<LogRecord> log;
    EXPECT_THAT(Look([&](StoreView& view) -> absl::Status {
                  auto read = view.ReadLog(1, 100'000);
                  if (read.ok()) log = *std::move(read);
                  return read.status();
                }),
                IsOk());
    return log;
  }
  std::string LastAction() {
    std::string action;
    EXPECT_THAT(Look([&](StoreView& view) -> absl::Status {
                  const auto rows = view.ReadLog(view.ReadAuditHead().value().index, 1);
                  if (rows.ok() && !rows->empty()) action = rows->back().action;
                  return rows.status();
                }),
                IsOk());
    return action;
  }
  absl::Status Look(StoreReading reading) {
    return Wait<absl::Status>([&](auto done) {
      EXPECT_THAT(store_->Read(std::move(reading), executor, std::move(done)), IsOk());
    });
  }
  absl::Status CommitRaw(Change change) {
    StoreTransaction transaction;
    transaction.changes.push_back(std::move(change));
    transaction.steps.push_back({.actor = "test", .action = "raw"});
    auto done = Wait<absl::StatusOr<Committed>>([&](auto then) {
      EXPECT_THAT(store_->Commit(std::move(transaction), executor, std::move(then)), IsOk());
    });
    return done.status();
  }

  // Alters the file behind everybody's back. '?' in order.
  void Sql(const std::string& sql, const std::vector<std::string>& blobs = {}) {
    if (hand_ == nullptr) {
      ASSERT_EQ(sqlite3_open(database().c_str(), &hand_), SQLITE_OK);
      sqlite3_exec(hand_, "PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=0", nullptr, nullptr,
                   nullptr);
    }
    sqlite3_stmt* statement = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(hand_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(hand_);
    for (std::size_t i = 0; i < blobs.size(); ++i) {
      sqlite3_bind_blob(statement, static_cast<int>(i + 1), blobs[i].data(),
                        static_cast<int>(blobs[i].size()), SQLITE_STATIC);
    }
    EXPECT_EQ(sqlite3_step(statement), SQLITE_DONE) << sqlite3_errmsg(hand_);
    sqlite3_finalize(statement);
  }
  void EndSql() {
    sqlite3_close(hand_);
    hand_ = nullptr;
  }
  ~VaultRig() {
    EndSql();
    Close();
  }

  template <typename Result, typename Ask>
  Result Wait(Ask ask) {
    std::optional<Result> result;
    bool inside = true;
    ask([&](Result got) {
      EXPECT_FALSE(inside) << "called inside";
      result.emplace(std::move(got));
    });
    inside = false;
    executor.RunUntilIdle();
    EXPECT_TRUE(result.has_value()) << "no answer";
    if (!result) return absl::InternalError("no answer");
    return *std::move(result);
  }
  Vault& vault() { return *vault_; }
  VaultDependencies with() {
    return {.store = store_.get(), .executor = &executor, .random = &random};
  }

  ManualExecutor executor;
  SystemRandom random;

 private:
  TemporaryFolder folder_;

 public:
  VaultOptions options{.key_file = keys(), .witness_file = witness()};

 private:
  std::unique_ptr<Store> store_;
  std::unique_ptr<Vault> vault_;
  sqlite3* hand_ = nullptr;
};

// With a new vault that is open.
class VaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(rig.Init(), IsOk());
    ASSERT_THAT(rig.Open(), IsOk());
  }
  VaultRig rig;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_MEMORY_VAULT_RIG_H_
