#include "src/runtime/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "dragoman/core/status.h"
#include "dragoman/core/text.h"

namespace dragoman {

absl::StatusOr<std::unique_ptr<DataDirectory>> DataDirectory::Open(const std::string& folder) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(folder, error);
  // What is in it is its owner's business alone.
  if (made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (!error) std::filesystem::create_directories(folder + "/calls", error);
  if (error) {
    return FailedPrecondition("data directory ", folder, " cannot be made: ", error.message());
  }
  const std::string path = folder + "/lock";
  const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return FailedPrecondition("data directory ", folder,
                              " cannot be written: ", std::strerror(errno));
  }
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    char owner[32] = {};
    const ssize_t size = pread(lock, owner, sizeof(owner) - 1, 0);
    close(lock);
    return FailedPrecondition("data directory ", folder, " is owned by process ",
                              size > 0 ? Trim(owner) : "unknown", "; stop it or use another one");
  }
  const std::string id = StrCat(getpid(), "\n");
  if (ftruncate(lock, 0) != 0 || pwrite(lock, id.data(), id.size(), 0) < 0) {
    close(lock);
    return FailedPrecondition("data directory ", folder,
                              " cannot be written: ", std::strerror(errno));
  }
  return std::unique_ptr<DataDirectory>(new DataDirectory(folder, lock));
}

absl::StatusOr<bool> DataDirectory::BeginWork() {
  const int note = open(working().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (note < 0 && errno == EEXIST) return true;
  if (note < 0) {
    return FailedPrecondition(working(), " cannot be written: ", std::strerror(errno));
  }
  close(note);
  return false;
}

void DataDirectory::EndWork() { unlink(working().c_str()); }

DataDirectory::~DataDirectory() { close(lock_); }

}  // namespace dragoman
