// A real process with a vault: killed anywhere, aborted with a core dump.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>

#include "dragoman/store/digest.h"
#include "src/memory/key_ring.h"
#include "src/memory/key_store.h"
#include "src/memory/sealing.h"
#include "tests/memory/vault_rig.h"

namespace dragoman {
namespace {

using ::testing::SizeIs;

constexpr int kUsers = 70;
const SecretSink kSink{.sink = "host:example.org", .purpose = "log-in"};

class Child {
 public:
  explicit Child(std::vector<std::string> arguments) {
    int output[2];
    if (pipe(output) != 0) return;
    std::vector<char*> words;
    arguments.insert(arguments.begin(), DRAGOMAN_VAULT_CHILD);
    for (std::string& word : arguments) words.push_back(word.data());
    words.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(output[1], 1);
      close(output[0]);
      close(output[1]);
      execv(words[0], words.data());
      _exit(127);
    }
    close(output[1]);
    output_ = fdopen(output[0], "r");
  }
  ~Child() {
    if (output_ != nullptr) fclose(output_);
  }
  // The last number that it printed before it ended, and how it ended.
  std::pair<int, int> ReadToEnd(int kill_after) {
    int last = -1;
    int lines = 0;
    std::array<char, 64> line{};
    if (kill_after == 0) kill(pid_, SIGKILL);
    while (fgets(line.data(), line.size(), output_) != nullptr) {
      last = atoi(line.data());
      if (++lines == kill_after) kill(pid_, SIGKILL);
    }
    int status = 0;
    waitpid(pid_, &status, 0);
    return {last, status};
  }

 private:
  pid_t pid_ = -1;
  FILE* output_ = nullptr;
};

class VaultKillTest : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    for (int i = 0; i < kUsers; ++i) {
      acknowledged["u" + std::to_string(i)] = i;
      ASSERT_THAT(rig.Put({.record = "r",
                           .field = "f",
                           .value = Secret("value " + std::to_string(100'000 + i)),
                           .sinks = {kSink}},
                          "u" + std::to_string(i)),
                  IsOk());
    }
    next = kUsers;
  }

  // Works until the end that is asked for; then everything acknowledged must be readable.
  void KillOnce(int point, int after) {
    rig.Close();
    int last = -1;
    {
      Child child({"work", rig.folder(), std::to_string(next), std::to_string(point)});
      const auto [printed, status] = child.ReadToEnd(after);
      last = printed;
      ASSERT_TRUE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
                  (WIFEXITED(status) && WEXITSTATUS(status) == 0))
          << "status " << status;
      kills += WIFSIGNALED(status) ? 1 : 0;
    }
    for (int i = next; i <= last; ++i) acknowledged["u" + std::to_string(i % kUsers)] = i;
    if (last >= next) next = last + 1;
    ASSERT_THAT(rig.Restart(), IsOk());
    for (const auto& [user, number] : acknowledged) {
      const auto value = rig.Reveal("vault:r/f", kSink, user);
      ASSERT_THAT(value, IsOk()) << user;
      // The one after the last acknowledged may have been kept.
      const std::string told = "value " + std::to_string(100'000 + number);
      const std::string untold = "value " + std::to_string(100'000 + next);
      EXPECT_TRUE(*value == told || *value == untold) << user << " has " << *value;
    }
  }

  std::map<std::string, int> acknowledged;
  int next = 0;
  int kills = 0;
};

int Rounds(const char* name, int ordinary) {
  const char* const given = getenv(name);
  return given != nullptr ? atoi(given) : ordinary;
}

TEST_F(VaultKillTest, KilledAtMomentsOfTheStoreEverythingIsReadable_P11) {
  const int most = Rounds("DRAGOMAN_VAULT_KILLS", 12);
  for (int point = 1; point <= most; ++point) KillOnce(point * 3 - 1, -1);
  EXPECT_EQ(kills, most);
  ASSERT_THAT(rig.RotateMasterKey(), IsOk());
  EXPECT_THAT(rig.Retire(), IsOk());
}

TEST_F(VaultKillTest, KilledFromOutsideWhileItRotatesEverythingIsReadable_P11) {
  std::minstd_rand random(2026);
  const int most = Rounds("DRAGOMAN_VAULT_KILLS", 12);
  for (int i = 0; i < most; ++i) KillOnce(-1, static_cast<int>(random() % 60));
  EXPECT_EQ(kills, most);
  ASSERT_THAT(rig.RotateMasterKey(), IsOk());
  EXPECT_THAT(rig.Retire(), IsOk());
}

TEST_F(VaultTest, ACoreDumpHasNoKeyInIt_P15) {
  std::ifstream pattern("/proc/sys/kernel/core_pattern");
  std::string where;
  std::getline(pattern, where);
  if (where.empty() || where[0] == '|' || where[0] == '/') {
    GTEST_SKIP() << "this machine writes no core file into the working folder: " << where;
  }
  rig.Close();
  const std::string digits = "97531086421357";
  const auto [last, status] = Child({"abort", rig.folder(), digits}).ReadToEnd(-1);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) << status;
  std::string dump;
  for (const auto& entry : std::filesystem::directory_iterator(rig.folder())) {
    if (entry.path().filename().string().starts_with("core")) {
      dump = FileBytes(entry.path().string());
    }
  }
  if (dump.empty()) GTEST_SKIP() << "no core file was written here (a limit of the machine)";
  // The dump shows ordinary memory: so what is not found was kept out of it.
  std::string control(digits.rbegin(), digits.rend());
  for (char& c : control) c = static_cast<char>(c + 17);
  ASSERT_NE(dump.find(control + control), std::string::npos);

  auto keys = MasterKeys::Load(rig.keys());
  ASSERT_THAT(keys, IsOk());
  ASSERT_THAT((*keys)->versions(), SizeIs(2));
  std::vector<std::pair<std::string, std::string>> secrets = {
      {"witness key", std::string((*keys)->held().witness.view())}};
  for (const auto& [version, key] : (*keys)->held().versions) {
    secrets.emplace_back("master key " + std::to_string(version), std::string(key.view()));
  }
  ASSERT_THAT(rig.Restart(), IsOk());
  UserKeyRecord record;
  ASSERT_THAT(rig.Look([&](StoreView& view) -> absl::Status {
    record = *view.FindUserKey("u1").value();
    return absl::OkStatus();
  }),
              IsOk());
  memory::KeyRing ring("default", *std::move(keys), rig.random);
  auto data_key = ring.Open(record);
  ASSERT_THAT(data_key, IsOk());
  secrets.emplace_back("data key", std::string((*data_key)->view()));
  for (const auto& [what, bytes] : secrets) {
    ASSERT_EQ(bytes.size(), 32u);
    // Any half of it, as bytes or as digits.
    for (std::size_t from : {0, 16}) {
      const std::string half = bytes.substr(from, 16);
      EXPECT_EQ(dump.find(half), std::string::npos) << what << " from " << from;
      EXPECT_EQ(dump.find(ToHex(half)), std::string::npos) << what << " in hex from " << from;
    }
  }
  // A value that was put, revealed and let go.
  EXPECT_EQ(dump.find(std::string(digits.rbegin(), digits.rend())), std::string::npos);
}

}  // namespace
}  // namespace dragoman
