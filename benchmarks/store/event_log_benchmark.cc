// What the event log costs the loop that owns a call: one step of the machine appended, with and
// without its encoding, beside the least that any log would do with the same bytes.
//
//   store_event_log_benchmark --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true
//
// The records are those of a recorded call. Each iteration appends the whole call; the writer's
// thread takes it away and puts it on disk meanwhile, in a folder of its own under TMPDIR. "Time"
// counts the appending thread; per record see the counter ns_per_record.
#include <benchmark/benchmark.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dragoman/agent/call_log.h"
#include "dragoman/core/status.h"
#include "dragoman/store/event_log.h"

namespace dragoman {
namespace {

[[noreturn]] void Die(std::string_view what) {
  std::cerr << "store_event_log_benchmark: " << what << "\n";
  std::exit(1);
}

// The CPU time of this thread: the writer's is its own.
double ThreadSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct RecordedCall {
  CallLogHeader header;
  std::vector<CallStep> steps;
  std::vector<std::string> records;  // the steps, encoded
  std::size_t bytes = 0;
};

const RecordedCall& Call() {
  static const RecordedCall call = [] {
    auto log = EventLogReader::Open(DRAGOMAN_SOURCE_DIR "/tests/golden_logs/machine-1-demo.log");
    if (!log.ok()) Die(MessageOf(log.status()));
    auto reader = CallLogReader::Create(*std::move(log));
    if (!reader.ok()) Die(MessageOf(reader.status()));
    RecordedCall result;
    result.header = reader->header();
    while (true) {
      auto record = reader->Next();
      if (!record.ok()) break;
      auto* step = std::get_if<CallStep>(&*record);
      if (!step) continue;
      result.records.push_back(EncodeRecord(*record));
      result.bytes += result.records.back().size();
      result.steps.push_back(std::move(*step));
    }
    return result;
  }();
  return call;
}

class Folder {
 public:
  Folder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "dragoman-log-bench-XXXXXX").string();
    if (!mkdtemp(pattern.data())) Die("no temporary folder");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Runs `append` once an iteration, on what `open` gave, and counts the time inside `append` alone.
template <typename Open, typename Append>
void Run(benchmark::State& state, Open open, Append append) {
  double seconds = 0;
  for (auto _ : state) {
    auto sink = open();
    const double begin = ThreadSeconds();
    append(sink);
    const double taken = ThreadSeconds() - begin;
    state.SetIterationTime(taken);
    seconds += taken;
  }
  const auto records =
      static_cast<double>(state.iterations()) * static_cast<double>(Call().records.size());
  state.counters["ns_per_record"] = seconds * 1e9 / records;
  state.counters["bytes_per_record"] =
      static_cast<double>(Call().bytes) / static_cast<double>(Call().records.size());
}

// As a session does it: encode the event and its commands, append.
void BM_WriteStep(benchmark::State& state) {
  Folder folder;
  auto store = MakeFileEventLogStore(folder.path());
  if (!store.ok()) Die(MessageOf(store.status()));
  int number = 0;
  Run(
      state,
      [&] {
        auto log = CallLogWriter::Create(**store, std::to_string(++number), Call().header);
        if (!log.ok()) Die(MessageOf(log.status()));
        return *std::move(log);
      },
      [](std::unique_ptr<CallLogWriter>& log) {
        for (const CallStep& step : Call().steps) log->Write(step.event, step.commands);
      });
}

// The log alone: bytes that are encoded already.
void BM_Append(benchmark::State& state) {
  Folder folder;
  auto store = MakeFileEventLogStore(folder.path());
  if (!store.ok()) Die(MessageOf(store.status()));
  int number = 0;
  Run(
      state,
      [&] {
        auto log = (*store)->Create(std::to_string(++number));
        if (!log.ok()) Die(MessageOf(log.status()));
        return *std::move(log);
      },
      [](std::unique_ptr<EventLog>& log) {
        for (const std::string& record : Call().records) {
          if (!log->Append(record).ok()) Die("not appended");
        }
      });
}

// References: the same bytes, copied into memory that is there; and given to stdio.
void BM_Memcpy(benchmark::State& state) {
  std::string buffer(Call().bytes, '\0');
  Run(
      state, [&] { return buffer.data(); },
      [](char* to) {
        for (const std::string& record : Call().records) {
          std::memcpy(to, record.data(), record.size());
          to += record.size();
          benchmark::ClobberMemory();
        }
      });
}

void BM_Fwrite(benchmark::State& state) {
  Folder folder;
  std::FILE* file = std::fopen((folder.path() + "/plain").c_str(), "wb");
  if (!file) Die("no file");
  Run(
      state, [&] { return file; },
      [](std::FILE* to) {
        for (const std::string& record : Call().records) {
          if (std::fwrite(record.data(), 1, record.size(), to) != record.size()) Die("not written");
        }
      });
  std::fclose(file);
}

BENCHMARK(BM_WriteStep)->UseManualTime()->Iterations(300);
BENCHMARK(BM_Append)->UseManualTime()->Iterations(300);
BENCHMARK(BM_Memcpy)->UseManualTime()->Iterations(300);
BENCHMARK(BM_Fwrite)->UseManualTime()->Iterations(300);

}  // namespace
}  // namespace dragoman
