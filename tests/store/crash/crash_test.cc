// kill -9 at every named point of store, journal and sender: nothing twice, nothing lost, nothing
// stuck. Rounds for each point: DRAGOMAN_KILL_ROUNDS (2; nightly 20); DRAGOMAN_KILL_RANDOM (50;
// nightly 500) rounds more die at points drawn at random, up to three times in a row.
#include <arpa/inet.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dragoman/core/random.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/store/audit.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/child_process.h"
#include "tests/providers/sqlite/temporary_folder.h"
#include "tests/store/crash/crash_clock.h"

namespace dragoman {
namespace {

constexpr int kGoals = 9;

int FromEnvironment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

// Every point that a run of nine goals passes, on its first way or on its way back.
const std::vector<std::string>& Points() {
  static const std::vector<std::string> points = {"store: migration written",
                                                  "store: migration kept",
                                                  "store: group begun",
                                                  "store: change written",
                                                  "store: step written",
                                                  "store: group written",
                                                  "store: group durable",
                                                  "store: group answered",
                                                  "recovery begun",
                                                  "recovery read",
                                                  "goal acknowledged",
                                                  "before planned",
                                                  "planned",
                                                  "before APPROVED",
                                                  "durable APPROVED",
                                                  "before ARMED",
                                                  "durable ARMED",
                                                  "before send",
                                                  "carrier: before connect",
                                                  "carrier: connected",
                                                  "carrier: half sent",
                                                  "carrier: sent",
                                                  "carrier: answered",
                                                  "after send",
                                                  "answer to send",
                                                  "before SENT",
                                                  "durable SENT",
                                                  "before poll",
                                                  "answer to poll",
                                                  "before CONFIRMED",
                                                  "durable CONFIRMED",
                                                  "before FAILED_DEFINITE",
                                                  "durable FAILED_DEFINITE",
                                                  "before UNKNOWN",
                                                  "durable UNKNOWN",
                                                  "before lookup",
                                                  "answer to lookup",
                                                  "before DONE",
                                                  "durable DONE",
                                                  "before NOT_DONE",
                                                  "durable NOT_DONE",
                                                  "before NEEDS_HUMAN",
                                                  "durable NEEDS_HUMAN",
                                                  "goal ended"};
  return points;
}

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() : carrier_({DRAGOMAN_CARRIER}), port_(carrier_.ReadLine()) {}

  // How the process ended: 0, an exit code, or minus the signal.
  int RunChild(const std::string& folder, const std::string& point, int count) {
    std::vector<std::string> words = {DRAGOMAN_CRASH_CHILD, folder, port_, prefix_, point,
                                      std::to_string(count)};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t pid = 0;
    if (posix_spawn(&pid, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) return 1;
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }

  int Placed(int digit) {
    const int peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port_.c_str())));
    std::string answer;
    if (connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
      const std::string line = "COUNT " + prefix_ + std::to_string(digit) + "\n";
      if (send(peer, line.data(), line.size(), MSG_NOSIGNAL) > 0) {
        char byte = 0;
        while (read(peer, &byte, 1) == 1 && byte != '\n') answer += byte;
      }
    }
    close(peer);
    return answer.empty() ? -1 : std::atoi(answer.c_str());
  }

  // A round: dies at each of `deaths` that is reached, then runs to its end. Counts how many died.
  int Round(const std::vector<std::pair<std::string, int>>& deaths) {
    prefix_ = "+49" + std::to_string(++round_) + "0";
    TemporaryFolder folder;
    int died = 0;
    CrashClock clock(folder.File("clock"));
    for (const auto& [point, count] : deaths) {
      const int ended = RunChild(folder.path(), point, count);
      EXPECT_TRUE(ended == 0 || ended == -SIGKILL) << point << ": " << ended;
      died += ended == -SIGKILL;
      clock.Advance(std::chrono::seconds(random_.Below(200)));
    }
    EXPECT_EQ(RunChild(folder.path(), "-", 0), 0);
    Inspect(folder, deaths);
    return died;
  }

  void Inspect(const TemporaryFolder& folder,
               const std::vector<std::pair<std::string, int>>& deaths) {
    std::string where = "killed at";
    for (const auto& [point, count] : deaths) where += " '" + point + "' " + std::to_string(count);
    SCOPED_TRACE(where);
    auto store = MakeSqliteStore({.path = folder.File("store.db"), .on_calling_thread = true});
    ASSERT_THAT(store, IsOk());
    ManualExecutor executor;
    ASSERT_THAT((*store)->Read(
                    [&](StoreView& view) {
                      Check(view, folder);
                      return absl::OkStatus();
                    },
                    executor, [](absl::Status) {}),
                IsOk());
  }

  void Check(StoreView& view, const TemporaryFolder& folder) {
    const auto goals = view.ListGoals("", false, "", 100);
    ASSERT_THAT(goals, IsOk());
    std::set<std::string> names;
    for (const GoalRecord& goal : *goals) {
      names.insert(goal.id);
      EXPECT_TRUE(goal.final) << goal.id << " is stuck in " << goal.state;
      const int digit = goal.id.back() - '0';
      const int placed = Placed(digit);
      EXPECT_LE(placed, 1) << goal.id << " was called twice";
      EXPECT_TRUE(goal.state != "COMPLETED" || placed == 1) << goal.id;
      // Only a carrier that could not be asked for 20 minutes leaves the question to a person.
      EXPECT_TRUE(goal.state != "ESCALATED" || digit == 7) << goal.id;
      escalated_ += goal.state == "ESCALATED";
    }
    EXPECT_EQ(names.size(), static_cast<size_t>(kGoals));
    std::ifstream acknowledged(folder.File("acknowledged"));
    for (std::string goal; std::getline(acknowledged, goal);) {
      EXPECT_TRUE(names.contains(goal)) << goal << " was acknowledged and lost";
    }
    const auto open = view.ListOpenIntents("", 100);
    ASSERT_THAT(open, IsOk());
    EXPECT_THAT(*open, ::testing::IsEmpty());
    const auto report = VerifyAudit(view);
    ASSERT_THAT(report, IsOk());
    EXPECT_EQ(report->first_bad, std::nullopt) << report->reason;
    for (int digit = 0; digit < kGoals; ++digit) {
      const auto budget = view.FindBudget("goal-" + std::to_string(digit), "call");
      ASSERT_THAT(budget, IsOk());
      if (*budget) {
        EXPECT_EQ((*budget)->reserved, 0);
        EXPECT_LE((*budget)->spent, 1);
      }
    }
  }

  ChildProcess carrier_;
  const std::string port_;
  std::string prefix_;
  int round_ = 0;
  int escalated_ = 0;
  SeededRandom random_{20261121};
};

TEST_F(CrashTest, WithoutAKillEveryGoalEndsAndEveryNumberIsCalledOnce) { EXPECT_EQ(Round({}), 0); }

TEST_F(CrashTest, KillsAtEveryNamedPointDoNothingTwiceLoseNothingAndLeaveNothingStuck_D1) {
  ASSERT_GE(Points().size(), 25u);
  const int rounds = FromEnvironment("DRAGOMAN_KILL_ROUNDS", 2);
  for (const std::string& point : Points()) {
    int died = 0;
    for (int i = 0; i < rounds; ++i) {
      // The first time it is reached, then a later one.
      died += Round({{point, i == 0 ? 1 : 1 + static_cast<int>(random_.Below(4))}});
    }
    EXPECT_GE(died, 1) << "'" << point << "' was never reached";
  }
}

TEST_F(CrashTest, KillsAtRandomPointsSeveralTimesInARowNeither_D1) {
  const int rounds = FromEnvironment("DRAGOMAN_KILL_RANDOM", 50);
  int died = 0;
  for (int i = 0; i < rounds; ++i) {
    std::vector<std::pair<std::string, int>> deaths;
    const int times = 1 + static_cast<int>(random_.Below(3));
    for (int k = 0; k < times; ++k) {
      deaths.emplace_back("any", 1 + static_cast<int>(random_.Below(500)));
    }
    died += Round(deaths);
  }
  EXPECT_GT(died, rounds / 2);
}

}  // namespace
}  // namespace dragoman
