// The vault over a store: one operation at a time, each a read, a decision, a transaction.
#ifndef DRAGOMAN_SRC_MEMORY_SEALED_VAULT_H_
#define DRAGOMAN_SRC_MEMORY_SEALED_VAULT_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/lifetime.h"
#include "dragoman/memory/vault.h"
#include "src/memory/key_ring.h"
#include "src/memory/live_secrets.h"
#include "src/memory/vault_codec.h"
#include "src/memory/witness.h"

namespace dragoman::memory {

class SealedVault : public Vault {
 public:
  SealedVault(VaultOptions options, VaultDependencies with, std::unique_ptr<MasterKeys> masters);
  // Before anything else: what OpenVault promises.
  void Begin(Ended done);

  void Put(std::string user, VaultValue value, Done<VaultEntry> done) override;
  void Reveal(std::string user, std::string handle, SecretSink to, Done<Secret> done) override;
  void List(std::string user, Done<std::vector<VaultEntry>> done) override;
  void Remove(std::string user, std::string record, Ended done) override;
  void RotateUserKey(std::string user, Done<std::int64_t> done) override;
  void RotateMasterKey(Done<std::int64_t> done) override;
  void RetireMasterKeys(Ended done) override;
  void Erase(std::string user, Ended done) override;
  void Readmit(std::string user, Ended done) override;
  void AcceptRestored(std::string user, Ended done) override;
  void Export(std::string user, Secret passphrase, Done<std::string> done) override;
  void Import(std::string user, std::string exported, Secret passphrase,
              Done<std::int64_t> done) override;
  void WatchSecrets(std::string user, Done<VaultSecrets> done) override;

 private:
  // What the store has of a user.
  struct UserRead {
    std::optional<UserKeyRecord> key;
    std::vector<VaultRecord> rows;  // with the list of rows
  };
  // The same, proven and open.
  struct OpenedUser {
    UserKeyRecord key;
    const LockedBytes* data_key = nullptr;
    RowList list;
    std::int64_t version = 0;  // of the list; rows have those of the list that first named them
  };
  // What an operation is called in the audit. Names become pseudonyms.
  struct Naming {
    std::string operation;
    std::string user = {};  // empty: none
    std::string item = {};
    std::string sink = {};
    std::string purpose = {};
  };
  template <typename Result>
  struct Plan {
    Result result = {};
    std::vector<Change> changes = {};
    std::optional<std::int64_t> seen = {};  // the list's version from now on
    bool alters = false;                    // gates must learn of it
  };
  // Holds the turn; when the last copy goes, the next operation begins.
  class Turn;
  using TurnHolder = std::shared_ptr<Turn>;
  using Operation = absl::AnyInvocable<void(TurnHolder)>;

  void Enqueue(Operation operation);
  void StartNext();
  void ReadUser(const std::string& user, std::optional<std::pair<std::string, std::string>> only,
                TurnHolder turn, absl::AnyInvocable<void(absl::StatusOr<UserRead>)> then);
  void Commit(std::vector<Change> changes, GoalStep step, TurnHolder turn, Ended then);
  GoalStep Audit(const Naming& naming, const absl::Status& result) const;
  void Refresh(const std::string& user, TurnHolder turn, absl::AnyInvocable<void()> then);
  // The shape of nearly every operation on a user.
  template <typename Result, typename Prepare>
  void Run(Naming naming, std::optional<std::pair<std::string, std::string>> only, Prepare prepare,
           Done<Result> done);
  template <typename Result>
  void Keep(const std::shared_ptr<Naming>& naming, Plan<Result> plan, TurnHolder turn,
            std::shared_ptr<Done<Result>> done);
  template <typename Result>
  void Fail(const std::shared_ptr<Naming>& naming, absl::Status why, TurnHolder turn,
            std::shared_ptr<Done<Result>> done);

  absl::StatusOr<OpenedUser> OpenUser(const std::string& user, const UserRead& read);
  absl::StatusOr<OpenedValue> OpenRow(const OpenedUser& opened, const VaultRecord& row) const;
  // Every row and no other.
  absl::StatusOr<std::vector<std::pair<VaultRecord, OpenedValue>>> OpenAll(
      const OpenedUser& opened, const UserRead& read) const;
  absl::StatusOr<OpenedUser> OpenOrMake(const std::string& user, const UserRead& read,
                                        std::vector<Change>& changes);
  absl::Status SealRow(OpenedUser& opened, VaultRecord row, std::string_view text,
                       std::vector<Change>& changes) const;
  absl::Status SealList(OpenedUser& opened, const std::string& user,
                        std::vector<Change>& changes) const;
  absl::StatusOr<Plan<VaultEntry>> PlanPut(const std::string& user, const VaultValue& value,
                                           const UserRead& read);
  absl::StatusOr<Plan<std::int64_t>> PlanRotation(const std::string& user, const UserRead& read);
  absl::StatusOr<Plan<std::string>> PlanExport(const std::string& user, const Secret& passphrase,
                                               const UserRead& read);
  absl::StatusOr<Plan<std::int64_t>> PlanImport(const std::string& user, std::string_view exported,
                                                const Secret& passphrase, const UserRead& read);
  void RewrapPage(std::string after, Done<std::int64_t> done);
  void LookForOldKeys(std::string after, TurnHolder turn, Ended done);
  void EraseAgain(std::vector<std::pair<std::string, std::int64_t>> left, Ended done);
  struct Survey;
  void Look(std::shared_ptr<Survey> survey, std::string after, Ended done);
  absl::Status Judge(const Survey& survey);
  void Settle(const std::shared_ptr<Survey>& survey, Ended done);

  WallTime Now() const { return with_.executor->WallNow(); }

  const VaultOptions options_;
  const VaultDependencies with_;
  KeyRing ring_;
  std::unique_ptr<WitnessFile> witness_;
  std::deque<Operation> waiting_;
  bool busy_ = false;
  std::map<std::string, std::weak_ptr<LiveSecrets>> live_;
  Lifetime lifetime_;
};

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_SEALED_VAULT_H_
