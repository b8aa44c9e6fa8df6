#include "src/safety/decision_maker.h"

#include <utility>

#include "dragoman/core/log.h"
#include "dragoman/core/mutex.h"
#include "dragoman/core/status.h"

namespace dragoman::safety {
namespace {

Decision Refused(std::string why) {
  Decision decision;
  decision.verdict = Verdict::kDeny;
  decision.rule = "timeout";
  decision.why = std::move(why);
  return decision;
}

}  // namespace

struct DecisionMaker::Answer {
  Mutex mutex;
  bool abandoned DRAGOMAN_GUARDED_BY(mutex) = false;
  std::optional<Decision> decision DRAGOMAN_GUARDED_BY(mutex);
};

Decision AuthorizeGuarded(Governor& governor, const EffectRequest& request) {
  try {
    return governor.Authorize(request);
  } catch (...) {
    Decision decision = Refused("the governor failed");
    decision.rule = "error";
    return decision;
  }
}

absl::Status StatusOf(const Decision& decision) {
  const std::string why = EscapeLine(decision.why);
  switch (decision.verdict) {
    case Verdict::kAllow:
      return absl::OkStatus();
    case Verdict::kConfirm:
      return FailedPrecondition("the owner is asked first (",
                                decision.confirmation ? decision.confirmation->id : "no question",
                                "), rule ", decision.rule, ": ", why);
    case Verdict::kDeny:
      break;
  }
  return MakeStatus(absl::StatusCode::kPermissionDenied,
                    StrCat("not allowed by rule ", decision.rule, ": ", why,
                           decision.escalate ? "; the goal needs a person" : ""));
}

DecisionMaker::DecisionMaker(Governor& governor, WorkPool* pool, Executor& executor)
    : governor_(governor), pool_(pool), executor_(executor), timeout_(executor) {}

DecisionMaker::~DecisionMaker() {
  if (answer_ == nullptr) return;
  const MutexLock lock(answer_->mutex);
  answer_->abandoned = true;
  // Decided, but the reply has not come: nobody will act on it.
  if (answer_->decision) governor_.Settle(*answer_->decision, {}).IgnoreError();
}

void DecisionMaker::Ask(EffectRequest request, OnDecided on_decided) {
  on_decided_ = std::move(on_decided);
  const auto limit = governor_.decision_timeout();
  if (pool_ == nullptr) {
    const TimePoint started = executor_.Now();
    Decision decision = AuthorizeGuarded(governor_, request);
    if (executor_.Now() - started > limit) {
      governor_.Settle(decision, {}).IgnoreError();
      decision = Refused(StrCat("no decision within ", limit));
    }
    return Decided(std::move(decision));
  }
  answer_ = std::make_shared<Answer>();
  Work work;
  work.run = [&governor = governor_, request = std::move(request), answer = answer_] {
    Decision decision = AuthorizeGuarded(governor, request);
    const MutexLock lock(answer->mutex);
    if (answer->abandoned) {
      governor.Settle(decision, {}).IgnoreError();
    } else {
      answer->decision = std::move(decision);
    }
  };
  work.done = lifetime_.Wrap([this] {
    std::optional<Decision> decision;
    {
      const MutexLock lock(answer_->mutex);
      std::swap(decision, answer_->decision);
    }
    if (decision) Decided(*std::move(decision));
  });
  timeout_.Start(limit, [this, limit] {
    std::optional<Decision> late;
    {
      const MutexLock lock(answer_->mutex);
      answer_->abandoned = true;
      std::swap(late, answer_->decision);
    }
    if (late) governor_.Settle(*late, {}).IgnoreError();
    Decided(Refused(StrCat("no decision within ", limit)));
  });
  const absl::Status taken = pool_->Submit(std::move(work), executor_);
  if (!taken.ok()) {
    executor_.Post(lifetime_.Wrap([this] { Decided(Refused("too many decisions wait")); }));
  }
}

void DecisionMaker::Decided(Decision decision) {
  timeout_.Stop();
  lifetime_.Renew();
  OnDecided on_decided = std::move(on_decided_);
  if (on_decided) on_decided(std::move(decision));  // may destroy this
}

}  // namespace dragoman::safety
