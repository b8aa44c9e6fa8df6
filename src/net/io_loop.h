// A thread that runs sockets, timers and tasks: the executor on which network objects live.
#ifndef DRAGOMAN_SRC_NET_IO_LOOP_H_
#define DRAGOMAN_SRC_NET_IO_LOOP_H_

#include <memory>

#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"

namespace dragoman {

// An Executor over one Asio io_context on a thread of its own, which blocks every signal (a peer
// that went away is an error code to us, not SIGPIPE). Sockets of `net` are opened on a loop and
// stay there; it must outlive them. What still lives when the loop has stopped may be destroyed on
// the stopping thread.
//
// Post is thread-safe. RunAt and CancelTimer only on the loop, as Executor says. A timer costs a
// heap insertion; the operating system's timer is touched only when the earliest one moves forward.
class IoLoop : public Executor {
 public:
  explicit IoLoop(const Clock& clock);  // borrowed: must outlive the loop
  ~IoLoop() override;                   // stops; never from its own task
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  void Post(Task task) override;
  TimerId RunAt(TimePoint when, Task task) override;
  bool CancelTimer(TimerId timer) override;
  bool RunsHere() const override;
  TimePoint Now() const override;
  WallTime WallNow() const override;

  // No task runs after it returns; what waited is destroyed, with the loop at the latest.
  // Idempotent; not from its own task.
  void Stop();

  class State;  // io_loop_asio.h, for this module's own sources
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_IO_LOOP_H_
