// kill -9 at every named point of store, journal and sender: nothing twice, nothing lost, nothing
// stuck. Rounds for each point: DRAGOMAN_KILL_ROUNDS (2; nightly 20); DRAGOMAN_KILL_RANDOM (50;
// nightly 500) rounds more die at points drawn at random, up to three times in a row.
#include <string>
#include <utility>
#include <vector>

#include "tests/store/crash/crash_harness.h"

namespace dragoman {
namespace {

// Every point that a run of all goals passes, on its first way or on its way back.
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
                                                  "mail: before work",
                                                  "mail: after work",
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
                                                  "goal ended",
                                                  "outbox: before publish",
                                                  "outbox: consumed",
                                                  "outbox: published",
                                                  "outbox: before advance",
                                                  "outbox: advanced"};
  return points;
}

class CrashTest : public CrashHarness {
 protected:
  // All goals; the mail whose answer never comes, which waits for a real time limit, in every
  // fourth round.
  int KillRound(const std::vector<Death>& deaths) {
    goals_ = all_;
    if (rounds_++ % 4 != 0) std::erase(goals_, "m5");
    return Round(deaths);
  }

 private:
  const std::vector<std::string> all_ = goals_;
  int rounds_ = 0;
};

TEST_F(CrashTest, WithoutAKillEveryGoalEndsAndEveryoneIsReachedOnce) {
  EXPECT_EQ(KillRound({}), 0);
}

TEST_F(CrashTest, KillsAtEveryNamedPointDoNothingTwiceLoseNothingAndLeaveNothingStuck_D1_D16) {
  ASSERT_GE(Points().size(), 25u);
  const int rounds = FromEnvironment("DRAGOMAN_KILL_ROUNDS", 2);
  for (const std::string& point : Points()) {
    int died = 0;
    for (int i = 0; i < rounds; ++i) {
      // The first time it is reached, then a later one.
      died +=
          Round({{.point = point, .count = i == 0 ? 1 : 1 + static_cast<int>(random_.Below(4))}});
    }
    EXPECT_GE(died, 1) << "'" << point << "' was never reached";
  }
}

TEST_F(CrashTest, KillsAtRandomPointsSeveralTimesInARowNeither_D1) {
  const int rounds = FromEnvironment("DRAGOMAN_KILL_RANDOM", 50);
  int died = 0;
  for (int i = 0; i < rounds; ++i) {
    std::vector<Death> deaths;
    const int times = 1 + static_cast<int>(random_.Below(3));
    for (int k = 0; k < times; ++k) {
      deaths.push_back({.point = "any", .count = 1 + static_cast<int>(random_.Below(900))});
    }
    died += KillRound(deaths);
  }
  EXPECT_GT(died, rounds / 2);
}

}  // namespace
}  // namespace dragoman
