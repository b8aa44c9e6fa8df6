// A work pool of which somebody wants to know when nothing is under way.
#ifndef DRAGOMAN_SRC_RUNTIME_TRACKED_POOL_H_
#define DRAGOMAN_SRC_RUNTIME_TRACKED_POOL_H_

#include <condition_variable>
#include <memory>
#include <utility>

#include "dragoman/core/mutex.h"
#include "dragoman/core/work_pool.h"

namespace dragoman {

// Thread-safe, as the pool that it passes everything on to. A piece is under way until its answer
// was posted: whoever has waited may let the executors go that asked.
class TrackedPool : public WorkPool {
 public:
  explicit TrackedPool(std::unique_ptr<WorkPool> pool) : pool_(std::move(pool)) {}
  absl::Status Submit(Work work, Executor& reply_to) override;
  // Blocks; not on a thread of the pool.
  void WaitUntilIdle();

 private:
  void Ended();

  Mutex mutex_;
  std::condition_variable idle_;
  std::size_t under_way_ DRAGOMAN_GUARDED_BY(mutex_) = 0;
  const std::unique_ptr<WorkPool> pool_;  // goes first: its threads use the above
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_TRACKED_POOL_H_
