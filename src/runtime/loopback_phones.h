// Phones within this process: the shipped clinic answers, and our calls have what they need.
#ifndef DRAGOMAN_SRC_RUNTIME_LOOPBACK_PHONES_H_
#define DRAGOMAN_SRC_RUNTIME_LOOPBACK_PHONES_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "dragoman/core/clock.h"
#include "dragoman/core/log.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/providers/loopback/carrier.h"
#include "dragoman/runtime/call_steps.h"
#include "dragoman/runtime/operator_host.h"
#include "dragoman/runtime/runtime.h"
#include "dragoman/safety/gates.h"

namespace dragoman {

// Destroy it after the executor of its calls has stopped.
class LoopbackPhones {
 public:
  // Loads speech models: takes a second. All but the options are borrowed.
  struct Parts {
    WorkPool* pool = nullptr;
    const Clock* clock = nullptr;
    LogSink* log = nullptr;
  };
  static absl::StatusOr<std::unique_ptr<LoopbackPhones>> Open(const OperatorCallOptions& options,
                                                              const std::string& data_dir,
                                                              const Parts& parts);
  Carrier& carrier() { return *carrier_; }
  // What the speech gate asks beside that; each may be null.
  struct Watch {
    const SecretMatcher* secrets = nullptr;
    DecisionLog* decisions = nullptr;
  };
  // `with` as the caller has it; recogniser, speech gate, mind and logs are put in.
  absl::StatusOr<std::unique_ptr<CallSteps>> MakeCalls(CallStepDependencies with,
                                                       const Watch& watch,
                                                       const std::string& folder);

 private:
  LoopbackPhones(OperatorCallOptions options, const Parts& parts)
      : options_(std::move(options)), parts_(parts) {}
  absl::StatusOr<CallMind> MindFor(const CallErrand& errand) const;

  const OperatorCallOptions options_;
  const Parts parts_;
  std::unique_ptr<Runtime> clinic_;
  std::unique_ptr<LoopbackCarrier> carrier_;
  std::unique_ptr<SpeechRecognizer> recognizer_;
  std::unique_ptr<SpeechSynthesizer> voice_;
  std::unique_ptr<SpeechGate> speech_;
  std::unique_ptr<EventLogStore> logs_;
};

}  // namespace dragoman
#endif  // DRAGOMAN_SRC_RUNTIME_LOOPBACK_PHONES_H_
