// What the processes of the frame lateness benchmark share: the plan of a run, and its figures.
#ifndef DRAGOMAN_BENCHMARKS_LAB_LATENESS_H_
#define DRAGOMAN_BENCHMARKS_LAB_LATENESS_H_

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace dragoman::lateness {

constexpr std::int64_t kMs = 1'000'000;  // nanoseconds
constexpr std::int64_t kFrameNs = 20 * kMs;
constexpr std::int64_t kCycleMs = 12'000;  // of the caller's script: one turn
constexpr std::int64_t kSpeechAtMs = 1'000;
constexpr std::int64_t kSpeechMs = 2'400;

// CLOCK_MONOTONIC is the same for every process of the machine.
inline std::int64_t NowNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

inline std::int64_t CpuNs() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto ns = [](const timeval& time) { return time.tv_sec * 1'000'000'000 + time.tv_usec * 1'000; };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

[[noreturn]] inline void Die(const std::string& what) {
  std::fprintf(stderr, "frame_lateness_benchmark: %s\n", what.c_str());
  std::_Exit(1);
}

// Frame k of call i leaves at start + phase(i) + 20 ms x k, whatever anybody else does.
struct Plan {
  int calls = 20;
  int port = 0;
  std::int64_t start_ns = 0;
  std::int64_t begin_ns = 0;  // of the window that is measured
  std::int64_t end_ns = 0;
  std::int64_t PlannedNs(int call, std::int64_t frame) const {
    return start_ns + kFrameNs * call / calls + kFrameNs * frame;
  }
  bool Measures(std::int64_t now_ns) const { return now_ns >= begin_ns && now_ns < end_ns; }
  // Where call i is in its script of one turn every 12 s; turns are spread over the calls. Before
  // the first the greeting has its time.
  std::int64_t ScriptMs(int call, std::int64_t at_ms) const {
    return at_ms - 8'000 - kCycleMs * call / calls;
  }
};

class Samples {
 public:
  void Add(std::int64_t ns) { all_.push_back(ns); }
  // "p50 p99 max count", milliseconds
  std::string Summary() {
    std::sort(all_.begin(), all_.end());
    auto at = [this](std::size_t per_mille) {
      if (all_.empty()) return 0.0;
      const std::size_t index = std::min(all_.size() - 1, all_.size() * per_mille / 1000);
      return static_cast<double>(all_[index]) / static_cast<double>(kMs);
    };
    char text[128];
    std::snprintf(text, sizeof text, "%.4f %.4f %.4f %zu", at(500), at(990), at(1000), all_.size());
    return text;
  }

 private:
  std::vector<std::int64_t> all_;
};

// The bodies of the processes. Each writes lines "name value..." to `out`; a server begins with
// "port N" and then reads the plan's line from `in`.
void RunDragoman(int calls, std::FILE* in, std::FILE* out);
void RunFloor(int calls, std::FILE* in, std::FILE* out);
void RunCallers(const Plan& plan, std::FILE* out);

inline void WritePlan(const Plan& plan, std::FILE* out) {
  std::fprintf(out, "%lld %lld %lld\n", static_cast<long long>(plan.start_ns),
               static_cast<long long>(plan.begin_ns), static_cast<long long>(plan.end_ns));
  std::fflush(out);
}

inline Plan ReadPlan(int calls, std::FILE* in) {
  long long start = 0, begin = 0, end = 0;
  if (std::fscanf(in, "%lld %lld %lld", &start, &begin, &end) != 3) Die("no plan");
  return {.calls = calls, .start_ns = start, .begin_ns = begin, .end_ns = end};
}

inline void SleepUntil(std::int64_t ns) {
  const timespec until{ns / 1'000'000'000, ns % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {
  }
}

}  // namespace dragoman::lateness

#endif  // DRAGOMAN_BENCHMARKS_LAB_LATENESS_H_
