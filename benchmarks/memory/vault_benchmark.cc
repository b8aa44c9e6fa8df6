// What the vault's operations cost, with their audit entry durable on the disk:
//   memory_vault_benchmark FOLDER VALUES ROUNDS
// and the reference arm: a bare audit entry of the same store, which is what an operation waits
// for.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/core/executor.h"
#include "dragoman/memory/vault.h"
#include "dragoman/providers/sqlite/sqlite_store.h"

namespace dragoman {
namespace {

const SecretSink kSink{.sink = "host:example.org", .purpose = "log-in"};

struct Bench {
  SystemClock clock;
  PumpedExecutor executor{clock};
  SystemRandom random;
  std::unique_ptr<Store> store;
  std::unique_ptr<Vault> vault;

  // Microseconds of each round, sorted.
  void Measure(const char* name, int rounds, const std::function<void(int)>& once) {
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      once(i);
      executor.RunReady();
      times.push_back(
          std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
              .count());
    }
    std::sort(times.begin(), times.end());
    printf("%-28s p50 %8.0f us   p99 %8.0f us\n", name, times[times.size() / 2],
           times[times.size() * 99 / 100]);
  }
};

void Expect(const absl::Status& status) {
  if (status.ok()) return;
  fprintf(stderr, "%s\n", status.ToString().c_str());
  exit(1);
}

int Run(const std::string& folder, int values, int rounds) {
  std::filesystem::create_directories(folder);
  Bench bench;
  auto store = MakeSqliteStore({.path = folder + "/dragoman.db", .on_calling_thread = true});
  Expect(store.status());
  bench.store = *std::move(store);
  const VaultOptions options{.key_file = folder + "/vault.keys",
                             .witness_file = folder + "/vault.witness"};
  const VaultDependencies with{
      .store = bench.store.get(), .executor = &bench.executor, .random = &bench.random};
  InitVault(options, with, [](const absl::Status& made) { Expect(made); });
  bench.executor.RunReady();
  OpenVault(options, with, [&bench](absl::StatusOr<std::unique_ptr<Vault>> opened) {
    Expect(opened.status());
    bench.vault = *std::move(opened);
  });
  bench.executor.RunReady();
  const auto put = [&bench](int i) {
    bench.vault->Put("u",
                     {.record = "r" + std::to_string(i),
                      .field = "f",
                      .value = Secret("value " + std::to_string(i + 1000)),
                      .sinks = {kSink}},
                     [](const absl::StatusOr<VaultEntry>& kept) { Expect(kept.status()); });
  };
  for (int i = 0; i < values; ++i) {
    put(i);
    bench.executor.RunReady();
  }
  printf("%d values of one user, %d rounds\n", values, rounds);
  bench.Measure("bare audit entry", rounds, [&](int) {
    StoreTransaction transaction;
    transaction.steps.push_back({.actor = "bench", .action = "nothing"});
    Expect(
        bench.store->Commit(std::move(transaction), bench.executor,
                            [](const absl::StatusOr<Committed>& kept) { Expect(kept.status()); }));
  });
  bench.Measure("reveal", rounds, [&](int i) {
    bench.vault->Reveal("u", "vault:r" + std::to_string(i % values) + "/f", kSink,
                        [](const absl::StatusOr<Secret>& value) { Expect(value.status()); });
  });
  bench.Measure("put", rounds, [&](int i) { put(i % values); });
  bench.Measure("list", rounds, [&](int) {
    bench.vault->List("u", [](const auto& list) { Expect(list.status()); });
  });
  bench.Measure("rotate the user's key", std::max(1, rounds / 10), [&](int) {
    bench.vault->RotateUserKey("u", [](const auto& done) { Expect(done.status()); });
  });
  bench.Measure("rotate the master key", std::max(1, rounds / 10), [&](int) {
    bench.vault->RotateMasterKey([](const auto& done) { Expect(done.status()); });
  });
  bench.vault.reset();
  return 0;
}

}  // namespace
}  // namespace dragoman

int main(int argc, char** argv) {
  if (argc != 4 || atoi(argv[2]) < 1 || atoi(argv[3]) < 1) {
    fprintf(stderr, "usage: memory_vault_benchmark FOLDER VALUES ROUNDS\n");
    return 2;
  }
  return dragoman::Run(argv[1], atoi(argv[2]), atoi(argv[3]));
}
