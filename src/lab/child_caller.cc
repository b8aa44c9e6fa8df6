#include "src/lab/child_caller.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "dragoman/core/clock.h"
#include "dragoman/core/status.h"
#include "src/lab/live_caller.h"

extern char** environ;

namespace dragoman::lab {

absl::StatusOr<std::unique_ptr<ChildCaller>> ChildCaller::Spawn(
    const std::string& program, const std::vector<std::string>& arguments) {
  // A socket pair for its input: writing to a child that is gone is then an error, not a signal.
  int input[2], output[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) != 0)
    return Unavailable("no socket for the caller's input: ", std::strerror(errno));
  if (pipe2(output, O_CLOEXEC) != 0) {
    close(input[0]);
    close(input[1]);
    return Unavailable("no pipe for the caller's report: ", std::strerror(errno));
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  std::vector<char*> argv;
  argv.push_back(const_cast<char*>(program.c_str()));
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(input[1]);
  close(output[1]);
  if (error != 0) {
    close(input[0]);
    close(output[0]);
    return NotFound("cannot run ", program, ": ", std::strerror(error));
  }
  return std::unique_ptr<ChildCaller>(new ChildCaller(pid, input[0], output[0]));
}

ChildCaller::~ChildCaller() {
  Reap();
  close(output_);
  MutexLock lock(mutex_);
  if (input_ >= 0) close(input_);
}

void ChildCaller::Reap() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(std::exchange(pid_, 0), nullptr, 0);
}

void ChildCaller::Tell(const SessionEvent& event) {
  const std::string line = EventToLine(event);
  MutexLock lock(mutex_);
  if (input_ < 0) return;
  const ssize_t sent = send(input_, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent == static_cast<ssize_t>(line.size())) return;
  close(std::exchange(input_, -1));  // half a line would garble the next
}

absl::StatusOr<CallerRecord> ChildCaller::Wait(std::chrono::milliseconds limit) {
  const SystemClock clock;
  const TimePoint until = clock.Now() + limit;
  std::string report;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock.Now());
    pollfd ready{output_, POLLIN, 0};
    const int count = left.count() > 0 ? poll(&ready, 1, static_cast<int>(left.count())) : 0;
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      Reap();
      return DeadlineExceeded(StrCat("the caller's process did not end within ", limit));
    }
    char buffer[4096];
    const ssize_t got = read(output_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    report.append(buffer, static_cast<std::size_t>(got));
  }
  int status = 0;
  waitpid(std::exchange(pid_, 0), &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Unavailable("the caller's process failed, status ", status);
  return CallerRecordFromJson(report);
}

}  // namespace dragoman::lab
