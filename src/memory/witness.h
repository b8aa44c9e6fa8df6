// What the vault has seen, noted outside the database: how new each user's rows were, and who was
// erased. A database that was set back does not know it; this file does.
#ifndef DRAGOMAN_SRC_MEMORY_WITNESS_H_
#define DRAGOMAN_SRC_MEMORY_WITNESS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/memory/locked_bytes.h"

namespace dragoman::memory {

// A text file of lines, each with a code over itself and the line before (HMAC-SHA-256 under the
// witness key, 16 bytes of it):
//   dragoman vault witness, format 1
//   seen <number> <user, hexadecimal> <code>
//   erased <generation> <user, hexadecimal> <code>
// The last line of a kind and user counts. A last line that was not finished is cut off. Lines
// taken from the end are not noticed: that is the limit of any file on the same disk.
// One thread at a time. Blocks for an fsync.
class WitnessFile {
 public:
  static absl::Status Create(const std::string& path);
  // `key` is borrowed. kNotFound, kFailedPrecondition as ReadPrivate; kDataLoss: altered.
  static absl::StatusOr<std::unique_ptr<WitnessFile>> Load(const std::string& path,
                                                           const LockedBytes& key);
  // 0: never.
  std::int64_t Seen(std::string_view user) const { return Of(seen_, user); }
  std::int64_t Erased(std::string_view user) const { return Of(erased_, user); }
  const std::map<std::string, std::int64_t, std::less<>>& erased() const { return erased_; }

  // Durable when they return. After an error the value counts in memory all the same.
  absl::Status NoteSeen(std::string_view user, std::int64_t number);
  absl::Status NoteErased(std::string_view user, std::int64_t generation);

  // Reads lines behind the title; gives the number of bytes that are whole. For fuzzers too.
  absl::StatusOr<std::size_t> ReadLines(std::string_view text);

  WitnessFile(std::string path, const LockedBytes& key) : path_(std::move(path)), key_(key) {}

 private:
  using Numbers = std::map<std::string, std::int64_t, std::less<>>;
  static std::int64_t Of(const Numbers& numbers, std::string_view user) {
    const auto found = numbers.find(user);
    return found == numbers.end() ? 0 : found->second;
  }
  std::string Line(std::string_view what, std::string_view user, std::int64_t number);
  absl::Status Append(std::string line);
  absl::Status Rewrite();

  const std::string path_;
  const LockedBytes& key_;
  Numbers seen_, erased_;
  std::string last_code_;
  std::size_t lines_ = 0;
  bool torn_ = false;  // the last append failed: the file is written anew before the next
};

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_WITNESS_H_
