// Opening a vault, and what touches everybody's keys: the master key's rotation.
#include <algorithm>
#include <set>

#include "dragoman/conversation/vault_handle.h"
#include "dragoman/core/status.h"
#include "src/memory/durable_file.h"
#include "src/memory/key_store.h"
#include "src/memory/sealed_vault.h"
#include "src/memory/sealed_vault_run.h"

namespace dragoman {
namespace memory {
namespace {

constexpr int kPage = 64;

bool IsLive(const UserKeyRecord& key) { return !key.wrapped.empty(); }

}  // namespace

// What the store says of all keys, before anything is decided.
struct SealedVault::Survey {
  std::optional<UserKeyRecord> check;
  bool others = false;               // users' keys; a tombstone needs no vault
  bool old_versions = false;         // a rotation was cut short
  std::set<std::int64_t> missing;    // versions that are needed and not in the file
  std::set<std::string> still_dead;  // tombstones that hold
  bool witness_missing = false;
};

void SealedVault::Begin(Ended done) {
  auto survey = std::make_shared<Survey>();
  absl::StatusOr<std::unique_ptr<WitnessFile>> witness =
      WitnessFile::Load(options_.witness_file, ring_.masters().held().witness);
  if (witness.ok()) {
    witness_ = *std::move(witness);
  } else if (witness.status().code() == absl::StatusCode::kNotFound) {
    survey->witness_missing = true;
  } else {
    with_.executor->Post(
        lifetime_.Wrap([done = std::move(done), why = witness.status()]() mutable { done(why); }));
    return;
  }
  with_.executor->Post(lifetime_.Wrap(
      [this, survey, done = std::move(done)]() mutable { Look(survey, "", std::move(done)); }));
}

void SealedVault::Look(std::shared_ptr<Survey> survey, std::string after, Ended done_in) {
  auto page = std::make_shared<std::vector<UserKeyRecord>>();
  auto done = std::make_shared<Ended>(std::move(done_in));
  const absl::Status taken = with_.store->Read(
      [page, after](StoreView& view) -> absl::Status {
        DRAGOMAN_ASSIGN_OR_RETURN(*page, view.ListUserKeys(after, kPage));
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([this, survey, page, done](const absl::Status& read) {
        if (!read.ok()) return (*done)(read);
        const MasterKeys& masters = ring_.masters();
        for (const UserKeyRecord& key : *page) {
          if (key.user_id == kCheckUser) {
            survey->check = key;
          } else if (IsLive(key)) {
            survey->others = true;
          }
          const std::int64_t tombstone = witness_ ? witness_->Erased(key.user_id) : 0;
          if (!IsLive(key) || key.generation > tombstone) survey->still_dead.insert(key.user_id);
          if (!IsLive(key)) continue;
          if (masters.held().Find(key.master_version) == nullptr) {
            survey->missing.insert(key.master_version);
          }
          survey->old_versions = survey->old_versions || key.master_version < masters.current();
        }
        if (!page->empty()) return Look(survey, page->back().user_id, std::move(*done));
        const absl::Status judged = Judge(*survey);
        if (!judged.ok()) return (*done)(judged);
        Settle(survey, std::move(*done));
      }));
  if (!taken.ok()) (*done)(taken);
}

// Nothing was changed up to here, and nothing is if this says no.
absl::Status SealedVault::Judge(const Survey& survey) {
  const std::string& file = ring_.masters().path();
  if (survey.check && survey.missing.empty() && !ring_.Open(*survey.check).ok()) {
    return FailedPrecondition("the master keys in ", file,
                              " are not those of this database; restore the file that belongs to "
                              "it");
  }
  if (!survey.missing.empty()) {
    return FailedPrecondition("master key version ", *survey.missing.begin(),
                              " is needed and not in ", file,
                              "; restore the file that belongs to this database");
  }
  if (!survey.check && survey.others) {
    return FailedPrecondition(
        "the database holds users' keys and no check value beside them; "
        "expected both or none");
  }
  if (survey.witness_missing && survey.check && !options_.accept_missing_witness) {
    return FailedPrecondition("the witness file ", options_.witness_file,
                              " is missing; restore it, or accept that it is lost: then erasures "
                              "and the newest versions are not known any more");
  }
  return absl::OkStatus();
}

void SealedVault::Settle(const std::shared_ptr<Survey>& survey, Ended done_in) {
  auto done = std::make_shared<Ended>(std::move(done_in));
  if (witness_ == nullptr) {
    absl::Status made = WitnessFile::Create(options_.witness_file);
    if (made.ok()) {
      auto loaded = WitnessFile::Load(options_.witness_file, ring_.masters().held().witness);
      made = loaded.status();
      if (loaded.ok()) witness_ = *std::move(loaded);
    }
    if (!made.ok()) return (*done)(made);
  }
  std::vector<std::pair<std::string, std::int64_t>> alive;
  for (const auto& [user, generation] : witness_->erased()) {
    if (!survey->still_dead.contains(user)) alive.emplace_back(user, generation);
  }
  std::vector<Change> changes;
  if (!survey->check) {
    absl::StatusOr<UserKeyRecord> check = ring_.Make(std::string(kCheckUser), 1);
    if (!check.ok()) return (*done)(check.status());
    changes.emplace_back(*std::move(check));
  }
  Naming naming{.operation = changes.empty() ? "open" : "open-first"};
  Commit(std::move(changes), Audit(naming, absl::OkStatus()), nullptr,
         [this, survey, alive, done](const absl::Status& kept) {
           if (!kept.ok()) return (*done)(kept);
           EraseAgain(alive, [this, survey, done](const absl::Status& erased) {
             if (!erased.ok() || !survey->old_versions) return (*done)(erased);
             RewrapPage("", [done](const absl::StatusOr<std::int64_t>& rewrapped) {
               (*done)(rewrapped.status());
             });
           });
         });
}

// A backup from before an erasure was restored: what the tombstones name goes again.
void SealedVault::EraseAgain(std::vector<std::pair<std::string, std::int64_t>> left, Ended done) {
  if (left.empty()) return done(absl::OkStatus());
  const std::string user = left.back().first;
  left.pop_back();
  Naming naming{.operation = "erase-again", .user = user};
  Commit(
      {EraseUser{.user_id = user}}, Audit(naming, absl::OkStatus()), nullptr,
      [this, left = std::move(left), done = std::move(done)](const absl::Status& erased) mutable {
        if (!erased.ok()) return done(erased);
        EraseAgain(std::move(left), std::move(done));
      });
}

void SealedVault::RotateMasterKey(Done<std::int64_t> done_in) {
  auto done = std::make_shared<Done<std::int64_t>>(std::move(done_in));
  Enqueue([this, done](TurnHolder turn) {
    // Durable beside the old one before any key is wrapped by it.
    const absl::Status added = ring_.masters().Add(*with_.random);
    Commit({}, Audit({.operation = "rotate-master"}, added), turn,
           [this, done, added](const absl::Status& kept) {
             if (!added.ok() || !kept.ok()) return (*done)(added.ok() ? kept : added);
             RewrapPage("", std::move(*done));
           });
  });
}

// One turn for each page, so that others have theirs in between. What is on disk is readable at any
// moment: the file has both versions, and each key names its own.
void SealedVault::RewrapPage(std::string after, Done<std::int64_t> done_in) {
  auto done = std::make_shared<Done<std::int64_t>>(std::move(done_in));
  Enqueue([this, after = std::move(after), done](TurnHolder turn) {
    auto page = std::make_shared<std::vector<UserKeyRecord>>();
    const absl::Status taken = with_.store->Read(
        [page, after](StoreView& view) -> absl::Status {
          DRAGOMAN_ASSIGN_OR_RETURN(*page, view.ListUserKeys(after, kPage));
          return absl::OkStatus();
        },
        *with_.executor, lifetime_.Wrap([this, page, done, turn](const absl::Status& read) {
          if (!read.ok()) return (*done)(read);
          if (page->empty()) return (*done)(ring_.masters().current());
          std::vector<Change> changes;
          absl::Status worst;
          Naming naming{.operation = "rewrap"};
          for (const UserKeyRecord& key : *page) {
            if (!IsLive(key) || key.master_version == ring_.masters().current()) continue;
            absl::StatusOr<UserKeyRecord> wrapped = ring_.Rewrap(key);
            if (wrapped.ok()) {
              changes.emplace_back(*std::move(wrapped));
            } else {  // stays as it is; its owner learns it at the next use, the audit now
              worst = wrapped.status();
              naming.user = key.user_id;
            }
          }
          const std::string last = page->back().user_id;
          Commit(std::move(changes), Audit(naming, worst), turn,
                 [this, last, done](const absl::Status& kept) {
                   if (!kept.ok()) return (*done)(kept);
                   RewrapPage(last, std::move(*done));
                 });
        }));
    if (!taken.ok()) (*done)(taken);
  });
}

void SealedVault::RetireMasterKeys(Ended done_in) {
  auto done = std::make_shared<Ended>(std::move(done_in));
  Enqueue([this, done](TurnHolder turn) {
    LookForOldKeys("", turn, [this, done, turn](const absl::Status& looked) {
      Commit({}, Audit({.operation = "retire-master"}, looked), turn,
             [this, done, looked](const absl::Status& kept) {
               if (!looked.ok() || !kept.ok()) return (*done)(looked.ok() ? kept : looked);
               (*done)(ring_.masters().RetireOld());
             });
    });
  });
}

void SealedVault::LookForOldKeys(std::string after, TurnHolder turn, Ended done_in) {
  auto page = std::make_shared<std::vector<UserKeyRecord>>();
  auto done = std::make_shared<Ended>(std::move(done_in));
  const absl::Status taken = with_.store->Read(
      [page, after](StoreView& view) -> absl::Status {
        DRAGOMAN_ASSIGN_OR_RETURN(*page, view.ListUserKeys(after, kPage));
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([this, page, done, turn](const absl::Status& read) {
        if (!read.ok()) return (*done)(read);
        for (const UserKeyRecord& key : *page) {
          if (IsLive(key) && key.master_version < ring_.masters().current()) {
            return (*done)(FailedPrecondition("a user's key still needs master key version ",
                                              key.master_version,
                                              "; rotate to the end before retiring"));
          }
        }
        if (page->empty()) return (*done)(absl::OkStatus());
        LookForOldKeys(page->back().user_id, turn, std::move(*done));
      }));
  if (!taken.ok()) (*done)(taken);
}

}  // namespace memory

namespace {

absl::Status CheckAll(const VaultOptions& options, const VaultDependencies& with) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  if (with.store == nullptr || with.random == nullptr) {
    return InvalidArgument("vault: ", with.store == nullptr ? "store" : "random", " is null");
  }
  return absl::OkStatus();
}

absl::Status NoKeyFile(const std::string& path) {
  return FailedPrecondition("the master key file ", path,
                            " is missing; restore it, or make one for a new vault with "
                            "'dragoman vault init'");
}

}  // namespace

absl::Status VaultOptions::Validate() const {
  if (tenant.empty() || tenant.size() > kMaxKeyBytes) {
    return InvalidArgument("tenant has ", tenant.size(), " bytes; expected 1 to ", kMaxKeyBytes);
  }
  if (key_file.empty()) return InvalidArgument("key_file is empty; expected a path");
  if (witness_file.empty()) return InvalidArgument("witness_file is empty; expected a path");
  return absl::OkStatus();
}

absl::StatusOr<bool> HasVault(StoreView& view) {
  std::string after;
  while (true) {
    DRAGOMAN_ASSIGN_OR_RETURN(const auto keys, view.ListUserKeys(after, 256));
    for (const UserKeyRecord& key : keys) {
      if (!key.wrapped.empty()) return true;
    }
    if (keys.empty()) return false;
    after = keys.back().user_id;
  }
}

void InitVault(const VaultOptions& options, const VaultDependencies& with, Vault::Ended done_in) {
  auto done = std::make_shared<Vault::Ended>(std::move(done_in));
  const auto answer = [executor = with.executor, done](absl::Status status) {
    executor->Post([done, status] { (*done)(status); });
  };
  if (const absl::Status checked = CheckAll(options, with); !checked.ok()) return answer(checked);
  auto has_keys = std::make_shared<bool>(false);
  const absl::Status taken = with.store->Read(
      [has_keys](StoreView& view) -> absl::Status {
        DRAGOMAN_ASSIGN_OR_RETURN(*has_keys, HasVault(view));
        return absl::OkStatus();
      },
      *with.executor,
      [done, has_keys, options, random = with.random](const absl::Status& read) {
        if (!read.ok()) return (*done)(read);
        const auto there = MasterKeys::Load(options.key_file);
        if (there.status().code() != absl::StatusCode::kNotFound) {
          return (*done)(
              MakeStatus(absl::StatusCode::kAlreadyExists, StrCat(options.key_file,
                                                                  " is there already; nothing was "
                                                                  "changed")));
        }
        if (*has_keys) {
          return (*done)(FailedPrecondition(
              "this database has a vault, and its key file ", options.key_file,
              " is missing; restore that file: a new one could not open anything"));
        }
        (*done)(MasterKeys::Create(options.key_file, *random));
      });
  if (!taken.ok()) answer(taken);
}

void OpenVault(const VaultOptions& options, const VaultDependencies& with,
               Vault::Done<std::unique_ptr<Vault>> done_in) {
  auto done = std::make_shared<Vault::Done<std::unique_ptr<Vault>>>(std::move(done_in));
  const absl::Status checked = CheckAll(options, with);
  absl::StatusOr<std::unique_ptr<MasterKeys>> masters =
      checked.ok() ? MasterKeys::Load(options.key_file)
                   : absl::StatusOr<std::unique_ptr<MasterKeys>>(checked);
  if (!masters.ok()) {
    absl::Status why = masters.status();
    if (checked.ok() && why.code() == absl::StatusCode::kNotFound)
      why = NoKeyFile(options.key_file);
    with.executor->Post([done, why] { (*done)(why); });
    return;
  }
  auto vault = std::make_shared<std::unique_ptr<memory::SealedVault>>(
      std::make_unique<memory::SealedVault>(options, with, *std::move(masters)));
  memory::SealedVault& opening = **vault;
  opening.Begin([vault, done](const absl::Status& begun) mutable {
    std::unique_ptr<Vault> opened = std::move(*vault);
    if (!begun.ok()) return (*done)(begun);
    (*done)(std::move(opened));
  });
}

std::unique_ptr<SecretSource> MakeSecretSource(Vault& vault) {
  class VaultSource : public SecretSource {
   public:
    explicit VaultSource(Vault& vault) : vault_(vault) {}
    void Reveal(const std::string& user, const std::string& handle, const std::string& sink,
                const std::string& purpose, Revealed done) override {
      vault_.Reveal(user, StrCat("vault:", BareHandle(handle)), {.sink = sink, .purpose = purpose},
                    std::move(done));
    }

   private:
    Vault& vault_;
  };
  return std::make_unique<VaultSource>(vault);
}

}  // namespace dragoman
