// What the world of a goal does: the far sides' ends, the owner's words, when. Read from a record,
// or from a file.
#ifndef DRAGOMAN_SRC_LAB_GOAL_SCRIPT_H_
#define DRAGOMAN_SRC_LAB_GOAL_SCRIPT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dragoman/tasks/goal_log.h"
#include "dragoman/tasks/goal_plan.h"

namespace dragoman::lab {

using std::chrono::milliseconds;

// To one question; of several for the same step and matter, in their order.
struct GoalAnswer {
  std::string step;
  TaskWait about = TaskWait::kStep;
  milliseconds after{0};  // since it was asked
  bool silent = false;    // nobody answers
  bool yes = false;       // to an approval
  OwnerChoice choice = OwnerChoice::kText;
  std::string text;
  friend bool operator==(const GoalAnswer&, const GoalAnswer&) = default;
};

// How an effect ends at its far side.
enum class FarEnd {
  kConfirmed,
  kRejected,  // certainly not done; `retry_after` where it said so
  kFound,     // no answer, and a lookup finds it
  kNotFound,  // no answer, and lookups find nothing
  kUnclear,   // no answer, and nobody can tell
  kSilent,    // no answer while the goal lives; with a reference: taken, and its end does not come
};
inline constexpr std::string_view kFarEnds[] = {"confirmed", "rejected", "found",
                                                "not found", "unclear",  "silent"};

// What a call that somebody answers needs to know from the owner, while it goes on.
struct CallQuestion {
  milliseconds after{0};  // since it was sent
  std::string text;
  friend bool operator==(const CallQuestion&, const CallQuestion&) = default;
};

struct GoalResult {
  std::string step;
  std::int64_t attempt = 1;
  FarEnd end = FarEnd::kConfirmed;
  milliseconds after{0};  // since it was sent
  std::optional<std::chrono::seconds> retry_after;
  std::string reference, detail;
  std::string arguments;                  // of no others; empty: whatever they are
  std::optional<milliseconds> connected;  // a call: somebody answered, since it was sent
  std::vector<CallQuestion> asks;         // a call
  friend bool operator==(const GoalResult&, const GoalResult&) = default;
};

enum class WishKind { kCancel, kEscalate, kReplan };
inline constexpr std::string_view kWishKinds[] = {"cancel", "escalate", "replan"};
struct GoalWish {
  WishKind kind = WishKind::kCancel;
  milliseconds at{0};  // since the script begins
  std::string why;
  GoalPlan plan;  // kReplan
  friend bool operator==(const GoalWish&, const GoalWish&) = default;
};

struct GoalScript {
  std::vector<GoalAnswer> answers;
  std::vector<GoalResult> results;
  std::vector<GoalWish> wishes;
};

// What the record says about the time after its event `from`; 0: all of it. kDataLoss: damaged.
absl::StatusOr<GoalScript> ScriptAfter(const GoalLog& log, std::int64_t from);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_GOAL_SCRIPT_H_
