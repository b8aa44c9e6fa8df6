// Which use of a provider breaks, and the queue that holds its answers back.
#ifndef DRAGOMAN_SRC_LAB_FAULT_PLAN_H_
#define DRAGOMAN_SRC_LAB_FAULT_PLAN_H_

#include <chrono>
#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/lab/scenario.h"

namespace dragoman::lab {

class FaultPlan {
 public:
  FaultPlan(std::vector<Fault> faults, FaultPlace where) {
    for (Fault& fault : faults) {
      if (fault.where == where) faults_.push_back(std::move(fault));
    }
  }
  // Counts a use; null: this one works. `tool` is the name for kTool.
  const Fault* Next(std::string_view tool = {}) {
    ++uses_;
    for (const Fault& fault : faults_) {
      if (!fault.tool.empty() && fault.tool != tool) continue;
      if (uses_ >= fault.at && uses_ < fault.at + fault.times) return &fault;
    }
    return nullptr;
  }

 private:
  std::vector<Fault> faults_;
  int uses_ = 0;
};

// Passes answers on in order; while held, they wait. Only on the executor.
class AnswerGate {
 public:
  explicit AnswerGate(Executor& executor) : executor_(executor) {}

  void Pass(absl::AnyInvocable<void()> answer) {
    if (!held_) return answer();
    waiting_.push_back(std::move(answer));
  }
  void HoldFor(std::chrono::microseconds length) {
    held_ = true;
    executor_.RunAfter(length, lifetime_.Wrap([this] { Release(); }));
  }
  void HoldForEver() { held_ = true; }
  void Drop() {
    waiting_.clear();
    held_ = false;
    lifetime_.Renew();
  }

 private:
  void Release() {
    held_ = false;
    auto alive = lifetime_.Watch();
    while (!waiting_.empty()) {
      auto answer = std::move(waiting_.front());
      waiting_.pop_front();
      answer();
      if (alive.expired()) return;  // the answer destroyed its stream, or dropped the rest
    }
  }

  Executor& executor_;
  bool held_ = false;
  std::deque<absl::AnyInvocable<void()>> waiting_;
  Lifetime lifetime_;
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_FAULT_PLAN_H_
