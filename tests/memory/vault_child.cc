// A process that works in a vault until it is killed, or until it aborts.
//   vault_child work FOLDER FIRST POINT   rotates and puts; dies at the POINT-th moment of its
//   store vault_child abort FOLDER DIGITS       puts and reveals DIGITS backwards, then aborts
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "dragoman/core/mutex.h"
#include "dragoman/memory/vault.h"
#include "dragoman/providers/sqlite/sqlite_store.h"

namespace dragoman {
namespace {

constexpr int kUsers = 70;  // more than a page of the master key's rotation

template <typename Result>
struct Answer {
  Mutex mutex;
  std::condition_variable come;
  std::optional<Result> result DRAGOMAN_GUARDED_BY(mutex);

  void Give(Result got) {
    const MutexLock lock(mutex);
    result.emplace(std::move(got));
    come.notify_one();
  }
  Result Take() {
    MutexLock lock(mutex);
    lock.Wait(come, [this] { return result.has_value(); });
    return *std::move(result);
  }
};

// Asks on the executor, waits here.
template <typename Result, typename Ask>
Result Wait(Executor& executor, Ask ask) {
  auto answer = std::make_shared<Answer<Result>>();
  executor.Post([&ask, answer] { ask([answer](Result got) { answer->Give(std::move(got)); }); });
  return answer->Take();
}

struct World {
  explicit World(std::string folder_in, int point) : folder(std::move(folder_in)) {
    auto opened = MakeSqliteStore({.path = folder + "/dragoman.db"},
                                  {.probe = [this, point](std::string_view) {
                                    if (++moments == point) raise(SIGKILL);
                                  }});
    if (!opened.ok()) Fail(opened.status());
    store = *std::move(opened);
    auto ready = Wait<absl::StatusOr<std::unique_ptr<Vault>>>(executor, [this](auto done) {
      OpenVault({.key_file = folder + "/vault.keys", .witness_file = folder + "/vault.witness"},
                {.store = store.get(), .executor = &executor, .random = &random}, std::move(done));
    });
    if (!ready.ok()) Fail(ready.status());
    vault = *std::move(ready);
  }
  ~World() {
    RunAndWait(executor, [this] { vault.reset(); });
  }
  [[noreturn]] static void Fail(const absl::Status& status) {
    fprintf(stderr, "%s\n", status.ToString().c_str());
    _exit(3);
  }
  static void Expect(const absl::Status& status) {
    if (!status.ok()) Fail(status);
  }

  const std::string folder;
  std::atomic<int> moments{0};
  SystemClock clock;
  SystemRandom random;
  ThreadExecutor executor{clock};
  std::unique_ptr<Store> store;
  std::unique_ptr<Vault> vault;
};

const SecretSink kSink{.sink = "host:example.org", .purpose = "log-in"};

int Work(const char* folder, int first, int point) {
  World world(folder, point);
  std::atomic<bool> rotating{false};
  // Ends by a kill, or after enough.
  for (int i = first; i < first + 400; ++i) {
    const std::string user = "u" + std::to_string(i % kUsers);
    if (i % 15 == 0 && !rotating.exchange(true)) {
      world.executor.Post([&world, &rotating] {
        world.vault->RotateMasterKey([&rotating](const absl::StatusOr<std::int64_t>& version) {
          World::Expect(version.status());
          rotating = false;
        });
      });
    }
    const auto put = Wait<absl::StatusOr<VaultEntry>>(world.executor, [&](auto done) {
      world.vault->Put(user,
                       {.record = "r",
                        .field = "f",
                        .value = Secret("value " + std::to_string(100'000 + i)),
                        .sinks = {kSink}},
                       std::move(done));
    });
    World::Expect(put.status());
    printf("%d\n", i);
    fflush(stdout);
    if (i % 4 == 0) {
      World::Expect(Wait<absl::StatusOr<std::int64_t>>(world.executor, [&](auto done) {
                      world.vault->RotateUserKey(user, std::move(done));
                    }).status());
    }
  }
  while (rotating) {
    World::Expect(Wait<absl::StatusOr<std::vector<VaultEntry>>>(world.executor, [&](auto done) {
                    world.vault->List("u0", std::move(done));
                  }).status());
  }
  return 0;
}

int Abort(const char* folder, const char* digits) {
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  if (setrlimit(RLIMIT_CORE, &all) != 0 || chdir(folder) != 0) return 4;
  World world(folder, -1);
  // Backwards, so that what the command line and the program's text hold is something else.
  const auto backwards = [digits] {
    std::string text(digits);
    std::string turned(text.rbegin(), text.rend());
    return turned;
  };
  World::Expect(Wait<absl::StatusOr<VaultEntry>>(world.executor, [&](auto done) {
                  world.vault->Put(
                      "u1",
                      {.record = "r", .field = "f", .value = Secret(backwards()), .sinks = {kSink}},
                      std::move(done));
                }).status());
  World::Expect(Wait<absl::StatusOr<std::int64_t>>(world.executor, [&](auto done) {
                  world.vault->RotateMasterKey(std::move(done));
                }).status());
  World::Expect(Wait<absl::StatusOr<Secret>>(world.executor, [&](auto done) {
                  world.vault->Reveal("u1", "vault:r/f", kSink, std::move(done));
                }).status());
  // What ordinary memory looks like in the dump: the digits as capital letters, backwards, twice.
  auto* const control = new std::string;
  for (std::size_t i = 2 * strlen(digits); i > 0; --i) {
    *control += static_cast<char>(digits[(i - 1) % strlen(digits)] + 17);
  }
  if (control->empty()) return 5;
  abort();
}

}  // namespace
}  // namespace dragoman

int main(int argc, char** argv) {
  if (argc == 5 && strcmp(argv[1], "work") == 0) {
    return dragoman::Work(argv[2], atoi(argv[3]), atoi(argv[4]));
  }
  if (argc == 4 && strcmp(argv[1], "abort") == 0) return dragoman::Abort(argv[2], argv[3]);
  return 2;
}
