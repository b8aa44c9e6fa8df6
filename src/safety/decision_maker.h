// Asks a governor within its time, whatever the governor does.
#ifndef DRAGOMAN_SRC_SAFETY_DECISION_MAKER_H_
#define DRAGOMAN_SRC_SAFETY_DECISION_MAKER_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "dragoman/core/lifetime.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/safety/governor.h"

namespace dragoman::safety {

// One decision. Only on its executor; `on_decided` runs exactly once unless this is destroyed
// first. What is allowed when nobody waits any more is given back.
class DecisionMaker {
 public:
  using OnDecided = absl::AnyInvocable<void(Decision)>;
  DecisionMaker(Governor& governor, WorkPool* pool, Executor& executor);
  ~DecisionMaker();
  // Without a pool `on_decided` runs inside.
  void Ask(EffectRequest request, OnDecided on_decided);

 private:
  struct Answer;
  void Decided(Decision decision);

  Governor& governor_;
  WorkPool* const pool_;
  Executor& executor_;
  OnDecided on_decided_;
  std::shared_ptr<Answer> answer_;  // shared with the work, which may end after us
  Timer timeout_;
  Lifetime lifetime_;
};

// A governor that throws denies.
Decision AuthorizeGuarded(Governor& governor, const EffectRequest& request);

// What the model and the log are told; OK for kAllow.
absl::Status StatusOf(const Decision& decision);

}  // namespace dragoman::safety

#endif  // DRAGOMAN_SRC_SAFETY_DECISION_MAKER_H_
