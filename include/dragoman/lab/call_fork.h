// Another future of a recorded call: the same up to an event, then otherwise.
#ifndef DRAGOMAN_LAB_CALL_FORK_H_
#define DRAGOMAN_LAB_CALL_FORK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dragoman/core/export.h"
#include "dragoman/core/log.h"
#include "dragoman/lab/recorded_call.h"
#include "dragoman/llm/chat_model.h"

namespace dragoman::lab {

struct DRAGOMAN_EXPORT CallForkOptions {
  std::int64_t at = 1;  // the last event that is as it was
  // The caller's next words, in the language of scenarios ("no <pause 500 ms> the nineteenth").
  std::optional<std::string> answer;
  ChatModel* model = nullptr;  // that answers from there on; borrowed; null: the offline model
  LogSink* log = &NullLog();   // borrowed
};

struct DRAGOMAN_EXPORT CallFork {
  // Events up to this are those of the record: `at`, or the first after it where the agent waits
  // for the caller or has just asked its model. What was under way at `at` ends there as it was
  // recorded.
  std::int64_t from = 0;
  RecordedCall call;  // replays, and can be forked, as the record can
  std::string bytes;  // its log
  std::vector<Booking> booked;
};

// Runs the machine over the recorded events (kDataLoss names the first that does not come out as it
// was recorded), then the session from there, in virtual time, on a line, a clinic and a book in
// memory. The caller does what it did in the record, whenever the agent pauses; its words come from
// a script, and voices are a buzz. No carrier is part of it, and no tool that reaches outside.
// kInvalidArgument: there is no such event. kFailedPrecondition: behind it the call only ends, or
// never comes to rest. kUnimplemented: another machine wrote the log. kInvalidArgument too: the
// answer.
DRAGOMAN_EXPORT absl::StatusOr<CallFork> ForkCall(const RecordedCall& call,
                                                  const CallForkOptions& options);

// Events at which the agent waited for the caller, with what it had said.
struct DRAGOMAN_EXPORT CallForkPoint {
  std::int64_t event = 0, at_ms = 0;
  std::string said;
};
DRAGOMAN_EXPORT std::vector<CallForkPoint> CallForkPoints(const RecordedCall& call);

// A model that is asked in real time while virtual time stands still: the reply comes as late as it
// took. `inner` is borrowed.
DRAGOMAN_EXPORT std::unique_ptr<ChatModel> MakeSteppedModel(ChatModel& inner);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_LAB_CALL_FORK_H_
