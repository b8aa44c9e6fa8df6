// What the lab phones: something that answers calls, and tells what it did.
#ifndef DRAGOMAN_LAB_AGENT_UNDER_TEST_H_
#define DRAGOMAN_LAB_AGENT_UNDER_TEST_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/agent/session.h"
#include "dragoman/conversation/call_report.h"
#include "dragoman/core/executor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/work_pool.h"
#include "dragoman/lab/scenario.h"
#include "dragoman/speech/speech_recognizer.h"
#include "dragoman/speech/speech_synthesizer.h"
#include "dragoman/telephony/call.h"

namespace dragoman::lab {

// The surroundings of one call. Everything is borrowed and outlives the prepared agent.
struct DRAGOMAN_EXPORT AgentEnvironment {
  const Scenario* scenario = nullptr;  // its faults, taken slots and seed
  Executor* executor = nullptr;        // the call will live here
  WorkPool* pool = nullptr;
  // Text scenarios: to be used in place of the agent's own. Null: its own.
  SpeechRecognizer* recognizer = nullptr;
  SpeechSynthesizer* synthesizer = nullptr;
  std::string folder;  // exists; for the event log, the database
  // To be called on the executor, in order.
  std::function<void(const SessionEvent&)> on_event;
  std::function<void(const CallReport&)> on_report;
};

// Ready for one call. Destroyed on the executor (or after it stopped), when the call is over.
class DRAGOMAN_EXPORT PreparedAgent {
 public:
  virtual ~PreparedAgent() = default;
  virtual CallAgent& agent() = 0;
  // After the call. What it booked, without the slots that were taken before.
  virtual absl::StatusOr<std::vector<Booking>> Bookings() = 0;
  virtual std::string event_log() const = 0;  // path; empty: none is kept
  // Replays the log; OK: every command came out again. kUnimplemented: there is no log.
  virtual absl::Status CheckReplay() = 0;
};

// Thread-safe.
class DRAGOMAN_EXPORT AgentUnderTest {
 public:
  virtual ~AgentUnderTest() = default;
  // Loads what the call needs (voices, decoders): may block. A call then begins without a wait.
  virtual absl::StatusOr<std::unique_ptr<PreparedAgent>> Prepare(AgentEnvironment environment) = 0;
};

}  // namespace dragoman::lab

#endif  // DRAGOMAN_LAB_AGENT_UNDER_TEST_H_
