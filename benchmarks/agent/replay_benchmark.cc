// How fast a call's log is run again: events of a recorded call per second, beside protobuf's own
// parser reading the same records and nothing else.
//
//   agent_replay_benchmark --benchmark_repetitions=9 --benchmark_enable_random_interleaving=true
//
// DRAGOMAN_LOG names another log than the shipped one. items_per_second counts records.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dragoman/agent/call_log.h"
#include "dragoman/agent/replay.h"
#include "dragoman/core/status.h"
#include "dragoman/v1/call_log.pb.h"

namespace dragoman {
namespace {

[[noreturn]] void Die(std::string_view what) {
  std::cerr << "agent_replay_benchmark: " << what << "\n";
  std::exit(1);
}

// The events of the recorded call with the commands that this build's machine gives on them: a log
// of another version would be compared down to its first difference only.
std::string RunAnew(std::string bytes) {
  auto log = EventLogReader::FromBytes(std::move(bytes));
  if (!log.ok()) Die(MessageOf(log.status()));
  auto reader = CallLogReader::Create(*std::move(log));
  if (!reader.ok()) Die(MessageOf(reader.status()));
  CallLogHeader header = reader->header();
  header.machine_version = kCallMachineVersion;
  header.tables_digest = CallTablesDigest();
  MemoryEventLogStore store;
  auto writer = CallLogWriter::Create(store, "anew", header);
  if (!writer.ok()) Die(MessageOf(writer.status()));
  CallMachine machine(header.options);
  std::vector<CallCommand> commands;
  while (true) {
    auto record = reader->Next();
    if (!record.ok()) break;
    auto* step = std::get_if<CallStep>(&*record);
    if (!step) continue;
    commands.clear();
    machine.Step(step->event, &commands);
    (*writer)->Write(step->event, commands);
  }
  if (!(*writer)->Close().ok()) Die("not written");
  return store.Bytes("anew");
}

const std::string& LogBytes() {
  static const std::string bytes = [] {
    const char* path = std::getenv("DRAGOMAN_LOG");
    std::ifstream file(path ? path : DRAGOMAN_SOURCE_DIR "/tests/golden_logs/machine-1-demo.log",
                       std::ios::binary);
    return RunAnew(std::string(std::istreambuf_iterator<char>(file), {}));
  }();
  return bytes;
}

EventLogReader Open() {
  auto log = EventLogReader::FromBytes(LogBytes());
  if (!log.ok()) Die(MessageOf(log.status()));
  return *std::move(log);
}

void BM_Replay(benchmark::State& state) {
  std::int64_t events = 0;
  for (auto _ : state) {
    auto result = ReplayCall(Open());
    if (!result.ok()) Die(MessageOf(result.status()));
    if (result->verdict != ReplayVerdict::kIdentical) Die(result->first_difference);
    events += result->events;
  }
  state.SetItemsProcessed(events);
}

// Without running the machine.
void BM_ReadLog(benchmark::State& state) {
  std::int64_t records = 0;
  for (auto _ : state) {
    auto reader = CallLogReader::Create(Open());
    if (!reader.ok()) Die(MessageOf(reader.status()));
    while (true) {
      auto record = reader->Next();
      if (!record.ok()) break;
      benchmark::DoNotOptimize(*record);
      ++records;
    }
  }
  state.SetItemsProcessed(records);
}

// Without reading: the machine alone, on events that are there already.
void BM_MachineAlone(benchmark::State& state) {
  auto reader = CallLogReader::Create(Open());
  if (!reader.ok()) Die(MessageOf(reader.status()));
  std::vector<CallEvent> events;
  while (true) {
    auto record = reader->Next();
    if (!record.ok()) break;
    if (auto* step = std::get_if<CallStep>(&*record)) events.push_back(std::move(step->event));
  }
  std::vector<CallCommand> commands;
  for (auto _ : state) {
    CallMachine machine(reader->header().options);
    for (const CallEvent& event : events) {
      commands.clear();
      machine.Step(event, &commands);
      benchmark::DoNotOptimize(commands.data());
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(events.size()));
}

// The reference: what reading the records costs with the library that everybody uses.
void BM_ProtobufParse(benchmark::State& state) {
  std::int64_t records = 0;
  v1::Record message;
  for (auto _ : state) {
    EventLogReader log = Open();
    while (true) {
      auto bytes = log.Next();
      if (!bytes.ok()) break;
      if (!message.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())))
        Die("not parsed");
      benchmark::DoNotOptimize(message);
      ++records;
    }
  }
  state.SetItemsProcessed(records);
}

// The records' frames and checksums alone.
void BM_Frames(benchmark::State& state) {
  std::int64_t records = 0;
  for (auto _ : state) {
    EventLogReader log = Open();
    while (true) {
      auto bytes = log.Next();
      if (!bytes.ok()) break;
      benchmark::DoNotOptimize(bytes->data());
      ++records;
    }
  }
  state.SetItemsProcessed(records);
}

BENCHMARK(BM_Replay);
BENCHMARK(BM_ReadLog);
BENCHMARK(BM_MachineAlone);
BENCHMARK(BM_ProtobufParse);
BENCHMARK(BM_Frames);

}  // namespace
}  // namespace dragoman
