// The program dragoman-caller as a child process.
#ifndef DRAGOMAN_SRC_LAB_CHILD_CALLER_H_
#define DRAGOMAN_SRC_LAB_CHILD_CALLER_H_

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/agent/session.h"
#include "dragoman/core/mutex.h"
#include "dragoman/lab/caller_record.h"

namespace dragoman::lab {

// Thread-safe but for Wait.
class ChildCaller {
 public:
  // kNotFound: the program cannot be run.
  static absl::StatusOr<std::unique_ptr<ChildCaller>> Spawn(
      const std::string& program, const std::vector<std::string>& arguments);
  ~ChildCaller();  // ends the child
  ChildCaller(const ChildCaller&) = delete;
  ChildCaller& operator=(const ChildCaller&) = delete;

  // Writes a line to its standard input. Never blocks: a child that does not read loses it.
  void Tell(const SessionEvent& event);
  // Blocks until it has ended, at most `limit`; its report.
  absl::StatusOr<CallerRecord> Wait(std::chrono::milliseconds limit);

 private:
  ChildCaller(pid_t pid, int input, int output) : pid_(pid), input_(input), output_(output) {}
  void Reap();

  pid_t pid_;
  Mutex mutex_;
  int input_ DRAGOMAN_GUARDED_BY(mutex_);
  int output_;
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_CHILD_CALLER_H_
