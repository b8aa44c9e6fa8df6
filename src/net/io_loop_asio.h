// What the sources of `net` see of a loop: its io_context. Heavy; never include it from a header
// that others include.
#ifndef DRAGOMAN_SRC_NET_IO_LOOP_ASIO_H_
#define DRAGOMAN_SRC_NET_IO_LOOP_ASIO_H_

#include <atomic>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <thread>

#include "src/net/io_loop.h"
#include "src/net/timer_heap.h"

namespace dragoman {

class IoLoop::State {
 public:
  explicit State(const Clock& clock);

  void Run();
  // Has the operating system's timer fire at the heap's earliest time, unless it already fires
  // sooner.
  void Arm();
  void OnTimer();

  using SystemTimer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>,
                                        boost::asio::io_context::executor_type>;

  // Declared in the order in which their destructors lean on each other: what the context still
  // holds may cancel timers when it goes.
  const Clock& clock;
  TimerHeap timers;
  // Hint 1: one thread runs the loop, so that Asio leaves out wake-ups between its own threads.
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  SystemTimer system_timer;
  TimePoint armed_for = TimePoint::max();
  std::atomic<bool> stopping{false};
  std::thread thread;
};

}  // namespace dragoman

#endif  // DRAGOMAN_SRC_NET_IO_LOOP_ASIO_H_
