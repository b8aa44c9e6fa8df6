#include "src/memory/durable_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "dragoman/core/status.h"

namespace dragoman::memory {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  bool open() const { return number_ >= 0; }

 private:
  const int number_;
};

absl::Status Failed(const std::string& path, std::string_view what) {
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT) return ResourceExhausted(path, ": disk full");
  return Unavailable(path, ": ", what, ": ", strerror(error));
}

bool WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

absl::Status SyncFolderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.open() || fsync(opened.number()) != 0) return Failed(folder, "fsync");
  return absl::OkStatus();
}

// Zeros over what the file held; only the disk knows whether they land in the same place.
void Overwrite(int descriptor) {
  struct stat status{};
  if (fstat(descriptor, &status) != 0 || lseek(descriptor, 0, SEEK_SET) != 0) return;
  const std::array<char, 4096> zeros{};
  for (off_t left = status.st_size; left > 0;) {
    const auto part = std::min<off_t>(left, zeros.size());
    if (!WriteAll(descriptor, {zeros.data(), static_cast<std::size_t>(part)})) return;
    left -= part;
  }
  (void)fsync(descriptor);
}

}  // namespace

absl::Status WriteWhole(const std::string& path, std::string_view bytes, IfThere if_there) {
  const std::string beside = path + ".new";
  (void)unlink(beside.c_str());  // what an earlier process left
  {
    const Descriptor file(
        open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.open()) return Failed(beside, "cannot be made");
    if (!WriteAll(file.number(), bytes) || fsync(file.number()) != 0) {
      const absl::Status failed = Failed(beside, "cannot be written");
      (void)unlink(beside.c_str());
      return failed;
    }
  }
  if (if_there == IfThere::kRefuse) {
    absl::Status linked;
    if (link(beside.c_str(), path.c_str()) != 0) {  // unlike rename, refuses to replace
      linked = errno == EEXIST
                   ? MakeStatus(absl::StatusCode::kAlreadyExists, StrCat(path, " is there already"))
                   : Failed(path, "cannot be made");
    }
    (void)unlink(beside.c_str());
    DRAGOMAN_RETURN_IF_ERROR(linked);
    return SyncFolderOf(path);
  }
  const Descriptor old(open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (rename(beside.c_str(), path.c_str()) != 0) return Failed(path, "cannot be replaced");
  DRAGOMAN_RETURN_IF_ERROR(SyncFolderOf(path));
  if (old.open()) Overwrite(old.number());
  return absl::OkStatus();
}

absl::StatusOr<LockedBytes> ReadPrivate(const std::string& path, std::size_t most) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file.open()) {
    if (errno == ENOENT) return NotFound(path, " is not there");
    if (errno == ELOOP) return FailedPrecondition(path, " is a symbolic link; expected a file");
    return Failed(path, "cannot be read");
  }
  struct stat status{};
  if (fstat(file.number(), &status) != 0) return Failed(path, "cannot be read");
  if (!S_ISREG(status.st_mode)) return FailedPrecondition(path, " is no regular file");
  if (status.st_uid != geteuid()) {
    return FailedPrecondition(path, " belongs to another user of this machine");
  }
  if ((status.st_mode & 077) != 0) {
    std::array<char, 8> mode{};
    (void)snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(status.st_mode & 07777));
    return FailedPrecondition(path, " has mode ", mode.data(),
                              "; expected 0600: others must not read it");
  }
  if (static_cast<std::size_t>(status.st_size) > most) {
    return DataLoss(path, " has ", static_cast<std::int64_t>(status.st_size),
                    " bytes; expected at most ", most);
  }
  DRAGOMAN_ASSIGN_OR_RETURN(LockedBytes bytes,
                            LockedBytes::Make(static_cast<std::size_t>(status.st_size)));
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t got = read(file.number(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Failed(path, "cannot be read");
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

absl::Status AppendDurably(const std::string& path, std::string_view bytes) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC));
  if (!file.open() || !WriteAll(file.number(), bytes) || fdatasync(file.number()) != 0) {
    return Failed(path, "cannot be written");
  }
  return absl::OkStatus();
}

absl::Status CutDurably(const std::string& path, std::size_t size) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file.open() || ftruncate(file.number(), static_cast<off_t>(size)) != 0 ||
      fsync(file.number()) != 0) {
    return Failed(path, "cannot be cut");
  }
  return absl::OkStatus();
}

}  // namespace dragoman::memory
