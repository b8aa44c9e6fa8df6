// Users' data keys: wrapped in the store, open only here.
#ifndef DRAGOMAN_SRC_MEMORY_KEY_RING_H_
#define DRAGOMAN_SRC_MEMORY_KEY_RING_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "dragoman/core/random.h"
#include "dragoman/memory/master_keys.h"
#include "dragoman/store/records.h"
#include "src/memory/locked_bytes.h"

namespace dragoman::memory {

// One thread at a time.
class KeyRing {
 public:
  KeyRing(std::string tenant, std::unique_ptr<MasterKeys> masters, Random& random)
      : tenant_(std::move(tenant)), masters_(std::move(masters)), random_(random) {}

  // The data key in `record`, valid until the next call. kFailedPrecondition: its version of the
  // master key is missing. kDataLoss: altered.
  absl::StatusOr<const LockedBytes*> Open(const UserKeyRecord& record);
  // A new data key, wrapped by the current master key.
  absl::StatusOr<UserKeyRecord> Make(const std::string& user, std::int64_t generation);
  // The same data key under the current master key.
  absl::StatusOr<UserKeyRecord> Rewrap(const UserKeyRecord& record);
  void Forget(std::string_view user);

  // Names users, handles and sinks in the audit: "u_" and 32 hexadecimal digits.
  std::string Pseudonym(std::string_view kind, std::string_view user, std::string_view name) const;

  MasterKeys& masters() { return *masters_; }
  const std::string& tenant() const { return tenant_; }

 private:
  struct Kept {
    UserKeyRecord record;
    LockedBytes key;
  };
  absl::StatusOr<UserKeyRecord> Wrap(UserKeyRecord record, const LockedBytes& key);
  const LockedBytes* Keep(const UserKeyRecord& record, LockedBytes key);

  const std::string tenant_;
  const std::unique_ptr<MasterKeys> masters_;
  Random& random_;
  std::map<std::string, Kept, std::less<>> kept_;  // a page each, so not many
};

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_KEY_RING_H_
