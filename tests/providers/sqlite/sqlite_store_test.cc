// What only a database in a file can get wrong: versions, damage, locks, full disks, failing disks.
#include "dragoman/providers/sqlite/sqlite_store.h"

#include <sqlite3.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/executor.h"
#include "dragoman/core/mutex.h"
#include "dragoman/store/audit.h"
#include "dragoman/testing/manual_executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/store_contract.h"
#include "tests/providers/sqlite/fault_vfs.h"
#include "tests/providers/sqlite/temporary_folder.h"

namespace dragoman {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;

// A connection beside the store, as a person with a database shell has.
class Shell {
 public:
  explicit Shell(const std::string& path) { sqlite3_open(path.c_str(), &database_); }
  ~Shell() { sqlite3_close(database_); }
  void Run(const std::string& sql) {
    EXPECT_EQ(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database_);
  }
  std::string Text(const std::string& sql) {
    std::string text;
    sqlite3_exec(
        database_, sql.c_str(),
        [](void* out, int, char** values, char**) {
          *static_cast<std::string*>(out) = values[0] == nullptr ? "" : values[0];
          return 0;
        },
        &text, nullptr);
    return text;
  }

 private:
  sqlite3* database_ = nullptr;
};

class SqliteStoreTest : public ::testing::Test {
 protected:
  ~SqliteStoreTest() override { Faults().Disarm(); }

  absl::Status Open(SqliteStoreOptions options = {}) {
    store_.reset();
    options.path = path_;
    options.on_calling_thread = true;
    if (options.vfs.empty()) options.vfs = FaultyVfs();
    if (options.lock_wait == SqliteStoreOptions().lock_wait) {
      options.lock_wait = std::chrono::milliseconds(0);
    }
    auto store = MakeSqliteStore(options);
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    return absl::OkStatus();
  }
  absl::StatusOr<Committed> Commit(StoreTransaction transaction) {
    std::optional<absl::StatusOr<Committed>> result;
    const absl::Status taken = store_->Commit(std::move(transaction), executor_,
                                              [&](auto done) { result = std::move(done); });
    if (!taken.ok()) return taken;
    executor_.RunUntilIdle();
    return *result;
  }
  absl::Status Look(StoreReading reading) {
    std::optional<absl::Status> result;
    EXPECT_THAT(store_->Read(std::move(reading), executor_, [&](auto done) { result = done; }),
                IsOk());
    executor_.RunUntilIdle();
    return *result;
  }
  std::optional<GoalRecord> Goal(const std::string& id) {
    std::optional<GoalRecord> goal;
    EXPECT_THAT(Look([&](StoreView& view) {
                  auto found = view.FindGoal(id);
                  if (found.ok()) goal = *found;
                  return found.status();
                }),
                IsOk());
    return goal;
  }
  AuditReport Audit() {
    AuditReport report;
    EXPECT_THAT(Look([&](StoreView& view) {
                  auto found = VerifyAudit(view);
                  if (found.ok()) report = *found;
                  return found.status();
                }),
                IsOk());
    return report;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.File("store.db");
  ManualExecutor executor_;
  std::unique_ptr<Store> store_;
};

TEST_F(SqliteStoreTest, WhatWasCommittedIsThereAfterReopening) {
  ASSERT_THAT(Open(), IsOk());
  ASSERT_THAT(Commit(NewGoal("g1")), IsOk());
  ASSERT_THAT(Open(), IsOk());
  EXPECT_TRUE(Goal("g1").has_value());
  ASSERT_THAT(Commit(OneStep(StepTo("g1", 1, "RESEARCH"))), IsOk());
  EXPECT_EQ(Audit().rows, 2);
}

TEST_F(SqliteStoreTest, ANewerDatabaseIsRefusedNamingBothVersionsAndLeftAsItIs_D28) {
  ASSERT_THAT(Open(), IsOk());
  store_.reset();
  Shell(path_).Run("PRAGMA user_version = 9");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("schema version 9; this build knows versions up to 3")));
  EXPECT_EQ(Shell(path_).Text("PRAGMA user_version"), "9");
}

TEST_F(SqliteStoreTest, AnOlderDatabaseIsBroughtUpToDate_D28) {
  ASSERT_THAT(Open(), IsOk());
  ASSERT_THAT(Commit(NewGoal("g1")), IsOk());
  store_.reset();
  Shell(path_).Run(
      "DROP TABLE contacts; DROP TABLE vault; DROP TABLE user_keys; DROP TABLE memories; "
      "DROP TABLE holds; DROP INDEX tasks_ended; ALTER TABLE tasks DROP COLUMN erased; "
      "PRAGMA user_version = 1");
  ASSERT_THAT(Open(), IsOk());
  EXPECT_TRUE(Goal("g1").has_value());
  EXPECT_THAT(Commit(OneChange(ContactRecord{.user_id = "u1", .id = "c1"})), IsOk());
}

TEST_F(SqliteStoreTest, AMigrationThatFailsAtAnyOperationResumes_D28) {
  for (int nth = 1; nth < 400; ++nth) {
    std::filesystem::remove(path_);
    for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(path_ + end);
    Faults().Arm(nth, true);
    const absl::Status first = Open();
    store_.reset();
    const bool reached = Faults().failures > 0;
    Faults().Disarm();
    ASSERT_THAT(Open(), IsOk()) << "after a fault at operation " << nth << ": " << first;
    EXPECT_THAT(Commit(NewGoal("g1")), IsOk());
    store_.reset();
    if (!reached) return;
  }
  FAIL() << "opening takes more operations than were tried";
}

TEST_F(SqliteStoreTest, AnotherProgramsDatabaseAndAFileThatIsNoneAreRefused) {
  Shell(path_).Run("CREATE TABLE notes(x); PRAGMA user_version = 1");
  EXPECT_THAT(Open(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another program")));
  std::filesystem::remove(path_);
  std::ofstream(path_) << std::string(8192, 'x');
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
}

TEST_F(SqliteStoreTest, ADamagedDatabaseIsRefused) {
  ASSERT_THAT(Open(), IsOk());
  for (int i = 0; i < 200; ++i) ASSERT_THAT(Commit(NewGoal("g" + std::to_string(i))), IsOk());
  store_.reset();
  const auto size = std::filesystem::file_size(path_);
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  for (std::uintmax_t page = 4; page * 4096 < size; ++page) {
    file.seekp(static_cast<std::streamoff>(page * 4096));
    file << std::string(4096, '\x5a');
  }
  file.close();
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
}

TEST_F(SqliteStoreTest, AFolderThatDoesNotExistOrCannotBeWrittenIsNamed) {
  EXPECT_THAT(MakeSqliteStore({.path = folder_.File("none/store.db")}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("none/store.db")));
  EXPECT_THAT(MakeSqliteStore({.path = "/proc/store.db"}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cannot be written")));
}

TEST_F(SqliteStoreTest, ASecondOwnerIsRefused) {
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(MakeSqliteStore({.path = path_}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("another process")));
}

TEST_F(SqliteStoreTest, ALockedDatabaseRefusesTheCommitAndTakesItLater_D14) {
  ASSERT_THAT(Open(), IsOk());
  ASSERT_THAT(Commit(NewGoal("g1")), IsOk());
  Shell shell(path_);
  shell.Run("BEGIN IMMEDIATE");
  EXPECT_THAT(Commit(OneStep(StepTo("g1", 1, "RESEARCH"))),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("locked by another process")));
  shell.Run("ROLLBACK");
  EXPECT_THAT(Commit(OneStep(StepTo("g1", 1, "RESEARCH"))), IsOk());
  EXPECT_EQ(Audit().rows, 2);
}

TEST_F(SqliteStoreTest, AFullDiskKeepsNothingOfTheTransactionAndGoesOnWhenThereIsSpace) {
  ASSERT_THAT(Open(), IsOk());
  ASSERT_THAT(Commit(NewGoal("g1")), IsOk());
  Faults().Arm(1, true, SQLITE_FULL, true);
  EXPECT_THAT(Commit(OneStep(StepTo("g1", 1, "RESEARCH"))),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("disk full")));
  Faults().Disarm();
  EXPECT_EQ(Goal("g1")->state, "INIT");
  EXPECT_THAT(Commit(OneStep(StepTo("g1", 1, "RESEARCH"))), IsOk());
  EXPECT_EQ(Audit().first_bad, std::nullopt);
}

TEST_F(SqliteStoreTest, AfterAWriteThatFailedNothingIsAcknowledgedUntilItIsOpenedAgain_D13) {
  ASSERT_THAT(Open(), IsOk());
  ASSERT_THAT(Commit(NewGoal("g1")), IsOk());
  Faults().Arm(1, false);
  EXPECT_THAT(Commit(OneStep(StepTo("g1", 1, "RESEARCH"))),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("open it again")));
  EXPECT_THAT(Commit(OneStep(StepTo("g1", 1, "RESEARCH"))),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("open it again")));
  ASSERT_THAT(Open(), IsOk());
  EXPECT_THAT(Goal("g1")->version, AnyOf(Eq(1), Eq(2)));
  EXPECT_EQ(Audit().first_bad, std::nullopt);
}

// The transactions that carry a goal: created, planned, armed with its budget and approval, its
// outcome, its end, and erasure.
std::vector<StoreTransaction> CoreTransactions() {
  std::vector<StoreTransaction> all;
  all.push_back(NewGoal("g1"));
  StoreTransaction planned = OneStep(StepTo("g1", 1, "READY_TO_EXECUTE"));
  planned.changes.push_back(PlannedIntent("e1"));
  planned.changes.push_back(ApprovalRecord{.id = "a1",
                                           .user_id = "u1",
                                           .digest = "d",
                                           .state = ApprovalState::kApproved,
                                           .expires = StoreTime(600)});
  all.push_back(planned);
  StoreTransaction armed = OneStep(StepTo("g1", 2, "CALL_IN_PROGRESS"));
  IntentRecord intent = PlannedIntent("e1");
  intent.revision = 1;
  intent.state = IntentState::kArmed;
  armed.changes.push_back(ReserveBudget{"goal g1", "cent", 10, 100});
  armed.changes.push_back(ResolveApproval{.id = "a1",
                                          .from = ApprovalState::kApproved,
                                          .to = ApprovalState::kUsed,
                                          .digest = "d",
                                          .at = StoreTime(1)});
  armed.changes.push_back(UpdateIntent{intent});
  all.push_back(armed);
  StoreTransaction done = OneStep(StepTo("g1", 3, "SUMMARIZE"));
  intent.revision = 2;
  intent.state = IntentState::kConfirmed;
  done.changes.push_back(SettleBudget{"goal g1", "cent", 10, 7});
  done.changes.push_back(UpdateIntent{intent});
  all.push_back(done);
  StoreTransaction last = OneStep(StepTo("g1", 4, "COMPLETED"));
  last.steps[0].final = true;
  last.steps[0].topic = "goal.final";
  all.push_back(last);
  all.push_back(OneChange(EraseUser{"u1"}));
  return all;
}

// What each of them leaves, all of it or nothing: rows of the log, and the state beside it.
void ExpectAllOrNothing(StoreView& view, int committed) {
  const auto log = view.ReadLog(1, 100);
  ASSERT_THAT(log, IsOk());
  const int rows = static_cast<int>(log->size());
  EXPECT_GE(rows, committed) << "an acknowledged transaction is lost";
  EXPECT_LE(rows, committed + 1);
  const auto goal = view.FindGoal("g1");
  ASSERT_THAT(goal, IsOk());
  ASSERT_EQ(goal->has_value(), rows >= 1);
  if (rows >= 1) {
    EXPECT_EQ((*goal)->version, std::min(rows, 5));
  }
  if (rows >= 1) {
    EXPECT_EQ((*goal)->final, rows >= 5);
  }
  const auto intent = view.FindIntent("e1");
  ASSERT_THAT(intent, IsOk());
  ASSERT_EQ(intent->has_value(), rows >= 2);
  if (rows >= 2) {
    EXPECT_EQ((*intent)->revision, std::min(rows, 4) - 2);
  }
  const auto approval = view.FindApproval("a1");
  ASSERT_THAT(approval, IsOk());
  if (rows >= 2) {
    EXPECT_EQ((*approval)->state == ApprovalState::kUsed, rows >= 3);
  }
  const auto budget = view.FindBudget("goal g1", "cent");
  ASSERT_THAT(budget, IsOk());
  ASSERT_EQ(budget->has_value(), rows >= 3);
  if (rows >= 3) {
    EXPECT_EQ((*budget)->reserved, rows == 3 ? 10 : 0);
  }
  const auto key = view.FindUserKey("u1");
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->has_value(), rows >= 6);
}

TEST_F(SqliteStoreTest, EveryFaultAtEveryOperationLeavesAllOrNothing_D29) {
  const std::vector<StoreTransaction> transactions = CoreTransactions();
  for (const bool persistent : {false, true}) {
    for (const int code : {SQLITE_IOERR, SQLITE_FULL}) {
      bool reached = true;
      for (int nth = 1; reached; ++nth) {
        ASSERT_LT(nth, 2'000);
        SCOPED_TRACE("operation " + std::to_string(nth) + (persistent ? " and all after" : "") +
                     (code == SQLITE_FULL ? ", disk full" : ""));
        store_.reset();
        for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end);
        ASSERT_THAT(Open(), IsOk());
        Faults().Arm(nth, persistent, code, code == SQLITE_FULL);
        int committed = 0;
        for (const StoreTransaction& transaction : transactions) {
          if (!Commit(transaction).ok()) break;
          ++committed;
        }
        store_.reset();  // closing writes too
        reached = Faults().failures > 0;
        Faults().Disarm();
        ASSERT_THAT(Open(), IsOk());
        ASSERT_THAT(Look([&](StoreView& view) {
                      ExpectAllOrNothing(view, committed);
                      return absl::OkStatus();
                    }),
                    IsOk());
        EXPECT_EQ(Audit().first_bad, std::nullopt);
        if (HasFailure()) return;
      }
    }
  }
}

TEST_F(SqliteStoreTest, ErasedWordsAreInNoFileOfTheDatabase_P1) {
  ASSERT_THAT(Open(), IsOk());
  StoreTransaction goal = NewGoal("g1");
  std::get<GoalRecord>(goal.changes[0]).request = "canary-request " + std::string(9000, 'x');
  goal.steps[0].delta = "canary-delta";
  ASSERT_THAT(Commit(goal), IsOk());
  ASSERT_THAT(Commit(OneChange(
                  MemoryRecord{.user_id = "u1", .id = "m", .kind = "k", .body = "canary-memory"})),
              IsOk());
  ASSERT_THAT(Commit(OneChange(ContactRecord{.user_id = "u1", .id = "c", .name = "canary-name"})),
              IsOk());
  ASSERT_THAT(Commit(OneChange(EraseUser{"u1"})), IsOk());
  for (const char* end : {"", "-wal"}) {
    std::ifstream file(path_ + end, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(bytes.find("canary"), std::string::npos) << path_ << end;
  }
}

TEST_F(SqliteStoreTest, AnEditInTheDatabaseIsFoundAtItsRow_P12) {
  ASSERT_THAT(Open(), IsOk());
  ASSERT_THAT(Commit(NewGoal("g1")), IsOk());
  for (int version = 1; version < 6; ++version) {
    ASSERT_THAT(Commit(OneStep(StepTo("g1", version, "S"))), IsOk());
  }
  Shell(path_).Run("UPDATE task_logs SET actor = 'nobody' WHERE id = 4");
  EXPECT_EQ(Audit().first_bad, 4);
  Shell(path_).Run("UPDATE task_logs SET actor = 'worker' WHERE id = 4");
  EXPECT_EQ(Audit().first_bad, std::nullopt);
  Shell(path_).Run("DELETE FROM task_logs WHERE id = 2");
  EXPECT_EQ(Audit().first_bad, 2);
}

TEST_F(SqliteStoreTest, AShellThatWroteIntoTheLogDoesNotMakeTheNextStepCollide) {
  ASSERT_THAT(Open(), IsOk());
  ASSERT_THAT(Commit(NewGoal("g1")), IsOk());
  Shell(path_).Run(
      "INSERT INTO task_logs SELECT 2, goal_id, version, previous, at, actor, action, state, "
      "waiting_on, final, delta, topic, event, delta_digest, event_digest, hash "
      "FROM task_logs WHERE id = 1");
  EXPECT_THAT(Commit(OneStep(StepTo("g1", 1, "RESEARCH"))), IsOk());
  EXPECT_EQ(Audit().first_bad, 2);
}

TEST(SqliteStoreThreadsTest, AFullQueueRefusesAtOnceAndWhatWasTakenIsKept) {
  TemporaryFolder folder;
  ManualExecutor unused;
  // The writer is held inside its first group, so the queue behind it can only grow.
  Mutex mutex;
  std::condition_variable changed;
  bool hold = true, held = false;
  SystemClock clock;
  ThreadExecutor executor(clock);
  int done = 0;
  {
    auto store = MakeSqliteStore({.path = folder.File("store.db"), .max_queue = 3},
                                 {.probe = [&](std::string_view point) {
                                   if (point != "group begun") return;
                                   MutexLock lock(mutex);
                                   held = true;
                                   changed.notify_all();
                                   lock.Wait(changed, [&] { return !hold; });
                                 }});
    ASSERT_THAT(store, IsOk());
    const auto commit = [&](const std::string& id) {
      return (*store)->Commit(NewGoal(id), executor, [&](absl::StatusOr<Committed> result) {
        EXPECT_THAT(result, IsOk());
        ++done;
      });
    };
    ASSERT_THAT(commit("g0"), IsOk());
    {
      MutexLock lock(mutex);
      lock.Wait(changed, [&] { return held; });
    }
    for (const char* id : {"g1", "g2", "g3"}) EXPECT_THAT(commit(id), IsOk());
    EXPECT_THAT(commit("g4"), StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("full")));
    {
      MutexLock lock(mutex);
      hold = false;
      changed.notify_all();
    }
  }  // destruction keeps what was taken
  RunAndWait(executor, [&] { EXPECT_EQ(done, 4); });
  auto again = MakeSqliteStore({.path = folder.File("store.db"), .on_calling_thread = true});
  ASSERT_THAT(again, IsOk());
  ManualExecutor inline_executor;
  EXPECT_THAT((*again)->Read(
                  [](StoreView& view) {
                    EXPECT_EQ(view.ListGoals("u1", false, "", 10)->size(), 4u);
                    return absl::OkStatus();
                  },
                  inline_executor, [](absl::Status) {}),
              IsOk());
}

TEST(SqliteStoreThreadsTest, CommitsFromManyThreadsShareGroupsAndAllAreKept) {
  TemporaryFolder folder;
  SystemClock clock;
  ThreadExecutor first(clock), second(clock);
  Mutex mutex;
  std::condition_variable changed;
  int done = 0;
  auto store = MakeSqliteStore({.path = folder.File("store.db")});
  ASSERT_THAT(store, IsOk());
  for (int i = 0; i < 200; ++i) {
    Executor& mine = i % 2 == 0 ? static_cast<Executor&>(first) : second;
    mine.Post([&, i] {
      Executor& reply = i % 2 == 0 ? static_cast<Executor&>(first) : second;
      EXPECT_THAT((*store)->Commit(NewGoal("g" + std::to_string(i)), reply,
                                   [&](absl::StatusOr<Committed> result) {
                                     EXPECT_THAT(result, IsOk());
                                     MutexLock lock(mutex);
                                     ++done;
                                     changed.notify_all();
                                   }),
                  IsOk());
    });
  }
  {
    MutexLock lock(mutex);
    lock.Wait(changed, [&] { return done == 200; });
  }
  bool checked = false;
  EXPECT_THAT((*store)->Read(
                  [](StoreView& view) {
                    const auto report = VerifyAudit(view);
                    EXPECT_EQ(report->rows, 200);
                    return report.status();
                  },
                  first,
                  [&](absl::Status status) {
                    EXPECT_THAT(status, IsOk());
                    MutexLock lock(mutex);
                    checked = true;
                    changed.notify_all();
                  }),
              IsOk());
  MutexLock lock(mutex);
  lock.Wait(changed, [&] { return checked; });
}

}  // namespace
}  // namespace dragoman
