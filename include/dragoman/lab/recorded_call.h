// A call as its log has it, and as a scenario that makes it again.
#ifndef DRAGOMAN_LAB_RECORDED_CALL_H_
#define DRAGOMAN_LAB_RECORDED_CALL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/agent/call_log.h"
#include "dragoman/core/export.h"
#include "dragoman/lab/scenario.h"

namespace dragoman::lab {

struct DRAGOMAN_EXPORT RecordedCall {
  CallLogHeader header;
  std::vector<CallStep> steps;  // event N is steps[N - 1]
};

// A whole log of a call that ended. kInvalidArgument: not a call's log; kUnimplemented: a newer
// one; kDataLoss: damaged, torn, or its process died before the call had ended.
DRAGOMAN_EXPORT absl::StatusOr<RecordedCall> ReadRecordedCall(std::string bytes);

struct DRAGOMAN_EXPORT CallerOptions {
  // What the caller did after so many events; 0: all of it. There the agent had finished, or was
  // thinking.
  std::size_t after_events = 0;
  // False: the caller waits for the agent's pause, whatever it said.
  bool exact_words = true;
};

// What the caller said and did, when, and what it answered to: words as they were recognised,
// pauses in them, keys, sounds without words, interruptions, hanging up. Lines count from 1.
DRAGOMAN_EXPORT std::vector<Step> CallerSteps(const RecordedCall& call,
                                              const CallerOptions& options = {});

// A scenario (kind = "text") for the clinic's agent: the caller of the record, places that were
// taken, providers that failed or were slow, and what must be true at the end: how it ended, what
// was booked, which tools ran, what either side said. kInvalidArgument: the record has what no
// scenario can make (an outbound call, a line that was lost, no word and no key).
DRAGOMAN_EXPORT absl::StatusOr<Scenario> ScenarioFromCall(const RecordedCall& call);

// As TOML, which ParseScenario reads as the same scenario; `comment` in front of it. For what
// ScenarioFromCall fills. kInvalidArgument: longer than a scenario may be.
DRAGOMAN_EXPORT absl::StatusOr<std::string> FormatScenario(const Scenario& scenario,
                                                           std::string_view comment);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_LAB_RECORDED_CALL_H_
