#include "src/net/io_loop.h"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <optional>
#include <utility>

#include "src/net/io_loop_asio.h"

namespace dragoman {
namespace {

thread_local const IoLoop::State* running = nullptr;

}  // namespace

IoLoop::State::State(const Clock& wanted_clock)
    : clock(wanted_clock), work(context.get_executor()), system_timer(context) {}

void IoLoop::State::Run() {
  sigset_t signals;
  sigfillset(&signals);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  running = this;
  context.run();
  running = nullptr;
}

void IoLoop::State::Arm() {
  const TimePoint next = timers.NextTime();
  if (next >= armed_for || stopping.load(std::memory_order_relaxed)) return;
  armed_for = next;
  system_timer.expires_after(next - clock.Now());
  system_timer.async_wait([this](const boost::system::error_code& error) {
    if (!error) OnTimer();  // else it was moved forward, and the later wait reports
  });
}

void IoLoop::State::OnTimer() {
  armed_for = TimePoint::max();
  // What becomes due while this runs waits for the next turn, so that sockets are not starved.
  const TimePoint now = clock.Now();
  while (std::optional<Task> task = timers.PopDue(now)) {
    (*task)();
    if (stopping.load(std::memory_order_relaxed)) return;
  }
  Arm();
}

IoLoop::IoLoop(const Clock& clock) : state_(std::make_unique<State>(clock)) {
  state_->thread = std::thread([state = state_.get()] { state->Run(); });
  pthread_setname_np(state_->thread.native_handle(), "dragoman-io");
}

IoLoop::~IoLoop() { Stop(); }

void IoLoop::Post(Task task) {
  if (state_->stopping.load(std::memory_order_acquire)) return;
  boost::asio::post(state_->context, [task = std::move(task)]() mutable { task(); });
}

TimerId IoLoop::RunAt(TimePoint when, Task task) {
  const TimerId id = state_->timers.Add(when, std::move(task));
  state_->Arm();
  return id;
}

bool IoLoop::CancelTimer(TimerId timer) { return state_->timers.Cancel(timer); }
bool IoLoop::RunsHere() const { return running == state_.get(); }
TimePoint IoLoop::Now() const { return state_->clock.Now(); }
WallTime IoLoop::WallNow() const { return state_->clock.WallNow(); }

void IoLoop::Stop() {
  state_->stopping.store(true, std::memory_order_release);
  state_->context.stop();
  if (!state_->thread.joinable()) return;
  state_->thread.join();
  state_->timers.Clear();
}

}  // namespace dragoman
