// What remembering and looking up cost, with the audit entry durable on the disk:
//   memory_memories_benchmark FOLDER MEMORIES ROUNDS
// and the reference arm: reading all of the person's rows, which every operation does.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "dragoman/core/executor.h"
#include "dragoman/memory/memories.h"
#include "dragoman/providers/sqlite/sqlite_store.h"

namespace dragoman {
namespace {

struct Bench {
  SystemClock clock;
  PumpedExecutor executor{clock};
  SystemRandom random;
  std::unique_ptr<Store> store;
  std::unique_ptr<Memories> memories;

  void Measure(const char* name, int rounds, const std::function<void(int)>& once) {
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      once(i);
      executor.RunReady();
      times.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
              .count());
    }
    std::sort(times.begin(), times.end());
    printf("%-28s p50 %8.2f ms   p99 %8.2f ms\n", name, times[times.size() / 2],
           times[times.size() * 99 / 100]);
  }
};

void Expect(const absl::Status& status) {
  if (status.ok()) return;
  fprintf(stderr, "%s\n", status.ToString().c_str());
  exit(1);
}

// About 100 bytes, of 2,000 words.
std::string TextOf(int number) {
  std::string text = "number " + std::to_string(number);
  unsigned state = static_cast<unsigned>(number) + 1;
  for (int i = 0; i < 14; ++i) {
    state = state * 1'103'515'245u + 12'345u;
    text += " w" + std::to_string(state / 65'536u % 2'000);
  }
  return text;
}

int Run(const std::string& folder, int count, int rounds) {
  std::filesystem::create_directories(folder);
  Bench bench;
  auto store = MakeSqliteStore({.path = folder + "/dragoman.db", .on_calling_thread = true});
  Expect(store.status());
  bench.store = *std::move(store);
  auto memories = Memories::Create(
      {.most = 100'000, .most_bytes = 64 << 20},
      {.store = bench.store.get(), .executor = &bench.executor, .random = &bench.random});
  Expect(memories.status());
  bench.memories = *std::move(memories);
  StoreTransaction filling;
  for (int i = 0; i < count; ++i) {
    filling.changes.emplace_back(MemoryRecord{.user_id = "u",
                                              .id = "m" + std::to_string(i),
                                              .kind = "fact",
                                              .body = TextOf(i),
                                              .labels = FormatLabel(UserLabel()),
                                              .created = bench.clock.WallNow()});
  }
  filling.steps.push_back({.actor = "bench", .action = "filled"});
  Expect(bench.store->Commit(std::move(filling), bench.executor,
                             [](const auto& kept) { Expect(kept.status()); }));
  bench.executor.RunReady();
  printf("%d memories of one person, %d rounds\n", count, rounds);
  bench.Measure("reading the rows", rounds, [&](int) {
    Expect(
        bench.store->Read([](StoreView& view) { return view.ListMemories("u", "fact").status(); },
                          bench.executor, [](const absl::Status& read) { Expect(read); }));
  });
  bench.Measure("search, 4 words", rounds, [&](int i) {
    bench.memories->Search("u", {.words = "w1 w7 w" + std::to_string(i % 2'000) + " number"},
                           [](const auto& found) { Expect(found.status()); });
  });
  bench.Measure("remember", rounds, [&](int i) {
    bench.memories->Remember("u", {.text = TextOf(i), .label = UserLabel()},
                             [](const auto& kept) { Expect(kept.status()); });
  });
  return 0;
}

}  // namespace
}  // namespace dragoman

int main(int argc, char** argv) {
  if (argc != 4 || atoi(argv[2]) < 1 || atoi(argv[3]) < 1) {
    fprintf(stderr, "usage: memory_memories_benchmark FOLDER MEMORIES ROUNDS\n");
    return 2;
  }
  return dragoman::Run(argv[1], atoi(argv[2]), atoi(argv[3]));
}
