// Slow work (a decode, a model inference, a commit) off the media threads, back as a task.
#ifndef DRAGOMAN_CORE_WORK_POOL_H_
#define DRAGOMAN_CORE_WORK_POOL_H_

#include <chrono>
#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT Work {
  Task run;   // on a pool thread, once
  Task done;  // on the executor that asked, after run; destroyed unrun when that one has stopped
  // How long the work takes in virtual time, derived from its input (the length of the audio),
  // never from a clock. Real pools ignore it.
  std::chrono::microseconds modelled_duration{0};
};

// Thread-safe. Work of one caller may run in parallel: whoever needs an order submits the next
// piece from `done`.
class DRAGOMAN_EXPORT WorkPool {
 public:
  virtual ~WorkPool() = default;
  // kResourceExhausted: the queue is full and nothing was taken. kFailedPrecondition: stopped.
  // `reply_to` must outlive the work, or be stopped before the pool is.
  virtual absl::Status Submit(Work work, Executor& reply_to) = 0;
};

struct DRAGOMAN_EXPORT ThreadWorkPoolOptions {
  int threads = 2;               // 1 to 256
  std::size_t max_queue = 1024;  // pieces waiting; more are refused
  absl::Status Validate() const;
};

// Destruction drops what waits, lets running pieces end, and joins.
DRAGOMAN_EXPORT absl::StatusOr<std::unique_ptr<WorkPool>> MakeThreadWorkPool(
    const ThreadWorkPoolOptions& options);

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_WORK_POOL_H_
