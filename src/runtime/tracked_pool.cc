#include "src/runtime/tracked_pool.h"

namespace dragoman {

absl::Status TrackedPool::Submit(Work work, Executor& reply_to) {
  {
    const MutexLock lock(mutex_);
    ++under_way_;
  }
  const auto modelled_duration = work.modelled_duration;
  absl::Status taken = pool_->Submit({.run =
                                          [this, work = std::move(work), &reply_to]() mutable {
                                            {
                                              Work now = std::move(work);
                                              now.run();
                                              if (now.done) reply_to.Post(std::move(now.done));
                                            }
                                            Ended();
                                          },
                                      .done = {},
                                      .modelled_duration = modelled_duration},
                                     reply_to);
  if (!taken.ok()) Ended();
  return taken;
}

void TrackedPool::WaitUntilIdle() {
  MutexLock lock(mutex_);
  lock.Wait(idle_, [this] { return under_way_ == 0; });
}

void TrackedPool::Ended() {
  const MutexLock lock(mutex_);
  if (--under_way_ == 0) idle_.notify_all();
}

}  // namespace dragoman
