// Takes up what an earlier process left, and keeps a goal that kills its process from doing so for
// ever (THREATS D9). Only on the operator's executor.
#ifndef DRAGOMAN_SRC_TASKS_GOAL_RECOVERY_H_
#define DRAGOMAN_SRC_TASKS_GOAL_RECOVERY_H_

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dragoman/tasks/operator.h"

namespace dragoman {

// A goal that is at work is claimed before anything of it is carried out: the row `recovered` is
// durable first, and says whether the process before died. Goals that two deaths in a row left
// without progress are suspects: they are taken up one at a time, behind all others, each when the
// one before has come further (its step's limit is the longest wait), so that the one that is to
// blame dies alone. One that was claimed three times is not taken up again: it goes
// to a person, and whatever it had armed is for him to find out.
class GoalRecovery {
 public:
  explicit GoalRecovery(Operator& owner);

  void Start(Operator::Done done);
  // It wrote down a step of its own, or is gone.
  void Progressed(const std::string& goal);
  // Nothing of it may be sent or looked up any more.
  bool GivenUp(const std::string& goal) const { return given_up_.contains(goal); }

 private:
  using DonePtr = std::shared_ptr<Operator::Done>;
  void Load(std::string after, DonePtr done);
  void Sort();
  void Claim(std::vector<std::string> goals, std::function<void()> then);
  void TakeOver(std::vector<std::string> goals, std::function<void()> then);
  void TryNext();
  void Settle(DonePtr done);

  Operator& owner_;
  std::vector<std::string> sound_;    // taken up at once
  std::deque<std::string> suspects_;  // those that nobody claimed yet
  std::set<std::string> given_up_;
  std::string on_trial_;  // the suspect that was claimed last; empty: it has done its part
  std::chrono::seconds again_after_{1};
  Timer again_;
  Lifetime lifetime_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_TASKS_GOAL_RECOVERY_H_
