// std::mutex with Clang's thread-safety annotations. absl::Mutex is not used: the packaged one is
// not instrumented, so ThreadSanitizer reports correct code.
#ifndef DRAGOMAN_CORE_MUTEX_H_
#define DRAGOMAN_CORE_MUTEX_H_

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define DRAGOMAN_ANNOTATE_(x) __attribute__((x))
#else
#define DRAGOMAN_ANNOTATE_(x)
#endif
#define DRAGOMAN_GUARDED_BY(mutex) DRAGOMAN_ANNOTATE_(guarded_by(mutex))
#define DRAGOMAN_REQUIRES(mutex) DRAGOMAN_ANNOTATE_(requires_capability(mutex))

namespace dragoman {

class DRAGOMAN_ANNOTATE_(capability("mutex")) Mutex {
 public:
  void Lock() DRAGOMAN_ANNOTATE_(acquire_capability()) { mutex_.lock(); }
  void Unlock() DRAGOMAN_ANNOTATE_(release_capability()) { mutex_.unlock(); }
  std::mutex& native() { return mutex_; }

 private:
  std::mutex mutex_;
};

class DRAGOMAN_ANNOTATE_(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) DRAGOMAN_ANNOTATE_(acquire_capability(mutex))
      : lock_(mutex.native()) {}
  ~MutexLock() DRAGOMAN_ANNOTATE_(release_capability()) = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  // Waits until `ready()`; the mutex is held while it runs.
  template <typename Predicate>
  void Wait(std::condition_variable& condition, Predicate ready) {
    condition.wait(lock_, std::move(ready));
  }
  // False when `timeout` (real time) passed first.
  template <typename Duration, typename Predicate>
  bool WaitFor(std::condition_variable& condition, Duration timeout, Predicate ready) {
    return condition.wait_for(lock_, timeout, std::move(ready));
  }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace dragoman

#endif  // DRAGOMAN_CORE_MUTEX_H_
