// Durable steps per second: 16 runs, each waiting for its step to be durable before the next one.
//
//   providers_sqlite_steps_benchmark [FOLDER] [STEPS] [ROUNDS]
//
// A step is what the operator writes for one move of a goal: a delta of 200 bytes, the audit entry
// with its link of the chain, and an outgoing event of 60 bytes. The reference arm gives every step
// a transaction and an fsync of its own, through the same code.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/providers/sqlite/counting_vfs.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/executor.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/store/store.h"

namespace dragoman {
namespace {

struct Arm {
  std::string name;
  int runs = 16;
  int max_group = 256;
  std::chrono::microseconds gather{200};
};

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// All runs share one executor, as the goals of one process share the control loop.
class Runs {
 public:
  Runs(Store& store, int runs, int steps) : store_(store), left_(steps), versions_(runs, 1) {
    latencies_.reserve(static_cast<size_t>(steps));
  }

  void Go() {
    std::promise<void> finished;
    finished_ = &finished;
    executor_.Post([this] {
      active_ = static_cast<int>(versions_.size());
      for (size_t run = 0; run < versions_.size(); ++run) Next(run);
    });
    finished.get_future().wait();
  }
  std::vector<std::int64_t>& latencies() { return latencies_; }

 private:
  void Next(size_t run) {
    if (left_ == 0) {
      if (--active_ == 0) finished_->set_value();
      return;
    }
    --left_;
    StoreTransaction transaction;
    transaction.steps.push_back({.goal_id = "goal-" + std::to_string(run),
                                 .expected_version = versions_[run]++,
                                 .state = "RESEARCH",
                                 .at = executor_.WallNow(),
                                 .actor = "worker-1",
                                 .action = "step finished",
                                 .delta = delta_,
                                 .topic = "goal.step",
                                 .event = event_});
    const TimePoint before = executor_.Now();
    const absl::Status taken = store_.Commit(
        std::move(transaction), executor_, [this, run, before](absl::StatusOr<Committed> done) {
          if (!done.ok()) {
            std::fprintf(stderr, "%s\n", done.status().ToString().c_str());
            std::exit(1);
          }
          latencies_.push_back((executor_.Now() - before).count());
          Next(run);
        });
    if (!taken.ok()) std::exit(1);
  }

  Store& store_;
  SystemClock clock_;
  ThreadExecutor executor_{clock_};
  int left_;
  int active_ = 0;
  std::vector<std::int64_t> versions_;
  std::vector<std::int64_t> latencies_;  // microseconds
  const std::string delta_ = std::string(200, 'd');
  const std::string event_ = std::string(60, 'e');
  std::promise<void>* finished_ = nullptr;
};

void CreateGoals(Store& store, int runs) {
  SystemClock clock;
  ThreadExecutor executor(clock);
  for (int run = 0; run < runs; ++run) {
    StoreTransaction transaction;
    const std::string id = "goal-" + std::to_string(run);
    transaction.changes.push_back(
        GoalRecord{.id = id, .user_id = "u1", .request = "r", .state = "INIT"});
    transaction.steps.push_back({.goal_id = id, .actor = "u1", .action = "goal created"});
    std::promise<bool> created;
    if (!store
             .Commit(std::move(transaction), executor,
                     [&](absl::StatusOr<Committed> done) { created.set_value(done.ok()); })
             .ok() ||
        !created.get_future().get()) {
      std::exit(1);
    }
  }
}

void Measure(const Arm& arm, const std::string& folder, int steps) {
  const std::string path = folder + "/steps-" + std::to_string(getpid()) + ".db";
  std::filesystem::remove(path);
  {
    auto store = MakeSqliteStore(
        {.path = path, .max_group = arm.max_group, .gather = arm.gather, .vfs = "counting"});
    if (!store.ok()) {
      std::fprintf(stderr, "%s\n", store.status().ToString().c_str());
      std::exit(1);
    }
    CreateGoals(**store, arm.runs);
    Runs runs(**store, arm.runs, steps);
    const long syncs = SyncCount();
    const double cpu = CpuSeconds();
    const auto start = std::chrono::steady_clock::now();
    runs.Go();
    const double wall =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double used = CpuSeconds() - cpu;
    const long synced = SyncCount() - syncs;
    std::vector<std::int64_t>& latencies = runs.latencies();
    std::sort(latencies.begin(), latencies.end());
    const auto at = [&](double part) {
      return static_cast<double>(
                 latencies[static_cast<size_t>(part * static_cast<double>(latencies.size() - 1))]) /
             1000.0;
    };
    std::printf(
        "%-34s %9.0f steps/s %7.1f fsyncs/1000 %7.1f CPU-ms/1000   p50 %.2f p99 %.2f "
        "max %.2f ms\n",
        arm.name.c_str(), steps / wall, 1000.0 * static_cast<double>(synced) / steps,
        1e6 * used / steps, at(0.5), at(0.99), latencies.empty() ? 0.0 : at(1.0));
  }
  for (const char* end : {"", "-wal", "-shm", ".owner"}) std::filesystem::remove(path + end);
}

}  // namespace
}  // namespace dragoman

int main(int count, char** words) {
  const std::string folder = count > 1 ? words[1] : ".";
  const int steps = count > 2 ? std::atoi(words[2]) : 100'000;
  const int rounds = count > 3 ? std::atoi(words[3]) : 3;
  dragoman::RegisterCountingVfs();
  for (int round = 0; round < rounds; ++round) {
    dragoman::Measure({.name = "group commit, 16 runs"}, folder, steps);
    dragoman::Measure({.name = "one transaction a step, 16 runs",
                       .max_group = 1,
                       .gather = std::chrono::microseconds(0)},
                      folder, steps / 4);
    dragoman::Measure({.name = "group commit, 1 run", .runs = 1}, folder, steps / 4);
  }
  return 0;
}
