#include "src/memory/key_ring.h"

#include <utility>

#include "dragoman/core/status.h"
#include "dragoman/store/digest.h"
#include "src/memory/key_store.h"
#include "src/memory/sealing.h"
#include "src/memory/vault_codec.h"

namespace dragoman::memory {
namespace {

constexpr std::size_t kMostKept = 256;  // 1 MiB of locked pages

}  // namespace

absl::StatusOr<const LockedBytes*> KeyRing::Open(const UserKeyRecord& record) {
  const auto found = kept_.find(record.user_id);
  if (found != kept_.end() && found->second.record == record) return &found->second.key;
  const LockedBytes* const master = masters_->held().Find(record.master_version);
  if (master == nullptr) {
    return FailedPrecondition("master key version ", record.master_version,
                              " is needed and not in ", masters_->path());
  }
  absl::StatusOr<LockedBytes> key = Unseal(*master, record.wrapped, KeyBinding(tenant_, record));
  if (!key.ok()) return key.status();
  if (key->size() != kKeyBytes) return DataLoss("a user's key is no key");
  return Keep(record, *std::move(key));
}

absl::StatusOr<UserKeyRecord> KeyRing::Make(const std::string& user, std::int64_t generation) {
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes key, LockedBytes::MakeRandom(kKeyBytes, random_));
  DRAGOMAN_ASSIGN_OR_RETURN(UserKeyRecord record,
                            Wrap({.user_id = user, .generation = generation}, key));
  Keep(record, std::move(key));
  return record;
}

absl::StatusOr<UserKeyRecord> KeyRing::Rewrap(const UserKeyRecord& record) {
  DRAGOMAN_ASSIGN_OR_RETURN(const LockedBytes* const key, Open(record));
  return Wrap(record, *key);
}

absl::StatusOr<UserKeyRecord> KeyRing::Wrap(UserKeyRecord record, const LockedBytes& key) {
  record.master_version = masters_->current();
  const LockedBytes* const master = masters_->held().Find(record.master_version);
  DRAGOMAN_ASSIGN_OR_RETURN(record.wrapped,
                            Seal(*master, key.view(), KeyBinding(tenant_, record), random_));
  return record;
}

const LockedBytes* KeyRing::Keep(const UserKeyRecord& record, LockedBytes key) {
  if (kept_.size() >= kMostKept && !kept_.contains(record.user_id)) kept_.clear();
  Kept& kept = kept_[record.user_id];
  kept.record = record;
  kept.key = std::move(key);
  return &kept.key;
}

void KeyRing::Forget(std::string_view user) {
  const auto found = kept_.find(user);
  if (found != kept_.end()) kept_.erase(found);
}

std::string KeyRing::Pseudonym(std::string_view kind, std::string_view user,
                               std::string_view name) const {
  const std::string code =
      HmacSha256(masters_->held().witness, FramedBytes()
                                               .Add(std::string_view("pseudonym 1"))
                                               .Add(tenant_)
                                               .Add(user)
                                               .Add(kind)
                                               .Add(name)
                                               .bytes());
  return StrCat(kind, "_", ToHex(std::string_view(code).substr(0, 16)));
}

}  // namespace dragoman::memory
