// Virtual time in a file that is mapped into memory: it survives kill -9, and the test moves it on
// between two processes.
#ifndef DRAGOMAN_TESTS_STORE_CRASH_CRASH_CLOCK_H_
#define DRAGOMAN_TESTS_STORE_CRASH_CRASH_CLOCK_H_

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "dragoman/core/clock.h"

namespace dragoman {

class CrashClock : public Clock {
 public:
  explicit CrashClock(const std::string& path) {
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (ftruncate(file, sizeof(std::int64_t)) != 0) return;
    void* memory = mmap(nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (memory != MAP_FAILED) micros_ = static_cast<std::atomic<std::int64_t>*>(memory);
  }
  ~CrashClock() override {
    if (micros_ != nullptr) munmap(micros_, sizeof(std::int64_t));
  }
  CrashClock(const CrashClock&) = delete;
  CrashClock& operator=(const CrashClock&) = delete;

  TimePoint Now() const override { return TimePoint(std::chrono::microseconds(*micros_)); }
  WallTime WallNow() const override {
    return WallTime(std::chrono::seconds(1'767'600'000)) + std::chrono::microseconds(*micros_);
  }
  void AdvanceTo(TimePoint when) {
    if (when > Now()) *micros_ = when.time_since_epoch().count();
  }
  void Advance(std::chrono::microseconds by) { *micros_ += by.count(); }

 private:
  std::atomic<std::int64_t>* micros_ = nullptr;
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_STORE_CRASH_CRASH_CLOCK_H_
