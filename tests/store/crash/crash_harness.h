// Rounds of the crash tests: children that are killed, one that runs to the end, and what must hold
// afterwards.
#ifndef DRAGOMAN_TESTS_STORE_CRASH_CRASH_HARNESS_H_
#define DRAGOMAN_TESTS_STORE_CRASH_CRASH_HARNESS_H_

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dragoman/core/random.h"
#include "dragoman/providers/sqlite/sqlite_store.h"
#include "dragoman/store/audit.h"
#include "dragoman/testing/manual_executor.h"
#include "dragoman/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/child_process.h"
#include "tests/providers/mail/mail_server_process.h"
#include "tests/providers/sqlite/temporary_folder.h"
#include "tests/store/crash/crash_clock.h"

namespace dragoman {

inline int FromEnvironment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

class CrashHarness : public ::testing::Test {
 protected:
  // A point and which time it is reached; or, with the preload shim, "before" or "after" and which
  // of the system calls.
  struct Death {
    std::string point;
    int count = 0;
    bool at_system_call = false;
  };

  CrashHarness()
      : carrier_({DRAGOMAN_CARRIER}),
        carrier_port_(carrier_.ReadLine()),
        mail_({DRAGOMAN_MAIL_SERVER, ledger_folder_.File("ledger")}) {}

  // How the process ended: 0, an exit code, or minus the signal.
  int RunChild(const std::string& folder, const Death& death) {
    std::vector<std::string> words = {DRAGOMAN_CRASH_CHILD,
                                      folder,
                                      carrier_port_,
                                      std::to_string(mail_.smtp()),
                                      std::to_string(mail_.imap()),
                                      prefix_,
                                      death.at_system_call ? "-" : death.point,
                                      std::to_string(death.count)};
    words.insert(words.end(), goals_.begin(), goals_.end());
    std::vector<std::string> settings;
    for (char** one = environ; *one != nullptr; ++one) settings.push_back(*one);
    if (death.at_system_call) {
      settings.push_back("LD_PRELOAD=" DRAGOMAN_KILL_SHIM);
      settings.push_back("DRAGOMAN_KILL_AT=" + std::to_string(death.count));
      settings.push_back("DRAGOMAN_KILL_WHEN=" + death.point);
      settings.push_back("DRAGOMAN_KILL_LOG=" + ledger_folder_.File("kills"));
    }
    std::vector<char*> arguments, environment;
    for (std::string& word : words) arguments.push_back(word.data());
    for (std::string& setting : settings) environment.push_back(setting.data());
    arguments.push_back(nullptr);
    environment.push_back(nullptr);
    pid_t pid = 0;
    if (posix_spawn(&pid, arguments[0], nullptr, nullptr, arguments.data(), environment.data()) !=
        0) {
      return 1;
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }

  // A round: dies at each of `deaths` that is reached, then runs to its end. Counts how many died.
  int Round(const std::vector<Death>& deaths) {
    prefix_ = "r" + std::to_string(++round_);
    TemporaryFolder folder;
    int died = 0;
    CrashClock clock(folder.File("clock"));
    mail_.Ask("CLOCK " + folder.File("clock"));
    std::string where = "killed at";
    for (const Death& death : deaths) {
      where += " '" + death.point + "' " + std::to_string(death.count);
      const int ended = RunChild(folder.path(), death);
      EXPECT_TRUE(ended == 0 || ended == -SIGKILL) << where << ": " << ended;
      died += ended == -SIGKILL;
      clock.Advance(std::chrono::seconds(random_.Below(200)));
    }
    SCOPED_TRACE(where);
    EXPECT_EQ(RunChild(folder.path(), {.point = "-"}), 0);
    Inspect(folder);
    return died;
  }

  void Inspect(const TemporaryFolder& folder) {
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

  // How often the far side was reached for this goal.
  int Reached(const std::string& goal) {
    const std::string to = prefix_ + "-" + goal.substr(1);
    if (goal.front() == 'm') return mail_.Count(to + "@example.net");
    return std::atoi(AskPort(std::atoi(carrier_port_.c_str()), "COUNT " + to, '\n').c_str());
  }

  void Check(StoreView& view, const TemporaryFolder& folder) {
    const auto goals = view.ListGoals("", false, "", 100);
    ASSERT_THAT(goals, IsOk());
    std::set<std::string> names;
    for (const GoalRecord& goal : *goals) {
      names.insert(goal.id);
      EXPECT_TRUE(goal.final) << goal.id << " is stuck in " << goal.state;
      const int reached = Reached(goal.id);
      EXPECT_LE(reached, 1) << goal.id << " was done twice";
      EXPECT_TRUE(goal.state != "COMPLETED" || reached == 1) << goal.id << " was not done";
      // Only a far side that could not be asked for 20 minutes leaves the question to a person.
      EXPECT_TRUE(goal.state != "ESCALATED" || goal.id.back() == '7') << goal.id;
      escalated_ += goal.state == "ESCALATED";
    }
    EXPECT_EQ(names, std::set<std::string>(goals_.begin(), goals_.end()));
    std::ifstream acknowledged(folder.File("acknowledged"));
    for (std::string goal; std::getline(acknowledged, goal);) {
      EXPECT_TRUE(names.contains(goal)) << goal << " was acknowledged and lost";
    }
    const auto open = view.ListOpenIntents("", 100);
    ASSERT_THAT(open, IsOk());
    EXPECT_THAT(*open, ::testing::IsEmpty());
    CheckEvents(view, folder);
    const auto report = VerifyAudit(view);
    ASSERT_THAT(report, IsOk());
    EXPECT_EQ(report->first_bad, std::nullopt) << report->reason;
    for (const std::string& goal : goals_) {
      const auto budget = view.FindBudget(goal, "effect");
      ASSERT_THAT(budget, IsOk());
      if (*budget) {
        EXPECT_EQ((*budget)->reserved, 0);
        EXPECT_LE((*budget)->spent, 1);
      }
    }
  }

  // Each event was processed once, in order.
  void CheckEvents(StoreView& view, const TemporaryFolder& folder) {
    const auto log = view.ReadLog(1, 10'000);
    ASSERT_THAT(log, IsOk());
    std::vector<std::string> committed, consumed;
    for (const LogRecord& row : *log) {
      if (row.topic.empty()) continue;
      committed.push_back(std::to_string(row.index) + " " + row.topic + " " + row.event);
    }
    std::ifstream file(folder.File("consumed"));
    for (std::string line; std::getline(file, line);) consumed.push_back(line);
    EXPECT_EQ(consumed, committed);
  }

  std::vector<std::string> goals_ = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8",
                                     "m0", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "ma"};
  TemporaryFolder ledger_folder_;
  ChildProcess carrier_;
  const std::string carrier_port_;
  MailServerProcess mail_;
  std::string prefix_;
  int round_ = 0;
  int escalated_ = 0;
  SeededRandom random_{20261121};
};

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_STORE_CRASH_CRASH_HARNESS_H_
