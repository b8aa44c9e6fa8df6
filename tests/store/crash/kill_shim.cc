// Preloaded into the crash child: kills it before or after its n-th system call that writes, makes
// durable, connects or sends. DRAGOMAN_KILL_AT is n, DRAGOMAN_KILL_WHEN "before" or "after"; the
// name of the call is appended to the file DRAGOMAN_KILL_LOG.
//
// Every function here stands in for the C library's of the same name and passes the call on.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> calls{0};

long KillAt() {
  static const char* const text = std::getenv("DRAGOMAN_KILL_AT");
  static const long at = text == nullptr ? 0 : std::atol(text);
  return at;
}
bool KillBefore() {
  static const char* const text = std::getenv("DRAGOMAN_KILL_WHEN");
  static const bool before = text == nullptr || std::strcmp(text, "before") == 0;
  return before;
}
// Past the functions below, which would count it.
void Note(const char* name) {
  const char* const path = std::getenv("DRAGOMAN_KILL_LOG");
  if (path == nullptr) return;
  const int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  char line[32] = {};
  std::strncpy(line, name, sizeof(line) - 2);
  line[std::strlen(line)] = '\n';
  static_cast<void>(syscall(SYS_write, log, line, std::strlen(line)));
}
void Die(const char* name) {
  Note(name);
  kill(getpid(), SIGKILL);
  while (true) pause();
}

template <typename Result, typename... Values>
Result PassOn(const char* name, Values... values) {
  using Function = Result (*)(Values...);
  const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
  const bool here = calls.fetch_add(1) + 1 == KillAt();
  if (here && KillBefore()) Die(name);
  const Result result = real(values...);
  if (here) Die(name);
  return result;
}

}  // namespace

extern "C" {
#define SHIM __attribute__((visibility("default")))
SHIM ssize_t write(int fd, const void* bytes, size_t size) {
  return PassOn<ssize_t>("write", fd, bytes, size);
}
SHIM ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return PassOn<ssize_t>("pwrite", fd, bytes, size, at);
}
SHIM ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return PassOn<ssize_t>("pwrite64", fd, bytes, size, at);
}
SHIM int fsync(int fd) { return PassOn<int>("fsync", fd); }
SHIM int fdatasync(int fd) { return PassOn<int>("fdatasync", fd); }
SHIM int connect(int fd, const sockaddr* to, socklen_t size) {
  return PassOn<int>("connect", fd, to, size);
}
SHIM ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  return PassOn<ssize_t>("send", fd, bytes, size, flags);
}
SHIM ssize_t sendto(int fd, const void* bytes, size_t size, int flags, const sockaddr* to,
                    socklen_t to_size) {
  return PassOn<ssize_t>("sendto", fd, bytes, size, flags, to, to_size);
}
SHIM ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  return PassOn<ssize_t>("sendmsg", fd, message, flags);
}
}
