// kill -9 before and after the n-th write, fsync, connect and send, for every n: a preloaded
// library counts them. DRAGOMAN_SWEEP_STEP takes every so-many-th n (24; nightly 1).
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/store/crash/crash_harness.h"

namespace dragoman {
namespace {

class SweepTest : public CrashHarness {
 protected:
  // Kills at n = 1, 1 + step, ... until the child has come to its end several times in a row;
  // `first` comes before each. Returns how many died.
  int Sweep(std::vector<std::string> goals, const std::vector<Death>& first) {
    goals_ = std::move(goals);
    const int step = std::max(1, FromEnvironment("DRAGOMAN_SWEEP_STEP", 24));
    int died = 0;
    int last = 0;
    for (const char* when : {"before", "after"}) {
      int survived = 0;
      // Group commit and threads make one run a few calls longer than another.
      for (int n = when[0] == 'b' ? 1 : 1 + step / 2; survived < 3; n += step) {
        std::vector<Death> deaths = first;
        deaths.push_back({.point = when, .count = n, .at_system_call = true});
        const int more = Round(deaths) - static_cast<int>(first.size());
        died += more;
        survived = more > 0 ? 0 : survived + 1;
        if (more > 0) last = std::max(last, n);
        if (HasFailure()) return died;
      }
    }
    std::printf("killed %d times, at the last at call %d:", died, last);
    std::map<std::string, int> kinds;
    std::ifstream log(ledger_folder_.File("kills"));
    for (std::string name; std::getline(log, name);) ++kinds[name];
    for (const auto& [name, count] : kinds) std::printf(" %s %d", name.c_str(), count);
    std::printf("\n");
    // That the calls of SQLite and libcurl are seen at all.
    EXPECT_GT(kinds["pwrite64"] + kinds["pwrite"], 0);
    if (step == 1) {  // the others are few: a sweep in steps may pass them by
      EXPECT_GT(kinds["fdatasync"] + kinds["fsync"], 0);
      EXPECT_GT(kinds["connect"], 0);
      EXPECT_GT(kinds["send"] + kinds["sendto"] + kinds["sendmsg"], 0);
    }
    return died;
  }
};

// Opening a store that is not there yet goes through every migration; then plan, approve, arm, send
// and confirm.
TEST_F(SweepTest, FromAnEmptyFolderToTheConfirmation_D1) { EXPECT_GT(Sweep({"c0", "m0"}, {}), 3); }

// The answers are lost: looking up, adopting, proving absent and a second attempt.
TEST_F(SweepTest, WhereAnswersAndRequestsAreLost_D2_D3) {
  EXPECT_GT(Sweep({"c3", "c4", "m3", "m4"}, {}), 3);
}

TEST_F(SweepTest, WhereTheFarSideRefuses_D6) { EXPECT_GT(Sweep({"c6", "m6", "m8"}, {}), 3); }

// One dies right after ARMED is durable: the next one recovers, and dies too.
TEST_F(SweepTest, InTheMiddleOfRecovery_D1) {
  EXPECT_GT(Sweep({"c0", "m0"}, {{.point = "durable ARMED", .count = 2}}), 3);
}

}  // namespace
}  // namespace dragoman
