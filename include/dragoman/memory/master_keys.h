// The keys above all others: a file beside the database, never in it.
#ifndef DRAGOMAN_MEMORY_MASTER_KEYS_H_
#define DRAGOMAN_MEMORY_MASTER_KEYS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/random.h"

namespace dragoman {

// Versions of the master key, each 256 bits, which wrap the users' data keys; and one key that
// never changes, for the witness file and for pseudonyms. Whoever has this file and the database
// can read the vault; without this file nobody can. Its text is
//   dragoman master keys, format 1
//   witness <64 hexadecimal digits>
//   key 1 <64 hexadecimal digits>
//   check <HMAC-SHA-256 of all lines above under the witness key>
// One thread at a time. Blocks on the disk.
class DRAGOMAN_EXPORT MasterKeys {
 public:
  struct Held;  // the keys, in memory of their own; private to the vault

  // Makes the file, readable by its owner only, durable when this returns. kAlreadyExists: there is
  // one, and it is left as it is. Nothing else ever makes one.
  static absl::Status Create(const std::string& path, Random& random);

  // kNotFound: no such file. kFailedPrecondition: it is no regular file of ours, or others may read
  // it (its mode is named). kDataLoss: it is not what was written.
  static absl::StatusOr<std::unique_ptr<MasterKeys>> Load(const std::string& path);
  // The same from text; such keys cannot be changed. For tests and fuzzers.
  static absl::StatusOr<std::unique_ptr<MasterKeys>> Parse(std::string_view text);
  ~MasterKeys();

  const std::string& path() const { return path_; }
  std::int64_t current() const;                // the highest version
  std::vector<std::int64_t> versions() const;  // ascending

  // One more version, which is then the current one. The file is replaced as a whole, and durable
  // when this returns; on an error the old one holds.
  absl::Status Add(Random& random);
  // Forgets all versions but the current one, in the file too (the old file's bytes are
  // overwritten in place, as far as a file system does that). What they wrapped is lost.
  absl::Status RetireOld();

  const Held& held() const { return *held_; }

 private:
  MasterKeys(std::string path, std::unique_ptr<Held> held);

  const std::string path_;
  std::unique_ptr<Held> held_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_MEMORY_MASTER_KEYS_H_
