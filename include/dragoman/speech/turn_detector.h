// Estimates whether the other party has finished what they were saying.
#ifndef DRAGOMAN_SPEECH_TURN_DETECTOR_H_
#define DRAGOMAN_SPEECH_TURN_DETECTOR_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"

namespace dragoman {

struct DRAGOMAN_EXPORT TurnEvidence {
  std::string transcript;     // of the turn so far
  std::string last_question;  // what the agent asked last
  std::string language;       // BCP 47
};

// One estimate under way. Only on its executor. Destruction cancels without a callback.
class DRAGOMAN_EXPORT TurnEstimate {
 public:
  virtual ~TurnEstimate() = default;
  virtual void Cancel() = 0;
};

// An optional model beside the built-in rules (smart-turn class). Thread-safe. Must outlive its
// estimates. Called at candidate pauses only, never per frame.
class DRAGOMAN_EXPORT TurnDetector {
 public:
  struct Callbacks {  // on `executor`, never inside Estimate; one of the two, exactly once
    absl::AnyInvocable<void(int complete_per_mille)> on_estimate;
    absl::AnyInvocable<void(absl::Status)> on_failed;
  };
  virtual ~TurnDetector() = default;
  virtual std::unique_ptr<TurnEstimate> Estimate(const TurnEvidence& evidence, Executor& executor,
                                                 Callbacks callbacks) = 0;
};

// The built-in completeness rule: probability, per mille, that a transcript is a finished turn,
// from its words alone (English). "I would like to" is unfinished; "tomorrow at ten" is not. Pure.
DRAGOMAN_EXPORT int EstimateCompleteness(std::string_view transcript);

// "uh", "um": the speaker goes on. Pure.
DRAGOMAN_EXPORT bool EndsInHesitation(std::string_view transcript);

// "mm-hm", "right", "okay" alone: listening, not taking the turn. Pure.
DRAGOMAN_EXPORT bool IsBackchannel(std::string_view transcript);

}  // namespace dragoman
#endif  // DRAGOMAN_SPEECH_TURN_DETECTOR_H_
