// Turns groups of transactions into one durable SQLite transaction each. One thread at a time.
#ifndef DRAGOMAN_SRC_PROVIDERS_SQLITE_WRITER_H_
#define DRAGOMAN_SRC_PROVIDERS_SQLITE_WRITER_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/store/store.h"
#include "src/providers/sqlite/database.h"

namespace dragoman::sqlite {

using Probe = std::function<void(std::string_view)>;

class Writer {
 public:
  Writer(std::unique_ptr<Database> database, Probe probe)
      : database_(std::move(database)), probe_(std::move(probe)) {}

  absl::Status Start();  // reads where the audit chain stands

  // One result for each, in order. A transaction that is refused leaves nothing behind and does not
  // disturb the others; when the file fails, all of them fail.
  std::vector<absl::StatusOr<Committed>> CommitGroup(std::vector<StoreTransaction> group);

  Database& database() { return *database_; }

 private:
  absl::Status Begin();
  absl::Status ApplyWhole(StoreTransaction& transaction);
  absl::Status Apply(StoreTransaction& transaction);
  absl::Status ApplyStep(GoalStep& step);
  absl::Status ApplyStepOfGoal(GoalStep& step, LogRecord& row, std::int64_t& previous);
  absl::Status AppendRow(const LogRecord& row, std::int64_t previous);
  absl::Status Finish();
  void Undo();

  absl::Status ApplyChange(const GoalRecord& goal);
  absl::Status ApplyChange(const UpdateIntent& update);
  absl::Status ApplyChange(const ResolveApproval& resolve);
  absl::Status ApplyChange(const VaultRecord& row);
  absl::Status ApplyChange(const UserKeyRecord& key);
  absl::Status ApplyChange(const ReserveBudget& reserve);
  absl::Status ApplyChange(const SettleBudget& settle);
  absl::Status ApplyChange(const AdvanceOutbox& advance);
  absl::Status ApplyChange(const DeleteRecord& remove);
  absl::Status ApplyChange(const EraseUser& erase);
  absl::Status ApplyChange(const UserRecord& record) { return Put(record); }
  absl::Status ApplyChange(const ContactRecord& record) { return Put(record); }
  absl::Status ApplyChange(const MemoryRecord& record);
  absl::Status ApplyChange(const PlanRecord& record);
  absl::Status ApplyChange(const IntentRecord& record);
  absl::Status ApplyChange(const ApprovalRecord& record);
  absl::Status ApplyChange(const HoldRecord& record) { return Put(record); }
  absl::Status ApplyChange(const ForgetGoal& forget);

  template <typename Record>
  absl::Status Put(const Record& record);
  template <typename Record>
  absl::Status Insert(const Record& record, std::string_view what);
  absl::Status RefuseErased(std::string_view goal_id);  // kFailedPrecondition
  absl::StatusOr<bool> IsErased(std::string_view goal_id);
  absl::Status EraseGoals(std::string_view whose, std::string_view key);

  // Remembers what the file itself refused; a conflict is no such thing.
  absl::Status Keep(absl::Status status);
  absl::StatusOr<Statement*> Sql(std::string_view sql);
  absl::StatusOr<bool> Row(Statement& statement);
  void At(std::string_view point) {
    if (probe_) probe_(point);
  }

  std::unique_ptr<Database> database_;
  const Probe probe_;
  AuditHead head_;
  std::int64_t data_version_ = -1;
  absl::Status broken_;  // of the group at hand
  absl::Status ended_;   // for good
  bool erased_ = false;  // old pages must leave the write-ahead log too
};

}  // namespace dragoman::sqlite
#endif  // DRAGOMAN_SRC_PROVIDERS_SQLITE_WRITER_H_
