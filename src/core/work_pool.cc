#include "dragoman/core/work_pool.h"

#include <csignal>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"

namespace dragoman {
namespace {

class ThreadWorkPool : public WorkPool {
 public:
  explicit ThreadWorkPool(const ThreadWorkPoolOptions& options) : max_queue_(options.max_queue) {
    for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { Run(); });
  }

  ~ThreadWorkPool() override {
    {
      MutexLock lock(mutex_);
      stopping_ = true;
      wake_.notify_all();
    }
    for (std::thread& thread : threads_) thread.join();
  }

  absl::Status Submit(Work work, Executor& reply_to) override {
    MutexLock lock(mutex_);
    if (stopping_) return FailedPrecondition("work pool is stopping");
    if (queue_.size() >= max_queue_) {
      return ResourceExhausted("work pool queue is full: ", max_queue_, " pieces wait");
    }
    queue_.emplace_back(std::move(work), &reply_to);
    wake_.notify_one();
    return absl::OkStatus();
  }

 private:
  void Run() {
    sigset_t signals;  // the host's signals are not ours, and a closed pipe is an error code to us
    sigfillset(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    while (true) {
      std::pair<Work, Executor*> next;
      {
        MutexLock lock(mutex_);
        lock.Wait(wake_, [this] { return stopping_ || !queue_.empty(); });
        if (stopping_) return;
        next = std::move(queue_.front());
        queue_.pop_front();
      }
      next.first.run();
      if (next.first.done) next.second->Post(std::move(next.first.done));
    }
  }

  const size_t max_queue_;
  Mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<Work, Executor*>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

absl::Status ThreadWorkPoolOptions::Validate() const {
  if (threads < 1 || threads > 256) {
    return InvalidArgument("threads is ", threads, "; expected 1 to 256");
  }
  if (max_queue < 1) return InvalidArgument("max_queue is 0; expected at least 1");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<WorkPool>> MakeThreadWorkPool(const ThreadWorkPoolOptions& options) {
  DRAGOMAN_RETURN_IF_ERROR(options.Validate());
  return std::unique_ptr<WorkPool>(new ThreadWorkPool(options));
}

}  // namespace dragoman
