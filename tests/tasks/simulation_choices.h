// What a simulation decides by: every choice comes from the seed or from a script, and choosing 0
// everywhere is a world in which nothing goes wrong.
#ifndef DRAGOMAN_TESTS_TASKS_SIMULATION_CHOICES_H_
#define DRAGOMAN_TESTS_TASKS_SIMULATION_CHOICES_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dragoman {

enum class Fault {
  // --- the far side, when something is sent
  kAnswersLate,
  kAnswersTooLate,
  kTakesItAndTellsLater,
  kRejectsForGood,
  kRejectsForNow,
  kLosesTheRequest,
  kLosesTheAnswer,
  kFailsAfterDoingIt,
  kFailsBeforeDoingIt,
  kAnswersTwice,
  kContradictsItself,
  kDoesItLater,
  kSeesAKeyAgain,
  // --- when it is looked up
  kLookupDownFor20Minutes,
  kLookupFindsSeveral,
  kLookupIsSilent,
  kLookupAnswersTooLate,
  kLookupFailsOnce,
  kLookupAnswersTwice,
  // --- when it is asked how it ended
  kPollRejects,
  kPollFails,
  kPollIsSilent,
  kPollDownFor20Minutes,
  // --- calls
  kCallAsksItsOwner,
  kCallAsksTooOften,
  kCallGoesOnTooLong,
  kLineDrops,
  kLineIsLostWithItsProcess,
  kCallIsHungUp,
  kCallEndIsNotTold,
  kCallEndIsToldTwice,
  kCallEndIsToldLate,
  kCallEndIsToldFirst,
  kCallNewsAfterTheEnd,
  // --- tools that are run
  kReadFailsForGood,
  kReadFailsForNow,
  kReadHangs,
  kReadLacksAMember,
  // --- the owner
  kOwnerIsSilent,
  kOwnerIsLate,
  kOwnerDeclines,
  kOwnerGivesUp,
  kOwnerSkips,
  kOwnerRetries,
  kOwnerReplans,
  kOwnerCancels,
  kOwnerEscalates,
  kOwnerLeavesCallWaiting,
  kOwnerAnswersCallLate,
  kOwnerAnswersTwice,
  kOwnerAnswersAnotherQuestion,
  kStrangerSaysYes,
  // --- the store
  kCommitUnavailable,
  kCommitDiskFull,
  kCommitQueueFull,
  kCommitSlow,
  kReadRefused,
  kReadFails,
  kReadSlow,
  kStoreDownForMinutes,
  kKeptButReportedFailed,
  kLostAndReportedFailed,
  // --- the governor
  kDeniedForBudget,
  kDeniedByKillSwitch,
  kDecisionNotRecorded,
  kKillSwitchForAll,
  kKillSwitchForAGoal,
  // --- the process
  kDiesAtATurn,
  kDiesWhileRecovering,
  kDiesBeforeArmed,
  kDiesWhenArmed,
  kDiesAfterSending,
  kDiesWithTheAnswer,
  kDiesAtACommit,
  kDiesAfterACommit,
  kDownForHours,
  kDownForDays,
  kWallClockAhead,
  kWallClockBehind,
  kCount,
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::kCount);
std::string_view Name(Fault fault);  // "the far side rejects for now"

// A choice is known by its stream (one for the process, one for the store, one for each goal) and
// its place in it, so that leaving one out moves no other.
using ChoiceScript = std::map<std::pair<int, int>, int>;

class Choices {
 public:
  explicit Choices(std::uint64_t seed) : seed_(seed) {}
  explicit Choices(const ChoiceScript& script) : script_(&script) {}  // borrowed

  int Pick(int stream, int options);  // 0 to options - 1
  bool Chance(int stream, int per_mille);
  // Chance, and counted as fired.
  bool Strikes(int stream, Fault fault, int per_mille);
  void Fired(int stream, Fault fault);

  void Note(int stream, std::string what);  // into the trace, where one is kept
  void Calm() { calm_ = true; }             // no fault strikes from now on
  void Keep() { keep_ = true; }             // `made` and `trace`

  const ChoiceScript& made() const { return made_; }  // without those that are 0
  const std::vector<std::string>& trace() const { return trace_; }
  const std::array<std::int64_t, kFaults>& fired() const { return fired_; }

 private:
  int Made(int stream, int value, int index);

  const std::uint64_t seed_ = 0;
  const ChoiceScript* const script_ = nullptr;
  std::vector<int> next_;  // by stream
  std::array<std::int64_t, kFaults> fired_{};
  bool calm_ = false, keep_ = false;
  ChoiceScript made_;
  std::vector<std::string> trace_;
};

inline constexpr int kProcessStream = 0;
inline constexpr int kStoreStream = 1;
inline constexpr int kFirstGoalStream = 2;

}  // namespace dragoman
#endif  // DRAGOMAN_TESTS_TASKS_SIMULATION_CHOICES_H_
