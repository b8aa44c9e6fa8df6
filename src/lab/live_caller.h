// A caller in real time, over real sockets, on a thread of its own.
#ifndef DRAGOMAN_SRC_LAB_LIVE_CALLER_H_
#define DRAGOMAN_SRC_LAB_LIVE_CALLER_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "dragoman/agent/session.h"
#include "dragoman/lab/caller_record.h"
#include "dragoman/lab/scenario.h"
#include "src/lab/caller_voice.h"

namespace dragoman::lab {

// Thread-safe but for Create, Start and Wait, which one thread calls in this order.
class LiveCaller {
 public:
  // Renders the caller's lines: blocks. The scenario is borrowed.
  static absl::StatusOr<std::unique_ptr<LiveCaller>> Create(const Scenario& scenario,
                                                            CallerVoice& voice);
  virtual ~LiveCaller() = default;  // drops the line
  // `target` is "ws://host:port/path" for Twilio's wire, "host:port" for AudioSocket.
  // kInvalidArgument: it is not.
  virtual absl::Status Start(const std::string& target) = 0;
  virtual void Tell(const SessionEvent& event) = 0;  // of the agent's side
  virtual CallerRecord Wait() = 0;                   // blocks until the line is closed
};

// Events as one line of JSON each, for a caller in another process.
std::string EventToLine(const SessionEvent& event);
absl::StatusOr<SessionEvent> EventFromLine(std::string_view line);

}  // namespace dragoman::lab

#endif  // DRAGOMAN_SRC_LAB_LIVE_CALLER_H_
