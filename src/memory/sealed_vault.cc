#include "src/memory/sealed_vault.h"

#include <algorithm>
#include <set>

#include "dragoman/core/status.h"
#include "dragoman/store/digest.h"
#include "src/memory/sealed_vault_run.h"
#include "src/memory/sealing.h"
#include "src/memory/vault_rules.h"

namespace dragoman::memory {
namespace {

constexpr std::size_t kLeastPassphrase = 12;

VaultEntry EntryOf(const VaultRecord& row, const OpenedValue& value) {
  return {.handle = MakeVaultHandle(row.record, row.field),
          .kind = value.kind,
          .confidentiality = value.confidentiality,
          .sinks = value.sinks,
          .version = row.version,
          .created = value.created,
          .updated = row.updated};
}

absl::Status NoHandle(std::string_view handle) {
  return NotFound("no ", handle.substr(0, 160), " in the vault");
}

absl::Status CheckPassphrase(const Secret& passphrase) {
  if (passphrase.Reveal().size() >= kLeastPassphrase) return absl::OkStatus();
  return InvalidArgument("the passphrase has ", passphrase.Reveal().size(),
                         " bytes; expected at least ", kLeastPassphrase);
}

}  // namespace

// --- turns -------------------------------------------------------------------------------------

class SealedVault::Turn {
 public:
  Turn(Executor& executor, Task next) : executor_(executor), next_(std::move(next)) {}
  ~Turn() { executor_.Post(std::move(next_)); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Executor& executor_;
  Task next_;
};

SealedVault::SealedVault(VaultOptions options, VaultDependencies with,
                         std::unique_ptr<MasterKeys> masters)
    : options_(std::move(options)),
      with_(with),
      ring_(options_.tenant, std::move(masters), *with.random) {}

void SealedVault::Enqueue(Operation operation) {
  waiting_.push_back(std::move(operation));
  if (busy_) return;
  busy_ = true;
  with_.executor->Post(lifetime_.Wrap([this] { StartNext(); }));
}

void SealedVault::StartNext() {
  if (waiting_.empty()) {
    busy_ = false;
    return;
  }
  Operation operation = std::move(waiting_.front());
  waiting_.pop_front();
  operation(std::make_shared<Turn>(*with_.executor, lifetime_.Wrap([this] { StartNext(); })));
}

void SealedVault::ReadUser(const std::string& user,
                           std::optional<std::pair<std::string, std::string>> only, TurnHolder turn,
                           absl::AnyInvocable<void(absl::StatusOr<UserRead>)> then_in) {
  auto found = std::make_shared<UserRead>();
  auto then = std::make_shared<decltype(then_in)>(std::move(then_in));
  const absl::Status taken = with_.store->Read(
      [found, user, only](StoreView& view) -> absl::Status {
        DRAGOMAN_ASSIGN_OR_RETURN(found->key, view.FindUserKey(user));
        if (!only) {
          DRAGOMAN_ASSIGN_OR_RETURN(found->rows, view.ListVault(user));
          return absl::OkStatus();
        }
        for (const auto& [record, field] :
             {*only, std::pair<std::string, std::string>{kManifestRecord, kManifestField}}) {
          DRAGOMAN_ASSIGN_OR_RETURN(std::optional<VaultRecord> row,
                                    view.FindVault(user, record, field));
          if (row) found->rows.push_back(*std::move(row));
        }
        return absl::OkStatus();
      },
      *with_.executor, lifetime_.Wrap([found, then, turn](const absl::Status& read) {
        if (!read.ok()) return (*then)(read);
        (*then)(std::move(*found));
      }));
  if (!taken.ok()) (*then)(taken);
}

void SealedVault::Commit(std::vector<Change> changes, GoalStep step, TurnHolder turn,
                         Ended then_in) {
  StoreTransaction transaction;
  transaction.changes = std::move(changes);
  transaction.steps.push_back(std::move(step));
  auto then = std::make_shared<Ended>(std::move(then_in));
  const absl::Status taken =
      with_.store->Commit(std::move(transaction), *with_.executor,
                          lifetime_.Wrap([then, turn](const absl::StatusOr<Committed>& committed) {
                            (*then)(committed.status());
                          }));
  if (!taken.ok()) (*then)(taken);
}

GoalStep SealedVault::Audit(const Naming& naming, const absl::Status& result) const {
  std::string_view ending = "";
  if (result.code() == absl::StatusCode::kDataLoss) {
    ending = " alarm";
  } else if (result.code() == absl::StatusCode::kPermissionDenied) {
    ending = " refused";
  } else if (!result.ok()) {
    ending = " failed";
  }
  std::string delta;
  const auto add = [&](std::string_view name, std::string_view text) {
    delta += StrCat(delta.empty() ? "" : " ", name, "=", text);
  };
  add("operation", naming.operation);
  if (!naming.user.empty()) add("user", ring_.Pseudonym("u", naming.user, ""));
  if (!naming.item.empty()) add("item", ring_.Pseudonym("i", naming.user, naming.item));
  if (!naming.sink.empty()) add("sink", ring_.Pseudonym("s", naming.user, naming.sink));
  // A purpose that is none could be anything that somebody typed.
  if (CheckSink({.sink = "tel:+0000", .purpose = naming.purpose}).ok()) {
    add("purpose", naming.purpose);
  }
  if (!result.ok()) add("code", ToStd(absl::StatusCodeToString(result.code())));
  const std::string action = result.code() == absl::StatusCode::kDataLoss
                                 ? "vault alarm"
                                 : StrCat("vault ", naming.operation, ending);
  return {.at = Now(), .actor = options_.actor, .action = action, .delta = delta};
}

// --- what was read, proven ---------------------------------------------------------------------

absl::StatusOr<SealedVault::OpenedUser> SealedVault::OpenUser(const std::string& user,
                                                              const UserRead& read) {
  const std::int64_t tombstone = witness_->Erased(user);
  const bool destroyed =
      read.key ? read.key->wrapped.empty() || read.key->generation <= tombstone : tombstone > 0;
  if (destroyed) {
    return FailedPrecondition("this user was erased; nothing is kept until Readmit");
  }
  if (!read.key && witness_->Seen(user) > 0) {
    return DataLoss("the user's rows are gone: the database is older than the witness file");
  }
  if (!read.key) return NotFound("the vault has nothing of this user");
  OpenedUser opened;
  opened.key = *read.key;
  DRAGOMAN_ASSIGN_OR_RETURN(opened.data_key, ring_.Open(*read.key));
  for (const VaultRecord& row : read.rows) {
    if (row.record != kManifestRecord) continue;
    if (row.key_generation != opened.key.generation || row.field != kManifestField) {
      return DataLoss("the list of the user's rows is of another key");
    }
    DRAGOMAN_ASSIGN_OR_RETURN(const LockedBytes text, Unseal(*opened.data_key, row.sealed,
                                                             RowBinding(options_.tenant, row)));
    DRAGOMAN_ASSIGN_OR_RETURN(opened.list, DecodeRows(text.view()));
    opened.version = row.version;
    if (opened.version < witness_->Seen(user)) {
      return DataLoss("the user's rows were set back to version ", opened.version, " of ",
                      witness_->Seen(user), "; if a backup is meant, accept it by name");
    }
    return opened;
  }
  return DataLoss("the list of the user's rows is missing");
}

absl::StatusOr<OpenedValue> SealedVault::OpenRow(const OpenedUser& opened,
                                                 const VaultRecord& row) const {
  const auto listed = opened.list.rows.find({row.record, row.field});
  if (listed == opened.list.rows.end() || row.key_generation != opened.key.generation ||
      listed->second != ListedRow{.version = row.version, .digest = Sha256Bytes({row.sealed})}) {
    return DataLoss("a row is not the one that was put last: older, swapped or altered");
  }
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes text,
                            Unseal(*opened.data_key, row.sealed, RowBinding(options_.tenant, row)));
  return DecodeValue(std::move(text));
}

absl::StatusOr<std::vector<std::pair<VaultRecord, OpenedValue>>> SealedVault::OpenAll(
    const OpenedUser& opened, const UserRead& read) const {
  std::vector<std::pair<VaultRecord, OpenedValue>> all;
  for (const VaultRecord& row : read.rows) {
    if (row.record == kManifestRecord) continue;
    absl::StatusOr<OpenedValue> value = OpenRow(opened, row);
    if (!value.ok()) return Annotate(value.status(), MakeVaultHandle(row.record, row.field));
    all.emplace_back(row, *std::move(value));
  }
  if (all.size() != opened.list.rows.size()) {
    return DataLoss(opened.list.rows.size() - all.size(), " of the user's rows are missing");
  }
  return all;
}

// --- writing -----------------------------------------------------------------------------------

absl::StatusOr<SealedVault::OpenedUser> SealedVault::OpenOrMake(const std::string& user,
                                                                const UserRead& read,
                                                                std::vector<Change>& changes) {
  absl::StatusOr<OpenedUser> opened = OpenUser(user, read);
  if (opened.status().code() != absl::StatusCode::kNotFound) return opened;
  OpenedUser made;
  DRAGOMAN_ASSIGN_OR_RETURN(made.key, ring_.Make(user, 1));
  DRAGOMAN_ASSIGN_OR_RETURN(made.data_key, ring_.Open(made.key));
  changes.emplace_back(made.key);
  return made;
}

absl::Status SealedVault::SealRow(OpenedUser& opened, VaultRecord row, std::string_view text,
                                  std::vector<Change>& changes) const {
  row.version = opened.version;
  row.key_generation = opened.key.generation;
  row.updated = row.updated == WallTime{} ? Now() : row.updated;
  DRAGOMAN_ASSIGN_OR_RETURN(
      row.sealed, Seal(*opened.data_key, text, RowBinding(options_.tenant, row), *with_.random));
  opened.list.rows[{row.record, row.field}] = {.version = row.version,
                                               .digest = Sha256Bytes({row.sealed})};
  changes.emplace_back(std::move(row));
  return absl::OkStatus();
}

absl::Status SealedVault::SealList(OpenedUser& opened, const std::string& user,
                                   std::vector<Change>& changes) const {
  VaultRecord row{.user_id = user,
                  .record = std::string(kManifestRecord),
                  .field = std::string(kManifestField),
                  .version = opened.version,
                  .key_generation = opened.key.generation,
                  .updated = Now()};
  DRAGOMAN_ASSIGN_OR_RETURN(row.sealed, Seal(*opened.data_key, EncodeRows(opened.list),
                                             RowBinding(options_.tenant, row), *with_.random));
  changes.emplace_back(std::move(row));
  return absl::OkStatus();
}

absl::StatusOr<SealedVault::Plan<VaultEntry>> SealedVault::PlanPut(const std::string& user,
                                                                   const VaultValue& value,
                                                                   const UserRead& read) {
  DRAGOMAN_RETURN_IF_ERROR(value.Validate());
  Plan<VaultEntry> plan{.alters = true};
  DRAGOMAN_ASSIGN_OR_RETURN(OpenedUser opened, OpenOrMake(user, read, plan.changes));
  const bool could_be_code = CouldBeCardCode(value.value.Reveal());
  WallTime created = Now();
  for (const VaultRecord& row : read.rows) {
    if (row.record != value.record) continue;
    DRAGOMAN_ASSIGN_OR_RETURN(const OpenedValue other, OpenRow(opened, row));
    if (row.field == value.field) {
      created = other.created;
    } else {
      DRAGOMAN_RETURN_IF_ERROR(
          CheckNeighbour(value.kind, could_be_code, other.kind, CouldBeCardCode(other.value)));
    }
  }
  if (!opened.list.rows.contains({value.record, value.field}) &&
      opened.list.rows.size() >= kMaxVaultFields) {
    return ResourceExhausted("the vault has ", opened.list.rows.size(),
                             " values of this user; at most ", kMaxVaultFields);
  }
  ++opened.version;
  DRAGOMAN_ASSIGN_OR_RETURN(const LockedBytes text, EncodeValue(value, created));
  const WallTime now = Now();
  DRAGOMAN_RETURN_IF_ERROR(SealRow(
      opened, {.user_id = user, .record = value.record, .field = value.field, .updated = now},
      text.view(), plan.changes));
  DRAGOMAN_RETURN_IF_ERROR(SealList(opened, user, plan.changes));
  plan.seen = opened.version;
  plan.result = {.handle = MakeVaultHandle(value.record, value.field),
                 .kind = value.kind,
                 .confidentiality = value.confidentiality,
                 .sinks = value.sinks,
                 .version = opened.version,
                 .created = created,
                 .updated = now};
  return plan;
}

void SealedVault::Put(std::string user, VaultValue value, Done<VaultEntry> done) {
  auto kept = std::make_shared<VaultValue>(std::move(value));
  Naming naming{
      .operation = "put", .user = user, .item = MakeVaultHandle(kept->record, kept->field)};
  Run<VaultEntry>(
      std::move(naming), std::nullopt,
      [this, user, kept](const UserRead& read) { return PlanPut(user, *kept, read); },
      std::move(done));
}

// --- reading -----------------------------------------------------------------------------------

void SealedVault::Reveal(std::string user, std::string handle, SecretSink to, Done<Secret> done) {
  const auto name = SplitHandle(handle);
  Naming naming{
      .operation = "reveal", .user = user, .item = handle, .sink = to.sink, .purpose = to.purpose};
  Run<Secret>(
      std::move(naming), name.value_or(std::pair<std::string, std::string>()),
      [this, user, handle, name, to](const UserRead& read) -> absl::StatusOr<Plan<Secret>> {
        if (!name) return InvalidArgument("this is no handle; expected vault:<record>/<field>");
        DRAGOMAN_ASSIGN_OR_RETURN(const OpenedUser opened, OpenUser(user, read));
        const auto row =
            std::find_if(read.rows.begin(), read.rows.end(),
                         [&](const VaultRecord& one) { return one.record == name->first; });
        const bool listed = opened.list.rows.contains(*name);
        if (row == read.rows.end() && listed) {
          return DataLoss("the row of ", handle, " is missing");
        }
        if (row == read.rows.end()) return NoHandle(handle);
        DRAGOMAN_ASSIGN_OR_RETURN(const OpenedValue value, OpenRow(opened, *row));
        if (std::find(value.sinks.begin(), value.sinks.end(), to) == value.sinks.end()) {
          return MakeStatus(absl::StatusCode::kPermissionDenied,
                            StrCat(handle, " was not put in for this sink and purpose"));
        }
        return Plan<Secret>{.result = Secret(std::string(value.value))};
      },
      std::move(done));
}

void SealedVault::List(std::string user, Done<std::vector<VaultEntry>> done) {
  Run<std::vector<VaultEntry>>(
      {.operation = "list", .user = user}, std::nullopt,
      [this, user](const UserRead& read) -> absl::StatusOr<Plan<std::vector<VaultEntry>>> {
        Plan<std::vector<VaultEntry>> plan;
        absl::StatusOr<OpenedUser> opened = OpenUser(user, read);
        if (opened.status().code() == absl::StatusCode::kNotFound) return plan;  // nothing yet
        if (!opened.ok()) return opened.status();
        DRAGOMAN_ASSIGN_OR_RETURN(const auto all, OpenAll(*opened, read));
        for (const auto& [row, value] : all) plan.result.push_back(EntryOf(row, value));
        std::sort(plan.result.begin(), plan.result.end(),
                  [](const VaultEntry& a, const VaultEntry& b) { return a.handle < b.handle; });
        return plan;
      },
      std::move(done));
}

void SealedVault::Remove(std::string user, std::string record, Ended done) {
  Run<int>(
      {.operation = "remove", .user = user, .item = record}, std::nullopt,
      [this, user, record](const UserRead& read) -> absl::StatusOr<Plan<int>> {
        if (!IsVaultName(record)) return InvalidArgument("record is no name");
        DRAGOMAN_ASSIGN_OR_RETURN(OpenedUser opened, OpenUser(user, read));
        const std::size_t erased = std::erase_if(
            opened.list.rows, [&](const auto& row) { return row.first.first == record; });
        if (erased == 0) return NoHandle(StrCat("vault:", record, "/..."));
        Plan<int> plan{.alters = true};
        ++opened.version;
        plan.changes.emplace_back(
            DeleteRecord{.kind = DeletableKind::kVaultRecord, .user_id = user, .id = record});
        DRAGOMAN_RETURN_IF_ERROR(SealList(opened, user, plan.changes));
        plan.seen = opened.version;
        return plan;
      },
      [done = std::move(done)](const absl::StatusOr<int>& removed) mutable {
        done(removed.status());
      });
}

void SealedVault::WatchSecrets(std::string user, Done<VaultSecrets> done) {
  auto live = std::make_shared<LiveSecrets>();
  if (const auto watched = live_[user].lock()) live = watched;
  live_[user] = live;
  Run<VaultSecrets>(
      {.operation = "watch", .user = user}, std::nullopt,
      [live](const UserRead&) -> absl::StatusOr<Plan<VaultSecrets>> {
        return Plan<VaultSecrets>{.result = {.grants = live, .matcher = live}, .alters = true};
      },
      std::move(done));
}

// Reads everything of a user whom a gate watches, and gives it to that gate. Rows that do not open
// leave no grant; what was known before is still recognised in speech.
void SealedVault::Refresh(const std::string& user, TurnHolder turn,
                          absl::AnyInvocable<void()> then) {
  const auto found = live_.find(user);
  const auto live = found == live_.end() ? nullptr : found->second.lock();
  if (live == nullptr) {
    if (found != live_.end()) live_.erase(found);
    return then();
  }
  ReadUser(user, std::nullopt, turn,
           [this, user, live, then = std::move(then)](absl::StatusOr<UserRead> read) mutable {
             absl::StatusOr<OpenedUser> opened =
                 read.ok() ? OpenUser(user, *read) : absl::StatusOr<OpenedUser>(read.status());
             const bool nothing = opened.status().code() == absl::StatusCode::kNotFound;
             if (!opened.ok() && !nothing) {
               live->Revoke();
               return then();
             }
             std::map<std::string, std::vector<SecretSink>, std::less<>> sinks;
             std::vector<SecretValue> values;
             bool whole = true;
             if (opened.ok()) {
               auto all = OpenAll(*opened, *read);
               whole = all.ok();
               for (std::size_t i = 0; whole && i < all->size(); ++i) {
                 const auto& [row, value] = (*all)[i];
                 const std::string handle = MakeVaultHandle(row.record, row.field);
                 sinks[handle] = value.sinks;
                 values.push_back({.handle = handle, .value = Secret(std::string(value.value))});
               }
             }
             whole ? live->Set(std::move(sinks), std::move(values)) : live->Revoke();
             then();
           });
}

// --- keys and lives ----------------------------------------------------------------------------

absl::StatusOr<SealedVault::Plan<std::int64_t>> SealedVault::PlanRotation(const std::string& user,
                                                                          const UserRead& read) {
  DRAGOMAN_ASSIGN_OR_RETURN(OpenedUser opened, OpenUser(user, read));
  DRAGOMAN_ASSIGN_OR_RETURN(const auto all, OpenAll(opened, read));
  Plan<std::int64_t> plan;
  OpenedUser next{.version = opened.version + 1};
  DRAGOMAN_ASSIGN_OR_RETURN(next.key, ring_.Make(user, opened.key.generation + 1));
  DRAGOMAN_ASSIGN_OR_RETURN(next.data_key, ring_.Open(next.key));
  plan.changes.emplace_back(next.key);
  for (const auto& [row, value] : all) {
    DRAGOMAN_RETURN_IF_ERROR(SealRow(next, row, value.text.view(), plan.changes));
  }
  DRAGOMAN_RETURN_IF_ERROR(SealList(next, user, plan.changes));
  plan.seen = next.version;
  plan.result = next.key.generation;
  return plan;
}

void SealedVault::RotateUserKey(std::string user, Done<std::int64_t> done) {
  Run<std::int64_t>(
      {.operation = "rotate-key", .user = user}, std::nullopt,
      [this, user](const UserRead& read) { return PlanRotation(user, read); }, std::move(done));
}

void SealedVault::Erase(std::string user, Ended done) {
  Run<int>(
      {.operation = "erase", .user = user}, std::nullopt,
      [this, user](const UserRead& read) -> absl::StatusOr<Plan<int>> {
        // Outside the database first: killed in between, opening the vault ends the erasure.
        const std::int64_t generation = read.key ? read.key->generation : 1;
        DRAGOMAN_RETURN_IF_ERROR(witness_->NoteErased(user, generation));
        ring_.Forget(user);
        if (const auto live = live_[user].lock()) live->Set({}, {});
        live_.erase(user);
        return Plan<int>{.changes = {EraseUser{.user_id = user}}};
      },
      [done = std::move(done)](const absl::StatusOr<int>& erased) mutable {
        done(erased.status());
      });
}

void SealedVault::Readmit(std::string user, Ended done) {
  Run<int>(
      {.operation = "readmit", .user = user}, std::nullopt,
      [this, user](const UserRead& read) -> absl::StatusOr<Plan<int>> {
        if (!read.key || !read.key->wrapped.empty()) {
          return FailedPrecondition("this user was not erased");
        }
        const std::int64_t generation = std::max(read.key->generation, witness_->Erased(user)) + 1;
        Plan<int> plan;
        OpenedUser next{.version = witness_->Seen(user) + 1};
        DRAGOMAN_ASSIGN_OR_RETURN(next.key, ring_.Make(user, generation));
        DRAGOMAN_ASSIGN_OR_RETURN(next.data_key, ring_.Open(next.key));
        plan.changes.emplace_back(next.key);
        DRAGOMAN_RETURN_IF_ERROR(SealList(next, user, plan.changes));
        plan.seen = next.version;
        return plan;
      },
      [done = std::move(done)](const absl::StatusOr<int>& back) mutable { done(back.status()); });
}

void SealedVault::AcceptRestored(std::string user, Ended done) {
  Run<int>(
      {.operation = "accept-restored", .user = user}, std::nullopt,
      [this, user](const UserRead& read) -> absl::StatusOr<Plan<int>> {
        // Checked against what the rows say of themselves only.
        const std::int64_t seen = witness_->Seen(user);
        std::int64_t version = 0;
        for (const VaultRecord& row : read.rows) {
          if (row.record == kManifestRecord) version = row.version;
        }
        if (version >= seen) return FailedPrecondition("the user's rows were not set back");
        DRAGOMAN_RETURN_IF_ERROR(witness_->NoteSeen(user, version));
        const absl::StatusOr<OpenedUser> opened = OpenUser(user, read);
        const bool empty = opened.status().code() == absl::StatusCode::kNotFound;
        const absl::Status proven = !opened.ok() ? (empty ? absl::OkStatus() : opened.status())
                                                 : OpenAll(*opened, read).status();
        if (!proven.ok()) {
          DRAGOMAN_RETURN_IF_ERROR(witness_->NoteSeen(user, seen));
          return proven;
        }
        return Plan<int>{.alters = true};
      },
      [done = std::move(done)](const absl::StatusOr<int>& kept) mutable { done(kept.status()); });
}

// --- export ------------------------------------------------------------------------------------

absl::StatusOr<SealedVault::Plan<std::string>> SealedVault::PlanExport(const std::string& user,
                                                                       const Secret& passphrase,
                                                                       const UserRead& read) {
  DRAGOMAN_RETURN_IF_ERROR(CheckPassphrase(passphrase));
  DRAGOMAN_ASSIGN_OR_RETURN(const OpenedUser opened, OpenUser(user, read));
  DRAGOMAN_ASSIGN_OR_RETURN(const auto all, OpenAll(opened, read));
  std::vector<ExportedRow> rows;
  for (const auto& [row, value] : all) {
    rows.push_back({.record = row.record, .field = row.field, .value = value.text.view()});
  }
  DRAGOMAN_ASSIGN_OR_RETURN(const LockedBytes text, EncodeExport(rows));
  DRAGOMAN_ASSIGN_OR_RETURN(const LockedBytes salt,
                            LockedBytes::MakeRandom(kSaltBytes, *with_.random));
  const std::string head = ExportHead(salt.view());
  DRAGOMAN_ASSIGN_OR_RETURN(const LockedBytes key,
                            KeyFromPassphrase(passphrase.Reveal(), salt.view()));
  DRAGOMAN_ASSIGN_OR_RETURN(const std::string sealed, Seal(key, text.view(), head, *with_.random));
  return Plan<std::string>{.result = head + sealed};
}

void SealedVault::Export(std::string user, Secret passphrase, Done<std::string> done) {
  Run<std::string>(
      {.operation = "export", .user = user}, std::nullopt,
      [this, user, passphrase = std::move(passphrase)](const UserRead& read) {
        return PlanExport(user, passphrase, read);
      },
      std::move(done));
}

absl::StatusOr<SealedVault::Plan<std::int64_t>> SealedVault::PlanImport(const std::string& user,
                                                                        std::string_view exported,
                                                                        const Secret& passphrase,
                                                                        const UserRead& read) {
  DRAGOMAN_RETURN_IF_ERROR(CheckPassphrase(passphrase));
  DRAGOMAN_ASSIGN_OR_RETURN(const auto parts, SplitExport(exported));
  DRAGOMAN_ASSIGN_OR_RETURN(const LockedBytes key,
                            KeyFromPassphrase(passphrase.Reveal(), parts.first));
  absl::StatusOr<LockedBytes> text = Unseal(key, parts.second, ExportHead(parts.first));
  if (!text.ok()) return DataLoss("the export is altered, or has another passphrase");
  DRAGOMAN_ASSIGN_OR_RETURN(const std::vector<ExportedRow> rows, DecodeExport(text->view()));
  Plan<std::int64_t> plan{.alters = true};
  DRAGOMAN_ASSIGN_OR_RETURN(OpenedUser opened, OpenOrMake(user, read, plan.changes));
  ++opened.version;
  for (const ExportedRow& row : rows) {
    const std::string handle = MakeVaultHandle(row.record, row.field);
    DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes bytes, LockedBytes::CopyOf(row.value));
    DRAGOMAN_ASSIGN_OR_RETURN(const OpenedValue value, DecodeValue(std::move(bytes)));
    const VaultValue checked{.record = row.record,
                             .field = row.field,
                             .kind = value.kind,
                             .confidentiality = value.confidentiality,
                             .value = Secret(std::string(value.value)),
                             .sinks = value.sinks};
    DRAGOMAN_RETURN_IF_ERROR(Annotate(checked.Validate(), handle));
    if (opened.list.rows.contains({row.record, row.field})) {
      return MakeStatus(absl::StatusCode::kAlreadyExists,
                        StrCat(handle, " is in the vault; remove it first, nothing was taken"));
    }
    DRAGOMAN_RETURN_IF_ERROR(SealRow(opened,
                                     {.user_id = user, .record = row.record, .field = row.field},
                                     row.value, plan.changes));
  }
  if (opened.list.rows.size() > kMaxVaultFields) {
    return ResourceExhausted("the vault would have ", opened.list.rows.size(),
                             " values of this user; at most ", kMaxVaultFields);
  }
  DRAGOMAN_RETURN_IF_ERROR(SealList(opened, user, plan.changes));
  plan.seen = opened.version;
  plan.result = static_cast<std::int64_t>(rows.size());
  return plan;
}

void SealedVault::Import(std::string user, std::string exported, Secret passphrase,
                         Done<std::int64_t> done) {
  Run<std::int64_t>(
      {.operation = "import", .user = user}, std::nullopt,
      [this, user, exported = std::move(exported), passphrase = std::move(passphrase)](
          const UserRead& read) { return PlanImport(user, exported, passphrase, read); },
      std::move(done));
}

}  // namespace dragoman::memory
