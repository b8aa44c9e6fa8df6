// Runs a call again from its log, with no provider, and compares every command.
#ifndef DRAGOMAN_AGENT_REPLAY_H_
#define DRAGOMAN_AGENT_REPLAY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/agent/call_log.h"
#include "dragoman/agent/call_machine.h"
#include "dragoman/agent/recording.h"
#include "dragoman/core/export.h"
#include "dragoman/store/event_log.h"

namespace dragoman {

enum class ReplayVerdict {
  kIdentical,     // every command came out again
  kDifferent,     // the same machine, another command: `first_difference`; nothing after it was run
  kOtherMachine,  // another version or other tables wrote the log; `differences` counts by kind
};

struct DRAGOMAN_EXPORT ReplayResult {
  ReplayVerdict verdict = ReplayVerdict::kIdentical;
  CallLogHeader header;
  std::int64_t events = 0;    // given to the machine
  std::int64_t commands = 0;  // compared
  // "event 17 at 4.200 s (final): command 2: text: expected \"a\", got \"b\"". Events count from 1.
  std::string first_difference;
  std::map<std::string, std::int64_t> differences;  // "speak: text" -> how often
  bool finished = false;  // the call had ended; else its process died before
  std::size_t torn_bytes = 0;
  std::vector<AudioPiece> audio;  // for RenderRecording
};

// A machine to compare with; tests bring broken ones.
using ReplayStep = std::function<void(const CallEvent&, std::vector<CallCommand>*)>;
using ReplayMachine = std::function<ReplayStep(const CallMachineOptions&)>;

// kDataLoss names the record at which the log is damaged or has a hole: nothing after it is run.
// kInvalidArgument, kUnimplemented: as CallLogReader.
DRAGOMAN_EXPORT absl::StatusOr<ReplayResult> ReplayCall(EventLogReader log);
DRAGOMAN_EXPORT absl::StatusOr<ReplayResult> ReplayCall(EventLogReader log,
                                                        const ReplayMachine& machine);

}  // namespace dragoman

#endif  // DRAGOMAN_AGENT_REPLAY_H_
