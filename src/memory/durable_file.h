// Small files beside the database that must be whole or not there.
#ifndef DRAGOMAN_SRC_MEMORY_DURABLE_FILE_H_
#define DRAGOMAN_SRC_MEMORY_DURABLE_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "src/memory/locked_bytes.h"

namespace dragoman::memory {

enum class IfThere { kRefuse, kReplace };

// Writes `path` with mode 0600 through a file beside it, durable when this returns. kAlreadyExists
// with kRefuse. With kReplace the old file's bytes are overwritten after it was replaced.
absl::Status WriteWhole(const std::string& path, std::string_view bytes, IfThere if_there);

// kNotFound; kFailedPrecondition: no regular file, another user's, or readable by others; at most
// `most` bytes.
absl::StatusOr<LockedBytes> ReadPrivate(const std::string& path, std::size_t most);

// Appends and makes it durable. The file is there.
absl::Status AppendDurably(const std::string& path, std::string_view bytes);
absl::Status CutDurably(const std::string& path, std::size_t size);

}  // namespace dragoman::memory
#endif  // DRAGOMAN_SRC_MEMORY_DURABLE_FILE_H_
